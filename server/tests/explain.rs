//! Whatever `check`, `publish` or a log answers with, `glasshouse check --explain` explains.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use glasshouse_ledger::draft::advice::explanation::Explanation;
use glasshouse_ledger::draft::advice::members;
use glasshouse_server::problem::Kind;
use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::fields::FieldName;
use serde_json::Value;

/// What `--explain` says of a word: the names of the events, and all of it.
fn explained(word: &str) -> Option<(Vec<String>, String)> {
    let output = Command::new(env!("CARGO_BIN_EXE_glasshouse"))
        .args(["check", "--json", "--explain", word])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let name =
        |line: &str| serde_json::from_str::<Value>(line).unwrap()["event"].as_str().unwrap().to_owned();
    output.status.success().then(|| (text.lines().map(name).collect(), text.clone()))
}

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => rust_files(&path, found),
            false if path.extension().is_some_and(|ending| ending == "rs") => found.push(path),
            false => {}
        }
    }
}

/// The texts in double quotes in a piece of source, that are spelt as a slug is.
fn slugs_in(source: &str) -> impl Iterator<Item = &str> {
    let is_slug = |text: &&str| {
        text.len() > 2
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    source.split('"').skip(1).step_by(2).filter(is_slug)
}

/// Every slug of the source: what a `fn slug` gives, and what a refusal or a fault of a line or a parameter is made with.
fn slugs_of_the_source() -> BTreeSet<String> {
    const MADE: [&str; 5] = [
        "Rejection::new(",
        "Rejection::with_errors(",
        "LineError::whole(",
        "LineError::field(",
        "of_parameter(",
    ];
    // What is said of receipts, of evidence, and of a provider's request in a file: programs print it in words, and no log answers it.
    const OF_FILES: [&str; 5] =
        ["receipt.rs", "receipt_error.rs", "cose_receipt_error.rs", "evidence.rs", "request.rs"];
    let mut files = Vec::new();
    for part in ["verifier", "ledger", "server"] {
        rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(part).join("src"), &mut files);
    }
    // Of a key that is read from a file, and of a stored bundle.
    const OF_STORED_BYTES: [&str; 2] = ["key-encoding", "offsets"];
    files.retain(|path| !OF_FILES.contains(&path.file_name().unwrap().to_str().unwrap()));
    let mut found = BTreeSet::new();
    for path in files {
        let source = std::fs::read_to_string(&path).unwrap();
        let source = source.split("#[cfg(test)]").next().unwrap();
        for function in source.split("fn slug(&self)").skip(1) {
            let body = function.split("\n    }\n").next().unwrap();
            found.extend(slugs_in(body).map(str::to_owned));
        }
        for made in MADE.iter().flat_map(|made| source.split(made).skip(1)) {
            let arguments = made.split(';').next().unwrap();
            // Of a parameter the first text is its name.
            found.extend(slugs_in(arguments).filter(|slug| slug.contains('-')).map(str::to_owned));
        }
    }
    found.retain(|slug| !OF_STORED_BYTES.contains(&slug.as_str()));
    found
}

#[test]
fn every_slug_of_the_source_is_explained() {
    let mut slugs = slugs_of_the_source();
    let of_the_source = slugs.len();
    assert!(of_the_source > 40, "{slugs:?}");
    for known in
        ["target-state", "sequence-conflict", "cannot-be-signed", "role-not-enrolled", "out-of-range"]
    {
        assert!(slugs.contains(known), "{known} is not among {slugs:?}");
    }
    slugs.extend(Kind::ALL.iter().map(|kind| kind.slug.to_owned()));
    slugs.extend(Explanation::all().map(|explanation| explanation.rule.to_owned()));
    assert!(slugs.len() > of_the_source);
    let unknown: Vec<&String> = slugs.iter().filter(|slug| explained(slug).is_none()).collect();
    assert!(unknown.is_empty(), "not explained: {unknown:?}");
    for slug in &slugs {
        let (events, text) = explained(slug).unwrap();
        assert!(events.iter().any(|event| event == "rule" || event == "problem"), "{slug}: {text}");
    }
    let (events, text) = explained("all").unwrap();
    assert!(events.len() >= Kind::ALL.len() + Explanation::all().count());
    for slug in &slugs {
        assert!(text.contains(&format!("\"{slug}\"")), "{slug} is not in the list of all");
    }
}

#[test]
fn every_name_in_an_answer_is_explained() {
    let fields = FieldName::all().map(FieldName::as_str).filter(|name| {
        // Fields that only the registrar's statements have stand in no line.
        glasshouse_ledger::draft::advice::glossary::find_field(name).is_some()
    });
    let sets = CodeSet::ALL.iter().map(|set| set.name());
    let words = fields.chain(sets).chain(members::names());
    let spelt = [
        "order",
        "court_order",
        "withheld",
        "id",
        "targets",
        "until",
        "puid:case-17",
        "id:fix-7",
        "sequence:5",
        "legal_basis/order/country",
        "/legal_basis/kind",
        "withheld/decision_facts/ground",
        "targets/0",
        "/targets/3/last",
        "statement/category",
        "content_url/2",
        "urn:glasshouse:problem:target-owner",
        "disclosure",
        "STATEMENT_CATEGORY_VIOLENCE",
        "sequence",
        "iat",
    ];
    for word in words.chain(spelt) {
        assert!(explained(word).is_some(), "{word}");
    }
    let (_, targets) = explained("targets").unwrap();
    for spelling in ["puid:…", "id:…", "sequence:…", "entry", "first", "last"] {
        assert!(targets.contains(spelling), "{spelling}: {targets}");
    }
    let (events, order) = explained("court_order").unwrap();
    assert_eq!(events, ["code"]);
    assert!(order.contains("legal_basis_kind") && order.contains("\"legal_basis\""), "{order}");
    assert!(explained("colour").is_none() && explained("").is_none());
}
