//! The time of one machine: the world's, and what is wrong with it there.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use glasshouse_ledger::clock::Clock;

/// When every world begins, in milliseconds since 1970: 2025-07-01T00:00:00Z.
pub(super) const BEGIN_MS: u64 = 1_751_328_000_000;

/// A clock that is moved by hand.
#[derive(Debug, Default)]
pub(super) struct SimulatedClock {
    /// Simulated milliseconds since the world began.
    true_ms: AtomicU64,
    /// How far it is ahead, in milliseconds; negative if it is behind.
    ahead: AtomicI64,
    /// What it shows while it stands; 0 if it runs.
    stands_at: AtomicU64,
}

impl SimulatedClock {
    pub(super) fn new(ahead: i64) -> Arc<SimulatedClock> {
        Arc::new(SimulatedClock { ahead: AtomicI64::new(ahead), ..SimulatedClock::default() })
    }

    /// The world's time, which every clock is told.
    pub(super) fn set(&self, now: u64) {
        self.true_ms.store(now, Ordering::Relaxed);
    }

    /// How far it is ahead from now on; a clock that stood runs again.
    pub(super) fn jump(&self, ahead: i64) {
        self.stands_at.store(0, Ordering::Relaxed);
        self.ahead.store(ahead, Ordering::Relaxed);
    }

    pub(super) fn stop(&self) {
        self.stands_at.store(self.now_ms(), Ordering::Relaxed);
    }

    pub(super) fn seconds(&self) -> u64 {
        self.now_ms() / 1_000
    }
}

impl Clock for SimulatedClock {
    fn now_ms(&self) -> u64 {
        match self.stands_at.load(Ordering::Relaxed) {
            0 => {
                let now = BEGIN_MS + self.true_ms.load(Ordering::Relaxed);
                now.saturating_add_signed(self.ahead.load(Ordering::Relaxed))
            }
            shown => shown,
        }
    }
}
