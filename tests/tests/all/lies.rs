//! A dishonest operator against the verifier's command: every lie ends with the right exit status, and a log that
//! contradicts itself with evidence that convinces others.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::key_file::{SecretKey, read_pem};
use glasshouse_ledger::log_signer::LogSigner;
use glasshouse_ledger::ml_dsa_key_file::read_ml_dsa_pem;
use glasshouse_tests::forge::{parts, seal};
use glasshouse_tests::liar::{Liar, Lie, write_log};
use glasshouse_tests::workload::{Publisher, decision, now};
use glasshouse_tests::world::World;
use glasshouse_verifier::bundle::{encode_bundle, parse_bundle};
use glasshouse_verifier::origin::Origin;
use serde_json::Value;

/// Entries of the real log: a full bundle and a partial one.
const SIZE: usize = 270;

/// A real log whose operator has stopped the server and begins to lie.
struct Operator {
    world: World,
    publisher: Publisher,
    entries: Vec<Vec<u8>>,
    signed: Vec<Signed>,
    receipt: Vec<u8>,
    /// The checkpoint that somebody kept.
    kept: PathBuf,
}

impl Operator {
    fn new() -> Operator {
        let mut world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
        let mut publisher = world.enrol("one");
        let signed: Vec<Signed> = (2..SIZE).map(|_| publisher.sign_next()).collect();
        for result in world.submit(&signed) {
            assert_eq!(result["status"], "accepted", "{result}");
        }
        let bundle = |path: &str, width| {
            let bytes = world.get(path).body;
            parse_bundle(&bytes, width).unwrap().iter().map(|entry| entry.to_vec()).collect::<Vec<_>>()
        };
        let entries = [bundle("/tile/entries/000", 256), bundle("/tile/entries/001.p/14", 14)].concat();
        let receipt = world.get("/api/v1/receipts/5").body;
        let kept = world.scratch().join("kept");
        std::fs::write(&kept, world.get("/checkpoint").body).unwrap();
        assert_eq!(world.take_server().stop(), Some(0));
        Operator { world, publisher, entries, signed, receipt, kept }
    }

    fn public(&self) -> PathBuf {
        self.world.dir().join("public")
    }

    fn signer(&self) -> LogSigner {
        let second = read_ml_dsa_pem(&self.world.dir().join("log.ml-dsa-44.key")).unwrap();
        self.first_signer().with_second(second).unwrap()
    }

    /// The log without its ML-DSA-44 key: who has broken Ed25519, say.
    fn first_signer(&self) -> LogSigner {
        let key = read_pem(&self.world.dir().join("log.key")).unwrap();
        LogSigner::new(self.world.registrar().origin().clone(), key).unwrap()
    }

    /// Another whole history under the log's own signature.
    fn rewrite(&self, name: &str, entries: &[Vec<u8>]) -> Liar {
        let folder = self.world.scratch().join(name);
        write_log(&folder, entries, &self.signer());
        Liar::serve::<String>(folder, [])
    }

    /// Another statement under the last number: what the last entry might have said.
    fn other_end(&self) -> Vec<u8> {
        let number = self.publisher.next_number() - 1;
        self.publisher.sign(&decision(number), number, now()).entry().to_vec()
    }

