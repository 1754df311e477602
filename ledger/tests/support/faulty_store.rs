//! A store that fails at a chosen call: before it did anything, or after it did everything.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::store::{FileStamp, StateCopies, Store, StoreError};

/// How the chosen call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It did nothing and says so.
    Failed,
    /// It did everything and says that it failed.
    Persisted,
    /// It did everything and could not sync it.
    Unsynced,
}

/// Counts the calls that write, and fails at one of them.
pub struct FaultyStore {
    inner: MemoryStore,
    calls: AtomicUsize,
    fault: Mutex<Option<(usize, Fault)>>,
    names: Mutex<Vec<String>>,
    reads: Mutex<Vec<String>>,
}

impl FaultyStore {
    pub fn new(inner: MemoryStore) -> FaultyStore {
        FaultyStore {
            inner,
            calls: AtomicUsize::new(0),
            fault: Mutex::new(None),
            names: Mutex::new(Vec::new()),
            reads: Mutex::new(Vec::new()),
        }
    }

    /// From now on: the call number `at` (from 0) fails.
    pub fn arm(&self, at: usize, fault: Fault) {
        self.calls.store(0, Ordering::SeqCst);
        self.names.lock().unwrap().clear();
        *self.fault.lock().unwrap() = Some((at, fault));
    }

    /// What was called since it was armed, as `put_durable stage/…`.
    pub fn names(&self) -> Vec<String> {
        self.names.lock().unwrap().clone()
    }

    /// Every file that was read whole since it was made.
    pub fn reads(&self) -> Vec<String> {
        self.reads.lock().unwrap().clone()
    }

    pub fn inner(&self) -> &MemoryStore {
        &self.inner
    }

    fn run<T>(&self, name: String, act: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        self.names.lock().unwrap().push(name.clone());
        match *self.fault.lock().unwrap() {
            Some((at, Fault::Failed)) if at == call => Err(broken("do", name)),
            Some((at, fault)) if at == call => {
                act()?;
                Err(broken(if fault == Fault::Unsynced { "sync" } else { "do" }, name))
            }
            _ => act(),
        }
    }
}

fn broken(action: &'static str, path: String) -> StoreError {
    StoreError::Io { action, path, source: std::io::Error::other("injected") }
}

impl Store for FaultyStore {
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.run(format!("put {path}"), || self.inner.put(path, bytes))
    }

    fn put_durable(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.run(format!("put_durable {path}"), || self.inner.put_durable(path, bytes))
    }

    fn append(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.run(format!("append {path}"), || self.inner.append(path, offset, bytes))
    }

    fn overwrite(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.run(format!("overwrite {path}"), || self.inner.overwrite(path, offset, bytes))
    }

    fn rewrite(&self, path: &str, parts: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
        self.run(format!("rewrite {path}"), || self.inner.rewrite(path, parts))
    }

    fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.reads.lock().unwrap().push(path.to_owned());
        self.inner.get(path)
    }

    fn get_range(&self, path: &str, offset: u64, length: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get_range(path, offset, length)
    }

    fn stamp(&self, path: &str) -> Result<Option<FileStamp>, StoreError> {
        self.inner.stamp(path)
    }

    fn touch(&self, path: &str) -> Result<(), StoreError> {
        self.run(format!("touch {path}"), || self.inner.touch(path))
    }

    fn delete(&self, path: &str) -> Result<(), StoreError> {
        self.run(format!("delete {path}"), || self.inner.delete(path))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        self.inner.list(folder)
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.run("sync".to_owned(), || self.inner.sync())
    }

    fn load_state(&self) -> Result<StateCopies, StoreError> {
        self.inner.load_state()
    }

    fn swap_state(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        self.run("swap_state".to_owned(), || self.inner.swap_state(old, new))
    }

    fn reset_state(&self, record: &[u8]) -> Result<(), StoreError> {
        self.run("reset_state".to_owned(), || self.inner.reset_state(record))
    }
}
