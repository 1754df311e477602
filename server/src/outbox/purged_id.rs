//! What stands for the id of a line whose puid was purged, and for digests of lines that may name it: enough to know a line
//! again, and for whoever has no key no way to try puids on it.
//!
//! HMAC-SHA-256 (RFC 2104) of SHA-256 of the text, under a key that is drawn once for the outbox. Outboxes of before have
//! SHA-256 of the id itself, which anybody can compute for a puid that he guesses; the next purge puts this over it.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::record::Base64;

/// Bytes of the key: as many as the hash gives, the least that RFC 2104 advises.
const KEY_BYTES: usize = 32;
/// Block of SHA-256 in bytes, to which HMAC fills up a shorter key with zeros.
const BLOCK_BYTES: usize = 64;
/// In front of the digits.
const KEYED: &str = "purged-hmac:";
/// In front of the digits of an outbox of before.
const UNKEYED: &str = "purged:";

/// The key of an outbox.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Base64", into = "Base64")]
pub struct IdKey([u8; KEY_BYTES]);

/// A key of another length.
#[derive(Debug, thiserror::Error)]
#[error("the key has {0} bytes and not {KEY_BYTES}")]
pub struct IdKeyError(usize);

impl IdKey {
    /// A new one, from the system.
    ///
    /// # Errors
    /// The system gave no random bytes.
    pub fn generate() -> Result<IdKey, getrandom::Error> {
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key)?;
        Ok(IdKey(key))
    }

    /// What stands for an id, or for the digest of a line, under this key. What stands for one already stays.
    pub fn purged(&self, text: &str) -> String {
        if text.starts_with(KEYED) { text.to_owned() } else { self.over(&Sha256::digest(text)) }
    }

    /// The same for what an outbox of before put in the place of an id; `None` for anything else.
    pub fn over_unkeyed(&self, purged: &str) -> Option<String> {
        let digest = hex::decode(purged.strip_prefix(UNKEYED)?).ok()?;
        Some(self.over(&digest))
    }

    fn over(&self, digest: &[u8]) -> String {
        let mut block = [0; BLOCK_BYTES];
        block.iter_mut().zip(self.0).for_each(|(to, from)| *to = from);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(digest);
        format!("{KEYED}{}", hex::encode(mac.finalize().into_bytes()))
    }
}

/// What an outbox of before put in the place of an id.
pub fn unkeyed(id: &str) -> String {
    format!("{UNKEYED}{}", hex::encode(Sha256::digest(id)))
}

/// Whether an id is a digest of a line, or one that `glasshouse redact` made of a digest.
pub fn is_digest(id: &str) -> bool {
    id.starts_with("sha256:") || id.starts_with("id:redaction-")
}

/// Whether an outbox of before put that in the place of an id.
pub fn is_unkeyed(id: &str) -> bool {
    id.starts_with(UNKEYED)
}

impl fmt::Debug for IdKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("IdKey(…)")
    }
}

impl From<IdKey> for Base64 {
    fn from(key: IdKey) -> Base64 {
        Base64(key.0.to_vec())
    }
}

impl TryFrom<Base64> for IdKey {
    type Error = IdKeyError;

    fn try_from(bytes: Base64) -> Result<IdKey, IdKeyError> {
        let length = bytes.0.len();
        <[u8; KEY_BYTES]>::try_from(bytes.0).map(IdKey).map_err(|_| IdKeyError(length))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn an_id_is_known_again_under_its_key_alone() {
        // HMAC-SHA-256 of RFC 4231 has no key of 32 bytes; this one is by Python's hmac.
        let key = IdKey([7; KEY_BYTES]);
        assert_eq!(key.purged("puid:4711"), EXPECTED);
        assert_eq!(key.purged(EXPECTED), EXPECTED);
        assert_eq!(key.over_unkeyed(&unkeyed("puid:4711")).unwrap(), EXPECTED);
        assert_ne!(IdKey([8; KEY_BYTES]).purged("puid:4711"), EXPECTED);
        assert_ne!(IdKey::generate().unwrap(), IdKey::generate().unwrap());
        for other in ["puid:4711", EXPECTED, "purged:no-hex"] {
            assert_eq!(key.over_unkeyed(other), None);
        }
        assert_eq!(format!("{key:?}"), "IdKey(…)");
    }

    #[test]
    fn a_key_of_another_length_is_no_key() {
        assert!(serde_json::from_str::<IdKey>("\"AAAA\"").is_err());
        let key = IdKey([7; KEY_BYTES]);
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<IdKey>(&json).unwrap(), key);
    }

    const EXPECTED: &str = "purged-hmac:eff175d35b5357830aa6a965318a55fdcae3e35786a782766d01ede73e681a7b";
}
