//! The state of one log at a witness: the checkpoint that was cosigned last, with its cosignatures. It checks itself, so
//! that a damaged copy is never taken for an older one.
//!
//! Three lines of text, the note, and a line with the SHA-256 of everything before:
//!
//! ```text
//! glasshouse-witness-state/1
//! serial 17
//! note 312
//! …312 bytes: the note, with the log's signatures and the witness's…
//! sha256 64 hex digits
//! ```
//!
//! The witness's own cosignature stands below the note: nobody without its key makes a record, and no record of another
//! witness is read as ours. The serial number counts the records of one log, from 1.

use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::head::{HeadError, TreeHead};
use glasshouse_verifier::note::{Note, NoteError};
use glasshouse_verifier::vkey::Vkey;

use super::log_checkpoint::{LogCheckpoint, LogCheckpointError};
use super::log_settings::LogId;
use crate::cosign_time::CosignTime;
use crate::state::split_hash;

pub(super) const FORMAT: &str = "glasshouse-witness-state/1";

/// What a witness cosigned last for one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessRecord {
    serial: u64,
    note: Note,
    checkpoint: LogCheckpoint,
    head: TreeHead,
    time: CosignTime,
    is_whole: bool,
}

/// Why bytes are no record of this witness.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not these lines.
    #[error("the record's {0} line is missing, or not as this version writes it")]
    Line(&'static str),
    /// The hash at the end is another one.
    #[error("the record is damaged: its SHA-256 is another one")]
    Damaged,
    /// The note is not one that this witness cosigned.
    #[error("the record's note: {0}")]
    Note(#[from] NoteError),
    /// The note's text.
    #[error("the record's note: {0}")]
    Checkpoint(#[from] LogCheckpointError),
    /// The empty tree.
    #[error("the record's note: {0}")]
    Head(#[from] HeadError),
    /// A note of another log than the record's place says.
    #[error("the record is of another log")]
    OtherLog,
}

impl WitnessRecord {
    /// Joins a note that carries this witness's cosignatures and the number of the record.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if none of `own` cosigned it.
    pub fn new(serial: u64, note: Note, own: &[Vkey]) -> Result<Self, RecordError> {
        let checkpoint = LogCheckpoint::parse(note.text())?;
        let head = checkpoint.head()?;
        let verified = note.verify(own)?;
        let times: Vec<u64> = verified.signers().iter().filter_map(|signer| signer.time()).collect();
        let latest = times.iter().max().copied();
        let time = latest.and_then(CosignTime::new).ok_or(NoteError::NoKnownKey)?;
        let is_whole = times.len() == own.len() && times.iter().all(|one| *one == time.get());
        Ok(Self { serial, note: verified.note().clone(), checkpoint, head, time, is_whole })
    }

    /// The same under another number.
    pub(crate) fn renumbered(self, serial: u64) -> Self {
        Self { serial, ..self }
    }

    /// Counts the log's records, from 1.
    pub const fn serial(&self) -> u64 {
        self.serial
    }

    /// The log.
    pub fn log(&self) -> LogId {
        LogId::of_origin(self.checkpoint.origin())
    }

    /// The checkpoint.
    pub const fn checkpoint(&self) -> &LogCheckpoint {
        &self.checkpoint
    }

    /// The tree.
    pub const fn head(&self) -> &TreeHead {
        &self.head
    }

    /// When it was cosigned; of several cosignatures the latest time.
    pub const fn time(&self) -> CosignTime {
        self.time
    }

    /// Whether every key of the witness cosigned it, all at one time. What this witness stores is whole; a note that somebody
    /// else kept may have lost a line, or hold lines of two answers.
    pub const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The note: the log's own lines and the witness's, no others.
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// The bytes that [`parse`](Self::parse) reads.
    pub fn encode(&self) -> Vec<u8> {
        let note = self.note.encode();
        let text = format!("{FORMAT}\nserial {}\nnote {}\n{note}", self.serial, note.len());
        let hash = Digest::of(text.as_bytes());
        format!("{text}sha256 {hash}\n").into_bytes()
    }

    /// Reads a record of this log at the witness with these keys; exactly what [`encode`](Self::encode) writes.
    ///
    /// # Errors
    ///
    /// [`RecordError`]: whoever calls takes it for "no copy here", never for an empty state.
    pub fn parse(bytes: &[u8], log: LogId, own: &[Vkey]) -> Result<Self, RecordError> {
        let text = std::str::from_utf8(bytes).map_err(|_| RecordError::Damaged)?;
        let (body, hash) = split_hash(text).ok_or(RecordError::Line("sha256"))?;
        if Digest::of(body.as_bytes()).to_hex() != hash {
            return Err(RecordError::Damaged);
        }
        let mut lines = body.splitn(4, '\n');
        if lines.next() != Some(FORMAT) {
            return Err(RecordError::Line("format"));
        }
        let serial = lines.next().and_then(|line| line.strip_prefix("serial "));
        let serial = serial.and_then(|serial| serial.parse().ok()).filter(|serial| *serial > 0);
        let serial = serial.ok_or(RecordError::Line("serial"))?;
        let note = lines.nth(1).ok_or(RecordError::Line("note"))?;
        let record = Self::new(serial, Note::parse(note.as_bytes())?, own)?;
        if record.log() != log {
            return Err(RecordError::OtherLog);
        }
        // Numbers in another spelling, a wrong length of the note: one record has one spelling.
        if record.encode() == bytes { Ok(record) } else { Err(RecordError::Damaged) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::cosigner::Cosigner;
    use crate::key_file::SecretKey;
    use crate::ml_dsa_key_file::MlDsaSecretKey;

    const TEXT: &str = "log.example/takedowns\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n";

    fn record(serial: u64, name: &str) -> (WitnessRecord, Cosigner) {
        let cosigner = Cosigner::new(name, SecretKey::from_seed(&[2; 32])).unwrap();
        let cosigner = cosigner.with_second(MlDsaSecretKey::from_seed(&[2; 32])).unwrap();
        let checkpoint = LogCheckpoint::parse(TEXT).unwrap();
        let lines = cosigner.cosign(&checkpoint, CosignTime::new(1_750_000_000).unwrap()).unwrap();
        let note = Note::assemble(TEXT, &lines).unwrap();
        (WitnessRecord::new(serial, note, cosigner.vkeys()).unwrap(), cosigner)
    }

    #[test]
    fn what_is_encoded_is_read() {
        let (record, cosigner) = record(17, "w");
        assert_eq!(record.time().get(), 1_750_000_000);
        assert_eq!(record.head().size().get(), 8);
        let log = LogId::of_origin("log.example/takedowns");
        assert_eq!(WitnessRecord::parse(&record.encode(), log, cosigner.vkeys()), Ok(record.clone()));
        let other = LogId::of_origin("log.example");
        let read = WitnessRecord::parse(&record.encode(), other, cosigner.vkeys());
        assert_eq!(read, Err(RecordError::OtherLog));
        let stranger = Cosigner::new("other", SecretKey::from_seed(&[3; 32])).unwrap();
        let read = WitnessRecord::parse(&record.encode(), log, stranger.vkeys());
        assert_eq!(read, Err(RecordError::Note(NoteError::NoKnownKey)));
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_refused() {
        let (record, cosigner) = record(1, "w");
        let bytes = record.encode();
        let log = record.log();
        for at in 0..bytes.len() {
            WitnessRecord::parse(&bytes[..at], log, cosigner.vkeys()).unwrap_err();
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                WitnessRecord::parse(&flipped, log, cosigner.vkeys()).unwrap_err();
            }
        }
    }

    #[test]
    fn a_new_hash_does_not_help_a_forger() {
        let (record, cosigner) = record(17, "w");
        let text = String::from_utf8(record.encode()).unwrap();
        for (from, to) in [
            ("state/1", "state/2"),
            ("serial 17", "serial 0"),
            ("serial 17", "serial +17"),
            ("serial 17", "serial 017"),
            ("note ", "note 0"),
            ("\n8\n", "\n9\n"),
        ] {
            let body = split_hash(&text).unwrap().0.replacen(from, to, 1);
            let forged = format!("{body}sha256 {}\n", Digest::of(body.as_bytes()));
            WitnessRecord::parse(forged.as_bytes(), record.log(), cosigner.vkeys()).unwrap_err();
        }
    }
}
