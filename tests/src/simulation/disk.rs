//! The log's disk: a store whose calls fail, and that tells what a kill or a loss of power leaves.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::store::{FileStamp, StateCopies, StateCopy, Store, StoreError};

use super::dice::Dice;

/// Older copies of the state that a loss of power can bring back: sled's flush makes no fsync.
const OLDER_MAX: usize = 3;
/// Bytes that a disk writes all or none of: less than any real one, so that more is torn.
const BLOCK: usize = 64;
/// Every folder of a store, and every file beside them: [`assert_seen`] holds each write against them.
const FOLDERS: [&str; 5] = ["tile", "stage", "addenda-pack", "refused", "evidence"];
const FILES: [&str; 5] = ["checkpoint", "vkey", "addenda.v1", "erasures", "history"];

/// Where the files lie. What it says of the state record is not used: the disk keeps that itself.
pub(super) trait Medium: Store {
    /// What is left when the process is killed now.
    fn after_kill(&self) -> Arc<dyn Medium>;

    /// What is left when the power is lost now: everything that was durable, and of the rest what the dice say.
    fn after_power_loss(&self, dice: &mut Dice) -> Arc<dyn Medium>;

    /// What is certainly left of one file when the power is lost now.
    fn durable(&self, path: &str) -> Option<Vec<u8>>;
}

impl Medium for MemoryStore {
    fn after_kill(&self) -> Arc<dyn Medium> {
        Arc::new(MemoryStore::after_kill(self))
    }

    fn after_power_loss(&self, dice: &mut Dice) -> Arc<dyn Medium> {
        let left = MemoryStore::after_power_loss(self);
        if dice.percent(40) {
            return Arc::new(left);
        }
        for name in names(self).union(&names(&left)) {
            let (new, old) = (self.get(name).unwrap(), left.get(name).unwrap());
            if new == old || dice.percent(40) {
                continue;
            }
            match torn(name, old.as_deref(), new.as_deref(), dice) {
                Some(bytes) => left.put(name, &bytes).unwrap(),
                None => left.delete(name).unwrap(),
            }
        }
        left.sync().unwrap();
        Arc::new(left)
    }

    fn durable(&self, path: &str) -> Option<Vec<u8>> {
        MemoryStore::after_power_loss(self).get(path).unwrap()
    }
}

/// What is left of a file that was written and not synced, as the contract of [`Store`] allows it.
fn torn(name: &str, old: Option<&[u8]>, new: Option<&[u8]>, dice: &mut Dice) -> Option<Vec<u8>> {
    let new = new?;
    match old {
        Some(old) if name.starts_with("addenda-pack/") => Some(torn_in_place(old, new, dice)),
        _ => match dice.roll(3) {
            0 => Some(Vec::new()),
            1 => Some(new[..dice.place(new.len() + 1)].to_vec()),
            _ => Some(new.to_vec()),
        },
    }
}

/// Of a file that is written in place and behind its end: some blocks are new and others old, and of the end some is there.
fn torn_in_place(old: &[u8], new: &[u8], dice: &mut Dice) -> Vec<u8> {
    let common = old.len().min(new.len());
    let blocks = old[..common].chunks(BLOCK).zip(new[..common].chunks(BLOCK));
    let mut left: Vec<u8> =
        blocks.flat_map(|(old, new)| if dice.percent(50) { old } else { new }).copied().collect();
    let longer = if new.len() > common { new } else { old };
    left.extend_from_slice(&longer[common..common + dice.place(longer.len() - common + 1)]);
    left
}

fn names(store: &dyn Store) -> BTreeSet<String> {
    let inside = FOLDERS.iter().flat_map(|folder| store.list(folder).unwrap());
    inside.chain(FILES.iter().map(|name| (*name).to_owned())).collect()
}

/// What is written is looked at: a file that nobody knew of would never be torn, nor searched for what was redacted.
fn assert_seen(path: &str) {
    let is_inside = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    assert!(
        FILES.contains(&path) || FOLDERS.iter().any(|folder| is_inside(folder)),
        "{path} is never looked at"
    );
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It did nothing and says so.
    Failed,
    /// It did everything and says that it failed.
    Persisted,
    /// Of both copies of the state one was written, and of a file that was not there a part; any other call did nothing.
    Half,
}

