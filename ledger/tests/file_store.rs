//! The store of plain files: the contract, where files lie, who may open it, and what damage to it does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use glasshouse_ledger::file_store::FileStore;
use glasshouse_ledger::store::{StateCopy, Store, StoreError};
use std::fs;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

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

/// What the writer relies on when it opens a damaged folder, for a damage to one file at a time.
mod damage {
    use super::*;
    use glasshouse_ledger::evidence::Evidence;
    use glasshouse_ledger::key_file::SecretKey;
    use glasshouse_ledger::log_signer::LogSigner;
    use glasshouse_ledger::recover::{Decision, decide};
    use glasshouse_ledger::right_edge::RightEdge;
    use glasshouse_ledger::state::StateRecord;
    use glasshouse_ledger::tile_writer::write_growth;
    use glasshouse_verifier::hash::LeafHash;
    use glasshouse_verifier::origin::Origin;
    use std::path::{Path, PathBuf};

    fn signer() -> LogSigner {
        let origin = Origin::parse("ledger.example").unwrap();
        LogSigner::new(origin, SecretKey::from_seed(&[1; 32])).unwrap()
    }

    /// A ledger of eight rounds in a folder, with every older state still somewhere in sled's files.
    fn ledger() -> (tempfile::TempDir, StateRecord) {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::open(folder.path()).unwrap();
        let (mut edge, mut old): (_, Option<StateRecord>) = (RightEdge::empty(), None);
        for round in 0..8u8 {
            let entry = [round];
            let growth = edge.grow([(LeafHash::of_entry(&entry), entry.as_slice())]).unwrap();
            edge = growth.edge().clone();
            let checkpoint = signer().sign(&edge.head(), 1).unwrap();
            let new = StateRecord::new(checkpoint, None, u64::from(round));
            store.swap_state(old.map(|old| old.encode()).as_deref(), &new.encode()).unwrap();
            write_growth(&store, &growth).unwrap();
            old = Some(new);
        }
        drop(store);
        (folder, old.unwrap())
    }

