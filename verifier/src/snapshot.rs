//! How a [`Registry`] is written down and read again, so that whoever reads a log need not
//! begin at its first entry each time. No format of the log: what was written down follows from the entries, is never sent
//! to anybody, and is read only by the program that wrote it.
//!
//! Numbers stand in groups of seven bits, the lowest first; lists and maps begin with their length, and maps and sets are
//! in the order of their keys, so that one registry has one spelling. Words that come again and again (issuers, types,
//! codes, fields) stand in full once and are counted from then on. They stand by name, so that a table may grow.

mod values;

use std::collections::HashMap;

use crate::issuer::Issuer;
use crate::registry::Registry;

/// Changes with the encoding, and whenever the same entries lead to another registry: a snapshot under another number is
/// not read, and everything is read from the entries.
pub const REGISTRY_FORMAT: u32 = 1;

impl Registry {
    /// Writes everything down that was learnt from the entries; the same bytes for the same entries.
    pub fn to_snapshot(&self) -> Vec<u8> {
        let mut to = Pen::default();
        self.put(&mut to);
        to.bytes
    }

    /// Reads what [`Registry::to_snapshot`] wrote in this [`REGISTRY_FORMAT`]; `None` for what it never writes. Whoever
    /// keeps such bytes guards them by a hash: not every change to them is noticed here, and none is safe to believe.
    pub fn from_snapshot(bytes: &[u8]) -> Option<Registry> {
        let mut from = Eye { bytes, words: Vec::new() };
        Registry::take(&mut from).filter(|_| from.bytes.is_empty())
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.registrar().is_registrar_of(self.origin())
    }
}

/// What can be written down and read again.
pub(crate) trait Stored: Sized {
    /// Appends it.
    fn put(&self, to: &mut Pen);

    /// Reads it; `None` for what [`Stored::put`] never writes.
    fn take(from: &mut Eye<'_>) -> Option<Self>;
}

/// Writes.
#[derive(Debug, Default)]
pub(crate) struct Pen {
    bytes: Vec<u8>,
    words: HashMap<String, u64>,
}

impl Pen {
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// A word: 0 and its letters where it is new, and else how many were new before it did, from 1.
    pub(crate) fn word(&mut self, word: &str) {
        match self.words.get(word) {
            Some(known) => self.number(*known),
            None => {
                self.number(0);
                self.number(word.len() as u64);
                self.bytes(word.as_bytes());
                self.words.insert(word.to_owned(), self.words.len() as u64 + 1);
            }
        }
    }
}

/// Reads. Everything is bounded by the bytes that are left: each element of a list takes one at least.
#[derive(Debug)]
pub(crate) struct Eye<'a> {
    bytes: &'a [u8],
    /// The words so far, each with the issuer that it is, once it was asked for as one.
    words: Vec<(&'a str, Option<Issuer>)>,
}

impl<'a> Eye<'a> {
    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.bytes(1)?.first()?;
            let bits = u64::from(byte & 0x7f);
            if bits.checked_shl(shift)? >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte < 0x80 {
                // One spelling: no group of zeros at the end.
                return (byte != 0 || shift == 0).then_some(number);
            }
        }
        None
    }

    /// How many elements follow; no more than there are bytes.
    pub(crate) fn length(&mut self) -> Option<usize> {
        let length = usize::try_from(self.number()?).ok()?;
        (length <= self.bytes.len()).then_some(length)
    }

    pub(crate) fn word(&mut self) -> Option<&'a str> {
        let at = self.place_of_word()?;
        self.words.get(at).map(|(word, _)| *word)
    }

    /// A word that is an issuer. Each is looked at once, however often it stands.
    pub(crate) fn issuer(&mut self) -> Option<Issuer> {
        let at = self.place_of_word()?;
        let (word, issuer) = self.words.get_mut(at)?;
        if issuer.is_none() {
            *issuer = Issuer::parse(word).ok();
        }
        issuer.clone()
    }

    fn place_of_word(&mut self) -> Option<usize> {
        if let Some(known) = self.number()?.checked_sub(1) {
            return usize::try_from(known).ok();
        }
        let length = self.length()?;
        let word = std::str::from_utf8(self.bytes(length)?).ok()?;
        self.words.push((word, None));
        Some(self.words.len() - 1)
    }
}

/// Writes and reads a struct field by field, in this order. One that is missing here does not compile. With a function, what
/// it refuses is not read.
macro_rules! stored {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        $crate::snapshot::stored!($name { $($field),+ } if |_| true);
    };
    ($name:ident { $($field:ident),+ $(,)? } if $sound:expr) => {
        impl $crate::snapshot::Stored for $name {
            fn put(&self, to: &mut $crate::snapshot::Pen) {
                let $name { $($field),+ } = self;
                $($crate::snapshot::Stored::put($field, to);)+
            }

            fn take(from: &mut $crate::snapshot::Eye<'_>) -> Option<$name> {
                $(let $field = $crate::snapshot::Stored::take(from)?;)+
                Some($name { $($field),+ }).filter($sound)
            }
        }
    };
}
pub(crate) use stored;
