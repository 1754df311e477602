//! The grammars of the few texts that may stand in an entry besides codes.

use crate::cbor::Data;
use crate::issuer::Issuer;
use crate::origin::{Origin, OriginError};
use crate::payload_error::{Errors, PayloadError, Rule};
use crate::pointer::Pointer;
use crate::reading;
use crate::vkey::Vkey;

/// At most so many characters in the name of an organisation.
const MAX_NAME: usize = 200;

/// A provider's issuer, or a registrar's.
pub(crate) fn issuer(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Issuer> {
    let text = reading::text(item, at, errors)?;
    let refused = |_| errors.push(reading::grammar(at, text, "https:// and a host in lower case"));
    Issuer::parse(text).map_err(refused).ok()
}

/// The name of a log.
pub(crate) fn origin(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Origin> {
    let text = reading::text(item, at, errors)?;
    let refused = |error: OriginError| errors.push(reading::grammar(at, text, &error.to_string()));
    Origin::parse(text).map_err(refused).ok()
}

/// A name: 1 to 200 characters, none of them a control character, no space at either end.
pub(crate) fn name(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<String> {
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

/// A verification key (c2sp.org/signed-note).
pub(crate) fn vkey(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Vkey> {
    let text = reading::text(item, at, errors)?;
    let vkey = Vkey::parse(text).ok().filter(|vkey| vkey.encode() == text);
    if vkey.is_none() {
        errors.push(reading::grammar(at, text, "a verification key, name+id+key"));
    }
    vkey
}
