//! `glasshouse-verify log` on whole lives of decisions: what became of them, what providers owe, and whether the texts
//! are there.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/served_log.rs"]
mod served_log;
#[path = "support/signer.rs"]
mod signer;

use std::collections::BTreeMap;
use std::path::Path;

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::statement_type::StatementType;
use serde_json::{Value, json};
use served_log::{ServedLog, case, entries_of};

fn life(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/lifecycle/valid");
    case(&folder.join(format!("{name}.json")))
}

fn lives() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/lifecycle/valid");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| case(file)).collect()
}

fn rules(answer: &Value) -> Vec<&str> {
    answer["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

/// The addendum that the vectors' standard statements commit to: salt and words follow from its name.
fn text(iss: &str, sequence: u64, field: FieldName, words: &str) -> Vec<u8> {
    let label = format!("salt {iss} {sequence} {field}");
    let salt = Digest::of(label.as_bytes()).as_bytes()[..16].try_into().unwrap();
    let (aud, iss) = ("log.example/takedowns".parse_origin(), iss.parse_issuer());
    let sequence = glasshouse_verifier::sequence::Sequence::new(sequence).unwrap();
    Addendum::new(salt, aud, iss, sequence, field, Item::text(words.to_owned())).unwrap().encode()
}

trait Names {
    fn parse_origin(&self) -> glasshouse_verifier::origin::Origin;
    fn parse_issuer(&self) -> glasshouse_verifier::issuer::Issuer;
}

impl Names for str {
    fn parse_origin(&self) -> glasshouse_verifier::origin::Origin {
        glasshouse_verifier::origin::Origin::parse(self).unwrap()
    }

    fn parse_issuer(&self) -> glasshouse_verifier::issuer::Issuer {
        glasshouse_verifier::issuer::Issuer::parse(self).unwrap()
    }
}

const REGISTRAR: &str = "https://log.example/takedowns";
const PROXY: &str = "https://reverse-proxy.example";
const POLICY: &str = "This log takes statements for demonstration. Nothing in it is a provider's own word.\n";
const FACTS: &str =
    "Threats on the forum had grown beyond anything seen before; no court order was there to act on.";

fn path(text: &[u8]) -> String {
    let hex = Digest::of(text).to_hex();
    format!("addenda/{}/{}/{hex}", &hex[..2], &hex[2..4])
}

/// A decision whose facts were redacted, and an amendment with other ones: all texts, and those that are served.
fn redacted() -> (ServedLog, [Vec<u8>; 4]) {
    let log = ServedLog::of(&entries_of(&life("amended-and-redacted")));
    let texts = [
        text(REGISTRAR, 1, FieldName::POLICY, POLICY),
        text(PROXY, 1, FieldName::PUID, "2022-09-03-block"),
        text(PROXY, 2, FieldName::DECISION_FACTS, FACTS),
        text(PROXY, 1, FieldName::DECISION_FACTS, FACTS),
    ];
    for served in &texts[..3] {
        log.put(&path(served), served);
    }
    (log, texts)
}

/// The same counts as the vectors, which another program made.
#[test]
fn the_audit_counts_what_the_vectors_say() {
    let lives = lives();
    assert!(lives.len() >= 50, "{}", lives.len());
    for life in lives {
        let entries = entries_of(&life);
        let (mut decisions, mut texts) = (BTreeMap::new(), BTreeMap::new());
        let (mut withdrawn, mut amended) = (0, 0);
        for (entry, state) in entries.iter().zip(life["expect"]["states"].as_array().unwrap()) {
            let kind = Entry::parse(entry).unwrap().statement().payload().kind();
            if matches!(kind, StatementType::Decision | StatementType::NoAction) {
                *decisions.entry(state["standing"].as_str().unwrap()).or_insert(0) += 1;
                amended += u64::from(state.get("amendments").is_some());
            }
            withdrawn += u64::from(state["standing"] == "withdrawn");
            for state in state["texts"].as_object().into_iter().flatten().map(|(_, state)| state) {
                *texts.entry(state.as_str().unwrap()).or_insert(0) += 1;
            }
        }
        let states =
            json!({"decisions": decisions, "amended": amended, "withdrawn": withdrawn, "texts": texts});
        let day = life["input"]["day"].as_str().unwrap();
        let (status, answer) = ServedLog::of(&entries).audit(&["--on", day]);
        let name = &life["name"];
        assert_eq!((status, &answer["states"]), (0, &states), "{name}: {answer}");
        let mut embargoes = answer["embargoes"].clone();
        embargoes.as_object_mut().unwrap().remove("redacted");
        assert_eq!(embargoes, life["expect"]["embargoes"], "{name}");
        assert_eq!(completeness(&answer), life["expect"]["completeness"], "{name}");
    }
}

/// As the vectors write it down.
fn completeness(answer: &Value) -> Value {
    let issuers = answer["issuers"].as_array().unwrap().iter();
    let mut rows: Vec<Value> = issuers
        .flat_map(|issuer| issuer["declarations"].as_array().unwrap())
        .map(|row| {
            json!({"declaration": row["index"], "expected": row["expected"], "counted": row["counted"],
                "missing": row["missing"]})
        })
        .collect();
    rows.sort_by_key(|row| row["declaration"].as_u64());
    rows.into()
}

/// Whoever serves other bytes than the log signed must not make a provider look as if it had filed less.
#[test]
fn nobody_has_to_explain_what_the_log_did_not_sign() {
    let entries = entries_of(&life("declared-then-withdrawn"));
    let log = ServedLog::of(&entries);
    let mut changed = entries.clone();
    *changed.last_mut().unwrap().last_mut().unwrap() ^= 1;
    log.put_bundle(&format!("tile/entries/000.p/{}", entries.len()), &changed);
    let (status, answer) = log.audit(&[]);
    assert_eq!((status, &answer["owed"]), (1, &json!([])), "{answer}");
    assert!(log.words(&[]).contains("what providers have to explain is not told"), "{}", log.words(&[]));
}

#[test]
fn what_providers_owe_is_no_fault_of_the_log() {
    let log = ServedLog::of(&entries_of(&life("declared-then-withdrawn")));
    let (status, answer) = log.audit(&[]);
    assert_eq!((status, &answer["broken"]), (0, &0.into()), "{answer}");
    let owed: Vec<&str> =
        answer["owed"].as_array().unwrap().iter().map(|owed| owed["rule"].as_str().unwrap()).collect();
    assert_eq!(owed, ["declaration", "missing-numbers"], "{answer}");
    let overdue = ServedLog::of(&entries_of(&life("embargo-on-2025-06-21")));
    let (status, answer) = overdue.audit(&["--on", "2099-01-01"]);
    assert_eq!((status, &answer["owed"][0]["rule"]), (0, &"embargo".into()), "{answer}");
    let (status, answer) = ServedLog::of(&entries_of(&life("conflict"))).audit(&[]);
    let conflict = &answer["conflicts"][0];
    assert_eq!((status, &conflict["iss"], &conflict["sequence"]), (0, &PROXY.into(), &1.into()), "{answer}");
    assert_eq!((&conflict["index"], &conflict["entry"]), (&3.into(), &2.into()));
    assert_eq!((&conflict["proved"], &conflict["signatures"]), (&false.into(), &Value::Null), "{answer}");
    assert_eq!(log.audit(&["--on", "2025-02-30"]).0, 2);
}

#[test]
fn texts_are_right_or_redacted() {
    let (log, _) = redacted();
    let (status, answer) = log.audit(&["--texts"]);
    let counts =
        json!({"right": 3, "withheld": 0, "redacted": 1, "lost": 0, "wrong": 0, "served_in_spite": 0});
    assert_eq!((status, &answer["texts"]), (0, &counts), "{answer}");
    let (status, answer) = log.audit_over_http_with(false, &["--texts"]);
    assert_eq!((status, &answer["texts"]), (0, &counts), "{answer}");
    assert_eq!(log.audit(&[]).1["texts"], Value::Null);
}

#[test]
fn a_text_that_is_gone_without_a_word_is_lost() {
    let (log, texts) = redacted();
    log.remove(&path(&texts[1]));
    let (status, answer) = log.audit(&["--texts"]);
    assert_eq!((status, rules(&answer)), (1, vec!["text-lost"]), "{answer}");
    assert_eq!(answer["findings"][0]["index"], 2, "{answer}");
    assert_eq!(log.audit(&[]).0, 0, "without --texts nothing is said of them");
}

#[test]
fn a_text_that_was_redacted_is_not_served() {
    let (log, texts) = redacted();
    log.put(&path(&texts[3]), &texts[3]);
    let (status, answer) = log.audit(&["--texts"]);
    assert_eq!((status, rules(&answer)), (1, vec!["text-served"]), "{answer}");
    // Whatever stands there, it is in the place of an erased text.
    log.put(&path(&texts[3]), b"other bytes");
    assert_eq!(rules(&log.audit(&["--texts"]).1), ["text-served"]);
}

#[test]
fn other_bytes_are_not_the_text() {
    let (log, texts) = redacted();
    for bytes in [b"".as_slice(), &texts[0], &texts[1][1..]] {
        log.put(&path(&texts[1]), bytes);
        let (status, answer) = log.audit(&["--texts"]);
        assert_eq!((status, rules(&answer)), (1, vec!["text-wrong"]), "{answer}");
    }
    log.put(&path(&texts[1]), vec![0; (1 << 20) + 1]);
    assert_eq!(log.audit(&["--texts"]).0, 2, "longer than any text");
}

#[test]
fn a_folder_without_texts_is_no_place_to_look_for_them() {
    let log = ServedLog::of(&served_log::small_log());
    assert_eq!(log.audit(&["--texts"]).0, 2);
    assert_eq!(log.audit(&["--compare-completeness"]).0, 2);
}

/// The registrar's text holds the second statement whole: both signatures are listed, and a file convinces others.
#[test]
fn a_double_statement_is_listed_with_both_signatures_and_proved() {
    let case = life("conflict");
    let entries = entries_of(&case);
    let log = ServedLog::of(&entries);
    let conflict = Entry::parse(&entries[3]).unwrap();
    let digest = *conflict.statement().payload().addenda().get(&FieldName::REFUSED_STATEMENT).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/admission/valid");
    let files = std::fs::read_dir(folder).unwrap().map(|file| served_log::case(&file.unwrap().path()));
    let all: Vec<Value> = files.flat_map(|case| case["input"]["texts"].as_array().unwrap().clone()).collect();
    let texts = all.iter().flat_map(|texts| texts.as_array().unwrap());
    let mut texts = texts.map(|text| hex::decode(text.as_str().unwrap()).unwrap());
    let refused = texts.find(|text| Digest::of(text) == digest).expect("a vector has the text");
    log.put(&path(&refused), &refused);
    let (status, answer) = log.audit(&["--state", "state"]);
    assert_eq!(answer["conflicts"][0]["proved"], true, "{answer}");
    let signatures = answer["conflicts"][0]["signatures"].as_array().unwrap();
    assert!(
        status == 0 && signatures.iter().all(Value::is_string) && signatures[0] != signatures[1],
        "{answer}"
    );
    let file = answer["provider_evidence"][0].as_str().unwrap();
    let (status, answer) = log.verify_evidence(file);
    assert_eq!((status, &answer["kind"], &answer["iss"]), (3, &"double-statement".into(), &PROXY.into()));
}

/// What a log answers for the declaring provider, which agrees with its entries.
fn told() -> Value {
    json!({
        "size": 10, "highest": 10, "unbroken": 6, "missing_count": 1, "declaration_count": 1,
        "declarations": [{"index": 7, "expected": 3, "counted": 3, "missing_count": 1, "holds": false}],
        "embargoes": {"open": 1, "overdue": 0, "kept": 0, "late": 0, "redacted": 0},
    })
}

#[test]
fn a_log_that_tells_another_completeness_is_found_out() {
    let log = ServedLog::of(&entries_of(&life("declared-then-withdrawn")));
    let route = format!("api/v1/providers/{}/completeness", &PROXY[8..]);
    let registrars = format!("api/v1/providers/{}/completeness", &REGISTRAR[8..]);
    let none = json!({"open": 0, "overdue": 0, "kept": 0, "late": 0, "redacted": 0});
    let own = json!({"highest": 2, "unbroken": 2, "missing_count": 0, "declarations": [], "embargoes": none});
    log.put(&registrars, own.to_string());
    let audit = |told: &Value| {
        log.put(&route, told.to_string());
        log.audit_over_http_with(false, &["--compare-completeness"])
    };
    let (status, answer) = audit(&told());
    assert_eq!((status, &answer["uncompared"]), (0, &json!([])), "{answer}");
    for (pointer, lie) in [
        ("/highest", json!(8)),
        ("/unbroken", json!(9)),
        ("/missing_count", json!(0)),
        ("/declarations/0/counted", json!(2)),
        ("/declarations/0/expected", json!(2)),
        ("/declarations/0/missing_count", json!(0)),
        ("/declarations/0/index", json!(6)),
        ("/declarations", json!([])),
        ("/declaration_count", json!(0)),
        ("/embargoes/open", json!(0)),
        ("/embargoes/kept", json!(1)),
        ("/size", json!(9)),
        ("/highest", json!("nine")),
    ] {
        let mut wrong = told();
        *wrong.pointer_mut(pointer).unwrap() = lie;
        let (status, answer) = audit(&wrong);
        assert!(status == 1 && rules(&answer).contains(&"completeness"), "{pointer}: {answer}");
    }
    let mut grown = told();
    grown["size"] = json!(11);
    let (status, answer) = audit(&grown);
    assert_eq!((status, &answer["uncompared"]), (0, &json!([PROXY])), "{answer}");
    log.remove(&route);
    assert_eq!(log.audit_over_http_with(false, &["--compare-completeness"]).0, 1);
}
