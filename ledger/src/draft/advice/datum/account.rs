//! Names of accounts: `@name`, `@name@server.tld`, `u/name`. A name without such a mark looks like any other word.

use std::ops::Range;

/// Longest name, in bytes; the longest that a large service allows has 39.
const MAX_NAME: usize = 64;

/// Where a word is a name of an account.
pub(super) fn find(word: &str) -> Option<Range<usize>> {
    let bare = word.strip_prefix('/').unwrap_or(word);
    let named = |name: &str, least: usize| {
        let fits = (least..=MAX_NAME).contains(&name.len());
        let spelt = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        fits && spelt && name.bytes().any(|b| b.is_ascii_alphabetic())
    };
    let is_account = if let Some(name) = word.strip_prefix('@') {
        let (name, server) = name.split_once('@').unwrap_or((name, "some.server"));
        named(name, 2) && super::email::is_named(server)
    } else {
        bare.strip_prefix("u/").is_some_and(|name| named(name.trim_end_matches('/'), 3))
    };
    is_account.then_some(0..word.len())
}
