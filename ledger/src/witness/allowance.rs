//! How often a log may ask: so many requests a day, and no more than an hour's worth at once.

use std::num::NonZeroU32;

const DAY_MS: u64 = 24 * 3600 * 1000;

/// The least that may be saved up: a log that asks rarely must be able to try again, and to catch up.
const BURST_MIN: u64 = 8;

/// A budget that fills up evenly, up to an hour's worth or [`BURST_MIN`] requests, whichever is more. In any day at most
/// `qpd` requests and one burst go through.
#[derive(Debug, Clone)]
pub(crate) struct Allowance {
    qpd: u64,
    /// What is saved up: a request costs [`DAY_MS`], and every millisecond brings `qpd`.
    saved: u64,
    at_ms: u64,
}

impl Allowance {
    /// A full budget. `qpd` is below 2^32, so no product here reaches 2^63.
    pub(crate) fn full(qpd: u32, now_ms: u64) -> Self {
        let qpd = u64::from(NonZeroU32::new(qpd).unwrap_or(NonZeroU32::MIN).get());
        Self { qpd, saved: Self::most(qpd), at_ms: now_ms }
    }

    /// Takes one request; else the whole seconds until there is one, at least 1.
    ///
    /// A clock that jumps back brings nothing for the jump; one that jumps ahead fills the budget, and no more.
    pub(crate) fn take(&mut self, now_ms: u64) -> Result<(), u64> {
        let passed = now_ms.saturating_sub(self.at_ms);
        self.saved = self.saved.saturating_add(passed.saturating_mul(self.qpd)).min(Self::most(self.qpd));
        self.at_ms = now_ms;
        match self.saved.checked_sub(DAY_MS) {
            Some(left) => {
                self.saved = left;
                Ok(())
            }
            None => {
                let missing_ms = (DAY_MS - self.saved).div_ceil(self.qpd);
                Err(missing_ms.div_ceil(1000).max(1))
            }
        }
    }

    fn most(qpd: u64) -> u64 {
        (qpd / 24).max(BURST_MIN) * DAY_MS
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn a_day_has_its_budget_and_one_burst() {
        for (qpd, burst) in [(24, 8), (1, 8), (43_200, 1_800)] {
            let mut allowance = Allowance::full(qpd, 0);
            let taken = (0..DAY_MS / 1000).filter(|second| allowance.take(second * 1000).is_ok()).count();
            let most = u64::from(qpd) + burst;
            assert!((most - 1..=most).contains(&(taken as u64)), "{qpd}: {taken}");
        }
    }

    #[test]
    fn it_tells_when_to_come_back() {
        let mut allowance = Allowance::full(24, 5_000);
        for _ in 0..8 {
            allowance.take(5_000).unwrap();
        }
        assert_eq!(allowance.take(5_000), Err(3_600));
        assert_eq!(allowance.take(3_604_000), Err(1));
        assert_eq!(allowance.take(3_605_000), Ok(()));
        // Back and ahead again: nothing is gained by it.
        assert_eq!(allowance.take(0), Err(3_600));
        assert_eq!(allowance.take(1_000), Err(3_599));
    }

    #[test]
    fn the_greatest_numbers_do_not_overflow() {
        let mut allowance = Allowance::full(u32::MAX, 0);
        allowance.take(u64::MAX).unwrap();
        assert!(Allowance::full(0, 0).take(u64::MAX).is_ok());
    }
}
