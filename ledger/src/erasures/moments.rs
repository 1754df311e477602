//! When redactions were published: what a hold is counted from.

use glasshouse_verifier::size::LeafIndex;

/// At most so many moments are kept: with a hold of 72 hours one for every minute. Further ones are put together, which
/// lengthens some holds by a little and shortens none.
pub(super) const MOMENTS_MAX: usize = 4_096;

/// From which entry on redactions were published at which time, in milliseconds since 1970, both ascending. Redactions
/// before the first of these were published so long ago that no hold lasts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Moments(Vec<(u64, u64)>);

impl Moments {
    /// Reads what [`Moments::iter`] gives; `None` if it is not ascending or too long.
    pub(super) fn read(moments: Vec<(u64, u64)>) -> Option<Moments> {
        let ascending = moments.windows(2).all(|pair| match pair {
            [a, b] => a.0 < b.0 && a.1 <= b.1,
            _ => true,
        });
        (ascending && moments.len() <= MOMENTS_MAX).then_some(Moments(moments))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().copied()
    }

    /// When the redaction at that place was published.
    pub(super) fn of(&self, index: LeafIndex) -> u64 {
        let behind = self.0.partition_point(|(first, _)| *first <= index.get());
        behind.checked_sub(1).and_then(|at| self.0.get(at)).map_or(0, |(_, time)| *time)
    }

    /// From `index` on, redactions are published at that time. A clock that went back does not make a hold shorter.
    pub(super) fn add(&mut self, index: u64, time_ms: u64) {
        let time_ms = self.0.last().map_or(time_ms, |(_, last)| time_ms.max(*last));
        match self.0.last() {
            Some((_, last)) if *last == time_ms => {}
            Some((first, _)) if *first >= index => {}
            _ => self.0.push((index, time_ms)),
        }
        if self.0.len() > MOMENTS_MAX {
            self.thin();
        }
    }

    /// Those of redactions before that place.
    pub(super) fn before(&self, index: u64) -> Moments {
        Moments(self.iter().filter(|(first, _)| *first < index).collect())
    }

    /// All redactions from `index` on are published at that time, whatever was said of them before.
    pub(super) fn restart(&mut self, index: u64, time_ms: u64) {
        self.0.retain(|(first, _)| *first < index);
        self.add(index, time_ms);
    }

    /// Forgets moments from which a hold of that length has passed.
    pub(super) fn forget(&mut self, hold_ms: u64, now_ms: u64) {
        let passed = self.0.partition_point(|(_, time)| time.saturating_add(hold_ms) <= now_ms);
        self.0.drain(..passed);
    }

    /// Puts every two of the older half together, under the later time.
    fn thin(&mut self) {
        let half = self.0.len() / 2;
        let newer = self.0.split_off(half);
        let pairs = self.0.chunks(2).filter_map(|pair| Some((pair.first()?.0, pair.last()?.1)));
        self.0 = pairs.collect();
        self.0.extend(newer);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn what_is_published_once_more_is_held_anew() {
        let mut moments = Moments::default();
        [(3, 10), (5, 20), (8, 30)].iter().for_each(|(index, time)| moments.add(*index, *time));
        moments.restart(5, 40);
        let of = |index| moments.of(LeafIndex::new(index).unwrap());
        assert_eq!([2, 3, 4, 5, 9].map(of), [0, 10, 10, 40, 40]);
    }

    fn at(moments: &Moments, index: u64) -> u64 {
        moments.of(LeafIndex::new(index).unwrap())
    }

    #[test]
    fn a_redaction_has_the_time_of_its_round() {
        let mut moments = Moments::default();
        moments.add(5, 1_000);
        moments.add(6, 1_000);
        moments.add(9, 2_000);
        moments.add(12, 1_500);
        assert_eq!(moments.iter().collect::<Vec<_>>(), [(5, 1_000), (9, 2_000)]);
        for (index, time) in [(4, 0), (5, 1_000), (8, 1_000), (9, 2_000), (12, 2_000)] {
            assert_eq!(at(&moments, index), time, "{index}");
        }
        moments.forget(100, 1_099);
        assert_eq!(at(&moments, 5), 1_000);
        moments.forget(100, 1_100);
        assert_eq!((at(&moments, 5), at(&moments, 9)), (0, 2_000));
    }

    #[test]
    fn however_many_there_are_no_hold_gets_shorter() {
        let mut moments = Moments::default();
        for round in 0..20_000 {
            moments.add(round * 3, round * 10);
        }
        assert!(moments.iter().count() <= MOMENTS_MAX);
        assert!(Moments::read(moments.iter().collect()).is_some());
        for round in 0..20_000 {
            assert!(at(&moments, round * 3) >= round * 10, "{round}");
        }
        assert_eq!(at(&moments, 19_999 * 3), 199_990);
    }

    #[test]
    fn what_is_not_ascending_is_not_read() {
        for wrong in [vec![(1, 5), (1, 6)], vec![(2, 5), (1, 6)], vec![(1, 6), (2, 5)]] {
            assert_eq!(Moments::read(wrong), None);
        }
        assert_eq!(Moments::read(vec![(0, 0); MOMENTS_MAX + 1]), None);
    }
}
