//! A witness's folder: what lies there, and what is refused: a copy, a restored one, a damaged one, two processes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/slow_tree.rs"]
mod slow_tree;
#[path = "support/witness_bench.rs"]
mod witness_bench;

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use glasshouse_ledger::store::StoreError;
use glasshouse_ledger::witness::folder::{WitnessFolder, WitnessFolderError};
use glasshouse_ledger::witness::log_settings::LogId;
use glasshouse_ledger::witness::recover::RecoverError;
use glasshouse_ledger::witness::{Witness, WitnessOpenError};
use slow_tree::{SlowLog, SlowTree};
use witness_bench::*;

struct Place {
    _scratch: tempfile::TempDir,
    root: PathBuf,
    log: SlowLog,
}

impl Place {
    fn new() -> Place {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join("witness");
        WitnessFolder::at(&root).init("witness.example/w1").unwrap();
        let [log, _] = logs();
        Place { _scratch: scratch, root, log }
    }

    fn open_at(&self, root: &Path) -> Result<(Witness, Vec<String>), WitnessFolderError> {
        WitnessFolder::at(root).open(HandClock::at(NOW_S), settings(&logs(), 1_000_000))
    }

    fn open(&self) -> Result<(Witness, Vec<String>), WitnessFolderError> {
        self.open_at(&self.root)
    }

    fn plain(&self) -> PathBuf {
        self.root.join("state").join(LogId::of_origin(&self.log.origin).to_hex())
    }

    /// Cosigns up to a size; gives the note back.
    #[track_caller]
    fn grow(&self, old: u64, new: u64) -> String {
        let (witness, _) = self.open().unwrap();
        let tree = SlowTree::of(new, u64::MAX, 0);
        let answer = witness.add_checkpoint(&self.log.request(old, &tree)).answer.unwrap();
        answer.record.note().encode()
    }

