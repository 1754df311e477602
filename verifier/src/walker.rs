//! A cursor over the heads of deterministic CBOR (RFC 8949 §3 and §4.2.1) that copies and allocates nothing.
//!
//! Bodies of up to 16 MiB arrive here. Whatever length a head announces, the walker only ever compares it with
//! the bytes that are there, so a hostile length costs nothing. Every other decoder runs after the walker has
//! seen the whole item.

use crate::cbor_error::{CborError, CborErrorKind};

/// The deepest nesting of arrays and maps. Eight is twice what the deepest statement needs.
pub const MAX_DEPTH: usize = 8;

/// The major types of RFC 8949 §3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Major {
    /// 0: an unsigned integer.
    Unsigned,
    /// 1: a negative integer, −1 minus the argument.
    Negative,
    /// 2: a byte string.
    Bytes,
    /// 3: a text string.
    Text,
    /// 4: an array.
    Array,
    /// 5: a map.
    Map,
    /// 6: a tag.
    Tag,
    /// 7: `false` (argument 20) or `true` (argument 21); nothing else passes.
    Simple,
}

/// One head: what comes, and its number, length or count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// What kind of item begins here.
    pub major: Major,
    /// The integer, the length in bytes, the count of elements or pairs, or the tag's number.
    pub argument: u64,
}

