//! Look-ups by hash: the newest entries' in memory, all others' in sorted runs that are merged as the log grows.
//!
//! An entry is written once for each size of run, eight times longer each: some four times in a log of ten million. Merges go on
//! by a few records for each one that is added, so nobody ever waits for one; a merge that a kill ends begins anew. Which
//! runs count is read from their names: the longest ones that follow each other from the first entry on.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::size::LeafIndex;

use super::merge::{FAN_IN, Merge};
use super::run::{Header, Record, Run, RunWriter, UNFINISHED};

/// Entries whose look-ups stand in memory until they make a run: some 2 MB, and a tenth of a second after a start.
const RUN_ENTRIES: u64 = 8_192;
/// Records that each merge goes on by for one that is added: it ends before the next one of its size is due.
const PACE: u64 = 4;
/// Places that are looked at for one hash. Nobody finds so many hashes that begin alike but by choosing them.
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

    /// The record of a hash that leads to an entry.
    pub(super) fn record(self, hash: &[u8; 32], index: u64) -> Record {
        Record { key: key(hash), place: self.bit() | index }
    }
}

fn key(hash: &[u8; 32]) -> u64 {
    hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// The look-ups by hash of one log. One at a time adds to them, or drops them.
#[derive(Debug)]
pub(super) struct Hashes {
    /// Where the runs lie; without it everything stays in memory.
    folder: Option<PathBuf>,
    /// How many entries make a run.
    run_entries: u64,
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
        Standing {
            runs,
            fresh: BTreeSet::new(),
            size: newest.map_or(0, |run| run.end),
            last: newest.map(|run| run.last),
        }
    }

    /// How many entries stand in memory.
    fn fresh_entries(&self) -> u64 {
        self.size - self.runs.last().map_or(0, |run| run.header().end)
    }
}

impl Hashes {
    /// Those whose runs lie in a folder; what cannot count is removed from it.
    pub(super) fn open(folder: PathBuf, run_entries: Option<u64>) -> io::Result<Hashes> {
        let runs = read_folder(&folder)?;
        Ok(Hashes::new(Some(folder), run_entries, runs))
    }

    /// Those of a ledger that lives in memory.
    pub(super) fn in_memory() -> Hashes {
        Hashes::new(None, None, Vec::new())
    }

    fn new(folder: Option<PathBuf>, run_entries: Option<u64>, runs: Vec<Arc<Run>>) -> Hashes {
        Hashes {
            folder,
            run_entries: run_entries.unwrap_or(RUN_ENTRIES),
            standing: RwLock::new(Standing::of(runs)),
            merges: Mutex::default(),
        }
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

    /// The leaf hash of the last entry that it covers.
    pub(super) fn last(&self) -> Option<LeafHash> {
        self.standing().last
    }

    /// The places of a hash, those that only begin like it among them: the first ones.
    pub(super) fn places(&self, kind: Kind, hash: &[u8; 32]) -> io::Result<Vec<LeafIndex>> {
        let from = kind.record(hash, 0);
        let to = kind.record(hash, (1 << 63) - 1);
        let (runs, fresh) = {
            let standing = self.standing();
            let fresh: Vec<_> = standing.fresh.range(from..=to).take(PLACES).copied().collect();
            (standing.runs.clone(), fresh)
        };
        let mut found = Vec::new();
        for run in runs {
            found.extend(run.range(from, to, PLACES - found.len())?);
        }
        found.extend(fresh);
        found.truncate(PLACES);
        Ok(found.iter().filter_map(|record| LeafIndex::new(record.place ^ kind.bit()).ok()).collect())
    }

    /// Takes in the records of the entries from its size on, which end with an entry of that leaf hash at `end`.
    pub(super) fn add(&self, records: Vec<Record>, end: u64, last: LeafHash) -> io::Result<()> {
        self.write_run()?;
        let added = records.len() as u64;
        {
            let mut standing = self.change();
            standing.fresh.extend(records);
            standing.size = end;
            standing.last = Some(last);
        }
        self.go_on_merging(added * PACE)
    }

    /// Makes a run of what stands in memory, where that is enough for one.
    fn write_run(&self) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let (header, records) = {
            let standing = self.standing();
            let Some(last) = standing.last.filter(|_| standing.fresh_entries() >= self.run_entries) else {
                return Ok(());
            };
            let first = standing.size - standing.fresh_entries();
            let records: Vec<_> = standing.fresh.iter().copied().collect();
            (Header { first, end: standing.size, records: records.len() as u64, last }, records)
        };
        let mut out = RunWriter::begin(folder, header)?;
        for record in records {
            out.push(record)?;
        }
        let run = out.finish()?;
        let mut standing = self.change();
        standing.runs.push(Arc::new(run));
        standing.fresh.clear();
        Ok(())
    }

