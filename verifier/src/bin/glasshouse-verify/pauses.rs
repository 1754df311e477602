//! How long a server is waited for that has too much to do: as long as it says, within bounds.

use std::time::Duration;

/// The longest pause, whatever the server asks for.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// The shortest that is counted: a server that always says "at once" is not asked for ever.
const PAUSE_COUNTED: Duration = Duration::from_secs(1);
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
}
