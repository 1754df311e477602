//! The registry as a writer, a checker and an auditor use it, on the logs of the test vectors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::Path;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::past::NoPast;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::registry_error::RegistryError;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};
use serde_json::Value;

fn log(name: &str) -> (Registry, Vec<Statement>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/registry").join(name);
    let vector: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let origin = Origin::parse(vector["input"]["origin"].as_str().unwrap()).unwrap();
    let entries = vector["input"]["entries"].as_array().unwrap().iter();
    let statement = |entry: &Value| {
        Entry::parse(&hex::decode(entry.as_str().unwrap()).unwrap()).unwrap().into_statement()
    };
    (Registry::new(origin), entries.map(statement).collect())
}

fn index(number: usize) -> LeafIndex {
    LeafIndex::new(number as u64).unwrap()
}

fn replayed(name: &str) -> (Registry, Vec<Statement>) {
    let (mut registry, statements) = log(name);
    for (at, statement) in statements.iter().enumerate() {
        registry.verify_and_apply(index(at), statement, &NoPast).unwrap();
    }
    (registry, statements)
}

#[test]
fn a_small_log_is_known_by_its_providers_and_numbers() {
    let (registry, statements) = replayed("valid/small-log.json");
    assert_eq!(registry.size(), statements.len() as u64);
    assert_eq!(registry.providers().count(), 2);
    for provider in registry.providers() {
        let [kid] = provider.kids() else { panic!("{} has other keys than one", provider.issuer()) };
        let enrolled_at = provider.enrolled_at();
        assert!(registry.key_at(kid, enrolled_at).is_none(), "a key signs only after its enrolment");
        let after = index(enrolled_at.get() as usize + 1);
        assert_eq!(registry.key_at(kid, after).unwrap().owner(), provider.issuer());
        assert!(!registry.key_at(kid, after).unwrap().roles().is_empty());
        assert!(registry.sequence_state(provider.issuer()).unwrap().unbroken() >= 1);
        assert!(registry.is_taken(provider.issuer(), Sequence::FIRST));
    }
    let stranger = Issuer::parse("https://stranger.example").unwrap();
    assert!(registry.provider(&stranger).is_none() && registry.sequence_state(&stranger).is_none());
    assert!(!registry.is_taken(&stranger, Sequence::FIRST));
}

#[test]
fn a_snapshot_of_keys_stays_as_it_was() {
    let (mut registry, statements) = log("valid/retired-by-registrar.json");
    let mut snapshots = Vec::new();
    for (at, statement) in statements.iter().enumerate() {
        snapshots.push(registry.keys());
        registry.verify_and_apply(index(at), statement, &NoPast).unwrap();
    }
    assert!(snapshots[0].is_empty());
    assert_eq!(snapshots[1].len(), 1, "the registrar's key");
    let now = registry.keys();
    let retired = now.iter().find(|key| key.retired_at().is_some()).unwrap();
    let (kid, ended_at) = (retired.kid(), retired.retired_at().unwrap());
    let before = &snapshots[ended_at.get() as usize];
    assert_eq!(before.get(&kid).unwrap().retired_at(), None);
    // The entry that ends a key may be signed by it; the next may not.
    assert!(retired.is_valid_at(ended_at));
    assert!(!retired.is_valid_at(index(ended_at.get() as usize + 1)));
}

#[test]
fn entries_are_applied_in_order_and_a_refusal_changes_nothing() {
    let (mut registry, statements) = log("valid/small-log.json");
    let error = registry.apply(index(1), &statements[1], &NoPast).unwrap_err();
    assert_eq!(error, RegistryError::OutOfOrder { given: index(1), expected: 0 });
    assert_eq!((error.slug(), registry.size()), ("internal", 0));
    registry.apply(index(0), &statements[0], &NoPast).unwrap();
    // The same entry again, at the next place.
    let error = registry.apply(index(1), &statements[0], &NoPast).unwrap_err();
    assert_eq!((error.rule(), error.slug()), ("genesis", "not-authorised"));
    assert_eq!(registry.size(), 1);
    // A provider's statement before its enrolment.
    let early = statements.iter().find(|s| !s.claims().is_registrar()).unwrap();
    assert_eq!(registry.check(index(1), early, &NoPast).unwrap_err().slug(), "unknown-key");
    for (at, statement) in statements.iter().enumerate().skip(1) {
        registry.check(index(at), statement, &NoPast).unwrap();
        registry.apply(index(at), statement, &NoPast).unwrap();
        let again = registry.apply(index(at + 1), statement, &NoPast).unwrap_err();
        assert!(["sequence-conflict", "already-enrolled"].contains(&again.slug()), "{again}");
    }
}

#[test]
fn a_copy_goes_its_own_way() {
    let (mut registry, statements) = log("valid/small-log.json");
    for (at, statement) in statements.iter().enumerate().take(3) {
        registry.apply(index(at), statement, &NoPast).unwrap();
    }
    let mut copy = registry.clone();
    copy.apply(index(3), &statements[3], &NoPast).unwrap();
    assert_eq!((registry.size(), copy.size()), (3, 4));
    registry.check(index(3), &statements[3], &NoPast).unwrap();
}

#[test]
fn no_key_but_the_genesis_signs_before_it_was_enrolled() {
    let (registry, statements) = replayed("valid/small-log.json");
    let (registrar, provider) = (statements[0].kid(), statements[3].kid());
    assert!(registry.key_at(registrar, LeafIndex::ZERO).is_some());
    for at in [0, 1] {
        assert!(registry.key_at(provider, index(at)).is_none(), "{at}");
    }
    assert!(registry.key_at(provider, index(2)).is_some());
}

/// Whoever is to open every checkpoint of a log needs the keys that it has no more, and no second key that it did not always have.
#[test]
fn every_key_of_a_log_is_known_also_one_that_was_left_out() {
    let (mut most, mut left_out) = (0, 0);
    for name in ["genesis-names-both-keys", "keys-of-the-log", "keys-of-type-6", "small-log"] {
        let (mut registry, statements) = log(&format!("valid/{name}.json"));
        let (mut named, mut always): (Vec<Vkey>, bool) = (Vec::new(), true);
        for (at, statement) in statements.iter().enumerate() {
            registry.verify_and_apply(index(at), statement, &NoPast).unwrap();
            let list = registry.log_vkeys();
            always &= list.iter().any(|key| key.kind() == VkeyKind::MlDsa44);
            named.extend(list.iter().filter(|key| !named.contains(key)).cloned().collect::<Vec<_>>());
        }
        named.retain(|key| always || key.kind() == VkeyKind::Ed25519);
        assert_eq!(registry.every_log_vkey(), named, "{name}");
        most = most.max(named.len());
        left_out += named.iter().filter(|key| !registry.log_vkeys().contains(key)).count();
    }
    assert!(most > 1 && left_out > 0, "{most} {left_out}");
}
