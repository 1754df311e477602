//! Rows as Apache Parquet: one row group after the other, each bounded in rows and in bytes. A list stands as the format's own
//! LIST, its elements in a repeated group. Snappy compresses; every column chunk has its least and greatest value.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};

use crate::day::Day;
use crate::instant::Instant;

use super::cell::Cell;
use super::column::{Column, Extent, Kind, VERSION};
use super::row::Row;
use super::row_writer::Tree;

/// Most rows of a row group. Until it is written a row takes some 1.5 KiB beside its texts: 25 MiB.
const GROUP_ROWS: usize = 16_384;

/// Bytes of texts after which a row group is written, however few rows it has. One row adds 26 texts of 64 KiB at most.
const GROUP_TEXT_BYTES: usize = 8 << 20;

const SECONDS_OF_A_DAY: u64 = 86_400;

/// Writes Parquet.
pub struct ParquetRows<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Held>,
    rows: usize,
    text_bytes: usize,
    /// Codes stand in many rows: their bytes lie in memory once.
    codes: HashMap<&'static str, ByteArray>,
}

/// The values of one column that were not written yet.
struct Held {
    values: Values,
    /// Whether a value is there.
    defined: Vec<i16>,
    /// Of a list: whether an element goes on with the row's list.
    repeated: Vec<i16>,
}

enum Values {
    Integers(Vec<i64>),
    Flags(Vec<bool>),
    Days(Vec<i32>),
    Texts(Vec<ByteArray>),
}

impl<W: Write + Send> ParquetRows<W> {
    pub(super) fn new(extent: Extent, tree: &Tree, out: W) -> io::Result<ParquetRows<W>> {
        let file = SerializedFileWriter::new(out, schema(extent)?, Arc::new(properties(tree)))?;
        let columns = extent.columns().map(Held::of).collect();
        Ok(ParquetRows { file, columns, rows: 0, text_bytes: 0, codes: HashMap::new() })
    }

    pub(super) fn write(&mut self, row: &Row) -> io::Result<()> {
        for (held, cell) in self.columns.iter_mut().zip(row.cells()) {
            self.text_bytes += held.push(cell, &mut self.codes);
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.text_bytes >= GROUP_TEXT_BYTES {
            self.write_group()?;
        }
        Ok(())
    }

    fn write_group(&mut self) -> Result<()> {
        let mut group = self.file.next_row_group()?;
        for held in &mut self.columns {
            let Some(mut column) = group.next_column()? else {
                return Err(ParquetError::General("fewer columns than the schema has".to_owned()));
            };
            held.write(&mut column)?;
            column.close()?;
        }
        group.close()?;
        (self.rows, self.text_bytes) = (0, 0);
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        if self.rows > 0 {
            self.write_group()?;
        }
        Ok(self.file.into_inner()?)
    }
}

impl Held {
    fn of(column: &Column) -> Held {
        let values = match column.kind {
            Kind::Integer | Kind::Instant => Values::Integers(Vec::new()),
            Kind::Flag => Values::Flags(Vec::new()),
            Kind::Day => Values::Days(Vec::new()),
            Kind::Text | Kind::Texts => Values::Texts(Vec::new()),
        };
        Held { values, defined: Vec::new(), repeated: Vec::new() }
    }

    /// Takes in a value; gives the bytes that it takes beside codes.
    fn push(&mut self, cell: &Cell, codes: &mut HashMap<&'static str, ByteArray>) -> usize {
        let texts = match (&mut self.values, cell) {
            (Values::Integers(all), Cell::Integer(number)) => {
                // At most 2^53 − 1.
                all.push(i64::try_from(*number).unwrap_or(i64::MAX));
                None
            }
            (Values::Integers(all), Cell::Instant(instant)) => {
                // At most 253,402,300,799 seconds.
                all.push(i64::try_from(instant.seconds() * 1_000).unwrap_or(i64::MAX));
                None
            }
            (Values::Flags(all), Cell::Flag(flag)) => {
                all.push(*flag);
                None
            }
            (Values::Days(all), Cell::Day(day)) => {
                all.push(days_since_1970(*day));
                None
            }
            (Values::Texts(all), Cell::Text(text)) => Some((all, std::slice::from_ref(text), false)),
            (Values::Texts(all), Cell::Texts(texts)) => Some((all, texts.as_slice(), true)),
            _ => {
                self.defined.push(0);
                return 0;
            }
        };
        let Some((all, texts, is_list)) = texts else {
            self.defined.push(1);
            return 0;
        };
        let mut bytes = 0;
        for (at, text) in texts.iter().enumerate() {
            all.push(match text {
                std::borrow::Cow::Borrowed(code) => {
                    codes.entry(code).or_insert_with(|| (*code).into()).clone()
                }
                std::borrow::Cow::Owned(text) => {
                    bytes += text.len();
                    text.as_str().into()
                }
            });
            self.defined.push(1);
            if is_list {
                self.repeated.push(i16::from(at > 0));
            }
        }
        if texts.is_empty() {
            self.defined.push(0);
            self.repeated.push(0);
        }
        bytes
    }

