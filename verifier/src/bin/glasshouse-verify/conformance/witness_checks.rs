//! A witness, asked for cosignatures on the made-up log, rightly and wrongly.

use std::time::{SystemTime, UNIX_EPOCH};

use glasshouse_verifier::cosignature::verify_cosignature;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::vkey::Vkey;

use super::report::{Demand, Report};
use super::requests::{body, growth, malformed};
use super::test_log::{History, TestLog, proof};
use super::wire::{Reply, Wire};
use crate::answer::Trouble;

/// The made-up log is hashed anew for each request, so it should stay small.
const SIZE_MAX: u64 = 1 << 16;

/// So far may the witness's clock be from ours.
const CLOCK_SECONDS: u64 = 600;

/// A body that no witness needs to read to its end: two mebibytes.
const LONG_BODY: usize = 2 << 20;

/// What all checks work with.
struct Asking<'a> {
    wire: &'a Wire,
    log: &'a TestLog,
    witness: &'a Vkey,
    /// The size that the witness cosigned last.
    size: u64,
}

/// Asks, and judges the answers.
pub(crate) fn run(
    wire: &Wire,
    monitoring: &Wire,
    log: &TestLog,
    witness: &Vkey,
    report: &mut Report,
) -> Result<(), Trouble> {
    let Some(size) = learn_size(wire, log, report)? else { return Ok(()) };
    let mut asking = Asking { wire, log, witness, size };
    asking.accepts(report)?;
    asking.refuses_malformed(report)?;
    asking.refuses_strangers(report)?;
    asking.refuses_other_sizes(report)?;
    asking.refuses_proofs(report)?;
    asking.keeps_order(report)?;
    asking.races(report)?;
    asking.stands_where_it_stood(report)?;
    asking.is_monitored(monitoring, report)
}

const KNOWN: &str = "a log on its list is known to it (tlog-witness, add-checkpoint)";

/// Where the witness stands: told by a 409, or by a 200 to the first checkpoint ever.
fn learn_size(wire: &Wire, log: &TestLog, report: &mut Report) -> Result<Option<u64>, Trouble> {
    let reply = wire.post("add-checkpoint", &growth(log, 0, 1))?;
    let told = String::from_utf8_lossy(&reply.body).trim_end().parse::<u64>();
    let size = match (reply.status, told) {
        (200, _) => Ok(1),
        (409, Ok(size)) if size <= SIZE_MAX => Ok(size),
        (409, Ok(size)) => Err(format!("it stands at {size} entries; give another --test-origin")),
        (404, _) => {
            let key = log.vkey().encode();
            return Err(Trouble(format!(
                "the witness does not know the made-up log (404); put it on its list, and ask again: {key}"
            )));
        }
        (status, _) => Err(format!("the status is {status}")),
    };
    let outcome = size.clone().map(drop);
    report.check(Demand::Must, "witness.known", KNOWN, outcome);
    report.note(format!("the made-up log: {}", log.vkey().encode()));
    Ok(size.ok())
}

