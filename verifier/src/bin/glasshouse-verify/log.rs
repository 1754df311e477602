//! `log`: downloads a log, hashes it again, and checks every entry, signature and number.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;
use glasshouse_verifier::bounds::NOTE_MAX;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::policy::Policy;
use indicatif::{ProgressBar, ProgressStyle};

use crate::answer::{Answer, Trouble, Verdict};
use crate::audit::{Audit, Audited};
use crate::evidence_file::EvidencePlace;
use crate::input::read;
use crate::source::{NOTE_LIMIT, Source};
use crate::trust::Trust;

const EXAMPLE: &str = "\
Example:
  glasshouse-verify log https://ledger.example --policy policy.txt --old checkpoint-of-last-week

Every entry is downloaded, hashed into the tree again, read against the rules of its type and its place, and its
signature checked. Every tile is compared. A folder that mirrors a log can stand in for its URL.";

/// Check a whole log, from its first entry to its newest checkpoint.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The log's URL, or a folder that mirrors it.
    #[arg(value_name = "URL")]
    place: String,
    #[command(flatten)]
    trust: Trust,
    /// A checkpoint of this log that you kept from before; may be given many times.
    #[arg(long, value_name = "FILE")]
    old: Vec<PathBuf>,
    #[command(flatten)]
    evidence: EvidencePlace,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Answer, Trouble> {
    let policy = arguments.trust.policy()?;
    let source = Source::new(&arguments.place);
    let trouble = |error: &dyn std::fmt::Display| Trouble(format!("{}: {error}", arguments.place));
    let note = source.need("checkpoint", NOTE_LIMIT).map_err(|error| trouble(&error))?;
    let trusted = match policy.open(&note) {
        Ok(trusted) => trusted,
        Err(error) => return Ok(Answer::new(Verdict::DoesNotHold, format!("the newest checkpoint: {error}"))),
    };
    let newest = trusted.signed();
    let mut older = Vec::new();
    for path in &arguments.old {
        match open_old(&policy, newest, &read(path, NOTE_MAX)?) {
            Ok(old) => older.push(old),
            Err(why) => return Err(Trouble(format!("{}: {why}", path.display()))),
        }
    }
    if let Some(later) = older.iter().find(|old| old.head().size() > newest.head().size()) {
        return Ok(hides(newest, later));
    }
    let bar = progress_bar(newest.head().size().get());
    let audited = Audit::new(&source, newest, older).run(&|done| bar.set_position(done));
    bar.finish_and_clear();
    let audited = audited.map_err(|error| trouble(&error))?;
    Ok(answer(arguments, newest, trusted.witnesses().len(), &audited))
}

fn open_old(policy: &Policy, newest: &SignedCheckpoint, bytes: &[u8]) -> Result<SignedCheckpoint, String> {
    let old = policy.open(bytes).map_err(|error| error.to_string())?;
    if old.signed().log() != newest.log() {
        return Err("a checkpoint of another log".to_owned());
    }
    Ok(old.signed().clone())
}

/// The log shows less than it has signed. It may only lag behind, so this convicts nobody.
fn hides(newest: &SignedCheckpoint, later: &SignedCheckpoint) -> Answer {
    Answer::new(
        Verdict::DoesNotHold,
        format!(
            "the log shows {} entries as its newest, and you hold its checkpoint of {}",
            newest.head().size(),
            later.head().size()
        ),
    )
    .line("ask again later or from another mirror, and keep both checkpoints")
}

fn progress_bar(size: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} entries, {per_sec}, {eta} left");
    ProgressBar::new(size).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn answer(arguments: &Arguments, newest: &SignedCheckpoint, witnesses: usize, audited: &Audited) -> Answer {
    let findings = &audited.findings;
    let size = newest.head().size();
    let answer = match &audited.fork {
        Some(fork) => arguments.evidence.convict(fork),
        None if findings.broken() > 0 => Answer::new(
            Verdict::DoesNotHold,
            format!("{} of the things that must be true of this log are not", findings.broken()),
        ),
        None if findings.not_understood() > 0 => Answer::new(
            Verdict::NotUnderstood,
            format!(
                "{} entries were made for a newer program than this one; what is understood holds",
                findings.not_understood()
            ),
        ),
        None => Answer::new(Verdict::Holds, format!("all {size} entries are what the log signed, and follow its rules")),
    };
    let mut answer = answer
        .line(format!("log        {}", newest.checkpoint().origin()))
        .line(format!("entries    {size}"))
        .line(format!("root       {}", newest.head().root()));
    for finding in findings.listed() {
        let place = finding.index.map_or_else(|| "the log".to_owned(), |index| format!("entry {index}"));
        answer = answer.line(format!("{place}: {}: {}", finding.rule, finding.detail));
    }
    let missing = missing_numbers(audited);
    for gap in &missing {
        answer = answer.line(format!("given out and not filed: {gap}"));
    }
    if witnesses == 0 {
        answer = answer.line("not proved: that anybody but the log saw this checkpoint; no witness signed it");
    }
    answer
        .member("origin", newest.checkpoint().origin().as_str())
        .member("size", size.get())
        .member("root", newest.head().root().to_hex())
        .member("witnesses", witnesses)
        .member("providers", audited.registry.providers().count())
        .member("broken", findings.broken())
        .member("not_understood", findings.not_understood())
        .member("findings", findings.to_json())
        .member("missing_numbers", missing)
}

/// Numbers that an issuer passed over, at most 100 ranges of each.
fn missing_numbers(audited: &Audited) -> Vec<String> {
    let mut gaps = Vec::new();
    for (issuer, window) in audited.registry.issuers() {
        for (first, last) in window.missing(100) {
            gaps.push(format!("{issuer} {first} to {last}"));
        }
    }
    gaps.sort();
    gaps
}
