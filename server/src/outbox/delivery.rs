//! Sending what the journal holds, in batches and in order, until every statement has a final answer or has to wait.

use std::collections::BTreeSet;

use glasshouse_verifier::submission::{SubmissionSlices, encode_batch};

use super::advice::advice;
use super::event::Event;
use super::publisher::{PublishError, Publisher, Wanted};
use super::record::{Numbered, OnRecord, Record, Refused};
use crate::client::log::ItemAnswer;
use crate::client::refusal::one_line;
use crate::problem::Problem;

/// Greatest body that is sent, in bytes: half of what a log takes, so that a batch fits any frame around it.
const MAX_BODY: usize = 8 << 20;
/// Age from which a statement is signed anew before it is sent, in seconds: an hour less than what a log takes.
const STALE: u64 = 23 * 3_600;

/// What is done about a rejection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Remedy {
    /// Sign the same payload again, with this run's key and time, and send that.
    SignAgain,
    /// Keep it; it is sent again behind those before it.
    SendAgain,
    /// Keep it; another run may succeed.
    Wait,
    /// The line is free again; the number stays open and is closed with a `void`.
    CloseNumber,
    /// The line is free again; the number is used or void already.
    LeaveNumber,
}

/// What became of the statements before one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Earlier {
    /// All have a final answer.
    Answered,
    /// Some wait for another run.
    Waits,
    /// Some are signed anew and sent again at once, and so is all behind them.
    ComesAgain,
}

fn remedy(slug: &str, earlier: Earlier) -> Remedy {
    match slug {
        // It may be about one of those.
        "target-unknown" if earlier == Earlier::Waits => Remedy::Wait,
        "target-unknown" if earlier == Earlier::ComesAgain => Remedy::SendAgain,
        "issued-too-long-ago" | "key-retired" | "unknown-key" => Remedy::SignAgain,
        "issued-in-future" | "role-not-enrolled" | "sequence-ahead" | "wrong-issuer" | "overloaded"
        | "index-behind" | "look-ups-behind" | "not-ready" | "storage-full" | "no-quorum" | "internal"
        | "log-closed" => Remedy::Wait,
        "sequence-conflict" | "sequence-void" => Remedy::LeaveNumber,
        _ => Remedy::CloseNumber,
    }
}

