//! Lies in the entries that are served, and in those that were signed into the tree.

use glasshouse_tests::forge::{Forgery, parts, seal};
use glasshouse_tests::liar::{Liar, Lie, write_log};
use glasshouse_tests::workload::{Publisher, decision, now};
use glasshouse_verifier::bundle::encode_bundle;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::origin::Origin;
use serde_json::json;

use super::operator::{Operator, path_text, rules};

/// The bundle of the last 14 entries.
const LAST: &str = "tile/entries/001.p/14";

fn bundle(entries: &[Vec<u8>]) -> Lie {
    Lie::Bytes(encode_bundle(entries).unwrap())
}

/// For comparison: without a lie nothing is noticed, over HTTP and from a mirror on the disk.
#[test]
fn tells_the_truth() {
    let operator = Operator::new();
    let (status, answer) = operator.auditor(&Liar::serve::<String>(operator.public(), []));
    assert_eq!((status, &answer["size"]), (0, &super::operator::SIZE.into()), "{answer:#}");
    assert_eq!(answer["missing_numbers"], json!([]));
    let mirror = super::operator::path_text(&operator.public());
    let (status, answer) = operator.verify(&["log", &mirror, "--policy", &operator.policy()]);
    assert_eq!(status, 0, "{answer:#}");
}

/// Another entry is served than the tree has. Noticed by everybody; it convicts nobody, because the server may be a broken mirror.
#[test]
fn serves_another_entry() {
    let operator = Operator::new();
    let mut entries = operator.entries[256..].to_vec();
    *entries.last_mut().unwrap() = operator.other_end();
    let (status, answer) = operator.newcomer(&operator.with(LAST, bundle(&entries)));
    assert!(rules(&answer).contains(&"tile"), "{answer:#}");
    operator.assert_names((status, answer), "root");
}

/// One bit of an entry. Noticed by everybody, at its index.
#[test]
fn changes_a_bit_of_an_entry() {
    let operator = Operator::new();
    let mut entries = operator.entries[256..].to_vec();
    let last = entries[3].len() - 140;
    entries[3][last] ^= 1;
    let (status, answer) = operator.newcomer(&operator.with(LAST, bundle(&entries)));
    assert_eq!(status, 1, "{answer:#}");
    let at = answer["findings"].as_array().unwrap().iter().any(|finding| finding["index"] == 259);
    assert!(at, "{answer:#}");
}

/// Noticed by everybody.
#[test]
fn serves_two_entries_in_another_order() {
    let operator = Operator::new();
    let mut entries = operator.entries[256..].to_vec();
    entries.swap(2, 3);
    operator.assert_names(operator.newcomer(&operator.with(LAST, bundle(&entries))), "root");
}

/// Noticed by everybody.
#[test]
fn leaves_an_entry_out_of_a_bundle() {
    let operator = Operator::new();
    let liar = operator.with(LAST, bundle(&operator.entries[256..269]));
    operator.assert_names(operator.newcomer(&liar), "form");
}

/// Proofs made from these tiles would be wrong. Noticed by everybody who follows the log; who only fetches entries cannot.
#[test]
fn serves_another_tile() {
    let operator = Operator::new();
    let mut tile = std::fs::read(operator.public().join("tile/0/000")).unwrap();
    tile[40] ^= 1;
    operator.assert_names(operator.newcomer(&operator.with("tile/0/000", Lie::Bytes(tile))), "tile");
}

/// A statement whose signature does not hold is signed into the tree. Noticed by everybody, and it convicts.
#[test]
fn forges_a_statement() {
    let operator = Operator::new();
    let mut entries = operator.entries.clone();
    // The last byte of the signature: the entry has its offsets behind it.
    let at = operator.signed[50].statement().len() - 1;
    entries[52][at] ^= 1;
    let (status, answer) = operator.newcomer(&operator.history(&entries));
    assert_eq!(rules(&answer), ["bad-signature"], "{answer:#}");
    operator.assert_convicts((status, answer), "bad-entry");
}

/// The same, and the tiles that would prove it are served once, to whoever compares them, and never again. An auditor with a
/// state has the entries, and convicts all the same; one without is told that it has no proof, and how to get one.
#[test]
fn forges_a_statement_and_refuses_the_proof() {
    let operator = Operator::new();
    let mut entries = operator.entries.clone();
    let at = operator.signed[50].statement().len() - 1;
    entries[52][at] ^= 1;
    let folder = operator.world.scratch().join("forged");
    write_log(&folder, &entries, &operator.signer());
    let once = || {
        let tiles = ["tile/0/000", "tile/0/001.p/14", "tile/1/000.p/1"];
        let lies = tiles.map(|path| (path, Lie::Once(std::fs::read(folder.join(path)).unwrap())));
        Liar::serve(folder.clone(), lies)
    };
    let (status, answer) = operator.newcomer(&once());
    assert_eq!(answer["unproved"], json!([52]), "{answer:#}");
    operator.assert_names((status, answer), "bad-signature");
    let state = path_text(&operator.world.scratch().join("audit"));
    let (status, answer) = operator.audit(&once(), &["--state", &state]);
    assert_eq!(answer["unproved"], json!([]), "{answer:#}");
    operator.assert_convicts((status, answer), "bad-entry");
}

