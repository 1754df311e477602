//! Keys that must not be admitted, and entries that are too long.

use glasshouse_ledger::key_file::{SecretKey, read_pem};
use glasshouse_tests::forge::Forgery;
use glasshouse_tests::workload::{Publisher, now};
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::key::Kid;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::request::EnrolmentRequest;

use super::{Bad, Bench};

/// Encodings of points of small order, and what is no canonical point.
const WEAK: [(&str, &str); 5] = [
    ("the identity", "0100000000000000000000000000000000000000000000000000000000000000"),
    ("a point of order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ("a point of order 4", "0000000000000000000000000000000000000000000000000000000000000000"),
    ("a point of order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    ("p + 1, not canonical", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
];

/// The COSE_Key of any 32 bytes.
fn cose_key(x: &[u8]) -> Item {
    Item::bytes([&[0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20], x].concat())
}

fn registrar(bench: &Bench) -> SecretKey {
    read_pem(&bench.world.registrar_key()).unwrap()
}

/// A good enrolment of a new provider, taken apart.
fn enrolment(bench: &mut Bench, name: &str) -> (Publisher, Forgery) {
    let publisher = Publisher::new(name, bench.world.registrar().origin());
    let signed = bench.world.enrolment(&publisher, &["host"]);
    (publisher, Forgery::of(signed.statement()))
}

#[test]
fn a_weak_key_is_not_enrolled() {
    let mut bench = Bench::start();
    let mut cases = Vec::new();
    for (at, (name, hex)) in WEAK.iter().enumerate() {
        let (_, forgery) = enrolment(&mut bench, &format!("weak{at}"));
        let statement = forgery.set("/key", cose_key(&hex::decode(hex).unwrap())).sign(&registrar(&bench));
        cases.push(Bad::new(*name, statement, "weak-key"));
    }
    // A sound point and one of order 8: verifiers disagree on its signatures.
    let torsion = curve25519_dalek::constants::EIGHT_TORSION[1];
    let mixed = (curve25519_dalek::constants::ED25519_BASEPOINT_POINT + torsion).compress();
    let (_, forgery) = enrolment(&mut bench, "mixed");
    let statement = forgery.set("/key", cose_key(mixed.as_bytes())).sign(&registrar(&bench));
    cases.push(Bad::new("a point with a torsion part", statement, "weak-key"));
    let (_, forgery) = enrolment(&mut bench, "short");
    let statement = forgery.set("/key", cose_key(&[1; 31])).sign(&registrar(&bench));
    cases.push(Bad::field("a key of 31 bytes", statement, "/key", "grammar"));
    bench.refuse(&cases);
    bench.finish();
}

#[test]
fn a_key_is_enrolled_only_with_proof_of_possession() {
    let mut bench = Bench::start();
    let (other, _) = enrolment(&mut bench, "other");
    let mut cases = Vec::new();
    let mut add = |bench: &mut Bench, name: &str, request: Vec<u8>| {
        let (_, forgery) = enrolment(bench, "new");
        let statement = forgery.set("/request", Item::bytes(request)).sign(&registrar(bench));
        cases.push(Bad::new(name, statement, "not-authorised"));
    };
    let new = Publisher::new("new", bench.world.registrar().origin());
    let wanted = |aud: &Origin, publisher: &Publisher| EnrolmentRequest {
        aud: aud.clone(),
        iss: publisher.author().issuer().clone(),
        key: *publisher.author().public_key(),
        time: now(),
    };
    let sign = |request: &EnrolmentRequest, kid: &Kid, key: &SecretKey| {
        request.assemble(kid, &key.sign(&request.sig_structure(kid)))
    };
    let log = bench.world.registrar().origin().clone();
    let (key, kid) = (Publisher::key_of("new"), new.author().kid());

    let foreign = sign(&wanted(&log, &new), &kid, &Publisher::key_of("other"));
    add(&mut bench, "a request signed by another key", foreign);
    let by_other = sign(&wanted(&log, &new), &other.author().kid(), &Publisher::key_of("other"));
    add(&mut bench, "a request under another kid", by_other);
    add(&mut bench, "another provider's request", other.author().request(now()));
    let elsewhere = sign(&wanted(&Origin::parse("other.test.example").unwrap(), &new), &kid, &key);
    add(&mut bench, "a request to another log", elsewhere);
    add(&mut bench, "no request at all", vec![0xd2, 0x84]);
    let (_, forgery) = enrolment(&mut bench, "new");
    let absent = forgery.without("/request").sign(&registrar(&bench));
    cases.push(Bad::field("without a request", absent, "/request", "required"));
    bench.refuse(&cases);
    // After all that, the key itself can still be enrolled.
    bench.world.enrol("new");
    bench.finish();
}

#[test]
fn a_key_is_enrolled_once_ever() {
    let mut bench = Bench::start();
    let (_, forgery) = enrolment(&mut bench, "one");
    let again = forgery.sign(&registrar(&bench));
    let mut cases = vec![Bad::new("a key twice", again, "already-enrolled")];
    // The registrar's own key, asked for by a provider that would hold it.
    let key = registrar(&bench);
    let public = glasshouse_verifier::key::PublicKey::from_bytes(key.public_bytes()).unwrap();
    let (thief, forgery) = enrolment(&mut bench, "thief");
    let request = EnrolmentRequest {
        aud: bench.world.registrar().origin().clone(),
        iss: thief.author().issuer().clone(),
        key: public,
        time: now(),
    };
    let kid = public.kid();
    let request = request.assemble(&kid, &key.sign(&request.sig_structure(&kid)));
    let statement = forgery
        .set("/key", Item::bytes(public.to_cose().to_vec()))
        .set("/request", Item::bytes(request))
        .sign(&registrar(&bench));
    cases.push(Bad::new("the registrar's key", statement, "already-enrolled"));
    bench.refuse(&cases);
    bench.finish();
}

#[test]
fn an_entry_has_at_most_65535_bytes() {
    let mut bench = Bench::start();
    // A request may have any length until it is judged; a statement without addenda makes an entry of one byte more.
    let mut of_length = |length: usize| {
        let (_, forgery) = enrolment(&mut bench, "long");
        let key = registrar(&bench);
        let make = |pad: usize| {
            let request = [&[0xd2, 0x84][..], &vec![0; pad]].concat();
            forgery.clone().set("/request", Item::bytes(request)).sign(&key)
        };
        // The heads of the strings around grow with them.
        let near = length - 1_000;
        let statement = make(near + length - make(near).len());
        assert_eq!(statement.len(), length);
        statement
    };
    let cases = [
        Bad::new("an entry of 65,535 bytes, wrong for another reason", of_length(65_534), "not-authorised"),
        Bad::new("an entry of 65,536 bytes", of_length(65_535), "entry-too-large"),
        Bad::new("a statement of 65,536 bytes", of_length(65_536), "entry-too-large"),
        Bad::new("a statement of a mebibyte", of_length(1 << 20), "entry-too-large"),
    ];
    bench.refuse(&cases);
    bench.finish();
}