impl Publisher<'_> {
    /// Sends every statement without a final answer, in the order of their numbers.
    pub(super) fn send_pending(&mut self) -> Result<(), PublishError> {
        let mut next = 0;
        let mut signed_again = BTreeSet::new();
        loop {
            self.freshen(next)?;
            let batch = self.next_batch(next);
            let Some(last) = batch.last().map(|item| item.sequence) else { return Ok(()) };
            let slices: Vec<SubmissionSlices<'_>> = batch.iter().map(slices).collect();
            let answers = self.log.submit(&encode_batch(&slices), batch.len())?;
            let again = self.settle(&batch, &answers, &mut signed_again)?;
            next = again.unwrap_or(last + 1);
        }
    }

    /// The next batch from a number on: bounded in count and bytes, never empty while something is due.
    fn next_batch(&self, from: u64) -> Vec<Numbered> {
        let mut bytes = 0;
        let pending = self.outbox.contents().pending().range(from..).map(|(_, item)| item);
        let due = pending.filter(|item| !self.held.contains(&item.sequence));
        let batch = due.take(self.settings.batch).take_while(|item| {
            let size = item.statement.0.len() + item.addenda.iter().map(|one| one.0.len() + 9).sum::<usize>();
            let is_first = bytes == 0;
            bytes += size + 16;
            is_first || bytes <= MAX_BODY
        });
        batch.cloned().collect()
    }

    /// Signs anew what has grown too old to be taken.
    fn freshen(&mut self, from: u64) -> Result<(), PublishError> {
        let now = self.now();
        let stale: Vec<Numbered> = self
            .outbox
            .contents()
            .pending()
            .range(from..)
            .map(|(_, item)| item)
            .filter(|item| item.signed_at.saturating_add(STALE) < now)
            .take(self.settings.batch)
            .cloned()
            .collect();
        self.sign_again(&stale)
    }

    fn sign_again(&mut self, items: &[Numbered]) -> Result<(), PublishError> {
        let now = self.now();
        let mut records = Vec::with_capacity(items.len());
        for item in items {
            records.push(Record::Resigned(self.signer.sign_again(item, now)?));
        }
        if records.is_empty() { Ok(()) } else { Ok(self.outbox.append_durable(&records)?) }
    }

    /// Takes in the answers to a batch. Gives the first number that is to be sent once more at once.
    fn settle(
        &mut self,
        batch: &[Numbered],
        answers: &[ItemAnswer],
        signed_again: &mut BTreeSet<u64>,
    ) -> Result<Option<u64>, PublishError> {
        let (mut on_record, mut refused, mut again) = (Vec::new(), Vec::new(), Vec::new());
        for (item, answer) in batch.iter().zip(answers) {
            let sequence = item.sequence;
            let problem = match answer {
                ItemAnswer::Accepted { index, leaf_hash } | ItemAnswer::Duplicate { index, leaf_hash }
                    if *leaf_hash == item.leaf =>
                {
                    on_record.push(OnRecord { sequence, index: *index, leaf: None });
                    continue;
                }
                ItemAnswer::Accepted { leaf_hash, .. } => {
                    return Err(PublishError::Log(format!(
                        "{}: number {sequence} was accepted with the leaf hash {leaf_hash}, and what was sent has {}",
                        self.log.url(),
                        item.leaf
                    )));
                }
                ItemAnswer::Duplicate { index, leaf_hash } => {
                    let earlier = OnRecord { sequence, index: *index, leaf: Some(leaf_hash.clone()) };
                    // Later lines may refer to it by this hash, so it is not taken on the log's word.
                    on_record.push(self.check_earlier(item, earlier)?);
                    continue;
                }
                ItemAnswer::Rejected { problem } => problem,
            };
            let earlier = match self.held.range(..sequence).next() {
                _ if !again.is_empty() => Earlier::ComesAgain,
                Some(_) => Earlier::Waits,
                None => Earlier::Answered,
            };
            match remedy(problem.slug(), earlier) {
                Remedy::SendAgain => {}
                Remedy::SignAgain if signed_again.insert(sequence) => again.push(item.clone()),
                Remedy::SignAgain | Remedy::Wait => self.report(sequence, problem, true),
                // A void that is refused is looked at by a person: another void would not fare better.
                Remedy::CloseNumber if item.voids.is_some() => self.report(sequence, problem, true),
                remedy => {
                    self.report(sequence, problem, false);
                    let open = remedy == Remedy::CloseNumber;
                    refused.push(Refused { sequence, problem: problem.slug().to_owned(), open });
                }
            }
        }
        if refused.iter().any(|item| self.outbox.contents().about_others().contains(&item.sequence)) {
            // What it says was taken in when it was signed, and was never said.
            self.lives = None;
        }
        // What the log says is believed where a receipt proves it. The rest stays pending and is sent again: a log that
        // has it answers with its first index, and one that lied may be another one then.
        let (on_record, fetched) = match self.settings.receipts {
            Wanted::Nothing => (on_record, Ok(())),
            Wanted::Own | Wanted::Missing => self.fetch_receipts(&on_record),
        };
        (self.watch)(Event::OnRecord(on_record.len() as u64));
        if !(on_record.is_empty() && refused.is_empty()) {
            self.tally(batch, &on_record, &refused);
            // Dying before this is on disk: the same statements are sent again, and answered as duplicates.
            self.outbox.append(&[Record::Answers { on_record, refused }])?;
        }
        fetched?;
        self.sign_again(&again)?;
        Ok(again.first().map(|item| item.sequence))
    }

    /// Counts the final answers of a batch.
    fn tally(&mut self, batch: &[Numbered], on_record: &[OnRecord], refused: &[Refused]) {
        // What the tool makes itself has no id, and is counted by the numbers that it closes.
        let made = |sequence| batch.iter().any(|item| item.sequence == sequence && item.id.is_none());
        for sequence in on_record.iter().map(|item| item.sequence) {
            if self.lines.remove(&sequence).is_some() {
                self.summary.on_record += 1;
                self.summary.numbers.insert(sequence);
            } else if !made(sequence) {
                self.caught_up.insert(sequence);
            }
        }
        for sequence in refused.iter().map(|item| item.sequence) {
            match self.lines.remove(&sequence) {
                Some(_) => self.summary.refused += 1,
                None => self.summary.others.refused += 1,
            }
        }
    }

    fn report(&mut self, sequence: u64, problem: &Problem, waits: bool) {
        if waits {
            self.held.insert(sequence);
        }
        let mut text = format!("{}: {}", one_line(problem.slug()), one_line(&problem.detail));
        for error in &problem.errors {
            match error.path.as_str() {
                // Of the statement as a whole.
                "" => text.push_str(&format!("; {}", one_line(&error.rule))),
                path => text.push_str(&format!("; {}: {}", one_line(path), one_line(&error.rule))),
            }
        }
        let line = self.lines.get(&sequence).copied();
        (self.watch)(Event::Refused { sequence, line, problem: text, waits, advice: advice(problem.slug()) });
    }
}

fn slices(item: &Numbered) -> SubmissionSlices<'_> {
    SubmissionSlices {
        statement: &item.statement.0,
        addenda: item.addenda.iter().map(|bytes| bytes.0.as_slice()).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::problem::Kind;

    #[test]
    fn a_statement_that_the_log_could_take_later_is_never_given_up() {
        for kind in Kind::ALL.iter().filter(|kind| kind.status >= 500) {
            let known = [
                "overloaded",
                "index-behind",
                "look-ups-behind",
                "not-ready",
                "storage-full",
                "no-quorum",
                "internal",
            ]
            .contains(&kind.slug);
            assert_eq!(remedy(kind.slug, Earlier::Answered) == Remedy::Wait, known, "{}", kind.slug);
        }
        assert_eq!(remedy("issued-too-long-ago", Earlier::Answered), Remedy::SignAgain);
        assert_eq!(remedy("sequence-conflict", Earlier::Waits), Remedy::LeaveNumber);
        assert_eq!(remedy("invalid-payload", Earlier::Waits), Remedy::CloseNumber);
    }

    /// A withdrawal was refused for good, and its number declared void, while the decision that it is about had to wait.
    #[test]
    fn what_may_be_about_one_that_waits_is_not_given_up() {
        let remedies = [Earlier::Answered, Earlier::Waits, Earlier::ComesAgain]
            .map(|earlier| remedy("target-unknown", earlier));
        assert_eq!(remedies, [Remedy::CloseNumber, Remedy::Wait, Remedy::SendAgain]);
    }
}
