//! Whether an entry is one that a query looks for.

use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::entry_state::EntryState;
use glasshouse_verifier::field_value::FieldValue;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::legal_basis::LegalBasis;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::vocabulary::Vocabulary;

use super::parameter::{MEASURES, NONE, Parameter};
use super::{Query, Wanted};
use crate::current::{Current, Decided};

impl Wanted {
    fn is_code(&self, code: &str) -> bool {
        matches!(self, Wanted::AnyOf(codes) if codes.contains(&code))
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
    let has = |field| current.codes(field).iter().any(|code| wanted.is_code(code.as_str()));
    let by_day = |is: fn(&_, &_) -> bool| match wanted {
        Wanted::Day(wanted) => current.day().is_some_and(|day| is(&day, wanted)),
        _ => false,
    };
    match parameter {
        Parameter::From => by_day(|day, from| day >= from),
        Parameter::To => by_day(|day, to| day <= to),
        Parameter::Vocabulary => wanted.is_code(vocabulary(current).as_str()),
        Parameter::LegalBasis => {
            legal_basis(current).is_some_and(|basis| wanted.is_code(basis.kind().as_str()))
        }
        Parameter::OrderCountry => legal_basis(current)
            .and_then(LegalBasis::order)
            .is_some_and(|order| wanted.is_code(order.country.as_str())),
        Parameter::Measure => MEASURES.iter().any(|(field, _)| {
            has(*field) || (!current.codes(*field).is_empty() && wanted.is_code(field.as_str()))
        }),
        other => other.field().is_none_or(|field| match current.codes(field) {
            [] => wanted.is_code(NONE),
            _ => has(field),
        }),
    }
}

fn legal_basis(current: &Current) -> Option<&LegalBasis> {
    match current.field(FieldName::LEGAL_BASIS) {
        Some(FieldValue::LegalBasis(basis)) => Some(basis),
        _ => None,
    }
}

/// Which version the category is from: an amendment may have brought one of the other version.
fn vocabulary(current: &Current) -> Vocabulary {
    match current.codes(FieldName::CATEGORY).first().map(|code| code.set()) {
        Some(CodeSet::CategoryV1) => Vocabulary::Version1,
        Some(_) => Vocabulary::Version2,
        None => current.payload().vocabulary(),
    }
}
