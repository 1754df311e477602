//! Our reader of CBOR against ciborium's: which of its verdicts are ours too, and by which rule we refuse the others.
//!
//! Also part of a fuzz target (`fuzz/fuzz_targets/cbor.rs`), so it needs the verifier and ciborium alone.

use ciborium::value::Value;
use glasshouse_verifier::cbor::{CborErrorKind, Item, MAX_DECODE, MAX_DEPTH, decode, encode};

/// What both said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// Both read one value, and write it as it was.
    Read,
    /// Neither reads it.
    RefusedByBoth,
    /// It is outside our data model: a float, null, tag, another simple value, another kind of key, too deep, too long.
    Model,
    /// It is in our data model, and spelled otherwise than deterministic CBOR has it.
    Spelling,
    /// ciborium reads an item, and bytes are left.
    Trailing,
}

/// Holds both against each other: what we read is what ciborium reads, and we refuse nothing that the rules allow.
///
/// # Panics
///
/// Where they differ without a rule that says why.
pub(crate) fn compare(bytes: &[u8]) -> Verdict {
    let ours = decode(bytes);
    let mut rest = bytes;
    let theirs: Result<Value, _> = ciborium::from_reader(&mut rest);
    let Ok(value) = theirs else {
        assert!(ours.is_err(), "we read what ciborium does not: {bytes:02x?}");
        return Verdict::RefusedByBoth;
    };
    if !rest.is_empty() {
        assert!(ours.is_err(), "we read what has bytes behind it: {bytes:02x?}");
        return Verdict::Trailing;
    }
    let mut written = Vec::new();
    let is_written = ciborium::into_writer(&value, &mut written).is_ok();
    let item = in_model(&value, 0).filter(|_| bytes.len() <= MAX_DECODE);
    match (ours, item) {
        (Ok(ours), Some(item)) => {
            assert_eq!(ours, item, "{bytes:02x?}");
            assert!(is_written && written == bytes, "ciborium writes another spelling: {bytes:02x?}");
            assert_eq!(encode(&ours), bytes);
            Verdict::Read
        }
        (Err(error), None) => {
            use CborErrorKind::{Truncated, Utf8};
            assert!(!matches!(error.kind(), Truncated | Utf8), "{error}, and it is whole: {bytes:02x?}");
            Verdict::Model
        }
        (Err(error), Some(item)) => {
            use CborErrorKind::{DuplicateKey, Indefinite, KeyKind, KeyOrder, Model, NotShortest, Reserved};
            // ciborium also takes a small number for a big one (tags 2 and 3), and a boolean in two bytes, which RFC 8949
            // §3.3 does not allow.
            let is_rule = match error.kind() {
                NotShortest | Indefinite | KeyOrder | DuplicateKey => true,
                Model | KeyKind | Reserved => written != bytes,
                _ => false,
            };
            assert!(is_rule, "{error}: {bytes:02x?}");
            assert!(written != bytes || encode(&item) != bytes, "we refuse our own spelling: {bytes:02x?}");
            Verdict::Spelling
        }
        (Ok(ours), None) => unreachable!("we read {ours:?}, which is outside our own model: {bytes:02x?}"),
    }
}

/// The same value in our data model, if it has one. `depth` arrays and maps are around it.
fn in_model(value: &Value, depth: usize) -> Option<Item> {
    let inside = || (depth < MAX_DEPTH).then_some(depth + 1);
    match value {
        Value::Integer(number) => Some(Item::Integer((*number).into())),
        Value::Bytes(bytes) => Some(Item::bytes(bytes.clone())),
        Value::Text(text) => Some(Item::text(text.clone())),
        Value::Bool(yes) => Some(Item::Bool(*yes)),
        Value::Array(values) => {
            let depth = inside()?;
            values.iter().map(|value| in_model(value, depth)).collect::<Option<_>>().map(Item::Array)
        }
        Value::Map(pairs) => {
            let depth = inside()?;
            let pair = |(key, value): &(Value, Value)| {
                let is_key = matches!(key, Value::Integer(_) | Value::Text(_));
                Some((in_model(key, depth).filter(|_| is_key)?, in_model(value, depth)?))
            };
            pairs.iter().map(pair).collect::<Option<_>>().map(Item::Map)
        }
        _ => None,
    }
}
