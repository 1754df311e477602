//! How long a server is waited for that has too much to do: as long as it says, within bounds.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The longest pause, whatever the server asks for.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// The shortest that is counted: a server that always says "at once" is not asked for ever.
const PAUSE_COUNTED: Duration = Duration::from_secs(1);
/// Pauses below this are not told.
const PAUSE_TOLD: Duration = Duration::from_secs(2);
/// From one line that tells of a pause to the next, whoever waits.
const TOLD_EVERY: Duration = Duration::from_secs(30);
/// All pauses before one answer.
pub(crate) const PAUSES_MAX: Duration = Duration::from_secs(300);

/// The pauses before one answer.
#[derive(Debug)]
pub(crate) struct Pauses {
    /// What is left of [`PAUSES_MAX`].
    left: Duration,
    /// The next one, where the server gives none; each further one is twice as long.
    next: Duration,
}

impl Pauses {
    /// None was made yet.
    pub(crate) fn new() -> Pauses {
        Pauses { left: PAUSES_MAX, next: PAUSE_COUNTED }
    }

    /// How long to wait before the same is asked again, given the status of an answer and its `Retry-After`; `None` where the
    /// answer stands. A proxy that allows so many requests a second answers 429, often without saying for how long; 503
    /// without that may last.
    pub(crate) fn after(&mut self, status: u16, retry_after: Option<&str>) -> Option<Duration> {
        let told = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        let pause = match (status, told) {
            (429 | 503, Some(told)) => told.min(PAUSE_MAX),
            (429, None) => self.next,
            _ => return None,
        };
        self.next = (self.next * 2).min(PAUSE_MAX);
        self.left = self.left.checked_sub(pause.max(PAUSE_COUNTED))?;
        Some(pause)
    }
}

/// Says now and then that a server is waited for: it looks like a program that hangs.
#[derive(Debug)]
pub(crate) struct Teller(Mutex<Option<Instant>>);

/// The one of this process, whose threads wait side by side.
pub(crate) static TELLER: Teller = Teller(Mutex::new(None));

impl Teller {
    /// The line to print before a pause, if there is one to print.
    pub(crate) fn line(&self, status: u16, pause: Duration, now: Instant) -> Option<String> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pause < PAUSE_TOLD || last.is_some_and(|last| now.duration_since(last) < TOLD_EVERY) {
            return None;
        }
        *last = Some(now);
        let (seconds, minutes) = (pause.as_secs(), PAUSES_MAX.as_secs() / 60);
        Some(format!(
            "the server has too much to do (status {status}): asking again in {seconds} s; each answer is waited for up to {minutes} minutes"
        ))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    /// The seconds of each pause before an answer that never comes.
    fn all(status: u16, retry_after: Option<&str>) -> Vec<u64> {
        let mut pauses = Pauses::new();
        std::iter::from_fn(|| pauses.after(status, retry_after)).map(|pause| pause.as_secs()).collect()
    }

    #[test]
    fn a_server_is_obeyed_within_bounds() {
        assert_eq!(all(429, Some("7")), [7; 42]);
        assert_eq!(all(503, Some(" 100000 ")), [30; 10]);
        assert_eq!(all(503, Some("0")), [0; 300]);
        assert_eq!(all(429, None), [1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30, 30, 30]);
        assert_eq!(all(429, Some("Fri, 27 Nov 2026 13:00:00 GMT")), all(429, None));
        for (status, retry_after) in [(503, None), (200, Some("1")), (404, Some("1")), (500, Some("1"))] {
            assert!(all(status, retry_after).is_empty(), "{status}");
        }
    }

    #[test]
    fn a_long_pause_is_told_once_in_a_while() {
        let (teller, begun) = (Teller(Mutex::new(None)), Instant::now());
        let told = |pause, after| {
            let line = teller.line(503, Duration::from_secs(pause), begun + Duration::from_secs(after));
            line.is_some_and(|line| line.contains("status 503") && line.contains(&format!("in {pause} s")))
        };
        let asked = [(1, 0), (2, 0), (30, 1), (30, 29), (7, 30), (30, 59), (1, 90), (30, 91)];
        let is_told = asked.map(|(pause, after)| told(pause, after));
        assert_eq!(is_told, [false, true, false, false, true, false, false, true]);
    }
}
