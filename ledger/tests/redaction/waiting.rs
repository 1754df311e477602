//! Redactions that wait for their publication, where nothing staged says so any more.

use std::sync::Arc;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::cosigned::NotCounted;
use glasshouse_ledger::fsck::fsck;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::open::Opened;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::Answer;

use crate::quorum::{HOLD, mark, open_for_quorum, publish_with_quorum, published};
use crate::support::lives::*;
use crate::support::witnesses::{cosign, line};
use crate::support::*;
use crate::world::FACTS;

fn erased(store: &Arc<MemoryStore>) -> u64 {
    fsck(store.as_ref(), signer().vkey()).unwrap().erased
}

/// A round that was not published, with a redaction, and whose stage is lost.
fn lose_stage(store: &Arc<MemoryStore>, clock: &Arc<TestClock>) -> Arc<MemoryStore> {
    drop(enrolled(&(store.clone() as Arc<dyn Store>)));
    let about = decision(1);
    let Opened { mut writer, reader, .. } = open_for_quorum(store, clock);
    writer.submit(admit(&reader, &about).unwrap());
    writer.round().unwrap();
    publish_with_quorum(&mut writer);
    writer.settle().unwrap();
    writer.submit(admit(&reader, &redaction(2, &[leaf(&about)], &[FACTS])).unwrap());
    writer.round().unwrap();
    let left = Arc::new(store.after_kill());
    left.list("stage").unwrap().iter().for_each(|stage| left.delete(stage).unwrap());
    left
}

/// A witness that signed late, when the tree was given up for a newer one, had it published without its quorum.
#[test]
fn a_late_cosignature_publishes_nothing() {
    let clock = TestClock::new();
    let left = lose_stage(&Arc::new(MemoryStore::new()), &clock);
    let before = left.get("checkpoint").unwrap();
    let Opened { mut writer, reader, .. } = open_for_quorum(&left, &clock);
    assert!(writer.published_tree().is_none(), "witnesses are asked for a tree that is not published");
    let late = writer.begin_publication().unwrap();
    writer.submit(admit(&reader, &decision(3)).unwrap());
    writer.round().unwrap();
    let newer = writer.begin_publication().unwrap();
    let counted = writer.take_cosignature(late.head(), &line(1, &late), NOW);
    assert_eq!(counted, Err(NotCounted::OtherTree(4)));
    writer.publish().unwrap();
    assert_eq!(left.get("checkpoint").unwrap(), before);
    (1..=2).for_each(|number| cosign(&mut writer, number, &newer));
    writer.publish().unwrap();
    assert_eq!(writer.published_tree().unwrap().head().size().get(), 5);
    assert_ne!(left.get("checkpoint").unwrap(), before);
}

/// A hold was counted from a start at which the redaction waited for its quorum: three days later it had none left.
#[test]
fn the_hold_of_one_whose_stage_is_lost_begins_with_its_publication() {
    let clock = TestClock::new();
    let left = lose_stage(&Arc::new(MemoryStore::new()), &clock);
    drop(open_for_quorum(&left, &clock));
    let mut opened = open_for_quorum(&left, &clock);
    clock.advance(HOLD);
    let before = left.get("erasures").unwrap().unwrap();
    publish_with_quorum(&mut opened.writer);
    drop(opened);
    // Killed right behind the publication, nothing was written down of it: the hold begins with the next start.
    for is_killed in [true, false] {
        let (left, clock) = (Arc::new(left.after_kill()), TestClock::new());
        if is_killed {
            left.put("erasures", &before).unwrap();
        }
        clock.advance(HOLD + HOLD - 1);
        open_for_quorum(&left, &clock).writer.round().unwrap();
        assert_eq!(erased(&left), 0);
        clock.advance(if is_killed { HOLD } else { 1 });
        open_for_quorum(&left, &clock).writer.round().unwrap();
        assert_eq!(erased(&left), 1);
    }
}

