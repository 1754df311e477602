//! Lies about the texts beside the log: dropped, swapped, kept alive, borrowed; and about what a provider still owes.

use std::path::Path;
use std::process::Command;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use glasshouse_tests::forge::Forgery;
use glasshouse_tests::liar::{Liar, Lie, write_log};
use glasshouse_tests::workload::{Publisher, now};
use glasshouse_tests::world::World;
use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::subject::Subject;
use serde_json::{Value, json};

use super::operator::{rules, signer};

/// A real log whose operator has stopped the server: three decisions, and the erasure of the first one's facts.
struct Operator {
    world: World,
    decisions: Vec<Signed>,
    entries: Vec<Vec<u8>>,
    /// What an honest ledger serves, and the policy's text of the genesis.
    texts: Vec<Vec<u8>>,
}

fn text(text: &str) -> Item {
    Item::text(text.to_owned())
}

/// The provider erases the facts of a decision.
fn redaction(of: &Signed) -> Draft {
    let leaf = Item::bytes(of.leaf_hash().as_bytes().to_vec());
    let target = Item::Map(vec![(text("entry"), leaf)]);
    Draft::new(StatementType::Redaction)
        .with_field(FieldName::TARGETS, Item::Array(vec![target]))
        .with_field(FieldName::FIELDS, Item::Array(vec![text("decision_facts")]))
        .with_field(FieldName::REDACTION_GROUND, text("erasure_request"))
        .with_field(FieldName::REQUESTED_BY, text("data_subject"))
}

