//! A set of an issuer's numbers, a bit for each: which of them are decisions.

use std::collections::BTreeMap;

use crate::sequence::Sequence;
use crate::snapshot::{Eye, Pen, Stored};

/// Numbers of one page. Voids can leave great gaps, and a page that has no number takes no room.
const PAGE: u64 = 512;

/// A set of numbers in pages of 512.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NumberSet(BTreeMap<u64, [u64; 8]>);

impl NumberSet {
    /// Puts a number in.
    pub(crate) fn insert(&mut self, number: Sequence) {
        let (page, word, bit) = place(number.get());
        if let Some(bits) = self.0.entry(page).or_default().get_mut(word) {
            *bits |= 1 << bit;
        }
    }

    /// How many of the numbers from `first` to `last`, both in it, are in the set; 0 where `last` is below `first`.
    pub(crate) fn count(&self, first: Sequence, last: Sequence) -> u64 {
        let (first, last) = (first.get(), last.get());
        if first > last {
            return 0;
        }
        let pages = self.0.range(first / PAGE..=last / PAGE);
        let words = pages.flat_map(|(page, words)| (page * (PAGE / 64)..).zip(words));
        let counted = words.map(|(word, bits)| {
            let above = if word == first / 64 { u64::MAX << (first % 64) } else { u64::MAX };
            let below = if word == last / 64 { u64::MAX >> (63 - last % 64) } else { u64::MAX };
            let inside = (first / 64..=last / 64).contains(&word);
            if inside { u64::from((bits & above & below).count_ones()) } else { 0 }
        });
        counted.sum()
    }
}

impl Stored for NumberSet {
    fn put(&self, to: &mut Pen) {
        self.0.put(to);
    }

    fn take(from: &mut Eye<'_>) -> Option<NumberSet> {
        // No number lies above the largest.
        let has_room = |set: &NumberSet| set.0.keys().all(|page| *page <= Sequence::MAX / PAGE);
        Stored::take(from).map(NumberSet).filter(has_room)
    }
}

/// The page, the word in it, and the bit in that.
fn place(number: u64) -> (u64, usize, u64) {
    (number / PAGE, (number % PAGE / 64) as usize, number % 64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn every_small_range_is_counted() {
        let number = |n| Sequence::new(n).unwrap();
        let mut set = NumberSet::default();
        let members = |n: u64| n.is_multiple_of(3) || (64..70).contains(&n) || (500..520).contains(&n);
        (1..=700).filter(|n| members(*n)).for_each(|n| set.insert(number(n)));
        for first in (1..=720).step_by(7) {
            let alone = set.count(number(first), number(first));
            assert_eq!(alone == 1, first <= 700 && members(first), "{first}");
            for last in first..=760 {
                let expected = (first..=last.min(700)).filter(|n| members(*n)).count() as u64;
                assert_eq!(set.count(number(first), number(last)), expected, "{first}..={last}");
            }
        }
        assert_eq!(set.count(number(1), number(Sequence::MAX)), set.count(number(1), number(700)));
        assert_eq!(set.count(number(9), number(3)), 0);
    }
}
