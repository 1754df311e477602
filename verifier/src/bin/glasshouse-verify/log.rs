//! `glasshouse-verify log`: downloads a log, hashes it again, and checks every entry, signature and number.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::evidence::Fork;
use glasshouse_verifier::policy::Policy;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::audit::{Audit, Audited};
use crate::outcome::{Failure, Outcome};
use crate::source::{NOTE_LIMIT, Source};
use crate::trust::Trust;

/// Downloads a whole log and checks it from the first entry to the newest checkpoint.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  glasshouse-verify log http://127.0.0.1:8080 --policy policy.txt --old checkpoint-of-last-week

Exit status: 0 holds, 1 does not hold, 2 usage or I/O, 3 evidence of misbehaviour (saved to a file), 4 not understood.")]
pub(crate) struct LogArgs {
    /// The log's URL, or a folder that mirrors it.
    url: String,
    #[command(flatten)]
    trust: Trust,
    /// A checkpoint of this log that you kept from before; may be given many times.
    #[arg(long, value_name = "FILE")]
    old: Vec<PathBuf>,
    /// Where to save evidence of misbehaviour. Default: ./glasshouse-evidence-<8 hex digits>.json
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
    /// Prints one JSON object instead of sentences.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(args: &LogArgs) -> Result<Outcome, Failure> {
    let policy = args.trust.policy()?;
    let source = Source::new(&args.url);
    let note = source.need("checkpoint", NOTE_LIMIT).map_err(Failure::environment)?;
    let trusted = policy.open(&note).map_err(|error| Failure::refused(format!("the checkpoint: {error}")))?;
    let checkpoint = trusted.signed();
    let older = older(&args.old, &policy, checkpoint)?;
    if let Some(later) = older.iter().find(|old| old.head().size() > checkpoint.head().size()) {
        return Err(Failure::refused(format!(
            "the log shows a checkpoint of {} entries, and you hold one of {}: it hides what it signed; ask another \
             mirror, and keep both checkpoints",
            checkpoint.head().size().get(),
            later.head().size().get()
        )));
    }
    let bar = progress_bar(checkpoint.head().size().get(), args.json);
    let audited = Audit::new(&source, checkpoint, older)
        .run(&|done| bar.set_position(done))
        .map_err(Failure::environment);
    bar.finish_and_clear();
    report(args, checkpoint, trusted.witnesses().len(), &audited?)
}

fn older(files: &[PathBuf], policy: &Policy, newest: &SignedCheckpoint) -> Result<Vec<SignedCheckpoint>, Failure> {
    let mut older = Vec::new();
    for file in files {
        let bytes = std::fs::read(file).map_err(|error| Failure::file(file, &error))?;
        let opened = policy.open(&bytes).map_err(|error| Failure::refused(format!("{}: {error}", file.display())))?;
        if opened.signed().log() != newest.log() {
            return Err(Failure::usage(format!("{}: a checkpoint of another log", file.display())));
        }
        older.push(opened.signed().clone());
    }
    Ok(older)
}

fn progress_bar(size: u64, json: bool) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} entries, {per_sec}, {eta} left");
    ProgressBar::new(size).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn report(args: &LogArgs, checkpoint: &SignedCheckpoint, witnesses: usize, audited: &Audited) -> Result<Outcome, Failure> {
    let evidence = match &audited.fork {
        Some(fork) => Some(save(args.evidence.as_deref(), fork)?),
        None => None,
    };
    let findings = &audited.findings;
    let status = match (&evidence, findings.broken(), findings.not_understood()) {
        (Some(_), _, _) => 3,
        (None, 0, 0) => 0,
        (None, 0, _) => 4,
        (None, _, _) => 1,
    };
    let gaps = gaps(audited);
    let json = json!({
        "holds": status == 0,
        "origin": checkpoint.checkpoint().origin().as_str(),
        "size": checkpoint.head().size().get(),
        "root": checkpoint.head().root().to_hex(),
        "witnesses": witnesses,
        "providers": audited.registry.providers().count(),
        "findings": findings.listed(),
        "broken": findings.broken(),
        "not_understood": findings.not_understood(),
        "missing_numbers": gaps,
        "evidence": evidence.as_ref().map(|file| file.display().to_string()),
    });
    let mut lines = vec![format!(
        "{}: {} entries, root {}",
        checkpoint.checkpoint().origin().as_str(),
        checkpoint.head().size().get(),
        checkpoint.head().root().to_hex()
    )];
    for finding in findings.listed() {
        let place = finding.index.map_or("the log".to_owned(), |index| format!("entry {index}"));
        lines.push(format!("{place}: {}: {}", finding.rule, finding.detail));
    }
    for gap in &gaps {
        lines.push(format!("not filed: {gap}"));
    }
    lines.push(match status {
        0 if witnesses == 0 => "The log holds. Nobody but the log itself vouches for it: the policy asks for no witness.".to_owned(),
        0 => format!("The log holds. {witnesses} witnesses signed the checkpoint."),
        3 => "The log signed two histories. Send the evidence file to anyone who relies on it.".to_owned(),
        4 => "What is understood holds. Some entries are newer than this program: get a newer one.".to_owned(),
        _ => format!("The log does not hold: {} findings.", findings.broken()),
    });
    if let Some(file) = &evidence {
        lines.push(format!("evidence: {}", file.display()));
    }
    Ok(Outcome { status, json, lines })
}

/// Numbers that an issuer gave out and did not file, in words.
fn gaps(audited: &Audited) -> Vec<String> {
    let mut gaps = Vec::new();
    for (issuer, window) in audited.registry.issuers() {
        for (first, last) in window.missing(100) {
            gaps.push(format!("{issuer} numbers {first} to {last}"));
        }
    }
    gaps.sort();
    gaps
}

fn save(chosen: Option<&Path>, fork: &Fork) -> Result<PathBuf, Failure> {
    crate::outcome::save_evidence(chosen, &fork.encode())
}
