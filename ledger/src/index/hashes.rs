//! Look-ups by hash: the newest entries' in memory, all others' in sorted runs that are merged as the log grows.
//!
//! An entry is written once for each size of run, eight times longer each: some four times in a log of ten million. Merges go on
//! by a few records for each one that is added, and by bounded steps while there is nothing to add, so nobody ever waits
//! for one; a merge that a kill ends begins anew. A run that would be too long for the room that is kept on the disk is not
//! made: from some five million entries on their number grows with the log, by one for each four million. Which runs count is read
//! from their names: the longest ones that follow each other from the first entry on.
//!
//! A hash stands there under a key that nobody outside can work out, so that nobody can choose hashes that crowd at one place.

use std::collections::BTreeSet;
use std::io;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::size::LeafIndex;
use sha2::{Digest as _, Sha256};

use super::merge::{FAN_IN, Merge};
use super::run::{Header, Record, Run, RunWriter, SALT};
use super::run_folder::{read_folder, remove};

/// Entries whose look-ups stand in memory until they make a run: some 2 MB, and a tenth of a second after a start.
const RUN_ENTRIES: NonZeroU64 = NonZeroU64::new(8_192).unwrap();
/// Records that each merge goes on by for one that is added: it ends long before the next one of its size is due.
const PACE: u64 = 4;
/// Records that all merges go on by in one step while nothing is added: some tens of milliseconds.
const STEP: u64 = 1 << 18;
/// Records of the longest run, for each entry of the shortest: some 400 MB. A merge needs the room of its run for a while, beside
/// its sources'; it is taken from what the server keeps free.
const LONGEST: u64 = 3_072;
/// Places that are looked at for one hash: more than begin alike by chance in any log.
const PLACES: usize = 256;

/// What kind of hash leads to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its leaf hash.
    Leaf,
    /// The digest of a text.
    Addendum,
}

impl Kind {
    fn bit(self) -> u64 {
        match self {
            Kind::Leaf => 0,
            Kind::Addendum => 1 << 63,
        }
    }
}

/// One entry's hashes.
#[derive(Debug)]
pub(super) struct Hashed {
    pub(super) leaf: LeafHash,
    pub(super) addenda: Vec<[u8; 32]>,
}

/// The look-ups by hash of one log. One at a time adds to them, or drops some.
#[derive(Debug)]
pub(super) struct Hashes {
    /// Where the runs lie; without it everything stays in memory.
    folder: Option<PathBuf>,
    /// How many entries make a run.
    run_entries: NonZeroU64,
    salt: [u8; SALT],
    standing: RwLock<Standing>,
    merges: Mutex<Vec<Merge>>,
}

/// What is looked at.
#[derive(Debug, Default)]
struct Standing {
    /// From the first entry on, without a gap.
    runs: Vec<Arc<Run>>,
    /// The records of the entries behind.
    fresh: BTreeSet<Record>,
    /// How many entries have their records here.
    size: u64,
    /// The leaf hash of the last one.
    last: Option<LeafHash>,
}

impl Standing {
    fn of(runs: Vec<Arc<Run>>) -> Standing {
        let newest = runs.last().map(|run| *run.header());
        let (size, last) = (newest.map_or(0, |run| run.end), newest.map(|run| run.last));
        Standing { runs, fresh: BTreeSet::new(), size, last }
    }

    /// How many entries stand in memory.
    fn fresh_entries(&self) -> u64 {
        self.size.saturating_sub(self.runs.last().map_or(0, |run| run.header().end))
    }
}

impl Hashes {
    /// Those whose runs lie in a folder; what cannot count is removed from it.
    pub(super) fn open(folder: PathBuf, run_entries: Option<NonZeroU64>) -> io::Result<Hashes> {
        let runs = read_folder(&folder)?;
        let salt = match runs.first() {
            Some(run) => run.header().salt,
            None => {
                let mut salt = [0; SALT];
                getrandom::fill(&mut salt).map_err(|error| io::Error::other(error.to_string()))?;
                salt
            }
        };
        Ok(Hashes::new(Some(folder), run_entries, salt, runs))
    }

    /// Those of a ledger that lives in memory, and whose hashes nobody chooses.
    pub(super) fn in_memory() -> Hashes {
        Hashes::new(None, None, [0; SALT], Vec::new())
    }

