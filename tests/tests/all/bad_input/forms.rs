//! Statements that are not in their one form: not CBOR, another spelling, another envelope.

use glasshouse_tests::forge::{parts, seal, text};
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::cose;

use super::{Bad, Bench};

/// The payload's map with one more pair in its head and the given pairs before the others.
fn map_with(payload: &[u8], more: u8, first: &[u8], last: &[u8]) -> Vec<u8> {
    assert_eq!(payload[0] >> 5, 5, "the payload is a map");
    let pairs = payload[0] & 0x1f;
    assert!(pairs + more < 24, "a head of one byte");
    [&[0xa0 | (pairs + more)], first, &payload[1..], last].concat()
}

#[test]
fn a_statement_is_in_its_one_spelling() {
    let mut bench = Bench::start();
    let key = bench.key.clone();
    let mut cases = vec![
        Bad::new("nothing", Vec::new(), "not-cbor"),
        Bad::new("text", b"Not CBOR at all.".to_vec(), "not-cbor"),
        Bad::new("a break alone", vec![0xff], "not-cbor"),
    ];
    let (forgery, addenda) = bench.forgery();
    let good = forgery.sign(&key);
    let (protected, payload) = parts(&good);
    let mut add = |name: &str, statement: Vec<u8>, slug: &'static str| {
        cases.push(Bad::new(name, statement, slug).with(addenda.clone()));
    };
    add("a trailing byte", [good.as_slice(), &[0]].concat(), "not-cbor");
    add("a cut statement", good[..good.len() - 1].to_vec(), "not-cbor");
    add("a trailing byte in the payload", seal(&protected, &[&payload[..], &[0]].concat(), &key), "not-cbor");
    add("a trailing byte in the header", seal(&[&protected[..], &[0]].concat(), &payload, &key), "not-cbor");
    add("a payload that is text", seal(&protected, b"a decision", &key), "not-cbor");

    let indefinite = [&[0xd2, 0x9f], &good[2..], &[0xff]].concat();
    add("an indefinite message", indefinite, "not-deterministic");
    let indefinite = [&[0xbf], &payload[1..], &[0xff]].concat();
    add("an indefinite payload", seal(&protected, &indefinite, &key), "not-deterministic");
    let long = [&[0xb8, payload[0] & 0x1f], &payload[1..]].concat();
    add("a payload with a long head", seal(&protected, &long, &key), "not-deterministic");

    let pair = [&[0x64], &b"type"[..], &[0x68], b"decision"].concat();
    let twice = map_with(&payload, 1, &pair, &[]);
    add("a key twice", seal(&protected, &twice, &key), "not-deterministic");
    let unordered = map_with(&payload, 1, &[], &[0x61, b'a', 0]);
    add("keys out of order", seal(&protected, &unordered, &key), "not-deterministic");
    let float = map_with(&payload, 1, &[0x61, b'a', 0xf9, 0x3c, 0], &[]);
    add("a float", seal(&protected, &float, &key), "not-deterministic");
    let null = map_with(&payload, 1, &[0x61, b'a', 0xf6], &[]);
    add("a null", seal(&protected, &null, &key), "not-deterministic");
    let tagged = map_with(&payload, 1, &[0x61, b'a', 0xc0, 0x60], &[]);
    add("a tag inside", seal(&protected, &tagged, &key), "not-deterministic");
    let deep = map_with(&payload, 1, &[&[0x61, b'a'][..], &[0x81; 20], &[0]].concat(), &[]);
    add("too deep", seal(&protected, &deep, &key), "not-deterministic");

    bench.refuse(&cases);
    bench.finish();
}

#[test]
fn a_statement_has_one_envelope() {
    let mut bench = Bench::start();
    let key = bench.key.clone();
    let (forgery, addenda) = bench.forgery();
    let good = forgery.sign(&key);
    let (protected, payload) = parts(&good);
    let mut cases = vec![
        Bad::new("no tag", good[1..].to_vec(), "invalid-statement"),
        Bad::new("tag 17 (COSE_Mac0)", [&[0xd1], &good[1..]].concat(), "invalid-statement"),
        Bad::new("tag 98 (COSE_Sign)", [&[0xd8, 98], &good[1..]].concat(), "invalid-statement"),
    ];
    let mut add = |name: &str, statement: Vec<u8>, slug: &'static str| {
        cases.push(Bad::new(name, statement, slug).with(addenda.clone()));
    };
    let sealed = cose::assemble(&protected, &payload, &[0; 64]);
    let at = 2 + 2 + protected.len();
    assert_eq!(sealed[at], 0xa0, "the empty map of unprotected headers");
    add(
        "an unprotected header",
        [&sealed[..at], &[0xa1, 0x01, 0x27], &sealed[at + 1..]].concat(),
        "invalid-statement",
    );
    add("63 bytes of signature", short_signature(&good), "invalid-statement");
    for label in [1, 3, 4, 15] {
        let statement = forgery.clone().without_header(label).sign(&key);
        add(&format!("no header {label}"), statement, "invalid-statement");
    }
    for label in [1, 2, 3, 6] {
        let statement = forgery.clone().claim(label, None).sign(&key);
        add(&format!("no claim {label}"), statement, "invalid-statement");
    }
    add("another header", forgery.clone().header(99, text("x")).sign(&key), "invalid-statement");
    add("another claim", forgery.clone().claim(4, Some(Item::Integer(9))).sign(&key), "invalid-statement");
    for (name, claim, value) in [
        ("a provider without https", 1, text("http://one.example")),
        ("a provider in capitals", 1, text("https://One.example")),
        ("a name as subject", 2, text("Jane Doe, Main Street 1")),
        ("a URL as log", 3, text("https://log.test.example")),
        ("a time in words", 6, text("yesterday")),
    ] {
        add(name, forgery.clone().claim(claim, Some(value)).sign(&key), "invalid-statement");
    }
    let later = text("application/vnd.glasshouse.statement+cbor; v=2");
    add("a later version", forgery.clone().header(3, later).sign(&key), "not-understood");
    for type_ in ["sanction", "a type of tomorrow"] {
        add(type_, forgery.clone().set("/type", text(type_)).sign(&key), "not-understood");
    }
    add(
        "another vocabulary",
        forgery.clone().set("/vocabulary", text("dsa-tdb/3")).sign(&key),
        "not-understood",
    );
    bench.refuse(&cases);
    bench.finish();
}

/// The statement with the last byte of its signature gone, and the head that says so.
fn short_signature(good: &[u8]) -> Vec<u8> {
    let at = good.len() - 66;
    assert_eq!(good[at..at + 2], [0x58, 64]);
    let mut short = good[..good.len() - 1].to_vec();
    short[at + 1] = 63;
    short
}
