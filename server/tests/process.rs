//! `glasshouse serve` as a process: its ready line, its signals, its exit status, its memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use glasshouse_ledger::ledger::{InitOptions, Ledger};
use glasshouse_server::system_clock::SystemClock;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::submission::BODY_MAX;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

const ORIGIN: &str = "log.example/takedowns";

/// A server's process; killed when a test fails before it stopped.
struct Server {
    child: Child,
    address: String,
    ready: Value,
}

impl Server {
    fn start(dir: &Path) -> Server {
        let mut child = command(dir).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let address = ready["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
        Server { child, address, ready }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let ask = format!("GET {path} HTTP/1.1\r\nHost: log.example\r\nConnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Exit status after a signal.
    fn stop(mut self, signal: Signal) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        self.child.wait().unwrap().code()
    }

    /// Greatest resident memory so far, in MiB.
    fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn command(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glasshouse"));
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--min-free", "0", "--dir"])
        .arg(dir)
        .stderr(Stdio::piped());
    command
}

fn ledger(folder: &tempfile::TempDir) -> PathBuf {
    let dir = folder.path().join("ledger");
    let options = InitOptions {
        folder: dir.clone(),
        origin: Origin::parse(ORIGIN).unwrap(),
        registrar_key: folder.path().join("registrar.key"),
        purpose: "test".to_owned(),
        policy: None,
        contact: None,
    };
    Ledger::init(&options, Arc::new(SystemClock)).unwrap();
    dir
}

#[test]
fn it_says_when_it_is_ready_and_stops_on_either_signal() {
    let folder = tempfile::tempdir().unwrap();
    let dir = ledger(&folder);
    for signal in [Signal::TERM, Signal::INT] {
        let server = Server::start(&dir);
        assert_eq!(server.ready["event"], "ready");
        assert_eq!(server.ready["origin"], ORIGIN);
        assert_eq!(server.ready["size"], 1);
        assert!(server.get("/checkpoint").contains(ORIGIN));
        assert_eq!(server.stop(signal), Some(0));
    }
}

#[test]
fn a_second_process_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let dir = ledger(&folder);
    let server = Server::start(&dir);
    let second = command(&dir).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let reason = String::from_utf8(second.stderr).unwrap();
    assert!(reason.contains("another process"), "{reason}");
    assert_eq!(server.stop(Signal::TERM), Some(0));
}

#[test]
fn a_folder_without_a_ledger_is_wrong_usage_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent");
    let (dir, program) = (absent.to_str().unwrap(), env!("CARGO_BIN_EXE_glasshouse"));
    for more in [&["fsck"][..], &["adopt"], &["export", "dsa-tdb", "--out", "dumps"]] {
        let output = Command::new(program).args(more).args(["--dir", dir]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{more:?}: {said}");
        assert!(said.contains("holds no ledger"), "{more:?}: {said}");
    }
    let output = command(&absent).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("glasshouse init"));
    assert!(!absent.exists());
    // One that has lost its name is a ledger yet, and not whole.
    let damaged = ledger(&folder);
    std::fs::remove_file(damaged.join("log.vkey")).unwrap();
    let output = Command::new(program).args(["fsck", "--dir"]).arg(&damaged).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

/// As a ledger's.
#[test]
fn a_second_process_of_a_witness_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let log = ledger(&folder);
    let (dir, policy) = (folder.path().join("w1"), log.join("policy.txt"));
    let program = env!("CARGO_BIN_EXE_glasshouse");
    let made = Command::new(program)
        .args(["witness", "init", "--name", "witness.example/w1", "--dir"])
        .arg(&dir)
        .output();
    let said = String::from_utf8(made.unwrap().stdout).unwrap();
    assert!(said.lines().all(|line| line.len() < 200), "a line that nobody can read: {said}");
    assert!(said.contains("witness w1 witness.example/w1+"), "{said}");
    assert!(said.contains("witness w1-ml-dsa-44 $(tail -1 "), "{said}");
    let serve = || {
        let mut command = Command::new(program);
        command
            .args(["witness", "serve", "--listen", "127.0.0.1:0", "--dir"])
            .arg(&dir)
            .arg("--policy")
            .arg(&policy);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let mut first = serve().spawn().unwrap();
    let mut line = String::new();
    BufReader::new(first.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("ready"), "{line}");
    let second = serve().output().unwrap();
    let reason = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1), "{reason}");
    assert!(reason.contains("another process"), "{reason}");
    kill_process(Pid::from_child(&first), Signal::TERM).unwrap();
    assert_eq!(first.wait().unwrap().code(), Some(0));
}

