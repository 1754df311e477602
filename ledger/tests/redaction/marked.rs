//! What a crash leaves between the marks of an erasure and its zeros: the redaction is begun, whatever a start knows of it.

use std::sync::Arc;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::fsck::fsck;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::Writer;

use crate::quorum::{
    HOLD, mark, open_for, open_for_quorum, publish_each, publish_with_quorum, published, sign,
};
use crate::support::lives::*;
use crate::support::*;
use crate::world::FACTS;

fn left_of(store: &Arc<MemoryStore>, about: &Signed) -> Vec<String> {
    holding(store.as_ref(), text_of(about, FACTS))
}

fn rounds(writer: &mut Writer) {
    (0..3).for_each(|_| drop(writer.round().unwrap()));
}

/// A redaction whose hold has passed; the step that carried it out died behind its marks.
fn died_once(clock: &Arc<TestClock>) -> (Arc<MemoryStore>, Signed, Signed) {
    let about = decision(1);
    let redacted = redaction(2, &[leaf(&about)], &[FACTS]);
    let (store, mut opened) = published(clock, &[&about, &redacted]);
    opened.writer.settle().unwrap();
    drop(opened);
    clock.advance(HOLD);
    mark(&store, &about);
    (store, about, redacted)
}

/// Fails if a start believes what was written down before the marks.
#[test]
fn it_is_final_under_a_longer_hold() {
    let clock = TestClock::new();
    let (store, _, redacted) = died_once(&clock);
    let mut opened = open_for(&store, &clock, 2 * HOLD);
    assert!(!sign(&mut opened, &withdrawal(3, &[leaf(&redacted)])));
    assert_eq!(fsck(store.as_ref(), signer().vkey()).unwrap().findings, []);
}

#[test]
fn it_is_gone_under_a_longer_hold() {
    let clock = TestClock::new();
    let (store, about, _) = died_once(&clock);
    let mut opened = open_for(&store, &clock, 2 * HOLD);
    clock.advance(HOLD);
    rounds(&mut opened.writer);
    assert_eq!(left_of(&store, &about), Vec::<String>::new());
}

/// Nothing is due at a start behind a lost stage, and a later step took the mark for a tombstone.
#[test]
fn it_is_gone_behind_a_lost_stage() {
    let clock = TestClock::new();
    let about = decision(1);
    let (store, mut opened) = published(&clock, &[&about, &redaction(2, &[leaf(&about)], &[FACTS])]);
    opened.writer.settle().unwrap();
    sign(&mut opened, &decision(3));
    drop(opened);
    clock.advance(HOLD);
    mark(&store, &about);
    store.list("stage").unwrap().iter().for_each(|stage| store.delete(stage).unwrap());
    let mut opened = open_for_quorum(&store, &clock);
    publish_with_quorum(&mut opened.writer);
    rounds(&mut opened.writer);
    clock.advance(HOLD);
    rounds(&mut opened.writer);
    assert_eq!(left_of(&store, &about), Vec::<String>::new());
}

/// Two redactions of one text: the first was taken back, and counts again by what is not published; the second died behind its
/// marks, and the record is lost. Gives the second, and the withdrawal by which the first counts again.
fn died_for_the_second(clock: &Arc<TestClock>) -> (Arc<MemoryStore>, Signed, [Signed; 2]) {
    let about = decision(1);
    let first = redaction(2, &[leaf(&about)], &[FACTS]);
    let withdrawn = withdrawal(3, &[leaf(&first)]);
    let second = redaction(4, &[leaf(&about)], &[FACTS]);
    let (store, mut opened) = published(clock, &[&about, &first, &withdrawn, &second]);
    opened.writer.settle().unwrap();
    let again = withdrawal(5, &[leaf(&withdrawn)]);
    sign(&mut opened, &again);
    drop(opened);
    clock.advance(HOLD);
    mark(&store, &about);
    store.delete("erasures").unwrap();
    (store, about, [second, again])
}

/// Fails if one that is set aside is not begun by what another one has erased of it.
#[test]
fn it_is_final_where_the_first_to_name_it_is_set_aside() {
    let clock = TestClock::new();
    let (store, _, [second, again]) = died_for_the_second(&clock);
    let mut opened = open_for_quorum(&store, &clock);
    let taken = [withdrawal(6, &[leaf(&second)]), withdrawal(7, &[leaf(&again)])];
    assert_eq!(taken.map(|signed| sign(&mut opened, &signed)), [true, false]);
    publish_with_quorum(&mut opened.writer);
    opened.writer.settle().unwrap();
    assert_eq!(fsck(store.as_ref(), signer().vkey()).unwrap().findings, []);
}

