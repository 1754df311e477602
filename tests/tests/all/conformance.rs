//! `glasshouse-verify conformance` on our own log: everything is kept; and on the same log with one thing bent: that rule is broken.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use glasshouse_tests::front::{Answered, Front};
use glasshouse_tests::world::World;
use serde_json::Value;

/// Entries of the log: two full bundles and a partial one.
const SIZE: usize = 600;

fn world() -> World {
    let mut world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
    let mut publisher = world.enrol("one");
    let signed: Vec<_> = (2..SIZE).map(|_| publisher.sign_next()).collect();
    for result in world.submit(&signed) {
        assert_eq!(result["status"], "accepted", "{result}");
    }
    world
}

fn conformance(world: &World, url: &str, watch: &str) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify-under-test"))
        .args(["conformance", url, "--watch", watch, "--json", "--log-key"])
        .arg(world.dir().join("log.vkey"))
        .output()
        .unwrap();
    let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code().unwrap(), answer)
}

/// The rules that came out so.
fn rules<'a>(answer: &'a Value, outcome: &str) -> Vec<&'a str> {
    let checks = answer["checks"].as_array().unwrap();
    checks
        .iter()
        .filter(|check| check["outcome"] == outcome)
        .map(|check| check["id"].as_str().unwrap())
        .collect()
}

#[test]
fn our_log_keeps_every_rule() {
    let world = world();
    let (status, answer) = conformance(&world, world.server().url(), "0");
    assert_eq!((status, &answer["verdict"]), (0, &"holds".into()), "{answer:#}");
    assert_eq!(rules(&answer, "broken"), Vec::<&str>::new(), "{answer:#}");
    assert_eq!(rules(&answer, "not-tried"), ["growth.consistent", "growth.retained"]);
}

