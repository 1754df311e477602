//! The fault table of a witness: every call that writes, failed and failed-but-persisted, then the process killed or the
//! power lost; and its folder: copied, restored, damaged, opened twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/slow_tree.rs"]
mod slow_tree;
#[path = "support/witness_bench.rs"]
mod witness_bench;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use glasshouse_ledger::store::{StateCopies, StoreError};
use glasshouse_ledger::witness::log_settings::LogId;
use glasshouse_ledger::witness::memory_store::MemoryWitnessStore;
use glasshouse_ledger::witness::refusal::{AddRefusal, Unavailable};
use glasshouse_ledger::witness::store::WitnessStore;
use slow_tree::{SlowLog, SlowTree};
use witness_bench::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It did nothing and says so.
    Failed,
    /// It did everything and says that it failed.
    Persisted,
}

/// Counts the calls that write, and fails at one of them.
struct FaultyStore {
    inner: MemoryWitnessStore,
    calls: AtomicUsize,
    fault: Mutex<Option<(usize, Fault)>>,
    names: Mutex<Vec<&'static str>>,
}

impl FaultyStore {
    fn new(inner: MemoryWitnessStore) -> Arc<FaultyStore> {
        let (calls, fault, names) = (AtomicUsize::new(0), Mutex::new(None), Mutex::new(Vec::new()));
        Arc::new(FaultyStore { inner, calls, fault, names })
    }

    fn arm(&self, at: usize, fault: Fault) {
        self.calls.store(0, Ordering::SeqCst);
        self.names.lock().unwrap().clear();
        *self.fault.lock().unwrap() = Some((at, fault));
    }

    fn run(
        &self,
        name: &'static str,
        act: impl FnOnce() -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        self.names.lock().unwrap().push(name);
        let broken = || {
            Err(StoreError::Io {
                action: "do",
                path: name.to_owned(),
                source: std::io::Error::other("injected"),
            })
        };
        match *self.fault.lock().unwrap() {
            Some((at, Fault::Failed)) if at == call => broken(),
            Some((at, Fault::Persisted)) if at == call => act().and_then(|()| broken()),
            _ => act(),
        }
    }
}

impl WitnessStore for FaultyStore {
    fn load(&self) -> Result<BTreeMap<LogId, StateCopies>, StoreError> {
        self.inner.load()
    }

    fn swap_embedded(&self, log: LogId, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        self.run("swap_embedded", || self.inner.swap_embedded(log, old, new))
    }

    fn replace_plain(&self, log: LogId, new: &[u8]) -> Result<(), StoreError> {
        self.run("replace_plain", || self.inner.replace_plain(log, new))
    }

    fn reset_embedded(&self, records: &BTreeMap<LogId, Vec<u8>>) -> Result<(), StoreError> {
        self.run("reset_embedded", || self.inner.reset_embedded(records))
    }

    fn signed_logs(&self) -> Result<BTreeSet<String>, StoreError> {
        self.inner.signed_logs()
    }

    fn add_signed_logs(&self, origins: &BTreeSet<String>) -> Result<(), StoreError> {
        self.run("add_signed_logs", || self.inner.add_signed_logs(origins))
    }

    fn evidence(&self) -> Result<Vec<String>, StoreError> {
        self.inner.evidence()
    }

    fn get_evidence(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get_evidence(name)
    }

    fn put_evidence(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.run("put_evidence", || self.inner.put_evidence(name, bytes))
    }

    fn delete_evidence(&self, name: &str) -> Result<(), StoreError> {
        self.run("delete_evidence", || self.inner.delete_evidence(name))
    }
}

/// What the next start finds after a kill, and after a loss of power: the tree before, or the one that was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Before,
    After,
}

use Found::{After, Before};

