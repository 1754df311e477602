//! What an outbox holds of a period: what a provider declares about its own completeness.

use std::collections::BTreeMap;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::as_amended::AsAmended;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::sealed::Sealed;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;

use super::OutboxError;
use super::kept::Kept;
use super::later::withheld_text;
use super::lives::OwnLives;
use super::record::Numbered;

/// The decisions of a period, as an outbox knows them: by their days as amended, as the log counts them. Withdrawn ones were
/// nobody's, and are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many decisions, sealed ones among them, have a day of the period as `application_date`.
    pub decisions: u64,
    /// How many of them are not sealed: a log can count those by their days.
    pub open: u64,
    /// How many of those are known to be on record.
    pub open_on_record: u64,
    /// How many more the log counts as long as withdrawals wait in the outbox: what they take back is left out above, for they
    /// are sent before a declaration.
    pub withdrawn_waiting: u64,
    /// How many of all these lie in the period, or outside of it, by an amendment alone.
    pub moved: u64,
    /// The lowest and the highest of their numbers.
    pub numbers: Option<(u64, u64)>,
    /// Decisions of other days whose numbers lie between these: the log counts them too.
    pub between: u64,
    /// Numbers that an earlier outbox gave out: this one knows nothing of them.
    pub before: u64,
    /// Earlier declarations of the same days, in order: number, and what was declared.
    pub declared: Vec<(u64, Declared)>,
}

/// What a declaration says beside its days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// How many decisions were taken.
    pub taken: u64,
    /// How many of them are not filed.
    pub not_published: u64,
    /// First and last number of the others.
    pub numbers: Option<(u64, u64)>,
}

/// Counts the decisions from day to day, both in it. `watch` is told of each statement that was looked at.
///
/// # Errors
/// The journal's.
pub fn count(kept: &Kept, from: Day, to: Day, mut watch: impl FnMut()) -> Result<Counted, OutboxError> {
    let lives = OwnLives::of(kept)?;
    let mut counted = Counted { before: kept.contents().started_after(), ..Counted::default() };
    let mut days: BTreeMap<u64, Option<Day>> = BTreeMap::new();
    let is_in = |day: &Option<Day>| day.is_some_and(|day| (from..=to).contains(&day));
    let is_on_record = |number: u64| kept.contents().on_record().contains_key(&number);
    let mut failed = None;
    kept.each(|numbered| {
        watch();
        let Ok(statement) = Statement::parse(&numbered.statement.0) else { return };
        let (state, filed) = (lives.state(&statement), day_of(&numbered, &statement));
        let is_open = statement.payload().kind() == StatementType::Decision;
        let day = match amended_day(kept, &statement, &state.amendments) {
            Ok(amended) => amended.unwrap_or(filed),
            Err(error) => {
                failed.get_or_insert(error);
                return;
            }
        };
        if let Some(by) = state.withdrawn {
            counted.withdrawn_waiting += u64::from(is_open && is_in(&day) && !is_on_record(by.get()));
            return;
        }
        match statement.payload().kind() {
            StatementType::Decision | StatementType::Sealed => {
                if is_open && is_in(&day) {
                    counted.open += 1;
                    counted.open_on_record += u64::from(is_on_record(numbered.sequence));
                }
                counted.moved += u64::from(is_in(&day) != is_in(&filed));
                days.insert(numbered.sequence, day);
            }
            StatementType::Declaration if declared_period(&statement) == Some((from, to)) => {
                counted.declared.push((numbered.sequence, declared(&statement)));
            }
            _ => {}
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    for number in days.iter().filter(|(_, day)| is_in(day)).map(|(number, _)| *number) {
        let (first, _) = counted.numbers.unwrap_or((number, number));
        counted.numbers = Some((first, number));
        counted.decisions += 1;
    }
    if let Some((first, last)) = counted.numbers {
        counted.between = days.range(first..=last).filter(|(_, day)| !is_in(day)).count() as u64;
    }
    Ok(counted)
}

/// The day of a decision as these amendments of the provider leave it; nothing where there are none, as for what is sealed.
/// They are named by their numbers.
fn amended_day(
    kept: &Kept,
    statement: &Statement,
    amendments: &[LeafIndex],
) -> Result<Option<Option<Day>>, OutboxError> {
    if amendments.is_empty() || statement.payload().kind() != StatementType::Decision {
        return Ok(None);
    }
    let mut amended = AsAmended::filed(LeafIndex::ZERO, statement.payload());
    for by in amendments {
        let Some(numbered) = kept.numbered(by.get())? else { continue };
        if let Ok(amendment) = Statement::parse(&numbered.statement.0) {
            amended.amend(*by, amendment.payload());
        }
    }
    Ok(Some(amended.day(statement)))
}

/// The day from which the decision applies, as it was filed. What is sealed tells its own; where it has none, because it is a refusal or its
/// text was purged, the day on which it was signed stands for it: the log counts whatever is sealed.
fn day_of(numbered: &Numbered, statement: &Statement) -> Option<Day> {
    let payload = statement.payload();
    if payload.kind() != StatementType::Sealed {
        return payload.day(FieldName::APPLICATION_DATE);
    }
    let signed = || Instant::new(statement.claims().iat).and_then(Instant::day);
    sealed_day(numbered, statement).or_else(signed)
}

fn sealed_day(numbered: &Numbered, statement: &Statement) -> Option<Day> {
    let text = Addendum::parse(&withheld_text(numbered, FieldName::SEALED_STATEMENT)?).ok()?;
    let sealed = Sealed::parse(text.value().as_bytes()?, statement).ok()?;
    sealed.payload().day(FieldName::APPLICATION_DATE)
}

fn declared_period(statement: &Statement) -> Option<(Day, Day)> {
    let payload = statement.payload();
    Some((payload.day(FieldName::PERIOD_START)?, payload.day(FieldName::PERIOD_END)?))
}

fn declared(statement: &Statement) -> Declared {
    let number = |field| statement.payload().number(field);
    Declared {
        taken: number(FieldName::DECISIONS_TAKEN).unwrap_or_default(),
        not_published: number(FieldName::NOT_PUBLISHED).unwrap_or_default(),
        numbers: number(FieldName::FIRST_SEQUENCE).zip(number(FieldName::LAST_SEQUENCE)),
    }
}
