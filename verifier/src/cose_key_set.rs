//! The keys that check COSE receipts, as `/.well-known/scitt-keys` serves them: a COSE_KeySet (RFC 9052 §7).

use thiserror::Error;

use crate::bounds::KEY_SET_MAX;
use crate::cbor::{CborError, Major, Walker, put_head};
use crate::fault::Fault;
use crate::key::{KeyError, Kid, PublicKey};

/// What stands before the thumbprint: a map of five, key type OKP, and the label of a key identifier of 32 bytes.
const BEFORE_KID: [u8; 6] = [0xa5, 0x01, 0x01, 0x02, 0x58, 0x20];

/// What stands between thumbprint and x: algorithm EdDSA (−8), curve Ed25519, and the label of an x of 32 bytes.
const BEFORE_X: [u8; 7] = [0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20];

/// Length of one key, in bytes.
pub const KEY_LEN: usize = BEFORE_KID.len() + 32 + BEFORE_X.len() + 32;

/// Greatest key set, in bytes.
pub const SET_LEN_MAX: usize = 3 + KEY_SET_MAX * KEY_LEN;

/// Why bytes are no key set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeySetError {
    /// Not deterministic CBOR of the right shape.
    #[error("key set: {0}")]
    Cbor(#[from] CborError),
    /// Not 1 to 64 keys.
    #[error("key set: a set has 1 to 64 keys")]
    Count,
    /// One that is not good.
    #[error("key set: {0}")]
    Key(#[from] KeyError),
    /// A key under another one's identifier.
    #[error("key set: the kid {0} is not the thumbprint of its key")]
    OtherKid(Kid),
    /// A key twice.
    #[error("key set: the key {0} stands twice")]
    Twice(Kid),
}

impl KeySetError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            KeySetError::Key(error) => error.slug(),
            _ => "key-encoding",
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }
}

/// One COSE_Key `{1: 1, 2: kid, 3: -8, -1: 6, -2: x}`: the key with its identifier (RFC 9679) and its algorithm.
pub fn encode_key(key: &PublicKey) -> [u8; KEY_LEN] {
    let mut bytes = [0; KEY_LEN];
    let mut rest = bytes.as_mut_slice();
    for part in [&BEFORE_KID[..], key.kid().as_bytes(), &BEFORE_X, key.as_bytes()] {
        let (front, after) = rest.split_at_mut(part.len());
        front.copy_from_slice(part);
        rest = after;
    }
    bytes
}

/// The array of these keys, in this order.
pub fn encode_key_set(keys: &[PublicKey]) -> Vec<u8> {
    let mut out = Vec::with_capacity(3 + keys.len() * KEY_LEN);
    put_head(&mut out, Major::Array, keys.len());
    keys.iter().for_each(|key| out.extend_from_slice(&encode_key(key)));
    out
}

/// Reads a set in its one spelling: 1 to 64 sound keys, each under its own thumbprint, none twice.
pub fn parse_key_set(bytes: &[u8]) -> Result<Vec<PublicKey>, KeySetError> {
    let mut walker = Walker::new(bytes);
    let count = usize::try_from(walker.array()?).unwrap_or(usize::MAX);
    if count == 0 || count > KEY_SET_MAX {
        return Err(KeySetError::Count);
    }
    let mut keys: Vec<PublicKey> = Vec::with_capacity(count);
    for _ in 0..count {
        walker.literal(&BEFORE_KID)?;
        let kid = Kid::from_bytes(walker.raw()?);
        walker.literal(&BEFORE_X)?;
        let key = PublicKey::from_bytes(walker.raw()?)?;
        if key.kid() != kid {
            return Err(KeySetError::OtherKid(kid));
        }
        if keys.contains(&key) {
            return Err(KeySetError::Twice(kid));
        }
        keys.push(key);
    }
    walker.finish()?;
    Ok(keys)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::cbor;
    use crate::example::public;

    #[test]
    fn a_set_has_one_spelling() {
        let keys = [public(5), public(6)];
        let bytes = encode_key_set(&keys);
        assert_eq!(parse_key_set(&bytes).unwrap(), keys);
        assert!(cbor::decode(&bytes).is_ok(), "deterministic");
        for end in 0..bytes.len() {
            assert!(parse_key_set(&bytes[..end]).is_err(), "{end}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(parse_key_set(&changed).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_set_has_no_key_twice_and_at_least_one() {
        assert_eq!(parse_key_set(&encode_key_set(&[])), Err(KeySetError::Count));
        let twice = encode_key_set(&[public(5), public(5)]);
        assert_eq!(parse_key_set(&twice), Err(KeySetError::Twice(public(5).kid())));
    }
}
