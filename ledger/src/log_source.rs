//! Where the files of a published log are read: a ledger's folder, or a mirror. Nothing that comes back is believed.

use std::path::Path;

use glasshouse_verifier::tile::BundlePath;
use glasshouse_verifier::vkey::Vkey;

use crate::file_store::FileStore;
use crate::log_key_files::read_vkey;
use crate::mirror::{Mirror, MirrorError};
use crate::open::OpenError;
use crate::store::Store;

/// Where the files of a log are read.
pub trait LogSource {
    /// What to call it in errors: its URL or folder.
    fn name(&self) -> String;

    /// The newest checkpoint, a signed note.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    fn checkpoint(&self) -> Result<Vec<u8>, MirrorError>;

    /// The bytes of an entry bundle; `None` if there is no such file.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    fn bundle(&self, path: BundlePath) -> Result<Option<Vec<u8>>, MirrorError>;
}

impl<M: Mirror> LogSource for M {
    fn name(&self) -> String {
        Mirror::name(self)
    }

    fn checkpoint(&self) -> Result<Vec<u8>, MirrorError> {
        Mirror::checkpoint(self)
    }

    fn bundle(&self, path: BundlePath) -> Result<Option<Vec<u8>>, MirrorError> {
        Mirror::bundle(self, path)
    }
}

/// A ledger's folder, read beside its server if there is one.
#[derive(Debug)]
pub struct FolderLog {
    folder: String,
    store: FileStore,
    vkey: Vkey,
}

impl FolderLog {
    /// The ledger in a folder.
    ///
    /// # Errors
    ///
    /// The folder is none.
    pub fn open(folder: &Path) -> Result<FolderLog, OpenError> {
        let vkey = read_vkey(folder)?;
        let store = FileStore::open_read_only(folder);
        Ok(FolderLog { folder: folder.display().to_string(), store, vkey })
    }

    /// The log's key, as it lies in the folder.
    pub fn vkey(&self) -> &Vkey {
        &self.vkey
    }

    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, MirrorError> {
        self.store.get(path).map_err(|error| MirrorError(error.to_string()))
    }
}

impl LogSource for FolderLog {
    fn name(&self) -> String {
        self.folder.clone()
    }

    fn checkpoint(&self) -> Result<Vec<u8>, MirrorError> {
        let missing = || MirrorError(format!("{}: nothing was published", self.folder));
        self.file("checkpoint")?.ok_or_else(missing)
    }

    fn bundle(&self, path: BundlePath) -> Result<Option<Vec<u8>>, MirrorError> {
        self.file(&path.encode())
    }
}
