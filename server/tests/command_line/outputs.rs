//! What commands write over, and what becomes of a command to whom nobody listens.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::world::{GLASSHOUSE, PROVIDER, decision, done, glasshouse, write_lines};

/// A row of a dump, with its header: what importing makes of it does not matter here.
const DUMP: &str = "uuid,decision_visibility\n1,x\n";

#[test]
fn no_output_takes_the_place_of_a_key_or_of_the_input() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    done(dir, &["key", "new", "--out", "provider.pem"]);
    let key = fs::read(dir.join("provider.pem")).unwrap();
    fs::write(dir.join("dump.csv"), DUMP).unwrap();
    let request =
        ["provider", "request", "--origin", "log.example", "--provider", PROVIDER, "--key", "provider.pem"];
    let refused = |arguments: &[&str]| {
        let output = glasshouse(dir, arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("is there already"), "{said}");
    };
    refused(&[&request[..], &["--out", "provider.pem"]].concat());
    refused(&["import", "dsa-tdb", "dump.csv", "--out", "provider.pem"]);
    refused(&["import", "dsa-tdb", "dump.csv", "--out", "dump.csv"]);
    assert_eq!(fs::read(dir.join("provider.pem")).unwrap(), key);
    assert_eq!(fs::read(dir.join("dump.csv")).unwrap(), DUMP.as_bytes());
    done(dir, &[&request[..], &["--out", "request.cose"]].concat());
    // The lines of an earlier import make room for those of this one.
    write_lines(&dir.join("rows.jsonl"), std::iter::once(decision("a")));
    let output = glasshouse(dir, &["import", "dsa-tdb", "dump.csv", "--out", "rows.jsonl"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("is there already"), "{output:?}");
}

/// As in `glasshouse check … 2>&1 | head -1`.
#[test]
fn a_closed_standard_error_changes_no_exit_status() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = |number: u32| json!({"puid": format!("{number}"), "category": "nonsense"});
    write_lines(&folder.path().join("wrong.jsonl"), (0..2_000).map(wrong));
    for arguments in
        [&["check", "wrong.jsonl"][..], &["import", "dsa-tdb", "wrong.jsonl"], &["fsck", "--dir", "none"]]
    {
        let open = glasshouse(folder.path(), arguments).status.code().unwrap();
        let mut child = Command::new(GLASSHOUSE);
        child.args(arguments).current_dir(folder.path()).stdout(std::process::Stdio::null());
        // The reading end is gone before the command writes.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let status = child.stderr(writer).status().unwrap();
        assert_eq!(status.code(), Some(open), "{arguments:?}");
    }
}

/// The folder of a story that is told once and kept nowhere is gone with its end.
#[test]
fn a_story_told_once_names_no_file_that_it_takes_away() {
    let folder = tempfile::tempdir().unwrap();
    let told = done(folder.path(), &["demo", "--once", "--json"]);
    let gone = format!("{}/glasshouse-demo-", std::env::temp_dir().display());
    assert!(told.contains("The one of the block") && !told.contains(&gone), "{told}");
    let kept = done(folder.path(), &["demo", "--once", "--dir", "kept"]);
    let path = kept.lines().map(str::trim).find(|line| line.starts_with("kept/") && line.ends_with(".json"));
    assert!(folder.path().join(path.unwrap()).is_file(), "{kept}");
}

/// Whoever looks at a ledger may have no room to copy what sled holds; all the rest is looked at all the same.
#[test]
fn fsck_goes_on_without_a_temporary_folder() {
    let (folder, server) = crate::world::enrolled();
    drop(server);
    let dir = folder.path();
    let fsck = |more: &[&str]| {
        let mut command = std::process::Command::new(crate::world::GLASSHOUSE);
        command.args(["fsck", "--dir", "ledger"]).args(more).current_dir(dir);
        let output = command.env("TMPDIR", dir.join("absent")).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (status, text) = fsck(&[]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("embedded copy not judged: ") && text.contains("TMPDIR names"), "{text}");
    assert!(text.ends_with("the ledger is whole\n"), "{text}");
    let report: Value = serde_json::from_str(&fsck(&["--json"]).1).unwrap();
    assert!(report["embedded_copy_not_judged"].as_str().unwrap().contains("absent"), "{report}");
    // What is damaged otherwise is found.
    std::fs::write(dir.join("ledger/state"), "no state").unwrap();
    let (status, text) = fsck(&[]);
    assert!(status == Some(1) && (text.contains("\nstate: ") || text.starts_with("state: ")), "{text}");
    // The report is the first line; that the command failed is the second.
    let lines = String::from_utf8(glasshouse(dir, &["fsck", "--dir", "ledger", "--json"]).stdout).unwrap();
    let judged: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(judged["embedded_copy_not_judged"], Value::Null, "{judged}");
}
