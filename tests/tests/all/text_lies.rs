//! A dishonest operator and the texts beside the log: one that drops a text and says nothing, one that serves what was
//! erased, one that tells another completeness than its own entries.

use std::path::Path;
use std::process::Command;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use glasshouse_tests::liar::{Liar, Lie};
use glasshouse_tests::workload::now;
use glasshouse_tests::world::World;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::subject::Subject;
use serde_json::{Value, json};

/// A real log whose operator has stopped the server: three decisions, and the erasure of the first one's facts.
struct Operator {
    world: World,
    decisions: Vec<Signed>,
    /// What an honest ledger serves, and the policy's text of the genesis.
    texts: Vec<Vec<u8>>,
}

fn text(text: &str) -> Item {
    Item::Text(text.to_owned())
}

/// The provider erases the facts of a decision.
fn redaction(of: &Signed) -> Draft {
    let leaf = Item::Bytes(of.leaf_hash().as_bytes().to_vec());
    let target = Item::Map(vec![(text("entry"), leaf)]);
    Draft::new(StatementType::Redaction)
        .with_field(FieldName::TARGETS, Item::Array(vec![target]))
        .with_field(FieldName::FIELDS, Item::Array(vec![text("decision_facts")]))
        .with_field(FieldName::REDACTION_GROUND, text("erasure_request"))
        .with_field(FieldName::REQUESTED_BY, text("data_subject"))
}

fn path(text: &[u8]) -> String {
    let hex = Digest::of(text).to_hex();
    format!("addenda/{}/{}/{hex}", &hex[..2], &hex[2..4])
}

impl Operator {
    fn new() -> Operator {
        let mut world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
        let mut publisher = world.enrol("one");
        let decisions: Vec<Signed> = (0..3).map(|_| publisher.sign_next()).collect();
        let subject = Subject::parse(&format!("s:{:032x}", 1)).unwrap();
        let number = Sequence::new(publisher.next_number()).unwrap();
        let erased = publisher.author().sign(&redaction(&decisions[0]), number, subject, now()).unwrap();
        for result in [world.submit(&decisions), world.submit([&erased])].concat() {
            assert_eq!(result["status"], "accepted", "{result}");
        }
        let genesis = world.get("/api/v1/statements/0").json();
        let policy = genesis["payload"]["addenda"]["policy"].as_str().unwrap().to_owned();
        let policy = world.get(&format!("/addenda/{}/{}/{policy}", &policy[..2], &policy[2..4])).body;
        assert_eq!(world.take_server().stop(), Some(0));
        let facts = &decisions[0].addenda()[&FieldName::DECISION_FACTS];
        let texts =
            decisions.iter().flat_map(Signed::served).filter(|text| text != facts).map(<[u8]>::to_vec);
        let texts = texts.chain([policy]).collect();
        Operator { world, decisions, texts }
    }

    fn erased(&self) -> Vec<u8> {
        self.decisions[0].addenda()[&FieldName::DECISION_FACTS].clone()
    }

    /// Audits the log with its texts, and these answers in place of its own.
    fn audit(&self, more: &[&str], lies: Vec<(String, Lie)>) -> (i32, Value) {
        let truth = self.texts.iter().map(|text| (path(text), Lie::Bytes(text.clone())));
        let liar = Liar::serve(self.world.dir().join("public"), truth.chain(lies));
        let policy = self.world.dir().join("policy.txt");
        let output = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify-under-test"))
            .args(["log", liar.url(), "--policy", policy.to_str().unwrap(), "--json"])
            .args(more)
            .output()
            .unwrap();
        let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code().unwrap(), answer)
    }
}

fn rules(answer: &Value) -> Vec<&str> {
    answer["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

#[test]
fn texts_that_are_served_or_redacted_are_the_truth() {
    let operator = Operator::new();
    let gone = path(&operator.erased());
    for status in [404, 410, 451] {
        let (code, answer) = operator.audit(&["--texts"], vec![(gone.clone(), Lie::Status(status))]);
        assert_eq!((code, &answer["texts"]["redacted"]), (0, &json!(1)), "{status}: {answer}");
        assert_eq!(answer["texts"]["right"], json!(operator.texts.len()), "{answer}");
        assert_eq!(answer["states"]["texts"]["redacted"], json!(1), "{answer}");
    }
    // A server that is broken lies about nothing.
    assert_eq!(operator.audit(&["--texts"], vec![(gone, Lie::Status(500))]).0, 2);
}

#[test]
fn a_ledger_that_drops_a_text_and_says_nothing_is_found_out() {
    let operator = Operator::new();
    let dropped = &operator.decisions[1].addenda()[&FieldName::DECISION_FACTS];
    for status in [404, 451] {
        let (code, answer) = operator.audit(&["--texts"], vec![(path(dropped), Lie::Status(status))]);
        assert_eq!((code, rules(&answer)), (1, vec!["text-lost"]), "{status}: {answer}");
        assert_eq!(answer["findings"][0]["index"], json!(3), "{answer}");
    }
    let other = operator.decisions[2].addenda()[&FieldName::DECISION_FACTS].clone();
    let (code, answer) = operator.audit(&["--texts"], vec![(path(dropped), Lie::Bytes(other))]);
    assert_eq!((code, rules(&answer)), (1, vec!["text-wrong"]), "{answer}");
}

#[test]
fn a_ledger_that_serves_what_was_erased_is_found_out() {
    let operator = Operator::new();
    let erased = operator.erased();
    let (code, answer) = operator.audit(&["--texts"], vec![(path(&erased), Lie::Bytes(erased))]);
    assert_eq!((code, rules(&answer)), (1, vec!["text-served"]), "{answer}");
    assert_eq!(answer["findings"][0]["index"], json!(2), "{answer}");
}

#[test]
fn a_ledger_that_lies_about_completeness_is_found_out() {
    let operator = Operator::new();
    let none = json!({"open": 0, "overdue": 0, "kept": 0, "late": 0, "redacted": 0});
    let told = |highest: u64, unbroken: u64, missing: u64| {
        let told = json!({"size": 6, "highest": highest, "unbroken": unbroken, "missing_count": missing,
            "declarations": [], "embargoes": none});
        Lie::Bytes(told.to_string().into_bytes())
    };
    let route = |issuer: &str| format!("api/v1/providers/{issuer}/completeness");
    let audit = |own: Lie| {
        let lies = vec![(route("log.test.example"), told(2, 2, 0)), (route("one.example"), own)];
        operator.audit(&["--compare-completeness"], lies)
    };
    let (code, answer) = audit(told(4, 4, 0));
    assert_eq!(code, 0, "{answer}");
    for lie in [told(5, 4, 0), told(4, 3, 0), told(4, 4, 1), Lie::Bytes(b"{}".to_vec()), Lie::Status(404)] {
        let (code, answer) = audit(lie);
        assert_eq!((code, rules(&answer)), (1, vec!["completeness"]), "{answer}");
    }
}
