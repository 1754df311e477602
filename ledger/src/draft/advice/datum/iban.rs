//! International bank account numbers: the length of their country, and check digits that are right (ISO 13616).

use std::ops::Range;

use super::{Datum, DatumKind};

/// How long the number of a country is, in characters (SWIFT's register of IBAN formats).
#[rustfmt::skip]
const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24), (b"AE", 23), (b"AL", 28), (b"AT", 20), (b"AZ", 28), (b"BA", 20), (b"BE", 16), (b"BG", 22), (b"BH", 22),
    (b"BI", 27), (b"BR", 29), (b"BY", 28), (b"CH", 21), (b"CR", 22), (b"CY", 28), (b"CZ", 24), (b"DE", 22), (b"DJ", 27),
    (b"DK", 18), (b"DO", 28), (b"EE", 20), (b"EG", 29), (b"ES", 24), (b"FI", 18), (b"FK", 18), (b"FO", 18), (b"FR", 27),
    (b"GB", 22), (b"GE", 22), (b"GI", 23), (b"GL", 18), (b"GR", 27), (b"GT", 28), (b"HN", 28), (b"HR", 21), (b"HU", 28),
    (b"IE", 22), (b"IL", 23), (b"IQ", 23), (b"IS", 26), (b"IT", 27), (b"JO", 30), (b"KW", 30), (b"KZ", 20), (b"LB", 28),
    (b"LC", 32), (b"LI", 21), (b"LT", 20), (b"LU", 20), (b"LV", 21), (b"LY", 25), (b"MC", 27), (b"MD", 24), (b"ME", 22),
    (b"MK", 19), (b"MN", 20), (b"MR", 27), (b"MT", 31), (b"MU", 30), (b"NI", 28), (b"NL", 18), (b"NO", 15), (b"OM", 23),
    (b"PK", 24), (b"PL", 28), (b"PS", 29), (b"PT", 25), (b"QA", 29), (b"RO", 24), (b"RS", 22), (b"RU", 33), (b"SA", 24),
    (b"SC", 31), (b"SD", 18), (b"SE", 24), (b"SI", 19), (b"SK", 24), (b"SM", 27), (b"SO", 23), (b"ST", 25), (b"SV", 28),
    (b"TL", 23), (b"TN", 24), (b"TR", 26), (b"UA", 29), (b"VA", 22), (b"VG", 24), (b"XK", 20), (b"YE", 30),
];

/// Finds the numbers in a part of the text.
pub(super) fn search(text: &str, part: Range<usize>, found: &mut Vec<Datum>) {
    let bytes = text.as_bytes();
    let mut at = part.start;
    while at < part.end {
        match account(bytes, at, part.end) {
            Some(end) => {
                found.push(Datum { kind: DatumKind::Iban, place: at..end });
                at = end;
            }
            None => at += 1,
        }
    }
}

/// The end of the number that begins here, written in one piece or in groups.
fn account(bytes: &[u8], at: usize, end: usize) -> Option<usize> {
    let [first, second, check, digit, ..] = bytes.get(at..end)? else { return None };
    if !first.is_ascii_uppercase() || !check.is_ascii_digit() || !digit.is_ascii_digit() {
        return None;
    }
    let (_, length) = LENGTHS.iter().find(|(country, _)| country[..] == [*first, *second])?;
    let apart =
        at.checked_sub(1).and_then(|before| bytes.get(before)).is_none_or(|b| !b.is_ascii_alphanumeric());
    if !apart {
        return None;
    }
    let mut characters = Vec::with_capacity(*length);
    let mut next = at;
    while characters.len() < *length {
        match bytes.get(next).filter(|_| next < end)? {
            b if b.is_ascii_digit() || b.is_ascii_uppercase() => characters.push(*b),
            // One space between groups.
            b' ' if bytes.get(next - 1) != Some(&b' ') => {}
            _ => return None,
        }
        next += 1;
    }
    let ends = bytes.get(next).is_none_or(|b| !b.is_ascii_alphanumeric());
    (ends && is_checked(&characters)).then_some(next)
}

/// The number, its first four characters moved to the end and its letters read as 10 to 35, leaves 1 when divided by 97.
fn is_checked(characters: &[u8]) -> bool {
    let (head, tail) = characters.split_at(characters.len().min(4));
    let rest = tail.iter().chain(head).fold(0u32, |rest, b| match b {
        b'0'..=b'9' => (rest * 10 + u32::from(b - b'0')) % 97,
        _ => (rest * 100 + u32::from(b.saturating_sub(b'A')) + 10) % 97,
    });
    rest == 1
}
