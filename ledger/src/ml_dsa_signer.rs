//! Signs checkpoints with ML-DSA-44 (c2sp.org/tlog-cosignature): a log beside its Ed25519 line, or a witness.

use glasshouse_verifier::checkpoint::Checkpoint;
use glasshouse_verifier::cosignature::{
    checkpoint_message, checkpoint_text_message, encode_cosignature, subtree_message,
};
use glasshouse_verifier::hash::RootHash;
use glasshouse_verifier::note::SignatureLine;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::vkey::{Vkey, VkeyError, VkeyKind};
use std::ops::Range;

use crate::cosign_time::CosignTime;
use crate::ml_dsa_key_file::MlDsaSecretKey;

/// An ML-DSA-44 key under the name of a log or a witness.
#[derive(Debug, Clone)]
pub struct MlDsaSigner {
    key: MlDsaSecretKey,
    vkey: Vkey,
}

/// Why nothing was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MlDsaSignError {
    /// The clock shows no time that a cosignature can have.
    #[error("a checkpoint cannot be signed at {0} s since 1970: is the clock right? A time is 1 to 2^63 - 1")]
    Time(u64),
    /// The text is no checkpoint of any log.
    #[error("the text does not begin with an origin of 1 to 255 bytes, a size and a root")]
    Text,
    /// The algorithm gave up.
    #[error("ML-DSA-44 found no signature")]
    NoSignature,
}

impl MlDsaSigner {
    /// Joins a name and a key.
    ///
    /// # Errors
    ///
    /// [`VkeyError::Name`] if no key can have that name.
    pub fn new(name: &str, key: MlDsaSecretKey) -> Result<Self, VkeyError> {
        let vkey = Vkey::new(name, VkeyKind::MlDsa44, key.public_bytes())?;
        Ok(Self { key, vkey })
    }

    /// What verifiers need; its name is the signer's.
    pub fn vkey(&self) -> &Vkey {
        &self.vkey
    }

    /// The line below a checkpoint that says: at `time`, in seconds since 1970, this is the largest tree of that log that the
    /// signer knows. The same line for the same checkpoint and time.
    ///
    /// # Errors
    ///
    /// [`MlDsaSignError`].
    pub fn sign(&self, checkpoint: &Checkpoint, time: u64) -> Result<SignatureLine, MlDsaSignError> {
        let time = CosignTime::new(time).ok_or(MlDsaSignError::Time(time))?.get();
        self.line(time, &checkpoint_message(&self.vkey, time, checkpoint))
    }

    /// The same below a checkpoint of any log, by the text of its note, of which it covers the first three lines.
    ///
    /// # Errors
    ///
    /// [`MlDsaSignError`].
    pub fn sign_text(&self, note_text: &str, time: CosignTime) -> Result<SignatureLine, MlDsaSignError> {
        let time = time.get();
        let message = checkpoint_text_message(&self.vkey, time, note_text).ok_or(MlDsaSignError::Text)?;
        self.line(time, &message)
    }

    /// The line that says, at no time, that a subtree is part of every tree of that log that the signer knows. The caller
    /// sees to it that `leaves` is a subtree and `root` is its root.
    ///
    /// # Errors
    ///
    /// [`MlDsaSignError::NoSignature`].
    pub fn sign_subtree(
        &self,
        origin: &Origin,
        leaves: Range<u64>,
        root: &RootHash,
    ) -> Result<SignatureLine, MlDsaSignError> {
        self.line(0, &subtree_message(&self.vkey, 0, origin, leaves, root))
    }

    fn line(&self, time: u64, message: &[u8]) -> Result<SignatureLine, MlDsaSignError> {
        let signature = self.key.sign(message).ok_or(MlDsaSignError::NoSignature)?;
        Ok(SignatureLine::new(&self.vkey, encode_cosignature(time, &signature)))
    }
}
