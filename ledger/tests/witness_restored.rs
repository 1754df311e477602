//! A backup of a witness that is restored into the same folder, by every way in which files are restored: the witness
//! does not start, because it may have signed more since, until it is adopted with what it signed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/slow_tree.rs"]
mod slow_tree;
#[path = "support/witness_bench.rs"]
mod witness_bench;

use std::fs;
use std::path::{Path, PathBuf};

use glasshouse_ledger::witness::Witness;
use glasshouse_ledger::witness::folder::{WitnessFolder, WitnessFolderError};
use slow_tree::{SlowLog, SlowTree};
use witness_bench::*;

/// How files are put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Restore {
    /// Written into the files that lie there, with their times, as `cp -a backup/. w1/` does.
    Into,
    /// Written beside and renamed over what differs, with its times, as `rsync -a backup/ w1/` does.
    Over,
    /// The same, and what the backup lacks is removed, as `rsync -a --delete backup/ w1/` does.
    OverAndDelete,
    /// Removed first, then written, as `tar -x` does.
    Anew,
}

const RESTORES: [Restore; 4] = [Restore::Into, Restore::Over, Restore::OverAndDelete, Restore::Anew];

struct Place {
    _scratch: tempfile::TempDir,
    root: PathBuf,
    backup: PathBuf,
    logs: [SlowLog; 2],
}

impl Place {
    fn new() -> Place {
        let scratch = tempfile::tempdir().unwrap();
        let (root, backup) = (scratch.path().join("w1"), scratch.path().join("backup"));
        WitnessFolder::at(&root).init("witness.example/w1").unwrap();
        Place { _scratch: scratch, root, backup, logs: logs() }
    }

    fn open(&self) -> Result<(Witness, Vec<String>), WitnessFolderError> {
        WitnessFolder::at(&self.root).open(HandClock::at(NOW_S), settings(&self.logs, 1_000_000))
    }

    /// Cosigns these sizes of a log, one after the other; gives the last note back.
    #[track_caller]
    fn grow(&self, log: &SlowLog, sizes: &[u64]) -> String {
        let (witness, _) = self.open().unwrap();
        let mut note = String::new();
        for pair in sizes.windows(2) {
            let request = log.request(pair[0], &SlowTree::of(pair[1], u64::MAX, 0));
            note = witness.add_checkpoint(&request).answer.unwrap().record.note().encode();
        }
        note
    }

    fn back_up(&self) {
        cp_into(&self.root, &self.backup);
    }

    fn restore(&self, how: Restore) {
        match how {
            Restore::Into => cp_into(&self.backup, &self.root),
            _ => put_back(&self.backup, &self.root, how),
        }
    }

    #[track_caller]
    fn refused(&self, story: &str) {
        let opened = self.open();
        assert!(matches!(opened, Err(WitnessFolderError::OtherFile(..))), "{story}: {opened:?}");
        let text = opened.unwrap_err().to_string();
        assert!(text.contains("state") && text.contains("glasshouse witness adopt"), "{text}");
    }
}

/// Writes into the files that lie there. No other program does it: a child that is just being started holds the locks of
/// every witness that is open in this process.
fn cp_into(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            cp_into(&from, &to);
        } else {
            copy_with_time(&from, &to);
        }
    }
}

fn copy_with_time(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
    let file = fs::File::options().write(true).open(to).unwrap();
    file.set_modified(fs::metadata(from).unwrap().modified().unwrap()).unwrap();
}

