//! The SCITT reference API of a running server: statements in, receipts and keys out, and what it refuses.

use std::path::Path;

use glasshouse_ledger::author::Signed;
use glasshouse_tests::workload::{Publisher, now};
use glasshouse_tests::world::{Reply, World};
use glasshouse_verifier::cbor::{self, Item};
use glasshouse_verifier::checkpoint::Checkpoint;
use glasshouse_verifier::cose_key_set::{encode_key, parse_key_set};
use glasshouse_verifier::cose_receipt::{CoseReceipt, ReceiptProof};
use glasshouse_verifier::head::{OldTree, TreeHead};
use glasshouse_verifier::key::PublicKey;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::transparent::TransparentStatement;
use serde_json::json;

const COSE: &str = "application/cose";

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test"))
}

/// The publisher's next statement, which brings no text: numbers far ahead are closed.
fn textless(publisher: &mut Publisher) -> Signed {
    let number = publisher.next_number();
    publisher.skip();
    let line = json!({"type": "void", "first": 1_000 + number, "last": 1_000 + number, "void_reason": "outbox_lost"});
    let signed = publisher.sign_about_itself(&line, number);
    assert_eq!(signed.served().count(), 0);
    signed
}

#[track_caller]
fn register(world: &World, statement: &[u8], more: &[(&str, &str)]) -> Reply {
    world.post_with("/entries", statement, &[&[("Content-Type", COSE)], more].concat())
}

fn keys(world: &World) -> Vec<PublicKey> {
    let reply = world.get("/.well-known/scitt-keys");
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/cbor")));
    parse_key_set(&reply.body).unwrap()
}

/// Title and detail of a concise problem.
#[track_caller]
fn problem(reply: &Reply) -> (String, String) {
    assert_eq!(reply.header("content-type"), Some("application/concise-problem-details+cbor"));
    let Ok(Item::Map(pairs)) = cbor::decode(&reply.body) else { panic!("{:?}", reply.body) };
    let [(Item::Integer(-1), Item::Text(title)), (Item::Integer(-2), Item::Text(detail))] = pairs.as_slice()
    else {
        panic!("{pairs:?}")
    };
    (title.to_string(), detail.to_string())
}

fn head(world: &World) -> TreeHead {
    let note = world.get("/checkpoint").body;
    *Checkpoint::parse_text(Note::parse(&note).unwrap().text()).unwrap().head()
}

#[test]
fn a_statement_gets_a_receipt_that_holds() {
    let mut world = World::start(program());
    let mut publisher = world.enrol("scitt");
    let signed = textless(&mut publisher);
    let reply = register(&world, signed.statement(), &[]);
    let place = format!("/entries/{}", signed.leaf_hash());
    assert_eq!((reply.status, reply.header("location")), (201, Some(place.as_str())));
    let keys = keys(&world);
    let receipt = CoseReceipt::parse(&reply.body).unwrap();
    assert_eq!(receipt.verify_inclusion(signed.leaf_hash(), &keys).as_ref(), Ok(head(&world).root()));
    // The same again is the same, and so is what is asked for later, by either name.
    let again = register(&world, signed.statement(), &[]);
    assert_eq!((again.status, again.header("location")), (201, Some(place.as_str())));
    for path in [place.as_str(), "/entries/2"] {
        let got = world.get(path);
        assert_eq!((got.status, got.header("content-type"), &got.body), (200, Some(COSE), &reply.body));
    }
    let typed = world.get_with(&place, &[("Accept", "application/scitt-receipt+cose")]);
    assert_eq!(typed.header("content-type"), Some("application/scitt-receipt+cose"));
    // Both ways to the transparent statement give one that holds.
    let whole = world.get_with(&place, &[("Accept", "application/scitt-statement+cose")]);
    let other = world.get_with(&format!("/api/v1/receipts/{}", signed.leaf_hash()), &[("Accept", COSE)]);
    assert_eq!((whole.status, &whole.body), (200, &other.body));
    assert_eq!(other.header("content-type"), Some(COSE));
    let transparent = TransparentStatement::parse(&whole.body).unwrap();
    assert_eq!(transparent.verify(&keys).as_ref(), Ok(signed.leaf_hash()));
    assert_eq!(transparent.statement().bytes(), signed.statement());
}

