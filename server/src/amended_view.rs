//! A statement as its amendments leave it: for each field and text what holds, and which entry gave it.

use std::collections::BTreeMap;

use glasshouse_ledger::current::CurrentReader;
use glasshouse_ledger::entry_cursor::EntryCursor;
use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::entry_state::EntryState;
use glasshouse_verifier::fields::{FieldName, FieldSet};
use glasshouse_verifier::size::LeafIndex;
use serde::Serialize;
use serde_json::Value;

use crate::app_state::failed;
use crate::problem::Problem;
use crate::state_view::{self, text_state};
use crate::statement_view::text_json;

/// What holds.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct AmendedView {
    /// The value that holds for each field.
    pub(crate) fields: BTreeMap<String, AmendedField>,
    /// The text that holds for each field.
    pub(crate) texts: BTreeMap<String, AmendedText>,
}

/// A field as amended.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct AmendedField {
    /// As it stands in a payload.
    #[schema(value_type = Object)]
    pub(crate) value: Value,
    /// Index of the entry that gave it.
    pub(crate) by: u64,
}

/// A text as amended.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct AmendedText {
    /// The text, where it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(crate) value: Option<Value>,
    /// What became of it in the entry that commits to it: `served`, `withheld`, `disclosed` or `redacted`.
    pub(crate) state: String,
    /// Index of the entry that disclosed or redacted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state_by: Option<u64>,
    /// A locator under a keyword whose locators are shown nowhere.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) hidden: bool,
    /// Index of the entry that commits to it.
    pub(crate) by: u64,
}

/// The statement as amended; `None` where no amendment counts. Reads every amendment that counts, 10,000 at most.
///
/// # Errors
/// `internal`, if the ledger cannot be read.
pub(crate) fn of(
    reader: &Reader,
    cursor: EntryCursor,
    index: LeafIndex,
    entry: &Entry,
    state: &EntryState,
) -> Result<Option<AmendedView>, Problem> {
    if state.amendments.is_empty() {
        return Ok(None);
    }
    let mut later = CurrentReader::new(cursor);
    let current = later.current(index, entry.clone(), state.clone(), false).map_err(failed)?;
    let fields = current.amended.fields.iter().map(|(field, (by, value))| {
        let value = AmendedField { value: value.to_json(), by: by.get() };
        (field.as_str().to_owned(), value)
    });
    let fields = fields.collect();
    let hidden = state.hidden_locators(entry.statement());
    let mut texts = BTreeMap::new();
    for by in sources(&current.amended.texts) {
        let Some(source) = later.entry(by).map_err(failed)? else { continue };
        let of_source: Vec<FieldName> =
            current.amended.texts.iter().filter(|(_, from)| **from == by).map(|(field, _)| *field).collect();
        texts.extend(texts_of(reader, by, &source, &of_source, hidden)?);
    }
    Ok(Some(AmendedView { fields, texts }))
}

/// The entries that the texts are from, each once.
fn sources(texts: &BTreeMap<FieldName, LeafIndex>) -> Vec<LeafIndex> {
    let mut sources: Vec<LeafIndex> = texts.values().copied().collect();
    sources.sort_unstable();
    sources.dedup();
    sources
}

fn texts_of(
    reader: &Reader,
    by: LeafIndex,
    source: &Entry,
    fields: &[FieldName],
    hidden: FieldSet,
) -> Result<Vec<(String, AmendedText)>, Problem> {
    let state = reader.state_of(source);
    let texts = reader.texts(source, by).map_err(failed)?;
    let shown: Vec<&Addendum> = state_view::shown(&texts, source, &state).collect();
    let payload = source.statement().payload();
    let mut views = Vec::with_capacity(fields.len());
    for field in fields {
        let Some(text) = state.text(payload, *field) else { continue };
        let is_hidden = hidden.contains(*field);
        let value = shown.iter().find(|text| text.field() == *field).filter(|_| !is_hidden);
        let became = text_state(text, is_hidden);
        let view = AmendedText {
            value: value.map(|text| text_json(text.value())),
            state: became.state,
            state_by: became.by,
            hidden: became.hidden,
            by: by.get(),
        };
        views.push((field.as_str().to_owned(), view));
    }
    Ok(views)
}
