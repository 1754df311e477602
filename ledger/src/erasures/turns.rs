//! Whose redaction is carried out next: every author in turn, the earliest first, so that nobody's long one holds up another's.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;

/// What one author has open.
#[derive(Debug, Default)]
pub(super) struct Turn {
    all: BTreeMap<LeafIndex, Sequence>,
    by_number: BTreeMap<Sequence, LeafIndex>,
    /// Those of which something is erased: they wait for no earlier one's hold.
    begun: BTreeSet<LeafIndex>,
}

impl Turn {
    /// The earliest.
    pub(super) fn first(&self) -> Option<LeafIndex> {
        self.all.first_key_value().map(|(index, _)| *index)
    }

    /// The earliest if it is due, or else the earliest that is begun.
    pub(super) fn due(&self, is_due: &dyn Fn(LeafIndex) -> bool) -> Option<LeafIndex> {
        let begun = self.begun.first().copied();
        self.first().filter(|index| is_due(*index)).or(begun.filter(|index| is_due(*index)))
    }
}

/// The turns of all authors that have something open.
#[derive(Debug, Default)]
pub(super) struct Turns {
    of: BTreeMap<Issuer, Turn>,
    last: Option<Issuer>,
}

impl Turns {
    pub(super) fn add(&mut self, author: &Issuer, number: Sequence, index: LeafIndex) {
        let turn = self.of.entry(author.clone()).or_default();
        turn.all.insert(index, number);
        turn.by_number.insert(number, index);
    }

    /// The one with that number, if it waits for its turn.
    pub(super) fn find(&self, author: &Issuer, number: Sequence) -> Option<LeafIndex> {
        self.of.get(author)?.by_number.get(&number).copied()
    }

    /// One that waits for its turn is begun.
    pub(super) fn begin(&mut self, author: &Issuer, index: LeafIndex) {
        if let Some(turn) = self.of.get_mut(author).filter(|turn| turn.all.contains_key(&index)) {
            turn.begun.insert(index);
        }
    }

    pub(super) fn remove(&mut self, author: &Issuer, index: LeafIndex) {
        let Some(turn) = self.of.get_mut(author) else { return };
        if let Some(number) = turn.all.remove(&index) {
            turn.by_number.remove(&number);
        }
        turn.begun.remove(&index);
        if turn.all.is_empty() {
            self.of.remove(author);
        }
    }

    /// What is due of the author behind the last one that had a turn.
    pub(super) fn next(&self, is_due: &dyn Fn(LeafIndex) -> bool) -> Option<LeafIndex> {
        let due = |(_, turn): (&Issuer, &Turn)| turn.due(is_due);
        let behind = |last| (Bound::Excluded(last), Bound::Unbounded);
        let later =
            self.last.as_ref().and_then(|last| self.of.range::<Issuer, _>(behind(last)).find_map(due));
        later.or_else(|| self.of.iter().find_map(due))
    }

    /// That author had a turn.
    pub(super) fn took(&mut self, author: &Issuer) {
        self.last = Some(author.clone());
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Turn> {
        self.of.values()
    }
}
