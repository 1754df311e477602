//! Files, keys and folders that are not what a task takes: each is called by its name, and nobody is accused.

use std::path::Path;

use serde_json::Value;

use super::{checkpoint, desk, json_proof, receipt, vector_desk};

/// What is missing, or of another kind, or for other sizes is a mistake at the reader's desk: no word against the log.
#[test]
fn a_proof_that_is_no_proof_of_these_trees_accuses_nobody() {
    let desk = desk();
    let inclusion =
        serde_json::json!({"index": 5, "size": 12, "leaf_hash": "ab", "hashes": ["cd"]}).to_string();
    desk.put("other", json_proof(3, 12, &[])).put("inclusion", inclusion);
    desk.put("empty", " \n").put("page", "<html>").put("words", "not a hash");
    desk.put("refusal", "{\"type\":\"urn:glasshouse:problem:bad-request\"}").put("42.json", receipt().0);
    let fetch = "curl -fsS 'URL/api/v1/proofs/consistency?from=7&to=12' -o proof.json";
    for (proof, said, has_fetch) in [
        (None, "--proof proof.json gives it", true),
        (Some("other"), "leads from 3 to 12 entries, the checkpoints from 7 to 12", true),
        (Some("inclusion"), "but a proof of inclusion in JSON: `inclusion`", false),
        (Some("proof"), "but a proof (c2sp.org/tlog-proof): `inclusion`", false),
        (Some("c12"), "but a checkpoint", false),
        (Some("42.json"), "but a receipt in JSON: `receipt` checks it", false),
        (Some("empty"), "but an empty file", true),
        (Some("page"), "but a page for browsers", true),
        (Some("refusal"), "but a ledger's refusal", true),
        (Some("words"), "no proof of consistency", true),
    ] {
        let given = proof.map_or_else(Vec::new, |proof| vec!["--proof", proof]);
        let (status, answer) =
            desk.ask(&[&["consistency", "--policy", "policy", "c7", "c12"][..], &given].concat());
        let message = answer["message"].as_str().unwrap();
        assert_eq!((status, &answer["verdict"]), (2, &"trouble".into()), "{answer}");
        assert!(message.contains(said) && message.contains(fetch) == has_fetch, "{proof:?}: {message}");
    }
}

/// Easily mistaken, and each is told what was meant: a key for a policy, a ledger's folder for its log, a place where nothing can be
/// kept.
#[test]
fn what_was_meant_is_said_of_a_near_miss() {
    let desk = desk();
    let (_, _, error) = desk.run(&["consistency", "--policy", "log.vkey", "c7", "c7"]);
    assert!(
        error.contains("this is a verifier key and no policy") && error.contains("--log-key ./log.vkey"),
        "{error}"
    );
    let (_, _, error) = desk.run(&["consistency", "--policy", "c7", "c7", "c7"]);
    assert!(!error.contains("--log-key"), "{error}");
    std::fs::create_dir_all(desk.0.path().join("ledger/public")).unwrap();
    desk.put("ledger/public/checkpoint", checkpoint("a", 7));
    let (status, _, error) = desk.run(&["log", "ledger", "--policy", "policy"]);
    assert_eq!(status, 2);
    assert!(error.contains("the log lies in ledger/public"), "{error}");
    let (status, _, error) = desk.run(&["log", "ledger/public", "--policy", "policy", "--state", "c7/x"]);
    assert!(status == 2 && error.contains("c7/x: "), "{error}");
}

/// A provider's request of the test vectors.
fn request() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/request/valid/right.json");
    let case: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    hex::decode(case["input"]["request"].as_str().unwrap()).unwrap()
}

/// A file for another task is no fault of the log's, nor of its receipts.
#[test]
fn scitt_calls_wrong_files_by_their_names() {
    let desk = vector_desk("cose_receipt/valid/decision.json", &["receipt", "keys"]);
    desk.put("42.json", receipt().0).put("request", request()).put("empty", "\n").put("policy", receipt().1);
    for (file, is) in [
        ("42.json", "a receipt in JSON: `receipt` checks it"),
        ("request", "a provider's request for admission"),
        ("empty", "an empty file"),
    ] {
        let (status, answer) = desk.ask(&["scitt", file, "--keys", "keys"]);
        let message = answer["message"].as_str().unwrap();
        let expected = format!("this is no COSE receipt and no transparent statement, but {is}");
        assert!(status == 1 && message.starts_with(&expected), "{message}");
        let (status, answer) = desk.ask(&["scitt", "receipt", "--keys", "keys", "--statement", file]);
        let message = answer["message"].as_str().unwrap();
        assert!(
            status == 2 && message.contains(&format!("this is no signed statement, but {is}")),
            "{message}"
        );
    }
    let (status, answer) = desk.ask(&["scitt", "receipt", "--genesis", "empty", "--policy", "policy"]);
    assert!(
        status == 2 && answer["message"].as_str().unwrap().contains("no receipt in JSON, but an empty"),
        "{answer}"
    );
}

#[test]
fn a_file_that_is_no_receipt_is_called_by_its_name() {
    let desk = desk();
    desk.put("empty", "").put("page", "<!doctype html>").put("cose", [0xd2, 0x84, 0x43]);
    desk.put("fork", "{\"format\":\"glasshouse-evidence/1\",\"kind\":\"fork\"}");
    desk.put("refusal", "{\"type\":\"urn:glasshouse:problem:not-found\",\"title\":\"x\"}");
    desk.put("request", request()).put("marked", format!("\u{feff}{}", receipt().0));
    desk.put("utf-16", [0xff, 0xfe, b'{', 0]).put("blanks", " \n".repeat(1_000));
    desk.put("late", format!("{}{{\"format\":\"glasshouse-evidence/1\"}}", " ".repeat(5_000)));
    for (file, is, wanted) in [
        ("empty", "an empty file", "/api/v1/receipts/N"),
        ("page", "a page for browsers", "/api/v1/receipts/N"),
        ("cose", "a COSE receipt or a signed statement", "`scitt` checks it"),
        ("c12", "a checkpoint", "`consistency` compares two"),
        ("proof", "a proof", "`inclusion` checks it"),
        ("fork", "evidence", "`evidence` checks it"),
        ("refusal", "a ledger's refusal", "saved in place of what was asked for"),
        ("request", "a provider's request for admission", "`glasshouse provider enrol --request`"),
        ("marked", "a text with a byte order mark", "save it without that mark"),
        ("utf-16", "a text in UTF-16", "/api/v1/receipts/N"),
    ] {
        let (status, answer) = desk.ask(&["receipt", file, "--policy", "policy"]);
        let message = answer["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("step 1: receipt: this is no receipt, but {is}")), "{message}");
        assert!(message.contains(wanted), "{message}");
        assert_eq!((status, &answer["step"]), (if file == "fork" { 4 } else { 1 }, &1.into()), "{answer}");
    }
    // An emptiness asks the whole file, and so does what stands behind blanks.
    for (file, is) in [("blanks", "but an empty file"), ("late", "but evidence")] {
        let (_, answer) = desk.ask(&["receipt", file, "--policy", "policy"]);
        assert!(answer["message"].as_str().unwrap().contains(is), "{answer}");
    }
    // What is none of these is told as the reader of receipts tells it.
    desk.put("other", "{}");
    let (status, answer) = desk.ask(&["receipt", "other", "--policy", "policy"]);
    assert!(status == 1 && answer["message"].as_str().unwrap().contains("missing field"), "{answer}");
}
