//! Following a log: each new checkpoint is audited as it comes, until the log is convicted or a signal ends it.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::audit::Stop;
use crate::audit_arguments::AuditArguments;
use crate::finding::Finding;
use crate::log::{begin_again, open_newest};
use crate::plural::counted;
use crate::printable;
use crate::session::Session;
use crate::source::NOTE_LIMIT;

/// The longest pause after bad answers, in seconds.
const LONGEST_PAUSE: u64 = 3_600;

/// So often a pause is doubled at most: 3,600 times one second are reached before.
const MOST_DOUBLINGS: u32 = 12;

/// The widest line, in columns: the words of a finding are shorter (`DETAIL_MAX` in finding.rs), and so is a path with what is wrong
/// there.
const LINE_MAX: usize = 8_000;

/// Prints what happens, a line each.
struct Teller {
    json: bool,
    /// Findings that were told.
    told: Vec<Finding>,
    /// What was odd the last time.
    odd: Vec<String>,
    trouble: Option<String>,
}

/// Hears signals from then on: the flag is set, and the receiver told.
pub(crate) fn listen(stop: Arc<AtomicBool>) -> Receiver<()> {
    let (send, receive) = channel();
    if let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) {
        std::thread::spawn(move || {
            for _ in signals.forever() {
                stop.store(true, Ordering::Relaxed);
                if send.send(()).is_err() {
                    return;
                }
            }
        });
    }
    receive
}

/// What one look found.
enum Look {
    /// A checkpoint was audited.
    Audited(Result<(), Stop>),
    /// Nothing is new, or the log shows less than before.
    Nothing,
    /// No checkpoint that counts was to be had.
    Trouble(String),
}

/// Looks again and again, after a first audit that ended like this. One bad answer says little about a log: it is told, and
/// asked for again. What ends it well is a signal.
pub(crate) fn follow(
    (arguments, every): (&AuditArguments, u64),
    session: &mut Session,
    meant: &str,
    (json, signals): (bool, &Receiver<()>),
    first: Result<(), Stop>,
) -> Result<(), Stop> {
    let mut teller = Teller { json, told: Vec::new(), odd: Vec::new(), trouble: None };
    let (mut look_found, mut last, mut bad) = (Look::Audited(first), Ok(()), 0);
    loop {
        match look_found {
            Look::Audited(ended) => {
                last = ended;
                bad = if session.rejected { bad + 1 } else { 0 };
                teller.audited(session, &last);
            }
            Look::Nothing => teller.trouble = None,
            Look::Trouble(why) => teller.trouble(why),
        }
        teller.findings(session);
        teller.odd(session);
        let for_good = matches!(last, Err(Stop::Interrupted | Stop::State(_) | Stop::ReaderStopped));
        if for_good || !session.audit.found.evidence.is_empty() {
            return last;
        }
        match signals.recv_timeout(pause(every, bad)) {
            Err(RecvTimeoutError::Timeout) => {}
            // A signal; or nobody listens for one, and nothing could end this.
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return end(arguments, session, last),
        }
        look_found = look(arguments, session, meant);
    }
}

/// How long to wait. Where so many audits in a row read what is not under the signed root, longer and longer: without a state
/// the whole log is read again.
fn pause(every: u64, bad: u32) -> Duration {
    let longer = every.saturating_mul(1 << bad.saturating_sub(1).min(MOST_DOUBLINGS));
    Duration::from_secs(longer.min(LONGEST_PAUSE.max(every)))
}

/// A signal came after an audit that ended like this. What was not read for want of an answer was not looked at, and what would
/// be read again before anybody is blamed is left out.
fn end(arguments: &AuditArguments, session: &mut Session, last: Result<(), Stop>) -> Result<(), Stop> {
    if session.must_begin_again() && begin_again(arguments, session).is_ok() {
        return Err(Stop::Interrupted);
    }
    match last {
        Err(Stop::Source(_)) => Err(Stop::Interrupted),
        last => last,
    }
}

