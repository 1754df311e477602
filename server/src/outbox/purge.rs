//! Erasing texts from an outbox: from its journal and from the receipts in it.
//!
//! What is true if the process dies, at any moment: receipts are replaced one by one, each whole or not at all; the
//! journal is the old one until the new one is synced and takes its name. What was replaced is overwritten, by the next
//! run if need be. A purge that did not end is run again, and finds less to do. What is needed so that no line is
//! published twice stays: numbers, leaf hashes, and by what a line is known.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::receipt::Receipt;

use super::erased_texts::ErasedTexts;
use super::journal::Journal;
use super::kept::Kept;
use super::purged_id::{IdKey, is_unkeyed};
use super::record::{Numbered, Record};
use super::{Outbox, OutboxError, replacement};

/// Which texts of which statements are erased, after the log has erased them.
#[derive(Debug, Clone)]
pub struct Purge {
    /// Numbers of statements that were named one by one: all of their texts in `fields` go.
    pub numbers: Vec<u64>,
    /// Ranges of the provider's numbers, first and last: a text goes only if the log does not pass over it.
    pub ranges: Vec<(u64, u64)>,
    /// The texts.
    pub fields: Vec<FieldName>,
    /// Index of the redaction by range: it erased what was disclosed before it.
    pub before: u64,
}

/// What was erased.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purged {
    /// Texts in the journal.
    pub texts: u64,
    /// Receipts that held one.
    pub receipts: u64,
}

/// Why nothing more was erased.
#[derive(Debug, thiserror::Error)]
pub enum PurgeError {
    /// The outbox.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// A statement that carries such a text is not on record yet.
    #[error("number {0} waits in the outbox and needs the text to be sent: run `glasshouse publish` first")]
    Pending(u64),
    /// What stands in the place of a file of the outbox is none of its own.
    #[error(
        "{} is a link or a folder and no file: it is left alone, and what it leads to may hold the texts. Put the file itself \
         there, or take it away, and run the command again", .0.display()
    )]
    NotPlain(PathBuf),
    /// A receipt that cannot be written without the text.
    #[error("{0}")]
    Receipt(String),
    /// The system gave no random bytes.
    #[error("no random bytes from the system: {0}")]
    Random(getrandom::Error),
}

impl Purge {
    /// Whether a range has that number.
    pub(super) fn is_in_range(&self, number: u64) -> bool {
        self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&number))
    }
}

impl Kept {
    /// What a purge would erase: texts in the journal, and receipts that hold one.
    ///
    /// # Errors
    /// The journal's. A receipt that does not read may hold a text.
    pub fn holds(&self, purge: &Purge) -> Result<Purged, OutboxError> {
        let erased = ErasedTexts::of(self, purge)?;
        let mut found = Purged { texts: self.count(&erased)?, receipts: 0 };
        for number in erased.numbers() {
            let Ok(bytes) = fs::read(self.receipts().path(number)) else { continue };
            let holds = match Receipt::parse(&bytes) {
                Ok(receipt) => receipt.addenda().iter().any(|text| erased.has(text)),
                Err(_) => true,
            };
            found.receipts += u64::from(holds);
        }
        Ok(found)
    }

    /// How many of these texts the journal holds.
    fn count(&self, erased: &ErasedTexts) -> Result<u64, OutboxError> {
        let mut texts = 0;
        Journal::read(&self.journal(), |record, _| {
            if let Record::Numbered(numbered) = record {
                texts += erased.count(&numbered);
            }
        })?;
        Ok(texts)
    }
}

