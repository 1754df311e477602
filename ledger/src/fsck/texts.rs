//! The texts of one bundle: each one that is committed to is served, withheld or erased, and there are no others.

use std::collections::BTreeMap;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::size::LeafIndex;

use super::FsckReport;
use crate::pack::{PackError, PackRecord, PackText, pack_path, read_text, scan_pack};
use crate::store::{Store, StoreError};

type Records = BTreeMap<(LeafIndex, Digest), PackRecord>;

/// Compares a pack with the statements of its 256 entries.
pub(super) fn check(
    store: &dyn Store,
    pack: u64,
    entries: &[(LeafIndex, Entry)],
    report: &mut FsckReport,
) -> Result<(), StoreError> {
    let mut records: Records = match scan_pack(store, pack) {
        Ok(records) => records.into_iter().map(|record| ((record.entry, record.digest), record)).collect(),
        Err(PackError::Store(error)) => return Err(error),
        Err(error) => {
            report.add(pack_path(pack), error);
            return Ok(());
        }
    };
    for (index, entry) in entries {
        check_entry(store, *index, entry, &mut records, report)?;
    }
    for ((index, digest), _) in records {
        let rule = format!("holds a text {digest} that entry {index} does not serve");
        report.add(pack_path(pack), rule);
    }
    Ok(())
}

fn check_entry(
    store: &dyn Store,
    index: LeafIndex,
    entry: &Entry,
    records: &mut Records,
    report: &mut FsckReport,
) -> Result<(), StoreError> {
    let statement = entry.statement();
    let payload = statement.payload();
    for (field, digest) in payload.addenda() {
        let place = format!("entry {index}");
        if payload.withheld().contains_key(field) {
            // A text that came all the same stays among the records, and is reported with them.
            report.withheld += 1;
            continue;
        }
        let Some(record) = records.remove(&(index, *digest)) else {
            report.add(place, format!("the text {field} is neither served, withheld nor erased"));
            continue;
        };
        match read_text(store, record.place, digest) {
            Ok(PackText::Erased) => report.erased += 1,
            Ok(PackText::Text(bytes)) => {
                report.served += 1;
                let owned = Addendum::parse(&bytes)
                    .map_err(|error| error.to_string())
                    .and_then(|text| text.check_owner(statement).map_err(|error| error.to_string()));
                if let Err(rule) = owned {
                    report.add(place, format!("the text {field}: {rule}"));
                }
            }
            Err(PackError::Store(error)) => return Err(error),
            Err(error) => report.add(place, format!("the text {field}: {error}")),
        }
    }
    Ok(())
}
