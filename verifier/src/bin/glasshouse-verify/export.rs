//! `export`: a data set of a log that was audited first, by month, with a manifest that pins the tree it was made of; and the
//! check that a data set is the one of its manifest.

mod data_file;
mod manifest;
mod months;
mod recheck;
mod row_maker;
mod tree_at;
mod writing;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use glasshouse_verifier::data_set::{Extent, Format};
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::size::LeafIndex;

use crate::answer::{Answer, Trouble, Verdict};
use crate::audit_arguments::AuditArguments;
use crate::further::Further;
use crate::log::{More, audit_then};
use crate::plural::counted;
use crate::session::Session;

use self::data_file::Folder;
use self::manifest::Manifest;
use self::tree_at::TreeAt;
use self::writing::{Asked, DataSet, Failure, write};

const EXAMPLE: &str = "\
Example:
  glasshouse-verify export https://ledger.example --policy policy.txt --state ./audit --out ./data
  duckdb -c \"SELECT month, category, count(*) FROM 'data/entries/*.parquet' WHERE type = 'decision' GROUP BY ALL ORDER BY ALL\"

  glasshouse-verify export https://ledger.example --policy policy.txt --state ./audit --check ./data

The log is audited as `log` does it; a data set is made only of a log that holds. Each entry is a row as it stands in the tree
of the checkpoint that was audited: fields as amended, and what became of it. A file for each month holds the entries in the
order of the log, in the folder entries; manifest.json names the log, the tree's size and root, the checkpoint with its cosignatures, and of each file
its rows and its SHA-256. The same tree gives the same files, byte for byte. Texts stand in it with --texts only, and only
those that the log serves and may be shown. The folder appears under its name when everything in it is on the disk. A run that was killed leaves a folder
.NAME.….unfinished beside it, which nothing reads: remove it.

The audit keeps its copy of the log in the folder of --state; without it, in a folder for the time of the run, and each run reads
the whole log.

With --check the data set is made again from the log, of the tree that its manifest names, and compared: nothing is written.";

/// Make a data set of a log for DuckDB, pandas or a spreadsheet; or check one.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    #[command(flatten)]
    audit: AuditArguments,
    /// The folder to make; it must not be there.
    #[arg(long, value_name = "DIR", required_unless_present = "check")]
    out: Option<PathBuf>,
    /// How rows are written.
    #[arg(long, value_name = "FORMAT", default_value = "parquet")]
    format: FileFormat,
    /// Check the data set in this folder instead of making one.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "format"])]
    check: Option<PathBuf>,
}

/// [`Format`], as the command line spells it.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum FileFormat {
    /// Apache Parquet
    Parquet,
    /// Comma-separated values
    Csv,
    /// JSON lines
    Jsonl,
}

