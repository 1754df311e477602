//! Two statements under one number: what is kept of the second, and what a `conflict` has to show.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::refused::REFUSED_MAX;
use glasshouse_ledger::registrar::conflict;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::{Answer, Writer};
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use support::*;

fn slug(answer: &Answer) -> &'static str {
    match answer {
        Answer::Rejected(why) => why.slug,
        _ => "taken",
    }
}

/// A log with one decision, at index 2, and a second one under its number that was refused.
fn contradicted() -> (Arc<dyn Store>, Writer, Reader, [Signed; 2]) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&store);
    let both = [decision_by(&provider(), 1, "one"), decision_by(&provider(), 1, "other")];
    let answers = publish(&mut writer, &reader, &both);
    assert_eq!(answers.iter().map(slug).collect::<Vec<_>>(), ["taken", "sequence-conflict"]);
    (store, writer, reader, both)
}

fn filed(target: &LeafHash, refused: &[u8], number: u64) -> Signed {
    let draft = conflict(provider().issuer(), target, refused);
    registrar().sign_own(&draft, sequence(number), NOW).unwrap()
}

#[test]
fn a_conflict_goes_on_record_once() {
    let (store, mut writer, reader, [first, second]) = contradicted();
    let statement = filed(first.leaf_hash(), second.statement(), 3);
    let kept = store.list("refused").unwrap();
    let bytes = store.get(&kept[0]).unwrap().unwrap();
    let answers = publish(&mut writer, &reader, &[statement]);
    assert!(matches!(answers[0], Answer::Accepted { index, .. } if index.get() == 3), "{answers:?}");
    let state = reader.with_registry(|registry| {
        registry.state_of(reader.entry(index(2)).unwrap().unwrap().statement()).conflict
    });
    assert_eq!(state, Some(index(3)));
    // The same accusation again, with another signature and salt.
    let again = filed(first.leaf_hash(), second.statement(), 4);
    assert_eq!(slug(&publish(&mut writer, &reader, &[again])[0]), "target-state");
    reader.receipt(index(3)).unwrap().unwrap();
    writer.settle().unwrap();
    assert_clean(store.as_ref());
    // What was kept for it makes room, and no further statement of that number is kept; also where a loss of power brought
    // the file back.
    assert_eq!(store.list("refused").unwrap(), Vec::<String>::new());
    publish(&mut writer, &reader, &[decision_by(&provider(), 1, "a-third")]);
    assert_eq!(store.list("refused").unwrap(), Vec::<String>::new());
    drop((writer, reader));
    store.put(&kept[0], &bytes).unwrap();
    drop(open(&store));
    assert_eq!(store.list("refused").unwrap(), Vec::<String>::new());
}

#[test]
fn nobodys_double_statements_take_the_room_of_anothers() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&store);
    let most = REFUSED_MAX as u64 + 20;
    let twice =
        |name: &str| (1..=most).map(|n| decision_by(&provider(), n, &format!("{name}-{n}"))).collect();
    let [first, second]: [Vec<Signed>; 2] = [twice("first"), twice("second")];
    publish(&mut writer, &reader, &first);
    // A round keeps so many, and drops the rest.
    second.chunks(10).for_each(|some| drop(publish(&mut writer, &reader, some)));
    assert_eq!(store.list("refused").unwrap().len(), REFUSED_MAX);
    let other = Author::new(Issuer::parse("https://other.example").unwrap(), origin(), key(9)).unwrap();
    let answers = publish(&mut writer, &reader, &[enrolment_of(&other, 3)]);
    assert_eq!(slug(&answers[0]), "taken");
    publish(&mut writer, &reader, &[decision_by(&other, 1, "one"), decision_by(&other, 1, "other")]);
    assert_eq!(store.list("refused").unwrap().len(), REFUSED_MAX + 1);
}

