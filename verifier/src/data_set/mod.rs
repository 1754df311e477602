//! Entries as rows of a data set: which columns there are, what stands in them, and how rows become CSV, JSON lines or
//! Parquet (`spec/data-set.md`).
//!
//! Whoever makes a data set, a ledger over HTTP or a reader from a copy that was verified, makes it here, so that both have
//! the same columns and the same bytes. Rows are written as they come; memory is bounded by one row group.

pub mod cell;
pub mod column;
pub mod csv_rows;
pub mod format;
pub mod json_rows;
pub mod parquet_rows;
pub mod row;
pub mod row_writer;
pub mod shown_text;

pub use self::cell::Cell;
pub use self::column::{Column, Extent, Kind, VERSION};
pub use self::format::Format;
pub use self::row::{AsItStands, Row};
pub use self::row_writer::{RowWriter, Tree};
pub use self::shown_text::{Show, TextsKept};
