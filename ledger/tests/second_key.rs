//! The log's ML-DSA-44 key: in every checkpoint of a ledger that has one, and not missed where a ledger was made without.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::file_store::FileStore;
use glasshouse_ledger::key_file::{SecretKey, read_pem, write_pem};
use glasshouse_ledger::ledger::{InitOptions, Ledger, OpenOptions};
use glasshouse_ledger::log_key_files::{read_second_vkey, read_vkey};
use glasshouse_ledger::log_signer::{LogSigner, SignError};
use glasshouse_ledger::ml_dsa_key_file::{MlDsaSecretKey, write_ml_dsa_pem};
use glasshouse_ledger::ml_dsa_signer::{MlDsaSignError, MlDsaSigner};
use glasshouse_ledger::open::{Hold, OpenError, Opened};
use glasshouse_ledger::place::write_place;
use glasshouse_ledger::registrar::void;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_verifier::checkpoint::Checkpoint;
use glasshouse_verifier::cosignature::verify_cosignature;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::{Policy, TrustError};
use support::*;

/// What is said of a private key that is lost or damaged.
const FROM_A_BACKUP: &str = "take it from a backup: there is no other";

/// A member of a vector's input.
fn vector(name: &str, member: &str) -> String {
    let path = format!("{}/../spec/vectors/cosignature/valid/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let vector: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    vector["input"][member].as_str().unwrap().to_owned()
}

fn second(seed: u8) -> MlDsaSecretKey {
    MlDsaSecretKey::from_seed(&[seed; 32])
}

/// A new ledger with both keys.
fn made() -> (tempfile::TempDir, PathBuf) {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("ledger");
    let options = InitOptions {
        folder: folder.clone(),
        origin: origin(),
        registrar_key: outer.path().join("registrar.key"),
        purpose: "test".to_owned(),
        policy: None,
        contact: None,
    };
    Ledger::init(&options, TestClock::new()).unwrap();
    (outer, folder)
}

fn open(folder: &Path, clock: Arc<TestClock>) -> Result<Opened, OpenError> {
    Ledger::open(&OpenOptions {
        folder: folder.to_owned(),
        clock,
        seen: vec![],
        hold: Hold::NONE,
        publication: Publication::AtOnce,
    })
}

/// The registrar closes numbers of its own.
fn void_by(key: &Path) -> Signed {
    let registrar = Author::new(Issuer::of_registrar(&origin()), origin(), read_pem(key).unwrap()).unwrap();
    registrar.sign_own(&void(5, 9, "outbox_lost", None), sequence(2), NOW).unwrap()
}

fn published(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("public/checkpoint")).unwrap()
}

#[test]
fn the_lines_are_those_of_the_vectors() {
    let origin = Origin::parse("log.example/takedowns").unwrap();
    let signer = LogSigner::new(origin, key(1)).unwrap().with_second(second(0x41)).unwrap();
    let known = vector("ml-dsa-of-the-log", "note");
    let checkpoint = Checkpoint::parse_text(Note::parse(known.as_bytes()).unwrap().text()).unwrap();
    assert_eq!(signer.second_vkey().unwrap().encode(), vector("ml-dsa-of-the-log", "vkey"));
    assert_eq!(signer.sign(checkpoint.head(), 1_750_000_000).unwrap().note_text(), known);

    let witness = MlDsaSigner::new("witness.example/w3", second(0x42)).unwrap();
    let line = witness.sign(&checkpoint, 1_750_000_000).unwrap().encode();
    assert_eq!(witness.vkey().encode(), vector("ml-dsa-classic-8", "vkey"));
    assert!(vector("ml-dsa-classic-8", "note").ends_with(&line));
    let subtree = witness.sign_subtree(checkpoint.origin(), 0..8, checkpoint.head().root()).unwrap();
    assert_ne!(subtree.encode(), line, "a subtree is signed at no time");
    for time in [0, 1 << 63, u64::MAX] {
        assert_eq!(witness.sign(&checkpoint, time), Err(MlDsaSignError::Time(time)));
        assert!(matches!(signer.sign(&TreeHead::empty(), time), Err(SignError::Second(_))));
    }
    MlDsaSigner::new("two words", second(1)).unwrap_err();
}