/// The cursor. Each method reads one thing and moves on; after an error the position means nothing.
#[derive(Debug, Clone)]
pub struct Walker<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Walker<'a> {
    /// Starts at the first byte.
    pub fn new(input: &'a [u8]) -> Walker<'a> {
        Walker { input, at: 0 }
    }

    /// Whether `input` is exactly one item of our data model in its one legal spelling.
    pub fn check(input: &[u8]) -> Result<(), CborError> {
        let mut walker = Walker::new(input);
        walker.skip()?;
        walker.finish()
    }

    /// How many bytes were read.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Whether nothing is left.
    pub fn at_end(&self) -> bool {
        self.at == self.input.len()
    }

    /// Refuses bytes that are left.
    pub fn finish(&self) -> Result<(), CborError> {
        if self.at_end() { Ok(()) } else { Err(self.error(CborErrorKind::Trailing)) }
    }

    /// Reads one head: definite length, shortest form.
    pub fn head(&mut self) -> Result<Head, CborError> {
        let start = self.at;
        let first = *self.input.get(start).ok_or_else(|| self.error(CborErrorKind::Truncated))?;
        let (major, info) = (major_of(first), first & 0x1f);
        self.at += 1;
        if major == Major::Simple {
            return self.simple(info, start);
        }
        let wide = match info {
            0..=23 => return Ok(Head { major, argument: u64::from(info) }),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            31 if matches!(major, Major::Bytes | Major::Text | Major::Array | Major::Map) => {
                return Err(CborError::new(CborErrorKind::Indefinite, start));
            }
            _ => return Err(CborError::new(CborErrorKind::Reserved, start)),
        };
        let argument = self.take(wide)?.iter().fold(0, |n, byte| (n << 8) | u64::from(*byte));
        let shorter = match wide {
            1 => argument < 24,
            2 => argument <= 0xff,
            4 => argument <= 0xffff,
            _ => argument <= 0xffff_ffff,
        };
        if shorter {
            return Err(CborError::new(CborErrorKind::NotShortest, start));
        }
        Ok(Head { major, argument })
    }

    /// Major type 7 (RFC 8949 §3.3): `false` and `true` pass.
    fn simple(&mut self, info: u8, start: usize) -> Result<Head, CborError> {
        let kind = match info {
            20 | 21 => return Ok(Head { major: Major::Simple, argument: u64::from(info) }),
            0..=23 => CborErrorKind::Model,
            24 if self.take(1)?.iter().all(|value| *value < 32) => CborErrorKind::Reserved,
            24 => CborErrorKind::Model,
            25..=27 => self.take(1 << (info - 24)).map(|_| CborErrorKind::Model)?,
            _ => CborErrorKind::Reserved,
        };
        Err(CborError::new(kind, start))
    }

    /// Reads a byte string.
    pub fn bytes(&mut self) -> Result<&'a [u8], CborError> {
        let length = self.expect(Major::Bytes)?;
        self.take_long(length)
    }

    /// Reads a byte string of exactly `N` bytes.
    pub fn bytes_of<const N: usize>(&mut self) -> Result<&'a [u8; N], CborError> {
        let start = self.at;
        let bytes = self.bytes()?;
        bytes.try_into().map_err(|_| CborError::new(CborErrorKind::Unexpected, start))
    }

    /// Reads a text string.
    pub fn text(&mut self) -> Result<&'a str, CborError> {
        let start = self.at;
        let length = self.expect(Major::Text)?;
        let bytes = self.take_long(length)?;
        std::str::from_utf8(bytes).map_err(|_| CborError::new(CborErrorKind::Utf8, start))
    }

    /// Reads an unsigned integer.
    pub fn unsigned(&mut self) -> Result<u64, CborError> {
        self.expect(Major::Unsigned)
    }

    /// Reads an integer of either sign.
    pub fn integer(&mut self) -> Result<i128, CborError> {
        let start = self.at;
        let head = self.head()?;
        match head.major {
            Major::Unsigned => Ok(i128::from(head.argument)),
            Major::Negative => Ok(-1 - i128::from(head.argument)),
            _ => Err(CborError::new(CborErrorKind::Unexpected, start)),
        }
    }

    /// Reads the head of an array; the answer is how many elements follow.
    pub fn array(&mut self) -> Result<u64, CborError> {
        self.expect(Major::Array)
    }

    /// Reads the head of a map; the answer is how many pairs follow.
    pub fn map(&mut self) -> Result<u64, CborError> {
        self.expect(Major::Map)
    }

    /// Reads exactly these bytes, which are the only spelling of what must stand here.
    pub fn literal(&mut self, bytes: &[u8]) -> Result<(), CborError> {
        let start = self.at;
        if self.take(bytes.len())? == bytes {
            Ok(())
        } else {
            Err(CborError::new(CborErrorKind::Unexpected, start))
        }
    }

    /// Reads `N` bytes as they are, behind a head that [`Walker::literal`] has read.
    pub(crate) fn raw<const N: usize>(&mut self) -> Result<[u8; N], CborError> {
        let start = self.at;
        self.take(N)?.try_into().map_err(|_| CborError::new(CborErrorKind::Unexpected, start))
    }

    /// What kind of item comes next, without reading it.
    pub fn peek(&self) -> Result<Major, CborError> {
        let first = self.input.get(self.at);
        first.map(|byte| major_of(*byte)).ok_or_else(|| self.error(CborErrorKind::Truncated))
    }

    /// Reads one whole item, checks everything in it, and gives its bytes.
    pub fn skip(&mut self) -> Result<&'a [u8], CborError> {
        let start = self.at;
        self.skip_inside(0)?;
        Ok(&self.input[start..self.at])
    }

    fn skip_inside(&mut self, depth: usize) -> Result<(), CborError> {
        let start = self.at;
        let head = self.head()?;
        match head.major {
            Major::Unsigned | Major::Negative | Major::Simple => Ok(()),
            Major::Bytes => self.take_long(head.argument).map(|_| ()),
            Major::Text => {
                let bytes = self.take_long(head.argument)?;
                // Most texts are ASCII, which is seen faster.
                let is_text = bytes.is_ascii() || std::str::from_utf8(bytes).is_ok();
                is_text.then_some(()).ok_or(CborError::new(CborErrorKind::Utf8, start))
            }
            Major::Tag => Err(CborError::new(CborErrorKind::Model, start)),
            Major::Array | Major::Map if depth == MAX_DEPTH => {
                Err(CborError::new(CborErrorKind::Depth, start))
            }
            // Each element takes at least one byte, so a false count ends at the end of the input.
            Major::Array => (0..head.argument).try_for_each(|_| self.skip_inside(depth + 1)),
            Major::Map => self.skip_pairs(head.argument, depth + 1),
        }
    }

    fn skip_pairs(&mut self, pairs: u64, depth: usize) -> Result<(), CborError> {
        let mut last: &[u8] = &[];
        for _ in 0..pairs {
            let start = self.at;
            if !matches!(self.peek()?, Major::Unsigned | Major::Negative | Major::Text) {
                return Err(self.error(CborErrorKind::KeyKind));
            }
            self.skip_inside(depth)?;
            let key = &self.input[start..self.at];
            // No key is empty, so the first one is always greater than `last`.
            match key.cmp(last) {
                std::cmp::Ordering::Greater => last = key,
                std::cmp::Ordering::Equal => {
                    return Err(CborError::new(CborErrorKind::DuplicateKey, start));
                }
                std::cmp::Ordering::Less => {
                    return Err(CborError::new(CborErrorKind::KeyOrder, start));
                }
            }
            self.skip_inside(depth)?;
        }
        Ok(())
    }

    fn expect(&mut self, major: Major) -> Result<u64, CborError> {
        let start = self.at;
        let head = self.head()?;
        if head.major == major {
            Ok(head.argument)
        } else {
            Err(CborError::new(CborErrorKind::Unexpected, start))
        }
    }

    fn take_long(&mut self, length: u64) -> Result<&'a [u8], CborError> {
        let length = usize::try_from(length);
        self.take(length.map_err(|_| self.error(CborErrorKind::Truncated))?)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], CborError> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.input.len());
        let end = end.ok_or_else(|| self.error(CborErrorKind::Truncated))?;
        let taken = &self.input[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn error(&self, kind: CborErrorKind) -> CborError {
        CborError::new(kind, self.at)
    }
}

