//! A text beside the log (c2sp.org/tlog-addenda): the CBOR array `[salt, aud, iss, sequence, field, value]`.
//!
//! Its SHA-256 stands in the statement's `addenda`. It opens that field of that statement and nothing else, so that
//! nobody can erase or keep alive another's text. The salt makes a guess uncheckable once the text is erased.

use thiserror::Error;

use crate::cbor::{self, CborError, Item, Major, Walker, put_argument, put_head, put_text};
use crate::cose::{put_bytes, respelled};
use crate::fault::Fault;
use crate::fields::{FieldName, check_addendum_value};
use crate::hash::Digest;
use crate::issuer::Issuer;
use crate::origin::Origin;
use crate::payload_error::PayloadError;
use crate::sequence::Sequence;
use crate::statement::Statement;

pub use crate::submission::ADDENDUM_MAX;

/// The length of a salt, in bytes: enough that nobody guesses it.
pub const SALT_LEN: usize = 16;

/// The most elements of a list of texts.
const TEXTS_MAX: u64 = 1_000;

/// Why bytes are no addendum.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddendumError {
    /// More than 1 MiB.
    #[error("addendum: {0} bytes, where at most 1,048,576 are allowed")]
    TooLong(usize),
    /// Not CBOR, or not in the one spelling.
    #[error("addendum: {0}")]
    Cbor(#[from] CborError),
    /// A member is not what must stand there.
    #[error("addendum: {member}: {rule}")]
    Shape {
        /// Which member, or `array`.
        member: &'static str,
        /// The rule it breaks.
        rule: &'static str,
    },
    /// The value breaks a rule of its field.
    #[error("addendum: {0}")]
    Value(PayloadError),
}

impl AddendumError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            AddendumError::Cbor(error) => error.slug(),
            _ => "addendum-invalid",
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }
}

/// Why an addendum does not belong to a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OwnerError {
    /// Made for another log.
    #[error("addendum: aud: of another log than the statement's")]
    Log,
    /// Made by another issuer.
    #[error("addendum: iss: of another issuer than the statement's")]
    Issuer,
    /// Made for another statement of that issuer.
    #[error("addendum: sequence: of another statement")]
    Sequence,
    /// The statement commits to no such field.
    #[error("addendum: field: none that the statement commits to")]
    Field,
    /// The statement commits to other bytes.
    #[error("addendum: digest: another than the statement's")]
    Digest,
}

impl OwnerError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        "addendum-mismatch"
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }
}

/// One text with its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addendum {
    salt: [u8; SALT_LEN],
    aud: Origin,
    iss: Issuer,
    sequence: Sequence,
    field: FieldName,
    value: Item,
    digest: Digest,
}

impl Addendum {
    /// Makes an addendum, if the value fits the field. The salt must be fresh from the system's generator.
    pub fn new(
        salt: [u8; SALT_LEN],
        aud: Origin,
        iss: Issuer,
        sequence: Sequence,
        field: FieldName,
        value: Item,
    ) -> Result<Addendum, AddendumError> {
        check_addendum_value(field, &value).map_err(AddendumError::Value)?;
        let digest = Digest::from_bytes([0; 32]);
        let mut addendum = Addendum { salt, aud, iss, sequence, field, value, digest };
        let bytes = addendum.encode();
        if bytes.len() > ADDENDUM_MAX {
            return Err(AddendumError::TooLong(bytes.len()));
        }
        addendum.digest = Digest::of(&bytes);
        Ok(addendum)
    }

    /// Reads an addendum in its one spelling, and checks its value against its field.
    pub fn parse(bytes: &[u8]) -> Result<Addendum, AddendumError> {
        if bytes.len() > ADDENDUM_MAX {
            return Err(AddendumError::TooLong(bytes.len()));
        }
        Walker::check(bytes)?;
        let mut walker = Walker::new(bytes);
        if walker.array().ok() != Some(6) {
            return Err(shape("array", "not an array of six"));
        }
        let mut member = || walker.skip().map(Walker::new);
        let [mut salt, mut aud, mut iss] = [member()?, member()?, member()?];
        let [mut sequence, mut field] = [member()?, member()?];
        let value = walker.skip()?;
        let aud = aud.text().ok().and_then(|text| Origin::parse(text).ok());
        let iss = iss.text().ok().and_then(|text| Issuer::parse(text).ok());
        let sequence = sequence.unsigned().ok().and_then(Sequence::new);
        let field = field.text().ok().and_then(FieldName::find).filter(|field| field.is_addendum());
        let addendum = Addendum {
            salt: *salt.bytes_of().map_err(|_| shape("salt", "not 16 bytes"))?,
            aud: aud.ok_or(shape("aud", "not an origin"))?,
            iss: iss.ok_or(shape("iss", "not an issuer"))?,
            sequence: sequence.ok_or(shape("sequence", "not 1 to 2^53 - 1"))?,
            field: field.ok_or(shape("field", "none that stands in an addendum"))?,
            value: read_value(value)?,
            digest: Digest::of(bytes),
        };
        check_addendum_value(addendum.field, &addendum.value).map_err(AddendumError::Value)?;
        // The value is spelt as it would be written, which `reread` saw to; it is the rest of the bytes.
        let before = bytes.len() - value.len();
        if bytes.get(..before) != Some(&addendum.encode_owner()) {
            return Err(respelled().into());
        }
        Ok(addendum)
    }

