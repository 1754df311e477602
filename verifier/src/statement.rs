//! A statement: a COSE_Sign1 (RFC 9052) with CWT claims (RFC 9597), which is also a SCITT signed statement (RFC 9943).
//!
//! [`Statement::parse`] checks everything but the signature; [`Statement::verify`] checks that with a key that the
//! caller trusts. A statement of a version or type that this reader does not know is [`StatementError::NotUnderstood`]:
//! neither good nor a lie.

use std::ops::Range;

use thiserror::Error;

use crate::bounds::ENTRY_MAX;
use crate::cbor::{self, CborError, Item, Walker};
use crate::claims::{Claims, INTEGER_MAX};
use crate::cose::{self, CoseError, Labels, Sign1, respelled};
use crate::fault::Fault;
use crate::issuer::Issuer;
use crate::key::{Kid, PublicKey, SIGNATURE_LEN, SignatureError};
use crate::origin::Origin;
use crate::payload::Payload;
use crate::payload_error::{PayloadError, PayloadErrors};
use crate::sequence::Sequence;
use crate::subject::Subject;

/// The content type of a statement, version 1, header label 3.
pub const CONTENT_TYPE: &str = "application/vnd.glasshouse.statement+cbor; v=1";

/// At most so many characters of an unknown value are repeated in an error.
const GIVEN_MAX: usize = 80;

/// The algorithm that a statement names. Both mean the same signature; the thumbprint has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// −8, what we write.
    EdDsa,
    /// −19, the fully specified name.
    Ed25519,
}

impl Algorithm {
    /// The number in header label 1.
    pub fn number(self) -> i128 {
        match self {
            Algorithm::EdDsa => cose::EDDSA,
            Algorithm::Ed25519 => cose::ED25519,
        }
    }

    fn find(number: i128) -> Option<Algorithm> {
        [Algorithm::EdDsa, Algorithm::Ed25519].into_iter().find(|a| a.number() == number)
    }
}

/// Why bytes are no statement.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StatementError {
    /// More bytes than an entry can hold.
    #[error("statement: {0} bytes, where at most 65,535 are allowed")]
    TooLong(usize),
    /// Not CBOR, or not in the one spelling, at some layer.
    #[error("statement: {0}")]
    Cbor(#[from] CborError),
    /// CBOR, but not of the shape of a statement: the part and its rule.
    #[error("statement: {part}: {rule}")]
    Shape {
        /// Which part: `message`, `header` or the name of a claim.
        part: &'static str,
        /// The rule it breaks.
        rule: &'static str,
    },
    /// A version, type or vocabulary that this reader does not know.
    #[error("statement: not understood: {field} {given:?} is not known to this version")]
    NotUnderstood {
        /// What is unknown: `content type`, `type` or `vocabulary`.
        field: &'static str,
        /// The unknown value, shortened.
        given: String,
    },
    /// An algorithm other than EdDSA and Ed25519.
    #[error("statement: algorithm {0}, where -8 and -19 are allowed")]
    Algorithm(i128),
    /// The payload breaks rules: all of them.
    #[error("statement: {}", PayloadErrors::Invalid(.0.clone()))]
    Payload(Vec<PayloadError>),
}

impl StatementError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            StatementError::TooLong(_) => "entry-too-large",
            StatementError::Cbor(error) => error.slug(),
            StatementError::Shape { .. } => "invalid-statement",
            StatementError::NotUnderstood { .. } => "not-understood",
            StatementError::Algorithm(_) => "unknown-algorithm",
            StatementError::Payload(_) => "invalid-payload",
        }
    }

    /// Whose fault it is. Not being understood is nobody's: the caller may be older than the statement.
    pub fn fault(&self) -> Fault {
        match self {
            StatementError::NotUnderstood { .. } => Fault::CallerMisuse,
            _ => Fault::HostileInput,
        }
    }

    /// The broken rules of the payload, if that is what is wrong.
    pub fn payload_errors(&self) -> &[PayloadError] {
        match self {
            StatementError::Payload(errors) => errors,
            _ => &[],
        }
    }
}

