//! A witness's keys with its name: they sign a checkpoint behind a time (c2sp.org/tlog-cosignature).
//!
//! A witness may have more than one key, each of another kind; every cosignature is then a line for each of them. The
//! signed bytes of an Ed25519 cosignature do not hold the witness's name, so its key has this one role and no other.

use crate::key_file::SecretKey;
use crate::witness::log_checkpoint::LogCheckpoint;
use glasshouse_verifier::cosignature::{cosignature_message, encode_cosignature};
use glasshouse_verifier::note::{Note, NoteError, SignatureLine};
use glasshouse_verifier::vkey::{Vkey, VkeyError, VkeyKind};

/// When a witness says that it saw a checkpoint: 1 to 2^63 − 1 seconds since 1970. 0 would be no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CosignTime(u64);

impl CosignTime {
    /// Checks the range; `None` outside.
    pub fn new(seconds: u64) -> Option<Self> {
        (seconds > 0 && i64::try_from(seconds).is_ok()).then_some(Self(seconds))
    }

    /// Seconds since 1970.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// Why a checkpoint was not cosigned. Nothing was let out then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CosignError {
    /// The text does not carry signatures, or what was signed does not verify.
    #[error("a cosignature that was made here does not verify: {0}")]
    OurBug(#[from] NoteError),
}

/// One private key, by what it signs.
#[derive(Debug, Clone)]
enum Secret {
    /// Algorithm 4, cosignature/v1.
    Ed25519(SecretKey),
}

impl Secret {
    /// What stands in a signature line behind the key's identifier.
    fn blob(&self, checkpoint: &LogCheckpoint, time: CosignTime) -> Vec<u8> {
        match self {
            Secret::Ed25519(key) => {
                let message = cosignature_message(time.get(), checkpoint.text());
                encode_cosignature(time.get(), &key.sign(&message)).to_vec()
            }
        }
    }
}

/// A witness's name and keys.
#[derive(Debug, Clone)]
pub struct Cosigner {
    secrets: Vec<Secret>,
    vkeys: Vec<Vkey>,
}

impl Cosigner {
    /// A witness with one Ed25519 key.
    ///
    /// # Errors
    ///
    /// [`VkeyError::Name`] if the name cannot stand in a signature line: 1 to 255 bytes, no white space, no '+', no
    /// control character.
    pub fn new(name: &str, key: SecretKey) -> Result<Self, VkeyError> {
        let vkey = Vkey::new(name, VkeyKind::Cosignature, key.public_bytes())?;
        Ok(Self { secrets: vec![Secret::Ed25519(key)], vkeys: vec![vkey] })
    }

    /// What verifiers need, one for each key; at least one.
    pub fn vkeys(&self) -> &[Vkey] {
        &self.vkeys
    }

    /// The witness's name, which all its keys bear.
    pub fn name(&self) -> &str {
        self.vkeys.first().map_or("", Vkey::name)
    }

    /// Signs a checkpoint with every key, and checks what was signed. The caller sees to it that no two checkpoints
    /// contradict each other, and that no time goes back.
    ///
    /// # Errors
    ///
    /// [`CosignError`].
    pub fn cosign(
        &self,
        checkpoint: &LogCheckpoint,
        time: CosignTime,
    ) -> Result<Vec<SignatureLine>, CosignError> {
        let keys = self.secrets.iter().zip(&self.vkeys);
        let lines: Vec<SignatureLine> =
            keys.map(|(secret, vkey)| SignatureLine::new(vkey, secret.blob(checkpoint, time))).collect();
        let verified = Note::assemble(checkpoint.text(), &lines)?.verify(&self.vkeys)?;
        let all = verified.signers().len() == self.vkeys.len();
        if !all || verified.signers().iter().any(|signer| signer.time() != Some(time.get())) {
            return Err(NoteError::NoKnownKey.into());
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    /// A cosignature that an independent tool made with the same seed and time.
    const KNOWN: &str = "— witness.example/w1 3xwKNQAAAABoTuGARh60y/CmK5DyUXdWxrpdxDFTzucsvx6HNY9Mepsf72IROmZKbiW7fwipyNaSHSppGA6Af5mdfwU+AnWeDoAyCQ==\n";

    #[test]
    fn makes_the_known_cosignature() {
        let cosigner = Cosigner::new("witness.example/w1", SecretKey::from_seed(&[2; 32])).unwrap();
        assert_eq!(
            cosigner.vkeys()[0].encode(),
            "witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
        );
        assert_eq!(cosigner.name(), "witness.example/w1");
        let text = "log.example/takedowns\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n";
        let checkpoint = LogCheckpoint::parse(text).unwrap();
        let lines = cosigner.cosign(&checkpoint, CosignTime::new(1_750_000_000).unwrap()).unwrap();
        let encoded: Vec<String> = lines.iter().map(SignatureLine::encode).collect();
        assert_eq!(encoded, [KNOWN]);
    }

    #[test]
    fn a_time_is_never_0_and_fits_63_bits() {
        assert_eq!(CosignTime::new(0), None);
        assert_eq!(CosignTime::new(1 << 63), None);
        assert_eq!(CosignTime::new((1 << 63) - 1).map(CosignTime::get), Some((1 << 63) - 1));
        assert!(Cosigner::new("a witness", SecretKey::from_seed(&[2; 32])).is_err());
    }
}
