//! The file `history` spares a start the entries that it covers, and nothing more: whatever it says, holds, or lacks, the ledger
//! that starts is the one that reads everything.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::Arc;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::open::Opened;
use glasshouse_ledger::pack::scan_pack;
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::Writer;
use glasshouse_verifier::hash::Digest;
use support::faulty_store::{Fault, FaultyStore};
use support::lives::*;
use support::*;

const HISTORY: &str = "history";
const FACTS: &str = "decision_facts";
const GROUND: &str = "incompatible_content_ground";
const BUNDLE: &str = "tile/entries/000";

fn take(writer: &mut Writer, reader: &Reader, statements: &[Signed]) {
    let answers = publish(writer, reader, statements);
    answers.iter().for_each(|answer| _ = accepted(answer));
}

/// A ledger with statements about others in its first bundle, and decisions up to 259 entries. The file covers 257. Number n
/// of the provider is the n-th, at index n + 1.
fn kept() -> (Arc<MemoryStore>, Vec<Signed>) {
    let memory = Arc::new(MemoryStore::new());
    let store: Arc<dyn Store> = memory.clone();
    let (mut writer, reader) = enrolled(&store);
    let mut signed = vec![secretive(1), secretive(2)];
    take(&mut writer, &reader, &signed);
    signed.push(disclosure(3, &signed[0], &[FACTS]));
    let texts = texts(&signed[0], &[FACTS]);
    writer.submit(admit_with(&reader, &signed[2], &texts).unwrap());
    writer.round().unwrap();
    signed.extend((4..=250).map(decision));
    take(&mut writer, &reader, &signed[3..]);
    signed.push(redaction(251, &[leaf(&signed[8])], &[GROUND]));
    signed.extend((252..=255).map(decision));
    take(&mut writer, &reader, &signed[250..]);
    writer.settle().unwrap();
    writer.keep_history().unwrap();
    assert_eq!(reader.head().size().get(), 257);
    signed.extend((256..=257).map(decision));
    take(&mut writer, &reader, &signed[255..]);
    writer.settle().unwrap();
    (memory, signed)
}

fn start(store: &Arc<MemoryStore>) -> Opened {
    try_open(&(store.clone() as Arc<dyn Store>)).unwrap()
}

/// Why a start refuses, if it does.
fn outcome(store: MemoryStore) -> Option<String> {
    try_open(&(Arc::new(store) as Arc<dyn Store>)).err().map(|error| error.to_string())
}

fn refuses(store: MemoryStore) -> String {
    try_open(&(Arc::new(store) as Arc<dyn Store>)).unwrap_err().to_string()
}

/// What is known of the entries.
fn snapshot(opened: &Opened) -> Vec<u8> {
    opened.reader.with_registry(|registry| registry.to_snapshot())
}

/// Starts on what lies there and on the same without the file: both must know the same. Gives what the start remarks.
fn same_as_without(left: MemoryStore) -> Vec<String> {
    let without = Arc::new(left.after_kill());
    without.delete(HISTORY).unwrap();
    let left = Arc::new(left);
    let (with, without) = (start(&left), start(&without));
    assert_eq!(snapshot(&with), snapshot(&without));
    assert_eq!(left.get(HISTORY).unwrap().is_some(), with.remarks.is_empty(), "what is no good is removed");
    assert_eq!(with.reader.stats(), without.reader.stats());
    with.remarks
}

#[test]
fn entries_that_it_covers_are_not_read() {
    let (store, _) = kept();
    assert_eq!(same_as_without(store.after_kill()), [""; 0]);
    let reads = |left: MemoryStore| {
        let counting = Arc::new(FaultyStore::new(left));
        drop(try_open(&(counting.clone() as Arc<dyn Store>)).unwrap());
        counting.reads().iter().filter(|path| *path == BUNDLE).count()
    };
    let left = store.after_kill();
    let with = reads(left.after_kill());
    left.delete(HISTORY).unwrap();
    let without = reads(left.after_kill());
    assert!(
        with == 0 && without > 0,
        "the bundle was read {with} times, and {without} times without the file"
    );
}

