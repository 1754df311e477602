//! sled's own files, and those of the look-ups, after a loss of power, which keeps any of their blocks and any of their names: the
//! state's copy there is made anew or outvoted, and no ledger signs below what it has published. Flipped bytes and cuts at every offset are in `file_store.rs`;
//! here are records so long that each has a file of its own, as those with a second key.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::file_store::FileStore;
use glasshouse_ledger::fsck::fsck;
use glasshouse_ledger::index::Index;
use glasshouse_ledger::log_signer::LogSigner;
use glasshouse_ledger::ml_dsa_key_file::MlDsaSecretKey;
use glasshouse_ledger::open::{Hold, OpenError, Opened, open_store};
use glasshouse_ledger::recover::Refusal;
use glasshouse_ledger::store::{StateCopies, StateCopy, Store};
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::Answer;
use glasshouse_verifier::head::TreeHead;
use support::dice::Dice;
use support::*;

const BLOCK: usize = 512;
/// Blocks of one file that are damaged, from its beginning to its end.
const PLACES: usize = 100;
/// Lives of the ledger before the damage.
const LIVES: u64 = 3;
/// Folders that are damaged side by side: nearly all of the time is spent waiting for the disk.
const SIDE_BY_SIDE: usize = 16;

/// The files of sled's folder by their names.
type Files = BTreeMap<PathBuf, Vec<u8>>;

fn both_keys() -> LogSigner {
    signer().with_second(MlDsaSecretKey::from_seed(&[9; 32])).unwrap()
}

fn open_with(store: FileStore, index: Index) -> Result<Opened, OpenError> {
    let store: Arc<dyn Store> = Arc::new(store);
    open_store(store, both_keys(), TestClock::new(), index, Hold::NONE, Publication::AtOnce, &[])
}

/// Look-ups with runs as short as they can be, of which some were merged.
fn look_ups(folder: &Path) -> Index {
    Index::open_with_runs_of(&folder.join("look-ups"), NonZeroU64::MIN)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
}

fn try_start(folder: &Path) -> Result<Opened, OpenError> {
    open_with(FileStore::open(folder).unwrap(), Index::temporary().unwrap())
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

fn read(folder: &Path) -> Files {
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_owned();
    files_below(folder).iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
}

fn write(folder: &Path, files: &Files) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder.join("blobs")).unwrap();
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// A ledger that was made and went on for some lives.
struct Original {
    folder: tempfile::TempDir,
    head: TreeHead,
    /// The provider's decisions, number 1 first, which stands at index 2.
    signed: Vec<Signed>,
    /// What `part` held after each life, the newest last.
    versions: Vec<Files>,
}

impl Original {
    /// A ledger with that many rounds in each life, and what is known of a part of its folder.
    fn new(part: &str, rounds: u64) -> Original {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_owned();
        let store = || FileStore::open(&path).unwrap();
        begin_with(&(Arc::new(store()) as Arc<dyn Store>), &both_keys());
        let mut versions = Vec::new();
        let mut head = None;
        let signed: Vec<Signed> = (1..=rounds * LIVES).map(decision).collect();
        let mut left = signed.iter();
        for life in 0..LIVES {
            let index = look_ups(&path);
            let Opened { mut writer, reader, .. } = open_with(store(), index).unwrap();
            if life == 0 {
                publish(&mut writer, &reader, &[enrolment_of(&provider(), 2)]);
            }
            for signed in left.by_ref().take(rounds as usize) {
                publish(&mut writer, &reader, std::slice::from_ref(signed));
                reader.catch_up().unwrap();
            }
            writer.settle().unwrap();
            head = Some(reader.head());
            drop((writer, reader));
            // sled's threads have let go of the folder when it can be opened again.
            drop(store());
            versions.push(read(&path.join(part)));
        }
        Original { folder, head: head.unwrap(), signed, versions }
    }

    fn newest(&self) -> &Files {
        self.versions.last().unwrap()
    }

    /// Everything that can be done to one file; mixtures of the blocks of two versions; and whole older versions.
    fn damages(&self) -> Vec<(String, Files)> {
        let mut damages = Vec::new();
        let newest = self.newest();
        for (name, bytes) in newest {
            let mut add = |what: String, new: Option<Vec<u8>>| {
                let mut files = newest.clone();
                match new {
                    Some(new) => drop(files.insert(name.clone(), new)),
                    None => drop(files.remove(name)),
                }
                damages.push((format!("{}: {what}", name.display()), files));
            };
            add("gone".to_owned(), None);
            add("all zeros".to_owned(), Some(vec![0; bytes.len()]));
            let apart = bytes.len().div_ceil(PLACES).next_multiple_of(BLOCK);
            for at in (0..bytes.len()).step_by(apart) {
                add(format!("cut at {at}"), Some(bytes[..at].to_vec()));
                let end = (at + BLOCK).min(bytes.len());
                let zeros = [&bytes[..at], &vec![0; end - at], &bytes[end..]].concat();
                add(format!("zeros at {at}"), Some(zeros));
            }
            for (life, older) in self.versions.iter().enumerate() {
                add(format!("as after life {life}"), older.get(name).cloned());
            }
        }
        for (life, older) in self.versions.iter().enumerate() {
            damages.push((format!("all as after life {life}"), older.clone()));
        }
        damages.push(("no file".to_owned(), Files::new()));
        damages.extend((0..200).map(|seed| (format!("mixture {seed}"), self.mixture(seed))));
        damages
    }

