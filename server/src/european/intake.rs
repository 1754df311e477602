//! Takes the rows of a dump in: reads, maps and tries them, some hundreds at a time on all cores, in their order.

use std::io::{self, Read};

use glasshouse_ledger::draft::Draft;
use rayon::prelude::*;
use serde_json::Value;

use super::dump::{CsvName, DumpError};
use super::layout::Layout;
use super::line::{CellError, Mapping, Place, Signer, cell, column_of};
use super::partial::Counts;
use super::recent::Recent;
use super::rows::{Row, Rows, RowsError};

/// Rows that are looked at together.
const CHUNK_ROWS: usize = 512;
/// Bytes of rows that are held at the same time; one row more may come on top.
const CHUNK_BYTES: usize = 4 << 20;

/// Where what comes of the rows goes.
pub trait Receiver {
    /// A line, its line end included.
    ///
    /// # Errors
    /// What writing it failed with.
    fn line(&mut self, line: &[u8]) -> io::Result<()>;

    /// A row of which no line was made, and why.
    fn wrong(&mut self, file: &CsvName, row: &Row, faults: &[String]);

    /// All that was said up to here stands, and the counts with it.
    ///
    /// # Errors
    /// What writing it failed with.
    fn settled(&mut self, counts: &Counts) -> io::Result<()>;
}

/// Why taking in ended.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The dump.
    #[error(transparent)]
    Dump(#[from] DumpError),
    /// A file of it.
    #[error("{file}, {error}")]
    Header {
        /// Which one.
        file: CsvName,
        /// What is wrong with its first line.
        error: RowsError,
    },
    /// A file that ends in the middle, or is not what its zip says.
    #[error("{file}, behind line {line}: {source}")]
    Broken {
        /// Which one.
        file: CsvName,
        /// The line on which the last row began.
        line: u64,
        /// What failed.
        source: io::Error,
    },
    /// Files of different dumps in one.
    #[error("{file} is {given}, and the files before it are {before}")]
    Mixed {
        /// The first other one.
        file: CsvName,
        /// Which dump it is of.
        given: Layout,
        /// Which those before are of.
        before: Layout,
    },
    /// A platform's own statements need what a light dump leaves out.
    #[error(
        "{0} is a light dump: it lacks decision_facts and the explanations, which a platform's own statement must give. Take the full dump"
    )]
    Light(CsvName),
    /// The lines could not be written.
    #[error("writing lines: {0}")]
    Write(io::Error),
}

impl IntakeError {
    /// Whether the dump is at fault, and not the machine.
    pub fn is_the_dumps(&self) -> bool {
        let is_damage = |error: &io::Error| {
            use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
            matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof)
        };
        match self {
            IntakeError::Dump(DumpError::Io { source, .. }) | IntakeError::Broken { source, .. } => {
                is_damage(source)
            }
            IntakeError::Header { error: RowsError::Io(error), .. } => is_damage(error),
            IntakeError::Write(_) => false,
            _ => true,
        }
    }
}

/// What is known across the files of one dump.
pub struct Intake<'a> {
    mapping: Mapping,
    receiver: &'a mut dyn Receiver,
    counts: Counts,
    /// Rows that an earlier run has settled: they are read, to know them again, and nothing more.
    settled: u64,
    seen: u64,
    recent: Recent,
    layout: Option<Layout>,
}

/// What became of a row.
enum Outcome {
    Line { text: Vec<u8>, trimmed: bool },
    PassedOver,
    Wrong(Vec<String>),
}

