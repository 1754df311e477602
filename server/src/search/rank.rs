//! In which order hits are shown: each sort gives an entry a rank, and the least comes first. A cursor is the rank that was
//! shown last, so a list goes on where it stood, whatever was added meanwhile.

use std::ops::RangeInclusive;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glasshouse_ledger::near::near;
use glasshouse_verifier::hash::Digest;

use crate::problem::Problem;

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// The order of the log.
    Oldest,
    /// The order of the log, backwards.
    Newest,
    /// By day, the earliest first.
    Day,
    /// By day, the latest first. What has no day comes last in both.
    DayBackwards,
}

/// Where an entry stands: the first number decides, then the second. No two entries have one rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(u64, u64);

/// Bytes of a cursor: the two numbers and a check of four.
const CURSOR_BYTES: usize = 8 + 8 + 4;

impl Rank {
    /// Its two numbers, in the order in which they decide.
    pub(crate) fn numbers(self) -> (u64, u64) {
        (self.0, self.1)
    }
}

impl Sort {
    /// Every order, with its name.
    const ALL: [(&'static str, Sort); 4] = [
        ("oldest", Sort::Oldest),
        ("newest", Sort::Newest),
        ("day", Sort::Day),
        ("-day", Sort::DayBackwards),
    ];

    /// The order of that name.
    ///
    /// # Errors
    /// `bad-request`.
    pub(crate) fn parse(text: &str) -> Result<Sort, Problem> {
        let found = Sort::ALL.iter().find(|(name, _)| *name == text).map(|(_, sort)| *sort);
        found.ok_or_else(|| {
            let allowed = Sort::ALL.map(|(name, _)| name).join(", ");
            let near = near(text, Sort::ALL.map(|(name, _)| name));
            Problem::of_parameter_near("sort", "not-a-code", text, &format!("one of {allowed}"), near)
        })
    }

    /// Its name.
    pub(crate) fn as_str(self) -> &'static str {
        Sort::ALL.iter().find(|(_, sort)| *sort == self).map_or("", |(name, _)| *name)
    }

    /// Where an entry stands in this order.
    pub(crate) fn rank(self, index: u64, day: u32) -> Rank {
        let day = u64::from(day);
        match self {
            Sort::Oldest => Rank(0, index),
            Sort::Newest => Rank(0, u64::MAX - index),
            Sort::Day => Rank(if day == 0 { u64::MAX } else { day }, index),
            Sort::DayBackwards => Rank(u64::MAX - day, u64::MAX - index),
        }
    }

    /// A rank that is not greater than that of any entry with an index and, if days are looked at, a day of these ranges.
    pub(crate) fn least(self, indexes: RangeInclusive<u64>, days: Option<(u64, u64)>) -> Rank {
        let (first, last) = days.unwrap_or_default();
        match self {
            Sort::Oldest => Rank(0, *indexes.start()),
            Sort::Newest => Rank(0, u64::MAX - indexes.end()),
            // Day 0 is none, and stands behind all others.
            Sort::Day => Rank(first.max(1), *indexes.start()),
            Sort::DayBackwards => Rank(u64::MAX - last, u64::MAX - indexes.end()),
        }
    }

    /// The entry of a rank.
    pub(crate) fn index(self, rank: Rank) -> u64 {
        match self {
            Sort::Oldest | Sort::Day => rank.1,
            Sort::Newest | Sort::DayBackwards => u64::MAX - rank.1,
        }
    }

    /// What a list says to be gone on with behind a rank.
    pub(crate) fn cursor(self, rank: Rank) -> String {
        let numbers = [rank.0.to_be_bytes(), rank.1.to_be_bytes()].concat();
        let check = self.check(&numbers);
        URL_SAFE_NO_PAD.encode([numbers.as_slice(), &check].concat())
    }

    /// Reads a cursor of this order.
    ///
    /// # Errors
    /// `bad-request`, for what no list of this order has given out.
    pub(crate) fn read_cursor(self, text: &str) -> Result<Rank, Problem> {
        let allowed = "the cursor of an earlier answer, with the same sort";
        let wrong = || Problem::of_parameter("cursor", "grammar", text, allowed);
        if text.len() > 2 * CURSOR_BYTES {
            return Err(wrong());
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        let (first, rest) = bytes.split_first_chunk::<8>().ok_or_else(wrong)?;
        let (second, check) = rest.split_first_chunk::<8>().ok_or_else(wrong)?;
        if check != self.check(&[*first, *second].concat()) {
            return Err(wrong());
        }
        Ok(Rank(u64::from_be_bytes(*first), u64::from_be_bytes(*second)))
    }

    /// Tells a cursor of this order from other bytes. It is no secret: a rank that was made up harms nobody.
    fn check(self, numbers: &[u8]) -> [u8; 4] {
        let text = [b"glasshouse cursor ".as_slice(), self.as_str().as_bytes(), b" ", numbers].concat();
        let digest = Digest::of(&text);
        digest.as_bytes().first_chunk().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn each_order_ranks_and_finds_again() {
        let entries = [(0, 0), (1, 40), (2, 30), (3, 40), (4, 0)];
        for (sort, expected) in [
            (Sort::Oldest, [0, 1, 2, 3, 4]),
            (Sort::Newest, [4, 3, 2, 1, 0]),
            (Sort::Day, [2, 1, 3, 0, 4]),
            (Sort::DayBackwards, [3, 1, 2, 4, 0]),
        ] {
            let mut ranks: Vec<Rank> = entries.iter().map(|(index, day)| sort.rank(*index, *day)).collect();
            ranks.sort();
            assert_eq!(ranks.iter().map(|rank| sort.index(*rank)).collect::<Vec<_>>(), expected);
            assert_eq!(Sort::parse(sort.as_str()).unwrap(), sort);
        }
        assert_eq!(Sort::parse("best").unwrap_err().errors[0].rule, "not-a-code");
    }

    #[test]
    fn a_cursor_belongs_to_its_order() {
        let rank = Sort::Day.rank(7, 12);
        let cursor = Sort::Day.cursor(rank);
        assert_eq!(Sort::Day.read_cursor(&cursor).unwrap(), rank);
        let mut changed = cursor.clone();
        changed.replace_range(0..1, "B");
        let long = "A".repeat(1_000_000);
        for wrong in ["", "x", "7", "%00", changed.as_str(), long.as_str()] {
            assert_eq!(Sort::Day.read_cursor(wrong).unwrap_err().errors[0].path, "cursor", "{wrong:.20}");
        }
        Sort::Newest.read_cursor(&cursor).unwrap_err();
    }
}
