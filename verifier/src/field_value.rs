//! The value of one field of an entry.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::bounds::TICK_NOTE_MAX;
use crate::cbor::{Data, Major, put_head, put_item, put_text};
use crate::claims::INTEGER_MAX;
use crate::codes::{Code, CodeSet};
use crate::cose_key::CoseKey;
use crate::day::Day;
use crate::enrolment_evidence::Evidence;
use crate::fields::{FieldName, Form};
use crate::hash::Digest;
use crate::instant::Instant;
use crate::issuer::Issuer;
use crate::item_map::{ItemMap, code_item};
use crate::legal_basis::LegalBasis;
use crate::name_list;
use crate::origin::Origin;
use crate::payload_error::{Errors, PayloadError, Rule};
use crate::pointer::Pointer;
use crate::predecessor::Predecessor;
use crate::reading::{self, Members, member};
use crate::relates_to::Relation;
use crate::targets::Targets;
use crate::text_rules;
use crate::vkey::Vkey;
use crate::vocabulary::Vocabulary;

/// At most so many keys in a list of keys.
const MAX_KEYS: usize = 16;

/// A checked value; its variant follows from the field. What is large and rare is in a box: every value takes the room of
/// the largest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// One code.
    Code(Code),
    /// A sorted, non-empty set of codes.
    Codes(Vec<Code>),
    /// A day.
    Day(Day),
    /// An instant.
    Instant(Instant),
    /// 1 to 2^53 − 1.
    Positive(u64),
    /// 0 to 2^53 − 1.
    Count(u64),
    /// Which entries a statement is about.
    Targets(Targets),
    /// Names of fields, sorted by bytes.
    Names(Vec<FieldName>),
    /// The name of a log.
    Origin(Origin),
    /// 32 bytes: a digest or a key's thumbprint.
    Digest(Digest),
    /// The 13 digits of an EAN.
    ContentId(String),
    /// On what a decision rests.
    LegalBasis(Box<LegalBasis>),
    /// Relations, in the author's order.
    RelatesTo(Vec<Relation>),
    /// A code of `attribution_kind`.
    Attribution(Code),
    /// An issuer.
    Issuer(Issuer),
    /// The name of an organisation.
    Name(String),
    /// Verification keys of a log.
    Vkeys(Vec<Vkey>),
    /// A key.
    CoseKey(CoseKey),
    /// Keys.
    CoseKeys(Vec<CoseKey>),
    /// A COSE_Sign1.
    CoseSign1(Vec<u8>),
    /// Why a request was believed.
    Evidence(Evidence),
    /// A signed note.
    Note(String),
    /// An earlier log.
    Predecessor(Box<Predecessor>),
}