    fn files_below(folder: &Path) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files.extend(files_below(&path));
            } else {
                files.push(path);
            }
        }
        files.sort();
        files
    }

    fn copy(from: &Path, to: &Path) {
        for file in files_below(from) {
            let target = to.join(file.strip_prefix(from).unwrap());
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(&file, &target).unwrap();
        }
    }

    /// Opens a damaged folder: it must start on the right state, and be whole when opened again.
    #[track_caller]
    fn check(folder: &Path, right: &StateRecord, what: &str) {
        {
            let store = FileStore::open(folder).unwrap_or_else(|error| panic!("{what}: {error}"));
            let evidence = Evidence::collect(&store, signer().vkey(), vec![]).unwrap();
            let Decision::Clean(start) = decide(&evidence, &store) else { panic!("{what}") };
            assert_eq!(start.record, *right, "{what}");
            if start.reset_state {
                assert!(!start.remarks.is_empty(), "{what}");
                store.reset_state(&start.record.encode()).unwrap_or_else(|e| panic!("{what}: {e}"));
            }
            let copies = store.load_state().unwrap();
            assert_eq!(copies.embedded, StateCopy::Bytes(right.encode()), "{what}");
            assert_eq!(copies.plain, copies.embedded, "{what}");
        }
        let store = FileStore::open(folder).unwrap();
        let copies = store.load_state().unwrap();
        assert_eq!(copies.embedded, StateCopy::Bytes(right.encode()), "{what}: after opening again");
    }

    /// Folders that are damaged side by side: nearly all of the time is spent waiting for the disk.
    const SIDE_BY_SIDE: usize = 16;

    /// Damages one file after the other, in every way, at every `step`th offset, and checks what the folder then starts
    /// on.
    fn damage_every(step: usize, part: &str) -> usize {
        let (original, right) = ledger();
        let mut places = Vec::new();
        for file in files_below(original.path()) {
            let name = file.strip_prefix(original.path()).unwrap().to_owned();
            if name.starts_with(part) {
                let length = usize::try_from(fs::metadata(&file).unwrap().len()).unwrap();
                places.extend((0..length).step_by(step).map(|at| (name.clone(), at)));
            }
        }
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..SIDE_BY_SIDE {
                scope.spawn(|| {
                    let scratch = tempfile::tempdir().unwrap();
                    copy(original.path(), scratch.path());
                    while let Some((name, at)) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
                        damage_at(original.path(), scratch.path(), &right, name, *at);
                    }
                });
            }
        });
        2 * places.len()
    }

    /// Flips the byte at an offset of a file, and cuts the file off there.
    fn damage_at(original: &Path, scratch: &Path, right: &StateRecord, name: &Path, at: usize) {
        let bytes = fs::read(original.join(name)).unwrap();
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x41;
        for (kind, damaged) in [("flip", flipped.as_slice()), ("cut", &bytes[..at])] {
            if name.starts_with("state.sled") {
                fs::remove_dir_all(scratch.join("state.sled")).unwrap();
                copy(&original.join("state.sled"), &scratch.join("state.sled"));
            }
            fs::write(scratch.join(name), damaged).unwrap();
            check(scratch, right, &format!("{kind} of {} at {at}", name.display()));
        }
    }

    #[test]
    fn damage_to_the_state_file_is_outvoted() {
        let damages = damage_every(1, "state");
        assert!(damages > 600, "only {damages}");
    }

    /// Every offset of every file of sled, which takes half a minute on two cores; the environment variable `DAMAGE_STEP` asks for every so
    /// many only, where disks are slow: `DAMAGE_STEP=61 cargo test -p glasshouse-ledger --test file_store embedded`.
    #[test]
    fn damage_to_the_embedded_copy_is_outvoted() {
        let step = std::env::var("DAMAGE_STEP").map_or(1, |step| step.parse().unwrap());
        let damages = damage_every(step, "state.sled");
        println!("{damages} damages to sled's files");
        assert!(damages > 50, "only {damages}");
    }

    #[test]
    fn one_copy_missing_is_rebuilt_and_both_refuse() {
        let (original, right) = ledger();
        for gone in ["state", "state.sled"] {
            let scratch = tempfile::tempdir().unwrap();
            copy(original.path(), scratch.path());
            let path = scratch.path().join(gone);
            if path.is_dir() {
                fs::remove_dir_all(&path).unwrap()
            } else {
                fs::remove_file(&path).unwrap()
            }
            check(scratch.path(), &right, gone);
        }
        fs::remove_file(original.path().join("state")).unwrap();
        fs::remove_dir_all(original.path().join("state.sled")).unwrap();
        let store = FileStore::open(original.path()).unwrap();
        store.put("checkpoint", right.checkpoint().note_text().as_bytes()).unwrap();
        let evidence = Evidence::collect(&store, signer().vkey(), vec![]).unwrap();
        let Decision::Refuse(refusal) = decide(&evidence, &store) else { panic!() };
        assert!(refusal.to_string().contains("glasshouse adopt"), "{refusal}");
    }
}

#[test]
fn a_long_record_and_many_swaps_leave_sled_small_and_right() {
    let folder = tempfile::tempdir().unwrap();
    let mut last = vec![7; 300_000];
    {
        let store = FileStore::open(folder.path()).unwrap();
        store.swap_state(None, &last).unwrap();
        for number in 0..500_u32 {
            let next = [number.to_be_bytes().as_slice(), &[9; 700]].concat();
            store.swap_state(Some(&last), &next).unwrap();
            last = next;
        }
    }
    let store = FileStore::open(folder.path()).unwrap();
    assert_eq!(store.load_state().unwrap().embedded, StateCopy::Bytes(last));
    let size = std::fs::metadata(folder.path().join("state.sled/db")).unwrap().len();
    assert!(size < 4 << 20, "sled's file has {size} bytes");
}
