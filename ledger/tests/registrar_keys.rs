//! The registrar's key changes: who signs then, what receipts hold, and what a start and fsck say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::registrar::{self, Enrolment, key_change};
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::Answer;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::proved::Proved;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::statement_type::StatementType;
use support::*;

/// The registrar with the key of a seed.
fn registrar_with(seed: u8) -> Author {
    Author::new(Issuer::of_registrar(&origin()), origin(), key(seed)).unwrap()
}

/// The key of `seed` becomes the registrar's and announces that of `next`.
fn change(seed: u8, next: u8, number: u64) -> Signed {
    let author = registrar_with(seed);
    let draft = key_change(author.public_key(), &registrar_with(next).kid());
    author.sign_own(&draft, sequence(number), NOW).unwrap()
}

/// The registrar announces another next key, and keeps its own.
fn announcement(seed: u8, next: u8, number: u64) -> Signed {
    let kid = registrar_with(next).kid();
    let draft = Draft::new(StatementType::Keys)
        .with_field(FieldName::NEXT_REGISTRAR_KID, Item::bytes(kid.as_bytes().to_vec()));
    registrar_with(seed).sign_own(&draft, sequence(number), NOW).unwrap()
}

fn shop(name: &str, seed: u8) -> Author {
    let issuer = Issuer::parse(&format!("https://{name}.example")).unwrap();
    Author::new(issuer, origin(), key(seed)).unwrap()
}

fn enrolment(registrar: &Author, shop: &Author, number: u64) -> Signed {
    let enrolment = Enrolment {
        provider: shop.issuer().clone(),
        name: "A shop".to_owned(),
        roles: vec!["marketplace".to_owned()],
        country: "DE".to_owned(),
        key: *shop.public_key(),
        request: shop.request(NOW),
        evidence: None,
        contact: None,
    };
    registrar.sign_own(&enrolment.draft(), sequence(number), NOW).unwrap()
}

/// The receipt of an entry, verified, and the indices of its entries.
#[track_caller]
fn receipt(reader: &Reader, number: u64) -> (Proved, Vec<u64>) {
    let policy = Policy::of_log(reader.vkey().clone()).unwrap();
    let text = reader.receipt(index(number)).unwrap().unwrap().encode();
    let receipt = Receipt::parse(text.as_bytes()).unwrap();
    let indices = receipt.entries().iter().map(|item| item.index.get()).collect();
    (receipt.verify(&policy).unwrap(), indices)
}

#[track_caller]
fn refused(reader: &Reader, signed: &Signed) -> &'static str {
    admit(reader, signed).unwrap_err().slug
}

#[test]
fn after_two_changes_old_and_new_receipts_verify() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    // 0 genesis by key 2, which announces 3; 1 enrolment.
    let (mut writer, reader) = enrolled(&store);
    let steps = [
        decision(1),                                           // 2
        change(3, 20, 3),                                      // 3
        enrolment(&registrar_with(3), &shop("second", 31), 4), // 4
        announcement(3, 21, 5),                                // 5
        change(21, 22, 6),                                     // 6
        enrolment(&registrar_with(21), &shop("third", 32), 7), // 7
        decision(2),                                           // 8
        decision_by(&shop("second", 31), 1, "second"),         // 9
        decision_by(&shop("third", 32), 1, "third"),           // 10
    ];
    for (at, signed) in (2..).zip(&steps) {
        let answers = publish(&mut writer, &reader, std::slice::from_ref(signed));
        assert!(matches!(answers[0], Answer::Accepted { index, .. } if index.get() == at), "{answers:?}");
    }
    let expected: [&[u64]; 11] = [
        &[0],
        &[1, 0],
        &[2, 0, 1],
        &[3, 0],
        &[4, 0, 3],
        &[5, 0, 3],
        &[6, 0, 3, 5],
        &[7, 0, 3, 5, 6],
        &[8, 0, 1],
        &[9, 0, 3, 4],
        &[10, 0, 3, 5, 6, 7],
    ];
    let check = |reader: &Reader| {
        for (number, expected) in (0..).zip(expected) {
            let (proved, indices) = receipt(reader, number);
            assert_eq!(indices, expected);
            assert_eq!(proved.index().get(), number);
        }
    };
    check(&reader);
    // Neither the old keys nor one that was announced and passed over sign any more.
    for (seed, slug) in [(2, "key-retired"), (3, "key-retired"), (20, "unknown-key"), (22, "unknown-key")] {
        let signed = enrolment(&registrar_with(seed), &shop("fourth", 33), 8);
        assert_eq!(refused(&reader, &signed), slug, "{seed}");
    }
    assert_eq!(refused(&reader, &change(20, 23, 8)), "not-authorised", "it was announced, but not last");
    let stolen = key_change(registrar_with(22).public_key(), &registrar_with(23).kid());
    let stolen = registrar_with(21).sign_own(&stolen, sequence(8), NOW).unwrap();
    assert_eq!(refused(&reader, &stolen), "unknown-key", "a new key signs for itself");
    assert_clean(store.as_ref());
    drop((writer, reader));
    let (mut writer, reader) = open(&store);
    check(&reader);
    let fourth = enrolment(&registrar_with(21), &shop("fourth", 33), 8);
    let answers = publish(&mut writer, &reader, &[fourth]);
    assert!(matches!(answers[0], Answer::Accepted { .. }), "{answers:?}");
    assert_clean(store.as_ref());
}

#[test]
fn a_key_that_is_known_is_not_announced() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&store);
    // The registrar's own two, the log's, the receipts', a provider's.
    for next in [2, 3, 1, 4, 5] {
        let answers = publish(&mut writer, &reader, &[change(3, next, 3)]);
        assert!(
            matches!(&answers[0], Answer::Rejected(why) if why.slug == "already-enrolled"),
            "{next}: {answers:?}"
        );
    }
    assert!(matches!(publish(&mut writer, &reader, &[change(3, 9, 3)])[0], Answer::Accepted { .. }));
    // And what was announced is nobody's key.
    let answers = publish(&mut writer, &reader, &[enrolment(&registrar_with(3), &shop("late", 9), 4)]);
    assert!(matches!(&answers[0], Answer::Rejected(why) if why.slug == "already-enrolled"), "{answers:?}");
}

#[test]
fn after_a_closure_only_keys_end() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&store);
    let own = |draft: &Draft, number| registrar().sign_own(draft, sequence(number), NOW).unwrap();
    let successor = glasshouse_verifier::origin::Origin::parse("log.example/next").unwrap();
    let rules = own(&registrar::policy("New rules.", Some("desk@log.example")), 3);
    let closure = own(&registrar::closure("It moved.", Some(&successor)), 4);
    for answer in publish(&mut writer, &reader, &[rules, closure]) {
        assert!(matches!(answer, Answer::Accepted { .. }), "{answer:?}");
    }
    for late in [decision(1), enrolment(&registrar(), &shop("late", 33), 5), change(3, 20, 5)] {
        let answers = publish(&mut writer, &reader, &[late]);
        assert!(matches!(&answers[0], Answer::Rejected(why) if why.slug == "log-closed"), "{answers:?}");
    }
    let end = registrar::key_retirement(provider().issuer(), &provider().kid(), "left", None, None);
    assert!(matches!(publish(&mut writer, &reader, &[own(&end, 5)])[0], Answer::Accepted { .. }));
    for number in 0..reader.head().size().get() {
        receipt(&reader, number);
    }
    assert_clean(store.as_ref());
}
