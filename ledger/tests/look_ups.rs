//! Look-ups that lag or are gone cost a repeat some time, and nobody else any.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::num::NonZeroU64;
use std::sync::Arc;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::current::Entries as _;
use glasshouse_ledger::index::{Index, IndexError};
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::open::{Hold, open_store};
use glasshouse_ledger::reader::{AddendumState, ReadError, Reader};
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::{Answer, Writer};
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::size::LeafIndex;
use support::*;

/// A log of more entries than one step follows, and its statements.
fn grown() -> (Arc<dyn Store>, Vec<Signed>) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&store);
    let statements: Vec<_> = (1..=4_200).map(decision).collect();
    publish(&mut writer, &reader, &statements);
    writer.settle().unwrap();
    (store, statements)
}

/// The first repeat after the index was dropped made the writer follow the whole log, and all others wait for it.
#[test]
fn a_repeat_does_not_make_the_writer_follow_the_whole_log() {
    let (store, statements) = grown();
    // Opened with look-ups that know nothing yet.
    let (mut writer, reader) = open(&store);
    let last = &statements[4_199..];
    let new = [last, &[decision(4_201), decision(4_202)]].concat();
    let answers = publish(&mut writer, &reader, &new);
    assert!(matches!(&answers[0], Answer::Rejected(not_yet) if not_yet.slug == "not-ready"), "{answers:?}");
    assert!(answers[1..].iter().all(|answer| matches!(answer, Answer::Accepted { .. })), "{answers:?}");
    let answers = publish(&mut writer, &reader, last);
    assert!(matches!(answers[0], Answer::Duplicate { index, .. } if index.get() == 4_201), "{answers:?}");
    // Another statement with a taken number is still a conflict.
    let answers = publish(&mut writer, &reader, &[decision(4_200)]);
    assert!(
        matches!(&answers[0], Answer::Rejected(other) if other.slug == "sequence-conflict"),
        "{answers:?}"
    );
}

/// After a kill the look-ups by hash may be far behind, and each round that met a repeat brought on all of them by a step of a
/// second or more, for which everybody waited. Numbers are brought on alone.
#[test]
fn a_repeat_brings_on_numbers_alone() {
    let (store, statements) = grown();
    let index = Index::temporary().unwrap();
    let (clock, again) = (TestClock::new(), index.clone());
    let opened =
        open_store(Arc::clone(&store), signer(), clock, again, Hold::NONE, Publication::AtOnce, &[]).unwrap();
    let (mut writer, reader) = (opened.writer, opened.reader);
    let last = &statements[4_199..];
    publish(&mut writer, &reader, last);
    let reached = index.size().unwrap();
    assert_eq!(reached, 4_096, "one step, which compares the look-ups with the log");
    let answers = publish(&mut writer, &reader, last);
    assert!(matches!(answers[0], Answer::Duplicate { index, .. } if index.get() == 4_201), "{answers:?}");
    assert_eq!(index.size().unwrap(), reached);
    // The rest follows when somebody asks for it, over what is there, and says the same.
    let found = reader.find(last[0].leaf_hash()).unwrap();
    assert_eq!(found.map(|index| index.get()), Some(4_201));
    assert_eq!(index.size().unwrap(), 4_202);
    let answers = publish(&mut writer, &reader, &statements[..2]);
    assert!(matches!(answers[1], Answer::Duplicate { index, .. } if index.get() == 3), "{answers:?}");
}

/// The submitter was told "internal", and the operator nothing: what could not be read was thrown away.
#[test]
fn what_a_repeat_could_not_read_is_told_to_the_operator() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&store);
    let first = decision(1);
    publish(&mut writer, &reader, &[first.clone(), decision(2)]);
    let answers = publish(&mut writer, &reader, std::slice::from_ref(&first));
    assert!(matches!(answers[0], Answer::Duplicate { .. }), "{answers:?}");
    let bundle = "tile/entries/000.p/4";
    let whole = store.get(bundle).unwrap().unwrap();
    store.put(bundle, &whole[..whole.len() / 2]).unwrap();
    for _ in 0..20 {
        writer.submit(admit(&reader, &first).unwrap());
    }
    let report = writer.round().unwrap();
    assert!(
        matches!(&report.answers[0].1, Answer::Rejected(broken) if broken.slug == "internal"),
        "{report:?}"
    );
    assert!(report.remarks[0].contains(bundle) && report.remarks[0].contains("number 1"), "{report:?}");
    assert_eq!(report.remarks.len(), 8, "a round says it a few times only");
    // The submitter is not told what lies in which file.
    assert!(!format!("{:?}", report.answers).contains(bundle), "{report:?}");
    store.put(bundle, &whole).unwrap();
    writer.submit(admit(&reader, &first).unwrap());
    let report = writer.round().unwrap();
    assert!(matches!(report.answers[0].1, Answer::Duplicate { .. }), "{report:?}");
    assert_eq!(report.remarks, Vec::<String>::new());
}

fn open_over(store: &Arc<dyn Store>, index: Index) -> (Writer, Reader) {
    let (store, clock) = (Arc::clone(store), TestClock::new());
    let opened = open_store(store, signer(), clock, index, Hold::NONE, Publication::AtOnce, &[]).unwrap();
    (opened.writer, opened.reader)
}

