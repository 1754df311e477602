//! What a `sealed` statement holds back: the statement that would have been filed, without its signature.
//!
//! The value of the addendum `sealed_statement` is the deterministic CBOR array `[sub, payload, [addendum …]]`
//! (`spec/lifecycle.md`). It is judged under the claims and the number of the sealed statement that commits to it.

use crate::addendum::{Addendum, AddendumError};
use crate::cbor::{self, CborError, Data, Item, Walker};
use crate::claims::Claims;
use crate::cose::respelled;
use crate::fault::Fault;
use crate::fields::FieldName;
use crate::payload::{MAX_ADDENDA, Payload};
use crate::payload_error::PayloadErrors;
use crate::relates_to::uris_needed;
use crate::statement::Statement;
use crate::statement_type::StatementType;
use crate::subject::Subject;

/// Why bytes are not what a sealed statement may hold back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealedError {
    /// Not CBOR, or not in the one spelling.
    #[error("sealed statement: {0}")]
    Cbor(#[from] CborError),
    /// A member is not what must stand there.
    #[error("sealed statement: {0}")]
    Shape(&'static str),
    /// The payload breaks rules, or is not understood.
    #[error("sealed statement: {0}")]
    Payload(#[from] PayloadErrors),
    /// One of its texts is none.
    #[error("sealed statement: {0}")]
    Addendum(#[from] AddendumError),
    /// Its texts are not those that its payload serves.
    #[error("sealed statement: {field}: {rule}")]
    Texts {
        /// Whose text.
        field: FieldName,
        /// The rule it breaks.
        rule: &'static str,
    },
}

impl SealedError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            SealedError::Payload(PayloadErrors::NotUnderstood { .. }) => "not-understood",
            _ => "addendum-invalid",
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }
}

/// A decision or refusal that was sealed: what it is about, what it says, and its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    claims: Claims,
    payload: Payload,
    addenda: Vec<Addendum>,
}

impl Sealed {
    /// Reads the value of `sealed_statement` under the sealed statement that commits to it.
    ///
    /// # Errors
    ///
    /// Bytes of another shape; a payload that breaks rules, is of another type, or has another number; texts that are not
    /// exactly those that the payload commits to and does not withhold.
    pub fn parse(value: &[u8], statement: &Statement) -> Result<Sealed, SealedError> {
        Walker::check(value)?;
        let mut walker = Walker::new(value);
        if walker.array().ok() != Some(3) {
            return Err(SealedError::Shape("not an array of three"));
        }
        let sub = walker.text().ok().and_then(|text| Subject::parse(text).ok());
        let sub = sub.ok_or(SealedError::Shape("sub: not a subject"))?;
        let bytes = walker.bytes().map_err(|_| SealedError::Shape("payload: not a byte string"))?;
        let claims = Claims { sub, ..statement.claims().clone() };
        let payload = Payload::parse(&cbor::decode(bytes)?, &claims)?;
        if payload.encode() != bytes {
            return Err(respelled().into());
        }
        if !matches!(payload.kind(), StatementType::Decision | StatementType::NoAction) {
            return Err(SealedError::Shape("payload: neither a decision nor a refusal"));
        }
        if payload.sequence() != statement.sequence() {
            return Err(SealedError::Shape("payload: another number than the sealed statement's"));
        }
        let count = walker.array().map_err(|_| SealedError::Shape("addenda: not an array"))?;
        if count > MAX_ADDENDA as u64 {
            return Err(SealedError::Shape("addenda: more than 32"));
        }
        let mut addenda = Vec::new();
        for _ in 0..count {
            let bytes = walker.bytes().map_err(|_| SealedError::Shape("addenda: not byte strings"))?;
            addenda.push(Addendum::parse(bytes)?);
        }
        let sealed = Sealed { claims, payload, addenda };
        sealed.check_texts()?;
        Ok(sealed)
    }

    /// The bytes that [`Sealed::parse`] reads.
    pub fn encode(sub: &Subject, payload: &Payload, addenda: &[Vec<u8>]) -> Vec<u8> {
        let addenda = addenda.iter().map(Data::bytes);
        cbor::encode(&Data::Array(vec![
            Data::text(sub.as_str()),
            Data::bytes(payload.encode()),
            Data::Array(addenda.collect()),
        ]))
    }

    /// Who, about what, to which log: the sealed statement's claims with the sealed `sub`.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// What was decided.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Its texts, in the order of their fields.
    pub fn addenda(&self) -> &[Addendum] {
        &self.addenda
    }

    /// Exactly the texts that are committed to and not withheld, in the order of the payload's digests.
    fn check_texts(&self) -> Result<(), SealedError> {
        let wrong = |field, rule| Err(SealedError::Texts { field, rule });
        let mut given = self.addenda.iter();
        for (field, digest) in self.payload.addenda().iter() {
            if self.payload.withheld().contains_key(field) {
                continue;
            }
            match given.next() {
                Some(text) if text.field() == *field => {
                    let own = *text.aud() == self.claims.aud
                        && *text.iss() == self.claims.iss
                        && text.sequence() == self.payload.sequence()
                        && text.digest() == *digest;
                    if !own {
                        return wrong(*field, "its text is not the one that the payload commits to");
                    }
                    let uris = if let Item::Array(uris) = text.value() { uris.len() } else { 0 };
                    if *field == FieldName::RELATES_TO_URI
                        && uris_needed(&self.payload).is_some_and(|needed| needed != uris)
                    {
                        return wrong(*field, "not as many texts as relations without an entry");
                    }
                }
                _ => return wrong(*field, "its text is missing, or the texts are out of order"),
            }
        }
        match given.next() {
            Some(surplus) => wrong(surplus.field(), "a text that the payload does not serve"),
            None => Ok(()),
        }
    }
}
