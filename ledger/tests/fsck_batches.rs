//! The checker looks at many bundles at once: damage in the middle of them is found and named once, in the order of the log.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use std::sync::{Arc, OnceLock};

use glasshouse_ledger::fsck::{FINDINGS_MAX, Finding, FsckReport, fsck};
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::pack::{erase_text, scan_pack};
use glasshouse_ledger::store::Store;
use glasshouse_verifier::bundle::{encode_bundle, parse_bundle};
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::tile::BundlePath;
use support::*;

/// 17 full bundles and a partial one: more than are looked at together.
const DECISIONS: u64 = 4_400;
const SIZE: u64 = DECISIONS + 2;

/// A whole ledger, made once; what it gives is a copy.
fn ledger() -> MemoryStore {
    static LEDGER: OnceLock<MemoryStore> = OnceLock::new();
    let made = || {
        let memory = Arc::new(MemoryStore::new());
        let store: Arc<dyn Store> = memory.clone();
        let (mut writer, reader) = enrolled(&store);
        let statements: Vec<_> = (1..=DECISIONS).map(decision).collect();
        publish(&mut writer, &reader, &statements);
        writer.settle().unwrap();
        memory.after_kill()
    };
    LEDGER.get_or_init(made).after_kill()
}

fn check(store: &MemoryStore) -> FsckReport {
    fsck(store, signer().vkey()).unwrap()
}

fn bundle(number: u64) -> String {
    BundlePath::new(number, 256).unwrap().encode()
}

/// Changes the entries of a full bundle.
fn change_bundle(store: &MemoryStore, number: u64, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let bytes = store.get(&bundle(number)).unwrap().unwrap();
    let mut entries: Vec<Vec<u8>> = parse_bundle(&bytes, 256).unwrap().iter().map(|e| e.to_vec()).collect();
    change(&mut entries);
    store.put(&bundle(number), &encode_bundle(&entries).unwrap()).unwrap();
}

/// Makes the signature of an entry another one.
fn forge(entry: &mut [u8]) {
    let signature = *Entry::parse(entry).unwrap().statement().signature();
    let at = entry.windows(64).position(|part| part == signature).unwrap();
    entry[at + 63] ^= 1;
}

fn forge_at(store: &MemoryStore, index: u64) {
    change_bundle(store, index / 256, |entries| forge(&mut entries[(index % 256) as usize]));
}

/// The findings after a change to a copy of the ledger, each as a line.
#[track_caller]
fn after(change: impl FnOnce(&MemoryStore)) -> Vec<String> {
    let store = ledger();
    change(&store);
    let report = check(&store);
    let mut once = report.findings.clone();
    once.dedup();
    assert_eq!(once, report.findings, "named twice");
    report.findings.iter().map(Finding::to_string).collect()
}

/// Each of these places is named, in this order, and no other.
#[track_caller]
fn assert_places(found: &[String], places: &[&str]) {
    let named: Vec<&str> = found.iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(named, places, "{found:#?}");
}

#[test]
fn a_whole_ledger_of_several_batches_is_clean() {
    let report = check(&ledger());
    assert!(report.is_clean(), "{:#?}", report.findings);
    assert_eq!((report.entries, report.withheld), (SIZE, DECISIONS));
    assert_eq!((report.erased, report.held), (0, 0));
    assert!(report.served >= DECISIONS, "{}", report.served);
}

#[test]
fn entries_in_the_middle_are_named() {
    let found = after(|store| forge_at(store, 2_400));
    assert_places(&found, &["checkpoint", "entry 2400", "tile/0/009", "tile/1/000.p/17"]);
    assert!(found[1].contains("signature"), "{found:?}");
    let found = after(|store| change_bundle(store, 9, |entries| entries[96] = b"no entry".to_vec()));
    // Its texts are nobody's.
    assert!(found.iter().any(|line| line.starts_with("addenda-pack/009: holds a text")), "{found:#?}");
    assert_eq!(found.iter().filter(|line| line.starts_with("entry 2400: ")).count(), 1, "{found:#?}");
    // Two with one number: the second is refused, and is not judged by what became of the first.
    let found = after(|store| change_bundle(store, 9, |entries| entries[97] = entries[96].clone()));
    assert!(
        found.iter().any(|line| line.starts_with("entry 2401: ") && line.contains("number")),
        "{found:#?}"
    );
    assert!(!found.iter().any(|line| line.starts_with("entry 2400: ")), "{found:#?}");
}

