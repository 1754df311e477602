//! Whether the texts that entries commit to are there: each one that the log serves has its record in the entry's pack, a
//! text or a tombstone. Only the heads of records are looked at, and what is left behind the mark of one that is erased, so a start can
//! afford it; `fsck` reads the texts too.

use std::collections::HashSet;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::{Digest, LeafHash};
use glasshouse_verifier::size::LeafIndex;

use crate::history::HistoryError;
use crate::pack::scan_beside_writer;
use crate::store::Store;
use crate::tombstones::Tombstones;

/// A text that should have a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) index: LeafIndex,
    pub(crate) field: FieldName,
    pub(crate) digest: Digest,
}

/// What one pack has and has not.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Texts that their entries do not withhold, without a record. No fault if they were redacted, or lie staged.
    pub(crate) missing: Vec<Wanted>,
    /// Texts that their entries withhold, with a record: they were disclosed later.
    pub(crate) opened: Vec<(LeafIndex, Digest)>,
    /// Its tombstones, and marks.
    pub(crate) tombstones: Tombstones,
}

/// Compares the entries of one bundle with the heads of their pack. What lies behind the last whole record is not judged
/// here: it may be the torn end of a round that a stage still holds.
///
/// # Errors
///
/// [`HistoryError::Pack`].
pub(crate) fn look(
    store: &dyn Store,
    bundle: u64,
    entries: &[(LeafHash, Entry)],
) -> Result<Looked, HistoryError> {
    let records = scan_beside_writer(store, bundle)?;
    let mut looked = Looked { tombstones: Tombstones::of(store, &records)?, ..Looked::default() };
    let there: HashSet<(LeafIndex, Digest)> =
        records.iter().map(|record| (record.entry, record.digest)).collect();
    for (index, (_, entry)) in (bundle * 256..).zip(entries) {
        let Ok(index) = LeafIndex::new(index) else { break };
        let payload = entry.statement().payload();
        for (field, digest) in payload.addenda().iter() {
            let is_there = there.contains(&(index, *digest));
            match payload.withheld().contains_key(field) {
                true if is_there => looked.opened.push((index, *digest)),
                false if !is_there => looked.missing.push(Wanted { index, field: *field, digest: *digest }),
                _ => {}
            }
        }
    }
    Ok(looked)
}