/// Every entry is found by its hash, its number and the digests of its texts.
fn assert_answers(reader: &Reader, what: &str) {
    let mut cursor = reader.cursor();
    for index in (0..reader.head().size().get()).map(index) {
        let entry = cursor.entry(index).unwrap().unwrap();
        let statement = entry.statement();
        assert_eq!(reader.find(&entry.leaf_hash()).unwrap(), Some(index), "{what}");
        let place = reader.find_sequence(&statement.claims().iss, statement.sequence()).unwrap();
        assert_eq!(place, Some(index), "{what}");
        for digest in statement.payload().addenda().values() {
            let place = match reader.addendum(digest).unwrap() {
                AddendumState::Served { index, .. } | AddendumState::Withheld { index, .. } => index,
                other => panic!("{what}: {index}: {other:?}"),
            };
            assert_eq!(place, index, "{what}");
        }
    }
}

/// Each part is held against the log for itself, and follows it for itself.
#[test]
fn look_ups_of_another_log_or_a_part_of_them_are_built_again() {
    let log = |many: u64| {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let (mut writer, reader) = enrolled(&store);
        publish(&mut writer, &reader, &(1..=many).map(decision).collect::<Vec<_>>());
        writer.settle().unwrap();
        store
    };
    let (own, other) = (log(700), log(900));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("look-ups");
    let look_ups = || Index::open_with_runs_of(&path, NonZeroU64::MIN).unwrap();
    let runs = || std::fs::read_dir(path.join("hashes")).unwrap().count();
    for (what, store) in
        [("new", &own), ("of a longer log", &other), ("of a shorter one", &own), ("as they are", &own)]
    {
        let (_writer, reader) = open_over(store, look_ups());
        assert_answers(&reader, what);
        assert!(runs() > 0);
    }
    for (what, part) in [("numbers alone", "hashes"), ("hashes alone", "numbers.sled")] {
        std::fs::remove_dir_all(path.join(part)).unwrap();
        let (_writer, reader) = open_over(&own, look_ups());
        assert_answers(&reader, what);
        assert!(runs() > 0);
    }
    // What cannot be a folder of runs is no reason not to start.
    std::fs::remove_dir_all(path.join("hashes")).unwrap();
    std::fs::write(path.join("hashes"), "a file").unwrap();
    let (_writer, reader) = open_over(&own, look_ups());
    assert_answers(&reader, "a file in their place");
}

/// Whoever asked by hash built all of them first, and kept everybody else from reading meanwhile.
#[test]
fn who_asks_builds_no_more_than_a_step() {
    let (store, statements) = grown();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("look-ups");
    let index = Index::open_with_runs_of(&path, NonZeroU64::new(512).unwrap()).unwrap();
    let (_writer, reader) = open_over(&store, index.clone());
    reader.catch_up().unwrap();
    let (first, last) = (&statements[0], &statements[4_199]);
    let place = |found: Option<LeafIndex>| found.map(LeafIndex::get);
    assert_eq!(place(reader.find(first.leaf_hash()).unwrap()), Some(2));
    for run in std::fs::read_dir(path.join("hashes")).unwrap() {
        let run = run.unwrap().path();
        let length = std::fs::read(&run).unwrap().len();
        std::fs::write(run, vec![0xff; length]).unwrap();
    }
    let digest = Digest::of(first.addenda().values().next().unwrap());
    let lacking = [reader.find(first.leaf_hash()).unwrap_err(), reader.addendum(&digest).unwrap_err()];
    for lacking in lacking {
        assert!(
            matches!(lacking, ReadError::Index(IndexError::Behind { covered: 0, size: 4_202 })),
            "{lacking}"
        );
        assert_eq!(lacking.to_string(), "the look-ups are being built: 0 of 4202 entries are covered");
    }
    assert_eq!(index.size().unwrap(), 0);
    assert!(!reader.look_ups_are_near().unwrap());
    // Numbers are there, and asked for alone.
    let found = reader.find_sequence(provider().issuer(), sequence(4_200)).unwrap();
    assert_eq!((place(found), index.size().unwrap()), (Some(4_201), 0));
    // Whoever builds them goes by steps, and what they know is found at once.
    assert!(!reader.catch_up_some().unwrap());
    assert_eq!(place(reader.find(first.leaf_hash()).unwrap()), Some(2));
    assert_eq!(index.size().unwrap(), 4_096);
    assert!(reader.look_ups_are_near().unwrap());
    assert_eq!(place(reader.find(last.leaf_hash()).unwrap()), Some(4_201));
    assert_eq!(index.size().unwrap(), 4_202);
    assert!(reader.catch_up_some().unwrap());
}

/// Numbers that a repeat had brought on were not asked before the look-ups by hash were there too.
#[test]
fn who_asks_by_number_brings_on_numbers_alone() {
    let (store, statements) = grown();
    let index = Index::temporary().unwrap();
    let (_writer, reader) = open_over(&store, index.clone());
    assert!(!reader.catch_up_some().unwrap());
    assert_eq!(statements.len(), 4_200);
    let found = reader.find_sequence(provider().issuer(), sequence(4_200)).unwrap();
    assert_eq!(found.map(LeafIndex::get), Some(4_201));
    assert_eq!(index.size().unwrap(), 4_096, "those by hash were brought on too");
}
