//! Phone numbers: with a country's prefix, with a zero and groups, in the North American form, or behind a word that
//! announces one. Any other row of digits is taken for something else: a case number, a day, a count.

use std::ops::Range;

use super::{Datum, DatumKind};

/// Most digits (ITU-T E.164).
const MAX_DIGITS: usize = 15;

/// Longest spelling, in bytes: fifteen digits, each with a sign behind it, and brackets.
const MAX_SPELLING: usize = 40;

/// How far before a number the word that announces it may begin, in bytes.
const REACH: usize = 16;

/// Words that announce a number.
const ANNOUNCING: &[&str] = &[
    "tel",
    "telephone",
    "telefon",
    "telefono",
    "telefoon",
    "téléphone",
    "phone",
    "fon",
    "ph",
    "mobile",
    "mobil",
    "handy",
    "cell",
    "whatsapp",
    "signal",
    "fax",
    "sms",
    "call",
    "dial",
    "hotline",
];

/// Finds the numbers in a part of the text.
pub(super) fn search(text: &str, part: Range<usize>, found: &mut Vec<Datum>) {
    let bytes = text.as_bytes();
    let mut at = part.start;
    while at < part.end {
        let Some(row) = Row::read(text, at, part.end) else {
            at += 1;
            continue;
        };
        if row.is_phone(text.get(..at).unwrap_or_default()) {
            found.push(Datum { kind: DatumKind::Phone, place: at..row.end });
        }
        // What follows is not the beginning of another row: a digit there is part of a longer one.
        at = row.end;
        while at < part.end && bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
    }
}

/// A row of digits in groups.
struct Row {
    /// Whether it begins with `+`.
    plus: bool,
    /// Whether its first group stands in brackets.
    bracket: bool,
    digits: Vec<u8>,
    /// Length of each group.
    groups: Vec<usize>,
    /// What stands between the groups.
    signs: Vec<u8>,
    end: usize,
    /// Whether it is bounded on both sides.
    apart: bool,
}

fn is_sign(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')')
}

impl Row {
    /// The row that begins here, if one does.
    fn read(text: &str, at: usize, end: usize) -> Option<Row> {
        let bytes = text.as_bytes();
        let first = *bytes.get(at)?;
        let opens = first.is_ascii_digit() || matches!(first, b'+' | b'(');
        let before = text.get(..at)?.chars().next_back();
        let apart = before.is_none_or(|c| !c.is_alphanumeric() && !"_-/.#=&%+".contains(c));
        if !opens {
            return None;
        }
        let (plus, bracket) = (first == b'+', first == b'(');
        let mut row = Row { plus, bracket, digits: vec![], groups: vec![], signs: vec![], end: at, apart };
        let mut next = at + usize::from(plus || bracket);
        let mut sign = None;
        while next < end && next - at < MAX_SPELLING {
            let byte = *bytes.get(next)?;
            if byte.is_ascii_digit() {
                match (row.groups.last_mut(), sign.take()) {
                    (Some(group), None) => *group += 1,
                    (last, sign) => {
                        if last.is_some() {
                            row.signs.extend(sign);
                        }
                        row.groups.push(1);
                    }
                }
                row.digits.push(byte);
                row.end = next + 1;
            } else if is_sign(byte) && next - row.end.max(at) < 2 {
                sign = Some(sign.map_or(byte, |first: u8| if first == b' ' { byte } else { first }));
            } else {
                break;
            }
            next += 1;
        }
        let after = text.get(row.end..)?.chars().next();
        row.apart &= after.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        (!row.digits.is_empty()).then_some(row)
    }

    fn is_phone(&self, before: &str) -> bool {
        let count = self.digits.len();
        if !self.apart || count > MAX_DIGITS || self.is_date() {
            return false;
        }
        let digit = |at: usize| self.digits.get(at).copied().unwrap_or(b'0');
        let zeros = self.digits.iter().take_while(|digit| **digit == b'0').count();
        let grouped = self.groups.len() > 1 && self.signs.iter().any(|sign| *sign != b'.');
        // An area code has at least two digits with its zero; `0.5.0 (2026-10)` has none.
        let coded = self.groups.first().is_some_and(|length| *length >= 2);
        let paired = self.groups.len() == 5 && self.groups.iter().all(|length| *length == 2);
        (self.plus && count >= 8 && zeros == 0)
            || (zeros == 2 && grouped && count >= 10)
            || (zeros == 1 && coded && (grouped || paired) && (9..=12).contains(&count))
            || (self.is_north_american() && digit(count.saturating_sub(10)) >= b'2')
            || (count >= 6 && is_announced(before))
    }

    /// `555-234-5678`, `(555) 234-5678`, `1-555-234-5678`.
    fn is_north_american(&self) -> bool {
        let (groups, signs) = match (self.groups.as_slice(), self.signs.as_slice()) {
            ([1, rest @ ..], [_, signs @ ..]) if self.digits.first() == Some(&b'1') => (rest, signs),
            (groups, signs) => (groups, signs),
        };
        let joined = signs.iter().all(|sign| matches!(sign, b'-' | b'.' | b')'));
        groups == [3, 3, 4] && (joined || self.bracket)
    }

    /// `01.02.2022`, and what may follow it.
    fn is_date(&self) -> bool {
        matches!(self.groups.as_slice(), [1..=2, 1..=2, 4, ..]) && !self.plus && !self.bracket
    }
}

/// Whether the text ends with a word that announces a number.
fn is_announced(before: &str) -> bool {
    let near = before.char_indices().rev().take_while(|(at, _)| before.len() - at <= REACH).last();
    let near = near.and_then(|(at, _)| before.get(at..)).unwrap_or_default();
    let word = near.trim_end_matches([' ', ':', '.', '-', '–', '#']);
    let word = word.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    ANNOUNCING.contains(&word.to_lowercase().as_str())
}
