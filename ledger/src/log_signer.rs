//! Signs the log's checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint).

use crate::key_file::SecretKey;
use glasshouse_verifier::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::note::{Note, NoteError, SignatureLine};
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::vkey::{Vkey, VkeyError, VkeyKind};

/// The log's key with the log's name.
#[derive(Debug, Clone)]
pub struct LogSigner {
    origin: Origin,
    key: SecretKey,
    vkey: Vkey,
}

/// Why a checkpoint was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The note could not be put together.
    #[error("the checkpoint's note: {0}")]
    Note(#[from] NoteError),
    /// What was signed does not verify: nothing was let out.
    #[error("a checkpoint that was signed here does not verify: {0}")]
    OurBug(#[from] CheckpointError),
}

impl LogSigner {
    /// Joins the log's name and key.
    ///
    /// # Errors
    ///
    /// [`VkeyError`] if the public half is one that no verifier accepts; the clamped scalars of RFC 8032 give none.
    pub fn new(origin: Origin, key: SecretKey) -> Result<Self, VkeyError> {
        let vkey = Vkey::new(origin.as_str(), VkeyKind::Ed25519, key.public_bytes())?;
        Ok(Self { origin, key, vkey })
    }

    /// The log's name.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What verifiers need.
    pub fn vkey(&self) -> &Vkey {
        &self.vkey
    }

    /// Signs a tree head and checks what was signed. The caller sees to it that no two heads contradict each other.
    ///
    /// # Errors
    ///
    /// [`SignError`]; nothing was let out then.
    pub fn sign(&self, head: &TreeHead) -> Result<SignedCheckpoint, SignError> {
        let text = Checkpoint::new(self.origin.clone(), *head).encode_text();
        let signature = self.key.sign(text.as_bytes()).to_vec();
        let note = Note::assemble(&text, &[SignatureLine::new(&self.vkey, signature)])?;
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
        assert_eq!(signer.sign(&head).unwrap().note_text(), KNOWN);
    }
}
