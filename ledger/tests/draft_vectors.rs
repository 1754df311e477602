//! Every draft of `spec/vectors/drafts` gets the verdict that another program wrote down from the same pages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};

use glasshouse_ledger::draft::Draft;
use serde::Deserialize;
use serde_json::Value;

/// One line of a file of drafts.
#[derive(Deserialize)]
struct Case {
    name: String,
    draft: Value,
    errors: Vec<Wrong>,
}

#[derive(Deserialize, Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Wrong {
    path: String,
    rule: String,
}

fn judge(line: &Value) -> Vec<Wrong> {
    let Err(errors) = Draft::from_json(line) else { return Vec::new() };
    let wrong = |path: String, rule: &str| Wrong { path, rule: rule.to_owned() };
    let mut found: Vec<Wrong> =
        errors.into_iter().map(|error| wrong(error.path, error.rule.as_str())).collect();
    found.sort();
    found
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/drafts");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    // More of them, written by `python3 spec/reference.py drafts`.
    files.extend(std::env::var_os("GLASSHOUSE_DRAFTS").map(PathBuf::from));
    files
}

#[test]
fn every_draft_gets_its_verdict() {
    let (mut count, mut wrong) = (0, Vec::new());
    for file in files() {
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let case: Case = serde_json::from_str(line).unwrap();
            let found = judge(&case.draft);
            count += 1;
            if found != case.errors {
                let file = file.file_name().unwrap().to_string_lossy().into_owned();
                wrong.push(format!("{file}: {}: found {found:?}, wanted {:?}", case.name, case.errors));
            }
        }
    }
    println!("{count} drafts");
    assert!(count > 2_000, "only {count} drafts");
    assert!(wrong.is_empty(), "{} of {count} drafts disagree:\n{}", wrong.len(), wrong.join("\n"));
}
