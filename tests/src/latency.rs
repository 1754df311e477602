//! How long something took, many times: percentiles.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde_json::{Value, json};

/// The longest time that is told apart, in microseconds: ten minutes. Longer ones count as that.
const LONGEST: u64 = 600_000_000;

/// Times of one kind of work, kept to three digits. Shared by all that do it.
#[derive(Debug)]
pub struct Latency(Mutex<Histogram<u64>>);

impl Default for Latency {
    fn default() -> Latency {
        Latency(Mutex::new(Histogram::new_with_bounds(1, LONGEST, 3).unwrap()))
    }
}

impl Latency {
    /// Notes that it took from `due` until now.
    pub fn record(&self, due: Instant) {
        self.record_many(due.elapsed(), 1);
    }

    /// Notes that it took so long, so many times.
    pub fn record_many(&self, took: Duration, many: u64) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(LONGEST).clamp(1, LONGEST);
        self.0.lock().unwrap().record_n(micros, many).unwrap();
    }

    /// What it comes to so far.
    pub fn percentiles(&self) -> Percentiles {
        let histogram = self.0.lock().unwrap();
        let at = |quantile: f64| histogram.value_at_quantile(quantile) as f64 / 1_000.0;
        let count = histogram.len();
        Percentiles { count, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1.0) }
    }
}

/// Milliseconds below which so many in a hundred were.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Percentiles {
    /// How many there were.
    pub count: u64,
    /// Half.
    pub p50: f64,
    /// Nine in ten.
    pub p90: f64,
    /// 99 in 100.
    pub p99: f64,
    /// 999 in 1,000.
    pub p999: f64,
    /// All.
    pub max: f64,
}

impl Percentiles {
    /// The members `count`, `p50`, `p90`, `p99`, `p99.9` and `max`; null where nothing was measured.
    pub fn to_json(&self) -> Value {
        match self.count {
            0 => Value::Null,
            count => json!({
                "count": count, "p50": self.p50, "p90": self.p90, "p99": self.p99, "p99.9": self.p999, "max": self.max,
            }),
        }
    }
}

impl std::fmt::Display for Percentiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Percentiles { count, p50, p90, p99, p999, max } = self;
        write!(
            f,
            "{p50:>8.1} {p90:>8.1} {p99:>8.1} {p999:>8.1} {max:>8.1} ms at 50, 90, 99, 99.9, 100 % of {count}"
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn percentiles_are_those_of_what_was_recorded() {
        let latency = Latency::default();
        assert_eq!(latency.percentiles().to_json(), Value::Null);
        for millis in 1..=1_000 {
            latency.record_many(Duration::from_millis(millis), 1);
        }
        let told = latency.percentiles();
        assert_eq!(told.count, 1_000);
        for (told, expected) in
            [(told.p50, 500.0), (told.p90, 900.0), (told.p99, 990.0), (told.p999, 999.0), (told.max, 1_000.0)]
        {
            assert!((told - expected).abs() < expected / 500.0, "{told} for {expected}");
        }
        // Beyond the longest it is the longest, and no fault.
        latency.record_many(Duration::from_secs(100_000), 1);
        assert!((latency.percentiles().max - 600_000.0).abs() < 1_000.0);
    }
}
