//! The payload of a statement: one map of coded fields, and the digests of the texts beside the log.

use serde_json::{Map, Value};

use crate::cbor::{self, Data};
use crate::claims::Claims;
use crate::codes::Code;
use crate::day::Day;
use crate::field_map::FieldMap;
use crate::field_value::FieldValue;
use crate::fields::{FieldName, FieldSet};
use crate::hash::Digest;
use crate::issuer::Issuer;
use crate::legal_basis::LegalBasis;
use crate::payload_error::{Errors, PayloadError, PayloadErrors, Rule};
use crate::payload_rules::{self, Facts};
use crate::pointer::Pointer;
use crate::reading::{self, Members};
use crate::sequence::Sequence;
use crate::statement_type::StatementType;
use crate::targets::Targets;
use crate::vocabulary::Vocabulary;
use crate::withheld::Withheld;

/// At most so many addenda for one statement.
pub const MAX_ADDENDA: usize = 32;

/// Members of every payload beside the fields of the table.
const FRAME: [&str; 5] = ["type", "vocabulary", "sequence", "addenda", "withheld"];

/// What a payload is made of, before its rules are checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// What the statement says.
    pub kind: StatementType,
    /// By which version of the European vocabulary its codes are judged.
    pub vocabulary: Vocabulary,
    /// Its number among the issuer's statements in this log.
    pub sequence: Sequence,
    /// The digest of each addendum.
    pub addenda: FieldMap<Digest>,
    /// The addenda that are not served.
    pub withheld: FieldMap<Withheld>,
    /// The fields of the entry.
    pub fields: FieldMap<FieldValue>,
}

/// A payload that keeps every rule of the table and every conditional rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload(Parts);

impl Payload {
    /// Reads a payload and checks it against the claims.
    ///
    /// # Errors
    ///
    /// `NotUnderstood` for a type or a vocabulary that this version does not know; otherwise every rule that it breaks.
    pub fn parse(item: &Data, claims: &Claims) -> Result<Payload, PayloadErrors> {
        let mut errors = Errors::default();
        let at = Pointer::ROOT;
        let Some(members) = Members::read(item, &at, &mut errors) else {
            return Err(errors.into_invalid());
        };
        let Some((kind, vocabulary)) = read_kind(&members, &mut errors)? else {
            return Err(errors.into_invalid());
        };
        let sequence = required(&members, "sequence", &mut errors, |item, at, errors| {
            reading::positive(item, at, errors).and_then(Sequence::new)
        });
        let allowed_addenda = kind.rules().required_addenda.union(kind.rules().optional_addenda);
        let mut named = FieldSet::default();
        let addenda = required(&members, "addenda", &mut errors, |item, at, errors| {
            let members = Members::read(item, at, errors)?;
            named = present(&members);
            Some(read_addenda(&members, allowed_addenda, at, errors))
        });
        let (withheld, withheld_names) = read_withheld(&members, named, &mut errors);
        let (fields, mut seen) = read_fields(&members, kind, vocabulary, &mut errors);
        seen = seen.without(allowed_addenda);
        let facts = Facts {
            kind,
            vocabulary,
            sequence,
            has_addenda: addenda.is_some(),
            seen,
            fields: &fields,
            addenda: named.intersection(allowed_addenda),
            withheld: withheld_names.unwrap_or_default(),
            withheld_unread: withheld_names.is_none(),
            claims,
        };
        payload_rules::check(&facts, &mut errors);
        errors.finish()?;
        match (sequence, addenda) {
            (Some(sequence), Some(addenda)) => {
                Ok(Payload(Parts { kind, vocabulary, sequence, addenda, withheld, fields }))
            }
            // An absent value has left an error behind, so that this is not reached.
            _ => Err(PayloadErrors::Invalid(Vec::new())),
        }
    }

    /// Makes a payload of checked values, under the same rules as [`Payload::parse`].
    ///
    /// # Errors
    ///
    /// Every rule that it breaks.
    pub fn build(parts: Parts, claims: &Claims) -> Result<Payload, PayloadErrors> {
        // Values of these kinds have an encoding, all of them.
        let item = cbor::decode(&parts.encode()).map_err(|_| PayloadErrors::Invalid(Vec::new()))?;
        Payload::parse(&item, claims)
    }

    /// What the statement says.
    pub fn kind(&self) -> StatementType {
        self.0.kind
    }

    /// By which version of the European vocabulary its codes are judged.
    pub fn vocabulary(&self) -> Vocabulary {
        self.0.vocabulary
    }

