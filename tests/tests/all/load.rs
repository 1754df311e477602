//! The load program and the soak in a short form, on the server of these tests: that they measure, judge and fail.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_glasshouse-under-test");
const VERIFY: &str = env!("CARGO_BIN_EXE_glasshouse-verify-under-test");

#[track_caller]
fn load(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_load"))
        .args(["--json", "--glasshouse", PROGRAM])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[track_caller]
fn assert_ordered(told: &Value, count: u64) {
    assert_eq!(told["count"], count, "{told}");
    let at: Vec<f64> =
        ["p50", "p90", "p99", "p99.9", "max"].iter().map(|name| told[name].as_f64().unwrap()).collect();
    assert!(at[0] > 0.0 && at.is_sorted(), "{told}");
}

#[test]
fn the_load_program_measures_writers_readers_and_witnesses() {
    let told = load(&[
        "--rate",
        "200",
        "--seconds",
        "2",
        "--batch",
        "20",
        "--providers",
        "3",
        "--witnesses",
        "1",
        "--witness-interval",
        "100",
        "--followers",
        "2",
        "--receipt-readers",
        "2",
        "--check-one-in",
        "2",
    ]);
    assert_eq!((&told["accepted"], &told["loop"]), (&400.into(), &"open".into()), "{told}");
    assert_eq!(told["refused"], serde_json::json!({}));
    assert_ordered(&told["published_ms"], 400);
    assert_ordered(&told["cosigned_ms"], 400);
    let median = |name: &str| told[name]["p50"].as_f64().unwrap();
    assert!(median("cosigned_ms") >= median("published_ms"), "{told}");
    let readers = &told["readers"];
    for name in ["checkpoints_ms", "tiles_ms", "receipts_ms", "inclusion_ms"] {
        assert!(readers[name]["count"].as_u64().unwrap() > 4, "{name}: {readers}");
    }
    // Both followers begin before the first statement and end behind the last.
    assert_eq!(readers["entries_checked"], 800, "{readers}");
    assert!(readers["receipts_and_proofs_checked"].as_u64().unwrap() > 5, "{readers}");
    assert!(told["server_cpu_us_per_statement"].as_f64().unwrap() > 10.0, "{told}");
    assert!(told["server_peak_mib"].as_u64().unwrap() > 5, "{told}");
    // European statements have texts of hundreds of bytes.
    assert!((900.0..3_000.0).contains(&told["bytes_per_statement"].as_f64().unwrap()), "{told}");
}

#[test]
fn a_kept_ledger_is_driven_further() {
    let scratch = tempfile::tempdir().unwrap();
    let kept = scratch.path().join("kept");
    let kept = kept.to_str().unwrap();
    let first = ["--rate", "max", "--seconds", "60", "--statements", "300", "--mix", "small", "--keep", kept];
    let told = load(&first);
    assert_eq!((&told["accepted"], &told["loop"]), (&300.into(), &"closed".into()), "{told}");
    let told = load(&["--rate", "100", "--seconds", "1", "--batch", "1", "--limits", "--ledger", kept]);
    assert_eq!(told["accepted"], 100, "{told}");
    let limits = &told["limits"];
    for name in ["ed25519_checks_per_second_one_core", "sha256_mib_per_second", "fsyncs_per_second"] {
        assert!(limits[name].as_f64().unwrap() > 1.0, "{name}: {limits}");
    }
    let share = limits["share_of_signature_limit"].as_f64().unwrap();
    let checks = limits["ed25519_checks_per_second_all_cores"].as_f64().unwrap();
    assert!((share * checks - told["accepted_per_second"].as_f64().unwrap()).abs() < 1.0, "{told}");
    let note = std::fs::read_to_string(Path::new(kept).join("public/checkpoint")).unwrap();
    // Genesis, four enrolments, and both runs.
    assert_eq!(note.lines().nth(1), Some("405"));
}

fn soak(minutes: &str, verify: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_soak"))
        .args([
            "--json",
            "--minutes",
            minutes,
            "--verify",
            verify,
            "--rate",
            "200",
            "--batch",
            "20",
            "--providers",
            "3",
        ])
        .args(["--kill-every", "2", "--witness-turn", "1", "--sample-every", "1", "--glasshouse", PROGRAM])
        .output()
        .unwrap()
}

#[test]
fn a_short_soak_holds() {
    let output = soak("0.1", VERIFY);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let sent = told["sent_and_found_once"].as_u64().unwrap();
    assert!(sent > 300, "{told}");
    // Genesis and three enrolments are nobody's of those who sent.
    assert_eq!((&told["size"], &told["audited"]), (&(sent + 4).into(), &(sent + 4).into()), "{told}");
    assert_eq!(told["followed"], serde_json::json!([sent + 4, sent + 4]), "{told}");
    assert!(told["kills"].as_u64().unwrap() >= 2 && told["witness_kills"].as_u64().unwrap() >= 2, "{told}");
    assert!(
        told["resent_unanswered"].as_u64().unwrap() > 0,
        "a kill leaves requests without an answer: {told}"
    );
    assert!(told["generations"][1]["size"].as_u64().unwrap() > 4, "{told}");
}

#[test]
fn a_soak_fails_where_the_audit_does_and_leaves_the_folder() {
    let output = soak("0.02", "/bin/false");
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("glasshouse-verify log: exit status: 1"), "{errors}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["holds"], false);
    let folder = errors.lines().find_map(|line| line.strip_prefix("everything is left in ")).unwrap();
    assert!(Path::new(folder).join("ledger/public/checkpoint").exists(), "{errors}");
    std::fs::remove_dir_all(folder).unwrap();
}
