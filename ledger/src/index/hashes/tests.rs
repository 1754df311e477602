//! Look-ups by hash: what they say of a log, in how many reads and steps, and beside damage.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use glasshouse_verifier::hash::LeafHash;

use super::super::run::last_block_before;
use super::*;

mod lives;
mod merges;

/// Numbers spread evenly, without a pattern.
fn spread(number: u64) -> u64 {
    let mixed = (number ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

/// A hash that begins with these bytes.
fn hash(key: u64, rest: u8) -> [u8; 32] {
    let mut hash = [rest; 32];
    hash[..8].copy_from_slice(&key.to_be_bytes());
    hash
}

/// The entries of the log of that word: a leaf hash, up to three digests of texts of its own, and sometimes one that others have.
fn entries(word: u64, first: u64, many: u64) -> Vec<Hashed> {
    let entry = |index: u64| {
        let own = (0..index % 4).map(|text| hash(spread(word + index * 16 + text), 1));
        let shared = index.is_multiple_of(5).then(|| hash(spread(word + index / 50), 2));
        Hashed {
            leaf: LeafHash::from_bytes(hash(spread(word + index), 0)),
            addenda: own.chain(shared).collect(),
        }
    };
    (first..first + many).map(entry).collect()
}

/// What the log says.
#[derive(Default)]
struct Model {
    size: u64,
    places: BTreeMap<(bool, [u8; 32]), Vec<u64>>,
}

impl Model {
    fn add(&mut self, entries: &[Hashed]) {
        for entry in entries {
            let texts = entry.addenda.iter().map(|digest| (true, *digest));
            for hash in texts.chain([(false, *entry.leaf.as_bytes())]) {
                self.places.entry(hash).or_default().push(self.size);
            }
            self.size += 1;
        }
    }

    /// Looks up everything; errors are passed on, wrong answers are not.
    fn check(&self, hashes: &Hashes) -> io::Result<()> {
        for ((is_text, hash), places) in &self.places {
            let kind = if *is_text { Kind::Addendum } else { Kind::Leaf };
            let Some(found) = hashes.places(kind, hash, self.size)? else {
                return Err(io::Error::other("behind"));
            };
            let found: Vec<_> = found.iter().map(|place| place.get()).collect();
            assert_eq!(found, *places, "{kind:?} {hash:?}");
            // The other kind has no such hash.
            let other = if *is_text { Kind::Leaf } else { Kind::Addendum };
            assert_eq!(hashes.places(other, hash, 0)?, Some(Vec::new()));
        }
        Ok(())
    }
}

fn open(folder: &Path, run_entries: u64) -> Hashes {
    Hashes::open(folder.to_owned(), NonZeroU64::new(run_entries)).unwrap()
}

fn runs(hashes: &Hashes) -> Vec<Arc<Run>> {
    hashes.standing().runs.clone()
}

/// Adds what is missing of the log of that word, as whoever follows it does; damage may end it early.
fn follow(hashes: &Hashes, word: u64, size: u64, step: u64) {
    hashes.keep_while(|run| Ok::<_, ()>(!run.is_damaged())).unwrap();
    let mut at = hashes.size();
    while at < size {
        let many = step.min(size - at);
        if hashes.add(at, &entries(word, at, many)).is_err() || hashes.size() != at + many {
            return;
        }
        at += many;
    }
}

#[test]
fn what_is_merged_says_what_the_log_says_and_goes_on_after_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let hashes = open(folder.path(), 64);
    let mut model = Model::default();
    model.add(&entries(0, 0, 10_000));
    follow(&hashes, 0, 10_000, 50);
    assert!(runs(&hashes).iter().any(|run| run.entries() >= 64 * 64), "some are merged twice");
    model.check(&hashes).unwrap();
    let again = open(folder.path(), 64);
    assert!((9_900..10_000).contains(&again.size()), "{}", again.size());
    assert_eq!(
        again.places(Kind::Leaf, &[0; 32], 10_000).unwrap(),
        None,
        "nobody is told that it is not there"
    );
    follow(&again, 0, 10_000, 7);
    model.check(&again).unwrap();
}

/// Whoever chooses the digests of the texts that he withholds cannot keep others from finding theirs, nor have many entries read
/// for one that he asks for.
#[test]
fn hashes_that_were_chosen_to_begin_alike_are_no_crowd() {
    let folder = tempfile::tempdir().unwrap();
    let hashes = open(folder.path(), 64);
    let digest = |index: u64| {
        let mut digest = hash(7, 0);
        digest[24..].copy_from_slice(&index.to_be_bytes());
        digest
    };
    let entry = |index| Hashed { leaf: LeafHash::from_bytes(hash(index, 0)), addenda: vec![digest(index)] };
    for first in (0..1_000).step_by(50) {
        hashes.add(first, &(first..first + 50).map(entry).collect::<Vec<_>>()).unwrap();
    }
    for index in 0..1_000 {
        let found = hashes.places(Kind::Addendum, &digest(index), 1_000).unwrap();
        assert_eq!(found, Some(vec![LeafIndex::new(index).unwrap()]));
    }
}

fn written(folder: &Path, keys: impl Fn(u64) -> u64, many: u64) -> (Run, Vec<Record>) {
    let mut records: Vec<_> = (0..many).map(|index| Record { key: keys(index), place: index }).collect();
    records.sort_unstable();
    let last = LeafHash::from_bytes([0; 32]);
    let mut out =
        RunWriter::begin(folder, Header { first: 0, end: many, records: many, last, salt: [0; SALT] })
            .unwrap();
    records.iter().try_for_each(|record| out.push(*record)).unwrap();
    (out.finish().unwrap(), records)
}

/// Two or three reads where keys are spread, twice the logarithm where they are not: the bound that halving gives.
#[test]
fn a_run_is_searched_in_few_reads_whatever_its_keys() {
    /// The way, its keys, and how many reads there are on average and at most.
    type Way = (&'static str, fn(u64) -> u64, f64, u32);
    let ways: [Way; 5] = [
        ("spread", spread, 4.0, 10),
        ("alike", |_| 7, 23.0, 24),
        (
            "at both ends",
            |number| if number.is_multiple_of(2) { number / 90 } else { u64::MAX - number / 90 },
            23.0,
            24,
        ),
        ("one after the other", |number| number, 23.0, 24),
        (
            "half of them alike",
            |number| if number.is_multiple_of(2) { 1 << 63 } else { spread(number) },
            23.0,
            24,
        ),
    ];
    for (way, keys, mean, most) in ways {
        let folder = tempfile::tempdir().unwrap();
        let (run, records) = written(folder.path(), keys, 500_000);
        let (mut asked, mut sum, mut worst) = (0_u32, 0_u32, 0_u32);
        for record in records.iter().step_by(499) {
            assert_eq!(run.range(*record, *record, 9).unwrap(), [*record], "{way}");
            let mut reads = 0;
            let read = |number| {
                reads += 1;
                run.block(number)
            };
            last_block_before(*record, run.header().blocks(), read).unwrap();
            (asked, sum, worst) = (asked + 1, sum + reads, worst.max(reads));
        }
        let average = f64::from(sum) / f64::from(asked);
        println!("{way}: {average} reads, {worst} at most");
        assert!(average < mean && worst <= most, "{way}: {average} {worst}");
    }
}

/// A run without its name was not finished, however whole it looks.
#[test]
fn what_has_no_name_yet_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    follow(&open(folder.path(), 64), 0, 300, 10);
    fs::rename(folder.path().join("140-210"), folder.path().join("140-210.new")).unwrap();
    assert_eq!(open(folder.path(), 64).size(), 140);
    assert!(!folder.path().join("140-210.new").exists());
}

/// What cannot be written is told, nothing is forgotten, and it goes on when it can be.
#[test]
fn a_folder_that_takes_nothing_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hashes");
    fs::create_dir(&path).unwrap();
    let hashes = open(&path, 4);
    let mut model = Model::default();
    model.add(&entries(0, 0, 4));
    follow(&hashes, 0, 4, 4);
    fs::rename(&path, folder.path().join("away")).unwrap();
    for _ in 0..3 {
        hashes.add(4, &entries(0, 4, 4)).unwrap_err();
        assert_eq!(hashes.size(), 4);
        model.check(&hashes).unwrap();
    }
    fs::rename(folder.path().join("away"), &path).unwrap();
    // A merge is not what anybody waits for: entries are taken in while it cannot be written.
    let in_the_way = path.join("0-32.new");
    fs::create_dir(&in_the_way).unwrap();
    model.add(&entries(0, 4, 76));
    follow(&hashes, 0, 80, 4);
    assert_eq!((hashes.size(), runs(&hashes).len()), (80, 19));
    model.check(&hashes).unwrap();
    hashes.tend().unwrap_err();
    fs::remove_dir(&in_the_way).unwrap();
    while hashes.tend().unwrap() {}
    assert_eq!(runs(&hashes).len(), 5, "two merges of eight, and three");
    model.check(&hashes).unwrap();
}

