//! Disclosures: the texts that they bring are the target's, lie in its pack, and are served like any other; what is wrong
//! with them changes nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::pack::{find_in_pack, scan_pack};
use glasshouse_ledger::reader::{AddendumState, Reader};
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::Writer;
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::subject::Subject;
use support::lives::*;
use support::*;

struct World {
    store: Arc<MemoryStore>,
    writer: Writer,
    reader: Reader,
}

impl World {
    fn new(statements: &[Signed]) -> World {
        let store = Arc::new(MemoryStore::new());
        let (mut writer, reader) = enrolled(&(store.clone() as Arc<dyn Store>));
        for answer in publish(&mut writer, &reader, statements) {
            accepted(&answer);
        }
        writer.settle().unwrap();
        World { store, writer, reader }
    }

    /// The slug with which a disclosure is refused when it gets no place.
    fn refused(&mut self, signed: &Signed, opened: &[&[u8]]) -> &'static str {
        let size = self.reader.head().size();
        let slug = refused(&submit_with(&mut self.writer, &self.reader, signed, opened));
        assert_eq!(self.reader.head().size(), size);
        assert_clean(self.store.as_ref());
        slug
    }
}

const FACTS: &str = "decision_facts";

#[test]
fn withheld_texts_are_served_from_their_disclosure_on() {
    let decisions: Vec<_> = (1..=300).map(secretive).collect();
    let target = &decisions[4];
    let mut world = World::new(&decisions);
    let place = index(6);
    let digest = digest_of(target, FACTS);
    let state = world.reader.addendum(&digest).unwrap();
    assert!(matches!(state, AddendumState::Withheld { index, .. } if index == place), "{state:?}");
    assert_eq!(find_in_pack(world.store.as_ref(), place, &digest).unwrap(), None);

    let opening = disclosure(301, target, &[FACTS]);
    let answer = submit_with(&mut world.writer, &world.reader, &opening, &texts(target, &[FACTS]));
    let by = accepted(&answer);
    assert_eq!(by, 302);
    // In the target's pack, not in that of the disclosure.
    assert!(find_in_pack(world.store.as_ref(), place, &digest).unwrap().is_some());
    assert!(scan_pack(world.store.as_ref(), 1).unwrap().iter().all(|record| record.digest != digest));
    let state = world.reader.addendum(&digest).unwrap();
    let AddendumState::Disclosed { index: at, by: disclosed_by, bytes, .. } = state else {
        panic!("{state:?}")
    };
    assert_eq!((at, disclosed_by.get(), bytes.as_slice()), (place, by, text_of(target, FACTS)));
    let entry = world.reader.entry(place).unwrap().unwrap();
    let public: Vec<_> = world.reader.texts(&entry, place).unwrap().iter().map(Addendum::field).collect();
    assert!(public.contains(&FieldName::DECISION_FACTS) && !public.contains(&FieldName::CONTENT_URL));
    let receipt = world.reader.receipt(place).unwrap().unwrap();
    assert!(receipt.addenda().iter().any(|text| text == text_of(target, FACTS)));

    // It is there after a restart, also when the stage was all that was durable; and a duplicate changes nothing.
    for left in [world.store.after_kill(), world.store.after_power_loss()] {
        let store: Arc<dyn Store> = Arc::new(left);
        let (mut writer, reader) = open(&store);
        assert_served(&reader, target, FACTS);
        assert_clean(store.as_ref());
        let again = submit_with(&mut writer, &reader, &opening, &texts(target, &[FACTS]));
        assert!(
            matches!(again, glasshouse_ledger::writer::Answer::Duplicate { index, .. } if index.get() == by)
        );
        writer.settle().unwrap();
        assert_clean(store.as_ref());
    }
    let report = glasshouse_ledger::fsck::fsck(world.store.as_ref(), signer().vkey()).unwrap();
    // 300 withheld locators, 299 withheld facts.
    assert_eq!(report.withheld, 599);
    // Once is enough.
    let twice = disclosure(302, target, &[FACTS]);
    assert_eq!(world.refused(&twice, &texts(target, &[FACTS])), "target-state");
}

#[test]
fn a_target_of_the_same_round_is_opened_too() {
    let mut world = World::new(&[]);
    let target = secretive(1);
    let opening = disclosure(2, &target, &[FACTS]);
    world.writer.submit(admit(&world.reader, &target).unwrap());
    let opened = texts(&target, &[FACTS]);
    world.writer.submit(admit_with(&world.reader, &opening, &opened).unwrap());
    for (_, answer) in world.writer.round().unwrap().answers {
        accepted(&answer);
    }
    assert_served(&world.reader, &target, FACTS);
    world.writer.settle().unwrap();
    assert_clean(world.store.as_ref());
}

