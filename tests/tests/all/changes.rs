//! What happens to a decision after it is published, from the command line: shown, disclosed, redacted, declared; and what
//! the holder of an old receipt learns of it.

mod claims;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use glasshouse_ledger::key_file::write_pem;
use glasshouse_tests::front::Front;
use glasshouse_tests::workload::{Publisher, decision};
use glasshouse_tests::world::World;
use serde_json::{Value, json};

const SECRET: &str = "The seller lives in the Rue de la Paix.";

/// A provider at its desk.
struct Desk {
    world: World,
}

impl Desk {
    fn new() -> Desk {
        let mut world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
        world.enrol("one");
        write_pem(&world.scratch().join("one.pem"), &Publisher::key_of("one")).unwrap();
        Desk { world }
    }

    fn folder(&self) -> &Path {
        self.world.scratch()
    }

    /// The command with the log, the provider, its key and its outbox, as JSON.
    fn command(&self, url: &str, command: &str, more: &[&str]) -> Command {
        let mut program = Command::new(self.world.program());
        program.arg(command).args(["--json", "--log", url, "--provider", "https://one.example"]);
        program.args(["--key", "one.pem", "--outbox", "outbox"]).args(more);
        program.current_dir(self.folder());
        program
    }

    /// Runs it: exit status, and what it said as JSON.
    fn run(&self, command: &str, more: &[&str]) -> (i32, Vec<Value>) {
        let output = self.command(self.world.server().url(), command, more).output().unwrap();
        outcome(&output)
    }

    #[track_caller]
    fn done(&self, command: &str, more: &[&str]) -> Vec<Value> {
        let (status, events) = self.run(command, more);
        assert_eq!(status, 0, "{events:?}");
        events
    }

    #[track_caller]
    fn publish(&self, lines: &[Value]) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(self.folder().join("lines.jsonl"), text).unwrap();
        self.done("publish", &["lines.jsonl"]);
    }

    /// `glasshouse` with other arguments.
    fn other(&self, arguments: &[&str]) -> (i32, Vec<Value>) {
        let output = Command::new(self.world.program())
            .arg("--json")
            .args(arguments)
            .current_dir(self.folder())
            .output();
        outcome(&output.unwrap())
    }

    /// `glasshouse-verify receipt FILE`: exit status and answer.
    fn verify(&self, file: &Path, more: &[&str]) -> (i32, Value) {
        let output = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify-under-test"))
            .arg("receipt")
            .arg(file)
            .args(["--policy", "ledger/policy.txt", "--json"])
            .args(more)
            .current_dir(self.folder())
            .output()
            .unwrap();
        let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code().unwrap(), answer)
    }

    /// What the log says later entries say, as the verifier proves it.
    #[track_caller]
    fn later(&self, file: &Path, url: &str) -> Value {
        let (status, answer) = self.verify(file, &["--log", url]);
        assert_eq!(status, 0, "{answer}");
        answer
    }

    fn receipt(&self, number: u64) -> PathBuf {
        self.folder().join(format!("outbox/receipts/{number}.json"))
    }

    /// A copy of a receipt that somebody was given today.
    fn old_receipt(&self, number: u64) -> PathBuf {
        let copy = self.folder().join(format!("old-{number}.json"));
        std::fs::copy(self.receipt(number), &copy).unwrap();
        copy
    }

    fn journal(&self) -> String {
        std::fs::read_to_string(self.folder().join("outbox/journal")).unwrap()
    }
}

fn outcome(output: &std::process::Output) -> (i32, Vec<Value>) {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut events: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap_or(json!(line))).collect();
    events.push(json!({"stderr": String::from_utf8_lossy(&output.stderr)}));
    (output.status.code().unwrap_or(-1), events)
}

/// The last day that a statement can name: no clock makes a text overdue.
const UNTIL: &str = "2099-12-31";

/// A decision of a month that is long past, whatever the clock says.
fn past(number: u64) -> Value {
    let mut line = decision(number);
    line["content_date"] = json!("2022-10-01");
    line["application_date"] = json!("2022-11-02");
    line
}

fn secret(number: u64) -> Value {
    let mut line = decision(number);
    line["decision_facts"] = json!(SECRET);
    line["withheld"] = json!({"decision_facts": {"ground": "ongoing_investigation", "until": UNTIL}});
    line
}

