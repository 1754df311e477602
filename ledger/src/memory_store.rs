//! A store in memory, for tests and for the demonstration; it can be asked what a loss of power would leave.

use crate::store::{FileStamp, StateCopies, StateCopy, Store, StoreError, check_path};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Everything in memory.
///
/// Keeps beside what can be read what would survive a loss of power: only what was written durably or before the last
/// [`Store::sync`].
#[derive(Debug, Default)]
pub struct MemoryStore {
    inner: Mutex<Inner>,
}

type Files = BTreeMap<String, Arc<Vec<u8>>>;

#[derive(Debug, Default, Clone)]
struct Inner {
    visible: Files,
    durable: Files,
    embedded: Option<Vec<u8>>,
    plain: Option<Vec<u8>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// A copy of what is left when the process is killed now: everything.
    pub fn after_kill(&self) -> MemoryStore {
        MemoryStore { inner: Mutex::new(self.lock().clone()) }
    }

    /// A copy of what is certainly left when the power is lost now: what was durable, and nothing else.
    pub fn after_power_loss(&self) -> MemoryStore {
        let mut inner = self.lock().clone();
        inner.visible = inner.durable.clone();
        MemoryStore { inner: Mutex::new(inner) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change below is made whole before it is stored, so a poisoned lock still guards whole data.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        check_path(path)?;
        self.lock().visible.insert(path.to_owned(), Arc::new(bytes.to_vec()));
        Ok(())
    }

    fn put_durable(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        check_path(path)?;
        let file = Arc::new(bytes.to_vec());
        let mut inner = self.lock();
        inner.visible.insert(path.to_owned(), file.clone());
        inner.durable.insert(path.to_owned(), file);
        Ok(())
    }

    fn append(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StoreError> {
        check_path(path)?;
        let mut inner = self.lock();
        let old = inner.visible.get(path).cloned().unwrap_or_default();
        let mut new = old.get(..index_within(path, offset, old.len())?).unwrap_or_default().to_vec();
        new.extend_from_slice(bytes);
        inner.visible.insert(path.to_owned(), Arc::new(new));
        Ok(())
    }

    fn overwrite(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StoreError> {
        check_path(path)?;
        let mut inner = self.lock();
        let mut new = inner.visible.get(path).cloned().unwrap_or_default();
        let length = new.len();
        let end = offset.saturating_add(bytes.len() as u64);
        let end = index_within(path, end, length)?;
        if !inner.visible.contains_key(path) {
            return Err(range(path, offset, 0));
        }
        let begin = end - bytes.len();
        Arc::make_mut(&mut new)[begin..end].copy_from_slice(bytes);
        inner.visible.insert(path.to_owned(), new.clone());
        inner.durable.insert(path.to_owned(), new);
        Ok(())
    }

    fn rewrite(&self, path: &str, parts: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
        check_path(path)?;
        let mut inner = self.lock();
        let Some(old) = inner.visible.get(path).cloned() else { return Err(range(path, 0, 0)) };
        let mut new = old.to_vec();
        for (offset, bytes) in parts {
            let end = index_within(path, offset.saturating_add(bytes.len() as u64), new.len())?;
            new[end - bytes.len()..end].copy_from_slice(bytes);
        }
        inner.visible.insert(path.to_owned(), Arc::new(new));
        Ok(())
    }

    fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        check_path(path)?;
        Ok(self.lock().visible.get(path).map(|file| file.to_vec()))
    }

    fn get_range(&self, path: &str, offset: u64, length: usize) -> Result<Option<Vec<u8>>, StoreError> {
        check_path(path)?;
        Ok(self.lock().visible.get(path).map(|file| {
            let begin = usize::try_from(offset).unwrap_or(usize::MAX).min(file.len());
            let end = begin.saturating_add(length).min(file.len());
            file[begin..end].to_vec()
        }))
    }

    fn stamp(&self, path: &str) -> Result<Option<FileStamp>, StoreError> {
        check_path(path)?;
        let inner = self.lock();
        Ok(Some(inner.visible.get(path).map_or(FileStamp::ABSENT, |file| FileStamp::of_bytes(file))))
    }

    fn touch(&self, path: &str) -> Result<(), StoreError> {
        // The stamp is made of the bytes, and changes with them.
        check_path(path)
    }

    fn delete(&self, path: &str) -> Result<(), StoreError> {
        check_path(path)?;
        self.lock().visible.remove(path);
        Ok(())
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        check_path(folder)?;
        let inside = format!("{folder}/");
        let inner = self.lock();
        let names = inner.visible.range(inside.clone()..);
        Ok(names.map(|(name, _)| name.clone()).take_while(|name| name.starts_with(&inside)).collect())
    }

    fn sync(&self) -> Result<(), StoreError> {
        let mut inner = self.lock();
        inner.durable = inner.visible.clone();
        Ok(())
    }

    fn load_state(&self) -> Result<StateCopies, StoreError> {
        let inner = self.lock();
        let copy = |bytes: &Option<Vec<u8>>| bytes.clone().map_or(StateCopy::Missing, StateCopy::Bytes);
        Ok(StateCopies { embedded: copy(&inner.embedded), plain: copy(&inner.plain) })
    }

    fn swap_state(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        let mut inner = self.lock();
        if inner.embedded.as_deref() != old || inner.plain.as_deref() != old {
            return Err(StoreError::StateChanged);
        }
        inner.embedded = Some(new.to_vec());
        inner.plain = Some(new.to_vec());
        Ok(())
    }

    fn reset_state(&self, record: &[u8]) -> Result<(), StoreError> {
        let mut inner = self.lock();
        inner.embedded = Some(record.to_vec());
        inner.plain = Some(record.to_vec());
        Ok(())
    }
}

fn index_within(path: &str, offset: u64, length: usize) -> Result<usize, StoreError> {
    match usize::try_from(offset) {
        Ok(offset) if offset <= length => Ok(offset),
        _ => Err(range(path, offset, length as u64)),
    }
}

fn range(path: &str, offset: u64, length: u64) -> StoreError {
    StoreError::Range { path: path.to_owned(), offset, length }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn keeps_the_contract() {
        crate::store_contract::run(MemoryStore::new);
    }

    #[test]
    fn a_loss_of_power_takes_what_was_not_synced() {
        let store = MemoryStore::new();
        store.put("tile/0/000", b"a").unwrap();
        store.put_durable("stage/1-ab", b"b").unwrap();
        assert_eq!(store.after_kill().get("tile/0/000").unwrap().unwrap(), b"a");
        let left = store.after_power_loss();
        assert_eq!(left.get("tile/0/000").unwrap(), None);
        assert_eq!(left.get("stage/1-ab").unwrap().unwrap(), b"b");
        store.delete("stage/1-ab").unwrap();
        assert!(store.after_power_loss().get("stage/1-ab").unwrap().is_some());
        store.sync().unwrap();
        let left = store.after_power_loss();
        assert_eq!(left.get("tile/0/000").unwrap().unwrap(), b"a");
        assert_eq!(left.get("stage/1-ab").unwrap(), None);
    }
}
