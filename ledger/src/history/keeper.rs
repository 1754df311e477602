//! Writes down what the published entries say, behind the answers, so that a start has few entries to read.

use glasshouse_verifier::size::LeafIndex;

use super::History;
use super::record::{NAME, Parts};
use crate::backlog::DurableRound;
use crate::erasures::Redaction;
use crate::pack::scan_beside_writer;
use crate::texts::print_of;
use crate::tree_files::BUNDLE;
use crate::writer::{Core, WriterError};

/// It is written anew when the published tree has grown by so many entries: what a start reads in some two seconds.
const EVERY: u64 = 50_000;

/// What the writer need not know, and the file has.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    /// Every published redaction, in the order of the log.
    redactions: Vec<(LeafIndex, Redaction)>,
    /// What the pack of each full bundle held when it was last looked at.
    prints: Vec<u64>,
    /// The size up to which the file that lies says everything.
    covered: u64,
    /// Why the file was not used at start.
    pub(crate) remark: Option<&'static str>,
}

impl Keeper {
    /// Goes on from what was read at start.
    pub(crate) fn of(history: &History) -> Keeper {
        let full = usize::try_from(history.registry.size() / BUNDLE).unwrap_or(usize::MAX);
        Keeper {
            redactions: history.redactions.clone(),
            prints: history.prints.iter().take(full).copied().collect(),
            covered: history.covered,
            remark: history.remark,
        }
    }

    /// Takes in rounds that are published.
    pub(crate) fn take(&mut self, rounds: &[DurableRound]) {
        for round in rounds {
            let statements = round.statements.iter().zip(&round.namings);
            for (index, (statement, naming)) in (round.first().get()..).zip(statements) {
                let redaction = Redaction::of(statement, naming);
                self.redactions.extend(LeafIndex::new(index).ok().zip(redaction));
            }
        }
    }
}

impl Core {
    /// Writes it down when enough was published since the last time. Where it is lost, a start reads more.
    pub(crate) fn keep_history(&mut self) -> Result<(), WriterError> {
        let published = self.shared.current().head().size();
        match published.get().saturating_sub(self.keeper.covered) >= EVERY {
            true => self.write_history(),
            false => Ok(()),
        }
    }

    pub(crate) fn write_history(&mut self) -> Result<(), WriterError> {
        let published = self.shared.current();
        let head = published.head();
        // A pack that gets a text later, or lost one, is looked at again with its entries by the start.
        for pack in self.keeper.prints.len() as u64..head.size().get() / BUNDLE {
            let records = scan_beside_writer(self.store.as_ref(), pack)?;
            self.keeper.prints.push(print_of(&records));
        }
        let registry = self.shared.registry();
        let parts = Parts {
            head,
            registry: &registry,
            stats: &published.stats,
            redactions: &self.keeper.redactions,
            prints: &self.keeper.prints,
        };
        let bytes = parts.encode();
        drop(registry);
        self.store.put_durable(NAME, &bytes)?;
        // If we die before or within: the old file lies, or a torn one, which its hash gives away. After: the new one.
        self.keeper.covered = head.size().get();
        Ok(())
    }
}
