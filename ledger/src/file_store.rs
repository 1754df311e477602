//! A store in a folder of plain files.
//!
//! `public/` holds the static read side exactly as its addresses, so that a web server or rsync can serve or mirror it
//! as it lies; `stage/`, `addenda-pack/`, `erasures` and `history` lie beside it, `tmp/` holds files that are being written, `state` and
//! `state.sled/` the two copies of the state record. `state` ends with its mark (`file_mark`), so that an older one that
//! is put back over it is told from it. Whoever opens the store for writing holds `lock`. All of it but `public/` is for its owner
//! alone, whatever the umask says.

use crate::embedded_state::EmbeddedState;
use crate::file_mark::{split_marked, write_marked};
use crate::file_stamp::FileStamp;
use crate::folder_listing::{is_absent, list_into};
use crate::place::FolderLock;
use crate::scratch_folder::{Readers, ScratchFolder, make_folder, make_private_folder, sync_folder};
use crate::state_copy::{Untouched, load_untouched};
use crate::store::{PUBLIC, SYNC_FILE_SYSTEM, StateCopies, StateCopy, Store, StoreError, check_path};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// The key of the one record in the embedded database.
const STATE_KEY: &[u8] = b"state";

/// The longest state record that is read: a note is at most 256 KiB.
const MAX_STATE_BYTES: u64 = 1 << 20;

/// A ledger's folder.
#[derive(Debug)]
pub struct FileStore {
    root: PathBuf,
    /// `None` when opened for reading, as the next two.
    scratch: Option<ScratchFolder>,
    state: Option<Mutex<EmbeddedState>>,
    /// What the embedded copy held when the store was opened for a check.
    looked_up: StateCopy,
    /// Why it was not looked at then, where that was to be.
    not_judged: Option<String>,
    /// The folder, open since before the first write. The system tells a failed write to
    /// the next `syncfs` of each descriptor that was open then; one that is opened later does not hear of an error that
    /// another process has already been told.
    folder: Option<File>,
    /// What files' ages are told by.
    now: fn() -> SystemTime,
    /// Held until the store is dropped. Last, so that it is released after sled's own lock.
    _lock: Option<FolderLock>,
}