fn sentences(answer: &Value) -> String {
    let later = answer["later"].as_array().unwrap().iter().flat_map(|said| said["says"].as_array().unwrap());
    let unproved = answer["later_unproved"].as_array().unwrap().iter();
    later.chain(unproved).map(|sentence| sentence.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_text_is_shown_to_one_reader_then_disclosed_then_redacted() {
    let desk = Desk::new();
    let sealed = json!({"type": "sealed", "statement": secret(2)});
    desk.publish(&[secret(1), sealed]);
    let url = desk.world.server().url().to_owned();
    let (status, events) =
        desk.other(&["show", "--outbox", "outbox", "--puid", "listing-1", "--to", "judge.json"]);
    assert_eq!((status, &events[0]["withheld_texts"]), (0, &json!(["decision_facts"])), "{events:?}");
    let (status, answer) = desk.verify(&desk.folder().join("judge.json"), &[]);
    assert_eq!((status, &answer["withheld_texts"]), (0, &json!(["decision_facts"])), "{answer}");
    assert_eq!(answer["texts"]["decision_facts"], SECRET);
    assert!(answer["proved"].to_string().contains("shown to the holder of this file"), "{answer}");
    assert_eq!(answer["later"], Value::Null, "a file cannot know");
    let (status, _) =
        desk.other(&["show", "--outbox", "outbox", "--puid", "listing-1", "--to", "judge.json"]);
    assert_eq!(status, 1, "a file that is there is not written over");
    let (status, events) =
        desk.other(&["show", "--outbox", "outbox", "--puid", "listing-2", "--to", "gag.json"]);
    assert_eq!(status, 0, "{events:?}");
    let (_, answer) = desk.verify(&desk.folder().join("gag.json"), &[]);
    assert_eq!(answer["sealed"]["texts"]["puid"], "listing-2", "{answer}");
    assert_eq!(answer["sealed"]["payload"]["withheld"]["decision_facts"]["until"], UNTIL);

    let old = desk.old_receipt(1);
    let field = ["--puid", "listing-1", "--field", "decision_facts"];
    let events = desk.done("disclose", &field);
    assert_eq!(events[0]["event"], "disclosed", "{events:?}");
    let again = desk.done("disclose", &field);
    assert_eq!((&again[0]["event"], &again[0]["sequence"]), (&json!("disclosed-before"), &json!(3)));
    let view = desk.world.get("/api/v1/statements/2").json();
    assert_eq!(view["texts"]["decision_facts"], SECRET, "{view}");
    assert!(sentences(&desk.later(&old, &url)).contains("the text decision_facts has since been disclosed"));
    let (status, events) = desk.run("disclose", &["--puid", "listing-1", "--field", "puid"]);
    assert_eq!(status, 1);
    assert!(events[0]["message"].as_str().unwrap().contains("withholds decision_facts"), "{events:?}");

    let why = ["--ground", "erasure_request", "--requested-by", "data_subject"];
    let redaction = [&field[..], &why].concat();
    let events = desk.done("redact", &redaction);
    assert_eq!(
        (&events[0]["event"], &events[1]["texts_left"]),
        (&json!("redacted"), &json!(2)),
        "{events:?}"
    );
    let purged = desk.done("redact", &[&redaction[..], &["--purge-outbox"]].concat());
    assert_eq!((&purged[0]["before"], &purged[1]["texts_left"]), (&json!(true), &json!(0)), "{purged:?}");
    assert_eq!(purged[1]["erased_texts"], 2, "as it was withheld, and as it was disclosed");
    desk.done("publish", &["lines.jsonl"]);
    let answer = desk.later(&desk.folder().join("judge.json"), &url);
    assert_eq!(answer["texts"]["decision_facts"], SECRET, "an old receipt still proves what it proved");
    let said = sentences(&answer);
    assert!(said.contains("the text decision_facts has since been redacted (entry "), "{said}");
    let (status, events) = desk.other(&[
        "show",
        "--outbox",
        "outbox",
        "--puid",
        "listing-1",
        "--to",
        "late.json",
        "--field",
        "decision_facts",
    ]);
    assert_eq!(status, 1, "{events:?}");
    desk.world.assert_fsck_clean();
}

#[test]
fn the_registrar_erases_and_the_provider_is_told_what_stays() {
    let desk = Desk::new();
    desk.publish(&[decision(1), decision(2), secret(3)]);
    let old = desk.old_receipt(2);
    let leaf = desk.world.get("/api/v1/statements/2").json()["leaf_hash"].as_str().unwrap().to_owned();
    let url = desk.world.server().url().to_owned();
    let redact = |what: &[&str], field: &str| {
        let who = [
            "redact",
            "--log",
            &url,
            "--provider",
            "https://one.example",
            "--registrar-key",
            "registrar.key",
        ];
        let why = ["--field", field, "--ground", "court_order", "--requested-by", "court"];
        desk.other(&[&who[..], what, &why].concat())
    };
    let (status, events) = redact(&["--entry", &leaf], "incompatible_content_explanation");
    assert_eq!(status, 0, "{events:?}");
    let (status, events) = redact(&["--range", "1-3"], "decision_facts");
    assert_eq!(status, 0, "{events:?}");
    let said = sentences(&desk.later(&old, &url));
    assert!(said.contains("the text decision_facts has since been redacted"), "{said}");
    assert!(!said.contains("incompatible_content_explanation"), "that is another statement's: {said}");
    assert_eq!(events[0]["texts_of_ranges"], 2, "{events:?}");
    let (status, events) = redact(&["--range", "3-3"], "decision_facts");
    assert_eq!(status, 1, "{events:?}");
    assert!(events[0]["message"].as_str().unwrap().contains("nothing would be erased"), "{events:?}");
    // By a range a withheld text is passed over: its author can still disclose it.
    desk.done("disclose", &["--puid", "listing-3", "--field", "decision_facts"]);
    let (status, events) = redact(&["--entry", &leaf], "incompatible_content_explanation");
    assert_eq!(status, 1);
    assert!(events[0]["message"].as_str().unwrap().contains("nothing has to be said again"), "{events:?}");
    let (status, _) = redact(&["--puid", "listing-1"], "puid");
    assert_eq!(status, 2, "a puid is looked up in an outbox, which the registrar does not have");
}

#[test]
fn who_holds_a_receipt_learns_of_the_whole_life() {
    let desk = Desk::new();
    desk.publish(&[decision(1)]);
    let old = desk.old_receipt(1);
    let url = desk.world.server().url().to_owned();
    assert_eq!(desk.later(&old, &url)["later"], json!([]));
    let about = json!(["puid:listing-1"]);
    desk.publish(&[
        json!({"type": "amendment", "id": "fix", "targets": about, "amendment_reason": "wrong_category",
            "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE"}),
        json!({"type": "outcome", "targets": about, "procedure": "court", "result": "partially_reversed"}),
        json!({"type": "lifted", "targets": [{"first": 1, "last": 3}], "end_date": "2022-11-20", "lifted_reason": "complied"}),
        json!({"type": "withdrawal", "targets": ["id:fix"]}),
        json!({"type": "withdrawal", "targets": about}),
    ]);
    let said = sentences(&desk.later(&old, &url));
    let expected = [
        "it has since been amended, wrong_category (entry 3; the log says that this was withdrawn and does not count)",
        "it has since been partially_reversed after the procedure court (entry 4)",
        "it has since been lifted, from 2022-11-20, complied (entry 5)",
        "it has since been withdrawn: its issuer says that it was not its own (entry 7)",
    ];
    assert_eq!(said, expected.join("\n"));
}

#[test]
fn a_disclosure_that_was_killed_is_made_once() {
    let desk = Desk::new();
    desk.publish(&[secret(1)]);
    let field = ["--puid", "listing-1", "--field", "decision_facts"];
    // The log takes the disclosure, and its answer never comes.
    let (arrived, arrival) = channel();
    let arrived = Mutex::new(arrived);
    let front = Front::before(
        desk.world.server().url(),
        Arc::new(move |method, _, answered| {
            if method == "POST" {
                arrived.lock().unwrap().send(()).unwrap();
                answered.held = true;
            }
        }),
    );
    let mut child = desk
        .command(front.url(), "disclose", &field)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    arrival.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(desk.journal().contains("\"kind\":\"disclosure\""));
    let events = desk.done("disclose", &field);
    assert_eq!((&events[0]["event"], &events[0]["sequence"]), (&json!("disclosed"), &json!(2)), "{events:?}");
    let again = desk.done("disclose", &field);
    assert_eq!(again[0]["event"], "disclosed-before", "{again:?}");
    let state = desk.world.get("/api/v1/providers/one.example").json();
    assert_eq!(state["sequence"]["highest"], 2, "{state}");
}

#[test]
fn a_period_is_declared_and_declared_anew() {
    let desk = Desk::new();
    let days = ["--from", "2022-11-01", "--to", "2022-11-02"];
    desk.publish(&[past(1), past(2)]);
    let events = desk.done("declare", &[&days[..], &["--dry-run"]].concat());
    assert_eq!(
        (&events[0]["decisions_taken"], &events[0]["numbers"]),
        (&json!(2), &json!([1, 2])),
        "{events:?}"
    );
    assert_eq!(desk.world.get("/api/v1/providers/one.example").json()["sequence"]["highest"], 2);
    desk.done("declare", &days);
    let again = desk.done("declare", &days);
    assert_eq!((&again[1]["before"], &again[1]["sequence"]), (&json!(true), &json!(3)), "{again:?}");
    desk.publish(&[past(1), past(2), past(3)]);
    let anew = desk.done("declare", &[&days[..], &["--taken", "5"]].concat());
    assert_eq!((&anew[0]["not_published"], &anew[0]["numbers"]), (&json!(2), &json!([1, 4])), "{anew:?}");
    let back = desk.done("declare", &days);
    assert_eq!((&back[1]["before"], &back[1]["sequence"]), (&json!(false), &json!(6)), "{back:?}");
    let heartbeat = desk.done("declare", &["--from", "2022-10-01", "--to", "2022-10-31"]);
    assert_eq!((&heartbeat[0]["decisions_taken"], &heartbeat[0]["numbers"]), (&json!(0), &Value::Null));
    let (status, _) = desk.run("declare", &["--from", "2022-10-02", "--to", "2022-10-01"]);
    assert_eq!(status, 2);
    let (status, _) = desk.run("declare", &["--from", "2022-10-02", "--to", "2099-10-01"]);
    assert_eq!(status, 2, "that day has not come");
    let text = desk.world.get("/api/v1/providers/one.example/completeness").json().to_string();
    assert!(text.contains("2022-10-31") && text.contains("2022-11-02"), "{text}");
}
