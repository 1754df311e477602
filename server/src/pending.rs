//! Statements that came in over the SCITT reference API and are not answered yet, by their leaf hash.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use glasshouse_verifier::hash::LeafHash;

use crate::client_address::ClientAddress;
use crate::fair_budget::{FairBudget, FairShare};

/// How many requests wait for each leaf hash. Clones share one table.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    waiting: Arc<Mutex<HashMap<LeafHash, usize>>>,
    places: FairBudget<ClientAddress>,
}

impl Pending {
    /// A table for so many statements.
    pub(crate) fn new(most: usize) -> Pending {
        Pending { waiting: Arc::default(), places: FairBudget::new(most) }
    }

    /// Notes a statement until the place is dropped; `None` if the table is full, or the client has as many places as it may.
    pub(crate) fn begin(&self, leaf: LeafHash, client: ClientAddress) -> Option<PendingPlace> {
        let share = self.places.take(client, 1)?;
        *self.lock().entry(leaf).or_default() += 1;
        Some(PendingPlace { table: self.clone(), leaf, _share: share })
    }

    /// Whether a statement waits.
    pub(crate) fn has(&self, leaf: &LeafHash) -> bool {
        self.lock().contains_key(leaf)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<LeafHash, usize>> {
        // Each change is whole before the lock is let go.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request's place among those that wait.
#[derive(Debug)]
pub(crate) struct PendingPlace {
    table: Pending,
    leaf: LeafHash,
    _share: FairShare<ClientAddress>,
}

impl Drop for PendingPlace {
    fn drop(&mut self) {
        let mut waiting = self.table.lock();
        match waiting.get_mut(&self.leaf) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(waiting.remove(&self.leaf)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn a_statement_waits_until_its_last_request_is_answered() {
        let pending = Pending::new(2);
        let leaf = LeafHash::of_entry(b"a");
        let client = |number| ClientAddress::of([192, 0, 2, number].into());
        let begin = |leaf, number| pending.begin(leaf, client(number));
        let first = begin(leaf, 1).unwrap();
        assert!(begin(leaf, 1).is_none(), "half of it is for others");
        let second = begin(leaf, 2).unwrap();
        assert!(begin(LeafHash::of_entry(b"b"), 3).is_none(), "full");
        drop(first);
        assert!(pending.has(&leaf));
        drop(second);
        assert!(!pending.has(&leaf) && begin(LeafHash::of_entry(b"b"), 1).is_some());
    }
}