/// A withdrawal that came in time is signed, and not published: what it gives back is kept, and no fault of the folder.
#[test]
fn a_text_that_is_given_back_may_lie_there_when_the_hold_has_passed() {
    for is_deep in [false, true] {
        let (store, clock) = (Arc::new(MemoryStore::new()), TestClock::new());
        drop(enrolled(&(store.clone() as Arc<dyn Store>)));
        let Opened { mut writer, reader, .. } = open_for_quorum(&store, &clock);
        let (about, other) = (decision(1), decision(2));
        let redacted = redaction(3, &[leaf(&about)], &[FACTS]);
        let first = withdrawal(4, &[leaf(&redacted)]);
        let second = withdrawal(5, &[leaf(&first)]);
        let published = [&about, &other, &redacted, &first, &second];
        for signed in &published[..if is_deep { 5 } else { 3 }] {
            writer.submit(admit(&reader, signed).unwrap());
            writer.round().unwrap();
            publish_with_quorum(&mut writer);
        }
        let last = if is_deep { withdrawal(6, &[leaf(&second)]) } else { first };
        writer.submit(admit(&reader, &last).unwrap());
        writer.round().unwrap();
        clock.advance(HOLD);
        writer.submit(admit(&reader, &redaction(7, &[leaf(&other)], &[FACTS])).unwrap());
        writer.round().unwrap();
        drop(writer);
        let report = fsck(store.as_ref(), signer().vkey()).unwrap();
        assert_eq!((report.findings, report.held), (Vec::new(), 1));
        let Opened { mut writer, reader, .. } = open_for_quorum(&store, &clock);
        publish_with_quorum(&mut writer);
        assert_served(&reader, &about, FACTS);
    }
}

/// A text was redacted, that was taken back, and it was redacted again: with a quorum. A withdrawal of the withdrawal is signed.
fn redact_twice(store: &Arc<MemoryStore>, clock: &Arc<TestClock>, again: bool) -> Signed {
    drop(enrolled(&(store.clone() as Arc<dyn Store>)));
    let Opened { mut writer, reader, .. } = open_for_quorum(store, clock);
    let about = decision(1);
    let first = redaction(2, &[leaf(&about)], &[FACTS]);
    let withdrawn = withdrawal(3, &[leaf(&first)]);
    let second = redaction(4, &[leaf(&about)], &[FACTS]);
    for signed in
        [Some(&about), Some(&first), Some(&withdrawn), Some(&second).filter(|_| again)].into_iter().flatten()
    {
        writer.submit(admit(&reader, signed).unwrap());
        writer.round().unwrap();
        publish_with_quorum(&mut writer);
    }
    writer.settle().unwrap();
    writer.submit(admit(&reader, &withdrawal(5, &[leaf(&withdrawn)])).unwrap());
    writer.round().unwrap();
    clock.advance(HOLD);
    about
}

/// By what is signed the first of two redactions takes the text, and does not count yet: a start wrote the second down as carried out.
#[test]
fn a_start_erases_for_the_one_that_counts() {
    let (store, clock) = (Arc::new(MemoryStore::new()), TestClock::new());
    let about = redact_twice(&store, &clock, true);
    let Opened { reader, .. } = open_for_quorum(&store, &clock);
    assert_redacted(&reader, &about, FACTS, 5);
    assert_eq!(holding(store.as_ref(), text_of(&about, FACTS)), Vec::<String>::new());
}

