//! Look-ups that lag or are gone cost a repeat some time, and nobody else any.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::index::Index;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::open::{Hold, open_store};
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_ledger::writer::Answer;
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