    /// Goes on with every merge by as many records, and begins one that is due.
    fn go_on_merging(&self, records: u64) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let mut merges = self.merges();
        let runs = self.standing().runs.clone();
        if let Some(due) = due(&runs, self.run_entries, |run| merges.iter().any(|merge| merge.has(run))) {
            merges.push(Merge::begin(folder, due)?);
        }
        let mut at = 0;
        while let Some(merge) = merges.get_mut(at) {
            match merge.go_on(records) {
                Ok(false) => at += 1,
                Ok(true) => self.replace(merges.remove(at).finish()?)?,
                Err(error) => {
                    let broken = merges.remove(at);
                    let is_damaged = broken.is_damaged();
                    broken.remove()?;
                    // What is damaged does not count any more, and is dropped in the next step.
                    if !is_damaged {
                        return Err(error);
                    }
                }
            }
        }
        Ok(())
    }

    /// Puts a run in the place of those that it was merged from.
    fn replace(&self, merged: Run) -> io::Result<()> {
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
        sources.iter().try_for_each(|run| fs::remove_file(run.path()))
    }

    /// Drops what cannot be read any more, and all behind it, so that it is added again.
    pub(super) fn drop_damaged(&self) -> io::Result<()> {
        let whole = self.standing().runs.iter().position(|run| run.is_damaged());
        whole.map_or(Ok(()), |whole| self.truncate(whole))
    }

    /// Drops everything.
    pub(super) fn clear(&self) -> io::Result<()> {
        self.truncate(0)
    }

    /// Keeps that many runs, and nothing else.
    fn truncate(&self, keep: usize) -> io::Result<()> {
        let merges = std::mem::take(&mut *self.merges());
        let dropped = {
            let mut standing = self.change();
            let mut runs = std::mem::take(&mut standing.runs);
            let dropped = runs.split_off(keep.min(runs.len()));
            *standing = Standing::of(runs);
            dropped
        };
        dropped.iter().try_for_each(|run| fs::remove_file(run.path()))?;
        merges.into_iter().try_for_each(Merge::remove)
    }
}

/// The oldest runs beside each other that are due for a merge and in none yet: enough of one size, with the shorter ones that a
/// kill left between them. The shortest ones come first.
fn due(runs: &[Arc<Run>], run_entries: u64, is_busy: impl Fn(&Run) -> bool) -> Option<&[Arc<Run>]> {
    let level = |run: &Run| (run.entries() / run_entries).checked_ilog(FAN_IN as u64).unwrap_or(0);
    let levels: BTreeSet<_> = runs.iter().map(|run| level(run)).collect();
    levels.into_iter().find_map(|wanted| {
        let mut stretches = runs.split(|run| level(run) > wanted || is_busy(run));
        stretches.find_map(|stretch| {
            let of_that_size = stretch.iter().enumerate().filter(|(_, run)| level(run) == wanted);
            of_that_size.map(|(at, _)| at).nth(FAN_IN - 1).and_then(|last| stretch.get(..=last))
        })
    })
}

/// The runs of a folder that count; all others are removed.
fn read_folder(folder: &Path) -> io::Result<Vec<Arc<Run>>> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        // What has another name is not ours.
        let Some(bounds) = path.file_name().and_then(|name| name.to_str()).and_then(bounds) else { continue };
        match Run::open(path.clone())?.filter(|run| bounds == (run.header().first, run.header().end)) {
            Some(run) => found.push(run),
            None => fs::remove_file(path)?,
        }
    }
    found.sort_by_key(|run| (run.header().first, std::cmp::Reverse(run.header().end)));
    let mut runs: Vec<Arc<Run>> = Vec::new();
    for run in found {
        let covered = runs.last().map_or(0, |run| run.header().end);
        match run.header().first == covered {
            true => runs.push(Arc::new(run)),
            // Merged into the one before, or behind a gap.
            false => fs::remove_file(run.path())?,
        }
    }
    Ok(runs)
}

/// What the name of a run says, or of one that was never finished and is then no run.
fn bounds(name: &str) -> Option<(u64, u64)> {
    let (first, end) = name.strip_suffix(UNFINISHED).unwrap_or(name).split_once('-')?;
    Some((first.parse().ok()?, end.parse().ok()?))
}

#[cfg(test)]
mod tests;
