//! `log`: downloads a log, hashes it again, and checks every entry, signature and number; goes on from there if that is asked.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clap::Args;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::evidence::{Evidence, Fork};
use glasshouse_verifier::note::Note;
use glasshouse_verifier::policy::{Policy, TrustError, TrustedCheckpoint};

use crate::answer::{Answer, Trouble, Verdict};
use crate::audit::{Audit, Stop};
use crate::audit_arguments::AuditArguments;
use crate::audit_state::AuditState;
use crate::bundles::Bundles;
use crate::clock::{day, now};
use crate::finding::Finding;
use crate::follow::{follow, listen};
use crate::further::{Further, look_further};
use crate::in_hand::{read_old, read_receipts};
use crate::log_report::Report;
use crate::lookout::Lookout;
use crate::other_log;
use crate::owed::accounts;
use crate::place::{check_other_place, check_place};
use crate::progress::progress_bar;
use crate::session::Session;
use crate::source::{NOTE_LIMIT, Source};
use crate::split_view::SplitView;
use crate::ticks::Ticks;
use crate::vantage::Vantage;

const EXAMPLE: &str = "\
Example:
  glasshouse-verify log https://ledger.example --policy policy.txt --old checkpoint-of-last-week

  glasshouse-verify log https://ledger.example --policy policy.txt --texts --compare-completeness

  glasshouse-verify log https://ledger.example --policy policy.txt --state ./audit --also https://mirror.example/ledger

  glasshouse-verify log https://ledger.example --policy policy.txt --state ./audit --follow --every 10 --json

Every entry is downloaded, hashed into the tree again, read against the rules of its type and its place, and its
signature checked. Every tile is compared. What became of the decisions is counted, and what each provider declared is
held against what is on record. A folder that mirrors a log can stand in for its URL.

With --state, what was checked is kept in a folder (about as large as the log) and neither downloaded nor checked again: only
the bundle and the tiles at the end of the tree are fetched once more. The audit can be killed at any moment and goes on where it
stood; proofs lie in the folder as soon as they are found. With --follow it stays and audits each new checkpoint; one line, or
one JSON object, for each of them and for each finding. A bad answer is told and asked for again. It ends with status 3 as
soon as the log is convicted, and with a report at SIGINT or SIGTERM.";

/// Check a whole log, from its first entry to its newest checkpoint, and follow it.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    #[command(flatten)]
    audit: AuditArguments,
    #[command(flatten)]
    more: More,
}

/// What only this task can be asked for.
#[derive(Args, Default)]
pub(crate) struct More {
    /// Stay, and audit each new checkpoint as it comes.
    #[arg(long, conflicts_with_all = ["texts", "compare_completeness"])]
    follow: bool,
    /// With --follow: seconds between two looks at the log, 1 to 86400.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) every: u64,
    /// Ask the log for the completeness of every provider, and compare it with what follows from the entries.
    #[arg(long)]
    pub(crate) compare_completeness: bool,
    /// Tell how long it took, and what share of it the signatures were.
    #[arg(long)]
    timings: bool,
}

/// What is done once a whole log was audited, and its report made; it gives the answer.
pub(crate) type Then<'a> = dyn FnMut(&mut Session, &Further, Answer) -> Result<Answer, Trouble> + 'a;

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Answer, Trouble> {
    let timings = arguments.more.timings;
    let started = Instant::now();
    audit_then(&arguments.audit, &arguments.more, json, &mut |session, _, answer| {
        Ok(match timings {
            true => crate::timings::tell(answer, &session.audit.spent, started.elapsed()),
            false => answer,
        })
    })
}

/// Audits a whole log, and then does something with what was read.
pub(crate) fn audit_then(
    arguments: &AuditArguments,
    more: &More,
    json: bool,
    then: &mut Then<'_>,
) -> Result<Answer, Trouble> {
    loop {
        // What an earlier run read under no signed root is forgotten once, and read again.
        if let Some(answer) = audit(arguments, more, json, then)? {
            return Ok(answer);
        }
    }
}

