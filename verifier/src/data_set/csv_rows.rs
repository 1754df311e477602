//! Rows as comma-separated values (RFC 4180), fit to be opened by a spreadsheet.
//!
//! A spreadsheet takes a cell that begins with certain characters for a formula, and runs it. Such a cell, and one that begins
//! with an apostrophe, gets an apostrophe in front. Whoever wants the text takes one apostrophe away where a cell begins with it.

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{Terminator, Writer, WriterBuilder};

use super::cell::Cell;
use super::column::Extent;
use super::row::Row;

/// Between the texts of a list. No code and no name of a field has it.
pub const LIST_SEPARATOR: &str = "|";

/// What a formula begins with in one spreadsheet or another, full-width forms among them; the apostrophe itself, so that it
/// can be taken away again.
const FIRST_OF_FORMULAS: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠'];

/// Writes CSV.
pub struct CsvRows<W: Write> {
    writer: Writer<W>,
}

impl<W: Write> CsvRows<W> {
    /// Writes the names of the columns.
    pub(super) fn new(extent: Extent, out: W) -> io::Result<CsvRows<W>> {
        let mut writer = WriterBuilder::new().terminator(Terminator::Any(b'\n')).from_writer(out);
        writer.write_record(extent.columns().map(|column| column.name)).map_err(io::Error::from)?;
        Ok(CsvRows { writer })
    }

    pub(super) fn write(&mut self, row: &Row) -> io::Result<()> {
        for cell in row.cells() {
            self.writer.write_field(words(cell).as_bytes()).map_err(io::Error::from)?;
        }
        // An empty record ends the line that the fields began.
        self.writer.write_record(None::<&[u8]>).map_err(io::Error::from)
    }

    pub(super) fn finish(self) -> io::Result<W> {
        self.writer.into_inner().map_err(|error| error.into_error())
    }
}

fn words(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Absent => Cow::Borrowed(""),
        Cell::Integer(number) => Cow::Owned(number.to_string()),
        Cell::Flag(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
        Cell::Day(day) => Cow::Owned(day.to_string()),
        Cell::Instant(instant) => Cow::Owned(instant.to_string()),
        Cell::Text(text) => harmless(text),
        Cell::Texts(texts) => Cow::Owned(texts.join(LIST_SEPARATOR)),
    }
}

fn harmless(text: &str) -> Cow<'_, str> {
    match text.starts_with(FIRST_OF_FORMULAS) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn no_text_is_a_formula_and_every_text_comes_back() {
        for text in [
            "=HYPERLINK(\"http://a.example\")",
            "+1",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "'=1",
            "'",
            "''",
            "＝1",
            "plain",
            "a=b",
            " =1",
        ] {
            let cell = harmless(text);
            let first = cell.chars().next().unwrap();
            assert!(first == '\'' || !FIRST_OF_FORMULAS.contains(&first), "{text}");
            assert_eq!(cell.strip_prefix('\'').unwrap_or(&cell), text);
        }
    }
}
