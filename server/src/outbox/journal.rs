//! The outbox's journal: a file that only grows.
//!
//! Whatever is to be sent is appended and synced first. A process that dies in the middle of an append leaves a torn
//! last line; nothing of it was sent, so it is cut off at the next start. A damaged line with whole ones behind it is
//! something else, and is refused.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::record::Record;
use super::replacement;

/// Where a record lies in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// First byte of its line.
    pub offset: u64,
    /// Bytes of its line, with the line feed.
    pub length: u64,
}

/// Where the journal's bytes go. A file; in tests, a file that fails.
pub trait JournalFile: Send {
    /// Appends all bytes.
    ///
    /// # Errors
    /// What the system says. Some of the bytes may have been written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes everything appended so far durable.
    ///
    /// # Errors
    /// What the system says.
    fn sync(&mut self) -> io::Result<()>;
}

impl JournalFile for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file system failed.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A line is not whole, and whole ones stand behind it.
    #[error(
        "{path}: line {line} is damaged, so nothing was sent. Restore the file, or begin a new outbox in another folder (--new-outbox): it starts above the highest number on record and closes the rest"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Line number, from 1.
        line: u64,
    },
    /// A record could not be written as JSON.
    #[error("a record of the journal could not be encoded: {0}")]
    Encode(#[from] serde_json::Error),
    /// Something else stands where a record stood.
    #[error("{path}: the file was changed while it was read; run the command again")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// An earlier append failed: what the file holds now is not known before it is read again.
    #[error("{path}: an earlier write failed; run the command again")]
    Poisoned {
        /// The file.
        path: PathBuf,
    },
}

/// An open journal.
pub struct Journal {
    path: PathBuf,
    file: Box<dyn JournalFile>,
    length: u64,
    failed: bool,
}

impl Journal {
    /// Opens or makes the journal at `path`, gives every whole record to `each` in order, cuts off a torn end.
    ///
    /// # Errors
    /// [`JournalError::Io`], [`JournalError::Damaged`].
    pub fn open(path: &Path, each: impl FnMut(Record, Place)) -> Result<Journal, JournalError> {
        let io = |error| JournalError::Io { path: path.to_owned(), error };
        let file =
            OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path).map_err(io)?;
        let length = read(path, &file, each)?;
        if file.metadata().map_err(io)?.len() != length {
            // Overwritten first: no purge would find what lay in a torn end.
            let torn = OpenOptions::new().write(true).open(path).map_err(io)?;
            replacement::overwrite_from(&torn, length).map_err(io)?;
            file.set_len(length).map_err(io)?;
        }
        // What an earlier run appended may not have reached the disk; it is sent only once it has.
        file.sync_all().map_err(io)?;
        replacement::sync_folder(path).map_err(io)?;
        Ok(Journal { path: path.to_owned(), file: Box::new(file), length, failed: false })
    }

    /// Reads the journal at `path` as it is, beside whoever writes it: a torn end is left alone.
    ///
    /// # Errors
    /// [`JournalError::Io`], also where there is none; [`JournalError::Damaged`]; [`JournalError::Changed`] where a purge
    /// put another one in its place meanwhile, and overwrote this one.
    pub fn read(path: &Path, each: impl FnMut(Record, Place)) -> Result<(), JournalError> {
        let io = |error| JournalError::Io { path: path.to_owned(), error };
        let file = File::open(path).map_err(io)?;
        let outcome = read(path, &file, each);
        let (read, standing) = (file.metadata().map_err(io)?, std::fs::metadata(path).map_err(io)?);
        if (read.dev(), read.ino()) != (standing.dev(), standing.ino()) {
            return Err(JournalError::Changed { path: path.to_owned() });
        }
        outcome.map(drop)
    }

    /// The record at a place that an earlier reading gave.
    ///
    /// # Errors
    /// [`JournalError::Io`]; [`JournalError::Changed`] where another record or none is there now.
    pub fn record_at(path: &Path, place: Place) -> Result<Record, JournalError> {
        let io = |error| JournalError::Io { path: path.to_owned(), error };
        let file = File::open(path).map_err(io)?;
        let mut line = vec![0; usize::try_from(place.length).unwrap_or_default()];
        match file.read_exact_at(&mut line, place.offset) {
            // A purge put a shorter one in its place.
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err(JournalError::Changed { path: path.to_owned() });
            }
            read => read.map_err(io)?,
        }
        let record = line.strip_suffix(b"\n").and_then(Record::parse);
        record.ok_or_else(|| JournalError::Changed { path: path.to_owned() })
    }

    /// Lets further appends go through `wrap`: for tests that make them fail.
    #[must_use]
    pub fn through(self, wrap: impl FnOnce(Box<dyn JournalFile>) -> Box<dyn JournalFile>) -> Journal {
        Journal { file: wrap(self.file), ..self }
    }

    /// Appends the records in one write and makes them durable.
    ///
    /// # Errors
    /// [`JournalError::Io`]; after it, every further append is refused.
    pub fn append_durable(&mut self, records: &[Record]) -> Result<Vec<Place>, JournalError> {
        let places = self.append(records)?;
        self.guard(|file| file.sync())?;
        Ok(places)
    }

    /// Appends the records in one write, and gives their places. They may be lost with the power, and must follow from
    /// asking the log again.
    ///
    /// # Errors
    /// [`JournalError::Io`]; after it, every further append is refused.
    pub fn append(&mut self, records: &[Record]) -> Result<Vec<Place>, JournalError> {
        let (mut bytes, mut places) = (Vec::new(), Vec::with_capacity(records.len()));
        for record in records {
            let line = record.encode()?;
            let offset = self.length.saturating_add(bytes.len() as u64);
            places.push(Place { offset, length: line.len() as u64 });
            bytes.extend_from_slice(&line);
        }
        self.guard(|file| file.append(&bytes))?;
        self.length = self.length.saturating_add(bytes.len() as u64);
        Ok(places)
    }

    fn guard(
        &mut self,
        act: impl FnOnce(&mut Box<dyn JournalFile>) -> io::Result<()>,
    ) -> Result<(), JournalError> {
        if self.failed {
            return Err(JournalError::Poisoned { path: self.path.clone() });
        }
        act(&mut self.file).map_err(|error| {
            self.failed = true;
            JournalError::Io { path: self.path.clone(), error }
        })
    }
}

