//! Our witness keeps every rule; and a witness with one thing bent, for each rule of a witness.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use glasshouse_ledger::cosign_time::CosignTime;
use glasshouse_ledger::cosigner::Cosigner;
use glasshouse_ledger::key_file::{SecretKey, read_pem, write_pem};
use glasshouse_ledger::witness::log_checkpoint::LogCheckpoint;
use glasshouse_tests::front::{Answered, Front};
use glasshouse_tests::process::Process;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};
use serde_json::Value;

use super::{assert_all_are_bent, assert_broken, musts, rules, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_glasshouse-under-test");
const NAME: &str = "witness.example/w1";

/// A witness that has the made-up log on its list.
struct Bench {
    scratch: tempfile::TempDir,
    /// The witness's, Ed25519 first.
    vkeys: Vec<String>,
    server: Process,
}

impl Bench {
    fn new() -> Bench {
        let scratch = tempfile::tempdir().unwrap();
        let dir = scratch.path().join("w1");
        let made = Command::new(PROGRAM)
            .args(["--json", "witness", "init", "--name", NAME, "--dir"])
            .arg(&dir)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let vkeys: Vec<String> =
            made["vkeys"].as_array().unwrap().iter().map(|vkey| vkey.as_str().unwrap().to_owned()).collect();
        assert_eq!(vkeys.len(), 2);
        let key = SecretKey::from_seed(&[77; 32]);
        write_pem(&scratch.path().join("test.pem"), &key).unwrap();
        let log = Vkey::new("conformance.invalid/test-log", VkeyKind::Ed25519, key.public_bytes()).unwrap();
        let list = scratch.path().join("list");
        std::fs::write(&list, format!("logs/v0\nvkey {}\nqpd 864000\ncontact x\n", log.encode())).unwrap();
        let server = Process::witness(Path::new(PROGRAM), &dir, &["--logs", list.to_str().unwrap()]).unwrap();
        Bench { scratch, vkeys, server }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Its Ed25519 key, for cosignatures that it would not make.
    fn cosigner(&self) -> Cosigner {
        Cosigner::new(NAME, read_pem(&self.path("w1/witness.key")).unwrap()).unwrap()
    }

    fn conformance(&self, url: &str, vkey: &str) -> (i32, Value) {
        let key = self.path("test.pem");
        run(&[url, "--witness", vkey, "--test-key", key.to_str().unwrap()])
    }
}

/// A request to the witness.
struct Asked<'a> {
    method: &'a str,
    path: &'a str,
    /// How many requests came before.
    before: usize,
    /// Whether the two that are sent at once came before.
    raced: bool,
    body: String,
    cosigner: &'a Cosigner,
}

impl Asked<'_> {
    /// The old size, if it is one.
    fn old(&self) -> Option<u64> {
        self.body.strip_prefix("old ")?.split('\n').next()?.parse().ok()
    }

    /// The signed text.
    fn text(&self) -> Option<String> {
        Some(format!("{}\n", self.body.split("\n\n").nth(1)?))
    }

    /// The checkpoint's size, if it is one.
    fn size(&self) -> Option<u64> {
        self.text()?.lines().nth(1)?.parse().ok()
    }

    /// By how much the checkpoint is greater than the old size.
    fn step(&self) -> Option<u64> {
        self.size()?.checked_sub(self.old()?)
    }

    fn has_proof(&self) -> bool {
        self.body.split("\n\n").next().is_some_and(|head| head.contains('\n'))
    }

    /// One of the two that are sent at once.
    fn is_race(&self) -> bool {
        matches!(self.step(), Some(7 | 9))
    }
}

/// A rule, what else is broken with it, and what is bent.
type Bend = (&'static str, &'static [&'static str], fn(&Asked<'_>, &mut Answered));

