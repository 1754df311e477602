//! The receipts of an outbox: one file for each number.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::{OutboxError, replacement};

/// The folder of an outbox's receipts.
#[derive(Debug, Clone)]
pub struct Receipts {
    dir: PathBuf,
}

impl Receipts {
    pub(super) fn of(outbox: &Path) -> Receipts {
        Receipts { dir: outbox.join("receipts") }
    }

    /// Where the receipt of a number lies.
    pub fn path(&self, sequence: u64) -> PathBuf {
        self.dir.join(format!("{sequence}.json"))
    }

    /// Takes away what a run left that died while it wrote or replaced a receipt. Call it only while no other one writes.
    ///
    /// # Errors
    /// [`OutboxError::Io`].
    pub fn clear_leftovers(&self) -> Result<(), OutboxError> {
        let fail = |error| OutboxError::Io { path: self.dir.clone(), error };
        for entry in std::fs::read_dir(&self.dir).map_err(fail)? {
            let path = entry.map_err(fail)?.path();
            // A receipt's name is its number; nothing else belongs here. One that is not there any more is fetched again.
            let receipt = path.with_extension("");
            match path.extension().and_then(OsStr::to_str) {
                Some("json") => Ok(()),
                Some("new" | "old") if receipt.exists() => replacement::finish(&receipt),
                _ => replacement::discard(&path),
            }
            .map_err(fail)?;
        }
        Ok(())
    }

    /// Puts another receipt in the place of one, and overwrites the bytes of the earlier one.
    ///
    /// # Errors
    /// [`OutboxError::Io`]. [`Receipts::clear_leftovers`] ends what was begun.
    pub(super) fn replace(&self, sequence: u64, bytes: &[u8]) -> Result<(), OutboxError> {
        let path = self.path(sequence);
        let fail = |error| OutboxError::Io { path: path.clone(), error };
        let next = replacement::next_name(&path);
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&next).map_err(fail)?;
        file.write_all(bytes).map_err(fail)?;
        file.sync_data().map_err(fail)?;
        replacement::replace(&path).map_err(fail)
    }

    /// Writes a receipt, whole or not at all.
    ///
    /// # Errors
    /// [`OutboxError::Io`].
    pub fn write(&self, sequence: u64, bytes: &[u8]) -> Result<(), OutboxError> {
        let path = self.path(sequence);
        let fail = |error| OutboxError::Io { path: path.clone(), error };
        let mut file = tempfile::NamedTempFile::new_in(&self.dir).map_err(fail)?;
        file.write_all(bytes).map_err(fail)?;
        // A receipt that is there is never fetched again, so its bytes must be there before its name.
        file.as_file().sync_data().map_err(fail)?;
        file.persist(&path).map_err(|error| fail(error.error))?;
        Ok(())
    }
}
