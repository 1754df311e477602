//! The identifier of a law: ELI, CELEX, ECLI and their like, never words.

use std::fmt;

use crate::cbor::Data;
use crate::payload_error::Errors;
use crate::pointer::Pointer;
use crate::reading;

/// `[A-Za-z0-9:./()_-]{1,128}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatuteId(String);

impl StatuteId {
    /// The longest identifier: an ELI with its language and version is about 90 characters.
    pub const MAX_LEN: usize = 128;

    /// Parses one.
    pub fn parse(text: &str) -> Option<StatuteId> {
        let spelt = text.bytes().all(spells_statute);
        ((1..=StatuteId::MAX_LEN).contains(&text.len()) && spelt).then(|| StatuteId(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn read(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<StatuteId> {
        let text = reading::text(item, at, errors)?;
        let statute = StatuteId::parse(text);
        if statute.is_none() {
            errors.push(reading::grammar(at, text, "1 to 128 of A-Z a-z 0-9 : . / ( ) _ -"));
        }
        statute
    }
}

fn spells_statute(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b":./()_-".contains(&byte)
}

impl fmt::Display for StatuteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