    fn size(&self) -> Option<u64> {
        last_size(&self.open().unwrap().0, &self.log)
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_witness_is_made_once_and_goes_on() {
    let place = Place::new();
    assert_eq!(fs::metadata(place.root.join("witness.key")).unwrap().mode() & 0o777, 0o600);
    let key = fs::read(place.root.join("witness.key")).unwrap();
    let again = WitnessFolder::at(&place.root).init("other");
    assert!(matches!(again, Err(WitnessFolderError::Exists(_))));
    assert_eq!(fs::read(place.root.join("witness.key")).unwrap(), key);
    place.grow(0, 5);
    place.grow(5, 9);
    assert_eq!(place.size(), Some(9));
    let (vkeys, records, evidence) = WitnessFolder::at(&place.root).look().unwrap();
    assert_eq!((vkeys.len(), records.len(), evidence.len()), (2, 1, 0));
    let nothing = WitnessFolder::at(&place.root.join("nothing")).open(HandClock::at(NOW_S), vec![]);
    assert!(matches!(nothing, Err(WitnessFolderError::None(_))));
}

#[test]
fn a_half_made_witness_is_made_anew() {
    let place = Place::new();
    fs::remove_file(place.root.join("place")).unwrap();
    let keys = ["witness.key", "witness.ml-dsa-44.key"].map(|name| place.root.join(name));
    let before = keys.each_ref().map(|key| fs::read(key).unwrap());
    WitnessFolder::at(&place.root).init("witness.example/w2").unwrap();
    for (key, before) in keys.iter().zip(before) {
        assert_ne!(fs::read(key).unwrap(), before);
    }
    place.grow(0, 3);
}

#[test]
fn two_processes_cannot_have_one_folder() {
    let place = Place::new();
    let (first, _) = place.open().unwrap();
    let second = place.open();
    assert!(matches!(second, Err(WitnessFolderError::Store(StoreError::Held(_)))), "{second:?}");
    drop(first);
    place.open().unwrap();
}

#[test]
fn evidence_lies_in_files() {
    let place = Place::new();
    place.grow(0, 7);
    let (witness, _) = place.open().unwrap();
    let added = witness.add_checkpoint(&place.log.request(7, &SlowTree::of(7, 2, 1)));
    assert_eq!(status(&added), 422);
    drop(witness);
    let names = WitnessFolder::at(&place.root).look().unwrap().2;
    let text = fs::read_to_string(place.root.join("evidence").join(&names[0])).unwrap();
    glasshouse_verifier::evidence::Fork::parse(&text, &place.log.vkey()).unwrap();
}

#[test]
fn a_damaged_embedded_copy_is_made_anew_and_a_damaged_plain_one_stops_the_start() {
    let place = Place::new();
    place.grow(0, 5);
    place.grow(5, 9);
    for entry in fs::read_dir(place.root.join("state.sled")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::write(&path, b"no database").unwrap();
        }
    }
    let (witness, remarks) = place.open().unwrap();
    assert_eq!((last_size(&witness, &place.log), remarks.len()), (Some(9), 1), "{remarks:?}");
    drop(witness);
    fs::remove_dir_all(place.root.join("state.sled")).unwrap();
    assert_eq!(place.size(), Some(9));
    let whole = fs::read(place.plain()).unwrap();
    let mut damaged = whole.clone();
    damaged[60] ^= 1;
    fs::write(place.plain(), &damaged).unwrap();
    let lost = |opened| {
        matches!(
            opened,
            Err(WitnessFolderError::Open(WitnessOpenError::State(RecoverError::PlainLost { .. })))
        )
    };
    assert!(lost(place.open()));
    fs::remove_file(place.plain()).unwrap();
    assert!(lost(place.open()));
    // Adopting takes the copy that is left; the operator has been told what that may mean.
    WitnessFolder::at(&place.root).adopt(&[]).unwrap();
    assert_eq!(place.size(), Some(9));
    // All but the last line, by which the new file knows itself.
    let record =
        |file: &[u8]| file[..file.len() - 1].rsplitn(2, |byte| *byte == b'\n').nth(1).unwrap().to_vec();
    assert_eq!(record(&fs::read(place.plain()).unwrap()), record(&whole));
}

#[test]
fn a_copy_is_refused_until_it_is_adopted_with_the_newest_that_can_be_shown() {
    let place = Place::new();
    place.grow(0, 5);
    let copy = place.root.with_file_name("copy");
    copy_folder(&place.root, &copy);
    let newest = place.grow(5, 9);
    let refused = place.open_at(&copy);
    assert!(matches!(refused, Err(WitnessFolderError::OtherPlace(_))));
    let folder = WitnessFolder::at(&copy);
    // A note that this witness did not cosign shows nothing.
    let other = place.log.sign(&SlowTree::of(12, 3, 1)).into_bytes();
    let refused = folder.adopt(&[("other".to_owned(), other)]);
    assert!(matches!(refused, Err(WitnessFolderError::Seen(..))));
    assert!(place.open_at(&copy).is_err(), "a failed adoption adopts nothing");
    let (adopted, _) = folder.adopt(&[("log".to_owned(), newest.into_bytes())]).unwrap();
    assert_eq!(adopted.values().next().unwrap().head().size().get(), 9);
    let (witness, _) = place.open_at(&copy).unwrap();
    assert_eq!(last_size(&witness, &place.log), Some(9));
    let fork = SlowTree::of(12, 8, 1);
    assert_eq!(status(&witness.add_checkpoint(&place.log.request(9, &fork))), 422);
    let on = SlowTree::of(12, u64::MAX, 0);
    assert_eq!(status(&witness.add_checkpoint(&place.log.request(9, &on))), 200);
}

#[test]
fn a_restore_over_the_same_folder_is_refused() {
    let place = Place::new();
    place.grow(0, 5);
    let backup = place.root.with_file_name("backup");
    copy_folder(&place.root, &backup);
    place.grow(5, 9);
    fs::rename(&place.root, place.root.with_file_name("old")).unwrap();
    copy_folder(&backup, &place.root);
    assert!(matches!(place.open(), Err(WitnessFolderError::OtherPlace(_))));
}

#[test]
fn a_witness_that_signed_two_roots_is_never_adopted() {
    let place = Place::new();
    let one = place.grow(0, 5);
    let copy = place.root.with_file_name("copy");
    copy_folder(&place.root, &copy);
    WitnessFolder::at(&copy).adopt(&[]).unwrap();
    let (witness, _) = place.open_at(&copy).unwrap();
    let fork = place.log.request(5, &SlowTree::of(8, 5, 1));
    let fork = witness.add_checkpoint(&fork).answer.unwrap().record.note().encode();
    drop(witness);
    let real = place.grow(5, 8);
    let seen = [one, fork, real].map(|note| ("seen".to_owned(), note.into_bytes()));
    let refused = WitnessFolder::at(&place.root).adopt(&seen);
    assert!(matches!(refused, Err(WitnessFolderError::Contradiction(_, 8))), "{refused:?}");
}
