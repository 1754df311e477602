//! A disk that fills up and is emptied again beneath a running server: new statements are refused in time, and nothing else changes.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::ledger::Ledger;
use glasshouse_server::storage::{Probe, Room};

use serde_json::json;

use crate::world::{About, World, later};

/// Nothing here takes so long.
const PATIENCE: Duration = Duration::from_secs(60);
/// What has to be left on these disks.
const LEAST: u64 = 8_000;

/// A disk whose free bytes a test sets.
#[derive(Clone)]
struct Disk(Arc<AtomicU64>);

impl Disk {
    /// A ledger with a provider, on a disk with so much left.
    fn under(world: &mut World, free: u64) -> Disk {
        let disk = Disk(Arc::new(AtomicU64::new(free)));
        let probed = disk.clone();
        world.tune = Box::new(move |options| {
            let probed = probed.clone();
            options.storage.least_free = LEAST;
            options.storage.interval = Duration::from_millis(1);
            options.storage.probe =
                Probe::new(move |_| Ok(Room { bytes: probed.0.load(Ordering::SeqCst), files: None }));
        });
        disk
    }

    /// Changes it, and waits until the server has looked.
    #[track_caller]
    fn has(&self, world: &World, free: u64) {
        self.0.store(free, Ordering::SeqCst);
        let begun = Instant::now();
        while !metrics(world).contains(&format!("glasshouse_storage_free_bytes {free}\n")) {
            assert!(begun.elapsed() < PATIENCE, "{}", metrics(world));
            std::thread::yield_now();
        }
    }
}

/// A statement without texts, and so one that can come alone.
fn lifted(world: &World, about: &Signed) -> Signed {
    later(
        &world.provider,
        "lifted",
        9,
        About::Entry(about),
        json!({"end_date": "2026-11-02", "lifted_reason": "own_error"}),
    )
}

fn metrics(world: &World) -> String {
    String::from_utf8(world.get("/metrics").body).unwrap()
}

#[test]
fn a_disk_that_fills_up_stops_what_is_new_and_nothing_else() {
    let mut world = World::with_provider();
    world.stop();
    let disk = Disk::under(&mut world, LEAST);
    world.start().unwrap();
    let first = world.decision(1);
    world.take(&[&first]);
    assert!(metrics(&world).contains("glasshouse_storage_full 0\n"));

    disk.has(&world, LEAST - 1);
    let second = world.decision(2);
    let refused = world.submit(&[&second]);
    assert_eq!(refused.problem(), (503, "storage-full".to_owned()));
    assert_eq!(refused.header("retry-after"), Some("30"));
    let entry = world.post_to("/entries", lifted(&world, &first).statement(), "application/cose");
    assert_eq!((entry.status, entry.header("retry-after")), (503, Some("30")));
    assert!(String::from_utf8_lossy(&entry.body).contains("storage-full: "));
    assert_eq!(world.get("/readyz").problem(), (503, "storage-full".to_owned()));
    assert!(metrics(&world).contains("glasshouse_storage_full 1\n"));
    for path in [
        "/healthz",
        "/checkpoint",
        "/api/v1/receipts/2",
        "/e/2",
        "/api/v1/statements?type=decision",
        "/addenda.v1",
    ] {
        assert_eq!(world.get(path).status, 200, "{path}");
    }

    // A little room is not enough: what was freed should last for a while.
    disk.has(&world, LEAST + LEAST / 8 - 1);
    assert_eq!(world.submit(&[&second]).problem(), (503, "storage-full".to_owned()));
    disk.has(&world, LEAST + LEAST / 8);
    assert_eq!(world.get("/readyz").status, 200);
    let taken = world.submit(&[&second]).json();
    assert_eq!(
        (&taken["results"][0]["status"], &taken["results"][0]["index"]),
        (&"accepted".into(), &3.into())
    );
    assert!(metrics(&world).contains("glasshouse_storage_full 0\n"));
    world.stop();
    let report = Ledger::fsck(&world.folder.path().join("ledger")).unwrap();
    assert!(report.is_clean(), "{:#?}", report.findings);
}