/// The stage is lost that lets a redaction count again: nobody has signed for that tree but the log.
#[test]
fn what_counts_again_in_a_lost_stage_is_kept_for_its_quorum() {
    let (store, clock) = (Arc::new(MemoryStore::new()), TestClock::new());
    let about = redact_twice(&store, &clock, false);
    store.list("stage").unwrap().iter().for_each(|stage| store.delete(stage).unwrap());
    let Opened { mut writer, reader, .. } = open_for_quorum(&store, &clock);
    writer.round().unwrap();
    assert_eq!(holding(store.as_ref(), text_of(&about, FACTS)), ["addenda-pack/000"]);
    // Whoever sends the redaction again waits for it, and nothing is due by itself.
    let ticket = writer.submit(admit(&reader, &redaction(2, &[leaf(&about)], &[FACTS])).unwrap());
    assert_eq!((writer.round().unwrap().answers, writer.next_erasing_ms()), (Vec::new(), None));
    let tree = writer.begin_publication().unwrap();
    (1..=2).for_each(|number| cosign(&mut writer, number, &tree));
    let answers = [writer.publish().unwrap().answers, writer.round().unwrap().answers].concat();
    assert!(
        matches!(answers[..], [(answered, Answer::Duplicate { .. })] if answered == ticket),
        "{answers:?}"
    );
    assert_redacted(&reader, &about, FACTS, 3);
    assert_eq!(holding(store.as_ref(), text_of(&about, FACTS)), Vec::<String>::new());
}

/// A withdrawal of a withdrawal lets a redaction count again whose hold has passed: what it names is served until that is published.
#[test]
fn what_counts_again_is_erased_behind_its_publication() {
    for restarts in [false, true] {
        let (store, clock) = (Arc::new(MemoryStore::new()), TestClock::new());
        drop(enrolled(&(store.clone() as Arc<dyn Store>)));
        let Opened { mut writer, mut reader, .. } = open_for_quorum(&store, &clock);
        let about = decision(1);
        let redacted = redaction(2, &[leaf(&about)], &[FACTS]);
        let withdrawn = withdrawal(3, &[leaf(&redacted)]);
        for signed in [&about, &redacted, &withdrawn] {
            writer.submit(admit(&reader, signed).unwrap());
            writer.round().unwrap();
            publish_with_quorum(&mut writer);
        }
        clock.advance(HOLD);
        writer.round().unwrap();
        writer.submit(admit(&reader, &withdrawal(4, &[leaf(&withdrawn)])).unwrap());
        for _ in 0..3 {
            writer.round().unwrap();
        }
        if restarts {
            drop(writer);
            let opened = open_for_quorum(&store, &clock);
            (writer, reader) = (opened.writer, opened.reader);
            writer.round().unwrap();
        }
        assert_served(&reader, &about, FACTS);
        publish_with_quorum(&mut writer);
        writer.round().unwrap();
        writer.settle().unwrap();
        assert_gone(&store, &reader, &about, FACTS, 3);
        assert_clean(store.as_ref());
    }
}

/// Behind a lost stage nothing is erased before the quorum, whatever else is signed meanwhile: fsck called it overdue.
#[test]
fn what_waits_behind_a_lost_stage_is_no_fault() {
    let (store, clock) = (Arc::new(MemoryStore::new()), TestClock::new());
    drop(enrolled(&(store.clone() as Arc<dyn Store>)));
    let Opened { mut writer, reader, .. } = open_for_quorum(&store, &clock);
    let about = decision(1);
    for signed in [&about, &redaction(2, &[leaf(&about)], &[FACTS])] {
        writer.submit(admit(&reader, signed).unwrap());
        writer.round().unwrap();
        publish_with_quorum(&mut writer);
    }
    writer.settle().unwrap();
    writer.submit(admit(&reader, &decision(3)).unwrap());
    writer.round().unwrap();
    let left = Arc::new(store.after_kill());
    left.list("stage").unwrap().iter().for_each(|stage| left.delete(stage).unwrap());
    clock.advance(HOLD);
    let Opened { mut writer, reader, .. } = open_for_quorum(&left, &clock);
    writer.submit(admit(&reader, &decision(4)).unwrap());
    writer.round().unwrap();
    let report = fsck(left.as_ref(), signer().vkey()).unwrap();
    assert!(report.findings.iter().all(|one| !one.place.starts_with("entry")), "{:#?}", report.findings);
    publish_with_quorum(&mut writer);
    writer.round().unwrap();
    assert_redacted(&reader, &about, FACTS, 3);
    assert_eq!(holding(left.as_ref(), text_of(&about, FACTS)), Vec::<String>::new());
}

