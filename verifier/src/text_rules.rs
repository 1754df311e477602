//! The grammars of the few texts that may stand in an entry besides codes.

use crate::cbor::Item;
use crate::origin::Origin;
use crate::payload_error::{Errors, PayloadError, Rule};
use crate::pointer::Pointer;
use crate::reading;

/// At most so many characters in the name of an organisation.
const MAX_NAME: usize = 200;

/// At most so many bytes of a verification key: a name of 255, an identifier of 8, a key in base64.
const MAX_VKEY: usize = 512;

/// `https://` and an origin (the registrar), or a provider's `https://` and a host.
pub(crate) fn issuer(item: &Item, at: &Pointer<'_>, errors: &mut Errors) -> Option<String> {
    let text = reading::text(item, at, errors)?;
    let origin = text.strip_prefix("https://").map(Origin::parse);
    if matches!(origin, Some(Ok(_))) {
        return Some(text.to_owned());
    }
    errors.push(reading::grammar(
        at,
        text,
        "https:// and a host in lower case",
    ));
    None
}

/// A name: 1 to 200 characters, none of them a control character, no space at either end.
pub(crate) fn name(item: &Item, at: &Pointer<'_>, errors: &mut Errors) -> Option<String> {
    let text = reading::text(item, at, errors)?;
    let rule = if text.is_empty() {
        Rule::Empty
    } else if text.chars().count() > MAX_NAME {
        Rule::TooLong
    } else if text.chars().any(char::is_control) || text.starts_with(' ') || text.ends_with(' ') {
        Rule::Grammar
    } else {
        return Some(text.to_owned());
    };
    let allowed = "1 to 200 characters, no control character, no space at either end";
    errors.push(PayloadError::at(at, rule).given(text).allowed(allowed));
    None
}

/// A verification key (c2sp.org/signed-note): name, 8 hexadecimal digits, base64.
pub(crate) fn vkey(item: &Item, at: &Pointer<'_>, errors: &mut Errors) -> Option<String> {
    let text = reading::text(item, at, errors)?;
    let mut parts = text.splitn(3, '+');
    let (name, id, key) = (parts.next(), parts.next(), parts.next());
    let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let shaped = text.len() <= MAX_VKEY
        && name.is_some_and(|n| !n.is_empty() && !n.chars().any(char::is_whitespace))
        && id.is_some_and(|id| id.len() == 8 && id.bytes().all(lower_hex))
        && key.is_some_and(|k| !k.is_empty() && k.bytes().all(|b| b.is_ascii_graphic()));
    if !shaped {
        errors.push(reading::grammar(
            at,
            text,
            "a verification key, name+id+key",
        ));
        return None;
    }
    Some(text.to_owned())
}