/// What protects people and keys is taken down to the half of that room, also from within a batch; below it nothing is.
#[test]
fn a_redaction_is_taken_where_a_decision_is_refused() {
    let mut world = World::with_provider();
    world.stop();
    let disk = Disk::under(&mut world, LEAST);
    world.start().unwrap();
    let (first, second) = (world.decision(1), world.decision(2));
    world.take(&[&first]);
    let erasure = json!({"fields": ["decision_facts"], "redaction_ground": "erasure_request", "requested_by": "data_subject"});
    let redaction = later(&world.provider, "redaction", 3, About::Entry(&first), erasure);
    let withdrawal = later(&world.provider, "withdrawal", 4, About::Entry(&first), json!({}));

    disk.has(&world, LEAST / 2 - 1);
    assert_eq!(world.submit(&[&redaction]).problem(), (503, "storage-full".to_owned()));
    disk.has(&world, LEAST - 1);
    assert_eq!(world.submit(&[&second]).problem(), (503, "storage-full".to_owned()));
    // Nobody is told to come back for a statement that is not taken.
    let request = world.agent.post(format!("{}/entries", world.url()));
    let request = request.header("content-type", "application/cose").header("prefer", "respond-async");
    assert_eq!(request.send(lifted(&world, &first).statement()).unwrap().status().as_u16(), 503);
    let results = world.submit(&[&second, &redaction]).json()["results"].clone();
    assert_eq!(results[0]["problem"]["type"], "urn:glasshouse:problem:storage-full", "{results}");
    assert_eq!((&results[1]["status"], &results[1]["index"]), (&"accepted".into(), &3.into()), "{results}");
    assert_eq!(world.get("/readyz").problem(), (503, "storage-full".to_owned()));
    assert!(metrics(&world).contains("glasshouse_storage_unknown 0\n"));
    disk.has(&world, LEAST / 2);
    world.take(&[&withdrawal]);
}

/// A withdrawal whose decision is kept out comes again with it: it is not refused for good.
#[test]
fn what_is_about_a_statement_that_is_kept_out_waits_with_it() {
    let mut world = World::with_provider();
    world.stop();
    let disk = Disk::under(&mut world, LEAST - 1);
    world.start().unwrap();
    let decision = world.decision(1);
    let withdrawal = later(&world.provider, "withdrawal", 2, About::Entry(&decision), json!({}));
    let wrong = world.decision(1_000_000);
    let about_nothing = later(&world.provider, "withdrawal", 3, About::Entry(&wrong), json!({}));
    let results = world.submit(&[&decision, &withdrawal]).json()["results"].clone();
    for place in [0, 1] {
        assert_eq!(results[place]["problem"]["type"], "urn:glasshouse:problem:storage-full", "{results}");
    }
    disk.has(&world, 2 * LEAST);
    world.take(&[&decision, &withdrawal]);
    let results = world.submit(&[&about_nothing]).json()["results"].clone();
    assert_eq!(results[0]["problem"]["type"], "urn:glasshouse:problem:target-unknown", "{results}");
}

/// It serves readers from the first moment, and takes nothing before there is room.
#[test]
fn a_server_starts_on_a_disk_that_is_full() {
    let mut world = World::with_provider();
    world.stop();
    let disk = Disk::under(&mut world, 0);
    world.start().unwrap();
    assert_eq!(world.get("/checkpoint").status, 200);
    assert_eq!(world.submit(&[&world.decision(1)]).problem(), (503, "storage-full".to_owned()));
    disk.has(&world, u64::MAX >> 11);
    world.take(&[&world.decision(1)]);
}

/// What was asked for while there was room is looked at once more when its body has come.
#[test]
fn a_body_that_came_too_late_is_refused() {
    let mut world = World::with_provider();
    world.stop();
    let disk = Disk::under(&mut world, LEAST);
    world.start().unwrap();
    let first = world.decision(1);
    let body = world.body(&[&first]);
    let mut stream = TcpStream::connect(world.url().trim_start_matches("http://")).unwrap();
    let head = format!(
        "POST /api/v1/statements HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-type: application/cbor\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    // The server asks for the body only behind everything that it refuses without one.
    let mut told = [0; 25];
    stream.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    disk.has(&world, LEAST - 1);
    stream.write_all(&body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("problem:storage-full"), "{answer}");
    disk.has(&world, 2 * LEAST);
    let taken = world.submit(&[&first]).json();
    assert_eq!(taken["results"][0]["status"], "accepted", "{taken}");
}
