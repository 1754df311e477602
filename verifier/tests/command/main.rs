//! The command `glasshouse-verify`, run as a person runs it: files in, words or JSON out, and the exit status.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "../support/prover.rs"]
mod prover;
#[path = "../support/signer.rs"]
mod signer;
mod wrong_files;

use std::path::{Path, PathBuf};
use std::process::Command;

use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::inclusion::InclusionProof;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::tlog_proof::TlogProof;
use glasshouse_verifier::transparent::TransparentStatement;
use glasshouse_verifier::vkey::VkeyKind;
use serde_json::Value;
use signer::Signer;

/// A folder with files, and the command run in it.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Desk {
        Desk(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        std::fs::write(self.0.path().join(name), text).unwrap();
        self
    }

    /// Exit status, standard output, standard error.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let program = env!("CARGO_BIN_EXE_glasshouse-verify");
        let output = Command::new(program).args(arguments).current_dir(self.0.path()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    /// The same with `--json`, parsed.
    fn ask(&self, arguments: &[&str]) -> (i32, Value) {
        let (status, out, _) = self.run(&[arguments, &["--json"]].concat());
        (status, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out:?}")))
    }

    fn evidence(&self) -> Option<PathBuf> {
        let mut files = std::fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| path.to_string_lossy().contains("glasshouse-evidence-"))
    }
}

fn log() -> Signer {
    Signer::new("log.example/takedowns", VkeyKind::Ed25519, 1)
}

fn entry(label: &str, number: usize) -> Vec<u8> {
    format!("{label} {number}").into_bytes()
}

fn leaves(label: &str, count: usize) -> Vec<LeafHash> {
    (0..count).map(|number| LeafHash::of_entry(&entry(label, number))).collect()
}

fn checkpoint(label: &str, size: usize) -> String {
    log().note(&prover::head(&leaves(label, size)), &[]).encode()
}

fn consistency(label: &str, old: usize, new: usize) -> String {
    prover::proof(old, &leaves(label, new)).iter().map(|hash| hash.to_base64() + "\n").collect()
}

fn inclusion(label: &str, index: usize, size: usize) -> String {
    let path = InclusionProof::new(prover::path(index, &leaves(label, size))).unwrap();
    TlogProof::new(None, LeafIndex::new(index as u64).unwrap(), path, checkpoint(label, size)).encode()
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.put("log.vkey", log().vkey.encode() + "\n")
        .put("entry", entry("a", 5))
        .put("proof", inclusion("a", 5, 12));
    desk.put("c7", checkpoint("a", 7)).put("c12", checkpoint("a", 12)).put("forged", checkpoint("b", 12));
    desk.put("p7-12", consistency("a", 7, 12)).put("forged7-12", consistency("b", 7, 12));
    desk.put("policy", format!("log {}\nquorum none\n", log().vkey.encode()));
    desk
}

#[test]
fn an_entry_is_in_the_log() {
    let desk = desk();
    let key = log().vkey.encode();
    for trust in [["--log-key", "./log.vkey"], ["--log-key", &key], ["--policy", "policy"]] {
        let (status, answer) =
            desk.ask(&[&["inclusion", "--proof", "proof", "--entry", "entry"], trust.as_slice()].concat());
        assert_eq!((status, &answer["verdict"]), (0, &"holds".into()), "{answer}");
        assert_eq!((&answer["index"], &answer["size"]), (&5.into(), &12.into()));
    }
    let (status, words, _) =
        desk.run(&["inclusion", "--policy", "policy", "--proof", "proof", "--entry", "entry"]);
    assert_eq!(status, 0);
    assert!(words.starts_with("holds: the entry is at index 5 of 12 in log.example/takedowns\n"), "{words}");
    let with = |file| {
        ["inclusion", "--policy", "policy", "--proof", "proof", "--entry", "entry", "--checkpoint", file]
    };
    assert_eq!(desk.ask(&with("c12")).0, 0);
    assert_eq!(desk.ask(&with("c7")).0, 1);
    assert_eq!(desk.evidence(), None);
    assert_eq!(desk.ask(&with("forged")).0, 3);
    assert!(desk.evidence().is_some());
}

