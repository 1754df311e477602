//! Files that are written whole: first into `tmp/` of a store's folder, then renamed into their place by the store.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::{SYNC, SYNC_FOLDER, StoreError};

/// `tmp/` of a store's folder. What lies there has no name yet that anybody looks for.
#[derive(Debug)]
pub(crate) struct ScratchFolder {
    folder: PathBuf,
    /// Numbers the files.
    counter: AtomicU64,
}

impl ScratchFolder {
    /// Makes it, empty: what a process left that died between writing a file and giving it its name is removed.
    pub(crate) fn open(root: &Path) -> Result<Self, StoreError> {
        let folder = root.join("tmp");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(StoreError::io("empty", &folder))?;
        }
        make_private_folder(&folder)?;
        Ok(Self { folder, counter: AtomicU64::new(0) })
    }

    /// Writes a new file, synced where `durable`, and says where it lies. What is for its owner alone has no other mode at any
    /// moment; the mode of everything else is what the umask leaves.
    pub(crate) fn write(
        &self,
        durable: bool,
        readers: Readers,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<PathBuf, StoreError> {
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join(number.to_string());
        let mode = match readers {
            Readers::Owner => 0o600,
            Readers::Anybody => 0o666,
        };
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&path);
        let mut file = file.map_err(StoreError::io("make", &path))?;
        fill(&mut file).map_err(StoreError::io("write", &path))?;
        if durable {
            file.sync_all().map_err(StoreError::io(SYNC, &path))?;
        }
        Ok(path)
    }
}

/// Who may read a file, as far as its mode says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Who runs the program.
    Owner,
    /// Whoever the umask lets.
    Anybody,
}

/// Makes a folder for its owner alone, and those above it that are missing, in the same way. One that is there stays as it is:
/// whoever opened it to others meant it.
pub(crate) fn make_private_folder(path: &Path) -> Result<(), StoreError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(StoreError::io("make the folder", path))
}

/// Makes a folder and those above it.
pub(crate) fn make_folder(path: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(path).map_err(StoreError::io("make the folder", path))
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    sync_names(path).map_err(StoreError::io(SYNC_FOLDER, path))
}

/// The same, with the system's own error.
pub(crate) fn sync_names(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