/// Files that are the same already, with their times, are left alone but for `Anew`.
fn put_back(from: &Path, to: &Path, how: Restore) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if from.is_dir() {
            put_back(&from, &to, how);
            continue;
        }
        let about = |path: &Path| fs::metadata(path).map(|file| (file.len(), file.modified().unwrap())).ok();
        if from.ends_with("place") {
            // A new one would tell by itself, unless it got the old one's inode. Here the state has to tell.
            continue;
        }
        if how == Restore::Anew {
            let _ = fs::remove_file(&to);
        } else if about(&from) == about(&to) {
            continue;
        }
        let part = to.with_extension("part");
        copy_with_time(&from, &part);
        fs::rename(part, to).unwrap();
    }
    if how == Restore::OverAndDelete {
        for entry in fs::read_dir(to).unwrap() {
            let (name, path) = (entry.as_ref().unwrap().file_name(), entry.unwrap().path());
            if !from.join(name).exists() {
                fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path)).unwrap();
            }
        }
    }
}

#[test]
fn an_old_state_put_back_into_the_folder_is_refused_until_it_is_adopted() {
    for how in RESTORES {
        // An even and an odd number of records since: a file system may use every other inode again.
        for sizes in [vec![5, 6], vec![5, 6, 7], vec![5, 6, 7, 8]] {
            let story = format!("{how:?} {sizes:?}");
            let place = Place::new();
            let log = &place.logs[0];
            place.grow(log, &[0, 5]);
            place.back_up();
            let newest = place.grow(log, &sizes);
            place.restore(how);
            place.refused(&story);
            let seen = [("log".to_owned(), newest.into_bytes())];
            WitnessFolder::at(&place.root).adopt(&seen).unwrap();
            let (witness, _) = place.open().unwrap();
            assert_eq!(last_size(&witness, log), sizes.last().copied(), "{story}");
            let fork = log.request(5, &SlowTree::of(9, 5, 1));
            assert_eq!(status(&witness.add_checkpoint(&fork)), 409, "{story}");
        }
    }
}

/// The backup is older than the log's first record: where the restore removes that, no file of the log is left to tell.
#[test]
fn a_log_that_was_first_cosigned_since_is_not_forgotten() {
    for has_other in [false, true] {
        let place = Place::new();
        if has_other {
            place.grow(&place.logs[1], &[0, 3]);
        }
        place.back_up();
        place.grow(&place.logs[0], &[0, 5]);
        place.restore(Restore::OverAndDelete);
        place.refused(&format!("{has_other}"));
    }
}

/// What was put back is what lay there: nothing was signed since, and nothing is refused.
#[test]
fn a_restore_of_the_newest_state_changes_nothing() {
    for how in [Restore::Into, Restore::Over, Restore::OverAndDelete] {
        let place = Place::new();
        place.grow(&place.logs[0], &[0, 5, 6, 7]);
        place.back_up();
        place.restore(how);
        let (witness, remarks) = place.open().unwrap();
        assert_eq!(
            (last_size(&witness, &place.logs[0]), remarks.len()),
            (Some(7), 0),
            "{how:?}: {remarks:?}"
        );
    }
}

/// A mark that is lost or damaged is not the witness's; adopting makes a new one.
#[test]
fn a_file_without_its_mark_is_refused() {
    let place = Place::new();
    place.grow(&place.logs[0], &[0, 5]);
    let name = fs::read_dir(place.root.join("state")).unwrap().next().unwrap().unwrap().file_name();
    for file in [place.root.join("state.mark"), place.root.join("state").join(name)] {
        let whole = fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&whole);
        let mark = text.lines().last().unwrap().to_owned();
        assert!(
            mark.starts_with("file ") && !mark.ends_with(" -"),
            "this file system tells no moment: {mark}"
        );
        let without = whole.len() - mark.len() - 1;
        fs::write(&file, &whole[..without]).unwrap();
        place.refused("without");
        let mut damaged = whole.clone();
        damaged[without + 6] ^= 1;
        fs::write(&file, damaged).unwrap();
        place.refused("damaged");
        fs::write(&file, &whole).unwrap();
        place.open().unwrap();
        fs::write(&file, &whole[..without]).unwrap();
        WitnessFolder::at(&place.root).adopt(&[]).unwrap();
        place.open().unwrap();
    }
    fs::remove_file(place.root.join("state.mark")).unwrap();
    place.refused("removed");
}