impl FieldValue {
    /// Reads the value of a field of the entry. When an error was added, what is returned is not the value.
    pub(crate) fn read(
        field: FieldName,
        vocabulary: Vocabulary,
        item: &Data,
        at: &Pointer<'_>,
        errors: &mut Errors,
    ) -> Option<FieldValue> {
        let value = match field.form() {
            Form::Code(set) => FieldValue::Code(reading::code(item, vocabulary.set(set), at, errors)?),
            Form::Codes(set) => FieldValue::Codes(reading::codes(item, vocabulary.set(set), at, errors)?),
            Form::Count => FieldValue::Count(reading::integer(item, 0, INTEGER_MAX, at, errors)?),
            Form::Targets => FieldValue::Targets(Targets::read(item, at, errors)?),
            Form::TextNames => FieldValue::Names(name_list::texts(item, at, errors)?),
            Form::FieldNames => FieldValue::Names(name_list::removable(item, at, errors)?),
            Form::Origin => FieldValue::Origin(text_rules::origin(item, at, errors)?),
            Form::Day => FieldValue::Day(Day::read(item, at, errors)?),
            Form::Instant => FieldValue::Instant(Instant::read(item, at, errors)?),
            Form::Positive => FieldValue::Positive(reading::positive(item, at, errors)?),
            Form::Digest => FieldValue::Digest(reading::digest(item, at, errors)?),
            Form::ContentId => FieldValue::ContentId(content_id(item, at, errors)?),
            Form::LegalBasis => FieldValue::LegalBasis(Box::new(LegalBasis::read(item, at, errors)?)),
            Form::RelatesTo => FieldValue::RelatesTo(Relation::read_list(item, at, errors)?),
            Form::Attribution => FieldValue::Attribution(attribution(item, at, errors)?),
            Form::Issuer => FieldValue::Issuer(text_rules::issuer(item, at, errors)?),
            Form::Name => FieldValue::Name(text_rules::name(item, at, errors)?),
            Form::Vkeys => FieldValue::Vkeys(vkeys(item, at, errors)?),
            Form::CoseKey => FieldValue::CoseKey(CoseKey::read(item, at, errors)?),
            Form::CoseKeys => FieldValue::CoseKeys(cose_keys(item, at, errors)?),
            Form::CoseSign1 => FieldValue::CoseSign1(reading::cose_sign1(item, at, errors)?),
            Form::Evidence => FieldValue::Evidence(Evidence::read(item, at, errors)?),
            Form::Note => FieldValue::Note(note(item, at, errors)?),
            Form::Predecessor => FieldValue::Predecessor(Box::new(Predecessor::read(item, at, errors)?)),
            Form::Text
            | Form::Texts
            | Form::Uris
            | Form::Url
            | Form::Puid
            | Form::Digest32
            | Form::Sealed
            | Form::Statement => {
                // Fields of addenda never come here; were one to, it would be refused.
                errors.add(at, Rule::UnknownField);
                return None;
            }
        };
        Some(value)
    }

    /// Writes the CBOR form. Most of what stands in statements are codes, which are written as they are.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        let item = match self {
            FieldValue::Code(code) => return put_text(out, code.as_str()),
            FieldValue::Codes(codes) => {
                put_head(out, Major::Array, codes.len());
                return codes.iter().for_each(|code| put_text(out, code.as_str()));
            }
            FieldValue::Day(day) => day.to_item(),
            FieldValue::Instant(instant) => instant.to_item(),
            FieldValue::Positive(number) | FieldValue::Count(number) => Data::Integer((*number).into()),
            FieldValue::Targets(targets) => targets.to_item(),
            FieldValue::Names(names) => {
                Data::Array(names.iter().map(|name| Data::text(name.as_str())).collect())
            }
            FieldValue::Origin(origin) => Data::text(origin.as_str()),
            FieldValue::Digest(digest) => Data::bytes(digest.as_bytes().as_slice()),
            FieldValue::ContentId(ean) => single("EAN-13", Data::text(ean)),
            FieldValue::LegalBasis(basis) => basis.to_item(),
            FieldValue::RelatesTo(list) => {
                Data::Array(list.iter().map(|relation| relation.to_item()).collect())
            }
            FieldValue::Attribution(kind) => single("kind", code_item(*kind)),
            FieldValue::Name(text) | FieldValue::Note(text) => Data::text(text),
            FieldValue::Vkeys(vkeys) => {
                Data::Array(vkeys.iter().map(|vkey| Data::text(vkey.encode())).collect())
            }
            FieldValue::Issuer(issuer) => Data::text(issuer.as_str()),
            FieldValue::CoseKey(key) => Data::bytes(key.as_bytes().as_slice()),
            FieldValue::CoseKeys(keys) => {
                let keys = keys.iter().map(|key| Data::bytes(key.as_bytes().as_slice()));
                Data::Array(keys.collect())
            }
            FieldValue::CoseSign1(bytes) => Data::bytes(bytes),
            FieldValue::Evidence(evidence) => evidence.to_item(),
            FieldValue::Predecessor(predecessor) => predecessor.to_item(),
        };
        put_item(out, &item);
    }

    /// The JSON form: digests in lower-case hex, instants in RFC 3339, keys and signatures in base64.
    pub fn to_json(&self) -> Value {
        match self {
            FieldValue::Code(code) => code.as_str().into(),
            FieldValue::Codes(codes) => codes.iter().map(Code::as_str).collect(),
            FieldValue::Day(day) => day.to_string().into(),
            FieldValue::Instant(instant) => instant.to_string().into(),
            FieldValue::Positive(number) | FieldValue::Count(number) => (*number).into(),
            FieldValue::Targets(targets) => targets.to_json(),
            FieldValue::Names(names) => names.iter().map(|name| name.as_str()).collect(),
            FieldValue::Origin(origin) => origin.as_str().into(),
            FieldValue::Digest(digest) => digest.to_hex().into(),
            FieldValue::ContentId(ean) => json!({"EAN-13": ean}),
            FieldValue::LegalBasis(basis) => basis.to_json(),
            FieldValue::RelatesTo(list) => list.iter().map(|relation| relation.to_json()).collect(),
            FieldValue::Attribution(kind) => json!({"kind": kind.as_str()}),
            FieldValue::Name(text) | FieldValue::Note(text) => text.as_str().into(),
            FieldValue::Issuer(issuer) => issuer.as_str().into(),
            FieldValue::Vkeys(vkeys) => vkeys.iter().map(Vkey::encode).collect(),
            FieldValue::CoseKey(key) => base64_text(key.as_bytes()).into(),
            FieldValue::CoseKeys(keys) => keys.iter().map(|k| base64_text(k.as_bytes())).collect(),
            FieldValue::CoseSign1(bytes) => base64_text(bytes).into(),
            FieldValue::Evidence(evidence) => evidence.to_json(),
            FieldValue::Predecessor(predecessor) => predecessor.to_json(),
        }
    }
}

