//! The store of plain files: the contract, where files lie, who may open it, and what damage to it does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use glasshouse_ledger::file_store::FileStore;
use glasshouse_ledger::store::{StateCopy, Store, StoreError};
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

/// A store that takes its folder with it.
struct Scratch(FileStore, tempfile::TempDir);

impl Scratch {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self(FileStore::open(folder.path()).unwrap(), folder)
    }
}
impl std::ops::Deref for Scratch {
    type Target = FileStore;
    fn deref(&self) -> &FileStore {
        &self.0
    }
}

#[test]
fn keeps_the_contract() {
    let folders = tempfile::tempdir().unwrap();
    let next = AtomicU64::new(0);
    glasshouse_ledger::store_contract::run(|| {
        let number = next.fetch_add(1, Ordering::Relaxed).to_string();
        FileStore::open(&folders.path().join(number)).unwrap()
    });
}

#[test]
fn files_lie_where_their_addresses_say() {
    let store = Scratch::new();
    store.put("tile/0/000.p/1", b"t").unwrap();
    store.put_durable("stage/1-ab", b"s").unwrap();
    let on_disk = |name: &str| fs::read(store.1.path().join(name)).unwrap();
    assert_eq!(on_disk("public/tile/0/000.p/1"), b"t");
    assert_eq!(on_disk("stage/1-ab"), b"s");
    assert_eq!(fs::read_dir(store.1.path().join("tmp")).unwrap().count(), 0);
}

#[test]
fn a_second_writer_is_refused_and_a_reader_is_not() {
    let store = Scratch::new();
    store.put("checkpoint", b"c").unwrap();
    let refused = FileStore::open(store.1.path());
    assert!(matches!(refused, Err(StoreError::Held(_))));
    let reader = FileStore::open_read_only(store.1.path());
    assert_eq!(reader.get("checkpoint").unwrap().unwrap(), b"c");
    assert!(matches!(reader.put("checkpoint", b"d"), Err(StoreError::ReadOnly)));
    let Scratch(open, folder) = store;
    drop(open);
    FileStore::open(folder.path()).unwrap();
}

#[test]
fn state_is_there_after_opening_again() {
    let Scratch(store, folder) = Scratch::new();
    store.swap_state(None, b"one").unwrap();
    store.swap_state(Some(b"one"), b"two").unwrap();
    drop(store);
    let store = FileStore::open(folder.path()).unwrap();
    let two = StateCopy::Bytes(b"two".to_vec());
    let copies = store.load_state().unwrap();
    assert_eq!((&copies.embedded, &copies.plain), (&two, &two));
    store.swap_state(Some(b"two"), b"three").unwrap();
}
