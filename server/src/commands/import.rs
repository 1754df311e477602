//! `glasshouse import`: other registers' files as lines for `publish`.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::CommandError;
use crate::commands::aside;
use crate::commands::standard_output::say;
use crate::european::checksum::Checksum;
use crate::european::dump::{CsvName, Dump};
use crate::european::intake::{Intake, IntakeError, Receiver};
use crate::european::line::{Mapping, Signer};
use crate::european::partial::{self, Counts, Partial};
use crate::european::rows::Row;

/// Rows after which an import that is killed need not begin anew.
const SETTLED_EVERY: u64 = 5_000;

/// Turn another register's file into lines for `publish`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse import dsa-tdb sor-global-2025-07-01-full.zip --out rows.jsonl"
)]
pub struct Import {
    #[command(subcommand)]
    from: From,
}

#[derive(Debug, Subcommand)]
enum From {
    DsaTdb(DsaTdb),
}

/// A daily dump of the European database of statements of reasons: full or light, version 1 or 2.
///
/// It is read as it was downloaded: the zip of zips, one of the inner zips, or an unpacked CSV file. If its .sha1 lies
/// beside it, that is checked first. Each row becomes a mirror: signed by whoever publishes it, attributed to the platform,
/// with the place at which it stood. The legal basis is `unstated`, because the dump has none, and none is guessed.
#[derive(Debug, Args)]
#[command(
    name = "dsa-tdb",
    after_help = "Examples:\n  glasshouse import dsa-tdb sor-global-2025-07-01-full.zip --out rows.jsonl\n  glasshouse import dsa-tdb dump.csv --lenient > rows.jsonl\n  glasshouse import dsa-tdb dump.zip --as-platform \"Example Shop\" --role marketplace --out own.jsonl\n\nWrong rows are named on standard error with their file and line, and left out. Without --lenient the exit status is\nthen 1. With --out the file appears when it is whole; an import that was killed goes on when it is run again.\nWith --json these and the counts are JSON: on standard output with --out, else on standard error."
)]
struct DsaTdb {
    /// The dump; `-` reads an unpacked one from standard input.
    #[arg(value_name = "DUMP")]
    file: PathBuf,

    /// File to write; standard output if not given.
    #[arg(long, value_name = "FILE.jsonl")]
    out: Option<PathBuf>,

    /// End well although rows were wrong and left out.
    #[arg(long)]
    lenient: bool,

    /// Refuse a dump that has no .sha1 beside it.
    #[arg(long)]
    require_sha1: bool,

    /// The provider_role of every line.
    #[arg(long, value_name = "ROLE", default_value = "other")]
    role: String,

    /// Whoever signs is the platform of this name: lines are its own statements, and rows of others are passed over.
    #[arg(long, value_name = "NAME")]
    as_platform: Option<String>,

    /// Withhold source_identity, which the European database serves.
    #[arg(long)]
    withhold_source: bool,
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

/// Where lines go.
enum Out {
    Standard(BufWriter<io::Stdout>),
    File(Partial),
    /// All is written.
    Done,
}

/// What a user sees and gets.
struct Desk {
    out: Out,
    /// Whether the lines go into a file.
    to_file: bool,
    json: bool,
    bar: ProgressBar,
    /// Bytes of the dump that were read.
    reached: Box<dyn Fn() -> u64>,
    unsettled: u64,
}

impl Desk {
    /// Says something beside the lines: with `--json` where the lines are not.
    fn tell(&self, event: &Value, text: &str) {
        self.bar.suspend(|| match (self.json, self.to_file) {
            (true, true) => say!("{event}"),
            (true, false) => aside::tell(&event.to_string()),
            (false, _) => aside::tell(text),
        });
    }
}

impl Receiver for Desk {
    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        match &mut self.out {
            Out::Standard(out) => out.write_all(line),
            Out::File(out) => out.write(line),
            Out::Done => Ok(()),
        }
    }

