//! The receipts of an outbox: one file for each number.

use std::io;
use std::path::{Path, PathBuf};

use super::OutboxError;

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

    /// Removes what a run left that died while it wrote a receipt. Call it only while no other one writes.
    ///
    /// # Errors
    /// [`OutboxError::Io`].
    pub fn clear_leftovers(&self) -> Result<(), OutboxError> {
        let fail = |error| OutboxError::Io { path: self.dir.clone(), error };
        for entry in std::fs::read_dir(&self.dir).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            // A receipt's name is its number; nothing else belongs here.
            if entry.path().extension().is_none_or(|ending| ending != "json") {
                std::fs::remove_file(entry.path()).map_err(fail)?;
            }
        }
        Ok(())
    }

    /// Writes a receipt, whole or not at all.
    ///
    /// # Errors
    /// [`OutboxError::Io`].
    pub fn write(&self, sequence: u64, bytes: &[u8]) -> Result<(), OutboxError> {
        let path = self.path(sequence);
        let fail = |error| OutboxError::Io { path: path.clone(), error };
        let mut file = tempfile::NamedTempFile::new_in(&self.dir).map_err(fail)?;
        io::Write::write_all(&mut file, bytes).map_err(fail)?;
        // A receipt that is there is never fetched again, so its bytes must be there before its name.
        file.as_file().sync_data().map_err(fail)?;
        file.persist(&path).map_err(|error| fail(error.error))?;
        Ok(())
    }
}
