//! `glasshouse export annex1`: the tables of the harmonised transparency report that a log can know.

use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_ledger::current::CurrentReader;
use glasshouse_ledger::log_source::{FolderLog, LogSource};
use glasshouse_ledger::replay::{Replay, ReplayError};
use glasshouse_verifier::bounds::POLICY_MAX;
use glasshouse_verifier::checkpoint::Checkpoint;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::vkey::Vkey;
use glasshouse_verifier::vocabulary::Vocabulary;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use tempfile::NamedTempFile;

use super::unfinished::Unfinished;
use crate::annex1::table::{Table, Value};
use crate::annex1::{Annex1, Counted, Scope, readme};
use crate::client::mirror::RemoteMirror;
use crate::client::{Client, Patience};
use crate::commands::standard_output::say;
use crate::commands::{CommandError, small_file};

/// Count a log into the tables of the harmonised transparency report (Implementing Regulation (EU) 2024/2835).
///
/// Tables 3 (orders), 5 and 6 (own initiative) and 7 (appeals), as CSV; beside each table the queries that list the entries
/// behind every number, and a README.txt. With --dir it may run beside the server.
#[derive(Debug, Args)]
#[command(
    name = "annex1",
    disable_version_flag = true,
    after_help = "Examples:\n  glasshouse export annex1 --dir ledger --from 2025-07-01 --to 2025-12-31 --out report\n  glasshouse export annex1 --log https://log.example --policy policy.txt --provider https://www.example.net --from 2025-07-01 --to 2025-12-31 --out report"
)]
pub(super) struct ExportAnnex1 {
    /// The ledger's folder.
    #[arg(long, value_name = "D", required_unless_present = "log", conflicts_with = "log")]
    dir: Option<PathBuf>,

    /// The log's URL, or a mirror's.
    #[arg(long, value_name = "URL", requires = "policy")]
    log: Option<String>,

    /// Whom to believe: a policy file that names the log's key.
    #[arg(long, value_name = "FILE", conflicts_with = "dir")]
    policy: Option<PathBuf>,

    /// Only decisions of this provider.
    #[arg(long, value_name = "https://…")]
    provider: Option<String>,

    /// First day of the period.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    from: Day,

    /// Last day of the period.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    to: Day,

    /// The version of the European vocabulary whose categories make the rows.
    #[arg(long, value_name = "1|2", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    version: u8,

    /// The folder for the tables; a new one, or an empty one. A new one gets its name when it is whole, and into one that is there the
    /// files come when all are whole, README.txt last. What was killed leaves `.NAME.….unfinished` beside a new one or in the other,
    /// which nothing reads.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "must be a day, YYYY-MM-DD".to_owned())
}

impl From<ReplayError> for CommandError {
    fn from(error: ReplayError) -> CommandError {
        match error {
            ReplayError::Source(_) | ReplayError::Missing { .. } => {
                CommandError::Io { what: "log".to_owned(), source: std::io::Error::other(error.to_string()) }
            }
            error => CommandError::Refused(error.to_string()),
        }
    }
}

impl ExportAnnex1 {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        if self.to < self.from {
            return Err(CommandError::Usage(format!("--to {} is before --from {}", self.to, self.from)));
        }
        let provider = self.provider.as_deref().map(Issuer::parse_provider).transpose();
        let provider = provider.map_err(|error| CommandError::Usage(format!("--provider: {error}")))?;
        let folder = Unfinished::at(&self.out)?;
        let (source, vkey) = self.source()?;
        let bar = bar();
        let replay = Replay::read(source.as_ref(), &vkey, &mut |more| {
            bar.inc_length(2 * more);
            bar.inc(more);
        })?;
        if let Some(provider) =
            provider.as_ref().filter(|issuer| replay.registry().provider(issuer).is_none())
        {
            return Err(CommandError::Refused(format!("{provider} is not enrolled in this log")));
        }
        let before = LeafIndex::new(replay.head().size().get());
        let scope = Scope {
            provider,
            from: self.from,
            to: self.to,
            version: if self.version == 1 { Vocabulary::Version1 } else { Vocabulary::Version2 },
            before: before.map_err(|error| CommandError::Refused(error.to_string()))?,
        };
        let counted = count(&replay, &scope, &bar)?;
        bar.finish_and_clear();
        let text = readme::text(replay.origin(), replay.head(), &scope, &counted);
        let names = write_all(folder.path(), &counted, &text)?;
        folder.finish(&names)?;
        let files: Vec<PathBuf> = names.iter().map(|name| self.out.join(name)).collect();
        say(json, &replay, &scope, &counted, &files);
        Ok(())
    }

    /// Where the log is read, and the key that its checkpoint must be signed with.
    fn source(&self) -> Result<(Box<dyn LogSource>, Vkey), CommandError> {
        if let Some(dir) = &self.dir {
            let folder = FolderLog::open(dir)?;
            let vkey = folder.vkey().clone();
            return Ok((Box::new(folder), vkey));
        }
        let (Some(url), Some(policy)) = (&self.log, &self.policy) else {
            return Err(CommandError::Usage("one of --dir and --log is needed".to_owned()));
        };
        let name = policy.display().to_string();
        let text = small_file::read_text(policy, POLICY_MAX)?;
        let policy = Policy::parse(&text).map_err(|error| CommandError::Usage(format!("{name}: {error}")))?;
        let mirror = RemoteMirror::new(Client::new(url, Patience::default())?);
        let vkey = key_of(&mirror, &policy)?;
        Ok((Box::new(mirror), vkey))
    }
}

