//! A log is gone through whole, with its texts, and what is not as it was committed to is not given out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::pack::{erase_text, pack_path, scan_pack};
use glasshouse_ledger::store::Store;
use glasshouse_ledger::walk::{Walk, WalkError, Walked, WalkedText};
use glasshouse_verifier::bundle::{encode_bundle, parse_bundle};
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::statement_type::StatementType;
use support::lives::{accepted, leaf, range, redaction, submit, withdrawal};
use support::*;

const WANTED: [FieldName; 2] = [FieldName::PUID, FieldName::DECISION_FACTS];

fn walk(store: &Arc<dyn Store>, reader: &glasshouse_ledger::reader::Reader) -> Walk {
    Walk::of_store(Arc::clone(store), reader.vkey()).unwrap()
}

fn all(walk: &mut Walk, wanted: &[FieldName]) -> Result<Vec<Walked>, WalkError> {
    let mut found = Vec::new();
    loop {
        let bundle = walk.next_bundle(wanted)?;
        if bundle.is_empty() {
            return Ok(found);
        }
        found.extend(bundle);
    }
}

/// A log of two bundles and some, all decisions but the first two entries.
fn log() -> (Arc<dyn Store>, glasshouse_ledger::reader::Reader) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&store);
    let statements: Vec<_> = (1..=600).map(decision).collect();
    publish(&mut writer, &reader, &statements);
    writer.settle().unwrap();
    (store, reader)
}

#[test]
fn every_entry_comes_once_with_the_texts_that_were_asked_for() {
    let (store, reader) = log();
    let mut walk = walk(&store, &reader);
    let found = all(&mut walk, &WANTED).unwrap();
    assert_eq!(found.len() as u64, walk.head().size().get());
    assert_eq!(found.len(), 602);
    for (number, walked) in (0..).zip(&found) {
        assert_eq!(walked.index.get(), number);
        let is_decision = walked.entry.statement().payload().kind() == StatementType::Decision;
        assert_eq!(walked.texts.len(), if is_decision { 2 } else { 0 });
        for (field, text) in &walked.texts {
            let there = reader.texts(&walked.entry, walked.index).unwrap();
            let wanted = there.iter().find(|text| text.field() == *field).unwrap().value().clone();
            assert_eq!(*text, WalkedText::There(wanted));
        }
    }
    assert!(all(&mut walk, &WANTED).unwrap().is_empty(), "it is at its end");
    walk.rewind();
    let without = all(&mut walk, &[]).unwrap();
    assert_eq!(without.len(), 602);
    assert!(without.iter().all(|walked| walked.texts.is_empty()));
}

#[test]
fn an_erased_text_is_said_to_be_erased() {
    let (store, reader) = log();
    let record = scan_pack(store.as_ref(), 1).unwrap()[5];
    erase_text(store.as_ref(), &record).unwrap();
    let fields: Vec<FieldName> = FieldName::all().collect();
    let found = all(&mut walk(&store, &reader), &fields).unwrap();
    let erased: Vec<u64> = found
        .iter()
        .filter(|walked| walked.texts.values().any(|text| *text == WalkedText::Erased))
        .map(|walked| walked.index.get())
        .collect();
    assert_eq!(erased, [record.entry.get()]);
    let served = |walked: &&Walked| {
        matches!(walked.texts.get(&FieldName::PUID), Some(WalkedText::There(Item::Text(_))))
    };
    assert!(found.iter().filter(served).count() >= 599);
}

#[test]
fn what_was_changed_on_the_disk_is_not_given_out() {
    let (store, reader) = log();
    let record = scan_pack(store.as_ref(), 0).unwrap()[9];
    let path = pack_path(0);
    let good = store.get(&path).unwrap().unwrap();
    let mut bytes = good.clone();
    let at = usize::try_from(record.place.offset).unwrap() + 50;
    bytes[at] ^= 1;
    store.put(&path, &bytes).unwrap();
    let fields: Vec<FieldName> = FieldName::all().collect();
    let error = all(&mut walk(&store, &reader), &fields).unwrap_err();
    assert!(error.to_string().contains("damaged"), "{error}");
    store.put(&path, &good).unwrap();

    let bundle = "tile/entries/000";
    let mut bytes = store.get(bundle).unwrap().unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    store.put(bundle, &bytes).unwrap();
    let error = all(&mut walk(&store, &reader), &[]).unwrap_err();
    assert!(error.to_string().starts_with("entry 255: it is not the one"), "{error}");
}

#[test]
fn a_text_that_is_not_there_is_said_to_be_absent() {
    let (store, reader) = log();
    store.delete(&pack_path(1)).unwrap();
    let found = all(&mut walk(&store, &reader), &WANTED).unwrap();
    assert!(
        found[256..512].iter().all(|walked| walked.texts.values().all(|text| *text == WalkedText::Absent))
    );
    assert!(found[512..].iter().all(|walked| walked.texts.values().all(|text| *text != WalkedText::Absent)));
}