/// What it cosigns, and how.
const COSIGNING: [Bend; 10] = [
    ("witness.known", &[], |_, answered| answered.status = 500),
    ("witness.known", &[], |_, answered| {
        answered.status = 409;
        answered.body = b"many\n".to_vec();
    }),
    ("witness.cosigns", &[], |asked, answered| {
        if asked.step() == Some(3) {
            // One bit of the signature.
            let body = String::from_utf8(answered.body.clone()).unwrap();
            let line = body.lines().next().unwrap();
            let at = line.len() - 10;
            answered.body[at] = if answered.body[at] == b'A' { b'B' } else { b'A' };
        }
    }),
    // It may have written the checkpoint down or not: nothing else is asked of it.
    ("witness.cosigns", &[], |asked, answered| {
        if asked.step() == Some(3) {
            answered.status = 500;
        }
    }),
    ("witness.time", &[], |asked, answered| {
        if asked.step() == Some(3) {
            let checkpoint = LogCheckpoint::parse(&asked.text().unwrap()).unwrap();
            let lines = asked.cosigner.cosign(&checkpoint, CosignTime::new(1_750_000_000).unwrap()).unwrap();
            answered.body = lines.iter().map(|line| line.encode()).collect::<String>().into_bytes();
        }
    }),
    ("witness.again", &[], |asked, answered| {
        if asked.before == 2 {
            answered.status = 409;
        }
    }),
    ("witness.unmoved", &[], |asked, answered| {
        if asked.before > 2 && asked.step() == Some(0) && answered.status == 200 {
            answered.status = 409;
        }
    }),
    ("witness.race", &[], |asked, answered| {
        if asked.is_race() {
            answered.status = 200;
        }
    }),
    ("witness.race", &[], |asked, answered| {
        if asked.is_race() && answered.status == 409 {
            answered.status = 500;
        }
    }),
    ("witness.race", &[], |asked, answered| {
        if asked.raced && asked.step() == Some(0) {
            answered.status = 409;
        }
    }),
];

/// What it refuses, and how.
const REFUSING: [Bend; 13] = [
    ("witness.malformed", &[], |asked, answered| {
        if asked.body.contains("\r\n") {
            answered.status = 200;
        }
    }),
    ("witness.old-size", &[], |asked, answered| {
        if asked.size().is_some() && asked.old() > asked.size() {
            answered.status = 409;
        }
    }),
    ("witness.long", &[], |asked, answered| {
        if asked.body.len() > 1 << 20 {
            (answered.cut, answered.status) = (false, 200);
        }
    }),
    ("witness.method", &[], |asked, answered| {
        if asked.method == "GET" && asked.path == "add-checkpoint" {
            answered.status = 200;
        }
    }),
    ("witness.unknown-log", &[], |asked, answered| {
        if asked.method == "POST" && answered.status == 404 {
            answered.status = 403;
        }
    }),
    // The order's request has an old size that is one too small.
    ("witness.forged", &[], |asked, answered| {
        if answered.status == 403 && asked.step() == Some(5) {
            answered.status = 400;
        }
    }),
    ("witness.conflict", &["witness.order"], |asked, answered| {
        if answered.status == 409 && asked.before > 0 && !asked.is_race() {
            answered.status = 422;
        }
    }),
    ("witness.conflict", &[], |_, answered| {
        if answered.status == 409 {
            answered.body.pop();
        }
    }),
    ("witness.conflict", &[], |_, answered| {
        if answered.status == 409 {
            answered.set("content-type", "text/plain; charset=utf-8");
        }
    }),
    ("witness.fork", &[], |asked, answered| {
        if answered.status == 422 && asked.step() == Some(0) && !asked.has_proof() {
            answered.status = 200;
        }
    }),
    ("witness.proof", &[], |asked, answered| {
        if answered.status == 422 && asked.step() != Some(0) {
            answered.status = 400;
        }
    }),
    // Only where no proof is needed.
    ("witness.proof", &[], |asked, answered| {
        if answered.status == 422 && asked.step() == Some(0) && asked.has_proof() {
            answered.status = 200;
        }
    }),
    ("witness.order", &[], |asked, answered| {
        if answered.status == 403 && asked.step() == Some(6) {
            answered.status = 409;
        }
    }),
];

