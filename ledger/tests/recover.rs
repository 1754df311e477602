//! Every combination of what can be left of a ledger, and what it then does at start.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use glasshouse_ledger::evidence::{Evidence, Found, FoundStage, Seen};
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::log_signer::LogSigner;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::recover::{Decision, Refusal, decide};
use glasshouse_ledger::right_edge::{Growth, RightEdge};
use glasshouse_ledger::stage::Stage;
use glasshouse_ledger::state::StateRecord;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::tile_writer::write_growth;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::hash::{Digest, LeafHash, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::size::TreeSize;

/// Sizes after each round; the third fills a tile.
const SIZES: [u64; 5] = [0, 3, 254, 258, 300];

fn signer() -> LogSigner {
    let origin = Origin::parse("ledger.example").unwrap();
    LogSigner::new(origin, SecretKey::from_seed(&[1; 32])).unwrap()
}

fn seen(checkpoint: SignedCheckpoint) -> Seen {
    Seen { witness: "somebody".to_owned(), checkpoint }
}

/// A ledger's history: what each round made.
struct History {
    /// Of round k at place k; place 0 is the empty tree.
    records: Vec<StateRecord>,
    stages: Vec<Stage>,
    growths: Vec<Growth>,
}

impl History {
    /// `salt` makes another history of the same sizes.
    fn new(salt: u8) -> Self {
        let empty = signer().sign(&TreeHead::empty(), 1).unwrap();
        let first = StateRecord::new(empty, None, 0);
        let mut history = History { records: vec![first], stages: vec![], growths: vec![] };
        let mut edge = RightEdge::empty();
        for (round, sizes) in SIZES.windows(2).enumerate() {
            let entries: Vec<Vec<u8>> =
                (sizes[0]..sizes[1]).map(|index| vec![salt, index as u8, (index >> 8) as u8]).collect();
            let leaves = entries.iter().map(|entry| (LeafHash::of_entry(entry), entry.as_slice()));
            let growth = edge.grow(leaves).unwrap();
            let checkpoint = signer().sign(&growth.edge().head(), 1).unwrap();
            let time = 1000 * (round as u64 + 1);
            let stage = Stage::new(edge.head(), checkpoint.clone(), time, entries, vec![]).unwrap();
            let hash = Digest::of(&stage.encode());
            history.records.push(StateRecord::new(checkpoint, Some(hash), time));
            edge = growth.edge().clone();
            history.stages.push(stage);
            history.growths.push(growth);
        }
        history
    }

    /// A store with the files of all rounds up to this one.
    fn files(&self, round: usize) -> MemoryStore {
        let store = MemoryStore::new();
        for growth in &self.growths[..round] {
            write_growth(&store, growth).unwrap();
        }
        store
    }

    fn checkpoint(&self, round: usize) -> SignedCheckpoint {
        self.records[round].checkpoint().clone()
    }

    fn stage(&self, round: usize) -> FoundStage {
        let stage = self.stages[round - 1].clone();
        FoundStage { name: stage.name(), stage: Found::Whole(stage) }
    }

    fn torn(&self, round: usize) -> FoundStage {
        let stage = Found::Damaged("torn".to_owned());
        FoundStage { name: self.stages[round - 1].name(), stage }
    }
}

/// What one witness shows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shown {
    Nothing,
    Damage,
    Round(usize),
}
use Shown::{Damage, Nothing, Round};

impl Shown {
    fn round(self) -> Option<usize> {
        match self {
            Round(round) => Some(round),
            _ => None,
        }
    }

    fn found<T>(self, of: impl Fn(usize) -> T) -> Found<T> {
        match self {
            Nothing => Found::Missing,
            Damage => Found::Damaged("flipped".to_owned()),
            Round(round) => Found::Whole(of(round)),
        }
    }
}

#[derive(Debug, Clone)]
struct Case {
    embedded: Shown,
    plain: Shown,
    checkpoint: Shown,
    stages: Vec<usize>,
    torn: Option<usize>,
    seen: Option<usize>,
    files: usize,
}

impl Case {
    fn evidence(&self, history: &History) -> Evidence {
        let record = |shown: Shown| shown.found(|round| history.records[round].clone());
        let mut stages: Vec<FoundStage> = self.stages.iter().map(|round| history.stage(*round)).collect();
        stages.extend(self.torn.map(|round| history.torn(round)));
        stages.sort_by_key(FoundStage::size_in_name);
        Evidence {
            embedded: record(self.embedded),
            plain: record(self.plain),
            checkpoint: self.checkpoint.found(|round| history.checkpoint(round)),
            stages,
            seen: self.seen.map(|round| seen(history.checkpoint(round))).into_iter().collect(),
        }
    }

