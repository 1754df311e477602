//! Damage that must be named, and must not grow: what the checker says about it, and what a start does with it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::fsck::{Finding, fsck};
use glasshouse_ledger::ledger::{Ledger, OpenOptions};
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::open::Hold;
use glasshouse_ledger::pack::{erase_text, pack_path, scan_pack};
use glasshouse_ledger::store::Store;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_verifier::bundle::{encode_bundle, parse_bundle};
use glasshouse_verifier::targets::Target;
use support::faulty_store::{Fault, FaultyStore};
use support::lives::{accepted, redaction, submit};
use support::*;

/// A ledger of `size` entries, settled, whose provider's records begin with `word`.
fn ledger(size: u64, word: &str) -> (Arc<MemoryStore>, glasshouse_ledger::open::Opened) {
    let memory = Arc::new(MemoryStore::new());
    let store: Arc<dyn Store> = memory.clone();
    let (mut writer, reader) = enrolled(&store);
    let author = provider();
    let statements: Vec<_> =
        (1..=size - 2).map(|number| decision_by(&author, number, &format!("{word}-{number}"))).collect();
    publish(&mut writer, &reader, &statements);
    writer.settle().unwrap();
    (memory, glasshouse_ledger::open::Opened { writer, reader, remarks: Vec::new() })
}

fn findings(store: &MemoryStore) -> Vec<Finding> {
    fsck(store, signer().vkey()).unwrap().findings
}

/// Entry 10 did not parse, and every entry after it was reported as out of order: a thousand of them hid all else.
#[test]
fn one_damaged_entry_is_one_finding_among_the_entries() {
    let (store, _) = ledger(60, "a");
    let bundle = "tile/entries/000.p/60";
    let bytes = store.get(bundle).unwrap().unwrap();
    let mut entries: Vec<Vec<u8>> =
        parse_bundle(&bytes, 60).unwrap().into_iter().map(<[u8]>::to_vec).collect();
    entries[10][0] ^= 1;
    let slices: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
    store.put(bundle, &encode_bundle(&slices).unwrap()).unwrap();
    let found = findings(&store);
    let entries: Vec<_> = found.iter().filter(|one| one.place.starts_with("entry ")).collect();
    assert_eq!(entries.len(), 1, "{found:#?}");
    assert_eq!(entries[0].place, "entry 10");
}

/// An erasure that died half-way left the mark and the text, and was counted as erased.
#[test]
fn a_text_under_a_tombstone_is_found() {
    let (store, mut opened) = ledger(4, "a");
    let record = scan_pack(store.as_ref(), 0).unwrap()[2];
    let whole = store.after_kill();
    let target = opened.reader.entry(record.entry).unwrap().unwrap();
    let mut addenda = target.statement().payload().addenda().iter();
    let field = addenda.find(|(_, digest)| **digest == record.digest).unwrap().0.as_str();
    let redaction = redaction(3, &[Target::Entry(target.leaf_hash())], &[field]);
    accepted(&submit(&mut opened.writer, &opened.reader, &redaction));
    opened.writer.settle().unwrap();
    assert_eq!(findings(&store), []);
    let text_begins = record.place.offset + 45;
    store.overwrite(&pack_path(0), text_begins + 7, b"x").unwrap();
    assert_eq!(findings(&store).len(), 1);
    // The mark alone: one damaged byte would make a text that is there "erased".
    whole.overwrite(&pack_path(0), record.place.offset, &[2]).unwrap();
    assert_eq!(findings(&whole).len(), 1);
}

#[test]
fn a_text_that_lies_twice_and_a_pack_of_no_entry_are_found() {
    let (store, _) = ledger(4, "a");
    let record = scan_pack(store.as_ref(), 0).unwrap()[2];
    let pack = store.get(&pack_path(0)).unwrap().unwrap();
    let begin = usize::try_from(record.place.offset).unwrap();
    let again = pack[begin..begin + 45 + record.place.length as usize].to_vec();
    let twice = store.after_kill();
    twice.put(&pack_path(0), &[pack.clone(), again].concat()).unwrap();
    let found = findings(&twice);
    assert!(found.len() == 1 && found[0].place == pack_path(0), "{found:?}");
    store.put(&pack_path(7), &pack).unwrap();
    let found = findings(&store);
    assert!(found.len() == 1 && found[0].place == pack_path(7), "{found:?}");
}

