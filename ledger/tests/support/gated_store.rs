//! A witness's store in which chosen calls wait at a gate, or fail.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use glasshouse_ledger::store::{StateCopies, StoreError};
use glasshouse_ledger::witness::log_settings::LogId;
use glasshouse_ledger::witness::memory_store::MemoryWitnessStore;
use glasshouse_ledger::witness::store::WitnessStore;

/// A call that writes, and about which log.
pub type Call = (&'static str, LogId);

/// One call that has come to the gate and waits there until this is dropped.
pub struct Waiting(#[allow(dead_code)] Sender<()>);

/// Says at the gate that a call has come, and waits.
type Gate = Sender<Waiting>;

#[derive(Default)]
pub struct GatedStore {
    inner: MemoryWitnessStore,
    gates: Mutex<Vec<(Call, Gate)>>,
    broken: Mutex<Option<Call>>,
}

impl GatedStore {
    pub fn new() -> Arc<GatedStore> {
        Arc::default()
    }

    /// The next such call waits. Gives it out when it has come.
    pub fn shut(&self, call: Call) -> Receiver<Waiting> {
        let (gate, came) = channel();
        self.gates.lock().unwrap().push((call, gate));
        came
    }

    /// Such calls fail from now on.
    pub fn break_at(&self, call: Call) {
        *self.broken.lock().unwrap() = Some(call);
    }

    fn pass(&self, call: Call) -> Result<(), StoreError> {
        let gate = {
            let mut gates = self.gates.lock().unwrap();
            let at = gates.iter().position(|(shut, _)| *shut == call);
            at.map(|at| gates.remove(at).1)
        };
        if let Some(gate) = gate {
            let (open, opened) = channel();
            gate.send(Waiting(open)).unwrap();
            // Ends with an error when the other half is dropped.
            let _ = opened.recv();
        }
        if *self.broken.lock().unwrap() == Some(call) {
            let source = std::io::Error::other("injected");
            return Err(StoreError::Io { action: "do", path: call.0.to_owned(), source });
        }
        Ok(())
    }
}

fn log_of(name: &str) -> LogId {
    LogId::from_hex(name.split('-').next().unwrap()).unwrap()
}

impl WitnessStore for GatedStore {
    fn load(&self) -> Result<BTreeMap<LogId, StateCopies>, StoreError> {
        self.inner.load()
    }

    fn swap_embedded(&self, log: LogId, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        self.pass(("swap_embedded", log))?;
        self.inner.swap_embedded(log, old, new)
    }

    fn replace_plain(&self, log: LogId, new: &[u8]) -> Result<(), StoreError> {
        self.pass(("replace_plain", log))?;
        self.inner.replace_plain(log, new)
    }

    fn reset_embedded(&self, records: &BTreeMap<LogId, Vec<u8>>) -> Result<(), StoreError> {
        self.inner.reset_embedded(records)
    }

    fn signed_logs(&self) -> Result<BTreeSet<String>, StoreError> {
        self.inner.signed_logs()
    }

    fn add_signed_logs(&self, origins: &BTreeSet<String>) -> Result<(), StoreError> {
        self.inner.add_signed_logs(origins)
    }

    fn evidence(&self) -> Result<Vec<String>, StoreError> {
        self.inner.evidence()
    }

    fn get_evidence(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get_evidence(name)
    }

    fn put_evidence(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.pass(("put_evidence", log_of(name)))?;
        self.inner.put_evidence(name, bytes)
    }

    fn delete_evidence(&self, name: &str) -> Result<(), StoreError> {
        self.inner.delete_evidence(name)
    }
}
