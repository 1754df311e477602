//! A request to enrol a key: a COSE_Sign1 by that key over `{aud, iss, key, time}`, which proves possession and consent.
//!
//! The same payload signed by another key of that provider is evidence that the provider stands behind it.

use thiserror::Error;

use crate::cbor::{self, CborError, Data, Item};
use crate::cose::{self, CoseError, Labels, Sign1, respelled};
use crate::fault::Fault;
use crate::issuer::Issuer;
use crate::key::{KeyError, Kid, PublicKey, SIGNATURE_LEN, SignatureError};
use crate::origin::Origin;

/// The content type of a request, version 1, header label 3.
pub const REQUEST_CONTENT_TYPE: &str = "application/vnd.glasshouse.enrolment-request+cbor; v=1";

/// The most bytes of a request. One with the longest names has fewer than 1,000.
pub const REQUEST_MAX: usize = 4_096;

/// The greatest instant: the last second of the year 9999.
const INSTANT_MAX: u64 = 253_402_300_799;

/// At most so many characters of an unknown value are repeated in an error.
const GIVEN_MAX: usize = 80;

/// Why bytes are no request, or not the one that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RequestError {
    /// Not CBOR, or not in the one spelling, at some layer.
    #[error("request: {0}")]
    Cbor(#[from] CborError),
    /// CBOR, but not of the shape of a request.
    #[error("request: {part}: {rule}")]
    Shape {
        /// Which part: `message`, `header`, `payload` or the name of a member.
        part: &'static str,
        /// The rule it breaks.
        rule: &'static str,
    },
    /// A content type that this reader does not know.
    #[error("request: not understood: content type {0:?} is not known to this version")]
    NotUnderstood(String),
    /// Another algorithm than EdDSA.
    #[error("request: algorithm {0}, where only -8 is allowed")]
    Algorithm(i128),
    /// The key is none that can be enrolled.
    #[error("request: {0}")]
    Key(#[from] KeyError),
    /// The signature does not count.
    #[error("request: {0}")]
    Signature(#[from] SignatureError),
    /// A request to another log.
    #[error("request: aud: another log")]
    Audience,
    /// A request of another provider.
    #[error("request: iss: another provider")]
    Issuer,
}

impl RequestError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            RequestError::Cbor(error) => error.slug(),
            RequestError::Shape { .. } => "invalid-request",
            RequestError::NotUnderstood(_) => "not-understood",
            RequestError::Algorithm(_) => "unknown-algorithm",
            RequestError::Key(error) => error.slug(),
            RequestError::Signature(error) => error.slug(),
            RequestError::Audience => "wrong-audience",
            RequestError::Issuer => "wrong-issuer",
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            RequestError::NotUnderstood(_) => Fault::CallerMisuse,
            _ => Fault::HostileInput,
        }
    }
}

impl From<CoseError> for RequestError {
    fn from(error: CoseError) -> RequestError {
        match error {
            CoseError::Cbor(error) => RequestError::Cbor(error),
            CoseError::Shape(rule) => shape("message", rule),
        }
    }
}

fn shape(part: &'static str, rule: &'static str) -> RequestError {
    RequestError::Shape { part, rule }
}

/// What a provider asks for: that a key be admitted to a log for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentRequest {
    /// The log.
    pub aud: Origin,
    /// The provider.
    pub iss: Issuer,
    /// The key.
    pub key: PublicKey,
    /// When it was made, by its maker's word: seconds since 1970 UTC, at most the last second of the year 9999.
    pub time: u64,
}

impl EnrolmentRequest {
    /// Reads a request and checks that it is signed by the very key that it names.
    pub fn parse(bytes: &[u8]) -> Result<EnrolmentRequest, RequestError> {
        let signed = SignedRequest::parse(bytes)?;
        signed.verify(&signed.request.key)?;
        Ok(signed.request)
    }

    /// Checks that it is a request to that log, of that provider.
    pub fn check(&self, aud: &Origin, iss: &Issuer) -> Result<(), RequestError> {
        if self.aud != *aud {
            return Err(RequestError::Audience);
        }
        if self.iss != *iss {
            return Err(RequestError::Issuer);
        }
        Ok(())
    }

    /// The signed payload `{"aud", "iss", "key", "time"}`.
    pub fn encode_payload(&self) -> Vec<u8> {
        let pair = |name: &'static str, item| (Data::text(name), item);
        cbor::encode(&Data::Map(vec![
            pair("aud", Data::text(self.aud.as_str())),
            pair("iss", Data::text(self.iss.as_str())),
            pair("key", Data::bytes(self.key.to_cose().to_vec())),
            pair("time", Data::Integer(self.time.into())),
        ]))
    }

    /// The bytes that the key of that thumbprint signs: the requested key's own for a request, another one of the
    /// provider's for evidence.
    pub fn sig_structure(&self, signer: &Kid) -> Vec<u8> {
        cose::sig_structure(&encode_protected(signer), &self.encode_payload())
    }

    /// The request's bytes, with the signature of that signer.
    pub fn assemble(&self, signer: &Kid, signature: &[u8; SIGNATURE_LEN]) -> Vec<u8> {
        cose::assemble(&encode_protected(signer), &self.encode_payload(), signature)
    }
}

/// A request with a signature that is not checked yet, by the requested key or by another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRequest {
    request: EnrolmentRequest,
    signer: Kid,
    signature: [u8; SIGNATURE_LEN],
}

impl SignedRequest {
    /// Reads a request in its one spelling.
    pub fn parse(bytes: &[u8]) -> Result<SignedRequest, RequestError> {
        if bytes.len() > REQUEST_MAX {
            return Err(shape("message", "more than 4,096 bytes"));
        }
        let message = Sign1::parse(bytes)?;
        let signer = parse_header(message.protected)?;
        let request = parse_payload(&cbor::decode(message.payload)?)?;
        if encode_protected(&signer) != message.protected || request.encode_payload() != message.payload {
            return Err(respelled().into());
        }
        Ok(SignedRequest { request, signer, signature: *message.signature })
    }

