//! The rows of one CSV file of a European dump, each with its line and its number.
//!
//! A row begins on a line that starts with a UUID and ends before the next such line, so that one that is broken does
//! not swallow the next. What is between is read by [`dialect`](super::dialect).

use std::io::{self, BufRead, BufReader, Read};

use super::dialect::{RowFault, parse_row};
use super::layout::{COLUMNS, DAYS, HeaderError, LISTS, Layout, TEXTS};

/// Longest row, in bytes: twenty times the sum of the European maxima.
pub const MAX_ROW: usize = 1 << 20;

/// The byte order mark that some programs put before UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// One row: the cells, or what is wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// Line of the file on which it begins, from 1 (the header's).
    pub line: u64,
    /// Which row of the file it is, from 1.
    pub number: u64,
    /// A cell for each of [`COLUMNS`]; those that the dump does not have are empty.
    pub cells: Result<Vec<String>, String>,
}

/// Why a file cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The header is none of a dump's.
    #[error("line 1: {0}")]
    Header(#[from] HeaderError),
    /// What lies beneath failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads rows one after the other.
pub struct Rows<R> {
    source: BufReader<R>,
    layout: Layout,
    /// The row that is being read.
    group: Vec<u8>,
    /// The line behind it; empty at the end of the file.
    next: Vec<u8>,
    /// Line number of `next`.
    line: u64,
    number: u64,
}

impl<R: Read> Rows<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`RowsError::Header`] for another file; input.
    pub fn open(source: R) -> Result<Rows<R>, RowsError> {
        let mut rows = Rows {
            source: BufReader::with_capacity(1 << 16, source),
            layout: Layout::ALL[0],
            group: Vec::new(),
            next: Vec::new(),
            line: 0,
            number: 0,
        };
        rows.advance()?;
        let header = rows.next.strip_prefix(MARK).unwrap_or(&rows.next);
        rows.layout = Layout::of_header(&names(header))?;
        rows.advance()?;
        Ok(rows)
    }

    /// Which of the four dumps it is.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Reads the next line of the file into `next`; empty at the end. Of a line that is too long only as much is kept as
    /// shows that.
    fn advance(&mut self) -> io::Result<()> {
        self.next.clear();
        (&mut self.source).take(MAX_ROW as u64 + 1).read_until(b'\n', &mut self.next)?;
        if self.next.len() > MAX_ROW && !self.next.ends_with(b"\n") {
            self.source.skip_until(b'\n')?;
        }
        self.line += 1;
        Ok(())
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// Input.
    pub fn next_row(&mut self) -> io::Result<Option<Row>> {
        if self.next.is_empty() {
            return Ok(None);
        }
        let line = self.line;
        self.number += 1;
        self.read_group()?;
        let number = self.number;
        if self.group.len() > MAX_ROW {
            let cells = Err(format!("the row has more than {MAX_ROW} bytes"));
            return Ok(Some(Row { line, number, cells }));
        }
        Ok(Some(Row { line, number, cells: self.parse() }))
    }

    /// Reads the lines up to the next that begins a row. Beyond the greatest length of a row they are only passed over.
    fn read_group(&mut self) -> io::Result<()> {
        self.group.clear();
        self.group.append(&mut self.next);
        loop {
            self.advance()?;
            if self.next.is_empty() || begins_a_row(&self.next) {
                return Ok(());
            }
            if self.group.len() <= MAX_ROW {
                self.group.append(&mut self.next);
            }
        }
    }

    fn parse(&self) -> Result<Vec<String>, String> {
        if !begins_a_row(&self.group) {
            return Err("no row begins here: a row begins with a UUID and a comma".to_owned());
        }
        let places: Vec<usize> = self.layout.columns().map(|(place, _)| place).collect();
        let name = |column: usize| {
            places.get(column).and_then(|place| COLUMNS.get(*place)).copied().unwrap_or_default()
        };
        let possible = |column: usize, cell: &[u8]| is_possible(name(column), cell);
        let parsed = parse_row(&self.group, places.len(), &possible).map_err(|fault| say(fault, name))?;
        let left = self.group.get(parsed.length..).unwrap_or_default();
        if !left.iter().all(u8::is_ascii_whitespace) {
            return Err("behind the row stand lines that belong to no row".to_owned());
        }
        let mut cells = vec![String::new(); COLUMNS.len()];
        for (place, cell) in places.iter().zip(parsed.cells) {
            let column = COLUMNS.get(*place).copied().unwrap_or_default();
            let text = String::from_utf8(cell).map_err(|_| format!("{column}: the cell is not UTF-8"))?;
            if let Some(cell) = cells.get_mut(*place) {
                *cell = text;
            }
        }
        Ok(cells)
    }
}

/// A fault, with the name of its column where it has one.
fn say(fault: RowFault, name: impl Fn(usize) -> &'static str) -> String {
    match fault {
        RowFault::Unclosed(cell) | RowFault::BehindQuote(cell) | RowFault::QuoteInside(cell) => {
            format!("{}: {fault}", name(cell.saturating_sub(1)))
        }
        fault => fault.to_string(),
    }
}

/// The names in a header. Quotes around them and a line end of two characters are not held against it.
fn names(header: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(header);
    let text = text.trim_end_matches(['\n', '\r']);
    text.split(',').map(|name| name.trim_matches('"').to_owned()).collect()
}

/// Whether a line starts with a UUID and a comma, quoted or not.
fn begins_a_row(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let Some((uuid, rest)) = line.split_at_checked(36) else { return false };
    let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
    rest.starts_with(b",") && is_uuid(uuid)
}

/// Whether the bytes are a UUID in its usual form: 8-4-4-4-12 lower-case hex digits (RFC 9562 section 4).
pub fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// Whether a cell could stand in a column: what tells the readings of an uncertain row apart.
fn is_possible(column: &str, cell: &[u8]) -> bool {
    let is_code = |cell: &[u8]| cell.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let is_date = |cell: &[u8]| cell.first().is_some_and(u8::is_ascii_digit) && cell.len() <= 19;
    match column {
        "uuid" => is_uuid(cell),
        "created_at" => is_date(cell),
        _ if TEXTS.contains(&column) => true,
        _ if DAYS.contains(&column) => cell.is_empty() || is_date(cell),
        _ if LISTS.contains(&column) => is_code(cell) || (cell.starts_with(b"[") && cell.ends_with(b"]")),
        _ => is_code(cell),
    }
}

#[cfg(test)]
mod tests;
