//! The CSV that PHP's `fputcsv` writes, and so the European dumps: a comma between cells, `\n` behind rows, a cell in
//! quotes where it holds a space, tab, line break, comma, quote or backslash, and quotes in it doubled, except one
//! that follows a backslash (php-src, `php_fputcsv`, escape character `\`).
//!
//! That exception cannot always be undone: in `"C:\",x` the quote may end the cell or belong to it. Both readings are
//! tried, and the row is taken if exactly one of them has the right number of cells, each of a possible form.

/// Writes one row.
pub fn encode_row<'a>(cells: impl IntoIterator<Item = &'a str>, out: &mut Vec<u8>) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        encode_cell(cell, out);
    }
    out.push(b'\n');
}

fn encode_cell(cell: &str, out: &mut Vec<u8>) {
    let is_special = |byte: u8| matches!(byte, b',' | b'"' | b'\\' | b'\n' | b'\r' | b'\t' | b' ');
    if !cell.bytes().any(is_special) {
        out.extend_from_slice(cell.as_bytes());
        return;
    }
    out.push(b'"');
    let mut escaped = false;
    for byte in cell.bytes() {
        if byte == b'"' && !escaped {
            out.push(b'"');
        }
        escaped = byte == b'\\';
        out.push(byte);
    }
    out.push(b'"');
}

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// A cell in quotes without an end.
    #[error("the quote that opens cell {0} is never closed")]
    Unclosed(usize),
    /// Something between a closing quote and the comma.
    #[error("cell {0} goes on behind its closing quote (is a quote in it not doubled?)")]
    BehindQuote(usize),
    /// A quote where no cell begins.
    #[error("cell {0} holds a quote and is not in quotes")]
    QuoteInside(usize),
    /// Another number of cells.
    #[error("the row ends after {given} cells instead of {wanted} (is a line broken outside quotes?)")]
    TooFew {
        /// How many there are.
        given: usize,
        /// How many the header has.
        wanted: usize,
    },
    /// More cells than columns.
    #[error("the row has more than {0} cells (is a comma not in quotes?)")]
    TooMany(usize),
    /// A quote behind a backslash ends a cell or does not, and either way gives a row.
    #[error("a quote behind a backslash (\\\") can end its cell or belong to it, and both give a whole row")]
    Ambiguous,
    /// No way of reading the quotes behind backslashes gives a row.
    #[error("quotes behind backslashes (\\\"): no way of reading them gives a whole row")]
    Backslashes,
    /// Too many ways.
    #[error("too many quotes behind backslashes (\\\"): the row cannot be read with certainty")]
    Tangled,
}

/// A row that was read.
#[derive(Debug, PartialEq, Eq)]
pub struct ParsedRow {
    /// Its cells, unquoted.
    pub cells: Vec<Vec<u8>>,
    /// How many bytes it took, its line end included.
    pub length: usize,
}

/// Bytes that may be looked at again and again to tell the readings of one row apart, as a multiple of its length; at
/// least [`SCAN_MIN`]. A row of nothing but `\",` needs about half its length.
const SCAN_FACTOR: usize = 32;
/// See [`SCAN_FACTOR`].
const SCAN_MIN: usize = 1 << 20;

/// Reads the row with which `text` begins; `wanted` cells. `is_possible` says whether a cell can stand in a column; it
/// is asked only where there is more than one way to read the row.
///
/// # Errors
/// [`RowFault`]; of a row without backslashes, the first fault.
pub fn parse_row(
    text: &[u8],
    wanted: usize,
    is_possible: &dyn Fn(usize, &[u8]) -> bool,
) -> Result<ParsedRow, RowFault> {
    let mut scanner =
        Scanner { text, wanted, cells: Vec::with_capacity(wanted), forks: Vec::new(), looked: 0 };
    let first = scanner.run(0);
    if scanner.forks.is_empty() {
        return match first {
            Ok(length) => Ok(scanner.parsed(length, Style::Php)),
            Err(fault) if !text.windows(2).any(|pair| pair == b"\\\"") => Err(fault),
            Err(fault) => doubled(text, wanted, is_possible).map_err(|_| fault),
        };
    }
    let mut found = None;
    let mut outcome = first;
    loop {
        if let Ok(length) = outcome {
            let parsed = scanner.parsed(length, Style::Php);
            if parsed.cells.iter().enumerate().all(|(at, cell)| is_possible(at, cell)) {
                if found.is_some() {
                    return Err(RowFault::Ambiguous);
                }
                found = Some(parsed);
            }
        }
        if scanner.looked > SCAN_MIN.max(text.len().saturating_mul(SCAN_FACTOR)) {
            return Err(RowFault::Tangled);
        }
        let Some(fork) = scanner.forks.pop() else { break };
        outcome = scanner.take(fork);
    }
    match found {
        Some(parsed) => Ok(parsed),
        None => doubled(text, wanted, is_possible),
    }
}

/// Other programs double every quote (RFC 4180): a row that is none of PHP's may be one of theirs.
fn doubled(
    text: &[u8],
    wanted: usize,
    is_possible: &dyn Fn(usize, &[u8]) -> bool,
) -> Result<ParsedRow, RowFault> {
    let mut scanner = Scanner { text, wanted, cells: Vec::new(), forks: Vec::new(), looked: 0 };
    let length = scanner.run_in(0, Style::Doubled).map_err(|_| RowFault::Backslashes)?;
    let parsed = scanner.parsed(length, Style::Doubled);
    let is_row = parsed.cells.iter().enumerate().all(|(at, cell)| is_possible(at, cell));
    if is_row { Ok(parsed) } else { Err(RowFault::Backslashes) }
}

