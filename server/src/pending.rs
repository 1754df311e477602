//! Statements that came in over the SCITT reference API and are not answered yet, by their leaf hash.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use glasshouse_verifier::hash::LeafHash;

/// How many requests wait for each leaf hash. Clones share one table.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    waiting: Arc<Mutex<HashMap<LeafHash, usize>>>,
    most: usize,
}

impl Pending {
    /// A table for so many statements.
    pub(crate) fn new(most: usize) -> Pending {
        Pending { waiting: Arc::default(), most }
    }

    /// Notes a statement until the place is dropped; `None` if the table is full.
    pub(crate) fn begin(&self, leaf: LeafHash) -> Option<PendingPlace> {
        let mut waiting = self.lock();
        let total: usize = waiting.values().sum();
        if total >= self.most {
            return None;
        }
        *waiting.entry(leaf).or_default() += 1;
        drop(waiting);
        Some(PendingPlace { table: self.clone(), leaf })
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
        let (first, second) = (pending.begin(leaf).unwrap(), pending.begin(leaf).unwrap());
        assert!(pending.begin(LeafHash::of_entry(b"b")).is_none(), "full");
        drop(first);
        assert!(pending.has(&leaf));
        drop(second);
        assert!(!pending.has(&leaf) && pending.begin(LeafHash::of_entry(b"b")).is_some());
    }
}
