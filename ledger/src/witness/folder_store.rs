//! A witness's store in a folder: `state/` with a plain file for each log, `state.sled/`, `evidence/`, and `tmp/` for files
//! that are being written. Whoever opens it for writing holds `lock`. Each plain file ends with its mark (`file_mark`).
//! `state.mark`, which is made anew behind a log's first record, says for which logs there must be such a file
//! (`signed_logs`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::log_settings::LogId;
use super::record;
use super::signed_logs::{self, SIGNED_LOGS_MAX};
use super::store::{WitnessStore, is_evidence_name};
use crate::embedded_state::EmbeddedState;
use crate::file_mark::{split_marked, write_marked};
use crate::format_version::refuse_later;
use crate::place::FolderLock;
use crate::scratch_folder::{Readers, ScratchFolder, make_folder, sync_folder};
use crate::store::{StateCopies, StateCopy, StoreError};

/// The longest record that is read, in bytes: a text of 4 KiB and the signatures of every key of a log and its witness,
/// 3.5 KiB each at most, stay far below.
const RECORD_MAX: u64 = 256 << 10;

/// The file that names all logs that were ever signed for, and is made anew when there is one more.
pub(super) const MARK: &str = "state.mark";

/// The longest file of evidence that is read, in bytes.
const EVIDENCE_FILE_MAX: u64 = 1 << 20;

/// A witness's folder.
#[derive(Debug)]
pub struct FolderStore {
    root: PathBuf,
    /// `None` when opened for reading, as the next one.
    scratch: Option<ScratchFolder>,
    /// One writer at a time, as everywhere where sled is used here. It makes no fsync, so that nobody waits long.
    embedded: Option<Mutex<EmbeddedState>>,
    /// What `state.mark` says; empty where that is damaged, which [`foreign_file`](Self::foreign_file) tells.
    signed: Mutex<BTreeSet<String>>,
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
        let scratch = ScratchFolder::open(root)?;
        for folder in ["state", "evidence"] {
            make_folder(&root.join(folder))?;
        }
        sync_folder(root)?;
        let embedded = EmbeddedState::open(&root.join("state.sled"))?;
        Ok(Self {
            root: root.to_owned(),
            scratch: Some(scratch),
            embedded: Some(Mutex::new(embedded)),
            signed: Mutex::new(read_signed_logs(root)?.0),
            _lock: Some(lock),
        })
    }

    /// Opens a folder for reading beside a running witness: takes no lock, changes nothing, and does not look at the
    /// embedded copies.
    pub fn open_read_only(root: &Path) -> Self {
        Self { root: root.to_owned(), scratch: None, embedded: None, signed: Mutex::default(), _lock: None }
    }

    fn embedded(&self) -> Result<&Mutex<EmbeddedState>, StoreError> {
        self.embedded.as_ref().ok_or(StoreError::ReadOnly)
    }

    /// Temporary file, sync, rename, sync of the folder.
    fn replace(
        &self,
        target: &Path,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        let scratch = self.scratch.as_ref().ok_or(StoreError::ReadOnly)?;
        let temporary = scratch.write(true, Readers::Anybody, fill)?;
        fs::rename(&temporary, target).map_err(StoreError::io("rename to", target))?;
        sync_folder(target.parent().unwrap_or(&self.root))
    }

    /// The first file of the state that is not the one that a witness wrote here, by its name: an older one was put back.
    pub(super) fn foreign_file(&self) -> Result<Option<String>, StoreError> {
        if !read_signed_logs(&self.root)?.1 {
            return Ok(Some(MARK.to_owned()));
        }
        let folder = self.root.join("state");
        for name in names_in(&folder)? {
            if LogId::from_hex(&name).is_none() {
                continue;
            }
            let (record, is_own) = read_marked(&folder.join(&name), RECORD_MAX)?;
            if !is_own {
                let name = format!("state/{name}");
                refuse_later_record(&name, &record)?;
                return Ok(Some(name));
            }
        }
        Ok(None)
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
            let plain = read_marked(&folder.join(&name), RECORD_MAX)?.0;
            refuse_later_record(&format!("state/{name}"), &plain)?;
            all.entry(log).or_insert_with(none).plain = plain;
        }
        let Some(embedded) = &self.embedded else { return Ok(all) };
        match embedded.lock().unwrap_or_else(PoisonError::into_inner).load_all() {
            Ok(records) => {
                for (key, record) in records {
                    let Some(log) = std::str::from_utf8(&key).ok().and_then(LogId::from_hex) else {
                        continue;
                    };
                    let record = StateCopy::Bytes(record);
                    refuse_later_record("state.sled", &record)?;
                    all.entry(log).or_insert_with(none).embedded = record;
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
        let mut embedded = self.embedded()?.lock().unwrap_or_else(PoisonError::into_inner);
        embedded.swap(log.to_hex().as_bytes(), old, new)
    }

    fn replace_plain(&self, log: LogId, new: &[u8]) -> Result<(), StoreError> {
        let target = self.root.join("state").join(log.to_hex());
        self.replace(&target, |file| write_marked(file, new))
    }

    fn reset_embedded(&self, records: &BTreeMap<LogId, Vec<u8>>) -> Result<(), StoreError> {
        let mut embedded = self.embedded()?.lock().unwrap_or_else(PoisonError::into_inner);
        embedded.remake()?;
        records.iter().try_for_each(|(log, record)| embedded.swap(log.to_hex().as_bytes(), None, record))
    }

    fn signed_logs(&self) -> Result<BTreeSet<String>, StoreError> {
        Ok(self.signed.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// A new file each time, also where it says the same: a restore that takes a first record away brings an older one.
    fn add_signed_logs(&self, origins: &BTreeSet<String>) -> Result<(), StoreError> {
        // Held over the write: two logs that are new at once are both in what is written last.
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        signed.extend(origins.iter().cloned());
        let (target, bytes) = (self.root.join(MARK), signed_logs::encode(&signed));
        if bytes.len() > SIGNED_LOGS_MAX {
            let full =
                io::Error::other(format!("the names of the logs have more than {SIGNED_LOGS_MAX} bytes"));
            return Err(StoreError::io("write", &target)(full));
        }
        self.replace(&target, |file| write_marked(file, &bytes))
    }

    fn evidence(&self) -> Result<Vec<String>, StoreError> {
        let mut names = names_in(&self.root.join("evidence"))?;
        names.retain(|name| is_evidence_name(name));
        names.sort_unstable();
        Ok(names)
    }

    fn get_evidence(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        match read_bounded(&self.evidence_file(name)?, EVIDENCE_FILE_MAX)?.0 {
            StateCopy::Bytes(bytes) => Ok(Some(bytes)),
            StateCopy::Missing | StateCopy::Unreadable(_) => Ok(None),
        }
    }

    fn put_evidence(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.replace(&self.evidence_file(name)?, |file| file.write_all(bytes))
    }

    fn delete_evidence(&self, name: &str) -> Result<(), StoreError> {
        self.embedded()?;
        let path = self.evidence_file(name)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(StoreError::io("remove", &path)(error)),
            _ => Ok(()),
        }
    }
}

/// A copy of a record that a later program wrote is no damage.
fn refuse_later_record(path: &str, copy: &StateCopy) -> Result<(), StoreError> {
    match copy {
        StateCopy::Bytes(bytes) => refuse_later(path, bytes, record::FORMAT),
        StateCopy::Missing | StateCopy::Unreadable(_) => Ok(()),
    }
}

fn names_in(folder: &Path) -> Result<Vec<String>, StoreError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(StoreError::io("list", folder))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(StoreError::io("list", folder))?;
        // A file with a name that is no text was not written by a witness.
        names.extend(entry.file_name().into_string());
    }
    Ok(names)
}

