//! Look-ups by number, in sled: an issuer and its number to the entry. Numbers come in order, so that few pages change.

use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock};

use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;

use crate::embedded_state::make_private;
use crate::sled_lock::{is_held, open_when_free};

/// What the database's own cache may take, in bytes.
const CACHE_BYTES: u64 = 4 << 20;
/// The layout below; another number means: build it again.
const VERSION: &[u8] = b"1";

/// The look-ups by number of one log.
#[derive(Debug)]
pub(super) struct Numbers {
    sequences: sled::Tree,
    issuers: sled::Tree,
    meta: sled::Tree,
    /// Held by whoever writes: two would give one number to two issuers. Nothing is left half done by a panic that the next one
    /// would not do again.
    writing: Mutex<()>,
    /// Held by whoever drops them, and shared by those who look, so that nobody takes half-emptied look-ups for the whole.
    dropping: RwLock<()>,
}

impl Numbers {
    /// Those of a folder, or new ones where they are missing or cannot be read.
    pub(super) fn open(path: &Path) -> Result<Numbers, sled::Error> {
        let config = sled::Config::new().path(path).cache_capacity(CACHE_BYTES);
        let open = || {
            make_private(path)?;
            Numbers::of(&config.open()?)
        };
        match open_when_free(open) {
            Ok(numbers) => return Ok(numbers),
            Err(error) if is_held(&error) => return Err(error),
            Err(_) => {}
        }
        // Damaged: nothing in it is worth more than the time to build it again.
        match std::fs::remove_dir_all(path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        open()
    }

    /// Those of a ledger that lives in memory.
    pub(super) fn temporary() -> Result<Numbers, sled::Error> {
        Numbers::of(&sled::Config::new().temporary(true).cache_capacity(CACHE_BYTES).open()?)
    }

    fn of(db: &sled::Db) -> Result<Numbers, sled::Error> {
        let numbers = Numbers {
            sequences: db.open_tree("sequence")?,
            issuers: db.open_tree("issuer")?,
            meta: db.open_tree("meta")?,
            writing: Mutex::default(),
            dropping: RwLock::default(),
        };
        if numbers.meta.get("version")?.as_deref() != Some(VERSION) {
            numbers.clear()?;
        }
        Ok(numbers)
    }

    /// Drops everything.
    pub(super) fn clear(&self) -> Result<(), sled::Error> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let _unseen = self.dropping.write().unwrap_or_else(PoisonError::into_inner);
        // The mark goes first: half-emptied look-ups are then empty ones.
        self.meta.clear()?;
        self.sequences.clear()?;
        self.issuers.clear()?;
        self.meta.insert("version", VERSION)?;
        Ok(())
    }

    /// How many entries it covers.
    pub(super) fn size(&self) -> Result<u64, sled::Error> {
        Ok(self.meta.get("size")?.map_or(0, |bytes| number(&bytes)))
    }

    /// The leaf hash of the last entry that it covers.
    pub(super) fn last(&self) -> Result<Option<LeafHash>, sled::Error> {
        let last = self.meta.get("last")?;
        Ok(last.and_then(|bytes| bytes.as_ref().try_into().ok()).map(LeafHash::from_bytes))
    }

    /// Takes in the numbers of the entries of a stretch of the log, whose last one has that leaf hash. Those that are there are
    /// passed by; behind a gap nothing is taken.
    pub(super) fn add<'a>(
        &self,
        stretch: Range<u64>,
        statements: impl Iterator<Item = (u64, &'a Statement)>,
        last: &LeafHash,
    ) -> Result<(), sled::Error> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let covered = self.size()?;
        if !stretch.contains(&covered) {
            return Ok(());
        }
        let mut numbers = sled::Batch::default();
        for (index, statement) in statements.filter(|(index, _)| *index >= covered) {
            let issuer = self.issuer_number(&statement.claims().iss)?;
            numbers.insert(join(&issuer, &statement.sequence().get().to_be_bytes()), &index.to_be_bytes());
        }
        self.sequences.apply_batch(numbers)?;
        // The mark goes last: what lies beyond it is written again.
        let mut mark = sled::Batch::default();
        mark.insert("size", &stretch.end.to_be_bytes());
        mark.insert("last", last.as_bytes());
        self.meta.apply_batch(mark)
    }

    /// Four bytes that stand for an issuer in keys. Only for whoever writes.
    fn issuer_number(&self, iss: &Issuer) -> Result<[u8; 4], sled::Error> {
        if let Some(known) = self.find_issuer(iss)? {
            return Ok(known);
        }
        let next = u32::try_from(self.issuers.len()).unwrap_or(u32::MAX).to_be_bytes();
        self.issuers.insert(iss.as_str(), &next)?;
        Ok(next)
    }

    fn find_issuer(&self, iss: &Issuer) -> Result<Option<[u8; 4]>, sled::Error> {
        let known = self.issuers.get(iss.as_str())?;
        Ok(known.and_then(|bytes| bytes.as_ref().try_into().ok()))
    }

    /// The places of an issuer's numbers from `first` to `last`, in the order of the numbers: the first `most`; `None` while fewer
    /// entries are covered than that.
    pub(super) fn places(
        &self,
        iss: &Issuer,
        first: u64,
        last: u64,
        most: usize,
        covering: u64,
    ) -> Result<Option<Vec<(Sequence, LeafIndex)>>, sled::Error> {
        let _seen = self.dropping.read().unwrap_or_else(PoisonError::into_inner);
        if self.size()? < covering {
            return Ok(None);
        }
        let Some(issuer) = self.find_issuer(iss)? else { return Ok(Some(Vec::new())) };
        let (from, to) = (join(&issuer, &first.to_be_bytes()), join(&issuer, &last.to_be_bytes()));
        let mut places = Vec::new();
        for pair in self.sequences.range(from..=to).take(most) {
            let (key, place) = pair?;
            let sequence = key.get(4..).map(number).and_then(Sequence::new);
            places.extend(sequence.zip(LeafIndex::new(number(&place)).ok()));
        }
        Ok(Some(places))
    }
}

fn join(a: &[u8], b: &[u8]) -> Vec<u8> {
    [a, b].concat()
}

fn number(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_be_bytes)
}
