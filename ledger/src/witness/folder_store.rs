//! A witness's store in a folder: `state/` with a plain file for each log, `state.sled/`, `evidence/`, and `tmp/` for files
//! that are being written. Whoever opens it for writing holds `lock`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use super::log_settings::LogId;
use super::store::{WitnessStore, is_evidence_name};
use crate::embedded_state::EmbeddedState;
use crate::place::FolderLock;
use crate::store::{StateCopies, StateCopy, StoreError};

/// The longest record that is read, in bytes: a text of 4 KiB and the signatures of every key of a log and its witness,
/// 3.5 KiB each at most, stay far below.
const RECORD_MAX: u64 = 256 << 10;

/// The longest file of evidence that is read, in bytes.
const EVIDENCE_FILE_MAX: u64 = 1 << 20;

/// A witness's folder.
#[derive(Debug)]
pub struct FolderStore {
    root: PathBuf,
    /// Numbers the files in `tmp/`.
    counter: AtomicU64,
    /// `None` when opened for reading. Written to only where the database is made anew.
    embedded: Option<RwLock<EmbeddedState>>,
    /// Held until the store is dropped. Last, so that it is released after sled's own lock.
    _lock: Option<FolderLock>,
}

impl FolderStore {
    /// Opens a folder for writing, making what is missing in it, and holds its lock until dropped.
    ///
    /// # Errors
    ///
    /// [`StoreError::Held`] if another process has it; [`StoreError::Io`] where the file system refuses.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let lock = FolderLock::take(root)?;
        let tmp = root.join("tmp");
        if tmp.exists() {
            // Left by a process that died between writing a file and giving it its name: nothing points there.
            fs::remove_dir_all(&tmp).map_err(io_error("empty", &tmp))?;
        }
        for folder in ["tmp", "state", "evidence"] {
            let folder = root.join(folder);
            fs::create_dir_all(&folder).map_err(io_error("make the folder", &folder))?;
        }
        sync_folder(root)?;
        let embedded = EmbeddedState::open(&root.join("state.sled"))?;
        Ok(Self {
            root: root.to_owned(),
            counter: AtomicU64::new(0),
            embedded: Some(RwLock::new(embedded)),
            _lock: Some(lock),
        })
    }

    /// Opens a folder for reading beside a running witness: takes no lock, changes nothing, and does not look at the
    /// embedded copies.
    pub fn open_read_only(root: &Path) -> Self {
        Self { root: root.to_owned(), counter: AtomicU64::new(0), embedded: None, _lock: None }
    }

    fn embedded(&self) -> Result<&RwLock<EmbeddedState>, StoreError> {
        self.embedded.as_ref().ok_or(StoreError::ReadOnly)
    }

    /// Temporary file, sync, rename, sync of the folder.
    fn replace(&self, target: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        self.embedded()?;
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        let temporary = self.root.join("tmp").join(number.to_string());
        let mut file = File::create(&temporary).map_err(io_error("make", &temporary))?;
        file.write_all(bytes).map_err(io_error("write", &temporary))?;
        file.sync_all().map_err(io_error("sync", &temporary))?;
        drop(file);
        fs::rename(&temporary, target).map_err(io_error("rename to", target))?;
        sync_folder(target.parent().unwrap_or(&self.root))
    }

    fn evidence_file(&self, name: &str) -> Result<PathBuf, StoreError> {
        if !is_evidence_name(name) {
            return Err(StoreError::BadPath(name.chars().take(100).collect()));
        }
        Ok(self.root.join("evidence").join(name))
    }
}

impl WitnessStore for FolderStore {
    fn load(&self) -> Result<BTreeMap<LogId, StateCopies>, StoreError> {
        let none = || StateCopies { embedded: StateCopy::Missing, plain: StateCopy::Missing };
        let mut all: BTreeMap<LogId, StateCopies> = BTreeMap::new();
        let folder = self.root.join("state");
        for name in names_in(&folder)? {
            // A file with another name was not written by a witness.
            let Some(log) = LogId::from_hex(&name) else { continue };
            all.entry(log).or_insert_with(none).plain = read_bounded(&folder.join(&name), RECORD_MAX)?;
        }
        let Some(embedded) = &self.embedded else { return Ok(all) };
        match embedded.read().unwrap_or_else(PoisonError::into_inner).load_all() {
            Ok(records) => {
                for (key, record) in records {
                    let Some(log) = std::str::from_utf8(&key).ok().and_then(LogId::from_hex) else {
                        continue;
                    };
                    all.entry(log).or_insert_with(none).embedded = StateCopy::Bytes(record);
                }
            }
            Err(trouble) => {
                for copies in all.values_mut() {
                    copies.embedded = StateCopy::Unreadable(trouble.clone());
                }
            }
        }
        Ok(all)
    }

    fn swap_embedded(&self, log: LogId, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        let embedded = self.embedded()?.read().unwrap_or_else(PoisonError::into_inner);
        embedded.swap(log.to_hex().as_bytes(), old, new)
    }

    fn replace_plain(&self, log: LogId, new: &[u8]) -> Result<(), StoreError> {
        self.replace(&self.root.join("state").join(log.to_hex()), new)
    }

    fn reset_embedded(&self, records: &BTreeMap<LogId, Vec<u8>>) -> Result<(), StoreError> {
        let mut embedded = self.embedded()?.write().unwrap_or_else(PoisonError::into_inner);
        embedded.remake()?;
        records.iter().try_for_each(|(log, record)| embedded.swap(log.to_hex().as_bytes(), None, record))
    }

    fn evidence(&self) -> Result<Vec<String>, StoreError> {
        let mut names = names_in(&self.root.join("evidence"))?;
        names.retain(|name| is_evidence_name(name));
        names.sort_unstable();
        Ok(names)
    }

    fn get_evidence(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match read_bounded(&self.evidence_file(name)?, EVIDENCE_FILE_MAX)? {
            StateCopy::Bytes(bytes) => Ok(Some(bytes)),
            StateCopy::Missing | StateCopy::Unreadable(_) => Ok(None),
        }
    }

    fn put_evidence(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.replace(&self.evidence_file(name)?, bytes)
    }

    fn delete_evidence(&self, name: &str) -> Result<(), StoreError> {
        self.embedded()?;
        let path = self.evidence_file(name)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(io_error("remove", &path)(error)),
            _ => Ok(()),
        }
    }
}

fn names_in(folder: &Path) -> Result<Vec<String>, StoreError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(io_error("list", folder))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(io_error("list", folder))?;
        // A file with a name that is no text was not written by a witness.
        names.extend(entry.file_name().into_string());
    }
    Ok(names)
}

fn read_bounded(path: &Path, most: u64) -> Result<StateCopy, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(StateCopy::Missing),
        Err(error) => return Err(io_error("open", path)(error)),
    };
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(io_error("read", path))?;
    if bytes.len() as u64 > most {
        return Ok(StateCopy::Unreadable(format!("longer than {most} bytes")));
    }
    Ok(StateCopy::Bytes(bytes))
}

fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(io_error("sync the folder", path))
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.display().to_string();
    move |source| StoreError::Io { action, path, source }
}
