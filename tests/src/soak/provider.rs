//! A provider who sends at a steady pace, and sends the same again until it is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use glasshouse_ledger::author::Signed;
use serde_json::Value;

use super::exactly_once::Told;
use crate::latency::Latency;
use crate::load::arguments::Mix;
use crate::load::bodies::sign_next;
use crate::site::Site;
use crate::workload::{Publisher, batch};

/// Time after which a batch that nobody answers fails the soak.
const PATIENCE: Duration = Duration::from_secs(300);
/// Time for one answer: more than a server takes that will answer.
const ANSWER: Duration = Duration::from_secs(60);
/// Between two attempts while the same server lives that did not answer.
const AGAIN: Duration = Duration::from_millis(200);

/// What all providers counted together.
#[derive(Debug, Default)]
pub struct SendFigures {
    /// From due to answered, of statements; those that waited for a killed server too.
    pub answered: Latency,
    /// Requests that were sent once more because there was no answer.
    pub broken: AtomicU64,
    /// Requests that were sent once more, in whole or in part, because the answer said so (503).
    pub told_to_come_back: AtomicU64,
    /// Statements that were on record when they were sent again.
    pub duplicates: AtomicU64,
    /// Entries below this index are published.
    pub published: Arc<AtomicU64>,
}

/// One provider.
#[derive(Debug)]
pub struct SoakProvider {
    publisher: Publisher,
    seed: u64,
    mix: Mix,
    agent: ureq::Agent,
    told: Vec<Told>,
    figures: Arc<SendFigures>,
}

/// When to send.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The first request is due.
    pub first: Instant,
    /// From one to the next.
    pub interval: Duration,
    /// Nothing is begun behind this.
    pub until: Instant,
    /// Statements in one request.
    pub batch: u64,
}

/// What is still to be told of a batch.
struct Open {
    /// The places of statements without an answer that stands.
    items: Vec<usize>,
    /// The answers that stand, by place.
    told: Vec<Option<Told>>,
    /// How often it was sent.
    attempts: u64,
}

/// What became of one request.
enum Answer {
    /// A result for each statement.
    Results(Vec<Value>),
    /// Nothing was taken; later.
    ComeBack,
    /// Nobody knows.
    Broken,
}

impl SoakProvider {
    /// A provider that was enrolled and has sent nothing.
    pub fn new(publisher: Publisher, seed: u64, mix: Mix, figures: Arc<SendFigures>) -> SoakProvider {
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(ANSWER)).build();
        SoakProvider { publisher, seed, mix, agent: config.new_agent(), told: Vec::new(), figures }
    }

    /// Sends until the end of the pace; all that was begun is answered then.
    ///
    /// # Errors
    /// An answer that an honest ledger does not give, or none for five minutes.
    pub fn send(&mut self, site: &Site, pace: Pace) -> Result<(), String> {
        let mut due = pace.first;
        while due < pace.until && Instant::now() < pace.until && site.pause_until(due) {
            let signed: Vec<Signed> =
                (0..pace.batch).map(|_| sign_next(&mut self.publisher, self.seed, self.mix)).collect();
            self.deliver(site, &signed)?;
            self.figures.answered.record_many(due.elapsed(), pace.batch);
            due += pace.interval;
        }
        Ok(())
    }

    /// Who this is, and what it was told of each number from 1.
    pub fn into_told(self) -> (String, Vec<Told>) {
        (self.publisher.author().issuer().to_string(), self.told)
    }

    fn deliver(&mut self, site: &Site, signed: &[Signed]) -> Result<(), String> {
        let mut open =
            Open { items: (0..signed.len()).collect(), told: vec![None; signed.len()], attempts: 0 };
        let (mut body, begun) = (batch(signed), Instant::now());
        loop {
            let Some(address) = site.address().filter(|_| !site.is_over()) else {
                return Err("the soak ended before a batch was answered".to_owned());
            };
            open.attempts += 1;
            let under_way = site.begin_request();
            let answer = self.post(&address.url, &body)?;
            drop(under_way);
            match answer {
                Answer::Results(results) => {
                    self.note(signed, &results, &mut open)?;
                    if open.items.is_empty() {
                        self.told.extend(open.told.into_iter().flatten());
                        return Ok(());
                    }
                    // Behind a start some may have to wait until the look-ups are built that know them again.
                    body = batch(open.items.iter().map(|at| &signed[*at]));
                    self.figures.told_to_come_back.fetch_add(1, Ordering::Relaxed);
                    site.await_next(address.life, AGAIN);
                }
                Answer::Broken => {
                    self.figures.broken.fetch_add(1, Ordering::Relaxed);
                    site.await_next(address.life, AGAIN);
                }
                Answer::ComeBack => {
                    self.figures.told_to_come_back.fetch_add(1, Ordering::Relaxed);
                    site.await_next(address.life, Duration::from_secs(1));
                }
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("no answer to a batch in {} attempts and {PATIENCE:?}", open.attempts));
            }
        }
    }

    fn post(&self, url: &str, body: &[u8]) -> Result<Answer, String> {
        let request = self.agent.post(format!("{url}/api/v1/statements"));
        let Ok(mut answer) = request.header("Content-Type", "application/cbor").send(body) else {
            return Ok(Answer::Broken);
        };
        let status = answer.status().as_u16();
        let Ok(text) = answer.body_mut().read_to_string() else { return Ok(Answer::Broken) };
        let json: Option<Value> = serde_json::from_str(&text).ok();
        match (status, json.as_ref().and_then(|json| json["results"].as_array())) {
            (200 | 422, Some(results)) => Ok(Answer::Results(results.clone())),
            (429 | 503, _) => Ok(Answer::ComeBack),
            _ => Err(format!("a batch was answered with {status}: {text:.2000}")),
        }
    }

    /// Takes down where each statement is; those that the ledger could not take yet stay open.
    fn note(&mut self, signed: &[Signed], results: &[Value], open: &mut Open) -> Result<(), String> {
        if results.len() != open.items.len() {
            return Err(format!("{} results for {} statements", results.len(), open.items.len()));
        }
        let mut left = Vec::new();
        for (at, result) in std::mem::take(&mut open.items).into_iter().zip(results) {
            let is_duplicate = result["status"] == "duplicate";
            if !is_duplicate && result["status"] != "accepted" {
                match result["problem"]["status"].as_u64() {
                    Some(429 | 503) => left.push(at),
                    _ => return Err(format!("a statement was answered with {result}")),
                }
                continue;
            }
            if is_duplicate && open.attempts == 1 {
                return Err(format!("a duplicate of what was never sent before: {result}"));
            }
            let leaf = signed[at].leaf_hash();
            if result["leaf_hash"] != leaf.to_hex().as_str() {
                return Err(format!("another leaf hash than {leaf}: {result}"));
            }
            let index = result["index"].as_u64().ok_or_else(|| format!("no index: {result}"))?;
            self.figures.duplicates.fetch_add(u64::from(is_duplicate), Ordering::Relaxed);
            self.figures.published.fetch_max(index + 1, Ordering::Relaxed);
            open.told[at] = Some(Told::new(index, leaf));
        }
        open.items = left;
        Ok(())
    }
}
