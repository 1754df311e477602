//! `glasshouse export dsa-tdb`: a log as dumps of the European database.

use std::collections::BTreeMap;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_ledger::walk::Walk;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::vocabulary::Vocabulary;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use tempfile::NamedTempFile;

use crate::commands::CommandError;
use crate::commands::standard_output::say;
use crate::european::bodies::{Bodies, statement};
use crate::european::checksum::Checksum;
use crate::european::daily::{Daily, slug};
use crate::european::dump_writer::{DumpWriter, Written, scratch};
use crate::european::export::{Export as Rows, Passing, Report, Selection};
use crate::european::layout::Layout;
use crate::european::row::EuropeanRow;

/// Daily dumps as the European database of statements of reasons publishes them.
///
/// Decisions become rows: a provider's own, and what an archivist mirrored from such dumps. What does not fit the European
/// schema, and every text that is withheld or was erased, is left out and counted. It may run beside the server.
#[derive(Debug, Args)]
#[command(
    name = "dsa-tdb",
    disable_version_flag = true,
    after_help = "Examples:\n  glasshouse export dsa-tdb --dir ledger --out dumps\n  glasshouse export dsa-tdb --dir ledger --out dump.csv --day 2025-07-01 --light\n  glasshouse export dsa-tdb --dir ledger --provider https://www.example.net --post-bodies bodies.jsonl\n\nInto a folder goes one dump for each day, named as theirs are, with its .sha1. What --out names with the ending .zip or\n.csv is one file of all that was asked for."
)]
pub(super) struct ExportDsaTdb {
    /// The ledger's folder.
    #[arg(long, value_name = "D")]
    dir: PathBuf,

    /// A folder for daily dumps, or one file, .zip or .csv.
    #[arg(long, value_name = "DIR|FILE", required_unless_present = "post_bodies")]
    out: Option<PathBuf>,

    /// Only statements of this day (UTC): when the European database took them in, or the provider issued them.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    day: Option<String>,

    /// Only what this provider signed.
    #[arg(long, value_name = "https://…")]
    provider: Option<String>,

    /// All columns; the default.
    #[arg(long, conflicts_with = "light")]
    full: bool,

    /// Without the facts, the explanations and the territories.
    #[arg(long)]
    light: bool,

    /// Statements with the vocabulary of this version, and its columns.
    #[arg(long, value_name = "1|2", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    version: u8,

    /// Also write the provider's own decisions as bodies for the European interface, at most 100 in each.
    #[arg(long, value_name = "FILE.jsonl", requires = "provider")]
    post_bodies: Option<PathBuf>,
}

fn day(text: &str) -> Result<String, String> {
    Day::parse(text).map(|day| day.to_string()).ok_or_else(|| "must be a day, YYYY-MM-DD".to_owned())
}

/// Where rows go.
enum Target {
    Nowhere,
    File(Box<DumpWriter>),
    Folder(Daily),
}

impl Target {
    /// Whether the row was written now.
    fn row(&mut self, row: &EuropeanRow, slug: impl FnOnce() -> String) -> io::Result<bool> {
        match self {
            Target::Nowhere => Ok(true),
            Target::File(dump) => dump.row(&row.cells).map(|()| true),
            Target::Folder(daily) => daily.row(row, &slug()),
        }
    }

    /// What is whole now, and whether the log is to be gone through again.
    fn end_pass(&mut self) -> io::Result<(Vec<Written>, bool)> {
        match std::mem::replace(self, Target::Nowhere) {
            Target::Nowhere => Ok((Vec::new(), false)),
            Target::File(dump) => Ok((vec![dump.finish()?], false)),
            Target::Folder(mut daily) => {
                let ended = daily.end_pass()?;
                *self = Target::Folder(daily);
                Ok(ended)
            }
        }
    }
}

impl ExportDsaTdb {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let provider = self.provider.as_deref().map(Issuer::parse_provider).transpose();
        let provider = provider.map_err(|error| CommandError::Usage(format!("--provider: {error}")))?;
        let version = if self.version == 1 { Vocabulary::Version1 } else { Vocabulary::Version2 };
        let layout = Layout { version, full: !self.light };
        let walk = Walk::of_folder(&self.dir)?;
        let selection = Selection { layout, day: self.day.clone(), provider: provider.clone() };
        let bar = bar(walk.head().size().get());
        let mut rows = Rows::new(walk, selection, &mut |more| bar.inc(more))?;
        let mut work = Work {
            target: self.target(layout)?,
            bodies: self.bodies()?,
            report: Report::default(),
            is_first: true,
        };
        let mut written = Vec::new();
        let mut again = true;
        while again {
            bar.set_position(0);
            rows.pass(&mut |passing| work.take(passing, &bar))?;
            let name = provider.as_ref().map(|provider| rows.name_of(provider).ok_or(provider)).transpose();
            let name = name.map_err(|provider| {
                CommandError::Refused(format!("{provider} is not enrolled in this log"))
            })?;
            rows.check_nothing_redacted()?;
            let (files, more) = self.end_pass(&mut work.target, name)?;
            written.extend(files);
            (work.is_first, again) = (false, more);
        }
        bar.finish_and_clear();
        let bodies =
            work.bodies.map(Posting::finish).transpose().map_err(CommandError::io("writing bodies"))?;
        say(json, &work.report, &written, bodies.as_ref());
        Ok(())
    }

    fn target(&self, layout: Layout) -> Result<Target, CommandError> {
        let Some(path) = &self.out else { return Ok(Target::Nowhere) };
        let io = CommandError::io(path.display().to_string());
        let is_file = path.extension().is_some_and(|ending| ending == "zip" || ending == "csv");
        match is_file && !path.is_dir() {
            true => DumpWriter::create(path, layout).map(|dump| Target::File(Box::new(dump))).map_err(io),
            false => Daily::new(path, layout).map(Target::Folder).map_err(io),
        }
    }

    fn bodies(&self) -> Result<Option<Posting>, CommandError> {
        let posting = self.post_bodies.as_deref().map(Posting::create).transpose();
        posting.map_err(CommandError::io("writing bodies"))
    }

    /// Ends what is open. A day that was asked for and has no statements has a dump without rows.
    fn end_pass(
        &self,
        target: &mut Target,
        name: Option<&str>,
    ) -> Result<(Vec<Written>, bool), CommandError> {
        let writing = || CommandError::io("writing the dump");
        if let (Target::Folder(daily), Some(day)) = (&mut *target, &self.day)
            && !daily.is_begun()
        {
            daily.begin(day, &slug_of(name)).map_err(writing())?;
        }
        target.end_pass().map_err(writing())
    }
}

