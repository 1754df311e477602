//! Reads values out of decoded CBOR; every fault becomes an error with its place, and reading goes on.

use crate::cbor::Data;
use crate::claims::INTEGER_MAX;
use crate::codes::{Code, CodeSet};
use crate::hash::Digest;
use crate::payload_error::{Errors, PayloadError, Rule};
use crate::pointer::Pointer;

/// The members of one map with text keys.
pub(crate) struct Members<'a> {
    pairs: Vec<(&'a str, &'a Data<'a>)>,
}

impl<'a> Members<'a> {
    /// Reads a map: its keys must be text and, if `known` is given, be among those.
    pub(crate) fn read(item: &'a Data<'a>, at: &Pointer<'_>, errors: &mut Errors) -> Option<Self> {
        let Data::Map(pairs) = item else {
            errors.push(wrong_type(item, at, "a map"));
            return None;
        };
        let mut members = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            match key {
                Data::Text(key) => members.push((key.as_ref(), value)),
                other => errors.push(wrong_type(other, at, "text keys only")),
            }
        }
        Some(Members { pairs: members })
    }

    /// Reads a map that has these members and no others.
    pub(crate) fn exactly(
        item: &'a Data<'a>,
        required: &[&str],
        optional: &[&str],
        at: &Pointer<'_>,
        errors: &mut Errors,
    ) -> Option<Self> {
        let members = Members::read(item, at, errors)?;
        for (key, _) in &members.pairs {
            if !required.contains(key) && !optional.contains(key) {
                errors.add(&at.name(key), Rule::UnknownField);
            }
        }
        for key in required.iter().filter(|key| members.get(key).is_none()) {
            errors.add(&at.name(key), Rule::Required);
        }
        Some(members)
    }

    /// The value under a key.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Data<'a>> {
        self.iter().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    /// All members, in the order of the map.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Data<'a>)> + '_ {
        self.pairs.iter().copied()
    }
}

/// Reads one member of a map with a function of this module's shape; absent is absent.
pub(crate) fn member<T>(
    members: &Members<'_>,
    key: &str,
    at: &Pointer<'_>,
    errors: &mut Errors,
    read: impl FnOnce(&Data, &Pointer<'_>, &mut Errors) -> Option<T>,
) -> Option<T> {
    let item = members.get(key)?;
    read(item, &at.name(key), errors)
}

pub(crate) fn wrong_type(item: &Data, at: &Pointer<'_>, allowed: &str) -> PayloadError {
    let given = match item {
        Data::Integer(_) => "an integer",
        Data::Bytes(_) => "a byte string",
        Data::Text(_) => "a text",
        Data::Array(_) => "an array",
        Data::Map(_) => "a map",
        Data::Bool(_) => "a boolean",
    };
    PayloadError::at(at, Rule::WrongType).given(given).allowed(allowed)
}

pub(crate) fn text<'a>(item: &'a Data<'a>, at: &Pointer<'_>, errors: &mut Errors) -> Option<&'a str> {
    let text = item.as_text();
    if text.is_none() {
        errors.push(wrong_type(item, at, "a text"));
    }
    text
}

pub(crate) fn bytes<'a>(item: &'a Data<'a>, at: &Pointer<'_>, errors: &mut Errors) -> Option<&'a [u8]> {
    let bytes = item.as_bytes();
    if bytes.is_none() {
        errors.push(wrong_type(item, at, "a byte string"));
    }
    bytes
}

pub(crate) fn array<'a>(item: &'a Data<'a>, at: &Pointer<'_>, errors: &mut Errors) -> Option<&'a [Data<'a>]> {
    match item {
        Data::Array(elements) => Some(elements),
        other => {
            errors.push(wrong_type(other, at, "an array"));
            None
        }
    }
}

/// An integer from `least` to `most`.
pub(crate) fn integer(
    item: &Data,
    least: u64,
    most: u64,
    at: &Pointer<'_>,
    errors: &mut Errors,
) -> Option<u64> {
    let Data::Integer(given) = item else {
        errors.push(wrong_type(item, at, "an integer"));
        return None;
    };
    let number = u64::try_from(*given).ok().filter(|n| (least..=most).contains(n));
    if number.is_none() {
        let error = PayloadError::at(at, Rule::OutOfRange).given(&given.to_string());
        errors.push(error.allowed(format!("{least} to {most}")));
    }
    number
}

