//! Texts that do not belong to their statement, or do not come with it.

use glasshouse_tests::forge::text;
use glasshouse_tests::workload::{decision, now};
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::{self, Item};
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::sequence::Sequence;
use serde_json::json;

use super::{Bad, Bench};

/// Whose text an addendum says that it is.
struct Owner {
    log: &'static str,
    issuer: &'static str,
    ahead: u64,
    field: FieldName,
}

const OWN: Owner = Owner {
    log: "log.test.example",
    issuer: "https://one.example",
    ahead: 0,
    field: FieldName::DECISION_FACTS,
};

/// A decision whose `decision_facts` is this very addendum, digest and all, signed by the provider.
fn with_facts(bench: &mut Bench, name: &str, facts: Vec<u8>, slug: &'static str) -> Bad {
    let number = bench.publisher.next_number();
    let signed = bench.publisher.sign_next();
    let mut addenda = signed.addenda().clone();
    addenda.insert(FieldName::DECISION_FACTS, facts.clone());
    let digest = Item::bytes(Digest::of(&facts).as_bytes().to_vec());
    let statement = glasshouse_tests::forge::Forgery::of(signed.statement())
        .set("/addenda/decision_facts", digest)
        .set("/sequence", Item::Integer(number.into()))
        .sign(&bench.key);
    Bad::new(name, statement, slug).with(addenda.into_values().collect())
}

fn facts_of(bench: &Bench, owner: Owner) -> Vec<u8> {
    let sequence = Sequence::new(bench.publisher.next_number() + owner.ahead).unwrap();
    let (log, issuer) = (Origin::parse(owner.log).unwrap(), Issuer::parse(owner.issuer).unwrap());
    Addendum::new([7; 16], log, issuer, sequence, owner.field, text("What happened.")).unwrap().encode()
}

#[test]
fn a_text_belongs_to_its_statement() {
    let mut bench = Bench::start();
    let mut cases = Vec::new();
    for (name, owner) in [
        ("of another statement", Owner { ahead: 1, ..OWN }),
        ("of another issuer", Owner { issuer: "https://other.example", ..OWN }),
        ("of another log", Owner { log: "other.test.example", ..OWN }),
        ("of another field", Owner { field: FieldName::INSTRUMENT, ..OWN }),
    ] {
        let facts = facts_of(&bench, owner);
        cases.push(with_facts(&mut bench, name, facts, "addendum-mismatch"));
    }
    // The same construction with its own text stands, so that it is the owner that was refused above.
    let facts = facts_of(&bench, OWN);
    let good = with_facts(&mut bench, "its own", facts, "");
    let reply = bench.world.post(&glasshouse_tests::forge::body([(&good.statement[..], &good.addenda[..])]));
    assert_eq!(reply.json()["results"][0]["status"], "accepted", "{}", reply.json());
    bench.refuse(&cases);
    bench.finish();
}

#[test]
fn a_text_fits_its_field() {
    let mut bench = Bench::start();
    let good = facts_of(&bench, OWN);
    let Ok(Item::Array(parts)) = cbor::decode(&good) else { panic!("an addendum is an array") };
    let with = |at: usize, item: Item| {
        let mut parts = parts.clone();
        parts[at] = item;
        parts
    };
    let mut cases = Vec::new();
    for (name, bytes, slug) in [
        ("no CBOR", b"just text".to_vec(), "not-cbor"),
        ("a trailing byte", [good.as_slice(), &[0]].concat(), "not-cbor"),
        ("an indefinite array", [&[0x9f], &good[1..], &[0xff]].concat(), "not-deterministic"),
        (
            "a salt of 15 bytes",
            cbor::encode(&Item::Array(with(0, Item::bytes(vec![7; 15])))),
            "addendum-invalid",
        ),
        ("a field of no type", cbor::encode(&Item::Array(with(4, text("gossip")))), "addendum-invalid"),
        ("a number as value", cbor::encode(&Item::Array(with(5, Item::Integer(1)))), "addendum-invalid"),
        ("five elements", cbor::encode(&Item::Array(parts[..5].to_vec())), "addendum-invalid"),
    ] {
        cases.push(with_facts(&mut bench, name, bytes, slug));
    }
    for (name, value, rule) in [
        ("an empty text", text(""), "empty"),
        ("a text beyond its bound", text(&"x".repeat(5_001)), "too-long"),
        ("a text with a bell", text("ding\u{7}"), "grammar"),
        ("texts in a field of one", Item::Array(vec![text("a"), text("b")]), "wrong-type"),
    ] {
        // Its owner is right: only the value is wrong.
        let number = Item::Integer(bench.publisher.next_number().into());
        let mut parts = with(3, number);
        parts[5] = value;
        let bytes = cbor::encode(&Item::Array(parts));
        let case = with_facts(&mut bench, name, bytes, "addendum-invalid");
        cases.push(case.at("/addenda/decision_facts", rule));
    }
    bench.refuse(&cases);
    bench.finish();
}

#[test]
fn what_is_committed_to_is_sent_or_withheld() {
    let mut bench = Bench::start();
    let mut next = || {
        let (forgery, addenda) = bench.forgery();
        (forgery.sign(&bench.key), addenda)
    };
    let mut cases = Vec::new();
    let (statement, mut addenda) = next();
    addenda.push(b"nobody's".to_vec());
    cases.push(Bad::new("bytes that are no text", statement, "not-cbor").with(addenda));

    let (statement, mut addenda) = next();
    addenda.push(addenda[0].clone());
    cases.push(Bad::new("a text twice", statement, "addendum-mismatch").with(addenda));

    let (statement, mut addenda) = next();
    addenda.resize_with(33, || vec![0]);
    cases.push(Bad::new("33 addenda", statement, "too-many-addenda").with(addenda));

    let (statement, _) = next();
    let mut case = Bad::new("no text at all", statement, "addendum-missing");
    for field in ["decision_facts", "incompatible_content_explanation", "incompatible_content_ground", "puid"]
    {
        case = case.at(&format!("/addenda/{field}"), "required");
    }
    cases.push(case);

    let (statement, _) = next();
    let long = vec![vec![0; (1 << 20) + 1]];
    cases.push(Bad::new("an addendum of 1 MiB and a byte", statement, "addendum-invalid").with(long));

    let number = bench.publisher.next_number();
    let mut line = decision(number);
    line["content_url"] = json!(["https://one.example/listing"]);
    let signed = bench.publisher.sign(&line, number, now());
    bench.publisher.skip();
    let all = signed.addenda().values().cloned().collect();
    cases.push(Bad::new("a withheld text", signed.statement().to_vec(), "addendum-withheld").with(all));
    bench.refuse(&cases);
    bench.finish();
}
