//! Whether an issuer's statements are all there: its numbers, and its own counts held against the log
//! (`spec/lifecycle.md`, completeness).

use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::embargoes::EmbargoCounts;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::issuer_account::{Completeness, Declaration, IssuerAccount};
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::sequence::SequenceWindow;
use serde::Serialize;

use crate::state_view::EntryLink;

/// Most ranges of missing numbers that are listed, of the issuer and of each declaration; all are counted.
const MISSING_LISTED: usize = 100;

/// Most declarations that are listed, the newest ones: more than twenty years of weeks.
const DECLARATIONS_LISTED: usize = 1_200;

/// What is there and what is not.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct CompletenessView {
    /// The issuer.
    pub(crate) iss: String,
    /// Entries of the tree that this was computed from.
    pub(crate) size: u64,
    /// Highest used number; 0 if none.
    pub(crate) highest: u64,
    /// Highest number up to which nothing is missing; 0 if none.
    pub(crate) unbroken: u64,
    /// Numbers below the highest that are neither on record nor closed: the first 100 ranges.
    pub(crate) missing: Vec<NumbersView>,
    /// How many numbers these and the further ones have.
    pub(crate) missing_count: u64,
    /// The declarations that hold for their periods, in the order of the log: the newest 1,200.
    pub(crate) declarations: Vec<DeclarationView>,
    /// How many there are.
    pub(crate) declaration_count: u64,
    /// Days between declared periods that no declaration speaks of, from the first declared day to the last.
    pub(crate) undeclared: Vec<PeriodView>,
    /// The newest declaration that says that nothing happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_heartbeat: Option<HeartbeatView>,
    /// What is withheld, and what became of it, on the ledger's day.
    pub(crate) embargoes: EmbargoView,
}

/// A range of numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(crate) struct NumbersView {
    /// Lowest number.
    pub(crate) first: u64,
    /// Highest number.
    pub(crate) last: u64,
}

/// A period of whole days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(crate) struct PeriodView {
    /// First day.
    pub(crate) start: String,
    /// Last day.
    pub(crate) end: String,
}

/// A declaration held against the log.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct DeclarationView {
    /// Which days it speaks of.
    pub(crate) period: PeriodView,
    /// The numbers of the period's statements; absent where there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) numbers: Option<NumbersView>,
    /// How many decisions the provider says that it took.
    pub(crate) declared: u64,
    /// How many of them it says are not filed.
    pub(crate) not_published: u64,
    /// How many should be on record by its own word: `declared` without `not_published`.
    pub(crate) expected: u64,
    /// How many decisions and sealed statements with these numbers are on record and were not withdrawn.
    pub(crate) counted: u64,
    /// `counted` without `expected`: below 0, too few are on record.
    pub(crate) difference: i64,
    /// Numbers in the range that are neither on record nor closed: the first 100 ranges.
    pub(crate) missing: Vec<NumbersView>,
    /// How many numbers these and the further ones have.
    pub(crate) missing_count: u64,
    #[serde(flatten)]
    pub(crate) entry: EntryLink,
    /// Whether nothing differs and nothing is missing.
    pub(crate) holds: bool,
}

/// A declaration that nothing happened.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct HeartbeatView {
    /// Which days it speaks of.
    pub(crate) period: PeriodView,
    #[serde(flatten)]
    pub(crate) entry: EntryLink,
}

/// Withheld texts, by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(crate) struct EmbargoView {
    /// Withheld, and the day has not passed or there is none.
    pub(crate) open: u64,
    /// Withheld although the day has passed.
    pub(crate) overdue: u64,
    /// Opened not after the day, or where there was none.
    pub(crate) kept: u64,
    /// Opened after the day.
    pub(crate) late: u64,
    /// Erased before they were opened.
    pub(crate) redacted: u64,
}

impl From<EmbargoCounts> for EmbargoView {
    fn from(counts: EmbargoCounts) -> EmbargoView {
        let EmbargoCounts { open, overdue, kept, late, redacted } = counts;
        EmbargoView { open, overdue, kept, late, redacted }
    }
}

/// The embargoes of one issuer on a day.
pub(crate) fn embargoes(registry: &Registry, issuer: &Issuer, today: Day) -> EmbargoView {
    registry.account(issuer).map(|account| account.embargoes().on(today).into()).unwrap_or_default()
}

/// The embargoes of all providers on a day.
pub(crate) fn all_embargoes(registry: &Registry, today: Day) -> EmbargoView {
    let mut sum = EmbargoCounts::default();
    for account in registry.providers().filter_map(|provider| registry.account(provider.issuer())) {
        sum += account.embargoes().on(today);
    }
    sum.into()
}

