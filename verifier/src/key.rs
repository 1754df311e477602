//! Ed25519 keys (RFC 8032), their COSE form (RFC 9052 §7, RFC 9053 §7.2) and their identifiers (RFC 9679).

use std::fmt;

use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::fault::Fault;
use crate::sound_keys;

/// What stands before the 32 bytes of the key in `{1: 1, -1: 6, -2: x}`: an octet key pair on Ed25519.
pub(crate) const COSE_KEY_HEAD: [u8; 8] = [0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20];

/// The length of a COSE_Key of ours, in bytes.
pub const COSE_KEY_LEN: usize = COSE_KEY_HEAD.len() + 32;

/// The length of a signature, in bytes.
pub const SIGNATURE_LEN: usize = 64;

/// Why bytes are no key of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not `{1: 1, -1: 6, -2: x}` in its 40 bytes.
    #[error("key: not the COSE_Key {{1: 1, -1: 6, -2: x}} with an x of 32 bytes")]
    Form,
    /// No point of the curve has this encoding, or its canonical encoding is another one.
    #[error("key: not the canonical encoding of a point on the curve")]
    Encoding,
    /// A point of small order: it accepts signatures on nearly every message.
    #[error("key: a point of small order")]
    SmallOrder,
    /// A point with a torsion part: verifiers disagree on its signatures.
    #[error("key: a point outside the prime-order group")]
    Torsion,
}

impl KeyError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            KeyError::Form => "key-encoding",
            KeyError::Encoding | KeyError::SmallOrder | KeyError::Torsion => "weak-key",
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }
}

/// Why a signature does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// The message names another key than the one at hand.
    #[error("kid: names another key")]
    OtherKey,
    /// Not valid by the one rule that all readers share.
    #[error("signature: not valid for this key and message")]
    Invalid,
}

impl SignatureError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            SignatureError::OtherKey => "unknown-key",
            SignatureError::Invalid => "bad-signature",
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }
}

/// The RFC 9679 thumbprint of a key: SHA-256 of its COSE_Key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kid([u8; 32]);

impl Kid {
    /// Takes the 32 bytes as they stand in a statement.
    pub fn from_bytes(bytes: [u8; 32]) -> Kid {
        Kid(bytes)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 lower-case hexadecimal digits.
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kid({self})")
    }
}

/// A key that every correct verifier treats alike: canonical encoding, prime-order group, not the identity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Checks the 32 bytes of RFC 8032 §5.1.5. Costs four fifths of verifying a signature, and little for a key that this
    /// thread found sound lately.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<PublicKey, KeyError> {
        match sound_keys::find(&bytes) {
            Some(key) => Ok(key),
            None => PublicKey::examine(bytes).inspect(sound_keys::keep),
        }
    }

    fn examine(bytes: [u8; 32]) -> Result<PublicKey, KeyError> {
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::Encoding)?;
        let point = key.to_edwards();
        if point.compress().to_bytes() != bytes {
            return Err(KeyError::Encoding);
        }
        if point.is_small_order() {
            return Err(KeyError::SmallOrder);
        }
        if !is_torsion_free(&point) {
            return Err(KeyError::Torsion);
        }
        Ok(PublicKey(key))
    }

    /// The 32 bytes of RFC 8032 §5.1.5.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The point.
    pub(crate) fn to_point(self) -> EdwardsPoint {
        self.0.to_edwards()
    }

    /// Reads the 40 bytes of the COSE_Key `{1: 1, -1: 6, -2: x}`.
    pub fn from_cose(bytes: &[u8]) -> Result<PublicKey, KeyError> {
        let x = bytes.strip_prefix(&COSE_KEY_HEAD).ok_or(KeyError::Form)?;
        PublicKey::from_bytes(x.try_into().map_err(|_| KeyError::Form)?)
    }

    /// The COSE_Key `{1: 1, -1: 6, -2: x}`.
    pub fn to_cose(&self) -> [u8; COSE_KEY_LEN] {
        let mut bytes = [0; COSE_KEY_LEN];
        bytes[..COSE_KEY_HEAD.len()].copy_from_slice(&COSE_KEY_HEAD);
        bytes[COSE_KEY_HEAD.len()..].copy_from_slice(self.as_bytes());
        bytes
    }

    /// The thumbprint (RFC 9679 §4). The COSE_Key has only the members that count for it.
    pub fn kid(&self) -> Kid {
        Kid(Sha256::digest(self.to_cose()).into())
    }

    /// Checks a signature: R canonical and not of small order, s < L, the equation without cofactor.
    pub fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE_LEN]) -> Result<(), SignatureError> {
        let verdict = self.0.verify_strict(message, &Signature::from_bytes(signature));
        verdict.map_err(|_| SignatureError::Invalid)
    }
}

