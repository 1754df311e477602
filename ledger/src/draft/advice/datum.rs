//! Personal data in a free text, as far as its spelling gives it away: addresses, numbers, accounts, locators.
//!
//! The search is linear in the text. It is made to be right when it speaks, not to find everything: no search can find
//! a name. What it passes over on purpose is said at each kind.

mod account;
mod email;
mod iban;
mod ip_address;
mod phone;
mod url;
mod word;

use std::ops::Range;

pub(super) use self::url::leads_to_rules;
use self::word::Word;

/// What a piece of text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DatumKind {
    /// `name@host.tld`.
    Email,
    /// A phone number.
    Phone,
    /// An IBAN whose check digits are right (ISO 13616).
    Iban,
    /// An IPv4 or IPv6 address.
    IpAddress,
    /// `@name`, `u/name`.
    Account,
    /// A URL, with or without its scheme.
    Url,
    /// A bare host name.
    Host,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datum {
    /// What it looks like.
    pub kind: DatumKind,
    /// Where it stands, in bytes.
    pub place: Range<usize>,
}

/// Everything in `text` that looks like personal data or a locator, in the order of the text, none overlapping.
pub fn search(text: &str) -> Vec<Datum> {
    let mut found = Vec::new();
    let mut before = None;
    for word in word::words(text) {
        in_word(word, before, &mut found);
        before = Some(word);
    }
    // Numbers are written with spaces, so they are searched for across words, where nothing was found yet.
    for search in [iban::search, phone::search] {
        let mut numbers = Vec::new();
        let mut from = 0;
        for datum in &found {
            search(text, from..datum.place.start, &mut numbers);
            from = datum.place.end;
        }
        search(text, from..text.len(), &mut numbers);
        found.append(&mut numbers);
        found.sort_by_key(|datum| datum.place.start);
    }
    found
}

/// What stands in one word; the word before it can change what it means.
fn in_word(word: Word<'_>, before: Option<Word<'_>>, found: &mut Vec<Datum>) {
    let mut put = |kind, place: Range<usize>| {
        found.push(Datum { kind, place: word.start + place.start..word.start + place.end });
    };
    if let Some(place) = url::find(word.text) {
        put(DatumKind::Url, place);
    } else if let Some(place) = ip_address::find(word.text, before.map(|word| word.text)) {
        put(DatumKind::IpAddress, place);
    } else if let Some(place) = account::find(word.text) {
        put(DatumKind::Account, place);
    } else if word.text.contains('@') {
        email::find_all(word.text).into_iter().for_each(|place| put(DatumKind::Email, place));
    } else if let Some(place) = url::find_host(word.text) {
        put(DatumKind::Host, place);
    }
}

/// The text with everything masked that [`search`] finds, bare host names left as they are.
pub fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for datum in search(text).into_iter().filter(|datum| datum.kind != DatumKind::Host) {
        out.push_str(text.get(from..datum.place.start).unwrap_or_default());
        out.push_str(&mask(text, &datum));
        from = datum.place.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// A datum as it may be repeated: enough to find it again, too little to use it.
pub fn mask(text: &str, datum: &Datum) -> String {
    let piece = text.get(datum.place.clone()).unwrap_or_default();
    let ends = |first: usize, last: usize| {
        let skip = piece.chars().count().saturating_sub(last);
        let tail: String = piece.chars().skip(skip).collect();
        format!("{}…{tail}", piece.chars().take(first).collect::<String>())
    };
    match datum.kind {
        DatumKind::Email => email::mask(piece),
        DatumKind::Phone => ends(3, 2),
        DatumKind::Iban => ends(2, 2),
        DatumKind::IpAddress => ends(3, 0),
        DatumKind::Account => ends(2, 0),
        DatumKind::Url => url::mask(piece),
        DatumKind::Host => ends(2, 3),
    }
}

#[cfg(test)]
mod tests;
