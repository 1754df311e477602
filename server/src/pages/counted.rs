//! Counts of a search as figures show them: values in words, each with the way to the entries behind it, and no day or month
//! left out between others.

use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::day::Day;

use super::coverage::Coverage;
use super::figure::Count;
use super::words::{self, Names};
use crate::list_view::ListView;
use crate::parameters;
use crate::problem::Problem;
use crate::search::{Asked, Conditions, Dimension, Search};
use crate::texts::language::Visit;

/// Months that a figure has room for; what spans more is shown by years.
const MONTHS_SHOWN: usize = 72;

/// Where counts come from, and how they are written.
pub(super) struct Counter<'c> {
    pub(super) visit: &'c Visit,
    pub(super) names: &'c Names,
    pub(super) search: &'c Search,
    pub(super) reader: &'c Reader,
    /// How much of the log the answers cover.
    pub(super) coverage: Coverage,
}

impl<'c> Counter<'c> {
    /// Has counted nothing yet.
    pub(super) fn new(
        visit: &'c Visit,
        names: &'c Names,
        search: &'c Search,
        reader: &'c Reader,
    ) -> Counter<'c> {
        Counter { visit, names, search, reader, coverage: Coverage::default() }
    }

    /// A page of a list.
    ///
    /// # Errors
    /// As the search.
    pub(super) fn list(&self, asked: &Asked) -> Result<ListView, Problem> {
        let list = self.search.page(self.reader, asked)?;
        self.coverage.see(list.indexed, list.size);
        Ok(list)
    }

    /// The decisions that figures count among those that meet the conditions: the provider's own, or, where it filed none, those
    /// that it reports of others. Whether they are own ones.
    ///
    /// # Errors
    /// As the search.
    pub(super) fn decisions(&self, among: &[(&str, &str)]) -> Result<(Conditions, bool), Problem> {
        let parse = |more: &[(&str, &str)]| {
            let pairs = among.iter().chain([&("type", "decision")]).chain(more);
            Conditions::parse(&pairs.map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Vec<_>>())
        };
        let (own, all) = (parse(&[("attribution", words::NONE)])?, parse(&[])?);
        let has_own = !self.rows(&own, "type")?.is_empty();
        let has_any = has_own || !self.rows(&all, "type")?.is_empty();
        Ok(if has_own || !has_any { (own, true) } else { (all, false) })
    }

    /// The values of a dimension among what meets the conditions, the greatest first.
    ///
    /// # Errors
    /// As the search.
    pub(super) fn by(&self, conditions: &Conditions, name: &'static str) -> Result<Vec<Count>, Problem> {
        let rows = self.rows(conditions, name)?;
        let count = |(value, count): (Option<String>, u64)| match value {
            Some(value) => self.count(conditions, name, &value, count),
            None => Count { label: words::absent(self.visit).to_owned(), count, link: None },
        };
        Ok(rows.into_iter().map(count).collect())
    }

    /// The same by month from the first to the last, or by year if those are many.
    ///
    /// # Errors
    /// As the search.
    pub(super) fn by_month(&self, conditions: &Conditions) -> Result<Vec<Count>, Problem> {
        let rows = self.spans(conditions, "month")?;
        let months = between(&rows, next_month, MONTHS_SHOWN);
        let Some(months) = months else {
            let rows = self.spans(conditions, "year")?;
            let years = between(&rows, next_year, usize::MAX).unwrap_or_default();
            return Ok(years
                .into_iter()
                .map(|(year, count)| self.span(conditions, &year, "-01-01", "-12-31", count, "year"))
                .collect());
        };
        Ok(months
            .into_iter()
            .map(|(month, count)| {
                let last = last_day(&month);
                self.span(conditions, &month, "-01", &last, count, "month")
            })
            .collect())
    }

    /// The same by day, from one day to another.
    ///
    /// # Errors
    /// As the search.
    pub(super) fn by_day(&self, conditions: &Conditions, from: Day, to: Day) -> Result<Vec<Count>, Problem> {
        let rows = self.spans(conditions, "day")?;
        let mut days = Vec::new();
        let mut next = Some(from);
        while let Some(day) = next.filter(|day| *day <= to) {
            let text = day.to_string();
            let count = rows.iter().find(|(value, _)| *value == text).map_or(0, |(_, count)| *count);
            days.push(self.span(conditions, &text, "", "", count, "day"));
            next = day.next();
        }
        Ok(days)
    }

    /// The rows of days, months or years, in their order.
    fn spans(&self, conditions: &Conditions, name: &str) -> Result<Vec<(String, u64)>, Problem> {
        let rows = self.rows(conditions, name)?.into_iter();
        let mut rows: Vec<(String, u64)> = rows
            .filter_map(|(value, count)| Some((value.filter(|value| value != words::NONE)?, count)))
            .collect();
        rows.sort();
        Ok(rows)
    }

    /// The rows of a dimension; no value stands for an absent text.
    fn rows(&self, conditions: &Conditions, name: &str) -> Result<Vec<(Option<String>, u64)>, Problem> {
        let dimension = Dimension::find(name).ok_or_else(|| Problem::internal(&"no such dimension"))?;
        let view = self.search.counts(self.reader, conditions, &[dimension])?;
        self.coverage.see(view.indexed, view.size);
        let rows = view.counts.into_iter();
        Ok(rows.filter_map(|row| Some((row.values.into_iter().next()?, row.count))).collect())
    }

    fn count(&self, conditions: &Conditions, name: &'static str, value: &str, count: u64) -> Count {
        let label = words::value(self.visit, self.names, name, value);
        Count { label, count, link: self.link(conditions, &[(name, value.to_owned())]) }
    }

    fn span(
        &self,
        conditions: &Conditions,
        value: &str,
        first: &str,
        last: &str,
        count: u64,
        name: &'static str,
    ) -> Count {
        let label = words::value(self.visit, self.names, name, value);
        let days = [("from", format!("{value}{first}")), ("to", format!("{value}{last}"))];
        Count { label, count, link: self.link(conditions, &days) }
    }

    /// The search with further conditions, which take the place of those of the same name; `None` if they are none.
    fn link(&self, conditions: &Conditions, more: &[(&'static str, String)]) -> Option<String> {
        let mut pairs = conditions.pairs();
        pairs.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
        pairs.extend(more.iter().cloned());
        let owned: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Conditions::parse(&owned).ok()?;
        Some(self.visit.link(&format!("/search?{}", parameters::encode(&pairs))))
    }
}

/// All values from the first to the last, those that have no row with 0; `None` if they are more than `most`.
fn between(
    rows: &[(String, u64)],
    next: fn(&str) -> Option<String>,
    most: usize,
) -> Option<Vec<(String, u64)>> {
    let mut all: Vec<(String, u64)> = Vec::with_capacity(rows.len());
    for (value, count) in rows {
        while let Some(missing) = all.last().and_then(|(last, _)| next(last)).filter(|next| next < value) {
            if all.len() >= most {
                return None;
            }
            all.push((missing, 0));
        }
        all.push((value.clone(), *count));
    }
    (all.len() <= most).then_some(all)
}

fn next_month(month: &str) -> Option<String> {
    let (year, month) = month.split_once('-')?;
    let (year, month): (u32, u32) = (year.parse().ok()?, month.parse().ok()?);
    Some(match month {
        12 => format!("{:04}-01", year + 1),
        month => format!("{year:04}-{:02}", month + 1),
    })
}

fn next_year(year: &str) -> Option<String> {
    year.parse::<u32>().ok().map(|year| format!("{:04}", year + 1))
}

/// `-28` to `-31`: the last day of a month.
fn last_day(month: &str) -> String {
    let is_day = |day: &u32| Day::parse(&format!("{month}-{day}")).is_some();
    (28..=31).rev().find(is_day).map_or_else(|| "-28".to_owned(), |day| format!("-{day}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn no_month_is_left_out_between_others() {
        let rows = [("2021-11".to_owned(), 2), ("2022-02".to_owned(), 1)];
        let all = between(&rows, next_month, 4).unwrap();
        let expected = [("2021-11", 2), ("2021-12", 0), ("2022-01", 0), ("2022-02", 1)];
        assert_eq!(all, expected.map(|(month, count)| (month.to_owned(), count)));
        assert_eq!(between(&rows, next_month, 3), None);
        assert_eq!(between(&[], next_month, 3), Some(Vec::new()));
        assert_eq!(next_year("2021").unwrap(), "2022");
    }

    #[test]
    fn months_end_as_the_calendar_says() {
        for (month, last) in [("2023-02", "-28"), ("2024-02", "-29"), ("2024-04", "-30"), ("2024-12", "-31")]
        {
            assert_eq!(last_day(month), last);
        }
    }
}