#[test]
fn what_later_statements_say_is_known_of_each_entry() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&store);
    let statements: Vec<_> = (1..=300).map(decision).collect();
    publish(&mut writer, &reader, &statements);
    let mut looked = 0;
    walk(&store, &reader).states(&mut |more| looked += more).unwrap();
    assert_eq!(looked, 302, "a log that says nothing about itself is gone through once");
    let about = |line: serde_json::Value, number: u64, of: &glasshouse_ledger::author::Signed| {
        let sub =
            glasshouse_verifier::statement::Statement::parse(of.statement()).unwrap().claims().sub.clone();
        let draft = glasshouse_ledger::draft::Draft::from_json(&line).unwrap();
        provider().sign(&draft, sequence(number), sub, NOW).unwrap()
    };
    let target = serde_json::json!([{"entry": statements[6].leaf_hash().to_hex()}]);
    let lifted = serde_json::json!({
        "type": "lifted", "targets": target, "end_date": "2025-07-02", "lifted_reason": "own_error",
    });
    let withdrawal = serde_json::json!({"type": "withdrawal", "targets": [{"first": 10, "last": 12}]});
    let later = [about(lifted, 301, &statements[6]), {
        let draft = glasshouse_ledger::draft::Draft::from_json(&withdrawal).unwrap();
        let sub = glasshouse_verifier::subject::Subject::provider(provider().issuer());
        provider().sign(&draft, sequence(302), sub, NOW).unwrap()
    }];
    let answers = publish(&mut writer, &reader, &later);
    assert!(
        answers.iter().all(|answer| matches!(answer, glasshouse_ledger::writer::Answer::Accepted { .. })),
        "{answers:?}"
    );
    let mut walk = walk(&store, &reader);
    let mut looked = 0;
    let states = walk.states(&mut |more| looked += more).unwrap();
    assert_eq!(looked, 608);
    for walked in all(&mut walk, &[]).unwrap() {
        let state = states.of(walked.entry.statement());
        assert_eq!(state.lifted.is_some(), walked.index.get() == 8, "{}", walked.index);
        assert_eq!(state.withdrawn.is_some(), (11..=13).contains(&walked.index.get()), "{}", walked.index);
    }
}

/// A damaged disk can be wrong in an entry and in its leaf hash alike.
#[test]
fn entries_that_give_another_root_are_noticed() {
    let (store, reader) = log();
    let names = ["tile/entries/000", "tile/0/000"];
    let [entries, leaves] = names.map(|name| store.get(name).unwrap().unwrap());
    let mut bundle: Vec<Vec<u8>> =
        parse_bundle(&entries, 256).unwrap().iter().map(|entry| entry.to_vec()).collect();
    bundle[5] = bundle[6].clone();
    let mut tile = leaves.clone();
    tile.copy_within(6 * 32..7 * 32, 5 * 32);
    store.put(names[0], &encode_bundle(&bundle).unwrap()).unwrap();
    store.put(names[1], &tile).unwrap();
    let error = walk(&store, &reader).states(&mut |_| {}).unwrap_err();
    assert!(matches!(error, WalkError::OtherRoot { size } if size == reader.head().size()), "{error}");
}

#[test]
fn a_redaction_that_is_published_behind_what_was_read_is_found() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&store);
    let decisions: Vec<_> = (1..=256).map(decision).collect();
    publish(&mut writer, &reader, &decisions);
    let before = walk(&store, &reader);
    assert_eq!(before.erased_since().unwrap(), None);
    publish(&mut writer, &reader, &[decision(257)]);
    assert_eq!(before.erased_since().unwrap(), None);
    accepted(&submit(&mut writer, &reader, &redaction(258, &[leaf(&decisions[3])], &["decision_facts"])));
    assert_eq!(before.erased_since().unwrap().map(|index| index.get()), Some(259));
    let since = walk(&store, &reader);
    assert_eq!(since.erased_since().unwrap(), None, "it is known from the start");
    // A withdrawal by range can bring no redaction back; one of an entry may.
    for (number, target, found) in [(259, range(2, 3), None), (260, leaf(&decisions[9]), Some(261))] {
        accepted(&submit(&mut writer, &reader, &withdrawal(number, &[target])));
        assert_eq!(since.erased_since().unwrap().map(|index| index.get()), found);
    }
}

#[test]
fn a_store_without_a_checkpoint_is_said_to_have_none() {
    let (_, reader) = log();
    let empty: Arc<dyn Store> = Arc::new(MemoryStore::new());
    assert!(matches!(Walk::of_store(empty, reader.vkey()), Err(WalkError::Unpublished)));
}