/// Whether `[L]P` is the identity, asked as `[L − 1]P = −P`: L − 1 is the greatest scalar. A key is no secret, so the
/// multiplication need not take the same time for each, and is quicker.
fn is_torsion_free(point: &EdwardsPoint) -> bool {
    EdwardsPoint::vartime_double_scalar_mul_basepoint(&-Scalar::ONE, point, &Scalar::ZERO) == -point
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", hex::encode(self.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn key(hex_digits: &str) -> Result<PublicKey, KeyError> {
        PublicKey::from_bytes(hex::decode(hex_digits).unwrap().try_into().unwrap())
    }

    /// RFC 8032 §7.1, test 1.
    const RFC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    #[test]
    fn a_key_goes_through_its_cose_form() {
        let key = key(RFC).unwrap();
        let cose = key.to_cose();
        assert_eq!(hex::encode(cose), format!("a301012006215820{RFC}"));
        assert_eq!(PublicKey::from_cose(&cose), Ok(key));
        for wrong in [&cose[..39], &cose[1..], &[cose.as_slice(), &[0]].concat()] {
            assert_eq!(PublicKey::from_cose(wrong), Err(KeyError::Form));
        }
    }

    #[test]
    fn the_thumbprint_is_the_hash_of_the_cose_form() {
        let key = key(RFC).unwrap();
        // Reproduce: printf a301012006215820<key> | xxd -r -p | sha256sum
        let expected = "866eefbd6718c8846cd7ddfe43fc74ab1daac4538ff8514ea2ec2d410a415743";
        assert_eq!(key.kid().to_hex(), expected);
    }

    #[test]
    fn a_signature_of_the_rfc_is_valid_and_a_changed_one_is_not() {
        let key = key(RFC).unwrap();
        let signature = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155\
                         5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
        let signature: [u8; 64] = hex::decode(signature).unwrap().try_into().unwrap();
        assert_eq!(key.verify(b"", &signature), Ok(()));
        assert_eq!(key.verify(b"x", &signature), Err(SignatureError::Invalid));
        for at in 0..64 {
            let mut changed = signature;
            changed[at] ^= 1;
            assert_eq!(key.verify(b"", &changed), Err(SignatureError::Invalid), "byte {at}");
        }
    }

    #[test]
    fn keys_on_which_verifiers_disagree_are_refused() {
        let zeros = "00".repeat(30);
        let ones = "ff".repeat(30);
        // The points of order 1, 2, 4 and 8.
        for small in [
            format!("0100{zeros}"),
            format!("ecff{}7f", &ones[2..]),
            format!("0000{zeros}"),
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05".to_owned(),
        ] {
            assert_eq!(key(&small), Err(KeyError::SmallOrder), "{small}");
        }
        // y = p + 1, y = p + 3, and the identity with the sign bit set.
        for other in [
            format!("eeff{}7f", &ones[2..]),
            format!("f0ff{}7f", &ones[2..]),
            format!("0100{}80", &zeros[2..]),
        ] {
            assert_eq!(key(&other), Err(KeyError::Encoding), "{other}");
        }
        // The base point plus the points of order 2 and 8.
        for mixed in [
            "9599999999999999999999999999999999999999999999999999999999999999",
            "da99e28ba529cdde35a25fba9059e78ecaee239f99755b9b1aa4f65df00803e2",
        ] {
            assert_eq!(key(mixed), Err(KeyError::Torsion), "{mixed}");
        }
        // No point has y = 2.
        assert_eq!(key(&format!("0200{zeros}")), Err(KeyError::Encoding));
        assert!(key("5866666666666666666666666666666666666666666666666666666666666666").is_ok());
    }

    /// Mutation: a scalar of one less, or the comparison with the point itself.
    #[test]
    fn the_quick_look_for_torsion_says_what_the_slow_one_does() {
        use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
        for factor in 0..40_u64 {
            let free = ED25519_BASEPOINT_POINT * (Scalar::from(factor) * Scalar::from(u64::MAX));
            for (order, torsion) in EIGHT_TORSION.iter().enumerate() {
                let point = free + torsion;
                assert_eq!(is_torsion_free(&point), point.is_torsion_free(), "{factor} {order}");
                assert_eq!(is_torsion_free(&point), order == 0, "{factor} {order}");
            }
        }
    }
}