    /// Its number among the issuer's statements in this log.
    pub fn sequence(&self) -> Sequence {
        self.0.sequence
    }

    /// The digest of each addendum, in the order in which they stand in the entry.
    pub fn addenda(&self) -> &FieldMap<Digest> {
        &self.0.addenda
    }

    /// The addenda that are not served; each is in [`Payload::addenda`].
    pub fn withheld(&self) -> &FieldMap<Withheld> {
        &self.0.withheld
    }

    /// The fields of the entry.
    pub fn fields(&self) -> &FieldMap<FieldValue> {
        &self.0.fields
    }

    /// The value of a field, if it is there.
    pub fn field(&self, field: FieldName) -> Option<&FieldValue> {
        self.0.fields.get(&field)
    }

    /// The code in a field of one code.
    pub fn code(&self, field: FieldName) -> Option<Code> {
        match self.field(field) {
            Some(FieldValue::Code(code) | FieldValue::Attribution(code)) => Some(*code),
            _ => None,
        }
    }

    /// The codes in a field of codes; none if it is absent.
    pub fn codes(&self, field: FieldName) -> &[Code] {
        match self.field(field) {
            Some(FieldValue::Codes(codes)) => codes,
            _ => &[],
        }
    }

    /// On what the decision rests.
    pub fn legal_basis(&self) -> Option<&LegalBasis> {
        match self.field(FieldName::LEGAL_BASIS) {
            Some(FieldValue::LegalBasis(basis)) => Some(basis),
            _ => None,
        }
    }

    /// Which entries it is about; `None` for a type that is about none.
    pub fn targets(&self) -> Option<&Targets> {
        match self.field(FieldName::TARGETS) {
            Some(FieldValue::Targets(targets)) => Some(targets),
            _ => None,
        }
    }

    /// The names in a field of names; none if it is absent.
    pub fn names(&self, field: FieldName) -> &[FieldName] {
        match self.field(field) {
            Some(FieldValue::Names(names)) => names,
            _ => &[],
        }
    }

    /// The number in a field of one number.
    pub fn number(&self, field: FieldName) -> Option<u64> {
        match self.field(field) {
            Some(FieldValue::Positive(number) | FieldValue::Count(number)) => Some(*number),
            _ => None,
        }
    }

    /// The day in a field of one day.
    pub fn day(&self, field: FieldName) -> Option<Day> {
        match self.field(field) {
            Some(FieldValue::Day(day)) => Some(*day),
            _ => None,
        }
    }

    /// The issuer in the field `provider`: whom the statement is about, where that is not its own issuer.
    pub fn provider(&self) -> Option<&Issuer> {
        match self.field(FieldName::PROVIDER) {
            Some(FieldValue::Issuer(issuer)) => Some(issuer),
            _ => None,
        }
    }

    /// The first and last number that a `void` closes.
    pub fn void_range(&self) -> Option<(Sequence, Sequence)> {
        if self.kind() != StatementType::Void {
            return None;
        }
        let number = |field| self.number(field).and_then(Sequence::new);
        Some((number(FieldName::FIRST)?, number(FieldName::LAST)?))
    }

    /// The CBOR form in its one spelling: what it was read from.
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// The JSON form for people and programs: digests in lower-case hex, instants in RFC 3339, keys in base64.
    pub fn to_json(&self) -> Value {
        let Parts { kind, vocabulary, sequence, addenda, withheld, fields } = &self.0;
        let mut map = Map::new();
        map.insert("type".into(), kind.as_str().into());
        map.insert("vocabulary".into(), vocabulary.as_str().into());
        map.insert("sequence".into(), sequence.get().into());
        for (field, value) in fields.iter() {
            map.insert(field.as_str().into(), value.to_json());
        }
        let addenda = addenda.iter().map(|(f, d)| (f.as_str().to_owned(), d.to_hex().into()));
        map.insert("addenda".into(), Value::Object(addenda.collect()));
        if !withheld.is_empty() {
            let withheld = withheld.iter().map(|(f, w)| (f.as_str().to_owned(), w.to_json()));
            map.insert("withheld".into(), Value::Object(withheld.collect()));
        }
        Value::Object(map)
    }
}

