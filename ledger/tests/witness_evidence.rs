//! What a witness keeps of a checkpoint that it refuses: what convicts, what is only in doubt, and what is neither.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/slow_tree.rs"]
mod slow_tree;
#[path = "support/witness_bench.rs"]
mod witness_bench;

use std::sync::Arc;

use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::witness::Witness;
use glasshouse_ledger::witness::add_request::AddRequest;
use glasshouse_ledger::witness::contradiction::Reason;
use glasshouse_ledger::witness::evidence_shelf::{DOUBTS_MAX, Kept};
use glasshouse_ledger::witness::log_settings::LogSettings;
use glasshouse_ledger::witness::memory_store::MemoryWitnessStore;
use glasshouse_ledger::witness::store::WitnessStore;
use glasshouse_verifier::evidence::Fork;
use glasshouse_verifier::hash::{NodeHash, RootHash};
use glasshouse_verifier::note::{Note, SignatureLine};
use glasshouse_verifier::vkey::{Vkey, VkeyKind};
use slow_tree::{SlowLog, SlowTree, size};
use witness_bench::*;

struct Bench {
    store: Arc<dyn WitnessStore>,
    clock: Arc<HandClock>,
    witness: Witness,
    log: SlowLog,
}

impl Bench {
    #[track_caller]
    fn grown_to(leaves: u64) -> (Bench, SlowTree) {
        let store: Arc<dyn WitnessStore> = Arc::new(MemoryWitnessStore::new());
        let clock = HandClock::at(NOW_S);
        let witness = open(&store, &clock);
        let [log, _] = logs();
        let bench = Bench { store, clock, witness, log };
        let tree = SlowTree::of(leaves, u64::MAX, 0);
        assert_eq!(bench.ask(&bench.log.request(0, &tree)), 200);
        (bench, tree)
    }

    fn ask(&self, body: &[u8]) -> u16 {
        status(&self.witness.add_checkpoint(body))
    }

    /// The status and the reason for which something was kept, if anything was.
    fn found(&self, body: &[u8]) -> (u16, Option<Reason>) {
        let added = self.witness.add_checkpoint(body);
        (status(&added), added.evidence.map(|(found, _)| found.reason))
    }
}

fn body(old: u64, proof: &[NodeHash], note: &str) -> Vec<u8> {
    AddRequest::encode(size(old), proof, note)
}

fn hash(number: u8) -> NodeHash {
    NodeHash::from_bytes([number; 32])
}

#[test]
fn forks_are_kept_so_that_anybody_can_check_them() {
    let (bench, tree) = Bench::grown_to(7);
    let log = &bench.log;
    // One size, another root: whatever old size came with it.
    let same = SlowTree::of(7, 5, 1);
    let mut names = Vec::new();
    for (request, status_expected, reason) in [
        (log.request(7, &same), 422, Reason::SameSize),
        (log.request(0, &SlowTree::of(7, 3, 2)), 409, Reason::SameSize),
        // The proof leads from nodes of the fork to its own older tree.
        (log.request(7, &SlowTree::of(12, 5, 1)), 422, Reason::OtherPrefix),
    ] {
        let added = bench.witness.add_checkpoint(&request);
        assert_eq!(status(&added), status_expected);
        let (found, kept) = added.evidence.unwrap();
        assert_eq!((found.reason, found.is_evidence), (reason, true));
        let name = format!("{kept:?}").split('"').nth(1).unwrap().to_owned();
        let text = bench.store.get_evidence(&name).unwrap().unwrap();
        assert_eq!(text, found.text.as_bytes());
        let fork = Fork::parse(&found.text, &log.vkey()).unwrap();
        assert_eq!(fork.older().head().root(), &tree.root());
        names.push(name);
    }
    assert_eq!(bench.witness.evidence().len(), 3);
    // The same fork again is kept once, also after the cosignature has become another one.
    bench.clock.set(NOW_S + 9);
    assert_eq!(bench.ask(&log.request(7, &tree)), 200);
    bench.witness.add_checkpoint(&log.request(7, &same));
    assert_eq!(bench.witness.evidence().len(), 3);
    // A log that forked is served on: only its fork is refused.
    assert_eq!(bench.ask(&log.request(7, &SlowTree::of(12, u64::MAX, 0))), 200);
    let again = open(&bench.store, &bench.clock);
    assert_eq!(again.evidence().len(), 3);
    assert_eq!(again.status(9).iter().map(|log| log.forks).sum::<usize>(), 3);
}

