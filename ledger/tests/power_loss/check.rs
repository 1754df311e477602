//! What must hold of a ledger after a loss of power, whatever the disk has kept.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::fsck::fsck;
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::state::StateRecord;
use glasshouse_ledger::store::{StateCopy, Store};
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::consistency::verify_consistency;
use glasshouse_verifier::head::{NewTree, TreeHead};
use glasshouse_verifier::tile::TilePath;

use crate::disk::{Disk, Loss};
use crate::support::lives::assert_served;
use crate::support::{index, signer};
use crate::torn_store::{Moment, TornStore};
use crate::world::{Holding, Mode, Promise, Sent, Step, World};

/// What was said and done until the power went.
pub(crate) struct Past<'a> {
    pub(crate) mode: Mode,
    /// How the ledger that starts holds redactions.
    pub(crate) holding: Holding,
    pub(crate) promises: &'a [Promise],
    pub(crate) sent: &'a [Sent],
    /// A statement that nobody has sent yet.
    pub(crate) fresh: &'a Step,
    /// Whether the published checkpoint was lost, too: no loss of power takes it.
    pub(crate) is_checkpoint_lost: bool,
}

/// What is sent first when the ledger goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    /// Everything that was sent before, in the same order: rounds that were lost are made again, to the byte.
    Again,
    /// Something that nobody has sent: every tree from here on is another one than any that was lost.
    Fresh,
}

impl First {
    /// Each in its turn.
    pub(crate) fn of(turn: usize) -> First {
        if turn.is_multiple_of(2) { First::Fresh } else { First::Again }
    }
}

impl<'a> Past<'a> {
    /// All that was sent to a ledger, and what it promised.
    pub(crate) fn of(world: &'a World, fresh: &'a Step) -> Past<'a> {
        let (mode, promises, sent) = (world.mode, world.promises.as_slice(), world.sent.as_slice());
        Past { mode, holding: world.holding.apart(), promises, sent, fresh, is_checkpoint_lost: false }
    }

    /// Starts the ledger on what a loss leaves, checks that every promise holds, and goes on. Gives the moments of the start at
    /// which the power can go again.
    pub(crate) fn check(&self, story: &str, moment: &Moment, loss: &Loss, first: First) -> Vec<Moment> {
        let promises = &self.promises[..moment.promised.min(self.promises.len())];
        let check = || self.try_check(&moment.disk.after(loss), promises, first);
        let checked = catch_unwind(AssertUnwindSafe(check));
        checked.unwrap_or_else(|panic| {
            let told = moment.disk.tell(loss);
            let promises = promises.len();
            eprintln!(
                "{story}: the power went in {}, {promises} promises, then {first:?}\n{told}",
                moment.call
            );
            resume_unwind(panic)
        })
    }

    fn try_check(&self, left: &Disk, promises: &[Promise], first: First) -> Vec<Moment> {
        assert_gone(left, promises);
        let store = TornStore::on(left.clone());
        let (holding, sent) = (self.holding.apart(), self.sent.to_vec());
        let opened = World::held(self.mode, holding, Arc::clone(&store), sent, promises.to_vec());
        let mut world = opened.unwrap_or_else(|error| panic!("the start refuses: {error}"));
        let moments = store.take_moments();
        // Where a quorum is required, readers wait for it once more if the published checkpoint is gone.
        let is_shown = !self.is_checkpoint_lost || self.mode != Mode::Quorum;
        if is_shown {
            assert_kept(&world.reader, promises);
        }
        assert_nothing_shown_is_lost(&store, &world.reader, self.mode);
        assert_consistent(&store, &world.reader, false);
        if store.disk().get("checkpoint").is_some() || self.mode != Mode::Quorum {
            assert_whole(store.as_ref());
        }
        if !is_shown {
            world.finish();
        }
        if first == First::Fresh {
            world.run(std::slice::from_ref(self.fresh));
        }
        world.send_again();
        world.finish();
        if first == First::Again {
            world.run(std::slice::from_ref(self.fresh));
            world.finish();
        }
        world.wait_out();
        world.run(&[Step::Settle]);
        assert_carried_out(&world);
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

/// Whether no withdrawal that counts takes it back.
fn counts(placed: &[&Sent], sent: &Sent) -> bool {
    let mut withdrawals =
        placed.iter().filter(|other| other.withdraws.as_ref() == Some(sent.signed.leaf_hash()));
    !withdrawals.any(|other| counts(placed, other))
}

/// Every redaction that was answered has erased what it names; where one was taken back in time, its texts are served.
fn assert_carried_out(world: &World) {
    let placed = world.placed();
    let is_withdrawn = |sent: &&&Sent| !counts(&placed, sent);
    let key = |(target, field): &(Signed, &'static str)| (*target.leaf_hash().as_bytes(), *field);
    let mut redacted = BTreeSet::new();
    for sent in placed.iter().filter(|sent| !is_withdrawn(sent)) {
        let promises: Vec<Promise> = sent.erases.iter().cloned().map(Promise::Gone).collect();
        assert_gone(&world.store.disk(), &promises);
        redacted.extend(sent.redacts.iter().map(key));
    }
    for text in placed.iter().filter(is_withdrawn).flat_map(|sent| &sent.redacts) {
        if !redacted.contains(&key(text)) {
            assert_served(&world.reader, &text.0, text.1);
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

/// What was shown to anybody was durable before: the state has it, or what follows from it, and where nobody waits for a quorum
/// readers see that.
fn assert_nothing_shown_is_lost(store: &TornStore, reader: &Reader, mode: Mode) {
    let StateCopy::Bytes(record) = store.disk().state().plain else { panic!("the start wrote no state") };
    let signed = *StateRecord::parse(&record, signer().vkey()).unwrap().head();
    for shown in shown_heads(store) {
        assert!(shown.size() <= signed.size(), "a tree of size {} was shown, and is lost", shown.size());
        assert!(shown.size() < signed.size() || shown == signed, "a tree that was shown is another one");
    }
    assert!(mode == Mode::Quorum || reader.head() == signed, "what is durable is not published at the start");
}

/// Every tree that anybody was shown.
fn shown_heads(store: &TornStore) -> Vec<TreeHead> {
    let shown = store.disk().shown.clone();
    shown.iter().map(|note| *SignedCheckpoint::open(note, signer().vkey()).unwrap().head()).collect()
}

/// Nothing that was ever shown is contradicted. `all`: the tree has grown beyond all of it by now.
fn assert_consistent(store: &TornStore, reader: &Reader, all: bool) {
    let head = reader.head();
    for old in shown_heads(store) {
        if old.size() > head.size() {
            assert!(!all, "a tree of size {} was shown, and is lost", old.size());
            continue;
        }
        let proved = reader.prove_consistency(old.size(), head.size()).unwrap();
        assert_eq!(proved.old.0, old, "a tree that was shown is contradicted");
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
