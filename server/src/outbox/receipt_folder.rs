//! The receipts of an outbox: one file for each number.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::{OutboxError, replacement};

/// In front of six letters and digits: the name of a receipt that is being written, as the crate `tempfile` makes it.
const UNFINISHED: &str = ".tmp";

/// A file that a run left which died.
#[derive(Debug, PartialEq, Eq)]
enum Leftover<'a> {
    /// A receipt that was being written.
    OfWriting,
    /// The receipt of that name was being replaced.
    OfReplacing(&'a str),
}

/// What a name in the folder says: a receipt's is its number and `.json`.
fn leftover(name: &str) -> Option<Leftover<'_>> {
    if let Some(random) = name.strip_prefix(UNFINISHED) {
        let is_whole = random.len() == 6 && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
        return is_whole.then_some(Leftover::OfWriting);
    }
    let receipt = name.strip_suffix(".new").or_else(|| name.strip_suffix(".old"))?;
    let number = receipt.strip_suffix(".json")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(Leftover::OfReplacing(receipt))
}

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

    /// Takes away what a run left that died while it wrote or replaced a receipt, and nothing that somebody else put here. Call
    /// it only while no other one writes.
    ///
    /// # Errors
    /// [`OutboxError::Io`].
    pub fn clear_leftovers(&self) -> Result<(), OutboxError> {
        let fail = |error| OutboxError::Io { path: self.dir.clone(), error };
        for entry in std::fs::read_dir(&self.dir).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let path = entry.path();
            match entry.file_name().to_str().and_then(leftover) {
                // A receipt that is not there any more is fetched again.
                Some(Leftover::OfReplacing(receipt)) if self.dir.join(receipt).exists() => {
                    replacement::finish(&self.dir.join(receipt)).map_err(fail)?;
                }
                Some(_) if entry.file_type().map_err(fail)?.is_file() => {
                    replacement::discard(&path).map_err(fail)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Overwrites the receipt of a number and takes it away: the log gives it again.
    ///
    /// # Errors
    /// [`OutboxError::Io`].
    pub(super) fn discard(&self, sequence: u64) -> Result<(), OutboxError> {
        let path = self.path(sequence);
        replacement::discard(&path).map_err(|error| OutboxError::Io { path, error })
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    /// The names of what is left, sorted.
    fn cleared(names: &[&str]) -> Vec<String> {
        let outbox = tempfile::tempdir().unwrap();
        let receipts = Receipts::of(outbox.path());
        std::fs::create_dir_all(receipts.dir.join("archive.old")).unwrap();
        std::fs::create_dir_all(receipts.dir.join("6.json.old")).unwrap();
        for name in names {
            std::fs::write(receipts.dir.join(name), name).unwrap();
        }
        std::os::unix::fs::symlink("1.json", receipts.dir.join("newest")).unwrap();
        std::os::unix::fs::symlink("1.json", receipts.dir.join("9.json.old")).unwrap();
        receipts.clear_leftovers().unwrap();
        for name in names {
            let there = std::fs::read(receipts.dir.join(name));
            assert!(there.is_err() || there.unwrap() == name.as_bytes(), "{name} was overwritten and left");
        }
        let entries = std::fs::read_dir(&receipts.dir).unwrap();
        let mut left: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        left
    }

    #[test]
    fn only_what_a_run_left_is_taken_away() {
        let own = ["1.json", "2.json.new", ".tmpa1B2c3", "3.json", "3.json.old"];
        let others = [
            "2.json.sig",
            "notes.txt",
            "x.json.new",
            ".json.old",
            "4.new",
            "backup.tar.old",
            ".tmp123",
            ".tmp-notes",
        ];
        let mut left = vec!["1.json", "3.json", "6.json.old", "9.json.old", "archive.old", "newest"];
        left.extend(others);
        left.sort_unstable();
        assert_eq!(cleared(&[own.as_slice(), &others].concat()), left);
    }
}
