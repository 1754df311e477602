#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use glasshouse_verifier::hash::LeafHash;
use proptest::prelude::*;

use super::super::run::last_block_before;
use super::*;

/// What one entry leads to: its leaf hash, and digests of texts.
type Added = (LeafHash, Vec<[u8; 32]>);

/// A hash that begins with these bytes.
fn hash(key: u64, rest: u8) -> [u8; 32] {
    let mut hash = [rest; 32];
    hash[..8].copy_from_slice(&key.to_be_bytes());
    hash
}

/// Keys spread evenly, without a pattern.
fn spread(number: u64) -> u64 {
    let mixed = (number ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

fn add(hashes: &Hashes, first: u64, entries: &[Added]) -> io::Result<()> {
    let records = (first..).zip(entries).flat_map(|(index, (leaf, digests))| {
        let texts = digests.iter().map(move |digest| Kind::Addendum.record(digest, index));
        std::iter::once(Kind::Leaf.record(leaf.as_bytes(), index)).chain(texts)
    });
    hashes.add(records.collect(), first + entries.len() as u64, entries.last().unwrap().0)
}

/// What the log says.
#[derive(Default)]
struct Model(BTreeMap<(bool, u64), Vec<u64>>);

impl Model {
    fn add(&mut self, first: u64, entries: &[Added]) {
        for (index, (leaf, digests)) in (first..).zip(entries) {
            self.0.entry((false, key(leaf.as_bytes()))).or_default().push(index);
            for digest in digests {
                let places = self.0.entry((true, key(digest))).or_default();
                if places.last() != Some(&index) {
                    places.push(index);
                }
            }
        }
    }

    fn assert_holds(&self, hashes: &Hashes) {
        for ((is_text, key), places) in &self.0 {
            let kind = if *is_text { Kind::Addendum } else { Kind::Leaf };
            let found = hashes.places(kind, &hash(*key, 0)).unwrap();
            let found: Vec<_> = found.iter().map(|place| place.get()).collect();
            assert_eq!(found, places[..places.len().min(PLACES)], "{kind:?} {key:x}");
        }
        for key in [0, 1, u64::MAX - 1, 1 << 40, 77] {
            for (is_text, kind) in [(false, Kind::Leaf), (true, Kind::Addendum)] {
                let is_there = self.0.contains_key(&(is_text, key));
                assert_eq!(hashes.places(kind, &hash(key, 0)).unwrap().is_empty(), !is_there, "{key:x}");
            }
        }
    }
}

fn entries(keys: impl Fn(u64) -> u64, first: u64, many: u64) -> Vec<Added> {
    let entry = |index: u64| {
        let digests = (0..index % 4).map(|text| hash(keys(index * 16 + text + 1), 1)).collect();
        (LeafHash::from_bytes(hash(keys(index * 16), 0)), digests)
    };
    (first..first + many).map(entry).collect()
}

/// Every way to choose hashes: spread evenly, all beginning alike, piled at both ends, one after the other.
#[test]
fn every_hash_leads_to_its_entries_whoever_chose_them() {
    let ways: [(&str, fn(u64) -> u64); 5] = [
        ("spread", spread),
        ("alike", |_| 7),
        ("at both ends", |number| if number % 2 == 0 { number / 900 } else { u64::MAX - number / 900 }),
        ("one after the other", |number| number),
        ("half of them alike", |number| if number % 2 == 0 { 1 << 63 } else { spread(number) }),
    ];
    for (way, keys) in ways {
        let folder = tempfile::tempdir().unwrap();
        let hashes = Hashes::open(folder.path().to_owned(), Some(64)).unwrap();
        let mut model = Model::default();
        for first in (0..3_000).step_by(50) {
            let new = entries(keys, first, 50);
            model.add(first, &new);
            add(&hashes, first, &new).unwrap();
        }
        println!("{way}: {:?}", hashes.standing().runs.iter().map(|run| run.entries()).collect::<Vec<_>>());
        model.assert_holds(&hashes);
        let again = Hashes::open(folder.path().to_owned(), Some(64)).unwrap();
        let size = again.size();
        assert!(size > 2_800 && again.last() == Some(entries(keys, size - 1, 1)[0].0), "{way}: {size}");
        add(&again, size, &entries(keys, size, 3_000 - size)).unwrap();
        model.assert_holds(&again);
    }
}

/// A block is found in a few reads: the root of the number of blocks would be hundreds, all of them thousands.
#[test]
fn an_even_run_is_searched_in_few_reads() {
    let folder = tempfile::tempdir().unwrap();
    let mut records: Vec<_> = (0..500_000).map(|index| Record { key: spread(index), place: index }).collect();
    records.sort_unstable();
    let last = LeafHash::from_bytes([0; 32]);
    let header = Header { first: 0, end: 500_000, records: 500_000, last };
    let mut out = RunWriter::begin(folder.path(), header).unwrap();
    records.iter().try_for_each(|record| out.push(*record)).unwrap();
    let run = out.finish().unwrap();
    let (mut asked, mut reads) = (0_f64, 0_f64);
    for record in records.iter().step_by(499) {
        assert_eq!(run.range(*record, *record, 9).unwrap(), [*record]);
        let read = |number| {
            reads += 1.0;
            run.block(number)
        };
        let (_, block) = last_block_before(*record, header.blocks(), read).unwrap();
        assert!(block.first().is_none_or(|first| first <= record) || *record == records[0]);
        asked += 1.0;
    }
    println!("{} reads for each look-up", reads / asked);
    assert!(reads / asked < 4.0, "{}", reads / asked);
}

/// Merges keep up: the runs stay few, and a record is written about once for each size of run.
#[test]
fn runs_stay_few_and_no_entry_is_written_often() {
    let folder = tempfile::tempdir().unwrap();
    let hashes = Hashes::open(folder.path().to_owned(), Some(16)).unwrap();
    let (mut seen, mut written) = (std::collections::HashSet::new(), 0);
    // Four sizes above the shortest: 16, 128, 1,024, 8,192 and 65,536.
    for first in (0..100_000).step_by(8) {
        add(&hashes, first, &entries(spread, first, 8)).unwrap();
        let runs = hashes.standing().runs.clone();
        assert!(runs.len() <= 5 * 2 * FAN_IN, "{} runs at {first}", runs.len());
        written += runs.iter().filter(|run| seen.insert(*run.header())).map(|run| run.entries()).sum::<u64>();
    }
    assert!(written <= 5 * 100_000, "{written}");
    assert!(written > 3 * 100_000, "they are merged: {written}");
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, hashes.standing().runs.len() + hashes.merges().len(), "nothing else lies there");
}

/// A merge that cannot be written, or a run that cannot, is told, nothing is forgotten, and it goes on when there is room.
#[test]
fn a_folder_that_takes_nothing_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hashes");
    fs::create_dir(&path).unwrap();
    let hashes = Hashes::open(path.clone(), Some(4)).unwrap();
    let mut model = Model::default();
    let new = entries(spread, 0, 4);
    model.add(0, &new);
    add(&hashes, 0, &new).unwrap();
    let more = entries(spread, 4, 4);
    fs::rename(&path, folder.path().join("away")).unwrap();
    for _ in 0..3 {
        add(&hashes, 4, &more).unwrap_err();
        assert_eq!(hashes.size(), 4);
        model.assert_holds(&hashes);
    }
    fs::rename(folder.path().join("away"), &path).unwrap();
    model.add(4, &more);
    add(&hashes, 4, &more).unwrap();
    model.assert_holds(&hashes);
}