/// One look. Where the last audit did not come to its end, it goes on; where what it read does not have the root that was
/// signed, it begins anew.
fn look(arguments: &AuditArguments, session: &mut Session, meant: &str) -> Look {
    let note = match session.audit.bundles.source().need("checkpoint", NOTE_LIMIT) {
        Ok(note) => note,
        Err(error) => return Look::Trouble(error.to_string()),
    };
    let trusted = match open_newest(session.audit.ticks.policy(), &note, meant) {
        Ok(trusted) => trusted,
        Err(answer) => return Look::Trouble(format!("checkpoint: {}", answer.sentence())),
    };
    let (before, now) = (session.newest().clone(), trusted.signed().clone());
    if session.rejected
        && let Err(trouble) = begin_again(arguments, session)
    {
        return Look::Trouble(trouble.to_string());
    }
    if now.head() != before.head() {
        if now.head().size() <= before.head().size() {
            session.shrank(&before, &now);
            return Look::Nothing;
        }
        session.newest = trusted;
    }
    session.look_around();
    if session.is_settled() {
        session.audit.compare_older(&now);
        return Look::Nothing;
    }
    Look::Audited(session.advance(&|_| {}))
}

impl Teller {
    fn say(&self, words: &str, object: &Value) {
        let mut out = std::io::stdout();
        // Nobody listens any more if this fails; the state and the exit status still tell.
        let _ = writeln!(out, "{}", self.line(words, object));
        let _ = out.flush();
    }

    /// One line: nothing in it moves a terminal's cursor or turns the direction of writing, whoever said it.
    fn line(&self, words: &str, object: &Value) -> String {
        if self.json { printable::json(&object.to_string()) } else { printable::line(words, LINE_MAX) }
    }

    /// An audit, or what kept it from its end.
    fn audited(&mut self, session: &Session, ended: &Result<(), Stop>) {
        match ended {
            Err(stop) => self.trouble(stop.to_string()),
            Ok(()) => {
                self.checkpoint(session);
                self.trouble = None;
                if session.rejected && session.audit.found.evidence.is_empty() {
                    self.trouble(
                        "the entries that were served do not have the root that was signed".to_owned(),
                    );
                }
            }
        }
    }

    fn checkpoint(&self, session: &Session) {
        let (head, findings) = (session.newest().head(), &session.audit.found.findings);
        let (size, broken) = (head.size(), findings.broken());
        self.say(
            &format!(
                "checkpoint of {}, root {}: {} not hold so far",
                counted(size.get(), "entry", "entries"),
                head.root(),
                counted(broken, "thing does", "things do")
            ),
            &json!({"event": "checkpoint", "size": size.get(), "root": head.root().to_hex(),
                "witnesses": session.newest.witnesses().len(), "broken": broken}),
        );
    }

    fn findings(&mut self, session: &Session) {
        let listed = session.audit.found.findings.listed();
        for Finding { index, rule, detail, .. } in listed.iter().filter(|one| !self.told.contains(one)) {
            let place = index.map_or_else(|| "the log".to_owned(), |index| format!("entry {index}"));
            self.say(
                &format!("{place}: {rule}: {detail}"),
                &json!({"event": "finding", "index": index, "rule": rule, "detail": detail}),
            );
        }
        self.told = listed.to_vec();
    }

    fn odd(&mut self, session: &Session) {
        for line in session.odd_lines().filter(|line| !self.odd.contains(line)) {
            self.say(&format!("odd: {line}"), &json!({"event": "odd", "detail": line}));
        }
        self.odd = session.odd_lines().cloned().collect();
    }

    /// Told once as long as it is the same.
    fn trouble(&mut self, why: String) {
        if self.trouble.as_ref() != Some(&why) {
            self.say(
                &format!("trouble: {why}; it is tried again"),
                &json!({"event": "trouble", "detail": why}),
            );
        }
        self.trouble = Some(why);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn what_a_log_says_stays_a_line() {
        let hostile = "payload: /sub: \u{202e}\u{2066}gnol\u{1b}[2J\ncheckpoint of 9 entries";
        let object = json!({"event": "finding", "detail": hostile});
        for json in [false, true] {
            let teller = Teller { json, told: Vec::new(), odd: Vec::new(), trouble: None };
            let line = teller.line(hostile, &object);
            assert!(!line.contains(['\u{202e}', '\u{2066}', '\u{1b}', '\n']), "{line:?}");
            if json {
                assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), object);
            } else {
                assert!(line.starts_with("payload: /sub: \u{fffd}\u{fffd}gnol"), "{line:?}");
            }
        }
    }
}
