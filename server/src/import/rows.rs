//! The rows of a European dump, each with its line number.
//!
//! The dumps are written by PHP's `fputcsv`: commas, quotes doubled, but a quote behind a backslash not doubled. The
//! strict reading is RFC 4180 over the whole file. The lenient one begins anew at each line that starts with a UUID,
//! so that one broken row cannot swallow the next, and tries a row that does not come out with the backslash rule.

use std::io::{self, BufRead, BufReader, Read};

use csv::{ByteRecord, ReaderBuilder};

use super::dialect::{self, FULL_V2, HeaderError};

/// Longest row, in bytes: twenty times the sum of the European maxima.
const MAX_ROW: usize = 1 << 20;

/// One row: the cells, or what is wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// Line of the file on which it begins, from 1 (the header's).
    pub line: u64,
    /// The 38 cells.
    pub cells: Result<Vec<String>, String>,
}

/// Why a file cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The header is not that of a full dump, version 2.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// A row has no end, or none near enough. What follows it cannot be told apart from it.
    #[error(
        "line {line}: the row that begins here has more than {MAX_ROW} bytes: is a quote never closed? With --lenient it is left out"
    )]
    TooLong {
        /// Line of the file on which the row begins, from 1.
        line: u64,
    },
    /// The file system failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads rows one after the other.
pub enum Rows<R: Read> {
    /// RFC 4180 over the whole file.
    Strict(Box<csv::Reader<Bounded<R>>>),
    /// Row by row.
    Lenient(Box<Lines<R>>),
}

/// Input that ends with an error once a row took more bytes of it than a row can have.
pub struct Bounded<R> {
    source: R,
    left: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let most = buffer.len().min(self.left);
        let given = self.source.read(&mut buffer[..most])?;
        self.left -= given;
        Ok(given)
    }
}

/// The lenient reading's place in the file.
pub struct Lines<R> {
    source: BufReader<R>,
    next: Vec<u8>,
    number: u64,
}

impl<R: Read> Rows<R> {
    /// Reads the header and checks that the file is one that can be imported.
    ///
    /// # Errors
    /// [`RowsError::Header`] for another dump; input.
    pub fn open(source: R, lenient: bool) -> Result<Rows<R>, RowsError> {
        if lenient {
            let mut lines = Lines { source: BufReader::new(source), next: Vec::new(), number: 0 };
            lines.advance()?;
            let header = parse(&lines.next, false).unwrap_or_default();
            dialect::check(&header.iter().map(String::as_str).collect::<Vec<_>>())?;
            lines.advance()?;
            return Ok(Rows::Lenient(Box::new(lines)));
        }
        let source = Bounded { source, left: MAX_ROW };
        let mut reader = ReaderBuilder::new().has_headers(true).flexible(true).from_reader(source);
        let header = reader.byte_headers().map_err(|error| broken(error, 1))?;
        let header: Vec<String> =
            header.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        dialect::check(&header.iter().map(String::as_str).collect::<Vec<_>>())?;
        Ok(Rows::Strict(Box::new(reader)))
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// Input.
    pub fn next_row(&mut self) -> Result<Option<Row>, RowsError> {
        match self {
            Rows::Strict(reader) => {
                let mut record = ByteRecord::new();
                reader.get_mut().left = MAX_ROW;
                let begins = reader.position().line();
                if !reader.read_byte_record(&mut record).map_err(|error| broken(error, begins))? {
                    return Ok(None);
                }
                let line = record.position().map_or(0, csv::Position::line);
                Ok(Some(Row { line, cells: cells(&record) }))
            }
            Rows::Lenient(lines) => Ok(lines.next_row()?),
        }
    }
}

impl<R: Read> Lines<R> {
    /// Reads the next line of the file into `next`; empty at the end. Of a line that is too long only as much is kept as
    /// shows that.
    fn advance(&mut self) -> io::Result<()> {
        self.next.clear();
        (&mut self.source).take(MAX_ROW as u64 + 1).read_until(b'\n', &mut self.next)?;
        if self.next.len() > MAX_ROW && !self.next.ends_with(b"\n") {
            self.source.skip_until(b'\n')?;
        }
        self.number += 1;
        Ok(())
    }