    /// The bytes whose digest stands in the statement.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = self.encode_owner();
        out.extend_from_slice(&cbor::encode(&self.value));
        out
    }

    /// The head of the array, and everything in front of the value.
    fn encode_owner(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(160);
        put_head(&mut out, Major::Array, 6);
        put_bytes(&mut out, &self.salt);
        put_text(&mut out, self.aud.as_str());
        put_text(&mut out, self.iss.as_str());
        put_argument(&mut out, Major::Unsigned, self.sequence.get());
        put_text(&mut out, self.field.as_str());
        out
    }

    /// SHA-256 of the bytes.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The 16 random bytes.
    pub fn salt(&self) -> &[u8; SALT_LEN] {
        &self.salt
    }

    /// The log of the statement that it belongs to.
    pub fn aud(&self) -> &Origin {
        &self.aud
    }

    /// The issuer of the statement that it belongs to.
    pub fn iss(&self) -> &Issuer {
        &self.iss
    }

    /// The number of the statement that it belongs to.
    pub fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// The field that it opens.
    pub fn field(&self) -> FieldName {
        self.field
    }

    /// What it says: text, a list of texts, or 32 bytes.
    pub fn value(&self) -> &Item {
        &self.value
    }

    /// Checks that it belongs to the statement: log, issuer, number, and the digest under its field.
    pub fn check_owner(&self, statement: &Statement) -> Result<(), OwnerError> {
        let claims = statement.claims();
        if self.aud != claims.aud {
            return Err(OwnerError::Log);
        }
        if self.iss != claims.iss {
            return Err(OwnerError::Issuer);
        }
        if self.sequence != statement.sequence() {
            return Err(OwnerError::Sequence);
        }
        match statement.payload().addenda().get(&self.field) {
            None => Err(OwnerError::Field),
            Some(digest) if *digest == self.digest => Ok(()),
            Some(_) => Err(OwnerError::Digest),
        }
    }
}

fn shape(member: &'static str, rule: &'static str) -> AddendumError {
    AddendumError::Shape { member, rule }
}

/// Makes values only of what a value can be, so that 1 MiB of small integers does not become 32 MiB of them.
fn read_value(value: &[u8]) -> Result<Item, AddendumError> {
    let mut walker = Walker::new(value);
    match walker.peek()? {
        Major::Bytes | Major::Text => {}
        Major::Array => {
            let count = walker.array()?;
            let texts = (0..count.min(TEXTS_MAX)).all(|_| walker.text().is_ok());
            if count > TEXTS_MAX || !texts {
                return Err(shape("value", "not a list of at most 1,000 texts"));
            }
        }
        _ => return Err(shape("value", "not a text, a list of texts, or bytes")),
    }
    Ok(cbor::reread(value)?.into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::example::{self, text};

    #[test]
    fn an_addendum_goes_there_and_back() {
        for addendum in example::addenda() {
            let bytes = addendum.encode();
            assert_eq!(Addendum::parse(&bytes).unwrap(), addendum);
            assert_eq!(addendum.digest(), Digest::of(&bytes));
        }
        let urls = Item::Array(vec![text("https://a.example/"), text("https://b.example/")]);
        let list = example::addendum("content_url", urls);
        assert_eq!(Addendum::parse(&list.encode()).unwrap(), list);
    }

    fn with_member(place: usize, item: Item) -> &'static str {
        let mut members = vec![
            Item::bytes(vec![0; 16]),
            text("ledger.example"),
            text("https://www.cloudflare.com"),
            Item::Integer(7),
            text("decision_facts"),
            text("facts"),
        ];
        members[place] = item;
        Addendum::parse(&cbor::encode(&Item::Array(members))).map_or_else(|e| e.slug(), |_| "accepted")
    }

    #[test]
    fn each_member_has_its_rule() {
        assert_eq!(with_member(5, text("other facts")), "accepted");
        let wrong = [
            (0, Item::bytes(vec![0; 15])),
            (1, text("https://ledger.example")),
            (2, text("www.cloudflare.com")),
            (3, Item::Integer(0)),
            (3, Item::Integer(1 << 53)),
            (4, text("category")),
            (4, text("no_such_field")),
            (5, text("")),
            (5, text(&"x".repeat(5_001))),
            (5, text("\u{7}")),
            (5, Item::bytes(vec![0; 32])),
            (5, Item::Array(vec![Item::Integer(0); 2_000])),
            (5, Item::Map(Vec::new())),
        ];
        for (place, item) in wrong {
            assert_eq!(with_member(place, item.clone()), "addendum-invalid", "{place} {item:?}");
        }
        assert_eq!(Addendum::parse(&[0x80]).unwrap_err().slug(), "addendum-invalid");
        assert_eq!(Addendum::parse(&[0x98, 6]).unwrap_err().slug(), "not-deterministic");
        assert_eq!(
            Addendum::parse(&vec![0; ADDENDUM_MAX + 1]),
            Err(AddendumError::TooLong(ADDENDUM_MAX + 1))
        );
    }

    #[test]
    fn an_addendum_belongs_to_one_statement() {
        let statement = Statement::parse(&example::statement()).unwrap();
        let [puid, facts] = example::addenda();
        assert_eq!(puid.check_owner(&statement), Ok(()));
        assert_eq!(facts.check_owner(&statement), Ok(()));
        let aud = Origin::parse("other.example").unwrap();
        let iss = Issuer::parse("https://other.example").unwrap();
        let salt = [1; 16];
        let changed = [
            (Addendum { aud, ..facts.clone() }, OwnerError::Log),
            (Addendum { iss, ..facts.clone() }, OwnerError::Issuer),
            (Addendum { sequence: Sequence::FIRST, ..facts.clone() }, OwnerError::Sequence),
            (Addendum { salt, ..facts.clone() }, OwnerError::Digest),
            (example::addendum("contact", text("x@example.org")), OwnerError::Field),
        ];
        for (addendum, error) in changed {
            let addendum = Addendum::parse(&addendum.encode()).unwrap();
            assert_eq!(addendum.check_owner(&statement), Err(error));
        }
    }
}
