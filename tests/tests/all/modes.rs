//! What a ledger keeps for itself is closed to other users, however the umask is set; what it serves is open to a web server.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use glasshouse_tests::workload::{decision, now};
use glasshouse_tests::world::World;
use serde_json::json;

/// What a web server may serve, and what readers need, by names in the folder. Everything else is the ledger's own.
const OPEN: [&str; 6] = ["public", "log.vkey", "log.ml-dsa-44.vkey", "policy.txt", "place", "lock"];

/// The program, started with a umask that takes nothing away.
fn careless(folder: &Path) -> PathBuf {
    let script = folder.join("careless");
    let program = env!("CARGO_BIN_EXE_glasshouse-under-test");
    fs::write(&script, format!("#!/bin/sh\numask 000\nexec {program} \"$@\"\n")).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    script
}

/// Everything below a folder with its mode, by its path in the folder.
fn modes(folder: &Path) -> Vec<(String, bool, u32)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(&path).unwrap().map(Result::unwrap) {
            let (path, about) = (entry.path(), entry.metadata().unwrap());
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            found.push((name, about.is_dir(), about.permissions().mode() & 0o777));
            if about.is_dir() {
                open.push(path);
            }
        }
    }
    found
}

/// Whether the folders above it are closed: what sled and the search index write has the mode that the umask gives.
fn is_behind_a_closed_folder(name: &str) -> bool {
    ["state.sled/", "look-ups/", "search/"].iter().any(|folder| name.starts_with(folder))
}

#[test]
fn what_the_ledger_keeps_for_itself_is_closed_whatever_the_umask() {
    let scratch = tempfile::tempdir().unwrap();
    let mut world = World::start(&careless(scratch.path()));
    let mut publisher = world.enrol("one");
    let signed: Vec<_> = (0..3).map(|_| publisher.sign_next()).collect();
    assert!(world.submit(&signed).iter().all(|result| result["status"] == "accepted"));
    // A second statement under one number is kept.
    let other = publisher.sign(&decision(7), 2, now());
    assert_eq!(world.submit([&other])[0]["problem"]["status"], 409);
    let line = json!({"type": "redaction", "targets": [{"entry": signed[0].leaf_hash().to_hex()}], "fields": ["decision_facts"],
        "redaction_ground": "erasure_request", "requested_by": "data_subject"});
    let redaction = world.submit([&publisher.sign_about(&line, 1)]);
    assert_eq!(redaction[0]["status"], "accepted", "{redaction:?}");
    world.await_index();
    let running = modes(&world.dir());
    assert_eq!(world.take_server().stop(), Some(0));
    let found = [running, modes(&world.dir())].concat();
    for (name, is_folder, mode) in &found {
        let first = name.split('/').next().unwrap();
        if OPEN.contains(&first) {
            // The umask took nothing away, and the program took nothing away either.
            assert_eq!(mode & 0o044, 0o044, "{name} {mode:o}");
        } else if !is_behind_a_closed_folder(name) {
            assert_eq!(mode & 0o077, 0, "{name} {mode:o}, folder: {is_folder}");
        }
    }
    for kept in ["addenda-pack/000", "stage", "refused", "erasures", "state", "search", "look-ups", "tmp"] {
        assert!(
            found.iter().any(|(name, ..)| name == kept || name.starts_with(&format!("{kept}/"))),
            "{kept}"
        );
    }
}
