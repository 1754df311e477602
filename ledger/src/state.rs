//! The state record: what the ledger last signed. It checks itself, so that a damaged copy is never taken for an older one.
//!
//! Seven lines of text, the note, and a line with the SHA-256 of everything before:
//!
//! ```text
//! glasshouse-state/1
//! origin ledger.example
//! size 8
//! root XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=
//! stage 5c6f…64 hex digits, or none
//! last-used 1790000000000
//! note 172
//! …172 bytes: the signed note…
//! sha256 64 hex digits
//! ```
//!
//! Every version begins with such a line and ends with such a hash, so that one that is not known here is told from damage
//! (`format_version`).
//!
//! Size and root are the note's, and the note is signed by the log: nobody without its key makes a record, and no record
//! of another log is read as ours.

use glasshouse_verifier::checkpoint::{CheckpointError, SignedCheckpoint};
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::vkey::Vkey;

pub(crate) const FORMAT: &str = "glasshouse-state/1";

/// What the ledger last signed, and what it needs to go on from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRecord {
    checkpoint: SignedCheckpoint,
    stage: Option<Digest>,
    last_used_ms: u64,
}

/// Why bytes are no state record of this log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Not these lines.
    #[error("the state record's {0} line is missing, or not as this version writes it")]
    Line(&'static str),
    /// The hash at the end is another one.
    #[error("the state record is damaged: its SHA-256 is another one")]
    Damaged,
    /// Origin, size or root are not the note's.
    #[error("the state record's {0} is not the one in its note")]
    OtherThanNote(&'static str),
    /// The note is not a checkpoint signed by this log.
    #[error("the state record's note: {0}")]
    Note(#[from] CheckpointError),
}

impl StateRecord {
    /// Joins what was signed, the SHA-256 of the round's stage (see [`crate::stage`]; none where no stage led here), and
    /// the last time that was used for anything, in milliseconds since 1970.
    pub fn new(checkpoint: SignedCheckpoint, stage: Option<Digest>, last_used_ms: u64) -> Self {
        Self { checkpoint, stage, last_used_ms }
    }

    /// The signed tree head.
    pub fn head(&self) -> &TreeHead {
        self.checkpoint.head()
    }

    /// The signed note.
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// SHA-256 of the stage that led here.
    pub fn stage(&self) -> Option<&Digest> {
        self.stage.as_ref()
    }

    /// The last time that was used, in milliseconds since 1970. No later time may be below it.
    pub fn last_used_ms(&self) -> u64 {
        self.last_used_ms
    }

    /// The bytes that [`parse`](Self::parse) reads.
    pub fn encode(&self) -> Vec<u8> {
        let note = self.checkpoint.note_text();
        let stage = self.stage.map_or_else(|| "none".to_owned(), |hash| hash.to_hex());
        let text = format!(
            "{FORMAT}\norigin {}\nsize {}\nroot {}\nstage {stage}\nlast-used {}\nnote {}\n{note}",
            self.checkpoint.checkpoint().origin(),
            self.head().size(),
            self.head().root().to_base64(),
            self.last_used_ms,
            note.len(),
        );
        let hash = Digest::of(text.as_bytes());
        format!("{text}sha256 {hash}\n").into_bytes()
    }

    /// Reads a record of the log with this key; exactly what [`encode`](Self::encode) writes, and nothing else.
    ///
    /// # Errors
    ///
    /// [`StateError`]: whoever calls takes it for "no copy here", never for an empty state.
    pub fn parse(bytes: &[u8], log: &Vkey) -> Result<Self, StateError> {
        let text = std::str::from_utf8(bytes).map_err(|_| StateError::Damaged)?;
        let (body, hash) = split_hash(text).ok_or(StateError::Line("sha256"))?;
        if Digest::of(body.as_bytes()).to_hex() != hash {
            return Err(StateError::Damaged);
        }
        let mut lines = body.splitn(8, '\n');
        if lines.next() != Some(FORMAT) {
            return Err(StateError::Line("format"));
        }
        let mut field = |name| {
            let line = lines.next().and_then(|line| line.strip_prefix(name));
            line.and_then(|line| line.strip_prefix(' ')).ok_or(StateError::Line(name))
        };
        let (origin, size, root) = (field("origin")?, field("size")?, field("root")?);
        let stage = match field("stage")? {
            "none" => None,
            hash => Some(Digest::from_hex(hash).map_err(|_| StateError::Line("stage"))?),
        };
        let last_used_ms = field("last-used")?.parse().map_err(|_| StateError::Line("last-used"))?;
        field("note")?;
        let note = lines.next().ok_or(StateError::Line("note"))?;
        let checkpoint = SignedCheckpoint::open(note.as_bytes(), log)?;
        let record = Self { checkpoint, stage, last_used_ms };
        let head = record.head();
        if record.checkpoint.checkpoint().origin().as_str() != origin {
            return Err(StateError::OtherThanNote("origin"));
        }
        if head.size().to_string() != size {
            return Err(StateError::OtherThanNote("size"));
        }
        if head.root().to_base64() != root {
            return Err(StateError::OtherThanNote("root"));
        }
        // Numbers in another spelling, a wrong length of the note: one record has one spelling.
        if record.encode() != bytes {
            return Err(StateError::Damaged);
        }
        Ok(record)
    }
}

/// The text before the last line, and the hash in it: how a record that checks itself ends.
pub(crate) fn split_hash(text: &str) -> Option<(&str, &str)> {
    let without_end = text.strip_suffix('\n')?;
    let begin = without_end.rfind('\n')? + 1;
    let hash = without_end.get(begin..)?.strip_prefix("sha256 ")?;
    Some((text.get(..begin)?, hash))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::key_file::SecretKey;
    use crate::log_signer::LogSigner;
    use glasshouse_verifier::hash::RootHash;
    use glasshouse_verifier::origin::Origin;
    use glasshouse_verifier::size::TreeSize;

    fn signer(seed: u8, origin: &str) -> LogSigner {
        LogSigner::new(Origin::parse(origin).unwrap(), SecretKey::from_seed(&[seed; 32])).unwrap()
    }

    fn record() -> (StateRecord, LogSigner) {
        let signer = signer(1, "ledger.example");
        let size = TreeSize::new(300).unwrap();
        let head = TreeHead::new(size, RootHash::from_bytes([9; 32])).unwrap();
        let checkpoint = signer.sign(&head, 1).unwrap();
        (StateRecord::new(checkpoint, Some(Digest::of(b"stage")), 1_790_000_000_123), signer)
    }

    #[test]
    fn what_is_encoded_is_read() {
        let (record, signer) = record();
        assert_eq!(StateRecord::parse(&record.encode(), signer.vkey()).unwrap(), record);
        let first = StateRecord::new(signer.sign(&TreeHead::empty(), 1).unwrap(), None, 0);
        assert_eq!(StateRecord::parse(&first.encode(), signer.vkey()).unwrap(), first);
        let text = String::from_utf8(first.encode()).unwrap();
        assert!(text.starts_with(
            "glasshouse-state/1\norigin ledger.example\nsize 0\n\
                 root 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nstage none\nlast-used 0\nnote "
        ));
    }

    #[test]
    fn every_flipped_byte_and_every_cut_is_refused() {
        let (record, signer) = record();
        let bytes = record.encode();
        for at in 0..bytes.len() {
            StateRecord::parse(&bytes[..at], signer.vkey()).unwrap_err();
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                StateRecord::parse(&flipped, signer.vkey()).unwrap_err();
            }
        }
        let longer = [bytes.as_slice(), b"\n"].concat();
        StateRecord::parse(&longer, signer.vkey()).unwrap_err();
    }

    /// Somebody who can compute a SHA-256, but has not the log's key.
    fn forge(record: &StateRecord, from: &str, to: &str) -> Vec<u8> {
        let text = String::from_utf8(record.encode()).unwrap();
        let body = split_hash(&text).unwrap().0.replacen(from, to, 1);
        format!("{body}sha256 {}\n", Digest::of(body.as_bytes())).into_bytes()
    }

    #[test]
    fn a_new_hash_does_not_help_a_forger() {
        let (record, signer) = record();
        for (from, to, error) in [
            ("state/1", "state/2", StateError::Line("format")),
            ("origin ledger", "origin other", StateError::OtherThanNote("origin")),
            ("size 300", "size 301", StateError::OtherThanNote("size")),
            ("size 300", "size 0300", StateError::OtherThanNote("size")),
            ("root ", "root A", StateError::OtherThanNote("root")),
            ("stage ", "stage A", StateError::Line("stage")),
            ("last-used 1", "last-used +1", StateError::Damaged),
            ("last-used", "last-use", StateError::Line("last-used")),
            ("note ", "note 0", StateError::Damaged),
        ] {
            let forged = forge(&record, from, to);
            assert_eq!(StateRecord::parse(&forged, signer.vkey()), Err(error), "{to}");
        }
        let forged = forge(&record, "\n300\n", "\n301\n");
        let refused = StateRecord::parse(&forged, signer.vkey());
        assert!(matches!(refused, Err(StateError::Note(_))));
    }

    #[test]
    fn another_logs_record_is_refused() {
        let (record, _) = record();
        for other in [signer(2, "ledger.example"), signer(1, "other.example")] {
            let refused = StateRecord::parse(&record.encode(), other.vkey());
            assert!(matches!(refused, Err(StateError::Note(_))));
        }
    }
}