impl Asking<'_> {
    fn post(&self, bytes: &[u8]) -> Result<Reply, Trouble> {
        self.wire.post("add-checkpoint", bytes)
    }

    /// The cosignature in an answer, on the checkpoint of this size.
    fn cosigned(&self, reply: &Reply, size: u64) -> Result<u64, String> {
        if reply.status != 200 {
            return Err(format!("the status is {}", reply.status));
        }
        let lines = String::from_utf8(reply.body.clone()).map_err(|_| "the answer is no text".to_owned())?;
        let note = format!("{}\n{lines}", self.log.text(size, History::True));
        let note = Note::parse(note.as_bytes())
            .map_err(|error| format!("the answer below the checkpoint: {error}"))?;
        verify_cosignature(&note, self.witness).map_err(|error| error.to_string())
    }

    fn accepts(&mut self, report: &mut Report) -> Result<(), Trouble> {
        let next = self.size + 3;
        let reply = self.post(&growth(self.log, self.size, next))?;
        let time = self.cosigned(&reply, next);
        let outcome = time.clone().map(drop);
        report.check(Demand::Must, "witness.cosigns", "a consistent checkpoint is answered with 200 and the witness's cosignature (tlog-witness, add-checkpoint)", outcome);
        if reply.status == 200 {
            self.size = next;
        }
        if let Ok(time) = time {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            let off = time.abs_diff(now);
            report.check(
                Demand::Should,
                "witness.time",
                "the cosignature's time is now (tlog-cosignature)",
                (off <= CLOCK_SECONDS).then_some(()).ok_or(format!("it is {off} s off")),
            );
        }
        let again = self.post(&growth(self.log, self.size, self.size))?;
        let outcome = self.cosigned(&again, self.size).map(drop);
        report.check(
            Demand::Must,
            "witness.again",
            "the same checkpoint again is cosigned again (tlog-witness, add-checkpoint)",
            outcome,
        );
        Ok(())
    }

    /// Every one of these gets this status; the first that does not is told.
    fn all_get(&self, statuses: &[u16], requests: &[(&str, Vec<u8>)]) -> Result<Result<(), String>, Trouble> {
        for (what, bytes) in requests {
            let reply = self.post(bytes)?;
            if !statuses.contains(&reply.status) {
                return Ok(Err(format!("{what}: the status is {}", reply.status)));
            }
        }
        Ok(Ok(()))
    }

    fn refuses_malformed(&self, report: &mut Report) -> Result<(), Trouble> {
        let requests = malformed(self.log, self.size, self.size + 5);
        let outcome = self.all_get(&[400], &requests)?;
        report.check(
            Demand::Must,
            "witness.malformed",
            "a body that is none is 400 (tlog-witness, add-checkpoint)",
            outcome,
        );
        let long = vec![b'a'; LONG_BODY];
        // A server may also close the connection on a body that it does not want to read.
        let outcome = match self.post(&long) {
            Ok(reply) if (400..500).contains(&reply.status) => Ok(()),
            Ok(reply) => Err(format!("the status is {}", reply.status)),
            Err(_) => Ok(()),
        };
        report.check(Demand::Wish, "witness.long", "a body of two mebibytes is refused", outcome);
        let get = self.wire.plain("add-checkpoint")?.status;
        report.check(
            Demand::Wish,
            "witness.method",
            "add-checkpoint takes POST alone: 405 or 404 for GET",
            matches!(get, 404 | 405).then_some(()).ok_or(format!("the status is {get}")),
        );
        Ok(())
    }

    fn refuses_strangers(&self, report: &mut Report) -> Result<(), Trouble> {
        let next = self.size + 5;
        let unknown = Origin::parse(&format!("{}/unknown", self.log.origin()))
            .ok()
            .and_then(|origin| self.log.under(origin));
        if let Some(unknown) = &unknown {
            let outcome = self.all_get(&[404], &[("an unknown origin", growth(unknown, 0, next))])?;
            report.check(
                Demand::Must,
                "witness.unknown-log",
                "an origin that it does not know is 404 (tlog-witness, add-checkpoint)",
                outcome,
            );
        }
        let mut requests = vec![];
        if let Some(other) = self.log.with_another_key() {
            requests.push(("another key under the log's name", growth(&other, self.size, next)));
        }
        let other_text = self.log.note(next + 1, History::True);
        let line = other_text.split("\n\n").nth(1).unwrap_or_default();
        let forged = format!("{}\n{line}", self.log.text(next, History::True));
        requests.push((
            "the log's signature on another text",
            body(&self.size.to_string(), &proof(self.size, next, History::True), &forged),
        ));
        let outcome = self.all_get(&[403], &requests)?;
        report.check(
            Demand::Must,
            "witness.forged",
            "what no key of the log signed is 403 (tlog-witness, add-checkpoint)",
            outcome,
        );
        Ok(())
    }

    fn refuses_other_sizes(&self, report: &mut Report) -> Result<(), Trouble> {
        let (size, next) = (self.size, self.size + 5);
        let mut outcome = Ok(());
        for old in [0, size - 1, size + 1] {
            let reply = self.post(&growth(self.log, old, next))?;
            if reply.status != 409 || reply.body != format!("{size}\n").as_bytes() {
                outcome = Err(format!(
                    "from {old}: the status is {}, the body {:?}",
                    reply.status,
                    String::from_utf8_lossy(&reply.body).chars().take(40).collect::<String>()
                ));
            } else if reply.header("content-type") != "text/x.tlog.size" {
                outcome = Err(format!("from {old}: Content-Type is {:?}", reply.header("content-type")));
            }
        }
        report.check(
            Demand::Must,
            "witness.conflict",
            "another old size is 409 with the right one, as text/x.tlog.size (tlog-witness, add-checkpoint)",
            outcome,
        );
        let reply = self.post(&body(&size.to_string(), &[], &self.log.note(size, History::Forked)))?;
        let refused = matches!(reply.status, 409 | 422);
        report.check(Demand::Must, "witness.fork", "another root at the same size is refused: 422, or 409 by version 1.0 (tlog-witness, add-checkpoint)", refused.then_some(()).ok_or(format!("the status is {}", reply.status)));
        Ok(())
    }

    fn refuses_proofs(&self, report: &mut Report) -> Result<(), Trouble> {
        let (size, next) = (self.size, self.size + 5);
        let (right, old) = (proof(size, next, History::True), size.to_string());
        let note = self.log.note(next, History::True);
        let mut changed = right.clone();
        if let Some(first) = changed.first_mut() {
            *first = self::changed(first);
        }
        let mut longer = right.clone();
        longer.extend(right.first().copied());
        let shorter = right.get(1..).unwrap_or_default();
        let requests = vec![
            ("a hash changed", body(&old, &changed, &note)),
            ("a hash too few", body(&old, shorter, &note)),
            ("a hash too many", body(&old, &longer, &note)),
            ("no proof", body(&old, &[], &note)),
            (
                "another history, with its own proof",
                body(&old, &proof(size, next, History::Forked), &self.log.note(next, History::Forked)),
            ),
            ("a proof where none is needed", body(&old, &right, &self.log.note(size, History::True))),
        ];
        let outcome = self.all_get(&[422], &requests)?;
        report.check(
            Demand::Must,
            "witness.proof",
            "a proof that does not hold is 422 (tlog-witness, add-checkpoint)",
            outcome,
        );
        Ok(())
    }

    /// Where a request has two faults, the earlier check of the specification answers.
    fn keeps_order(&self, report: &mut Report) -> Result<(), Trouble> {
        let (size, next) = (self.size, self.size + 5);
        let wrong_proof = proof(size, next, History::Forked);
        let mut outcomes = vec![];
        if let Some(other) = self.log.with_another_key() {
            let request = body(&(size - 1).to_string(), &wrong_proof, &other.note(next, History::True));
            outcomes.push(
                self.all_get(&[403], &[("a strange key, another old size and a wrong proof", request)])?,
            );
        }
        let request = body(&(size - 1).to_string(), &wrong_proof, &self.log.note(next, History::True));
        outcomes.push(self.all_get(&[409], &[("another old size and a wrong proof", request)])?);
        let outcome = outcomes.into_iter().collect::<Result<(), String>>();
        report.check(
            Demand::Should,
            "witness.order",
            "signature before old size before proof, as the specification lists them",
            outcome,
        );
        Ok(())
    }

    /// Two different checkpoints at once, both from where the witness stands: one of them at most.
    fn races(&mut self, report: &mut Report) -> Result<(), Trouble> {
        let (one, other) = (self.size + 7, self.size + 9);
        let bodies = [growth(self.log, self.size, one), growth(self.log, self.size, other)];
        let asked = self as &Asking<'_>;
        let replies = std::thread::scope(|scope| {
            let first = scope.spawn(|| asked.post(&bodies[0]));
            let second = asked.post(&bodies[1]);
            (first.join(), second)
        });
        let (Ok(Ok(first)), Ok(second)) = replies else {
            return Err(Trouble("a request of the race failed".to_owned()));
        };
        let statuses = (first.status, second.status);
        let outcome = match statuses {
            (200, 409) => Ok(one),
            (409, 200) => Ok(other),
            _ => Err(format!("the statuses are {} and {}", statuses.0, statuses.1)),
        };
        let size = outcome.as_ref().ok().copied();
        report.check(Demand::Must, "witness.race", "of two checkpoints from one old size at once, one is cosigned and the other is 409 (tlog-witness, add-checkpoint)", outcome.map(drop));
        self.size = size.unwrap_or(self.size);
        Ok(())
    }

    fn stands_where_it_stood(&self, report: &mut Report) -> Result<(), Trouble> {
        let reply = self.post(&growth(self.log, self.size, self.size))?;
        let outcome = self.cosigned(&reply, self.size).map(drop);
        report.check(
            Demand::Must,
            "witness.unmoved",
            "after all refusals it stands where it stood (tlog-witness, add-checkpoint)",
            outcome,
        );
        Ok(())
    }

    fn is_monitored(&self, monitoring: &Wire, report: &mut Report) -> Result<(), Trouble> {
        let path = |origin: &str| format!("{}/checkpoint", Digest::of(origin.as_bytes()).to_hex());
        let reply = monitoring.plain(&path(self.log.origin().as_str()))?;
        let rule = "its newest cosigned checkpoint is served under the hash of the origin (tlog-witness, monitoring)";
        let read = || {
            let note = Note::parse(&reply.body).map_err(|error| error.to_string())?;
            note.clone().verify(std::slice::from_ref(self.log.vkey())).map_err(|error| error.to_string())?;
            verify_cosignature(&note, self.witness).map_err(|error| error.to_string()).map(drop)
        };
        let outcome =
            if reply.status == 200 { read() } else { Err(format!("the status is {}", reply.status)) };
        report.check(Demand::Should, "witness.monitoring", rule, outcome);
        let strange = monitoring.plain(&path("conformance.invalid/never-seen"))?.status;
        report.check(
            Demand::Should,
            "witness.monitoring-unknown",
            "what it never cosigned is 404 there (tlog-witness, monitoring)",
            (strange == 404).then_some(()).ok_or(format!("the status is {strange}")),
        );
        Ok(())
    }
}

/// Another hash.
fn changed(hash: &glasshouse_verifier::hash::NodeHash) -> glasshouse_verifier::hash::NodeHash {
    glasshouse_verifier::hash::NodeHash::join(hash, hash)
}
