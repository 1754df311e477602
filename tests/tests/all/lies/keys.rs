//! Lies about who may sign: keys nobody asked for, keys that ended, a second beginning.

use glasshouse_ledger::author::Author;
use glasshouse_ledger::registrar::{Enrolment, conflict, key_retirement};
use glasshouse_tests::workload::{Publisher, decision, now};
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::issuer::Issuer;
use serde_json::json;

use super::operator::{Operator, rules};

/// A key that the operator made, under the name of the provider, with a request that its own key did not sign.
fn enrolment_of(operator: &Operator, thief: &Publisher, request: Vec<u8>) -> Enrolment {
    Enrolment {
        provider: operator.publisher.author().issuer().clone(),
        name: "One".to_owned(),
        roles: vec!["marketplace".to_owned()],
        country: "LU".to_owned(),
        key: *thief.author().public_key(),
        request,
        evidence: None,
        contact: None,
    }
}

/// Somebody else's request is put under a new key. Noticed by everybody.
#[test]
fn enrols_a_key_that_did_not_ask() {
    let operator = Operator::new();
    let thief = Publisher::new("thief", operator.world.registrar().origin());
    let request = operator.publisher.author().request(now());
    let enrolment = operator.registrar_says(&enrolment_of(&operator, &thief, request).draft(), 0);
    let (status, answer) = operator.newcomer(&operator.longer([enrolment.entry().to_vec()]));
    assert_eq!((status, rules(&answer).len()), (1, 1), "{answer:#}");
}

/// A key of the operator's own is enrolled for the provider, silently and by every rule. Nobody can know from the log that the
/// provider never asked: everybody is told that the key rests on the registrar's word, and the provider, who follows the log
/// for its own name, sees it there.
#[test]
fn enrols_a_key_silently() {
    let operator = Operator::new();
    let origin = operator.world.registrar().origin().clone();
    let issuer = operator.publisher.author().issuer().clone();
    let own = Author::new(issuer, origin.clone(), Publisher::key_of("thief")).unwrap();
    let thief = Publisher::new("thief", &origin);
    let draft = enrolment_of(&operator, &thief, own.request(now())).draft();
    let enrolment = operator.registrar_says(&draft, 0);
    let (status, answer) = operator.newcomer(&operator.longer([enrolment.entry().to_vec()]));
    assert_eq!(status, 0, "{answer:#}");
    let word = answer["on_the_registrars_word"].as_array().unwrap();
    assert!(word.contains(&json!(super::operator::SIZE)), "{answer:#}");
}

/// Noticed by everybody.
#[test]
fn logs_a_statement_by_a_key_that_nobody_enrolled() {
    let operator = Operator::new();
    let stranger = Publisher::new("stranger", operator.world.registrar().origin());
    let entry = stranger.sign(&decision(1), 1, now()).entry().to_vec();
    operator.assert_names(operator.newcomer(&operator.longer([entry])), "unknown-key");
}

/// A provider enrols a key itself. Noticed by everybody: only the registrar may.
#[test]
fn lets_a_provider_enrol_a_key() {
    let operator = Operator::new();
    let thief = Publisher::new("thief", operator.world.registrar().origin());
    let draft = enrolment_of(&operator, &thief, thief.author().request(now())).draft();
    let number = glasshouse_verifier::sequence::Sequence::new(operator.publisher.next_number()).unwrap();
    let signed = operator.publisher.author().sign_own(&draft, number, now());
    let liar = operator.longer([signed.unwrap().entry().to_vec()]);
    operator.assert_names(operator.newcomer(&liar), "not-authorised");
}

fn retirement(operator: &Operator) -> Vec<u8> {
    let author = operator.publisher.author();
    let draft = key_retirement(author.issuer(), &author.kid(), "compromised", None, None);
    operator.registrar_says(&draft, 0).entry().to_vec()
}

/// The retirement stands in the log, and its key goes on signing behind it. Noticed by everybody.
#[test]
fn goes_on_with_a_retired_key() {
    let operator = Operator::new();
    let number = operator.publisher.next_number();
    let after = operator.publisher.sign(&decision(number), number, now()).entry().to_vec();
    let (status, answer) = operator.newcomer(&operator.longer([retirement(&operator), after]));
    operator.assert_names((status, answer), "key-retired");
}

/// The registrar ends a key, or so it seems: its key did not sign that. Noticed by everybody, and it convicts, because the genesis
/// shows whose signature it should be.
#[test]
fn forges_a_statement_of_the_registrar() {
    let operator = Operator::new();
    let (status, answer) = operator.newcomer(&operator.longer([unsigned(retirement(&operator))]));
    assert!(rules(&answer).contains(&"bad-signature"), "{answer:#}");
    operator.assert_convicts((status, answer), "bad-entry");
}

