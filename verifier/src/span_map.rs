//! Which ranges of numbers hold a number: each range is cut into blocks of a power of two, aligned, as a Merkle tree cuts
//! its leaves. A range of 2^20 numbers takes at most 40 blocks, and a look-up asks 21.

use std::collections::HashMap;

use crate::sequence::Sequence;
use crate::snapshot::{Eye, Pen, Stored};
use crate::targets::SequenceRange;

/// The largest block has 2^20 numbers, as many as the longest range.
const LEVELS: u32 = 21;

/// A block: its level, and its place among the blocks of that level.
type Block = (u32, u64);

/// Values that hold for ranges of numbers.
#[derive(Debug, Clone)]
pub(crate) struct SpanMap<T> {
    blocks: HashMap<Block, Vec<T>>,
}

impl<T> Default for SpanMap<T> {
    fn default() -> SpanMap<T> {
        SpanMap { blocks: HashMap::new() }
    }
}

impl<T: Copy> SpanMap<T> {
    /// Lets a value hold for a range.
    pub(crate) fn insert(&mut self, range: SequenceRange, value: T) {
        for block in blocks(range) {
            self.blocks.entry(block).or_default().push(value);
        }
    }

    /// The values that hold for a number, in no order.
    pub(crate) fn at(&self, number: Sequence) -> impl Iterator<Item = T> {
        let slot = number.get() - 1;
        (0..LEVELS).filter_map(move |level| self.blocks.get(&(level, slot >> level))).flatten().copied()
    }

    /// The most values that one block of the range has: what bounds the work of looking up a number in it.
    pub(crate) fn crowd(&self, range: SequenceRange) -> usize {
        blocks(range).filter_map(|block| self.blocks.get(&block)).map(Vec::len).max().unwrap_or(0)
    }
}

/// How many ranges hold each number.
#[derive(Debug, Clone, Default)]
pub(crate) struct SpanCount(HashMap<Block, u32>);

impl SpanCount {
    /// One range more, or one less of those that were there.
    pub(crate) fn change(&mut self, range: SequenceRange, more: bool) {
        for block in blocks(range) {
            let count = self.0.get(&block).copied().unwrap_or(0);
            match if more { count.saturating_add(1) } else { count.saturating_sub(1) } {
                0 => drop(self.0.remove(&block)),
                count => drop(self.0.insert(block, count)),
            }
        }
    }

    /// Whether any range holds the number.
    pub(crate) fn is_covered(&self, number: Sequence) -> bool {
        let slot = number.get() - 1;
        (0..LEVELS).any(|level| self.0.contains_key(&(level, slot >> level)))
    }
}

impl<T: Stored> Stored for SpanMap<T> {
    fn put(&self, to: &mut Pen) {
        self.blocks.put(to);
    }

    fn take(from: &mut Eye<'_>) -> Option<SpanMap<T>> {
        Stored::take(from).map(|blocks| SpanMap { blocks })
    }
}

impl Stored for SpanCount {
    fn put(&self, to: &mut Pen) {
        self.0.put(to);
    }

    fn take(from: &mut Eye<'_>) -> Option<SpanCount> {
        Stored::take(from).map(SpanCount)
    }
}

/// The blocks that make up a range, from its first number to its last.
fn blocks(range: SequenceRange) -> impl Iterator<Item = Block> {
    // Numbers begin at 1, blocks at 0; both are far below 2^63.
    let (mut next, end) = (range.first().get() - 1, range.last().get());
    std::iter::from_fn(move || {
        if next >= end {
            return None;
        }
        let aligned = next.trailing_zeros().min(LEVELS - 1);
        let fits = (end - next).ilog2();
        let level = aligned.min(fits);
        let block = (level, next >> level);
        next += 1 << level;
        Some(block)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn range(first: u64, last: u64) -> SequenceRange {
        SequenceRange::new(Sequence::new(first).unwrap(), Sequence::new(last).unwrap()).unwrap()
    }

    #[test]
    fn every_small_range_holds_exactly_its_numbers() {
        for first in 1..=40 {
            for last in first..=40 {
                let mut map = SpanMap::default();
                map.insert(range(first, last), ());
                for number in 1..=45 {
                    let found = map.at(Sequence::new(number).unwrap()).count();
                    let expected = usize::from((first..=last).contains(&number));
                    assert_eq!(found, expected, "{number} in {first}..={last}");
                }
            }
        }
    }

    #[test]
    fn the_longest_ranges_take_few_blocks() {
        for first in [1, 2, 1 << 20, (1 << 20) + 1, 777_777, Sequence::MAX - (1 << 20) + 1] {
            let longest = range(first, first + (1 << 20) - 1);
            assert!(blocks(longest).count() <= 40, "from {first}");
            let numbers: u64 = blocks(longest).map(|(level, _)| 1u64 << level).sum();
            assert_eq!(numbers, 1 << 20);
            let mut map = SpanMap::default();
            map.insert(longest, 7);
            for (number, holds) in [(first, 1), (first + (1 << 19), 1), (first + (1 << 20) - 1, 1)] {
                assert_eq!(map.at(Sequence::new(number).unwrap()).count(), holds, "{number}");
            }
            assert_eq!(map.crowd(longest), 1);
        }
    }
}
