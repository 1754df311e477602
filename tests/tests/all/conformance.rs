//! `glasshouse-verify conformance` on our own log and witness: everything is kept; and on the same with one thing bent: that rule
//! is broken, and no other.

mod bent_log;
mod bent_witness;

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

/// How many entries a checkpoint is of.
fn size_of(checkpoint: &[u8]) -> usize {
    std::str::from_utf8(checkpoint).unwrap().lines().nth(1).unwrap().parse().unwrap()
}

fn conformance(world: &World, url: &str, watch: &str) -> (i32, Value) {
    let key = world.dir().join("log.vkey");
    run(&[url, "--watch", watch, "--log-key", key.to_str().unwrap()])
}

/// The exit status, and the answer.
fn run(args: &[&str]) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify-under-test"))
        .args(["conformance", "--json"])
        .args(args)
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

/// The rules that decide the exit status, in alphabetical order.
fn musts(answer: &Value) -> Vec<&str> {
    let checks = answer["checks"].as_array().unwrap();
    let musts = checks.iter().filter(|check| check["demand"] == "must");
    let mut musts: Vec<&str> = musts.map(|check| check["id"].as_str().unwrap()).collect();
    musts.sort_unstable();
    musts
}

/// Every rule that the program names, tried or not, must be among those that something breaks, and the other way round.
#[track_caller]
fn assert_all_are_bent(answer: &Value, bent: impl Iterator<Item = &'static str>) {
    let checks = answer["checks"].as_array().unwrap();
    let named: std::collections::BTreeSet<&str> =
        checks.iter().map(|check| check["id"].as_str().unwrap()).collect();
    assert_eq!(named.len(), checks.len(), "each rule once: {answer:#}");
    assert_eq!(named, bent.collect(), "the rules, and those that a test breaks");
}

/// One thing was bent: this rule is found broken, with what hangs on it, and the exit status is that of the rules.
#[track_caller]
fn assert_broken(rule: &str, also: &[&str], status: i32, answer: &Value) {
    let mut expected = [&[rule], also].concat();
    let mut broken = rules(answer, "broken");
    expected.sort_unstable();
    broken.sort_unstable();
    assert_eq!(broken, expected, "{rule}: {answer:#}");
    let fails = broken.iter().any(|rule| musts(answer).contains(rule));
    assert_eq!(status, i32::from(fails), "{rule}: {answer:#}");
}

#[test]
fn our_log_keeps_every_rule() {
    let world = world();
    let (status, answer) = conformance(&world, world.server().url(), "0");
    assert_eq!((status, &answer["verdict"]), (0, &"holds".into()), "{answer:#}");
    assert_eq!(rules(&answer, "broken"), Vec::<&str>::new(), "{answer:#}");
    let untried = rules(&answer, "not-tried");
    assert!(!untried.is_empty() && untried.iter().all(|rule| rule.starts_with("growth.")), "{answer:#}");
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
    let (status, answer) = run(&[front.url(), "--watch", "1", "--log-key", key.to_str().unwrap()]);
    assert_eq!(status, 0, "{answer:#}");
    assert_eq!(rules(&answer, "broken"), Vec::<&str>::new(), "{answer:#}");
    assert_eq!(rules(&answer, "not-tried"), Vec::<&str>::new(), "{answer:#}");
}

/// A busy log: it was looked at with 600 entries and a few, then with some more, and by now its third tile is full. The partial ones
/// before it are gone, as tlog-tiles allows (Partial Tiles).
#[test]
fn a_log_may_drop_partial_tiles_once_the_full_one_is_there() {
    let mut world = world();
    let mut publisher = world.enrol("two");
    let mut shown = vec![];
    for _ in 0..3 {
        shown.push(world.get("/checkpoint").body);
        let more: Vec<_> = (0..90).map(|_| publisher.sign_next()).collect();
        world.submit(&more);
    }
    assert!(size_of(&shown[1]) > size_of(&shown[0]) && size_of(&shown[1]) < 768);
    assert!(size_of(&world.get("/checkpoint").body) >= 768);
    let looks = AtomicUsize::new(0);
    let front = Front::before(
        world.server().url(),
        Arc::new(move |_: &str, path: &str, answered: &mut Answered| {
            if path == "checkpoint" {
                answered.body.clone_from(&shown[looks.fetch_add(1, Ordering::SeqCst).min(1)]);
            } else if path.starts_with("tile/0/002.p/") || path.starts_with("tile/entries/002.p/") {
                answered.status = 404;
            }
        }),
    );
    let (status, answer) = conformance(&world, front.url(), "1");
    assert_eq!(rules(&answer, "broken"), Vec::<&str>::new(), "{answer:#}");
    assert_eq!(rules(&answer, "not-tried"), Vec::<&str>::new(), "{answer:#}");
    assert_eq!(status, 0, "{answer:#}");
}

/// Nothing is said to be kept where there was nothing to try it on.
#[test]
fn an_empty_log_is_judged_by_its_checkpoint_alone() {
    let world = world();
    let front = Front::before(
        world.server().url(),
        Arc::new(|_: &str, path: &str, answered: &mut Answered| {
            if path == "checkpoint" {
                let text = "log.test.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
                let line = "\u{2014} log.test.example AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
                answered.body = format!("{text}\n{line}").into_bytes();
            }
        }),
    );
    let (status, answer) = run(&[front.url(), "--watch", "0"]);
    assert_eq!(status, 0, "{answer:#}");
    let kept = rules(&answer, "kept");
    assert!(!kept.is_empty() && kept.iter().all(|rule| rule.starts_with("checkpoint.")), "{answer:#}");
    assert_eq!(rules(&answer, "broken"), Vec::<&str>::new(), "{answer:#}");
}

/// The connection is cut in the middle: nothing is known then, and the log has broken nothing.
#[test]
fn a_connection_that_is_cut_breaks_no_rule() {
    let mut world = world();
    let earlier = world.get("/checkpoint").body;
    world.enrol("two");
    // First it is read for its form, then for the root, after the second look for the roots of both.
    for cut in [1, 2] {
        let (looks, reads, shown) = (AtomicUsize::new(0), AtomicUsize::new(0), earlier.clone());
        let front = Front::before(
            world.server().url(),
            Arc::new(move |_: &str, path: &str, answered: &mut Answered| {
                if path == "checkpoint" && looks.fetch_add(1, Ordering::SeqCst) == 0 {
                    answered.body.clone_from(&shown);
                } else if path == "tile/1/000.p/2" {
                    answered.cut = reads.fetch_add(1, Ordering::SeqCst) == cut;
                }
            }),
        );
        let (status, answer) = conformance(&world, front.url(), "1");
        assert_eq!((status, &answer["verdict"]), (2, &"trouble".into()), "{answer:#}");
    }
}

#[test]
fn what_cannot_be_asked_is_trouble() {
    for url in ["127.0.0.1:1", "http://127.0.0.1:1"] {
        let (status, answer) = run(&[url]);
        assert_eq!(status, 2, "{url}: {answer:#}");
    }
    // Without --json it is told on standard error.
    let output = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify-under-test"))
        .args(["conformance", "http://127.0.0.1:1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(!output.stderr.is_empty());
}
