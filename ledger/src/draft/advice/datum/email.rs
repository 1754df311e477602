//! E-mail addresses, in the spelling that everybody uses: no quotation marks, no comments, a host with a dot.
//! `jane at example dot com` is passed over.

use std::ops::Range;

/// Longest part before the @, in bytes (RFC 5321 §4.5.3.1.1).
const MAX_LOCAL: usize = 64;

/// Longest host, in bytes (RFC 1035 §2.3.4).
const MAX_HOST: usize = 253;

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-')
}

fn is_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')
}

/// Where the addresses of a word stand.
pub(super) fn find_all(word: &str) -> Vec<Range<usize>> {
    let bytes = word.as_bytes();
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'@') {
        let before = bytes.get(..at).unwrap_or_default();
        let local = before.iter().rev().take(MAX_LOCAL).take_while(|byte| is_local(**byte)).count();
        let unfit = before
            .get(at - local..)
            .unwrap_or_default()
            .iter()
            .take_while(|byte| !byte.is_ascii_alphanumeric());
        let local = local - unfit.count();
        let after = bytes.get(at + 1..).unwrap_or_default();
        let host = after.iter().take(MAX_HOST).take_while(|byte| is_host(**byte)).count();
        let place = at - local..at + 1 + trimmed(word.get(at + 1..at + 1 + host).unwrap_or_default());
        let free = found.last().is_none_or(|last| last.end <= place.start);
        let host = word.get(at + 1..place.end).unwrap_or_default();
        if local > 0
            && free
            && bytes.get(place.start).is_some_and(u8::is_ascii_alphanumeric)
            && is_named(host)
        {
            found.push(place);
        }
    }
    found
}

/// The length of a host without what ends the sentence.
fn trimmed(host: &str) -> usize {
    host.trim_end_matches(['.', '-']).len()
}

/// Whether a host has at least two labels and a top one of letters.
pub(super) fn is_named(host: &str) -> bool {
    let mut labels = host.rsplit('.');
    let top = labels.next().unwrap_or_default();
    let is_top = top.len() >= 2 && (top.starts_with("xn--") || top.bytes().all(|b| b.is_ascii_alphabetic()));
    let rest: Vec<&str> = labels.collect();
    is_top && !rest.is_empty() && rest.iter().all(|label| !label.is_empty() && !label.starts_with('-'))
}

/// `j…@e….com`.
pub(super) fn mask(address: &str) -> String {
    let (local, host) = address.split_once('@').unwrap_or((address, ""));
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    let top = host.rsplit('.').next().unwrap_or_default();
    format!("{}…@{}….{top}", first(local), first(host))
}
