//! The entries before one that names them: what a registry asks of whoever keeps the log.

use crate::hash::LeafHash;
use crate::size::LeafIndex;
use crate::statement::Statement;

/// Finds earlier entries by their leaf hashes.
pub trait Past {
    /// The first entry of that leaf hash among those that the registry has taken in; `None` if there is none.
    ///
    /// # Errors
    ///
    /// The look-up itself failed, which says nothing about the log.
    fn find(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError>;
}

/// A look-up that failed: the environment's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an earlier entry cannot be looked up: {0}")]
pub struct PastError(pub String);

/// Knows no earlier entry: for a log whose statements name none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPast;

impl Past for NoPast {
    fn find(&self, _leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        Ok(None)
    }
}

/// All entries in memory: for small logs and for tests.
#[derive(Debug, Clone, Default)]
pub struct WholePast(std::collections::HashMap<LeafHash, (LeafIndex, Statement)>);

impl WholePast {
    /// Remembers an entry, unless an earlier one has its leaf hash.
    pub fn remember(&mut self, leaf: LeafHash, index: LeafIndex, statement: Statement) {
        self.0.entry(leaf).or_insert((index, statement));
    }
}

impl Past for WholePast {
    fn find(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        Ok(self.0.get(leaf).cloned())
    }
}