#[test]
fn a_log_that_grows_meanwhile_keeps_them_too() {
    let mut world = world();
    let mut publisher = world.enrol("two");
    let url = world.server().url().to_owned();
    // Every look at the checkpoint finds the log grown: the front publishes a statement first. It lives as long as the process, and
    // the world must not.
    let shared = Arc::new(std::sync::Mutex::new(world));
    let growing = Arc::downgrade(&shared);
    let publisher = std::sync::Mutex::new(move || publisher.sign_next());
    let front = Front::before(
        &url,
        Arc::new(move |_: &str, path: &str, answered: &mut Answered| {
            if path == "checkpoint" {
                let Some(world) = growing.upgrade() else { return };
                let world = world.lock().unwrap();
                let signed = publisher.lock().unwrap()();
                world.submit(std::iter::once(&signed));
                answered.body = world.get("/checkpoint").body;
            }
        }),
    );
    let key = shared.lock().unwrap().dir().join("log.vkey");
    let output = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify-under-test"))
        .args(["conformance", front.url(), "--watch", "1", "--json", "--log-key"])
        .arg(key)
        .output()
        .unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{answer:#}");
    assert_eq!(rules(&answer, "not-tried"), Vec::<&str>::new(), "{answer:#}");
}

type Change = fn(&str, &mut Answered);

/// What is bent, and the rule that is then broken.
const BENT: [(&str, Change); 20] = [
    ("checkpoint.served", |path, answered| {
        if path == "checkpoint" {
            answered.status = 302;
        }
    }),
    ("checkpoint.type", |path, answered| {
        if path == "checkpoint" {
            answered.set("content-type", "text/html");
        }
    }),
    ("checkpoint.cache", |path, answered| {
        if path == "checkpoint" {
            answered.set("cache-control", "max-age=3600");
        }
    }),
    ("checkpoint.form", |path, answered| {
        if path == "checkpoint" {
            answered.body.insert(0, b'\n');
        }
    }),
    ("checkpoint.signature", |path, answered| {
        if path == "checkpoint" {
            answered.body = changed_root(&answered.body);
        }
    }),
    ("checkpoint.cors", |path, answered| {
        if path == "checkpoint" {
            answered.set("access-control-allow-origin", "");
        }
    }),
    ("tile.served", |path, answered| {
        if path == "tile/0/001" {
            answered.status = 404;
        }
    }),
    ("tile.type", |path, answered| {
        if path.starts_with("tile/1") {
            answered.set("content-type", "text/plain");
        }
    }),
    ("tile.width", |path, answered| {
        if path == "tile/0/000" {
            answered.body.truncate(8_191);
        }
    }),
    ("tile.cache", |path, answered| {
        if path == "tile/0/000" {
            answered.set("cache-control", "no-store");
        }
    }),
    ("tile.levels", |path, answered| {
        if path.starts_with("tile/1/000.p") {
            answered.body[5] ^= 1;
        }
    }),
    ("tile.root", |path, answered| {
        if path.starts_with("tile/0/002.p") {
            answered.body[5] ^= 1;
        }
    }),
    ("bundle.form", |path, answered| {
        if path.starts_with("tile/entries/002.p") {
            answered.body.push(0);
        }
    }),
    ("bundle.hashes", |path, answered| {
        if path.starts_with("tile/entries/002.p") {
            answered.body[40] ^= 1;
        }
    }),
    ("bundle.type", |path, answered| {
        if path.starts_with("tile/entries/0") {
            answered.set("content-type", "application/cbor");
        }
    }),
    ("bundle.coding", |path, answered| {
        if path.starts_with("tile/entries/")
            && answered.headers.iter().any(|(name, _)| name == "content-encoding")
        {
            answered.set("content-encoding", "br");
        }
    }),
    ("path.empty", |path, answered| {
        if path == "tile/0/000.p/0" {
            answered.status = 200;
        }
    }),
    ("path.grammar", |path, answered| {
        if path.starts_with("tile/00/") {
            answered.status = 200;
        }
    }),
    ("path.beyond", |path, answered| {
        if path.starts_with("tile/64/") {
            answered.status = 200;
        }
    }),
    ("path.cache", |_, answered| {
        if answered.status == 404 {
            answered.set("cache-control", "max-age=31536000, immutable");
        }
    }),
];

/// Another root in the third line.
fn changed_root(note: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(note.to_vec()).unwrap();
    let mut lines: Vec<&str> = text.split('\n').collect();
    lines[2] = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=";
    lines.join("\n").into_bytes()
}

#[test]
fn each_bent_rule_is_found_broken() {
    let world = world();
    for (rule, change) in BENT {
        let front = Front::before(
            world.server().url(),
            Arc::new(move |_: &str, path: &str, answered: &mut Answered| change(path, answered)),
        );
        let (status, answer) = conformance(&world, front.url(), "0");
        assert!(rules(&answer, "broken").contains(&rule), "{rule}: {answer:#}");
        let is_must = |check: &&Value| check["id"] == rule && check["demand"] == "must";
        let must = answer["checks"].as_array().unwrap().iter().any(|check| is_must(&check));
        assert_eq!(status, i32::from(must), "{rule}: {answer:#}");
    }
}

#[test]
fn a_log_that_shrinks_is_found_out() {
    let world = world();
    let old = world.get("/checkpoint").body;
    let mut world = world;
    world.enrol("two");
    let looks = AtomicUsize::new(0);
    let front = Front::before(
        world.server().url(),
        Arc::new(move |_: &str, path: &str, answered: &mut Answered| {
            if path == "checkpoint" && looks.fetch_add(1, Ordering::SeqCst) > 0 {
                answered.body.clone_from(&old);
            }
        }),
    );
    let (status, answer) = conformance(&world, front.url(), "1");
    assert_eq!(status, 1, "{answer:#}");
    assert!(rules(&answer, "broken").contains(&"growth.monotone"), "{answer:#}");
}

#[test]
fn what_cannot_be_asked_is_trouble() {
    for url in ["127.0.0.1:1", "http://127.0.0.1:1"] {
        let output = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify-under-test"))
            .args(["conformance", url])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{url}");
        assert!(!output.stderr.is_empty());
    }
}
