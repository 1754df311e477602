//! Look-ups that follow the log and can be dropped: leaf hash, number, or digest of a text to the entry's index.
//!
//! What they say is never believed, only followed: whoever asks checks each place against the entry itself.
//!
//! Numbers come in order, and stand in sled. Hashes come in no order, so that in a tree of pages each one would cost a page of
//! its own; they stand in sorted runs. Whoever asks for a number alone waits for numbers alone, which may be ahead of the rest.

mod followed_entry;
mod hashes;
mod lasting_numbers;
mod merge;
mod numbers;
mod run;
mod run_folder;

use std::io;
use std::num::NonZeroU64;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use glasshouse_verifier::hash::{Digest, LeafHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::{LeafIndex, TreeSize};

use crate::embedded_state::make_private;
use crate::fair_lock::FairLock;
use crate::tree_files::{BUNDLE, TreeFiles, TreeFilesError};
use followed_entry::{FollowedEntry, followed_entries};
use hashes::{Hashed, Hashes, Kind};
use lasting_numbers::LastingNumbers;
use numbers::Numbers;
use run_folder::is_out_of_files;

/// Bundles that are followed before whoever waits has a turn: some tens of milliseconds.
const BUNDLES_AT_ONCE: u64 = 16;

/// The same where numbers alone are followed: more than the writer's longest round, so that what it repeats of the one before
/// is known.
const NUMBERED_AT_ONCE: u64 = 64;

/// How often somebody is asked whose look-ups are dropped meanwhile.
const ASKED_MAX: u32 = 4;

/// Where all look-ups stood once, in the folder of the ledger.
const FORMER: &str = "index.sled";

/// The look-ups of one log.
#[derive(Debug, Clone)]
pub struct Index {
    numbers: Arc<LastingNumbers>,
    hashes: Arc<Hashes>,
    /// Held by whoever follows the log.
    following: Arc<FairLock>,
    /// Whether it was compared with the log since it was opened.
    follows: Arc<AtomicBool>,
}

/// What went wrong with the look-ups. None of it endangers the log.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The database.
    #[error("the look-ups by number: {0}; they are built again from the log when that is possible")]
    Database(#[from] sled::Error),
    /// The runs.
    #[error("the look-ups by hash: {0}; they are built again from the log when that is possible")]
    Runs(#[from] io::Error),
    /// The files that they follow.
    #[error(transparent)]
    Files(#[from] TreeFilesError),
    /// They were dropped, all or in part, and lack more of the tree than a step brings.
    #[error("the look-ups are being built: {covered} of {size} entries are covered")]
    Behind {
        /// The entries that they cover.
        covered: u64,
        /// Those of the tree.
        size: u64,
    },
}

impl Index {
    /// Opens the look-ups of a folder, or builds new ones where they are missing or cannot be read.
    pub fn open(path: &Path) -> Result<Index, IndexError> {
        Index::open_with(path, None)
    }

    /// The same with runs of so many entries: the logs of tests have runs too, then.
    #[doc(hidden)]
    pub fn open_with_runs_of(path: &Path, entries: NonZeroU64) -> Result<Index, IndexError> {
        Index::open_with(path, Some(entries))
    }

    fn open_with(path: &Path, run_entries: Option<NonZeroU64>) -> Result<Index, IndexError> {
        let runs = path.join("hashes");
        let open = || {
            make_private(&runs)?;
            Ok(Hashes::open(runs.clone(), run_entries)?)
        };
        let hashes = open().or_else(|error: IndexError| match error {
            IndexError::Runs(error) if is_out_of_files(&error) => Err(IndexError::Runs(error)),
            // Nothing in there is worth more than the time to build it again.
            _ => {
                let removed = std::fs::remove_dir_all(&runs).or_else(|_| std::fs::remove_file(&runs));
                removed.map_err(IndexError::from).and_then(|()| open())
            }
        })?;
        let index = Index::of(LastingNumbers::open(path.join("numbers.sled"))?, hashes);
        // Where it cannot be removed it takes room, and nothing else.
        let _ = std::fs::remove_dir_all(path.with_file_name(FORMER));
        Ok(index)
    }

    /// Look-ups that go with the process, for ledgers that live in memory.
    pub fn temporary() -> Result<Index, IndexError> {
        Ok(Index::of(LastingNumbers::temporary()?, Hashes::in_memory()))
    }

    fn of(numbers: LastingNumbers, hashes: Hashes) -> Index {
        Index {
            numbers: Arc::new(numbers),
            hashes: Arc::new(hashes),
            following: Arc::default(),
            follows: Arc::default(),
        }
    }

    /// How many entries all of them cover.
    pub fn size(&self) -> Result<u64, IndexError> {
        Ok(self.numbers.ask(Numbers::size)?.min(self.hashes.size()))
    }

    /// Follows the log up to a published tree. Doing it twice, or again after dying half-way, gives the same index.
    pub fn catch_up(&self, files: &TreeFiles, head: &TreeHead) -> Result<(), IndexError> {
        while !self.catch_up_some(files, head)? {}
        Ok(())
    }

    /// Follows the log by at most 4,096 entries, and says whether the index covers the tree now: what the writer can do
    /// between two rounds, however far behind the index is.
    pub fn catch_up_some(&self, files: &TreeFiles, head: &TreeHead) -> Result<bool, IndexError> {
        // Nothing is left half-done by a panic that the next run would not do again.
        let _alone = self.following.lock();
        self.numbers.renew()?;
        self.hashes.keep_while(|run| Ok::<_, IndexError>(!run.is_damaged()))?;
        if !self.is_follower() {
            self.compare(files, head)?;
        }
        let size = head.size().get();
        let mut covered = self.size()?;
        let end = size.min(step_end(covered, BUNDLES_AT_ONCE));
        while covered < end {
            covered = self.add(files, head, covered)?;
        }
        // A run may have been found to be damaged.
        Ok(self.size()? >= size)
    }

    /// Brings on the numbers alone by at most 16,384 entries, and says whether they cover the tree now.
    pub(crate) fn catch_up_numbers(&self, files: &TreeFiles, head: &TreeHead) -> Result<bool, IndexError> {
        if !self.is_follower() {
            // It may be the index of another log.
            return self.catch_up_some(files, head);
        }
        self.numbers.renew()?;
        let size = head.size().get();
        let mut covered = self.numbers.ask(Numbers::size)?;
        let end = size.min(step_end(covered, NUMBERED_AT_ONCE));
        while covered < end {
            let entries = files.entries(head.size(), covered / BUNDLE)?;
            let read = followed_entries(&entries, covered);
            let Some(last) = read.last() else { break };
            let stretch = covered..last.index + 1;
            covered = stretch.end;
            self.add_numbers(stretch, &read, &last.leaf)?;
        }
        Ok(covered >= size)
    }

    /// Whether this process has compared it with its log.
    fn is_follower(&self) -> bool {
        self.follows.load(Ordering::Relaxed)
    }

    /// Goes on with what keeps the look-ups few and quick, by a bounded step, and says whether more is left: for whoever has
    /// nothing to follow.
    pub(crate) fn tend(&self) -> Result<bool, IndexError> {
        Ok(self.hashes.tend()?)
    }

    /// Drops look-ups of another log, or of a longer one: those whose last entry is not the log's.
    fn compare(&self, files: &TreeFiles, head: &TreeHead) -> Result<(), IndexError> {
        let belongs = |end: u64, last: Option<LeafHash>| -> Result<bool, IndexError> {
            let place = end.checked_sub(1).and_then(|last| LeafIndex::new(last).ok());
            match place {
                None => Ok(end == 0),
                Some(place) if !place.is_in(head.size()) => Ok(false),
                Some(place) => Ok(last == Some(files.leaf_hash(head.size(), place)?)),
            }
        };
        if !belongs(self.numbers.ask(Numbers::size)?, self.numbers.ask(Numbers::last)?)? {
            self.numbers.ask(Numbers::clear)?;
        }
        self.hashes.keep_while(|run| belongs(run.header().end, Some(run.header().last)))?;
        self.follows.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn add_numbers(
        &self,
        stretch: Range<u64>,
        read: &[FollowedEntry],
        last: &LeafHash,
    ) -> Result<(), IndexError> {
        let numbered = read.iter().filter_map(FollowedEntry::numbered);
        Ok(self.numbers.ask(|numbers| numbers.add(stretch, numbered, last))?)
    }

    /// Takes in one bundle's entries from `first` on, and says where they end.
    fn add(&self, files: &TreeFiles, head: &TreeHead, first: u64) -> Result<u64, IndexError> {
        let entries = files.entries(head.size(), first / BUNDLE)?;
        let read = followed_entries(&entries, first);
        let Some(last) = read.last() else { return Ok(first) };
        let end = last.index + 1;
        self.add_numbers(first..end, &read, &last.leaf)?;
        let covered = self.hashes.size();
        let hashed = |entry: &FollowedEntry| Hashed { leaf: entry.leaf, addenda: entry.addenda().to_vec() };
        let new: Vec<_> = read.iter().filter(|entry| entry.index >= covered).map(hashed).collect();
        self.hashes.add(covered, &new)?;
        Ok(end)
    }

    /// What `look` finds by hash, for which the look-ups are brought on by a bounded step first; and again where some of that was
    /// damaged, or dropped meanwhile. [`IndexError::Behind`] where a step does not do: nobody who asks builds them.
    pub(crate) fn ask<T>(
        &self,
        files: &TreeFiles,
        head: &TreeHead,
        look: impl Fn(&Index) -> Result<T, IndexError>,
    ) -> Result<T, IndexError> {
        let size = head.size().get();
        let covered = || if self.is_follower() { self.hashes.size() } else { 0 };
        let bring_on = || {
            if covered() < size && self.is_near(size)? {
                self.catch_up_some(files, head)?;
            }
            reached(covered(), size)
        };
        self.ask_covered(bring_on, look)
    }

    /// The same for what is found by number: numbers alone are brought on.
    pub(crate) fn ask_by_number<T>(
        &self,
        files: &TreeFiles,
        head: &TreeHead,
        look: impl Fn(&Index) -> Result<T, IndexError>,
    ) -> Result<T, IndexError> {
        let size = head.size().get();
        let bring_on = || {
            let known = self.numbers.ask(Numbers::size)?;
            let is_near = step_end(known, NUMBERED_AT_ONCE) >= size;
            if !self.is_follower() || (known < size && is_near) {
                self.catch_up_numbers(files, head)?;
            }
            reached(self.numbers.ask(Numbers::size)?, size)
        };
        self.ask_covered(bring_on, look)
    }

    /// The same, however long it takes to cover the tree: for whoever starts, and has nobody waiting.
    pub(crate) fn ask_whole<T>(
        &self,
        files: &TreeFiles,
        head: &TreeHead,
        look: impl Fn(&Index) -> Result<T, IndexError>,
    ) -> Result<T, IndexError> {
        let bring_on = || if self.covers(head.size())? { Ok(()) } else { self.catch_up(files, head) };
        self.ask_covered(bring_on, look)
    }

    fn ask_covered<T>(
        &self,
        bring_on: impl Fn() -> Result<(), IndexError>,
        look: impl Fn(&Index) -> Result<T, IndexError>,
    ) -> Result<T, IndexError> {
        let mut tries = 1..ASKED_MAX;
        loop {
            bring_on()?;
            match look(self) {
                Err(IndexError::Runs(_) | IndexError::Behind { .. }) if tries.next().is_some() => {}
                told => return told,
            }
        }
    }

    /// Whether a step, or less, covers a tree of that size.
    pub(crate) fn is_near(&self, size: u64) -> Result<bool, IndexError> {
        Ok(!self.is_follower() || step_end(self.size()?, BUNDLES_AT_ONCE) >= size)
    }

    /// The places of the entries with that leaf hash, and of others by chance; [`IndexError::Behind`] while no tree of that size is
    /// covered.
    pub(crate) fn leaf_places(
        &self,
        leaf: &LeafHash,
        covering: TreeSize,
    ) -> Result<Vec<LeafIndex>, IndexError> {
        let places = self.hashes.places(Kind::Leaf, leaf.as_bytes(), covering.get())?;
        places.ok_or_else(|| behind(self.hashes.size(), covering.get()))
    }

    /// The same for entries that commit to a text with that digest.
    pub(crate) fn addendum_places(
        &self,
        digest: &Digest,
        covering: TreeSize,
    ) -> Result<Vec<LeafIndex>, IndexError> {
        let places = self.hashes.places(Kind::Addendum, digest.as_bytes(), covering.get())?;
        places.ok_or_else(|| behind(self.hashes.size(), covering.get()))
    }

    /// The place of an issuer's number, in the same way.
    pub(crate) fn sequence_place(
        &self,
        iss: &Issuer,
        sequence: Sequence,
        covering: TreeSize,
    ) -> Result<Option<LeafIndex>, IndexError> {
        let found = self.sequence_places(iss, sequence.get(), sequence.get(), 1, covering)?;
        Ok(found.first().map(|(_, place)| *place))
    }

    /// The places of an issuer's numbers from `first` to `last`, in the order of the numbers: the first `most`.
    pub(crate) fn sequence_places(
        &self,
        iss: &Issuer,
        first: u64,
        last: u64,
        most: usize,
        covering: TreeSize,
    ) -> Result<Vec<(Sequence, LeafIndex)>, IndexError> {
        match self.numbers.ask(|numbers| numbers.places(iss, first, last, most, covering.get()))? {
            Some(places) => Ok(places),
            None => Err(behind(self.numbers.ask(Numbers::size)?, covering.get())),
        }
    }

    /// Forgets all numbers, so that they are built again: they were found to be wrong.
    pub(crate) fn forget_numbers(&self) -> Result<(), IndexError> {
        let _alone = self.following.lock();
        Ok(self.numbers.ask(Numbers::clear)?)
    }

    /// Whether it covers a tree of that size of the log that it was compared with.
    pub(crate) fn covers(&self, size: TreeSize) -> Result<bool, IndexError> {
        Ok(self.is_follower() && self.size()? >= size.get())
    }
}

/// How far a step goes that begins there, and follows so many bundles.
fn step_end(covered: u64, bundles: u64) -> u64 {
    (covered / BUNDLE + bundles) * BUNDLE
}

fn behind(covered: u64, size: u64) -> IndexError {
    IndexError::Behind { covered: covered.min(size), size }
}

fn reached(covered: u64, size: u64) -> Result<(), IndexError> {
    if covered < size { Err(behind(covered, size)) } else { Ok(()) }
}