#[test]
fn what_is_no_evidence_goes_on_no_record() {
    let (_store, mut writer, reader, [first, second]) = contradicted();
    let other_log =
        Author::new(Issuer::parse(PROVIDER).unwrap(), Origin::parse("log.example/other").unwrap(), key(5));
    let stranger = Author::new(Issuer::parse(PROVIDER).unwrap(), origin(), key(77)).unwrap();
    let other_issuer =
        Author::new(Issuer::parse("https://other.example").unwrap(), origin(), key(5)).unwrap();
    // Bytes that are no statement, and statements that admission can judge alone.
    let at_once = [
        vec![0xd2, 0x84, 0x40],
        decision_by(&other_log.unwrap(), 1, "elsewhere").statement().to_vec(),
        decision_by(&stranger, 1, "by-a-stranger").statement().to_vec(),
        decision_by(&other_issuer, 1, "of-somebody-else").statement().to_vec(),
    ];
    for refused in at_once {
        let rejection = admit(&reader, &filed(first.leaf_hash(), &refused, 3)).unwrap_err();
        assert_eq!(rejection.slug, "addendum-invalid", "{rejection:?}");
        assert_eq!(rejection.errors[0].path, "/addenda/refused_statement");
    }
    // A changed signature.
    let mut forged = second.statement().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    let rejection = admit(&reader, &filed(first.leaf_hash(), &forged, 3)).unwrap_err();
    assert_eq!(rejection.slug, "addendum-invalid");
    // What only the entry on record can tell: the same statement, and one of another number.
    for refused in [first.statement(), decision(2).statement()] {
        let answers = publish(&mut writer, &reader, &[filed(first.leaf_hash(), refused, 3)]);
        assert_eq!(slug(&answers[0]), "addendum-invalid", "{answers:?}");
    }
    let unknown = LeafHash::from_bytes([9; 32]);
    let answers = publish(&mut writer, &reader, &[filed(&unknown, second.statement(), 3)]);
    assert_eq!(slug(&answers[0]), "target-unknown");
}

#[test]
fn the_first_of_each_number_is_kept_over_a_start() {
    let (store, mut writer, reader, [_, second]) = contradicted();
    let more = [
        decision_by(&provider(), 1, "a-third"),
        decision_by(&provider(), 2, "two"),
        decision_by(&provider(), 2, "two-again"),
    ];
    publish(&mut writer, &reader, &more);
    let kept = |reader: &Reader| {
        let mut kept: Vec<Vec<u8>> =
            reader.refused(None, 10).unwrap().iter().map(|statement| statement.bytes().to_vec()).collect();
        kept.sort();
        kept
    };
    let mut expected = vec![second.statement().to_vec(), more[2].statement().to_vec()];
    expected.sort();
    assert_eq!(kept(&reader), expected);
    writer.settle().unwrap();
    drop((writer, reader));
    // A loss of power may have left a file torn, or somebody a file of another name.
    store.put(&format!("refused/{}", "0".repeat(64)), &second.statement()[..40]).unwrap();
    store.put(&format!("refused/{}", "1".repeat(64)), second.statement()).unwrap();
    let (mut writer, reader) = open(&store);
    assert_eq!(kept(&reader), expected);
    assert_eq!(store.list("refused").unwrap().len(), 2, "what is not whole is gone");
    // Each is still the one of its number.
    publish(&mut writer, &reader, &[decision_by(&provider(), 1, "a-fourth")]);
    assert_eq!(kept(&reader), expected);
    // In pages.
    let first = reader.refused(None, 1).unwrap();
    let digest = glasshouse_verifier::hash::Digest::of(first[0].bytes());
    let rest = reader.refused(Some(&digest), 10).unwrap();
    assert_eq!((first.len(), rest.len()), (1, 1));
    assert_ne!(first[0].bytes(), rest[0].bytes());
}

#[test]
fn a_kept_statement_outlasts_a_loss_of_power_after_a_sync() {
    let store = Arc::new(MemoryStore::new());
    let held: Arc<dyn Store> = store.clone();
    let (mut writer, reader) = enrolled(&held);
    publish(&mut writer, &reader, &[decision_by(&provider(), 1, "one")]);
    writer.settle().unwrap();
    // A round without an entry.
    publish(&mut writer, &reader, &[decision_by(&provider(), 1, "other")]);
    writer.settle().unwrap();
    assert_eq!(store.after_power_loss().list("refused").unwrap().len(), 1);
}

/// A duplicate, a void over a taken number and a double statement of the registrar's are nothing to file.
#[test]
fn only_a_providers_second_statement_is_kept() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&store);
    let one = decision(1);
    let void = glasshouse_ledger::registrar::void(1, 1, "test", None);
    let void = provider().sign_own(&void, sequence(2), NOW).unwrap();
    let answers =
        publish(&mut writer, &reader, &[one.clone(), one, void, enrolment_of(&provider_with(9), 2)]);
    assert_eq!(
        answers.iter().map(slug).collect::<Vec<_>>(),
        ["taken", "taken", "sequence-conflict", "sequence-conflict"]
    );
    let rules =
        registrar().sign_own(&glasshouse_ledger::registrar::policy("R", None), sequence(2), NOW).unwrap();
    assert_eq!(slug(&publish(&mut writer, &reader, &[rules])[0]), "sequence-conflict");
    assert!(reader.refused(None, 10).unwrap().is_empty());
}
