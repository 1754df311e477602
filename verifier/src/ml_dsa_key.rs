//! ML-DSA-44 keys (FIPS 204), and when a signature by one holds: pure ML-DSA, an empty context, nothing pre-hashed.

use std::fmt;
use std::sync::{Arc, OnceLock};

use ml_dsa::{EncodedVerifyingKey, MlDsa44, Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::key::{Kid, SignatureError};

/// The length of a key, in bytes (FIPS 204 table 2).
pub const ML_DSA_KEY_LEN: usize = 1312;

/// The length of a signature, in bytes (FIPS 204 table 2).
pub const ML_DSA_SIGNATURE_LEN: usize = 2420;

/// An ML-DSA-44 key. Every 1312 bytes are one (FIPS 204 algorithm 23). With some anybody can sign (those whose t1 is 0), but
/// what is signed begins with a hash of the key, so such a key harms only whoever names it as its own.
/// A clone is the same key: it shares what the first check works out.
#[derive(Clone)]
pub struct MlDsaPublicKey(Arc<Known>);

struct Known {
    bytes: [u8; ML_DSA_KEY_LEN],
    /// The key with its matrix, 24 KiB. To make it takes as long as the check of a signature itself. Only keys that somebody
    /// names in a policy or in settings ever check one, so what a log says makes nobody keep any.
    expanded: OnceLock<VerifyingKey<MlDsa44>>,
}

impl MlDsaPublicKey {
    /// Takes the key's bytes.
    pub fn from_bytes(bytes: [u8; ML_DSA_KEY_LEN]) -> Self {
        Self(Arc::new(Known { bytes, expanded: OnceLock::new() }))
    }

    /// The bytes of FIPS 204 algorithm 22.
    pub fn as_bytes(&self) -> &[u8; ML_DSA_KEY_LEN] {
        &self.0.bytes
    }

    /// What a registry knows the key by: SHA-256 of its bytes. No statement is signed with such a key, so it needs no
    /// thumbprint.
    pub fn fingerprint(&self) -> Kid {
        Kid::from_bytes(Sha256::digest(self.as_bytes()).into())
    }

    /// Checks a signature (FIPS 204 algorithm 3). The hint has one spelling (algorithm 21), so a signature has one, too.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Invalid`].
    pub fn verify(
        &self,
        message: &[u8],
        signature: &[u8; ML_DSA_SIGNATURE_LEN],
    ) -> Result<(), SignatureError> {
        let key = EncodedVerifyingKey::<MlDsa44>::try_from(self.as_bytes().as_slice())
            .map_err(|_| SignatureError::Invalid)?;
        let key = self.0.expanded.get_or_init(|| VerifyingKey::decode(&key));
        let signature =
            Signature::<MlDsa44>::try_from(signature.as_slice()).map_err(|_| SignatureError::Invalid)?;
        let holds = key.verify_with_context(message, &[], &signature);
        holds.then_some(()).ok_or(SignatureError::Invalid)
    }
}

impl PartialEq for MlDsaPublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for MlDsaPublicKey {}

impl fmt::Debug for MlDsaPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MlDsaPublicKey({})", self.fingerprint())
    }
}