/// Reads a member that every payload has.
fn required<T>(
    members: &Members<'_>,
    name: &str,
    errors: &mut Errors,
    read: impl FnOnce(&Data, &Pointer<'_>, &mut Errors) -> Option<T>,
) -> Option<T> {
    if members.get(name).is_none() {
        errors.add(&Pointer::ROOT.name(name), Rule::Required);
    }
    reading::member(members, name, &Pointer::ROOT, errors, read)
}

/// The type, if both type and vocabulary are known: what they say decides how the rest is read. `None` when an error was
/// added.
fn read_kind(
    members: &Members<'_>,
    errors: &mut Errors,
) -> Result<Option<(StatementType, Vocabulary)>, PayloadErrors> {
    let mut text = |name| {
        required(members, name, errors, |item, at, errors| reading::text(item, at, errors).map(str::to_owned))
    };
    let (kind, vocabulary) = (text("type"), text("vocabulary"));
    let not_understood = |field, given: &str| {
        let shortened = PayloadError::at(&Pointer::ROOT, Rule::NotACode).given(given).given;
        PayloadErrors::NotUnderstood { field, given: shortened.unwrap_or_default() }
    };
    let (Some(kind), Some(vocabulary)) = (kind, vocabulary) else { return Ok(None) };
    let vocabulary =
        Vocabulary::find(&vocabulary).ok_or_else(|| not_understood("vocabulary", &vocabulary))?;
    match StatementType::find(&kind) {
        Some(kind) => Ok(Some((kind, vocabulary))),
        None => Err(not_understood("type", &kind)),
    }
}

/// The fields of the table that are named in a map.
fn present(members: &Members<'_>) -> FieldSet {
    let mut set = FieldSet::default();
    for field in members.iter().filter_map(|(name, _)| FieldName::find(name)) {
        set.insert(field);
    }
    set
}

fn read_addenda(
    members: &Members<'_>,
    allowed: FieldSet,
    at: &Pointer<'_>,
    errors: &mut Errors,
) -> FieldMap<Digest> {
    let mut addenda: FieldMap<Digest> = FieldMap::with_capacity(members.iter().count());
    for (name, item) in members.iter() {
        let at = at.name(name);
        match FieldName::find(name).filter(|field| allowed.contains(*field)) {
            None => errors.add(&at, Rule::UnknownField),
            Some(field) => {
                let Some(digest) = reading::digest(item, &at, errors) else {
                    continue;
                };
                if addenda.values().any(|other| *other == digest) {
                    errors.add(&at, Rule::Duplicate);
                }
                addenda.insert(field, digest);
            }
        }
    }
    addenda
}

/// The terms that were read without an error, and the fields that are named; `None` if there is something that is no map.
fn read_withheld(
    members: &Members<'_>,
    addenda: FieldSet,
    errors: &mut Errors,
) -> (FieldMap<Withheld>, Option<FieldSet>) {
    let mut withheld = FieldMap::default();
    let at = Pointer::ROOT.name("withheld");
    let Some(item) = members.get("withheld") else {
        return (withheld, Some(FieldSet::default()));
    };
    let Some(members) = Members::read(item, &at, errors) else {
        return (withheld, None);
    };
    if members.iter().next().is_none() {
        errors.add(&at, Rule::Empty);
    }
    for (name, item) in members.iter() {
        let at = at.name(name);
        let Some(field) = FieldName::find(name).filter(|field| addenda.contains(*field)) else {
            errors.push(PayloadError::at(&at, Rule::Needs).allowed("a field of addenda"));
            continue;
        };
        if let Some(value) = Withheld::read(item, &at, errors) {
            withheld.insert(field, value);
        }
    }
    (withheld, Some(present(&members)))
}

/// The fields that were read without an error, and all that were there.
fn read_fields(
    members: &Members<'_>,
    kind: StatementType,
    vocabulary: Vocabulary,
    errors: &mut Errors,
) -> (FieldMap<FieldValue>, FieldSet) {
    let allowed = kind.rules().required.union(kind.rules().optional);
    // All members but the frame's, of which `withheld` is mostly absent.
    let mut fields = FieldMap::with_capacity(members.iter().count().saturating_sub(FRAME.len() - 1));
    let mut seen = FieldSet::default();
    for (name, item) in members.iter().filter(|(name, _)| !FRAME.contains(name)) {
        let at = Pointer::ROOT.name(name);
        match FieldName::find(name).filter(|field| allowed.contains(*field)) {
            None => errors.add(&at, Rule::UnknownField),
            Some(field) => {
                seen.insert(field);
                let before = errors.count();
                let value = FieldValue::read(field, vocabulary, item, &at, errors);
                if let Some(value) = value.filter(|_| errors.count() == before) {
                    fields.insert(field, value);
                }
            }
        }
    }
    (fields, seen)
}
