//! What a witness signs: a checkpoint behind the time at which it saw it (c2sp.org/tlog-cosignature, Ed25519).

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::fault::Fault;
use crate::note::{Note, NoteError};
use crate::vkey::{Vkey, VkeyKind};

/// Why nobody's cosignature stands below a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureError {
    /// The key signs notes, not cosignatures.
    #[error("the key {0:?} is no witness's: a witness signs with algorithm 4")]
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

/// Checks that a witness signed this checkpoint, and tells when: seconds since 1970, 1 to 2^63 − 1. The log's own
/// signature is not looked at.
pub fn verify_cosignature(note: &Note, witness: &Vkey) -> Result<u64, CosignatureError> {
    if witness.kind() != VkeyKind::Cosignature {
        return Err(CosignatureError::NotAWitnessKey(witness.name().to_owned()));
    }
    let signers = note.signers_among(std::slice::from_ref(witness))?;
    let time = signers.first().and_then(|signer| signer.time()).ok_or(NoteError::NoKnownKey)?;
    Checkpoint::parse_text(note.text())?;
    Ok(time)
}

/// Bytes of a cosignature's blob in a note: the time in 8 bytes, the signature in 64.
pub const COSIGNATURE_LEN: usize = 72;

/// The bytes that an Ed25519 cosignature signs: `cosignature/v1`, `time` in seconds since 1970, and the whole text of
/// the checkpoint's note with its last line feed.
pub fn cosignature_message(time: u64, note_text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{note_text}").into_bytes()
}

/// Splits a blob into its time and its signature. A time is 1 to 2^63 − 1 seconds since 1970: 0 would be no time.
pub(crate) fn split_blob(blob: &[u8]) -> Option<(u64, [u8; 64])> {
    let blob: &[u8; COSIGNATURE_LEN] = blob.try_into().ok()?;
    let (time, signature) = blob.split_first_chunk::<8>()?;
    let time = u64::from_be_bytes(*time);
    if time == 0 || i64::try_from(time).is_err() {
        return None;
    }
    Some((time, signature.try_into().ok()?))
}

/// The blob that stands in a note's signature line behind the key's identifier.
pub fn encode_cosignature(time: u64, signature: &[u8; 64]) -> [u8; COSIGNATURE_LEN] {
    let mut blob = [0; COSIGNATURE_LEN];
    let (first, second) = blob.split_at_mut(8);
    first.copy_from_slice(&time.to_be_bytes());
    second.copy_from_slice(signature);
    blob
}