/// Standard base64 with padding (RFC 4648 §4).
pub(crate) fn base64_text(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn single<'a>(key: &'static str, item: Data<'a>) -> Data<'a> {
    let mut map = ItemMap::new();
    map.put(key, Some(item));
    map.finish()
}

fn content_id(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<String> {
    let members = Members::exactly(item, &["EAN-13"], &[], at, errors)?;
    member(&members, "EAN-13", at, errors, |item, at, errors| {
        let text = reading::text(item, at, errors)?;
        if text.len() == 13 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Some(text.to_owned());
        }
        errors.push(reading::grammar(at, text, "13 digits"));
        None
    })
}

fn attribution(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Code> {
    let members = Members::exactly(item, &["kind"], &[], at, errors)?;
    member(&members, "kind", at, errors, |item, at, errors| {
        reading::code(item, CodeSet::AttributionKind, at, errors)
    })
}

fn vkeys(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Vec<Vkey>> {
    different(item, at, errors, text_rules::vkey)
}

fn cose_keys(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Vec<CoseKey>> {
    different(item, at, errors, CoseKey::read)
}

/// 1 to [`MAX_KEYS`] values, none twice.
fn different<T: PartialEq>(
    item: &Data,
    at: &Pointer<'_>,
    errors: &mut Errors,
    read: fn(&Data, &Pointer<'_>, &mut Errors) -> Option<T>,
) -> Option<Vec<T>> {
    let elements = reading::bounded(item, MAX_KEYS, at, errors)?;
    let mut values = Vec::with_capacity(elements.len());
    for (index, element) in elements.iter().enumerate() {
        let at = at.index(index);
        let Some(value) = read(element, &at, errors) else { continue };
        if values.contains(&value) {
            errors.add(&at, Rule::Duplicate);
        }
        values.push(value);
    }
    Some(values)
}

fn note(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<String> {
    let text = reading::text(item, at, errors)?;
    if text.len() > TICK_NOTE_MAX {
        let error = PayloadError::at(at, Rule::TooLong).given(&format!("{} bytes", text.len()));
        errors.push(error.allowed(format!("at most {TICK_NOTE_MAX} bytes")));
        return None;
    }
    if !text.ends_with('\n') {
        errors.push(PayloadError::at(at, Rule::Grammar).allowed("a text that ends in a line feed"));
        return None;
    }
    Some(text.to_owned())
}
