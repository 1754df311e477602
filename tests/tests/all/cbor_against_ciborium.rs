//! Our reader of CBOR and ciborium's say the same of vectors, of what is near them, and of random items in odd spellings.

use std::collections::BTreeMap;
use std::path::Path;

use ciborium::value::Value;
use proptest::prelude::*;

use crate::foreign_cbor::{Verdict, compare};

/// The members of vectors that hold CBOR.
const MEMBERS: [&str; 4] = ["cbor", "payload", "addendum", "request"];

/// The bytes of all vectors of some families.
fn vectors() -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for family in ["cbor", "payload", "addendum", "request"] {
        for kind in ["valid", "invalid"] {
            let folder =
                Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors").join(family).join(kind);
            for file in std::fs::read_dir(&folder).unwrap() {
                let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
                let vector: serde_json::Value = serde_json::from_str(&text).unwrap();
                let members = MEMBERS.iter().filter_map(|name| vector["input"][name].as_str());
                found.extend(members.filter_map(|text| hex::decode(text).ok()));
            }
        }
    }
    found
}

/// Every change of one bit of the first 400 bytes, and every cut there.
fn near(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let near = bytes.len().min(400);
    let flips = (0..near * 8).map(|bit| {
        let mut changed = bytes.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        changed
    });
    flips.chain((0..near).map(|end| bytes[..end].to_vec()))
}

#[test]
fn vectors_and_what_is_near_them() {
    let mut verdicts: BTreeMap<Verdict, usize> = BTreeMap::new();
    let vectors = vectors();
    for (at, bytes) in vectors.iter().enumerate() {
        *verdicts.entry(compare(bytes)).or_default() += 1;
        // A tenth of them is changed, or it takes a minute.
        for changed in near(bytes).take(if at % 10 == 0 { usize::MAX } else { 0 }) {
            *verdicts.entry(compare(&changed)).or_default() += 1;
        }
    }
    println!("{} vectors: {verdicts:?}", vectors.len());
    assert!(vectors.len() > 300, "only {} vectors", vectors.len());
    for verdict in
        [Verdict::Read, Verdict::RefusedByBoth, Verdict::Model, Verdict::Spelling, Verdict::Trailing]
    {
        assert!(verdicts.get(&verdict).is_some_and(|count| *count >= 100), "{verdict:?}: {verdicts:?}");
    }
}

/// Items of ciborium's whole data model, ours and the rest of it.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        3 => any::<i64>().prop_map(|n| Value::Integer(n.into())),
        3 => (-300..300_i32).prop_map(|n| Value::Integer(n.into())),
        2 => prop::collection::vec(any::<u8>(), 0..30).prop_map(Value::Bytes),
        3 => ".{0,20}".prop_map(Value::Text),
        2 => any::<bool>().prop_map(Value::Bool),
        1 => any::<f64>().prop_map(Value::Float),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(9, 60, 6, |inner| {
        let key = prop_oneof![
            3 => "[a-c]{0,3}".prop_map(Value::Text),
            3 => (-30..30_i32).prop_map(|n| Value::Integer(n.into())),
            1 => inner.clone(),
        ];
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            4 => prop::collection::vec((key, inner.clone()), 0..6).prop_map(Value::Map),
            1 => (0..40_u64, inner).prop_map(|(tag, value)| Value::Tag(tag, Box::new(value))),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_ciborium_writes(value in values(), at: usize, to: u8) {
        let mut bytes = Vec::new();
        ciborium::into_writer(&value, &mut bytes).unwrap();
        compare(&bytes);
        let at = at % bytes.len();
        bytes[at] = to;
        compare(&bytes);
    }

    #[test]
    fn noise(bytes in prop::collection::vec(any::<u8>(), 0..16)) {
        compare(&bytes);
    }
}

#[test]
fn the_odd_spellings_that_ciborium_takes() {
    for (bytes, verdict) in [
        (&[0x05][..], Verdict::Read),
        // A small number as a big one, a boolean in two bytes, a key in a longer form.
        (&[0xc2, 0x41, 0x05], Verdict::Spelling),
        (&[0xf8, 0x14], Verdict::Spelling),
        (&[0xa1, 0x18, 0x05, 0x00], Verdict::Spelling),
        (&[0x9f, 0xff], Verdict::Spelling),
        (&[0xa2, 0x02, 0x00, 0x01, 0x00], Verdict::Spelling),
        (&[0xa2, 0x01, 0x00, 0x01, 0x00], Verdict::Spelling),
        (&[0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x80], Verdict::Model),
        (&[0xf6], Verdict::Model),
        (&[0xa1, 0x40, 0x00], Verdict::Model),
        (&[0x00, 0x00], Verdict::Trailing),
        (&[0x1c], Verdict::RefusedByBoth),
    ] {
        assert_eq!(compare(bytes), verdict, "{bytes:02x?}");
    }
}