    fn new(
        folder: Option<PathBuf>,
        run_entries: Option<NonZeroU64>,
        salt: [u8; SALT],
        runs: Vec<Arc<Run>>,
    ) -> Hashes {
        let (standing, merges) = (RwLock::new(Standing::of(runs)), Mutex::default());
        Hashes { folder, run_entries: run_entries.unwrap_or(RUN_ENTRIES), salt, standing, merges }
    }

    fn standing(&self) -> RwLockReadGuard<'_, Standing> {
        self.standing.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> RwLockWriteGuard<'_, Standing> {
        self.standing.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn merges(&self) -> MutexGuard<'_, Vec<Merge>> {
        self.merges.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many entries it covers. Nothing counts from a damaged run on.
    pub(super) fn size(&self) -> u64 {
        let standing = self.standing();
        let damaged = standing.runs.iter().find(|run| run.is_damaged());
        damaged.map_or(standing.size, |run| run.header().first)
    }

    /// What stands for a hash: no two begin alike but by chance, whoever chose them.
    fn key(&self, hash: &[u8; 32]) -> u64 {
        let mixed: [u8; 32] = Sha256::new().chain_update(self.salt).chain_update(hash).finalize().into();
        mixed.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
    }

    /// The places of a hash, some of others among them by chance, the first ones first; `None` while fewer entries are covered
    /// than that.
    pub(super) fn places(
        &self,
        kind: Kind,
        hash: &[u8; 32],
        covering: u64,
    ) -> io::Result<Option<Vec<LeafIndex>>> {
        let key = self.key(hash);
        let (from, to) =
            (Record { key, place: kind.bit() }, Record { key, place: kind.bit() | ((1 << 63) - 1) });
        let (runs, fresh) = {
            let standing = self.standing();
            // Under the same lock: what is covered, and what is looked at.
            if standing.size < covering {
                return Ok(None);
            }
            let fresh: Vec<_> = standing.fresh.range(from..=to).take(PLACES).copied().collect();
            (standing.runs.clone(), fresh)
        };
        let mut found = Vec::new();
        for run in runs {
            found.extend(run.range(from, to, PLACES - found.len())?);
        }
        found.extend(fresh);
        found.truncate(PLACES);
        let places = found.iter().filter_map(|record| LeafIndex::new(record.place ^ kind.bit()).ok());
        Ok(Some(places.collect()))
    }

    /// Takes in the hashes of the entries that follow each other from `first` on. Where `first` is not the next one, nothing is
    /// taken.
    pub(super) fn add(&self, first: u64, entries: &[Hashed]) -> io::Result<()> {
        let Some(newest) = entries.last() else { return Ok(()) };
        if first != self.standing().size {
            return Ok(());
        }
        self.write_run()?;
        let record = |kind: Kind, hash: &[u8; 32], index: u64| Record {
            key: self.key(hash),
            place: kind.bit() | index,
        };
        let mut records = Vec::new();
        for (index, entry) in (first..).zip(entries) {
            records.push(record(Kind::Leaf, entry.leaf.as_bytes(), index));
            records.extend(entry.addenda.iter().map(|digest| record(Kind::Addendum, digest, index)));
        }
        let added = records.len() as u64;
        {
            let mut standing = self.change();
            standing.fresh.extend(records);
            standing.size = first + entries.len() as u64;
            standing.last = Some(newest.leaf);
        }
        // Whoever holds them goes on with them. What goes wrong with a merge is for whoever tends the runs: the entries are there.
        if let Ok(mut merges) = self.merges.try_lock() {
            let _ = self.go_on_merging(&mut merges, added * PACE);
        }
        Ok(())
    }

