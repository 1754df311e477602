//! Receipts: each is checked with the verifier against the key that the outbox is tied to before it is written.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::proved::Proved;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::statement::Statement;

use super::Receipts;
use super::contents::Contents;
use super::place_in_log::PlaceInLog;
use super::publisher::{PublishError, Publisher};
use super::record::{Numbered, OnRecord, Record};
use super::signer::SignError;
use crate::client::ClientError;
use crate::client::log::RemoteLog;

/// Receipts that are asked for at the same time. A log answers several readers at once; more would only press it.
const AT_ONCE: usize = 4;

/// Fetches receipts of one provider's statements.
struct Fetcher<'a> {
    log: &'a RemoteLog,
    policy: &'a Policy,
    provider: &'a Issuer,
    contents: &'a Contents,
    receipts: Receipts,
}

impl Publisher<'_> {
    /// Fetches the receipts that the outbox does not have yet.
    pub(super) fn fetch_missing_receipts(&mut self) -> Result<(), PublishError> {
        let receipts = self.outbox.receipts();
        let missing: Vec<OnRecord> = self
            .outbox
            .contents()
            .on_record()
            .iter()
            .filter(|(sequence, _)| !receipts.path(**sequence).exists())
            .map(|(sequence, index)| OnRecord { sequence: *sequence, index: *index, leaf: None })
            .collect();
        self.prove(&missing)
    }

    /// Fetches the receipt of a line that is on record, if the outbox has none that holds: only by it is the index known.
    ///
    /// # Errors
    /// [`PublishError`]: nothing proves that it is on record.
    pub fn prove_line(&mut self, id: &str) -> Result<(), PublishError> {
        let kept = self.outbox.kept();
        let Some(sequence) = kept.contents().line(id).map(|line| line.sequence) else { return Ok(()) };
        match kept.place_in_log(sequence) {
            Some(PlaceInLog::Claimed(index)) => self.prove(&[OnRecord { sequence, index, leaf: None }]),
            Some(PlaceInLog::Proved(_)) | None => Ok(()),
        }
    }

    /// Fetches receipts of what the journal has on record, and corrects the indices that they show to be wrong.
    fn prove(&mut self, items: &[OnRecord]) -> Result<(), PublishError> {
        let (proved, outcome) = self.fetch_receipts(items);
        let on_record = self.outbox.contents().on_record();
        let is_wrong = |item: &OnRecord| on_record.get(&item.sequence) != Some(&item.index);
        let corrected: Vec<OnRecord> = proved.into_iter().filter(is_wrong).collect();
        if !corrected.is_empty() {
            self.outbox.append(&[Record::Answers { on_record: corrected, refused: Vec::new() }])?;
        }
        outcome
    }

    /// Fetches, checks and writes the receipts of statements that the log says are on record. Gives those that are proved,
    /// with the indices that their receipts prove, and what stopped it before the end.
    pub(super) fn fetch_receipts(&mut self, items: &[OnRecord]) -> (Vec<OnRecord>, Result<(), PublishError>) {
        let (proved, outcome) = self.fetcher().fetch(items);
        self.summary.receipts += proved.len() as u64;
        (proved, outcome)
    }

    /// Checks, with its receipt, that what the log has on record from before is this statement under an earlier signature.
    /// Gives it with the index that the receipt proves.
    pub(super) fn check_earlier(&self, item: &Numbered, earlier: OnRecord) -> Result<OnRecord, PublishError> {
        let fetcher = self.fetcher();
        let found = fetcher.find(&earlier)?;
        let (ours, theirs) =
            (Statement::parse(&item.statement.0).map_err(SignError::from)?, found.proved.statement());
        if ours.claims().sub == theirs.claims().sub && ours.payload() == theirs.payload() {
            return Ok(OnRecord { index: found.proved.index().get(), ..earlier });
        }
        let what = "it says something else than what was sent under this number";
        Err(fetcher.wrong(&format!("entry {}", found.proved.index()), what))
    }

    fn fetcher(&self) -> Fetcher<'_> {
        Fetcher {
            log: self.log,
            policy: &self.policy,
            provider: self.signer.provider(),
            contents: self.outbox.contents(),
            receipts: self.outbox.receipts(),
        }
    }
}

/// A receipt that holds, and is for the statement that was asked for.
struct Found {
    bytes: Vec<u8>,
    proved: Proved,
}

