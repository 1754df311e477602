//! The body of `add-checkpoint` (c2sp.org/tlog-witness): the old size, a consistency proof, an empty line, a checkpoint's
//! note.

use glasshouse_verifier::hash::NodeHash;
use glasshouse_verifier::note::{Note, NoteError};
use glasshouse_verifier::size::{SizeError, TreeSize};

use super::log_checkpoint::{LogCheckpoint, LogCheckpointError};

/// Most lines of a proof (c2sp.org/tlog-witness): the depth of any tree that 64 bits can count.
pub const PROOF_LINES_MAX: usize = 63;

/// Greatest body, in bytes. 63 hashes, the longest text, and 16 signature lines of the largest kind (ML-DSA-44, under
/// the longest name) take 63 KiB; this is twice as much.
pub const REQUEST_MAX: usize = 128 << 10;

/// Greatest part before the empty line, in bytes: the old size with at most 20 digits, and every hash with its line feed.
const HEAD_MAX: usize = 24 + PROOF_LINES_MAX * 45;

/// Why a body is no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddRequestError {
    /// More than [`REQUEST_MAX`] bytes.
    #[error("a request has at most 131072 bytes")]
    TooLong,
    /// No empty line behind the old size and the proof.
    #[error("a request is an old size, at most 63 hashes, an empty line, and a checkpoint's note")]
    Form,
    /// The first line.
    #[error("the first line is `old` and a tree size: {0}")]
    Old(SizeError),
    /// A line of the proof.
    #[error("line {0} of the proof is not 32 bytes in canonical base64")]
    ProofLine(usize),
    /// More than 63 lines.
    #[error("a proof has at most 63 lines")]
    ProofTooLong,
    /// The note.
    #[error("the checkpoint's note: {0}")]
    Note(#[from] NoteError),
    /// The note's text.
    #[error(transparent)]
    Checkpoint(#[from] LogCheckpointError),
    /// The old size is beyond the new one.
    #[error("the old size is greater than the checkpoint's")]
    OldBeyondNew,
}

/// A request whose form is right. Its signatures and its proof are unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddRequest {
    old: TreeSize,
    proof: Vec<NodeHash>,
    note: Note,
    checkpoint: LogCheckpoint,
}

impl AddRequest {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// [`AddRequestError`]: what c2sp.org/tlog-witness answers with 400.
    pub fn parse(body: &[u8]) -> Result<Self, AddRequestError> {
        if body.len() > REQUEST_MAX {
            return Err(AddRequestError::TooLong);
        }
        let within = body.get(..body.len().min(HEAD_MAX + 2)).unwrap_or_default();
        let Some(blank) = within.windows(2).position(|pair| pair == b"\n\n") else {
            let lines = body.iter().filter(|byte| **byte == b'\n').count();
            let too_long = within.starts_with(b"old ") && lines > PROOF_LINES_MAX + 1;
            return Err(if too_long { AddRequestError::ProofTooLong } else { AddRequestError::Form });
        };
        let (head, rest) = body.split_at(blank);
        let head = std::str::from_utf8(head).map_err(|_| AddRequestError::Form)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or(AddRequestError::Form)?;
        let old = TreeSize::parse(old).map_err(AddRequestError::Old)?;
        let mut proof = Vec::new();
        for (at, line) in lines.enumerate() {
            if at == PROOF_LINES_MAX {
                return Err(AddRequestError::ProofTooLong);
            }
            proof.push(NodeHash::from_base64(line).map_err(|_| AddRequestError::ProofLine(at + 1))?);
        }
        let note = Note::parse(rest.get(2..).unwrap_or_default())?;
        let checkpoint = LogCheckpoint::parse(note.text())?;
        if old > checkpoint.size() {
            return Err(AddRequestError::OldBeyondNew);
        }
        Ok(Self { old, proof, note, checkpoint })
    }

    /// The body that [`parse`](Self::parse) reads.
    pub fn encode(old: TreeSize, proof: &[NodeHash], note: &str) -> Vec<u8> {
        let hashes: String = proof.iter().map(|hash| format!("{}\n", hash.to_base64())).collect();
        format!("old {old}\n{hashes}\n{note}").into_bytes()
    }

    /// The size of the tree that the witness is thought to have cosigned last.
    pub const fn old(&self) -> TreeSize {
        self.old
    }