impl Outbox {
    /// Erases texts from the receipts and from the journal.
    ///
    /// # Errors
    /// [`PurgeError`]. What was erased until then stays erased.
    pub fn purge(self, purge: &Purge) -> Result<(Outbox, Purged), PurgeError> {
        let erased = ErasedTexts::of(&self.kept, purge)?;
        let carries = |numbered: &&Numbered| erased.count(numbered) > 0;
        if let Some(waiting) = self.contents().pending().values().find(carries) {
            return Err(PurgeError::Pending(waiting.sequence));
        }
        let mut done = Purged::default();
        check_plain(&self.kept.journal())?;
        let mut left = None;
        for number in erased.numbers() {
            match self.strip_receipt(number, &erased) {
                Ok(stripped) => done.receipts += u64::from(stripped),
                // The others are purged all the same.
                Err(PurgeError::NotPlain(path)) => left = left.or(Some(path)),
                Err(error) => return Err(error),
            }
        }
        done.texts = self.rewrite_journal(&erased)?;
        if let Some(path) = left {
            return Err(PurgeError::NotPlain(path));
        }
        let dir = self.kept.dir.clone();
        // The lock is given back for a moment; whoever takes it finds the new journal.
        drop(self);
        Ok((Outbox::open(&dir)?, done))
    }

    /// Takes the texts out of one receipt; whether there were any. A receipt that does not read may hold one, and goes whole:
    /// the log gives it again, without the text.
    fn strip_receipt(&self, number: u64, erased: &ErasedTexts) -> Result<bool, PurgeError> {
        let path = self.receipts().path(number);
        if !check_plain(&path)? {
            return Ok(false);
        }
        let bytes = fs::read(&path).map_err(|error| OutboxError::Io { path: path.clone(), error })?;
        let Ok(receipt) = Receipt::parse(&bytes) else {
            self.receipts().discard(number)?;
            return Ok(true);
        };
        let kept: Vec<Vec<u8>> = receipt.addenda().iter().filter(|text| !erased.has(text)).cloned().collect();
        if kept.len() == receipt.addenda().len() {
            return Ok(false);
        }
        let less = Receipt::new(receipt.checkpoint().to_owned(), receipt.entries().to_vec(), kept);
        let less = less.map_err(|error| PurgeError::Receipt(format!("{}: {error}", path.display())))?;
        self.receipts().replace(number, less.encode().as_bytes())?;
        Ok(true)
    }

    /// Writes the journal anew without the texts, and gives how many there were. Nothing is written where there is none,
    /// and no id that a purge of before has left without a key.
    fn rewrite_journal(&self, erased: &ErasedTexts) -> Result<u64, PurgeError> {
        let gone = self.kept.count(erased)?;
        if gone == 0 && !self.contents().ids().any(is_unkeyed) {
            return Ok(0);
        }
        let (key, mut fresh) = match self.contents().id_key() {
            Some(key) => (key.clone(), None),
            None => {
                let key = IdKey::generate().map_err(PurgeError::Random)?;
                (key.clone(), Some(Record::IdKey { key }))
            }
        };
        let path = self.kept.journal();
        let next = replacement::next_name(&path);
        let io = |error| OutboxError::Io { path: next.clone(), error };
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&next).map_err(io)?;
        let mut out = io::BufWriter::new(file);
        let mut failed = None;
        Journal::read(&path, |record, _| {
            let record = match record {
                Record::Numbered(numbered) => Record::Numbered(erased.strip(numbered, &key)),
                record => record,
            };
            // The key goes behind the first record, which says whose outbox this is.
            for record in [Some(record), fresh.take()].into_iter().flatten() {
                if failed.is_none() {
                    failed = write(&mut out, &record).err();
                }
            }
        })
        .map_err(OutboxError::from)?;
        if let Some(error) = failed {
            return Err(io(error).into());
        }
        out.flush().map_err(io)?;
        out.get_ref().sync_all().map_err(io)?;
        replacement::replace(&path).map_err(|error| OutboxError::Io { path: path.clone(), error })?;
        Ok(gone)
    }
}

/// Whether there is a file.
///
/// # Errors
/// [`PurgeError::NotPlain`] for a link, a folder, and whatever else is no file.
fn check_plain(path: &Path) -> Result<bool, PurgeError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(true),
        Ok(_) => Err(PurgeError::NotPlain(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(OutboxError::Io { path: path.to_owned(), error }.into()),
    }
}

fn write(out: &mut impl io::Write, record: &Record) -> io::Result<()> {
    let line = record.encode().map_err(io::Error::other)?;
    out.write_all(&line)
}
