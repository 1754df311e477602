//! Answers that are held back until a published checkpoint covers what they say: those to refused submissions too, because
//! a refusal tells what stands in the log.

use glasshouse_verifier::naming::NamedEntry;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;

use std::collections::VecDeque;

use crate::backlog::{BACKLOG_BYTES_MAX, BACKLOG_STATEMENTS_MAX};
use crate::rejection::Rejection;
use crate::writer::{Answer, Ticket, Writer, WriterError};

/// So many answers may wait for texts to be erased before who sends a redaction again is told to come back: each is looked at in
/// every round.
pub(crate) const AWAITED_MAX: usize = 1_024;

/// What a round has to tell and to keep once a published checkpoint covers it.
pub(crate) struct Held {
    pub(crate) size: TreeSize,
    pub(crate) answers: Vec<(Ticket, Answer)>,
    /// Double statements to keep for the registrar.
    pub(crate) conflicts: Vec<Statement>,
    /// Entries whose conflict is on record now.
    pub(crate) recorded: Vec<NamedEntry>,
}

impl Held {
    pub(crate) fn is_empty(&self) -> bool {
        self.answers.is_empty() && self.conflicts.is_empty() && self.recorded.is_empty()
    }
}

impl Writer {
    /// Whether no further round may number anything before there is a publication.
    pub fn is_held_up(&self) -> bool {
        self.core.backlog.is_full() || is_full(&self.held)
    }

    /// What is to be told and kept of the rounds that are published, and one step of erasing. The answers that can be given.
    pub(crate) fn release(&mut self) -> Result<Vec<(Ticket, Answer)>, WriterError> {
        let is_held_back = self.held_back().is_some();
        let core = &mut self.core;
        let mut answers = Vec::new();
        while self.held.front().is_some_and(|held| held.size <= core.published && !is_held_back)
            && let Some(held) = self.held.pop_front()
        {
            for entry in &held.recorded {
                core.refused.drop_recorded(core.store.as_ref(), entry)?;
            }
            for statement in &held.conflicts {
                core.refused.keep(core.store.as_ref(), &core.registry, statement)?;
            }
            answers.extend(held.answers);
        }
        core.erase_some()?;
        let now_ms = core.time_ms();
        if !self.awaited.is_empty() || !core.erasures.is_idle() {
            // A redaction is answered when its texts are erased, also whoever sent it again.
            let is_awaited = |(_, answer): &(Ticket, Answer)| {
                place_of(answer).is_some_and(|index| core.erasures.is_awaited(index, now_ms))
            };
            let told = self.awaited.extract_if(.., |one| !is_awaited(one)).collect();
            let new = std::mem::replace(&mut answers, told);
            for one in new {
                match is_awaited(&one) {
                    false => answers.push(one),
                    true if is_one_too_many(&self.awaited, &one.1) => {
                        answers.push((one.0, not_carried_out()))
                    }
                    true => self.awaited.push(one),
                }
            }
        }
        Ok(answers)
    }
}

/// Whether so much waits to be told and kept that no further round may start: as many answers as statements may wait in the
/// backlog, or as many bytes of double statements as of entries and texts there.
fn is_full(held: &VecDeque<Held>) -> bool {
    let answers: usize = held.iter().map(|held| held.answers.len()).sum();
    let bytes: usize = held.iter().flat_map(|held| &held.conflicts).map(|one| one.bytes().len()).sum();
    answers >= BACKLOG_STATEMENTS_MAX || bytes >= BACKLOG_BYTES_MAX
}

/// Whether somebody who sent a redaction again is told to come back, because so many wait for theirs. Who sent one first is never:
/// there are as many of these as entries whose texts are being erased.
fn is_one_too_many(awaited: &[(Ticket, Answer)], answer: &Answer) -> bool {
    matches!(answer, Answer::Duplicate { .. }) && awaited.len() >= AWAITED_MAX
}

/// What is said then.
fn not_carried_out() -> Answer {
    let detail =
        "it is on record, and its texts are being erased; send it again later to be told when they are";
    Answer::Rejected(Rejection::new("not-ready", detail.to_owned()))
}

/// The entry that an answer is about, if the submitter is told that it is on record.
fn place_of(answer: &Answer) -> Option<LeafIndex> {
    match answer {
        Answer::Accepted { index, .. } | Answer::Duplicate { index, .. } => Some(*index),
        Answer::Rejected(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::author::Author;
    use crate::draft::Draft;
    use crate::key_file::SecretKey;
    use glasshouse_verifier::hash::LeafHash;
    use glasshouse_verifier::issuer::Issuer;
    use glasshouse_verifier::origin::Origin;
    use glasshouse_verifier::sequence::Sequence;
    use glasshouse_verifier::statement_type::StatementType;
    use glasshouse_verifier::targets::Target;

    /// A statement of the greatest sort: it names a thousand others.
    fn long() -> Statement {
        let named = (0..1_000u32).map(|number| Target::Entry(LeafHash::of_entry(&number.to_be_bytes())));
        let draft = Draft::new(StatementType::Withdrawal).with_targets(named);
        let origin = Origin::parse("log.example/test").unwrap();
        let issuer = Issuer::parse("https://host.example").unwrap();
        let author = Author::new(issuer, origin, SecretKey::from_seed(&[1; 32])).unwrap();
        let signed = author.sign_own(&draft, Sequence::FIRST, 1_700_000_000).unwrap();
        Statement::parse(signed.statement()).unwrap()
    }

    fn round_of(conflicts: Vec<Statement>) -> Held {
        Held { size: TreeSize::ZERO, answers: Vec::new(), conflicts, recorded: Vec::new() }
    }

    /// However many rounds there are between two publications.
    #[test]
    fn double_statements_that_wait_have_a_bound_in_bytes() {
        let statement = long();
        assert!(statement.bytes().len() > 40_000);
        let mut held: VecDeque<Held> = VecDeque::new();
        let fit = BACKLOG_BYTES_MAX / statement.bytes().len();
        held.extend((0..fit).map(|_| round_of(vec![statement.clone()])));
        assert!(!is_full(&held));
        held.push_back(round_of(vec![statement]));
        assert!(is_full(&held));
        held.pop_front();
        assert!(!is_full(&held));
    }
}
