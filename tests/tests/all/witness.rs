//! A witness over HTTP: statuses, headers, bounds, monitoring, metrics, evidence, the commands around it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use glasshouse_ledger::witness::add_request::{AddRequest, REQUEST_MAX};
use glasshouse_ledger::witness::log_settings::LogId;
use glasshouse_tests::process::Process;
use glasshouse_tests::slow_tree::{SlowLog, SlowTree, size};
use glasshouse_verifier::evidence::Fork;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_glasshouse-under-test");

struct World {
    scratch: tempfile::TempDir,
    log: SlowLog,
    /// The witness's, of both kinds.
    vkeys: Vec<Vkey>,
}

/// A status, the header fields that count, a body.
struct Answer {
    status: u16,
    content_type: String,
    retry_after: Option<u64>,
    body: String,
}

fn run(args: &[&str]) -> Output {
    Command::new(PROGRAM).args(args).output().unwrap()
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into()
}

fn read(mut answer: ureq::http::Response<ureq::Body>) -> Answer {
    let field = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    Answer {
        status: answer.status().as_u16(),
        content_type: field("content-type").unwrap_or_default(),
        retry_after: field("retry-after").map(|value| value.parse().unwrap()),
        body: answer.body_mut().read_to_string().unwrap(),
    }
}

fn post(url: &str, body: &[u8]) -> Answer {
    read(agent().post(format!("{url}/add-checkpoint")).send(body).unwrap())
}

fn get(url: &str, path: &str) -> Answer {
    read(agent().get(format!("{url}{path}")).call().unwrap())
}