    /// Each block, each length and each name as an older or the newest version has it.
    fn mixture(&self, seed: u64) -> Files {
        let mut dice = Dice::new(seed);
        let older = &self.versions[dice.roll(self.versions.len() - 1)];
        let of_ten = 1 + dice.roll(9);
        let mut files = Files::new();
        for name in older.keys().chain(self.newest().keys()) {
            let [old, new] = [older, self.newest()].map(|files| files.get(name));
            let Some(base) = (if dice.roll(10) < of_ten { new } else { old }) else { continue };
            let mut mixed = base.clone();
            let version = |is_new: bool| if is_new { new } else { old };
            for at in (0..mixed.len()).step_by(BLOCK) {
                let end = (at + BLOCK).min(mixed.len());
                let from = version(dice.roll(10) < of_ten).and_then(|bytes| bytes.get(at..end));
                match from {
                    Some(from) => mixed[at..end].copy_from_slice(from),
                    None => mixed[at..end].fill(0),
                }
            }
            files.insert(name.clone(), mixed);
        }
        files
    }

    /// Judges every damage to a part of a copy of the folder.
    fn damage_all(&self, part: &str, judge: impl Fn(&Path, &str) + Sync) {
        let damages = self.damages();
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..SIDE_BY_SIDE {
                scope.spawn(|| {
                    while let Some((what, files)) = damages.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let scratch = tempfile::tempdir().unwrap();
                        write(scratch.path(), &read(self.folder.path()));
                        write(&scratch.path().join(part), files);
                        judge(scratch.path(), what);
                    }
                });
            }
        });
        println!("{} damages to {part}", damages.len());
        assert!(damages.len() > 300, "{}", damages.len());
    }
}

/// The ledger goes on from its newest tree, and everything is whole again.
fn goes_on(folder: &Path, head: &TreeHead, what: &str) {
    {
        let Opened { mut writer, reader, .. } = try_start(folder).unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(reader.head(), *head, "{what}");
        publish(&mut writer, &reader, &[decision(2 * LIVES + 1)]);
        writer.settle().unwrap();
        let proved = reader.prove_consistency(head.size(), reader.head().size()).unwrap();
        assert_eq!(proved.old.0, *head, "{what}");
    }
    let store = FileStore::open(folder).unwrap();
    let StateCopies { embedded, plain } = store.load_state().unwrap();
    assert!(matches!(&plain, StateCopy::Bytes(_)) && embedded == plain, "{what}: {embedded:?}");
    let report = fsck(&store, signer().vkey()).unwrap();
    assert!(report.is_clean(), "{what}: {:#?}", report.findings);
}

#[test]
fn whatever_is_left_of_the_embedded_state_is_outvoted() {
    let original = Original::new("state.sled", 2);
    let blobs = original.newest().keys().filter(|name| name.starts_with("blobs")).count();
    assert!(blobs > 0, "no record has a file of its own: {:?}", original.newest().keys());
    original.damage_all("state.sled", |folder, what| goes_on(folder, &original.head, what));
}

/// Without the plain file too: whatever sled says, the published checkpoint is greater or the same, or nothing is signed.
#[test]
fn without_the_plain_file_an_older_embedded_state_signs_nothing_old() {
    let original = Original::new("state.sled", 2);
    let refused = AtomicUsize::new(0);
    original.damage_all("state.sled", |folder, what| {
        fs::remove_file(folder.join("state")).unwrap();
        match try_start(folder) {
            Ok(opened) => {
                drop(opened);
                goes_on(folder, &original.head, what);
            }
            Err(OpenError::Refused(Refusal::NoState { .. })) => {
                refused.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => panic!("{what}: {error}"),
        }
    });
    assert!(refused.into_inner() > 10);
}

/// Look-ups are built again, to the same answers.
#[test]
fn whatever_is_left_of_the_look_ups_answers_right() {
    let original = Original::new("look-ups", 12);
    let runs: Vec<_> = original.newest().keys().filter(|name| name.starts_with("hashes")).collect();
    // Thirty-eight entries, each a run of its own at first.
    assert!((2..20).contains(&runs.len()), "{runs:?}");
    original.damage_all("look-ups", |folder, what| {
        let opened = open_with(FileStore::open(folder).unwrap(), look_ups(folder));
        let Opened { mut writer, reader, .. } = opened.unwrap_or_else(|e| panic!("{what}: {e}"));
        for (place, signed) in (2..).zip(&original.signed) {
            let found = reader.find(signed.leaf_hash()).unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_eq!(found, Some(index(place)), "{what}");
        }
        let answers = publish(&mut writer, &reader, &original.signed);
        let are_there = answers.iter().all(|answer| matches!(answer, Answer::Duplicate { .. }));
        assert!(are_there, "{what}: {answers:?}");
        assert_eq!(reader.head(), original.head, "{what}");
    });
}