#[test]
fn what_comes_beside_a_disclosure_is_looked_at_when_it_is_admitted() {
    let target = secretive(1);
    let world = World::new(std::slice::from_ref(&target));
    let other = secretive(2);
    let opening = disclosure(2, &target, &[FACTS]);
    let (facts, url, puid) =
        (text_of(&target, FACTS), text_of(&target, "content_url"), text_of(&target, "puid"));
    let mut torn = facts.to_vec();
    torn.pop();
    let both = disclosure(2, &target, &["content_url", FACTS]);
    let table: [(&Signed, Vec<&[u8]>, &str); 8] = [
        (&opening, vec![], "addendum-missing"),
        (&both, vec![facts], "addendum-missing"),
        (&opening, vec![facts, url], "addendum-mismatch"),
        (&opening, vec![puid], "addendum-mismatch"),
        (&opening, vec![facts, facts], "addendum-mismatch"),
        (&opening, vec![facts, text_of(&other, FACTS)], "addendum-mismatch"),
        (&opening, vec![&torn], "not-cbor"),
        // A statement of another type opens nothing.
        (&other, vec![facts], "addendum-mismatch"),
    ];
    for (at, (signed, opened, slug)) in table.into_iter().enumerate() {
        let refused = admit_with(&world.reader, signed, &opened).unwrap_err();
        assert_eq!(refused.slug, slug, "case {at}");
        let words = format!("{} {:?}", refused.detail, refused.errors);
        assert!(!words.contains("does not exist"), "{words}");
    }
    // Another issuer's text of that number and field.
    let own = Addendum::parse(facts).unwrap();
    let issuer = Issuer::parse("https://other.example").unwrap();
    let (salt, aud, value) = (*own.salt(), own.aud().clone(), own.value().clone());
    let foreign = Addendum::new(salt, aud, issuer, own.sequence(), own.field(), value).unwrap();
    let refused = admit_with(&world.reader, &opening, &[&foreign.encode()]).unwrap_err();
    assert_eq!(refused.slug, "addendum-mismatch");
}

#[test]
fn texts_that_are_not_the_targets_change_nothing() {
    let (target, other) = (secretive(1), secretive(2));
    let mut world = World::new(&[target.clone(), other.clone()]);
    let opening = disclosure(3, &target, &[FACTS]);
    // Of another number; of the right number and with another digest.
    assert_eq!(world.refused(&opening, &texts(&other, &[FACTS])), "addendum-mismatch");
    let again = secretive(1);
    assert_eq!(world.refused(&opening, &texts(&again, &[FACTS])), "addendum-mismatch");
    // The number is free still, and the right texts are taken.
    let answer = submit_with(&mut world.writer, &world.reader, &opening, &texts(&target, &[FACTS]));
    assert_eq!(accepted(&answer), 4);
    assert_served(&world.reader, &target, FACTS);
    // What the log refuses is told before what the texts are like.
    let served = disclosure(4, &other, &["puid"]);
    assert_eq!(world.refused(&served, &texts(&target, &["puid"])), "target-text");
}

fn sealed_line() -> serde_json::Value {
    let mut line = decision_line("secret-ad");
    line["decision_facts"] = "An order that must not be told.".into();
    line.as_object_mut().unwrap().remove("content_url");
    line
}

#[test]
fn what_was_sealed_is_judged_before_it_is_served() {
    let line = serde_json::json!({"type": "sealed", "statement": sealed_line()});
    let draft = Draft::from_json(&line).unwrap();
    let good = provider().sign(&draft, sequence(1), Subject::pseudonym([7; 16]), NOW).unwrap();
    let whole = Addendum::parse(text_of(&good, "sealed_statement")).unwrap();
    let Item::Bytes(value) = whole.value() else { panic!() };
    // The same value under another number says another number than its statement.
    let moved = sealing(2, value.to_vec());
    let nonsense = sealing(3, vec![0x80]);
    let mut world = World::new(&[good.clone(), moved.clone(), nonsense.clone()]);
    for (target, number) in [(&moved, 4), (&nonsense, 4)] {
        let opened = texts(target, &["sealed_statement"]);
        let slug = world.refused(&unsealing(number, target), &opened);
        assert_eq!(slug, "addendum-invalid");
    }
    let opened = texts(&good, &["sealed_statement"]);
    let answer = submit_with(&mut world.writer, &world.reader, &unsealing(4, &good), &opened);
    assert_eq!(accepted(&answer), 5);
    assert_served(&world.reader, &good, "sealed_statement");
    world.writer.settle().unwrap();
    assert_clean(world.store.as_ref());
}
