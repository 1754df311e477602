//! Whether the texts that entries commit to are there: each one that is not withheld has its record in the entry's pack,
//! a text or a tombstone. Only the heads of records are looked at, so a start can afford it; `fsck` reads the texts too.

use std::collections::HashSet;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::{Digest, LeafHash};
use glasshouse_verifier::size::LeafIndex;

use crate::history::HistoryError;
use crate::pack::{PackError, pack_path, scan_beside_writer};
use crate::store::Store;

/// Compares the entries of one bundle with the heads of their pack. What lies behind the last whole record is not judged
/// here: it may be the torn end of a round that a stage still holds.
///
/// # Errors
///
/// [`HistoryError::TextMissing`] for the first entry that lacks one; [`HistoryError::Pack`].
pub(crate) fn check_there(
    store: &dyn Store,
    bundle: u64,
    entries: &[(LeafHash, Entry)],
) -> Result<(), HistoryError> {
    let mut there = None;
    for (index, (_, entry)) in (bundle * 256..).zip(entries) {
        let payload = entry.statement().payload();
        for (field, digest) in payload.addenda() {
            if payload.withheld().contains_key(field) {
                continue;
            }
            let there = match &mut there {
                Some(there) => there,
                // A pack of entries that serve no text need not exist.
                None => there.insert(records_of(store, bundle)?),
            };
            let held = LeafIndex::new(index).is_ok_and(|index| there.contains(&(index, *digest)));
            if !held {
                let (field, pack) = (field.to_string(), pack_path(bundle));
                return Err(HistoryError::TextMissing { index, field, pack });
            }
        }
    }
    Ok(())
}

/// Which texts of which entries a pack holds or held.
fn records_of(store: &dyn Store, pack: u64) -> Result<HashSet<(LeafIndex, Digest)>, PackError> {
    let records = scan_beside_writer(store, pack)?;
    Ok(records.into_iter().map(|record| (record.entry, record.digest)).collect())
}
