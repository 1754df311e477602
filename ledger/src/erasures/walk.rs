//! The entries that a redaction names, found step by step: however many they are, each step is short.

use std::collections::{BTreeMap, BTreeSet};

use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::naming::Naming;
use glasshouse_verifier::sequence::{NumberState, Sequence, SequenceWindow};
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::targets::SequenceRange;

use crate::index::{Index, IndexError};
use crate::pack::pack_of;

/// Most entries of one step: what is read, erased and synced in some tens of milliseconds.
pub(crate) const ENTRIES_AT_ONCE: usize = 4_096;
/// Most packs of one step: entries that lie far apart cost a bundle and a pack each.
const PACKS_AT_ONCE: usize = 128;
/// Most numbers of one step: those that were voided cost a look, and no entry.
const NUMBERS_AT_ONCE: u64 = 65_536;

/// An entry to be looked at: its place, and the number by which it was found, if it was.
pub(crate) type Place = (LeafIndex, Option<Sequence>);

/// Why a walk does not go on.
#[derive(Debug)]
pub(crate) enum WalkError {
    /// The look-ups do not know an entry of that number, and the log has one.
    Lost(Sequence),
    /// The look-ups.
    Index(IndexError),
}

/// What a redaction names, and how far it was looked at.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    owner: Issuer,
    entries: Vec<LeafIndex>,
    ranges: Vec<SequenceRange>,
    at: Cursor,
}

/// How far a walk is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cursor {
    entry: usize,
    range: usize,
    /// The next number of that range; 0 for its first.
    next: u64,
}

impl Walk {
    /// From the beginning of what a statement about that owner's entries names.
    pub(crate) fn of(owner: Issuer, naming: &Naming) -> Walk {
        let entries = naming.entries().iter().map(|entry| entry.index).collect();
        Walk { owner, entries, ranges: naming.ranges().to_vec(), at: Cursor::default() }
    }

    /// From the beginning of what was written down.
    pub(crate) fn from_parts(owner: Issuer, entries: Vec<LeafIndex>, ranges: Vec<SequenceRange>) -> Walk {
        Walk { owner, entries, ranges, at: Cursor::default() }
    }

    /// The entries and the ranges that it names.
    pub(crate) fn parts(&self) -> (&[LeafIndex], &[SequenceRange]) {
        (&self.entries, &self.ranges)
    }

    /// One walk for each owner, in which nothing is looked at twice.
    pub(crate) fn together<'a>(walks: impl Iterator<Item = &'a Walk>) -> Vec<Walk> {
        let mut by_owner: BTreeMap<&Issuer, (BTreeSet<LeafIndex>, Vec<SequenceRange>)> = BTreeMap::new();
        for walk in walks {
            let (entries, ranges) = by_owner.entry(&walk.owner).or_default();
            entries.extend(&walk.entries);
            ranges.extend(&walk.ranges);
        }
        let joined = by_owner.into_iter().map(|(owner, (entries, ranges))| Walk {
            owner: owner.clone(),
            entries: entries.into_iter().collect(),
            ranges: without_overlaps(ranges),
            at: Cursor::default(),
        });
        joined.collect()
    }

    /// Whose entries they are.
    pub(crate) fn owner(&self) -> &Issuer {
        &self.owner
    }

    /// Whether it asks the look-ups for entries by number.
    pub(crate) fn asks_for_numbers(&self) -> bool {
        self.at.range < self.ranges.len()
    }

    /// Whether everything was looked at.
    pub(crate) fn is_done(&self) -> bool {
        self.at.entry >= self.entries.len() && self.at.range >= self.ranges.len()
    }

    /// Goes on to where a step ended.
    pub(crate) fn go_on(&mut self, to: Cursor) {
        self.at = to;
    }

    /// The next entries, as many as there is room for, and where the walk goes on behind them. `window`: the owner's numbers.
    pub(crate) fn step(
        &self,
        index: &Index,
        window: Option<&SequenceWindow>,
        room: &mut Room,
    ) -> Result<(Vec<Place>, Cursor), WalkError> {
        let mut places = Vec::new();
        let mut at = self.at;
        while let Some(place) = self.entries.get(at.entry)
            && !room.is_full()
        {
            room.take(*place);
            places.push((*place, None));
            at.entry += 1;
        }
        while let Some(range) = self.ranges.get(at.range)
            && !room.is_full()
        {
            let first = range.first().get().max(at.next);
            let last = range.last().get().min(first + (NUMBERS_AT_ONCE - room.numbers) - 1);
            let found = index.sequence_places(&self.owner, first, last, usize::MAX, TreeSize::ZERO);
            let found = found.map_err(WalkError::Index)?;
            let mut found = found.into_iter().peekable();
            for number in (first..=last).filter_map(Sequence::new) {
                if room.is_full() {
                    break;
                }
                match found.next_if(|(known, _)| *known == number) {
                    Some((_, place)) => {
                        room.take(place);
                        places.push((place, Some(number)));
                    }
                    None if window.is_none_or(|window| window.state(number) == NumberState::Taken) => {
                        return Err(WalkError::Lost(number));
                    }
                    None => {}
                }
                room.numbers += 1;
                at.next = number.get() + 1;
            }
            if at.next > range.last().get() {
                at = Cursor { range: at.range + 1, next: 0, ..at };
            }
        }
        Ok((places, at))
    }
}

