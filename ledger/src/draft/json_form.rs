//! One authored JSON value in the form that its field has in a statement: text to codes, RFC 3339 to seconds, hex to bytes.

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::payload_error::{PayloadError, Rule};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Longest piece of an authored value that an error repeats, in characters (details 1.10).
const GIVEN_MAX: usize = 100;

/// One error of an authored line.
pub(super) fn error(path: &str, rule: Rule, given: Option<&str>, allowed: &str) -> PayloadError {
    PayloadError {
        path: path.to_owned(),
        rule,
        given: given.map(|text| text.chars().take(GIVEN_MAX).collect()),
        allowed: Some(allowed.to_owned()),
    }
}

/// In authored JSON, null, an empty text, an empty list and an empty object all mean: absent.
pub(super) fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// A text as it stands.
pub(super) fn text(path: &str, value: &Value) -> Result<Item, PayloadError> {
    match value {
        Value::String(text) => Ok(Item::text(text.clone())),
        other => Err(error(path, Rule::WrongType, None, kind_wanted(other, "a text"))),
    }
}

/// A set: a list of texts (or one text), sorted by bytes, each once.
pub(super) fn text_set(path: &str, value: &Value) -> Result<Item, PayloadError> {
    let mut texts = text_list(path, value)?;
    texts.sort_unstable();
    texts.dedup();
    Ok(Item::Array(texts.into_iter().map(Item::text).collect()))
}

/// A list of texts (or one text), in the author's order, empty ones left out.
pub(super) fn text_list(path: &str, value: &Value) -> Result<Vec<String>, PayloadError> {
    let list = match value {
        Value::String(one) => return Ok(vec![one.clone()]),
        Value::Array(list) => list,
        other => {
            let allowed = kind_wanted(other, "a list of texts");
            return Err(error(path, Rule::WrongType, None, allowed));
        }
    };
    let mut texts = Vec::with_capacity(list.len());
    for (at, element) in list.iter().enumerate() {
        match element {
            Value::String(text) if text.is_empty() => {}
            Value::Null => {}
            Value::String(text) => texts.push(text.clone()),
            _ => {
                let path = format!("{path}/{at}");
                return Err(error(&path, Rule::WrongType, None, "a text"));
            }
        }
    }
    Ok(texts)
}

/// A day: `YYYY-MM-DD`, or the European dump's `YYYY-MM-DD hh:mm:ss`, of which the time is cut off.
pub(super) fn day(path: &str, value: &Value) -> Result<Item, PayloadError> {
    let Value::String(text) = value else {
        return Err(error(path, Rule::WrongType, None, "a day, YYYY-MM-DD"));
    };
    let bytes = text.as_bytes();
    let has_time = bytes.len() == 19 && bytes.get(10) == Some(&b' ') && is_clock(&bytes[11..]);
    let day = if has_time { &text[..10] } else { text };
    Ok(Item::text(day.to_owned()))
}

/// Whether the bytes look like `hh:mm:ss`.
fn is_clock(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(at, byte)| match at {
        2 | 5 => *byte == b':',
        _ => byte.is_ascii_digit(),
    })
}

/// An instant: RFC 3339 text, to whole seconds since 1970 UTC.
pub(super) fn instant(path: &str, value: &Value) -> Result<Item, PayloadError> {
    const ALLOWED: &str = "an instant as RFC 3339 text, YYYY-MM-DDThh:mm:ssZ, not before 1970";
    let Value::String(text) = value else {
        return Err(error(path, Rule::WrongType, None, ALLOWED));
    };
    match OffsetDateTime::parse(text, &Rfc3339) {
        Ok(instant) if instant.unix_timestamp() >= 0 => {
            Ok(Item::Integer(i128::from(instant.unix_timestamp())))
        }
        _ => Err(error(path, Rule::Grammar, Some(text), ALLOWED)),
    }
}

/// A whole number. How great it may be, its field says.
pub(super) fn number(path: &str, value: &Value) -> Result<Item, PayloadError> {
    let number = value.as_u64().map(i128::from).or_else(|| value.as_i64().map(i128::from));
    match number {
        Some(number) => Ok(Item::Integer(number)),
        None => Err(error(path, Rule::WrongType, None, "a whole number")),
    }
}

/// A digest: 64 lower-case hex digits, to 32 bytes.
pub(super) fn digest(path: &str, value: &Value) -> Result<Item, PayloadError> {
    const ALLOWED: &str = "64 lower-case hex digits";
    let Value::String(text) = value else {
        return Err(error(path, Rule::WrongType, None, ALLOWED));
    };
    let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    match hex::decode(text) {
        Ok(bytes) if bytes.len() == 32 && lower => Ok(Item::bytes(bytes)),
        _ => Err(error(path, Rule::Grammar, None, ALLOWED)),
    }
}

/// Stands where a value could not be read, so that the rules that ask for it stay silent: no field has this form.
pub(super) const UNREADABLE: Item = Item::Bool(true);

/// A value as far as it could be read, and what is wrong with it.
pub(super) type Reading = (Item, Vec<PayloadError>);

/// A value that is read whole or not at all.
pub(super) fn reading(result: Result<Item, Vec<PayloadError>>) -> Reading {
    result.map_or_else(|errors| (UNREADABLE, errors), |item| (item, Vec::new()))
}

/// An object whose members all have a form of their own: what is absent is left out, what is unknown is an error.
pub(super) fn object(
    path: &str,
    value: &Value,
    member: impl Fn(&str, &str, &Value) -> Option<Reading>,
) -> Reading {
    match value {
        Value::Object(map) => members(path, map, member),
        _ => (UNREADABLE, vec![error(path, Rule::WrongType, None, "an object")]),
    }
}

fn members(
    path: &str,
    map: &Map<String, Value>,
    member: impl Fn(&str, &str, &Value) -> Option<Reading>,
) -> Reading {
    let mut pairs = Vec::new();
    let mut errors = Vec::new();
    for (name, value) in map.iter().filter(|(_, value)| !is_absent(value)) {
        let path = format!("{path}/{}", pointer(name));
        let unknown =
            || (UNREADABLE, vec![error(&path, Rule::UnknownField, Some(name), "a member of this field")]);
        let (item, mut more) = member(name, &path, value).unwrap_or_else(unknown);
        pairs.push((Item::text(name.clone()), item));
        errors.append(&mut more);
    }
    (map_item(pairs), errors)
}

/// A CBOR map with its keys in the order that RFC 8949 §4.2.1 asks for: by their encodings, so shorter texts first.
pub(crate) fn map_item(mut pairs: Vec<(Item, Item)>) -> Item {
    pairs.sort_by(|(a, _), (b, _)| match (a, b) {
        (Item::Text(a), Item::Text(b)) => (a.len(), a.as_bytes()).cmp(&(b.len(), b.as_bytes())),
        _ => std::cmp::Ordering::Equal,
    });
    Item::Map(pairs)
}

/// A name as one step of a JSON Pointer (RFC 6901 §3).
pub(super) fn pointer(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn kind_wanted(given: &Value, wanted: &'static str) -> &'static str {
    match (given, wanted) {
        (Value::Number(_), "a text") => "a text (put the number in quotation marks)",
        _ => wanted,
    }
}