impl Fetcher<'_> {
    /// Fetches all, or stops at the first that cannot be had. Gives those that it wrote.
    fn fetch(&self, items: &[OnRecord]) -> (Vec<OnRecord>, Result<(), PublishError>) {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut proved = Vec::new();
            while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                match self.fetch_one(item) {
                    Ok(item) => proved.push(item),
                    Err(error) => {
                        // The others stop at their next item.
                        next.store(items.len(), Ordering::Relaxed);
                        return (proved, Err(error));
                    }
                }
            }
            (proved, Ok(()))
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (1..AT_ONCE.min(items.len())).map(|_| scope.spawn(work)).collect();
            let (mut proved, mut outcome) = work();
            for worker in workers {
                let ended = |_| {
                    let what = "a thread that fetched receipts ended".to_owned();
                    (Vec::new(), Err(PublishError::Log(what)))
                };
                let (more, its_outcome) = worker.join().unwrap_or_else(ended);
                proved.extend(more);
                outcome = outcome.and(its_outcome);
            }
            (proved, outcome)
        })
    }

    fn fetch_one(&self, item: &OnRecord) -> Result<OnRecord, PublishError> {
        let found = self.find(item)?;
        self.receipts.write(item.sequence, &found.bytes)?;
        Ok(OnRecord { index: found.proved.index().get(), ..item.clone() })
    }

    /// The receipt of a statement. The log's word for its index is where it is looked for first, and no more: where nothing is
    /// there, or something else, it is asked for by its leaf hash.
    fn find(&self, item: &OnRecord) -> Result<Found, PublishError> {
        let at_index = match self.log.receipt(item.index) {
            Ok(bytes) => match self.check(item, &format!("entry {}", item.index), bytes) {
                Ok(found) => return Ok(found),
                Err(error) => error,
            },
            Err(error @ ClientError::Problem { status: 404, .. }) => error.into(),
            Err(error) => return Err(error.into()),
        };
        let Some(leaf) = self.leaf(item) else { return Err(at_index) };
        match self.log.receipt_of(&leaf) {
            Ok(bytes) => self.check(item, &format!("leaf hash {leaf}"), bytes),
            Err(ClientError::Problem { status: 404, .. }) => Err(self.unproved(item, &leaf, &at_index)),
            Err(error) => Err(error.into()),
        }
    }

    /// The receipt, if it holds and is for the statement with this number and leaf hash.
    fn check(&self, item: &OnRecord, asked: &str, bytes: Vec<u8>) -> Result<Found, PublishError> {
        let receipt = Receipt::parse(&bytes).map_err(|error| self.wrong(asked, &error.to_string()))?;
        let proved = receipt.verify(self.policy).map_err(|error| self.wrong(asked, &error.to_string()))?;
        let statement = proved.statement();
        if statement.claims().iss != *self.provider || statement.sequence().get() != item.sequence {
            let given = format!("number {} of {}", statement.sequence(), statement.claims().iss);
            return Err(self.wrong(asked, &format!("it is for {given}, not for number {}", item.sequence)));
        }
        match self.leaf(item) {
            Some(leaf) if leaf == proved.leaf_hash() => Ok(Found { bytes, proved }),
            leaf => {
                let leaf = leaf.map(|leaf| leaf.to_hex()).or_else(|| item.leaf.clone()).unwrap_or_default();
                Err(self.wrong(asked, &format!("its entry has not the leaf hash {leaf}")))
            }
        }
    }

    /// The leaf hash that the statement must have; `None` where the log gave a text that is none.
    fn leaf(&self, item: &OnRecord) -> Option<LeafHash> {
        match &item.leaf {
            Some(leaf) => LeafHash::from_hex(leaf).ok(),
            None => self.contents.leaf(item.sequence),
        }
    }

    fn unproved(&self, item: &OnRecord, leaf: &LeafHash, at_index: &PublishError) -> PublishError {
        let (url, OnRecord { sequence, index, .. }) = (self.log.url(), item);
        PublishError::Log(format!(
            "{url}: it said that number {sequence} is entry {index}, and has no receipt that proves it: none by the leaf hash \
             {leaf}, and by the index: {at_index}. Nothing was believed. Is a proxy or another server in between? Run \
             `glasshouse publish` again; if this stays, send the log's operator this message"
        ))
    }

    fn wrong(&self, asked: &str, what: &str) -> PublishError {
        PublishError::Log(format!("{}: the receipt of {asked} does not hold: {what}", self.log.url()))
    }
}