/// A statement that the provider made for another log. Noticed by everybody, and it convicts.
#[test]
fn replays_a_statement_from_another_log() {
    let operator = Operator::new();
    let elsewhere = Publisher::new("one", &Origin::parse("other.example").unwrap());
    let number = operator.publisher.next_number();
    let replayed = elsewhere.sign(&decision(number), number, now()).entry().to_vec();
    let (status, answer) = operator.newcomer(&operator.longer([replayed]));
    assert!(rules(&answer).contains(&"wrong-audience"), "{answer:#}");
    operator.assert_convicts((status, answer), "bad-entry");
}

/// The provider's own statement once more, so that it seems to have decided twice. Noticed by everybody: a number is taken once.
/// The provider is not accused: it said one thing.
#[test]
fn logs_a_statement_twice() {
    let operator = Operator::new();
    let (status, answer) = operator.newcomer(&operator.longer([operator.entries[60].clone()]));
    assert_eq!(
        (&answer["conflict_count"], &answer["provider_evidence"]),
        (&0.into(), &json!([])),
        "{answer:#}"
    );
    operator.assert_names((status, answer), "sequence-conflict");
}

/// A second statement under a number that is taken. Noticed by everybody. The provider signed both (here the operator knows its
/// key), so both signatures are listed, and a file convicts the provider too.
#[test]
fn logs_two_statements_under_one_number() {
    let operator = Operator::new();
    let (status, answer) = operator.audit(&operator.longer([operator.other_end()]), &["--state", "state"]);
    let conflict = &answer["conflicts"][0];
    let last = operator.entries.len() as u64;
    assert_eq!((&conflict["entry"], &conflict["index"]), (&(last - 1).into(), &last.into()), "{answer:#}");
    assert_ne!(conflict["signatures"][0], conflict["signatures"][1]);
    let file = operator.world.scratch().join(answer["provider_evidence"][0].as_str().unwrap());
    let vkey = path_text(&operator.world.dir().join("log.vkey"));
    let (convicts, proof) = operator.verify(&["evidence", &path_text(&file), "--log-key", &vkey]);
    assert_eq!((convicts, &proof["kind"]), (3, &"double-statement".into()), "{proof:#}");
    operator.assert_names((status, answer), "sequence-conflict");
}

/// Far ahead of its provider's numbers, where no duplicate would be noticed. Noticed by everybody.
#[test]
fn logs_a_number_out_of_the_window() {
    let operator = Operator::new();
    let number = operator.publisher.next_number() + 70_000;
    let ahead = operator.publisher.sign(&decision(number), number, now()).entry().to_vec();
    operator.assert_names(operator.newcomer(&operator.longer([ahead])), "sequence-ahead");
}

/// One provider's withdrawal of another one's decision. Noticed by everybody.
#[test]
fn lets_a_stranger_withdraw_a_decision() {
    let mut operator = Operator::new();
    let mut stranger = Publisher::new("two", operator.world.registrar().origin());
    let enrolment = operator.world.enrolment(&stranger, &["host"]).entry().to_vec();
    let leaf = operator.signed[7].leaf_hash().to_hex();
    let line = json!({"type": "withdrawal", "targets": [{"entry": leaf}]});
    let withdrawal = stranger.sign_about(&line, 8).entry().to_vec();
    let (status, answer) = operator.newcomer(&operator.longer([enrolment, withdrawal]));
    assert_eq!((status, rules(&answer).len()), (1, 1), "{answer:#}");
}

/// A statement of a type that is not known yet is neither good nor a lie: everybody is told that it was not understood.
#[test]
fn logs_what_only_a_newer_program_understands() {
    let operator = Operator::new();
    let signed = &operator.signed[50];
    let (protected, payload) = parts(signed.statement());
    let at = payload.windows(8).position(|word| word == b"decision").unwrap();
    let later = [&payload[..at], b"tomorrow", &payload[at + 8..]].concat();
    let statement = seal(&protected, &later, &Publisher::key_of("one"));
    let mut entries = operator.entries.clone();
    entries[52] = [&statement, &signed.entry()[statement.len()..]].concat();
    let (status, answer) = operator.newcomer(&operator.history(&entries));
    assert_eq!((status, &answer["not_understood"]), (4, &1.into()), "{answer:#}");
}

/// Free text in an entry, where nobody can erase it. Noticed by everybody, and it convicts.
#[test]
fn puts_free_text_into_an_entry() {
    let operator = Operator::new();
    let signed = &operator.signed[50];
    let statement = Forgery::of(signed.statement())
        .set("/decision_facts", Item::text("Jane Roe of 4 Elm Street sold it"))
        .sign(&Publisher::key_of("one"));
    let mut entries = operator.entries.clone();
    entries[52] = [&statement, &signed.entry()[signed.statement().len()..]].concat();
    operator.assert_convicts(operator.newcomer(&operator.history(&entries)), "bad-entry");
}
