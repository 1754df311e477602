//! When a checkpoint was cosigned (c2sp.org/tlog-cosignature), and how far that may be from the clock of whoever asked.

use glasshouse_verifier::instant::Instant;

/// Seconds by which a cosignature's time and the clock of the ledger that asked for it may differ. Clocks that are kept
/// differ by less than a second; one that is further off says nothing of when a tree was there. Readers count nothing that
/// is as far ahead of theirs.
pub const CLOCK_SKEW_MAX: u64 = 600;

/// A cosignature's time that is too far from the ledger's clock, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "its time is {}, and this ledger's clock says {}: more than {CLOCK_SKEW_MAX} seconds apart, so it does not count",
    moment(*time), moment(*now)
)]
pub struct ClockSkew {
    /// What the cosignature says.
    pub time: u64,
    /// What the ledger's clock said.
    pub now: u64,
}

/// Checks the time of a cosignature that was asked for just now.
///
/// # Errors
///
/// [`ClockSkew`] if it is too far ahead, or too far behind.
pub fn check_asked(time: u64, now: u64) -> Result<(), ClockSkew> {
    match time.abs_diff(now) <= CLOCK_SKEW_MAX {
        true => Ok(()),
        false => Err(ClockSkew { time, now }),
    }
}

/// Checks the time of a cosignature that may have been asked for long ago.
///
/// # Errors
///
/// [`ClockSkew`] if it is too far ahead.
pub fn check_kept(time: u64, now: u64) -> Result<(), ClockSkew> {
    match time <= now.saturating_add(CLOCK_SKEW_MAX) {
        true => Ok(()),
        false => Err(ClockSkew { time, now }),
    }
}

fn moment(seconds: u64) -> String {
    Instant::new(seconds).map_or_else(|| format!("{seconds} s behind 1970"), |instant| instant.to_string())
}

/// When a signer says that it saw a checkpoint: 1 to 2^63 − 1 seconds since 1970. 0 would be no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CosignTime(u64);

impl CosignTime {
    /// Checks the range; `None` outside.
    pub fn new(seconds: u64) -> Option<Self> {
        (seconds > 0 && i64::try_from(seconds).is_ok()).then_some(Self(seconds))
    }

    /// Seconds since 1970.
    pub const fn get(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn a_time_is_as_far_off_as_it_may_be_and_no_further() {
        let now = 1_750_000_000;
        for (time, asked, kept) in [
            (now, true, true),
            (now + 600, true, true),
            (now + 601, false, false),
            (now - 600, true, true),
            (now - 601, false, true),
            (1_000, false, true),
            (i64::MAX as u64, false, false),
            (u64::MAX, false, false),
        ] {
            assert_eq!(
                (check_asked(time, now).is_ok(), check_kept(time, now).is_ok()),
                (asked, kept),
                "{time}"
            );
        }
        assert!(check_asked(0, u64::MAX).is_err() && check_kept(u64::MAX, u64::MAX).is_ok());
        let said = check_asked(now + 3_600, now).unwrap_err().to_string();
        for part in ["2025-06-15T16:06:40Z", "2025-06-15T15:06:40Z", "600 seconds"] {
            assert!(said.contains(part), "{said}");
        }
        assert!(check_kept(i64::MAX as u64, now).unwrap_err().to_string().contains("9223372036854775807"));
    }

    #[test]
    fn a_time_is_never_0_and_fits_63_bits() {
        assert_eq!(CosignTime::new(0), None);
        assert_eq!(CosignTime::new(1 << 63), None);
        assert_eq!(CosignTime::new((1 << 63) - 1).map(CosignTime::get), Some((1 << 63) - 1));
    }
}
