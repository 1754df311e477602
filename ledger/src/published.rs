//! What the ledger has published: the only state that readers see. A round becomes visible here after its checkpoint
//! is durable, and all at once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::naming::Naming;
use glasshouse_verifier::registry::{KeySnapshot, Registry};
use glasshouse_verifier::registry_error::RegistryError;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;

use crate::backlog::DurableRound;
use crate::current::hides_texts;

/// Counts over all published entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// How many entries the tree has.
    pub entries: u64,
    /// How many of each type.
    pub by_type: BTreeMap<StatementType, u64>,
    /// How many texts the entries commit to.
    pub addenda: u64,
    /// How many of these were withheld when they were filed.
    pub withheld: u64,
    /// How many of those were disclosed since.
    pub disclosed: u64,
    /// How many entries take texts of others out of sight.
    pub hiding: u64,
}

impl Stats {
    /// Counts one more entry.
    pub(crate) fn count(&mut self, statement: &Statement, naming: &Naming) {
        let payload = statement.payload();
        self.entries += 1;
        *self.by_type.entry(payload.kind()).or_default() += 1;
        self.addenda += payload.addenda().len() as u64;
        self.hiding += u64::from(hides_texts(payload, naming.names_withdrawals()));
        self.withheld += payload.withheld().len() as u64;
        self.disclosed += naming.entries().iter().map(|named| named.opened.len() as u64).sum::<u64>();
    }
}

/// One published tree.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) checkpoint: SignedCheckpoint,
    pub(crate) keys: KeySnapshot,
    pub(crate) stats: Stats,
}

impl Published {
    pub(crate) fn head(&self) -> &TreeHead {
        self.checkpoint.head()
    }
}

/// The newest published tree, and who was enrolled in it.
#[derive(Debug)]
pub(crate) struct Shared {
    current: RwLock<Arc<Published>>,
    registry: RwLock<Registry>,
    /// The size up to which files may be shown: that of the checkpoint that lies published, or is about to.
    announced: AtomicU64,
}

impl Shared {
    /// Starts from a published tree and the registry that its entries give.
    pub(crate) fn new(checkpoint: SignedCheckpoint, registry: Registry, stats: Stats) -> Shared {
        let keys = registry.keys();
        let announced = AtomicU64::new(checkpoint.head().size().get());
        let published = Published { checkpoint, keys, stats };
        Shared { current: RwLock::new(Arc::new(published)), registry: RwLock::new(registry), announced }
    }

    /// A checkpoint of that size is about to lie where everybody can fetch it, and with it the files of its tree.
    pub(crate) fn announce(&self, size: TreeSize) {
        self.announced.fetch_max(size.get(), Ordering::AcqRel);
    }

    /// The size up to which files may be shown.
    pub(crate) fn announced(&self) -> u64 {
        self.announced.load(Ordering::Acquire)
    }

    /// The newest published tree. Cheap; a reader keeps it for as long as one answer takes.
    pub(crate) fn current(&self) -> Arc<Published> {
        // A poisoned lock still guards a whole value: it is replaced in one step.
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Who is enrolled in the newest published tree.
    pub(crate) fn registry(&self) -> RwLockReadGuard<'_, Registry> {
        self.registry.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Publishes a tree that grew by these rounds, in their order. Gives the numbers of statements, with their issuers, that count
    /// again by it.
    pub(crate) fn publish(
        &self,
        checkpoint: SignedCheckpoint,
        rounds: &[DurableRound],
    ) -> Result<Vec<(Issuer, Vec<Sequence>)>, RegistryError> {
        let before = self.current();
        let (mut stats, mut restored) = (before.stats.clone(), Vec::new());
        let mut registry = self.registry.write().unwrap_or_else(PoisonError::into_inner);
        for round in rounds {
            let statements = round.statements.iter().zip(&round.namings);
            for (index, (statement, naming)) in (round.first().get()..).zip(statements) {
                stats.count(statement, naming);
                if let Ok(index) = LeafIndex::new(index) {
                    let again = registry.apply_named(index, statement, naming)?;
                    if !again.is_empty() {
                        restored.push((statement.claims().iss.clone(), again));
                    }
                }
            }
        }
        let keys = registry.keys();
        let published = Arc::new(Published { checkpoint, keys, stats });
        // The registry is let go last: who holds it sees the tree that it was made from.
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = published;
        Ok(restored)
    }

    /// Shows more cosignatures of the published tree.
    pub(crate) fn attach(&self, checkpoint: SignedCheckpoint) {
        let before = self.current();
        let (keys, stats) = (before.keys.clone(), before.stats.clone());
        let published = Arc::new(Published { checkpoint, keys, stats });
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = published;
    }
}
