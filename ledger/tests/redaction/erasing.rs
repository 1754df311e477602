//! What is erased, and what is not.

use std::sync::Arc;

use glasshouse_ledger::index::Index;
use glasshouse_ledger::open::{Hold, open_store};
use glasshouse_ledger::sled_lock::open_when_free;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::Answer;
use glasshouse_verifier::policy::Policy;

use crate::support::lives::*;
use crate::support::*;
use crate::world::{FACTS, GROUND, World};

#[test]
fn a_text_is_gone_when_its_redaction_is_answered() {
    let mut world = World::new(3, 0);
    let old = world.reader.receipt(index(3)).unwrap().unwrap();
    let by = world.take(&redaction(4, &[world.leaf(2)], &[FACTS]));
    assert_eq!(by, 5);
    world.assert_gone(2, FACTS, by);
    for (number, field) in [(1, FACTS), (3, FACTS), (2, "puid"), (2, GROUND)] {
        world.assert_served(number, field);
    }
    let report = world.assert_clean();
    assert_eq!((report.erased, report.held), (1, 0));
    // A receipt from before holds the text, and verifies still.
    let policy = Policy::of_log(signer().vkey().clone()).unwrap();
    assert!(old.addenda().iter().any(|text| text == text_of(world.decision(2), FACTS)));
    old.verify(&policy).unwrap();
    // One from now does not, and verifies as well.
    let new = world.reader.receipt(index(3)).unwrap().unwrap();
    new.verify(&policy).unwrap();
    // The same again: a duplicate; the same text in another one: told that it is done.
    let again = redaction(5, &[world.leaf(2)], &[FACTS]);
    assert_eq!(refused(&world.submit(&again)), "target-state");
    world.restart();
    world.assert_gone(2, FACTS, by);
    world.lose_power();
    world.assert_gone(2, FACTS, by);
    // Whoever sends the statement again does not bring the text back.
    let decision = world.decision(2).clone();
    let answer = world.submit(&decision);
    assert!(matches!(answer, Answer::Duplicate { index, .. } if index.get() == 3), "{answer:?}");
    world.assert_gone(2, FACTS, by);
    world.assert_clean();
}

#[test]
fn the_registrar_erases_anybodys() {
    let mut world = World::new(2, 0);
    let by = world.take(&registrar_redaction(3, &[world.leaf(1)], &[FACTS, "puid"]));
    world.assert_gone(1, FACTS, by);
    world.assert_gone(1, "puid", by);
    let by = world.take(&registrar_redaction(4, &[range(1, 2)], &[GROUND]));
    world.assert_gone(1, GROUND, by);
    world.assert_gone(2, GROUND, by);
    // Its own texts too: the policy of the genesis stands in entry 0.
    world.assert_clean();
}

/// A range passes over what is withheld; what a disclosure opened is erased, and what a leaf hash names is never opened.
#[test]
fn what_is_withheld_is_passed_over_by_a_range_and_barred_by_a_leaf_hash() {
    let mut world = World::with((1..=4).map(secretive).collect(), 0);
    let opened = disclosure(5, world.decision(2), &[FACTS]);
    let texts = texts(world.decision(2), &[FACTS]);
    let texts: Vec<Vec<u8>> = texts.iter().map(|text| text.to_vec()).collect();
    let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    accepted(&submit_with(&mut world.writer, &world.reader, &opened, &texts));
    world.assert_served(2, FACTS);
    let by = world.take(&redaction(6, &[range(1, 3)], &[FACTS]));
    world.assert_gone(2, FACTS, by);
    // 1 and 3 were withheld, and can be opened still.
    let late = disclosure(7, world.decision(3), &[FACTS]);
    let text = text_of(world.decision(3), FACTS).to_vec();
    accepted(&submit_with(&mut world.writer, &world.reader, &late, &[&text]));
    world.assert_served(3, FACTS);
    let by = world.take(&redaction(8, &[world.leaf(4), world.leaf(3)], &[FACTS]));
    world.assert_gone(3, FACTS, by);
    let barred = disclosure(9, world.decision(4), &[FACTS]);
    let text = text_of(world.decision(4), FACTS).to_vec();
    let answer = submit_with(&mut world.writer, &world.reader, &barred, &[&text]);
    assert_eq!(refused(&answer), "target-state");
    world.assert_gone(4, FACTS, by);
    let report = world.assert_clean();
    // Facts of 1; the locator of each.
    assert_eq!((report.withheld, report.erased), (5, 3));
}

