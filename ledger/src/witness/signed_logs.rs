//! For which logs a witness has ever signed: the one thing that it knows of a log whose state is lost.
//!
//! A log's origin is written here, durably, behind its first record and before its first cosignature leaves. So a log that
//! stands here was answered, or may have been, and one that does not was not. The text checks itself:
//!
//! ```text
//! glasshouse-witness-logs/1
//! log.example/takedowns
//! sha256 64 hex digits of everything before
//! ```

use std::collections::BTreeSet;

use glasshouse_verifier::hash::Digest;

use crate::state::split_hash;

pub(super) const FORMAT: &str = "glasshouse-witness-logs/1";

/// The longest text that is written or read, in bytes: twice the largest list of logs, each with the longest origin.
pub(super) const SIGNED_LOGS_MAX: usize = 64 << 20;

/// The bytes that [`parse`] reads. Origins are lines of a checkpoint: no line feed stands in them, and none is empty.
pub(crate) fn encode(origins: &BTreeSet<String>) -> Vec<u8> {
    let mut text = format!("{FORMAT}\n");
    for origin in origins {
        text.push_str(origin);
        text.push('\n');
    }
    let hash = Digest::of(text.as_bytes());
    format!("{text}sha256 {hash}\n").into_bytes()
}

/// The origins; none of them if the bytes are not exactly what [`encode`] writes.
pub(crate) fn parse(bytes: &[u8]) -> Option<BTreeSet<String>> {
    let (body, hash) = split_hash(std::str::from_utf8(bytes).ok()?)?;
    if Digest::of(body.as_bytes()).to_hex() != hash {
        return None;
    }
    let mut lines = body.lines();
    let origins = (lines.next() == Some(FORMAT)).then(|| lines.map(str::to_owned).collect())?;
    (encode(&origins) == bytes).then_some(origins)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn what_is_encoded_is_read_and_nothing_else() {
        for origins in [vec![], vec!["a"], vec!["a", "sha256 b", "λ", "file 1 2", " "]] {
            let origins: BTreeSet<String> = origins.into_iter().map(str::to_owned).collect();
            let bytes = encode(&origins);
            assert_eq!(parse(&bytes), Some(origins));
            for at in 0..bytes.len() {
                assert_eq!(parse(&bytes[..at]), None);
                let mut flipped = bytes.clone();
                flipped[at] ^= 1;
                assert_eq!(parse(&flipped), None);
            }
        }
    }

    #[test]
    fn a_new_hash_makes_no_second_spelling() {
        for body in [
            "glasshouse-witness-logs/2\n",
            "glasshouse-witness-logs/1\nb\na\n",
            "glasshouse-witness-logs/1\na\na\n",
        ] {
            let text = format!("{body}sha256 {}\n", Digest::of(body.as_bytes()));
            assert_eq!(parse(text.as_bytes()), None, "{body}");
        }
    }
}