/// How much one step has taken on.
#[derive(Debug, Default)]
pub(crate) struct Room {
    entries: usize,
    packs: BTreeSet<u64>,
    numbers: u64,
}

impl Room {
    /// Whether the step has enough to do.
    pub(crate) fn is_full(&self) -> bool {
        self.entries >= ENTRIES_AT_ONCE
            || self.packs.len() >= PACKS_AT_ONCE
            || self.numbers >= NUMBERS_AT_ONCE
    }

    fn take(&mut self, place: LeafIndex) {
        self.entries += 1;
        self.packs.insert(pack_of(place));
    }
}

/// The same numbers as ranges that do not touch a number twice.
fn without_overlaps(mut ranges: Vec<SequenceRange>) -> Vec<SequenceRange> {
    ranges.sort_by_key(|range| (range.first(), range.last()));
    let mut apart = Vec::with_capacity(ranges.len());
    let mut next = Sequence::FIRST.get();
    for range in ranges {
        let first = Sequence::new(range.first().get().max(next));
        apart.extend(first.and_then(|first| SequenceRange::new(first, range.last())));
        next = next.max(range.last().get() + 1);
    }
    apart
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn range(first: u64, last: u64) -> SequenceRange {
        SequenceRange::new(Sequence::new(first).unwrap(), Sequence::new(last).unwrap()).unwrap()
    }

    #[test]
    fn ranges_that_overlap_are_walked_once() {
        let walk = |ranges: Vec<SequenceRange>| Walk {
            owner: Issuer::parse("https://a.example").unwrap(),
            entries: vec![LeafIndex::new(7).unwrap()],
            ranges,
            at: Cursor::default(),
        };
        let walks =
            [walk(vec![range(5, 9), range(20, 30)]), walk(vec![range(1, 6), range(8, 12), range(25, 26)])];
        let joined = Walk::together(walks.iter());
        assert_eq!(joined.len(), 1);
        assert_eq!(joined[0].entries.len(), 1);
        assert_eq!(joined[0].ranges, [range(1, 6), range(7, 9), range(10, 12), range(20, 30)]);
    }

    #[test]
    fn a_number_that_the_look_ups_lost_stops_the_walk() {
        let walk = Walk {
            owner: Issuer::parse("https://a.example").unwrap(),
            entries: Vec::new(),
            ranges: vec![range(1, 3)],
            at: Cursor::default(),
        };
        let mut window = SequenceWindow::new();
        window.void(Sequence::new(1).unwrap(), Sequence::new(3).unwrap()).unwrap();
        let index = Index::temporary().unwrap();
        let (places, at) = walk.step(&index, Some(&window), &mut Room::default()).unwrap();
        assert!(places.is_empty());
        assert_eq!((at.range, at.next), (1, 0));
        let mut window = SequenceWindow::new();
        window.take(Sequence::new(1).unwrap()).unwrap();
        let lost = walk.step(&index, Some(&window), &mut Room::default()).unwrap_err();
        assert!(matches!(lost, WalkError::Lost(number) if number.get() == 1));
    }
}
