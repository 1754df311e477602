//! `redact` and `disclose` say which statement they were about, and refuse what nobody can have meant.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::world::{PROVIDER, Server, decision, done, enrolled, glasshouse, publish, write_lines};

const FACTS: [&str; 2] = ["--field", "decision_facts"];
const WHY: [&str; 4] = ["--ground", "court_order", "--requested-by", "court"];

/// A ledger with three decisions, the numbers 1 to 3, and one whose facts are withheld: their entries are 2 to 5.
fn published() -> (tempfile::TempDir, Server) {
    let (folder, server) = enrolled();
    let mut withheld = decision("d");
    withheld["withheld"] =
        json!({"decision_facts": {"ground": "ongoing_investigation", "until": "2099-12-31"}});
    let lines = ["a", "b", "c"].into_iter().map(decision).chain([withheld]);
    write_lines(&folder.path().join("lines.jsonl"), lines);
    done(folder.path(), &publish(&server.url, "lines.jsonl"));
    (folder, server)
}

fn run(dir: &Path, server: &Server, command: &str, what: &[&str]) -> Output {
    let who = ["--log", &server.url, "--provider", PROVIDER, "--key", "provider.pem", "--outbox", "outbox"];
    glasshouse(dir, &[&[command], &who[..], what].concat())
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A number is easily taken for the index of an entry: what was meant is told in all three names.
#[test]
fn what_was_meant_is_told_with_the_result() {
    let (folder, server) = published();
    let dir = folder.path();
    let redacted = run(dir, &server, "redact", &[&["--sequence", "2"], &FACTS[..], &WHY].concat());
    let text = said(&redacted);
    assert!(redacted.status.success() && text.starts_with("about number 2, entry 3, puid:b\n"), "{text}");
    assert!(text.contains("texts that this erases, as far as this outbox knows: 1\n"), "{text}");
    let disclosed = run(dir, &server, "disclose", &[&["--sequence", "4"], &FACTS[..]].concat());
    assert!(said(&disclosed).starts_with("about number 4, entry 5, puid:d\n"), "{}", said(&disclosed));
    let range = [&["--json", "--range", "1-3"], &FACTS[..], &WHY].concat();
    let event = run(dir, &server, "redact", &range).stdout;
    let event: Value = serde_json::from_slice(event.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
    assert_eq!((&event["event"], &event["texts"]), (&json!("redacted"), &json!(2)), "{event}");
    for command in ["redact", "disclose", "show"] {
        let help = done(dir, &[command, "--help"]);
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains("the provider's own number for it (sequence)"), "{help}");
        assert!(!help.contains("number in the log"), "{help}");
    }
}

#[test]
fn what_erases_nothing_or_cannot_be_meant_is_refused_before_it_is_signed() {
    let (folder, server) = published();
    let dir = folder.path();
    let journal = || std::fs::read(dir.join("outbox/journal")).unwrap();
    let before = journal();
    let no_such = ["--range", "1-4", "--field", "incompatible_content_explanation"];
    let facts = |what: &[&'static str]| [what, &FACTS].concat();
    for (what, status, why) in [
        (
            no_such.to_vec(),
            1,
            "no statement with a number of the range has a text incompatible_content_explanation",
        ),
        (facts(&["--range", "4-4"]), 1, "has 1 texts, all withheld"),
        (
            facts(&["--puid", "a", "--request-received", "2099-01-01T00:00:00Z"]),
            2,
            "that moment has not come yet",
        ),
        (facts(&["--puid", "a", "--request-received", "yesterday"]), 2, "an instant such as"),
        (
            facts(&["--puid", "a", "--explanation", "He says that a DOMAIN was put away."]),
            1,
            "would stay on record: \"a domain was put\"",
        ),
        (
            facts(&["--range", "1-3", "--explanation", "He says that a domain was put away."]),
            1,
            "text of number 1",
        ),
    ] {
        let refused = run(dir, &server, "redact", &[&what[..], &WHY].concat());
        assert_eq!(refused.status.code(), Some(status), "{what:?}: {}", said(&refused));
        assert!(said(&refused).contains(why), "{what:?}: {}", said(&refused));
    }
    assert_eq!(journal(), before, "nothing was signed");
    let right =
        ["--puid", "a", "--request-received", "2026-01-01T00:00:00Z", "--explanation", "He asked for it."];
    let redacted = run(dir, &server, "redact", &[&right[..], &FACTS, &WHY].concat());
    assert!(redacted.status.success(), "{}", said(&redacted));
}

/// Fails if the line that `redact` prints is not one that takes the redaction back.
#[test]
fn the_line_that_takes_it_back_is_told_with_the_result() {
    let (folder, server) = published();
    let dir = folder.path();
    drop(server);
    let holding = Server::start_with(dir, &["--min-free", "0", "--redaction-hold", "1h"]);
    let is_redacted = || {
        let url = format!("{}/api/v1/statements/3", holding.url);
        ureq::get(&url)
            .call()
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap()
            .contains("\"state\":\"redacted\"")
    };
    let redacted = run(dir, &holding, "redact", &[&["--sequence", "2"], &FACTS[..], &WHY].concat());
    let text = said(&redacted);
    assert!(is_redacted());
    let line = text.lines().find(|line| line.contains("withdrawal")).unwrap_or_else(|| panic!("{text}"));
    write_lines(&dir.join("back.jsonl"), std::iter::once(serde_json::from_str(line).unwrap()));
    done(dir, &publish(&holding.url, "back.jsonl"));
    assert!(!is_redacted());
}

/// A full disk keeps decisions out and lets redactions in; who sends one behind a decision is told what is in the way.
#[test]
fn what_waits_before_a_redaction_is_told_when_the_log_takes_nothing() {
    let (folder, server) = published();
    let dir = folder.path();
    drop(server);
    let full = Server::start_with(dir, &["--min-free", "1000000000000000"]);
    let impatient = ["--patience", "1"];
    write_lines(&dir.join("more.jsonl"), ["e", "f"].into_iter().map(decision));
    let published = glasshouse(dir, &[&publish(&full.url, "more.jsonl")[..], &impatient].concat());
    assert!(!published.status.success(), "{}", said(&published));
    let redaction = [&["--sequence", "2"], &FACTS[..], &WHY, &impatient].concat();
    let redacted = run(dir, &full, "redact", &redaction);
    let text = said(&redacted);
    assert!(
        !redacted.status.success() && text.contains("earlier statements wait in outbox and go first"),
        "{text}"
    );
}
