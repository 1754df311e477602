//! Look-ups that follow the log and can be dropped: leaf hash, number, or digest of a text to the entry's index.
//!
//! Keys are short: eight bytes of a hash, then the index, so that equal beginnings stand side by side and a look-up
//! checks each of them against the entry itself. What the index says is never believed, only followed.
//!
//! Hashes come in no order, so each one costs a page of the database somewhere else, and the index may fall behind a busy log.
//! Numbers come in order and are cheap: whoever asks for one alone brings on these alone, ahead of the rest.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::{Digest, LeafHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;

use crate::embedded_state::make_private;
use crate::sled_lock::{is_held, open_when_free};
use crate::tree_files::{BUNDLE, TreeFiles, TreeFilesError};

/// What the index's own cache may take, in bytes.
const CACHE_BYTES: u64 = 16 << 20;
/// The layout below; another number means: build it again.
const VERSION: &[u8] = b"1";

/// Bundles that are followed before whoever waits has a turn: some tens of milliseconds.
const BUNDLES_AT_ONCE: u64 = 16;

/// The same where numbers alone are followed: more than the writer's longest round, so that what it repeats of the one before
/// is known.
const NUMBERED_AT_ONCE: u64 = 64;

/// The look-ups of one log.
#[derive(Debug, Clone)]
pub struct Index {
    leaves: sled::Tree,
    sequences: sled::Tree,
    addenda: sled::Tree,
    issuers: sled::Tree,
    meta: sled::Tree,
    /// Held by whoever follows the log.
    following: Arc<Mutex<()>>,
    /// Held by whoever writes numbers, also inside of `following`: two would give one number to two issuers.
    numbering: Arc<Mutex<()>>,
    /// How many entries have their numbers here since it was opened, where that is more than it covers: never kept, so that
    /// it is never of another log.
    numbered: Arc<AtomicU64>,
    /// How many wait for that.
    waiting: Arc<AtomicUsize>,
    /// Whether it was compared with the log since it was opened.
    follows: Arc<AtomicBool>,
}

