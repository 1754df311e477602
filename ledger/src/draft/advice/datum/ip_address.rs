//! IP addresses. Four numbers with dots between them are a version or a section as often as an address, so they are
//! passed over when every number has one digit, or when the word before says what they number.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// Longest spelling that is tried, in bytes; the longest address has 45 (RFC 4291 §2.2).
const MAX_SPELLING: usize = 45;

/// Words in front of numbers that are no addresses.
const NUMBERED: &[&str] = &[
    "v",
    "ver",
    "version",
    "release",
    "build",
    "section",
    "sec",
    "sect",
    "clause",
    "article",
    "art",
    "paragraph",
    "para",
    "point",
    "rule",
    "chapter",
    "annex",
    "item",
    "no",
    "nr",
    "number",
    "abschnitt",
    "ziffer",
    "nummer",
    "§",
    "§§",
];

/// Where a word holds an address; `before` is the word in front of it.
pub(super) fn find(word: &str, before: Option<&str>) -> Option<Range<usize>> {
    // "IP:203.0.113.7"
    let label =
        word.split_once([':', '=']).filter(|(label, _)| label.bytes().all(|b| b.is_ascii_alphabetic()));
    let skipped = label.map_or(0, |(label, rest)| if rest.starts_with(':') { 0 } else { label.len() + 1 });
    let rest = word.get(skipped..).unwrap_or_default();
    let address = without_prefix_length(rest);
    let numbered = before.is_some_and(|word| NUMBERED.contains(&word.to_lowercase().as_str()));
    let is_address = address.len() <= MAX_SPELLING && (is_v6(address) || (is_v4(address) && !numbered));
    if is_address {
        return Some(skipped..skipped + address.len());
    }
    // "203.0.113.7:443"
    let (host, port) = rest.split_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    (is_port && host.len() <= MAX_SPELLING && is_v4(host)).then_some(skipped..skipped + host.len())
}

/// `203.0.113.0/24` without the `/24`.
fn without_prefix_length(text: &str) -> &str {
    match text.split_once('/') {
        Some((address, bits)) if !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit()) => address,
        _ => text,
    }
}

fn is_v4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok_and(|address| address.octets().iter().any(|octet| *octet > 9))
}

/// With a digit, so that `a::b` of a programming language is none.
fn is_v6(text: &str) -> bool {
    let colons = text.bytes().filter(|b| *b == b':').count();
    colons >= 2 && text.bytes().any(|b| b.is_ascii_digit()) && text.parse::<Ipv6Addr>().is_ok()
}
