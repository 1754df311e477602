//! Verifier keys of notes: `<name>+<key id>+<base64 of algorithm and key>` (c2sp.org/signed-note).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::bounds::{NAME_MAX, VKEY_MAX};
use crate::fault::Fault;
use crate::key::{Kid, PublicKey, SIGNATURE_LEN};
use crate::ml_dsa_key::{ML_DSA_SIGNATURE_LEN, MlDsaPublicKey};

/// Why a text is no verifier key that we can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VkeyError {
    /// Not three parts joined by '+', or too long.
    #[error("a verifier key is <name>+<8 hex digits>+<base64>")]
    Form,
    /// Not a key name.
    #[error("a key name has 1 to 255 bytes, no white space, no '+' and no control character")]
    Name,
    /// The identifier is not the one of this name and key.
    #[error("the key id does not belong to this name and key")]
    KeyId,
    /// None of Ed25519 (1), an Ed25519 cosignature (4) and an ML-DSA-44 cosignature (6).
    #[error(
        "the algorithm is not known here; known are 1 (Ed25519), 4 (Ed25519 cosignature) and 6 (ML-DSA-44 cosignature)"
    )]
    UnknownAlgorithm,
    /// Not the canonical encoding of a point of the prime-order group.
    #[error("the Ed25519 key is not canonical, of small order, or has a torsion part")]
    WeakKey,
}

impl VkeyError {
    /// Whose fault it is.
    pub fn fault(self) -> Fault {
        Fault::CallerMisuse
    }
}

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VkeyKind {
    /// Algorithm 1: the note's text itself.
    Ed25519,
    /// Algorithm 4: the text behind a time, as a witness does (c2sp.org/tlog-cosignature).
    Cosignature,
    /// Algorithm 6: the three lines of a checkpoint with a time and the signer's name, as a witness does, and a log beside
    /// its Ed25519 line (c2sp.org/tlog-cosignature).
    MlDsa44,
}

impl VkeyKind {
    const fn of(alg: u8) -> Option<VkeyKind> {
        match alg {
            1 => Some(VkeyKind::Ed25519),
            4 => Some(VkeyKind::Cosignature),
            6 => Some(VkeyKind::MlDsa44),
            _ => None,
        }
    }

    /// Whether the key signs a time with the checkpoint.
    pub const fn is_cosignature(self) -> bool {
        matches!(self, VkeyKind::Cosignature | VkeyKind::MlDsa44)
    }

    /// The algorithm's number in vkeys.
    pub const fn alg(self) -> u8 {
        match self {
            VkeyKind::Ed25519 => 1,
            VkeyKind::Cosignature => 4,
            VkeyKind::MlDsa44 => 6,
        }
    }
}

/// The public key itself, by its algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
enum NoteKey {
    Ed25519(PublicKey),
    MlDsa44(MlDsaPublicKey),
}

/// A key that signs notes, with its name. An Ed25519 point is canonical and of prime order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vkey {
    name: String,
    key_id: u32,
    kind: VkeyKind,
    key: NoteKey,
}

impl Vkey {
    /// Joins a name and a key's bytes, 32 or for [`VkeyKind::MlDsa44`] 1312; the identifier follows from them.
    pub fn new(name: &str, kind: VkeyKind, key: impl AsRef<[u8]>) -> Result<Self, VkeyError> {
        let bytes = key.as_ref();
        if !is_key_name(name) {
            return Err(VkeyError::Name);
        }
        let key = match kind {
            // A key of small order signs everything; one with a torsion part is judged differently by different libraries.
            VkeyKind::Ed25519 | VkeyKind::Cosignature => {
                let point = bytes.try_into().map_err(|_| VkeyError::Form)?;
                NoteKey::Ed25519(PublicKey::from_bytes(point).map_err(|_| VkeyError::WeakKey)?)
            }
            VkeyKind::MlDsa44 => {
                NoteKey::MlDsa44(MlDsaPublicKey::from_bytes(bytes.try_into().map_err(|_| VkeyError::Form)?))
            }
        };
        Ok(Self { name: name.to_owned(), key_id: key_id(name, kind, bytes), kind, key })
    }

