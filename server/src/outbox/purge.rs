//! Erasing texts from an outbox: from its journal and from the receipts in it.
//!
//! What is true if the process dies, at any moment: receipts are replaced one by one, each whole or not at all; the
//! journal is the old one until the new one is synced and takes its name. A purge that did not end is run again, and
//! finds less to do. What is needed so that no line is published twice stays: numbers, leaf hashes, and by what a line
//! is known.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::receipt::Receipt;

use super::contents::purged;
use super::journal::Journal;
use super::kept::Kept;
use super::record::{Base64, Numbered, Record};
use super::{Outbox, OutboxError};

/// Which texts of which statements are erased.
#[derive(Debug, Clone)]
pub struct Purge {
    /// Ranges of the provider's numbers, first and last.
    pub numbers: Vec<(u64, u64)>,
    /// The texts.
    pub fields: Vec<FieldName>,
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
    /// A receipt that does not read.
    #[error("{0}")]
    Receipt(String),
}

impl Purge {
    fn is_of(&self, bytes: &[u8]) -> bool {
        Addendum::parse(bytes)
            .is_ok_and(|text| self.fields.contains(&text.field()) && self.is_number(text.sequence().get()))
    }

    fn is_number(&self, number: u64) -> bool {
        self.numbers.iter().any(|(first, last)| (*first..=*last).contains(&number))
    }

    /// Whether what stood for the decision's own number goes too.
    fn takes_puid(&self) -> bool {
        [FieldName::PUID, FieldName::SEALED_STATEMENT].iter().any(|field| self.fields.contains(field))
    }

    fn takes_subject(&self) -> bool {
        [FieldName::SUBJECT, FieldName::SEALED_STATEMENT].iter().any(|field| self.fields.contains(field))
    }

    /// A statement without these texts, and how many there were.
    fn strip(&self, mut numbered: Numbered) -> (Numbered, u64) {
        let mut gone = 0;
        let mut keep = |texts: &mut Vec<Base64>, is_gone: &dyn Fn(&[u8]) -> bool| {
            let before = texts.len();
            texts.retain(|bytes| !is_gone(&bytes.0));
            gone += (before - texts.len()) as u64;
        };
        keep(&mut numbered.addenda, &|bytes| self.is_of(bytes));
        keep(&mut numbered.withheld, &|bytes| self.is_of(bytes));
        let is_named = self.is_number(numbered.sequence);
        let takes_sealed = is_named && self.fields.contains(&FieldName::SEALED_STATEMENT);
        keep(&mut numbered.kept, &|bytes| takes_sealed || self.is_of(bytes));
        if gone > 0 && is_named {
            // The digest of a line with a short text in it would let that text be guessed.
            numbered.content = None;
            if self.takes_puid() {
                numbered.id = numbered.id.map(|id| if id.starts_with("puid:") { purged(&id) } else { id });
                numbered.subject = numbered.subject.filter(|subject| !subject.starts_with("puid:"));
            }
            if self.takes_subject() {
                numbered.subject = None;
            }
        }
        (numbered, gone)
    }
}

impl Kept {
    /// What a purge would erase: texts in the journal, and receipts that hold one.
    ///
    /// # Errors
    /// The journal's. A receipt that does not read holds no text.
    pub fn holds(&self, purge: &Purge) -> Result<Purged, OutboxError> {
        let mut found = Purged::default();
        Journal::read(&self.journal(), |record, _| found.texts += strip_record(record, purge).1)?;
        for number in self.contents().places().keys().filter(|number| purge.is_number(**number)) {
            let bytes = fs::read(self.receipts().path(*number)).ok();
            let receipt = bytes.and_then(|bytes| Receipt::parse(&bytes).ok());
            let holds = receipt.is_some_and(|receipt| receipt.addenda().iter().any(|text| purge.is_of(text)));
            found.receipts += u64::from(holds);
        }
        Ok(found)
    }
}

impl Outbox {
    /// Erases texts from the receipts and from the journal.
    ///
    /// # Errors
    /// [`PurgeError`]. What was erased until then stays erased.
    pub fn purge(self, purge: &Purge) -> Result<(Outbox, Purged), PurgeError> {
        let carries = |numbered: &&Numbered| purge.strip((*numbered).clone()).1 > 0;
        if let Some(waiting) = self.contents().pending().values().find(carries) {
            return Err(PurgeError::Pending(waiting.sequence));
        }
        let mut done = Purged::default();
        let receipts = self.receipts();
        receipts.clear_leftovers()?;
        for number in self.contents().places().keys().filter(|number| purge.is_number(**number)) {
            done.receipts += u64::from(self.strip_receipt(*number, purge)?);
        }
        done.texts = self.rewrite_journal(purge)?;
        let dir = self.kept.dir.clone();
        // The lock is given back for a moment; whoever takes it finds the new journal.
        drop(self);
        Ok((Outbox::open(&dir)?, done))
    }

    /// Takes the texts out of one receipt; whether there were any.
    fn strip_receipt(&self, number: u64, purge: &Purge) -> Result<bool, PurgeError> {
        let path = self.receipts().path(number);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(OutboxError::Io { path, error }.into()),
        };
        let wrong = |error: String| PurgeError::Receipt(format!("{}: {error}", path.display()));
        let receipt = Receipt::parse(&bytes).map_err(|error| wrong(error.to_string()))?;
        let kept: Vec<Vec<u8>> =
            receipt.addenda().iter().filter(|text| !purge.is_of(text)).cloned().collect();
        if kept.len() == receipt.addenda().len() {
            return Ok(false);
        }
        let less = Receipt::new(receipt.checkpoint().to_owned(), receipt.entries().to_vec(), kept);
        let less = less.map_err(|error| wrong(error.to_string()))?;
        self.receipts().write(number, less.encode().as_bytes())?;
        Ok(true)
    }

    /// Writes the journal anew without the texts, and gives how many there were. Nothing is written where there is none.
    fn rewrite_journal(&self, purge: &Purge) -> Result<u64, OutboxError> {
        let path = self.kept.journal();
        let mut gone = 0;
        Journal::read(&path, |record, _| gone += strip_record(record, purge).1)?;
        if gone == 0 {
            return Ok(0);
        }
        let next = path.with_file_name(NEXT);
        let io = |error| OutboxError::Io { path: next.clone(), error };
        let file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&next).map_err(io)?;
        let mut out = io::BufWriter::new(file);
        let mut failed = None;
        Journal::read(&path, |record, _| {
            if failed.is_none() {
                failed = write(&mut out, &strip_record(record, purge).0).err();
            }
        })?;
        if let Some(error) = failed {
            return Err(io(error));
        }
        out.flush().map_err(io)?;
        out.get_ref().sync_all().map_err(io)?;
        // Dying before this line: the old journal stands, and the new one is written over at the next purge.
        fs::rename(&next, &path).map_err(io)?;
        sync_folder(&path).map_err(io)?;
        Ok(gone)
    }
}

/// Name of a journal that is being written anew.
pub(super) const NEXT: &str = "journal.new";

fn strip_record(record: Record, purge: &Purge) -> (Record, u64) {
    match record {
        Record::Numbered(numbered) => {
            let (numbered, gone) = purge.strip(numbered);
            (Record::Numbered(numbered), gone)
        }
        record => (record, 0),
    }
}

fn write(out: &mut impl io::Write, record: &Record) -> io::Result<()> {
    let line = record.encode().map_err(io::Error::other)?;
    out.write_all(&line)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}