/// What went wrong with the look-ups. None of it endangers the log.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The database.
    #[error("the look-up index: {0} (it can be deleted; it is built again from the log)")]
    Database(#[from] sled::Error),
    /// The files that it follows.
    #[error(transparent)]
    Files(#[from] TreeFilesError),
}

impl Index {
    /// Opens the index of a folder, or builds a new one where it is missing or cannot be read.
    pub fn open(path: &Path) -> Result<Index, IndexError> {
        let config = sled::Config::new().path(path).cache_capacity(CACHE_BYTES);
        let open = || {
            make_private(path)?;
            Index::of(&config.open()?)
        };
        match open_when_free(open) {
            Ok(index) => return Ok(index),
            Err(error) if is_held(&error) => return Err(error.into()),
            Err(_) => {}
        }
        // Damaged: nothing in it is worth more than the time to build it again.
        match std::fs::remove_dir_all(path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(sled::Error::Io(error).into()),
        }
        Ok(open()?)
    }

    /// An index in a temporary file, for ledgers that live in memory.
    pub fn temporary() -> Result<Index, IndexError> {
        let config = sled::Config::new().temporary(true).cache_capacity(CACHE_BYTES);
        Ok(Index::of(&config.open()?)?)
    }

    fn of(db: &sled::Db) -> Result<Index, sled::Error> {
        let index = Index {
            leaves: db.open_tree("leaf")?,
            sequences: db.open_tree("sequence")?,
            addenda: db.open_tree("addendum")?,
            issuers: db.open_tree("issuer")?,
            meta: db.open_tree("meta")?,
            following: Arc::default(),
            numbering: Arc::default(),
            numbered: Arc::default(),
            waiting: Arc::default(),
            follows: Arc::default(),
        };
        if index.meta.get("version")?.as_deref() != Some(VERSION) {
            index.clear()?;
        }
        Ok(index)
    }

    fn clear(&self) -> Result<(), sled::Error> {
        let _alone = self.numbering.lock().unwrap_or_else(PoisonError::into_inner);
        self.numbered.store(0, Ordering::Relaxed);
        // The mark goes first: a half-emptied index is then an empty one.
        self.meta.clear()?;
        for tree in [&self.leaves, &self.sequences, &self.addenda, &self.issuers] {
            tree.clear()?;
        }
        self.meta.insert("version", VERSION)?;
        Ok(())
    }

    /// How many entries it covers.
    pub fn size(&self) -> Result<u64, IndexError> {
        Ok(self.meta.get("size")?.map_or(0, |bytes| number(&bytes)))
    }

    /// Follows the log up to a published tree. Doing it twice, or again after dying half-way, gives the same index.
    pub fn catch_up(&self, files: &TreeFiles, head: &TreeHead) -> Result<(), IndexError> {
        while !self.catch_up_some(files, head)? {
            // A lock goes to whoever asks first, and that would be us again.
            while self.waiting.load(Ordering::Relaxed) > 0 {
                std::thread::yield_now();
            }
        }
        Ok(())
    }

    /// Follows the log by at most 4,096 entries, and says whether the index covers the tree now: what the writer can do
    /// between two rounds, however far behind the index is.
    pub fn catch_up_some(&self, files: &TreeFiles, head: &TreeHead) -> Result<bool, IndexError> {
        // One at a time: two would give one number to two issuers. Nothing is left half-done by a panic that the next
        // run would not do again.
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _alone = self.following.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        let size = head.size().get();
        let mut covered = self.size()?;
        // It may have been covered, and more, while we waited.
        if covered >= size && self.is_follower() {
            return Ok(true);
        }
        if !self.belongs_to(files, head)? {
            self.clear()?;
            covered = 0;
        }
        let end = size.min((covered / BUNDLE + BUNDLES_AT_ONCE) * BUNDLE);
        while covered < end {
            let bundle = covered / BUNDLE;
            let entries = files.entries(head.size(), bundle)?;
            let new = behind(&entries, covered);
            self.add(covered, new)?;
            covered += new.len() as u64;
            // The mark goes last: what lies beyond it is written again.
            self.meta.insert("size", &covered.to_be_bytes())?;
            if let Some(entry) = entries.last() {
                self.meta.insert("last", LeafHash::of_entry(entry).as_bytes())?;
            }
        }
        self.follows.store(true, Ordering::Relaxed);
        Ok(covered >= size)
    }

    /// Brings on the numbers alone by at most 16,384 entries, and says whether they cover the tree now.
    pub(crate) fn catch_up_numbers(&self, files: &TreeFiles, head: &TreeHead) -> Result<bool, IndexError> {
        if !self.is_follower() {
            // It may be the index of another log.
            return self.catch_up_some(files, head);
        }
        let _alone = self.numbering.lock().unwrap_or_else(PoisonError::into_inner);
        let size = head.size().get();
        let mut covered = self.size()?.max(self.numbered.load(Ordering::Relaxed));
        let end = size.min((covered / BUNDLE + NUMBERED_AT_ONCE) * BUNDLE);
        while covered < end {
            let entries = files.entries(head.size(), covered / BUNDLE)?;
            let new = behind(&entries, covered);
            let mut numbers = sled::Batch::default();
            for (index, bytes) in (covered..).zip(new) {
                let Ok(entry) = Entry::parse(bytes) else { continue };
                self.add_number(index, entry.statement(), &mut numbers)?;
            }
            self.sequences.apply_batch(numbers)?;
            covered += new.len() as u64;
            // They are written again when the rest follows.
            self.numbered.store(covered, Ordering::Relaxed);
        }
        Ok(covered >= size)
    }

    /// Whether this process has compared it with its log.
    fn is_follower(&self) -> bool {
        self.follows.load(Ordering::Relaxed)
    }

    /// Whether the last entry that it covers is the log's: an index of another log, or of a longer one, is dropped.
    fn belongs_to(&self, files: &TreeFiles, head: &TreeHead) -> Result<bool, IndexError> {
        let covered = self.size()?;
        if covered == 0 {
            return Ok(true);
        }
        let Some(last) = LeafIndex::new(covered - 1).ok().filter(|last| last.is_in(head.size())) else {
            return Ok(false);
        };
        let leaf = files.leaf_hash(head.size(), last)?;
        Ok(self.meta.get("last")?.is_some_and(|known| *known == *leaf.as_bytes()))
    }

    /// Writes the entries of one bundle from `first` on, a batch for each of the trees.
    fn add(&self, first: u64, entries: &[Vec<u8>]) -> Result<(), IndexError> {
        let alone = self.numbering.lock().unwrap_or_else(PoisonError::into_inner);
        let mut leaves = sled::Batch::default();
        let mut sequences = sled::Batch::default();
        let mut addenda = sled::Batch::default();
        for (index, bytes) in (first..).zip(entries) {
            let place = index.to_be_bytes();
            let leaf = LeafHash::of_entry(bytes);
            leaves.insert(join(&leaf.as_bytes()[..8], &place), &[]);
            // An entry that does not parse cannot be in a log of ours; fsck says so, a look-up passes it by.
            let Ok(entry) = Entry::parse(bytes) else { continue };
            let statement = entry.statement();
            self.add_number(index, statement, &mut sequences)?;
            for digest in statement.payload().addenda().values() {
                addenda.insert(join(&digest.as_bytes()[..8], &place), &[]);
            }
        }
        self.sequences.apply_batch(sequences)?;
        drop(alone);
        self.leaves.apply_batch(leaves)?;
        self.addenda.apply_batch(addenda)?;
        Ok(())
    }

    /// The number of one entry. Only under the lock of numbers.
    fn add_number(
        &self,
        index: u64,
        statement: &Statement,
        numbers: &mut sled::Batch,
    ) -> Result<(), IndexError> {
        let issuer = self.issuer_number(&statement.claims().iss)?;
        numbers.insert(join(&issuer, &statement.sequence().get().to_be_bytes()), &index.to_be_bytes());
        Ok(())
    }

    /// Four bytes that stand for an issuer in keys. Only under the lock of numbers.
    fn issuer_number(&self, iss: &Issuer) -> Result<[u8; 4], IndexError> {
        if let Some(known) = self.find_issuer(iss)? {
            return Ok(known);
        }
        let next = u32::try_from(self.issuers.len()).unwrap_or(u32::MAX).to_be_bytes();
        self.issuers.insert(iss.as_str(), &next)?;
        Ok(next)
    }

    fn find_issuer(&self, iss: &Issuer) -> Result<Option<[u8; 4]>, IndexError> {
        let known = self.issuers.get(iss.as_str())?;
        Ok(known.and_then(|bytes| bytes.as_ref().try_into().ok()))
    }

    /// The places whose leaf hash begins like this one.
    pub(crate) fn leaf_places(&self, leaf: &LeafHash) -> Result<Vec<LeafIndex>, IndexError> {
        places(&self.leaves, &leaf.as_bytes()[..8])
    }

    /// The places of entries that commit to a digest that begins like this one.
    pub(crate) fn addendum_places(&self, digest: &Digest) -> Result<Vec<LeafIndex>, IndexError> {
        places(&self.addenda, &digest.as_bytes()[..8])
    }

    /// The place of an issuer's number.
    pub(crate) fn sequence_place(
        &self,
        iss: &Issuer,
        sequence: Sequence,
    ) -> Result<Option<LeafIndex>, IndexError> {
        let Some(issuer) = self.find_issuer(iss)? else { return Ok(None) };
        let place = self.sequences.get(join(&issuer, &sequence.get().to_be_bytes()))?;
        Ok(place.and_then(|bytes| LeafIndex::new(number(&bytes)).ok()))
    }

    /// The places of an issuer's numbers from `first` to `last`, in the order of the numbers: the first `most`.
    pub(crate) fn sequence_places(
        &self,
        iss: &Issuer,
        first: u64,
        last: u64,
        most: usize,
    ) -> Result<Vec<(Sequence, LeafIndex)>, IndexError> {
        let Some(issuer) = self.find_issuer(iss)? else { return Ok(Vec::new()) };
        let (from, to) = (join(&issuer, &first.to_be_bytes()), join(&issuer, &last.to_be_bytes()));
        let mut places = Vec::new();
        for pair in self.sequences.range(from..=to).take(most) {
            let (key, place) = pair?;
            let sequence = key.get(4..).map(number).and_then(Sequence::new);
            places.extend(sequence.zip(LeafIndex::new(number(&place)).ok()));
        }
        Ok(places)
    }

    /// Forgets everything, so that it is built again: it was found to be wrong.
    pub(crate) fn forget(&self) -> Result<(), IndexError> {
        let _alone = self.following.lock().unwrap_or_else(PoisonError::into_inner);
        self.follows.store(false, Ordering::Relaxed);
        Ok(self.clear()?)
    }

    /// Whether it covers a tree of that size of the log that it was compared with.
    pub(crate) fn covers(&self, size: TreeSize) -> Result<bool, IndexError> {
        Ok(self.is_follower() && self.size()? >= size.get())
    }
}

/// The entries of a bundle behind those that are covered.
fn behind(bundle: &[Vec<u8>], covered: u64) -> &[Vec<u8>] {
    let skipped = usize::try_from(covered % BUNDLE).unwrap_or(usize::MAX);
    bundle.get(skipped..).unwrap_or_default()
}

fn join(a: &[u8], b: &[u8]) -> Vec<u8> {
    [a, b].concat()
}

fn number(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_be_bytes)
}

fn places(tree: &sled::Tree, prefix: &[u8]) -> Result<Vec<LeafIndex>, IndexError> {
    let mut places = Vec::new();
    for key in tree.scan_prefix(prefix).keys() {
        let key = key?;
        let place = key.get(8..).map(number).and_then(|index| LeafIndex::new(index).ok());
        places.extend(place);
    }
    Ok(places)
}
