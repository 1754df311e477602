//! What a `sealed` statement held back, once a disclosure has opened it.

use std::collections::BTreeMap;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::sealed::Sealed;
use glasshouse_verifier::statement::Statement;
use serde::Serialize;
use serde_json::Value;

use crate::problem::Problem;
use crate::statement_view::text_json;

/// The statement that would have been filed.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct SealedView {
    /// What it is about.
    pub(crate) sub: String,
    /// What was decided, as it would have been signed.
    #[schema(value_type = Object)]
    pub(crate) payload: Value,
    /// Its texts, by field.
    #[schema(value_type = Object)]
    pub(crate) texts: BTreeMap<String, Value>,
    /// Fields whose texts are withheld even so.
    pub(crate) withheld: Vec<String>,
}

/// What was sealed, if its text is among those that are shown.
///
/// # Errors
/// `internal`: the ledger took a text that no sealed statement may hold back.
pub(crate) fn of<'t>(
    statement: &Statement,
    shown: impl IntoIterator<Item = &'t Addendum>,
) -> Result<Option<SealedView>, Problem> {
    let text = shown.into_iter().find(|text| text.field() == FieldName::SEALED_STATEMENT);
    let Some(Item::Bytes(bytes)) = text.map(Addendum::value) else { return Ok(None) };
    let sealed = Sealed::parse(bytes, statement).map_err(|error| Problem::internal(&error))?;
    let payload = sealed.payload();
    let texts = sealed.addenda().iter();
    Ok(Some(SealedView {
        sub: sealed.claims().sub.to_string(),
        payload: payload.to_json(),
        texts: texts.map(|text| (text.field().as_str().to_owned(), text_json(text.value()))).collect(),
        withheld: payload.withheld().keys().map(|field| field.as_str().to_owned()).collect(),
    }))
}
