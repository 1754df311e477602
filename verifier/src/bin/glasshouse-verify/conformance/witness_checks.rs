//! A witness, asked for cosignatures on the made-up log, rightly and wrongly.

use std::time::{SystemTime, UNIX_EPOCH};

use glasshouse_verifier::cosignature::verify_cosignature;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::vkey::Vkey;

use super::report::Report;
use super::requests::{body, from_above, growth, malformed};
use super::rules;
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
    if !asking.accepts(report)? {
        // Whether it wrote the checkpoint down is not known, so nothing can be asked from where it stands.
        return Ok(());
    }
    asking.refuses_malformed(report)?;
    asking.refuses_strangers(report)?;
    asking.refuses_other_sizes(report)?;
    asking.refuses_proofs(report)?;
    asking.keeps_order(report)?;
    if asking.stands_where_it_stood(report)? {
        asking.races(report)?;
    }
    asking.is_monitored(monitoring, report)
}

/// Where the witness stands, 1 at least: told by a 409, or by a 200 to the first checkpoint ever.
fn learn_size(wire: &Wire, log: &TestLog, report: &mut Report) -> Result<Option<u64>, Trouble> {
    let reply = wire.post("add-checkpoint", &growth(log, 0, 1))?;
    let told = String::from_utf8_lossy(&reply.body).trim_end().parse::<u64>();
    let key = log.vkey().encode();
    let size = match (reply.status, told) {
        (200, _) => Ok(1),
        (409, Ok(0)) => Err("409 says that it stands at 0, and the request began there".to_owned()),
        (409, Ok(size)) if size > SIZE_MAX => {
            return Err(Trouble(format!(
                "the witness stands at {size} entries of the made-up log, more than are made up here; give another --test-origin"
            )));
        }
        (409, Ok(size)) => Ok(size),
        (409, Err(_)) => Err("409 without the size at which it stands".to_owned()),
        (404, _) => {
            return Err(Trouble(format!(
                "the witness does not know the made-up log (404); put it on its list, and ask again: {key}"
            )));
        }
        (status, _) => Err(format!("the status is {status}")),
    };
    report.check(rules::KNOWN, size.clone().map(drop));
    report.note(format!("the made-up log: {key}"));
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

    /// Whether it took the checkpoint.
    fn accepts(&mut self, report: &mut Report) -> Result<bool, Trouble> {
        let next = self.size + 3;
        let reply = self.post(&growth(self.log, self.size, next))?;
        let time = self.cosigned(&reply, next);
        let outcome = time.clone().map(drop);
        report.check(rules::COSIGNS, outcome);
        if reply.status != 200 {
            return Ok(false);
        }
        self.size = next;
        if let Ok(time) = time {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            let off = time.abs_diff(now);
            report
                .check(rules::TIME, (off <= CLOCK_SECONDS).then_some(()).ok_or(format!("it is {off} s off")));
        }
        let again = self.post(&growth(self.log, self.size, self.size))?;
        let outcome = self.cosigned(&again, self.size).map(drop);
        report.check(rules::AGAIN, outcome);
        Ok(true)
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
        report.check(rules::MALFORMED, outcome);
        let requests =
            [("an old size above the checkpoint's", from_above(self.log, self.size, self.size + 5))];
        let outcome = self.all_get(&[400], &requests)?;
        report.check(rules::OLD_SIZE, outcome);
        let long = vec![b'a'; LONG_BODY];
        // A server may also close the connection on a body that it does not want to read.
        let outcome = match self.post(&long) {
            Ok(reply) if (400..500).contains(&reply.status) => Ok(()),
            Ok(reply) => Err(format!("the status is {}", reply.status)),
            Err(_) => Ok(()),
        };
        report.check(rules::LONG, outcome);
        let get = self.wire.plain("add-checkpoint")?.status;
        report.check(
            rules::METHOD,
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
            report.check(rules::UNKNOWN_LOG, outcome);
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
        report.check(rules::FORGED, outcome);
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
        report.check(rules::CONFLICT, outcome);
        let reply = self.post(&body(&size.to_string(), &[], &self.log.note(size, History::Forked)))?;
        let refused = matches!(reply.status, 409 | 422);
        report.check(rules::FORK, refused.then_some(()).ok_or(format!("the status is {}", reply.status)));
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
        report.check(rules::PROOF, outcome);
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
        report.check(rules::ORDER, outcome);
        Ok(())
    }

    fn stands_where_it_stood(&self, report: &mut Report) -> Result<bool, Trouble> {
        let reply = self.post(&growth(self.log, self.size, self.size))?;
        let outcome = self.cosigned(&reply, self.size).map(drop);
        Ok(report.check(rules::UNMOVED, outcome))
    }

    /// Two different checkpoints at once, both from where the witness stands: one of them at most, and there it stands then.
    fn races(&self, report: &mut Report) -> Result<(), Trouble> {
        let (one, other) = (self.size + 7, self.size + 9);
        let bodies = [growth(self.log, self.size, one), growth(self.log, self.size, other)];
        let (first, second) = std::thread::scope(|scope| {
            let first = scope.spawn(|| self.post(&bodies[0]));
            let second = self.post(&bodies[1]);
            (first.join(), second)
        });
        let first = first.map_err(|_| Trouble("a request of the race failed".to_owned()))??;
        let cosigned = match (first.status, second?.status) {
            (200, 409) => Ok(one),
            (409, 200) => Ok(other),
            (first, second) => Err(format!("the statuses are {first} and {second}")),
        };
        let outcome = match cosigned {
            Ok(size) => self.cosigned(&self.post(&growth(self.log, size, size))?, size).map(drop),
            Err(why) => Err(why),
        };
        report.check(rules::RACE, outcome);
        Ok(())
    }

    fn is_monitored(&self, monitoring: &Wire, report: &mut Report) -> Result<(), Trouble> {
        let path = |origin: &str| format!("{}/checkpoint", Digest::of(origin.as_bytes()).to_hex());
        let reply = monitoring.plain(&path(self.log.origin().as_str()))?;
        let read = || {
            let note = Note::parse(&reply.body).map_err(|error| error.to_string())?;
            note.clone().verify(std::slice::from_ref(self.log.vkey())).map_err(|error| error.to_string())?;
            verify_cosignature(&note, self.witness).map_err(|error| error.to_string()).map(drop)
        };
        let outcome =
            if reply.status == 200 { read() } else { Err(format!("the status is {}", reply.status)) };
        report.check(rules::MONITORING, outcome);
        let strange = monitoring.plain(&path("conformance.invalid/never-seen"))?.status;
        report.check(
            rules::MONITORING_UNKNOWN,
            (strange == 404).then_some(()).ok_or(format!("the status is {strange}")),
        );
        Ok(())
    }
}

/// Another hash.
fn changed(hash: &glasshouse_verifier::hash::NodeHash) -> glasshouse_verifier::hash::NodeHash {
    glasshouse_verifier::hash::NodeHash::join(hash, hash)
}