    /// Reads `<name>+<key id>+<base64>`, in its one spelling.
    pub fn parse(text: &str) -> Result<Self, VkeyError> {
        if text.len() > VKEY_MAX {
            return Err(VkeyError::Form);
        }
        let (name, rest) = text.split_once('+').ok_or(VkeyError::Form)?;
        let (id, key) = rest.split_once('+').ok_or(VkeyError::Form)?;
        let key = STANDARD.decode(key).map_err(|_| VkeyError::Form)?;
        let (alg, key) = key.split_first().ok_or(VkeyError::Form)?;
        let kind = VkeyKind::of(*alg).ok_or(VkeyError::UnknownAlgorithm)?;
        let vkey = Self::new(name, kind, key)?;
        if format!("{:08x}", vkey.key_id) != id {
            return Err(VkeyError::KeyId);
        }
        Ok(vkey)
    }

    /// The text that [`parse`](Self::parse) reads.
    pub fn encode(&self) -> String {
        let mut key = vec![self.alg()];
        key.extend_from_slice(self.key_bytes());
        format!("{}+{:08x}+{}", self.name, self.key_id, STANDARD.encode(key))
    }

    /// The key's name; of a log's key, its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of SHA-256(name ‖ 0x0A ‖ algorithm ‖ key).
    pub const fn key_id(&self) -> u32 {
        self.key_id
    }

    /// What the key signs.
    pub const fn kind(&self) -> VkeyKind {
        self.kind
    }

    /// The algorithm's number: 1, 4 or 6.
    pub const fn alg(&self) -> u8 {
        self.kind.alg()
    }

    /// The public key: 32 bytes of Ed25519 or 1312 of ML-DSA-44.
    pub fn key_bytes(&self) -> &[u8] {
        match &self.key {
            NoteKey::Ed25519(key) => key.as_bytes(),
            NoteKey::MlDsa44(key) => key.as_bytes(),
        }
    }

    /// What a registry knows the key by: the thumbprint of an Ed25519 key, the SHA-256 of an ML-DSA-44 key.
    pub(crate) fn fingerprint(&self) -> Kid {
        match &self.key {
            NoteKey::Ed25519(key) => key.kid(),
            NoteKey::MlDsa44(key) => key.fingerprint(),
        }
    }

    /// Checks a bare signature over a message: 64 bytes of Ed25519 or 2420 of ML-DSA-44.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let verdict = match &self.key {
            NoteKey::Ed25519(key) => {
                <&[u8; SIGNATURE_LEN]>::try_from(signature).map(|signature| key.verify(message, signature))
            }
            NoteKey::MlDsa44(key) => <&[u8; ML_DSA_SIGNATURE_LEN]>::try_from(signature)
                .map(|signature| key.verify(message, signature)),
        };
        matches!(verdict, Ok(Ok(())))
    }
}

/// Whether a name may stand in a signature line: no white space, no '+', no control character, 1 to 255 bytes.
pub(crate) fn is_key_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= NAME_MAX
        && !name.chars().any(|c| c.is_whitespace() || c < ' ' || c == '+')
}

fn key_id(name: &str, kind: VkeyKind, key: &[u8]) -> u32 {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    hash.update([b'\n', kind.alg()]);
    hash.update(key);
    let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const LOG: &str = "log.example/takedowns+f8bc89f6+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
    const WITNESS: &str = "witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU";

    #[test]
    fn known_keys_read_back() {
        for (text, kind) in [(LOG, VkeyKind::Ed25519), (WITNESS, VkeyKind::Cosignature)] {
            let vkey = Vkey::parse(text).unwrap();
            assert_eq!((vkey.encode().as_str(), vkey.kind()), (text, kind));
        }
    }

    #[test]
    fn wrong_keys_are_refused() {
        for (wrong, why) in [
            (LOG.replace("f8bc", "f8bd"), VkeyError::KeyId),
            (LOG.replace("f8bc89f6", "F8BC89F6"), VkeyError::KeyId),
            (LOG.replace("log.", "lag."), VkeyError::KeyId),
            (LOG.replace("log.", "l g."), VkeyError::Name),
            (LOG.replace("+AYqI", "+BYqI"), VkeyError::UnknownAlgorithm),
            (LOG.replace("D29c", "D2"), VkeyError::Form),
            (format!("{LOG}\n"), VkeyError::Form),
            (String::from("a+00000000+"), VkeyError::Form),
            (String::from("a"), VkeyError::Form),
        ] {
            assert_eq!(Vkey::parse(&wrong), Err(why), "{wrong}");
        }
    }

    #[test]
    fn weak_points_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(Vkey::new("a", VkeyKind::Ed25519, identity), Err(VkeyError::WeakKey));
        // y = p + 3 is a point in a second spelling.
        let mut second = [0xff; 32];
        second[0] = 0xf0;
        second[31] = 0x7f;
        assert_eq!(Vkey::new("a", VkeyKind::Ed25519, second), Err(VkeyError::WeakKey));
    }
}
