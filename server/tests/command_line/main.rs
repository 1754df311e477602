//! The commands as a user runs them: a ledger is made and served, a provider enrols, publishes, is killed, goes on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod counts;
mod outputs;
mod purging;
mod redacting;
mod world;

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::world::{
    GLASSHOUSE, PROVIDER, decision, done, enrolled, glasshouse, publish, summary, write_lines,
};

#[test]
fn from_an_empty_folder_to_receipts_and_a_retired_key() {
    let (folder, server) = enrolled();
    let dir = folder.path();
    let mut wrong = decision("wrong");
    wrong["legal_basis"] = json!({"kind": "whim"});
    write_lines(&dir.join("a.jsonl"), [decision("a"), wrong, decision("b")].into_iter());
    let output = glasshouse(dir, &publish(&server.url, "a.jsonl"));
    assert_eq!(output.status.code(), Some(1), "a wrong line ends with 1");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("\"line\":2") && text.contains("/legal_basis/kind"), "{text}");
    let counts = summary(&output);
    assert_eq!(
        (&counts["on_record"], &counts["wrong"], &counts["receipts"]),
        (&json!(2), &json!(1), &json!(2))
    );

    // All or nothing: the right line of the file is not published either.
    write_lines(&dir.join("b.jsonl"), [decision("c"), json!({"puid": "d"})].into_iter());
    let output = glasshouse(dir, &[publish(&server.url, "b.jsonl"), vec!["--all-or-nothing"]].concat());
    assert_eq!((output.status.code(), &summary(&output)["on_record"]), (Some(1), &json!(0)));

    // From standard input; what was published before is left alone.
    let mut child = Command::new(GLASSHOUSE)
        .args(publish(&server.url, "-"))
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}\n{}", decision("a"), decision("e")).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let counts = summary(&output);
    assert_eq!((&counts["on_record"], &counts["already_published"]), (&json!(1), &json!(1)));
    assert!(dir.join("outbox/receipts/3.json").exists());

    let retire =
        ["provider", "retire", "--log", &server.url, "--provider", PROVIDER, "--key", "provider.pem"];
    done(dir, &[retire.as_slice(), &["--signing-key", "provider.pem", "--reason", "left"]].concat());
    write_lines(&dir.join("c.jsonl"), [decision("f")].into_iter());
    let output = glasshouse(dir, &publish(&server.url, "c.jsonl"));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("was retired"), "{output:?}");
    drop(server);
    let text = done(dir, &["fsck", "--dir", "ledger"]);
    assert!(text.contains("the ledger is whole"), "{text}");
}

#[test]
fn killed_at_any_moment_publish_goes_on_without_losing_or_repeating() {
    const LINES: usize = 1_200;
    let (folder, server) = enrolled();
    let dir = folder.path();
    write_lines(&dir.join("many.jsonl"), (0..LINES).map(|number| decision(&format!("case-{number}"))));
    let arguments = [publish(&server.url, "many.jsonl"), vec!["--batch", "50", "--no-receipts"]].concat();
    let length = || std::fs::metadata(dir.join("outbox/journal")).map_or(0, |file| file.len());
    let mut killed = 0;
    for round in 0..12_u64 {
        let before = length();
        let mut child = Command::new(GLASSHOUSE)
            .args(&arguments)
            .current_dir(dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The moment is the point of the test: as soon as the journal has grown by so much, each round by another length.
        let more = round * 7_919 % 60_000;
        while child.try_wait().unwrap().is_none() {
            if length() > before + more {
                child.kill().unwrap();
                killed += 1;
                break;
            }
            std::thread::yield_now();
        }
        child.wait().unwrap();
    }
    assert!(killed > 0, "no run was killed: the test shows nothing");
    let output = glasshouse(dir, &arguments);
    assert!(output.status.success(), "{output:?}");
    let counts = summary(&output);
    assert_eq!(counts["highest"], json!(LINES));
    let of = |name: &str| counts[name].as_u64().unwrap();
    assert_eq!(of("already_published") + of("on_record"), LINES as u64, "each line counts once: {counts}");
    assert_eq!(counts["others"], json!({"on_record": 0, "refused": 0, "waiting": 0}), "{counts}");
    let again = summary(&glasshouse(dir, &arguments));
    assert_eq!((&again["on_record"], &again["already_published"]), (&json!(0), &json!(LINES)));
    let journal = std::fs::read_to_string(dir.join("outbox/journal")).unwrap();
    let numbered = journal.lines().filter(|line| line.contains("\"record\":\"numbered\"")).count();
    assert_eq!(numbered, LINES, "each line has one number");
    drop(server);
    let report: Value = serde_json::from_str(&done(dir, &["fsck", "--dir", "ledger", "--json"])).unwrap();
    // Genesis and enrolment stand in front.
    assert_eq!((&report["clean"], &report["size"]), (&json!(true), &json!(LINES + 2)));
}

#[test]
fn the_demonstration_tells_its_story_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    for time in ["first", "second"] {
        let text = done(folder.path(), &["demo", "--once", "--dir", "demo"]);
        for expected in
            ["26 of 26 hold", "REFUSED at step 4", "REFUSED at step 10", "it HOLDS", "What to try next"]
        {
            assert!(text.contains(expected), "{time} time: {expected} is not in:\n{text}");
        }
    }
    let fsck = done(folder.path(), &["fsck", "--dir", "demo/ledger", "--json"]);
    let report: Value = serde_json::from_str(&fsck).unwrap();
    assert_eq!((&report["clean"], &report["size"]), (&json!(true), &json!(30)));
}