/// What it shows to monitors.
const MONITORING: [Bend; 3] = [
    ("witness.monitoring", &[], |asked, answered| {
        if asked.path.ends_with("/checkpoint") && answered.status == 200 {
            answered.status = 404;
        }
    }),
    // The log's signature alone.
    ("witness.monitoring", &[], |asked, answered| {
        if asked.path.ends_with("/checkpoint") && answered.status == 200 {
            let note = String::from_utf8(answered.body.clone()).unwrap();
            let lines = note.split_inclusive('\n').filter(|line| !line.contains(NAME));
            answered.body = lines.collect::<String>().into_bytes();
        }
    }),
    ("witness.monitoring-unknown", &[], |asked, answered| {
        if asked.path.ends_with("/checkpoint") && answered.status == 404 {
            answered.status = 200;
        }
    }),
];

fn bends() -> impl Iterator<Item = Bend> {
    COSIGNING.into_iter().chain(REFUSING).chain(MONITORING)
}

/// A front that bends the witness's answers.
fn bent(bench: &Bench, bend: fn(&Asked<'_>, &mut Answered)) -> Front {
    let (before, raced, cosigner) = (AtomicUsize::new(0), AtomicBool::new(false), bench.cosigner());
    Front::before(
        bench.server.url(),
        Arc::new(move |method: &str, path: &str, answered: &mut Answered| {
            let body = String::from_utf8_lossy(&answered.request).into_owned();
            let before = before.fetch_add(1, Ordering::SeqCst);
            let raced_before = raced.load(Ordering::SeqCst);
            let asked = Asked { method, path, before, raced: raced_before, body, cosigner: &cosigner };
            raced.fetch_or(asked.is_race(), Ordering::SeqCst);
            bend(&asked, answered);
        }),
    )
}

/// Under either of its keys; and every rule is tried.
#[test]
fn our_witness_keeps_every_rule() {
    let bench = Bench::new();
    for vkey in &bench.vkeys {
        let (status, answer) = bench.conformance(bench.server.url(), vkey);
        assert_eq!(status, 0, "{answer:#}");
        assert_eq!(rules(&answer, "kept").len(), answer["checks"].as_array().unwrap().len(), "{answer:#}");
        assert_all_are_bent(&answer, bends().map(|(rule, ..)| rule));
    }
}

#[test]
fn each_rule_of_a_witness_is_found_broken() {
    let bench = Bench::new();
    for (rule, also, bend) in bends() {
        let front = bent(&bench, bend);
        let (status, answer) = bench.conformance(front.url(), &bench.vkeys[0]);
        assert_broken(rule, also, status, &answer);
    }
}

/// It says that it stands at 0, and cosigns nothing from there: there is no size below that to ask for.
#[test]
fn a_witness_that_stands_nowhere_is_broken() {
    let bench = Bench::new();
    let front = bent(&bench, |asked, answered| {
        answered.status = if asked.before == 0 { 409 } else { 500 };
        answered.body = b"0\n".to_vec();
    });
    let (status, answer) = bench.conformance(front.url(), &bench.vkeys[0]);
    assert_broken("witness.known", &[], status, &answer);
}

/// Neither of these is the witness's fault: it does not have the log on its list, or was asked by many before.
#[test]
fn a_witness_that_cannot_be_asked_has_broken_nothing() {
    let bench = Bench::new();
    let bends: [fn(&Asked<'_>, &mut Answered); 2] = [
        |_, answered| answered.status = 404,
        |_, answered| {
            answered.status = 409;
            answered.body = b"70000\n".to_vec();
        },
    ];
    for bend in bends {
        let (status, answer) = bench.conformance(bent(&bench, bend).url(), &bench.vkeys[0]);
        assert_eq!((status, &answer["verdict"]), (2, &"trouble".into()), "{answer:#}");
    }
}

/// The exit status is decided by what tlog-witness demands; it names no status for a body that is none.
#[test]
fn only_these_rules_of_a_witness_decide() {
    let bench = Bench::new();
    let (_, answer) = bench.conformance(bench.server.url(), &bench.vkeys[0]);
    let expected = [
        "witness.again",
        "witness.conflict",
        "witness.cosigns",
        "witness.forged",
        "witness.fork",
        "witness.known",
        "witness.old-size",
        "witness.proof",
        "witness.race",
        "witness.unknown-log",
        "witness.unmoved",
    ];
    assert_eq!(musts(&answer), expected);
}
