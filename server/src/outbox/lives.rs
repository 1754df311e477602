//! What a provider's own statements say about each other, so that one more can be held against the rules of order
//! before it is signed for good. The outbox need not know everything: the log has the last word.

use std::collections::HashMap;

use glasshouse_verifier::entry_state::EntryState;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::lives::Lives;
use glasshouse_verifier::naming::{Before, Naming};
use glasshouse_verifier::past::{Past, PastError};
use glasshouse_verifier::registry_error::RegistryError;
use glasshouse_verifier::sequence::{Sequence, SequenceWindow};
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::target_error::TargetError;

use super::OutboxError;
use super::earlier::Earlier;
use super::examiner::Seen;
use super::kept::Kept;

/// The rule that a statement breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderError {
    /// Which of its targets, in their one order, from 0.
    pub place: usize,
    /// What is wrong with it. Places in it are numbers of the provider.
    pub error: TargetError,
}

/// One provider's statements about its own. The numbers stand for places in the log: it took them in that order.
#[derive(Debug, Clone, Default)]
pub struct OwnLives {
    lives: Lives,
    windows: HashMap<Issuer, SequenceWindow>,
}

impl OwnLives {
    /// What the statements of an outbox say.
    ///
    /// # Errors
    /// The journal's.
    pub fn of(outbox: &Kept) -> Result<OwnLives, OutboxError> {
        let mut own = OwnLives::default();
        let (seen, elsewhere) = (Seen::default(), HashMap::new());
        let earlier = Earlier { outbox, seen: &seen, kept: &[], elsewhere: &elsewhere };
        for sequence in outbox.contents().about_others() {
            let Some(numbered) = outbox.numbered(*sequence)? else { continue };
            let Ok(statement) = Statement::parse(&numbered.statement.0) else { continue };
            // What names an entry that the outbox does not know says nothing about those that it knows: the log decides.
            if let Ok(naming) = own.check(&earlier, &statement)? {
                own.take(&statement, &naming);
            }
        }
        Ok(own)
    }

    /// Whether the statement, the next one to be signed, may be about what it names.
    ///
    /// # Errors
    /// The journal's; inside, the rule that is broken.
    pub fn check(
        &mut self,
        past: &dyn Past,
        statement: &Statement,
    ) -> Result<Result<Naming, OrderError>, OutboxError> {
        self.use_numbers_below(statement);
        let before = Before { past, lives: &self.lives, windows: &self.windows };
        match before.name(place_of(statement)?, statement) {
            Ok(naming) => Ok(Ok(naming)),
            Err(RegistryError::Target { place, error }) => Ok(Err(OrderError { place, error })),
            Err(RegistryError::Past(error)) => Err(error.into()),
            Err(error) => Err(PastError(error.to_string()).into()),
        }
    }

    /// Takes in what a statement says.
    pub fn take(&mut self, statement: &Statement, naming: &Naming) {
        if let Ok(place) = place_of(statement) {
            self.lives.take(place, statement, naming);
        }
    }

    /// What was said about a statement. Places in it are numbers of the provider.
    pub fn state(&self, statement: &Statement) -> EntryState {
        EntryState::of(&self.lives, statement)
    }

    /// Every number below the next one was given out, and is on record, under way or closed.
    fn use_numbers_below(&mut self, statement: &Statement) {
        let window = self.windows.entry(statement.claims().iss.clone()).or_default();
        for number in window.highest().saturating_add(1)..statement.sequence().get() {
            let taken = Sequence::new(number).map(|number| window.take(number));
            if !matches!(taken, Some(Ok(()))) {
                return;
            }
        }
    }
}

fn place_of(statement: &Statement) -> Result<LeafIndex, PastError> {
    LeafIndex::new(statement.sequence().get()).map_err(|error| PastError(error.to_string()))
}