/// Runs of another log, all of them or only the first; a block of another run; two runs that changed places.
#[test]
fn what_is_not_the_logs_does_not_count() {
    let (own, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut model = Model::default();
    model.add(&entries(0, 0, 300));
    follow(&open(own.path(), 64), 0, 300, 10);
    follow(&open(other.path(), 64), 1 << 40, 300, 10);
    let names: Vec<_> = runs(&open(own.path(), 64)).iter().map(|run| run.header().name()).collect();
    assert_eq!(names, ["0-70", "70-140", "140-210", "210-280"]);
    let belongs = |run: &Run| {
        let last = entries(0, run.header().end - 1, 1);
        Ok::<_, ()>(run.header().last == last[0].leaf)
    };
    let bytes = |folder: &Path, name: &str| fs::read(folder.join(name)).unwrap();
    /// What it is, how many entries count after it, and the files that are put there.
    type Damage<'a> = (&'a str, u64, Vec<(&'a str, Vec<u8>)>);
    let damages: [Damage<'_>; 4] = [
        (
            "all of another log",
            0,
            names.iter().map(|name| (name.as_str(), bytes(other.path(), name))).collect(),
        ),
        ("the first of another log", 0, vec![("0-70", bytes(other.path(), "0-70"))]),
        ("a block of another log", 70, {
            let (mine, not_mine) = (bytes(own.path(), "70-140"), bytes(other.path(), "70-140"));
            vec![("70-140", [&mine[..4_096], &not_mine[4_096..]].concat())]
        }),
        ("two that changed places", 70, {
            vec![("70-140", bytes(own.path(), "140-210")), ("140-210", bytes(own.path(), "70-140"))]
        }),
    ];
    for (what, kept, damage) in damages {
        let folder = tempfile::tempdir().unwrap();
        for name in &names {
            fs::copy(own.path().join(name), folder.path().join(name)).unwrap();
        }
        damage.iter().for_each(|(name, bytes)| fs::write(folder.path().join(name), bytes).unwrap());
        let hashes = open(folder.path(), 64);
        hashes.keep_while(belongs).unwrap();
        if hashes.size() == 280 {
            follow(&hashes, 0, 300, 10);
            model.check(&hashes).unwrap_err();
        }
        assert_eq!(hashes.size(), kept, "{what}");
        follow(&hashes, 0, 300, 10);
        model.check(&hashes).unwrap();
    }
}

/// Readers beside whoever follows, while blocks are damaged under them: they are told right, or to come again.
#[test]
fn readers_beside_damage_are_told_right_or_nothing() {
    const SIZE: u64 = 600;
    let folder = tempfile::tempdir().unwrap();
    let hashes = open(folder.path(), 16);
    follow(&hashes, 0, SIZE, 10);
    let all: Vec<_> = (0..).zip(entries(0, 0, SIZE)).collect();
    let (is_over, right) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    for (index, entry) in &all {
                        if let Ok(Some(found)) = hashes.places(Kind::Leaf, entry.leaf.as_bytes(), SIZE) {
                            assert_eq!(found, [LeafIndex::new(*index).unwrap()]);
                            right.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
        for round in 0..300 {
            let runs = runs(&hashes);
            flip(runs[spread(round) as usize % runs.len()].path(), 4_096 + spread(round) as usize % 4_000);
            // Until they were told so much again: damage is met and mended meanwhile.
            let before = right.load(Ordering::Relaxed);
            while right.load(Ordering::Relaxed) < before + 100 {
                match hashes.size() == SIZE {
                    true => std::thread::yield_now(),
                    false => follow(&hashes, 0, SIZE, 10),
                }
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

/// Into the file that is open, not into a new one of that name. Half of the time among the first records.
fn flip(path: &Path, at: usize) {
    let Ok(mut bytes) = fs::read(path) else { return };
    let at = if at.is_multiple_of(2) { at % bytes.len().max(1) } else { 4_096 + at % 64 };
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << (at % 8);
        fs::write(path, bytes).unwrap();
    }
}