    fn wrong(&mut self, file: &CsvName, row: &Row, faults: &[String]) {
        for fault in faults {
            let event = json!({
                "event": "wrong-row", "file": file.to_string(), "line": row.line, "row": row.number, "fault": fault,
            });
            self.tell(&event, &format!("{file}, line {}: {fault}", row.line));
        }
    }

    fn settled(&mut self, counts: &Counts) -> io::Result<()> {
        self.bar.set_position((self.reached)());
        self.bar.set_message(format!("{} rows", counts.rows));
        if counts.rows < self.unsettled + SETTLED_EVERY {
            return Ok(());
        }
        self.unsettled = counts.rows;
        match &mut self.out {
            Out::Standard(_) | Out::Done => Ok(()),
            Out::File(out) => out.settle(counts),
        }
    }
}

/// Whether lines may take that place: nothing is there, or an earlier import's lines. Anything else may be a key, or the dump.
fn may_replace(path: &Path) -> io::Result<bool> {
    match File::open(path) {
        Ok(mut file) => {
            let mut first = [0; 1];
            Ok(file.metadata()?.is_file() && (file.read(&mut first)? == 0 || first == *b"{"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

impl DsaTdb {
    fn run(&self, json: bool) -> Result<(), CommandError> {
        let dump = match self.file == Path::new("-") {
            true => None,
            false => Some(Dump::open(&self.file).map_err(IntakeError::Dump)?),
        };
        let bar = bar(dump.as_ref().map(Dump::length));
        self.check_sum(dump.as_ref(), &bar)?;
        let (out, counts) = self.open_out(dump.as_ref())?;
        let reached = dump.as_ref().map(|dump| dump.bytes().reached());
        let reached: Box<dyn Fn() -> u64> =
            Box::new(move || reached.as_ref().map_or(0, |reached| reached.get()));
        let to_file = self.out.is_some();
        let mut desk = Desk { out, to_file, json, bar, reached, unsettled: counts.rows };
        if counts.rows > 0 {
            let event = json!({"event": "resumed", "rows": counts.rows, "lines": counts.lines});
            desk.tell(&event, &format!("going on behind row {}", counts.rows));
        }
        let mut intake = Intake::new(self.mapping(), counts, &mut desk);
        let taken = match &dump {
            Some(dump) => dump.each_csv(&mut |file, source| intake.file(file, source)),
            None => {
                let file = CsvName { name: "standard input".to_owned(), zip: None };
                intake.file(&file, &mut io::stdin().lock())
            }
        };
        let counts = intake.counts();
        desk.bar.finish_and_clear();
        match taken {
            Ok(()) => self.end(desk, &counts),
            Err(error) => Err(self.give_up(desk, error, &counts)),
        }
    }

    fn mapping(&self) -> Mapping {
        let signer = self.as_platform.clone().map_or(Signer::Archivist, Signer::Platform);
        Mapping { role: self.role.clone(), signer, withhold_source: self.withhold_source }
    }

    /// Compares the dump with the `.sha1` beside it.
    fn check_sum(&self, dump: Option<&Dump>, bar: &ProgressBar) -> Result<(), CommandError> {
        let beside = match dump {
            Some(_) => Checksum::beside(&self.file)?,
            None => None,
        };
        let (Some(dump), Some(wanted)) = (dump, beside) else {
            if self.require_sha1 {
                let path = Checksum::path_for(&self.file);
                return Err(CommandError::Refused(format!(
                    "{} is not there, and --require-sha1 asks for it; nothing was imported",
                    path.display()
                )));
            }
            return Ok(());
        };
        bar.set_message("checking the .sha1");
        let given = Checksum::of(bar.wrap_read(dump.bytes()))
            .map_err(CommandError::io(self.file.display().to_string()))?;
        bar.set_position(0);
        if given != wanted {
            return Err(CommandError::Refused(format!(
                "{} has the SHA-1 {}, and {} says {}: the download is broken, or one of them is of another day; nothing was imported",
                self.file.display(),
                given.to_hex(),
                Checksum::path_for(&self.file).display(),
                wanted.to_hex()
            )));
        }
        Ok(())
    }

    /// Standard output, or a file that is begun or gone on with.
    fn open_out(&self, dump: Option<&Dump>) -> Result<(Out, Counts), CommandError> {
        let Some(path) = &self.out else {
            return Ok((Out::Standard(BufWriter::new(io::stdout())), Counts::default()));
        };
        let io = || CommandError::io(path.display().to_string());
        if !may_replace(path).map_err(io())? {
            return Err(CommandError::Refused(format!(
                "{} is there already and holds no lines: it is left alone. Give another --out, or take it away",
                path.display()
            )));
        }
        let import = match dump {
            Some(dump) => {
                partial::identity(dump.bytes(), &format!("{:?} {:?}", self.file.file_name(), self.mapping()))
            }
            // What came on standard input does not come again.
            None => Ok(format!("standard input of {}", std::process::id())),
        };
        let opened = Partial::open(path, import.map_err(io())?);
        let (partial, counts) = opened.map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => {
                CommandError::Refused(format!("{} is being written by another import", path.display()))
            }
            _ => io()(error),
        })?;
        Ok((Out::File(partial), counts))
    }

    /// Everything was looked at.
    fn end(&self, mut desk: Desk, counts: &Counts) -> Result<(), CommandError> {
        let event = json!({
            "event": "imported", "rows": counts.rows, "lines": counts.lines, "wrong": counts.wrong,
            "of_other_platforms": counts.passed_over, "trimmed": counts.trimmed,
        });
        let mut text = format!("{} lines written, {} rows left out", counts.lines, counts.wrong);
        if counts.passed_over > 0 {
            text.push_str(&format!(", {} rows of other platforms passed over", counts.passed_over));
        }
        if counts.trimmed > 0 {
            text.push_str(&format!(
                "\n{} lines lack something that the European database drops as well",
                counts.trimmed
            ));
        }
        let place = self.out.as_ref().map_or("standard output".to_owned(), |path| path.display().to_string());
        match std::mem::replace(&mut desk.out, Out::Done) {
            Out::Standard(mut out) => out.flush().map_err(CommandError::io("writing lines"))?,
            Out::File(partial) => partial.finish().map_err(CommandError::io(place.clone()))?,
            Out::Done => {}
        }
        desk.tell(&event, &text);
        if counts.wrong == 0 || self.lenient {
            return Ok(());
        }
        Err(CommandError::Refused(format!(
            "{} rows are wrong and were left out; the {} lines of the others are in {place} (--lenient: that is well)",
            counts.wrong, counts.lines
        )))
    }

    /// The dump cannot be read to its end.
    fn give_up(&self, desk: Desk, error: IntakeError, counts: &Counts) -> CommandError {
        let path = self.out.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let said = match desk.out {
            Out::File(partial) if error.is_the_dumps() => match partial.discard() {
                Ok(()) => format!("{path} was not written"),
                Err(error) => format!("{path} was not written ({error})"),
            },
            Out::File(_) => format!("{path} is not written yet: run the command again, and it goes on"),
            Out::Standard(mut out) => match out.flush() {
                Ok(()) => format!("the lines of {} rows before were written", counts.rows),
                Err(_) => "not all lines of the rows before were written".to_owned(),
            },
            Out::Done => "all lines were written".to_owned(),
        };
        let message = format!("{error}; {said}");
        match error.is_the_dumps() {
            true => CommandError::Refused(message),
            false => CommandError::Io { what: "import".to_owned(), source: io::Error::other(message) },
        }
    }
}

/// Bytes of the dump on a terminal; of standard input nobody knows how many will come.
fn bar(length: Option<u64>) -> ProgressBar {
    let (bar, look) = match length {
        Some(length) => (ProgressBar::new(length), "{bar:30} {bytes}/{total_bytes}, {msg} ({eta} left)"),
        None => (ProgressBar::new_spinner(), "{spinner} {msg} ({elapsed})"),
    };
    if let Ok(style) = ProgressStyle::with_template(look) {
        bar.set_style(style);
    }
    bar
}