/// A call of one cosigning; what is found if it failed without doing anything, and if it failed after doing all of it;
/// each after a kill and after a loss of power. Nobody was ever answered.
struct Row(&'static str, [Found; 2], [Found; 2]);

const COSIGNING: &[Row] = &[
    // sled makes no fsync: what it was told survives a kill, and a loss of power only by luck.
    Row("swap_embedded", [Before, Before], [After, Before]),
    Row("replace_plain", [After, Before], [After, After]),
];

/// The calls of a log's first cosigning: one more, behind the others.
const FIRST_COSIGNING: &[Row] = &[
    Row("swap_embedded", [Before, Before], [After, Before]),
    Row("replace_plain", [After, Before], [After, After]),
    // The record is there, and the next start writes the log's name down.
    Row("add_signed_logs", [After, After], [After, After]),
];

/// A witness that has cosigned sizes up to `size` (0: nothing yet), on a store that fails at a call.
fn run_table(cosigned: u64) {
    let rows = if cosigned == 0 { FIRST_COSIGNING } else { COSIGNING };
    for (at, row) in rows.iter().enumerate() {
        for (fault, found) in [(Fault::Failed, row.1), (Fault::Persisted, row.2)] {
            run_row(cosigned, at, row.0, fault, found);
        }
    }
}

fn run_row(cosigned: u64, at: usize, call: &str, fault: Fault, found: [Found; 2]) {
    let story = format!("{call} {fault:?} at {cosigned}");
    let clock = HandClock::at(NOW_S);
    let [log, other] = logs();
    let faulty = FaultyStore::new(MemoryWitnessStore::new());
    let store: Arc<dyn WitnessStore> = faulty.clone();
    let witness = open(&store, &clock);
    if cosigned > 0 {
        let first = log.request(0, &SlowTree::of(cosigned, u64::MAX, 0));
        assert_eq!(status(&witness.add_checkpoint(&first)), 200, "{story}");
        // The state as it was when the last start left it: both copies durable.
        faulty.inner.reset_embedded(&records(&faulty.inner)).unwrap();
    }
    faulty.arm(at, fault);
    let larger = SlowTree::of(cosigned + 4, u64::MAX, 0);
    let refused = witness.add_checkpoint(&log.request(cosigned, &larger)).answer;
    assert!(matches!(refused, Err(AddRefusal::Unavailable(Unavailable::Store(_)))), "{story}: {refused:?}");
    let names = faulty.names.lock().unwrap().clone();
    assert_eq!(names.last(), Some(&call), "{story}: {names:?}");
    assert_eq!(names.len(), at + 1, "{story}: nothing is called after a failed call");
    // Nothing is signed any more, for no log.
    assert!(witness.has_stopped(), "{story}");
    for request in [log.request(cosigned, &larger), other.request(0, &larger)] {
        let refused = witness.add_checkpoint(&request).answer;
        assert!(matches!(refused, Err(AddRefusal::Unavailable(Unavailable::Stopped))), "{story}");
    }
    assert_eq!(last_size(&witness, &log), (cosigned > 0).then_some(cosigned), "{story}: shown too early");
    let left = [faulty.inner.after_kill(), faulty.inner.after_power_loss()];
    for (left, found) in left.into_iter().zip(found) {
        check_left(&format!("{story} {found:?}"), left, &log, cosigned, found);
    }
}

fn records(store: &MemoryWitnessStore) -> BTreeMap<LogId, Vec<u8>> {
    let bytes = |copies: StateCopies| match copies.plain {
        glasshouse_ledger::store::StateCopy::Bytes(bytes) => bytes,
        other => panic!("{other:?}"),
    };
    store.load().unwrap().into_iter().map(|(log, copies)| (log, bytes(copies))).collect()
}

/// Whatever is found: one of both trees, from which the log goes on, and a fork does not.
fn check_left(story: &str, left: MemoryWitnessStore, log: &SlowLog, cosigned: u64, found: Found) {
    let store: Arc<dyn WitnessStore> = Arc::new(left);
    let witness = open(&store, &HandClock::at(NOW_S + 1));
    let size = if found == After { cosigned + 4 } else { cosigned };
    assert_eq!(last_size(&witness, log).unwrap_or(0), size, "{story}");
    if size > 0 {
        let fork = log.request(size, &SlowTree::of(cosigned + 9, size - 1, 7));
        assert_eq!(status(&witness.add_checkpoint(&fork)), 422, "{story}");
    }
    let on = log.request(size, &SlowTree::of(cosigned + 9, u64::MAX, 0));
    assert_eq!(status(&witness.add_checkpoint(&on)), 200, "{story}");
    let again = open(&store, &HandClock::at(NOW_S + 2));
    assert_eq!(last_size(&again, log), Some(cosigned + 9), "{story}");
    assert!(store.signed_logs().unwrap().contains(&log.origin), "{story}");
}

#[test]
fn every_call_of_cosigning_fails() {
    run_table(5);
}

#[test]
fn every_call_of_the_first_cosigning_fails() {
    run_table(0);
}

#[test]
fn the_table_names_every_call() {
    let faulty = FaultyStore::new(MemoryWitnessStore::new());
    let store: Arc<dyn WitnessStore> = faulty.clone();
    let witness = open(&store, &HandClock::at(NOW_S));
    let [log, _] = logs();
    faulty.arm(usize::MAX, Fault::Failed);
    for (old, new, rows) in [(0, 3, FIRST_COSIGNING), (3, 4, COSIGNING)] {
        faulty.names.lock().unwrap().clear();
        assert_eq!(status(&witness.add_checkpoint(&log.request(old, &SlowTree::of(new, u64::MAX, 0)))), 200);
        let rows: Vec<&str> = rows.iter().map(|row| row.0).collect();
        assert_eq!(*faulty.names.lock().unwrap(), rows);
    }
}

#[test]
fn evidence_that_cannot_be_kept_stops_the_witness() {
    let faulty = FaultyStore::new(MemoryWitnessStore::new());
    let store: Arc<dyn WitnessStore> = faulty.clone();
    let witness = open(&store, &HandClock::at(NOW_S));
    let [log, _] = logs();
    let tree = SlowTree::of(7, u64::MAX, 0);
    assert_eq!(status(&witness.add_checkpoint(&log.request(0, &tree))), 200);
    faulty.arm(0, Fault::Failed);
    assert_eq!(status(&witness.add_checkpoint(&log.request(7, &SlowTree::of(7, 2, 1)))), 503);
    assert!(witness.has_stopped());
    assert_eq!(*faulty.names.lock().unwrap(), ["put_evidence"]);
}

/// Starts from what is left, with each fault at each call until none is reached; `check` sees what a kill and a loss of power
/// leave of each. How many starts died.
fn start_dying_at_every_call(
    left: &MemoryWitnessStore,
    check: impl Fn(Fault, usize, MemoryWitnessStore),
) -> usize {
    let mut deaths = 0;
    for fault in [Fault::Failed, Fault::Persisted] {
        for at in 0.. {
            let again = FaultyStore::new(left.after_kill());
            again.arm(at, fault);
            let store: Arc<dyn WitnessStore> = again.clone();
            if try_open(&store, &HandClock::at(NOW_S), 1_000).is_ok() {
                break;
            }
            deaths += 1;
            for left in [again.inner.after_kill(), again.inner.after_power_loss()] {
                check(fault, at, left);
            }
        }
    }
    deaths
}

/// The start itself dies at each of its calls, again and again, and ends at the same state.
#[test]
fn recovery_can_die_at_every_call() {
    let [log, _] = logs();
    let faulty = FaultyStore::new(MemoryWitnessStore::new());
    let store: Arc<dyn WitnessStore> = faulty.clone();
    let witness = open(&store, &HandClock::at(NOW_S));
    assert_eq!(status(&witness.add_checkpoint(&log.request(0, &SlowTree::of(5, u64::MAX, 0)))), 200);
    faulty.arm(1, Fault::Failed);
    assert_eq!(status(&witness.add_checkpoint(&log.request(5, &SlowTree::of(9, u64::MAX, 0)))), 503);
    let mut deaths = 0;
    // After a kill the embedded copy is ahead; after a loss of power it is behind.
    let found = [(faulty.inner.after_kill(), 9), (faulty.inner.after_power_loss(), 5)];
    for (left, size) in found {
        deaths += start_dying_at_every_call(&left, |fault, at, left| {
            let store: Arc<dyn WitnessStore> = Arc::new(left);
            let witness = open(&store, &HandClock::at(NOW_S));
            let last = last_size(&witness, &log).unwrap();
            // Before its first call the ahead copy is only embedded, and a loss of power takes it.
            assert!(last == size || (last == 5 && at == 0), "{fault:?} {at}: {last}");
        });
    }
    assert_eq!(deaths, 4, "one call each, two faults, two states");
}

/// A first record that was never answered: its log is named at start, whichever call of that dies, before anything is signed.
#[test]
fn a_start_that_names_a_log_can_die_at_every_call() {
    let [log, _] = logs();
    let faulty = FaultyStore::new(MemoryWitnessStore::new());
    let store: Arc<dyn WitnessStore> = faulty.clone();
    let witness = open(&store, &HandClock::at(NOW_S));
    faulty.arm(2, Fault::Failed);
    assert_eq!(status(&witness.add_checkpoint(&log.request(0, &SlowTree::of(5, u64::MAX, 0)))), 503);
    assert!(faulty.inner.signed_logs().unwrap().is_empty());
    let mut deaths = 0;
    // After a loss of power the embedded copy is made anew too.
    for left in [faulty.inner.after_kill(), faulty.inner.after_power_loss()] {
        deaths += start_dying_at_every_call(&left, |fault, at, left| {
            check_left(&format!("{fault:?} {at}"), left, &log, 1, After);
        });
    }
    assert_eq!(deaths, 6, "two faults at one call after a kill, and at two after a loss of power");
}
