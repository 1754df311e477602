//! Conditions on texts, held once more against an entry as it stands now: what it was found by may have gone out of sight since.

use glasshouse_ledger::reader::{ReadError, Reader};
use glasshouse_verifier::size::LeafIndex;

use super::clause::Clause;
use super::conditions::Conditions;
use super::facts::FactsReader;
use super::ticking::Ticking;

/// Who finds entries again, one after the other.
pub(crate) struct FoundAgain {
    facts: FactsReader,
    clauses: Vec<Clause>,
}

impl FoundAgain {
    /// `None` where no condition looks at texts.
    pub(super) fn of(reader: &Reader, ticking: &Ticking, conditions: &Conditions) -> Option<FoundAgain> {
        let clauses = conditions.of_texts();
        (!clauses.is_empty()).then(|| FoundAgain { facts: FactsReader::new(reader, ticking), clauses })
    }

    /// Whether an entry meets these conditions now.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub(crate) fn finds(&mut self, index: LeafIndex) -> Result<bool, ReadError> {
        let now = self.facts.facts(index)?;
        Ok(now.is_some_and(|(_, facts)| self.clauses.iter().all(|clause| clause.is_met_by(&facts))))
    }
}
