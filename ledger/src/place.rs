//! Whose folder this is: one process at a time, and the place where the ledger was made.
//!
//! A folder that was copied or restored may be older than what the ledger has already signed. The record `place` holds
//! the device and inode numbers of the folder and of the record itself; a copy has others, and is refused until
//! somebody has said `glasshouse adopt`, which asks everybody who may know a later checkpoint first.

use crate::format_version::later;
use crate::scratch_folder::sync_names;
use crate::store::StoreError;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const FIRST_LINE: &str = "glasshouse-place/1";

/// The exclusive lock on a ledger's folder; held until dropped, and let go by the system when the process ends.
#[derive(Debug)]
pub struct FolderLock(
    /// Open for as long as the lock is to be held.
    #[allow(dead_code)]
    File,
);

impl FolderLock {
    /// Takes the lock on `folder`/lock without waiting.
    ///
    /// # Errors
    ///
    /// [`StoreError::Held`] if another process (or another store of this one) has it.
    pub fn take(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        Self::of(file.map_err(StoreError::io("lock", &path))?, folder)
    }

    /// The same for who changes nothing: a folder without that file is nobody's, and stays without.
    ///
    /// # Errors
    ///
    /// As of [`take`](Self::take).
    pub fn take_if_there(folder: &Path) -> Result<Option<Self>, StoreError> {
        let path = folder.join("lock");
        // Network file systems lock only what is open for writing; a folder that cannot be written has no writer to keep out.
        let opened = match OpenOptions::new().write(true).open(&path) {
            Err(error)
                if [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem].contains(&error.kind()) =>
            {
                File::open(&path)
            }
            opened => opened,
        };
        match opened {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            opened => Self::of(opened.map_err(StoreError::io("lock", &path))?, folder).map(Some),
        }
    }

    fn of(file: File, folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("lock");
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::Held(folder.display().to_string())),
            Err(TryLockError::Error(source)) => Err(StoreError::io("lock", &path)(source)),
        }
    }
}

/// Why a folder is not the place where its ledger was made.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// There is no record, or it is not one.
    #[error(
        "{folder}/place is missing or damaged, so this may be a copy or a restored backup, older than what was \
         already signed; `glasshouse adopt` catches up with everything known elsewhere and makes it the ledger"
    )]
    Missing {
        /// The ledger's folder.
        folder: String,
    },
    /// The folder, or the record in it, is another one than the record says.
    #[error(
        "{folder} was copied or restored: it may be older than what was already signed. \
         `glasshouse adopt` catches up with everything known elsewhere and makes it the ledger"
    )]
    Moved {
        /// The ledger's folder.
        folder: String,
    },
    /// The folder is the right one, and its state is missing, or another file than the one that was written there.
    #[error(
        "{folder}/state is not the file that was written there, or is missing: older files may have been put back. \
         `glasshouse adopt` catches up with everything known elsewhere and makes it the ledger"
    )]
    PutBack {
        /// The ledger's folder.
        folder: String,
    },
    /// A later program wrote the record.
    #[error(
        "{folder}/place has the format {found}: a later glasshouse wrote it, and this one cannot read it; or it is damaged. \
         Nothing was changed; put the later program back"
    )]
    Later {
        /// The ledger's folder.
        folder: String,
        /// Its first line.
        found: String,
    },
    /// The file system refused.
    #[error("cannot read or write {folder}/place: {source}")]
    Io {
        /// The ledger's folder.
        folder: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Says whether `folder` is the place that its record names.
///
/// # Errors
///
/// [`PlaceError::Missing`], [`PlaceError::Moved`] and [`PlaceError::Later`]: nothing may be signed from here.
pub fn check_place(folder: &Path) -> Result<(), PlaceError> {
    let name = folder.display().to_string();
    let path = folder.join("place");
    let found = match fs::read(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(PlaceError::Missing { folder: name });
        }
        Err(source) => {
            return Err(PlaceError::Io { folder: name, source });
        }
    };
    let expected =
        record_of(folder, &path).map_err(|source| PlaceError::Io { folder: name.clone(), source })?;
    if found == expected.as_bytes() {
        Ok(())
    } else if let Some(found) = later(&found, FIRST_LINE) {
        Err(PlaceError::Later { folder: name, found })
    } else if found.starts_with(FIRST_LINE.as_bytes()) {
        Err(PlaceError::Moved { folder: name })
    } else {
        Err(PlaceError::Missing { folder: name })
    }
}

