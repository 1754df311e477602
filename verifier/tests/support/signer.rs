//! A log and witnesses with fixed keys, to sign what the verifier reads.

use ed25519_dalek::{Signer as _, SigningKey};
use glasshouse_verifier::checkpoint::Checkpoint;
use glasshouse_verifier::cosignature::{checkpoint_message, cosignature_message, encode_cosignature};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::note::{Note, SignatureLine};
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};
use ml_dsa::Keypair as _;

fn lattice_key(seed: &[u8; 32]) -> ml_dsa::SigningKey<ml_dsa::MlDsa44> {
    ml_dsa::SigningKey::from_seed(&(*seed).into())
}

/// A key under a name.
pub(crate) struct Signer {
    seed: [u8; 32],
    pub(crate) vkey: Vkey,
}

impl Signer {
    /// The key whose seed is 32 times this byte.
    pub(crate) fn new(name: &str, kind: VkeyKind, seed: u8) -> Signer {
        let seed = [seed; 32];
        let public = match kind {
            VkeyKind::MlDsa44 => lattice_key(&seed).verifying_key().encode().to_vec(),
            _ => SigningKey::from_bytes(&seed).verifying_key().to_bytes().to_vec(),
        };
        Signer { seed, vkey: Vkey::new(name, kind, public).unwrap() }
    }

    /// The line of this key below a text; a witness says that it saw it at `time`.
    pub(crate) fn line(&self, text: &str, time: u64) -> SignatureLine {
        let blob = match self.vkey.kind() {
            VkeyKind::Ed25519 => SigningKey::from_bytes(&self.seed).sign(text.as_bytes()).to_vec(),
            VkeyKind::Cosignature => {
                let signature = SigningKey::from_bytes(&self.seed).sign(&cosignature_message(time, text));
                encode_cosignature(time, &signature.to_bytes())
            }
            VkeyKind::MlDsa44 => {
                let checkpoint = Checkpoint::parse_text(text).unwrap();
                let message = checkpoint_message(&self.vkey, time, &checkpoint);
                encode_cosignature(time, &lattice_key(&self.seed).sign(&message).encode())
            }
        };
        SignatureLine::new(&self.vkey, blob)
    }

    /// What stands behind a witness's name in its line.
    #[allow(dead_code)]
    pub(crate) fn cosignature(&self, text: &str, time: u64) -> String {
        let line = Note::assemble(text, &[self.line(text, time)]).unwrap().encode();
        line.trim_end().rsplit(' ').next().unwrap().to_owned()
    }

    /// A note of this tree, signed by this log and by these witnesses at time 1,750,000,000.
    pub(crate) fn note(&self, head: &TreeHead, witnesses: &[&Signer]) -> Note {
        let text = Checkpoint::new(Origin::parse(self.vkey.name()).unwrap(), *head).encode_text();
        let signers = std::iter::once(self).chain(witnesses.iter().copied());
        let lines: Vec<SignatureLine> = signers.map(|signer| signer.line(&text, 1_750_000_000)).collect();
        Note::assemble(&text, &lines).unwrap()
    }
}