/// What the log knows about an issuer's completeness; `None` if nobody of that name is enrolled.
pub(crate) fn of(reader: &Reader, issuer: &Issuer, today: Day) -> Option<CompletenessView> {
    reader.with_registry(|registry| {
        let known = issuer == registry.registrar() || registry.provider(issuer).is_some();
        known.then(|| view(registry, issuer, today))
    })
}

fn view(registry: &Registry, issuer: &Issuer, today: Day) -> CompletenessView {
    let empty = SequenceWindow::default();
    let window = registry.sequence_state(issuer).unwrap_or(&empty);
    let gaps = window.missing(usize::MAX);
    let held = registry.completeness(issuer);
    let skipped = held.len().saturating_sub(DECLARATIONS_LISTED);
    CompletenessView {
        iss: issuer.as_str().to_owned(),
        size: registry.size(),
        highest: window.highest(),
        unbroken: window.unbroken(),
        missing: numbers(&gaps),
        missing_count: gaps.iter().map(|(first, last)| last - first + 1).sum(),
        declarations: held.iter().skip(skipped).map(declaration).collect(),
        declaration_count: held.len() as u64,
        undeclared: undeclared(held.iter().map(|held| held.declaration.period).collect()),
        last_heartbeat: held
            .iter()
            .rev()
            .map(|held| &held.declaration)
            .find(|d| is_heartbeat(d))
            .map(heartbeat),
        embargoes: registry
            .account(issuer)
            .map(IssuerAccount::embargoes)
            .map_or_else(EmbargoView::default, |all| all.on(today).into()),
    }
}

fn numbers(ranges: &[(u64, u64)]) -> Vec<NumbersView> {
    ranges
        .iter()
        .take(MISSING_LISTED)
        .map(|(first, last)| NumbersView { first: *first, last: *last })
        .collect()
}

fn period((start, end): (Day, Day)) -> PeriodView {
    PeriodView { start: start.to_string(), end: end.to_string() }
}

fn is_heartbeat(declaration: &Declaration) -> bool {
    declaration.numbers.is_none() && declaration.taken == 0
}

fn heartbeat(declaration: &Declaration) -> HeartbeatView {
    HeartbeatView { period: period(declaration.period), entry: EntryLink::to(declaration.index) }
}

fn declaration(held: &Completeness) -> DeclarationView {
    let declaration = &held.declaration;
    let range = declaration.numbers.map(|(first, last)| NumbersView { first: first.get(), last: last.get() });
    DeclarationView {
        period: period(declaration.period),
        numbers: range,
        declared: declaration.taken,
        not_published: declaration.not_published,
        expected: held.expected(),
        counted: held.counted,
        // Both are counts below 2^53.
        difference: i64::try_from(held.counted).unwrap_or(i64::MAX)
            - i64::try_from(held.expected()).unwrap_or(i64::MAX),
        missing: numbers(&held.missing),
        missing_count: held.missing_count,
        entry: EntryLink::to(declaration.index),
        holds: held.holds(),
    }
}

/// The days that lie between the periods and in none of them.
fn undeclared(mut periods: Vec<(Day, Day)>) -> Vec<PeriodView> {
    periods.sort_unstable();
    let mut gaps = Vec::new();
    let mut covered: Option<Day> = None;
    for (start, end) in periods {
        if let Some(free) = covered.and_then(Day::next).filter(|free| *free < start)
            && let Some(last) = start.previous()
        {
            gaps.push(period((free, last)));
        }
        covered = Some(covered.map_or(end, |covered| covered.max(end)));
    }
    gaps
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn days_between_periods_are_undeclared() {
        let days = |list: &[(&str, &str)]| {
            let periods = list.iter().map(|(a, b)| (Day::parse(a).unwrap(), Day::parse(b).unwrap()));
            let gaps = undeclared(periods.collect());
            gaps.into_iter().map(|gap| format!("{}/{}", gap.start, gap.end)).collect::<Vec<_>>()
        };
        assert!(days(&[]).is_empty() && days(&[("2025-01-01", "2025-01-31")]).is_empty());
        assert!(days(&[("2025-02-01", "2025-02-28"), ("2025-01-01", "2025-01-31")]).is_empty());
        let gaps =
            days(&[("2024-01-01", "2024-02-28"), ("2024-03-01", "2024-03-31"), ("2024-01-10", "2024-01-12")]);
        assert_eq!(gaps, ["2024-02-29/2024-02-29"]);
        let gaps =
            days(&[("2024-12-01", "2024-12-31"), ("2025-02-01", "2025-02-28"), ("2025-04-01", "2025-04-30")]);
        assert_eq!(gaps, ["2025-01-01/2025-01-31", "2025-03-01/2025-03-31"]);
    }
}
