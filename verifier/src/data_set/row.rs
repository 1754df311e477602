//! A row: an entry as everything after it leaves it.

use std::collections::BTreeMap;

use crate::as_amended::AsAmended;
use crate::entry::Entry;
use crate::entry_state::EntryState;
use crate::field_value::FieldValue;
use crate::fields::FieldName;
use crate::legal_basis::{LegalBasis, Order};
use crate::payload::Payload;
use crate::size::LeafIndex;

use super::cell::Cell;
use super::column::{Extent, Says};

/// An entry as it stands in a tree.
#[derive(Debug, Clone, Copy)]
pub struct AsItStands<'a> {
    /// Its place.
    pub index: LeafIndex,
    /// What was signed.
    pub entry: &'a Entry,
    /// What the later entries of the tree say about it.
    pub state: &'a EntryState,
    /// Its fields as amended.
    pub amended: &'a AsAmended,
    /// Those of its texts that may be shown ([`super::shown_text`]). Only read where texts are asked for.
    pub texts: &'a BTreeMap<FieldName, String>,
}

impl<'a> AsItStands<'a> {
    pub(super) fn payload(&self) -> &'a Payload {
        self.entry.statement().payload()
    }

    pub(super) fn legal_basis(&self) -> Option<&'a LegalBasis> {
        self.amended.legal_basis()
    }

    pub(super) fn order(&self) -> Option<&'a Order> {
        self.legal_basis().and_then(LegalBasis::order)
    }

    /// The month that its file is named by, `YYYY-MM`; `None` without a day.
    pub fn month(&self) -> Option<String> {
        let day = self.amended.day(self.entry.statement())?.to_string();
        day.get(..7).map(str::to_owned)
    }

    fn field(&self, field: FieldName) -> Cell {
        let Some(value) = self.amended.field(field) else { return Cell::Absent };
        match value {
            FieldValue::Code(code) | FieldValue::Attribution(code) => Cell::code(code.as_str()),
            FieldValue::Day(day) => Cell::Day(*day),
            FieldValue::Instant(instant) => Cell::Instant(*instant),
            FieldValue::Positive(number) | FieldValue::Count(number) => Cell::Integer(*number),
            // The columns name no field of another form.
            _ => Cell::Absent,
        }
    }

    fn codes(&self, fields: &[FieldName]) -> Cell {
        let codes = fields.iter().flat_map(|field| self.amended.codes(*field));
        Cell::Texts(codes.map(|code| code.as_str().into()).collect())
    }
}

/// The values of one entry, in the order of the columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(Vec<Cell>);

impl Row {
    /// The row of an entry.
    pub fn of(stands: &AsItStands<'_>, extent: Extent) -> Row {
        let cells = extent.columns().map(|column| match column.says {
            Says::Field(field) => stands.field(field),
            Says::Codes(fields) => stands.codes(fields),
            Says::Text(field) => Cell::maybe(stands.texts.get(&field), Cell::text),
            Says::Of(of) => of(stands),
        });
        Row(cells.collect())
    }

    /// The values.
    pub fn cells(&self) -> &[Cell] {
        &self.0
    }
}
