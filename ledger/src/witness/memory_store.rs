//! A witness's store in memory, for tests; it can be asked what a loss of power would leave.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::log_settings::LogId;
use super::store::{WitnessStore, is_evidence_name};
use crate::store::{StateCopies, StateCopy, StoreError};

type Records = BTreeMap<LogId, Vec<u8>>;

#[derive(Debug, Default, Clone)]
struct Inner {
    embedded: Records,
    /// What a loss of power leaves of the embedded copies: what the last reset wrote. sled's flush makes no fsync.
    embedded_durable: Records,
    plain: Records,
    signed_logs: BTreeSet<String>,
    evidence: BTreeMap<String, Vec<u8>>,
}

/// Everything in memory.
#[derive(Debug, Default)]
pub struct MemoryWitnessStore {
    inner: Mutex<Inner>,
}

impl MemoryWitnessStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// A copy of what is left when the process is killed now: everything.
    pub fn after_kill(&self) -> MemoryWitnessStore {
        MemoryWitnessStore { inner: Mutex::new(self.lock().clone()) }
    }

    /// A copy of what is left at worst when the power is lost now: the embedded copies are old ones.
    pub fn after_power_loss(&self) -> MemoryWitnessStore {
        let mut inner = self.lock().clone();
        inner.embedded = inner.embedded_durable.clone();
        MemoryWitnessStore { inner: Mutex::new(inner) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change below is one insertion, so a poisoned lock still guards whole data.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WitnessStore for MemoryWitnessStore {
    fn load(&self) -> Result<BTreeMap<LogId, StateCopies>, StoreError> {
        let inner = self.lock();
        let logs = inner.embedded.keys().chain(inner.plain.keys());
        let copy = |records: &Records, log: &LogId| {
            records.get(log).cloned().map_or(StateCopy::Missing, StateCopy::Bytes)
        };
        let both = |log: &LogId| StateCopies {
            embedded: copy(&inner.embedded, log),
            plain: copy(&inner.plain, log),
        };
        Ok(logs.map(|log| (*log, both(log))).collect())
    }

    fn swap_embedded(&self, log: LogId, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        let mut inner = self.lock();
        if inner.embedded.get(&log).map(Vec::as_slice) != old {
            return Err(StoreError::StateChanged);
        }
        inner.embedded.insert(log, new.to_vec());
        Ok(())
    }

    fn replace_plain(&self, log: LogId, new: &[u8]) -> Result<(), StoreError> {
        self.lock().plain.insert(log, new.to_vec());
        Ok(())
    }

    fn reset_embedded(&self, records: &Records) -> Result<(), StoreError> {
        let mut inner = self.lock();
        inner.embedded = records.clone();
        inner.embedded_durable = records.clone();
        Ok(())
    }

    fn signed_logs(&self) -> Result<BTreeSet<String>, StoreError> {
        Ok(self.lock().signed_logs.clone())
    }

    fn add_signed_logs(&self, origins: &BTreeSet<String>) -> Result<(), StoreError> {
        self.lock().signed_logs.extend(origins.iter().cloned());
        Ok(())
    }

    fn evidence(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.lock().evidence.keys().cloned().collect())
    }

    fn get_evidence(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.lock().evidence.get(name).cloned())
    }

    fn put_evidence(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        if !is_evidence_name(name) {
            return Err(StoreError::BadPath(name.chars().take(100).collect()));
        }
        self.lock().evidence.insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn delete_evidence(&self, name: &str) -> Result<(), StoreError> {
        self.lock().evidence.remove(name);
        Ok(())
    }
}