/// A log that begins with a genesis which the key in it did not sign. Noticed by everybody, and it convicts: entry 0 brings the key
/// with which it should have been signed.
#[test]
fn forges_the_genesis() {
    let operator = Operator::new();
    let mut entries = operator.entries.clone();
    entries[0] = unsigned(entries[0].clone());
    let (status, answer) = operator.newcomer(&operator.history(&entries));
    assert_eq!(answer["findings"][0]["index"], 0, "{answer:#}");
    assert!(rules(&answer).contains(&"bad-signature"), "{answer:#}");
    operator.assert_convicts((status, answer), "bad-entry");
}

/// An entry with one bit of its statement's signature turned.
fn unsigned(mut entry: Vec<u8>) -> Vec<u8> {
    // The entry has its offsets behind the statement, whose last bytes are the signature.
    let end = Entry::parse(&entry).unwrap().statement().bytes().len();
    entry[end - 1] ^= 1;
    entry
}

/// The retirement is taken out again, so that the stolen key's statements seem good. Noticed by whoever kept the checkpoint that covers
/// it; a newcomer cannot, and nor can a receipt alone.
#[test]
fn hides_a_retirement() {
    let operator = Operator::new();
    let with = operator.longer([retirement(&operator)]);
    let state = super::operator::path_text(&operator.world.scratch().join("audit"));
    let (status, answer) = operator.audit(&with, &["--state", &state]);
    assert_eq!((status, answer["ended_keys"].as_array().unwrap().len()), (0, 1), "{answer:#}");
    let number = operator.publisher.next_number();
    let after = operator.publisher.sign(&decision(number), number, now()).entry().to_vec();
    let without = operator.longer([after]);
    assert_eq!(operator.newcomer(&without).0, 0);
    let (status, answer) = operator.audit(&without, &["--state", &state]);
    assert_eq!((status, &answer["verdict"]), (3, &"misbehaviour".into()), "{answer:#}");
}

/// A second genesis, with keys of its own. Noticed by everybody.
#[test]
fn begins_a_second_time() {
    let operator = Operator::new();
    operator
        .assert_names(operator.newcomer(&operator.longer([operator.entries[0].clone()])), "not-authorised");
}

/// The provider's honest statement, and beside it one that the operator made up, filed as a conflict. Noticed by everybody who has the
/// text of the conflict checked: no key of the provider signed the second one. Without the texts the accusation is listed, and
/// said to be unproved.
#[test]
fn convicts_an_honest_provider() {
    let operator = Operator::new();
    let honest = &operator.signed[10];
    let issuer = Issuer::parse("https://one.example").unwrap();
    let forger =
        Author::new(issuer.clone(), operator.world.registrar().origin().clone(), Publisher::key_of("forger"));
    let draft = glasshouse_ledger::draft::Draft::from_json(&decision(11)).unwrap();
    let number = glasshouse_verifier::sequence::Sequence::new(11).unwrap();
    let subject = glasshouse_tests::workload::subject_of(11);
    let forged = forger.unwrap().sign(&draft, number, subject, now()).unwrap();
    let accusation = operator.registrar_says(&conflict(&issuer, honest.leaf_hash(), forged.statement()), 0);
    let folder = operator.world.scratch().join("accusing");
    let entries: Vec<Vec<u8>> =
        operator.entries.iter().cloned().chain([accusation.entry().to_vec()]).collect();
    glasshouse_tests::liar::write_log(&folder, &entries, &operator.signer());
    let texts = operator.signed.iter().flat_map(|signed| signed.served()).chain(accusation.served());
    let texts =
        texts.map(|text| (super::texts::path(text), glasshouse_tests::liar::Lie::Bytes(text.to_vec())));
    let liar = glasshouse_tests::liar::Liar::serve(folder, texts.collect::<Vec<_>>());
    let (status, answer) = operator.newcomer(&liar);
    assert_eq!((status, &answer["conflict_count"]), (0, &json!(1)), "{answer:#}");
    assert_eq!(answer["provider_evidence"], json!([]), "{answer:#}");
    let conflict = &answer["conflicts"][0];
    assert_eq!((&conflict["proved"], &conflict["signatures"]), (&json!(false), &json!(null)), "{answer:#}");
    let told = conflict["detail"].as_str().unwrap();
    assert!(told.contains("accused: entry 270 says that it signed number 11 twice"), "{told}");
    assert!(told.contains("not proved") && !told.contains("it signed number 11 twice: "), "{told}");
    let (status, answer) = operator.audit(&liar, &["--texts"]);
    assert_eq!(status, 1, "{answer:#}");
    assert!(rules(&answer).contains(&"text-wrong"), "{answer:#}");
    assert_eq!(answer["provider_evidence"], json!([]), "{answer:#}");
}
