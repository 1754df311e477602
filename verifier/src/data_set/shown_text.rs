//! Which texts may stand in a data set: those that the log gives out, and no locator that is shown nowhere.

use std::collections::BTreeMap;

use crate::as_amended::AsAmended;
use crate::cbor::Item;
use crate::entry_state::{EntryState, TextState};
use crate::fields::{FieldName, FieldSet};
use crate::size::LeafIndex;
use crate::statement::Statement;

use super::column::{Extent, Says};

/// Whether a text may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// It may.
    Public,
    /// Its issuer keeps it.
    Withheld,
    /// It was erased.
    Redacted,
    /// It is a locator under a keyword whose locators are shown nowhere (`spec/payload.md`, rule 11).
    Hidden,
}

/// How many texts of the columns are not in a data set, and why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextsKept {
    /// Their issuers keep them.
    pub withheld: u64,
    /// They were erased.
    pub redacted: u64,
    /// Locators that are shown nowhere.
    pub hidden: u64,
}

impl TextsKept {
    /// Counts one.
    pub fn count(&mut self, show: Show) {
        match show {
            Show::Public => {}
            Show::Withheld => self.withheld += 1,
            Show::Redacted => self.redacted += 1,
            Show::Hidden => self.hidden += 1,
        }
    }
}

/// The texts that the columns ask for, by the entry that commits to them.
pub fn wanted(amended: &AsAmended) -> BTreeMap<LeafIndex, Vec<FieldName>> {
    let mut wanted: BTreeMap<LeafIndex, Vec<FieldName>> = BTreeMap::new();
    for column in Extent::WithTexts.columns() {
        let Says::Text(field) = column.says else { continue };
        if let Some(by) = amended.texts.get(&field) {
            wanted.entry(*by).or_default().push(field);
        }
    }
    wanted
}

/// Whether a text that `source` commits to may be shown in the row of an entry. `state` is that of the source; `hidden` are the
/// hidden locators of the entry ([`EntryState::hidden_locators`]).
pub fn show(field: FieldName, source: &Statement, state: &EntryState, hidden: FieldSet) -> Show {
    match state.text(source.payload(), field) {
        Some(TextState::Redacted(_)) => Show::Redacted,
        Some(TextState::Served | TextState::Disclosed(_)) => {
            let is_hidden = hidden.contains(field) || state.hidden_locators(source).contains(field);
            if is_hidden { Show::Hidden } else { Show::Public }
        }
        Some(TextState::Withheld) | None => Show::Withheld,
    }
}

/// The text of an addendum's value; `None` for a list or bytes, which no column has.
pub fn text_of(value: &Item) -> Option<String> {
    match value {
        Item::Text(text) => Some(text.to_string()),
        _ => None,
    }
}
