//! A folder that is behind what was signed catches up from a mirror of the log.
//!
//! Nothing is signed here, and nothing that a mirror says is believed: the entries must lead from our own signed tree to the
//! mirror's signed root, the texts must be those to which the entries commit. What was fetched becomes stages, as if
//! this ledger had written the rounds and died before it carried them out; the usual recovery does the rest.

mod fetch;
mod said;

use glasshouse_verifier::bundle::BundleError;
use glasshouse_verifier::checkpoint::{CheckpointError, SignedCheckpoint};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::past::PastError;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::vkey::Vkey;

use self::fetch::Fetch;
use self::said::{Own, Said, SaidError};
use crate::evidence::{Evidence, Found, FoundStage, Seen};
use crate::history::HistoryError;
use crate::index::Index;
use crate::mirror::{Mirror, MirrorError, contradicts};
use crate::open::OpenError;
use crate::pack::{PackError, erase_text, find_in_pack};
use crate::pack_writer::PackWriter;
use crate::recover::{self, Decision, Refusal, Start};
use crate::right_edge::EdgeError;
use crate::stage::{Stage, StageError, StagedAddendum};
use crate::state::StateRecord;
use crate::store::Store;
use crate::tree_files::TreeFiles;

/// Why a folder did not catch up. No round of a mirror was staged.
#[derive(Debug, thiserror::Error)]
pub enum CatchUpError {
    /// A mirror gave no usable answer.
    #[error("mirror {mirror}: {error}")]
    Mirror {
        /// Which one.
        mirror: String,
        /// What happened.
        error: MirrorError,
    },
    /// A mirror shows something that this log did not sign.
    #[error("the checkpoint of mirror {mirror} is not one of this log: {rule}")]
    Checkpoint {
        /// Which one.
        mirror: String,
        /// What it breaks.
        rule: CheckpointError,
    },
    /// More than one stage holds.
    #[error(
        "size {from} is too far behind size {to} of mirror {mirror}: at most 65536 entries and 128 MiB with their texts \
         are caught up from one checkpoint to the next. Copy the mirror's `public` and `addenda-pack` into the folder \
         first (rsync -a), or show checkpoints between the two (--seen)"
    )]
    TooFar {
        /// Which one.
        mirror: String,
        /// Where the step begins.
        from: TreeSize,
        /// Where it would end.
        to: TreeSize,
    },
    /// A mirror lacks a file of the tree that it shows.
    #[error("mirror {mirror} does not serve {path}, which is part of the tree that its checkpoint shows")]
    Missing {
        /// Which one.
        mirror: String,
        /// The file.
        path: String,
    },
    /// A bundle is damaged.
    #[error("mirror {mirror}: {path} is damaged: {rule}")]
    Bundle {
        /// Which one.
        mirror: String,
        /// The file.
        path: String,
        /// What it breaks.
        rule: BundleError,
    },
    /// The entries give another root.
    #[error(
        "mirror {mirror} serves entries {from} to {to} that do not lead from this folder's tree to the signed one: \
         it is damaged or lies; ask another one"
    )]
    OtherEntries {
        /// Which one.
        mirror: String,
        /// Size of our tree.
        from: TreeSize,
        /// Size of the signed tree.
        to: TreeSize,
    },
    /// Signed bytes that are no entry of ours.
    #[error("mirror {mirror}: entry {index}: {rule}")]
    Entry {
        /// Which one.
        mirror: String,
        /// The entry.
        index: u64,
        /// What it breaks.
        rule: String,
    },
    /// A text that is not the one to which its entry commits.
    #[error("mirror {mirror}: the text {field} of entry {index}: {rule}")]
    Text {
        /// Which one.
        mirror: String,
        /// The entry.
        index: u64,
        /// The text's field.
        field: String,
        /// What is wrong with it.
        rule: String,
    },
    /// An entry that fetched ones name.
    #[error(transparent)]
    Past(#[from] PastError),
    /// The folder's own entries.
    #[error(transparent)]
    History(HistoryError),
    /// The parts make no stage.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The tree cannot grow by these entries.
    #[error(transparent)]
    Edge(#[from] EdgeError),
    /// A pack of texts.
    #[error(transparent)]
    Pack(#[from] PackError),
}

/// How far a folder has caught up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many entries are to be caught up.
    pub of: u64,
    /// How many were fetched.
    pub fetched: u64,
    /// How many have all their texts.
    pub complete: u64,
    /// How many texts that makes.
    pub texts: u64,
}

/// What was caught up, staged durably.
#[derive(Debug, Default)]
pub(crate) struct Caught {
    /// How many entries.
    pub(crate) entries: u64,
    /// How many texts were erased at the mirror, and are here.
    pub(crate) erased: usize,
    /// Every checkpoint that was shown.
    pub(crate) shown: Vec<Seen>,
}

/// Everything that catching up works with.
pub(crate) struct CatchUp<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) files: &'a TreeFiles,
    pub(crate) index: &'a Index,
    pub(crate) log: &'a Vkey,
    pub(crate) mirrors: &'a [&'a dyn Mirror],
    pub(crate) now_ms: u64,
}

