//! A witness's keys with its name: they sign a checkpoint behind a time (c2sp.org/tlog-cosignature).
//!
//! A witness may have more than one key, each of another kind; every cosignature is then a line for each of them. The
//! signed bytes of an Ed25519 cosignature do not hold the witness's name, so its key has this one role and no other.

use crate::cosign_time::CosignTime;
use crate::key_file::SecretKey;
use crate::ml_dsa_key_file::MlDsaSecretKey;
use crate::ml_dsa_signer::{MlDsaSignError, MlDsaSigner};
use crate::witness::log_checkpoint::LogCheckpoint;
use glasshouse_verifier::cosignature::{cosignature_message, encode_cosignature};
use glasshouse_verifier::note::{Note, NoteError, SignatureLine};
use glasshouse_verifier::vkey::{Vkey, VkeyError, VkeyKind};

/// Why a checkpoint was not cosigned. Nothing was let out then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CosignError {
    /// One key gave no signature, so the others give none either.
    #[error("the ML-DSA-44 cosignature: {0}")]
    Second(#[from] MlDsaSignError),
    /// The text does not carry signatures, or what was signed does not verify.
    #[error("a cosignature that was made here does not verify: {0}")]
    OurBug(#[from] NoteError),
}

/// One private key, by what it signs.
#[derive(Debug, Clone)]
enum Secret {
    /// Algorithm 4, cosignature/v1: the whole text.
    Ed25519(SecretKey),
    /// Algorithm 6, subtree/v1: the first three lines.
    MlDsa44(MlDsaSigner),
}

impl Secret {
    /// The line of this key, whose public half is `vkey`.
    fn sign(
        &self,
        vkey: &Vkey,
        checkpoint: &LogCheckpoint,
        time: CosignTime,
    ) -> Result<SignatureLine, MlDsaSignError> {
        match self {
            Secret::Ed25519(key) => {
                let message = cosignature_message(time.get(), checkpoint.text());
                let blob = encode_cosignature(time.get(), &key.sign(&message));
                Ok(SignatureLine::new(vkey, blob))
            }
            Secret::MlDsa44(signer) => signer.sign_text(checkpoint.text(), time),
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

    /// The same witness, which signs with an ML-DSA-44 key too.
    ///
    /// # Errors
    ///
    /// [`VkeyError`]; the name is a key's name already, so there is none.
    pub fn with_second(mut self, key: MlDsaSecretKey) -> Result<Self, VkeyError> {
        let signer = MlDsaSigner::new(self.name(), key)?;
        self.vkeys.push(signer.vkey().clone());
        self.secrets.push(Secret::MlDsa44(signer));
        Ok(self)
    }

    /// What verifiers need, one for each key, that of Ed25519 first; at least one.
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
        let lines = keys.map(|(secret, vkey)| secret.sign(vkey, checkpoint, time));
        let lines = lines.collect::<Result<Vec<SignatureLine>, MlDsaSignError>>()?;
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
    fn a_name_is_one_word() {
        assert!(Cosigner::new("a witness", SecretKey::from_seed(&[2; 32])).is_err());
    }

    /// One key signs what the other's public half does not hold: no line leaves, nothing is stored, no time is taken.
    #[test]
    fn where_one_key_fails_nothing_is_signed() {
        use crate::store::StateCopies;
        use crate::witness::Witness;
        use crate::witness::log_settings::{LogId, LogSettings};
        use crate::witness::memory_store::MemoryWitnessStore;
        use crate::witness::refusal::{AddRefusal, Unavailable};
        use crate::witness::store::WitnessStore;
        use std::sync::Arc;

        #[derive(Debug)]
        struct At(u64);
        impl crate::clock::Clock for At {
            fn now_ms(&self) -> u64 {
                self.0
            }
        }
        const LOG: &str = "log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
        const BODY: &str = "old 0\n\nlog.example/takedowns\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n\
            — log.example/takedowns +LyJ9ugSSiaikaJBGFzeH0D1k/jLdi63S8727E0gwX6B8g7iZoUDZ81voAP+HegsoCEwO7uJeAe8Xv7ZVBS4pUTSRgk=\n";
        let whole = Cosigner::new("w", SecretKey::from_seed(&[2; 32])).unwrap();
        let whole = whole.with_second(MlDsaSecretKey::from_seed(&[3; 32])).unwrap();
        let mut broken = whole.clone();
        let other = MlDsaSigner::new("w", MlDsaSecretKey::from_seed(&[4; 32])).unwrap();
        broken.secrets[1] = Secret::MlDsa44(other);
        let store: Arc<dyn WitnessStore> = Arc::new(MemoryWitnessStore::new());
        let log = Vkey::parse(LOG).unwrap();
        let settings =
            || vec![LogSettings { origin: log.name().to_owned(), keys: vec![log.clone()], qpd: 1_000 }];
        let open = |cosigner| {
            Witness::open(Arc::clone(&store), cosigner, Arc::new(At(1_750_000_000_000)), settings())
                .unwrap()
                .0
        };
        let witness = open(broken);
        let refused = witness.add_checkpoint(BODY.as_bytes()).answer;
        assert!(matches!(refused, Err(AddRefusal::Unavailable(Unavailable::Signing(_)))), "{refused:?}");
        assert_eq!(witness.last(LogId::of_origin(log.name())), None);
        let left: Vec<StateCopies> = store.load().unwrap().into_values().collect();
        assert!(left.is_empty() && !witness.has_stopped(), "{left:?}");
        let answer = open(whole).add_checkpoint(BODY.as_bytes()).answer.unwrap();
        assert_eq!((answer.lines.lines().count(), answer.record.serial()), (2, 1));
    }
}
