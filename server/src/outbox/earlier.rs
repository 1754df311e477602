//! Earlier statements by their leaf hashes, as far as a provider has them: in its outbox, in the run that goes on, and
//! those that were fetched from the log and proved.

use std::collections::HashMap;

use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::past::{Past, PastError};
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;

use super::OutboxError;
use super::examiner::Seen;
use super::kept::Kept;
use super::record::Numbered;

/// What came before a statement that is not kept yet.
#[derive(Clone, Copy)]
pub struct Earlier<'a> {
    /// The outbox.
    pub outbox: &'a Kept,
    /// Where the lines of this run will stand.
    pub seen: &'a Seen,
    /// The statements of this run that are signed and not in the outbox yet, their numbers ascending without a gap.
    pub kept: &'a [Numbered],
    /// This provider's statements that the outbox does not know.
    pub elsewhere: &'a HashMap<LeafHash, Statement>,
}

impl Earlier<'_> {
    /// The statement with its texts; `None` where neither the outbox nor this run has it.
    ///
    /// # Errors
    /// The journal's.
    pub fn numbered(&self, leaf: &LeafHash) -> Result<Option<Numbered>, OutboxError> {
        if let Some(sequence) = self.seen.number_of(leaf) {
            let found = self.kept.binary_search_by_key(&sequence, |numbered| numbered.sequence);
            return Ok(found.ok().and_then(|at| self.kept.get(at)).cloned());
        }
        match self.outbox.contents().number_of(leaf) {
            Some(sequence) => self.outbox.numbered(sequence),
            None => Ok(None),
        }
    }

    /// The statement with that leaf hash, and its number, which stands for its place in the log.
    fn statement(&self, leaf: &LeafHash) -> Result<Option<(u64, Statement)>, String> {
        if let Some(statement) = self.elsewhere.get(leaf) {
            return Ok(Some((0, statement.clone())));
        }
        let Some(numbered) = self.numbered(leaf).map_err(|error| error.to_string())? else { return Ok(None) };
        let statement = Statement::parse(&numbered.statement.0).map_err(|error| error.to_string())?;
        Ok(Some((numbered.sequence, statement)))
    }
}

impl Past for Earlier<'_> {
    fn find(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        let Some((number, statement)) = self.statement(leaf).map_err(PastError)? else { return Ok(None) };
        let place = LeafIndex::new(number).map_err(|error| PastError(error.to_string()))?;
        Ok(Some((place, statement)))
    }
}
