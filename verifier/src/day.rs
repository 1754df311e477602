//! A calendar day.

use std::fmt;

use crate::cbor::{Data, Item};
use crate::payload_error::{Errors, PayloadError, Rule};
use crate::pointer::Pointer;
use crate::reading;

/// A day of the Gregorian calendar from 1990-01-01 to 2099-12-31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// How many days a month has; 0 for what is no month.
fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

fn number(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0u16, |sum, digit| {
        let value = digit.is_ascii_digit().then(|| u16::from(*digit - b'0'))?;
        sum.checked_mul(10)?.checked_add(value)
    })
}

impl Day {
    /// Parses `YYYY-MM-DD`. `None` if it is another spelling, no real day, or before 1990 or after 2099.
    pub fn parse(text: &str) -> Option<Day> {
        let (year, month, day) = Day::numbers(text)?;
        let real = day >= 1 && day <= days_in_month(year, month);
        (real && (1990..=2099).contains(&year)).then_some(Day { year, month, day })
    }

    /// The day after; `None` after 2099-12-31.
    pub fn next(self) -> Option<Day> {
        let Day { year, month, day } = self;
        match (month, day) {
            (12, 31) => Some(Day { year: year + 1, month: 1, day: 1 }).filter(|day| day.year <= 2099),
            _ if day == days_in_month(year, month) => Some(Day { year, month: month + 1, day: 1 }),
            _ => Some(Day { year, month, day: day + 1 }),
        }
    }

    /// The day before; `None` before 1990-01-01.
    pub fn previous(self) -> Option<Day> {
        let Day { year, month, day } = self;
        match (month, day) {
            (1, 1) => Some(Day { year: year - 1, month: 12, day: 31 }).filter(|day| day.year >= 1990),
            (_, 1) => Some(Day { year, month: month - 1, day: days_in_month(year, month - 1) }),
            _ => Some(Day { year, month, day: day - 1 }),
        }
    }

    fn numbers(text: &str) -> Option<(u16, u8, u8)> {
        let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text.as_bytes() else {
            return None;
        };
        let month = u8::try_from(number(&[m0, m1])?).ok()?;
        let day = u8::try_from(number(&[d0, d1])?).ok()?;
        Some((number(&[y0, y1, y2, y3])?, month, day))
    }

    pub(crate) fn read(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Day> {
        let text = reading::text(item, at, errors)?;
        let day = Day::parse(text);
        if day.is_none() {
            // A real day that is too early or too late is out of range; everything else is misspelt.
            let real =
                Day::numbers(text).is_some_and(|(y, m, d)| y >= 1 && d >= 1 && d <= days_in_month(y, m));
            let rule = if real { Rule::OutOfRange } else { Rule::Grammar };
            let error = PayloadError::at(at, rule).given(text);
            errors.push(error.allowed("a real day, YYYY-MM-DD, 1990-01-01 to 2099-12-31"));
        }
        day
    }

    pub(crate) fn to_item(self) -> Item {
        Item::text(self.to_string())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn days_follow_each_other_from_the_first_to_the_last() {
        let mut day = Day::parse("1990-01-01").unwrap();
        assert_eq!(day.previous(), None);
        let mut count = 1;
        while let Some(next) = day.next() {
            assert_eq!(next.previous(), Some(day));
            assert_eq!(Day::parse(&next.to_string()), Some(next));
            assert!(next > day);
            (day, count) = (next, count + 1);
        }
        // 110 years with 27 leap days, from 1992 to 2096.
        assert_eq!((day.to_string().as_str(), count), ("2099-12-31", 110 * 365 + 27));
    }
}
