//! Rows as JSON lines: an object with every column, a line each.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::cell::Cell;
use super::column::Extent;
use super::row::Row;

/// Writes JSON lines.
pub struct JsonRows<W: Write> {
    extent: Extent,
    out: W,
}

impl<W: Write> JsonRows<W> {
    pub(super) fn new(extent: Extent, out: W) -> JsonRows<W> {
        JsonRows { extent, out }
    }

    pub(super) fn write(&mut self, row: &Row) -> io::Result<()> {
        // One write for a line, whatever is behind.
        let mut line = serde_json::to_vec(&Line { extent: self.extent, row }).map_err(io::Error::from)?;
        line.push(b'\n');
        self.out.write_all(&line)
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}

struct Line<'a> {
    extent: Extent,
    row: &'a Row,
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.row.cells().len()))?;
        for (column, cell) in self.extent.columns().zip(self.row.cells()) {
            map.serialize_entry(column.name, cell)?;
        }
        map.end()
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Absent => serializer.serialize_none(),
            Cell::Integer(number) => serializer.serialize_u64(*number),
            Cell::Flag(flag) => serializer.serialize_bool(*flag),
            Cell::Day(day) => serializer.collect_str(day),
            Cell::Instant(instant) => serializer.collect_str(instant),
            Cell::Text(text) => serializer.serialize_str(text),
            Cell::Texts(texts) => serializer.collect_seq(texts),
        }
    }
}
