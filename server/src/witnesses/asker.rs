//! One station's thread: asks for cosignatures, learns the witness's size from its 409, and tries again later what failed.

use std::time::{Duration, Instant};

use glasshouse_ledger::witnessing::ToWitness;
use glasshouse_verifier::note::SignatureLine;
use glasshouse_verifier::size::TreeSize;

use super::Office;
use super::board::Outcome;
use super::desk::Desk;
use super::endpoint::{Answer, Endpoint};
use super::heard::{Heard, What};
use super::station::{Member, Station};
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
    station: Station,
    endpoint: Endpoint,
    first_pause: Duration,
    office: Office,
    /// The size up to which the witness has signed, as far as we know.
    known: TreeSize,
}

/// What became of each of a station's members, in their order.
type Answers = Vec<Result<SignatureLine, Failure>>;

/// Why there is no cosignature.
#[derive(Debug, Clone)]
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
    pub(crate) fn new(station: Station, endpoint: Endpoint, first_pause: Duration, office: Office) -> Asker {
        Asker { station, endpoint, first_pause, office, known: TreeSize::ZERO }
    }

    /// Asks until the desk is closed.
    pub(crate) fn run(mut self, desk: &Desk) {
        let (mut done, mut pause, mut not_before) = (0, self.first_pause, None);
        while let Some(wanted) = desk.wait(done, not_before) {
            let asked = Instant::now();
            let answers = self.ask(&wanted.tree);
            let answers = answers.unwrap_or_else(|failure| vec![Err(failure); self.station.members.len()]);
            let took = asked.elapsed();
            for (member, answer) in self.station.members.iter().zip(&answers) {
                self.take(&wanted.tree, member, answer, took);
            }
            // Who gave one line of two is asked again for the other.
            match answers.iter().find_map(|answer| answer.as_ref().err()) {
                None => (done, pause, not_before) = (wanted.number, self.first_pause, None),
                Some(failure) => {
                    let rest = failure.pause.unwrap_or(pause).min(PAUSE_MAX);
                    not_before = Some(Instant::now() + rest);
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
    }

    /// Tells everybody what became of a question to one of the members.
    fn take(
        &self,
        tree: &ToWitness,
        member: &Member,
        answer: &Result<SignatureLine, Failure>,
        took: Duration,
    ) {
        let outcome = answer.as_ref().map_or_else(|failure| failure.outcome, |_| Outcome::Cosigned);
        self.office.measure.witness(&member.name, outcome.as_str(), took);
        match answer {
            Ok(line) => {
                self.office.board.cosigned(member.at, tree.head().size().get(), self.now_ms());
                self.tell(member.name.clone(), What::cosigned(tree, line.clone()));
            }
            Err(failure) => self.note(member, failure),
        }
    }

    fn now_ms(&self) -> u64 {
        self.office.clock.now_ms()
    }

    fn tell(&self, witness: String, what: What) {
        // A writer's thread that is gone needs nothing any more.
        let _ = self.office.tell.send(Heard { witness, what });
        (self.office.wake)();
    }

    fn note(&self, member: &Member, failure: &Failure) {
        let reason: String = failure.reason.chars().take(REASON_MAX).collect();
        let is_new = self.office.board.failed(member.at, &reason, self.now_ms());
        let (witness, outcome) = (member.name.as_str(), failure.outcome.as_str());
        if failure.outcome.is_alarm() {
            tracing::error!(witness, outcome, reason, "a witness refuses this log's checkpoint");
        } else if is_new {
            tracing::warn!(witness, outcome, reason, "a witness did not sign");
        }
    }

    /// One tree's way to its lines.
    fn ask(&mut self, tree: &ToWitness) -> Result<Answers, Failure> {
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
    fn judge(&mut self, tree: &ToWitness, answer: &Answer) -> Result<Answers, Failure> {
        let status = answer.status;
        match status {
            200 => {
                let find = |member: &Member| {
                    let line = tree.find_line(&member.key, &answer.body);
                    line.map_err(|error| Failure::new(Outcome::Garbage, error.to_string()))
                };
                let answers: Answers = self.station.members.iter().map(find).collect();
                if answers.iter().any(Result::is_ok) {
                    self.known = tree.head().size();
                }
                Ok(answers)
            }
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
                self.tell(self.station.names(), What::Shows(shown.body));
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