/// A checkpoint is read by its Ed25519 line: a damaged one of the second key was served as it lay.
#[test]
fn a_damaged_second_line_is_published_anew() {
    let (_outer, folder) = made();
    drop(open(&folder, TestClock::new()).unwrap());
    let whole = published(&folder);
    let mut damaged = whole.clone();
    let at = damaged.len() - 20;
    damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
    for broken in [
        damaged.as_slice(),
        whole.split_inclusive(|byte| *byte == b'\n').collect::<Vec<_>>()[..5].concat().as_slice(),
    ] {
        fs::write(folder.join("public/checkpoint"), broken).unwrap();
        let opened = open(&folder, TestClock::new()).unwrap();
        assert_eq!(published(&folder), whole);
        assert!(
            opened.remarks.iter().any(|remark| remark.contains("published anew")),
            "{:?}",
            opened.remarks
        );
        assert_eq!(opened.reader.checkpoint_note().as_bytes(), whole);
    }
}

#[test]
fn a_new_ledger_signs_every_checkpoint_twice() {
    use std::os::unix::fs::PermissionsExt;
    let (_outer, folder) = made();
    let mode = fs::metadata(folder.join("log.ml-dsa-44.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let vkey = read_second_vkey(&folder).unwrap().unwrap();
    let both = Policy::parse(&fs::read_to_string(folder.join("policy.txt")).unwrap()).unwrap();
    assert_eq!(both.second_keys(&origin()).collect::<Vec<_>>(), [&vkey]);
    let one = Policy::of_log(read_vkey(&folder).unwrap()).unwrap();

    let clock = TestClock::new();
    clock.advance(61_500);
    let Opened { mut writer, reader, .. } = open(&folder, clock).unwrap();
    let before = published(&folder);
    assert_eq!(verify_cosignature(&Note::parse(&before).unwrap(), &vkey), Ok(NOW));
    publish(&mut writer, &reader, &[void_by(&folder.with_file_name("registrar.key"))]);
    let after = published(&folder);
    assert_eq!(verify_cosignature(&Note::parse(&after).unwrap(), &vkey), Ok(NOW + 61), "the round's time");
    both.open(&after).unwrap();
    one.open(&after).unwrap();
    // The receipt holds both lines, and whoever asks for one of them takes it.
    let receipt = reader.receipt(index(1)).unwrap().unwrap();
    receipt.verify(&both).unwrap();
    receipt.verify(&one).unwrap();
    drop((writer, reader));
    // Recovery signs nothing again: the stored note has both lines, at the time of its round.
    fs::write(folder.join("public/checkpoint"), &before).unwrap();
    let late = TestClock::new();
    late.advance(900_000);
    drop(open(&folder, late).unwrap());
    assert_eq!(published(&folder), after);
    assert!(Ledger::fsck(&folder).unwrap().is_clean());

    let stripped = String::from_utf8(after).unwrap();
    let stripped = stripped.lines().take(5).map(|line| format!("{line}\n")).collect::<String>();
    assert!(matches!(both.open(stripped.as_bytes()), Err(TrustError::NoSecondSignature(_))));
    one.open(stripped.as_bytes()).unwrap();
    fs::write(folder.join("public/checkpoint"), stripped).unwrap();
    let report = Ledger::fsck(&folder).unwrap();
    assert!(
        report.findings.iter().any(|finding| finding.place == "public/checkpoint"),
        "{:?}",
        report.findings
    );
}

#[test]
fn a_ledger_signs_nothing_without_the_key_that_its_entries_name() {
    let (_outer, folder) = made();
    let (key, vkey) = (folder.join("log.ml-dsa-44.key"), folder.join("log.ml-dsa-44.vkey"));
    let before = published(&folder);
    let refused = |part: &str| {
        let error = open(&folder, TestClock::new()).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
        assert_eq!(published(&folder), before);
    };
    let (right_key, right_vkey) = (fs::read(&key).unwrap(), fs::read(&vkey).unwrap());
    fs::remove_file(&vkey).unwrap();
    refused("the same line lies in policy.txt, behind the second `log`");
    fs::write(&vkey, &right_vkey).unwrap();
    fs::write(&key, "nothing").unwrap();
    refused(FROM_A_BACKUP);
    fs::remove_file(&key).unwrap();
    refused(FROM_A_BACKUP);
    fs::remove_file(&vkey).unwrap();
    refused("the log's entries name an ML-DSA-44 key");
    write_ml_dsa_pem(&key, &second(9)).unwrap();
    fs::write(&vkey, &right_vkey).unwrap();
    refused("is not the key that log.ml-dsa-44.vkey names");
    let other = MlDsaSigner::new(ORIGIN, second(9)).unwrap();
    fs::write(&vkey, other.vkey().encode()).unwrap();
    refused("a key that the log's entries do not name");
    fs::write(&key, right_key).unwrap();
    fs::write(&vkey, right_vkey).unwrap();
    open(&folder, TestClock::new()).unwrap();
}

/// A new key of the log is a new log, so nobody is sent to make one; its public half lies in more than one place.
#[test]
fn what_is_said_of_a_damaged_key_leads_to_a_good_one() {
    let (_outer, folder) = made();
    let (key, vkey) = (folder.join("log.key"), folder.join("log.vkey"));
    let refused = |part: &str| {
        let error = open(&folder, TestClock::new()).unwrap_err().to_string();
        assert!(error.contains(part) && !error.contains("key new"), "{error}");
    };
    let (right_key, right_vkey) = (fs::read(&key).unwrap(), fs::read(&vkey).unwrap());
    let other_half = [fs::read(folder.join("receipt.key")).unwrap(), b"nothing".to_vec(), vec![]];
    for wrong in other_half {
        fs::write(&key, wrong).unwrap();
        refused(FROM_A_BACKUP);
    }
    fs::remove_file(&key).unwrap();
    refused(FROM_A_BACKUP);
    write_pem(&key, &SecretKey::from_seed(&[5; 32])).unwrap();
    refused(FROM_A_BACKUP);
    fs::write(&key, right_key).unwrap();
    for wrong in [None, Some("")] {
        fs::remove_file(&vkey).unwrap();
        wrong.into_iter().for_each(|text| fs::write(&vkey, text).unwrap());
        refused("the same line lies in public/vkey, and in policy.txt behind the first `log`");
        fs::write(&vkey, &right_vkey).unwrap();
    }
    assert_eq!(fs::read(folder.join("public/vkey")).unwrap(), right_vkey);
    let policy = fs::read_to_string(folder.join("policy.txt")).unwrap();
    let named: Vec<_> =
        policy.lines().filter_map(|line| line.strip_prefix("log ")?.split(' ').next()).collect();
    let second = fs::read_to_string(folder.join("log.ml-dsa-44.vkey")).unwrap();
    assert_eq!(named, [str::from_utf8(&right_vkey).unwrap().trim_end(), second.trim_end()]);
    open(&folder, TestClock::new()).unwrap();
}

#[test]
fn a_ledger_that_was_made_before_goes_on_with_one_key() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("ledger");
    let store: Arc<dyn Store> = Arc::new(FileStore::open(&folder).unwrap());
    begin(&store);
    drop(store);
    let vkey = signer().vkey().encode();
    write_pem(&folder.join("log.key"), &key(1)).unwrap();
    write_pem(&folder.join("receipt.key"), &key(4)).unwrap();
    fs::write(folder.join("log.vkey"), format!("{vkey}\n")).unwrap();
    fs::write(folder.join("policy.txt"), format!("log {vkey}\nquorum none\n")).unwrap();
    write_place(&folder).unwrap();
    let Opened { mut writer, reader, .. } = open(&folder, TestClock::new()).unwrap();
    publish(&mut writer, &reader, &[enrolment_of(&provider(), 2)]);
    writer.settle().unwrap();
    drop((writer, reader));
    let note = Note::parse(&published(&folder)).unwrap();
    assert_eq!(note.signatures().len(), 1);
    let report = Ledger::fsck(&folder).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    // A key that somebody lays down later is none of this log's.
    write_ml_dsa_pem(&folder.join("log.ml-dsa-44.key"), &second(9)).unwrap();
    let other = MlDsaSigner::new(ORIGIN, second(9)).unwrap();
    fs::write(folder.join("log.ml-dsa-44.vkey"), other.vkey().encode()).unwrap();
    open(&folder, TestClock::new()).unwrap_err();
}