impl From<CoseError> for StatementError {
    fn from(error: CoseError) -> StatementError {
        match error {
            CoseError::Cbor(error) => StatementError::Cbor(error),
            CoseError::Shape(rule) => StatementError::Shape { part: "message", rule },
        }
    }
}

impl From<PayloadErrors> for StatementError {
    fn from(errors: PayloadErrors) -> StatementError {
        match errors {
            PayloadErrors::NotUnderstood { field, given } => StatementError::NotUnderstood { field, given },
            PayloadErrors::Invalid(list) => StatementError::Payload(list),
        }
    }
}

/// A statement of the right shape. Its signature is not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    bytes: Vec<u8>,
    protected: Range<usize>,
    payload_bytes: Range<usize>,
    signature: [u8; SIGNATURE_LEN],
    algorithm: Algorithm,
    kid: Kid,
    claims: Claims,
    payload: Payload,
    digest_offsets: Vec<u32>,
}

impl Statement {
    /// Reads a statement in its one spelling: bytes, header, claims and payload are checked, the signature is not.
    pub fn parse(bytes: &[u8]) -> Result<Statement, StatementError> {
        if bytes.len() > ENTRY_MAX {
            return Err(StatementError::TooLong(bytes.len()));
        }
        let message = Sign1::parse(bytes)?;
        let (algorithm, kid, claims) = parse_header(message.protected)?;
        let item = cbor::decode(message.payload)?;
        let payload = Payload::parse(&item, &claims)?;
        if encode_protected(algorithm, &kid, &claims) != message.protected
            || cbor::encode(&payload.to_item()) != message.payload
        {
            return Err(respelled().into());
        }
        let digest_offsets = digest_offsets(message.payload, message.payload_at)?;
        let range = |at: usize, part: &[u8]| at..at + part.len();
        Ok(Statement {
            protected: range(message.protected_at, message.protected),
            payload_bytes: range(message.payload_at, message.payload),
            signature: *message.signature,
            bytes: bytes.to_vec(),
            algorithm,
            kid,
            claims,
            payload,
            digest_offsets,
        })
    }

    /// Checks the signature with the key that `kid` names.
    pub fn verify(&self, key: &PublicKey) -> Result<(), SignatureError> {
        if key.kid() != self.kid {
            return Err(SignatureError::OtherKey);
        }
        key.verify(&self.sig_structure(), &self.signature)
    }

    /// The bytes that its signature is over.
    pub fn sig_structure(&self) -> Vec<u8> {
        cose::sig_structure(&self.bytes[self.protected.clone()], self.payload_bytes())
    }

    /// The whole statement as it arrived.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Who says it, about what, to which log, and when.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Which key signed it, by its own word.
    pub fn kid(&self) -> &Kid {
        &self.kid
    }

    /// The algorithm that it names.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What it says.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// What it says, as it was signed.
    pub fn payload_bytes(&self) -> &[u8] {
        &self.bytes[self.payload_bytes.clone()]
    }

    /// Its number among the issuer's statements in the log.
    pub fn sequence(&self) -> Sequence {
        self.payload.sequence()
    }

    /// The signature.
    pub fn signature(&self) -> &[u8; SIGNATURE_LEN] {
        &self.signature
    }

    /// Where each digest of the payload's `addenda` begins in [`Statement::bytes`], ascending.
    pub fn digest_offsets(&self) -> &[u32] {
        &self.digest_offsets
    }

    /// Whether the other one says the same about the same subject, whatever its key, time and signature. If issuer and
    /// number are the same too, it is a duplicate.
    pub fn says_the_same_as(&self, other: &Statement) -> bool {
        self.claims.sub == other.claims.sub && self.payload_bytes() == other.payload_bytes()
    }
}

fn shape(part: &'static str, rule: &'static str) -> StatementError {
    StatementError::Shape { part, rule }
}

