//! The copies of state records in the embedded database (sled): a ledger's one, or a witness's one for each log.
//!
//! Measured: after a flipped byte or a cut tail sled 0.34.7 opens without complaint on an older state, or panics, and
//! its flush makes no fsync. So it is opened on a thread of its own, whose panic is an answer like any other; what it
//! returns is only believed as far as the record's own signature and its elder, the plain file, allow; and a folder
//! that it cannot open is put aside and made anew by [`EmbeddedState::reset`].
//!
//! A record of more than 1 KiB lies in a file of its own below `blobs/`, named by its place in the log. Two things follow,
//! both seen. A first life that is killed between that file and the log leaves an empty log and a file that the next life
//! cannot make: [`remove_strays`]. And where a write fails, whoever waits for sled waits for ever, so that it is not called
//! again: [`EmbeddedState::give_up`].

use crate::sled_lock::{is_held, open_when_free};
use crate::store::{StateCopy, StoreError};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// The least that sled takes for its cache is far more than the records need.
const CACHE_BYTES: u64 = 1 << 20;

/// sled fills its file up to a multiple of this with zeros; small records need little.
const SEGMENT_BYTES: usize = 4 << 10;

/// A key and the record under it.
pub(crate) type KeyedRecord = (Vec<u8>, Vec<u8>);

/// sled's database of records.
#[derive(Debug)]
pub(crate) struct EmbeddedState {
    folder: PathBuf,
    /// The open database, or why there is none (any more).
    database: Result<sled::Db, String>,
}

impl EmbeddedState {
    /// Opens `folder`, making it if it is missing. A damaged one is no error here; one that another process holds is.
    pub(crate) fn open(folder: &Path) -> Result<Self, StoreError> {
        let database = open_when_free(|| open_guarded(folder));
        if let Err(trouble) = &database
            && is_held(trouble)
        {
            return Err(StoreError::Held(folder.display().to_string()));
        }
        Ok(Self { folder: folder.to_owned(), database })
    }

    /// What it holds under a key.
    pub(crate) fn load(&self, key: &'static [u8]) -> StateCopy {
        let database = match &self.database {
            Ok(database) => database.clone(),
            Err(trouble) => return StateCopy::Unreadable(trouble.clone()),
        };
        match guarded(move || database.get(key)) {
            Ok(Some(bytes)) => StateCopy::Bytes(bytes.to_vec()),
            Ok(None) => StateCopy::Missing,
            Err(trouble) => StateCopy::Unreadable(trouble),
        }
    }

    /// Everything that it holds, keys and records; or why it cannot be read.
    pub(crate) fn load_all(&self) -> Result<Vec<KeyedRecord>, String> {
        let database = self.database.clone()?;
        guarded(move || {
            database.iter().map(|pair| pair.map(|(key, value)| (key.to_vec(), value.to_vec()))).collect()
        })
    }

    /// Replaces `old` by `new` under a key and hands it to the operating system; [`StoreError::StateChanged`] if it is not
    /// `old`.
    pub(crate) fn swap(&mut self, key: &[u8], old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        let database = match &self.database {
            Ok(database) => database.clone(),
            Err(trouble) => return Err(StoreError::Embedded(trouble.clone())),
        };
        let (old, new) = (old.map(<[u8]>::to_vec), new.to_vec());
        match database.compare_and_swap(key, old, Some(new)) {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(StoreError::StateChanged),
            Err(error) => return Err(self.give_up(database, &error)),
        }
        match database.flush() {
            Ok(_) => Ok(()),
            Err(error) => Err(self.give_up(database, &error)),
        }
    }

    /// Never calls this database again: after a write that failed sled counts a writer who never comes back, and waits for
    /// it in each flush, also in the one of its own end. So its end does not come, before that of the process.
    fn give_up(&mut self, database: sled::Db, error: &sled::Error) -> StoreError {
        std::mem::forget(database);
        self.database = Err(error.to_string());
        StoreError::Embedded(error.to_string())
    }

    /// Puts `record` under a key whatever lay there, making the database anew where that is needed.
    pub(crate) fn reset(&mut self, key: &'static [u8], record: &[u8]) -> Result<(), StoreError> {
        if let StateCopy::Bytes(old) = self.load(key)
            && self.swap(key, Some(&old), record).is_ok()
        {
            return Ok(());
        }
        self.remake()?;
        self.swap(key, None, record)
    }

