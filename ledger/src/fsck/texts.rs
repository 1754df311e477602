//! The texts of every bundle: each one that is committed to is what the entries say became of it, and there are no others.

use std::collections::{BTreeMap, HashSet};

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::entry_state::TextState;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::tile::bundles_of;
use glasshouse_verifier::vkey::Vkey;

use super::FsckReport;
use super::entries::{self, Read};
use crate::erasures::record::ErasureRecord;
use crate::pack::{PackError, PackRecord, PackText, pack_path, read_text, scan_pack};
use crate::pack_eraser::is_empty;
use crate::store::{Store, StoreError};

/// Texts by their entries and digests.
pub(super) type Staged = HashSet<(LeafIndex, Digest)>;

/// What says what became of each text.
pub(super) struct Known {
    pub(super) read: Read,
    /// What the ledger has written down of erasing.
    pub(super) record: Option<ErasureRecord>,
    /// The last time that the ledger used, in milliseconds since 1970.
    pub(super) time_ms: u64,
    /// Texts of rounds that lie staged: they may be in their packs, and not be published.
    pub(super) staged: Staged,
}

/// A text that is not there although it is served, as far as the entries were read.
struct Suspect {
    index: LeafIndex,
    entry: Entry,
    field: FieldName,
    rule: String,
}

/// Compares every pack with the statements of its 256 entries.
pub(super) fn check(
    store: &dyn Store,
    log: &Vkey,
    head: &TreeHead,
    known: &mut Known,
    report: &mut FsckReport,
) -> Result<(), StoreError> {
    let mut suspects = Vec::new();
    for path in bundles_of(head.size()) {
        let entries = entries::parsed(store, path, report.live)?;
        check_pack(store, path.index(), &entries, known, &mut suspects, report)?;
    }
    if report.live && !suspects.is_empty() {
        // A redaction may have been published since, and carried out.
        let newest = store.get("checkpoint")?.and_then(|note| SignedCheckpoint::open(&note, log).ok());
        if let Some(newest) = newest {
            entries::go_on(store, newest.head().size(), &mut known.read)?;
        }
    }
    for suspect in suspects {
        let state = known.read.registry.state_of(suspect.entry.statement());
        match report.live && state.is_redacted(suspect.field) {
            true => report.erased += 1,
            false => report.add(format!("entry {}", suspect.index), suspect.rule),
        }
    }
    Ok(())
}

type Records = BTreeMap<(LeafIndex, Digest), PackRecord>;

fn check_pack(
    store: &dyn Store,
    pack: u64,
    entries: &[(LeafIndex, Entry)],
    known: &Known,
    suspects: &mut Vec<Suspect>,
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
            report.add(pack_path(pack), format!("holds the text {} twice", record.digest));
        }
    }
    for (index, entry) in entries {
        let payload = entry.statement().payload();
        let state = known.read.registry.state_of(entry.statement());
        for (field, digest) in payload.addenda().iter() {
            let key = (*index, *digest);
            let found = match state.text(payload, *field) {
                Some(TextState::Redacted(by)) => {
                    check_redacted(store, by, records.remove(&key), *field, known, report)?;
                    continue;
                }
                Some(TextState::Served | TextState::Disclosed(_)) => {
                    check_public(store, entry, *field, records.remove(&key))
                }
                // One that came all the same stays among the records, and is reported with them.
                Some(TextState::Withheld) | None => {
                    report.withheld += 1;
                    continue;
                }
            };
            match found {
                Ok(()) => report.served += 1,
                Err(Fault::Store(error)) => return Err(error),
                Err(Fault::Text(rule)) => {
                    suspects.push(Suspect { index: *index, entry: entry.clone(), field: *field, rule });
                }
            }
        }
    }
    for ((index, digest), _) in records {
        // The text of a round that waits for its publication.
        if known.staged.contains(&(index, digest)) {
            continue;
        }
        let rule = format!("holds a text {digest} that entry {index} does not serve");
        report.add(pack_path(pack), rule);
    }
    Ok(())
}

/// What is wrong with a text, or that it cannot be read.
enum Fault {
    Store(StoreError),
    Text(String),
}

/// A text that is served or was disclosed is there, and is the entry's.
fn check_public(
    store: &dyn Store,
    entry: &Entry,
    field: FieldName,
    record: Option<PackRecord>,
) -> Result<(), Fault> {
    let wrong = |rule: &dyn std::fmt::Display| Fault::Text(format!("the text {field}: {rule}"));
    let lost =
        || Fault::Text(format!("the text {field} is lost: no entry says that it is withheld or redacted"));
    let record = record.ok_or_else(lost)?;
    match read_text(store, record.place, &record.digest) {
        Ok(PackText::Erased) => Err(lost()),
        Ok(PackText::Text(bytes)) => {
            let text = Addendum::parse(&bytes).map_err(|error| wrong(&error))?;
            text.check_owner(entry.statement()).map_err(|error| wrong(&error))
        }
        Err(PackError::Store(error)) => Err(Fault::Store(error)),
        Err(error) => Err(wrong(&error)),
    }
}

/// No byte of a redacted text is left, unless its redaction is held. An erasure that died half-way is to be done again.
fn check_redacted(
    store: &dyn Store,
    by: LeafIndex,
    record: Option<PackRecord>,
    field: FieldName,
    known: &Known,
    report: &mut FsckReport,
) -> Result<(), StoreError> {
    let Some(record) = record else {
        // It was withheld, or dropped by whoever restored this pack.
        report.erased += 1;
        return Ok(());
    };
    let path = pack_path(record.place.pack);
    let is_gone = record.erased && is_empty(store, &path, &record)?;
    let is_held = known.record.as_ref().is_some_and(|record| record.is_held(by, known.time_ms));
    let place = format!("entry {}", record.entry);
    match record.erased {
        _ if is_gone => report.erased += 1,
        false if report.live || is_held => report.held += 1,
        true if report.live => report.held += 1,
        true => report.add(place, format!("the text {field} is marked as erased, and bytes of it are left")),
        false => {
            let rule = format!(
                "the text {field} was redacted by entry {by}, and its bytes are still there; the next start erases them"
            );
            report.add(place, rule);
        }
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
