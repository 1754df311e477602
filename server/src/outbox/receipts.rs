//! Receipts: each is checked with the verifier against the key that the outbox is tied to before it is written.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::statement::Statement;

use super::contents::Contents;
use super::publisher::{PublishError, Publisher};
use super::record::{Numbered, OnRecord};
use super::signer::SignError;
use super::{OutboxError, Receipts};
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
        self.fetch_receipts(&missing)
    }

    /// Fetches, checks and writes the receipts of statements that are on record.
    pub(super) fn fetch_receipts(&mut self, items: &[OnRecord]) -> Result<(), PublishError> {
        let fetched = self.fetcher().fetch(items)?;
        self.summary.receipts += fetched;
        Ok(())
    }

    /// Checks, with its receipt, that what the log has on record from before is this statement under an earlier signature.
    pub(super) fn check_earlier(&self, item: &Numbered, earlier: &OnRecord) -> Result<(), PublishError> {
        let fetcher = self.fetcher();
        let entry = fetcher.check(earlier, &self.log.receipt(earlier.index)?)?;
        let (ours, theirs) =
            (Statement::parse(&item.statement.0).map_err(SignError::from)?, entry.statement());
        if ours.claims().sub == theirs.claims().sub && ours.payload() == theirs.payload() {
            return Ok(());
        }
        Err(fetcher.wrong(earlier, "it says something else than what was sent under this number"))
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

impl Fetcher<'_> {
    /// Fetches all, or stops at the first that cannot be had. Gives how many there are now.
    fn fetch(&self, items: &[OnRecord]) -> Result<u64, PublishError> {
        let next = AtomicUsize::new(0);
        let work = || -> Result<(), PublishError> {
            while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Err(error) = self.fetch_one(item) {
                    // The others stop at their next item.
                    next.store(items.len(), Ordering::Relaxed);
                    return Err(error);
                }
            }
            Ok(())
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (1..AT_ONCE.min(items.len())).map(|_| scope.spawn(work)).collect();
            let own = work();
            workers.into_iter().fold(own, |before, worker| match worker.join() {
                Ok(outcome) => before.and(outcome),
                Err(_) => {
                    before.and(Err(PublishError::Log("a thread that fetched receipts ended".to_owned())))
                }
            })
        })?;
        Ok(items.len() as u64)
    }

    fn fetch_one(&self, item: &OnRecord) -> Result<(), PublishError> {
        let bytes = self.log.receipt(item.index)?;
        self.check(item, &bytes)?;
        self.receipts.write(item.sequence, &bytes).map_err(|error: OutboxError| error.into())
    }

    /// The entry of a receipt that holds, and is for the statement with this number and leaf hash.
    fn check(&self, item: &OnRecord, bytes: &[u8]) -> Result<Entry, PublishError> {
        let receipt = Receipt::parse(bytes).map_err(|error| self.wrong(item, &error.to_string()))?;
        let proved = receipt.verify(self.policy).map_err(|error| self.wrong(item, &error.to_string()))?;
        let statement = proved.statement();
        if statement.claims().iss != *self.provider || statement.sequence().get() != item.sequence {
            let given = format!("number {} of {}", statement.sequence(), statement.claims().iss);
            return Err(self.wrong(item, &format!("it is for {given}, not for number {}", item.sequence)));
        }
        let known = || self.contents.leaf(item.sequence).map(|leaf| leaf.to_hex());
        let leaf = item.leaf.clone().or_else(known).unwrap_or_default();
        match receipt.entry() {
            Some(entry) if leaf == entry.leaf_hash().to_hex() => Ok(entry),
            _ => Err(self.wrong(item, &format!("its entry has not the leaf hash {leaf}"))),
        }
    }

    fn wrong(&self, item: &OnRecord, what: &str) -> PublishError {
        let (url, index) = (self.log.url(), item.index);
        PublishError::Log(format!("{url}: the receipt of entry {index} does not hold: {what}"))
    }
}