/// While a stage lay, files beyond the tree were taken for the stage's; the next start refused them.
#[test]
fn the_checker_says_when_the_next_start_refuses() {
    let (store, mut opened) = ledger(4, "a");
    publish(&mut opened.writer, &opened.reader, &[decision(3)]);
    assert_eq!(findings(&store), [], "a stage that lies is no fault");
    store.put("tile/0/000.p/9", &[0; 9 * 32]).unwrap();
    let dynamic: Arc<dyn Store> = store.clone();
    try_open(&dynamic).unwrap_err();
    let found = findings(&store);
    assert!(found.iter().any(|one| one.rule.contains("tile/0/000.p/9")), "{found:?}");
}

/// Recovery cut a pack off at the first record that it could not read, wherever that was: one flipped byte, and a kill,
/// took every text behind it.
#[test]
fn recovery_cuts_no_texts_that_no_stage_holds() {
    let (store, mut opened) = ledger(40, "a");
    publish(&mut opened.writer, &opened.reader, &[decision(39)]);
    let record = scan_pack(store.as_ref(), 0).unwrap()[9];
    let left = Arc::new(store.after_kill());
    left.overwrite(&pack_path(0), record.place.offset, &[9]).unwrap();
    let before = left.get(&pack_path(0)).unwrap().unwrap();
    let dynamic: Arc<dyn Store> = left.clone();
    let error = try_open(&dynamic).unwrap_err();
    assert!(error.to_string().contains("addenda-pack/000"), "{error}");
    assert_eq!(left.get(&pack_path(0)).unwrap().unwrap(), before);
}

/// Every stage that lay was published again, the oldest first: the world saw the log shrink.
#[test]
fn recovery_never_publishes_an_older_checkpoint() {
    let (store, mut opened) = ledger(4, "a");
    for number in 3..6 {
        publish(&mut opened.writer, &opened.reader, &[decision(number)]);
    }
    for left in [store.after_kill(), store.after_power_loss()] {
        let faulty = Arc::new(FaultyStore::new(left));
        faulty.arm(usize::MAX, Fault::Failed);
        let dynamic: Arc<dyn Store> = faulty.clone();
        let (_, reader) = open(&dynamic);
        assert_eq!(reader.head().size().get(), 7);
        let names = faulty.names();
        // Once, and the very one that lay there: its name may not have come to the disk.
        assert_eq!(names.iter().filter(|name| *name == "put_durable checkpoint").count(), 1, "{names:?}");
        assert_eq!(dynamic.get("checkpoint").unwrap(), store.get("checkpoint").unwrap());
    }
}

/// A bundle and its tile from another history agree with each other; only the signed root tells.
#[test]
fn entries_of_another_history_are_refused_at_start() {
    let (store, opened) = ledger(300, "a");
    drop(opened);
    let (other, _) = ledger(300, "b");
    for path in ["tile/entries/000", "tile/0/000", "addenda-pack/000"] {
        store.put(path, &other.get(path).unwrap().unwrap()).unwrap();
    }
    let dynamic: Arc<dyn Store> = store;
    let error = try_open(&dynamic).unwrap_err();
    assert!(error.to_string().contains("root"), "{error}");
}

