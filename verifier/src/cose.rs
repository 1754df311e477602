//! COSE_Sign1 (RFC 9052 §4.2) with an empty unprotected header and an attached payload, taken apart without copies.

use crate::cbor::{CborError, CborErrorKind, Major, Walker, put_head};
use crate::key::SIGNATURE_LEN;

/// EdDSA (RFC 9053 §2.2): what we write, since half of the outside verifiers know nothing else.
pub const EDDSA: i128 = -8;

/// Ed25519, fully specified (RFC 9864): read too.
pub const ED25519: i128 = -19;

/// CBOR tag 18 in one byte: COSE_Sign1 (RFC 9052 §2).
const TAG_SIGN1: u8 = 0xd2;

/// Tag 18, and an array of four.
pub(crate) const SIGN1_HEAD: [u8; 2] = [TAG_SIGN1, 0x84];

/// Why bytes are no COSE_Sign1 of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CoseError {
    /// Not deterministic CBOR.
    Cbor(CborError),
    /// CBOR of another shape; the rule in words.
    Shape(&'static str),
}

impl From<CborError> for CoseError {
    fn from(error: CborError) -> CoseError {
        CoseError::Cbor(error)
    }
}

/// The parts of a message, as they lie in its bytes. The signature is not checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sign1<'a> {
    /// The encoded protected header: one item of deterministic CBOR.
    pub(crate) protected: &'a [u8],
    /// Where that item begins in the message.
    pub(crate) protected_at: usize,
    /// The attached payload: one item of deterministic CBOR.
    pub(crate) payload: &'a [u8],
    /// Where the payload begins in the message.
    pub(crate) payload_at: usize,
    /// The signature.
    pub(crate) signature: &'a [u8; SIGNATURE_LEN],
}

impl<'a> Sign1<'a> {
    /// Takes a whole message apart: tag 18, four elements, and CBOR within the two byte strings.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Sign1<'a>, CoseError> {
        let mut outer = Walker::new(bytes);
        if outer.peek()? != Major::Tag {
            Walker::check(bytes)?;
            return Err(CoseError::Shape("not tagged as COSE_Sign1"));
        }
        let tag = outer.head()?.argument;
        let body_at = outer.offset();
        let body = outer.skip()?;
        outer.finish()?;
        if tag != 18 {
            return Err(CoseError::Shape("tagged as something else than COSE_Sign1"));
        }
        let message = Sign1::split(body, body_at).ok_or(CoseError::Shape(
            "not an array of a byte string, an empty map, a byte string and 64 bytes",
        ))?;
        Walker::check(message.protected)?;
        Walker::check(message.payload)?;
        Ok(message)
    }

    fn split(body: &'a [u8], body_at: usize) -> Option<Sign1<'a>> {
        let mut walker = Walker::new(body);
        let four = walker.array().ok()? == 4;
        let protected = walker.bytes().ok()?;
        let protected_at = body_at + walker.offset() - protected.len();
        let no_unprotected = walker.map().ok()? == 0;
        let payload = walker.bytes().ok()?;
        let payload_at = body_at + walker.offset() - payload.len();
        let signature = walker.bytes_of().ok()?;
        (four && no_unprotected).then_some(Sign1 { protected, protected_at, payload, payload_at, signature })
    }
}

/// The bytes that are signed: `["Signature1", protected, h'', payload]` (RFC 9052 §4.4), without external data.
pub fn sig_structure(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(protected.len() + payload.len() + 32);
    put_head(&mut out, Major::Array, 4);
    put_head(&mut out, Major::Text, "Signature1".len());
    out.extend_from_slice(b"Signature1");
    put_bytes(&mut out, protected);
    put_bytes(&mut out, &[]);
    put_bytes(&mut out, payload);
    out
}

