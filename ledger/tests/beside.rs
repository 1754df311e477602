//! Readers beside the writer: whatever they see is whole, proved, and never goes back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use glasshouse_ledger::file_store::FileStore;
use glasshouse_ledger::reader::{AddendumState, Reader};
use glasshouse_ledger::store::Store;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::size::TreeSize;
use support::*;

/// Looks at the newest entry in every way, until it is told to stop; how often it saw a new tree.
fn look(reader: &Reader, done: &AtomicBool) -> usize {
    let mut last = TreeSize::ZERO;
    let mut trees = 0;
    while !done.load(Ordering::Relaxed) {
        let checkpoint = SignedCheckpoint::open(reader.checkpoint_note().as_bytes(), reader.vkey()).unwrap();
        let size = checkpoint.head().size();
        assert!(size >= last, "a published tree went back");
        let proved = reader.prove_consistency(last, size).unwrap();
        assert_eq!(proved.new.0, *checkpoint.head());
        trees += usize::from(size > last);
        last = size;
        let newest = size.last().unwrap();
        let entry = reader.entry(newest).unwrap().unwrap();
        assert_eq!(reader.find(&entry.leaf_hash()).unwrap(), Some(newest));
        assert_eq!(reader.prove_inclusion(newest, size).unwrap().leaf, entry.leaf_hash());
        reader.receipt(newest).unwrap().unwrap();
        let payload = entry.statement().payload();
        for (field, digest) in payload.addenda().iter() {
            match reader.addendum(digest).unwrap() {
                AddendumState::Served { bytes, .. } => assert_eq!(Digest::of(&bytes), *digest),
                AddendumState::Withheld { .. } => assert!(payload.withheld().contains_key(field)),
                other => panic!("{other:?}"),
            }
        }
    }
    trees
}

#[test]
fn readers_see_only_whole_trees_while_the_writer_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(FileStore::open(folder.path()).unwrap());
    let (mut writer, reader) = enrolled(&store);
    let statements: Vec<_> = (1..=700).map(decision).collect();
    let done = AtomicBool::new(false);
    let trees = thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                let (reader, done) = (reader.clone(), &done);
                scope.spawn(move || look(&reader, done))
            })
            .collect();
        for (round, part) in statements.chunks(13).enumerate() {
            publish(&mut writer, &reader, part);
            if round % 5 == 0 {
                writer.settle().unwrap();
            }
        }
        done.store(true, Ordering::Relaxed);
        readers.into_iter().map(|reader| reader.join().unwrap()).sum::<usize>()
    });
    assert!(trees > 2, "{trees}");
    writer.settle().unwrap();
    assert_clean(store.as_ref());
}
