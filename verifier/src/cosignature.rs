//! What a witness signs: a checkpoint with the time at which it saw it (c2sp.org/tlog-cosignature): `cosignature/v1` with
//! Ed25519, or `subtree/v1` with ML-DSA-44, which a log signs too, beside its Ed25519 line.

use crate::bounds::NAME_MAX;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::fault::Fault;
use crate::hash::RootHash;
use crate::head::TreeHead;
use crate::ml_dsa_key::ML_DSA_SIGNATURE_LEN;
use crate::note::{Note, NoteError};
use crate::origin::Origin;
use crate::size::TreeSize;
use crate::vkey::Vkey;

/// Why nobody's cosignature stands below a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureError {
    /// The key signs notes, not cosignatures.
    #[error("the key {0:?} signs no cosignatures: those are of algorithm 4 or 6")]
    NotAWitnessKey(String),
    /// The note or its signature.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl CosignatureError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            CosignatureError::NotAWitnessKey(_) => Fault::CallerMisuse,
            CosignatureError::Note(error) => error.fault(),
            CosignatureError::Checkpoint(error) => error.fault(),
        }
    }
}

/// Checks that a witness signed this checkpoint, or the log with its key of algorithm 6, and tells when: seconds since
/// 1970, 1 to 2^63 − 1. The log's Ed25519 signature is not looked at.
pub fn verify_cosignature(note: &Note, witness: &Vkey) -> Result<u64, CosignatureError> {
    if !witness.kind().is_cosignature() {
        return Err(CosignatureError::NotAWitnessKey(witness.name().to_owned()));
    }
    let signers = note.signers_among(std::slice::from_ref(witness))?;
    let time = signers.first().and_then(|signer| signer.time()).ok_or(NoteError::NoKnownKey)?;
    Checkpoint::parse_text(note.text())?;
    Ok(time)
}

/// Bytes of the time in a cosignature's blob.
const TIME_LEN: usize = 8;

/// Bytes of an Ed25519 cosignature's blob in a note: the time in 8 bytes, the signature in 64.
pub const COSIGNATURE_LEN: usize = TIME_LEN + 64;

/// Bytes of an ML-DSA-44 cosignature's blob in a note: the time in 8 bytes, the signature in 2420.
pub const ML_DSA_COSIGNATURE_LEN: usize = TIME_LEN + ML_DSA_SIGNATURE_LEN;

/// What an ML-DSA-44 cosignature's message begins with: a label, a line feed and a zero.
const SUBTREE_LABEL: &[u8; 12] = b"subtree/v1\n\0";

/// The bytes that an Ed25519 cosignature signs: `cosignature/v1`, `time` in seconds since 1970, and the whole text of
/// the checkpoint's note with its last line feed.
pub fn cosignature_message(time: u64, note_text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{note_text}").into_bytes()
}

/// The bytes that an ML-DSA-44 cosignature signs of a checkpoint: its whole tree, as a subtree that begins at entry 0.
pub fn checkpoint_message(cosigner: &Vkey, time: u64, checkpoint: &Checkpoint) -> Vec<u8> {
    let head = checkpoint.head();
    subtree_message(cosigner, time, checkpoint.origin(), 0..head.size().get(), head.root())
}

/// The same of any log's checkpoint, by the text of its note: the first three lines of it, whatever stands behind them. `None`
/// if they are not an origin of 1 to 255 bytes, a size and a root.
pub fn checkpoint_text_message(cosigner: &Vkey, time: u64, note_text: &str) -> Option<Vec<u8>> {
    let mut lines = note_text.split('\n');
    let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
    // The last line feed: three lines have three.
    lines.next()?;
    if origin.is_empty() || origin.len() > NAME_MAX {
        return None;
    }
    let head = TreeHead::new(TreeSize::parse(size).ok()?, RootHash::from_base64(root).ok()?).ok()?;
    Some(encode_message(cosigner.name(), time, origin, 0..head.size().get(), head.root()))
}

/// The bytes that an ML-DSA-44 cosignature signs: label, cosigner's name, time, origin, first leaf, leaf behind the last,
/// root of the subtree. Integers are big-endian in 8 bytes; a name stands behind its length in one byte. Of a subtree that
/// does not begin at 0 the time is 0.
pub fn subtree_message(
    cosigner: &Vkey,
    time: u64,
    origin: &Origin,
    leaves: std::ops::Range<u64>,
    root: &RootHash,
) -> Vec<u8> {
    encode_message(cosigner.name(), time, origin.as_str(), leaves, root)
}

/// Both names have 1 to 255 bytes.
fn encode_message(
    cosigner: &str,
    time: u64,
    origin: &str,
    leaves: std::ops::Range<u64>,
    root: &RootHash,
) -> Vec<u8> {
    let mut message = SUBTREE_LABEL.to_vec();
    push_name(&mut message, cosigner);
    message.extend_from_slice(&time.to_be_bytes());
    push_name(&mut message, origin);
    message.extend_from_slice(&leaves.start.to_be_bytes());
    message.extend_from_slice(&leaves.end.to_be_bytes());
    message.extend_from_slice(root.as_bytes());
    message
}

/// A name behind its length. Names of keys and logs have 1 to 255 bytes.
fn push_name(message: &mut Vec<u8>, name: &str) {
    message.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
    message.extend_from_slice(name.as_bytes());
}

/// Splits a blob into its time and its signature. A time is 1 to 2^63 − 1 seconds since 1970: 0 would be no time.
pub(crate) fn split_blob(blob: &[u8]) -> Option<(u64, &[u8])> {
    let (time, signature) = blob.split_first_chunk::<TIME_LEN>()?;
    let time = u64::from_be_bytes(*time);
    if time == 0 || i64::try_from(time).is_err() {
        return None;
    }
    Some((time, signature))
}

/// The blob that stands in a note's signature line behind the key's identifier: 72 bytes, or 2428 of ML-DSA-44.
pub fn encode_cosignature(time: u64, signature: &[u8]) -> Vec<u8> {
    [time.to_be_bytes().as_slice(), signature].concat()
}