impl World {
    fn new() -> World {
        let scratch = tempfile::tempdir().unwrap();
        let dir = scratch.path().join("w1");
        let made = run(&[
            "--json",
            "witness",
            "init",
            "--dir",
            dir.to_str().unwrap(),
            "--name",
            "witness.example/w1",
        ]);
        assert!(made.status.success(), "{made:?}");
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        let texts = |member: &str| -> Vec<String> {
            made[member].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let vkeys: Vec<Vkey> = texts("vkeys").iter().map(|vkey| Vkey::parse(vkey).unwrap()).collect();
        let kinds: Vec<VkeyKind> = vkeys.iter().map(Vkey::kind).collect();
        assert_eq!(kinds, [VkeyKind::Cosignature, VkeyKind::MlDsa44]);
        let log = SlowLog::new("log.example/one", 11);
        // The lines that init prints belong into a policy as they stand.
        let lines = texts("policy").join("\n");
        let quorum = "group both all w1 w1-ml-dsa-44\nquorum both";
        let policy = format!("log {}\n{lines}\n{quorum}\n", log.vkey().encode());
        let parsed = Policy::parse(&policy).unwrap();
        assert!(parsed.witnesses().iter().map(|witness| witness.key()).eq(&vkeys));
        std::fs::write(scratch.path().join("policy.txt"), policy).unwrap();
        World { scratch, log, vkeys }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn start(&self, more: &[&str]) -> Process {
        let policy = self.path("policy.txt");
        let more = [&["--policy", policy.to_str().unwrap()], more].concat();
        Process::witness(Path::new(PROGRAM), &self.path("w1"), &more).unwrap()
    }
}

#[test]
fn a_witness_speaks_the_protocol() {
    let world = World::new();
    let log = &world.log;
    let server = world.start(&[]);
    let url = server.url();
    let id = LogId::of_origin(&log.origin).to_hex();
    assert_eq!(get(url, &format!("/{id}/checkpoint")).status, 404);
    assert_eq!(get(url, "/readyz").body, "ready\n");
    assert_eq!(get(url, "/healthz").body, "ok\n");

    let tree = SlowTree::of(7, u64::MAX, 0);
    let body = log.request(0, &tree);
    let cosigned = post(url, &body);
    assert_eq!((cosigned.status, cosigned.content_type.as_str()), (200, "text/plain; charset=utf-8"));
    let note = Note::parse(format!("{}{}", log.sign(&tree), cosigned.body).as_bytes()).unwrap();
    let verified = note.verify(&[world.vkeys.clone(), vec![log.vkey()]].concat()).unwrap();
    assert_eq!(verified.signers().len(), 3);
    let times: Vec<u64> = verified.signers().iter().filter_map(|signer| signer.time()).collect();
    assert!(times.len() == 2 && times[0] == times[1], "{times:?}");

    let monitored = get(url, &format!("/{id}/checkpoint"));
    assert_eq!((monitored.status, monitored.content_type.as_str()), (200, "text/plain; charset=utf-8"));
    assert_eq!(monitored.body, verified.note().encode());
    let policy = std::fs::read_to_string(world.path("policy.txt")).unwrap();
    let trusted = Policy::parse(&policy).unwrap().open(monitored.body.as_bytes()).unwrap();
    assert_eq!(trusted.witnesses().len(), 2);

    let conflict = post(url, &log.request(3, &SlowTree::of(9, u64::MAX, 0)));
    assert_eq!((conflict.status, conflict.content_type.as_str()), (409, "text/x.tlog.size"));
    assert_eq!(conflict.body, "7\n");
    for (request, status) in [
        (b"hello".to_vec(), 400),
        (SlowLog::new("other.example", 1).request(0, &tree), 404),
        (SlowLog::new(&log.origin, 12).request(7, &tree), 403),
        (log.request(7, &SlowTree::of(9, 5, 1)), 422),
        (vec![b'x'; REQUEST_MAX + 1], 413),
        (log.request(7, &SlowTree::of(9, u64::MAX, 0)), 200),
    ] {
        let answer = post(url, &request);
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(answer.content_type, "text/plain; charset=utf-8");
        // A cosignature by each key, or a reason.
        assert_eq!(answer.body.lines().count(), if status == 200 { 2 } else { 1 });
    }
    for (method, path, status) in [("GET", "/add-checkpoint", 405), ("POST", "/sign-subtree", 404)] {
        let answer = match method {
            "GET" => get(url, path),
            _ => read(agent().post(format!("{url}{path}")).send_empty().unwrap()),
        };
        assert_eq!(answer.status, status, "{path}");
    }
    for path in [format!("/{}/checkpoint", id.to_uppercase()), "/x/checkpoint".to_owned(), "/".to_owned()] {
        assert_eq!(get(url, &path).status, 404, "{path}");
    }
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn forks_are_evidence_that_outlives_the_witness() {
    let world = World::new();
    let log = &world.log;
    let server = world.start(&[]);
    assert_eq!(post(server.url(), &log.request(0, &SlowTree::of(7, u64::MAX, 0))).status, 200);
    assert_eq!(post(server.url(), &log.request(7, &SlowTree::of(7, 3, 1))).status, 422);
    let honest = SlowTree::of(9, u64::MAX, 0);
    let wrong = AddRequest::encode(size(7), &[], &log.sign(&honest));
    assert_eq!(post(server.url(), &wrong).status, 422);
    server.kill();

    let server = world.start(&[]);
    let status: Value = serde_json::from_str(&get(server.url(), "/status").body).unwrap();
    let log_status = &status["logs"][0];
    assert_eq!(
        (&log_status["size"], &log_status["forks"], &log_status["doubts"]),
        (&7.into(), &1.into(), &1.into())
    );
    let names = status["evidence"].as_array().unwrap();
    assert_eq!(names.len(), 2);
    let fork = get(server.url(), &format!("/evidence/{}", names[0].as_str().unwrap()));
    Fork::parse(&fork.body, &log.vkey()).unwrap();
    assert_eq!(get(server.url(), "/evidence/none.json").status, 404);
    assert_eq!(get(server.url(), "/evidence/..%2Fwitness.key").status, 404);

    let metrics = get(server.url(), "/metrics").body;
    assert!(metrics.contains("glasshouse_witness_size{log=\"log.example/one\"} 7"), "{metrics}");
    assert!(metrics.contains("glasshouse_witness_evidence_files 2"), "{metrics}");
    assert_eq!(post(server.url(), b"hello").status, 400);
    assert_eq!(post(server.url(), &SlowLog::new("other.example", 1).request(0, &honest)).status, 404);
    let metrics = get(server.url(), "/metrics").body;
    assert!(metrics.contains("glasshouse_witness_answers_total{log=\"\",status=\"404\"} 1"), "{metrics}");
    assert!(!metrics.contains("other.example"), "a stranger makes no label");

    // Both ways to look say the same; the folder is looked at beside the running witness.
    let dir = world.path("w1");
    let by_dir = run(&["--json", "witness", "status", "--dir", dir.to_str().unwrap()]);
    let by_url = run(&["--json", "witness", "status", "--url", server.url()]);
    let [by_dir, by_url] = [by_dir, by_url].map(|output| {
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    });
    for member in ["vkeys", "logs", "evidence", "logs_in_all", "event"] {
        assert_eq!(by_dir[member], by_url[member], "{member}");
    }
    let vkeys: Vec<String> = world.vkeys.iter().map(Vkey::encode).collect();
    assert_eq!(by_dir["vkeys"], serde_json::json!(vkeys));
}

#[test]
fn a_list_brings_a_budget() {
    let world = World::new();
    let list = world.path("list");
    let text = format!("logs/v0\nvkey {}\nqpd 24\ncontact x\n", world.log.vkey().encode());
    std::fs::write(&list, text).unwrap();
    let server = world.start(&["--logs", list.to_str().unwrap()]);
    let url = server.url();
    let answers: Vec<Answer> =
        (0..9).map(|old| post(url, &world.log.request(old, &SlowTree::of(old + 1, u64::MAX, 0)))).collect();
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 200, 429]);
    let retry_after = answers[8].retry_after.unwrap();
    assert!((3_000..=3_600).contains(&retry_after), "{retry_after}");
}

/// Two requests on one connection, and a body that never ends.
#[test]
fn connections_are_kept_and_bodies_are_bounded() {
    let world = World::new();
    let server = world.start(&[]);
    let address = server.url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    for new in [3_u64, 5] {
        let body = world.log.request(if new == 3 { 0 } else { 3 }, &SlowTree::of(new, u64::MAX, 0));
        write!(stream, "POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", body.len())
            .unwrap();
        stream.write_all(&body).unwrap();
        let mut head = [0; 12];
        stream.read_exact(&mut head).unwrap();
        assert_eq!(&head, b"HTTP/1.1 200");
        let mut rest = Vec::new();
        let mut byte = [0];
        while !rest.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).unwrap();
            rest.push(byte[0]);
        }
        let head = String::from_utf8(rest).unwrap().to_lowercase();
        let length = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        stream.read_exact(&mut body).unwrap();
    }
    // Chunk after chunk: it is answered when it has become too long, and not waited for.
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    let chunk = [b"1000\r\n".as_slice(), &[b'x'; 4096], b"\r\n"].concat();
    for _ in 0..REQUEST_MAX / 4096 + 1 {
        stream.write_all(&chunk).unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 413");
}

