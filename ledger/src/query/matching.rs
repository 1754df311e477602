//! Whether an entry is one that a query looks for.

use glasshouse_verifier::entry_state::EntryState;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;

use super::parameter::{NONE, Parameter};
use super::{Query, Wanted};
use crate::current::{Current, Decided};

impl Wanted {
    fn is_code(&self, code: &str) -> bool {
        matches!(self, Wanted::AnyOf(codes) if codes.contains(&code))
    }

    /// Whether nothing meets it: what [`Query::with`] makes of values that are none.
    fn is_of_nothing(&self) -> bool {
        matches!(self, Wanted::AnyOf(codes) if codes.is_empty())
    }
}

impl Query {
    /// Whether the index from which on nothing is looked for lies at or below this one.
    pub fn ends_before(&self, index: LeafIndex) -> bool {
        matches!(self.wanted.get(&Parameter::Before), Some(Wanted::Index(end)) if index >= *end)
    }

    /// Whether it asks how procedures ended: then [`Current::outcomes`] must have been read.
    pub fn asks_for_outcomes(&self) -> bool {
        OF_OUTCOMES.iter().any(|parameter| self.wanted.contains_key(parameter))
    }

    /// Whether an entry can match as far as it says so itself, whatever came later. For passing over entries at once.
    pub fn admits(&self, index: LeafIndex, statement: &Statement) -> bool {
        let claims = statement.claims();
        !self.ends_before(index)
            && !self.wanted.values().any(Wanted::is_of_nothing)
            && self.wanted.iter().all(|(parameter, wanted)| match (parameter, wanted) {
                (Parameter::Provider, Wanted::Issuer(issuer)) => claims.iss == *issuer,
                (Parameter::Provider, _) => false,
                (Parameter::Numbers, Wanted::Numbers(range)) => range.contains(statement.sequence()),
                (Parameter::Numbers, _) => false,
                (Parameter::Sub, Wanted::Subject(subject)) => claims.sub == *subject,
                (Parameter::Sub, _) => false,
                (Parameter::Type, wanted) => wanted.is_code(statement.payload().kind().as_str()),
                _ => true,
            })
    }

    /// Whether an entry can match as far as its state says so.
    pub fn admits_state(&self, kind: StatementType, state: &EntryState) -> bool {
        self.wanted
            .get(&Parameter::Standing)
            .is_none_or(|wanted| wanted.is_code(state.standing(kind).as_str()))
    }

    /// Whether an entry is looked for.
    pub fn matches(&self, current: &Current) -> bool {
        let statement = current.entry.statement();
        self.admits(current.index, statement)
            && self.admits_state(current.kind(), &current.state)
            && self.wanted.iter().all(|(parameter, wanted)| holds(*parameter, wanted, current))
            && (!self.asks_for_outcomes() || current.outcomes.iter().any(|outcome| self.is_outcome(outcome)))
    }

    /// Whether an outcome is one that all conditions on outcomes mean.
    pub fn is_outcome(&self, outcome: &Decided) -> bool {
        OF_OUTCOMES.iter().all(|parameter| match (parameter, self.wanted.get(parameter)) {
            (_, None) => true,
            (Parameter::Procedure, Some(wanted)) => wanted.is_code(outcome.procedure.as_str()),
            (Parameter::Result, Some(wanted)) => wanted.is_code(outcome.result.as_str()),
            (Parameter::OutcomeFrom, Some(Wanted::Day(from))) => outcome.day.is_some_and(|day| day >= *from),
            (Parameter::OutcomeTo, Some(Wanted::Day(to))) => outcome.day.is_some_and(|day| day <= *to),
            _ => false,
        })
    }
}

/// All of them speak of one and the same outcome.
const OF_OUTCOMES: [Parameter; 4] =
    [Parameter::Procedure, Parameter::Result, Parameter::OutcomeFrom, Parameter::OutcomeTo];

/// What is left when the entry itself, its state and its outcomes were looked at.
fn holds(parameter: Parameter, wanted: &Wanted, current: &Current) -> bool {
    let by_day = |is: fn(&_, &_) -> bool| match wanted {
        Wanted::Day(wanted) => current.day().is_some_and(|day| is(&day, wanted)),
        _ => false,
    };
    match parameter {
        Parameter::From => by_day(|day, from| day >= from),
        Parameter::To => by_day(|day, to| day <= to),
        other if other.is_of_values() => match other.values(current).as_slice() {
            [] => wanted.is_code(NONE),
            values => values.iter().any(|value| wanted.is_code(value)),
        },
        _ => true,
    }
}
