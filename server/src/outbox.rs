//! A provider's outbox: the folder in which `publish` keeps what it numbers and signs before it sends it.
//!
//! `journal` grows, and only a purge rewrites it; `lock` is held while a publisher runs; `receipts/<sequence>.json` are the
//! proofs that came back. Whatever moment the process dies at, the next run reads the journal, sends again what has no
//! final answer, and goes on behind the highest number: the log answers a repeated statement with its first index.

pub mod advice;
mod closing;
pub mod contents;
pub mod counting;
mod delivery;
pub mod earlier;
mod erased_texts;
pub mod event;
pub mod examiner;
pub mod journal;
pub mod kept;
mod later;
pub mod line;
pub mod lives;
pub mod number_runs;
pub mod place_in_log;
pub mod publisher;
pub mod purge;
pub mod purged_id;
pub mod receipt_folder;
mod receipts;
pub mod record;
mod replacement;
pub mod settings;
pub mod showing;
pub mod signer;

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use glasshouse_verifier::past::PastError;

use self::contents::Contents;
use self::journal::{Journal, JournalError, JournalFile, Place};
use self::kept::Kept;
use self::receipt_folder::Receipts;
use self::record::{Numbered, Pin, Record};

/// Why an outbox cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Another file of the folder.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// There is no outbox.
    #[error("{path}: there is no outbox here. Give the folder that `glasshouse publish --outbox` was given")]
    None {
        /// The folder.
        path: PathBuf,
    },
    /// An earlier statement could not be looked up.
    #[error(transparent)]
    Past(#[from] PastError),
    /// Another publisher runs.
    #[error("{path} is in use: another publisher is running on this outbox. Wait for it, or stop it")]
    InUse {
        /// The outbox.
        path: PathBuf,
    },
    /// The outbox belongs to another log, provider or version.
    #[error(
        "{path} belongs to {what} {pinned}, and this is {given}. Use an outbox for each log and provider"
    )]
    Other {
        /// The outbox.
        path: PathBuf,
        /// What differs.
        what: &'static str,
        /// What the outbox was made for.
        pinned: String,
        /// What it was used for now.
        given: String,
    },
}

/// An open outbox, locked against other publishers.
pub struct Outbox {
    kept: Kept,
    journal: Journal,
    // Held, not read: closing the file gives the lock back.
    _lock: File,
}

