//! Closing numbers with a `void`: what an earlier outbox lost, and what the log refused for good.

use super::event::Event;
use super::publisher::{PublishError, Publisher};
use super::record::Record;

impl Publisher<'_> {
    /// A new outbox for a provider that published before: the numbers below the highest that never arrived are closed.
    pub(super) fn close_what_was_lost(&mut self) -> Result<(), PublishError> {
        let mut closed = 0;
        loop {
            // Asked anew: what an earlier run kept and this one has sent may have closed some already.
            let state = self.log.issuer(self.signer.provider().as_str())?;
            let sequence = state.map(|state| state.sequence).unwrap_or_default();
            self.highest_on_record = self.highest_on_record.max(sequence.highest);
            let (Some(first), Some(last)) = (sequence.missing.first(), sequence.missing.last()) else {
                break;
            };
            if *first <= closed {
                return Err(PublishError::Log(format!(
                    "{}: the numbers from {first} on stay open although they were declared void",
                    self.log.url()
                )));
            }
            closed = *last;
            self.void(&runs(&sequence.missing), "outbox_lost")?;
        }
        Ok(self.outbox.append_durable(&[Record::Started { after: self.highest_on_record }])?)
    }

    /// Closes the numbers of statements that the log refused for good.
    pub(super) fn close_refused(&mut self) -> Result<(), PublishError> {
        let runs = self.outbox.contents().open_runs();
        self.void(&runs, "rejected")
    }

    fn void(&mut self, runs: &[(u64, u64)], reason: &str) -> Result<(), PublishError> {
        if runs.is_empty() {
            return Ok(());
        }
        let first_number = self.outbox.contents().next_sequence(self.highest_on_record);
        let mut records = Vec::with_capacity(runs.len());
        for (sequence, run) in (first_number..).zip(runs) {
            let numbered = self.signer.sign_void(*run, reason, sequence, self.now())?;
            records.push(Record::Numbered(numbered));
        }
        self.outbox.append_durable(&records)?;
        self.send_pending()?;
        for (first, last) in runs.iter().copied() {
            if !self.outbox.contents().pending().values().any(|item| item.voids == Some((first, last))) {
                self.summary.voided += last - first + 1;
                (self.watch)(Event::Voided { first, last });
            }
        }
        Ok(())
    }
}

/// Ascending numbers as runs, first and last.
fn runs(numbers: &[u64]) -> Vec<(u64, u64)> {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for number in numbers.iter().copied() {
        match runs.last_mut() {
            Some((first, last)) if number == *last + 1 && number - *first < 65_536 => *last = number,
            _ => runs.push((number, number)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn missing_numbers_are_closed_run_by_run() {
        assert_eq!(runs(&[]), []);
        assert_eq!(runs(&[3, 4, 5, 9, 11, 12]), [(3, 5), (9, 9), (11, 12)]);
        let long: Vec<u64> = (1..=70_000).collect();
        assert_eq!(runs(&long), [(1, 65_536), (65_537, 70_000)]);
    }
}