#[test]
fn another_entry_is_not() {
    let desk = desk();
    desk.put("other", "another entry");
    let ask = |proof: &str, entry: &str| {
        desk.ask(&["inclusion", "--log-key", "./log.vkey", "--proof", proof, "--entry", entry]).0
    };
    assert_eq!(ask("proof", "other"), 1);
    desk.put("cut", &inclusion("a", 5, 12)[..60]);
    assert_eq!(ask("cut", "entry"), 1);
    desk.put("later", inclusion("a", 5, 12).replacen("@v1", "@v2", 1));
    assert_eq!(ask("later", "entry"), 4);
    assert_eq!(ask("nothing", "entry"), 2);
    desk.put("large", vec![0; 65_536]);
    assert_eq!(ask("proof", "large"), 2);
}

#[test]
fn a_later_checkpoint_contains_an_earlier_one() {
    let desk = desk();
    let ask = |old: &str, new: &str, proof: &str| {
        desk.ask(&["consistency", "--log-key", "./log.vkey", old, new, "--proof", proof]).0
    };
    assert_eq!(ask("c7", "c12", "p7-12"), 0);
    assert_eq!(ask("c12", "c7", "p7-12"), 1);
    desk.put("short", consistency("a", 7, 12).lines().next().unwrap());
    assert_eq!(ask("c7", "c12", "short"), 2, "a file without sizes may be of other trees");
    let hex: Vec<String> = prover::proof(7, &leaves("a", 12)).iter().map(|hash| hash.to_hex()).collect();
    desk.put("json", serde_json::json!({"from": 7, "to": 12, "hashes": hex}).to_string());
    assert_eq!(ask("c7", "c12", "json"), 0);
    assert_eq!(desk.ask(&["consistency", "--log-key", "./log.vkey", "c7", "c7"]).0, 0);
    let right = [json_proof(7, 12, &hex), json_proof(7, 12, &hex[1..]), json_proof(7, 12, &[])];
    for (text, status) in right.iter().zip([0, 1, 1]) {
        desk.put("named", text);
        assert_eq!(ask("c7", "c12", "named"), status, "{text}");
    }
    assert_eq!(desk.evidence(), None, "a proof that does not hold convicts nobody");
}

fn json_proof(from: u64, to: u64, hashes: &[String]) -> String {
    serde_json::json!({"from": from, "to": to, "hashes": hashes}).to_string()
}

#[test]
fn a_fork_is_kept_as_a_file_that_convinces() {
    for (old, proof) in [("c7", "forged7-12"), ("c12", "p7-12")] {
        let desk = desk();
        desk.put("p7-12", "");
        let (status, answer) =
            desk.ask(&["consistency", "--log-key", "./log.vkey", old, "forged", "--proof", proof]);
        assert_eq!((status, &answer["verdict"]), (3, &"misbehaviour".into()), "{answer}");
        let file = desk.evidence().unwrap();
        assert!(file.ends_with(answer["evidence"].as_str().unwrap().trim_start_matches("./")));
        let file = file.to_str().unwrap();
        let (status, answer) = desk.ask(&["evidence", file, "--log-key", "./log.vkey"]);
        assert_eq!((status, &answer["verdict"], &answer["key_known"]), (3, &"convicts".into(), &true.into()));
        let (status, answer) = desk.ask(&["evidence", file]);
        assert_eq!((status, &answer["key_known"]), (3, &false.into()), "under the key that it names itself");
        let text = std::fs::read_to_string(file).unwrap();
        desk.put("broken", text.replace("\\n7\\n", "\\n8\\n").replace("\\n12\\n", "\\n11\\n"));
        assert_eq!(desk.ask(&["evidence", "broken", "--log-key", "./log.vkey"]).0, 1);
        desk.put("later", text.replace("evidence/1", "evidence/2"));
        assert_eq!(desk.ask(&["evidence", "later", "--log-key", "./log.vkey"]).0, 4);
    }
}

#[test]
fn evidence_that_cannot_be_saved_is_printed() {
    let desk = desk();
    let place = ["--evidence", "no/such/folder/e.json"];
    let arguments = ["consistency", "--log-key", "./log.vkey", "c12", "forged"];
    let (status, answer) = desk.ask(&[arguments.as_slice(), &place].concat());
    assert_eq!(status, 3);
    desk.put("kept", answer["evidence_text"].as_str().unwrap());
    assert_eq!(desk.ask(&["evidence", "kept", "--log-key", "./log.vkey"]).0, 3);
}

