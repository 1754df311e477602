//! Redactions that name the same texts, one of them begun and neither with a moment that is known.

use std::sync::Arc;

use glasshouse_ledger::open::Hold;
use glasshouse_ledger::pack::{erase_text, scan_pack};
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::Answer;

use crate::support::faulty_store::{Fault, FaultyStore};
use crate::support::lives::*;
use crate::support::*;
use crate::world::{FACTS, GROUND, World};

const HOLD: u64 = 72 * 3_600_000;

/// The text is gone, and nothing says so but its record.
fn erase_by_hand(store: &dyn Store, digest: glasshouse_verifier::hash::Digest) {
    let records = scan_pack(store, 0).unwrap();
    erase_text(store, records.iter().find(|record| record.digest == digest).unwrap()).unwrap();
}

/// One that was begun took a text that an earlier one had named first: the earlier one was written down as carried out, and the rest of
/// what it named stayed for good.
#[test]
fn one_that_is_begun_by_another_is_carried_out_whole() {
    for is_third in [false, true] {
        let mut world = World::new(4, HOLD);
        let targets = [1, 2, 4].map(|number| world.leaf(number));
        let first = is_third.then(|| world.take(&redaction(5, &[world.leaf(2), world.leaf(3)], &[FACTS])));
        let second = world.take(&redaction(6, &targets, &[FACTS, GROUND]));
        let third = world.take(&redaction(7, &targets[..1], &[FACTS, GROUND, "puid"]));
        world.writer.settle().unwrap();
        let left = world.store.after_kill();
        left.delete("erasures").unwrap();
        erase_by_hand(&left, digest_of(world.decision(1), "puid"));
        world.open(Arc::new(left), HOLD);
        world.wait(HOLD);
        world.assert_gone(1, "puid", third);
        for (number, field) in [(1, FACTS), (1, GROUND), (2, GROUND), (4, FACTS), (4, GROUND)] {
            world.assert_gone(number, field, second);
        }
        world.assert_gone(2, FACTS, first.unwrap_or(second));
        first.iter().for_each(|first| world.assert_gone(3, FACTS, *first));
        world.assert_clean();
    }
}

/// A start that dies before it has looked at what is begun leaves nothing that the next one takes for such a look: a text that is gone is
/// not given back.
#[test]
fn a_start_that_dies_early_leaves_what_is_begun_final() {
    let mut world = World::new(2, HOLD);
    let begun = redaction(3, &[world.leaf(1)], &[FACTS, GROUND]);
    world.take(&begun);
    world.writer.settle().unwrap();
    world.take(&redaction(4, &[world.leaf(2)], &[FACTS]));
    // The later one's stage still lies, and its round is published once more.
    let staged = world.store.after_kill();
    erase_by_hand(&staged, digest_of(world.decision(1), FACTS));
    ["erasures", "checkpoint"].iter().for_each(|name| staged.delete(name).unwrap());
    let mut deaths = Vec::new();
    loop {
        let faulty = Arc::new(FaultyStore::new(staged.after_kill()));
        let store: Arc<dyn Store> = faulty.clone();
        faulty.arm(deaths.len(), Fault::Persisted);
        let is_done = try_open_at(&store, world.clock.clone(), Hold::Ms(HOLD)).is_ok();
        world.open(Arc::new(faulty.inner().after_kill()), HOLD);
        let answer = world.submit(&withdrawal(5, &[leaf(&begun)]));
        assert!(
            matches!(answer, Answer::Rejected(why) if why.slug == "target-state"),
            "{:?}",
            faulty.names()
        );
        if is_done {
            break;
        }
        deaths.push(faulty.names().last().cloned());
    }
    assert!(deaths.contains(&Some("put_durable erasures".to_owned())), "{deaths:?}");
}

/// What is begun does not wait for the hold of an earlier one by the same author, and neither does whoever sent it.
#[test]
fn one_that_is_begun_waits_for_no_earlier_one() {
    let mut world = World::new(2, HOLD);
    let held = world.take(&redaction(3, &[world.leaf(1)], &[FACTS]));
    let begun = redaction(4, &[world.leaf(2)], &[FACTS, GROUND]);
    let by = world.take(&begun);
    world.writer.settle().unwrap();
    let left = world.store.after_kill();
    left.delete("erasures").unwrap();
    erase_by_hand(&left, digest_of(world.decision(2), GROUND));
    world.open(Arc::new(left), HOLD);
    assert!(matches!(world.submit(&begun), Answer::Duplicate { .. }));
    world.assert_gone(2, FACTS, by);
    world.assert_held(1, FACTS, held);
    world.assert_clean();
}