/// The redaction of a statement's facts, and its withdrawal.
fn taken_back(about: &Signed) -> [Signed; 2] {
    let redacted = redaction(2, &[leaf(about)], &[FACTS]);
    let withdrawn = withdrawal(3, &[leaf(&redacted)]);
    [redacted, withdrawn]
}

/// A redaction counted again in a round that nobody had seen, and took a text with it that the same round disclosed; the next
/// round took that back. Fails if a text is dropped unwritten for a redaction of an earlier round.
#[test]
fn what_counts_again_for_a_moment_takes_nothing() {
    let clock = TestClock::new();
    let about = secretive(1);
    let [redacted, first] = taken_back(&about);
    let other = decision(4);
    let (store, opened) = published(&clock, &[&about, &redacted, &first, &other]);
    let Opened { mut writer, reader, .. } = opened;
    clock.advance(HOLD);
    writer.round().unwrap();
    let second = withdrawal(6, &[leaf(&first)]);
    let opened = texts(&about, &[FACTS]);
    writer.submit(admit_with(&reader, &disclosure(5, &about, &[FACTS]), &opened).unwrap());
    writer.submit(admit(&reader, &second).unwrap());
    writer.submit(admit(&reader, &redaction(7, &[leaf(&other)], &[FACTS])).unwrap());
    writer.round().unwrap();
    writer.submit(admit(&reader, &withdrawal(8, &[leaf(&second)])).unwrap());
    writer.round().unwrap();
    publish_with_quorum(&mut writer);
    assert_served(&reader, &about, FACTS);
    writer.settle().unwrap();
    assert_eq!(fsck(store.as_ref(), signer().vkey()).unwrap().findings, []);
}

/// The published tree and the newest signed one say that a redaction counts; the one between them, which gets its quorum, that it
/// does not.
#[test]
fn what_a_tree_between_gives_back_is_there_when_that_is_published() {
    let clock = TestClock::new();
    let about = decision(1);
    let redacted = redaction(2, &[leaf(&about)], &[FACTS]);
    let (_, opened) = published(&clock, &[&about, &redacted]);
    let Opened { mut writer, reader, .. } = opened;
    clock.advance(HOLD / 2);
    let first = withdrawal(3, &[leaf(&redacted)]);
    writer.submit(admit(&reader, &first).unwrap());
    writer.round().unwrap();
    let tree = writer.begin_publication().unwrap();
    clock.advance(HOLD / 2);
    writer.submit(admit(&reader, &withdrawal(4, &[leaf(&first)])).unwrap());
    writer.round().unwrap();
    (1..=2).for_each(|number| cosign(&mut writer, number, &tree));
    writer.publish().unwrap();
    assert_eq!(writer.published_tree().unwrap().head(), tree.head());
    assert_served(&reader, &about, FACTS);
}

/// A range passes over a text that the ledger does not hold. Fails if the redaction of the range takes it all the same, because an
/// earlier one named it that counts again in a round that waits.
#[test]
fn a_range_does_not_take_what_it_passed_over() {
    let clock = TestClock::new();
    let about = secretive(1);
    let first = redaction(3, &[leaf(&about)], &[FACTS]);
    let range = redaction(4, &[range(1, 2)], &[FACTS]);
    let withdrawn = withdrawal(5, &[leaf(&first)]);
    let (store, opened) = published(&clock, &[&about, &decision(2), &first, &range, &withdrawn]);
    let Opened { mut writer, reader, .. } = opened;
    let opened = texts(&about, &[FACTS]);
    writer.submit(admit_with(&reader, &disclosure(6, &about, &[FACTS]), &opened).unwrap());
    writer.round().unwrap();
    publish_with_quorum(&mut writer);
    assert_served(&reader, &about, FACTS);
    writer.submit(admit(&reader, &withdrawal(7, &[leaf(&withdrawn)])).unwrap());
    writer.round().unwrap();
    // Killed before the hold has passed: a start carries out the range.
    let killed = Arc::new(store.after_kill());
    clock.advance(HOLD);
    (0..3).for_each(|_| drop(writer.round().unwrap()));
    assert_served(&reader, &about, FACTS);
    drop(writer);
    for store in [store, killed] {
        let Opened { mut writer, reader, .. } = open_for_quorum(&store, &clock);
        assert_served(&reader, &about, FACTS);
        publish_with_quorum(&mut writer);
        writer.round().unwrap();
        assert_redacted(&reader, &about, FACTS, 4);
        assert_eq!(holding(store.as_ref(), text_of(&about, FACTS)), Vec::<String>::new());
    }
}