/// The rounds to put into the store.
struct Plan {
    stages: Vec<Stage>,
    erased: Vec<StagedAddendum>,
}

impl CatchUp<'_> {
    /// Asks every mirror, and stages what this store lacks of the greatest tree that anyone shows.
    ///
    /// True afterwards: the store's own recovery carries it out. After an error no round was staged, except after one of the store
    /// itself; torn stages may be gone, and texts that were erased elsewhere be erased here.
    pub(crate) fn run(&self, seen: Vec<Seen>, watch: &mut dyn FnMut(Progress)) -> Result<Caught, OpenError> {
        let asked = self.ask()?;
        let mut shown = seen;
        for (mirror, checkpoint) in self.mirrors.iter().zip(&asked) {
            let witness = format!("mirror {}", mirror.name());
            shown.push(Seen { witness, checkpoint: checkpoint.clone() });
        }
        let mut evidence = Evidence::collect(self.store, self.log, shown.clone())?;
        let Some(own) = stand_on(&mut evidence, self.now_ms) else {
            return Ok(Caught { shown, ..Caught::default() });
        };
        match recover::decide(&evidence, self.store) {
            Decision::Refuse(Refusal::BytesMissing { .. } | Refusal::StageDamaged { .. })
                if !self.mirrors.is_empty() => {}
            Decision::Refuse(refusal) => return Err(refusal.into()),
            _ => return Ok(Caught { shown, ..Caught::default() }),
        }
        let targets = targets(&shown, own);
        let Some(last) = targets.last() else {
            return Err(refused_again(&evidence, self.store));
        };
        let greatest = asked
            .iter()
            .zip(self.mirrors)
            .find(|(checkpoint, _)| checkpoint.head() == last.checkpoint.head());
        let Some((_, mirror)) = greatest else {
            let (witness, size) = (last.witness.clone(), last.checkpoint.head().size());
            let missing = "no mirror that was asked reaches so far".to_owned();
            return Err(Refusal::BytesMissing { witness, size, missing }.into());
        };
        let of = last.checkpoint.head().size().get() - own.get();
        let fetch = Fetch {
            mirror: *mirror,
            size: last.checkpoint.head().size(),
            watch,
            progress: Progress { of, ..Progress::default() },
        };
        let mut local = evidence.clone();
        local.seen.retain(|seen| seen.checkpoint.head().size() <= own);
        let start = recover::stand(&local, self.store, last.checkpoint.head().size())?.0;
        let stages = local.stages.iter().filter_map(|found| found.stage.whole()).collect();
        let head = start.edge.head();
        let plan =
            self.plan(fetch, &start, &targets, &Own { files: self.files, index: self.index, head, stages })?;
        let erased = plan.erased.len();
        self.write(evidence, plan)?;
        Ok(Caught { entries: of, erased, shown })
    }

    /// Every mirror's newest checkpoint. One that does not answer stops us: what it has seen is not known then.
    fn ask(&self) -> Result<Vec<SignedCheckpoint>, CatchUpError> {
        let ask = |mirror: &&dyn Mirror| {
            let name = || mirror.name();
            let note = mirror.checkpoint().map_err(|error| CatchUpError::Mirror { mirror: name(), error })?;
            SignedCheckpoint::open(&note, self.log)
                .map_err(|rule| CatchUpError::Checkpoint { mirror: name(), rule })
        };
        self.mirrors.iter().map(ask).collect()
    }

    /// Fetches everything from the tree that we stand on to the last of the targets, a stage for each.
    fn plan(
        &self,
        mut fetch: Fetch<'_>,
        start: &Start,
        targets: &[&Seen],
        own: &Own<'_>,
    ) -> Result<Plan, OpenError> {
        let time = self.now_ms.max(start.record.last_used_ms());
        let mut edge = start.edge.clone();
        let mut rounds: Vec<(TreeHead, Vec<Vec<u8>>)> = Vec::new();
        for target in targets {
            let before = edge.head();
            let entries = fetch.entries(before.size(), target.checkpoint.head().size())?;
            let leaves = entries
                .iter()
                .map(|entry| (glasshouse_verifier::hash::LeafHash::of_entry(entry), entry.as_slice()));
            edge = edge.grow(leaves).map_err(CatchUpError::from)?.into_edge();
            rounds.push((before, entries));
        }
        compare(fetch.mirror, &rounds, &edge.head(), targets)?;
        let origin = start.record.checkpoint().checkpoint().origin();
        let said = Said::of(origin, &rounds, own).map_err(|error| match error {
            SaidError::Past(error) => error.into(),
            SaidError::History(error) => CatchUpError::History(error),
            SaidError::Order { index, rule } => {
                CatchUpError::Entry { mirror: fetch.mirror.name(), index, rule: rule.to_string() }
            }
        })?;
        let mut plan = Plan { stages: Vec::new(), erased: Vec::new() };
        for ((before, entries), target) in rounds.into_iter().zip(targets) {
            let (from, to) = (before.size(), target.checkpoint.head().size());
            let texts = fetch.texts(from, to, &entries, &said)?;
            let stage = Stage::new(before, target.checkpoint.clone(), time, entries, texts.served);
            plan.stages.push(stage.map_err(|error| match error {
                StageError::TooLong => CatchUpError::TooFar { mirror: fetch.mirror.name(), from, to },
                other => other.into(),
            })?);
            plan.erased.extend(texts.erased);
        }
        Ok(plan)
    }

    /// Puts the stages into the store, if recovery will carry them out.
    fn write(&self, mut evidence: Evidence, plan: Plan) -> Result<(), OpenError> {
        let Some(end) = plan.stages.last().map(|stage| stage.new_head().size()) else { return Ok(()) };
        let torn = |found: &FoundStage| {
            found.stage.whole().is_none() && found.size_in_name().is_some_and(|size| size <= end)
        };
        let superfluous: Vec<String> =
            evidence.stages.iter().filter(|found| torn(found)).map(|found| found.name.clone()).collect();
        evidence.stages.retain(|found| !torn(found));
        let new = plan
            .stages
            .iter()
            .map(|stage| FoundStage { name: stage.name(), stage: Found::Whole(stage.clone()) });
        evidence.stages.extend(new);
        evidence.stages.sort_by_key(FoundStage::size_in_name);
        if let Decision::Refuse(refusal) = recover::decide(&evidence, self.store) {
            return Err(refusal.into());
        }
        for name in superfluous {
            self.store.delete(&name)?;
        }
        // If we die here: torn stages are gone, which nothing was signed away with. The folder is as far behind as before.
        self.erase(&plan.erased, &evidence)?;
        self.store.sync()?;
        // If we die here: tombstones lie for entries that are not here yet. The next run finds them and adds none.

        // The newest that lies here may have a name that can be read alone.
        let first = plan.stages.first().map(Stage::name);
        let own = evidence.stages.iter().take_while(|found| Some(&found.name) != first.as_ref());
        let newest = own.filter_map(|found| found.stage.whole()).last();
        for stage in newest.into_iter().chain(&plan.stages) {
            self.store.put_durable(&stage.name(), &stage.encode())?;
            // If we die here: every stage that lies leads to a tree that was signed, and is carried out at the next
            // run; the next run also fetches those that do not lie.
        }
        Ok(())
    }

    /// Tombstones for texts that were erased elsewhere, also where this folder still had them.
    fn erase(&self, erased: &[StagedAddendum], evidence: &Evidence) -> Result<(), CatchUpError> {
        let stages = evidence.stages.iter().filter_map(|found| found.stage.whole());
        let texts = stages.flat_map(Stage::addenda).chain(erased);
        PackWriter::recovering(texts).write(self.store, erased, &|_, _| true)?;
        for text in erased {
            if let Some(record) = find_in_pack(self.store, text.entry, &text.digest)?
                && !record.erased
            {
                erase_text(self.store, &record)?;
            }
        }
        Ok(())
    }
}

