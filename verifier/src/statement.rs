//! A statement: a COSE_Sign1 (RFC 9052) with CWT claims (RFC 9597), which is also a SCITT signed statement (RFC 9943).
//!
//! [`Statement::parse`] checks everything but the signature; [`Statement::verify`] checks that with a key that the
//! caller trusts. A statement of a version or type that this reader does not know is [`StatementError::NotUnderstood`]:
//! neither good nor a lie.

use std::ops::Range;

use thiserror::Error;

use crate::bounds::ENTRY_MAX;
use crate::cbor::{self, CborError, Walker};
use crate::claims::Claims;
use crate::cose::{self, CoseError, Sign1, respelled};
use crate::fault::Fault;
use crate::key::{Kid, PublicKey, SIGNATURE_LEN, SignatureError};
use crate::known_key::KnownKey;
use crate::payload::Payload;
use crate::payload_error::{PayloadError, PayloadErrors};
use crate::sequence::Sequence;
use crate::statement_header::parse_header;

pub use crate::statement_header::{Algorithm, CONTENT_TYPE, encode_protected};

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
#[derive(Debug, Clone)]
pub struct Statement {
    /// The statement, and behind it, in an entry, the entry's index.
    bytes: Vec<u8>,
    length: usize,
    protected: Range<usize>,
    payload_bytes: Range<usize>,
    signature: [u8; SIGNATURE_LEN],
    algorithm: Algorithm,
    kid: Kid,
    claims: Claims,
    payload: Payload,
    digest_offsets: Vec<u32>,
}

