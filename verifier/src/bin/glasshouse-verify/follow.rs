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
use crate::finding::Finding;
use crate::log::{Arguments, open_newest};
use crate::session::Session;
use crate::source::NOTE_LIMIT;

/// Prints what happens, a line each.
struct Teller {
    json: bool,
    /// Findings that were told.
    told: usize,
    /// What was odd the last time.
    odd: Vec<String>,
    trouble: Option<String>,
}

/// Looks again and again. Trouble with the network is told and tried again; what ends it well is a signal.
pub(crate) fn follow(
    arguments: &Arguments,
    session: &mut Session,
    meant: &str,
    json: bool,
) -> Result<(), Stop> {
    let signals = listen(session.stop.clone());
    let mut teller = Teller { json, told: 0, odd: Vec::new(), trouble: None };
    teller.checkpoint(session);
    loop {
        teller.findings(session);
        teller.odd(session);
        if !session.audit.found.evidence.is_empty() {
            return Ok(());
        }
        match signals.recv_timeout(Duration::from_secs(arguments.every)) {
            Err(RecvTimeoutError::Timeout) => {}
            // A signal; or nobody listens for one, and nothing could end this.
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        match look(session, meant) {
            Ok(true) => {
                teller.trouble = None;
                teller.checkpoint(session);
            }
            Ok(false) => teller.trouble = None,
            Err(Stop::Interrupted) => return Err(Stop::Interrupted),
            Err(stop @ (Stop::State(_) | Stop::ReaderStopped | Stop::Malformed { .. })) => return Err(stop),
            Err(Stop::Source(error)) => teller.trouble(error.to_string()),
        }
        if session.rejected {
            // What is served is not what was signed: told, and nothing can be built on it.
            teller.findings(session);
            return Ok(());
        }
    }
}

/// One look; whether the log has grown.
fn look(session: &mut Session, meant: &str) -> Result<bool, Stop> {
    let note = session.audit.bundles.source().need("checkpoint", NOTE_LIMIT)?;
    let trusted = match open_newest(session.audit.ticks.policy(), &note, meant) {
        Ok(trusted) => trusted,
        Err(answer) => {
            let why = answer.sentence().to_owned();
            return Err(Stop::Source(crate::source::SourceError::Unreadable {
                path: "checkpoint".to_owned(),
                why,
            }));
        }
    };
    let (before, now) = (session.newest().clone(), trusted.signed().clone());
    if now.head() == before.head() && !session.is_settled() {
        // The last time ended early.
        return session.advance(&|_| {}).map(|()| true);
    }
    if now.head() == before.head() {
        session.look_around();
        session.audit.compare_older(&now);
        return Ok(false);
    }
    if now.head().size() <= before.head().size() {
        session.shrank(&before, &now);
        return Ok(false);
    }
    session.newest = trusted;
    session.look_around();
    session.advance(&|_| {}).map(|()| true)
}

/// Sets the flag and wakes the waiting one.
fn listen(stop: Arc<AtomicBool>) -> Receiver<()> {
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

impl Teller {
    fn say(&self, words: &str, object: &Value) {
        let mut out = std::io::stdout();
        // Nobody listens any more if this fails; the state and the exit status still tell.
        let _ = if self.json { writeln!(out, "{object}") } else { writeln!(out, "{words}") };
        let _ = out.flush();
    }

    fn checkpoint(&self, session: &Session) {
        let (head, findings) = (session.newest().head(), &session.audit.found.findings);
        let (size, broken) = (head.size(), findings.broken());
        self.say(
            &format!(
                "checkpoint of {size} entries, root {}: {broken} things do not hold so far",
                head.root()
            ),
            &json!({"event": "checkpoint", "size": size.get(), "root": head.root().to_hex(),
                "witnesses": session.newest.witnesses().len(), "broken": broken}),
        );
    }

    fn findings(&mut self, session: &Session) {
        let listed = session.audit.found.findings.listed();
        for Finding { index, rule, detail, .. } in listed.iter().skip(self.told) {
            let place = index.map_or_else(|| "the log".to_owned(), |index| format!("entry {index}"));
            self.say(
                &format!("{place}: {rule}: {detail}"),
                &json!({"event": "finding", "index": index, "rule": rule, "detail": detail}),
            );
        }
        self.told = listed.len();
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