    /// At most 63 hashes.
    pub fn proof(&self) -> &[NodeHash] {
        &self.proof
    }

    /// The note as it arrived.
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// What the note's text says.
    pub const fn checkpoint(&self) -> &LogCheckpoint {
        &self.checkpoint
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    const NOTE: &str = "log.example/takedowns\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n\
        — log.example/takedowns +LyJ9ugSSiaikaJBGFzeH0D1k/jLdi63S8727E0gwX6B8g7iZoUDZ81voAP+HegsoCEwO7uJeAe8Xv7ZVBS4pUTSRgk=\n";
    const HASH: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn what_is_encoded_is_read() {
        for hashes in [0, 1, 3, 63] {
            let proof = vec![NodeHash::from_base64(HASH).unwrap(); hashes];
            let body = AddRequest::encode(TreeSize::new(5).unwrap(), &proof, NOTE);
            let request = AddRequest::parse(&body).unwrap();
            assert_eq!((request.old().get(), request.proof()), (5, proof.as_slice()));
            assert_eq!(request.note().encode(), NOTE);
            assert_eq!(request.checkpoint().origin(), "log.example/takedowns");
        }
        assert!(AddRequest::parse(format!("old 8\n\n{NOTE}").as_bytes()).is_ok());
    }

    #[test]
    fn a_request_has_the_lines_of_the_specification() {
        let hash = NodeHash::from_bytes([1; 32]);
        let body = AddRequest::encode(TreeSize::new(7).unwrap(), &[hash], "log.example\n8\n…");
        let lines = "old 7\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n\nlog.example\n8\n…";
        assert_eq!(body, lines.as_bytes());
        assert_eq!(AddRequest::encode(TreeSize::ZERO, &[], "note"), b"old 0\n\nnote");
    }

    #[test]
    fn the_form_is_strict() {
        let line = format!("{HASH}\n");
        for (wrong, why) in [
            (String::new(), AddRequestError::Form),
            (NOTE.to_owned(), AddRequestError::Form),
            (format!("\n\n{NOTE}"), AddRequestError::Form),
            (format!("new 5\n\n{NOTE}"), AddRequestError::Form),
            (format!("old  5\n\n{NOTE}"), AddRequestError::Old(SizeError::NotDecimal)),
            (format!("old 05\n\n{NOTE}"), AddRequestError::Old(SizeError::NotDecimal)),
            (format!("old +5\n\n{NOTE}"), AddRequestError::Old(SizeError::NotDecimal)),
            (format!("old 5 \n\n{NOTE}"), AddRequestError::Old(SizeError::NotDecimal)),
            (format!("old 5\r\n\n{NOTE}"), AddRequestError::Old(SizeError::NotDecimal)),
            (format!("old \n\n{NOTE}"), AddRequestError::Old(SizeError::NotDecimal)),
            (format!("old 99999999999999999999\n\n{NOTE}"), AddRequestError::Old(SizeError::TooLarge)),
            (format!("old 9\n\n{NOTE}"), AddRequestError::OldBeyondNew),
            (format!("old 5\n{HASH}x\n\n{NOTE}"), AddRequestError::ProofLine(1)),
            (format!("old 5\n{line}{}\n\n{NOTE}", &HASH[..40]), AddRequestError::ProofLine(2)),
            (format!("old 5\n{}\n\n{NOTE}", HASH.replace("uFU=", "uFV=")), AddRequestError::ProofLine(1)),
            (format!("old 5\n{}\n{NOTE}", line.repeat(64)), AddRequestError::ProofTooLong),
            (format!("old 5\n{}\n{NOTE}", line.repeat(500)), AddRequestError::ProofTooLong),
            (format!("old 5\n\n{}", NOTE.trim_end()), AddRequestError::Note(NoteError::Form)),
            (format!("old 5\n\n{NOTE}{}", " ".repeat(REQUEST_MAX)), AddRequestError::TooLong),
            (
                format!("old 5\n\n{}", NOTE.replace("\n8\n", "\n08\n")),
                AddRequestError::Checkpoint(LogCheckpointError::Size(SizeError::NotDecimal)),
            ),
        ] {
            assert_eq!(AddRequest::parse(wrong.as_bytes()), Err(why), "{wrong:.40}");
        }
        assert_eq!(AddRequest::parse(b"old 5\n\xff\n\n"), Err(AddRequestError::Form));
    }
}