fn major_of(first: u8) -> Major {
    match first >> 5 {
        0 => Major::Unsigned,
        1 => Major::Negative,
        2 => Major::Bytes,
        3 => Major::Text,
        4 => Major::Array,
        5 => Major::Map,
        6 => Major::Tag,
        _ => Major::Simple,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn kind(input: &[u8]) -> CborErrorKind {
        Walker::check(input).unwrap_err().kind()
    }

    #[test]
    fn each_rule_has_its_own_answer() {
        use CborErrorKind::*;
        let cases: [(&[u8], CborErrorKind); 24] = [
            (&[], Truncated),
            (&[0x18], Truncated),
            (&[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Truncated),
            (&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Truncated),
            (&[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x01], Truncated),
            (&[0x00, 0x00], Trailing),
            (&[0x1c], Reserved),
            (&[0x1f], Reserved),
            (&[0xff], Reserved),
            (&[0x61, 0xff], Utf8),
            (&[0xf6], Model),
            (&[0xf7], Model),
            (&[0xf9, 0x3c, 0x00], Model),
            (&[0xf8, 0x20], Model),
            (&[0xf8, 0x1f], Reserved),
            (&[0xf9, 0x3c], Truncated),
            (&[0xd2, 0x00], Model),
            (&[0xa1, 0x40, 0x00], KeyKind),
            (&[0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x80], Depth),
            (&[0x18, 0x17], NotShortest),
            (&[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], NotShortest),
            (&[0x9f, 0xff], Indefinite),
            (&[0xa2, 0x61, b'b', 0x00, 0x61, b'a', 0x00], KeyOrder),
            (&[0xa2, 0x61, b'a', 0x00, 0x61, b'a', 0x00], DuplicateKey),
        ];
        for (input, expected) in cases {
            assert_eq!(kind(input), expected, "{input:02x?}");
        }
        assert_eq!(Walker::check(&[0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x80]), Ok(()));
    }

    #[test]
    fn the_message_names_place_and_rule() {
        let error = Walker::check(&[0x81, 0x18, 0x01]).unwrap_err();
        assert_eq!(error.to_string(), "CBOR at byte 1: a length or an integer not in its shortest form");
        assert!(error.is_spelling());
    }
}