#[test]
fn keys_are_found_by_their_thumbprint() {
    let world = World::start(program());
    let [key] = keys(&world)[..] else { panic!("one key") };
    let named = base64_url(key.kid().as_bytes());
    let reply = world.get(&format!("/.well-known/scitt-keys/{named}"));
    assert_eq!((reply.status, reply.body.as_slice()), (200, encode_key(&key).as_slice()));
    for wrong in [format!("{named}="), key.kid().to_hex(), named.to_lowercase(), "x".to_owned()] {
        let reply = world.get(&format!("/.well-known/scitt-keys/{wrong}"));
        assert_eq!((reply.status, problem(&reply).0.as_str()), (404, "There is nothing here"), "{wrong}");
    }
}

/// Base64url without padding.
fn base64_url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn what_is_refused_says_why() {
    let mut world = World::start(program());
    let mut publisher = world.enrol("scitt");
    let signed = textless(&mut publisher);
    let with_texts = publisher.sign_next();
    let stranger = textless(&mut Publisher::new("stranger", world.registrar().origin()));
    let mut forged = signed.statement().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    let late = publisher.sign_next_at(now() - 100_000);
    for (statement, slug) in [
        (with_texts.statement(), "addendum-missing"),
        (stranger.statement(), "unknown-key"),
        (forged.as_slice(), "bad-signature"),
        (late.statement(), "issued-too-long-ago"),
        (b"\xd2\x84".as_slice(), "not-cbor"),
        (b"".as_slice(), "not-cbor"),
    ] {
        let reply = register(&world, statement, &[("Prefer", "respond-async")]);
        let (_, detail) = problem(&reply);
        assert_eq!(reply.status, 400, "{detail}");
        assert!(detail.starts_with(&format!("{slug}: ")), "{slug}: {detail}");
        assert_eq!(detail.contains("/api/v1/statements"), slug == "addendum-missing", "{detail}");
    }
    assert_eq!(register(&world, &[0; 65_536], &[]).status, 413);
    let json = world.post_with("/entries", signed.statement(), &[("Content-Type", "application/json")]);
    assert_eq!((json.status, problem(&json).1.split(':').next()), (415, Some("unsupported-media-type")));
    for (path, status) in [
        (format!("/entries/{}", signed.leaf_hash()), 404),
        ("/entries/99".to_owned(), 404),
        ("/entries/x".to_owned(), 400),
    ] {
        let reply = world.get(&path);
        problem(&reply);
        assert_eq!(reply.status, status, "{path}");
    }
}

#[test]
fn a_receipt_of_another_signing_is_not_given_out() {
    let mut world = World::start(program());
    let publisher = world.enrol("scitt");
    let line = json!({"type": "void", "first": 7, "last": 7, "void_reason": "outbox_lost"});
    let draft = glasshouse_ledger::draft::Draft::from_json(&line).unwrap();
    let sign = |time: u64| {
        let number = glasshouse_verifier::sequence::Sequence::FIRST;
        publisher.author().sign_own(&draft, number, time).unwrap()
    };
    let (first, second) = (sign(now() - 60), sign(now()));
    assert_eq!(register(&world, first.statement(), &[]).status, 201);
    let reply = register(&world, second.statement(), &[]);
    let place = format!("/entries/{}", first.leaf_hash());
    assert_eq!((reply.status, reply.header("location")), (400, Some(place.as_str())));
    assert!(problem(&reply).1.starts_with("duplicate: "));
}