#[test]
fn files_in_the_middle_are_named() {
    let flip = |store: &MemoryStore, path: &str| {
        let mut bytes = store.get(path).unwrap().unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        store.put(path, &bytes).unwrap();
    };
    let found = after(|store| store.delete("tile/0/009").unwrap());
    assert_eq!(found, ["tile/0/009: is missing"]);
    let found = after(|store| flip(store, "tile/0/009"));
    assert_eq!(found, ["tile/0/009: is not what the entries give"]);
    // Nothing after it can be judged, and nothing of that is said; but its texts are nobody's.
    let found = after(|store| store.delete(&bundle(9)).unwrap());
    assert!(found.contains(&"tile/entries/009: is missing".to_owned()), "{found:#?}");
    let rest: Vec<_> =
        found.iter().filter(|line| !line.starts_with("addenda-pack/009: holds a text")).collect();
    assert_eq!(rest, ["tile/entries/009: is missing"], "{found:#?}");
    assert!(found.len() > 256, "{}", found.len());
    let found = after(|store| {
        let bytes = store.get(&bundle(9)).unwrap().unwrap();
        store.put(&bundle(9), &bytes[..bytes.len() - 1]).unwrap();
    });
    assert!(found.contains(&"tile/entries/009: the bundle ends inside an entry".to_owned()), "{found:#?}");
}

#[test]
fn texts_in_the_middle_are_named() {
    let record = scan_pack(&ledger(), 9).unwrap()[77];
    let entry = format!("entry {}", record.entry);
    let pack = "addenda-pack/009";
    let found = after(|store| erase_text(store, &record).unwrap());
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with(&entry) && found[0].contains("is lost"), "{found:#?}");
    // The last byte of the text.
    let end = record.place.offset as usize + 45 + record.place.length as usize;
    let change = |change: &dyn Fn(&mut Vec<u8>)| {
        after(|store| {
            let mut bytes = store.get(pack).unwrap().unwrap();
            change(&mut bytes);
            store.put(pack, &bytes).unwrap();
        })
    };
    let found = change(&|bytes| bytes[end - 1] ^= 1);
    assert_eq!(found.len(), 1, "{found:#?}");
    let rule = format!("{pack} is damaged at byte {}", record.place.offset);
    assert!(found[0].starts_with(&entry) && found[0].ends_with(&rule), "{found:#?}");
    let found = change(&|bytes| {
        let again = bytes[record.place.offset as usize..end].to_vec();
        bytes.extend(again);
    });
    assert_eq!(found, [format!("{pack}: holds the text {} twice", record.digest)]);
    let found = change(&|bytes| bytes.truncate(end - 1));
    assert_eq!(found, [format!("{pack}: {pack} is damaged at byte {}", record.place.offset)]);
    // Under another entry of the same bundle: there it is nobody's, and here it is lost.
    let found = change(&|bytes| bytes[record.place.offset as usize + 8] ^= 1);
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].starts_with(pack) && found[1].starts_with(&entry), "{found:#?}");
    let found = after(|store| store.delete(pack).unwrap());
    let first = found.first().map(String::as_str).unwrap_or_default();
    assert!(
        first.starts_with("entry 2304: ") && found.iter().all(|line| line.contains("is lost")),
        "{first}"
    );
}

/// Mutation: findings of a batch told in another order than that of its bundles.
#[test]
fn findings_come_in_the_order_of_the_log() {
    let broken = [300, 301, 999, 1_000, 2_400, 4_095, 4_096, 4_200];
    let found = after(|store| broken.iter().for_each(|index| forge_at(store, *index)));
    let named: Vec<&str> =
        found.iter().filter_map(|line| line.split(": ").next()?.strip_prefix("entry ")).collect();
    assert_eq!(named, broken.map(|index| index.to_string()));
    // Where there are more than are listed, the first ones are: of four bundles, each with its tile.
    let found = after(|store| {
        for number in 8..13 {
            change_bundle(store, number, |entries| entries.iter_mut().for_each(|entry| forge(entry)));
        }
    });
    assert_eq!(found.len(), FINDINGS_MAX);
    let named: Vec<u64> = found
        .iter()
        .filter_map(|line| line.split(": ").next()?.strip_prefix("entry ")?.parse().ok())
        .collect();
    assert_eq!(named, (8 * 256..8 * 256 + 1_000 - 3).collect::<Vec<_>>());
    let tiles: Vec<&String> = found.iter().filter(|line| line.starts_with("tile/")).collect();
    assert_eq!(tiles.len(), 3, "{tiles:?}");
}