/// The message: tag 18, protected header, empty unprotected header, payload, signature.
pub fn assemble(protected: &[u8], payload: &[u8], signature: &[u8; SIGNATURE_LEN]) -> Vec<u8> {
    let mut out = Vec::with_capacity(protected.len() + payload.len() + SIGNATURE_LEN + 16);
    out.push(TAG_SIGN1);
    put_head(&mut out, Major::Array, 4);
    put_bytes(&mut out, protected);
    put_head(&mut out, Major::Map, 0);
    put_bytes(&mut out, payload);
    put_bytes(&mut out, signature);
    out
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_head(out, Major::Bytes, bytes.len());
    out.extend_from_slice(bytes);
}

/// The values of a map whose keys are small integers, as they lie in its bytes.
pub(crate) struct Labels<'a, const N: usize> {
    /// The value under each label that was asked for.
    pub(crate) values: [Option<&'a [u8]>; N],
    /// Whether every label that was asked for is there, and no other.
    pub(crate) exact: bool,
}

impl<'a, const N: usize> Labels<'a, N> {
    /// Reads a map that [`Walker::check`] has seen. The labels are 0 to 23, so that each is one byte.
    pub(crate) fn read(map: &'a [u8], labels: [u8; N]) -> Result<Labels<'a, N>, CborError> {
        let mut walker = Walker::new(map);
        let mut values = [None; N];
        let mut others = false;
        for _ in 0..walker.map()? {
            let key = walker.skip()?;
            let value = walker.skip()?;
            match labels.iter().position(|label| key == [*label]) {
                Some(place) => values[place] = Some(value),
                None => others = true,
            }
        }
        walker.finish()?;
        let exact = !others && values.iter().all(Option::is_some);
        Ok(Labels { values, exact })
    }

    /// The text in one of the places.
    pub(crate) fn text(&self, place: usize) -> Option<&'a str> {
        self.value(place).and_then(|mut value| value.text().ok())
    }

    /// The integer in one of the places.
    pub(crate) fn integer(&self, place: usize) -> Option<i128> {
        self.value(place).and_then(|mut value| value.integer().ok())
    }

    /// The 32 bytes in one of the places.
    pub(crate) fn bytes32(&self, place: usize) -> Option<&'a [u8; 32]> {
        self.value(place).and_then(|mut value| value.bytes_of().ok())
    }

    fn value(&self, place: usize) -> Option<Walker<'a>> {
        self.values.get(place).copied().flatten().map(Walker::new)
    }
}

/// The error of a value that is spelt otherwise than its typed form would be.
pub(crate) fn respelled() -> CborError {
    CborError::new(CborErrorKind::Respelled, 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn what_is_assembled_is_taken_apart() {
        let bytes = assemble(&[0xa0], &[0x01], &[7; 64]);
        let message = Sign1::parse(&bytes).unwrap();
        assert_eq!((message.protected, message.payload), (&[0xa0][..], &[0x01][..]));
        assert_eq!((message.protected_at, message.payload_at, message.signature), (3, 6, &[7; 64]));
        assert_eq!(hex::encode(sig_structure(&[0xa0], &[1])), "846a5369676e61747572653141a0404101");
    }

    #[test]
    fn every_cut_and_every_other_shape_is_refused() {
        let good = assemble(&[0xa0], &[0x01], &[7; 64]);
        for end in 0..good.len() {
            assert!(matches!(Sign1::parse(&good[..end]), Err(CoseError::Cbor(_))), "{end}");
        }
        let changed = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            bytes
        };
        let shape = |bytes: &[u8]| matches!(Sign1::parse(bytes), Err(CoseError::Shape(_)));
        // No tag, another tag, an array for the unprotected map.
        assert!(shape(&good[1..]) && shape(&changed(0, 0xd1)) && shape(&changed(4, 0x80)));
        // A payload that is no CBOR, and one that is in a longer form than needed.
        assert!(matches!(Sign1::parse(&changed(6, 0x1c)), Err(CoseError::Cbor(_))));
        assert!(matches!(Sign1::parse(&assemble(&[0xa0], &[0x18, 1], &[7; 64])), Err(CoseError::Cbor(_))));
    }
}