/// The key that the policy has for the log that is shown here.
fn key_of(source: &dyn LogSource, policy: &Policy) -> Result<Vkey, CommandError> {
    let note = source.checkpoint().map_err(ReplayError::from)?;
    let text = String::from_utf8_lossy(&note);
    let body = text.split_once("\n\n").map(|(body, _)| format!("{body}\n")).unwrap_or_default();
    let checkpoint = Checkpoint::parse_text(&body)
        .map_err(|error| CommandError::Refused(format!("{}: {error}", source.name())))?;
    let origin = checkpoint.origin();
    let unknown = || CommandError::Refused(format!("the policy names no key of the log {origin}"));
    policy.log_key(origin).cloned().ok_or_else(unknown)
}

/// The second reading: every entry in the light of all of them.
fn count(replay: &Replay<'_>, scope: &Scope, bar: &ProgressBar) -> Result<Counted, CommandError> {
    let mut tables = Annex1::new(scope.clone());
    let mut later = CurrentReader::new(replay.entries());
    replay.for_each(&mut |index, entry| {
        bar.inc(1);
        if tables.admits(index, entry.statement()) {
            let state = replay.registry().state_of(entry.statement());
            tables.count(&later.current(index, entry, state, true)?);
        }
        Ok::<(), CommandError>(())
    })?;
    Ok(tables.finish())
}

/// Writes all tables; gives the names of the files.
fn write_all(folder: &Path, counted: &Counted, readme: &str) -> Result<Vec<String>, CommandError> {
    let mut files = Vec::new();
    for table in &counted.tables {
        for (name, queries) in
            [(format!("{}.csv", table.name), false), (format!("{}-queries.csv", table.name), true)]
        {
            write_file(&folder.join(&name), |file| match queries {
                false => table.write(file).map_err(std::io::Error::other),
                true => table.write_queries(file).map_err(std::io::Error::other),
            })?;
            files.push(name);
        }
    }
    let name = "README.txt".to_owned();
    write_file(&folder.join(&name), |file| std::io::Write::write_all(file, readme.as_bytes()))?;
    files.push(name);
    Ok(files)
}

/// Writes a file that is there whole or not at all.
fn write_file(
    path: &Path,
    write: impl FnOnce(&mut NamedTempFile) -> std::io::Result<()>,
) -> Result<(), CommandError> {
    let io = || CommandError::io(path.display().to_string());
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder).map_err(io())?;
    write(&mut file).map_err(io())?;
    file.as_file().sync_all().map_err(io())?;
    file.persist(path).map_err(|error| io()(error.error))?;
    Ok(())
}

fn total(table: &Table) -> u64 {
    let first = table.rows.first().and_then(|row| row.cells.first());
    match first.map(|cell| &cell.value) {
        Some(Value::Count(count)) => *count,
        _ => 0,
    }
}

fn say(json: bool, replay: &Replay<'_>, scope: &Scope, counted: &Counted, files: &[PathBuf]) {
    let head = replay.head();
    if json {
        let tables = counted.tables.iter().map(|table| (table.name.to_owned(), total(table).into()));
        let left_out =
            counted.left_out.iter().map(|group| json!({"reason": group.reason, "count": group.count}));
        let event = json!({
            "event": "exported",
            "origin": replay.origin().as_str(),
            "size": head.size().get(),
            "root": head.root().to_hex(),
            "provider": scope.provider.as_ref().map(Issuer::as_str),
            "from": scope.from.to_string(),
            "to": scope.to.to_string(),
            "vocabulary": scope.version.as_str(),
            "decisions": counted.decisions.1,
            "tables": tables.collect::<serde_json::Map<_, _>>(),
            "left_out": left_out.collect::<Vec<_>>(),
            "files": files,
        });
        say!("{event}");
        return;
    }
    say!("{} decisions from {} to {}, tree size {}", counted.decisions.1, scope.from, scope.to, head.size());
    for table in &counted.tables {
        say!("{}: {}", table.name, total(table));
    }
    for group in counted.left_out.iter().filter(|group| group.count > 0) {
        say!("in no table: {}: {}", group.count, group.reason);
    }
    for file in files {
        say!("{}", file.display());
    }
}

/// Entries of the log, each read twice.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} entries, read twice ({eta} left)") {
        bar.set_style(style);
    }
    bar
}