/// One audit; nothing if what it took over from a state has to be read again.
fn audit(
    arguments: &AuditArguments,
    more: &More,
    json: bool,
    then: &mut Then<'_>,
) -> Result<Option<Answer>, Trouble> {
    let policy = arguments.trust.policy()?;
    let on = day(arguments.on.as_deref())?;
    let meant = meant(arguments, &policy)?;
    let source = Source::new(&arguments.place);
    check_source(arguments, more, &source)?;
    let trouble = |error: &dyn std::fmt::Display| Trouble(format!("{}: {error}", arguments.place));
    let note = source.need("checkpoint", NOTE_LIMIT).map_err(|error| trouble(&error))?;
    let trusted = match open_newest(&policy, &note, &meant) {
        Ok(trusted) => trusted,
        Err(answer) => return Ok(Some(*answer)),
    };
    let newest = trusted.signed().clone();
    let mut session = match begin(arguments, policy, source, trusted) {
        Ok(session) => session,
        Err(answer) => return Ok(Some(*answer)),
    };
    let signals = more.follow.then(|| listen(session.stop.clone()));
    session.in_hand = read_old(arguments, &session)?;
    read_receipts(arguments, &mut session)?;
    if let Some(state) = &session.state {
        session.before.extend(state.seen().into_iter().map(|(_, seen)| seen));
        session.before.extend(state.anchored().map_err(|error| Trouble(error.to_string()))?);
    }
    // Two signed roots for one size are proof enough: nothing has to be asked of the log, which could refuse.
    let signed = [&session.in_hand[..], &session.before[..]].concat();
    if let Some(fork) = contradiction(&newest, &signed) {
        let evidence = Evidence::Fork(Box::new(fork));
        session.audit.found.convict(evidence.clone());
        return Ok(Some(session.audit.found.keeper.convict(&evidence)));
    }
    signed.into_iter().for_each(|old| session.audit.expect(old));
    let bar = progress_bar(newest.head().size().get());
    let progress = |done| bar.set_position(done);
    session.look_around();
    if let Err(stop) = session.resume(&progress) {
        return unusable(&session, &stop).map(Some);
    }
    let mut outcome = session.advance(&progress);
    session.hear_the_rest();
    bar.finish_and_clear();
    if session.must_begin_again() && !session.stop.load(Ordering::Relaxed) {
        return Ok(None);
    }
    if let Some(signals) = &signals {
        outcome = follow((arguments, more.every), &mut session, &meant, (json, signals), outcome);
    }
    if let Err(stop @ Stop::Malformed { .. }) = &outcome {
        session.audit.found.findings.add(Finding::whole("form", stop.to_string()));
    }
    session.list_uncompared();
    let accounts = accounts(&session.audit.registry, on);
    let further =
        look_further((arguments, more.compare_completeness), &mut session, &accounts, outcome, &progress);
    bar.finish_and_clear();
    if let Some(stop) = trouble_of(&session, &further) {
        return Err(trouble(stop));
    }
    let answer = report(&session, &further, on, accounts);
    then(&mut session, &further, answer).map(Some)
}

/// What ended the audit early, where nothing is known against the log, and not all of it is known.
fn trouble_of<'a>(session: &Session, further: &'a Further) -> Option<&'a Stop> {
    let found = &session.audit.found;
    let is_clean = found.evidence.is_empty() && found.findings.broken() == 0;
    further.stopped.as_ref().filter(|stop| is_clean && !matches!(stop, Stop::Interrupted))
}

/// A state that is damaged says nothing about the log; what is proved without it does.
fn unusable(session: &Session, stop: &Stop) -> Result<Answer, Trouble> {
    match session.audit.found.evidence.first() {
        Some(evidence) => Ok(session
            .audit
            .found
            .keeper
            .convict(evidence)
            .line(format!("the audit ended early: {stop}"))
            .member("stopped", stop.to_string())),
        None => Err(Trouble(stop.to_string())),
    }
}

fn report(session: &Session, further: &Further, on: Day, accounts: Vec<crate::owed::Account>) -> Answer {
    let doubles = session.audit.doubles(session.newest());
    Report { session, further, on, accounts, doubles }.answer()
}

/// The log that is meant: the only one of the policy, or the one that was named.
fn meant(arguments: &AuditArguments, policy: &Policy) -> Result<String, Trouble> {
    let mut names = policy.logs().iter().map(|log| log.key().name());
    match (&arguments.origin, names.next()) {
        (Some(origin), _) => Ok(origin.clone()),
        (None, Some(first)) if names.all(|name| name == first) => Ok(first.to_owned()),
        _ => Err(Trouble("the policy names several logs: say with --origin which one you mean".to_owned())),
    }
}

