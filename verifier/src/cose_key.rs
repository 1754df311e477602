//! The COSE_Key (RFC 9052 §7) of an Ed25519 key, as it stands in payloads.

use crate::cbor::Data;
use crate::hash::Digest;
use crate::key::{COSE_KEY_HEAD, Kid};
use crate::payload_error::Errors;
use crate::pointer::Pointer;
use crate::reading;

/// Exactly `{1: 1, -1: 6, -2: x}` with 32 bytes x. Whether x is a good point is another question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CoseKey([u8; CoseKey::LEN]);

impl CoseKey {
    /// Its length in bytes.
    pub const LEN: usize = 40;

    /// Takes the bytes if they are of that form.
    pub fn parse(bytes: &[u8]) -> Option<CoseKey> {
        let bytes: [u8; CoseKey::LEN] = bytes.try_into().ok()?;
        bytes.starts_with(&COSE_KEY_HEAD).then_some(CoseKey(bytes))
    }

    /// The encoded COSE_Key.
    pub fn as_bytes(&self) -> &[u8; CoseKey::LEN] {
        &self.0
    }

    /// Its thumbprint (RFC 9679): SHA-256 of these same bytes.
    pub fn thumbprint(&self) -> Kid {
        Kid::from_bytes(*Digest::of(&self.0).as_bytes())
    }

    pub(crate) fn read(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<CoseKey> {
        let bytes = reading::bytes(item, at, errors)?;
        let key = CoseKey::parse(bytes);
        if key.is_none() {
            let given = format!("{} bytes", bytes.len());
            errors.push(reading::grammar(at, &given, "a COSE_Key {1: 1, -1: 6, -2: 32 bytes}"));
        }
        key
    }
}
