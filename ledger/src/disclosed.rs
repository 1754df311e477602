//! The texts that a disclosure brings: they belong to the entry that it is about, and open what that entry withheld.
//!
//! What needs no order is looked at when the disclosure is admitted; whether a text is the one to which the target
//! commits, when it gets its place.

use std::collections::BTreeMap;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::naming::NamedEntry;
use glasshouse_verifier::payload_error::{PayloadError, Rule};
use glasshouse_verifier::sealed::{Sealed, SealedError};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;

use crate::admission::check_uris;
use crate::refusal;
use crate::rejection::Rejection;

/// Takes what came beside a statement's own texts, each with its place among all that was sent: one text for each name in
/// `fields` of a disclosure, and nothing for any other type.
pub(crate) fn take(statement: &Statement, sent: &[(usize, &[u8])]) -> Result<Vec<Addendum>, Rejection> {
    let payload = statement.payload();
    if payload.kind() != StatementType::Disclosure {
        return match sent.first() {
            Some((at, bytes)) => {
                Addendum::parse(bytes).map_err(|error| refusal::of_opened(*at, &error))?;
                Err(mismatch(format!("addendum {at} opens no digest of this statement")))
            }
            None => Ok(Vec::new()),
        };
    }
    let fields = payload.names(FieldName::FIELDS);
    let mut taken = BTreeMap::new();
    for (at, bytes) in sent {
        let text = Addendum::parse(bytes).map_err(|error| refusal::of_opened(*at, &error))?;
        let (claims, field) = (statement.claims(), text.field());
        if *text.aud() != claims.aud || *text.iss() != claims.iss {
            return Err(mismatch(format!("addendum {at} is of another log or issuer than the disclosure")));
        }
        if !fields.contains(&field) {
            return Err(mismatch(format!("addendum {at} is a text of {field}, which fields does not name")));
        }
        if taken.insert(field, text).is_some() {
            return Err(mismatch(format!("the text of {field} was sent twice")));
        }
    }
    let missing: Vec<PayloadError> =
        fields.iter().filter(|field| !taken.contains_key(field)).map(absent).collect();
    if !missing.is_empty() {
        let detail = "texts that the disclosure opens were not sent";
        return Err(Rejection::with_errors("addendum-missing", detail, missing));
    }
    Ok(taken.into_values().collect())
}

fn absent(field: &FieldName) -> PayloadError {
    PayloadError {
        path: "/fields".to_owned(),
        rule: Rule::Required,
        given: Some(field.to_string()),
        allowed: Some("the addendum that the target commits to, beside the disclosure".to_owned()),
    }
}

/// Whether the texts of a disclosure are those to which its target commits; `named` is what the registry found, `target`
/// the statement there.
pub(crate) fn check(texts: &[Addendum], named: &NamedEntry, target: &Statement) -> Result<(), Rejection> {
    for text in texts {
        let field = text.field();
        if text.sequence() != named.sequence {
            let (given, number) = (text.sequence(), named.sequence);
            return Err(mismatch(format!(
                "the text of {field} is of number {given}, the target has {number}"
            )));
        }
        let digest = named.opened.iter().find(|(opened, _)| *opened == field).map(|(_, digest)| *digest);
        if digest != Some(text.digest()) {
            return Err(mismatch(format!("the text of {field} is not the one that the target commits to")));
        }
        match text.value() {
            Item::Bytes(value) if field == FieldName::SEALED_STATEMENT => {
                Sealed::parse(value, target).map_err(|error| sealed_refused(&error))?;
            }
            uris if field == FieldName::RELATES_TO_URI => check_uris(target, uris)?,
            _ => {}
        }
    }
    Ok(())
}

/// What was sealed breaks a rule. Nothing that stands in it is repeated: it may be under an order still.
fn sealed_refused(error: &SealedError) -> Rejection {
    match error {
        SealedError::Payload(errors) => {
            let errors = refusal::silent(errors);
            let detail = "what was sealed breaks rules of its payload";
            Rejection::with_errors(error.slug(), detail, errors)
        }
        SealedError::Addendum(_) => {
            Rejection::new(error.slug(), "what was sealed has an addendum that is none")
        }
        other => Rejection::new(other.slug(), other.to_string()),
    }
}

fn mismatch(detail: String) -> Rejection {
    Rejection::new("addendum-mismatch", detail)
}
