//! A witness's two keys: what each line is, below checkpoints of logs of any make; one key alone; lines that got lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/slow_tree.rs"]
mod slow_tree;
#[path = "support/witness_bench.rs"]
mod witness_bench;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use glasshouse_ledger::cosign_time::CosignTime;
use glasshouse_ledger::cosigner::Cosigner;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::ml_dsa_key_file::MlDsaSecretKey;
use glasshouse_ledger::witness::folder::{WitnessFolder, WitnessFolderError};
use glasshouse_ledger::witness::log_checkpoint::{LogCheckpoint, LogCheckpointError};
use glasshouse_ledger::witness::log_settings::LogSettings;
use glasshouse_ledger::witness::memory_store::MemoryWitnessStore;
use glasshouse_ledger::witness::store::WitnessStore;
use glasshouse_ledger::witness::{Cosigned, Witness};
use glasshouse_verifier::cosignature::verify_cosignature;
use glasshouse_verifier::note::Note;
use glasshouse_verifier::vkey::VkeyKind;
use slow_tree::{SlowLog, SlowTree};
use witness_bench::*;

/// The note of a vector.
fn vector(path: &str) -> String {
    let path = format!("{}/../spec/vectors/{path}.json", env!("CARGO_MANIFEST_DIR"));
    let vector: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    vector["input"]["note"].as_str().unwrap().to_owned()
}

#[test]
fn the_lines_are_those_of_the_vectors() {
    let key = SecretKey::from_seed(&[2; 32]);
    let second = MlDsaSecretKey::from_seed(&[0x42; 32]);
    let cosigner = Cosigner::new("witness.example/w3", key).unwrap().with_second(second).unwrap();
    let kinds: Vec<VkeyKind> = cosigner.vkeys().iter().map(|vkey| vkey.kind()).collect();
    assert_eq!(kinds, [VkeyKind::Cosignature, VkeyKind::MlDsa44]);
    for name in [
        "cosignature/valid/ml-dsa-classic-8",
        "note/valid/ml-dsa-foreign-spaces",
        "note/valid/ml-dsa-foreign-letters",
        "note/valid/ml-dsa-foreign-longest",
    ] {
        let known = vector(name);
        let note = Note::parse(known.as_bytes()).unwrap();
        let checkpoint = LogCheckpoint::parse(note.text()).unwrap();
        let lines = cosigner.cosign(&checkpoint, CosignTime::new(1_750_000_000).unwrap()).unwrap();
        assert_eq!(lines.len(), 2, "{name}");
        assert!(known.ends_with(&lines[1].encode()), "{name}");
    }
    // An origin that the message has no room for is no checkpoint here: no key signs it.
    let long = Note::parse(vector("note/invalid/ml-dsa-foreign-too-long").as_bytes()).unwrap();
    assert_eq!(LogCheckpoint::parse(long.text()), Err(LogCheckpointError::Origin));
}

#[test]
fn logs_of_any_make_get_both_lines() {
    let store: Arc<dyn WitnessStore> = Arc::new(MemoryWitnessStore::new());
    let log = SlowLog::new(&"\u{3bb}".repeat(127), 13);
    let other = LogSettings { origin: log.origin.clone(), keys: vec![log.vkey()], qpd: 1_000_000 };
    let logs = [settings(&logs(), 1_000_000), vec![other]].concat();
    let (witness, _) = Witness::open(store, cosigner(), HandClock::at(NOW_S), logs).unwrap();
    let [one, two] = witness_bench::logs();
    for log in [one, two, log] {
        for (old, new) in [(0, 0), (0, 3), (3, 8)] {
            let request = log.request(old, &SlowTree::of(new, u64::MAX, 0));
            let cosigned = witness.add_checkpoint(&request).answer.unwrap();
            assert_eq!(accept(witness.vkeys(), &request, &cosigned), NOW_S);
        }
    }
    assert_eq!(witness.vkeys().len(), 2);
}

/// A witness of before goes on with one key; the day that it has both, it goes on from the same state with both.
#[test]
fn one_key_is_enough_and_a_second_one_changes_no_state() {
    let store: Arc<dyn WitnessStore> = Arc::new(MemoryWitnessStore::new());
    let [log, _] = logs();
    let open = |cosigner| {
        Witness::open(Arc::clone(&store), cosigner, HandClock::at(NOW_S), settings(&logs(), 1_000_000))
            .unwrap()
            .0
    };
    let request = log.request(0, &SlowTree::of(5, u64::MAX, 0));
    let witness = open(first_cosigner());
    let alone = witness.add_checkpoint(&request).answer.unwrap();
    assert_eq!(accept(witness.vkeys(), &request, &alone), NOW_S);
    assert_eq!(alone.lines.lines().count(), 1);
    drop(witness);

    let witness = open(cosigner());
    assert_eq!(last_size(&witness, &log), Some(5));
    assert_eq!(status(&witness.add_checkpoint(&log.request(5, &SlowTree::of(9, 4, 1)))), 422);
    // The same checkpoint within the same second: what lies there has one line, and the answer has both.
    let again = log.request(5, &SlowTree::of(5, u64::MAX, 0));
    let both = witness.add_checkpoint(&again).answer.unwrap();
    assert_eq!(accept(witness.vkeys(), &again, &both), NOW_S);
    assert!(both.lines.starts_with(&alone.lines));
    // And from then on it is answered with the bytes that lie there.
    let third = witness.add_checkpoint(&again).answer.unwrap();
    assert_eq!((third.lines, third.record.serial()), (both.lines, both.record.serial()));
}

