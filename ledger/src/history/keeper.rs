//! Writes down what the published entries say, behind the answers, so that a start has few entries to read.

use glasshouse_verifier::size::LeafIndex;

use super::History;
use super::bundle_seen::BundleSeen;
use super::record::{NAME, Parts};
use crate::backlog::DurableRound;
use crate::erasures::Redaction;
use crate::tree_files::BUNDLE;
use crate::writer::{Core, WriterError};

/// It is written anew when the published tree has grown by so many entries: what a start reads within a second.
const EVERY: u64 = 50_000;

/// What the writer need not know, and the file has.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    /// Every published redaction, in the order of the log.
    redactions: Vec<(LeafIndex, Redaction)>,
    /// What was seen in each full bundle and its pack. What is written into one later has another stamp, and the next start
    /// looks again.
    bundles: Vec<BundleSeen>,
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
            bundles: history.bundles.iter().take(full).copied().collect(),
            covered: history.covered,
            remark: history.remark,
        }
    }

    /// Takes in a round that is published.
    pub(crate) fn take(&mut self, round: &DurableRound) {
        for index in round.redactions() {
            let place = usize::try_from(index.get() - round.first().get()).unwrap_or(usize::MAX);
            let said = round.statements.get(place).zip(round.namings.get(place));
            let redaction = said.and_then(|(statement, naming)| Redaction::of(statement, naming));
            self.redactions.extend(redaction.map(|redaction| (index, redaction)));
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

    /// Writes down what the published tree says.
    pub(crate) fn write_history(&mut self) -> Result<(), WriterError> {
        // What a stamp stands for must not be undone by a loss of power.
        self.store.sync()?;
        // If we die here: the old file lies, and the next start reads more.
        let published = self.shared.current();
        let head = published.head();
        let store = self.store.as_ref();
        for (bundle, seen) in (0..).zip(&mut self.keeper.bundles).filter(|(_, seen)| seen.stamp.is_none()) {
            *seen = BundleSeen::look(store, bundle)?;
        }
        for bundle in self.keeper.bundles.len() as u64..head.size().get() / BUNDLE {
            self.keeper.bundles.push(BundleSeen::look(store, bundle)?);
        }
        let registry = self.shared.registry();
        let parts = Parts {
            head,
            registry: &registry,
            stats: &published.stats,
            redactions: &self.keeper.redactions,
            bundles: &self.keeper.bundles,
        };
        let bytes = parts.encode();
        drop(registry);
        self.store.put_durable(NAME, &bytes)?;
        // If we die before or within: the old file lies, or a torn one, which its hash gives away. After: the new one.
        self.keeper.covered = head.size().get();
        Ok(())
    }
}
