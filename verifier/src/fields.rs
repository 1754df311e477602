//! The field table: every field of every statement, where it stands and what it may hold.
//!
//! The rows are generated from `spec/fields.json`; a test reads that file again and compares.

use std::fmt;

use crate::codes::CodeSet;
use crate::field_table::FIELDS;

pub use crate::addendum_value::check_addendum_value;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One code of a set.
    Code(CodeSet),
    /// A non-empty sorted set of codes.
    Codes(CodeSet),
    /// A day, `YYYY-MM-DD`, 1990-01-01 to 2099-12-31.
    Day,
    /// Seconds since 1970 UTC, 0 to 253402300799.
    Instant,
    /// An integer from 1 to 2^53 − 1.
    Positive,
    /// An integer from 0 to 2^53 − 1.
    Count,
    /// Which entries a statement is about.
    Targets,
    /// 1 to 32 names of addenda, sorted by bytes.
    TextNames,
    /// 1 to 128 names of fields that an amendment can take away, sorted by bytes.
    FieldNames,
    /// The name of a log.
    Origin,
    /// 32 bytes.
    Digest,
    /// `{"EAN-13": 13 digits}`.
    ContentId,
    /// On what a decision rests.
    LegalBasis,
    /// Relations to other statements.
    RelatesTo,
    /// That the signer reports somebody else's decision, and from where.
    Attribution,
    /// An issuer: `https://` and a host, or an origin.
    Issuer,
    /// The name of an organisation, 1 to 200 characters.
    Name,
    /// 1 to 16 verification keys as text (c2sp.org/signed-note).
    Vkeys,
    /// An Ed25519 COSE_Key in a byte string.
    CoseKey,
    /// 1 to 16 of them.
    CoseKeys,
    /// A whole COSE_Sign1 in a byte string.
    CoseSign1,
    /// Why the registrar believed a request.
    Evidence,
    /// A signed note, at most 32 KiB.
    Note,
    /// The log that a log continues.
    Predecessor,
    /// Addendum: one text.
    Text,
    /// Addendum: a sorted set of 1 to 1,000 texts.
    Texts,
    /// Addendum: an ordered list of 1 to 64 URLs.
    Uris,
    /// Addendum: an `http://` or `https://` URL.
    Url,
    /// Addendum: the provider's own identifier, `[A-Za-z0-9_-]`.
    Puid,
    /// Addendum: 32 bytes.
    Digest32,
    /// Addendum: the bytes of a statement that may not be told yet, without its signature.
    Sealed,
    /// Addendum: the bytes of a whole statement.
    Statement,
}

/// Where a field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the entry, for ever.
    Entry,
    /// In an addendum, which can be erased.
    Addendum {
        /// Authoring tools withhold it unless they are told otherwise.
        withheld_by_default: bool,
    },
}

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    name: &'static str,
    place: Place,
    form: Form,
    max: usize,
}

impl Field {
    pub(crate) const fn entry(name: &'static str, form: Form) -> Field {
        let place = Place::Entry;
        Field { name, place, form, max: 0 }
    }

    pub(crate) const fn served(name: &'static str, form: Form, max: usize) -> Field {
        let place = Place::Addendum { withheld_by_default: false };
        Field { name, place, form, max }
    }

    pub(crate) const fn withheld(name: &'static str, form: Form, max: usize) -> Field {
        let place = Place::Addendum { withheld_by_default: true };
        Field { name, place, form, max }
    }
}

/// The name of a field: a reference into the table. Ordered as CBOR orders encoded keys (RFC 8949 §4.2.1): shorter
/// names first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldName(pub(crate) u8);

/// What a number beyond the table would stand for; no [`FieldName`] can be made with one.
static NO_FIELD: Field = Field::entry("", Form::Digest);

impl FieldName {
    /// The field of that name, if there is one.
    pub fn find(name: &str) -> Option<FieldName> {
        let key = (name.len(), name);
        let position = FIELDS.binary_search_by(|field| (field.name.len(), field.name).cmp(&key));
        u8::try_from(position.ok()?).ok().map(FieldName)
    }

    /// Every field, in order.
    pub fn all() -> impl Iterator<Item = FieldName> {
        (0u8..).take(FIELDS.len()).map(FieldName)
    }

    fn field(self) -> &'static Field {
        FIELDS.get(usize::from(self.0)).unwrap_or(&NO_FIELD)
    }

    /// The name as it stands in statements.
    pub fn as_str(self) -> &'static str {
        self.field().name
    }

    /// Where it stands.
    pub fn place(self) -> Place {
        self.field().place
    }

    /// Whether it stands in an addendum.
    pub fn is_addendum(self) -> bool {
        matches!(self.field().place, Place::Addendum { .. })
    }

    /// Whether authoring tools withhold it unless they are told otherwise.
    pub fn withheld_by_default(self) -> bool {
        matches!(self.field().place, Place::Addendum { withheld_by_default: true })
    }

    /// What it holds.
    pub fn form(self) -> Form {
        self.field().form
    }

    /// For addenda: the most Unicode scalar values of a text, or of each text of a list; the bytes of a digest. Zero
    /// for fields of the entry, whose form bounds them.
    pub fn max(self) -> usize {
        self.field().max
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of fields, one bit for each row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FieldSet(u128);

impl FieldSet {
    /// The set of these fields.
    pub(crate) const fn of(fields: &[FieldName]) -> FieldSet {
        let mut bits = 0u128;
        let mut rest = fields;
        while let [first, others @ ..] = rest {
            bits |= 1u128 << (first.0 & 127);
            rest = others;
        }
        FieldSet(bits)
    }

    /// Whether the field is in it.
    pub fn contains(self, field: FieldName) -> bool {
        self.0 & FieldSet::of(&[field]).0 != 0
    }

    /// Puts a field in.
    pub(crate) fn insert(&mut self, field: FieldName) {
        self.0 |= FieldSet::of(&[field]).0;
    }

    /// Those in either.
    #[must_use]
    pub fn union(self, other: FieldSet) -> FieldSet {
        FieldSet(self.0 | other.0)
    }

    /// Those in both.
    #[must_use]
    pub fn intersection(self, other: FieldSet) -> FieldSet {
        FieldSet(self.0 & other.0)
    }

    /// Those in this one and not in the other.
    #[must_use]
    pub fn without(self, other: FieldSet) -> FieldSet {
        FieldSet(self.0 & !other.0)
    }

    /// Whether it is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its fields, in order.
    pub fn iter(self) -> impl Iterator<Item = FieldName> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let lowest = u8::try_from(rest.trailing_zeros()).ok().filter(|_| rest != 0)?;
            rest &= rest - 1;
            Some(FieldName(lowest))
        })
    }
}

/// Whether locators must be withheld under this keyword of `category_specification`.
pub fn is_locator_keyword(keyword: &str) -> bool {
    crate::type_table::LOCATOR_KEYWORDS.contains(&keyword)
}

/// The fields that say what was done to a subject; a decision has one of them at least.
pub const MEASURES: [FieldName; 5] = [
    FieldName::DECISION_VISIBILITY,
    FieldName::DECISION_MONETARY,
    FieldName::DECISION_PROVISION,
    FieldName::DECISION_ACCOUNT,
    FieldName::INFRASTRUCTURE_MEASURE,
];