    fn write(&mut self, column: &mut SerializedColumnWriter<'_>) -> Result<()> {
        let defined = Some(self.defined.as_slice());
        let repeated = Some(self.repeated.as_slice()).filter(|levels| !levels.is_empty());
        match &mut self.values {
            Values::Integers(all) => {
                column.typed::<Int64Type>().write_batch(all, defined, None)?;
                all.clear();
            }
            Values::Flags(all) => {
                column.typed::<BoolType>().write_batch(all, defined, None)?;
                all.clear();
            }
            Values::Days(all) => {
                column.typed::<Int32Type>().write_batch(all, defined, None)?;
                all.clear();
            }
            Values::Texts(all) => {
                column.typed::<ByteArrayType>().write_batch(all, defined, repeated)?;
                all.clear();
            }
        }
        self.defined.clear();
        self.repeated.clear();
        Ok(())
    }
}

fn days_since_1970(day: Day) -> i32 {
    let midnight = Instant::parse_rfc3339(&format!("{day}T00:00:00Z"));
    // A day is one from 1990 to 2099.
    midnight.and_then(|midnight| i32::try_from(midnight.seconds() / SECONDS_OF_A_DAY).ok()).unwrap_or(0)
}

fn properties(tree: &Tree) -> WriterProperties {
    let entry = |key: &str, value: String| KeyValue::new(format!("glasshouse.{key}"), value);
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        // No two entries have one leaf hash, so a dictionary of them only costs.
        .set_column_dictionary_enabled(ColumnPath::from("leaf_hash"), false)
        .set_key_value_metadata(Some(vec![
            entry("columns", VERSION.to_owned()),
            entry("origin", tree.origin.as_str().to_owned()),
            entry("size", tree.head.size().to_string()),
            entry("root", tree.head.root().to_hex()),
        ]))
        .build()
}

fn schema(extent: Extent) -> Result<TypePtr> {
    let fields = extent.columns().map(field).collect::<Result<Vec<TypePtr>>>()?;
    Ok(Arc::new(Type::group_type_builder("entries").with_fields(fields).build()?))
}

fn field(column: &Column) -> Result<TypePtr> {
    let optional = Repetition::OPTIONAL;
    let of = |physical, logical| leaf(column.name, physical, logical, optional);
    Ok(Arc::new(match column.kind {
        Kind::Integer => of(Physical::INT64, None)?,
        Kind::Flag => of(Physical::BOOLEAN, None)?,
        Kind::Day => of(Physical::INT32, Some(LogicalType::Date))?,
        Kind::Instant => of(Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS)))?,
        Kind::Text => of(Physical::BYTE_ARRAY, Some(LogicalType::String))?,
        Kind::Texts => list(column.name)?,
    }))
}

fn leaf(
    name: &str,
    physical: Physical,
    logical: Option<LogicalType>,
    repetition: Repetition,
) -> Result<Type> {
    Type::primitive_type_builder(name, physical)
        .with_logical_type(logical)
        .with_repetition(repetition)
        .build()
}

/// A list that is always there, of texts that are.
fn list(name: &str) -> Result<Type> {
    let element = leaf("element", Physical::BYTE_ARRAY, Some(LogicalType::String), Repetition::REQUIRED)?;
    let repeated = Type::group_type_builder("list")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![Arc::new(element)])
        .build()?;
    Type::group_type_builder(name)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(LogicalType::List))
        .with_fields(vec![Arc::new(repeated)])
        .build()
}