    /// Makes a run of what stands in memory, where that is enough for one.
    fn write_run(&self) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let (header, records) = {
            let standing = self.standing();
            let Some(last) = standing.last.filter(|_| standing.fresh_entries() >= self.run_entries.get())
            else {
                return Ok(());
            };
            let (first, end) = (standing.size - standing.fresh_entries(), standing.size);
            let records: Vec<_> = standing.fresh.iter().copied().collect();
            (Header { first, end, records: records.len() as u64, last, salt: self.salt }, records)
        };
        let mut out = RunWriter::begin(folder, header)?;
        if let Err(error) = records.into_iter().try_for_each(|record| out.push(record)) {
            out.give_up();
            return Err(error);
        }
        let run = out.finish()?;
        let mut standing = self.change();
        standing.runs.push(Arc::new(run));
        standing.fresh.clear();
        Ok(())
    }

    /// Goes on with the merges that are due by a bounded step, and says whether some are left: what somebody does who has nothing
    /// to add. Nobody waits for it but who drops runs: others may add, and look, meanwhile.
    pub(super) fn tend(&self) -> io::Result<bool> {
        let mut merges = self.merges();
        let under_way = merges.len() as u64;
        self.go_on_merging(&mut merges, STEP / (under_way + 1))?;
        Ok(!merges.is_empty() || due(&self.standing().runs, self.run_entries, &merges).is_some())
    }

    /// Goes on with each merge by so many records, and begins one that is due: at most one of a size at a time.
    fn go_on_merging(&self, merges: &mut Vec<Merge>, records: u64) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let runs = self.standing().runs.clone();
        if let Some((level, due)) = due(&runs, self.run_entries, merges) {
            merges.push(Merge::begin(folder, level, due)?);
        }
        let mut at = 0;
        while let Some(merge) = merges.get_mut(at) {
            match merge.go_on(records) {
                Ok(false) => at += 1,
                Ok(true) => self.replace(merges.remove(at).finish()?),
                Err(error) => {
                    merges.remove(at).give_up();
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Puts a run in the place of those that it was merged from.
    fn replace(&self, merged: Run) {
        let bounds = *merged.header();
        let is_source = |run: &Run| run.header().first >= bounds.first && run.header().end <= bounds.end;
        let sources: Vec<_> = {
            let mut standing = self.change();
            let at = standing.runs.partition_point(|run| run.header().first < bounds.first);
            let sources: Vec<_> = standing.runs.extract_if(at.., |run| is_source(run)).collect();
            standing.runs.insert(at, Arc::new(merged));
            sources
        };
        // If we die here: the next start takes the longest one, and removes these.
        sources.iter().for_each(|run| remove(run.path()));
    }

    /// Keeps the runs before the first that `belongs` refuses. Where it refuses one, what stands in memory goes with it.
    pub(super) fn keep_while<E>(&self, belongs: impl Fn(&Run) -> Result<bool, E>) -> Result<(), E> {
        let runs = self.standing().runs.clone();
        for (at, run) in runs.iter().enumerate() {
            if !belongs(run)? {
                self.truncate(at);
                break;
            }
        }
        Ok(())
    }

    /// Keeps that many runs, and nothing else.
    fn truncate(&self, keep: usize) {
        let merges = std::mem::take(&mut *self.merges());
        let dropped = {
            let mut standing = self.change();
            let mut runs = std::mem::take(&mut standing.runs);
            let dropped = runs.split_off(keep.min(runs.len()));
            *standing = Standing::of(runs);
            dropped
        };
        dropped.iter().for_each(|run| remove(run.path()));
        merges.into_iter().for_each(Merge::give_up);
    }
}

impl Drop for Hashes {
    /// What a merge has written so far is of no use to the next start.
    fn drop(&mut self) {
        std::mem::take(&mut *self.merges()).into_iter().for_each(Merge::give_up);
    }
}

/// The oldest runs beside each other that are due for a merge, and their size: enough of one size that is not being merged, with
/// the shorter ones that a kill left between them, if they are not too long together. The shortest ones come first.
fn due<'a>(runs: &'a [Arc<Run>], run_entries: NonZeroU64, merges: &[Merge]) -> Option<(u32, &'a [Arc<Run>])> {
    let level = |run: &Run| (run.entries() / run_entries).checked_ilog(FAN_IN as u64).unwrap_or(0);
    let is_busy = |run: &Run| merges.iter().any(|merge| merge.has(run));
    let levels: BTreeSet<_> = runs.iter().map(|run| level(run)).collect();
    let idle = |wanted: &u32| merges.iter().all(|merge| merge.level() != *wanted);
    levels.into_iter().filter(idle).find_map(|wanted| {
        let mut stretches = runs.split(|run| level(run) > wanted || is_busy(run));
        stretches.find_map(|stretch| {
            let of_that_size = stretch.iter().enumerate().filter(|(_, run)| level(run) == wanted);
            let last = of_that_size.map(|(at, _)| at).nth(FAN_IN - 1)?;
            let due = stretch.get(..=last)?;
            let records = due.iter().map(|run| run.header().records).sum::<u64>();
            (records <= run_entries.get().saturating_mul(LONGEST)).then_some((wanted, due))
        })
    })
}

#[cfg(test)]
mod tests;
