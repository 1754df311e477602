//! What the text of an addendum may be: its form, its length, its characters.

use crate::cbor::Data;
use crate::fields::{FieldName, Form};
use crate::payload_error::{Errors, PayloadError, Rule};
use crate::pointer::Pointer;
use crate::reading;
use crate::relates_to::MAX_RELATIONS;

/// At most so many texts in a set of texts.
pub const MAX_TEXTS: usize = 1_000;

/// Checks the value of an addendum against the row of its field.
///
/// # Errors
///
/// The first rule that it breaks; the path begins with `/addenda/<field>`. A field that is none of an addendum is
/// `unknown-field`.
pub fn check_addendum_value(field: FieldName, item: &Data) -> Result<(), PayloadError> {
    let addenda = Pointer::ROOT.name("addenda");
    let at = addenda.name(field.as_str());
    let mut errors = Errors::default();
    let max = field.max();
    match field.form() {
        Form::Text => {
            check_text(item, max, is_free_text, &at, &mut errors);
        }
        Form::Url => check_url(item, max, &at, &mut errors),
        Form::Puid => check_puid(item, max, &at, &mut errors),
        Form::Texts => check_texts(item, max, &at, &mut errors),
        Form::Uris => check_uris(item, max, &at, &mut errors),
        Form::Digest32 => {
            reading::digest(item, &at, &mut errors);
        }
        Form::Sealed => {
            check_bytes(item, max, &at, &mut errors);
        }
        Form::Statement => check_statement(item, max, &at, &mut errors),
        _ => errors.add(&at, Rule::UnknownField),
    }
    errors.first().map_or(Ok(()), Err)
}

/// Free text may be broken into lines and columns; no other control character.
fn is_free_text(c: char) -> bool {
    !c.is_control() || c == '\n' || c == '\t'
}

fn is_one_line(c: char) -> bool {
    !c.is_control()
}

/// A non-empty text of at most `max` characters, each of them allowed.
fn check_text<'a>(
    item: &'a Data<'a>,
    max: usize,
    allowed: fn(char) -> bool,
    at: &Pointer<'_>,
    errors: &mut Errors,
) -> Option<&'a str> {
    let text = reading::text(item, at, errors)?;
    if text.is_empty() {
        errors.add(at, Rule::Empty);
        return None;
    }
    // A character has at least one byte, so that a short text need not be counted.
    if text.len() > max && text.chars().count() > max {
        let given = format!("{} characters", text.chars().count());
        let error = PayloadError::at(at, Rule::TooLong).given(&given);
        errors.push(error.allowed(format!("at most {max} characters")));
        return None;
    }
    if !text.chars().all(allowed) {
        let error = PayloadError::at(at, Rule::Grammar);
        errors.push(error.allowed("no control characters except line feed and tab in free text"));
        return None;
    }
    Some(text)
}

/// 1 to `max` bytes. What they say is judged where they are opened, with the statement that they belong to.
fn check_bytes<'a>(
    item: &'a Data<'a>,
    max: usize,
    at: &Pointer<'_>,
    errors: &mut Errors,
) -> Option<&'a [u8]> {
    let bytes = reading::bytes(item, at, errors)?;
    let rule = match bytes.len() {
        0 => Rule::Empty,
        length if length > max => Rule::TooLong,
        _ => return Some(bytes),
    };
    let error = PayloadError::at(at, rule).given(&format!("{} bytes", bytes.len()));
    errors.push(error.allowed(format!("1 to {max} bytes")));
    None
}

/// The bytes of a COSE_Sign1.
fn check_statement(item: &Data, max: usize, at: &Pointer<'_>, errors: &mut Errors) {
    if check_bytes(item, max, at, errors).is_some() {
        reading::cose_sign1(item, at, errors);
    }
}

fn check_url(item: &Data, max: usize, at: &Pointer<'_>, errors: &mut Errors) {
    if let Some(url) = check_text(item, max, is_one_line, at, errors)
        && !(url.starts_with("https://") || url.starts_with("http://"))
    {
        errors.push(reading::grammar(at, url, "a URL that begins with https:// or http://"));
    }
}

fn check_puid(item: &Data, max: usize, at: &Pointer<'_>, errors: &mut Errors) {
    if let Some(puid) = check_text(item, max, is_one_line, at, errors)
        && !puid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    {
        errors.push(reading::grammar(at, puid, "A-Z a-z 0-9 - _ only"));
    }
}

fn check_texts(item: &Data, max: usize, at: &Pointer<'_>, errors: &mut Errors) {
    let Some(elements) = reading::bounded(item, MAX_TEXTS, at, errors) else {
        return;
    };
    for (index, element) in elements.iter().enumerate() {
        check_text(element, max, is_free_text, &at.index(index), errors);
    }
    let texts: Option<Vec<&str>> = elements.iter().map(Data::as_text).collect();
    if let Some(texts) = texts {
        reading::sorted(texts.into_iter(), at, errors);
    }
}

fn check_uris(item: &Data, max: usize, at: &Pointer<'_>, errors: &mut Errors) {
    let Some(elements) = reading::bounded(item, MAX_RELATIONS, at, errors) else {
        return;
    };
    for (index, element) in elements.iter().enumerate() {
        check_url(element, max, &at.index(index), errors);
    }
}