/// The input of a receipt's vector, as files `receipt` and `policy` on a desk.
fn receipt_desk(name: &str) -> Desk {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/receipt").join(name);
    let vector: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let desk = Desk::new();
    desk.put("receipt", vector["input"]["receipt"].as_str().unwrap());
    desk.put("policy", vector["input"]["policy"].as_str().unwrap());
    desk
}

#[test]
fn a_statement_is_on_record() {
    let desk = receipt_desk("valid/decision.json");
    let (status, answer) = desk.ask(&["receipt", "receipt", "--policy", "policy"]);
    assert_eq!((status, &answer["verdict"]), (0, &"holds".into()), "{answer}");
    assert_eq!((&answer["origin"], &answer["type"]), (&"log.example/takedowns".into(), &"decision".into()));
    assert!(
        answer["proved"].as_array().unwrap().len() >= 3
            && answer["not_proved"].as_array().unwrap().len() >= 6
    );
    let (status, words, _) = desk.run(&["receipt", "receipt", "--log-key", &log().vkey.encode()]);
    assert_eq!(status, 0);
    assert!(
        words.contains("is on record in log.example/takedowns") && words.contains("Not proved:"),
        "{words}"
    );
    assert!(!words.contains("verified"), "{words}");
}

#[test]
fn a_receipt_that_does_not_hold_names_the_step() {
    for (name, status, step, rule) in [
        ("invalid/form-array.json", 1, 1, "receipt-format"),
        ("invalid/format-2.json", 4, 1, "not-understood"),
        ("invalid/policy-of-another-key.json", 1, 2, "unknown-key"),
        ("invalid/quorum-not-met.json", 1, 3, "quorum"),
        ("invalid/entry-flipped.json", 1, 4, "root-mismatch"),
        ("invalid/genesis-missing.json", 1, 5, "genesis"),
        ("invalid/enrolment-missing.json", 1, 7, "enrolment"),
        ("invalid/statement-signature-wrong.json", 1, 8, "bad-signature"),
        ("invalid/addendum-digest.json", 1, 10, "addendum-mismatch"),
    ] {
        let (found, answer) = receipt_desk(name).ask(&["receipt", "receipt", "--policy", "policy"]);
        let expected = (status, &Value::from(step), &Value::from(rule));
        assert_eq!((found, &answer["step"], &answer["rule"]), expected, "{name}: {answer}");
    }
}

#[test]
fn wrong_usage_is_no_verdict() {
    let desk = desk();
    for arguments in [
        &["consistency", "c7", "c12"][..],
        &["consistency", "--log-key", "log.vkey", "c7", "c12"],
        &["consistency", "--log-key", "./c7", "c7", "c12"],
        &["consistency", "--log-key", "./log.vkey", "--policy", "policy", "c7", "c12"],
        &["consistency", "--policy", "c7", "c7", "c12"],
        &["inclusion"],
        &["guess"],
        &[],
    ] {
        let (status, out, error) = desk.run(arguments);
        assert_eq!((status, out.as_str()), (2, ""), "{arguments:?}");
        assert!(!error.is_empty());
    }
}

/// A program that asked for JSON gets it, whatever is wrong.
#[test]
fn wrong_arguments_are_told_as_json_where_that_is_asked_for() {
    let desk = desk();
    for arguments in [&["inclusion"][..], &["guess"], &[], &["log", "--every", "none"]] {
        let (status, answer) = desk.ask(arguments);
        assert_eq!((status, &answer["verdict"]), (2, &"trouble".into()), "{arguments:?}: {answer}");
        assert!(!answer["message"].as_str().unwrap().is_empty());
    }
    assert!(desk.run(&["--json", "--help"]).1.starts_with("Checks receipts"));
}

/// A vector's input, as files.
fn vector_desk(name: &str, members: &[&str]) -> Desk {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors").join(name);
    let vector: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let desk = Desk::new();
    for member in members {
        desk.put(member, hex::decode(vector["input"][*member].as_str().unwrap()).unwrap());
    }
    desk
}