/// Makes `folder` the ledger's place. True afterwards, durably: [`check_place`] accepts it, and no copy of it.
///
/// # Errors
///
/// [`PlaceError::Io`] only.
pub fn write_place(folder: &Path) -> Result<(), PlaceError> {
    let write = || -> io::Result<()> {
        let temporary = folder.join("place.new");
        let mut file = File::create(&temporary)?;
        // A rename keeps the inode, so the record may name the file before it has its name.
        file.write_all(record_of(folder, &temporary)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, folder.join("place"))?;
        sync_names(folder)
    };
    write().map_err(|source| PlaceError::Io { folder: folder.display().to_string(), source })
}

/// Makes `folder` nobody's place: [`check_place`] refuses it, durably, until [`write_place`].
///
/// # Errors
///
/// [`PlaceError::Io`] only.
pub fn remove_place(folder: &Path) -> Result<(), PlaceError> {
    let removed = match fs::remove_file(folder.join("place")) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => sync_names(folder),
    };
    removed.map_err(|source| PlaceError::Io { folder: folder.display().to_string(), source })
}

fn record_of(folder: &Path, record: &Path) -> io::Result<String> {
    let (folder, record) = (fs::metadata(folder)?, fs::metadata(record)?);
    Ok(format!(
        "{FIRST_LINE}\nfolder {} {}\nrecord {} {}\n",
        folder.dev(),
        folder.ino(),
        record.dev(),
        record.ino()
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn a_copy_is_told_from_the_original() {
        let scratch = tempfile::tempdir().unwrap();
        let original = scratch.path().join("a");
        fs::create_dir(&original).unwrap();
        let missing = check_place(&original);
        assert!(matches!(missing, Err(PlaceError::Missing { .. })));
        write_place(&original).unwrap();
        check_place(&original).unwrap();
        // A rename of the folder is no copy.
        let renamed = scratch.path().join("b");
        fs::rename(&original, &renamed).unwrap();
        check_place(&renamed).unwrap();
        let copy = scratch.path().join("c");
        fs::create_dir(&copy).unwrap();
        fs::copy(renamed.join("place"), copy.join("place")).unwrap();
        let refused = check_place(&copy).unwrap_err();
        assert!(matches!(refused, PlaceError::Moved { .. }));
        assert!(refused.to_string().contains("glasshouse adopt"));
        write_place(&copy).unwrap();
        check_place(&copy).unwrap();
    }

    #[test]
    fn a_restore_over_the_same_folder_is_told_too() {
        let scratch = tempfile::tempdir().unwrap();
        write_place(scratch.path()).unwrap();
        let record = fs::read(scratch.path().join("place")).unwrap();
        // Keep the old file so that its inode is not used again.
        fs::rename(scratch.path().join("place"), scratch.path().join("old")).unwrap();
        fs::write(scratch.path().join("place"), &record).unwrap();
        let refused = check_place(scratch.path());
        assert!(matches!(refused, Err(PlaceError::Moved { .. })));
    }

    #[test]
    fn damage_is_refused() {
        let scratch = tempfile::tempdir().unwrap();
        write_place(scratch.path()).unwrap();
        let record = fs::read(scratch.path().join("place")).unwrap();
        for at in 0..record.len() {
            let mut flipped = record.clone();
            flipped[at] ^= 1;
            fs::write(scratch.path().join("place"), &flipped).unwrap();
            check_place(scratch.path()).unwrap_err();
            fs::write(scratch.path().join("place"), &record[..at]).unwrap();
            check_place(scratch.path()).unwrap_err();
        }
        fs::write(scratch.path().join("place"), &record).unwrap();
        check_place(scratch.path()).unwrap();
    }

    #[test]
    fn the_lock_is_exclusive_and_ends_with_its_holder() {
        let scratch = tempfile::tempdir().unwrap();
        let lock = FolderLock::take(scratch.path()).unwrap();
        let second = FolderLock::take(scratch.path());
        assert!(matches!(second, Err(StoreError::Held(_))));
        drop(lock);
        FolderLock::take(scratch.path()).unwrap();
    }
}