    /// The rules, once more and as plainly as can be: what is expected, or which rounds are done again up to which one.
    fn expected(&self) -> Result<(Vec<usize>, usize), &'static str> {
        let nothing = [self.embedded, self.plain, self.checkpoint].iter().all(|shown| *shown == Nothing);
        if nothing && self.stages.is_empty() && self.torn.is_none() {
            return Err("no ledger");
        }
        let copies = [self.embedded.round(), self.plain.round()];
        if copies == [None, None] {
            return Err("no state");
        }
        let others = [self.checkpoint.round(), self.seen, self.stages.last().copied()];
        let greatest = copies.into_iter().chain(others).flatten().max().unwrap();
        if self.torn.is_some_and(|torn| torn <= greatest) {
            return Err("stage damaged");
        }
        // A round can be stood on if its files are there, or if the staged round before it led there.
        let mut reached = 0;
        for stage in &self.stages {
            if stage - 1 > self.files && stage - 1 != reached {
                return Err("bytes missing");
            }
            reached = *stage;
        }
        if greatest > self.files && greatest != reached {
            return Err("bytes missing");
        }
        if self.files > greatest {
            return Err("beyond");
        }
        Ok((self.stages.clone(), greatest))
    }
}

fn name(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NoLedger => "no ledger",
        Refusal::NoState { .. } => "no state",
        Refusal::Fork { .. } => "fork",
        Refusal::BytesMissing { .. } => "bytes missing",
        Refusal::StageDamaged { .. } => "stage damaged",
        Refusal::Beyond { .. } => "beyond",
        Refusal::Store(_) => "store",
    }
}

fn check(case: &Case, history: &History, store: &MemoryStore) {
    let evidence = case.evidence(history);
    let (start, replays) = match decide(&evidence, store) {
        Decision::Refuse(refusal) => {
            assert_eq!(case.expected().err(), Some(name(&refusal)), "{case:?}");
            return;
        }
        Decision::Clean(start) => (start, vec![]),
        Decision::Replay(start, replays) => (start, replays),
    };
    let rounds: Vec<usize> = replays
        .iter()
        .map(|replay| 1 + history.stages.iter().position(|stage| *stage == replay.stage).unwrap())
        .collect();
    let (expected_rounds, greatest) = case.expected().unwrap_or_else(|why| panic!("{why}: {case:?}"));
    assert_eq!(rounds, expected_rounds, "{case:?}");
    assert_eq!(start.record.head(), history.records[greatest].head(), "{case:?}");
    assert_eq!(start.edge.head(), *start.record.head(), "{case:?}");
    let both = case.embedded == Round(greatest) && case.plain == Round(greatest);
    assert_eq!(start.reset_state, !both, "{case:?}");
    assert_eq!(start.remarks.is_empty(), both && case.checkpoint != Damage && case.torn.is_none());
    assert_eq!(start.torn.len(), usize::from(case.torn.is_some()));
    // Doing the rounds again leads to a ledger that starts cleanly, at the same tree.
    let copy = store.after_kill();
    for replay in &replays {
        write_growth(&copy, &replay.growth).unwrap();
    }
    assert_eq!(RightEdge::load(&copy, start.record.head()).unwrap(), start.edge);
}

#[test]
fn every_combination() {
    let history = History::new(0);
    let shown = [Nothing, Damage, Round(2), Round(3), Round(4)];
    let stage_sets = [vec![], vec![3], vec![4], vec![2, 3], vec![3, 4], vec![2, 4]];
    let mut cases = 0;
    for files in 2..=4 {
        let store = history.files(files);
        for number in 0..shown.len().pow(3) {
            let (embedded, plain, checkpoint) =
                (shown[number / 25], shown[number / 5 % 5], shown[number % 5]);
            for stages in &stage_sets {
                for (torn, seen) in
                    [(None, None), (Some(4), None), (Some(3), None), (None, Some(3)), (None, Some(4))]
                {
                    let doubled = torn.is_some_and(|torn| stages.contains(&torn));
                    if doubled || (seen.is_some() && checkpoint != Nothing) {
                        continue;
                    }
                    let stages = stages.clone();
                    check(&Case { embedded, plain, checkpoint, stages, torn, seen, files }, &history, &store);
                    cases += 1;
                }
            }
        }
    }
    assert!(cases > 5000, "{cases}");
}

