//! One value of a row.

use std::borrow::Cow;

use crate::day::Day;
use crate::instant::Instant;

/// A value, of the kind of its column, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// The entry says nothing of it.
    Absent,
    /// 0 to 2^53 − 1.
    Integer(u64),
    /// True or false.
    Flag(bool),
    /// A day.
    Day(Day),
    /// An instant.
    Instant(Instant),
    /// A text, never empty.
    Text(Cow<'static, str>),
    /// Texts, perhaps none.
    Texts(Vec<Cow<'static, str>>),
}

impl Cell {
    /// A code, or another text that is known beforehand.
    pub(super) fn code(text: &'static str) -> Cell {
        Cell::Text(Cow::Borrowed(text))
    }

    /// A text of the entry.
    pub(super) fn text(text: impl Into<String>) -> Cell {
        Cell::Text(Cow::Owned(text.into()))
    }

    /// A value, or nothing.
    pub(super) fn maybe<T>(value: Option<T>, cell: impl FnOnce(T) -> Cell) -> Cell {
        value.map_or(Cell::Absent, cell)
    }
}
