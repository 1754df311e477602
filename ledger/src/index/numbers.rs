//! Look-ups by number, in sled: an issuer and its number to the entry.
//!
//! sled keeps some 500 bytes in memory for each page, and sixteen records in one: a record for each number cost 30 MB for each
//! million, whatever its cache may take. Numbers come nearly in order, so that [`BLOCK`] of them stand in one record.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock};

use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;

use crate::embedded_state::make_private;
use crate::sled_lock::{is_held, open_when_free};

/// What the database's own cache may take, in bytes.
const CACHE_BYTES: u64 = 4 << 20;
/// The layout below; another number means: build it again.
const VERSION: &[u8] = b"2";

/// Numbers of one issuer that stand in one record: more would make the records of many issuers, who take turns, dear to write.
const BLOCK: u64 = 64;
/// What one of them takes: its place in the block, one byte, and its entry's index, big-endian.
const PLACE_BYTES: usize = 9;

/// The known numbers of a block by their place in it, with their entries' indexes.
type Block = BTreeMap<u8, u64>;

/// An entry as the look-ups by number need it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbered<'a> {
    /// Its place in the log.
    pub(super) index: u64,
    pub(super) iss: &'a Issuer,
    pub(super) sequence: Sequence,
}

/// The look-ups by number of one log.
#[derive(Debug)]
pub(super) struct Numbers {
    /// The issuer's number, four bytes, and its block's, eight, both big-endian, to the block.
    blocks: sled::Tree,
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
            Ok(Some(numbers)) => return Ok(numbers),
            Err(error) if is_held(&error) => return Err(error),
            Ok(None) | Err(_) => {}
        }
        // Damaged or of a former layout: nothing in it is worth more than the time to build it again.
        match std::fs::remove_dir_all(path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        open_when_free(open)?.ok_or_else(|| sled::Error::Unsupported("new look-ups are not empty".to_owned()))
    }

    /// Those of a ledger that lives in memory.
    pub(super) fn temporary() -> Result<Numbers, sled::Error> {
        let numbers = Numbers::of(&sled::Config::new().temporary(true).cache_capacity(CACHE_BYTES).open()?)?;
        numbers.ok_or_else(|| sled::Error::Unsupported("new look-ups are not empty".to_owned()))
    }

    /// Those of a database; `None` where it has another layout, or was being emptied.
    fn of(db: &sled::Db) -> Result<Option<Numbers>, sled::Error> {
        let numbers = Numbers {
            blocks: db.open_tree("sequence")?,
            issuers: db.open_tree("issuer")?,
            meta: db.open_tree("meta")?,
            writing: Mutex::default(),
            dropping: RwLock::default(),
        };
        match numbers.meta.get("version")?.as_deref() {
            Some(VERSION) => Ok(Some(numbers)),
            None if numbers.blocks.is_empty() => {
                numbers.clear()?;
                Ok(Some(numbers))
            }
            None | Some(_) => Ok(None),
        }
    }

    /// Drops everything.
    pub(super) fn clear(&self) -> Result<(), sled::Error> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let _unseen = self.dropping.write().unwrap_or_else(PoisonError::into_inner);
        // The mark goes first: half-emptied look-ups are then empty ones.
        self.meta.clear()?;
        self.blocks.clear()?;
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
        numbered: impl Iterator<Item = Numbered<'a>>,
        last: &LeafHash,
    ) -> Result<(), sled::Error> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let covered = self.size()?;
        if !stretch.contains(&covered) {
            return Ok(());
        }
        let mut issuers = HashMap::new();
        let mut blocks = BTreeMap::<_, Block>::new();
        for Numbered { index, iss, sequence } in numbered.filter(|entry| entry.index >= covered) {
            let issuer = match issuers.get(iss) {
                Some(known) => *known,
                None => *issuers.entry(iss).or_insert(self.issuer_number(iss)?),
            };
            let (block, place) = divide(sequence.get());
            blocks.entry(key(issuer, block)).or_default().insert(place, index);
        }
        let mut batch = sled::Batch::default();
        for (key, new) in blocks {
            let mut block = self.blocks.get(key)?.map(|bytes| parse(&bytes)).unwrap_or_default();
            block.extend(new);
            batch.insert(&key, encode(&block));
        }
        self.blocks.apply_batch(batch)?;
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
        let [from, to] = [first, last].map(|number| key(issuer, divide(number).0));
        let mut places = Vec::new();
        for pair in self.blocks.range(from..=to) {
            let (key, block) = pair?;
            let start = key.get(4..).map(number).unwrap_or_default().saturating_mul(BLOCK);
            for (place, index) in parse(&block) {
                if places.len() == most {
                    return Ok(Some(places));
                }
                let number = start.saturating_add(place.into());
                let found = Sequence::new(number).filter(|_| (first..=last).contains(&number));
                places.extend(found.zip(LeafIndex::new(index).ok()));
            }
        }
        Ok(Some(places))
    }
}

/// A number's block, and its place in it.
fn divide(number: u64) -> (u64, u8) {
    let [place, ..] = (number % BLOCK).to_le_bytes();
    (number / BLOCK, place)
}

/// The key of an issuer's block.
fn key(issuer: [u8; 4], block: u64) -> [u8; 12] {
    let mut key = [0; 12];
    key[..4].copy_from_slice(&issuer);
    key[4..].copy_from_slice(&block.to_be_bytes());
    key
}

fn parse(bytes: &[u8]) -> Block {
    let places = bytes.chunks_exact(PLACE_BYTES).map(|bytes| (bytes[0], number(&bytes[1..])));
    places.collect()
}

fn encode(block: &Block) -> Vec<u8> {
    let places = block.iter().flat_map(|(place, index)| [*place].into_iter().chain(index.to_be_bytes()));
    places.collect()
}

fn number(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_be_bytes)
}

#[cfg(test)]
mod tests;
