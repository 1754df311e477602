//! `log`: downloads a log, hashes it again, and checks every entry, signature and number.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;
use glasshouse_verifier::bounds::NOTE_MAX;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::evidence::Fork;
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

/// As many ranges of missing numbers are listed, and as many ended keys.
const LISTED: usize = 1_000;

/// Check a whole log, from its first entry to its newest checkpoint.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The log's URL, or a folder that mirrors it.
    #[arg(value_name = "URL")]
    place: String,
    #[command(flatten)]
    trust: Trust,
    /// The origin of the log that you mean. Needed if the policy names several logs: a server could show another of them.
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// A checkpoint of this log that you kept from before; may be given many times.
    #[arg(long, value_name = "FILE")]
    old: Vec<PathBuf>,
    #[command(flatten)]
    evidence: EvidencePlace,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Answer, Trouble> {
    let policy = arguments.trust.policy()?;
    let mut names = policy.logs().iter().map(|log| log.key().name());
    let meant = match (&arguments.origin, names.next()) {
        (Some(origin), _) => origin.as_str(),
        (None, Some(first)) if names.all(|name| name == first) => first,
        _ => {
            return Err(Trouble(
                "the policy names several logs: say with --origin which one you mean".to_owned(),
            ));
        }
    };
    let source = Source::new(&arguments.place);
    let trouble = |error: &dyn std::fmt::Display| Trouble(format!("{}: {error}", arguments.place));
    let note = source.need("checkpoint", NOTE_LIMIT).map_err(|error| trouble(&error))?;
    let trusted = match policy.open(&note) {
        Ok(trusted) => trusted,
        Err(error) => {
            return Ok(Answer::new(Verdict::DoesNotHold, format!("the newest checkpoint: {error}")));
        }
    };
    let newest = trusted.signed();
    let shown = newest.checkpoint().origin().as_str();
    if shown != meant {
        let sentence = format!("the checkpoint is of the log {shown}, and you mean {meant}");
        return Ok(Answer::new(Verdict::DoesNotHold, sentence));
    }
    let mut older = Vec::new();
    for path in &arguments.old {
        // The log's own signature convicts it; whether witnesses signed what it signed before does not matter.
        let old = SignedCheckpoint::open(&read(path, NOTE_MAX)?, newest.log());
        older.push(old.map_err(|error| {
            let origin = newest.checkpoint().origin();
            Trouble(format!("{}: not a checkpoint that {origin} signed: {error}", path.display()))
        })?);
    }
    // Two signed roots for one size are proof enough: nothing has to be asked of the log, which could refuse.
    if let Some(fork) = contradiction(newest, &older) {
        return Ok(arguments.evidence.convict(&fork));
    }
    if let Some(later) = older.iter().find(|old| old.head().size() > newest.head().size()) {
        return Ok(hides(newest, later));
    }
    let bar = progress_bar(newest.head().size().get());
    let audited = Audit::new(&source, newest, older).run(&|done| bar.set_position(done));
    bar.finish_and_clear();
    match &audited.stopped {
        // Nothing is known against the log, and not all of it is known.
        Some(stop) if audited.fork.is_none() && audited.findings.broken() == 0 => Err(trouble(stop)),
        _ => Ok(answer(arguments, newest, trusted.witnesses().len(), &audited)),
    }
}

/// Two checkpoints of one size with different roots, if there are any.
fn contradiction(newest: &SignedCheckpoint, older: &[SignedCheckpoint]) -> Option<Fork> {
    let mut all: Vec<&SignedCheckpoint> = older.iter().chain([newest]).collect();
    all.sort_by_key(|signed| signed.head().size());
    let of_one_size = |pair: &&[&SignedCheckpoint]| pair[0].head().size() == pair[1].head().size();
    let mut pairs = all.windows(2).filter(of_one_size);
    pairs.find_map(|pair| Fork::same_size(pair[0].clone(), pair[1].clone()).ok())
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
    let style =
        ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} entries, {per_sec}, {eta} left");
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
        None => Answer::new(
            Verdict::Holds,
            format!("all {size} entries are what the log signed, and follow its rules"),
        ),
    };
    let mut answer = answer
        .line(format!("log        {}", newest.checkpoint().origin()))
        .line(format!("entries    {size}"))
        .line(format!("root       {}", newest.head().root()));
    for finding in findings.listed() {
        let place = finding.index.map_or_else(|| "the log".to_owned(), |index| format!("entry {index}"));
        answer = answer.line(format!("{place}: {}: {}", finding.rule, finding.detail));
    }
    if let Some(stop) = &audited.stopped {
        answer = answer.line(format!("the audit ended early: {stop}")).member("stopped", stop.to_string());
    }
    answer = ended_keys(answer, audited);
    let missing = missing_numbers(audited);
    for gap in &missing {
        answer = answer.line(format!("given out and not filed: {gap}"));
    }
    if missing.len() == LISTED {
        answer = answer.line("perhaps more numbers were not filed; so many are listed");
    }
    if audited.on_its_word > 0 {
        let indices: Vec<String> = audited.unbacked.iter().map(ToString::to_string).collect();
        let (many, list) = (audited.on_its_word, indices.join(", "));
        answer = answer.line(format!(
            "keys enrolled without evidence beyond the key's own request: {many}, by entries {list}"
        ));
    }
    answer = answer.line("not checked: whether the texts beside the log are served");
    if witnesses == 0 {
        answer =
            answer.line("not proved: that anybody but the log saw this checkpoint; no witness signed it");
    }
    answer
        .member("origin", newest.checkpoint().origin().as_str())
        .member("size", size.get())
        .member("root", newest.head().root().to_hex())
        .member("witnesses", witnesses)
        .member("providers", audited.registry.providers().count())
        .member("on_the_registrars_word", audited.unbacked.iter().map(|at| at.get()).collect::<Vec<u64>>())
        .member("broken", findings.broken())
        .member("not_understood", findings.not_understood())
        .member("findings", findings.to_json())
        .member("missing_numbers", missing)
}

/// Keys that sign no more: the first [`LISTED`] in the order in which they ended.
fn ended_keys(mut answer: Answer, audited: &Audited) -> Answer {
    let keys = audited.registry.keys();
    let mut ended: Vec<_> = keys.iter().filter_map(|key| Some((key.retired_at()?, key))).collect();
    ended.sort_by_key(|(at, _)| *at);
    ended.truncate(LISTED);
    for (at, key) in &ended {
        answer = answer.line(format!("key ended by entry {at}: {} of {}", key.kid(), key.owner()));
    }
    answer.member("ended_keys", ended.iter().map(|(_, key)| key.kid().to_hex()).collect::<Vec<String>>())
}

/// Numbers that an issuer passed over: at most [`LISTED`] ranges, in the order of the issuers.
fn missing_numbers(audited: &Audited) -> Vec<String> {
    let mut issuers: Vec<_> = audited.registry.issuers().collect();
    issuers.sort_by_key(|(issuer, _)| *issuer);
    let mut gaps = Vec::new();
    for (issuer, window) in issuers {
        let ranges = window.missing(LISTED - gaps.len());
        gaps.extend(ranges.iter().map(|(first, last)| format!("{issuer} {first} to {last}")));
    }
    gaps
}