/// The size of the greatest tree that this store itself shows as signed. Where both copies of the state are gone, that
/// tree is the state, for as long as `evidence` lasts.
fn stand_on(evidence: &mut Evidence, now_ms: u64) -> Option<TreeSize> {
    let records = [&evidence.plain, &evidence.embedded];
    let stages = evidence.stages.iter().filter_map(|found| found.stage.whole());
    let shown = records
        .iter()
        .filter_map(|record| record.whole().map(StateRecord::checkpoint))
        .chain(evidence.checkpoint.whole())
        .chain(stages.map(Stage::checkpoint));
    let own = shown.max_by_key(|checkpoint| checkpoint.head().size())?.clone();
    let size = own.head().size();
    if records.iter().all(|record| record.whole().is_none()) {
        evidence.plain = Found::Whole(StateRecord::new(own, None, now_ms));
    }
    Some(size)
}

/// The trees beyond ours that somebody shows, each once, the greatest last. Recovery has compared those of one size.
fn targets(shown: &[Seen], own: TreeSize) -> Vec<&Seen> {
    let size = |seen: &Seen| seen.checkpoint.head().size();
    let mut targets: Vec<&Seen> = shown.iter().filter(|seen| size(seen) > own).collect();
    targets.sort_by_key(|seen| size(seen));
    targets.dedup_by_key(|seen| size(seen));
    targets
}

