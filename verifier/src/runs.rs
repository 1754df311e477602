//! Ranges of numbers that do not touch, with how much lies in each, so that the sum over any range is found without
//! walking through all of them.

/// From one number to another, both in it.
pub(crate) type Run = (u64, u64);

/// Ranges in order, each with the sum over those before it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Runs {
    runs: Vec<(Run, u64)>,
}

impl Runs {
    /// From ranges in ascending order that do not overlap. `weigh` says how much lies in a range.
    pub(crate) fn new(ranges: impl Iterator<Item = Run>, weigh: impl Fn(Run) -> u64) -> Runs {
        let mut sum = 0_u64;
        let runs = ranges.map(|run| {
            let before = sum;
            sum = sum.saturating_add(weigh(run));
            (run, before)
        });
        Runs { runs: runs.collect() }
    }

    /// What there is of the ranges between two numbers, both in it: cut at these, in order.
    pub(crate) fn within(&self, first: u64, last: u64) -> impl Iterator<Item = Run> {
        let from = self.runs.partition_point(|((_, end), _)| *end < first);
        let rest = self.runs.get(from..).unwrap_or_default().iter();
        rest.take_while(move |((begin, _), _)| *begin <= last)
            .map(move |((begin, end), _)| ((*begin).max(first), (*end).min(last)))
    }

    /// How much lies in the ranges between two numbers, both in it. `weigh` is asked for what is cut at the ends only.
    pub(crate) fn sum(&self, first: u64, last: u64, weigh: impl Fn(Run) -> u64) -> u64 {
        let from = self.runs.partition_point(|((_, end), _)| *end < first);
        let to = self.runs.partition_point(|((begin, _), _)| *begin <= last);
        let (Some((head, _)), Some((tail, before_tail))) =
            (self.runs.get(from), self.runs.get(to.wrapping_sub(1)))
        else {
            return 0;
        };
        let cut = |run: &Run| weigh((run.0.max(first), run.1.min(last)));
        match to - from {
            0 => 0,
            1 => cut(head),
            // All between the first and the last lie in it whole: the first one's end is where the second's sum begins.
            _ => {
                let after_head = self.runs.get(from + 1).map_or(0, |(_, before)| *before);
                cut(head).saturating_add(before_tail - after_head).saturating_add(cut(tail))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn every_small_range_is_summed() {
        let length = |(first, last): Run| last - first + 1;
        for ranges in
            [&[][..], &[(3, 3)], &[(1, 4), (6, 6), (9, 20), (21, 22)], &[(2, 2), (4, 4), (6, 6), (8, 8)]]
        {
            let runs = Runs::new(ranges.iter().copied(), length);
            for first in 1..=25 {
                for last in first..=25 {
                    let inside = (first..=last).filter(|n| ranges.iter().any(|(a, b)| (a..=b).contains(&n)));
                    let inside: Vec<u64> = inside.collect();
                    assert_eq!(
                        runs.sum(first, last, length),
                        inside.len() as u64,
                        "{ranges:?} {first}..={last}"
                    );
                    let walked: Vec<u64> = runs.within(first, last).flat_map(|(a, b)| a..=b).collect();
                    assert_eq!(walked, inside, "{ranges:?} {first}..={last}");
                }
            }
        }
    }
}
