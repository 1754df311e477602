//! No bit of a receipt can be changed, and no byte cut off, without the verifier noticing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::Path;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::field_value::FieldValue;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::key::PublicKey;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;
use serde_json::Value;

/// A receipt of the vectors, and its policy.
fn vector(name: &str) -> (Vec<u8>, Policy) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/receipt/valid").join(name);
    let vector: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let text = |member: &str| vector["input"][member].as_str().unwrap().to_owned();
    (text("receipt").into_bytes(), Policy::parse(&text("policy")).unwrap())
}

fn holds(bytes: &[u8], policy: &Policy) -> bool {
    Receipt::parse(bytes).is_ok_and(|receipt| receipt.verify(policy).is_ok())
}

#[test]
fn no_bit_can_be_changed_and_no_byte_cut_off() {
    let (good, policy) = vector("decision.json");
    assert!(holds(&good, &policy));
    for bit in 0..good.len() * 8 {
        let mut changed = good.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!holds(&changed, &policy), "bit {bit}");
    }
    for end in 0..good.len() {
        assert!(!holds(&good[..end], &policy), "{end}");
    }
}

#[test]
fn the_answer_says_what_was_proved_and_what_was_not() {
    let (good, policy) = vector("decision.json");
    let proved = Receipt::parse(&good).unwrap().verify(&policy).unwrap();
    let (index, enrolment) = proved.enrolment().unwrap();
    assert!(index < proved.index() && enrolment.payload().kind().as_str() == "enrolment");
    let sentences = proved.proved().join("\n");
    assert!(sentences.contains("is on record in the log log.example/takedowns"), "{sentences}");
    let open = proved.not_proved().join("\n");
    assert!(open.contains("That the decision was right, or lawful."), "{open}");
    assert!(open.contains("the policy asks for no witness"), "{open}");
}

#[test]
fn the_receipt_keys_are_those_of_the_genesis() {
    let (good, policy) = vector("decision.json");
    let receipt = Receipt::parse(&good).unwrap();
    let genesis = receipt.entries().iter().find(|item| item.index.get() == 0).unwrap();
    let genesis = Entry::parse(&genesis.entry).unwrap();
    let Some(FieldValue::CoseKeys(named)) = genesis.statement().payload().field(FieldName::RECEIPT_KEYS)
    else {
        panic!("the genesis of the vectors names receipt keys")
    };
    let named: Vec<PublicKey> =
        named.iter().map(|key| PublicKey::from_cose(key.as_bytes()).unwrap()).collect();
    assert_eq!(named.len(), 1);
    assert_eq!(receipt.verify(&policy).unwrap().receipt_keys(), named);
}
