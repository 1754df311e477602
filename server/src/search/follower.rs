//! Follows the published tree in memory: makes facts of new entries, and again of those that they say something about, by
//! small steps; what takes longer is left to the thread that builds the index.

use std::sync::Arc;
use std::time::Duration;

use glasshouse_ledger::reader::{ReadError, Reader};
use glasshouse_verifier::size::LeafIndex;
use tantivy::Searcher;
use tokio::time::Instant;

use super::Stand;
use super::affected::Affected;
use super::facts::{Facts, FactsReader};
use super::index_store::Tail;
use super::logged::LoggedRanges;
use super::purge::Purge;
use super::snapshot::{Base, Snapshot};
use super::ticking::Ticking;

/// New entries of one step: some tens of milliseconds.
const STEP: u64 = 512;

/// Earlier entries that a step looks at again. A statement that names more is left to the index's thread.
const AFFECTED_MAX: usize = 2_048;

/// Entries whose facts stand in memory before they are written, and how much memory these take in bytes: some seconds of
/// heavy traffic. Every search looks at each of them.
const TAIL_MAX: usize = 4_096;
const TAIL_BYTES: usize = 12 << 20;

/// What is in memory is written when it is so much, or so old.
const WRITE_FROM: usize = 1_500;
const WRITE_AFTER: Duration = Duration::from_secs(1);

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The published tree is covered.
    Reached,
    /// There is more to do.
    Further,
    /// There is more to do, and it is not for a request.
    Waits,
}

/// Who follows one log.
pub(crate) struct Follower {
    /// [`SearchSteps::far_behind`](crate::search_steps::SearchSteps).
    far_behind: u64,
    facts: FactsReader,
    snapshot: Snapshot,
    tail: Tail,
    weight: usize,
    /// Since when something is in memory that is not written.
    unwritten: Option<Instant>,
    /// Since when the index's thread has the log to itself.
    pub(crate) building: Option<Instant>,
    /// Whether a step met a statement that names too many.
    wide: bool,
    /// When the published tree was covered last.
    reached: Instant,
    /// Words that are out of sight, and may be on disk.
    pub(crate) purge: Purge,
}

/// What was read of new entries.
struct Taken {
    facts: Vec<Facts>,
    hiding: u64,
    affected: Vec<u64>,
}

impl Follower {
    /// Knows nothing, and waits for the index to be opened.
    pub(crate) fn new(reader: &Reader, ticking: &Ticking, far_behind: u64) -> Follower {
        Follower {
            far_behind,
            facts: FactsReader::new(reader, ticking),
            snapshot: Snapshot::default(),
            tail: Tail::new(),
            weight: 0,
            unwritten: None,
            building: Some(Instant::now()),
            wide: false,
            reached: Instant::now(),
            purge: Purge::default(),
        }
    }

    /// Begins with what the index on disk covers, and what is to be purged there.
    pub(crate) fn begin(&mut self, base: Base, logged: LoggedRanges, hiding: u64, purge: Purge) {
        let (logged, version) = (Arc::new(logged), self.snapshot.version + 1);
        let (tail, kept) = (Vec::new(), Arc::default());
        self.snapshot =
            Snapshot { version, covered: base.size, hiding, base: Some(base), tail, kept, logged };
        self.tail.clear();
        (self.weight, self.unwritten) = (0, None);
        self.purge = purge;
    }

    /// The size of the tree that is covered, and how many entries of it took texts out of sight.
    pub(crate) fn covered(&self) -> (u64, u64) {
        (self.snapshot.covered, self.snapshot.hiding)
    }

    /// Whether the index's thread must follow, for it is far or the way is wide.
    pub(crate) fn is_far_from(&self, size: u64) -> bool {
        self.wide || size.saturating_sub(self.snapshot.covered) > self.far_behind
    }

    /// Whether what is in memory should be written.
    pub(crate) fn is_due(&self) -> bool {
        let is_old = self.unwritten.is_some_and(|since| since.elapsed() >= WRITE_AFTER);
        self.unwritten.is_some() && (is_old || self.tail.len() >= WRITE_FROM || self.weight >= TAIL_BYTES / 2)
    }

    /// Whether facts without the words that are out of sight are not on disk yet.
    pub(crate) fn purge_waits(&self) -> bool {
        self.tail.keys().any(|entry| self.purge.has(*entry))
    }

    /// Whether nothing is in memory that is not written.
    pub(crate) fn is_written(&self) -> bool {
        self.unwritten.is_none()
    }