#[test]
fn wrong_arguments_are_told_as_json_where_that_is_asked_for() {
    for more in [&["guess"][..], &[], &["serve", "--listen", "nowhere"]] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_glasshouse")).args(more).arg("--json").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        let line: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&line["event"], &line["status"]), (&"error".into(), &2.into()), "{more:?}: {line}");
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn a_port_that_is_taken_is_an_input_output_error() {
    let folder = tempfile::tempdir().unwrap();
    let dir = ledger(&folder);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_glasshouse"));
    command
        .args(["--json", "serve", "--listen", &taken.local_addr().unwrap().to_string(), "--dir"])
        .arg(&dir);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&line["event"], &line["status"]), (&"error".into(), &2.into()));
}

#[test]
fn many_great_hostile_bodies_at_once_stay_within_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&ledger(&folder));
    // One array of 1,000 items, each a long array of small integers: 30 times as large if decoded to values.
    let item = [&[0x99, 0x40, 0x00][..], &[0x01; 0x4000]].concat();
    let mut body = vec![0x99, 0x03, 0xe8];
    (0..1_000).for_each(|_| body.extend_from_slice(&item));
    assert!(body.len() > BODY_MAX * 9 / 10 && body.len() <= BODY_MAX);
    let statuses = many_posts(&server, "/api/v1/statements", "application/cbor", &body);
    for status in &statuses {
        assert!(["400", "422", "503"].contains(&status.as_str()), "{statuses:?}");
    }
    assert!(statuses.iter().any(|status| status != "503"), "{statuses:?}");
    assert!(server.peak_memory() <= 300, "{} MiB", server.peak_memory());
    assert!(server.get("/healthz").ends_with("ok\n"));
    assert_eq!(server.stop(Signal::TERM), Some(0));
}

#[test]
fn many_great_drafts_at_once_stay_within_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&ledger(&folder));
    // One draft, 1.5 MiB, because a plain debug build looks at a text for seconds a megabyte: texts far beyond their lengths, full of what is looked for, and a wrong member in each object.
    let text = "@jane jane@mail.example +49 30 1234567 ".repeat(10_000);
    let field = |name: &str| format!("\"{name}\": \"{text}\"");
    let names = ["decision_facts", "contact", "instrument", "illegal_content_explanation"];
    let fields: Vec<String> = names.into_iter().map(field).collect();
    let body = format!("{{\"legal_basis\": {{\"kind\": \"x\", \"y\": 1}}, {}}}", fields.join(", "));
    assert!(body.len() > 1 << 20 && body.len() <= BODY_MAX, "{}", body.len());
    let statuses = many_posts(&server, "/api/v1/drafts", "application/json", body.as_bytes());
    assert!(statuses.iter().all(|status| ["200", "503"].contains(&status.as_str())), "{statuses:?}");
    assert!(statuses.iter().any(|status| status == "200"), "{statuses:?}");
    assert!(server.peak_memory() <= 300, "{} MiB", server.peak_memory());
    assert_eq!(server.stop(Signal::TERM), Some(0));
}

/// The statuses of the answers to a body that comes 24 times at once.
fn many_posts(server: &Server, path: &str, media_type: &str, body: &[u8]) -> Vec<String> {
    std::thread::scope(|scope| {
        let post = || post(&server.address, path, media_type, body);
        let senders: Vec<_> = (0..24).map(|_| scope.spawn(post)).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    })
}

/// The status of the answer to a body.
fn post(address: &str, path: &str, media_type: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: log.example\r\nContent-Type: {media_type}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    String::from_utf8_lossy(&status[9..]).into_owned()
}
