//! What a `conflict` has to show: a second statement under one number, signed by a key of that provider, that says
//! something else than the one on record.

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::payload_error::{PayloadError, Rule};
use glasshouse_verifier::registry::KeySnapshot;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;

use crate::rejection::Rejection;

/// Checks what can be said of the refused statement alone; nothing for a statement of another type. `texts` are its addenda.
pub(crate) fn check_alone(
    conflict: &Statement,
    texts: &[Vec<u8>],
    keys: &KeySnapshot,
) -> Result<(), Rejection> {
    if conflict.payload().kind() != StatementType::Conflict {
        return Ok(());
    }
    let refused = refused_in(texts)?;
    let claims = refused.claims();
    if conflict.payload().provider() != Some(&claims.iss) {
        return Err(invalid("the provider's own statement"));
    }
    if claims.aud != conflict.claims().aud {
        return Err(invalid("made for this log"));
    }
    let key = keys.get(refused.kid()).filter(|key| *key.owner() == claims.iss);
    match key.map(|key| refused.verify(key.key())) {
        Some(Ok(())) => Ok(()),
        _ => Err(invalid("signed by a key that was enrolled for the provider")),
    }
}

/// Checks it against the entry that the conflict names.
pub(crate) fn check_against(texts: &[Vec<u8>], on_record: &Statement) -> Result<(), Rejection> {
    let refused = refused_in(texts)?;
    if refused.claims().iss != on_record.claims().iss || refused.sequence() != on_record.sequence() {
        return Err(invalid("of the target's issuer and number"));
    }
    match refused.says_the_same_as(on_record) {
        true => Err(invalid("another statement than the target, in sub or payload")),
        false => Ok(()),
    }
}

/// The statement in the addendum `refused_statement`.
fn refused_in(texts: &[Vec<u8>]) -> Result<Statement, Rejection> {
    let mut addenda = texts.iter().filter_map(|bytes| Addendum::parse(bytes).ok());
    let addendum = addenda.find(|addendum| addendum.field() == FieldName::REFUSED_STATEMENT);
    let value = addendum.as_ref().map(Addendum::value);
    let Some(Item::Bytes(bytes)) = value else { return Err(invalid("there, as bytes")) };
    Statement::parse(bytes).map_err(|error| match error.slug() {
        slug @ "not-understood" => Rejection::new(slug, format!("the refused statement: {error}")),
        _ => invalid("a statement"),
    })
}

fn invalid(allowed: &str) -> Rejection {
    let error = PayloadError {
        path: format!("/addenda/{}", FieldName::REFUSED_STATEMENT),
        rule: Rule::Grammar,
        given: None,
        allowed: Some(allowed.to_owned()),
    };
    let detail = format!("the refused statement is no evidence: it has to be {allowed}");
    Rejection::with_errors("addendum-invalid", detail, vec![error])
}
