//! The verifier's errors as the ledger's refusals.

use glasshouse_verifier::addendum::AddendumError;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::payload_error::{PayloadError, PayloadErrors};
use glasshouse_verifier::statement::StatementError;

use crate::rejection::Rejection;

/// A statement that does not parse.
pub(crate) fn of_statement(error: StatementError) -> Rejection {
    match error {
        StatementError::Payload(errors) => {
            let detail = format!("the payload breaks {} rule(s)", errors.len());
            Rejection::with_errors("invalid-payload", detail, errors)
        }
        other => Rejection::new(other.slug(), other.to_string()),
    }
}

/// An addendum that does not parse. Nothing of its text is repeated.
pub(crate) fn of_addendum(name: FieldName, error: &AddendumError) -> Rejection {
    match error {
        AddendumError::Value(broken) => {
            let mut broken = broken.clone();
            broken.given = None;
            let detail = format!("the addendum {name} breaks the form of its field");
            Rejection::with_errors(error.slug(), detail, vec![broken])
        }
        other => Rejection::new(other.slug(), format!("{name}: {other}")),
    }
}

/// A text that a disclosure brings, by its place among all that was sent. Nothing of it is repeated.
pub(crate) fn of_opened(at: usize, error: &AddendumError) -> Rejection {
    match error {
        AddendumError::Value(broken) => {
            let broken = PayloadError { given: None, ..broken.clone() };
            let detail = format!("addendum {at} breaks the form of its field");
            Rejection::with_errors(error.slug(), detail, vec![broken])
        }
        other => Rejection::new(other.slug(), format!("addendum {at}: {other}")),
    }
}

/// The broken rules without what stood there.
pub(crate) fn silent(errors: &PayloadErrors) -> Vec<PayloadError> {
    errors.list().iter().map(|error| PayloadError { given: None, ..error.clone() }).collect()
}