/// Not only the texts: a start refuses as it does without the file, for the same reason, and signs nothing.
#[test]
fn whatever_is_lost_of_what_it_covers_is_missed() {
    let (store, _) = kept();
    for path in [BUNDLE, "tile/0/000", "tile/1/000.p/1"] {
        let bytes = store.get(path).unwrap().unwrap();
        let mut damaged = bytes.clone();
        damaged[bytes.len() / 2] ^= 1;
        for left in [None, Some(damaged.as_slice()), Some(&bytes[..bytes.len() - 1])] {
            let with = store.after_kill();
            match left {
                None => with.delete(path).unwrap(),
                Some(bytes) => with.put(path, bytes).unwrap(),
            }
            let without = with.after_kill();
            without.delete(HISTORY).unwrap();
            let (with, without) = (outcome(with), outcome(without));
            assert_eq!(with, without, "{path}");
            // What lies above the hashes of a bundle is nothing that a start needs without the file.
            assert!(with.is_some() || path.starts_with("tile/1/"), "{path}: the start goes on");
        }
    }
}

/// While the server ran, and before the file was written: it must not vouch for what is not there any more.
#[test]
fn what_was_lost_before_it_was_written_is_missed_too() {
    for path in [BUNDLE, "tile/0/000", "addenda-pack/000"] {
        let memory = Arc::new(MemoryStore::new());
        let (mut writer, reader) = enrolled(&(memory.clone() as Arc<dyn Store>));
        take(&mut writer, &reader, &(1..=260).map(decision).collect::<Vec<_>>());
        writer.settle().unwrap();
        let bytes = memory.get(path).unwrap().unwrap();
        for left in [None, Some(&bytes[..bytes.len() / 2])] {
            match left {
                None => memory.delete(path).unwrap(),
                Some(bytes) => memory.put(path, bytes).unwrap(),
            }
            writer.keep_history().unwrap();
            assert!(memory.get(HISTORY).unwrap().is_some());
            assert!(outcome(memory.after_kill()).is_some(), "{path}: the start goes on");
        }
        // Put back as it was, it is vouched for again.
        memory.put(path, &bytes).unwrap();
        writer.keep_history().unwrap();
        assert_eq!(same_as_without(memory.after_kill()), [""; 0], "{path}");
    }
}

/// Or a loss of power could keep the zeros and the old stamp: the sum of what is erased would be wrong from then on.
#[test]
fn a_stamp_is_withdrawn_durably_before_a_pack_is_erased_in() {
    let faulty = Arc::new(FaultyStore::new(MemoryStore::new()));
    let (mut writer, reader) = enrolled(&(faulty.clone() as Arc<dyn Store>));
    let signed: Vec<Signed> = (1..=260).map(decision).collect();
    take(&mut writer, &reader, &signed);
    writer.settle().unwrap();
    writer.keep_history().unwrap();
    faulty.arm(usize::MAX, Fault::Failed);
    take(&mut writer, &reader, &[redaction(261, &[leaf(&signed[20])], &[FACTS])]);
    let names = faulty.names();
    let at = |call: &str| {
        names.iter().position(|name| name == call).unwrap_or_else(|| panic!("{call}: {names:#?}"))
    };
    let (touch, rewrite) = (at("touch addenda-pack/000"), at("rewrite addenda-pack/000"));
    assert!(touch < rewrite && names[touch..rewrite].contains(&"sync".to_owned()), "{names:#?}");
}

/// Entries and hashes that fit each other, and not the tree.
#[test]
fn a_bundle_of_another_log_is_missed() {
    let ((store, _), (other, _)) = (kept(), kept());
    let with = store.after_kill();
    for path in [BUNDLE, "tile/0/000", "addenda-pack/000"] {
        with.put(path, &other.get(path).unwrap().unwrap()).unwrap();
    }
    let without = with.after_kill();
    without.delete(HISTORY).unwrap();
    let why = outcome(with).unwrap();
    assert!(why.contains("give the root"), "{why}");
    assert_eq!(Some(why), outcome(without));
}

/// It goes on to the next tree, and the file of that one to the next.
#[test]
fn a_ledger_goes_on_from_it() {
    let (store, _) = kept();
    for number in 258..270 {
        let Opened { mut writer, reader, .. } = start(&store);
        for answer in publish(&mut writer, &reader, &[decision(number)]) {
            accepted(&answer);
        }
        writer.settle().unwrap();
        if number % 2 == 0 {
            writer.keep_history().unwrap();
        }
        assert_clean(store.as_ref());
        assert_eq!(same_as_without(store.after_kill()), [""; 0], "{number}");
    }
    // No number of a covered statement is given twice.
    let Opened { mut writer, reader, .. } = start(&store);
    let answers = publish(&mut writer, &reader, &[decision_by(&provider(), 200, "another")]);
    assert!(format!("{answers:?}").contains("sequence-conflict"), "{answers:?}");
}

