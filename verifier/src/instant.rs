//! An instant: seconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).

use std::fmt;

use crate::cbor::{Data, Item};
use crate::day::Day;
use crate::payload_error::Errors;
use crate::pointer::Pointer;
use crate::reading;

/// Seconds since 1970 UTC, 0 to 253402300799 (9999-12-31T23:59:59Z).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

const DAY: u64 = 86_400;

impl Instant {
    /// The last second that RFC 3339 can write.
    pub const MAX: u64 = 253_402_300_799;

    /// The instant of that many seconds; `None` beyond [`Instant::MAX`].
    pub fn new(seconds: u64) -> Option<Instant> {
        (seconds <= Instant::MAX).then_some(Instant(seconds))
    }

    /// Seconds since 1970 UTC.
    pub fn seconds(self) -> u64 {
        self.0
    }

    /// The day in UTC; `None` before 1990 and after 2099, where no [`Day`] is.
    pub fn day(self) -> Option<Day> {
        self.to_string().get(..10).and_then(Day::parse)
    }

    pub(crate) fn read(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Instant> {
        reading::integer(item, 0, Instant::MAX, at, errors).map(Instant)
    }

    pub(crate) fn to_item(self) -> Item {
        Item::Integer(self.0.into())
    }

    /// Parses `YYYY-MM-DDThh:mm:ssZ` (RFC 3339, this one spelling), from 1970 on.
    pub fn parse_rfc3339(text: &str) -> Option<Instant> {
        let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 20
            && bytes.iter().enumerate().all(|(i, b)| match separators.iter().find(|(at, _)| *at == i) {
                Some((_, separator)) => separator == b,
                None => b.is_ascii_digit(),
            });
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        let clock = hour < 24 && minute < 60 && second < 60;
        if !shaped || !clock || year < 1970 {
            return None;
        }
        let days = days_from_civil(year, month, day)?;
        // Only a real day comes back unchanged.
        let seconds = days * DAY + hour * 3_600 + minute * 60 + second;
        let instant = Instant::new(seconds)?;
        (instant.to_string() == text).then_some(instant)
    }
}

/// Days from 1970-01-01 to a day of the Gregorian calendar; the year counted from March, as Hinnant's algorithm
/// does (<https://howardhinnant.github.io/date_algorithms.html>).
fn days_from_civil(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let from_march = (month + 9) % 12;
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let days = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    days.checked_sub(719_468)
}

/// Year, month and day of a number of days from 1970-01-01.
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era + year_of_era / 100 - (365 * year_of_era + year_of_era / 4);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

impl fmt::Display for Instant {
    /// RFC 3339, `YYYY-MM-DDThh:mm:ssZ`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0 / DAY);
        let clock = self.0 % DAY;
        let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}
