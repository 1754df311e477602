//! What must hold of a ledger after a loss of power, whatever the disk has kept.

use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use glasshouse_ledger::fsck::fsck;
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::store::Store;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::verify_consistency;
use glasshouse_verifier::head::NewTree;
use glasshouse_verifier::tile::TilePath;

use crate::disk::{Disk, Loss};
use crate::support::{index, signer};
use crate::torn_store::{Moment, TornStore};
use crate::world::{Mode, Promise, Sent, Step, World};

/// What was said and done until the power went.
pub(crate) struct Past<'a> {
    pub(crate) mode: Mode,
    pub(crate) promises: &'a [Promise],
    pub(crate) sent: &'a [Sent],
    /// A statement that nobody has sent yet.
    pub(crate) fresh: &'a Step,
}

impl Past<'_> {
    /// Starts the ledger on what a loss leaves, checks that every promise holds, and goes on. Gives the moments of the start at
    /// which the power can go again.
    pub(crate) fn check(&self, story: &str, moment: &Moment, loss: &Loss) -> Vec<Moment> {
        let promises = &self.promises[..moment.promised.min(self.promises.len())];
        let checked = catch_unwind(AssertUnwindSafe(|| self.try_check(&moment.disk.after(loss), promises)));
        checked.unwrap_or_else(|panic| {
            let told = moment.disk.tell(loss);
            eprintln!("{story}: the power went in {}, {} promises\n{told}", moment.call, promises.len());
            resume_unwind(panic)
        })
    }

    fn try_check(&self, left: &Disk, promises: &[Promise]) -> Vec<Moment> {
        assert_gone(left, promises);
        let store = TornStore::on(left.clone());
        let opened = World::on(self.mode, Arc::clone(&store), self.sent.to_vec(), promises.to_vec());
        let mut world = opened.unwrap_or_else(|error| panic!("the start refuses: {error}"));
        let moments = store.take_moments();
        assert_kept(&world.reader, promises);
        assert_consistent(&store, &world.reader, false);
        if store.disk().get("checkpoint").is_some() || self.mode != Mode::Quorum {
            assert_whole(store.as_ref());
        }
        world.send_again();
        world.finish();
        world.run(std::slice::from_ref(self.fresh));
        world.finish();
        world.run(&[Step::Settle]);
        assert_kept(&world.reader, &world.promises);
        assert_consistent(&store, &world.reader, true);
        assert_no_entry_twice(store.as_ref(), world.reader.head().size().get());
        assert_one_place(&world.promises);
        assert_whole(store.as_ref());
        assert_gone(&store.disk(), &world.promises);
        moments
    }
}

/// Nothing of what was erased lies anywhere.
fn assert_gone(disk: &Disk, promises: &[Promise]) {
    for promise in promises {
        let Promise::Gone(bytes) = promise else { continue };
        // Entries hold codes and digests.
        for (name, file) in disk.files().filter(|(name, _)| !name.starts_with("tile/")) {
            let is_there = file.windows(bytes.len()).any(|window| window == bytes);
            assert!(!is_there, "{name} holds a text that was erased");
        }
    }
}

/// Every statement that was answered has its place.
fn assert_kept(reader: &Reader, promises: &[Promise]) {
    for promise in promises {
        let Promise::Place(leaf_hash, place) = promise else { continue };
        let entry = reader.entry(index(*place)).unwrap();
        let entry = entry.unwrap_or_else(|| panic!("entry {place} was answered for, and is lost"));
        assert_eq!(entry.leaf_hash(), *leaf_hash, "entry {place} is another one");
    }
}

/// Nothing that was ever shown is contradicted. `all`: the tree has grown beyond all of it by now.
fn assert_consistent(store: &TornStore, reader: &Reader, all: bool) {
    let head = reader.head();
    let shown = store.disk().shown.clone();
    for note in shown {
        let old = SignedCheckpoint::open(&note, signer().vkey()).unwrap();
        let old = *old.head();
        if old.size() > head.size() {
            assert!(!all, "a published tree of size {} was lost", old.size());
            continue;
        }
        let proved = reader.prove_consistency(old.size(), head.size()).unwrap();
        assert_eq!(proved.old.0, old, "a published tree is contradicted");
        verify_consistency(&proved.old, &NewTree(head), &proved.proof).unwrap();
    }
}

fn assert_no_entry_twice(store: &dyn Store, size: u64) {
    let mut leaves = HashSet::new();
    for tile in 0..size.div_ceil(256) {
        let width = u16::try_from((size - 256 * tile).min(256)).unwrap();
        let bytes = store.get(&TilePath::new(0, tile, width).unwrap().encode()).unwrap().unwrap();
        for leaf in bytes.chunks(32) {
            assert!(leaves.insert(leaf.to_vec()), "an entry stands twice");
        }
    }
    assert_eq!(leaves.len() as u64, size);
}

/// Whoever sends a statement again is told the same place.
fn assert_one_place(promises: &[Promise]) {
    let mut places = BTreeMap::new();
    for promise in promises {
        if let Promise::Place(leaf_hash, place) = promise {
            let first = *places.entry(*leaf_hash.as_bytes()).or_insert(*place);
            assert_eq!(first, *place, "one statement has two places");
        }
    }
}

fn assert_whole(store: &dyn Store) {
    let report = fsck(store, signer().vkey()).unwrap();
    assert!(report.is_clean(), "{:#?}", report.findings);
}
