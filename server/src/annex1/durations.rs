//! Many lengths of time, of which the median is wanted, in bounded memory.

use std::collections::BTreeMap;

const HOUR: u64 = 3_600;

/// Up to this length minutes are told apart, beyond it hours: an order that gives one hour is measured well, and a court
/// case need not be.
const FINE: u64 = 48 * HOUR;

/// Longer ones are taken for this: ten years. With it there are at most some 90,000 different lengths.
const LONGEST: u64 = 87_600 * HOUR;

/// Lengths of time in seconds, rounded down to a minute, or beyond two days to an hour.
#[derive(Debug, Clone, Default)]
pub(super) struct Durations {
    counts: BTreeMap<u64, u64>,
    all: u64,
}

impl Durations {
    /// Adds one.
    pub(super) fn add(&mut self, seconds: u64) {
        let seconds = seconds.min(LONGEST);
        let unit = if seconds < FINE { 60 } else { HOUR };
        *self.counts.entry(seconds - seconds % unit).or_default() += 1;
        self.all += 1;
    }

    /// The median in hours with two decimals: of an even number, the mean of the two in the middle. `None` without any.
    pub(super) fn median_hours(&self) -> Option<String> {
        let last = self.all.checked_sub(1)?;
        let hundredths = (self.at(last / 2)? + self.at(self.all / 2)?) * 50 / HOUR;
        Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
    }

    /// The one at a place in their order.
    fn at(&self, place: u64) -> Option<u64> {
        let mut before = 0;
        let found = self.counts.iter().find(|(_, count)| {
            before += **count;
            before > place
        });
        found.map(|(seconds, _)| *seconds)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn the_median_is_the_middle_one_or_between_the_middle_two() {
        let median = |all: &[u64]| {
            let mut durations = Durations::default();
            all.iter().for_each(|seconds| durations.add(*seconds));
            durations.median_hours()
        };
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3_600]).unwrap(), "1.00");
        assert_eq!(median(&[7_200, 0, 3_659]).unwrap(), "1.00");
        assert_eq!(median(&[3_600, 5_400]).unwrap(), "1.25");
        assert_eq!(median(&[0, 0, 0, 90 * 60]).unwrap(), "0.00");
        assert_eq!(median(&[u64::MAX]).unwrap(), "87600.00");
        assert_eq!(median(&[49 * HOUR + 1_800]).unwrap(), "49.00");
    }

    #[test]
    fn memory_is_bounded() {
        let mut durations = Durations::default();
        (0..200_000).for_each(|n| durations.add(n * 17));
        (0..200_000).for_each(|n| durations.add(n * HOUR));
        assert!(durations.counts.len() < 91_000, "{}", durations.counts.len());
    }
}
