//! Writes rows in the format that was asked for.

use std::io::{self, Write};

use crate::head::TreeHead;
use crate::origin::Origin;

use super::column::Extent;
use super::csv_rows::CsvRows;
use super::format::Format;
use super::json_rows::JsonRows;
use super::parquet_rows::ParquetRows;
use super::row::Row;

/// The tree whose entries the rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The log.
    pub origin: Origin,
    /// Its size and root.
    pub head: TreeHead,
}

/// Writes rows one after the other. What was not finished is no data set.
pub enum RowWriter<W: Write + Send> {
    /// As CSV.
    Csv(Box<CsvRows<W>>),
    /// As JSON lines.
    JsonLines(JsonRows<W>),
    /// As Parquet.
    Parquet(Box<ParquetRows<W>>),
}

impl<W: Write + Send> RowWriter<W> {
    /// Begins; a header is written at once.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn new(format: Format, extent: Extent, tree: &Tree, out: W) -> io::Result<RowWriter<W>> {
        Ok(match format {
            Format::Csv => RowWriter::Csv(Box::new(CsvRows::new(extent, out)?)),
            Format::JsonLines => RowWriter::JsonLines(JsonRows::new(extent, out)),
            Format::Parquet => RowWriter::Parquet(Box::new(ParquetRows::new(extent, tree, out)?)),
        })
    }

    /// Writes one row, which must be of the same extent.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(&mut self, row: &Row) -> io::Result<()> {
        match self {
            RowWriter::Csv(rows) => rows.write(row),
            RowWriter::JsonLines(rows) => rows.write(row),
            RowWriter::Parquet(rows) => rows.write(row),
        }
    }

    /// Writes what is still held, and gives back where to.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn finish(self) -> io::Result<W> {
        match self {
            RowWriter::Csv(rows) => rows.finish(),
            RowWriter::JsonLines(rows) => rows.finish(),
            RowWriter::Parquet(rows) => rows.finish(),
        }
    }
}