    /// Takes in some of what was published.
    pub(crate) fn step(&mut self, reader: &Reader) -> Result<Step, ReadError> {
        let (start, size) = (self.snapshot.covered, reader.head().size().get());
        if start >= size {
            self.reached = Instant::now();
            return Ok(Step::Reached);
        }
        let full = self.tail.len() >= TAIL_MAX || self.weight >= TAIL_BYTES;
        if self.building.is_some() || full || self.is_far_from(size) {
            return Ok(Step::Waits);
        }
        let end = size.min(start + STEP);
        match self.read(reader, start, end)? {
            Some(taken) => self.take(taken, end),
            None => self.wide = true,
        }
        if self.wide || end < size {
            return Ok(if self.wide { Step::Waits } else { Step::Further });
        }
        self.reached = Instant::now();
        Ok(Step::Reached)
    }

    /// How far it is.
    pub(crate) fn stand(&self) -> Stand {
        let (covered, hiding) = self.covered();
        Stand { covered, hiding, building: self.building, reached: self.reached }
    }

    /// Whether answers have to be made anew from what is known now.
    pub(crate) fn has_changed_since(&self, shown: &Snapshot) -> bool {
        self.snapshot.version != shown.version
    }

    /// Reads new entries and those that they affect; `None` if these are too many.
    fn read(&mut self, reader: &Reader, start: u64, end: u64) -> Result<Option<Taken>, ReadError> {
        let mut affected = Affected::default();
        let mut taken = Taken { facts: Vec::new(), hiding: 0, affected: Vec::new() };
        for index in (start..end).filter_map(|index| LeafIndex::new(index).ok()) {
            let Some((current, facts)) = self.facts.facts(index)? else { continue };
            affected.name(reader, current.entry.statement())?;
            taken.hiding += u64::from(reader.hides_texts(current.entry.statement()));
            taken.facts.push(facts);
        }
        while let Some(index) = affected.next(reader)? {
            // New ones were looked at as they stand now.
            if index.get() >= start {
                continue;
            }
            if taken.affected.len() >= AFFECTED_MAX {
                return Ok(None);
            }
            let Some((current, facts)) = self.facts.facts(index)? else { continue };
            affected.name(reader, current.entry.statement())?;
            taken.affected.push(index.get());
            taken.facts.push(facts);
        }
        Ok(Some(taken))
    }

    fn take(&mut self, taken: Taken, end: u64) {
        if taken.hiding > 0 {
            self.purge.extend(taken.affected);
        }
        for facts in taken.facts {
            if let Some(tick) = facts.tick {
                Arc::make_mut(&mut self.snapshot.logged).push(tick);
            }
            self.weight += facts.weight();
            let before = self.tail.insert(facts.index, Arc::new(facts));
            self.weight -= before.map_or(0, |facts| facts.weight());
        }
        self.unwritten.get_or_insert_with(Instant::now);
        self.snapshot.covered = end;
        self.snapshot.hiding += taken.hiding;
        self.snapshot.version += 1;
    }

    /// What stands in memory, to be written; and up to where the index has documents.
    pub(crate) fn tail(&self) -> (Tail, u64) {
        (self.tail.clone(), self.snapshot.base.as_ref().map_or(0, |base| base.size))
    }

    /// What was written is on disk, and answers are made from there.
    pub(crate) fn written(&mut self, written: &Tail, base: Base) {
        let same = |index: &u64, facts: &Arc<Facts>| {
            written.get(index).is_some_and(|written| Arc::ptr_eq(written, facts))
        };
        self.tail.retain(|index, facts| !same(index, facts));
        self.weight = self.tail.values().map(|facts| facts.weight()).sum();
        self.unwritten = (!self.tail.is_empty()).then(Instant::now);
        self.snapshot.base = Some(base);
        self.snapshot.version += 1;
    }

    /// The index's thread went on to a tree of that size by itself.
    pub(crate) fn built(
        &mut self,
        base: Base,
        logged: LoggedRanges,
        hiding: u64,
        affected: impl IntoIterator<Item = u64>,
    ) {
        self.snapshot.logged = Arc::new(logged);
        if hiding > self.snapshot.hiding {
            self.purge.extend(affected);
        }
        (self.snapshot.covered, self.snapshot.hiding) = (base.size, hiding);
        self.snapshot.base = Some(base);
        self.snapshot.version += 1;
        self.wide = false;
    }

    /// The same index after its segments were merged.
    pub(crate) fn merged(&mut self, searcher: Searcher) {
        if let Some(base) = &mut self.snapshot.base {
            base.searcher = searcher;
            self.snapshot.version += 1;
        }
    }

    /// What answers can be made from now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot { tail: self.tail.values().cloned().collect(), ..self.snapshot.clone() }
    }
}