/// Where a text is served.
pub(crate) fn path(text: &[u8]) -> String {
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
        let bundle = world.get("/tile/entries/000.p/6").body;
        let entries = parse_bundle(&bundle, 6).unwrap().iter().map(|entry| entry.to_vec()).collect();
        assert_eq!(world.take_server().stop(), Some(0));
        let facts = &decisions[0].addenda()[&FieldName::DECISION_FACTS];
        let texts =
            decisions.iter().flat_map(Signed::served).filter(|text| text != facts).map(<[u8]>::to_vec);
        let texts = texts.chain([policy]).collect();
        Operator { world, decisions, entries, texts }
    }

    fn facts(&self, decision: usize) -> Vec<u8> {
        self.decisions[decision].addenda()[&FieldName::DECISION_FACTS].clone()
    }

    /// Audits the log with its texts, and these answers in place of its own.
    fn audit(&self, more: &[&str], lies: Vec<(String, Lie)>) -> (i32, Value) {
        self.audit_at(&self.world.dir().join("public"), more, lies)
    }

    fn audit_at(&self, folder: &Path, more: &[&str], lies: Vec<(String, Lie)>) -> (i32, Value) {
        let truth = self.texts.iter().map(|text| (path(text), Lie::Bytes(text.clone())));
        let liar = Liar::serve(folder.to_owned(), truth.chain(lies));
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

/// For comparison: what was redacted may be 404, 410 or 451; a server that is broken lies about nothing.
#[test]
fn serves_and_redacts_as_it_should() {
    let operator = Operator::new();
    let gone = path(&operator.facts(0));
    for status in [404, 410, 451] {
        let (code, answer) = operator.audit(&["--texts"], vec![(gone.clone(), Lie::Status(status))]);
        assert_eq!((code, &answer["texts"]["redacted"]), (0, &json!(1)), "{status}: {answer}");
        assert_eq!(answer["texts"]["right"], json!(operator.texts.len()), "{answer}");
        assert_eq!(answer["states"]["texts"]["redacted"], json!(1), "{answer}");
    }
    assert_eq!(operator.audit(&["--texts"], vec![(gone, Lie::Status(500))]).0, 2);
}

/// Noticed by everybody who fetches the texts; who does not is told that they were not looked at.
#[test]
fn drops_a_text() {
    let operator = Operator::new();
    let lie = vec![(path(&operator.facts(1)), Lie::Status(404))];
    let (code, answer) = operator.audit(&["--texts"], lie.clone());
    assert_eq!((code, rules(&answer)), (1, vec!["text-lost"]), "{answer}");
    assert_eq!(answer["findings"][0]["index"], json!(3), "{answer}");
    assert_eq!(operator.audit(&[], lie).0, 0);
}

/// The server says that a text was erased, and no redaction stands in the log. Noticed by everybody who fetches the texts.
#[test]
fn erases_a_text_without_saying_so() {
    let operator = Operator::new();
    let (code, answer) = operator.audit(&["--texts"], vec![(path(&operator.facts(1)), Lie::Status(451))]);
    assert_eq!((code, rules(&answer)), (1, vec!["text-lost"]), "{answer}");
}

/// The server answers that the provider withholds a text, and counts an embargo, which the provider never signed. Noticed by everybody who
/// fetches the texts, and by everybody who compares the counts.
#[test]
fn drops_a_text_and_says_that_it_was_withheld() {
    let operator = Operator::new();
    let problem = json!({"type": "urn:glasshouse:problem:addendum-withheld", "status": 404});
    let lies = |status| {
        vec![
            (path(&operator.facts(1)), status),
            completeness("log.test.example", 2, 2, 0, 0),
            completeness("one.example", 4, 4, 0, 1),
        ]
    };
    let (code, answer) = operator.audit(&["--texts"], lies(Lie::Status(404)));
    assert_eq!((code, rules(&answer)), (1, vec!["text-lost"]), "{answer}");
    let (code, answer) = operator.audit(&["--texts"], lies(Lie::Bytes(problem.to_string().into_bytes())));
    assert_eq!((code, rules(&answer)), (1, vec!["text-wrong"]), "{answer}");
    let (code, answer) = operator.audit(&["--compare-completeness"], lies(Lie::Status(404)));
    assert_eq!((code, rules(&answer)), (1, vec!["completeness"]), "{answer}");
}

/// Another decision's text is served in the place of this one's. Noticed by everybody who fetches the texts, and by every reader of that one
/// text: its digest is in the path.
#[test]
fn swaps_two_texts() {
    let operator = Operator::new();
    let (code, answer) =
        operator.audit(&["--texts"], vec![(path(&operator.facts(1)), Lie::Bytes(operator.facts(2)))]);
    assert_eq!((code, rules(&answer)), (1, vec!["text-wrong"]), "{answer}");
}

/// Noticed by everybody who fetches the texts. What was handed out before the redaction nobody can call back.
#[test]
fn serves_what_was_erased() {
    let operator = Operator::new();
    let erased = operator.facts(0);
    let (code, answer) = operator.audit(&["--texts"], vec![(path(&erased), Lie::Bytes(erased))]);
    assert_eq!((code, rules(&answer)), (1, vec!["text-served"]), "{answer}");
    assert_eq!(answer["findings"][0]["index"], json!(2), "{answer}");
}

/// A statement commits to the text of somebody else's, so that it lives as long as this one. Noticed by everybody who fetches the texts:
/// a text names the one statement that it belongs to.
#[test]
fn borrows_the_text_of_another() {
    let operator = Operator::new();
    let digest = Digest::of(&operator.facts(1));
    let statement = operator.decisions[2].statement();
    let forged = Forgery::of(statement)
        .set("/addenda/decision_facts", Item::bytes(digest.as_bytes().to_vec()))
        .sign(&Publisher::key_of("one"));
    let mut entries = operator.entries.clone();
    entries[4] = [&forged, &entries[4][statement.len()..]].concat();
    let folder = operator.world.scratch().join("borrowing");
    write_log(&folder, &entries, &signer(&operator.world));
    let gone = vec![(path(&operator.facts(0)), Lie::Status(451))];
    let (code, answer) = operator.audit_at(&folder, &["--texts"], gone);
    assert_eq!((code, rules(&answer)), (1, vec!["text-wrong"]), "{answer}");
    assert_eq!(answer["findings"][0]["index"], json!(4), "{answer}");
}

/// What the log tells of a provider's numbers.
fn completeness(issuer: &str, highest: u64, unbroken: u64, missing: u64, open: u64) -> (String, Lie) {
    let embargoes = json!({"open": open, "overdue": 0, "kept": 0, "late": 0, "redacted": 0});
    let told = json!({"size": 6, "highest": highest, "unbroken": unbroken, "missing_count": missing,
        "declarations": [], "embargoes": embargoes});
    (format!("api/v1/providers/{issuer}/completeness"), Lie::Bytes(told.to_string().into_bytes()))
}

/// Noticed by everybody who compares what the log tells with what follows from its entries.
#[test]
fn tells_another_completeness_than_its_own_entries() {
    let operator = Operator::new();
    let own = |told: (String, Lie)| {
        let lies = vec![completeness("log.test.example", 2, 2, 0, 0), told];
        operator.audit(&["--compare-completeness"], lies)
    };
    let (code, answer) = own(completeness("one.example", 4, 4, 0, 0));
    assert_eq!(code, 0, "{answer}");
    let route = completeness("one.example", 4, 4, 0, 0).0;
    for lie in [
        completeness("one.example", 5, 4, 0, 0),
        completeness("one.example", 4, 3, 0, 0),
        completeness("one.example", 4, 4, 1, 0),
        (route.clone(), Lie::Bytes(b"{}".to_vec())),
        (route.clone(), Lie::Status(404)),
    ] {
        let (code, answer) = own(lie);
        assert_eq!((code, rules(&answer)), (1, vec!["completeness"]), "{answer}");
    }
}
