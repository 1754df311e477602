//! The check of a folder changes nothing in it, whatever lies there: not a name, not a byte, not a time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use glasshouse_ledger::author::Author;
use glasshouse_ledger::fsck::{Finding, FsckReport};
use glasshouse_ledger::key_file;
use glasshouse_ledger::ledger::{InitOptions, Ledger, OpenOptions};
use glasshouse_ledger::open::{Hold, Opened};
use glasshouse_ledger::witnessing::Publication;
use glasshouse_verifier::issuer::Issuer;
use support::lives::{accepted, admit_with, disclosure, secretive, submit_with, texts};
use support::witnesses::{cosign, policy};
use support::*;

/// A ledger with a genesis.
fn ledger() -> (tempfile::TempDir, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("ledger");
    let options = InitOptions {
        folder: folder.clone(),
        origin: origin(),
        registrar_key: scratch.path().join("registrar.key"),
        purpose: "test".to_owned(),
        policy: None,
        contact: None,
    };
    Ledger::init(&options, TestClock::new()).unwrap();
    (scratch, folder)
}

fn open(folder: &Path) -> Opened {
    let options = OpenOptions {
        folder: folder.to_owned(),
        clock: TestClock::new(),
        seen: Vec::new(),
        hold: Hold::NONE,
        publication: Publication::AtOnce,
    };
    Ledger::open(&options).unwrap()
}

/// What a file is, and when it was changed last, in whatever way: inode, mode, size, times of bytes and of names.
type About = (u64, u32, u64, (i64, i64), (i64, i64), Vec<u8>);

/// Everything below a folder.
fn everything(folder: &Path) -> BTreeMap<PathBuf, About> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        let about = fs::symlink_metadata(&path).unwrap();
        let bytes = if about.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        let times = ((about.mtime(), about.mtime_nsec()), (about.ctime(), about.ctime_nsec()));
        found.insert(path.clone(), (about.ino(), about.mode(), about.size(), times.0, times.1, bytes));
        if about.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    found
}

/// Checks the folder, and sees that all of it is as before.
#[track_caller]
fn check(folder: &Path) -> FsckReport {
    let before = everything(folder);
    let report = Ledger::fsck(folder).unwrap();
    let after = everything(folder);
    let changed: Vec<_> = before.iter().filter(|(path, about)| after.get(*path) != Some(about)).collect();
    let new: Vec<_> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    assert!(
        changed.is_empty() && new.is_empty(),
        "changed: {:?}, new: {new:?}",
        changed.iter().map(|(path, _)| path).collect::<Vec<_>>()
    );
    report
}

#[test]
fn a_whole_ledger_is_left_as_it_is() {
    let (_scratch, folder) = ledger();
    assert!(check(&folder).is_clean());
    // What a process left that died, and what a start would make anew.
    fs::write(folder.join("tmp/0"), "half").unwrap();
    for missing in ["lock", "look-ups", "stage"] {
        let path = folder.join(missing);
        let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
    }
    assert!(check(&folder).is_clean());
    assert!(folder.join("tmp/0").exists() && !folder.join("lock").exists());
}

#[test]
fn a_damaged_database_is_named_and_not_mended() {
    let (_scratch, folder) = ledger();
    let database = folder.join("state.sled/db");
    let whole = fs::read(&database).unwrap();
    let mut found = 0;
    for at in (0..whole.len()).step_by(whole.len() / 24) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        fs::write(&database, &flipped).unwrap();
        found += usize::from(!check(&folder).is_clean());
        fs::write(&database, &whole[..at]).unwrap();
        found += usize::from(!check(&folder).is_clean());
    }
    assert!(found >= 6, "{found}: the damage does not reach the record");
    fs::remove_dir_all(folder.join("state.sled")).unwrap();
    let report = check(&folder);
    assert!(report.findings.iter().any(|finding| finding.place == "state.sled"), "{:#?}", report.findings);
    assert!(!folder.join("state.sled").exists());
}

#[test]
fn beside_a_writer_nothing_is_changed_either() {
    let (_scratch, folder) = ledger();
    let opened = open(&folder);
    let report = check(&folder);
    assert!(report.is_clean() && report.live, "{:#?}", report.findings);
    drop(opened);
    assert!(!check(&folder).live);
}