impl FileStore {
    /// Opens a folder for writing, making what is missing, and holds its lock until dropped.
    ///
    /// # Errors
    ///
    /// [`StoreError::Held`] if another process has it; [`StoreError::Io`] where the file system refuses. A damaged
    /// embedded database is no error: [`Store::load_state`] tells.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        make_folder(root)?;
        let lock = FolderLock::take(root)?;
        let folder = File::open(root).map_err(StoreError::io("open", root))?;
        let scratch = ScratchFolder::open(root)?;
        make_folder(&root.join("public"))?;
        for folder in ["stage", "addenda-pack"] {
            make_private_folder(&root.join(folder))?;
        }
        sync_folder(root)?;
        let state = EmbeddedState::open(&root.join("state.sled"))?;
        Ok(Self {
            root: root.to_owned(),
            scratch: Some(scratch),
            state: Some(Mutex::new(state)),
            looked_up: StateCopy::Missing,
            not_judged: None,
            folder: Some(folder),
            now: SystemTime::now,
            _lock: Some(lock),
        })
    }

    /// Opens a folder for reading beside a running server: takes no lock, changes nothing.
    ///
    /// Every writing call answers [`StoreError::ReadOnly`], and the embedded copy of the state is not looked at.
    pub fn open_read_only(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            scratch: None,
            state: None,
            looked_up: StateCopy::Missing,
            not_judged: None,
            folder: None,
            now: SystemTime::now,
            _lock: None,
        }
    }

    /// Opens a folder for reading all of it, and keeps writers out until it is dropped. Changes nothing: what is missing stays
    /// missing, and the embedded copy of the state is read from a copy of its files.
    ///
    /// # Errors
    ///
    /// [`StoreError::Held`] if another process has it; [`StoreError::Io`] where the file system refuses.
    pub fn open_to_check(root: &Path) -> Result<Self, StoreError> {
        let lock = FolderLock::take_if_there(root)?;
        let store = Self { _lock: lock, ..Self::open_read_only(root) };
        Ok(match load_untouched(&root.join("state.sled"), STATE_KEY)? {
            Untouched::Judged(looked_up) => Self { looked_up, ..store },
            Untouched::NotJudged(why) => Self { not_judged: Some(why), ..store },
        })
    }

    /// Tells the age of files by another clock than the system's.
    #[must_use]
    pub fn with_clock(self, now: fn() -> SystemTime) -> Self {
        Self { now, ..self }
    }

    /// Why a store that was opened for a check does not show the embedded copy of the state; `None` if it does.
    pub(crate) fn not_judged(&self) -> Option<&str> {
        self.not_judged.as_deref()
    }

    /// The folder that a web server may serve as it lies.
    pub fn public_folder(&self) -> PathBuf {
        self.root.join("public")
    }

    fn file_of(&self, path: &str) -> Result<PathBuf, StoreError> {
        check_path(path)?;
        let first = path.split('/').next().unwrap_or_default();
        Ok(if PUBLIC.contains(&first) { self.root.join("public").join(path) } else { self.root.join(path) })
    }

    fn writable(&self) -> Result<&Mutex<EmbeddedState>, StoreError> {
        self.state.as_ref().ok_or(StoreError::ReadOnly)
    }

    /// Temporary file, then rename; with `durable` both the file and every folder that may be new are synced.
    fn replace(&self, target: &Path, bytes: &[u8], durable: bool) -> Result<(), StoreError> {
        self.replace_by(target, |file| file.write_all(bytes), durable)
    }

    fn replace_by(
        &self,
        target: &Path,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
        durable: bool,
    ) -> Result<(), StoreError> {
        let scratch = self.scratch.as_ref().ok_or(StoreError::ReadOnly)?;
        let readers = self.readers_of(target);
        let temporary = scratch.write(durable, readers, fill)?;
        let renamed = match fs::rename(&temporary, target) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                match readers {
                    Readers::Owner => make_private_folder(parent(target))?,
                    Readers::Anybody => make_folder(parent(target))?,
                }
                fs::rename(&temporary, target)
            }
            other => other,
        };
        renamed.map_err(StoreError::io("rename to", target))?;
        if durable {
            self.sync_folders_above(target)?;
        }
        Ok(())
    }

    /// What a web server may serve is for all; texts, rounds with texts, what was refused, and the state are the ledger's own.
    fn readers_of(&self, target: &Path) -> Readers {
        match target.starts_with(self.public_folder()) {
            true => Readers::Anybody,
            false => Readers::Owner,
        }
    }

    /// Syncs each folder from the file's own up to one that was durable when the store was opened: any may be new.
    fn sync_folders_above(&self, target: &Path) -> Result<(), StoreError> {
        for folder in target.ancestors().skip(1) {
            sync_folder(folder)?;
            if folder == self.root || folder.parent() == Some(&self.root) {
                break;
            }
        }
        Ok(())
    }

    fn replace_plain(&self, record: &[u8]) -> Result<(), StoreError> {
        // The mark is a line of its own, whatever the record ends with.
        let record = [record, b"\n"].concat();
        self.replace_by(&self.root.join("state"), |file| write_marked(file, &record), true)
    }

    fn load_plain(&self) -> Result<StateCopy, StoreError> {
        Ok(self.read_plain()?.0)
    }

    /// The plain copy of the state, and whether it lies in the file that it was written into; one that is missing or too long does
    /// not: what lies beside it may be an older folder that was put back.
    fn read_plain(&self) -> Result<(StateCopy, bool), StoreError> {
        let path = self.root.join("state");
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok((StateCopy::Missing, false)),
            Err(error) => return Err(StoreError::io("open", &path)(error)),
        };
        let about = file.metadata().map_err(StoreError::io("read", &path))?;
        let mut bytes = Vec::new();
        file.take(MAX_STATE_BYTES + 1).read_to_end(&mut bytes).map_err(StoreError::io("read", &path))?;
        if bytes.len() as u64 > MAX_STATE_BYTES {
            return Ok((StateCopy::Unreadable("it is longer than 1 MiB".to_owned()), false));
        }
        let (before, is_own) = split_marked(&bytes, &about);
        let is_marked = before.len() < bytes.len();
        let record = if is_marked { before.strip_suffix(b"\n").unwrap_or(before) } else { before };
        Ok((StateCopy::Bytes(record.to_vec()), is_own))
    }

    /// Whether the plain copy of the state is there, and the one that was written here, and none that was put back.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`].
    pub fn has_own_state(&self) -> Result<bool, StoreError> {
        Ok(self.read_plain()?.1)
    }

    /// Makes the plain copy of the state, whosever it is, the one that was written here.
    ///
    /// # Errors
    ///
    /// [`StoreError::Io`]; nothing has changed then.
    pub fn own_state(&self) -> Result<(), StoreError> {
        match self.load_plain()? {
            StateCopy::Bytes(record) => self.replace_plain(&record),
            StateCopy::Missing | StateCopy::Unreadable(_) => Ok(()),
        }
    }
}

