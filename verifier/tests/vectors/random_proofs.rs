//! Random proofs with the verdicts that the reference in Python gave, a case a line, beside the vectors of their families:
//!
//! ```text
//! python3 spec/reference.py proofs --count 10000 --seed 1 > proofs.jsonl
//! GLASSHOUSE_PROOFS=$PWD/proofs.jsonl cargo test -p glasshouse-verifier --test vectors random_proofs -- --nocapture
//! ```

use std::path::PathBuf;

use serde_json::Value;

use crate::case::{Verdict, compare, files_of, folder};

/// Fewer lines than this are no run over random proofs.
const LINES_MIN: usize = 1_000;

fn judge(case: &Value) -> Verdict {
    match case["family"].as_str() {
        Some("inclusion") => crate::inclusion::judge(&case["input"]),
        Some("consistency") => crate::consistency::judge(&case["input"]),
        family => panic!("{family:?} is no family of proofs"),
    }
}

/// The vectors of both families: what is judged where nobody made random ones.
fn vectors() -> Vec<Value> {
    let folders = ["inclusion", "consistency"].map(|family| folder().join(family));
    let folders = folders.iter().flat_map(|family| [family.join("valid"), family.join("invalid")]);
    let files = folders.flat_map(|folder| files_of(&folder));
    files.map(|file| serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()).collect()
}

/// The lines of the file that the environment names.
fn random() -> Vec<Value> {
    let Some(path) = std::env::var_os("GLASSHOUSE_PROOFS").map(PathBuf::from) else { return Vec::new() };
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() >= LINES_MIN, "{} holds only {} proofs", path.display(), lines.len());
    lines
}

#[test]
fn every_proof_gets_the_verdict_of_the_reference() {
    let cases: Vec<Value> = vectors().into_iter().chain(random()).collect();
    let held = cases.iter().filter(|case| case["expect"]["ok"] == true).count();
    println!("{} proofs: {held} hold, {} are refused", cases.len(), cases.len() - held);
    assert!(cases.len() >= 69 && held >= 26 && cases.len() - held >= 43, "only {} proofs", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let verdict = judge(case);
            // Where two rules are broken, either may be named.
            let other = case["expect"]["or"].as_str();
            if other.is_some() && verdict.as_ref().err().map(|refusal| refusal.rule.as_str()) == other {
                return None;
            }
            let why = compare(verdict, case["expect"].as_object().unwrap()).err()?;
            Some(format!("{}: {why}: {}", case["name"], case["input"]))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} disagree:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
