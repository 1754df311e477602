//! From an empty store to a receipt: begin, admit, round, read, prove, and open again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::reader::AddendumState;
use glasshouse_ledger::registrar;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::Answer;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::size::TreeSize;
use support::*;

fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

#[test]
fn a_statement_is_published_read_and_proved() {
    let store = memory();
    let (mut writer, reader) = enrolled(&store);
    let signed = decision(1);
    let answers = publish(&mut writer, &reader, std::slice::from_ref(&signed));
    let accepted = Answer::Accepted { index: index(2), leaf_hash: *signed.leaf_hash() };
    assert_eq!(answers, [accepted]);
    assert_eq!(reader.head().size().get(), 3);
    assert_eq!(reader.entry_bytes(index(2)).unwrap().unwrap(), signed.entry());
    assert_eq!(reader.find(signed.leaf_hash()).unwrap(), Some(index(2)));
    assert_eq!(reader.find_sequence(provider().issuer(), sequence(1)).unwrap(), Some(index(2)));
    let policy = Policy::of_log(reader.vkey().clone()).unwrap();
    for number in 0..3 {
        let receipt = reader.receipt(index(number)).unwrap().unwrap().encode();
        Receipt::parse(receipt.as_bytes()).unwrap().verify(&policy).unwrap();
    }
    let three = TreeSize::new(3).unwrap();
    reader.prove_consistency(TreeSize::new(1).unwrap(), three).unwrap();
    reader.prove_inclusion(index(1), three).unwrap();
    assert_clean(store.as_ref());
    writer.settle().unwrap();
    assert_clean(store.as_ref());
}

#[test]
fn texts_are_served_or_withheld_and_the_entry_holds_none() {
    let store = memory();
    let (mut writer, reader) = enrolled(&store);
    let signed = decision(1);
    publish(&mut writer, &reader, std::slice::from_ref(&signed));
    let state = |field| reader.addendum(&Digest::of(&signed.addenda()[&field])).unwrap();
    let facts = state(FieldName::DECISION_FACTS);
    assert!(
        matches!(facts, AddendumState::Served { ref bytes, .. } if *bytes == signed.addenda()[&FieldName::DECISION_FACTS])
    );
    assert!(matches!(state(FieldName::CONTENT_URL), AddendumState::Withheld { .. }));
    assert_eq!(reader.addendum(&Digest::of(b"nothing")).unwrap(), AddendumState::NotFound);
    for path in store.list("tile").unwrap() {
        let bytes = store.get(&path).unwrap().unwrap();
        for text in ["does not exist", "shop.example/ad", "ad-1", "Section 4"] {
            assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{text} in {path}");
        }
    }
}

#[test]
fn the_same_content_is_a_duplicate_and_other_content_a_conflict() {
    let store = memory();
    let (mut writer, reader) = enrolled(&store);
    let first = decision(1);
    publish(&mut writer, &reader, std::slice::from_ref(&first));
    let duplicate = Answer::Duplicate { index: index(2), leaf_hash: *first.leaf_hash() };
    // In a later round, then twice in one round, then with other content in both.
    assert_eq!(publish(&mut writer, &reader, std::slice::from_ref(&first)), [duplicate]);
    let second = decision(2);
    let answers = publish(&mut writer, &reader, &[second.clone(), second.clone(), decision(2), decision(1)]);
    assert!(matches!(answers[0], Answer::Accepted { index, .. } if index.get() == 3));
    assert!(matches!(answers[1], Answer::Duplicate { index, .. } if index.get() == 3));
    for answer in &answers[2..] {
        assert!(
            matches!(answer, Answer::Rejected(r) if r.slug == "sequence-conflict" && r.status == 409),
            "{answer:?}"
        );
    }
    assert_eq!(reader.head().size().get(), 4);
    assert_clean(store.as_ref());
}

#[test]
fn a_ledger_that_is_opened_again_goes_on_where_it_was() {
    let store = memory();
    let (mut writer, reader) = enrolled(&store);
    let statements: Vec<_> = (1..=600).map(decision).collect();
    for part in statements.chunks(97) {
        publish(&mut writer, &reader, part);
    }
    let head = reader.head();
    drop(writer);
    let (mut writer, reader) = open(&store);
    assert_eq!(reader.head(), head);
    assert_eq!(reader.stats().entries, 602);
    assert_eq!(reader.find(statements[599].leaf_hash()).unwrap(), Some(index(601)));
    assert_eq!(store.list("stage").unwrap(), Vec::<String>::new());
    let answers = publish(&mut writer, &reader, &[statements[3].clone(), decision(601)]);
    assert!(matches!(answers[0], Answer::Duplicate { index, .. } if index.get() == 5));
    assert!(matches!(answers[1], Answer::Accepted { index, .. } if index.get() == 602));
    writer.settle().unwrap();
    assert_clean(store.as_ref());
}

#[test]
fn keys_end_and_numbers_are_closed() {
    let store = memory();
    let (mut writer, reader) = enrolled(&store);
    let author = provider();
    let void = author.sign_own(&registrar::void(2, 5, "outbox_lost", None), sequence(6), NOW).unwrap();
    let answers = publish(&mut writer, &reader, &[decision(1), void, decision(3)]);
    assert!(matches!(answers[1], Answer::Accepted { .. }), "{answers:?}");
    // A void of a number that is filed meets a taken number that is not its own.
    let late = author.sign_own(&registrar::void(1, 1, "outbox_lost", None), sequence(7), NOW).unwrap();
    let refused = publish(&mut writer, &reader, &[late]);
    assert!(
        matches!(&refused[0], Answer::Rejected(r) if r.slug == "sequence-conflict" && r.detail.contains('1')),
        "{refused:?}"
    );
    assert!(matches!(&answers[2], Answer::Rejected(r) if r.slug == "sequence-void"), "{answers:?}");
    let other = provider_with(6);
    publish(&mut writer, &reader, &[enrolment_of(&other, 3)]);
    let draft = registrar::key_retirement(author.issuer(), &author.kid(), "rotated", None, None);
    let retirement = other.sign_own(&draft, sequence(7), NOW).unwrap();
    let late = admit(&reader, &decision(8)).unwrap();
    let answers = publish(&mut writer, &reader, &[retirement]);
    assert!(matches!(answers[0], Answer::Accepted { .. }), "{answers:?}");
    // Admitted before the key ended, numbered after: refused at numbering. Later ones are refused at admission.
    writer.submit(late);
    let report = writer.round().unwrap();
    assert!(matches!(&report.answers[0].1, Answer::Rejected(r) if r.slug == "key-retired"), "{report:?}");
    assert_eq!(admit(&reader, &decision(8)).unwrap_err().slug, "key-retired");
    assert_clean(store.as_ref());
}
