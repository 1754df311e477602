//! The texts of one bundle: each one that is committed to is served, withheld or erased, and there are no others.

use std::collections::BTreeMap;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::size::LeafIndex;

use super::FsckReport;
use crate::pack::{HEAD_BYTES, PackError, PackRecord, PackText, pack_path, read_text, scan_pack};
use crate::store::{Store, StoreError};

type Records = BTreeMap<(LeafIndex, Digest), PackRecord>;

/// Compares a pack with the statements of its 256 entries.
pub(super) fn check(
    store: &dyn Store,
    pack: u64,
    entries: &[(LeafIndex, Entry)],
    report: &mut FsckReport,
) -> Result<(), StoreError> {
    let found = match scan_pack(store, pack) {
        Ok(found) => found,
        Err(PackError::Store(error)) => return Err(error),
        Err(error) => {
            report.add(pack_path(pack), error);
            return Ok(());
        }
    };
    let mut records = Records::new();
    for record in found {
        if records.insert((record.entry, record.digest), record).is_some() {
            // Erasing would take one of them and leave the other.
            report.add(pack_path(pack), format!("holds the text {} twice", record.digest));
        }
    }
    for (index, entry) in entries {
        check_entry(store, *index, entry, &mut records, report)?;
    }
    for ((index, digest), _) in records {
        let rule = format!("holds a text {digest} that entry {index} does not serve");
        report.add(pack_path(pack), rule);
    }
    Ok(())
}

/// No byte of an erased text is left: an erasure that died half-way is to be done again, and a text whose mark was
/// damaged is none that was erased.
fn check_erased(
    store: &dyn Store,
    place: String,
    record: PackRecord,
    report: &mut FsckReport,
) -> Result<(), StoreError> {
    report.erased += 1;
    let length = usize::try_from(record.place.length).unwrap_or(usize::MAX);
    let offset = record.place.offset + HEAD_BYTES as u64;
    let left = store.get_range(&pack_path(record.place.pack), offset, length)?.unwrap_or_default();
    if left.iter().any(|byte| *byte != 0) {
        report
            .add(place, format!("the text {} is marked as erased, and bytes of it are left", record.digest));
    }
    Ok(())
}

/// Packs of entries that the tree does not have; while a stage lies they may be that round's.
pub(super) fn check_listed(
    store: &dyn Store,
    head: &TreeHead,
    report: &mut FsckReport,
) -> Result<(), StoreError> {
    let packs = head.size().get().div_ceil(256);
    for path in store.list("addenda-pack")? {
        let Some(pack) = pack_in(&path) else {
            report.add(path, "is no pack of texts");
            continue;
        };
        if pack >= packs && report.stages.is_empty() && !report.live {
            report.add(path, "lies beyond the published tree");
        }
    }
    Ok(())
}

/// The number in a pack's name; `None` for another spelling of it.
fn pack_in(path: &str) -> Option<u64> {
    let mut pack = 0_u64;
    for group in path.strip_prefix("addenda-pack/")?.split('/') {
        let group: u64 = group.trim_start_matches('x').parse().ok()?;
        pack = pack.checked_mul(1000)?.checked_add(group)?;
    }
    (pack_path(pack) == path).then_some(pack)
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
            Ok(PackText::Erased) => check_erased(store, place, record, report)?,
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
