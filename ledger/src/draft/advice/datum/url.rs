//! URLs and host names. A bare host name is told apart, because it is often the subject, which is public.

use std::ops::Range;

use super::email::is_named;

/// Where a word is a URL: with a scheme, or `www.`, or a host and a path.
pub(super) fn find(word: &str) -> Option<Range<usize>> {
    if let Some(at) = word.find("://") {
        let before = word.get(..at).unwrap_or_default();
        let scheme = before.bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
        let goes_on = word.len() > at + 3;
        return (scheme >= 2 && goes_on).then_some(at - scheme..word.len());
    }
    let start =
        word.find(':').filter(|colon| word.get(..*colon).is_some_and(is_label)).map_or(0, |at| at + 1);
    let rest = word.get(start..).unwrap_or_default();
    let end = rest.find(['/', '?', '#', ':']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(end)?;
    let has_path = path.starts_with('/') && path.len() > 1;
    let is_web = host.get(..4).is_some_and(|www| www.eq_ignore_ascii_case("www."));
    let is_url = spelt_as_host(host) && (has_path || (is_web && host.matches('.').count() > 1));
    is_url.then_some(start..word.len())
}

/// A word in front of a colon, as in `Link:www.example.net`.
fn is_label(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Where a word is a host name in lower case. A sentence that begins without a space behind a full stop has a capital.
pub(super) fn find_host(word: &str) -> Option<Range<usize>> {
    let lower = !word.bytes().any(|b| b.is_ascii_uppercase());
    (lower && spelt_as_host(word)).then_some(0..word.len())
}

fn spelt_as_host(host: &str) -> bool {
    host.len() <= 253
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
        && is_named(host)
}

/// Whether a URL leads to rules rather than to content, as far as its words tell: terms, policies, laws.
pub(in super::super) fn leads_to_rules(url: &str) -> bool {
    const RULES: &[&str] = &[
        "policy",
        "policies",
        "terms",
        "tos",
        "rules",
        "guidelines",
        "guideline",
        "standards",
        "legal",
        "law",
        "laws",
        "eur-lex",
        "legislation",
        "imprint",
        "agb",
        "nutzungsbedingungen",
        "conditions",
    ];
    url.to_ascii_lowercase().split(|c: char| !c.is_ascii_alphanumeric()).any(|part| RULES.contains(&part))
        || url.contains("eur-lex")
}

/// `https://e…`.
pub(super) fn mask(url: &str) -> String {
    let scheme = url.find("://").map_or(0, |at| at + 3);
    let first = url.get(scheme..).unwrap_or_default().chars().next().map(String::from).unwrap_or_default();
    format!("{}{first}…", url.get(..scheme).unwrap_or_default())
}