#[test]
fn damage_to_it_costs_time_and_nothing_else() {
    let (store, _) = kept();
    let bytes = store.get(HISTORY).unwrap().unwrap();
    for at in (0..bytes.len()).step_by(bytes.len() / 40) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        for damaged in [changed.as_slice(), &bytes[..at]] {
            let left = store.after_kill();
            left.put(HISTORY, damaged).unwrap();
            let remarks = same_as_without(left);
            assert_eq!(
                remarks,
                ["history was damaged, or another version's: removed, and every entry was read"],
                "{at}"
            );
        }
    }
}

/// A file of another ledger with the same name and keys, and one of a tree that is yet to come.
#[test]
fn one_about_another_tree_is_not_believed() {
    let (store, _) = kept();
    let other: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&other);
    publish(&mut writer, &reader, &(1..=100).map(decision).collect::<Vec<_>>());
    writer.keep_history().unwrap();
    let shorter = other.get(HISTORY).unwrap().unwrap();
    publish(&mut writer, &reader, &(101..=400).map(decision).collect::<Vec<_>>());
    writer.keep_history().unwrap();
    let longer = other.get(HISTORY).unwrap().unwrap();
    for file in [shorter, longer] {
        let left = store.after_kill();
        left.put(HISTORY, &file).unwrap();
        assert_eq!(
            same_as_without(left),
            ["history was about another tree: removed, and every entry was read"]
        );
    }
}

/// The check of a folder compares it with the entries.
#[test]
fn fsck_names_one_that_is_no_good() {
    let (store, _) = kept();
    let found = |file: &[u8]| {
        let left = store.after_kill();
        left.put(HISTORY, file).unwrap();
        let report = glasshouse_ledger::fsck::fsck(&left, signer().vkey()).unwrap();
        report.findings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let bytes = store.get(HISTORY).unwrap().unwrap();
    assert_eq!(found(&bytes), [""; 0]);
    let delete = "delete it: the next start reads every entry";
    assert_eq!(found(&bytes[..bytes.len() - 1]), [format!("history: is damaged; {delete}")]);
    // Of another ledger, with the same name and keys.
    let other = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&(other.clone() as Arc<dyn Store>));
    take(&mut writer, &reader, &(1..=255).map(decision).collect::<Vec<_>>());
    writer.keep_history().unwrap();
    let of_other = other.get(HISTORY).unwrap().unwrap();
    assert_eq!(
        found(&of_other),
        [format!("history: says otherwise than the 257 entries that it covers; {delete}")]
    );
    take(&mut writer, &reader, &(256..=258).map(decision).collect::<Vec<_>>());
    writer.keep_history().unwrap();
    let longer = other.get(HISTORY).unwrap().unwrap();
    assert_eq!(
        found(&longer),
        [format!("history: is about a tree of size 260, which is not published; {delete}")]
    );
    // What another version wrote is passed over, by a start and by a check.
    for at in [0, "glasshouse-history/".len(), "glasshouse-history/1\n".len() + 3] {
        let mut body = bytes[..bytes.len() - 32].to_vec();
        body[at] += 1;
        let hash = Digest::of(&body);
        body.extend_from_slice(hash.as_bytes());
        assert_eq!(found(&body), [""; 0], "{at}");
    }
}

/// An earlier file of the same ledger is right, for less.
#[test]
fn an_older_one_is_as_good() {
    let (store, signed) = kept();
    let old = store.get(HISTORY).unwrap().unwrap();
    let Opened { mut writer, reader, .. } = start(&store);
    publish(&mut writer, &reader, &[redaction(258, &[leaf(&signed[19])], &[FACTS])]);
    publish(&mut writer, &reader, &(259..=300).map(decision).collect::<Vec<_>>());
    writer.settle().unwrap();
    writer.keep_history().unwrap();
    let left = store.after_kill();
    left.put(HISTORY, &old).unwrap();
    assert_eq!(same_as_without(left), [""; 0]);
}