    /// Makes the database anew, with nothing in it. A damaged folder is kept beside as `….damaged`, the last one only.
    pub(crate) fn remake(&mut self) -> Result<(), StoreError> {
        // Drop our handle first: sled holds a lock on its file for as long as one lives.
        self.database = Err("being made anew".to_owned());
        let aside = self.folder.with_extension("sled.damaged");
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(StoreError::io("remove", &aside))?;
        }
        if self.folder.exists() {
            fs::rename(&self.folder, &aside).map_err(StoreError::io("put aside", &self.folder))?;
        }
        self.database = open_guarded(&self.folder);
        match &self.database {
            Ok(_) => Ok(()),
            Err(trouble) => Err(StoreError::Embedded(trouble.clone())),
        }
    }
}

fn open_guarded(folder: &Path) -> Result<sled::Db, String> {
    let config = sled::Config::new()
        .path(folder)
        .segment_size(SEGMENT_BYTES)
        .cache_capacity(CACHE_BYTES)
        .flush_every_ms(None);
    let blobs = folder.join("blobs");
    let folder = folder.to_owned();
    guarded(move || {
        // sled would make it for everybody.
        make_private(&folder)?;
        let database = config.open()?;
        remove_strays(&database, &blobs)?;
        Ok(database)
    })
}

/// Makes sled's folder, for its owner alone.
pub(crate) fn make_private(folder: &Path) -> sled::Result<()> {
    Ok(DirBuilder::new().recursive(true).mode(0o700).create(folder)?)
}

/// Removes the records beside an empty log. sled removes those that its log does not reach, but where it is empty it looks
/// for none.
fn remove_strays(database: &sled::Db, blobs: &Path) -> sled::Result<()> {
    if !database.is_empty() {
        return Ok(());
    }
    for file in fs::read_dir(blobs)? {
        fs::remove_file(file?.path())?;
    }
    Ok(())
}

/// Runs one call into sled on a thread of its own; a panic there becomes a text.
fn guarded<T: Send + 'static>(call: impl FnOnce() -> sled::Result<T> + Send + 'static) -> Result<T, String> {
    let thread = std::thread::Builder::new()
        .name("embedded-state".to_owned())
        .spawn(call)
        .map_err(|error| format!("no thread to open it on: {error}"))?;
    match thread.join() {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("sled panicked on its own files".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    /// More than sled keeps in its log.
    const LONG: [u8; 5_000] = [7; 5_000];

    fn blobs(folder: &Path) -> usize {
        fs::read_dir(folder.join("blobs")).unwrap().count()
    }

    /// What a first life leaves that is killed when the record's file is there and the log is not written yet.
    #[test]
    fn a_first_write_that_was_cut_off_is_written_again() {
        let scratch = tempfile::tempdir().unwrap();
        let (first, second) = (scratch.path().join("first"), scratch.path().join("second"));
        EmbeddedState::open(&first).unwrap().swap(b"key", None, &LONG).unwrap();
        assert_eq!(blobs(&first), 1, "the record has no file of its own: this test shows nothing");
        fs::create_dir_all(second.join("blobs")).unwrap();
        for file in fs::read_dir(first.join("blobs")).unwrap() {
            let name = file.unwrap().file_name();
            fs::copy(first.join("blobs").join(&name), second.join("blobs").join(&name)).unwrap();
        }
        fs::copy(first.join("conf"), second.join("conf")).unwrap();

        let mut state = EmbeddedState::open(&second).unwrap();
        assert_eq!(state.load(b"key"), StateCopy::Missing);
        state.swap(b"key", None, &LONG).unwrap();
        drop(state);
        let state = EmbeddedState::open(&second).unwrap();
        assert_eq!(state.load(b"key"), StateCopy::Bytes(LONG.to_vec()));
    }

    /// sled itself would hang in the second swap, and in its drop.
    #[test]
    fn after_a_write_that_failed_nothing_waits() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("state");
        let mut state = EmbeddedState::open(&folder).unwrap();
        state.swap(b"key", None, &LONG).unwrap();
        fs::remove_dir_all(folder.join("blobs")).unwrap();
        for _ in 0..2 {
            assert!(matches!(state.swap(b"other", None, &LONG), Err(StoreError::Embedded(_))));
        }
        assert!(matches!(state.load(b"key"), StateCopy::Unreadable(_)));
        state.reset(b"key", &LONG).unwrap();
        assert_eq!(state.load(b"key"), StateCopy::Bytes(LONG.to_vec()));
    }
}
