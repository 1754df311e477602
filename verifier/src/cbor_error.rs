//! Why bytes are not the CBOR that is allowed here.

use std::fmt;

use crate::fault::Fault;

/// What is wrong with some bytes, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CborError {
    kind: CborErrorKind,
    offset: usize,
}

/// The rule that bytes break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CborErrorKind {
    /// The input ends inside an item.
    Truncated,
    /// Bytes follow the one item.
    Trailing,
    /// A head of a kind that RFC 8949 §3 leaves unassigned.
    Reserved,
    /// A text string is not UTF-8.
    Utf8,
    /// A float, null, undefined, another simple value, or a tag: not in our data model.
    Model,
    /// A map key that is neither an integer nor text.
    KeyKind,
    /// More than [`crate::cbor::MAX_DEPTH`] arrays and maps inside each other.
    Depth,
    /// More bytes than the caller's bound.
    TooLong,
    /// A length or an integer is not in its shortest form.
    NotShortest,
    /// An indefinite length.
    Indefinite,
    /// Map keys are not in ascending order of their encodings.
    KeyOrder,
    /// A map has a key twice.
    DuplicateKey,
    /// Another type, length or value than the format has here.
    Unexpected,
    /// The encoding of what was read differs from what was read.
    Respelled,
}

impl CborError {
    pub(crate) fn new(kind: CborErrorKind, offset: usize) -> CborError {
        CborError { kind, offset }
    }

    /// The rule that was broken.
    pub fn kind(&self) -> CborErrorKind {
        self.kind
    }

    /// Where, in bytes from the start of the input.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Whether the bytes are CBOR, but not in the one spelling and data model that is allowed here.
    pub fn is_spelling(&self) -> bool {
        use CborErrorKind::*;
        let deviant = matches!(self.kind, Model | KeyKind | Depth | Respelled);
        deviant || matches!(self.kind, NotShortest | Indefinite | KeyOrder | DuplicateKey)
    }

    /// The name of the problem: `not-cbor` or `not-deterministic`.
    pub fn slug(&self) -> &'static str {
        if self.is_spelling() { "not-deterministic" } else { "not-cbor" }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }
}

impl fmt::Display for CborError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = match self.kind {
            CborErrorKind::Truncated => "the input ends inside an item",
            CborErrorKind::Trailing => "bytes follow the item",
            CborErrorKind::Reserved => "a head that CBOR leaves unassigned",
            CborErrorKind::Utf8 => "a text string that is not UTF-8",
            CborErrorKind::Model => "a float, null, simple value or tag, where none is allowed",
            CborErrorKind::KeyKind => "a map key that is neither an integer nor text",
            CborErrorKind::Depth => "arrays and maps nested more than 8 deep",
            CborErrorKind::TooLong => "more bytes than allowed",
            CborErrorKind::NotShortest => "a length or an integer not in its shortest form",
            CborErrorKind::Indefinite => "an indefinite length",
            CborErrorKind::KeyOrder => "map keys out of order",
            CborErrorKind::DuplicateKey => "a map key that stands twice",
            CborErrorKind::Unexpected => "another type, length or value than the format has here",
            CborErrorKind::Respelled => "not the one encoding of its value",
        };
        write!(f, "CBOR at byte {}: {rule}", self.offset)
    }
}

impl std::error::Error for CborError {}