impl Store for FileStore {
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.replace(&self.file_of(path)?, bytes, false)
    }

    fn put_durable(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.replace(&self.file_of(path)?, bytes, true)
    }

    fn append(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.writable()?;
        let target = self.file_of(path)?;
        if offset == 0 {
            return self.replace(&target, bytes, false);
        }
        let (file, length) = open_existing(path, &target, offset)?;
        if offset > length {
            return Err(range(path, offset, length));
        }
        if offset < length {
            file.set_len(offset).map_err(StoreError::io("cut", &target))?;
        }
        file.write_all_at(bytes, offset).map_err(StoreError::io("append to", &target))
    }

    fn overwrite(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.writable()?;
        let target = self.file_of(path)?;
        let (file, length) = open_existing(path, &target, offset)?;
        let end = offset.saturating_add(bytes.len() as u64);
        if end > length {
            return Err(range(path, end, length));
        }
        file.write_all_at(bytes, offset)
            .and_then(|()| file.sync_all())
            .map_err(StoreError::io("overwrite", &target))
    }

    fn rewrite(&self, path: &str, parts: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
        self.writable()?;
        let target = self.file_of(path)?;
        let end = |(offset, bytes): &(u64, Vec<u8>)| offset.saturating_add(bytes.len() as u64);
        let furthest = parts.iter().map(end).max().unwrap_or(0);
        let (file, length) = open_existing(path, &target, furthest)?;
        if furthest > length {
            return Err(range(path, furthest, length));
        }
        for (offset, bytes) in parts {
            file.write_all_at(bytes, *offset).map_err(StoreError::io("overwrite", &target))?;
        }
        Ok(())
    }

    fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let target = self.file_of(path)?;
        match fs::read(&target) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(StoreError::io("read", &target)(error)),
        }
    }

    fn get_range(&self, path: &str, offset: u64, length: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let target = self.file_of(path)?;
        let file = match File::open(&target) {
            Ok(file) => file,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(StoreError::io("open", &target)(error)),
        };
        let size = file.metadata().map_err(StoreError::io("read", &target))?.len();
        let left = usize::try_from(size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length.min(left)];
        file.read_exact_at(&mut bytes, offset).map_err(StoreError::io("read", &target))?;
        Ok(Some(bytes))
    }

    fn stamp(&self, path: &str) -> Result<Option<FileStamp>, StoreError> {
        let target = self.file_of(path)?;
        FileStamp::at(&target, (self.now)()).map_err(StoreError::io("look at", &target))
    }

    fn touch(&self, path: &str) -> Result<(), StoreError> {
        self.writable()?;
        let target = self.file_of(path)?;
        FileStamp::renew(&target).map_err(StoreError::io("touch", &target))
    }

    fn delete(&self, path: &str) -> Result<(), StoreError> {
        self.writable()?;
        let target = self.file_of(path)?;
        match fs::remove_file(&target) {
            Err(error) if !is_absent(&error) => Err(StoreError::io("remove", &target)(error)),
            _ => Ok(()),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let mut names = Vec::new();
        list_into(&self.file_of(folder)?, folder, &mut names)?;
        names.sort_unstable();
        Ok(names)
    }

    fn sync(&self) -> Result<(), StoreError> {
        let folder = self.folder.as_ref().ok_or(StoreError::ReadOnly)?;
        rustix::fs::syncfs(folder)
            .map_err(io::Error::from)
            .map_err(StoreError::io(SYNC_FILE_SYSTEM, &self.root))
    }

    fn load_state(&self) -> Result<StateCopies, StoreError> {
        let embedded = match &self.state {
            Some(state) => state.lock().unwrap_or_else(PoisonError::into_inner).load(STATE_KEY),
            None => self.looked_up.clone(),
        };
        Ok(StateCopies { embedded, plain: self.load_plain()? })
    }

    fn swap_state(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError> {
        let embedded = self.writable()?;
        let mut embedded = embedded.lock().unwrap_or_else(PoisonError::into_inner);
        match (self.load_plain()?, old) {
            (StateCopy::Missing, None) => {}
            (StateCopy::Bytes(bytes), Some(old)) if bytes == old => {}
            _ => return Err(StoreError::StateChanged),
        }
        embedded.swap(STATE_KEY, old, new)?;
        // If we die here the embedded copy is ahead of the plain one, perhaps durably, perhaps not. The stage of `new`
        // is durable, so recovery goes on from `new` if it finds it in either and from the stage if in neither.
        self.replace_plain(new)
    }

    fn reset_state(&self, record: &[u8]) -> Result<(), StoreError> {
        let embedded = self.writable()?;
        let mut embedded = embedded.lock().unwrap_or_else(PoisonError::into_inner);
        // The plain file first: it is the one that survives a loss of power.
        self.replace_plain(record)?;
        embedded.reset(STATE_KEY, record)
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

fn open_existing(path: &str, target: &Path, offset: u64) -> Result<(File, u64), StoreError> {
    let file = match OpenOptions::new().write(true).open(target) {
        Err(error) if is_absent(&error) => return Err(range(path, offset, 0)),
        other => other.map_err(StoreError::io("open", target))?,
    };
    let length = file.metadata().map_err(StoreError::io("read", target))?.len();
    Ok((file, length))
}

fn range(path: &str, offset: u64, length: u64) -> StoreError {
    StoreError::Range { path: path.to_owned(), offset, length }
}