#[test]
fn who_does_not_wait_is_told_where_to_ask() {
    let mut world = World::init(program());
    world.serve_logging(&["--round-interval", "2000"], "info");
    let mut publisher = world.enrol("scitt");
    let (first, second) = (textless(&mut publisher), textless(&mut publisher));
    assert_eq!(register(&world, first.statement(), &[]).status, 201);
    // The next round is two seconds away.
    let reply = register(&world, second.statement(), &[("Prefer", "respond-async")]);
    let place = format!("/entries/{}", second.leaf_hash());
    assert_eq!((reply.status, reply.header("location"), reply.body.len()), (202, Some(place.as_str()), 0));
    assert_eq!(reply.header("retry-after"), Some("1"));
    let pending = world.get(&place);
    assert_eq!((pending.status, pending.header("retry-after")), (204, Some("1")));
    assert_eq!((pending.header("cache-control"), pending.body.len()), (Some("no-store"), 0));
    // Sent again and waited for, it is there under the same name.
    let again = register(&world, second.statement(), &[]);
    assert_eq!((again.status, again.header("location")), (201, Some(place.as_str())));
    assert_eq!(world.get(&place).body, again.body);
}

#[test]
fn growth_is_proved_up_to_what_is_published() {
    let mut world = World::start(program());
    let mut publisher = world.enrol("scitt");
    let old = head(&world);
    world.submit(&[publisher.sign_next(), publisher.sign_next(), publisher.sign_next()]);
    let new = head(&world);
    let ask =
        |query: &str| world.get_with(&format!("/api/v1/proofs/consistency?{query}"), &[("Accept", COSE)]);
    let reply = ask(&format!("from={}&to={}", old.size(), new.size()));
    assert_eq!((reply.status, reply.header("content-type")), (200, Some(COSE)));
    let receipt = CoseReceipt::parse(&reply.body).unwrap();
    assert_eq!(receipt.verify_consistency(&OldTree(old), &keys(&world)).as_ref(), Ok(new.root()));
    assert!(matches!(receipt.proof(), ReceiptProof::Consistency { to, .. } if *to == new.size()));
    assert_eq!(ask(&format!("from={}", old.size())).body, reply.body);
    for wrong in ["from=0", "from=5", "from=6", "from=2&to=4", "from=2&to=9", "to=5"] {
        assert_eq!(ask(wrong).status, 400, "{wrong}");
    }
    assert_eq!(world.get("/api/v1/proofs/consistency?from=2&to=4").status, 200, "in JSON, every size");
}

#[test]
fn a_log_of_one_entry_gives_no_receipt() {
    let world = World::start(program());
    let reply = world.get("/entries/0");
    assert_eq!((reply.status, problem(&reply).1.contains("one entry")), (404, true));
    assert_eq!(world.get("/api/v1/receipts/0").status, 200);
}

#[test]
fn without_its_receipt_key_a_ledger_says_so_and_with_another_it_does_not_start() {
    let mut world = World::start(program());
    let mut publisher = world.enrol("scitt");
    let named = keys(&world);
    world.take_server().stop();
    let (key, kept) = (world.dir().join("receipt.key"), world.scratch().join("kept.key"));
    std::fs::rename(&key, &kept).unwrap();
    world.serve();
    let signed = textless(&mut publisher);
    let reply = register(&world, signed.statement(), &[]);
    assert_eq!((reply.status, problem(&reply).1.split(':').next()), (501, Some("no-receipt-key")));
    assert_eq!(world.get("/entries/1").status, 501);
    assert_eq!(world.get_with("/api/v1/receipts/1", &[("Accept", COSE)]).status, 501);
    assert_eq!(world.get("/api/v1/receipts/1").status, 200);
    assert_eq!(keys(&world), named, "receipts that were given out stay good");
    world.take_server().stop();
    std::fs::copy(world.dir().join("log.key"), &key).unwrap();
    let dir = world.dir();
    let (status, _, errors) =
        world.command(&["serve", "--dir", dir.to_str().unwrap(), "--listen", "127.0.0.1:0"]);
    assert_ne!(status, 0);
    assert!(errors.contains("receipt.key is none of the keys that the log names"), "{errors}");
}
