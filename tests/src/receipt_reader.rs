//! A reader that asks for receipts and inclusion proofs of entries that it picks at random, and checks a share of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::inclusion::{InclusionProof, verify_inclusion};
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::vkey::Vkey;

use crate::follower::hashes_of;
use crate::mix::Dice;
use crate::read_error::ReadError;
use crate::reading_client::ReadingClient;
use crate::site::Site;

/// What such readers measured, all together.
#[derive(Debug, Default)]
pub struct ReceiptFigures {
    /// One receipt, from when it was due.
    pub receipts: crate::latency::Latency,
    /// One inclusion proof, from when it was due.
    pub proofs: crate::latency::Latency,
    /// How many of both were checked.
    pub checked: AtomicU64,
    /// How often the server was away.
    pub away: AtomicU64,
}

/// What such a reader trusts, and what it picks from.
#[derive(Debug, Clone)]
pub struct ReceiptSource {
    /// The ledger's own policy.
    pub policy: Policy,
    /// The log's key.
    pub log: Vkey,
    /// Entries below this index are published.
    pub published: Arc<AtomicU64>,
    /// One in so many answers is checked; the others are read and dropped.
    pub check_one_in: u64,
}

/// One such reader.
#[derive(Debug)]
pub struct ReceiptReader {
    client: ReadingClient,
    source: ReceiptSource,
    dice: Dice,
    asked: u64,
    figures: Arc<ReceiptFigures>,
}

impl ReceiptReader {
    /// One of several; each picks other entries.
    pub fn new(source: ReceiptSource, seed: u64, figures: Arc<ReceiptFigures>) -> ReceiptReader {
        ReceiptReader { client: ReadingClient::default(), source, dice: Dice::new(seed), asked: 0, figures }
    }

    /// Asks so many times a second until everything is over; a question that is due while another one is open waits, and
    /// its time runs on.
    ///
    /// # Errors
    /// What is wrong. That the server is away is waited out, and what was due meanwhile is not asked for.
    pub fn read(&mut self, site: &Site, rate: f64) -> Result<(), String> {
        let mut due = Instant::now();
        while site.pause_until(due) {
            let Some(address) = site.address() else { return Ok(()) };
            match self.ask(&address.url, due) {
                Ok(()) => due += Duration::from_secs_f64(1.0 / rate),
                Err(ReadError::Away(_)) => {
                    self.figures.away.fetch_add(1, Ordering::Relaxed);
                    site.await_next(address.life, Duration::from_millis(200));
                    due = Instant::now();
                }
                Err(wrong @ ReadError::Wrong(_)) => return Err(wrong.to_string()),
            }
        }
        Ok(())
    }

    /// Asks for one entry: for its receipt and for its proof in turn.
    fn ask(&mut self, url: &str, due: Instant) -> Result<(), ReadError> {
        let published = self.source.published.load(Ordering::Relaxed).max(1);
        let index = self.dice.roll(published);
        let checks = (self.asked / 2).is_multiple_of(self.source.check_one_in.max(1));
        self.asked += 1;
        match self.asked % 2 {
            0 => self.proof(url, index, due, checks)?,
            _ => self.receipt(url, index, due, checks)?,
        }
        self.figures.checked.fetch_add(u64::from(checks), Ordering::Relaxed);
        Ok(())
    }

    fn receipt(&self, url: &str, index: u64, due: Instant, checks: bool) -> Result<(), ReadError> {
        let bytes = self.client.get(&format!("{url}/api/v1/receipts/{index}"))?;
        self.figures.receipts.record(due);
        if !checks {
            return Ok(());
        }
        let receipt = Receipt::parse(&bytes).map_err(ReadError::wrong)?;
        let proved = receipt.verify(&self.source.policy).map_err(ReadError::wrong)?;
        match proved.index().get() == index {
            true => Ok(()),
            false => {
                Err(ReadError::wrong(format!("the receipt of entry {} for that of {index}", proved.index())))
            }
        }
    }

    fn proof(&self, url: &str, index: u64, due: Instant, checks: bool) -> Result<(), ReadError> {
        let answer = self.client.json(&format!("{url}/api/v1/proofs/inclusion?index={index}"))?;
        self.figures.proofs.record(due);
        if !checks {
            return Ok(());
        }
        let text = |name: &str| answer[name].as_str().unwrap_or_default();
        let opened = SignedCheckpoint::open(text("checkpoint").as_bytes(), &self.source.log);
        let head = *opened.map_err(ReadError::wrong)?.head();
        let leaf = LeafHash::from_hex(text("leaf_hash")).map_err(ReadError::wrong)?;
        let proof = InclusionProof::new(hashes_of(&answer["hashes"])?).map_err(ReadError::wrong)?;
        let index = LeafIndex::new(index).map_err(ReadError::wrong)?;
        verify_inclusion(&leaf, index, &head, &proof).map_err(ReadError::wrong)
    }
}