#[test]
fn a_cose_receipt_needs_its_statement_in_either_form() {
    let desk = vector_desk("cose_receipt/valid/decision.json", &["receipt", "keys", "entry"]);
    let (status, answer) = desk.ask(&["scitt", "receipt", "--keys", "keys"]);
    assert_eq!((status, &answer["verdict"]), (2, &"trouble".into()), "{answer}");
    assert!(answer["message"].as_str().unwrap().contains("--statement"), "{answer}");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../spec/vectors/transparent_statement/valid/decision.json");
    let whole: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let whole = hex::decode(whole["input"]["transparent"].as_str().unwrap()).unwrap();
    desk.put("transparent", &whole);
    let bare = TransparentStatement::parse(&whole).unwrap().statement().bytes().to_vec();
    desk.put("bare", bare);
    for statement in ["bare", "transparent"] {
        let (status, answer) = desk.ask(&["scitt", "receipt", "--keys", "keys", "--statement", statement]);
        assert_eq!((status, &answer["verdict"]), (0, &"holds".into()), "{statement}: {answer}");
    }
}

/// What witnesses and ledgers keep of a contradiction that they cannot prove.
#[test]
fn a_doubt_is_known_and_convicts_nobody() {
    let desk = Desk::new();
    let shown = log().note(&prover::head(&leaves("a", 7)), &[]).encode();
    let doubt = serde_json::json!({"format": "glasshouse-doubt/1", "reason": "proof-fails", "convicts": false,
        "log": [log().vkey.encode()], "cosigned": null, "refused": shown, "old": 0, "proof": []});
    desk.put("doubt", doubt.to_string());
    let unknown = serde_json::json!({"format": "glasshouse-unknown-checkpoint/1", "log": log().vkey.encode(),
        "shown": shown, "newest": shown});
    desk.put("unknown", unknown.to_string());
    for (file, format) in [("doubt", "glasshouse-doubt/1"), ("unknown", "glasshouse-unknown-checkpoint/1")] {
        let (status, answer) = desk.ask(&["evidence", file]);
        assert_eq!((status, &answer["verdict"]), (1, &"does-not-hold".into()), "{answer}");
        assert_eq!(answer["rule"], "doubt");
        assert!(answer["message"].as_str().unwrap().contains(format), "{answer}");
    }
    let later = doubt.to_string().replace("doubt/1", "doubt/2");
    assert_eq!(desk.put("later", later).ask(&["evidence", "later"]).0, 4);
}

#[test]
fn each_task_has_help_with_an_example() {
    let desk = Desk::new();
    for task in ["receipt", "inclusion", "consistency", "evidence"] {
        let (status, help, _) = desk.run(&[task, "--help"]);
        assert_eq!(status, 0);
        assert!(help.contains("Example:\n") && help.contains(&format!("glasshouse-verify {task}")), "{help}");
    }
    assert!(desk.run(&["--help"]).1.contains("Exit status:"));
}

/// A receipt of the test vectors, and the policy that it holds under.
fn receipt() -> (String, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/receipt/valid/decision.json");
    let case: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let text = |name: &str| case["input"][name].as_str().unwrap().to_owned();
    (text("receipt"), text("policy"))
}

/// The policy of another log, or of one that was made anew under the same name.
#[test]
fn a_receipt_of_another_log_is_told_so() {
    let desk = desk();
    let (receipt, policy) = receipt();
    desk.put("42.json", &receipt).put("right", &policy);
    assert_eq!(desk.ask(&["receipt", "42.json", "--policy", "right"]).0, 0);
    let other = Signer::new("other.example", VkeyKind::Ed25519, 1);
    desk.put("other", format!("log {}\nquorum none\n", other.vkey.encode()));
    let anew = Signer::new("log.example/takedowns", VkeyKind::Ed25519, 99);
    desk.put("anew", format!("log {}\nquorum none\n", anew.vkey.encode()));
    for (policy, said) in [
        ("other", "the receipt is of the log log.example/takedowns, and you trust other.example. "),
        (
            "anew",
            "the receipt is of a log that is called log.example/takedowns, and none of the keys that you trust",
        ),
    ] {
        let (status, words, _) = desk.run(&["receipt", "42.json", "--policy", policy]);
        assert!(status == 1 && words.contains(said), "{words}");
        let (_, answer) = desk.ask(&["receipt", "42.json", "--policy", policy]);
        assert!(answer["other_log"].as_str().unwrap().starts_with(said), "{answer}");
    }
}
