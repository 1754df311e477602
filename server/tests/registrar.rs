//! The registrar's commands as an operator runs them: its key changes, rules, double statements, the end of a log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::key_file;
use glasshouse_server::client::log::{ItemAnswer, RemoteLog};
use glasshouse_server::client::{Client, Patience};
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::submission::{SubmissionSlices, encode_batch};
use serde_json::{Value, json};

const GLASSHOUSE: &str = env!("CARGO_BIN_EXE_glasshouse");
const PROVIDER: &str = "https://www.provider.example";

fn glasshouse(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(GLASSHOUSE).args(arguments).current_dir(dir).output().unwrap()
}

/// Runs a command that must end well; gives what it wrote.
#[track_caller]
fn done(dir: &Path, arguments: &[&str]) -> String {
    let output = glasshouse(dir, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that must be refused; gives what it said.
#[track_caller]
fn refused(dir: &Path, arguments: &[&str]) -> String {
    let output = glasshouse(dir, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A ledger, its server, and the folder of both.
struct World {
    folder: tempfile::TempDir,
    server: Child,
    url: String,
}

impl World {
    fn start() -> World {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        let init = ["init", "--dir", "ledger", "--origin", "log.example", "--registrar-key", "registrar.pem"];
        done(dir, &init);
        let (server, url) = serve(dir);
        done(dir, &["key", "new", "--out", "provider.pem"]);
        World { folder, server, url }
    }

    fn dir(&self) -> &Path {
        self.folder.path()
    }

    fn stop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }

    fn restart(&mut self) {
        self.stop();
        (self.server, self.url) = serve(self.folder.path());
    }

    /// `glasshouse registrar <act> …` with the registrar's key.
    fn desk<'a>(&'a self, act: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let fixed = ["registrar", act, "--log", &self.url, "--registrar-key", "registrar.pem", "--json"];
        [fixed.as_slice(), more].concat()
    }

    fn enrol<'a>(&'a self, key: &'a str, registrar_key: &'a str) -> Vec<&'a str> {
        let request =
            ["provider", "request", "--origin", "log.example", "--out", "r", "--provider", PROVIDER];
        done(self.dir(), &[request.as_slice(), &["--key", key]].concat());
        let who = ["--name", "A registrar of domains", "--role", "registrar", "--country", "DE"];
        let what =
            ["provider", "enrol", "--log", &self.url, "--registrar-key", registrar_key, "--request", "r"];
        [what.as_slice(), &who].concat()
    }

    fn log(&self) -> RemoteLog {
        RemoteLog::new(Client::new(&self.url, Patience::default()).unwrap())
    }

    /// Thumbprint of the registrar's key that has not ended.
    fn key_in_use(&self) -> String {
        let keys = self.log().issuer("log.example").unwrap().unwrap().keys;
        let mut in_use = keys.into_iter().filter(|key| key.until_index.is_none());
        let key = in_use.next().unwrap();
        assert!(in_use.next().is_none());
        key.kid
    }

    fn kid(&self, file: &str) -> String {
        let shown: Value = serde_json::from_str(&done(self.dir(), &["key", "show", file, "--json"])).unwrap();
        shown["kid"].as_str().unwrap().to_owned()
    }

    fn registrar_size(&self) -> u64 {
        self.log().issuer("log.example").unwrap().unwrap().sequence.highest
    }

    /// Every entry's receipt, verified by the ledger itself and with a policy that names this log.
    fn assert_receipts(&self, size: u64) {
        let policy = std::fs::read_to_string(self.dir().join("ledger/policy.txt")).unwrap();
        let policy = glasshouse_verifier::policy::Policy::parse(&policy).unwrap();
        for index in 0..size {
            let bytes = self.log().receipt(index).unwrap();
            let receipt = glasshouse_verifier::receipt::Receipt::parse(&bytes).unwrap();
            let proved = receipt.verify(&policy).unwrap_or_else(|error| panic!("{index}: {error}"));
            assert_eq!(proved.index().get(), index);
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn serve(dir: &Path) -> (Child, String) {
    let mut child = Command::new(GLASSHOUSE)
        .args(["serve", "--dir", "ledger", "--listen", "127.0.0.1:0", "--min-free", "0"])
        .current_dir(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    (child, ready["url"].as_str().unwrap().to_owned())
}

fn event(text: &str) -> Value {
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

#[test]
fn the_key_changes_twice_and_the_old_ones_sign_no_more() {
    let mut world = World::start();
    done(world.dir(), &world.enrol("provider.pem", "registrar.pem"));
    let first = world.kid("registrar.pem");
    for (index, keep) in [(2, "first.pem"), (3, "second.pem")] {
        let announced = world.kid("registrar.pem.next");
        std::fs::copy(world.dir().join("registrar.pem"), world.dir().join(keep)).unwrap();
        let answer = event(&done(world.dir(), &world.desk("rotate-key", &[])));
        assert_eq!((&answer["event"], &answer["index"]), (&json!("rotated"), &json!(index)), "{answer}");
        assert_eq!((&answer["kid"], &answer["new"]), (&json!(announced), &json!(true)), "{answer}");
        assert_eq!((world.kid("registrar.pem"), world.key_in_use()), (announced.clone(), announced));
        assert_eq!(answer["next"], json!(world.kid("registrar.pem.next")));
        assert!(!world.dir().join("registrar.pem.next.new").exists());
    }
    assert_eq!(world.kid(&format!("registrar.pem.ended-{}", &first[..8])), first, "the old key is kept");
    done(world.dir(), &["key", "new", "--out", "late.pem"]);
    for old in ["first.pem", "second.pem"] {
        let said = refused(world.dir(), &world.enrol("late.pem", old));
        assert!(said.contains("key-retired"), "{said}");
    }
    let said = refused(world.dir(), &world.enrol("late.pem", "registrar.pem.next"));
    assert!(said.contains("unknown-key"), "{said}");
    world.restart();
    done(world.dir(), &world.enrol("late.pem", "registrar.pem"));
    world.assert_receipts(5);
    world.stop();
    let report: Value =
        serde_json::from_str(&done(world.dir(), &["fsck", "--dir", "ledger", "--json"])).unwrap();
    assert_eq!((&report["clean"], &report["size"]), (&json!(true), &json!(5)), "{report}");
}

/// Every state of the files that a kill can leave, made by hand, with what the next run does about it.
#[test]
fn a_change_that_was_interrupted_is_finished_and_not_repeated() {
    let world = World::start();
    let path = |name: &str| world.dir().join(name);
    let (f, n, coming) = ("registrar.pem", "registrar.pem.next", "registrar.pem.next.new");
    let copy = |from: &str, to: &str| std::fs::copy(path(from), path(to)).map(drop).unwrap();
    // Killed before the statement went out: the key that was made is the one that is announced.
    done(world.dir(), &["key", "new", "--out", "made.pem"]);
    copy("made.pem", coming);
    std::fs::write(path("registrar.pem.next.new.part"), "torn").unwrap();
    copy(f, "k1");
    copy(n, "k2");
    done(world.dir(), &world.desk("rotate-key", &[]));
    assert_eq!((world.kid(f), world.kid(n)), (world.kid("k2"), world.kid("made.pem")));
    // Killed after it went out: no file moved, or only the first one.
    let highest = world.registrar_size();
    for files in [["k1", "k2"], ["k2", "k2"]] {
        copy(files[0], f);
        copy(files[1], n);
        copy("made.pem", coming);
        std::fs::write(path("registrar.pem.part"), "torn").unwrap();
        let answer = event(&done(world.dir(), &world.desk("rotate-key", &[])));
        assert_eq!((&answer["new"], &answer["index"]), (&json!(false), &Value::Null), "{answer}");
        assert_eq!((world.kid(f), world.kid(n)), (world.kid("k2"), world.kid("made.pem")));
        assert!(!path(coming).exists());
    }
    assert_eq!(world.registrar_size(), highest, "nothing went on record again");
    // The key that was announced is gone: nothing is moved.
    copy("k1", f);
    copy("k2", n);
    let said = refused(world.dir(), &world.desk("rotate-key", &[]));
    assert!(said.contains(coming), "{said}");
    // Neither is the registrar's.
    copy("k1", f);
    copy("made.pem", n);
    let said = refused(world.dir(), &world.desk("rotate-key", &[]));
    assert!(said.contains("neither"), "{said}");
    assert_eq!((world.kid(f), world.kid(n)), (world.kid("k1"), world.kid("made.pem")));
}

#[test]
fn killed_at_any_moment_the_change_of_keys_ends_well() {
    let world = World::start();
    let rules: PathBuf = world.dir().join("rules.txt");
    std::fs::write(&rules, "Rules.").unwrap();
    let names = || {
        let mut names: Vec<_> =
            std::fs::read_dir(world.dir()).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let mut killed = 0;
    for round in 0..8 {
        let before = names();
        let mut child = Command::new(GLASSHOUSE)
            .args(world.desk("rotate-key", &[]))
            .current_dir(world.dir())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The moment is the point of the test: after so many changes of the folder's names.
        let (mut seen, mut last) = (0, before);
        while child.try_wait().unwrap().is_none() {
            let now = names();
            seen += u32::from(now != last);
            last = now;
            if seen > round % 4 {
                child.kill().unwrap();
                killed += 1;
                break;
            }
            std::thread::yield_now();
        }
        child.wait().unwrap();
        // At every moment the log's key is in one of the two files.
        let in_use = world.key_in_use();
        let held = [world.kid("registrar.pem"), world.kid("registrar.pem.next")];
        assert!(held.contains(&in_use), "{in_use}: {held:?}");
        done(world.dir(), &world.desk("rotate-key", &[]));
        assert_eq!(world.key_in_use(), world.kid("registrar.pem"));
        done(world.dir(), &world.desk("policy", &["--text", "rules.txt"]));
    }
    assert!(killed > 0, "no run was killed: the test shows nothing");
    world.assert_receipts(world.registrar_size());
}

fn author(world: &World) -> Author {
    let key = key_file::read_pem(&world.dir().join("provider.pem")).unwrap();
    Author::new(Issuer::parse(PROVIDER).unwrap(), Origin::parse("log.example").unwrap(), key).unwrap()
}

fn decision(author: &Author, number: u64, facts: &str) -> Signed {
    let line = json!({
        "puid": format!("case-{number}"),
        "infrastructure_measure": ["domain_hold"],
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "application_date": "2026-03-01",
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "legal_basis": {"kind": "terms_of_service"},
        "decision_facts": facts,
        "provider_role": "registrar",
    });
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let draft = Draft::from_json(&line).unwrap();
    author.sign(&draft, Sequence::new(number).unwrap(), Subject::pseudonym([7; 16]), now).unwrap()
}

fn send(world: &World, signed: &Signed) -> ItemAnswer {
    let submission = SubmissionSlices { statement: signed.statement(), addenda: signed.served().collect() };
    world.log().submit(&encode_batch(&[submission]), 1).unwrap().remove(0)
}

/// It said that there was nothing to do, and whoever had asked for other roles believed it.
#[test]
fn an_enrolment_is_not_changed_by_asking_again() {
    let world = World::start();
    let asked = world.enrol("provider.pem", "registrar.pem");
    done(world.dir(), &asked);
    let again = done(world.dir(), &asked);
    assert!(again.contains("nothing to do"), "{again}");
    for (member, other) in [("--name", "Another"), ("--role", "marketplace")] {
        let mut changed = asked.clone();
        let at = changed.iter().position(|argument| *argument == member).unwrap();
        changed[at + 1] = other;
        let said = refused(world.dir(), &changed);
        assert!(said.contains("\"A registrar of domains\" with the roles registrar"), "{said}");
    }
}

#[test]
fn double_statements_are_kept_and_go_on_record_once() {
    let mut world = World::start();
    done(world.dir(), &world.enrol("provider.pem", "registrar.pem"));
    let text = done(
        world.dir(),
        &["registrar", "conflicts", "--log", &world.url, "--registrar-key", "registrar.pem"],
    );
    assert!(text.contains("no double statement"), "{text}");
    let author = author(&world);
    assert!(matches!(send(&world, &decision(&author, 1, "One.")), ItemAnswer::Accepted { index: 2, .. }));
    // Two others under the number: the first of them is kept.
    let second = decision(&author, 1, "Another.");
    for signed in [&second, &decision(&author, 1, "A third.")] {
        let ItemAnswer::Rejected { problem } = send(&world, signed) else { panic!("accepted") };
        assert_eq!(problem.slug(), "sequence-conflict");
    }
    let found = world.log().conflicts().unwrap();
    assert_eq!((found.len(), found[0].statement.as_slice()), (1, second.statement()));
    world.restart();
    let listed = event(&done(world.dir(), &world.desk("conflicts", &["--dry-run"])));
    assert_eq!(
        (&listed["status"], &listed["index"], &listed["sequence"]),
        (&json!("open"), &json!(2), &json!(1))
    );
    let filed = event(&done(world.dir(), &world.desk("conflicts", &[])));
    assert_eq!((&filed["status"], &filed["filed"]), (&json!("filed"), &json!(3)), "{filed}");
    // What is on record is not kept beside the log, and is not put on record twice.
    let text = done(
        world.dir(),
        &["registrar", "conflicts", "--log", &world.url, "--registrar-key", "registrar.pem"],
    );
    assert!(text.contains("no double statement"), "{text}");
    assert_eq!(world.log().conflicts().unwrap(), []);
    world.assert_receipts(4);
    world.stop();
    done(world.dir(), &["fsck", "--dir", "ledger"]);
}

#[test]
fn a_log_is_closed_only_for_good() {
    let world = World::start();
    let reason = ["--reason", "The operator moves.", "--successor", "log2.example"];
    let unmeant = glasshouse(world.dir(), &world.desk("close", &reason));
    assert_eq!(unmeant.status.code(), Some(2), "{unmeant:?}");
    let meant = [reason.as_slice(), &["--yes-close-for-good"]].concat();
    let wrong = ["--reason", "R", "--successor", "Log2 example", "--yes-close-for-good"];
    assert_eq!(glasshouse(world.dir(), &world.desk("close", &wrong)).status.code(), Some(2));
    let closed = event(&done(world.dir(), &world.desk("close", &meant)));
    assert_eq!((&closed["event"], &closed["index"]), (&json!("closed"), &json!(1)), "{closed}");
    let said = refused(world.dir(), &world.enrol("provider.pem", "registrar.pem"));
    assert!(said.contains("log-closed"), "{said}");
    let said = refused(world.dir(), &world.desk("rotate-key", &[]));
    assert!(said.contains("log-closed"), "{said}");
    world.assert_receipts(2);
}