/// Nobody shows more than we have, and still something is missing: only recovery can say what.
fn refused_again(evidence: &Evidence, store: &dyn Store) -> OpenError {
    match recover::decide(evidence, store) {
        Decision::Refuse(refusal) => refusal.into(),
        _ => OpenError::OurBug,
    }
}

/// Whether the entries lead through every signed tree on the way to the last one, whose root is `end`'s.
fn compare(
    mirror: &dyn Mirror,
    rounds: &[(TreeHead, Vec<Vec<u8>>)],
    end: &TreeHead,
    targets: &[&Seen],
) -> Result<(), OpenError> {
    let (Some((ours, _)), Some(last)) = (rounds.first(), targets.last()) else { return Ok(()) };
    if end != last.checkpoint.head() {
        let (from, to) = (ours.size(), last.checkpoint.head().size());
        if contradicts(mirror, &last.checkpoint, ours) {
            let (one, other) = ("this folder".to_owned(), last.witness.clone());
            return Err(Refusal::Fork { one, other, size: from }.into());
        }
        return Err(CatchUpError::OtherEntries { mirror: mirror.name(), from, to }.into());
    }
    // The entries are those of the last tree now, so whoever shows another tree on the way contradicts it.
    for ((reached, _), target) in rounds.iter().skip(1).zip(targets) {
        if reached != target.checkpoint.head() {
            let (one, other) = (target.witness.clone(), last.witness.clone());
            return Err(Refusal::Fork { one, other, size: reached.size() }.into());
        }
    }
    Ok(())
}