/// How quotes inside a cell were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Doubled, except behind a backslash.
    Php,
    /// Doubled.
    Doubled,
}

/// Where a cell lies in the text, without its quotes.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    quoted: bool,
}

/// A quote behind a backslash that was read as part of its cell and can as well end it.
#[derive(Debug)]
struct Fork {
    cells: usize,
    start: usize,
    quote: usize,
}

struct Scanner<'a> {
    text: &'a [u8],
    wanted: usize,
    cells: Vec<Span>,
    forks: Vec<Fork>,
    looked: usize,
}

/// Where a cell ended.
enum End {
    Comma(usize),
    Row(usize),
}

impl Scanner<'_> {
    fn run(&mut self, from: usize) -> Result<usize, RowFault> {
        self.run_in(from, Style::Php)
    }

    /// Reads cells from a place on, to the end of the row: how long the row is.
    fn run_in(&mut self, mut at: usize, style: Style) -> Result<usize, RowFault> {
        loop {
            if self.cells.len() == self.wanted {
                return Err(RowFault::TooMany(self.wanted));
            }
            let (span, next) = match self.text.get(at) {
                Some(b'"') => self.quoted(at + 1, at + 1, style)?,
                _ => self.plain(at)?,
            };
            match self.push(span, next)? {
                End::Comma(next) => at = next,
                End::Row(next) => return Ok(next),
            }
        }
    }

    /// The other way to read a quote behind a backslash: it ends its cell.
    fn take(&mut self, fork: Fork) -> Result<usize, RowFault> {
        self.cells.truncate(fork.cells);
        let span = Span { start: fork.start, end: fork.quote, quoted: true };
        match self.push(span, fork.quote + 1)? {
            End::Comma(next) => self.run(next),
            End::Row(next) => Ok(next),
        }
    }

    /// Takes a cell in, and says what stands behind it.
    fn push(&mut self, span: Span, next: usize) -> Result<End, RowFault> {
        self.cells.push(span);
        let end = match (self.text.get(next), self.text.get(next + 1)) {
            (Some(b','), _) => return Ok(End::Comma(next + 1)),
            (None, _) => next,
            (Some(b'\n'), _) => next + 1,
            (Some(b'\r'), None) => next + 1,
            (Some(b'\r'), Some(b'\n')) => next + 2,
            _ => return Err(RowFault::BehindQuote(self.cells.len())),
        };
        let given = self.cells.len();
        if given < self.wanted {
            return Err(RowFault::TooFew { given, wanted: self.wanted });
        }
        Ok(End::Row(end))
    }

    /// A cell without quotes.
    fn plain(&mut self, start: usize) -> Result<(Span, usize), RowFault> {
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest.iter().position(|byte| matches!(byte, b',' | b'\n' | b'"')).unwrap_or(rest.len());
        self.looked += length + 1;
        if rest.get(length) == Some(&b'"') {
            return Err(RowFault::QuoteInside(self.cells.len() + 1));
        }
        let mut end = start + length;
        if self.text.get(end) != Some(&b',') && end > start && self.text.get(end - 1) == Some(&b'\r') {
            end -= 1;
        }
        Ok((Span { start, end, quoted: false }, end))
    }

    /// A cell in quotes, from `at` on.
    fn quoted(&mut self, start: usize, mut at: usize, style: Style) -> Result<(Span, usize), RowFault> {
        let from = at;
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            let Some(found) = rest.iter().position(|byte| *byte == b'"') else {
                self.looked += self.text.len() - from;
                return Err(RowFault::Unclosed(self.cells.len() + 1));
            };
            let quote = at + found;
            let behind_backslash =
                style == Style::Php && found > 0 && self.text.get(quote - 1) == Some(&b'\\');
            let next = self.text.get(quote + 1);
            if behind_backslash {
                if matches!(next, None | Some(b',' | b'\n' | b'\r')) {
                    self.forks.push(Fork { cells: self.cells.len(), start, quote });
                }
                at = quote + 1;
            } else if next == Some(&b'"') {
                at = quote + 2;
            } else {
                self.looked += quote - from;
                return Ok((Span { start, end: quote, quoted: true }, quote + 1));
            }
        }
    }

    fn parsed(&self, length: usize, style: Style) -> ParsedRow {
        let cells = self.cells.iter().map(|span| {
            let bytes = self.text.get(span.start..span.end).unwrap_or_default();
            if span.quoted { unquote(bytes, style) } else { bytes.to_vec() }
        });
        ParsedRow { cells: cells.collect(), length }
    }
}

/// The content of a cell in quotes: of two quotes one stays, and one behind a backslash was never doubled.
fn unquote(bytes: &[u8], style: Style) -> Vec<u8> {
    let mut content = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == b'"') {
        content.extend_from_slice(&rest[..=at]);
        let single = style == Style::Php && at > 0 && rest[at - 1] == b'\\';
        rest = rest.get(at + if single { 1 } else { 2 }..).unwrap_or_default();
    }
    content.extend_from_slice(rest);
    content
}

#[cfg(test)]
mod tests;
