//! The system's clock, for everything that asks for a [`Clock`].

use std::time::{SystemTime, UNIX_EPOCH};

use glasshouse_ledger::clock::Clock;

/// The system's clock. Before 1970 it says 0.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}