#[derive(Debug, Clone, Default)]
struct State {
    embedded: Option<Vec<u8>>,
    is_unreadable: bool,
    plain: Option<Vec<u8>>,
    /// What the embedded copy was before, the newest last.
    older: Vec<Option<Vec<u8>>>,
}

#[derive(Debug, Default)]
struct Inner {
    state: State,
    /// How many writing calls from now fail, and how.
    armed: Option<(u64, Fault)>,
    /// The last call that failed.
    fired: Option<(String, Fault)>,
    is_full: bool,
}

/// A disk in one machine.
pub(super) struct Disk {
    medium: Arc<dyn Medium>,
    inner: Mutex<Inner>,
}

impl Disk {
    pub(super) fn new(medium: Arc<dyn Medium>) -> Disk {
        Disk { medium, inner: Mutex::default() }
    }

    /// The writing call that comes after so many others fails.
    pub(super) fn arm(&self, after: u64, fault: Fault) {
        self.inner.lock().unwrap().armed = Some((after, fault));
    }

    /// From now on it holds.
    pub(super) fn disarm(&self) {
        let mut inner = self.inner.lock().unwrap();
        (inner.armed, inner.is_full) = (None, false);
    }

    /// Whether every call that writes fails.
    pub(super) fn set_full(&self, is_full: bool) {
        self.inner.lock().unwrap().is_full = is_full;
    }

    /// The last call that failed since the last time that somebody asked.
    pub(super) fn take_fired(&self) -> Option<(String, Fault)> {
        self.inner.lock().unwrap().fired.take()
    }

    pub(super) fn after_kill(&self) -> Disk {
        let state = self.inner.lock().unwrap().state.clone();
        self.with(self.medium.after_kill(), state)
    }

    pub(super) fn after_power_loss(&self, dice: &mut Dice) -> Disk {
        let mut state = self.inner.lock().unwrap().state.clone();
        let older = state.older.len();
        match dice.roll(6) {
            0 if older > 0 => state.embedded = state.older[dice.place(older)].clone(),
            1 => state.embedded = None,
            2 => state.is_unreadable = true,
            _ => {}
        }
        state.older.clear();
        self.with(self.medium.after_power_loss(dice), state)
    }

    /// A disk that is full stays full.
    fn with(&self, medium: Arc<dyn Medium>, state: State) -> Disk {
        let is_full = self.inner.lock().unwrap().is_full;
        Disk { medium, inner: Mutex::new(Inner { state, is_full, ..Inner::default() }) }
    }

    /// What is certainly left of one file when the power is lost now.
    pub(super) fn durable(&self, path: &str) -> Option<Vec<u8>> {
        self.medium.durable(path)
    }

    /// Every file but the state, with its bytes; those of the tree, which are most of them, only if they are asked for.
    pub(super) fn files(&self, also_tree: bool) -> Vec<(String, Vec<u8>)> {
        let names = names(self.medium.as_ref()).into_iter();
        let names = names.filter(|name| also_tree || !name.starts_with("tile/"));
        names.filter_map(|name| Some((self.medium.get(&name).unwrap()?, name))).map(|(b, n)| (n, b)).collect()
    }

    /// How the next call that writes ends.
    fn next_fault(&self, call: &str) -> Option<Fault> {
        let mut inner = self.inner.lock().unwrap();
        let fault = match inner.armed.take() {
            Some((0, fault)) => Some(fault),
            Some((after, fault)) => {
                inner.armed = Some((after - 1, fault));
                None
            }
            None => None,
        };
        let fault = fault.or(inner.is_full.then_some(Fault::Failed));
        if let Some(fault) = fault {
            inner.fired = Some((call.to_owned(), fault));
        }
        fault
    }

    fn run(&self, call: &str, act: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
        match self.next_fault(call) {
            None => act(),
            Some(Fault::Persisted) => act().and(Err(broken(call))),
            Some(Fault::Failed | Fault::Half) => Err(broken(call)),
        }
    }

