//! A table of the report: rows with labels, cells that are counts with the queries behind them, and both as CSV.

use std::io::Write;

use glasshouse_ledger::query::{Parameter, Query};

/// The label of a row for everything.
pub(super) const TOTAL: &str = "TOTAL";

/// A table that was counted.
#[derive(Debug)]
pub struct Table {
    /// The file's name without its ending.
    pub name: &'static str,
    /// Heads of the columns that say what a row is about.
    pub labels: &'static [&'static str],
    /// Heads of the columns with numbers.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Debug)]
pub struct Row {
    /// What it is about.
    pub labels: Vec<String>,
    /// One cell for each column.
    pub cells: Vec<Cell>,
}

/// A number, and the query that finds what it was made from.
#[derive(Debug)]
pub struct Cell {
    /// A count, or what was computed from the entries that the query finds.
    pub value: Value,
    /// The entries.
    pub query: Query,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// How many entries the query finds.
    Count(u64),
    /// Something else about these entries, as text; empty where nothing is known.
    Text(String),
}

/// The address of the list that a query makes.
pub fn path(query: &Query) -> String {
    format!("/api/v1/statements?{}", query.encode())
}

impl Table {
    /// Writes the numbers as CSV (RFC 4180).
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write(&self, out: impl Write) -> csv::Result<()> {
        self.write_cells(out, |cell| match &cell.value {
            Value::Count(count) => count.to_string(),
            Value::Text(text) => text.clone(),
        })
    }

    /// Writes the same table with the addresses of the lists behind the numbers.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_queries(&self, out: impl Write) -> csv::Result<()> {
        self.write_cells(out, |cell| path(&cell.query))
    }

    fn write_cells(&self, out: impl Write, show: impl Fn(&Cell) -> String) -> csv::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(self.labels.iter().copied().chain(self.columns.iter().map(String::as_str)))?;
        for row in &self.rows {
            csv.write_record(row.labels.iter().cloned().chain(row.cells.iter().map(&show)))?;
        }
        csv.flush()?;
        Ok(())
    }
}

/// One column of counts: what must hold beside the row's condition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// Its head.
    pub(super) head: &'static str,
    /// What it adds to the query of a row.
    pub(super) adds: Option<(Parameter, &'static str)>,
}

impl Column {
    /// What the column asks for by itself.
    pub(super) fn alone(&self) -> Query {
        self.of_row(Query::default())
    }

    /// The query of its cell in a row.
    pub(super) fn of_row(&self, row: Query) -> Query {
        match self.adds {
            Some((parameter, values)) => row.with(parameter, values),
            None => row,
        }
    }
}

/// The counts of one row.
pub(super) type Counts = Vec<u64>;

/// Adds one to each column in which an entry is.
pub(super) fn add(counts: &mut Counts, hits: &[bool]) {
    counts.resize(hits.len(), 0);
    for (count, hit) in counts.iter_mut().zip(hits) {
        *count += u64::from(*hit);
    }
}

/// The cells of a row of counts.
pub(super) fn cells(columns: &[Column], counts: Option<&Counts>, row: &Query) -> Vec<Cell> {
    let count = |place| counts.and_then(|counts| counts.get(place)).copied().unwrap_or(0);
    let cell = |(place, column): (usize, &Column)| Cell {
        value: Value::Count(count(place)),
        query: column.of_row(row.clone()),
    };
    columns.iter().enumerate().map(cell).collect()
}