/// Everything follows from the bytes.
impl PartialEq for Statement {
    fn eq(&self, other: &Statement) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Statement {}

impl Statement {
    /// Reads a statement in its one spelling: bytes, header, claims and payload are checked, the signature is not.
    pub fn parse(bytes: &[u8]) -> Result<Statement, StatementError> {
        if bytes.len() > ENTRY_MAX {
            return Err(StatementError::TooLong(bytes.len()));
        }
        let message = Sign1::parse(bytes)?;
        let (algorithm, kid, claims) = parse_header(message.protected)?;
        let payload = Payload::parse(&cbor::read(message.payload)?, &claims)?;
        // What was understood is written again: nothing was passed over, and nothing stood there in another spelling.
        if payload.encode() != message.payload
            || encode_protected(algorithm, &kid, &claims) != message.protected
        {
            return Err(respelled().into());
        }
        let digest_offsets = digest_offsets(message.payload, message.payload_at)?;
        let range = |at: usize, part: &[u8]| at..at + part.len();
        let mut kept = Vec::with_capacity(bytes.len() + 4 * digest_offsets.len() + 1);
        kept.extend_from_slice(bytes);
        Ok(Statement {
            protected: range(message.protected_at, message.protected),
            payload_bytes: range(message.payload_at, message.payload),
            signature: *message.signature,
            bytes: kept,
            length: bytes.len(),
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

    /// Checks the signature with a key that checks many, with the same verdict.
    pub fn verify_known(&self, key: &KnownKey) -> Result<(), SignatureError> {
        if key.kid() != self.kid {
            return Err(SignatureError::OtherKey);
        }
        key.verify(&self.sig_structure(), &self.signature)
    }

    /// The bytes that its signature is over.
    pub fn sig_structure(&self) -> Vec<u8> {
        cose::sig_structure(self.protected_bytes(), self.payload_bytes())
    }

    /// The whole statement as it arrived.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// The same with what [`Statement::put_index`] put behind it.
    pub(crate) fn bytes_with_index(&self) -> &[u8] {
        &self.bytes
    }

    /// Puts the index of its entry behind the bytes, in place of one that stands there; `count` is how many digests it has.
    pub(crate) fn put_index(&mut self, count: u8) {
        self.bytes.truncate(self.length);
        self.bytes.extend(self.digest_offsets.iter().flat_map(|offset| offset.to_be_bytes()));
        self.bytes.push(count);
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

    /// The protected header, as it was signed.
    pub fn protected_bytes(&self) -> &[u8] {
        &self.bytes[self.protected.clone()]
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
        break;
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
            payload: payload.encode(),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::cbor::Item;
    use crate::example;

    #[test]
    fn what_is_made_is_read_and_its_signature_holds() {
        let bytes = example::statement();
        let statement = Statement::parse(&bytes).unwrap();
        assert_eq!(statement.bytes(), bytes);
        assert_eq!(statement.claims(), &example::claims());
        assert_eq!(statement.payload(), &example::payload());
        assert_eq!(statement.algorithm(), Algorithm::EdDsa);
        assert_eq!(statement.verify(&example::public(11)), Ok(()));
        assert_eq!(statement.verify(&example::public(12)), Err(SignatureError::OtherKey));
    }

    #[test]
    fn no_bit_can_be_changed_in_silence() {
        let (bytes, key) = (example::statement(), example::public(11));
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let verdict = Statement::parse(&changed).map(|statement| statement.verify(&key));
            assert!(!matches!(verdict, Ok(Ok(()))), "bit {bit}");
        }
        for end in 0..bytes.len() {
            assert!(Statement::parse(&bytes[..end]).is_err(), "{end}");
        }
    }

    /// The example with other pairs in its protected header.
    fn with_header(change: impl FnOnce(&mut Vec<(Item, Item)>)) -> Result<Statement, StatementError> {
        let protected = encode_protected(Algorithm::EdDsa, &example::public(11).kid(), &example::claims());
        let Ok(Item::Map(mut pairs)) = cbor::decode(&protected) else { unreachable!() };
        change(&mut pairs);
        let protected = cbor::encode(&Item::Map(pairs));
        let payload = example::payload().encode();
        Statement::parse(&cose::assemble(&protected, &payload, &[0; 64]))
    }

    fn slug(verdict: Result<Statement, StatementError>) -> &'static str {
        verdict.map_or_else(|error| error.slug(), |_| "accepted")
    }

    #[test]
    fn every_rule_of_the_header_has_its_answer() {
        assert_eq!(slug(with_header(|pairs| pairs[0].1 = Item::Integer(-19))), "accepted");
        assert_eq!(slug(with_header(|pairs| pairs[0].1 = Item::Integer(-7))), "unknown-algorithm");
        assert_eq!(slug(with_header(|pairs| pairs[0].1 = example::text("EdDSA"))), "invalid-statement");
        let later = "application/vnd.glasshouse.statement+cbor; v=2";
        assert_eq!(slug(with_header(|pairs| pairs[1].1 = example::text(later))), "not-understood");
        assert_eq!(slug(with_header(|pairs| pairs[2].1 = Item::bytes(vec![0; 31]))), "invalid-statement");
        assert_eq!(slug(with_header(|pairs| pairs[3].1 = Item::Bool(true))), "invalid-statement");
        for gone in 0..4 {
            assert_eq!(slug(with_header(|pairs| drop(pairs.remove(gone)))), "invalid-statement");
        }
        let crit = (Item::Integer(2), Item::Array(vec![Item::Integer(3)]));
        assert_eq!(slug(with_header(|pairs| pairs.push(crit))), "invalid-statement");
        let error = with_header(|pairs| pairs[3].1 = Item::Map(Vec::new())).unwrap_err();
        assert_eq!(error.to_string(), "statement: claims: other claims than 1, 2, 3 and 6");
    }

    #[test]
    fn digests_are_found_by_parsing() {
        let statement = Statement::parse(&example::statement()).unwrap();
        let found: Vec<&[u8]> =
            statement.digest_offsets().iter().map(|at| &statement.bytes()[*at as usize..][..32]).collect();
        let digests = example::addenda().map(|addendum| addendum.digest());
        assert_eq!(found, digests.each_ref().map(|digest| &digest.as_bytes()[..]));
    }

    #[test]
    fn errors_of_the_payload_come_together() {
        let Item::Map(mut pairs) = example::payload_item() else { unreachable!() };
        pairs.retain(|(key, _)| !matches!(key.as_text(), Some("category" | "source_type")));
        let protected = encode_protected(Algorithm::EdDsa, &example::public(11).kid(), &example::claims());
        let bytes = cose::assemble(&protected, &cbor::encode(&Item::Map(pairs)), &[0; 64]);
        let error = Statement::parse(&bytes).unwrap_err();
        let paths: Vec<&str> = error.payload_errors().iter().map(|e| e.path.as_str()).collect();
        assert_eq!((error.slug(), paths), ("invalid-payload", vec!["/category", "/source_type"]));
    }
}
