//! What is refused before it comes near the log, and with which name, field and rule.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::admission::{Admission, IAT_AHEAD, IAT_BEHIND};
use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::registrar;
use glasshouse_ledger::rejection::Rejection;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::{Answer, Writer};
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::submission::SubmissionSlices;
use serde_json::json;
use support::*;

fn world() -> (Writer, Reader) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    enrolled(&store)
}

fn admit_parts(reader: &Reader, statement: &[u8], addenda: &[&[u8]]) -> Result<(), Rejection> {
    admit_at(reader, statement, addenda, NOW)
}

fn admit_at(reader: &Reader, statement: &[u8], addenda: &[&[u8]], now: u64) -> Result<(), Rejection> {
    let slices = SubmissionSlices { statement, addenda: addenda.to_vec() };
    Admission::new(origin()).admit(&slices, &reader.keys(), now).map(drop)
}

#[track_caller]
fn slug(result: Result<(), Rejection>) -> &'static str {
    result.unwrap_err().slug
}

fn served(signed: &Signed) -> Vec<&[u8]> {
    signed.served().collect()
}

#[test]
fn statements_that_are_none_of_ours() {
    let (_writer, reader) = world();
    let signed = decision(1);
    let (bytes, texts) = (signed.statement(), served(&signed));
    admit_parts(&reader, bytes, &texts).unwrap();
    assert_eq!(slug(admit_parts(&reader, b"", &[])), "not-cbor");
    assert_eq!(slug(admit_parts(&reader, &[bytes, b"\0"].concat(), &texts)), "not-cbor");
    assert_eq!(slug(admit_parts(&reader, &[0; 65_536], &[])), "entry-too-large");
    let mut broken = bytes.to_vec();
    *broken.last_mut().unwrap() ^= 1;
    assert_eq!(slug(admit_parts(&reader, &broken, &texts)), "bad-signature");
}

#[test]
fn keys_issuers_and_logs_that_do_not_fit() {
    let (_writer, reader) = world();
    let stranger = decision_by(&provider_with(9), 1, "ad-1");
    assert_eq!(admit(&reader, &stranger).unwrap_err().slug, "unknown-key");
    let key = || SecretKey::from_seed(&[5; 32]);
    let other = Issuer::parse("https://other.example").unwrap();
    let borrowed = Author::new(other, origin(), key()).unwrap();
    assert_eq!(admit(&reader, &decision_by(&borrowed, 1, "ad-1")).unwrap_err().slug, "wrong-issuer");
    let elsewhere = Origin::parse("other.example/log").unwrap();
    let misled = Author::new(provider().issuer().clone(), elsewhere, key()).unwrap();
    assert_eq!(admit(&reader, &decision_by(&misled, 1, "ad-1")).unwrap_err().slug, "wrong-audience");
}

#[test]
fn a_statement_is_of_these_days() {
    let (_writer, reader) = world();
    let signed = decision(1);
    let texts = served(&signed);
    let at = |now| admit_at(&reader, signed.statement(), &texts, now);
    at(NOW - IAT_AHEAD).unwrap();
    assert_eq!(slug(at(NOW - IAT_AHEAD - 1)), "issued-in-future");
    at(NOW + IAT_BEHIND).unwrap();
    assert_eq!(slug(at(NOW + IAT_BEHIND + 1)), "issued-too-long-ago");
}

#[test]
fn texts_are_complete_and_this_statements_own() {
    let (_writer, reader) = world();
    let (signed, other) = (decision(1), decision(2));
    let texts = served(&signed);
    let admit = |addenda: &[&[u8]]| admit_parts(&reader, signed.statement(), addenda);
    let missing = admit(&texts[1..]).unwrap_err();
    assert_eq!(missing.slug, "addendum-missing");
    let [error] = missing.errors.as_slice() else { panic!("{missing:?}") };
    assert!(error.path.starts_with("/addenda/"), "{error:?}");
    assert_eq!(admit(&[]).unwrap_err().errors.len(), texts.len());
    let foreign = served(&other);
    assert_eq!(slug(admit(&[&texts[..], &foreign[..1]].concat())), "addendum-mismatch");
    assert_eq!(slug(admit(&[&texts[..], &texts[..1]].concat())), "addendum-mismatch");
    let withheld = signed.addenda()[&FieldName::CONTENT_URL].as_slice();
    assert_eq!(slug(admit(&[&texts[..], &[withheld]].concat())), "addendum-withheld");
    let many = vec![texts[0]; 33];
    assert_eq!(slug(admit(&many)), "too-many-addenda");
    // In any order.
    let mut reversed = texts.clone();
    reversed.reverse();
    admit(&reversed).unwrap();
}

