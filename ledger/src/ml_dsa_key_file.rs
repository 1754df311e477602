//! ML-DSA-44 private keys in files: PKCS#8 in PEM, the seed alone (RFC 9881 §6, RFC 7468).
//!
//! The 54 bytes of DER that the RFC's first example has. A key in expanded form is refused: it is not known to follow from
//! any seed.

use glasshouse_verifier::ml_dsa_key::{ML_DSA_KEY_LEN, ML_DSA_SIGNATURE_LEN};
use ml_dsa::{KeyExport, MlDsa44, SigningKey};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

use crate::key_file::{KeyFileError, pem, read_private_der, replace_whole, write_new};

/// DER in front of the 32 bytes of the seed: version 0, the algorithm 2.16.840.1.101.3.4.3.17, and in a string the choice
/// `seed`, which has the tag 0.
const PKCS8_SEED_HEAD: [u8; 22] = [
    0x30, 0x34, 0x02, 0x01, 0x00, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03,
    0x11, 0x04, 0x22, 0x80, 0x20,
];
/// What a file that is no such key is told.
const ADVICE: &str = "it was written when the ledger or the witness was made, and there is no other: take it from a backup, for \
     with a new key it would be another log or witness";

/// An ML-DSA-44 private key. Its `Debug` form shows nothing of it.
#[derive(Clone)]
pub struct MlDsaSecretKey(Arc<SigningKey<MlDsa44>>);

impl MlDsaSecretKey {
    /// A new key from the system's randomness.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::Randomness`] if the system has none.
    pub fn generate() -> Result<Self, KeyFileError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(|error| KeyFileError::Randomness(error.to_string()))?;
        Ok(Self::from_seed(&seed))
    }

    /// The key of a seed (FIPS 204 algorithm 6): any 32 bytes are one.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Arc::new(SigningKey::from_seed(seed.into())))
    }

    /// The public half, 1312 bytes.
    pub fn public_bytes(&self) -> [u8; ML_DSA_KEY_LEN] {
        let public: &ml_dsa::VerifyingKey<MlDsa44> = self.0.as_ref().as_ref();
        public.encode().into()
    }

    /// The deterministic signature of a message with an empty context (FIPS 204 algorithm 2): 2420 bytes. `None` if the
    /// loop of algorithm 7 found none, which no key and message are known to bring about.
    pub fn sign(&self, message: &[u8]) -> Option<[u8; ML_DSA_SIGNATURE_LEN]> {
        let signature = ml_dsa::Signer::try_sign(self.0.as_ref(), message).ok()?;
        Some(signature.encode().into())
    }
}

impl std::fmt::Debug for MlDsaSecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MlDsaSecretKey")
    }
}

/// Reads a private key.
///
/// # Errors
///
/// [`KeyFileError::Io`]; [`KeyFileError::Exposed`] where others than its owner can read or change it;
/// [`KeyFileError::NotAKey`] for everything but one `PRIVATE KEY` block with an ML-DSA-44 seed in PKCS#8. No message repeats what the file holds.
pub fn read_ml_dsa_pem(path: &Path) -> Result<MlDsaSecretKey, KeyFileError> {
    let der = read_private_der(path, "ML-DSA-44", ADVICE)?;
    let seed = der.strip_prefix(&PKCS8_SEED_HEAD).and_then(|seed| <&[u8; 32]>::try_from(seed).ok());
    seed.map(MlDsaSecretKey::from_seed).ok_or_else(|| KeyFileError::NotAKey {
        path: path.display().to_string(),
        algorithm: "ML-DSA-44",
        rule: "the PEM block must hold PKCS#8 with the seed of an ML-DSA-44 key and nothing else (RFC 9881)"
            .to_owned(),
        advice: ADVICE,
    })
}

/// Writes a private key to a file that must not exist yet, readable by its owner only (mode 0600), durably.
///
/// # Errors
///
/// [`KeyFileError::Io`], also if the file exists.
pub fn write_ml_dsa_pem(path: &Path, key: &MlDsaSecretKey) -> Result<(), KeyFileError> {
    let seed = Zeroizing::new(key.0.to_bytes());
    let der = Zeroizing::new([PKCS8_SEED_HEAD.as_slice(), seed.as_slice()].concat());
    write_new(path, 0o600, &pem("PRIVATE KEY", &der, path)?)
}

/// Writes a private key in place of whatever the file held, whole and durably (mode 0600): after a crash the file is the
/// old one or the new one.
///
/// # Errors
///
/// [`KeyFileError::Io`].
pub fn replace_ml_dsa_pem(path: &Path, key: &MlDsaSecretKey) -> Result<(), KeyFileError> {
    replace_whole(path, |part| write_ml_dsa_pem(part, key))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    /// RFC 9881 appendix C.1.1.1: the seed is the bytes 0 to 31.
    const RFC_9881_SEED: &str = "-----BEGIN PRIVATE KEY-----\n\
        MDQCAQAwCwYJYIZIAWUDBAMRBCKAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZ\n\
        GhscHR4f\n\
        -----END PRIVATE KEY-----\n";

    #[test]
    fn writes_what_the_rfc_shows() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("k.pem");
        let key = MlDsaSecretKey::from_seed(&std::array::from_fn(|i| i as u8));
        write_ml_dsa_pem(&file, &key).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), RFC_9881_SEED);
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        let again = read_ml_dsa_pem(&file).unwrap();
        assert_eq!(again.public_bytes(), key.public_bytes());
        // The first bytes of the public key that the RFC gives for this seed.
        assert_eq!(hex::encode(&key.public_bytes()[..8]), "d7b2b47254aae0db");
        write_ml_dsa_pem(&file, &key).unwrap_err();
        assert_eq!(format!("{key:?}"), "MlDsaSecretKey");
    }

    #[test]
    fn what_others_can_read_is_refused_and_what_holds_a_key_is_wiped() {
        fn is_wiped<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("k.pem");
        write_ml_dsa_pem(&file, &MlDsaSecretKey::generate().unwrap()).unwrap();
        is_wiped(read_ml_dsa_pem(&file).unwrap().0.as_ref());
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        let error = read_ml_dsa_pem(&file).unwrap_err();
        assert!(matches!(error, KeyFileError::Exposed { mode: 0o640, .. }), "{error}");
    }

    #[test]
    fn what_is_no_such_key_is_refused_without_repeating_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("k.pem");
        let ed25519 = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        // The same seed under ML-DSA-65, whose last byte of the algorithm is 0x12.
        let larger = RFC_9881_SEED.replace("BAMRBCKA", "BAMSBCKA");
        for bad in ["", "hello", ed25519, &larger, &RFC_9881_SEED.replace("GhscHR4f\n", "")] {
            fs::write(&file, bad).unwrap();
            fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
            let error = read_ml_dsa_pem(&file).unwrap_err();
            assert!(matches!(error, KeyFileError::NotAKey { .. }), "{bad}");
            assert!(error.to_string().contains("ML-DSA-44") && !error.to_string().contains("AAECAw"));
        }
    }
}
