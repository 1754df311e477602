//! The files of the static read side: none is missing, none is too much, and partial tiles are true.

use std::collections::BTreeMap;

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::tile::{BundlePath, Tile, TilePath};
use glasshouse_verifier::vkey::Vkey;

use super::FsckReport;
use crate::store::{Store, StoreError};

/// The files whose content never changes.
pub(super) fn check_fixed(store: &dyn Store, log: &Vkey, report: &mut FsckReport) -> Result<(), StoreError> {
    match store.get("addenda.v1")? {
        Some(bytes) if bytes.is_empty() => {}
        Some(_) => report.add("addenda.v1", "is not empty"),
        None => report.add("addenda.v1", "is missing"),
    }
    let vkey = format!("{}\n", log.encode());
    match store.get("vkey")? {
        Some(bytes) if bytes == vkey.as_bytes() => {}
        Some(_) => report.add("vkey", "is not this log's key"),
        None => report.add("vkey", "is missing"),
    }
    Ok(())
}

/// The partial files of the published size, and every file that lies under `tile/`.
pub(super) fn check_listed(
    store: &dyn Store,
    head: &TreeHead,
    expected: &BTreeMap<String, Vec<u8>>,
    report: &mut FsckReport,
) -> Result<(), StoreError> {
    for (path, bytes) in expected {
        match store.get(path)? {
            None if report.live => {}
            None => report.add(path.clone(), "is missing"),
            Some(found) if found != *bytes => {
                report.add(path.clone(), "is not what the entries give");
            }
            Some(_) => {}
        }
    }
    for path in store.list("tile")? {
        if !expected.contains_key(&path) {
            check_one(store, head, &path, report)?;
        }
    }
    Ok(())
}

/// A file that is no partial one of the published size: a full one inside the tree (compared before), or a partial one
/// of an earlier size, which then is the beginning of the file that has more.
fn check_one(
    store: &dyn Store,
    head: &TreeHead,
    path: &str,
    report: &mut FsckReport,
) -> Result<(), StoreError> {
    let size = head.size().get();
    let (level, index, width, full) = if let Ok(tile) = TilePath::parse(path) {
        (tile.level(), tile.index(), tile.width(), tile.full().encode())
    } else if let Ok(bundle) = BundlePath::parse(path) {
        (0, bundle.index(), bundle.width(), bundle.full().encode())
    } else {
        report.add(path, "is no file of a log");
        return Ok(());
    };
    let nodes = size >> (8 * u32::from(level)).min(63);
    let there = nodes.saturating_sub(index.saturating_mul(256)).min(256);
    if u64::from(width) > there {
        // A running server, or one that died, has files beyond the checkpoint while a stage lies.
        if report.stages.is_empty() && !report.live {
            report.add(path, "lies beyond the published tree");
        }
        return Ok(());
    }
    if width == 256 {
        return Ok(());
    }
    let wider = if there == 256 { full } else { format!("{full}.p/{there}") };
    let narrow = store.get(path)?.unwrap_or_default();
    let wide = store.get(&wider)?.unwrap_or_default();
    let whole = match path.starts_with("tile/entries/") {
        true => parse_bundle(&narrow, width).is_ok(),
        false => Tile::parse(&narrow, width).is_ok(),
    };
    let true_to_it = whole && wide.starts_with(&narrow);
    if !true_to_it && !report.live {
        report.add(path, format!("is not the beginning of {wider}"));
    }
    Ok(())
}
