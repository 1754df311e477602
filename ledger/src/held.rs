//! Answers that are held back until a published checkpoint covers what they say: those to refused submissions too, because
//! a refusal tells what stands in the log.

use glasshouse_verifier::naming::NamedEntry;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;

use crate::backlog::BACKLOG_STATEMENTS_MAX;
use crate::writer::{Answer, Ticket, Writer, WriterError};

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
        self.core.backlog.is_full() || self.held_answers() >= BACKLOG_STATEMENTS_MAX
    }

    /// How many answers wait for a publication.
    fn held_answers(&self) -> usize {
        self.held.iter().map(|held| held.answers.len()).sum()
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
            self.awaited.append(&mut answers);
            let is_awaited = |answer: &Answer| {
                place_of(answer).is_some_and(|index| core.erasures.is_awaited(index, now_ms))
            };
            (self.awaited, answers) = self.awaited.drain(..).partition(|(_, answer)| is_awaited(answer));
        }
        Ok(answers)
    }
}

/// The entry that an answer is about, if the submitter is told that it is on record.
fn place_of(answer: &Answer) -> Option<LeafIndex> {
    match answer {
        Answer::Accepted { index, .. } | Answer::Duplicate { index, .. } => Some(*index),
        Answer::Rejected(_) => None,
    }
}
