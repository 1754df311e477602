//! `POST /add` of the bench: any bytes become entries of a ledger that is sound in every way, and can be no real one.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use glasshouse_tests::add_bench::{ADD_MAX, ORIGIN, PREFIX};
use glasshouse_tests::world::World;
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_glasshouse-under-test");
const VERIFY: &str = env!("CARGO_BIN_EXE_glasshouse-verify-under-test");

/// A bench in a process of its own, with the system's temporary folder replaced by one that can be looked into.
struct Running {
    child: Child,
    scratch: tempfile::TempDir,
    add: String,
    ledger: String,
}

impl Running {
    fn start() -> Running {
        let scratch = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_add_bench"))
            .args(["--glasshouse", PROGRAM])
            .env("TMPDIR", scratch.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&ready["event"], &ready["origin"]), (&"ready".into(), &ORIGIN.into()));
        let url = |name: &str| ready[name].as_str().unwrap().to_owned();
        let (add, ledger) = (url("add"), url("url"));
        Running { child, scratch, add, ledger }
    }

    fn post(&self, bytes: &[u8]) -> (u16, String) {
        post(&format!("{}/add", self.add), bytes)
    }

    fn get(&self, path: &str) -> Vec<u8> {
        let mut answer = agent().get(format!("{}{path}", self.add)).call().unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.body_mut().read_to_vec().unwrap()
    }

    /// The files of that name below the bench's temporary folder.
    fn files(&self, name: &str) -> usize {
        let (mut count, mut open) = (0, vec![self.scratch.path().to_owned()]);
        while let Some(folder) = open.pop() {
            for file in std::fs::read_dir(folder).unwrap().flatten() {
                match file.path().is_dir() {
                    true => open.push(file.path()),
                    false => count += usize::from(file.file_name().to_string_lossy().starts_with(name)),
                }
            }
        }
        count
    }

    fn stop(mut self) -> tempfile::TempDir {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
        self.scratch
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

fn post(url: &str, bytes: &[u8]) -> (u16, String) {
    let mut answer = agent().post(url).send(bytes).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
}

#[test]
fn any_bytes_get_an_index_and_every_invariant_holds() {
    let bench = Running::start();
    let longest = vec![0xff; ADD_MAX];
    let mut indexes = BTreeSet::new();
    for bytes in [b"hello".as_slice(), b"", b"hello", b"\0\r\n<script>", &longest] {
        let (status, index) = bench.post(bytes);
        assert_eq!(status, 200, "{index}");
        let index: u64 = index.parse().unwrap();
        assert!(indexes.insert(index), "{index} was told twice");
        let entry: Value =
            serde_json::from_slice(&bench.get(&format!("/api/v1/statements/{index}"))).unwrap();
        let text = entry["texts"]["decision_facts"].as_str().unwrap();
        assert_eq!(STANDARD.decode(text.strip_prefix(PREFIX).unwrap()).unwrap(), bytes, "{entry}");
        assert_eq!(entry["aud"], ORIGIN);
    }
    // Many at a time, each by itself.
    std::thread::scope(|scope| {
        let posts: Vec<_> = (0..40_u32).map(|at| (at, &bench)).collect();
        let posts: Vec<_> =
            posts.into_iter().map(|(at, bench)| scope.spawn(move || bench.post(&at.to_be_bytes()))).collect();
        for post in posts {
            let (status, index) = post.join().unwrap();
            assert_eq!(status, 200, "{index}");
            assert!(indexes.insert(index.parse().unwrap()), "{index} was told twice");
        }
    });
    assert_eq!(indexes, (2..47).collect(), "one behind the other, without a gap");
    let (status, _) = bench.post(&vec![0; ADD_MAX + 1]);
    assert_eq!(status, 413);
    assert_eq!(post(&format!("{}/other", bench.add), b"x").0, 405);
    // An auditor who knows nothing of benches finds nothing wrong, and reads what it is.
    let vkey = String::from_utf8(bench.get("/vkey")).unwrap();
    let audit = Command::new(VERIFY)
        .args(["log", &bench.ledger, "--log-key", vkey.trim_end(), "--texts", "--json"])
        .output()
        .unwrap();
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
    let checkpoint = String::from_utf8(bench.get("/checkpoint")).unwrap();
    assert!(checkpoint.starts_with("add-bench.invalid\n47\n"), "{checkpoint}");
    let genesis = String::from_utf8(bench.get("/api/v1/statements/0")).unwrap();
    assert!(genesis.contains("\"test\"") && genesis.contains("without any meaning"), "{genesis}");
    bench.stop();
}

#[test]
fn a_bench_is_thrown_away_and_no_real_ledger_has_its_route() {
    let bench = Running::start();
    assert_eq!(bench.post(b"hello").0, 200);
    assert_eq!(bench.files("log.key"), 1, "the ledger lies there");
    assert_eq!(bench.files("registrar"), 0, "nobody can be enrolled any more");
    // The ledger behind it is an ordinary one: it takes signed statements, and no bytes.
    assert_eq!(post(&format!("{}/add", bench.ledger), b"hello").0, 404);
    let scratch = bench.stop();
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0, "nothing is left of it");

    let world = World::start(Path::new(PROGRAM));
    assert_eq!(world.post_with("/add", b"hello", &[]).status, 404);
    let (status, _, errors) = world.command(&["serve", "--bench-add", "--dir", "ledger"]);
    assert!(status == 2 && errors.contains("--bench-add"), "{errors}");
    let given = Command::new(env!("CARGO_BIN_EXE_add_bench")).args(["--dir", "ledger"]).output().unwrap();
    assert_eq!(given.status.code(), Some(2), "no folder can be given");
}