/// Gives the whole records to `each`; the answer is the number of bytes that they take.
fn read(path: &Path, file: &File, mut each: impl FnMut(Record, Place)) -> Result<u64, JournalError> {
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    let mut torn_at = None;
    let (mut whole, mut number) = (0_u64, 0_u64);
    loop {
        line.clear();
        let read = reader
            .read_until(b'\n', &mut line)
            .map_err(|error| JournalError::Io { path: path.to_owned(), error })?;
        if read == 0 {
            return Ok(whole);
        }
        number += 1;
        let record = line.strip_suffix(b"\n").and_then(Record::parse);
        match (record, torn_at) {
            (Some(record), None) => {
                each(record, Place { offset: whole, length: read as u64 });
                whole += read as u64;
            }
            (Some(_), Some(line)) => return Err(JournalError::Damaged { path: path.to_owned(), line }),
            (None, _) => torn_at = torn_at.or(Some(number)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn started(after: u64) -> Record {
        Record::Started { after }
    }

    fn records(path: &Path) -> Result<Vec<Record>, JournalError> {
        let mut records = Vec::new();
        Journal::open(path, |record, _| records.push(record))?;
        Ok(records)
    }

    #[test]
    fn a_torn_end_is_cut_off_at_every_byte_and_writing_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let mut journal = Journal::open(&path, |_, _| {}).unwrap();
        journal.append_durable(&[started(1), started(2)]).unwrap();
        drop(journal);
        let bytes = std::fs::read(&path).unwrap();
        let first = started(1).encode().unwrap().len();
        for cut in 0..bytes.len() {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let mut found = Vec::new();
            let mut journal = Journal::open(&path, |record, _| found.push(record)).unwrap();
            let expected = if cut < first { vec![] } else { vec![started(1)] };
            assert_eq!(found, expected, "cut at {cut}");
            journal.append_durable(&[started(3)]).unwrap();
            assert_eq!(records(&path).unwrap().last(), Some(&started(3)), "cut at {cut}");
        }
    }

    #[test]
    fn who_reads_a_journal_that_a_purge_replaces_is_told_and_gets_no_half() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join("journal"), dir.path().join("other"));
        Journal::open(&path, |_, _| {}).unwrap().append_durable(&[started(1)]).unwrap();
        Journal::read(&path, |_, _| {}).unwrap();
        std::fs::copy(&path, &other).unwrap();
        let replaced = Journal::read(&path, |_, _| std::fs::rename(&other, &path).unwrap());
        assert!(matches!(replaced, Err(JournalError::Changed { .. })));
    }

    #[test]
    fn damage_in_the_middle_is_refused_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let mut journal = Journal::open(&path, |_, _| {}).unwrap();
        journal.append_durable(&[started(1), started(2), started(3)]).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = started(1).encode().unwrap().len() + 20;
        bytes[middle] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(matches!(records(&path), Err(JournalError::Damaged { line: 2, .. })));
    }

    #[test]
    fn after_a_failed_write_nothing_more_is_written() {
        struct Full;
        impl JournalFile for Full {
            fn append(&mut self, _: &[u8]) -> io::Result<()> {
                Err(io::Error::from(io::ErrorKind::StorageFull))
            }
            fn sync(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let mut journal = Journal::open(&path, |_, _| {}).unwrap().through(|_| Box::new(Full));
        assert!(matches!(journal.append(&[started(1)]), Err(JournalError::Io { .. })));
        assert!(matches!(journal.append(&[started(1)]), Err(JournalError::Poisoned { .. })));
    }

    #[test]
    fn a_record_is_found_again_at_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let mut journal = Journal::open(&path, |_, _| {}).unwrap();
        let mut places = journal.append_durable(&[started(1), started(222)]).unwrap();
        places.extend(journal.append(&[started(33)]).unwrap());
        let mut read = Vec::new();
        Journal::read(&path, |record, place| read.push((record, place))).unwrap();
        assert_eq!(read.iter().map(|(_, place)| *place).collect::<Vec<_>>(), places);
        for (record, place) in read {
            assert_eq!(Journal::record_at(&path, place).unwrap(), record);
        }
        let beside = Place { offset: 1, ..places[0] };
        assert!(matches!(Journal::record_at(&path, beside), Err(JournalError::Changed { .. })));
        // Who only reads leaves a torn end to whoever writes it.
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        let mut count = 0;
        Journal::read(&path, |_, _| count += 1).unwrap();
        assert_eq!((count, std::fs::read(&path).unwrap().len()), (2, whole.len() - 1));
    }
}
