//! The cooling-off period: redacted texts are shown nowhere, lie there until it has passed, and come back if their author
//! withdraws in time.

use crate::support::lives::*;
use crate::support::*;
use crate::world::{FACTS, GROUND, World};

const HOUR: u64 = 3_600_000;
const HOLD: u64 = 72 * HOUR;

#[test]
fn a_text_is_erased_when_the_hold_has_passed() {
    let mut world = World::new(2, HOLD);
    let redacted = redaction(3, &[world.leaf(1)], &[FACTS]);
    let by = world.take(&redacted);
    world.assert_held(1, FACTS, by);
    let report = world.assert_clean();
    assert_eq!((report.erased, report.held), (0, 1));
    world.wait(HOLD - 1);
    world.assert_held(1, FACTS, by);
    // The moments outlive a crash, and a loss of power.
    world.restart();
    world.assert_held(1, FACTS, by);
    world.lose_power();
    world.assert_held(1, FACTS, by);
    world.wait(1);
    world.assert_gone(1, FACTS, by);
    assert_eq!(world.assert_clean().erased, 1);
    assert_eq!(refused(&world.submit(&withdrawal(4, &[leaf(&redacted)]))), "target-state");
}

#[test]
fn a_withdrawal_in_time_gives_the_text_back() {
    let mut world = World::new(2, HOLD);
    let redacted = redaction(3, &[world.leaf(1)], &[FACTS]);
    world.take(&redacted);
    world.wait(HOLD - 1);
    world.take(&withdrawal(4, &[leaf(&redacted)]));
    world.assert_served(1, FACTS);
    let receipt = world.reader.receipt(index(2)).unwrap().unwrap();
    assert!(receipt.addenda().iter().any(|text| text == text_of(world.decision(1), FACTS)));
    world.wait(2 * HOLD);
    world.restart();
    world.assert_served(1, FACTS);
    world.assert_clean();
    // It can be redacted again, with a hold of its own.
    let again = redaction(5, &[world.leaf(1)], &[FACTS]);
    let by = world.take(&again);
    world.assert_held(1, FACTS, by);
    world.wait(HOLD);
    world.assert_gone(1, FACTS, by);
    assert_eq!(refused(&world.submit(&withdrawal(6, &[leaf(&again)]))), "target-state");
    // A range passes over redactions.
    world.take(&withdrawal(6, &[range(2, 5)]));
    world.assert_gone(1, FACTS, by);
    world.assert_clean();
}

#[test]
fn without_a_hold_no_redaction_can_be_withdrawn() {
    let mut world = World::new(1, 0);
    let redacted = redaction(2, &[world.leaf(1)], &[FACTS]);
    // Not even in the same round.
    for signed in [&redacted, &withdrawal(3, &[leaf(&redacted)])] {
        world.writer.submit(admit(&world.reader, signed).unwrap());
    }
    let answers = world.writer.round().unwrap().answers;
    let slugs: Vec<_> = answers[1..].iter().map(|(_, answer)| refused(answer)).collect();
    assert_eq!(slugs, ["target-state"]);
    world.assert_gone(1, FACTS, 3);
    assert_eq!(refused(&world.submit(&withdrawal(3, &[leaf(&redacted)]))), "target-state");
    world.restart_held(HOLD);
    // Carried out is carried out, however long the operator now holds.
    assert_eq!(refused(&world.submit(&withdrawal(3, &[leaf(&redacted)]))), "target-state");
    world.assert_clean();
}

/// A withdrawal of the withdrawal: the redaction counts again, and its hold goes on from where it began.
#[test]
fn a_withdrawal_that_is_withdrawn_gives_nothing_back() {
    let mut world = World::new(2, HOLD);
    let redacted = redaction(3, &[world.leaf(1)], &[FACTS]);
    let by = world.take(&redacted);
    let first = withdrawal(4, &[leaf(&redacted)]);
    world.take(&first);
    world.wait(2 * HOLD);
    world.assert_served(1, FACTS);
    let second = sign_provider_withdrawal(5, &first);
    world.take(&second);
    // Its hold has long passed: it is carried out, and what it rests on cannot be withdrawn.
    world.wait(0);
    world.assert_gone(1, FACTS, by);
    let third = sign_provider_withdrawal(6, &second);
    assert_eq!(refused(&world.submit(&third)), "target-state");
    world.restart();
    assert_eq!(refused(&world.submit(&third)), "target-state");
    world.assert_gone(1, FACTS, by);
    world.assert_clean();
}

/// A withdrawal of a withdrawal has its target's subject.
fn sign_provider_withdrawal(
    number: u64,
    target: &glasshouse_ledger::author::Signed,
) -> glasshouse_ledger::author::Signed {
    withdrawal(number, &[leaf(target)])
}

/// Without the file, holds begin anew; what was carried out is known from the packs.
#[test]
fn a_lost_file_lengthens_holds_and_brings_nothing_back() {
    let mut world = World::new(3, HOLD);
    let done = redaction(4, &[world.leaf(1)], &[FACTS]);
    let done_by = world.take(&done);
    world.wait(HOLD);
    let held = redaction(5, &[world.leaf(2)], &[FACTS]);
    let held_by = world.take(&held);
    world.wait(HOLD / 2);
    for damage in [None, Some(b"glasshouse-erasures/1\n".as_slice())] {
        let left = std::sync::Arc::new(world.store.after_kill());
        match damage {
            None => glasshouse_ledger::store::Store::delete(left.as_ref(), "erasures").unwrap(),
            Some(bytes) => glasshouse_ledger::store::Store::put(left.as_ref(), "erasures", bytes).unwrap(),
        }
        world.open(left, HOLD);
        world.assert_gone(1, FACTS, done_by);
        world.assert_held(2, FACTS, held_by);
        assert_eq!(refused(&world.submit(&withdrawal(6, &[leaf(&done)]))), "target-state");
        world.wait(HOLD - 1);
        world.assert_held(2, FACTS, held_by);
        world.assert_clean();
    }
    world.wait(1);
    world.assert_gone(2, FACTS, held_by);
    world.assert_clean();
}

/// The hold is the operator's to change: what is not erased yet goes by the new one.
#[test]
fn a_shorter_hold_takes_effect_at_the_next_start() {
    let mut world = World::new(2, HOLD);
    let by = world.take(&redaction(3, &[world.leaf(1)], &[FACTS, GROUND]));
    world.wait(HOUR);
    world.restart_held(2 * HOUR);
    world.assert_held(1, FACTS, by);
    world.restart_held(HOUR);
    world.assert_gone(1, FACTS, by);
    world.assert_gone(1, GROUND, by);
    world.assert_clean();
}
