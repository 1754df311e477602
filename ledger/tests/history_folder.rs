//! The file `history` in a folder of plain files, whose stamps are those of the file system.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use glasshouse_ledger::file_store::FileStore;
use glasshouse_ledger::pack::scan_pack;
use glasshouse_ledger::store::Store;
use support::*;

/// When every file is old enough to have a stamp.
fn later() -> SystemTime {
    SystemTime::now() + Duration::from_secs(60)
}

/// A stamp is the file's own.
#[test]
fn a_folder_goes_on_from_it_as_long_as_its_files_are_the_same() {
    let scratch = tempfile::tempdir().unwrap();
    let pack = scratch.path().join("addenda-pack/000");
    {
        let store = Arc::new(FileStore::open(scratch.path()).unwrap().with_clock(later)) as Arc<dyn Store>;
        let (mut writer, reader) = enrolled(&store);
        publish(&mut writer, &reader, &(1..=260).map(decision).collect::<Vec<_>>());
        writer.settle().unwrap();
        writer.keep_history().unwrap();
    }
    let reopen = || {
        let store = Arc::new(FileStore::open(scratch.path()).unwrap().with_clock(later)) as Arc<dyn Store>;
        try_open(&store).map(|opened| opened.remarks)
    };
    assert_eq!(reopen().unwrap(), [""; 0]);
    let whole = std::fs::read(&pack).unwrap();
    // As a program does that restores files: another one in its place, with fewer texts.
    let scan = scan_pack(&FileStore::open_read_only(scratch.path()), 0).unwrap();
    let end = usize::try_from(scan[10].place.offset).unwrap();
    std::fs::write(scratch.path().join("restored"), &whole[..end]).unwrap();
    std::fs::rename(scratch.path().join("restored"), &pack).unwrap();
    let why = reopen().unwrap_err().to_string();
    assert!(why.contains("is not in addenda-pack/000"), "{why}");
    std::fs::write(&pack, &whole).unwrap();
    assert_eq!(reopen().unwrap(), [""; 0]);
}