#[test]
fn two_histories_are_a_fork_whoever_shows_the_other() {
    let (ours, theirs) = (History::new(0), History::new(1));
    let store = ours.files(4);
    let whole = |history: &History, round: usize| Found::Whole(history.records[round].clone());
    let base = Evidence {
        embedded: whole(&ours, 4),
        plain: whole(&ours, 4),
        checkpoint: Found::Whole(ours.checkpoint(4)),
        stages: vec![],
        seen: vec![],
    };
    assert!(matches!(decide(&base, &store), Decision::Clean(_)));
    for round in 1..=4 {
        let by_checkpoint = Evidence { checkpoint: Found::Whole(theirs.checkpoint(round)), ..base.clone() };
        let by_embedded = Evidence { embedded: whole(&theirs, round), ..base.clone() };
        let by_plain = Evidence { plain: whole(&theirs, round), ..base.clone() };
        let by_seen = Evidence { seen: vec![seen(theirs.checkpoint(round))], ..base.clone() };
        for evidence in [by_checkpoint, by_embedded, by_plain, by_seen] {
            let decision = decide(&evidence, &store);
            assert!(matches!(decision, Decision::Refuse(Refusal::Fork { .. })), "{decision:?}");
        }
        let by_stage = Evidence { stages: vec![theirs.stage(round)], ..base.clone() };
        assert!(matches!(decide(&by_stage, &store), Decision::Refuse(_)));
    }
    // A greater tree of another history: its bytes are not here.
    let size = TreeSize::new(1000).unwrap();
    let later = TreeHead::new(size, RootHash::from_bytes([5; 32])).unwrap();
    let evidence = Evidence { seen: vec![seen(signer().sign(&later, 1).unwrap())], ..base };
    let Decision::Refuse(refusal) = decide(&evidence, &store) else { panic!() };
    assert!(matches!(refusal, Refusal::BytesMissing { .. }));
    assert!(refusal.to_string().contains("glasshouse adopt"));
}

/// One file of the right edge missing, cut or flipped: nothing is signed.
#[test]
fn every_byte_up_to_the_state_must_be_there() {
    let history = History::new(0);
    let store = history.files(4);
    let evidence = Evidence {
        embedded: Found::Whole(history.records[4].clone()),
        plain: Found::Whole(history.records[4].clone()),
        checkpoint: Found::Missing,
        stages: vec![],
        seen: vec![],
    };
    for name in ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"] {
        let bytes = store.get(name).unwrap().unwrap();
        for at in 0..bytes.len() {
            for mut wrong in [bytes.clone(), bytes[..at].to_vec()] {
                if let Some(byte) = wrong.get_mut(at) {
                    *byte ^= 1;
                }
                store.put(name, &wrong).unwrap();
                let decision = decide(&evidence, &store);
                assert!(matches!(decision, Decision::Refuse(Refusal::BytesMissing { .. })), "{name} {at}");
            }
        }
        store.delete(name).unwrap();
        assert!(matches!(decide(&evidence, &store), Decision::Refuse(Refusal::BytesMissing { .. })));
        store.put(name, &bytes).unwrap();
    }
    assert!(matches!(decide(&evidence, &store), Decision::Clean(_)));
}

/// From a store: damage, another log's record and a stage under a wrong name are told apart from what is whole.
#[test]
fn evidence_believes_only_our_signature() {
    let history = History::new(0);
    let store = history.files(3);
    let vkey = signer().vkey().clone();
    assert!(Evidence::collect(&MemoryStore::new(), &vkey, vec![]).unwrap().is_empty());
    store.reset_state(&history.records[3].encode()).unwrap();
    store.put("checkpoint", history.checkpoint(2).note_text().as_bytes()).unwrap();
    let stage = &history.stages[3];
    store.put(&stage.name(), &stage.encode()).unwrap();
    store.put("stage/9000-ab", &stage.encode()).unwrap();
    let evidence = Evidence::collect(&store, &vkey, vec![]).unwrap();
    assert_eq!(evidence.plain, Found::Whole(history.records[3].clone()));
    assert_eq!(evidence.checkpoint.whole(), Some(&history.checkpoint(2)));
    assert_eq!(evidence.stages[0], history.stage(4));
    assert!(matches!(evidence.stages[1].stage, Found::Damaged(_)));
    let Decision::Replay(start, replays) = decide(&evidence, &store) else { panic!() };
    assert_eq!((start.record.head(), replays.len()), (history.records[4].head(), 1));
    assert_eq!(start.torn, ["stage/9000-ab"]);
    assert_eq!(start.record.last_used_ms(), 4000);
    let other = LogSigner::new(Origin::parse("ledger.example").unwrap(), SecretKey::from_seed(&[2; 32]));
    let evidence = Evidence::collect(&store, other.unwrap().vkey(), vec![]).unwrap();
    assert!(evidence.plain.whole().is_none() && evidence.checkpoint.whole().is_none());
    let Decision::Refuse(refusal) = decide(&evidence, &store) else { panic!() };
    assert!(matches!(refusal, Refusal::NoState { .. }));
    assert!(refusal.to_string().contains("glasshouse adopt"));
}
