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
    /// Requests that were sent once more because the answer said so (503).
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

enum Answer {
    Results(Vec<Value>),
    ComeBack,
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
        let (body, begun, mut attempts) = (batch(signed), Instant::now(), 0_u64);
        loop {
            let Some(address) = site.address().filter(|_| !site.is_over()) else {
                return Err("the soak ended before a batch was answered".to_owned());
            };
            attempts += 1;
            match self.post(&address.url, &body)? {
                Answer::Results(results) => return self.note(signed, &results, attempts),
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
                return Err(format!("no answer to a batch in {attempts} attempts and {PATIENCE:?}"));
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
            (200, Some(results)) => Ok(Answer::Results(results.clone())),
            (429 | 503, _) => Ok(Answer::ComeBack),
            _ => Err(format!("a batch was answered with {status}: {text:.2000}")),
        }
    }

    /// Takes down where each statement is.
    fn note(&mut self, signed: &[Signed], results: &[Value], attempts: u64) -> Result<(), String> {
        if results.len() != signed.len() {
            return Err(format!("{} results for {} statements", results.len(), signed.len()));
        }
        for (signed, result) in signed.iter().zip(results) {
            let is_duplicate = result["status"] == "duplicate";
            if !is_duplicate && result["status"] != "accepted" {
                return Err(format!("a statement was answered with {result}"));
            }
            if is_duplicate && attempts == 1 {
                return Err(format!("a duplicate of what was never sent before: {result}"));
            }
            if result["leaf_hash"] != signed.leaf_hash().to_hex().as_str() {
                return Err(format!("another leaf hash than {}: {result}", signed.leaf_hash()));
            }
            let index = result["index"].as_u64().ok_or_else(|| format!("no index: {result}"))?;
            self.figures.duplicates.fetch_add(u64::from(is_duplicate), Ordering::Relaxed);
            self.figures.published.fetch_max(index + 1, Ordering::Relaxed);
            self.told.push(Told::new(index, signed.leaf_hash()));
        }
        Ok(())
    }
}