/// An integer from 1 to 2^53 − 1.
pub(crate) fn positive(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<u64> {
    integer(item, 1, INTEGER_MAX, at, errors)
}

/// 32 bytes.
pub(crate) fn digest(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Digest> {
    let bytes = bytes(item, at, errors)?;
    match <[u8; 32]>::try_from(bytes) {
        Ok(bytes) => Some(Digest::from_bytes(bytes)),
        Err(_) => {
            let given = format!("{} bytes", bytes.len());
            errors.push(grammar(at, &given, "32 bytes"));
            None
        }
    }
}

pub(crate) fn grammar(at: &Pointer<'_>, given: &str, allowed: &str) -> PayloadError {
    PayloadError::at(at, Rule::Grammar).given(given).allowed(allowed)
}

/// One code of a set.
pub(crate) fn code(item: &Data, set: CodeSet, at: &Pointer<'_>, errors: &mut Errors) -> Option<Code> {
    let text = text(item, at, errors)?;
    let code = Code::find(set, text);
    if code.is_none() {
        let error = PayloadError::at(at, Rule::NotACode).given(text);
        errors.push(error.allowed(format!("a code of {}", set.name())));
    }
    code
}

/// A non-empty set of codes, in the order of their bytes. What is wrong with one is wrong with the field: one error.
pub(crate) fn codes(item: &Data, set: CodeSet, at: &Pointer<'_>, errors: &mut Errors) -> Option<Vec<Code>> {
    let elements = non_empty(item, at, errors)?;
    // A list longer than its set repeats itself or holds what is no code.
    let mut codes: Vec<Code> = Vec::with_capacity(elements.len().min(set.values().len()));
    let (mut ascends, mut next) = (true, 0);
    for element in elements {
        let behind = next;
        let near = element.as_text().and_then(|text| Code::find_next(set, text, &mut next));
        let code = near.or_else(|| code(element, set, at, errors))?;
        // The set is sorted by bytes, and so is what ascends in it.
        ascends &= next > behind;
        // What ascends repeats nothing.
        if !ascends && codes.contains(&code) {
            errors.push(PayloadError::at(at, Rule::Duplicate).given(code.as_str()));
            return None;
        }
        codes.push(code);
    }
    // The set is sorted by bytes and has one string for each code, so that codes compare as their bytes do.
    if !ascends && let Some([_, late]) = codes.windows(2).find(|pair| matches!(pair, [a, b] if a > b)) {
        errors.push(PayloadError::at(at, Rule::NotSorted).given(late.as_str()));
        return None;
    }
    Some(codes)
}

/// An array of at least one element.
pub(crate) fn non_empty<'a>(
    item: &'a Data<'a>,
    at: &Pointer<'_>,
    errors: &mut Errors,
) -> Option<&'a [Data<'a>]> {
    let elements = array(item, at, errors)?;
    if elements.is_empty() {
        errors.add(at, Rule::Empty);
        return None;
    }
    Some(elements)
}

/// An array of 1 to `most` elements.
pub(crate) fn bounded<'a>(
    item: &'a Data<'a>,
    most: usize,
    at: &Pointer<'_>,
    errors: &mut Errors,
) -> Option<&'a [Data<'a>]> {
    let elements = non_empty(item, at, errors)?;
    if elements.len() > most {
        let error = PayloadError::at(at, Rule::TooLong).given(&format!("{} elements", elements.len()));
        errors.push(error.allowed(format!("1 to {most} elements")));
        return None;
    }
    Some(elements)
}

/// Whether the texts stand in the order of their bytes, none twice.
pub(crate) fn sorted<'a>(
    texts: impl Iterator<Item = &'a str>,
    at: &Pointer<'_>,
    errors: &mut Errors,
) -> bool {
    let mut before: Option<&str> = None;
    for (index, text) in texts.enumerate() {
        if let Some(before) = before.filter(|before| *before >= text) {
            let rule = if before == text { Rule::Duplicate } else { Rule::NotSorted };
            errors.push(PayloadError::at(&at.index(index), rule).given(text));
            return false;
        }
        before = Some(text);
    }
    true
}

/// A COSE_Sign1 in a byte string: tag 18 and an array of four (RFC 9052 §4.2). The rest is read where it is used.
pub(crate) fn cose_sign1(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Vec<u8>> {
    let bytes = bytes(item, at, errors)?;
    if !bytes.starts_with(&[0xd2, 0x84]) {
        errors.push(grammar(at, &format!("{} bytes", bytes.len()), "a COSE_Sign1 with its tag 18"));
        return None;
    }
    Some(bytes.to_vec())
}
