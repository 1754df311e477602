//! Numbers that cannot be used.

use glasshouse_tests::forge::{Forgery, body, text};
use glasshouse_tests::workload::{Publisher, decision, now};
use glasshouse_verifier::cbor::Item;
use serde_json::Value;

use super::{Bad, Bench};

/// The decision of a line under a number.
fn numbered(bench: &Bench, number: u64) -> (Forgery, Vec<Vec<u8>>) {
    let signed = bench.publisher.sign(&decision(number), number, now());
    (Forgery::of(signed.statement()), signed.served().map(<[u8]>::to_vec).collect())
}

#[test]
fn a_number_is_from_1_to_65536_ahead() {
    let mut bench = Bench::start();
    let key = bench.key.clone();
    let mut cases = Vec::new();
    for (name, number, rule) in [
        ("number 0", Item::Integer(0), "out-of-range"),
        ("number -1", Item::Integer(-1), "out-of-range"),
        ("number 2^53", Item::Integer(1 << 53), "out-of-range"),
        ("a number in words", text("one"), "wrong-type"),
    ] {
        let statement = bench.changed(|forgery| forgery.set("/sequence", number));
        cases.push(Bad::field(name, statement, "/sequence", rule));
    }
    // Two good statements at most are unbroken when these are judged, and at least none.
    for number in [70_000, 1 << 40, (1 << 53) - 1] {
        let (forgery, addenda) = numbered(&bench, number);
        let name = format!("number {number}");
        cases.push(Bad::new(name, forgery.sign(&key), "sequence-ahead").with(addenda));
    }
    bench.refuse(&cases);
    let (forgery, addenda) = numbered(&bench, 60_000);
    let reply = bench.world.post(&body([(&forgery.sign(&key)[..], &addenda[..])]));
    assert_eq!(reply.json()["results"][0]["status"], "accepted", "{}", reply.json());
    bench.finish();
}

#[test]
fn the_window_ends_exactly_65536_above_the_unbroken() {
    let bench = Bench::start();
    let key = bench.key.clone();
    let submit = |number: u64| -> Value {
        let (forgery, addenda) = numbered(&bench, number);
        let reply = bench.world.post(&body([(&forgery.sign(&key)[..], &addenda[..])]));
        reply.json()["results"][0].clone()
    };
    assert_eq!(submit(65_537)["problem"]["type"], "urn:glasshouse:problem:sequence-ahead");
    assert_eq!(submit(65_536)["status"], "accepted");
    assert_eq!(submit(1)["status"], "accepted");
    assert_eq!(submit(65_537)["status"], "accepted");
    assert_eq!(submit(65_538)["problem"]["type"], "urn:glasshouse:problem:sequence-ahead");
    // Two numbers were used out of turn, so the good ones of another batch would collide: nothing more is sent.
    bench.finish();
}

#[test]
fn a_number_says_one_thing() {
    let mut bench = Bench::start();
    let key = bench.key.clone();
    let number = bench.publisher.next_number();
    bench.publisher.skip();
    let (first, addenda) = numbered(&bench, number);
    let reply = bench.world.post(&body([(&first.sign(&key)[..], &addenda[..])]));
    let place = reply.json()["results"][0].clone();
    assert_eq!(place["status"], "accepted");

    // The same content under a new signature is a duplicate, with or without its texts: the first place is the answer.
    let later = first.clone().claim(6, Some(Item::Integer((now() + 60).into()))).sign(&key);
    let (good, texts) = bench.good();
    let reply = bench.world.post(&body([
        (&later[..], &addenda[..]),
        (&good[..], &texts[..]),
        (&first.sign(&key)[..], &addenda[..]),
    ]));
    let results = reply.json()["results"].clone();
    assert_eq!(results[1]["status"], "accepted", "{results}");
    for at in [0, 2] {
        assert_eq!(results[at]["status"], "duplicate", "{results}");
        assert_eq!(results[at]["index"], place["index"]);
        assert_eq!(results[at]["leaf_hash"], place["leaf_hash"]);
    }

    // Other content, or the same about another subject, is a conflict.
    let (other, other_texts) = numbered(&bench, number);
    let moved = first.claim(2, Some(text("s:ffffffffffffffffffffffffffffffff")));
    bench.refuse(&[
        Bad::new("other content", other.sign(&key), "sequence-conflict").with(other_texts).status(409),
        Bad::new("another subject", moved.sign(&key), "sequence-conflict").with(addenda).status(409),
    ]);
    bench.finish();
}

#[test]
fn two_of_one_number_in_one_batch_are_judged_in_order() {
    let mut bench = Bench::start();
    let key = bench.key.clone();
    let number = bench.publisher.next_number();
    bench.publisher.skip();
    let ((first, texts), (second, second_texts)) = (numbered(&bench, number), numbered(&bench, number));
    let (first, second) = (first.sign(&key), second.sign(&key));
    let reply = bench.world.post(&body([
        (&first[..], &texts[..]),
        (&second[..], &second_texts[..]),
        (&first[..], &texts[..]),
    ]));
    let results = reply.json()["results"].clone();
    assert_eq!(results[0]["status"], "accepted", "{results}");
    assert_eq!(results[1]["problem"]["status"], 409, "{results}");
    assert_eq!((&results[2]["status"], &results[2]["index"]), (&"duplicate".into(), &results[0]["index"]));
    bench.finish();
}

#[test]
fn another_issuer_has_numbers_of_its_own() {
    let mut bench = Bench::start();
    let mut other: Publisher = bench.world.enrol("other");
    let (good, texts) = bench.good();
    let one = other.sign_next();
    let texts_of_one: Vec<Vec<u8>> = one.served().map(<[u8]>::to_vec).collect();
    let reply = bench.world.post(&body([(&good[..], &texts[..]), (one.statement(), &texts_of_one[..])]));
    let results = reply.json()["results"].clone();
    assert_eq!((&results[0]["status"], &results[1]["status"]), (&"accepted".into(), &"accepted".into()));
    bench.finish();
}
