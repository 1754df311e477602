//! One witness's thread: asks for a cosignature, learns the witness's size from its 409, and tries again later what failed.

use std::time::{Duration, Instant};

use glasshouse_ledger::witnessing::ToWitness;
use glasshouse_verifier::note::SignatureLine;
use glasshouse_verifier::policy::PolicyWitness;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::vkey::Vkey;

use super::Office;
use super::board::Outcome;
use super::desk::Desk;
use super::endpoint::{Answer, Endpoint};
use super::heard::{Heard, What};
use super::wire::{encode_request, parse_size};

/// So often a witness may answer one tree with another size of its own before it is left alone for a while. One answer is
/// enough to catch up; a second may come of somebody else's request between.
const CATCH_UPS_MAX: usize = 3;
/// Longest pause before a witness that failed is asked again. A ledger that waits for its quorum goes on within this time
/// after the witness came back.
const PAUSE_MAX: Duration = Duration::from_secs(15);
/// So many characters of a failure are shown.
const REASON_MAX: usize = 200;

/// What the thread knows.
pub(crate) struct Asker {
    at: usize,
    name: String,
    key: Vkey,
    endpoint: Endpoint,
    first_pause: Duration,
    office: Office,
    /// The size up to which the witness has signed, as far as we know.
    known: TreeSize,
}

/// Why there is no cosignature.
struct Failure {
    outcome: Outcome,
    reason: String,
    pause: Option<Duration>,
}

impl Failure {
    fn new(outcome: Outcome, reason: impl Into<String>) -> Failure {
        Failure { outcome, reason: reason.into(), pause: None }
    }
}

impl Asker {
    pub(crate) fn new(
        at: usize,
        witness: &PolicyWitness,
        endpoint: Endpoint,
        first_pause: Duration,
        office: Office,
    ) -> Asker {
        let (name, key) = (witness.name().to_owned(), witness.key().clone());
        Asker { at, name, key, endpoint, first_pause, office, known: TreeSize::ZERO }
    }

    /// Asks until the desk is closed.
    pub(crate) fn run(mut self, desk: &Desk) {
        let (mut done, mut pause, mut not_before) = (0, self.first_pause, None);
        while let Some(wanted) = desk.wait(done, not_before) {
            let asked = Instant::now();
            let result = self.ask(&wanted.tree);
            let took = asked.elapsed();
            let outcome = match &result {
                Ok(_) => Outcome::Cosigned,
                Err(failure) => failure.outcome,
            };
            self.office.measure.witness(&self.name, outcome.as_str(), took);
            match result {
                Ok(line) => {
                    self.office.board.cosigned(self.at, wanted.tree.head().size().get(), self.now_ms());
                    self.tell(What::cosigned(&wanted.tree, line));
                    (done, pause, not_before) = (wanted.number, self.first_pause, None);
                }
                Err(failure) => {
                    self.note(&failure);
                    let rest = failure.pause.unwrap_or(pause).min(PAUSE_MAX);
                    not_before = Some(Instant::now() + rest);
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }

    fn now_ms(&self) -> u64 {
        self.office.clock.now_ms()
    }

    fn tell(&self, what: What) {
        // A writer's thread that is gone needs nothing any more.
        let _ = self.office.tell.send(Heard { witness: self.name.clone(), what });
        (self.office.wake)();
    }

    fn note(&self, failure: &Failure) {
        let reason: String = failure.reason.chars().take(REASON_MAX).collect();
        let is_new = self.office.board.failed(self.at, &reason, self.now_ms());
        let (witness, outcome) = (self.name.as_str(), failure.outcome.as_str());
        if failure.outcome.is_alarm() {
            tracing::error!(witness, outcome, reason, "a witness refuses this log's checkpoint");
        } else if is_new {
            tracing::warn!(witness, outcome, reason, "a witness did not sign");
        }
    }

    /// One tree's way to its line.
    fn ask(&mut self, tree: &ToWitness) -> Result<SignatureLine, Failure> {
        for _ in 0..CATCH_UPS_MAX {
            let size = tree.head().size();
            let old = self.known.min(size);
            let proof = tree
                .prove_from(old)
                .map_err(|error| Failure::new(Outcome::Failed, format!("no proof from its size: {error}")))?;
            let answer = self.endpoint.add_checkpoint(&encode_request(old, &proof, &tree.note_text()));
            let answer = answer.map_err(|reason| Failure::new(Outcome::Failed, reason))?;
            if answer.status != 409 {
                return self.judge(tree, &answer);
            }
            let Some(theirs) = parse_size(&answer.body) else {
                return Err(Failure::new(Outcome::Conflict, "it answered 409, and not with a size"));
            };
            if theirs == old {
                let reason = format!("it answered 409 with the size {old} that it was asked from");
                return Err(Failure::new(Outcome::Conflict, reason));
            }
            if theirs > size {
                let reason =
                    format!("it answered 409: it has signed a tree of size {theirs}, and ours has {size}");
                return Err(self.contradicted(reason));
            }
            self.known = theirs;
        }
        let reason = format!("it answered 409 {CATCH_UPS_MAX} times, each with another size");
        Err(Failure::new(Outcome::Conflict, reason))
    }

    /// What an answer other than 409 says.
    fn judge(&mut self, tree: &ToWitness, answer: &Answer) -> Result<SignatureLine, Failure> {
        let status = answer.status;
        match status {
            200 => match tree.find_line(&self.key, &answer.body) {
                Ok(line) => {
                    self.known = tree.head().size();
                    Ok(line)
                }
                Err(error) => Err(Failure::new(Outcome::Garbage, error.to_string())),
            },
            // The log's key or the log is not known there, or our bytes do not please it: its operator has to say.
            400 | 403 | 404 => Err(Failure::new(Outcome::Refused, format!("it answered {status}"))),
            422 => Err(self.contradicted("it answered 422: to it the proof does not hold".to_owned())),
            _ => {
                let pause = answer.retry_after;
                Err(Failure { pause, ..Failure::new(Outcome::Failed, format!("it answered {status}")) })
            }
        }
    }

    /// The witness says that we contradict it. That is an alarm and no more; only bytes with our own signature are evidence,
    /// so it is asked for them, and the writer judges.
    fn contradicted(&self, reason: String) -> Failure {
        match self.endpoint.checkpoint() {
            Ok(shown) if shown.status == 200 => {
                self.tell(What::Shows(shown.body));
                Failure::new(Outcome::Conflict, reason)
            }
            Ok(other) => {
                let status = other.status;
                Failure::new(Outcome::Conflict, format!("{reason}, and shows nothing ({status})"))
            }
            Err(error) => Failure::new(Outcome::Conflict, format!("{reason}, and shows nothing ({error})")),
        }
    }
}
