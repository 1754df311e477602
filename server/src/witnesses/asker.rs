//! One station's thread: asks for cosignatures, learns the witness's size from its 409, and tries again later what failed.

use std::time::{Duration, Instant};

use glasshouse_ledger::witness::add_request::AddRequest;
use glasshouse_ledger::witnessing::{NoCosignature, ToWitness};
use glasshouse_verifier::note::SignatureLine;
use glasshouse_verifier::size::TreeSize;

use super::Office;
use super::board::Outcome;
use super::desk::Desk;
use super::endpoint::{Answer, Endpoint};
use super::heard::{Heard, What};
use super::station::{Member, Station};
use super::wire::parse_size;

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

/// What became of each of a station's members, in their order: a line and when it came, in seconds since 1970.
type Answers = Vec<Result<(SignatureLine, u64), Failure>>;

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
            let answers = self.ask(&wanted.tree, desk);
            if desk.is_closed() {
                // Who would take it has ended, and the answer may be none because of that.
                return;
            }
            let answers = answers.unwrap_or_else(|failure| vec![Err(failure); self.station.members.len()]);
            let took = asked.elapsed();
            for (member, answer) in self.station.members.iter().zip(&answers) {
                self.take(&wanted.tree, member, answer, took);
            }
            // Who gave one line of two is asked again for the other.
            match answers.iter().find_map(|answer| answer.as_ref().err()) {
                None => (done, pause, not_before) = (wanted.number, self.first_pause, None),
                Some(failure) => {
                    // Nobody can ask to be asked without any pause.
                    let rest =
                        failure.pause.map_or(pause, |asked| asked.max(self.first_pause)).min(PAUSE_MAX);
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
        answer: &Result<(SignatureLine, u64), Failure>,
        took: Duration,
    ) {
        let outcome = answer.as_ref().map_or_else(|failure| failure.outcome, |_| Outcome::Cosigned);
        self.office.measure.witness(&member.name, outcome.as_str(), took);
        match answer {
            Ok((line, at)) => {
                if let Err(error) = self.office.acquaintances.remember(&member.key) {
                    tracing::warn!(witness = member.name, %error, "that this witness signs could not be written down");
                }
                self.office.board.cosigned(member.at, tree.head().size().get(), self.now_ms());
                self.tell(member.name.clone(), What::cosigned(tree, line.clone(), *at));
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
            tracing::error!(
                witness,
                outcome,
                reason,
                "a witness refuses this log's checkpoint, or its signature does not count"
            );
        } else if is_new {
            tracing::warn!(witness, outcome, reason, "a witness did not sign");
        }
    }

    /// One tree's way to its lines. Once the desk is closed no further request is made.
    fn ask(&mut self, tree: &ToWitness, desk: &Desk) -> Result<Answers, Failure> {
        for _ in 0..CATCH_UPS_MAX {
            let size = tree.head().size();
            let old = self.known.min(size);
            let proof = tree
                .prove_from(old)
                .map_err(|error| Failure::new(Outcome::Failed, format!("no proof from its size: {error}")))?;
            let answer =
                self.endpoint.add_checkpoint(&AddRequest::encode(old, proof.hashes(), &tree.note_text()));
            let answer = answer.map_err(|reason| Failure::new(Outcome::Failed, reason))?;
            if desk.is_closed() {
                return Err(Failure::new(Outcome::Failed, "the server ends"));
            }
            if answer.status != 409 {
                return self.judge(tree, &answer);
            }
            let Some(theirs) = parse_size(&answer.body) else {
                return Err(self.contradicted("it answered 409, and not with a size".to_owned()));
            };
            if theirs == old {
                // Before version 1.1 of the specification this is how another root of the same size is refused.
                let reason = format!("it answered 409 with the size {old} that it was asked from");
                return Err(self.contradicted(reason));
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
                let now = self.now_ms() / 1_000;
                let find = |member: &Member| match tree.find_line(&member.key, &answer.body, now) {
                    Ok(line) => Ok((line, now)),
                    Err(error @ NoCosignature::Clock(_)) => {
                        Err(Failure::new(Outcome::Clock, error.to_string()))
                    }
                    Err(error) => Err(Failure::new(Outcome::Garbage, error.to_string())),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::channel;

    use glasshouse_ledger::ledger::{InitOptions, Ledger, OpenOptions};
    use glasshouse_ledger::open::Hold;
    use glasshouse_ledger::witnessing::Publication;
    use glasshouse_verifier::origin::Origin;

    use super::*;
    use crate::measure::Measure;
    use crate::system_clock::SystemClock;
    use crate::witnesses::WitnessOptions;
    use crate::witnesses::acquaintances::Acquaintances;
    use crate::witnesses::board::Board;

    /// Reads a request, and answers 409 with a size.
    fn answer(stream: &mut BufReader<TcpStream>, size: u64) -> bool {
        let (mut line, mut length) = (String::new(), 0);
        while stream.read_line(&mut line).unwrap_or(0) > 0 && line != "\r\n" {
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        if line.is_empty() || stream.read_exact(&mut vec![0; length]).is_err() {
            return false;
        }
        let answer = format!("HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{size}\n");
        stream.get_mut().write_all(answer.as_bytes()).is_ok()
    }

    /// A stop waits for the request under way and not for those that would have followed it: each may take a whole time-out.
    #[test]
    fn a_thread_that_is_sent_home_makes_no_further_request() {
        let folder = tempfile::tempdir().unwrap();
        let origin = Origin::parse("log.example").unwrap();
        let (made, clock) = (folder.path().join("ledger"), Arc::new(SystemClock));
        let options = InitOptions {
            folder: made.clone(),
            origin: origin.clone(),
            registrar_key: folder.path().join("registrar.pem"),
            purpose: "test".to_owned(),
            policy: None,
            contact: None,
        };
        let log = Ledger::init(&options, clock.clone()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, vkey) = (listener.local_addr().unwrap(), log.encode());
        let witness = "witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";
        let policy = format!("log {vkey}\nwitness w1 {witness} http://{address}/\nquorum w1\n");
        let options = WitnessOptions::parse(&policy, &log, false).unwrap();
        let publication = Publication::Witnessed {
            policy: options.policy.clone(),
            require_quorum: false,
            shown: Vec::new(),
        };
        let (seen, hold) = (Vec::new(), Hold::NONE);
        let opened = Ledger::open(&OpenOptions {
            folder: made.clone(),
            clock: clock.clone(),
            seen,
            hold,
            publication,
        });
        let tree = opened.unwrap().writer.published_tree().unwrap();

        let (desk, stopped) = (Arc::new(Desk::default()), Arc::new(AtomicBool::new(false)));
        let (tell, _heard) = channel();
        let board = Arc::new(Board::new(&options, None));
        let measure = Arc::new(Measure::new().unwrap());
        let acquaintances = Arc::new(Acquaintances::read(&made, &log, &options.policy).unwrap());
        let office = Office { tell, wake: Arc::new(|| ()), board, acquaintances, measure, clock };
        let station = Station::all_of(&options.policy).remove(0);
        let endpoint = Endpoint::new(&station.url, origin.as_str(), Duration::from_secs(20));
        let asker = Asker::new(station, endpoint, Duration::from_millis(1), office);
        let witness = std::thread::spawn({
            let (desk, stopped) = (Arc::clone(&desk), Arc::clone(&stopped));
            move || {
                let mut answers = 0;
                while let (Ok((stream, _)), false) = (listener.accept(), stopped.load(Ordering::SeqCst)) {
                    let mut stream = BufReader::new(stream);
                    desk.close();
                    // Another size each time, so that it would be asked again.
                    while answer(&mut stream, 1 - answers % 2) {
                        answers += 1;
                    }
                }
                answers
            }
        });
        desk.put(tree);
        asker.run(&desk);
        stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(address).unwrap());
        assert_eq!(witness.join().unwrap(), 1);
    }
}
