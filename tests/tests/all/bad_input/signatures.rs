//! Who signed, for which log, and when.

use glasshouse_ledger::registrar::key_retirement;
use glasshouse_tests::forge::{Forgery, text};
use glasshouse_tests::workload::{Publisher, batch, now};
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::sequence::Sequence;

use super::{Bad, Bench};

#[test]
fn only_an_enrolled_key_of_the_issuer_signs() {
    let mut bench = Bench::start();
    let (forgery, addenda) = bench.forgery();
    let stranger = Publisher::new("stranger", bench.world.registrar().origin());
    let other = bench.world.enrol("other");
    let (key, other_key) = (bench.key.clone(), Publisher::key_of("other"));
    let kid = |publisher: &Publisher| Item::bytes(publisher.author().kid().as_bytes().to_vec());
    let iss = |publisher: &Publisher| Some(text(publisher.author().issuer().as_str()));

    let of_stranger = forgery.clone().header(4, kid(&stranger)).claim(1, iss(&stranger));
    let flipped = {
        let mut statement = forgery.sign(&key);
        *statement.last_mut().unwrap() ^= 1;
        statement
    };
    let cases = [
        Bad::new("an unknown kid", of_stranger.sign(&Publisher::key_of("stranger")), "unknown-key"),
        Bad::new(
            "a kid of zeros",
            forgery.clone().header(4, Item::bytes(vec![0; 32])).sign(&key),
            "unknown-key",
        ),
        Bad::new("signed by another key", forgery.sign(&other_key), "bad-signature"),
        Bad::new("a bit of the signature", flipped, "bad-signature"),
        Bad::new(
            "a key of another issuer",
            forgery.clone().header(4, kid(&other)).sign(&other_key),
            "wrong-issuer",
        ),
        Bad::new("a foreign issuer's name", forgery.clone().claim(1, iss(&other)).sign(&key), "wrong-issuer"),
        Bad::new(
            "algorithm ES256",
            forgery.clone().header(1, Item::Integer(-7)).sign(&key),
            "unknown-algorithm",
        ),
        Bad::new("algorithm 0", forgery.clone().header(1, Item::Integer(0)).sign(&key), "unknown-algorithm"),
        Bad::new(
            "made for another log",
            forgery.clone().claim(3, Some(text("other.test.example"))).sign(&key),
            "wrong-audience",
        ),
    ]
    .map(|case| case.with(addenda.clone()));
    bench.refuse(&cases);
    bench.finish();
}

#[test]
fn algorithm_19_is_taken_too() {
    let mut bench = Bench::start();
    let (forgery, addenda) = bench.forgery();
    let statement = forgery.header(1, Item::Integer(-19)).sign(&bench.key);
    let reply = bench.world.post(&glasshouse_tests::forge::body([(&statement[..], &addenda[..])]));
    assert_eq!(reply.json()["results"][0]["status"], "accepted", "{}", reply.json());
    bench.finish();
}

#[test]
fn a_retired_key_signs_nothing_more() {
    let mut bench = Bench::start();
    let mut retired = bench.world.enrol("retired");
    let before = bench.world.submit([&retired.sign_next()]);
    assert_eq!(before[0]["status"], "accepted", "{before:?}");
    let author = retired.author();
    let draft = key_retirement(author.issuer(), &author.kid(), "compromised", Some(now()), None);
    let number = bench.world.next_registrar_number();
    let end = bench.world.registrar().sign_own(&draft, number, now()).unwrap();
    let reply = bench.world.post(&batch([&end]));
    assert_eq!(reply.json()["results"][0]["status"], "accepted", "{}", reply.json());
    let late = retired.sign_next();
    let texts = late.served().map(<[u8]>::to_vec).collect();
    bench.refuse(&[Bad::new("a retired key", late.statement().to_vec(), "key-retired").with(texts)]);
    bench.finish();
}

#[test]
fn a_statement_is_of_its_time() {
    let mut bench = Bench::start();
    let mut cases = Vec::new();
    for (name, time, slug) in [
        ("a minute more than a day old", now() - 24 * 3600 - 60, "issued-too-long-ago"),
        ("of 1970", 0, "issued-too-long-ago"),
        ("a minute more than ten minutes ahead", now() + 660, "issued-in-future"),
        ("of the year 9999", 253_402_300_799, "issued-in-future"),
    ] {
        let (forgery, addenda) = bench.forgery();
        let statement = forgery.claim(6, Some(Item::Integer(time.into()))).sign(&bench.key);
        cases.push(Bad::new(name, statement, slug).with(addenda));
    }
    bench.refuse(&cases);
    for time in [now() - 24 * 3600 + 60, now() + 540] {
        let signed = bench.publisher.sign_next_at(time);
        assert_eq!(bench.world.submit([&signed])[0]["status"], "accepted", "{time}");
    }
    bench.finish();
}

#[test]
fn nobody_signs_what_is_not_theirs_to_say() {
    let mut bench = Bench::start();
    // A genesis from the registrar: a log has one.
    let bundle = bench.world.get("/tile/entries/000.p/2").body;
    let entries = glasshouse_verifier::bundle::parse_bundle(&bundle, 2).unwrap();
    let genesis = glasshouse_verifier::entry::Entry::parse(entries[0]).unwrap();
    let registrar = glasshouse_ledger::key_file::read_pem(&bench.world.registrar_key()).unwrap();
    let number = bench.world.next_registrar_number();
    let again = Forgery::of(genesis.statement().bytes())
        .set("/sequence", Item::Integer(number.get().into()))
        .claim(6, Some(Item::Integer(now().into())))
        .sign(&registrar);
    // An enrolment by a provider, of itself.
    let other = Publisher::new("other", bench.world.registrar().origin());
    let enrolment = Forgery::of(bench.world.enrolment(&other, &["host"]).statement());
    let own = bench.publisher.author();
    let own = enrolment
        .header(4, Item::bytes(own.kid().as_bytes().to_vec()))
        .claim(1, Some(text(own.issuer().as_str())))
        .set("/sequence", Item::Integer(60_000))
        .sign(&bench.key);
    // A decision in a role that the provider was not admitted for.
    let (forgery, addenda) = bench.forgery();
    let social = forgery.set("/provider_role", text("social")).sign(&bench.key);
    assert!(Sequence::new(60_000).is_some());
    bench.refuse(&[
        Bad::new("a second genesis", again, "not-authorised"),
        Bad::new("an enrolment by a provider", own, "not-authorised"),
        Bad::new("another role", social, "role-not-enrolled").with(addenda),
    ]);
    bench.finish();
}