/// The newest checkpoint, if the policy trusts it and it is of the log that is meant.
pub(crate) fn open_newest(
    policy: &Policy,
    note: &[u8],
    meant: &str,
) -> Result<TrustedCheckpoint, Box<Answer>> {
    let trusted = policy.open(note).map_err(|error| Box::new(not_trusted(note, meant, &error)))?;
    let shown = trusted.signed().checkpoint().origin().as_str();
    if shown != meant {
        let sentence = format!("the checkpoint is of the log {shown}, and you mean {meant}");
        return Err(Box::new(Answer::new(Verdict::DoesNotHold, sentence)));
    }
    Ok(trusted)
}

/// An audit that has read nothing yet.
fn begin(
    arguments: &AuditArguments,
    policy: Policy,
    source: Source,
    newest: TrustedCheckpoint,
) -> Result<Session, Box<Answer>> {
    let (log, origin) = (newest.signed().log().clone(), newest.signed().checkpoint().origin().clone());
    let state = match &arguments.state {
        Some(folder) => {
            let every = Duration::from_secs(arguments.save_every);
            let state = AuditState::open(folder, &log, arguments.trust.digest()?, every);
            Some(state.map_err(|error| Box::new(error.into_answer()))?)
        }
        None => None,
    };
    let asks_witnesses = source.is_server() && !arguments.skip_witnesses;
    let places = Vantage::all(&arguments.also, &policy, asks_witnesses.then_some(&origin))?;
    let stop = Arc::default();
    let lookout = Lookout::new(places, Duration::from_secs(arguments.patience), Arc::clone(&stop));
    let keeper = arguments.evidence.keeper(state.as_ref().map(AuditState::folder));
    let bundles = Bundles::new(source, state.as_ref().map(AuditState::copy));
    let ticks = Ticks::new(policy, origin.clone(), arguments.late_after, now);
    let mut audit = Audit::new(log, origin, bundles, ticks);
    audit.found.keeper = keeper;
    let place = arguments.place.clone();
    Ok(Session::new(place, audit, state, SplitView::new(lookout), newest, stop))
}

/// Begins anew in the same session, as a new run would: what was read under no signed root is forgotten, and what a reader
/// kept is compared again.
pub(crate) fn begin_again(arguments: &AuditArguments, session: &mut Session) -> Result<(), Trouble> {
    let trouble = |error: &dyn std::fmt::Display| Trouble(error.to_string());
    let in_hand = read_old(arguments, session)?;
    let fresh = session.audit.anew();
    let before = std::mem::replace(&mut session.audit, fresh);
    session.in_hand = in_hand;
    if let Err(trouble) = read_receipts(arguments, session) {
        session.audit = before;
        return Err(trouble);
    }
    session.compared.clear();
    let mut older = [&session.in_hand[..], &session.before[..]].concat();
    if let Some(state) = &mut session.state {
        state.fall_back().map_err(|error| trouble(&error))?;
        state.copy().forget();
        older.extend(state.seen().into_iter().map(|(_, seen)| seen));
        older.extend(state.anchored().map_err(|error| trouble(&error))?);
    }
    older.into_iter().for_each(|old| session.audit.expect(old));
    session.resume(&|_| {}).map_err(|stop| trouble(&stop))?;
    (session.rejected, session.settled) = (false, None);
    Ok(())
}

/// What is said of a newest checkpoint that the policy does not trust.
fn not_trusted(note: &[u8], meant: &str, error: &TrustError) -> Answer {
    if let Err(error) = Note::parse(note) {
        // Nobody signed it: a page of another server, or of a network that wants to be signed in to.
        let sentence =
            format!("what is served as the newest checkpoint is no checkpoint: {error}. Is the URL right?");
        return Answer::new(Verdict::Trouble, sentence);
    }
    let answer = Answer::new(Verdict::DoesNotHold, format!("the newest checkpoint: {error}"));
    match other_log::served(note, meant, error) {
        Some(other) => answer.member("another_log", other.as_str()).line(other),
        None => answer,
    }
}

/// What is asked for can be had from there.
fn check_source(arguments: &AuditArguments, more: &More, source: &Source) -> Result<(), Trouble> {
    check_place(&arguments.place)?;
    arguments.also.iter().try_for_each(|place| check_other_place(place))?;
    if arguments.texts && !source.may_have_texts() {
        let place = &arguments.place;
        return Err(Trouble(format!("{place}: --texts: this folder has no addenda/; give the log's URL")));
    }
    if more.compare_completeness && !source.is_server() {
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