/// Reads `{1: alg, 3: content type, 4: kid, 15: claims}`, exactly these labels.
fn parse_header(protected: &[u8]) -> Result<(Algorithm, Kid, Claims), StatementError> {
    let Ok(header) = Labels::read(protected, [1, 3, 4, 15]) else {
        return Err(shape("header", "not a map"));
    };
    // The content type comes first: what a later version puts beside it is not ours to judge.
    let content_type = header.text(1).ok_or(shape("header", "no content type (3)"))?;
    if content_type != CONTENT_TYPE {
        let given = content_type.chars().take(GIVEN_MAX).collect();
        return Err(StatementError::NotUnderstood { field: "content type", given });
    }
    let number = header.integer(0).ok_or(shape("header", "no algorithm (1)"))?;
    let algorithm = Algorithm::find(number).ok_or(StatementError::Algorithm(number))?;
    if !header.exact {
        return Err(shape("header", "other labels than 1, 3, 4 and 15"));
    }
    let kid = header.bytes32(2).ok_or(shape("kid", "not 32 bytes"))?;
    let claims = Labels::read(header.values[3].unwrap_or_default(), [1, 2, 3, 6]);
    let claims = parse_claims(&claims.map_err(|_| shape("claims", "not a map"))?)?;
    Ok((algorithm, Kid::from_bytes(*kid), claims))
}

fn parse_claims(claims: &Labels<'_, 4>) -> Result<Claims, StatementError> {
    if !claims.exact {
        return Err(shape("claims", "other claims than 1, 2, 3 and 6"));
    }
    let iss = claims.text(0).and_then(|text| Issuer::parse(text).ok());
    let sub = claims.text(1).and_then(|text| Subject::parse(text).ok());
    let aud = claims.text(2).and_then(|text| Origin::parse(text).ok());
    let iat = claims.integer(3).and_then(|n| u64::try_from(n).ok());
    Ok(Claims {
        iss: iss.ok_or(shape("iss", "not an issuer"))?,
        sub: sub.ok_or(shape("sub", "not a subject"))?,
        aud: aud.ok_or(shape("aud", "not an origin"))?,
        iat: iat.filter(|n| *n <= INTEGER_MAX).ok_or(shape("iat", "not 0 to 2^53 - 1"))?,
    })
}

/// The protected header `{1: alg, 3: content type, 4: kid, 15: claims}`.
pub fn encode_protected(algorithm: Algorithm, kid: &Kid, claims: &Claims) -> Vec<u8> {
    cbor::encode(&Item::Map(vec![
        (Item::Integer(1), Item::Integer(algorithm.number())),
        (Item::Integer(3), Item::Text(CONTENT_TYPE.to_owned())),
        (Item::Integer(4), Item::Bytes(kid.as_bytes().to_vec())),
        (Item::Integer(15), claims.to_item()),
    ]))
}

/// Where the digests in `addenda` begin, found by parsing: the same 32 bytes may stand elsewhere too.
fn digest_offsets(payload: &[u8], payload_at: usize) -> Result<Vec<u32>, CborError> {
    let mut walker = Walker::new(payload);
    let mut offsets = Vec::new();
    for _ in 0..walker.map()? {
        if walker.text()? != "addenda" {
            walker.skip()?;
            continue;
        }
        for _ in 0..walker.map()? {
            walker.text()?;
            let digest = walker.bytes_of::<32>()?;
            let offset = payload_at + walker.offset() - digest.len();
            // A statement has at most 65,535 bytes.
            offsets.push(u32::try_from(offset).unwrap_or(u32::MAX));
        }
    }
    Ok(offsets)
}

/// A statement before it is signed: what the ledger's author makes.
#[derive(Debug, Clone)]
pub struct UnsignedStatement {
    protected: Vec<u8>,
    payload: Vec<u8>,
}

impl UnsignedStatement {
    /// Writes header and payload, for a signature by the key of that thumbprint with algorithm −8.
    pub fn new(kid: &Kid, claims: &Claims, payload: &Payload) -> UnsignedStatement {
        UnsignedStatement {
            protected: encode_protected(Algorithm::EdDsa, kid, claims),
            payload: cbor::encode(&payload.to_item()),
        }
    }

    /// The bytes to sign.
    pub fn sig_structure(&self) -> Vec<u8> {
        cose::sig_structure(&self.protected, &self.payload)
    }

    /// The statement's bytes, with its signature.
    pub fn assemble(&self, signature: &[u8; SIGNATURE_LEN]) -> Vec<u8> {
        cose::assemble(&self.protected, &self.payload, signature)
    }
}