#[test]
fn a_proof_that_fails_is_a_doubt_and_says_so() {
    let (bench, _) = Bench::grown_to(8);
    let log = &bench.log;
    let honest = SlowTree::of(12, u64::MAX, 0);
    let added = bench.witness.add_checkpoint(&body(8, &honest.prove(7), &log.sign(&honest)));
    let (found, _) = added.evidence.unwrap();
    assert_eq!((found.reason, found.is_evidence), (Reason::ProofFails, false));
    let file: serde_json::Value = serde_json::from_str(&found.text).unwrap();
    assert_eq!(file["format"], "glasshouse-doubt/1");
    assert_eq!((&file["reason"], &file["convicts"]), (&"proof-fails".into(), &false.into()));
    assert_eq!(file["refused"], log.sign(&honest));
    let doubts = bench.witness.status(9).iter().map(|log| log.doubts).sum::<usize>();
    assert_eq!(doubts, 1);
    // Honest notes that are only late, and requests without the log's signature, leave nothing.
    bench.witness.add_checkpoint(&log.request(0, &SlowTree::of(5, u64::MAX, 0)));
    bench.witness.add_checkpoint(&SlowLog::new(&log.origin, 99).request(8, &SlowTree::of(8, 3, 1)));
    assert_eq!(bench.witness.evidence().len(), 1);
}

/// Anybody can send the checkpoint that the log publishes with any proof: nothing is in doubt then.
#[test]
fn the_cosigned_tree_puts_nothing_in_doubt() {
    let (bench, tree) = Bench::grown_to(8);
    let log = &bench.log;
    for (note, old) in
        [(log.sign(&tree), 8), (log.sign_text(8, &tree.root(), "Timestamp: 1\n"), 8), (log.sign(&tree), 3)]
    {
        for junk in [vec![hash(1)], vec![hash(2)], vec![hash(3); 54], vec![hash(4); 63]] {
            let expected = if old == 8 { 422 } else { 409 };
            assert_eq!(bench.found(&body(old, &junk, &note)), (expected, None));
        }
    }
    assert_eq!(bench.witness.evidence().len(), 0);
}

/// A larger checkpoint is in doubt once, however many wrong proofs come with it.
#[test]
fn one_checkpoint_is_one_doubt() {
    let (bench, _) = Bench::grown_to(8);
    let larger = bench.log.sign(&SlowTree::of(12, u64::MAX, 0));
    let kept: Vec<Kept> = (0..40)
        .map(|junk| bench.witness.add_checkpoint(&body(8, &[hash(junk)], &larger)).evidence.unwrap().1)
        .collect();
    let Kept::Written(name) = &kept[0] else { panic!("{kept:?}") };
    assert!(kept[1..].iter().all(|kept| *kept == Kept::Known(name.clone())), "{kept:?}");
    // A proof that holds decides it; here it was only late.
    assert_eq!(bench.ask(&bench.log.request(8, &SlowTree::of(12, u64::MAX, 0))), 200);
}

/// Whatever proof comes with it, two roots of one size convict; also where the proof itself is none.
#[test]
fn no_proof_hides_two_roots_of_one_size() {
    let (bench, tree) = Bench::grown_to(7);
    let fork = bench.log.sign(&SlowTree::of(7, 5, 1));
    for proof in [vec![], vec![hash(1)], vec![hash(1); 63], tree.prove(3)] {
        assert_eq!(bench.found(&body(7, &proof, &fork)), (422, Some(Reason::SameSize)));
    }
    assert_eq!(bench.witness.evidence().len(), 1, "it is one fork");
    let name = &bench.witness.evidence()[0];
    let text = String::from_utf8(bench.store.get_evidence(name).unwrap().unwrap()).unwrap();
    Fork::parse(&text, &bench.log.vkey()).unwrap();
}