#[test]
fn an_import_writes_nothing_but_lines_where_the_lines_go() {
    const EXCERPT: &str = include_str!("../../../spec/examples/sor-global-2025-07-01-full-excerpt.csv");
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let wrong = EXCERPT.replacen("CONTENT_TYPE_OTHER", "CONTENT_TYPE_SMELL", 1);
    std::fs::write(dir.join("dump.csv"), wrong).unwrap();
    let output = glasshouse(dir, &["import", "--json", "dsa-tdb", "dump.csv"]);
    assert_eq!(output.status.code(), Some(1));
    let values = |bytes: &[u8]| -> Vec<Value> {
        let text = std::str::from_utf8(bytes).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{text}"))).collect()
    };
    let lines = values(&output.stdout);
    assert_eq!(lines.len(), 19);
    assert!(lines.iter().all(|line| line.get("puid").is_some() && line.get("event").is_none()));
    let events = values(&output.stderr);
    let names: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["wrong-row", "imported", "error"], "{events:?}");
    assert_eq!(events[0]["line"], json!(3));
    let output = glasshouse(dir, &["import", "--json", "dsa-tdb", "dump.csv", "--out", "lines.jsonl"]);
    assert_eq!(values(&output.stdout).len(), 3);
}

#[test]
fn publish_says_once_that_it_waits_for_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    done(dir, &["key", "new", "--out", "provider.pem"]);
    write_lines(&dir.join("a.jsonl"), [decision("a")].into_iter());
    // Nobody listens there any more.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{address}");
    let output = glasshouse(dir, &[publish(&url, "a.jsonl"), vec!["--patience", "1"]].concat());
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    let waiting: Vec<Value> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!(waiting.len(), 1, "{text}");
    assert_eq!(waiting[0]["event"], "waiting");
    assert_eq!(waiting[0]["for"], json!(format!("{url}/checkpoint")));
    assert_eq!(waiting[0]["at_most_seconds"], json!(1));
}

#[test]
fn a_failed_import_leaves_what_was_there() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = scratch.path();
    std::fs::write(dir.join("dump.csv"), "not,a,dump\n").unwrap();
    std::fs::write(dir.join("rows.jsonl"), "kept\n").unwrap();
    let output = glasshouse(dir, &["import", "dsa-tdb", "dump.csv", "--out", "rows.jsonl"]);
    assert!(!output.status.success());
    assert_eq!(std::fs::read_to_string(dir.join("rows.jsonl")).unwrap(), "kept\n");
    let names = std::fs::read_dir(dir).unwrap().count();
    assert_eq!(names, 2, "the half-written file is gone");
}

#[test]
fn a_new_outbox_for_a_provider_that_has_published_has_to_be_meant() {
    let (folder, server) = enrolled();
    let dir = folder.path();
    write_lines(&dir.join("a.jsonl"), std::iter::once(decision("a")));
    done(dir, &publish(&server.url, "a.jsonl"));
    let mistyped: Vec<&str> = publish(&server.url, "a.jsonl")
        .into_iter()
        .map(|word| if word == "outbox" { "outbix" } else { word })
        .collect();
    let refused = glasshouse(dir, &mistyped);
    assert_eq!(refused.status.code(), Some(1));
    let text =
        format!("{}{}", String::from_utf8_lossy(&refused.stdout), String::from_utf8_lossy(&refused.stderr));
    assert!(text.contains("--new-outbox"), "{text}");
    write_lines(&dir.join("b.jsonl"), std::iter::once(decision("b")));
    let meant: Vec<&str> = mistyped
        .iter()
        .map(|word| if *word == "a.jsonl" { "b.jsonl" } else { word })
        .chain(["--new-outbox"])
        .collect();
    let output = glasshouse(dir, &meant);
    assert_eq!(summary(&output)["on_record"], json!(1));
}