/// A new witness in a folder.
fn made() -> (tempfile::TempDir, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("witness");
    let vkeys = WitnessFolder::at(&root).init("witness.example/w1").unwrap();
    assert_eq!(vkeys.len(), 2);
    (scratch, root)
}

fn open_folder(root: &Path) -> Result<Witness, WitnessFolderError> {
    Ok(WitnessFolder::at(root).open(HandClock::at(NOW_S), settings(&logs(), 1_000_000))?.0)
}

fn cosigned(witness: &Witness, old: u64, new: u64) -> Cosigned {
    let [log, _] = logs();
    let request = log.request(old, &SlowTree::of(new, u64::MAX, 0));
    let cosigned = witness.add_checkpoint(&request).answer.unwrap();
    accept(witness.vkeys(), &request, &cosigned);
    cosigned
}

#[test]
fn a_folder_with_one_key_goes_on_with_one_and_a_lost_key_is_noticed() {
    use std::os::unix::fs::MetadataExt as _;
    let (_scratch, root) = made();
    let (vkey, second) = (root.join("witness.vkey"), root.join("witness.ml-dsa-44.key"));
    assert_eq!(fs::metadata(&second).unwrap().mode() & 0o777, 0o600);
    let both = fs::read_to_string(&vkey).unwrap();
    let first = format!("{}\n", both.lines().next().unwrap());
    // The private key alone is gone, or its public half, or it is another one.
    let aside = root.join("aside");
    fs::rename(&second, &aside).unwrap();
    assert!(matches!(open_folder(&root), Err(WitnessFolderError::Key(_))));
    fs::rename(&aside, &second).unwrap();
    let (_other, other) = made();
    for wrong in
        [first.clone(), fs::read_to_string(other.join("witness.vkey")).unwrap(), format!("{both}{first}")]
    {
        fs::write(&vkey, wrong).unwrap();
        assert!(matches!(open_folder(&root), Err(WitnessFolderError::OtherKey(_))));
    }
    fs::write(&vkey, "").unwrap();
    assert!(matches!(open_folder(&root), Err(WitnessFolderError::Name(_))));
    // As an earlier version made it.
    fs::write(&vkey, first).unwrap();
    fs::remove_file(&second).unwrap();
    let witness = open_folder(&root).unwrap();
    assert_eq!(witness.vkeys().len(), 1);
    assert_eq!(cosigned(&witness, 0, 5).lines.lines().count(), 1);
    drop(witness);
    assert_eq!(WitnessFolder::at(&root).look().unwrap().0.len(), 1);
}

/// What others kept of a cosigned checkpoint may have lost either line: each of them proves what was signed.
#[test]
fn a_checkpoint_with_either_line_can_be_adopted() {
    let (_scratch, root) = made();
    let whole = cosigned(&open_folder(&root).unwrap(), 0, 7).record.note().encode();
    let lines: Vec<&str> = whole.lines().collect();
    assert_eq!(lines.len(), 7);
    for lost in [5, 6] {
        for copy in ["state", "state.sled"] {
            fs::remove_dir_all(root.join(copy)).unwrap();
        }
        let kept: String = (0..7).filter(|at| *at != lost).map(|at| format!("{}\n", lines[at])).collect();
        let seen = [("kept".to_owned(), kept.into_bytes())];
        let (adopted, _) = WitnessFolder::at(&root).adopt(&seen).unwrap();
        let record = adopted.values().next().unwrap();
        assert_eq!((record.head().size().get(), record.is_whole()), (7, false));
        // Asked again, it gives both lines, as before.
        let witness = open_folder(&root).unwrap();
        assert_eq!(cosigned(&witness, 7, 7).record.note().encode(), whole);
        let [log, _] = logs();
        assert_eq!(status(&witness.add_checkpoint(&log.request(7, &SlowTree::of(9, 6, 1)))), 422);
    }
    let note = Note::parse(whole.as_bytes()).unwrap();
    for vkey in WitnessFolder::at(&root).look().unwrap().0 {
        // The checkpoint is one of our own logs', so the verifier's strict reading takes it too.
        assert_eq!(verify_cosignature(&note, &vkey), Ok(NOW_S));
    }
}
