//! The scale program at its smallest size: that it measures everything, and what the figures are made of.

use std::process::Command;

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_glasshouse-under-test");

/// Whether each of these is a number above zero.
#[track_caller]
fn assert_positive(told: &Value, names: &[&str]) {
    for name in names {
        assert!(told[name].as_f64().is_some_and(|number| number > 0.0), "{name}: {told}");
    }
}

#[test]
fn a_small_ledger_is_measured() {
    let scratch = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_scale"))
        .args([
            "--json",
            "--entries",
            "1000",
            "--rounds",
            "3",
            "--proofs",
            "100",
            "--receipts",
            "20",
            "--dir",
        ])
        .arg(scratch.path())
        .args(["--glasshouse", PROGRAM])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let sizes = told["sizes"].as_array().unwrap();
    let [size] = sizes.as_slice() else { panic!("{told}") };
    assert_eq!(size["size"], 1_000);
    let append = &size["append"];
    assert_eq!((&append["statements"], &append["rounds"]), (&1_000.into(), &3.into()), "{append}");
    assert_positive(append, &["us_each", "cpu_us_each"]);
    let bytes = &size["bytes"];
    assert_positive(bytes, &["entries", "tiles", "bundles", "packs", "whole", "blocks", "whole_by_entries"]);
    // 1,000 hashes and the three full tiles' own, and two bytes in front of each entry.
    assert_eq!(bytes["tiles"], 32 * 1_003, "{bytes}");
    let of = |name: &str| bytes[name].as_u64().unwrap();
    assert_eq!(of("bundles"), of("entries") + 2 * 1_000, "{bytes}");
    let ratio = (of("tiles") + of("bundles")) as f64 / of("entries") as f64;
    assert_eq!(bytes["tiles_and_bundles_by_entries"].as_f64(), Some(ratio), "{bytes}");
    for proofs in ["proofs_ms", "proofs_again_ms"] {
        assert_eq!(size[proofs]["count"], 100, "{size}");
        assert_positive(&size[proofs], &["p50", "p99"]);
    }
    let receipts = &size["receipts"];
    assert_eq!(receipts["count"], 20, "{receipts}");
    // Of Ed25519: the log's line, genesis, enrolment, the request in it, and the entry. Of ML-DSA-44: the log's other line.
    let signatures = (&receipts["ed25519_signatures"], &receipts["ml_dsa_44_signatures"]);
    assert_eq!(signatures, (&5.0.into(), &1.0.into()), "{receipts}");
    assert_positive(receipts, &["check_us", "first_check_us", "checkpoint_us", "strict_check_us"]);
    assert_positive(receipts, &["ml_dsa_44_check_us", "by_signatures", "first_by_signatures"]);
    let of = |name: &str| receipts[name].as_f64().unwrap();
    let alone = 5.0 * of("strict_check_us") + of("ml_dsa_44_check_us");
    assert!((of("signatures_us") - alone).abs() < 1e-6, "{receipts}");
    assert!((of("by_signatures") - of("check_us") / alone).abs() < 1e-6, "{receipts}");
    for start in ["start", "open_with_look_ups", "open_without_look_ups"] {
        assert_positive(&size[start], &["seconds", "peak_kib"]);
    }
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0, "the ledger is left behind");
}