/// One step of a log's life.
#[derive(Debug, Clone)]
enum Step {
    Add(u64),
    /// The process dies, and files that were never synced are as they were, cut, gone, or have a byte flipped.
    Die(Option<(usize, Harm)>),
    /// A byte of a run that lies is flipped while it is open.
    Flip(usize, usize),
}

#[derive(Debug, Clone)]
enum Harm {
    Gone,
    Cut(usize),
    Flipped(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let harm = prop_oneof![
        Just(Harm::Gone),
        any::<usize>().prop_map(Harm::Cut),
        any::<usize>().prop_map(Harm::Flipped)
    ];
    let step = prop_oneof![
        8 => (1_u64..24).prop_map(Step::Add),
        1 => prop::option::of((any::<usize>(), harm)).prop_map(Step::Die),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(file, at)| Step::Flip(file, at)),
    ];
    prop::collection::vec(step, 1..30)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    if !bytes.is_empty() {
        let at = at % bytes.len();
        bytes[at] ^= 1 << (at % 8);
    }
    // Into the file that is open, not into a new one of that name.
    fs::write(path, bytes).unwrap();
}

/// Adds what is missing, as whoever follows the log does, until all is covered and every look-up succeeds.
fn follow(hashes: &Hashes, log: &[Added], model: &Model) {
    for _ in 0..100 {
        hashes.drop_damaged().unwrap();
        let size = hashes.size();
        for (first, chunk) in (size..).step_by(32).zip(log[size as usize..].chunks(32)) {
            // It may not be able to; the size says how far it came.
            if hashes.size() != first || add(hashes, first, chunk).is_err() {
                break;
            }
        }
        let kinds =
            model.0.keys().map(|(is_text, key)| (if *is_text { Kind::Addendum } else { Kind::Leaf }, key));
        let is_whole =
            kinds.map(|(kind, key)| hashes.places(kind, &hash(*key, 0))).all(|found| found.is_ok());
        if is_whole && hashes.size() == log.len() as u64 {
            return;
        }
    }
    panic!("it never covers the log");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever lies there after a crash, and whatever breaks meanwhile: a look-up fails or says what the log says.
    #[test]
    fn no_loss_of_power_and_no_damage_hides_an_entry(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let open = || Hashes::open(folder.path().to_owned(), Some(8)).unwrap();
        let (mut hashes, mut log, mut model) = (open(), Vec::new(), Model::default());
        for step in steps {
            match step {
                Step::Add(many) => {
                    let first = log.len() as u64;
                    let new = entries(spread, first, many);
                    model.add(first, &new);
                    log.extend(new);
                }
                Step::Die(harm) => {
                    let files = files(folder.path());
                    if let Some((file, harm)) = harm && !files.is_empty() {
                        let path = &files[file % files.len()];
                        match harm {
                            Harm::Gone => fs::remove_file(path).unwrap(),
                            Harm::Cut(at) => {
                                let bytes = fs::read(path).unwrap();
                                fs::write(path, &bytes[..at % (bytes.len() + 1)]).unwrap();
                            }
                            Harm::Flipped(at) => flip(path, at),
                        }
                    }
                    hashes = open();
                    // The log says by its last entry whether they are its own.
                    if let Some(last) = hashes.size().checked_sub(1) {
                        prop_assert_eq!(hashes.last(), Some(log[last as usize].0));
                    }
                }
                Step::Flip(file, at) => {
                    let files = files(folder.path());
                    if !files.is_empty() {
                        flip(&files[file % files.len()], at);
                    }
                }
            }
            follow(&hashes, &log, &model);
            model.assert_holds(&hashes);
        }
    }
}
