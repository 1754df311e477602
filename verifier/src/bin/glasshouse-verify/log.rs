//! `log`: downloads a log, hashes it again, and checks every entry, signature and number.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;
use glasshouse_verifier::bounds::NOTE_MAX;
use glasshouse_verifier::checkpoint::{CheckpointError, SignedCheckpoint};
use glasshouse_verifier::day::Day;
use glasshouse_verifier::evidence::Fork;
use glasshouse_verifier::note::NoteError;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::TrustError;
use indicatif::{ProgressBar, ProgressStyle};

use crate::answer::{Answer, Trouble, Verdict};
use crate::audit::{Audit, Audited, Stop};
use crate::completeness::compare;
use crate::evidence_file::EvidencePlace;
use crate::input::read;
use crate::log_report::Report;
use crate::owed::{Account, accounts};
use crate::source::{NOTE_LIMIT, Source};
use crate::states::{Reread, SecondReading, States};
use crate::text_check::TextCounts;
use crate::trust::Trust;

const EXAMPLE: &str = "\
Example:
  glasshouse-verify log https://ledger.example --policy policy.txt --old checkpoint-of-last-week

  glasshouse-verify log https://ledger.example --policy policy.txt --texts --compare-completeness

Every entry is downloaded, hashed into the tree again, read against the rules of its type and its place, and its
signature checked. Every tile is compared. What became of the decisions is counted, and what each provider declared is
held against what is on record. A folder that mirrors a log can stand in for its URL.";

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
    /// Fetch every text too, and check that those are served that must be, and no others.
    #[arg(long)]
    texts: bool,
    /// Ask the log for the completeness of every provider, and compare it with what follows from the entries.
    #[arg(long)]
    compare_completeness: bool,
    /// The day that embargoes are judged by, YYYY-MM-DD [default: today, UTC]
    #[arg(long, value_name = "DAY")]
    on: Option<String>,
    #[command(flatten)]
    evidence: EvidencePlace,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Answer, Trouble> {
    let policy = arguments.trust.policy()?;
    let on = day(arguments.on.as_deref())?;
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
    check_source(arguments, &source)?;
    let trouble = |error: &dyn std::fmt::Display| Trouble(format!("{}: {error}", arguments.place));
    let note = source.need("checkpoint", NOTE_LIMIT).map_err(|error| trouble(&error))?;
    let trusted = match policy.open(&note) {
        Ok(trusted) => trusted,
        Err(error) => {
            return Ok(not_trusted(&note, meant, &error));
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
    let mut audited = Audit::new(&source, newest, older).run(&|done| bar.set_position(done));
    let accounts = accounts(&audited.registry, on);
    let further =
        look_further(arguments, &source, newest, &accounts, &mut audited, &|done| bar.set_position(done));
    bar.finish_and_clear();
    let stopped = audited.stopped.as_ref().or(further.stopped.as_ref());
    match stopped {
        // Nothing is known against the log, and not all of it is known.
        Some(stop) if audited.fork.is_none() && audited.findings.broken() == 0 => Err(trouble(stop)),
        _ => {
            let Further { states, texts, uncompared, .. } = &further;
            let (states, texts, uncompared) = (states.clone(), *texts, uncompared.clone());
            let witnesses = trusted.witnesses().len();
            let audited = &audited;
            let report =
                Report { newest, witnesses, audited, on, accounts, states, texts, uncompared, stopped };
            Ok(report.answer(|fork| arguments.evidence.convict(fork)))
        }
    }
}

/// What is said of a newest checkpoint that the policy does not trust.
fn not_trusted(note: &[u8], meant: &str, error: &TrustError) -> Answer {
    let answer = Answer::new(Verdict::DoesNotHold, format!("the newest checkpoint: {error}"));
    match another_log(note, meant, error) {
        Some(other) => answer.member("another_log", other.as_str()).line(other),
        None => answer,
    }
}

/// That a checkpoint which the policy does not trust is of another log than the one that is meant, if it is.
fn another_log(note: &[u8], meant: &str, error: &TrustError) -> Option<String> {
    let first = note.split(|byte| *byte == b'\n').next()?;
    let shown = Origin::parse(std::str::from_utf8(first).ok()?).ok()?;
    let no_key = matches!(error, TrustError::Checkpoint(CheckpointError::Note(NoteError::NoKnownKey)));
    match shown.as_str() == meant {
        false => Some(format!(
            "this is another log: it is called {shown}, and you mean {meant}. Is the URL right, and the policy?"
        )),
        true if no_key => Some(format!(
            "it is called {meant}, and none of the policy's keys signed it: another log under that name, or one that was made anew. Ask its operator, and not this server, which key is right"
        )),
        true => None,
    }
}

/// What was found out after the audit itself.
#[derive(Default)]
struct Further {
    states: Option<States>,
    texts: Option<TextCounts>,
    uncompared: Option<Vec<String>>,
    stopped: Option<Stop>,
}

/// Counts what became of the entries, fetches the texts, and asks for completeness, as far as that was asked for. After
/// an audit that did not reach the last entry, none of it can be told.
fn look_further(
    arguments: &Arguments,
    source: &Source,
    newest: &SignedCheckpoint,
    accounts: &[Account],
    audited: &mut Audited,
    progress: &dyn Fn(u64),
) -> Further {
    let mut further = Further::default();
    if audited.stopped.is_some() {
        return further;
    }
    if arguments.texts || audited.speaks_of_others {
        let (head, registry) = (newest.head(), &audited.registry);
        let reading = SecondReading { source, head, registry, with_texts: arguments.texts };
        match reading.run(&mut audited.findings, progress) {
            Ok(Reread { states, texts }) => (further.states, further.texts) = (Some(states), texts),
            Err(stop) => further.stopped = Some(stop),
        }
    } else {
        further.states = Some(audited.states.clone());
    }
    if arguments.compare_completeness && further.stopped.is_none() {
        match compare(source, newest.head().size(), accounts, &mut audited.findings) {
            Ok(grown) => further.uncompared = Some(grown),
            Err(error) => further.stopped = Some(error.into()),
        }
    }
    further
}

/// The day of the argument, or today.
fn day(given: Option<&str>) -> Result<Day, Trouble> {
    let text = match given {
        Some(text) => text.to_owned(),
        None => {
            let today = time::OffsetDateTime::now_utc().date();
            format!("{:04}-{:02}-{:02}", today.year(), u8::from(today.month()), today.day())
        }
    };
    Day::parse(&text).ok_or_else(|| Trouble(format!("--on {text}: a day such as 2026-03-01 is needed")))
}

/// What is asked for can be had from there.
fn check_source(arguments: &Arguments, source: &Source) -> Result<(), Trouble> {
    if arguments.texts && !source.may_have_texts() {
        let place = &arguments.place;
        return Err(Trouble(format!("{place}: --texts: this folder has no addenda/; give the log's URL")));
    }
    if arguments.compare_completeness && !source.is_server() {
        let place = &arguments.place;
        return Err(Trouble(format!(
            "{place}: --compare-completeness: a folder tells nothing; give the log's URL"
        )));
    }
    Ok(())
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