/// The logs that were ever signed for, none where the file is damaged or missing; and whether it is the one that was written
/// here.
pub(super) fn read_signed_logs(root: &Path) -> Result<(BTreeSet<String>, bool), StoreError> {
    // The mark behind them is a short line.
    let most = SIGNED_LOGS_MAX as u64 + RECORD_MAX;
    match read_marked(&root.join(MARK), most)? {
        (StateCopy::Bytes(bytes), is_own) => match signed_logs::parse(&bytes) {
            Some(origins) => Ok((origins, is_own)),
            None => {
                refuse_later(MARK, &bytes, signed_logs::FORMAT)?;
                Ok((BTreeSet::new(), false))
            }
        },
        (StateCopy::Missing | StateCopy::Unreadable(_), _) => Ok((BTreeSet::new(), false)),
    }
}

/// A file without its mark, and whether that is the file's own.
fn read_marked(path: &Path, most: u64) -> Result<(StateCopy, bool), StoreError> {
    match read_bounded(path, most)? {
        (StateCopy::Bytes(bytes), Some(file)) => {
            let (record, is_own) = split_marked(&bytes, &file);
            Ok((StateCopy::Bytes(record.to_vec()), is_own))
        }
        (other, _) => Ok((other, false)),
    }
}

fn read_bounded(path: &Path, most: u64) -> Result<(StateCopy, Option<Metadata>), StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok((StateCopy::Missing, None)),
        Err(error) => return Err(StoreError::io("open", path)(error)),
    };
    let about = file.metadata().map_err(StoreError::io("read", path))?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(StoreError::io("read", path))?;
    if bytes.len() as u64 > most {
        return Ok((StateCopy::Unreadable(format!("longer than {most} bytes")), None));
    }
    Ok((StateCopy::Bytes(bytes), Some(about)))
}