impl From<FileFormat> for Format {
    fn from(format: FileFormat) -> Format {
        match format {
            FileFormat::Parquet => Format::Parquet,
            FileFormat::Csv => Format::Csv,
            FileFormat::Jsonl => Format::JsonLines,
        }
    }
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Answer, Trouble> {
    let mut audit = arguments.audit.clone();
    let scratch = match audit.state {
        Some(_) => None,
        None => {
            let scratch = tempfile::Builder::new().prefix("glasshouse-audit-").tempdir();
            let scratch =
                scratch.map_err(|error| Trouble(format!("a folder for the copy of the log: {error}")))?;
            audit.state = Some(scratch.path().to_owned());
            Some(scratch)
        }
    };
    let answer = match (&arguments.check, &arguments.out) {
        (Some(folder), _) => recheck::run(&audit, folder, json),
        (None, Some(out)) => export(arguments, &audit, out, json),
        // The command line asks for one of them.
        (None, None) => Err(Trouble("--out is needed".to_owned())),
    }?;
    if let (Some(scratch), Verdict::Misbehaviour) = (scratch, answer.verdict()) {
        // The proof lies in it.
        let _ = scratch.keep();
    }
    Ok(answer)
}

fn export(arguments: &Arguments, audit: &AuditArguments, out: &Path, json: bool) -> Result<Answer, Trouble> {
    let mut missing = Vec::new();
    // Before hours of work: whether its result can be put there.
    let mut folder = Some(Folder::beside(out)?);
    let asked = Asked {
        format: arguments.format.into(),
        extent: if audit.texts { Extent::WithTexts } else { Extent::Coded },
    };
    let answer = audit_then(audit, &More::default(), json, &mut |session, further, answer| {
        if let Some(why) = why_not(session, further, &answer) {
            missing = session.audit.found.findings.only_lost_texts().unwrap_or_default();
            return Ok(no_data_set(answer, why));
        }
        let Some(folder) = folder.take() else { return Ok(answer) };
        make(session, answer, asked, (audit, folder), &mut missing)
    })?;
    match missing.is_empty() || answer.verdict() != Verdict::DoesNotHold {
        true => Ok(answer),
        false => erased_since(audit, json, &missing, answer),
    }
}

/// The log did not serve texts that it has to serve by the tree that was audited. It may have erased them since, lawfully: then
/// a newer tree says so. That the log does not answer this question, or answers it with what does not hold, takes nothing back.
fn erased_since(
    arguments: &AuditArguments,
    json: bool,
    missing: &[(LeafIndex, FieldName)],
    answer: Answer,
) -> Result<Answer, Trouble> {
    let arguments = AuditArguments { texts: false, ..arguments.clone() };
    let mut erased = Vec::new();
    let newer = audit_then(&arguments, &More::default(), json, &mut |session, _, answer| {
        erased.clear();
        for (index, field) in missing {
            erased.extend(redaction_of(session, *index, *field)?.map(|by| (by, *index, *field)));
        }
        Ok(answer)
    });
    let newer = newer.unwrap_or_else(Trouble::into_answer);
    match (newer.verdict(), erased.first()) {
        (Verdict::Misbehaviour, _) => Ok(newer),
        (Verdict::DoesNotHold, _) => Ok(no_data_set(newer, "the log does not hold")
            .line(format!("of the tree that was audited before: {}", answer.sentence()))
            .member("before", answer.sentence())),
        (Verdict::Holds | Verdict::NotUnderstood, Some((by, index, field)))
            if erased.len() == missing.len() =>
        {
            Err(Trouble(format!(
                "no data set was made: entry {by} erased {field} of entry {index} meanwhile; run again"
            )))
        }
        (Verdict::Holds | Verdict::NotUnderstood, _) => Ok(answer),
        _ => Ok(answer
            .line(format!("whether they were erased meanwhile a newer tree would say: {}", newer.sentence()))
            .member("newer", newer.sentence())),
    }
}

fn no_data_set(answer: Answer, why: &str) -> Answer {
    answer.line(format!("no data set was made: {why}")).member("data_set", serde_json::Value::Null)
}

/// The redaction that erased a text, as far as was read.
fn redaction_of(session: &Session, index: LeafIndex, field: FieldName) -> Result<Option<LeafIndex>, Trouble> {
    let bytes = session.audit.bundles.copy().map(|copy| copy.entry(index.get()));
    let bytes = bytes.transpose().map_err(|error| Trouble(error.to_string()))?.flatten();
    let entry = bytes.and_then(|bytes| Entry::parse(&bytes).ok());
    let state = entry.map(|entry| session.audit.registry.state_of(entry.statement()));
    Ok(state.and_then(|state| state.redacted.get(&field).copied()))
}

/// Why no data set can be made of a log that was audited with this answer.
fn why_not(session: &Session, further: &Further, answer: &Answer) -> Option<&'static str> {
    let is_whole = further.stopped.is_none() && session.is_settled();
    match answer.verdict() {
        _ if !is_whole => Some("not all of the log was read"),
        Verdict::Holds | Verdict::NotUnderstood => None,
        _ => Some("the log does not hold"),
    }
}

fn make(
    session: &Session,
    answer: Answer,
    asked: Asked,
    (arguments, folder): (&AuditArguments, Folder),
    missing: &mut Vec<(LeafIndex, FieldName)>,
) -> Result<Answer, Trouble> {
    let tree = TreeAt::newest(session);
    let made = match write(&tree, asked, &mut |name| folder.create(name)) {
        Ok(made) => made,
        Err(failure) => {
            if let Failure::Text { index, field, why: None } = &failure {
                missing.push((*index, *field));
            }
            let sentence = "a text that the log has to serve is not served as it was signed";
            return failure.answer(answer.with_sentence(sentence));
        }
    };
    let manifest = Manifest::of(session, &answer, asked, &made, arguments.trust.digest()?);
    let name = folder.finish(&manifest.encode())?;
    Ok(tell(answer, &made).line(format!("data set in {}", name.display())).member(
        "data_set",
        serde_json::json!({
            "folder": name.display().to_string(),
            "manifest": manifest.to_json(),
        }),
    ))
}

/// `3 rows in 1 file`.
fn rows_in_files(rows: u64, files: usize) -> String {
    format!("{} in {}", counted(rows, "row", "rows"), counted(files as u64, "file", "files"))
}

/// What is in a data set, in words.
fn tell(answer: Answer, made: &DataSet) -> Answer {
    let rows: u64 = made.files.iter().map(|file| file.rows).sum();
    let mut answer = answer.line(rows_in_files(rows, made.files.len()));
    if made.not_understood > 0 {
        answer = answer.line(format!(
            "left out, because this version does not understand them: {}",
            counted(made.not_understood, "entry", "entries")
        ));
    }
    if let Some(kept) = made.texts_kept {
        answer = answer.line(format!(
            "texts that may not stand in it: {} withheld, {} redacted, locators that are shown nowhere: {}",
            kept.withheld, kept.redacted, kept.hidden
        ));
    }
    answer
}
