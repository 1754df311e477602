//! Where the bytes of a ledger lie: named files, and one state record kept twice.
//!
//! A small trait, so that an object store and a database can stand behind it later, and so that a test can put
//! faults between the writer and the disk. Names are the relative addresses of the static read side
//! (`checkpoint`, `tile/0/x001/234`, `tile/entries/000.p/7`, `addenda.v1`, `vkey`), `stage/…` for rounds in flight,
//! `addenda-pack/…` for texts, `erasures` for how far erasing has come, `history` for what the entries say, `refused/…` for
//! refused statements and `evidence/…` for what convicts whoever signs with the log's key; see [`check_path`].
//!
//! **After an error** of any call that writes, what it would have written may or may not be there: the caller ends
//! and recovery decides. Nothing here retries.

use std::io;
use std::path::Path;

pub use crate::file_stamp::FileStamp;

/// Longest name in bytes: `tile/63/` and 18 digits in groups is 45, a stage's name 92.
pub const MAX_PATH_BYTES: usize = 128;

/// Names of the static read side, first segment: these can be served as they lie.
pub(crate) const PUBLIC: [&str; 4] = ["checkpoint", "tile", "addenda.v1", "vkey"];
/// Names that are never served, first segment.
const PRIVATE: [&str; 6] = ["stage", "addenda-pack", "erasures", "history", "refused", "evidence"];

/// The bytes of one ledger.
pub trait Store: Send + Sync {
    /// Writes a whole file in one step: a reader sees the old bytes or the new, never a part.
    ///
    /// True afterwards: [`Store::get`] returns `bytes`, in this process and after it is killed. A loss of power may
    /// still undo it, or leave the file empty or cut, until [`Store::sync`] has returned.
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// As [`Store::put`], and true afterwards even if the power is lost. A loss of power before it has returned leaves the old
    /// file or the new one; where there was none, perhaps a part.
    fn put_durable(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// Cuts the file to `offset` bytes and writes `bytes` behind them; `offset` 0 makes the file anew.
    ///
    /// Not in one step: a reader must not look beyond `offset` until this has returned. Doing it again gives the same
    /// file. Durable after [`Store::sync`], as [`Store::put`]. [`StoreError::Range`] if the file is shorter than
    /// `offset`.
    fn append(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StoreError>;

    /// Overwrites bytes inside an existing file, in place, and syncs it: what stood there is gone, as far as a file
    /// system can say so. Durable when it returns. [`StoreError::Range`] if the file would have to grow or is missing.
    fn overwrite(&self, path: &str, offset: u64, bytes: &[u8]) -> Result<(), StoreError>;

    /// Overwrites several parts of an existing file, each an offset and its bytes, in place: what stood there is gone, as far
    /// as a file system can say so. Not in one step. Durable after [`Store::sync`], as [`Store::put`].
    /// [`StoreError::Range`], before anything is written, if the file would have to grow or is missing.
    fn rewrite(&self, path: &str, parts: &[(u64, Vec<u8>)]) -> Result<(), StoreError>;

    /// The whole file; `None` if there is none.
    fn get(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Up to `length` bytes from `offset`; fewer (or none) where the file ends; `None` if there is no file.
    fn get_range(&self, path: &str, offset: u64, length: usize) -> Result<Option<Vec<u8>>, StoreError>;

    /// A stamp that is another one whenever the file has been written since, by whomever: [`FileStamp::ABSENT`] where there is
    /// none, `None` where nobody can tell, as while the file is very young.
    fn stamp(&self, path: &str) -> Result<Option<FileStamp>, StoreError>;

    /// Gives a file another stamp, and leaves its bytes alone; one that is not there has none. Durable after [`Store::sync`].
    fn touch(&self, path: &str) -> Result<(), StoreError>;

    /// Removes a file; one that is not there is no error. Durable after [`Store::sync`].
    fn delete(&self, path: &str) -> Result<(), StoreError>;

    /// The names of all files in one folder and below it, sorted by bytes. `folder` has no slash at its end.
    fn list(&self, folder: &str) -> Result<Vec<String>, StoreError>;

    /// Makes everything that was written, appended or deleted before this call durable.
    ///
    /// An error means that writes may be lost although they can still be read; the process must end.
    fn sync(&self) -> Result<(), StoreError>;

    /// Both copies of the state record, as they lie. Judging them is recovery's work.
    fn load_state(&self) -> Result<StateCopies, StoreError>;

    /// Replaces both copies of the state record, if both are `old` (`None`: both missing). The point of no return.
    ///
    /// True afterwards: both copies are `new`, the plain one durably; for the embedded one see [`StateCopies`]. After
    /// [`StoreError::StateChanged`]: somebody else wrote, and nothing was changed, or only the embedded copy. After any other
    /// error, and after a loss of power before it has returned: the plain copy is `old` or `new`.
    fn swap_state(&self, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError>;

    /// Writes both copies whatever they were, making a damaged one anew: recovery's last step, and `adopt`'s.
    ///
    /// True afterwards: both copies are `record`, the plain one durably.
    fn reset_state(&self, record: &[u8]) -> Result<(), StoreError>;
}

/// Both copies of the state record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateCopies {
    /// The copy in the embedded database, which makes no fsync. It may be silently older than the truth, missing or unreadable
    /// after damage or a loss of power.
    pub embedded: StateCopy,
    /// The copy in a plain file, written with fsync before and after the rename.
    pub plain: StateCopy,
}

/// One copy of the state record, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateCopy {
    /// There is none.
    Missing,
    /// Something is there and cannot be read; why, for the operator.
    Unreadable(String),
    /// These bytes.
    Bytes(Vec<u8>),
}

/// What went wrong with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// A name that no store has.
    #[error(
        "{0:?} is not a name in a ledger's store: checkpoint, tile/…, addenda.v1, vkey, stage/…, addenda-pack/…, erasures, \
         history, refused/… or evidence/…"
    )]
    BadPath(String),
    /// Bytes beyond the end of a file.
    #[error("{path} has {length} bytes; offset {offset} is beyond what it allows")]
    Range {
        /// The file.
        path: String,
        /// The offset at which the write would have begun or ended.
        offset: u64,
        /// How long the file is, in bytes.
        length: u64,
    },
    /// A later program wrote it, and this one does not know what it says.
    #[error(
        "{path} has the format {found}: a later glasshouse wrote it, and this one cannot read it. Nothing was changed; put the \
         later program back"
    )]
    Later {
        /// The file.
        path: String,
        /// Its first line.
        found: String,
    },
    /// The state record is not what this process believed.
    #[error("the state record has changed under this process: does a second one write to this ledger?")]
    StateChanged,
    /// Another process has the folder.
    #[error("{0} is held by another process: is a server running on this folder?")]
    Held(String),
    /// The embedded database refused.
    #[error("the embedded copy of the state record: {0}")]
    Embedded(String),
    /// The store was opened for reading.
    #[error("this store was opened for reading only")]
    ReadOnly,
}