/// The check goes by the checkpoint that it has read first; what the server writes from then on is no fault.
#[test]
fn what_a_writer_adds_meanwhile_is_passed_over() {
    let (scratch, folder) = ledger();
    let Opened { mut writer, reader, .. } = open(&folder);
    let key = key_file::read_pem(&scratch.path().join("registrar.key")).unwrap();
    let registrar = Author::new(Issuer::of_registrar(&origin()), origin(), key).unwrap();
    publish(&mut writer, &reader, &[enrolment_by(&registrar, &provider(), 2)]);
    let withheld = secretive(1);
    publish(&mut writer, &reader, std::slice::from_ref(&withheld));
    let first = fs::read(folder.join("public/checkpoint")).unwrap();
    publish(&mut writer, &reader, &[decision(2)]);
    let opened = texts(&withheld, &["decision_facts"]);
    accepted(&submit_with(&mut writer, &reader, &disclosure(3, &withheld, &["decision_facts"]), &opened));
    writer.settle().unwrap();
    fs::write(folder.join("public/checkpoint"), first).unwrap();
    let report = check(&folder);
    assert!(report.live);
    // But for a text that nobody has opened, as far as the checkpoint tells.
    let [Finding { place, rule }] = report.findings.as_slice() else { panic!("{:#?}", report.findings) };
    assert!(place == "entry 2" && rule.contains("holds the text decision_facts, which it does not serve"));
    drop((writer, reader));
    let found = check(&folder).findings;
    // Signed rounds are lost then, and may have opened it; those texts are of no entry of the tree.
    let later =
        |entry| found.iter().any(|one| one.rule.contains(&format!("that entry {entry} does not serve")));
    assert!(!later(2) && later(3), "{found:#?}");
}

/// A server deletes the stages of published rounds. Fails if one that was listed and cannot be read any more is called torn.
#[test]
fn a_stage_that_is_being_removed_is_no_fault() {
    let (_scratch, folder) = ledger();
    let opened = open(&folder);
    let stage = |size: u64| folder.join(format!("stage/{size}-{}", "0".repeat(64)));
    fs::write(stage(1), [0; 100]).unwrap();
    let report = check(&folder);
    assert!(report.live && report.is_clean(), "{:#?}", report.findings);
    fs::write(stage(3), [0; 100]).unwrap();
    let report = check(&folder);
    let [Finding { place, .. }] = report.findings.as_slice() else { panic!("{:#?}", report.findings) };
    assert!(place.starts_with("stage/3-"), "{place}");
    fs::remove_file(stage(3)).unwrap();
    drop(opened);
    assert!(!check(&folder).is_clean());
}

/// A disclosure waits for its quorum, with the text in its pack. Fails if a check beside the server calls that text one that
/// nobody opened.
#[test]
fn a_disclosure_that_waits_is_no_fault() {
    let (scratch, folder) = ledger();
    let options = OpenOptions {
        folder: folder.clone(),
        clock: TestClock::new(),
        seen: Vec::new(),
        hold: Hold::NONE,
        publication: Publication::Witnessed { policy: policy(), require_quorum: true, shown: Vec::new() },
    };
    let Opened { mut writer, reader, .. } = Ledger::open(&options).unwrap();
    let key = key_file::read_pem(&scratch.path().join("registrar.key")).unwrap();
    let registrar = Author::new(Issuer::of_registrar(&origin()), origin(), key).unwrap();
    let withheld = secretive(1);
    for signed in [enrolment_by(&registrar, &provider(), 2), withheld.clone()] {
        writer.submit(admit(&reader, &signed).unwrap());
        writer.round().unwrap();
        let tree = writer.begin_publication().unwrap();
        (1..=2).for_each(|number| cosign(&mut writer, number, &tree));
        writer.publish().unwrap();
    }
    let opened = texts(&withheld, &["decision_facts"]);
    writer.submit(admit_with(&reader, &disclosure(2, &withheld, &["decision_facts"]), &opened).unwrap());
    writer.round().unwrap();
    let report = check(&folder);
    assert!(report.live && report.is_clean(), "{:#?}", report.findings);
}

/// No server starts under a check that would call its work damage.
#[test]
fn a_check_keeps_writers_out() {
    use glasshouse_ledger::file_store::FileStore;
    use glasshouse_ledger::store::StoreError;
    let (_scratch, folder) = ledger();
    let checked = FileStore::open_to_check(&folder).unwrap();
    assert!(matches!(FileStore::open(&folder), Err(StoreError::Held(_))));
    drop(checked);
    drop(open(&folder));
}
