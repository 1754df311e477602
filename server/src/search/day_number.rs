//! Days, months and years as numbers that have the order of time: 0 stands for none. Months have 31 numbers, years 12 of
//! these, so that month and year of a day are divisions.

use glasshouse_verifier::day::Day;

/// The first year that a day can have.
const FIRST_YEAR: u32 = 1990;

/// Years that days can have, 1990 to 2099.
const YEARS: u32 = 110;

/// Most numbers of days, none among them.
pub(crate) const DAYS: u32 = YEARS * 12 * 31 + 1;
/// Most numbers of months, none among them.
pub(crate) const MONTHS: u32 = YEARS * 12 + 1;
/// Most numbers of years, none among them.
pub(crate) const YEAR_NUMBERS: u32 = YEARS + 1;

/// The number of a day, from 1.
pub(crate) fn day_number(day: Day) -> u32 {
    let text = day.to_string();
    let mut parts = text.split('-').map(|part| part.parse::<u32>().unwrap_or(1));
    let mut part = || parts.next().unwrap_or(1);
    let (year, month, day) = (part(), part(), part());
    (year.saturating_sub(FIRST_YEAR) * 12 + month - 1) * 31 + day
}

/// The number of a day's month.
pub(crate) fn month_of(day: u32) -> u32 {
    day.checked_sub(1).map_or(0, |place| place / 31 + 1)
}

/// The number of a day's year.
pub(crate) fn year_of(day: u32) -> u32 {
    day.checked_sub(1).map_or(0, |place| place / (12 * 31) + 1)
}

/// `YYYY-MM-DD`; `None` for none.
pub(crate) fn day_text(day: u32) -> Option<String> {
    let place = day.checked_sub(1)?;
    Some(format!("{}-{:02}", month_text(place / 31 + 1)?, place % 31 + 1))
}

/// `YYYY-MM`; `None` for none.
pub(crate) fn month_text(month: u32) -> Option<String> {
    let place = month.checked_sub(1)?;
    Some(format!("{}-{:02}", year_text(place / 12 + 1)?, place % 12 + 1))
}

/// `YYYY`; `None` for none.
pub(crate) fn year_text(year: u32) -> Option<String> {
    Some((year.checked_sub(1)? + FIRST_YEAR).to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn every_day_has_a_number_of_its_own_in_order() {
        let (mut day, mut before) = (Day::parse("1990-01-01"), 0);
        while let Some(now) = day {
            let (number, text) = (day_number(now), now.to_string());
            assert!(number > before && number < DAYS);
            assert_eq!(day_text(number).as_deref(), Some(text.as_str()));
            assert_eq!(month_text(month_of(number)).as_deref(), Some(&text[..7]));
            assert_eq!(year_text(year_of(number)).as_deref(), Some(&text[..4]));
            assert!(month_of(number) < MONTHS && year_of(number) < YEAR_NUMBERS);
            (day, before) = (now.next(), number);
        }
        assert_eq!((day_text(0), month_text(month_of(0)), year_text(year_of(0))), (None, None, None));
    }
}