#[test]
fn there_are_as_many_uris_as_relations_without_an_entry() {
    let (_writer, reader) = world();
    let mut line = decision_line("ad-1");
    line["relates_to"] = json!([{"relation": "follows", "uri": "https://one.example/"}]);
    let draft = Draft::from_json(&line).unwrap();
    let sign = |draft: &Draft| provider().sign(draft, sequence(1), Subject::pseudonym([7; 16]), NOW).unwrap();
    let right = sign(&draft);
    assert_eq!(admit_parts(&reader, right.statement(), &served(&right)), Ok(()));
    let uris = ["https://one.example/", "https://two.example/"].map(|uri| Item::text(uri.to_owned()));
    let wrong = sign(&draft.with_text(FieldName::RELATES_TO_URI, Item::Array(uris.into())));
    assert_eq!(slug(admit_parts(&reader, wrong.statement(), &served(&wrong))), "addendum-invalid");
}

#[test]
fn every_item_of_a_batch_stands_alone_and_in_its_order() {
    let (mut writer, reader) = world();
    let statements: Vec<_> = (1..=100).map(decision).collect();
    let bad = decision_by(&provider_with(9), 1, "ad-1");
    let mut broken = bad.statement().to_vec();
    broken.truncate(10);
    let mut forged: Vec<Vec<u8>> = statements.iter().map(|signed| signed.statement().to_vec()).collect();
    forged.iter_mut().for_each(|bytes| *bytes.last_mut().unwrap() ^= 1);
    let batch: Vec<_> = statements
        .iter()
        .enumerate()
        .map(|(at, signed)| match at % 10 {
            3 => bad.statement(),
            5 => &broken,
            7 => &forged[at],
            _ => signed.statement(),
        })
        .zip(&statements)
        .map(|(statement, signed)| SubmissionSlices { statement, addenda: signed.served().collect() })
        .collect();
    // While the key gets its table, which 64 checks are for, and with it.
    for _ in 0..2 {
        let results = Admission::new(origin()).admit_batch(&batch, &reader.keys(), NOW);
        assert_eq!(results.len(), 100);
        for (at, result) in results.into_iter().enumerate() {
            let refused = match result {
                Ok(admitted) => {
                    assert_eq!(admitted.leaf_hash(), statements[at].leaf_hash());
                    writer.submit(admitted);
                    None
                }
                Err(rejection) => Some(rejection.slug),
            };
            let expected = match at % 10 {
                3 => Some("unknown-key"),
                5 => Some("not-cbor"),
                7 => Some("bad-signature"),
                _ => None,
            };
            assert_eq!(refused, expected, "{at}");
        }
    }
    // Those of the second time are the same statements.
    assert_eq!(writer.round().unwrap().entries, 70);
}

#[test]
fn a_registrars_statement_ends_its_round() {
    let (mut writer, reader) = world();
    for signed in [decision(1), enrolment_of(&provider_with(6), 3), decision(2)] {
        writer.submit(admit(&reader, &signed).unwrap());
    }
    assert_eq!(writer.round().unwrap().entries, 2);
    assert_eq!(writer.round().unwrap().entries, 1);
    assert_eq!(writer.round().unwrap().entries, 0);
}

#[test]
fn what_depends_on_the_log_is_decided_at_numbering() {
    let (mut writer, reader) = world();
    let author = provider();
    let mut line = decision_line("ad-1");
    line["provider_role"] = json!("host");
    let draft = Draft::from_json(&line).unwrap();
    let in_role = author.sign(&draft, sequence(1), Subject::pseudonym([7; 16]), NOW).unwrap();
    let ahead = decision(65_537);
    let twice = enrolment_of(&author, 3);
    let own = author.sign_own(&registrar::void(1, 3, "test", None), sequence(9), NOW).unwrap();
    let foreign = registrar::key_retirement(author.issuer(), &provider_with(9).kid(), "rotated", None, None);
    let foreign = author.sign_own(&foreign, sequence(10), NOW).unwrap();
    let answers = publish(&mut writer, &reader, &[in_role, ahead, twice, own, foreign]);
    let slugs: Vec<_> = answers
        .iter()
        .map(|answer| match answer {
            Answer::Rejected(rejection) => rejection.slug,
            _ => "stands",
        })
        .collect();
    assert_eq!(slugs, ["role-not-enrolled", "sequence-ahead", "already-enrolled", "stands", "unknown-key"]);
}

#[test]
fn a_genesis_is_never_submitted() {
    let (_writer, reader) = world();
    let genesis = reader.entry(index(0)).unwrap().unwrap();
    let texts = reader.texts(&genesis, index(0)).unwrap();
    let bytes: Vec<_> = texts.iter().map(|text| text.encode()).collect();
    let addenda: Vec<_> = bytes.iter().map(Vec::as_slice).collect();
    let refused = admit_parts(&reader, genesis.statement().bytes(), &addenda);
    assert_eq!(slug(refused), "not-authorised");
}
