//! The texts of one pack, read at once: for whoever goes through a whole log.

use std::collections::HashMap;

use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::size::LeafIndex;

use crate::pack::{HEAD_BYTES, PackError, PackRecord, PackText, pack_path, read_text, scan_beside_writer};
use crate::store::Store;

/// Packs up to so many bytes are held in memory; of larger ones each text is read by itself. 256 statements as large as
/// the European database takes them have some 5 MB.
const HELD_MAX: u64 = 16 << 20;

/// A pack, and the bytes of it if they are few.
pub struct PackTexts<'a> {
    store: &'a dyn Store,
    records: HashMap<(LeafIndex, Digest), PackRecord>,
    bytes: Vec<u8>,
}

impl<'a> PackTexts<'a> {
    /// Reads a pack, beside a writer perhaps; none is like an empty one.
    ///
    /// # Errors
    ///
    /// [`PackError::Store`].
    pub fn read(store: &'a dyn Store, pack: u64) -> Result<PackTexts<'a>, PackError> {
        let found = scan_beside_writer(store, pack)?;
        let end = found.iter().map(end).max().unwrap_or_default();
        let held = usize::try_from(end).ok().filter(|_| end <= HELD_MAX).unwrap_or_default();
        let bytes = match held {
            0 => Vec::new(),
            length => store.get_range(&pack_path(pack), 0, length)?.unwrap_or_default(),
        };
        let records = found.into_iter().map(|record| ((record.entry, record.digest), record)).collect();
        Ok(PackTexts { store, records, bytes })
    }

    /// A text of an entry; `None` if the pack never held it.
    ///
    /// # Errors
    ///
    /// As [`read_text`]: what is given out is what the digest says.
    pub fn text(&self, entry: LeafIndex, digest: &Digest) -> Result<Option<PackText>, PackError> {
        let Some(record) = self.records.get(&(entry, *digest)) else { return Ok(None) };
        if record.erased {
            return Ok(Some(PackText::Erased));
        }
        let start = usize::try_from(record.place.offset).ok().and_then(|start| start.checked_add(HEAD_BYTES));
        let end = usize::try_from(end(record)).ok();
        let held = start.zip(end).and_then(|(start, end)| self.bytes.get(start..end));
        match held.filter(|text| Digest::of(text) == *digest) {
            Some(text) => Ok(Some(PackText::Text(text.to_vec()))),
            // Not held, or erased while we read.
            None => read_text(self.store, record.place, digest).map(Some),
        }
    }
}

/// Where a record ends in its pack.
fn end(record: &PackRecord) -> u64 {
    record.place.offset + HEAD_BYTES as u64 + u64::from(record.place.length)
}