#[test]
fn a_text_of_the_same_round_is_dropped_unwritten() {
    let mut world = World::new(1, 0);
    let quick = decision(2);
    let gone = redaction(3, &[leaf(&quick)], &[FACTS]);
    for signed in [&quick, &gone] {
        world.writer.submit(admit(&world.reader, signed).unwrap());
    }
    let answers = world.writer.round().unwrap().answers;
    assert_eq!(answers.len(), 2, "{answers:?}");
    assert_gone(&world.store, &world.reader, &quick, FACTS, 4);
    assert_served(&world.reader, &quick, GROUND);
    let report = world.assert_clean();
    assert_eq!(report.erased, 1);
    world.restart();
    assert_gone(&world.store, &world.reader, &quick, FACTS, 4);
}

/// Many small ones are carried out together, and answered together.
#[test]
fn a_batch_of_redactions_takes_one_step() {
    let mut world = World::new(300, 0);
    let redactions: Vec<_> =
        (1..=300).map(|number| redaction(300 + number, &[world.leaf(number)], &[FACTS])).collect();
    for signed in &redactions {
        world.writer.submit(admit(&world.reader, signed).unwrap());
    }
    let answers = world.writer.round().unwrap().answers;
    assert_eq!(answers.len(), 300);
    for number in [1, 150, 300] {
        world.assert_gone(number, FACTS, 301 + number);
    }
    assert_eq!(world.assert_clean().erased, 300);
}

/// A long one goes on between rounds; statements are answered meanwhile, and so is another's redaction.
#[test]
fn a_long_redaction_holds_up_nobody() {
    // Two steps of it: more entries than one step has.
    let mut world = World::long();
    world.reader.catch_up().unwrap();
    let long = redaction(4_201, &[range(1, 4_200)], &[FACTS]);
    let short = registrar_redaction(3, &[world.leaf(4_200)], &[GROUND]);
    let other = decision(4_202);
    let submitted = [&long, &short, &other];
    let tickets: Vec<_> =
        submitted.iter().map(|signed| world.writer.submit(admit(&world.reader, signed).unwrap())).collect();
    let mut answered = Vec::new();
    for round in 0.. {
        for (ticket, answer) in world.writer.round().unwrap().answers {
            accepted(&answer);
            answered.push((tickets.iter().position(|one| *one == ticket).unwrap(), round));
        }
        // Shown nowhere meanwhile.
        assert_redacted(&world.reader, world.decision(4_199), FACTS, 4_202);
        if answered.len() == 3 {
            break;
        }
    }
    // The registrar's comes in the same step as a part of the long one; the decision in the next round; the rest with it.
    assert_eq!(answered, [(1, 0), (0, 1), (2, 1)]);
    for number in [1, 2_000, 4_200] {
        world.assert_gone(number, FACTS, 4_202);
    }
    world.assert_gone(4_200, GROUND, 4_203);
    assert_eq!(world.assert_clean().erased, 4_201);
}

