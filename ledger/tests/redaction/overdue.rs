//! What a check calls overdue, where rounds lie staged that the published tree does not have.

use std::sync::Arc;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::fsck::{FsckReport, fsck};
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::open::Opened;
use glasshouse_ledger::store::Store;

use crate::quorum::{HOLD, open_for_quorum, publish_each, published, sign};
use crate::support::lives::*;
use crate::support::*;
use crate::world::{FACTS, GROUND};

struct Folder {
    store: Arc<MemoryStore>,
    clock: Arc<TestClock>,
    opened: Opened,
}

impl Folder {
    fn with(statements: &[&Signed]) -> Folder {
        let clock = TestClock::new();
        let (store, opened) = published(&clock, statements);
        Folder { store, clock, opened }
    }

    /// In a round that is not published.
    fn sign(&mut self, signed: &Signed) {
        assert!(sign(&mut self.opened, signed));
    }

    /// What a kill leaves.
    fn left(&self) -> Arc<MemoryStore> {
        Arc::new(self.store.after_kill())
    }
}

fn check(left: &Arc<MemoryStore>) -> FsckReport {
    fsck(left.as_ref(), signer().vkey()).unwrap()
}

fn lies(left: &Arc<MemoryStore>, about: &Signed) -> bool {
    !holding(left.as_ref(), text_of(about, FACTS)).is_empty()
}

/// The first of two redactions is taken back in a round that waits. The second is held, or waits with it: the start keeps the text,
/// and fsck said that it would erase it.
#[test]
fn the_one_that_takes_over_may_be_held_or_wait() {
    for is_published in [true, false] {
        let about = decision(1);
        let first = redaction(2, &[leaf(&about)], &[FACTS]);
        let mut folder = Folder::with(&[&about, &first]);
        folder.clock.advance(HOLD / 4);
        let second = redaction(3, &[leaf(&about)], &[FACTS, GROUND]);
        match is_published {
            true => publish_each(&mut folder.opened, &[&second]),
            false => folder.sign(&second),
        }
        folder.clock.advance(HOLD / 4);
        folder.sign(&withdrawal(4, &[leaf(&first)]));
        folder.clock.advance(HOLD / 2 + 1);
        folder.sign(&decision(5));
        let left = folder.left();
        let report = check(&left);
        assert_eq!((report.findings, report.held), (Vec::new(), if is_published { 2 } else { 1 }));
        drop(open_for_quorum(&left, &folder.clock));
        assert!(lies(&left, &about));
    }
}

/// A redaction was taken back, and counts again, in rounds that wait: a start keeps the text, for the round between them may be
/// published first.
#[test]
fn what_counts_again_in_rounds_that_wait_is_not_overdue() {
    let about = decision(1);
    let redacted = redaction(2, &[leaf(&about)], &[FACTS]);
    let first = withdrawal(3, &[leaf(&redacted)]);
    let mut folder = Folder::with(&[&about, &redacted]);
    folder.sign(&first);
    folder.sign(&withdrawal(4, &[leaf(&first)]));
    folder.clock.advance(HOLD);
    folder.sign(&decision(5));
    let left = folder.left();
    let report = check(&left);
    assert_eq!((report.findings, report.held), (Vec::new(), 1));
    drop(open_for_quorum(&left, &folder.clock));
    assert!(lies(&left, &about));
}

/// Of what is overdue all the same staged rounds say nothing.
#[test]
fn what_nothing_staged_takes_back_is_overdue() {
    let about = decision(1);
    let mut folder = Folder::with(&[&about, &redaction(2, &[leaf(&about)], &[FACTS])]);
    folder.opened.writer.settle().unwrap();
    let pack = folder.store.get("addenda-pack/000").unwrap().unwrap();
    folder.clock.advance(HOLD);
    folder.sign(&decision(3));
    let left = folder.left();
    assert!(!lies(&left, &about) && check(&left).is_clean());
    // Somebody puts the texts back.
    left.overwrite("addenda-pack/000", 0, &pack).unwrap();
    let report = check(&left);
    let rules: Vec<&str> = report.findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert!(rules.len() == 1 && rules[0].ends_with("still there; the next start erases them"), "{rules:?}");
    drop(open_for_quorum(&left, &folder.clock));
    assert!(!lies(&left, &about));
}

/// Of three staged rounds one is lost, or all: what it took back nobody knows. Fails if rounds behind a gap, or none, are taken
/// for all that was signed.
#[test]
fn behind_a_lost_round_nothing_is_overdue() {
    for lost in [0..1, 1..2, 2..3, 0..3] {
        let about = decision(1);
        let first = redaction(2, &[leaf(&about)], &[FACTS]);
        let mut folder = Folder::with(&[&about, &first]);
        folder.opened.writer.settle().unwrap();
        for signed in [decision(3), withdrawal(4, &[leaf(&first)]), decision(5)] {
            folder.sign(&signed);
            folder.clock.advance(HOLD / 2);
        }
        let left = folder.left();
        let stages = left.list("stage").unwrap();
        stages[lost.clone()].iter().for_each(|stage| left.delete(stage).unwrap());
        let report = check(&left);
        let texts = report.findings.iter().filter(|finding| finding.place.starts_with("entry"));
        assert_eq!((texts.count(), report.held), (0, 1), "{lost:?}: {:#?}", report.findings);
        drop(open_for_quorum(&left, &folder.clock));
        assert!(lies(&left, &about));
    }
}