    fn next_row(&mut self) -> io::Result<Option<Row>> {
        if self.next.is_empty() {
            return Ok(None);
        }
        let line = self.number;
        let mut row = Vec::new();
        loop {
            row.append(&mut self.next);
            self.advance()?;
            if self.next.is_empty() || begins_a_row(&self.next) {
                break;
            }
            if row.len() > MAX_ROW {
                // What follows belongs to nothing any more: drop it up to the next row.
                self.next.clear();
            }
        }
        if row.len() > MAX_ROW {
            let cells = Err(format!("the row has more than {MAX_ROW} bytes"));
            return Ok(Some(Row { line, cells }));
        }
        let cells = parse(&row, false).or_else(|strict| parse(&row, true).map_err(|_| strict));
        Ok(Some(Row { line, cells }))
    }
}

/// Whether a line starts with a UUID and a comma, quoted or not.
fn begins_a_row(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let Some((uuid, rest)) = line.split_at_checked(36) else { return false };
    let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
    rest.starts_with(b",") && is_uuid(uuid)
}

/// Whether the bytes are a UUID in its usual form: 8-4-4-4-12 lower-case hex digits.
pub fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// The cells of one row that stands alone.
fn parse(row: &[u8], backslash: bool) -> Result<Vec<String>, String> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .double_quote(true)
        .escape(backslash.then_some(b'\\'))
        .from_reader(row);
    let mut record = ByteRecord::new();
    match reader.read_byte_record(&mut record) {
        Ok(true) => {
            let first = cells(&record)?;
            let mut rest = ByteRecord::new();
            match reader.read_byte_record(&mut rest) {
                Ok(false) => Ok(first),
                _ => Err("the row ends in the middle of a line".to_owned()),
            }
        }
        Ok(false) => Err("the row is empty".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn cells(record: &ByteRecord) -> Result<Vec<String>, String> {
    if record.len() != FULL_V2.len() {
        return Err(format!("{} cells instead of {}", record.len(), FULL_V2.len()));
    }
    record
        .iter()
        .zip(FULL_V2)
        .map(|(cell, name)| String::from_utf8(cell.to_vec()).map_err(|_| format!("{name} is not UTF-8")))
        .collect()
}

/// What the CSV reader failed with, in the row that begins on a line.
fn broken(error: csv::Error, line: u64) -> RowsError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            RowsError::TooLong { line }
        }
        csv::ErrorKind::Io(error) => error.into(),
        other => io::Error::new(io::ErrorKind::InvalidData, format!("{other:?}")).into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    const UUID: &str = "f1e5d3be-e95d-4e51-bb38-6cf13225b2af";

    fn file(rows: &[String]) -> Vec<u8> {
        let mut text = FULL_V2.join(",");
        for row in rows {
            text.push('\n');
            text.push_str(row);
        }
        text.into_bytes()
    }

    fn row(last: &str) -> String {
        format!("{UUID}{},{last}", ",".repeat(36))
    }

    fn read(bytes: &[u8], lenient: bool) -> Vec<Row> {
        let mut rows = Rows::open(bytes, lenient).unwrap();
        std::iter::from_fn(|| rows.next_row().unwrap()).collect()
    }

    #[test]
    fn rows_have_the_line_on_which_they_begin() {
        for lenient in [false, true] {
            let rows = read(&file(&[row("\"a\nb\""), row("c"), "x,y".to_owned()]), lenient);
            assert_eq!(rows[0].line, 2);
            assert_eq!(rows[0].cells.as_ref().unwrap()[37], "a\nb");
            assert_eq!(rows[1].line, 4);
            let broken = &rows.last().unwrap().cells;
            assert!(broken.is_err(), "lenient {lenient}: {broken:?}");
        }
    }

    #[test]
    fn a_quote_behind_a_backslash_is_read_leniently() {
        let bytes = file(&[row(r#""he said \"no\", and left""#), row("c")]);
        let strict = read(&bytes, false);
        assert!(strict[0].cells.is_err());
        let lenient = read(&bytes, true);
        assert_eq!(lenient[0].cells.as_ref().unwrap()[37], r#"he said "no", and left"#);
        assert_eq!(lenient[1].cells.as_ref().unwrap()[37], "c");
    }

    #[test]
    fn a_broken_row_does_not_swallow_the_next_one() {
        let bytes = file(&[row("\"never closed"), row("c"), row("d")]);
        assert_eq!(read(&bytes, false).len(), 1);
        let lenient = read(&bytes, true);
        assert_eq!(lenient.len(), 3);
        assert_eq!(lenient[2].cells.as_ref().unwrap()[37], "d");
    }

    /// As much input as is asked for, of one byte.
    fn endless(begin: &[u8]) -> impl Read {
        io::Cursor::new(begin.to_vec()).chain(io::repeat(b'x').take(64 << 20))
    }

    #[test]
    fn a_cell_that_is_never_closed_ends_the_strict_reading() {
        let begin = file(&[row("c"), row("\"x")]);
        let mut rows = Rows::open(endless(&begin), false).unwrap();
        assert!(rows.next_row().unwrap().unwrap().cells.is_ok());
        let error = rows.next_row().unwrap_err().to_string();
        assert!(error.starts_with("line 3: ") && error.contains("1048576 bytes"), "{error}");
        let error = Rows::open(endless(b"\"uuid"), false).err().unwrap().to_string();
        assert!(error.starts_with("line 1: "), "{error}");
    }

    #[test]
    fn a_cell_that_is_never_closed_is_left_out_leniently() {
        let begin = file(&[row("c"), row("\"x")]);
        let end = format!("\n{}", row("d"));
        let mut rows = Rows::open(endless(&begin).chain(end.as_bytes()), true).unwrap();
        let read: Vec<Row> = std::iter::from_fn(|| rows.next_row().unwrap()).collect();
        assert_eq!(read.len(), 3);
        assert_eq!(read[1].line, 3);
        assert!(read[1].cells.as_ref().unwrap_err().contains("more than 1048576 bytes"));
        assert_eq!(read[2].cells.as_ref().unwrap()[37], "d");
        let Rows::Lenient(lines) = rows else { panic!("not lenient") };
        assert!(lines.next.capacity() <= 4 * MAX_ROW, "{} bytes were kept", lines.next.capacity());
        assert!(Rows::open(endless(b"\"uuid"), true).is_err());
    }

    #[test]
    fn many_long_rows_are_read() {
        let bytes = file(&vec![row(&"x".repeat(MAX_ROW / 2)); 5]);
        for lenient in [false, true] {
            assert!(read(&bytes, lenient).iter().all(|row| row.cells.is_ok()), "lenient {lenient}");
        }
    }

    #[test]
    fn a_row_without_end_is_dropped() {
        let bytes = file(&[row(&"x\n".repeat(MAX_ROW)), row("c")]);
        let rows = read(&bytes, true);
        assert!(rows[0].cells.as_ref().unwrap_err().contains("bytes"));
        assert_eq!(rows[1].cells.as_ref().unwrap()[37], "c");
    }
}
