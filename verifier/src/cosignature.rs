//! What a witness signs: a checkpoint behind the time at which it saw it (c2sp.org/tlog-cosignature, Ed25519).

/// Bytes of a cosignature's blob in a note: the time in 8 bytes, the signature in 64.
pub const COSIGNATURE_LEN: usize = 72;

/// The bytes that an Ed25519 cosignature signs: `cosignature/v1`, `time` in seconds since 1970, and the whole text of
/// the checkpoint's note with its last line feed.
pub fn cosignature_message(time: u64, note_text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{note_text}").into_bytes()
}

/// Splits a blob into its time and its signature. The time is at most 2^63 − 1 seconds since 1970.
pub(crate) fn split_blob(blob: &[u8]) -> Option<(u64, [u8; 64])> {
    let blob: &[u8; COSIGNATURE_LEN] = blob.try_into().ok()?;
    let (time, signature) = blob.split_first_chunk::<8>()?;
    let time = u64::from_be_bytes(*time);
    i64::try_from(time).ok()?;
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
