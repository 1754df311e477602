//! When a checkpoint was cosigned (c2sp.org/tlog-cosignature).

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
    fn a_time_is_never_0_and_fits_63_bits() {
        assert_eq!(CosignTime::new(0), None);
        assert_eq!(CosignTime::new(1 << 63), None);
        assert_eq!(CosignTime::new((1 << 63) - 1).map(CosignTime::get), Some((1 << 63) - 1));
    }
}
