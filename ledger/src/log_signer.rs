//! Signs the log's checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint): with Ed25519, and with ML-DSA-44 where the
//! log has such a key (c2sp.org/tlog-cosignature).

use crate::key_file::SecretKey;
use crate::ml_dsa_key_file::MlDsaSecretKey;
use crate::ml_dsa_signer::{MlDsaSignError, MlDsaSigner};
use glasshouse_verifier::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use glasshouse_verifier::cosignature::{CosignatureError, verify_cosignature};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::note::{Note, NoteError, SignatureLine};
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::vkey::{Vkey, VkeyError, VkeyKind};

/// The log's keys with the log's name.
#[derive(Debug, Clone)]
pub struct LogSigner {
    origin: Origin,
    key: SecretKey,
    vkey: Vkey,
    /// A log that was made before there was such a key has none.
    second: Option<MlDsaSigner>,
}

/// Why a checkpoint was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The note could not be put together.
    #[error("the checkpoint's note: {0}")]
    Note(#[from] NoteError),
    /// The second signature.
    #[error("the checkpoint's second signature: {0}")]
    Second(#[from] MlDsaSignError),
    /// What was signed does not verify: nothing was let out.
    #[error("a checkpoint that was signed here does not verify: {0}")]
    OurBug(#[from] CheckpointError),
    /// The same of the second signature.
    #[error("a checkpoint's second signature that was made here does not verify: {0}")]
    OurSecondBug(#[from] CosignatureError),
}

impl LogSigner {
    /// Joins the log's name and key.
    ///
    /// # Errors
    ///
    /// [`VkeyError`] if the public half is one that no verifier accepts; the clamped scalars of RFC 8032 give none.
    pub fn new(origin: Origin, key: SecretKey) -> Result<Self, VkeyError> {
        let vkey = Vkey::new(origin.as_str(), VkeyKind::Ed25519, key.public_bytes())?;
        Ok(Self { origin, key, vkey, second: None })
    }

    /// The same log, which signs with an ML-DSA-44 key too.
    ///
    /// # Errors
    ///
    /// [`VkeyError`]; a log's name is a key's name, so there is none.
    pub fn with_second(self, key: MlDsaSecretKey) -> Result<Self, VkeyError> {
        let second = MlDsaSigner::new(self.origin.as_str(), key)?;
        Ok(Self { second: Some(second), ..self })
    }

    /// The log's name.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What verifiers need: the Ed25519 key, which opens checkpoints.
    pub fn vkey(&self) -> &Vkey {
        &self.vkey
    }

    /// What those verifiers need that ask for ML-DSA-44 too.
    pub fn second_vkey(&self) -> Option<&Vkey> {
        self.second.as_ref().map(MlDsaSigner::vkey)
    }

    /// All of them.
    pub fn vkeys(&self) -> impl Iterator<Item = &Vkey> {
        std::iter::once(&self.vkey).chain(self.second_vkey())
    }

    /// Signs a tree head and checks what was signed. `time`, in seconds since 1970, stands in the ML-DSA-44 line. The caller
    /// sees to it that no two heads contradict each other.
    ///
    /// # Errors
    ///
    /// [`SignError`]; nothing was let out then.
    pub fn sign(&self, head: &TreeHead, time: u64) -> Result<SignedCheckpoint, SignError> {
        let checkpoint = Checkpoint::new(self.origin.clone(), *head);
        let text = checkpoint.encode_text();
        let mut lines = vec![SignatureLine::new(&self.vkey, self.key.sign(text.as_bytes()).to_vec())];
        if let Some(second) = &self.second {
            lines.push(second.sign(&checkpoint, time)?);
        }
        let note = Note::assemble(&text, &lines)?;
        if let Some(second) = &self.second {
            verify_cosignature(&note, second.vkey())?;
        }
        Ok(SignedCheckpoint::open_note(note, &self.vkey)?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use glasshouse_verifier::hash::RootHash;
    use glasshouse_verifier::size::TreeSize;

    /// A checkpoint that an independent tool signed with the same seed, over the tree of the eight classic entries.
    const KNOWN: &str = "log.example/takedowns\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n\
        — log.example/takedowns +LyJ9ugSSiaikaJBGFzeH0D1k/jLdi63S8727E0gwX6B8g7iZoUDZ81voAP+HegsoCEwO7uJeAe8Xv7ZVBS4pUTSRgk=\n";

    #[test]
    fn signs_the_known_checkpoint() {
        let origin = Origin::parse("log.example/takedowns").unwrap();
        let signer = LogSigner::new(origin, SecretKey::from_seed(&[1; 32])).unwrap();
        assert_eq!(
            signer.vkey().encode(),
            "log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
        );
        let root = RootHash::from_base64("XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=").unwrap();
        let head = TreeHead::new(TreeSize::new(8).unwrap(), root).unwrap();
        assert_eq!(signer.sign(&head, 1).unwrap().note_text(), KNOWN);
    }
}
