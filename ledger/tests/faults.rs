//! The fault table: every call of every step of the write path, failed and failed-but-persisted, then the process killed
//! or the power lost. The expected outcome stands in the row.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::{Answer, Writer, WriterError};
use glasshouse_verifier::size::TreeSize;
use support::faulty_store::{Fault, FaultyStore};
use support::*;

/// What the next start finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// The tree before the round: nothing of it happened.
    Before,
    /// The tree after the round, whole.
    After,
}

use Found::{After, Before};

/// One call of the round or of its settling: how it begins, and what the next start finds if it failed without doing
/// anything, and if it failed after doing all of it.
struct Row(&'static str, Found, Found);

/// A round of one entry with texts on a tree of two, in the order of its calls.
const ROUND: &[Row] = &[
    // Step 2. A stage that is whole was signed: that tree is the next one, although nobody was answered.
    Row("put_durable stage/3-", Before, After),
    // Step 3. The stage is there in both cases.
    Row("swap_state", After, After),
    // Step 4. The state names the stage; whatever was torn is written again.
    Row("append addenda-pack/000", After, After),
    Row("put tile/entries/000.p/3", After, After),
    Row("put tile/0/000.p/3", After, After),
    // Step 5. Published or not, the stage is carried out again with its own note.
    Row("put_durable checkpoint", After, After),
];

/// Settling, after the submitters were answered: nothing that was answered may be lost.
const SETTLING: &[Row] = &[Row("sync", After, After), Row("delete stage/3-", After, After)];

/// The same with the round that fills the first tile and bundle: partial ones go at the end.
const FILLING: &[Row] = &[
    Row("put_durable stage/257-", Before, After),
    Row("swap_state", After, After),
    Row("append addenda-pack/000", After, After),
    Row("append addenda-pack/001", After, After),
    Row("put tile/entries/000", After, After),
    Row("put tile/0/000", After, After),
    Row("put tile/entries/001.p/1", After, After),
    Row("put tile/0/001.p/1", After, After),
    Row("put tile/1/000.p/1", After, After),
    Row("put_durable checkpoint", After, After),
];

const FILLING_SETTLED: &[Row] = &[
    Row("sync", After, After),
    Row("delete stage/257-", After, After),
    Row("delete tile/entries/000.p/1", After, After),
    Row("delete tile/entries/000.p/2", After, After),
    Row("delete tile/entries/000.p/254", After, After),
    Row("delete tile/0/000.p/1", After, After),
    Row("delete tile/0/000.p/2", After, After),
    Row("delete tile/0/000.p/254", After, After),
];

/// Writing down what the entries say, after everything was settled: nothing depends on it, and only a failed sync ends the writer.
const KEEPING: &[(&str, bool)] = &[("sync", true), ("put_durable history", false)];

/// A ledger of `size` entries on a store that can fail, everything settled, and `size` ≥ 2.
fn ledger(size: u64) -> (Arc<FaultyStore>, Writer, glasshouse_ledger::reader::Reader) {
    let faulty = Arc::new(FaultyStore::new(MemoryStore::new()));
    let store: Arc<dyn Store> = faulty.clone();
    let (mut writer, reader) = enrolled(&store);
    writer.settle().unwrap();
    let statements: Vec<_> = (1..=size - 2).map(decision).collect();
    publish(&mut writer, &reader, &statements);
    writer.settle().unwrap();
    assert_eq!(reader.head().size().get(), size);
    (faulty, writer, reader)
}

/// Runs a table. `settled`: the fault comes while settling, after the answers.
#[track_caller]
fn run(table: &[Row], size: u64, added: u64, settled: bool) {
    for (at, row) in table.iter().enumerate() {
        for (fault, found) in [(Fault::Failed, row.1), (Fault::Persisted, row.2)] {
            run_row(row.0, at, fault, found, (size, added), settled);
        }
    }
}

fn run_row(call: &str, at: usize, fault: Fault, found: Found, (size, added): (u64, u64), settled: bool) {
    let story = format!("{call} {fault:?}");
    let (faulty, mut writer, reader) = ledger(size);
    let statements: Vec<_> = (0..added).map(|n| decision(size - 1 + n)).collect();
    if settled {
        publish(&mut writer, &reader, &statements);
    }
    faulty.arm(at, fault);
    let error = if settled {
        writer.settle().unwrap_err()
    } else {
        for signed in &statements {
            writer.submit(admit(&reader, signed).unwrap());
        }
        writer.round().unwrap_err()
    };
    assert!(matches!(error, WriterError::Store(_) | WriterError::Pack(_)), "{story}: {error}");
    check_stopped(&story, &faulty, &mut writer, call, at);
    let published = reader.head().size();
    for left in [faulty.inner().after_kill(), faulty.inner().after_power_loss()] {
        let expected = if found == After { size + added } else { size };
        check_left(&story, left, expected, published, &statements);
    }
}

/// The call that failed was the one of the row, and the last one.
fn check_stopped(story: &str, faulty: &FaultyStore, writer: &mut Writer, call: &str, at: usize) {
    let names = faulty.names();
    assert_eq!(names.len(), at + 1, "{story}: nothing is called after a failed call: {names:?}");
    assert!(names[at].starts_with(call), "{story}: the table has another order: {names:?}");
    // After an error the writer does nothing any more.
    assert!(matches!(writer.round(), Err(WriterError::Stopped)), "{story}");
    assert!(matches!(writer.settle(), Err(WriterError::Stopped)), "{story}");
}

/// Opens what is left: the expected tree, everything that was ever published, and a clean check.
fn check_left(
    story: &str,
    left: MemoryStore,
    expected: u64,
    published: TreeSize,
    statements: &[glasshouse_ledger::author::Signed],
) {
    let store: Arc<dyn Store> = Arc::new(left);
    let (mut writer, reader) = open(&store);
    assert_eq!(reader.head().size().get(), expected, "{story}");
    assert!(published <= reader.head().size(), "{story}: a published tree was lost");
    reader.prove_consistency(published, reader.head().size()).unwrap();
    assert_clean(store.as_ref());
    assert_eq!(store.list("stage").unwrap(), Vec::<String>::new(), "{story}");
    // The submitters send again: each is told where its statement is, or gets that very place.
    let answers = publish(&mut writer, &reader, statements);
    let size = expected.max(reader.head().size().get());
    for (at, (answer, signed)) in answers.iter().zip(statements).enumerate() {
        let place = size - statements.len() as u64 + at as u64;
        let right = match answer {
            Answer::Accepted { index, leaf_hash } | Answer::Duplicate { index, leaf_hash } => {
                index.get() == place && leaf_hash == signed.leaf_hash()
            }
            Answer::Rejected(_) => false,
        };
        assert!(right, "{story}: {answer:?}");
    }
    writer.settle().unwrap();
    assert_clean(store.as_ref());
}

#[test]
fn every_call_of_a_round_fails() {
    run(ROUND, 2, 1, false);
}

#[test]
fn every_call_of_settling_fails() {
    run(SETTLING, 2, 1, true);
}

#[test]
fn every_call_of_the_round_that_fills_a_tile_fails() {
    run(FILLING, 254, 3, false);
}

#[test]
fn every_call_of_settling_a_full_tile_fails() {
    run(FILLING_SETTLED, 254, 3, true);
}

#[test]
fn every_call_of_writing_down_what_the_entries_say_fails() {
    for (at, (call, ends)) in KEEPING.iter().enumerate() {
        for fault in [Fault::Failed, Fault::Persisted, Fault::Unsynced] {
            let story = format!("{call} {fault:?}");
            // A file that cannot be written is no matter; what the disk holds after a failed sync, nobody knows.
            let ends = *ends || fault == Fault::Unsynced;
            let (faulty, mut writer, reader) = ledger(260);
            writer.keep_history().unwrap();
            let statements = [decision(259), decision(260)];
            publish(&mut writer, &reader, &statements);
            writer.settle().unwrap();
            faulty.arm(at, fault);
            let kept = writer.keep_history();
            assert_eq!(matches!(kept, Err(WriterError::Store(_))), ends, "{story}: {kept:?}");
            match ends {
                true => check_stopped(&story, &faulty, &mut writer, call, at),
                false => assert!(!writer.is_stopped(), "{story}"),
            }
            let published = reader.head().size();
            for left in [faulty.inner().after_kill(), faulty.inner().after_power_loss()] {
                check_left(&story, left, 262, published, &statements);
            }
        }
    }
    let (faulty, mut writer, _) = ledger(260);
    faulty.arm(usize::MAX, Fault::Failed);
    writer.keep_history().unwrap();
    assert_eq!(faulty.names(), KEEPING.iter().map(|(call, _)| *call).collect::<Vec<_>>());
}

#[test]
fn the_tables_name_every_call() {
    for (round, settling, size, added) in [(ROUND, SETTLING, 2, 1), (FILLING, FILLING_SETTLED, 254, 3)] {
        let (faulty, mut writer, reader) = ledger(size);
        let statements: Vec<_> = (0..added).map(|n| decision(size - 1 + n)).collect();
        faulty.arm(usize::MAX, Fault::Failed);
        publish(&mut writer, &reader, &statements);
        writer.settle().unwrap();
        let names = faulty.names();
        let rows: Vec<_> = round.iter().chain(settling).map(|row| row.0).collect();
        assert_eq!(names.len(), rows.len(), "{names:#?}");
        for (name, row) in names.iter().zip(rows) {
            assert!(name.starts_with(row), "{name} is not {row}");
        }
    }
}

/// Recovery itself dies at each of its calls, again and again, and ends at the same tree.
#[test]
fn recovery_can_die_at_every_call() {
    let (faulty, mut writer, reader) = ledger(254);
    let statements: Vec<_> = (0..3).map(|n| decision(253 + n)).collect();
    faulty.arm(1, Fault::Failed);
    for signed in &statements {
        writer.submit(admit(&reader, signed).unwrap());
    }
    writer.round().unwrap_err();
    let mut deaths = 0;
    for fault in [Fault::Failed, Fault::Persisted] {
        for at in 0.. {
            let again = Arc::new(FaultyStore::new(faulty.inner().after_power_loss()));
            again.arm(at, fault);
            let store: Arc<dyn Store> = again.clone();
            if try_open(&store).is_ok() {
                break;
            }
            deaths += 1;
            for left in [again.inner().after_kill(), again.inner().after_power_loss()] {
                check_left(
                    &format!("recovery call {at} {fault:?}"),
                    left,
                    257,
                    TreeSize::new(254).unwrap(),
                    &statements,
                );
            }
        }
    }
    // Two faults at each of: reset, two packs, five files, checkpoint, sync, stage, four partial ones at least.
    assert!(deaths >= 28, "{deaths}");
}
