//! Which earlier entries stand differently after new ones: those that they name, and, because a withdrawal changes what the
//! withdrawn statement did and a redaction what an amendment shows, those that the named ones name, and so on.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use glasshouse_ledger::reader::{ReadError, Reader};
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::targets::{SequenceRange, Target};

/// Numbers of a range whose places are looked up at once.
const NUMBERS_AT_ONCE: usize = 4_096;

/// Entries to be looked at again, each once.
#[derive(Debug, Default)]
pub(crate) struct Affected {
    seen: HashSet<u64>,
    waiting: VecDeque<u64>,
    ranges: VecDeque<(Issuer, u64, u64)>,
    expanded: HashMap<Issuer, Ranges>,
}

impl Affected {
    /// Takes in what a statement names. What fails half-way can be done again.
    pub(crate) fn name(&mut self, reader: &Reader, statement: &Statement) -> Result<(), ReadError> {
        let payload = statement.payload();
        let Some(targets) = payload.targets() else { return Ok(()) };
        let owner = payload.provider().unwrap_or(&statement.claims().iss);
        for target in targets.iter() {
            match target {
                Target::Entry(leaf) => {
                    if let Some(index) = reader.find(leaf)? {
                        self.add(index.get());
                    }
                }
                Target::Range(range) => {
                    let expanded = self.expanded.entry(owner.clone()).or_default();
                    for (first, last) in expanded.insert(range.first().get(), range.last().get()) {
                        self.ranges.push_back((owner.clone(), first, last));
                    }
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, index: u64) {
        if self.seen.insert(index) {
            self.waiting.push_back(index);
        }
    }

    /// The next entry to be looked at again; what it names itself is to be given to [`Affected::name`].
    pub(crate) fn next(&mut self, reader: &Reader) -> Result<Option<LeafIndex>, ReadError> {
        while self.waiting.is_empty() {
            let Some((owner, first, last)) = self.ranges.front() else { return Ok(None) };
            let places = match range(*first, *last) {
                // Who fails here, because the look-ups are behind for one, can ask again.
                Some(range) => reader.places(owner, range, NUMBERS_AT_ONCE)?,
                None => Vec::new(),
            };
            let Some((owner, _, last)) = self.ranges.pop_front() else { return Ok(None) };
            if let (Some((reached, _)), true) = (places.last(), places.len() >= NUMBERS_AT_ONCE) {
                self.ranges.push_front((owner, reached.get() + 1, last));
            }
            places.iter().for_each(|(_, index)| self.add(index.get()));
        }
        Ok(self.waiting.pop_front().and_then(|index| LeafIndex::new(index).ok()))
    }
}

fn range(first: u64, last: u64) -> Option<SequenceRange> {
    SequenceRange::new(Sequence::new(first)?, Sequence::new(last)?)
}

/// Numbers that were taken in, as ranges that do not meet.
#[derive(Debug, Default)]
struct Ranges(BTreeMap<u64, u64>);

impl Ranges {
    /// Takes in a range, and gives the parts of it that are new.
    fn insert(&mut self, first: u64, last: u64) -> Vec<(u64, u64)> {
        let (mut fresh, mut next, mut from, mut to) = (Vec::new(), first, first, last);
        let before =
            self.0.range(..first).next_back().filter(|(_, end)| **end >= first).map(|(a, b)| (*a, *b));
        let inside: Vec<(u64, u64)> =
            before.into_iter().chain(self.0.range(first..=last).map(|(a, b)| (*a, *b))).collect();
        for (a, b) in inside {
            if next < a {
                fresh.push((next, a - 1));
            }
            next = next.max(b.saturating_add(1));
            (from, to) = (from.min(a), to.max(b));
            self.0.remove(&a);
        }
        if next <= last {
            fresh.push((next, last));
        }
        self.0.insert(from, to);
        fresh
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn only_new_parts_of_ranges_are_expanded() {
        let mut ranges = Ranges::default();
        for (given, fresh) in [
            ((10, 20), vec![(10, 20)]),
            ((10, 20), vec![]),
            ((12, 15), vec![]),
            ((5, 12), vec![(5, 9)]),
            ((30, 40), vec![(30, 40)]),
            ((18, 35), vec![(21, 29)]),
            ((1, 50), vec![(1, 4), (41, 50)]),
            ((50, 51), vec![(51, 51)]),
        ] {
            assert_eq!(ranges.insert(given.0, given.1), fresh, "{given:?}");
        }
        // The same as numbers one by one.
        let (mut ranges, mut numbers, mut seed) =
            (Ranges::default(), std::collections::BTreeSet::new(), 7u64);
        for _ in 0..2_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (first, length) = (seed >> 33 & 511, seed >> 60);
            let expected: Vec<u64> = (first..=first + length).filter(|n| numbers.insert(*n)).collect();
            let fresh = ranges.insert(first, first + length);
            assert_eq!(fresh.into_iter().flat_map(|(a, b)| a..=b).collect::<Vec<_>>(), expected);
        }
    }
}