/// The tree that is published says that a redaction counts again; one behind it that it does not, and the newest once more. Fails
/// if the redaction does not wait for the newest.
#[test]
fn what_was_taken_back_again_meanwhile_waits_for_the_newest() {
    let clock = TestClock::new();
    let about = decision(1);
    let [redacted, first] = taken_back(&about);
    let (store, opened) = published(&clock, &[&about, &redacted, &first]);
    let Opened { mut writer, reader, .. } = opened;
    clock.advance(HOLD);
    let second = withdrawal(4, &[leaf(&first)]);
    writer.submit(admit(&reader, &second).unwrap());
    writer.round().unwrap();
    let tree = writer.begin_publication().unwrap();
    let third = withdrawal(5, &[leaf(&second)]);
    for signed in [&third, &withdrawal(6, &[leaf(&third)])] {
        writer.submit(admit(&reader, signed).unwrap());
        writer.round().unwrap();
    }
    (1..=2).for_each(|number| cosign(&mut writer, number, &tree));
    writer.publish().unwrap();
    assert_eq!(writer.published_tree().unwrap().head(), tree.head());
    writer.round().unwrap();
    writer.settle().unwrap();
    assert_eq!(holding(store.as_ref(), text_of(&about, FACTS)), ["addenda-pack/000"]);
    publish_with_quorum(&mut writer);
    writer.round().unwrap();
    assert_eq!(holding(store.as_ref(), text_of(&about, FACTS)), Vec::<String>::new());
}

/// Who carried out the second of two redactions died between marks and zeros, and the start knows the first alone as begun. Fails
/// if a mark is taken for a tombstone while anything is doubtful.
#[test]
fn a_mark_is_no_tombstone_for_the_second_of_two() {
    let (store, clock) = (Arc::new(MemoryStore::new()), TestClock::new());
    let about = redact_twice(&store, &clock, true);
    mark(&store, &about);
    store.delete("erasures").unwrap();
    let Opened { mut writer, .. } = open_for_quorum(&store, &clock);
    assert_eq!(holding(store.as_ref(), text_of(&about, FACTS)).len(), 1);
    clock.advance(HOLD);
    for _ in 0..3 {
        writer.round().unwrap();
    }
    assert_eq!(holding(store.as_ref(), text_of(&about, FACTS)), Vec::<String>::new());
}

/// A copy of a pack was made between marks and zeros, and is put back when the redaction is long carried out. Fails if a start
/// counts marks and not tombstones.
#[test]
fn a_pack_that_was_copied_between_marks_and_zeros_is_erased_again() {
    let clock = TestClock::new();
    let about = decision(1);
    let (store, opened) = published(&clock, &[&about, &redaction(2, &[leaf(&about)], &[FACTS])]);
    let mut writer = opened.writer;
    writer.settle().unwrap();
    let other = Arc::new(store.after_kill());
    mark(&other, &about);
    let copy = other.get("addenda-pack/000").unwrap().unwrap();
    clock.advance(HOLD);
    writer.round().unwrap();
    writer.settle().unwrap();
    drop(writer);
    assert_eq!(holding(store.as_ref(), text_of(&about, FACTS)), Vec::<String>::new());
    store.overwrite("addenda-pack/000", 0, &copy).unwrap();
    drop(open_for_quorum(&store, &clock));
    assert_eq!(fsck(store.as_ref(), signer().vkey()).unwrap().findings, []);
    assert_eq!(holding(store.as_ref(), text_of(&about, FACTS)), Vec::<String>::new());
}
