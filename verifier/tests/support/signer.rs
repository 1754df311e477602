//! A log and witnesses with fixed keys, to sign what the verifier reads.

use ed25519_dalek::{Signer as _, SigningKey};
use glasshouse_verifier::checkpoint::Checkpoint;
use glasshouse_verifier::cosignature::{cosignature_message, encode_cosignature};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::note::{Note, SignatureLine};
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};

/// A key under a name.
pub(crate) struct Signer {
    seed: SigningKey,
    pub(crate) vkey: Vkey,
}

impl Signer {
    /// The key whose seed is 32 times this byte.
    pub(crate) fn new(name: &str, kind: VkeyKind, seed: u8) -> Signer {
        let seed = SigningKey::from_bytes(&[seed; 32]);
        let vkey = Vkey::new(name, kind, seed.verifying_key().to_bytes()).unwrap();
        Signer { seed, vkey }
    }

    /// The line of this key below a text; a witness says that it saw it at `time`.
    pub(crate) fn line(&self, text: &str, time: u64) -> SignatureLine {
        let blob = match self.vkey.kind() {
            VkeyKind::Ed25519 => self.seed.sign(text.as_bytes()).to_bytes().to_vec(),
            VkeyKind::Cosignature => {
                let signature = self.seed.sign(&cosignature_message(time, text)).to_bytes();
                encode_cosignature(time, &signature).to_vec()
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