    /// What is asked for.
    pub fn request(&self) -> &EnrolmentRequest {
        &self.request
    }

    /// Which key signed it, by its own word.
    pub fn signer(&self) -> &Kid {
        &self.signer
    }

    /// The signature.
    pub fn signature(&self) -> &[u8; SIGNATURE_LEN] {
        &self.signature
    }

    /// Checks the signature with the key that `kid` names.
    pub fn verify(&self, key: &PublicKey) -> Result<(), SignatureError> {
        if key.kid() != self.signer {
            return Err(SignatureError::OtherKey);
        }
        key.verify(&self.request.sig_structure(&self.signer), &self.signature)
    }
}

/// The protected header `{1: -8, 3: content type, 4: kid}`.
fn encode_protected(signer: &Kid) -> Vec<u8> {
    cbor::encode(&Item::Map(vec![
        (Item::Integer(1), Item::Integer(cose::EDDSA)),
        (Item::Integer(3), Item::text(REQUEST_CONTENT_TYPE)),
        (Item::Integer(4), Item::bytes(signer.as_bytes().to_vec())),
    ]))
}

fn parse_header(protected: &[u8]) -> Result<Kid, RequestError> {
    let Ok(header) = Labels::read(protected, [1, 3, 4]) else {
        return Err(shape("header", "not a map"));
    };
    let content_type = header.text(1).ok_or(shape("header", "no content type (3)"))?;
    if content_type != REQUEST_CONTENT_TYPE {
        return Err(RequestError::NotUnderstood(content_type.chars().take(GIVEN_MAX).collect()));
    }
    let number = header.integer(0).ok_or(shape("header", "no algorithm (1)"))?;
    if number != cose::EDDSA {
        return Err(RequestError::Algorithm(number));
    }
    if !header.exact {
        return Err(shape("header", "other labels than 1, 3 and 4"));
    }
    let kid = header.bytes32(2).ok_or(shape("kid", "not 32 bytes"))?;
    Ok(Kid::from_bytes(*kid))
}

fn parse_payload(payload: &Item) -> Result<EnrolmentRequest, RequestError> {
    if payload.as_map().is_none_or(|pairs| pairs.len() != 4) {
        return Err(shape("payload", "not a map of aud, iss, key and time"));
    }
    let text = |name| payload.get(name).and_then(Item::as_text);
    let aud = text("aud").and_then(|text| Origin::parse(text).ok());
    let iss = text("iss").and_then(|text| Issuer::parse_provider(text).ok());
    let time = payload.get("time").and_then(Item::as_unsigned).filter(|time| *time <= INSTANT_MAX);
    let key = payload.get("key").ok_or(shape("key", "missing"))?;
    Ok(EnrolmentRequest {
        aud: aud.ok_or(shape("aud", "not an origin"))?,
        iss: iss.ok_or(shape("iss", "not a provider"))?,
        time: time.ok_or(shape("time", "not seconds since 1970, up to the year 9999"))?,
        key: PublicKey::from_cose(key.as_bytes().ok_or(KeyError::Form)?)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::example;

    fn request() -> EnrolmentRequest {
        let claims = example::claims();
        EnrolmentRequest { aud: claims.aud, iss: claims.iss, key: example::public(11), time: 1_662_249_600 }
    }

    fn signed(request: &EnrolmentRequest, signer: u8) -> Vec<u8> {
        let kid = example::public(signer).kid();
        request.assemble(&kid, &example::sign(signer, &request.sig_structure(&kid)))
    }

    #[test]
    fn a_request_proves_possession() {
        let request = request();
        let bytes = signed(&request, 11);
        assert_eq!(EnrolmentRequest::parse(&bytes).unwrap(), request);
        assert_eq!(request.check(&request.aud, &request.iss), Ok(()));
        let other = Issuer::parse("https://other.example").unwrap();
        assert_eq!(request.check(&request.aud, &other), Err(RequestError::Issuer));
        let other = Origin::parse("other.example").unwrap();
        assert_eq!(request.check(&other, &request.iss), Err(RequestError::Audience));
    }

    #[test]
    fn another_key_of_the_provider_can_stand_behind_it() {
        let bytes = signed(&request(), 12);
        let evidence = SignedRequest::parse(&bytes).unwrap();
        assert_eq!((evidence.request(), evidence.signer()), (&request(), &example::public(12).kid()));
        assert_eq!(evidence.verify(&example::public(12)), Ok(()));
        // It is no proof of possession.
        assert_eq!(EnrolmentRequest::parse(&bytes).unwrap_err().slug(), "unknown-key");
    }

    #[test]
    fn no_bit_can_be_changed_in_silence() {
        let bytes = signed(&request(), 11);
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(EnrolmentRequest::parse(&changed).is_err(), "bit {bit}");
        }
        let long = vec![0xd2; REQUEST_MAX + 1];
        assert_eq!(EnrolmentRequest::parse(&long).unwrap_err().slug(), "invalid-request");
    }

    #[test]
    fn a_registrar_or_a_late_time_is_refused() {
        let mut late = request();
        late.time = INSTANT_MAX + 1;
        assert_eq!(EnrolmentRequest::parse(&signed(&late, 11)).unwrap_err().slug(), "invalid-request");
        let mut registrar = request();
        registrar.iss = Issuer::parse("https://ledger.example/path").unwrap();
        assert_eq!(EnrolmentRequest::parse(&signed(&registrar, 11)).unwrap_err().slug(), "invalid-request");
    }
}
