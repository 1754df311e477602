//! The values that an entry has for a parameter of codes: what queries compare, and what counts count.

use glasshouse_verifier::fields::MEASURES;
use glasshouse_verifier::legal_basis::LegalBasis;
use glasshouse_verifier::vocabulary::Vocabulary;

use super::parameter::{Parameter, UNSTATED, WITH, WITHOUT};
use crate::current::Current;

impl Parameter {
    /// Whether it asks for values of an entry that come from a closed set and do not belong to one of its outcomes.
    pub fn is_of_values(self) -> bool {
        !matches!(
            self,
            Parameter::Provider
                | Parameter::Numbers
                | Parameter::Sub
                | Parameter::Procedure
                | Parameter::Result
                | Parameter::OutcomeFrom
                | Parameter::OutcomeTo
                | Parameter::From
                | Parameter::To
                | Parameter::Before
        )
    }

    /// The values that an entry has for it, each one of [`Parameter::codes`]; none where the field is absent, and for
    /// a parameter of another form. A field of a measure stands beside its codes.
    pub fn values(self, current: &Current) -> Vec<&'static str> {
        let codes = |field| current.codes(field).iter().map(|code| code.as_str());
        let order = || legal_basis(current).and_then(LegalBasis::order);
        match self {
            Parameter::Type => vec![current.kind().as_str()],
            Parameter::Standing => vec![current.state.standing(current.kind()).as_str()],
            Parameter::Vocabulary => vec![vocabulary(current).as_str()],
            Parameter::LegalBasis => {
                legal_basis(current).map(|basis| basis.kind().as_str()).into_iter().collect()
            }
            Parameter::Order => legal_basis(current).map(with_order).into_iter().collect(),
            Parameter::AuthorityKind => order().map(|o| o.authority_kind.as_str()).into_iter().collect(),
            Parameter::OrderCountry => order().map(|o| o.country.as_str()).into_iter().collect(),
            Parameter::Measure => {
                let measured = MEASURES.iter().filter(|field| !current.codes(**field).is_empty());
                measured.flat_map(|field| codes(*field).chain([field.as_str()])).collect()
            }
            other => other.field().map(|field| codes(field).collect()).unwrap_or_default(),
        }
    }
}

/// With or without an order, or unstated, where nobody can conclude either.
fn with_order(basis: &LegalBasis) -> &'static str {
    match basis.order() {
        Some(_) => WITH,
        None if basis.kind().as_str() == UNSTATED => UNSTATED,
        None => WITHOUT,
    }
}

fn legal_basis(current: &Current) -> Option<&LegalBasis> {
    current.amended.legal_basis()
}

/// Which version the category is from: an amendment may have brought one of the other version.
fn vocabulary(current: &Current) -> Vocabulary {
    current.amended.vocabulary(current.entry.statement())
}