    /// Replaces copies of the state: both, or one of them.
    fn write_state(&self, call: &str, new: &[u8], embedded_first: bool) -> Result<(), StoreError> {
        let fault = self.next_fault(call);
        let mut inner = self.inner.lock().unwrap();
        let state = &mut inner.state;
        let (embedded, plain) = match fault {
            None | Some(Fault::Persisted) => (true, true),
            Some(Fault::Failed) => (false, false),
            Some(Fault::Half) => (embedded_first, !embedded_first),
        };
        if embedded {
            let old = state.embedded.replace(new.to_vec());
            state.older.push(old);
            state.is_unreadable = false;
            let surplus = state.older.len().saturating_sub(OLDER_MAX);
            state.older.drain(..surplus);
        }
        if plain {
            state.plain = Some(new.to_vec());
        }
        fault.map_or(Ok(()), |_| Err(broken(call)))
    }
}

fn broken(call: &str) -> StoreError {
    StoreError::Io { action: "do", path: call.to_owned(), source: std::io::Error::other("injected") }
}

impl Store for Disk {
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        assert_seen(path);
        self.run(&format!("put {path}"), || self.medium.put(path, bytes))
    }

    fn put_durable(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        assert_seen(path);
        let call = format!("put_durable {path}");
        match self.next_fault(&call) {
            None => self.medium.put_durable(path, bytes),
            Some(Fault::Persisted) => self.medium.put_durable(path, bytes).and(Err(broken(&call))),
            Some(Fault::Failed) => Err(broken(&call)),
            // A stage, say, or the first history, that was cut. A file that was there is replaced in one step.
            Some(Fault::Half) if self.medium.get(path)?.is_none() => {
                self.medium.put_durable(path, &bytes[..bytes.len() / 2]).and(Err(broken(&call)))
            }
            Some(Fault::Half) => Err(broken(&call)),
        }
    }

    fn append(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StoreError> {
        assert_seen(path);
        self.run(&format!("append {path}"), || self.medium.append(path, offset, bytes))
    }

    fn overwrite(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.run(&format!("overwrite {path}"), || self.medium.overwrite(path, offset, bytes))
    }

    fn rewrite(&self, path: &str, parts: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
        self.run(&format!("rewrite {path}"), || self.medium.rewrite(path, parts))
    }

    fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.medium.get(path)
    }

    fn get_range(&self, path: &str, offset: u64, length: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.medium.get_range(path, offset, length)
    }

    fn stamp(&self, path: &str) -> Result<Option<FileStamp>, StoreError> {
        self.medium.stamp(path)
    }

    fn touch(&self, path: &str) -> Result<(), StoreError> {
        self.run(&format!("touch {path}"), || self.medium.touch(path))
    }

    fn delete(&self, path: &str) -> Result<(), StoreError> {
        self.run(&format!("delete {path}"), || self.medium.delete(path))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        self.medium.list(folder)
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.run("sync", || self.medium.sync())
    }

    fn load_state(&self) -> Result<StateCopies, StoreError> {
        let state = &self.inner.lock().unwrap().state;
        let copy = |bytes: &Option<Vec<u8>>| bytes.clone().map_or(StateCopy::Missing, StateCopy::Bytes);
        let embedded = match state.is_unreadable {
            true => StateCopy::Unreadable("a page is damaged".to_owned()),
            false => copy(&state.embedded),
        };
        Ok(StateCopies { embedded, plain: copy(&state.plain) })
    }

    fn swap_state(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        {
            let state = &self.inner.lock().unwrap().state;
            let is_old = |copy: &Option<Vec<u8>>| copy.as_deref() == old;
            if state.is_unreadable || !is_old(&state.embedded) || !is_old(&state.plain) {
                return Err(StoreError::StateChanged);
            }
        }
        self.write_state("swap_state", new, true)
    }

    fn reset_state(&self, record: &[u8]) -> Result<(), StoreError> {
        self.write_state("reset_state", record, false)
    }
}
