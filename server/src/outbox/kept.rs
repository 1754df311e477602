//! What an outbox holds: read by whoever publishes, or beside him.

use std::path::{Path, PathBuf};

use super::OutboxError;
use super::contents::Contents;
use super::journal::{Journal, JournalError};
use super::receipt_folder::Receipts;
use super::record::{Numbered, Record};

/// The statements, texts and receipts of an outbox.
pub struct Kept {
    pub(super) dir: PathBuf,
    pub(super) contents: Contents,
}

impl Kept {
    pub(super) fn empty(dir: &Path) -> Kept {
        Kept { dir: dir.to_owned(), contents: Contents::default() }
    }

    /// Reads the outbox in `dir` without locking it: a publisher may be at work.
    ///
    /// # Errors
    /// [`OutboxError::None`] where there is none; the journal's.
    pub fn read(dir: &Path) -> Result<Kept, OutboxError> {
        let mut kept = Kept::empty(dir);
        if !kept.journal().is_file() {
            return Err(OutboxError::None { path: dir.to_owned() });
        }
        Journal::read(&kept.journal(), |record, place| kept.contents.apply(record, place))?;
        Ok(kept)
    }

    /// The same, for who may not have published yet: where there is no outbox it holds nothing, and none is made.
    ///
    /// # Errors
    /// The journal's.
    pub fn read_or_empty(dir: &Path) -> Result<Kept, OutboxError> {
        match Kept::read(dir) {
            Err(OutboxError::None { .. }) => Ok(Kept::empty(dir)),
            read => read,
        }
    }

    pub(super) fn journal(&self) -> PathBuf {
        self.dir.join("journal")
    }

    /// What the journal says.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// The statement with this number as it was kept, with its texts; `None` where the journal holds none.
    ///
    /// # Errors
    /// The journal's.
    pub fn numbered(&self, sequence: u64) -> Result<Option<Numbered>, OutboxError> {
        if let Some(pending) = self.contents.pending().get(&sequence) {
            return Ok(Some(pending.clone()));
        }
        let Some(place) = self.contents.place(sequence) else { return Ok(None) };
        match Journal::record_at(&self.journal(), place)? {
            Record::Numbered(numbered) if numbered.sequence == sequence => Ok(Some(numbered)),
            _ => Err(JournalError::Changed { path: self.journal() }.into()),
        }
    }

    /// Gives every statement that the journal holds and that was not refused, in the order in which they were numbered.
    ///
    /// # Errors
    /// The journal's.
    pub fn each(&self, mut look: impl FnMut(Numbered)) -> Result<(), OutboxError> {
        if self.contents.places().is_empty() {
            return Ok(());
        }
        Journal::read(&self.journal(), |record, place| {
            if let Record::Numbered(numbered) = record
                && self.contents.place(numbered.sequence) == Some(place)
            {
                look(numbered);
            }
        })?;
        Ok(())
    }

    /// The folder of the receipts.
    pub fn receipts(&self) -> Receipts {
        Receipts::of(&self.dir)
    }
}