/// A restore without the packs started, signed, and answered for texts that it did not have.
#[test]
fn a_start_refuses_where_a_served_text_is_gone() {
    let (store, opened) = ledger(600, "a");
    drop(opened);
    let refusal = |left: MemoryStore| {
        let dynamic: Arc<dyn Store> = Arc::new(left);
        let before = dynamic.get("checkpoint").unwrap();
        let error = try_open(&dynamic).map(|_| ()).unwrap_err().to_string();
        assert_eq!(dynamic.get("checkpoint").unwrap(), before);
        assert!(error.contains("glasshouse fsck"), "{error}");
        error
    };
    for (pack, first) in [(0, "entry 0:"), (1, "entry 256:"), (2, "entry 512:")] {
        let left = store.after_kill();
        left.delete(&pack_path(pack)).unwrap();
        let error = refusal(left);
        assert!(error.contains(first) && error.contains(&pack_path(pack)), "{error}");
    }
    // Cut in the middle of a record, and before the last one.
    let last = *scan_pack(store.as_ref(), 1).unwrap().last().unwrap();
    let bytes = store.get(&pack_path(1)).unwrap().unwrap();
    let begin = usize::try_from(last.place.offset).unwrap();
    for end in [begin, begin + 9, bytes.len() - 1] {
        let left = store.after_kill();
        left.put(&pack_path(1), &bytes[..end]).unwrap();
        let error = refusal(left);
        assert!(error.contains("entry 511:"), "{error}");
    }
    // Erased is not gone.
    for record in scan_pack(store.as_ref(), 1).unwrap() {
        erase_text(store.as_ref(), &record).unwrap();
    }
    let dynamic: Arc<dyn Store> = store;
    try_open(&dynamic).unwrap();
}

/// What lies staged is written first, and judged then: no text of a round that can be finished is missing.
#[test]
fn a_start_writes_the_texts_of_stages_before_it_looks_for_them() {
    let (store, mut opened) = ledger(300, "a");
    for number in 299..302 {
        publish(&mut opened.writer, &opened.reader, &[decision(number)]);
    }
    let bytes = store.get(&pack_path(1)).unwrap().unwrap();
    let staged = scan_pack(store.as_ref(), 1).unwrap().into_iter().find(|record| record.entry == index(300));
    let begin = usize::try_from(staged.unwrap().place.offset).unwrap();
    for end in [begin, begin + 50, bytes.len() - 1] {
        let left: Arc<dyn Store> = Arc::new(store.after_kill());
        left.put(&pack_path(1), &bytes[..end]).unwrap();
        let (_, reader) = open(&left);
        assert_eq!(reader.head().size().get(), 303);
        assert_clean(left.as_ref());
    }
}

/// Opening a folder that was not there made it, and `init` then refused it.
#[test]
fn opening_what_is_no_ledger_makes_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("none");
    let options = OpenOptions {
        folder: folder.clone(),
        clock: TestClock::new(),
        seen: Vec::new(),
        hold: Hold::NONE,
        publication: Publication::AtOnce,
    };
    let error = Ledger::open(&options).unwrap_err();
    assert!(error.to_string().contains("no ledger"), "{error}");
    assert!(!folder.exists());
    let error = Ledger::adopt(&options, &[], &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("no ledger"), "{error}");
    assert!(!folder.exists());
}

/// The first round was signed, found the damage when it wrote its texts, and no start came further.
#[test]
fn damage_in_the_newest_pack_stops_the_start_before_anything_is_signed() {
    let (store, opened) = ledger(6, "a");
    drop(opened);
    let (whole, state) = (store.get(&pack_path(0)).unwrap().unwrap(), store.load_state().unwrap());
    let last = scan_pack(store.as_ref(), 0).unwrap().pop().unwrap().place;
    let mut flipped = whole.clone();
    flipped[last.offset as usize + 60] ^= 1;
    let longer = [whole.as_slice(), &[0; 512]].concat();
    for (damaged, offset) in [(flipped, last.offset), (longer, whole.len() as u64)] {
        store.put(&pack_path(0), &damaged).unwrap();
        let dynamic: Arc<dyn Store> = store.clone();
        let error = try_open(&dynamic).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(&format!("is damaged at byte {offset}: put that file back")), "{error}");
        assert_eq!(store.load_state().unwrap(), state);
        assert!(store.list("stage").unwrap().is_empty());
    }
    store.put(&pack_path(0), &whole).unwrap();
    let dynamic: Arc<dyn Store> = store.clone();
    let (mut writer, reader) = open(&dynamic);
    accepted(&submit(&mut writer, &reader, &decision(5)));
}
