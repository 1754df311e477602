//! Receipts: each is checked with the verifier against the key that the outbox is tied to before it is written.

use glasshouse_verifier::receipt::Receipt;

use super::publisher::{PublishError, Publisher};
use super::record::OnRecord;

impl Publisher<'_> {
    /// Fetches the receipts that the outbox does not have yet.
    pub(super) fn fetch_missing_receipts(&mut self) -> Result<(), PublishError> {
        let missing: Vec<OnRecord> = self
            .outbox
            .contents()
            .on_record()
            .iter()
            .filter(|(sequence, _)| !self.outbox.receipt_path(**sequence).exists())
            .map(|(sequence, index)| OnRecord { sequence: *sequence, index: *index })
            .collect();
        self.fetch_receipts(&missing)
    }

    /// Fetches, checks and writes the receipts of statements that are on record.
    pub(super) fn fetch_receipts(&mut self, items: &[OnRecord]) -> Result<(), PublishError> {
        for item in items {
            let bytes = self.log.receipt(item.index)?;
            self.check_receipt(item, &bytes)?;
            self.outbox.write_receipt(item.sequence, &bytes)?;
            self.summary.receipts += 1;
        }
        Ok(())
    }

    fn check_receipt(&self, item: &OnRecord, bytes: &[u8]) -> Result<(), PublishError> {
        let wrong = |what: String| {
            let (url, index) = (self.log.url(), item.index);
            PublishError::Log(format!("{url}: the receipt of entry {index} does not hold: {what}"))
        };
        let receipt = Receipt::parse(bytes).map_err(|error| wrong(error.to_string()))?;
        let proved = receipt.verify(&self.policy).map_err(|error| wrong(error.to_string()))?;
        let statement = proved.statement();
        if statement.claims().iss != *self.signer.provider() || statement.sequence().get() != item.sequence {
            let given = format!("number {} of {}", statement.sequence(), statement.claims().iss);
            return Err(wrong(format!("it is for {given}, not for number {}", item.sequence)));
        }
        Ok(())
    }
}