/// A smaller tree is answered with 409. That it contradicts the cosigned one can be seen from both notes only where it
/// contradicts every tree: at size 0.
#[test]
fn of_smaller_trees_only_an_impossible_empty_one_convicts() {
    let (bench, _) = Bench::grown_to(9);
    let log = &bench.log;
    let fork = SlowTree::of(5, 2, 1);
    for old in [0, 3, 5] {
        assert_eq!(bench.found(&log.request(old, &fork)), (409, None));
    }
    let empty = log.sign_text(0, &RootHash::from_bytes([7; 32]), "");
    assert_eq!(bench.found(&body(0, &[], &empty)), (409, Some(Reason::EmptyRoot)));
    // It is the same after the log has grown.
    assert_eq!(bench.ask(&log.request(9, &SlowTree::of(10, u64::MAX, 0))), 200);
    let again = bench.witness.add_checkpoint(&body(0, &[hash(1)], &empty));
    assert!(matches!(again.evidence, Some((_, Kept::Known(_)))), "{again:?}");
    assert_eq!(bench.found(&body(0, &[], &log.sign(&SlowTree::of(0, 0, 0)))), (409, None));
}

/// A log whose origin is of another grammar.
struct Foreign {
    key: SecretKey,
    vkey: Vkey,
    origin: String,
}

impl Foreign {
    fn new() -> Foreign {
        let key = SecretKey::from_seed(&[31; 32]);
        let vkey = Vkey::new("sum.example", VkeyKind::Ed25519, key.public_bytes()).unwrap();
        Foreign { key, vkey, origin: "go.sum database tree".to_owned() }
    }

    fn request(&self, old: u64, size: u64, root: u8, proof: &[NodeHash]) -> Vec<u8> {
        let text = format!("{}\n{size}\n{}\n", self.origin, RootHash::from_bytes([root; 32]).to_base64());
        let line = SignatureLine::new(&self.vkey, self.key.sign(text.as_bytes()).to_vec());
        body(old, proof, &Note::assemble(&text, &[line]).unwrap().encode())
    }
}

/// It lies among the forks: no doubts push it out, and the next start counts it there.
#[test]
fn what_convicts_and_evidence_1_cannot_say_is_kept_for_good() {
    let store: Arc<dyn WitnessStore> = Arc::new(MemoryWitnessStore::new());
    let log = Foreign::new();
    let settings =
        || vec![LogSettings { origin: log.origin.clone(), keys: vec![log.vkey.clone()], qpd: 1_000_000 }];
    let clock = HandClock::at(NOW_S);
    let (witness, _) = Witness::open(Arc::clone(&store), cosigner(), clock.clone(), settings()).unwrap();
    let empty = witness.add_checkpoint(&log.request(0, 0, 9, &[]));
    assert_eq!((status(&empty), empty.evidence.unwrap().0.reason), (422, Reason::EmptyRoot));
    assert_eq!(status(&witness.add_checkpoint(&log.request(0, 5, 1, &[]))), 200);
    let fork = witness.add_checkpoint(&log.request(5, 5, 2, &[]));
    let found = fork.evidence.unwrap().0;
    assert_eq!((found.reason, found.is_evidence), (Reason::SameSize, false));
    let file: serde_json::Value = serde_json::from_str(&found.text).unwrap();
    assert_eq!((&file["format"], &file["convicts"]), (&"glasshouse-doubt/1".into(), &true.into()));
    let convicting = witness.evidence();
    assert!(convicting.len() == 2 && convicting.iter().all(|name| name.contains("-fork-")), "{convicting:?}");
    // The log's next checkpoints come with wrong proofs, more of them than a log has doubts.
    for next in 0..2 * DOUBTS_MAX as u64 {
        clock.set(NOW_S + 360 * next);
        let doubt = witness.add_checkpoint(&log.request(5, 6 + next, 3, &[hash(1)]));
        assert!(matches!(doubt.evidence, Some((_, Kept::Written(_)))), "{doubt:?}");
    }
    // The same fork again, after a refresh and with a proof, is no other one.
    assert_eq!(status(&witness.add_checkpoint(&log.request(5, 5, 1, &[]))), 200);
    let again = witness.add_checkpoint(&log.request(5, 5, 2, &[hash(8)]));
    assert!(matches!(again.evidence, Some((_, Kept::Known(_)))), "{again:?}");
    let (again, _) = Witness::open(store, cosigner(), clock, settings()).unwrap();
    for witness in [witness, again] {
        let log = &witness.status(1)[0];
        assert_eq!((log.forks, log.doubts), (2, DOUBTS_MAX));
        assert_eq!(witness.evidence()[..2], convicting);
    }
}