#[test]
fn commands_end_with_honest_statuses() {
    let world = World::new();
    let dir = world.path("w1");
    let dir = dir.to_str().unwrap();
    let policy = world.path("policy.txt");
    let policy = policy.to_str().unwrap();
    let wrong = world.path("wrong");
    std::fs::write(&wrong, "logs/v1\n").unwrap();
    let wrong = wrong.to_str().unwrap();
    let nowhere = world.path("nowhere");
    let nowhere = nowhere.to_str().unwrap();
    for (args, status) in [
        (vec!["init", "--dir", dir, "--name", "w"], 1),
        (vec!["init", "--dir", nowhere, "--name", "two words"], 2),
        (vec!["serve", "--dir", nowhere, "--policy", policy, "--listen", "127.0.0.1:0"], 2),
        (vec!["serve", "--dir", dir, "--listen", "127.0.0.1:0"], 2),
        (vec!["serve", "--dir", dir, "--policy", nowhere, "--listen", "127.0.0.1:0"], 2),
        (vec!["serve", "--dir", dir, "--logs", wrong, "--listen", "127.0.0.1:0"], 2),
        (vec!["status"], 2),
        (vec!["status", "--dir", nowhere], 2),
        (vec!["status", "--url", "http://127.0.0.1:9"], 2),
        (vec!["status", "--dir", dir], 0),
        (vec!["adopt", "--dir", dir, "--seen", policy], 1),
        (vec!["adopt", "--dir", dir], 0),
    ] {
        let output = run(&[vec!["witness"], args.clone()].concat());
        assert_eq!(output.status.code(), Some(status), "{args:?}: {output:?}");
    }
    // A second process on the folder of a running one.
    let server = world.start(&[]);
    let second = run(&["witness", "serve", "--dir", dir, "--policy", policy, "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1), "{second:?}");
    assert!(String::from_utf8_lossy(&second.stderr).contains("held by another process"), "{second:?}");
    assert_eq!(server.stop(), Some(0));
}

/// The folder loses its place under the witness: the write fails, nobody is answered with a cosignature, and it ends.
#[test]
fn a_write_that_fails_ends_the_witness() {
    let world = World::new();
    let server = world.start(&[]);
    assert_eq!(post(server.url(), &world.log.request(0, &SlowTree::of(3, u64::MAX, 0))).status, 200);
    // No file can be made there any more, whoever asks.
    std::fs::remove_dir_all(world.path("w1/tmp")).unwrap();
    std::fs::write(world.path("w1/tmp"), "in the way").unwrap();
    let refused = post(server.url(), &world.log.request(3, &SlowTree::of(5, u64::MAX, 0)));
    assert_eq!(refused.status, 503);
    assert_eq!(server.wait(), Some(2));
    std::fs::remove_file(world.path("w1/tmp")).unwrap();
    let server = world.start(&[]);
    let fork = post(server.url(), &world.log.request(3, &SlowTree::of(5, 2, 1)));
    assert!([409, 422].contains(&fork.status), "{}", fork.status);
    assert_eq!(server.stop(), Some(0));
}