/// What is tried of a file, of a folder's names and of a whole file system to make them durable.
pub(crate) const SYNC: &str = "sync";
/// See [`SYNC`].
pub(crate) const SYNC_FOLDER: &str = "sync the folder";
/// See [`SYNC`].
pub(crate) const SYNC_FILE_SYSTEM: &str = "sync the file system of";

impl StoreError {
    /// Whether a sync failed, after which nobody knows what the disk holds, and not what comes before it.
    pub fn is_of_sync(&self) -> bool {
        matches!(self, Self::Io { action, .. } if [SYNC, SYNC_FOLDER, SYNC_FILE_SYSTEM].contains(action))
    }

    /// Makes an error of the system's into one that says what was tried on which file.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.display().to_string();
        move |source| Self::Io { action, path, source }
    }
}

/// Refuses every name that is not in the store's grammar, so that no name can leave the folder.
///
/// Segments of `[a-z0-9.-]`, none empty, none beginning with a dot, the first one of the known names; at most
/// [`MAX_PATH_BYTES`] bytes.
pub fn check_path(path: &str) -> Result<(), StoreError> {
    let grammatical = path.len() <= MAX_PATH_BYTES && path.split('/').all(is_segment);
    let first = path.split('/').next().unwrap_or_default();
    if grammatical && (PUBLIC.contains(&first) || PRIVATE.contains(&first)) {
        Ok(())
    } else {
        Err(StoreError::BadPath(path.chars().take(100).collect()))
    }
}

fn is_segment(segment: &str) -> bool {
    !segment.is_empty()
        && !segment.starts_with('.')
        && segment.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        for good in
            ["checkpoint", "tile/0/x001/234/067.p/8", "addenda.v1", "stage/12-ab", "erasures", "history"]
        {
            check_path(good).unwrap();
        }
        for bad in [
            "",
            "/",
            "tile/",
            "tile//0",
            "../log.key",
            "tile/../../log.key",
            "state",
            "log.key",
            "tile/.hidden",
            "Tile/0",
            "tile/0\0",
            "tile\\0",
            "look-ups/numbers.sled/db",
        ] {
            assert!(matches!(check_path(bad), Err(StoreError::BadPath(_))), "{bad:?}");
        }
        assert!(check_path(&format!("tile/{}", "0".repeat(200))).is_err());
    }
}