/// Each time that a redaction was sent again while it was carried out, one more answer was kept and looked at in every round. Beyond
/// a bound they are told to come back; whoever sent it first is told when it is done.
#[test]
fn so_many_wait_for_a_long_redaction_and_no_more() {
    let mut world = World::long();
    world.reader.catch_up().unwrap();
    let long = redaction(4_201, &[range(1, 4_200)], &[FACTS]);
    let first = world.writer.submit(admit(&world.reader, &long).unwrap());
    for _ in 0..1_100 {
        world.writer.submit(admit(&world.reader, &long).unwrap());
    }
    let answers = world.writer.round().unwrap().answers;
    assert_eq!(answers.len(), 1_100 + 1 - 1_024);
    assert!(answers.iter().all(|(_, answer)| refused(answer) == "not-ready"));
    let answers = world.writer.round().unwrap().answers;
    assert_eq!(answers.len(), 1_024);
    let (place, again) = answers.split_first().unwrap();
    assert_eq!((place.0, accepted(&place.1)), (first, 4_202));
    let is_again =
        |answer: &Answer| matches!(answer, Answer::Duplicate { index, .. } if index.get() == 4_202);
    assert!(again.iter().all(|(_, answer)| is_again(answer)), "{again:?}");
}

/// Killed in the middle of a long one: the start erases the rest, before it lets anybody read.
#[test]
fn a_long_redaction_is_finished_by_the_next_start() {
    let mut world = World::long();
    world.writer.submit(admit(&world.reader, &redaction(4_201, &[range(1, 4_200)], &[FACTS])).unwrap());
    assert!(world.writer.round().unwrap().answers.is_empty());
    assert!(!holding(world.store.as_ref(), text_of(world.decision(4_200), FACTS)).is_empty());
    let report = world.fsck();
    assert!(
        !report.is_clean()
            && report.findings.iter().all(|finding| finding.rule.contains("was redacted by entry 4202"))
    );
    world.restart();
    world.assert_gone(4_200, FACTS, 4_202);
    assert_eq!(world.assert_clean().erased, 4_200);
}

/// Look-ups that do not know an entry, or lead to another one or to none, are no reason to leave its text where it is: they
/// are built again.
#[test]
fn look_ups_that_are_wrong_are_built_again() {
    for wrong in [None, Some(3_u64), Some(1 << 40)] {
        let mut world = World::new(40, 0);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("look-ups");
        let store: Arc<dyn Store> = Arc::new(world.store.after_kill());
        let open = |store: &Arc<dyn Store>| {
            let index = Index::open(&path).unwrap();
            open_store(
                Arc::clone(store),
                signer(),
                world.clock.clone(),
                index,
                Hold::NONE,
                Publication::AtOnce,
                &[],
            )
            .unwrap()
        };
        let opened = open(&store);
        opened.reader.catch_up().unwrap();
        drop(opened);
        let database = open_when_free(|| sled::open(path.join("numbers.sled"))).unwrap();
        let numbers = database.open_tree("sequence").unwrap();
        let [now, then] = [wrong, Some(18)]
            .map(|place| place.map_or(Vec::new(), |place| [&[17][..], &u64::to_be_bytes(place)].concat()));
        let place_in = |block: &[u8]| block.chunks(9).position(|place| place == then).map(|place| place * 9);
        let blocks = || numbers.iter().map(Result::unwrap);
        let found = blocks().find_map(|(key, block)| Some((key, place_in(&block)?, block)));
        let (key, at, before) = found.expect("the layout of the look-ups");
        let rest = &before[at + 9..];
        numbers.insert(&key, [&before[..at], &now, rest].concat()).unwrap();
        database.flush().unwrap();
        drop((numbers, database));
        let opened = open(&store);
        (world.writer, world.reader) = (opened.writer, opened.reader);
        let by = world.take(&redaction(41, &[range(1, 40)], &[FACTS]));
        for number in [1, 17, 40] {
            assert_redacted(&world.reader, world.decision(number), FACTS, by);
            assert!(holding(store.as_ref(), text_of(world.decision(number), FACTS)).is_empty(), "{number}");
        }
        world.writer.settle().unwrap();
        assert_clean(store.as_ref());
    }
}