/// What is left when the pack has lost a statement's facts.
fn without_record(store: &MemoryStore, lost: &Signed) -> MemoryStore {
    let (pack, digest) = ("addenda-pack/000", digest_of(lost, FACTS));
    let records = scan_pack(store, 0).unwrap();
    let place = records.iter().find(|record| record.digest == digest).unwrap().place;
    let (bytes, at) = (store.get(pack).unwrap().unwrap(), usize::try_from(place.offset).unwrap());
    let left = store.after_kill();
    left.put(pack, &[&bytes[..at], &bytes[at + 45 + place.length as usize..]].concat()).unwrap();
    left
}

/// The texts of covered entries: one that is served must be there, whether it was never withheld, or disclosed later.
#[test]
fn a_pack_that_lost_a_text_is_found_out() {
    let (store, signed) = kept();
    let pack = "addenda-pack/000";
    for (lost, entry) in [(&signed[29], 31), (&signed[0], 2)] {
        let left = without_record(&store, lost);
        let why = refuses(left);
        assert!(why.contains(&format!("entry {entry}: its text decision_facts is not in {pack}")), "{why}");
    }
    let left = store.after_kill();
    left.delete(pack).unwrap();
    let why = refuses(left);
    assert!(why.contains("is not in addenda-pack/000"), "{why}");
}

/// The same in a bundle of which the file covers a part: a start reads it, and knows of the covered disclosure from the file.
#[test]
fn a_text_that_is_lost_from_a_part_is_found_out() {
    let store = Arc::new(MemoryStore::new());
    let (mut writer, reader) = enrolled(&(store.clone() as Arc<dyn Store>));
    let withheld = secretive(1);
    take(&mut writer, &reader, std::slice::from_ref(&withheld));
    let texts = texts(&withheld, &[FACTS]);
    writer.submit(admit_with(&reader, &disclosure(2, &withheld, &[FACTS]), &texts).unwrap());
    writer.round().unwrap();
    writer.settle().unwrap();
    writer.keep_history().unwrap();
    take(&mut writer, &reader, &[decision(3)]);
    writer.settle().unwrap();
    assert_eq!(same_as_without(store.after_kill()), [""; 0]);
    let left = without_record(&store, &withheld);
    let why = refuses(left);
    assert!(why.contains("entry 2: its text decision_facts is not in addenda-pack/000"), "{why}");
    assert!(why.contains("copy that file from a backup (a mirror has texts, and no packs)"), "{why}");
}

/// A pack from a backup, of before a redaction that the file knows to be carried out.
#[test]
fn a_restored_pack_is_erased_again() {
    let (store, signed) = kept();
    let (pack, text) = ("addenda-pack/000", text_of(&signed[20], FACTS));
    let old = store.get(pack).unwrap().unwrap();
    let Opened { mut writer, reader, .. } = start(&store);
    take(&mut writer, &reader, &[redaction(258, &[leaf(&signed[20])], &[FACTS])]);
    writer.settle().unwrap();
    writer.keep_history().unwrap();
    assert_eq!(holding(store.as_ref(), text), [""; 0]);
    let left = Arc::new(store.after_kill());
    left.put(pack, &old).unwrap();
    assert_eq!(holding(left.as_ref(), text), [pack]);
    drop(start(&left));
    assert_eq!(holding(left.as_ref(), text), [""; 0]);
    assert_clean(left.as_ref());
}

/// A text that was withheld is in the pack although no disclosure is covered: one that comes after it opens it.
#[test]
fn a_disclosure_behind_it_opens_what_it_covers() {
    let (store, signed) = kept();
    let Opened { mut writer, reader, .. } = start(&store);
    let second = &signed[1];
    let disclosed = admit_with(&reader, &disclosure(258, second, &[FACTS]), &texts(second, &[FACTS]));
    writer.submit(disclosed.unwrap());
    writer.round().unwrap();
    writer.settle().unwrap();
    assert_clean(store.as_ref());
    assert_eq!(same_as_without(store.after_kill()), [""; 0]);
    let opened = start(&store);
    let entry = opened.reader.entry(index(3)).unwrap().unwrap();
    let served = opened.reader.texts(&entry, index(3)).unwrap();
    assert!(served.iter().any(|text| text.digest() == digest_of(second, FACTS)));
}