/// Fails if a start behind that one believes that all was looked at.
#[test]
fn it_is_gone_behind_two_starts() {
    let clock = TestClock::new();
    let (store, about, _) = died_for_the_second(&clock);
    drop(open_for_quorum(&store, &clock));
    let mut opened = open_for_quorum(&store, &clock);
    clock.advance(HOLD);
    rounds(&mut opened.writer);
    publish_with_quorum(&mut opened.writer);
    rounds(&mut opened.writer);
    assert_eq!(left_of(&store, &about), Vec::<String>::new());
}

/// Fails if a start that overwrites what was marked writes down that it was not: the next one would look at everything again.
#[test]
fn the_start_that_completes_it_counts_it() {
    let clock = TestClock::new();
    let (store, about, _) = died_once(&clock);
    drop(open_for_quorum(&store, &clock));
    assert_eq!(left_of(&store, &about), Vec::<String>::new());
    let written = store.get("erasures").unwrap();
    drop(open_for_quorum(&store, &clock));
    assert_eq!(store.get("erasures").unwrap(), written);
}

/// A round that nobody has seen yet drops a text that it redacts itself, in a pack of its own. Fails if a start under a hold takes
/// what it left for untouched, and the redaction for one that can be taken back.
#[test]
fn what_is_dropped_in_a_new_pack_is_begun() {
    let (clock, store) = (TestClock::new(), Arc::new(MemoryStore::new()));
    drop(enrolled(&(store.clone() as Arc<dyn Store>)));
    let mut opened = open_for(&store, &clock, 0);
    let earlier: Vec<Signed> = (1..=253).map(decision).collect();
    let last = redaction(254, &[leaf(&earlier[0])], &[FACTS]);
    for signed in earlier.iter().chain([&last]) {
        opened.writer.submit(admit(&opened.reader, signed).unwrap());
    }
    opened.writer.round().unwrap();
    publish_with_quorum(&mut opened.writer);
    rounds(&mut opened.writer);
    let about = decision(255);
    let redacted = redaction(256, &[leaf(&about)], &[FACTS]);
    for signed in [&about, &redacted] {
        opened.writer.submit(admit(&opened.reader, signed).unwrap());
    }
    opened.writer.round().unwrap();
    assert_eq!(opened.writer.begin_publication().unwrap().head().size().get(), 258);
    drop(opened);
    let mut opened = open_for(&store, &clock, HOLD);
    assert!(!sign(&mut opened, &withdrawal(257, &[leaf(&redacted)])));
    publish_with_quorum(&mut opened.writer);
    opened.writer.settle().unwrap();
    assert_eq!(fsck(store.as_ref(), signer().vkey()).unwrap().findings, []);
}

/// The first of two redactions is past its hold, and set aside; the second, which took its text, is held once more. Fails if a start
/// leaves the first out because it is due.
#[test]
fn the_first_is_begun_although_it_is_past_its_hold() {
    for is_withdrawn in [false, true] {
        let clock = TestClock::new();
        let about = decision(1);
        let first = redaction(2, &[leaf(&about)], &[FACTS]);
        let withdrawn = withdrawal(3, &[leaf(&first)]);
        let (store, mut opened) = published(&clock, &[&about, &first, &withdrawn]);
        opened.writer.settle().unwrap();
        clock.advance(HOLD);
        let second = redaction(4, &[leaf(&about)], &[FACTS]);
        publish_each(&mut opened, &[&second]);
        let again = withdrawal(5, &[leaf(&withdrawn)]);
        sign(&mut opened, &again);
        drop(opened);
        clock.advance(HOLD);
        mark(&store, &about);
        let mut opened = open_for(&store, &clock, HOLD * 3 / 2);
        if is_withdrawn {
            sign(&mut opened, &withdrawal(6, &[leaf(&second)]));
            assert!(!sign(&mut opened, &withdrawal(7, &[leaf(&again)])));
        }
        publish_with_quorum(&mut opened.writer);
        rounds(&mut opened.writer);
        assert_eq!(left_of(&store, &about), Vec::<String>::new());
        assert_eq!(fsck(store.as_ref(), signer().vkey()).unwrap().findings, []);
    }
}
