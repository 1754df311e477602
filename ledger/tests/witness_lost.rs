//! A witness that lost what it cosigned last, in both copies: it knows for which logs it has signed, and does not start
//! anew for any of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/slow_tree.rs"]
mod slow_tree;
#[path = "support/witness_bench.rs"]
mod witness_bench;

use std::fs;
use std::path::PathBuf;

use glasshouse_ledger::witness::Witness;
use glasshouse_ledger::witness::folder::{WitnessFolder, WitnessFolderError};
use glasshouse_ledger::witness::log_settings::LogId;
use slow_tree::{SlowLog, SlowTree};
use witness_bench::*;

struct Place {
    _scratch: tempfile::TempDir,
    root: PathBuf,
    logs: [SlowLog; 2],
}

impl Place {
    fn new() -> Place {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join("w1");
        WitnessFolder::at(&root).init("witness.example/w1").unwrap();
        Place { _scratch: scratch, root, logs: logs() }
    }

    fn watch(&self, logs: &[SlowLog]) -> Result<(Witness, Vec<String>), WitnessFolderError> {
        WitnessFolder::at(&self.root).open(HandClock::at(NOW_S), settings(logs, 1_000_000))
    }

    fn open(&self) -> Result<(Witness, Vec<String>), WitnessFolderError> {
        self.watch(&self.logs)
    }

    /// Cosigns a first tree; gives the note back.
    #[track_caller]
    fn cosign(&self, log: &SlowLog, size: u64) -> String {
        let (witness, _) = self.open().unwrap();
        let request = log.request(0, &SlowTree::of(size, u64::MAX, 0));
        witness.add_checkpoint(&request).answer.unwrap().record.note().encode()
    }

    fn plain(&self, log: &SlowLog) -> PathBuf {
        self.root.join("state").join(LogId::of_origin(&log.origin).to_hex())
    }

    fn lose_embedded(&self) {
        fs::remove_dir_all(self.root.join("state.sled")).unwrap();
    }

    fn lose_all(&self) {
        fs::remove_dir_all(self.root.join("state")).unwrap();
        self.lose_embedded();
    }

    #[track_caller]
    fn refused(&self, story: &str, origins: &[&str]) {
        let text = self.open().map(|_| ()).expect_err(story).to_string();
        for part in origins.iter().chain(&["glasshouse witness adopt", "glasshouse witness init"]) {
            assert!(text.contains(part), "{story}: {text}");
        }
    }
}

/// The keys, the place and the evidence are still there, and nothing of the state.
#[test]
fn a_witness_that_lost_both_copies_of_its_state_does_not_start() {
    let place = Place::new();
    let [one, two] = &place.logs;
    let notes = [place.cosign(one, 5), place.cosign(two, 7)];
    place.lose_all();
    place.refused("both", &["log.example/one", "one more"]);
    // A start that was refused has changed nothing about it.
    place.refused("again", &["log.example/one", "one more"]);
    let seen = notes.map(|note| ("log".to_owned(), note.into_bytes()));
    WitnessFolder::at(&place.root).adopt(&seen).unwrap();
    let (witness, remarks) = place.open().unwrap();
    assert_eq!((last_size(&witness, one), last_size(&witness, two)), (Some(5), Some(7)), "{remarks:?}");
    let fork = one.request(0, &SlowTree::of(5, 2, 1));
    assert_eq!(status(&witness.add_checkpoint(&fork)), 409);
}

#[test]
fn one_log_that_is_lost_is_not_begun_anew() {
    let place = Place::new();
    let [one, two] = &place.logs;
    place.cosign(one, 5);
    place.cosign(two, 7);
    fs::remove_file(place.plain(one)).unwrap();
    place.lose_embedded();
    place.refused("one", &["log.example/one"]);
    // Adopted with nothing to show for it: the witness knows still that it signed for that log.
    WitnessFolder::at(&place.root).adopt(&[]).unwrap();
    place.refused("adopted", &["log.example/one"]);
    // Without that log it goes on.
    let (witness, remarks) = place.watch(&place.logs[1..]).unwrap();
    assert_eq!(last_size(&witness, two), Some(7));
    assert!(remarks.iter().any(|remark| remark.contains("log.example/one")), "{remarks:?}");
    drop(witness);
    place.refused("watched again", &["log.example/one"]);
}

/// Two logs that are new at once are both written down.
#[test]
fn logs_that_are_new_at_once_are_all_known() {
    let place = Place::new();
    let (witness, _) = place.open().unwrap();
    std::thread::scope(|scope| {
        for log in &place.logs {
            let request = log.request(0, &SlowTree::of(5, u64::MAX, 0));
            let witness = &witness;
            scope.spawn(move || assert_eq!(status(&witness.add_checkpoint(&request)), 200));
        }
    });
    drop(witness);
    place.lose_all();
    place.refused("both", &["log.example/one", "one more"]);
}

/// A first record without its plain file was never answered; one that was answered has its log's name written down.
#[test]
fn an_old_first_record_in_the_embedded_copy_alone_is_not_taken() {
    let place = Place::new();
    let log = &place.logs[0];
    place.cosign(log, 5);
    fs::remove_file(place.plain(log)).unwrap();
    let text = place.open().map(|_| ()).expect_err("the first record").to_string();
    assert!(text.contains("the plain copy of the state is missing"), "{text}");
}

/// Nothing was signed yet, and all is lost that was never there.
#[test]
fn a_witness_that_never_signed_has_nothing_to_lose() {
    let place = Place::new();
    drop(place.open().unwrap());
    place.lose_all();
    place.cosign(&place.logs[0], 3);
}

/// Nor is it made anew, which would throw its keys away, as long as it is known that it signed.
#[test]
fn a_witness_that_signed_is_never_made_anew() {
    let place = Place::new();
    place.cosign(&place.logs[0], 5);
    place.lose_all();
    fs::remove_file(place.root.join("place")).unwrap();
    let again = WitnessFolder::at(&place.root).init("witness.example/w1");
    assert!(matches!(again, Err(WitnessFolderError::Exists(_))), "{again:?}");
}
