//! `glasshouse import`: other registers' files as lines for `publish`.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use glasshouse_ledger::draft::Draft;
use serde_json::{Value, json};

use super::CommandError;
use crate::import::dsa_tdb::{Mapping, PuidFrom};
use crate::import::rows::{Row, Rows};

/// Turn another register's file into lines for `publish`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse import dsa-tdb sor-global-2025-07-01-full-00000-00000.csv > rows.jsonl"
)]
pub struct Import {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    DsaTdb(DsaTdb),
}

/// A daily dump of the European database of statements of reasons: full, version 2 (since 2025-07-01).
///
/// Each row becomes a mirror: signed by whoever publishes it, attributed to the platform, with the address at which it
/// stood. The legal basis is `unstated`, because the dump has none, and none is guessed.
#[derive(Debug, Args)]
#[command(
    name = "dsa-tdb",
    after_help = "Examples:\n  glasshouse import dsa-tdb dump.csv > rows.jsonl\n  glasshouse import dsa-tdb dump.csv --out rows.jsonl --lenient\n  glasshouse import dsa-tdb - < dump.csv | glasshouse publish … -\n\nWrong rows are named on standard error with their line, and left out. Without --lenient the exit status is then 1.\nWith --json these and the counts are JSON: on standard output with --out, else on standard error."
)]
struct DsaTdb {
    /// The unpacked dump; `-` reads standard input.
    #[arg(value_name = "FILE.csv")]
    file: PathBuf,

    /// File to write; standard output if not given.
    #[arg(long, value_name = "FILE.jsonl")]
    out: Option<PathBuf>,

    /// Read broken rows as well as possible, and end well although some were left out.
    #[arg(long)]
    lenient: bool,

    /// The provider_role of every line.
    #[arg(long, value_name = "ROLE", default_value = "other")]
    role: String,

    /// What becomes the puid: with several platforms in one mirror, uuid is sure to be unique.
    #[arg(long, value_enum, default_value = "platform_uid")]
    puid: PuidFrom,
}

/// Counts of an import.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    lines: u64,
    wrong: u64,
}

impl Import {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        match &self.from {
            From::DsaTdb(command) => command.run(json),
        }
    }

    /// Whether standard output holds the lines, so that nothing else may be written there.
    pub(super) fn fills_standard_output(&self) -> bool {
        match &self.from {
            From::DsaTdb(command) => command.out.is_none(),
        }
    }
}

/// A file beside `path` that takes its place when it is whole.
fn stage(path: &Path) -> Result<tempfile::NamedTempFile, CommandError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::Builder::new()
        .prefix(".import-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666))
        .tempfile_in(folder)
        .map_err(CommandError::io(path.display().to_string()))
}

impl DsaTdb {
    fn run(&self, json: bool) -> Result<(), CommandError> {
        let name = self.file.display().to_string();
        let source: Box<dyn Read> = if self.file == Path::new("-") {
            Box::new(io::stdin().lock())
        } else {
            Box::new(File::open(&self.file).map_err(CommandError::io(name))?)
        };
        // The file appears whole or not at all: a failed import leaves what was there before.
        let staged = self.out.as_deref().map(stage).transpose()?;
        let out: Box<dyn Write> = match &staged {
            Some(file) => Box::new(file.reopen().map_err(CommandError::io("writing lines"))?),
            None => Box::new(io::stdout().lock()),
        };
        let mut out = BufWriter::new(out);
        let tell = |event: Value| if self.out.is_some() { println!("{event}") } else { eprintln!("{event}") };
        let counts = self.convert(source, &mut out, &mut |line, fault| match json {
            true => tell(json!({"event": "wrong-row", "line": line, "fault": fault})),
            false => eprintln!("line {line}: {fault}"),
        })?;
        out.flush().map_err(CommandError::io("writing lines"))?;
        drop(out);
        if let (Some(file), Some(path)) = (staged, &self.out) {
            file.persist(path).map_err(|error| CommandError::io(path.display().to_string())(error.error))?;
        }
        let (lines, wrong) = (counts.lines, counts.wrong);
        if json {
            tell(json!({"event": "imported", "lines": lines, "wrong": wrong}));
        } else {
            eprintln!("{lines} lines written, {wrong} rows left out");
        }
        if wrong > 0 && !self.lenient {
            return Err(CommandError::Refused(format!("{wrong} rows are wrong and were left out")));
        }
        Ok(())
    }

    fn convert(
        &self,
        source: impl Read,
        out: &mut impl Write,
        fault: &mut dyn FnMut(u64, &str),
    ) -> Result<Counts, CommandError> {
        let mapping = Mapping { role: self.role.clone(), puid: self.puid };
        let mut rows = Rows::open(source, self.lenient)?;
        let mut counts = Counts::default();
        while let Some(row) = rows.next_row()? {
            match line(&mapping, &row) {
                Ok(value) => {
                    writeln!(out, "{value}").map_err(CommandError::io("writing lines"))?;
                    counts.lines += 1;
                }
                Err(faults) => {
                    counts.wrong += 1;
                    for text in faults {
                        fault(row.line, &text);
                    }
                }
            }
        }
        Ok(counts)
    }
}

/// The authoring line of a row, tried against the log's own rules.
fn line(mapping: &Mapping, row: &Row) -> Result<Value, Vec<String>> {
    let cells = row.cells.as_ref().map_err(|fault| vec![fault.clone()])?;
    let line = mapping.line(cells).map_err(|errors| {
        errors.into_iter().map(|error| format!("{}: {}", error.column, error.rule)).collect::<Vec<_>>()
    })?;
    match Draft::from_json(&line) {
        Ok(_) => Ok(line),
        Err(errors) => {
            Err(errors.iter().map(|error| error.to_string().trim_start_matches('/').to_owned()).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    const EXCERPT: &str = include_str!("../../../spec/examples/sor-global-2025-07-01-full-excerpt.csv");

    fn convert(text: &str, lenient: bool) -> (Vec<Value>, Vec<String>) {
        let command = DsaTdb {
            file: PathBuf::from("-"),
            out: None,
            lenient,
            role: "other".to_owned(),
            puid: PuidFrom::PlatformUid,
        };
        let (mut out, mut faults) = (Vec::new(), Vec::new());
        command
            .convert(text.as_bytes(), &mut out, &mut |line, fault| {
                faults.push(format!("line {line}: {fault}"))
            })
            .unwrap();
        let lines = String::from_utf8(out).unwrap();
        (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), faults)
    }

    #[test]
    fn every_real_row_becomes_a_line_that_the_log_takes() {
        for lenient in [false, true] {
            let (lines, faults) = convert(EXCERPT, lenient);
            assert_eq!((lines.len(), faults.len()), (20, 0), "{faults:?}");
        }
    }

    #[test]
    fn a_wrong_row_is_named_with_line_and_field_and_the_others_stand() {
        let text = EXCERPT.replacen("CONTENT_TYPE_OTHER", "CONTENT_TYPE_SMELL", 1);
        let (lines, faults) = convert(&text, false);
        assert_eq!(lines.len(), 19);
        assert!(faults[0].starts_with("line 3: content_type"), "{faults:?}");
    }

    #[test]
    fn a_light_dump_is_refused_with_what_it_lacks() {
        let light = EXCERPT.lines().next().unwrap().replace(",decision_facts", "");
        let error = Rows::open(light.as_bytes(), false).err().unwrap();
        assert!(error.to_string().contains("full European dump"), "{error}");
    }
}