fn slug_of(provider: Option<&str>) -> String {
    provider.map_or("global".to_owned(), slug)
}

/// What is made of a log, pass after pass.
struct Work {
    target: Target,
    bodies: Option<Posting>,
    report: Report,
    is_first: bool,
}

impl Work {
    fn take(&mut self, passing: Passing<'_>, bar: &ProgressBar) -> io::Result<()> {
        match passing {
            Passing::Entries(more) => bar.inc(more),
            Passing::OtherDay => self.report.other_days += u64::from(self.is_first),
            Passing::LeftOut(reason) if self.is_first => self.report.leave_out(reason),
            Passing::LeftOut(_) => {}
            Passing::Row(row, provider) => {
                if self.target.row(row, || slug_of(provider))? {
                    self.report.count(row);
                }
                if let (Some(posting), true) = (&mut self.bodies, self.is_first) {
                    posting.add(row)?;
                }
            }
        }
        Ok(())
    }
}

/// Bodies for the European interface, on their way into a file.
struct Posting {
    path: PathBuf,
    bodies: Bodies<BufWriter<NamedTempFile>>,
    unsent: BTreeMap<String, u64>,
}

/// What was posted, and what was not.
struct Posted {
    path: PathBuf,
    statements: u64,
    bodies: u64,
    unsent: BTreeMap<String, u64>,
}

impl Posting {
    fn create(path: &Path) -> io::Result<Posting> {
        let file = BufWriter::new(scratch(path)?);
        Ok(Posting { path: path.to_owned(), bodies: Bodies::new(file), unsent: BTreeMap::new() })
    }

    fn add(&mut self, row: &EuropeanRow) -> io::Result<()> {
        match statement(row) {
            Ok(statement) => self.bodies.add(statement),
            Err(reason) => {
                *self.unsent.entry(reason.to_string()).or_default() += 1;
                Ok(())
            }
        }
    }

    fn finish(self) -> io::Result<Posted> {
        let (path, unsent) = (self.path, self.unsent);
        let (out, statements, bodies) = self.bodies.finish()?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok(Posted { path, statements, bodies, unsent })
    }
}

/// The counts.
fn say(json: bool, report: &Report, written: &[Written], posted: Option<&Posted>) {
    if json {
        let files = written.iter().map(|file| {
            let sha1 = file.sha1.map(Checksum::to_hex);
            json!({"path": file.path, "rows": file.rows, "sha1": sha1})
        });
        let posted = posted.map(|posted| {
            json!({
                "path": posted.path, "statements": posted.statements, "bodies": posted.bodies,
                "left_out": posted.unsent,
            })
        });
        let mut event = serde_json::to_value(report).unwrap_or_default();
        event["event"] = json!("exported");
        event["files"] = files.collect();
        event["post_bodies"] = json!(posted);
        say!("{event}");
        return;
    }
    for file in written {
        say!("{}: {} rows", file.path.display(), file.rows);
    }
    say!("{} rows in all", report.rows);
    if report.other_days > 0 {
        say!("{} statements of other days", report.other_days);
    }
    let no_column: BTreeMap<String, u64> =
        report.no_column.iter().map(|(field, count)| ((*field).to_owned(), *count)).collect();
    let reworded: BTreeMap<String, u64> =
        report.reworded.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect();
    let later = report.later.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect();
    let parts = [
        ("left out", &report.left_out),
        ("left empty", &report.left_empty),
        ("no column for", &no_column),
        ("reworded", &reworded),
        ("in a row that does not say it", &later),
    ];
    for (what, counts) in parts {
        counts.iter().for_each(|(name, count)| say!("{what}: {name}: {count}"));
    }
    if let Some(posted) = posted {
        say!("{}: {} statements in {} bodies", posted.path.display(), posted.statements, posted.bodies);
        posted.unsent.iter().for_each(|(name, count)| say!("not in a body: {name}: {count}"));
    }
}

/// Entries of the log, on a terminal.
fn bar(entries: u64) -> ProgressBar {
    let bar = ProgressBar::new(entries);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} entries ({eta} left)") {
        bar.set_style(style);
    }
    bar
}