    /// Runs `glasshouse-verify … --json`: exit status and answer.
    fn verify(&self, arguments: &[&str]) -> (i32, Value) {
        let output = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify-under-test"))
            .args(arguments)
            .arg("--json")
            .current_dir(self.world.scratch())
            .output()
            .unwrap();
        let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code().unwrap(), answer)
    }

    /// Audits what somebody serves.
    fn audit(&self, liar: &Liar, more: &[&str]) -> (i32, Value) {
        let policy = text(&self.world.dir().join("policy.txt"));
        self.verify(&[&["log", liar.url(), "--policy", &policy], more].concat())
    }

    /// Audits the true log with one lie in it.
    fn audit_with(&self, path: &'static str, lie: Lie) -> (i32, Value) {
        self.audit(&Liar::serve(self.public(), [(path, lie)]), &[])
    }

    /// The auditor kept a checkpoint, and the log is convicted; others are convinced by the file.
    #[track_caller]
    fn assert_convicted(&self, liar: &Liar) {
        let file = text(&self.world.scratch().join("evidence.json"));
        let (status, answer) = self.audit(liar, &["--old", &text(&self.kept), "--evidence", &file]);
        assert_eq!(status, 3, "{answer}");
        assert_eq!(answer["verdict"], "misbehaviour");
        let vkey = text(&self.world.dir().join("log.vkey"));
        let (status, answer) = self.verify(&["evidence", &file, "--log-key", &vkey]);
        assert_eq!((status, &answer["verdict"]), (3, &"convicts".into()), "{answer}");
        // The same file accuses nobody else.
        let other = LogSigner::new(self.world.registrar().origin().clone(), SecretKey::from_seed(&[9; 32]));
        let (status, answer) =
            self.verify(&["evidence", &file, "--log-key", &other.unwrap().vkey().encode()]);
        assert_eq!(status, 1, "{answer}");
        std::fs::remove_file(file).unwrap();
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// 64 MiB become 64 KiB.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Whether a finding names the rule.
fn names(answer: &Value, rule: &str) -> bool {
    answer["findings"].as_array().unwrap().iter().any(|finding| finding["rule"] == rule)
}

#[test]
fn the_truth_holds() {
    let operator = Operator::new();
    let honest = Liar::serve::<String>(operator.public(), []);
    let (status, answer) = operator.audit(&honest, &["--old", &text(&operator.kept)]);
    assert_eq!((status, &answer["size"]), (0, &SIZE.into()), "{answer}");
    assert_eq!(answer["missing_numbers"], serde_json::json!([]));
    // A mirror on the disk is as good.
    let policy = text(&operator.world.dir().join("policy.txt"));
    let (status, answer) = operator.verify(&["log", &text(&operator.public()), "--policy", &policy]);
    assert_eq!(status, 0, "{answer}");
}

#[test]
fn a_second_history_convicts_the_log() {
    let operator = Operator::new();
    let mut entries = operator.entries.clone();
    *entries.last_mut().unwrap() = operator.other_end();
    let same_size = operator.rewrite("same-size", &entries);
    // Who kept nothing cannot know: this history is as good as the other one.
    let (status, answer) = operator.audit(&same_size, &[]);
    assert_eq!(status, 0, "{answer}");
    operator.assert_convicted(&same_size);

    let mut publisher = Publisher::new("one", operator.world.registrar().origin());
    (1..operator.publisher.next_number()).for_each(|_| publisher.skip());
    entries.extend((0..20).map(|_| publisher.sign_next().entry().to_vec()));
    operator.assert_convicted(&operator.rewrite("longer", &entries));

    // A statement taken out of the middle, all that follow moved up, and new ones behind.
    let mut without = operator.entries.clone();
    without.remove(100);
    without.extend((0..5).map(|_| publisher.sign_next().entry().to_vec()));
    let dropped = operator.rewrite("dropped", &without);
    operator.assert_convicted(&dropped);
    let (status, answer) = operator.audit(&dropped, &[]);
    assert_eq!(status, 0, "{answer}");
    assert_eq!(answer["missing_numbers"][0], "https://one.example 99 to 99", "{answer}");
}

#[test]
fn a_history_that_ends_early_does_not_hold() {
    let operator = Operator::new();
    let shorter = operator.rewrite("shorter", &operator.entries[..200]);
    let (status, answer) = operator.audit(&shorter, &["--old", &text(&operator.kept)]);
    assert_eq!(status, 1, "it may only lag behind: {answer}");
    assert_eq!(operator.audit(&shorter, &[]).0, 0);
}

#[test]
fn a_changed_or_missing_entry_does_not_hold() {
    let operator = Operator::new();
    let partial = &operator.entries[256..];
    let bundle = |entries: &[Vec<u8>]| Lie::Bytes(encode_bundle(entries).unwrap());
    let path = "tile/entries/001.p/14";

    let mut rewritten = partial.to_vec();
    *rewritten.last_mut().unwrap() = operator.other_end();
    let (status, answer) = operator.audit_with(path, bundle(&rewritten));
    assert_eq!(status, 1, "{answer}");
    assert!(names(&answer, "tile") && names(&answer, "root"), "{answer}");

    let mut flipped = partial.to_vec();
    let last = flipped[3].len() - 140;
    flipped[3][last] ^= 1;
    let (status, answer) = operator.audit_with(path, bundle(&flipped));
    assert_eq!(status, 1, "{answer}");
    assert!(answer["findings"].as_array().unwrap().iter().any(|finding| finding["index"] == 259), "{answer}");

    let mut swapped = partial.to_vec();
    swapped.swap(2, 3);
    assert_eq!(operator.audit_with(path, bundle(&swapped)).0, 1);
    let (status, answer) = operator.audit_with(path, bundle(&partial[..13]));
    assert_eq!(status, 1, "a bundle that lacks an entry: {answer}");
    let mut tile = std::fs::read(operator.public().join("tile/0/000")).unwrap();
    tile[40] ^= 1;
    let (status, answer) = operator.audit_with("tile/0/000", Lie::Bytes(tile));
    assert_eq!(status, 1, "{answer}");
    assert!(names(&answer, "tile"), "{answer}");
}

/// Who has the log's Ed25519 key and not the other one deceives those who ask for no other.
#[test]
fn a_history_without_the_second_signature_does_not_hold() {
    let operator = Operator::new();
    let folder = operator.world.scratch().join("first-key-only");
    write_log(&folder, &operator.entries, &operator.first_signer());
    let liar = Liar::serve::<String>(folder, []);
    let (status, answer) = operator.audit(&liar, &[]);
    assert_eq!(status, 1, "{answer}");
    let vkey = text(&operator.world.dir().join("log.vkey"));
    let (status, answer) = operator.verify(&["log", liar.url(), "--log-key", &vkey]);
    assert_eq!(status, 0, "{answer}");
}

#[test]
fn a_checkpoint_of_another_key_does_not_hold() {
    let operator = Operator::new();
    let other = LogSigner::new(operator.world.registrar().origin().clone(), SecretKey::from_seed(&[9; 32]));
    let folder = operator.world.scratch().join("other-key");
    write_log(&folder, &operator.entries, &other.unwrap());
    let (status, answer) = operator.audit(&Liar::serve::<String>(folder, []), &[]);
    assert_eq!(status, 1, "{answer}");
    let said = answer["another_log"].as_str().unwrap();
    assert!(said.contains("another log under that name, or one that was made anew"), "{said}");
    // A whole other log behind the URL is named as that.
    let origin = Origin::parse("other.example").unwrap();
    let other = LogSigner::new(origin, SecretKey::from_seed(&[9; 32]));
    let folder = operator.world.scratch().join("other-log");
    write_log(&folder, &operator.entries, &other.unwrap());
    let (status, answer) = operator.audit(&Liar::serve::<String>(folder, []), &[]);
    assert_eq!(status, 1, "{answer}");
    let said = answer["another_log"].as_str().unwrap();
    assert!(
        said.contains("this is another log: it is called other.example, and you mean log.test"),
        "{said}"
    );
    let kept = std::fs::read_to_string(&operator.kept).unwrap();
    for forged in
        [kept.replacen("\n270\n", "\n271\n", 1), kept.replacen("log.test", "log.tent", 1), String::new()]
    {
        let (status, answer) = operator.audit_with("checkpoint", Lie::Bytes(forged.into_bytes()));
        assert_eq!(status, 1, "{answer}");
    }
}

#[test]
fn a_server_that_plays_tricks_is_no_proof_of_anything() {
    let operator = Operator::new();
    let honest = Liar::serve::<String>(operator.public(), []);
    let resources = ["checkpoint", "tile/entries/000", "tile/0/000"];
    for path in resources {
        let bytes = std::fs::read(operator.public().join(path)).unwrap();
        for lie in [
            Lie::Half(bytes.clone()),
            Lie::Endless,
            Lie::Redirect(honest.url().to_owned()),
            Lie::Encoded("br", bytes.clone()),
            Lie::Encoded("gzip", gzip(&vec![0; 64 << 20])),
            Lie::Status(404),
            Lie::Status(500),
        ] {
            let shown = format!("{lie:.40?}");
            let (status, answer) = operator.audit_with(path, lie);
            assert_eq!(status, 2, "{path}: {shown}: {answer}");
            assert_eq!(answer["verdict"], "trouble", "{path}: {shown}: {answer}");
        }
    }
    let (status, _) = operator.verify(&["log", "http://127.0.0.1:1", "--policy", "no-such-file"]);
    assert_eq!(status, 2);
}

#[test]
fn a_signed_log_with_a_forged_statement_does_not_hold() {
    let operator = Operator::new();
    let mut entries = operator.entries.clone();
    // The last byte of the signature: the entry has its offsets behind it.
    let at = operator.signed[50].statement().len() - 1;
    entries[52][at] ^= 1;
    let (status, answer) = operator.audit(&operator.rewrite("forged", &entries), &[]);
    assert_eq!(status, 1, "{answer}");
    assert!(names(&answer, "bad-signature"), "{answer}");
    assert_eq!(answer["broken"], 1, "{answer}");
}

#[test]
fn what_a_newer_program_wrote_is_neither_good_nor_a_lie() {
    let operator = Operator::new();
    let signed = &operator.signed[50];
    let (protected, payload) = parts(signed.statement());
    let at = payload.windows(8).position(|word| word == b"decision").unwrap();
    let later = [&payload[..at], b"tomorrow", &payload[at + 8..]].concat();
    let statement = seal(&protected, &later, &Publisher::key_of("one"));
    let mut entries = operator.entries.clone();
    entries[52] = [&statement, &signed.entry()[statement.len()..]].concat();
    let (status, answer) = operator.audit(&operator.rewrite("newer", &entries), &[]);
    assert_eq!((status, &answer["not_understood"]), (4, &1.into()), "{answer}");
}

#[test]
fn a_receipt_is_true_or_not() {
    let operator = Operator::new();
    let file = operator.world.scratch().join("receipt.json");
    let check = |bytes: &[u8], policy: &str| {
        std::fs::write(&file, bytes).unwrap();
        operator.verify(&["receipt", &text(&file), "--policy", policy])
    };
    let policy = text(&operator.world.dir().join("policy.txt"));
    let (status, answer) = check(&operator.receipt, &policy);
    assert_eq!((status, &answer["index"]), (0, &5.into()), "{answer}");
    let receipt = String::from_utf8(operator.receipt.clone()).unwrap();

    // One character of each part: a digit of the checkpoint, the entry, a path, a text.
    for mark in ["\\n270\\n", "\"entry\":\"", "\"path\":[\"", "\"addenda\":[\""] {
        let at = receipt.find(mark).unwrap() + mark.len();
        let at = if mark.starts_with('\\') { at - 3 } else { at + 20 };
        let mut bytes = receipt.clone().into_bytes();
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
        let (status, answer) = check(&bytes, &policy);
        assert_eq!(status, 1, "{mark}: {answer}");
        assert!(answer["step"].is_u64(), "{answer}");
    }
    assert_eq!(check(&operator.receipt[..operator.receipt.len() - 1], &policy).0, 1);
    assert_eq!(check(&[operator.receipt.as_slice(), b" "].concat(), &policy).0, 1);
    assert_eq!(check(b"", &policy).0, 1);
    let later = receipt.replacen("glasshouse-receipt/1", "glasshouse-receipt/2", 1);
    let (status, answer) = check(later.as_bytes(), &policy);
    assert_eq!((status, &answer["verdict"]), (4, &"not-understood".into()), "{answer}");

    // Another log's policy, none, and a file that is not there.
    let other = LogSigner::new(operator.world.registrar().origin().clone(), SecretKey::from_seed(&[9; 32]));
    let other_policy = operator.world.scratch().join("other-policy");
    std::fs::write(&other_policy, format!("log {}\nquorum none\n", other.unwrap().vkey().encode())).unwrap();
    assert_eq!(check(&operator.receipt, &text(&other_policy)).0, 1);
    assert_eq!(check(&operator.receipt, "no-such-file").0, 2);
    assert_eq!(operator.verify(&["receipt", &text(&file)]).0, 2);
    assert_eq!(operator.verify(&["receipt", "no-such-receipt", "--policy", &policy]).0, 2);
}
