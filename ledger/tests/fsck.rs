//! What the checker finds: one damage at a time, and nothing where nothing is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::fsck::{FsckReport, fsck};
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::pack::{erase_text, scan_pack};
use glasshouse_ledger::store::Store;
use support::*;

/// 300 entries: a full tile, a partial one, and one above.
fn ledger() -> MemoryStore {
    let memory = Arc::new(MemoryStore::new());
    let store: Arc<dyn Store> = memory.clone();
    let (mut writer, reader) = enrolled(&store);
    let statements: Vec<_> = (1..=298).map(decision).collect();
    for part in statements.chunks(70) {
        publish(&mut writer, &reader, part);
    }
    writer.settle().unwrap();
    memory.after_kill()
}

fn check(store: &MemoryStore) -> FsckReport {
    fsck(store, signer().vkey()).unwrap()
}

/// The places of the findings after a change to a copy of the store.
fn after(store: &MemoryStore, change: impl FnOnce(&MemoryStore)) -> Vec<String> {
    let copy = store.after_kill();
    change(&copy);
    check(&copy).findings.into_iter().map(|finding| finding.place).collect()
}

#[test]
fn every_file_that_is_missing_or_flipped_is_found() {
    let store = ledger();
    let report = check(&store);
    assert!(report.is_clean(), "{:#?}", report.findings);
    assert_eq!((report.entries, report.withheld), (300, 298));
    let mut files = store.list("tile").unwrap();
    files.extend(store.list("addenda-pack").unwrap());
    files.extend(["checkpoint".to_owned(), "vkey".to_owned()]);
    assert!(files.len() >= 9, "{files:?}");
    for file in &files {
        let bytes = store.get(file).unwrap().unwrap();
        let missing = after(&store, |copy| copy.delete(file).unwrap());
        // A partial tile of an earlier size may be gone.
        let superseded = check_is_superseded(file);
        assert_eq!(missing.is_empty(), superseded, "{file} missing: {missing:?}");
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let found = after(&store, |copy| copy.put(file, &changed).unwrap());
            assert!(!found.is_empty(), "{file} flipped at {at}");
        }
        let found = after(&store, |copy| copy.put(file, &bytes[..bytes.len() - 1]).unwrap());
        assert!(!found.is_empty(), "{file} cut");
    }
}

/// Partial files of sizes before 300 that lie beside a wider partial one.
fn check_is_superseded(file: &str) -> bool {
    file.contains(".p/") && !file.ends_with(".p/44") && file != "tile/1/000.p/1"
}

#[test]
fn files_that_should_not_be_there_are_found() {
    let store = ledger();
    let beyond = after(&store, |copy| copy.put("tile/0/001.p/45", &[0; 45 * 32]).unwrap());
    assert_eq!(beyond, ["start", "tile/0/001.p/45"]);
    let strange = after(&store, |copy| copy.put("tile/9/notes.txt", b"x").unwrap());
    assert_eq!(strange, ["tile/9/notes.txt"]);
    let torn = after(&store, |copy| copy.put("stage/301-00", b"torn").unwrap());
    assert_eq!(torn, ["stage/301-00"]);
    // What the ledger did not write is no round that a start settles, and is not to be restored.
    let copy = store.after_kill();
    copy.put("stage/foo", b"x").unwrap();
    let report = check(&copy);
    let places: Vec<_> = report.findings.iter().map(|finding| finding.place.as_str()).collect();
    assert_eq!(
        (places.as_slice(), report.stages.as_slice()),
        (["stage/foo", "start"].as_slice(), [].as_slice())
    );
    assert!(report.findings[1].rule.ends_with("move it out of the folder"), "{:?}", report.findings[1]);
}

#[test]
fn a_text_that_is_gone_without_a_redaction_is_lost() {
    let store = ledger();
    let record = scan_pack(&store, 1).unwrap()[0];
    let erased = after(&store, |copy| erase_text(copy, &record).unwrap());
    assert_eq!(erased, [format!("entry {}", record.entry)]);
    let lost = after(&store, |copy| copy.delete("addenda-pack/001").unwrap());
    assert!(lost.iter().all(|place| place.starts_with("entry ")) && lost.len() > 44, "{lost:?}");
}

#[test]
fn a_state_that_is_not_the_published_tree_is_found() {
    let store = ledger();
    let (_, other) = {
        let other: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let opened = enrolled(&other);
        (opened, other.load_state().unwrap())
    };
    let glasshouse_ledger::store::StateCopy::Bytes(record) = other.plain else { panic!() };
    let places = after(&store, |copy| copy.reset_state(&record).unwrap());
    assert_eq!(places, ["start", "state", "state.sled"]);
    let places = after(&store, |copy| copy.reset_state(b"garbage").unwrap());
    assert_eq!(places, ["start", "state", "state.sled"]);
}
