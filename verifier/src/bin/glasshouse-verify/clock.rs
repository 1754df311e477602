//! What the reader's own clock says, and the day that may be given in its place.

use std::time::{SystemTime, UNIX_EPOCH};

use glasshouse_verifier::day::Day;

use crate::answer::Trouble;

/// Seconds since 1970; 0 for a clock that stands before that.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The day of `--on`, or today (UTC).
pub(crate) fn day(given: Option<&str>) -> Result<Day, Trouble> {
    let text = match given {
        Some(text) => text.to_owned(),
        None => {
            let today = time::OffsetDateTime::now_utc().date();
            format!("{:04}-{:02}-{:02}", today.year(), u8::from(today.month()), today.day())
        }
    };
    Day::parse(&text).ok_or_else(|| Trouble(format!("--on {text}: a day such as 2026-03-01 is needed")))
}