impl<'a> Intake<'a> {
    /// Goes on behind what the counts say was settled.
    pub fn new(mapping: Mapping, counts: Counts, receiver: &'a mut dyn Receiver) -> Intake<'a> {
        Intake {
            mapping,
            receiver,
            counts,
            settled: counts.rows,
            seen: 0,
            recent: Recent::default(),
            layout: None,
        }
    }

    /// What was counted.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Takes in one CSV file.
    ///
    /// # Errors
    /// [`IntakeError`].
    pub fn file(&mut self, file: &CsvName, source: &mut dyn Read) -> Result<(), IntakeError> {
        let mut rows =
            Rows::open(source).map_err(|error| IntakeError::Header { file: file.clone(), error })?;
        self.check_layout(file, rows.layout())?;
        let mut line = 1;
        loop {
            let mut chunk = Vec::new();
            let mut bytes = 0;
            while chunk.len() < CHUNK_ROWS && bytes < CHUNK_BYTES {
                let broken = |source| IntakeError::Broken { file: file.clone(), line, source };
                let Some(row) = rows.next_row().map_err(broken)? else { break };
                line = row.line;
                bytes += row.cells.as_ref().map_or(0, |cells| cells.iter().map(String::len).sum());
                chunk.push(row);
            }
            if chunk.is_empty() {
                return Ok(());
            }
            self.chunk(file, rows.layout(), &chunk)?;
        }
    }

    /// All files of a dump are of one kind.
    fn check_layout(&mut self, file: &CsvName, given: Layout) -> Result<(), IntakeError> {
        if matches!(self.mapping.signer, Signer::Platform(_)) && !given.full {
            return Err(IntakeError::Light(file.clone()));
        }
        match self.layout.replace(given) {
            Some(before) if before != given => Err(IntakeError::Mixed { file: file.clone(), given, before }),
            _ => Ok(()),
        }
    }

    fn chunk(&mut self, file: &CsvName, layout: Layout, rows: &[Row]) -> Result<(), IntakeError> {
        let recent = &mut self.recent;
        let fresh: Vec<bool> = rows
            .iter()
            .map(|row| row.cells.as_ref().map_or(true, |cells| recent.insert(cell(cells, "uuid"))))
            .collect();
        let skipped = usize::try_from(self.settled.saturating_sub(self.seen)).unwrap_or(usize::MAX);
        let skipped = skipped.min(rows.len());
        self.seen += rows.len() as u64;
        let (rows, fresh) = (&rows[skipped..], &fresh[skipped..]);
        let mapping = &self.mapping;
        let outcomes: Vec<Outcome> = rows
            .par_iter()
            .zip(fresh)
            .map(|(row, fresh)| match fresh {
                true => outcome(mapping, layout, file, row),
                false => Outcome::Wrong(vec!["uuid: a row before this one has the same".to_owned()]),
            })
            .collect();
        for (row, outcome) in rows.iter().zip(outcomes) {
            self.counts.rows += 1;
            match outcome {
                Outcome::Line { text, trimmed } => {
                    self.counts.lines += 1;
                    self.counts.trimmed += u64::from(trimmed);
                    self.receiver.line(&text).map_err(IntakeError::Write)?;
                }
                Outcome::PassedOver => self.counts.passed_over += 1,
                Outcome::Wrong(faults) => {
                    self.counts.wrong += 1;
                    self.receiver.wrong(file, row, &faults);
                }
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        self.receiver.settled(&self.counts).map_err(IntakeError::Write)
    }
}

/// The line of a row, tried against the log's own rules.
fn outcome(mapping: &Mapping, layout: Layout, file: &CsvName, row: &Row) -> Outcome {
    let cells = match &row.cells {
        Ok(cells) => cells,
        Err(fault) => return Outcome::Wrong(vec![fault.clone()]),
    };
    let place = Place { file: &file.name, number: row.number };
    let mut line = match mapping.line(cells, layout, place) {
        Ok(Some(line)) => line,
        Ok(None) => return Outcome::PassedOver,
        Err(errors) => return Outcome::Wrong(errors.iter().map(CellError::to_string).collect()),
    };
    let trimmed = match Draft::from_json(&line) {
        Ok(draft) => {
            let paths: Vec<&str> = draft.warnings().iter().map(|warning| warning.path.as_str()).collect();
            trim(&mut line, &paths);
            !paths.is_empty()
        }
        Err(errors) => {
            let say = |error: &glasshouse_verifier::payload_error::PayloadError| {
                in_columns(&error.path, &error.to_string(), &mapping.signer)
            };
            return Outcome::Wrong(errors.iter().map(say).collect());
        }
    };
    let mut text = line.to_string().into_bytes();
    text.push(b'\n');
    Outcome::Line { text, trimmed }
}

/// Takes out of a line what would not go into a statement, so that the line says what will be signed.
fn trim(line: &mut Value, paths: &[&str]) {
    let category = line.get("category").cloned();
    let Some(members) = line.as_object_mut() else { return };
    for name in paths.iter().filter_map(|path| path.strip_prefix('/')) {
        match members.get_mut(name) {
            // Of this set, only the main category is dropped.
            Some(Value::Array(codes)) if name == "category_addition" && codes.len() > 1 => {
                codes.retain(|code| Some(code) != category.as_ref());
            }
            _ => {
                members.remove(name);
                if let Some(Value::Object(withheld)) = members.get_mut("withheld") {
                    withheld.remove(name);
                }
            }
        }
    }
    if members.get("withheld").and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
        members.remove("withheld");
    }
}

/// A fault of a line in the words of its row: the path begins with the column's name.
fn in_columns(path: &str, text: &str, signer: &Signer) -> String {
    let Some(inner) = path.strip_prefix('/') else { return text.to_owned() };
    let (member, rest) =
        inner.split_once('/').map_or((inner, ""), |(member, _)| (member, &inner[member.len()..]));
    let column = column_of(member, signer).unwrap_or(member);
    format!("{column}{rest}{}", text.strip_prefix(path).unwrap_or_default())
}

#[cfg(test)]
mod tests;