impl Outbox {
    /// Opens the outbox in `dir`, or makes it (readable by its owner only: withheld texts lie in it).
    ///
    /// # Errors
    /// [`OutboxError::InUse`] while another process holds it; [`JournalError::Damaged`]; input and output.
    pub fn open(dir: &Path) -> Result<Outbox, OutboxError> {
        let receipts = dir.join("receipts");
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&receipts)
            .map_err(|error| OutboxError::Io { path: receipts, error })?;
        // The folder's own name: what is in it must not go with the power after it was sent.
        replacement::sync_folder(dir).map_err(|error| OutboxError::Io { path: dir.to_owned(), error })?;
        let lock = lock(dir)?;
        let mut kept = Kept::empty(dir);
        // A purge may have died before it ended.
        replacement::finish(&kept.journal())
            .map_err(|error| OutboxError::Io { path: kept.journal(), error })?;
        kept.receipts().clear_leftovers()?;
        let journal = Journal::open(&kept.journal(), |record, place| kept.contents.apply(record, place))?;
        Ok(Outbox { kept, journal, _lock: lock })
    }

    /// Lets further writes go through `wrap`: for tests that make them fail.
    #[must_use]
    pub fn through(mut self, wrap: impl FnOnce(Box<dyn JournalFile>) -> Box<dyn JournalFile>) -> Outbox {
        self.journal = self.journal.through(wrap);
        self
    }

    /// Ties the outbox to a log and a provider at first use, and refuses any other afterwards.
    ///
    /// # Errors
    /// [`OutboxError::Other`]; the journal's.
    pub fn pin(&mut self, pin: Pin) -> Result<(), OutboxError> {
        let Some(pinned) = self.contents().pin() else {
            return self.append_durable(&[Record::Outbox(pin)]);
        };
        let differences = [
            ("the format version", pinned.version.to_string(), pin.version.to_string()),
            ("the log", pinned.origin.clone(), pin.origin),
            ("a log with the key", pinned.vkey.clone(), pin.vkey),
            ("the provider", pinned.provider.clone(), pin.provider),
        ];
        match differences.into_iter().find(|(_, pinned, given)| pinned != given) {
            None => Ok(()),
            Some((what, pinned, given)) => {
                Err(OutboxError::Other { path: self.kept.dir.clone(), what, pinned, given })
            }
        }
    }

    /// Writes records so that they survive the loss of power, then counts on them.
    ///
    /// # Errors
    /// The journal's. Nothing of the records counts then.
    pub fn append_durable(&mut self, records: &[Record]) -> Result<(), OutboxError> {
        let places = self.journal.append_durable(records)?;
        self.count(records, &places);
        Ok(())
    }

    /// Writes records that may be lost with the power.
    ///
    /// # Errors
    /// The journal's. Nothing of the records counts then.
    pub fn append(&mut self, records: &[Record]) -> Result<(), OutboxError> {
        let places = self.journal.append(records)?;
        self.count(records, &places);
        Ok(())
    }

    fn count(&mut self, records: &[Record], places: &[Place]) {
        for (record, place) in records.iter().zip(places) {
            self.kept.contents.apply(record.clone(), *place);
        }
    }

    /// What it holds, to be read.
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// What the journal says.
    pub fn contents(&self) -> &Contents {
        self.kept.contents()
    }

    /// The statement with this number as it was kept, with its texts; `None` where the journal holds none.
    ///
    /// # Errors
    /// The journal's.
    pub fn numbered(&self, sequence: u64) -> Result<Option<Numbered>, OutboxError> {
        self.kept.numbered(sequence)
    }

    /// The folder of the receipts.
    pub fn receipts(&self) -> Receipts {
        self.kept.receipts()
    }
}

fn lock(dir: &Path) -> Result<File, OutboxError> {
    let path = dir.join("lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .map_err(|error| OutboxError::Io { path: path.clone(), error })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OutboxError::InUse { path: dir.to_owned() }),
        Err(TryLockError::Error(error)) => Err(OutboxError::Io { path, error }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn pin(vkey: &str) -> Pin {
        Pin {
            version: 1,
            origin: "log.example".to_owned(),
            vkey: vkey.to_owned(),
            provider: "https://provider.example".to_owned(),
        }
    }

    #[test]
    fn two_publishers_cannot_share_an_outbox() {
        let dir = tempfile::tempdir().unwrap();
        let first = Outbox::open(dir.path()).unwrap();
        assert!(matches!(Outbox::open(dir.path()), Err(OutboxError::InUse { .. })));
        drop(first);
        Outbox::open(dir.path()).unwrap();
    }

    #[test]
    fn an_outbox_is_tied_to_its_log_for_good() {
        let dir = tempfile::tempdir().unwrap();
        let mut outbox = Outbox::open(dir.path()).unwrap();
        outbox.pin(pin("log.example+1+A")).unwrap();
        drop(outbox);
        let mut outbox = Outbox::open(dir.path()).unwrap();
        outbox.pin(pin("log.example+1+A")).unwrap();
        let error = outbox.pin(pin("log.example+2+B")).unwrap_err();
        assert!(matches!(error, OutboxError::Other { what: "a log with the key", .. }), "{error}");
    }

    #[test]
    fn an_outbox_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("outbox");
        let mut outbox = Outbox::open(&inside).unwrap();
        outbox.pin(pin("v")).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&inside), 0o700);
        assert_eq!(mode(&inside.join("journal")), 0o600);
        outbox.receipts().write(3, b"{}").unwrap();
        assert_eq!(std::fs::read(inside.join("receipts/3.json")).unwrap(), b"{}");
    }
}
