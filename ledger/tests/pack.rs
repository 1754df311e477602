//! Packs: what is written is found, what is torn is completed, what is erased never comes back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::pack::{
    PackError, PackPlace, PackRecord, PackText, erase_text, find_in_pack, pack_path, read_text, scan_pack,
};
use glasshouse_ledger::pack_writer::PackWriter;
use glasshouse_ledger::stage::StagedAddendum;
use glasshouse_ledger::store::Store;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::size::LeafIndex;

fn index(index: u64) -> LeafIndex {
    LeafIndex::new(index).unwrap()
}

fn addendum(entry: u64, text: &str) -> StagedAddendum {
    let bytes = text.as_bytes().to_vec();
    StagedAddendum { entry: index(entry), digest: Digest::of(&bytes), bytes }
}

fn nothing(_: LeafIndex, _: &Digest) -> bool {
    false
}

fn text(store: &MemoryStore, record: &PackRecord) -> PackText {
    read_text(store, record.place, &record.digest).unwrap()
}

#[test]
fn texts_are_found_by_entry_and_digest() {
    let store = MemoryStore::new();
    let mut writer = PackWriter::new();
    let rounds = [
        vec![addendum(0, "a"), addendum(255, "b"), addendum(256, "c"), addendum(0, "")],
        vec![addendum(257, "a"), addendum(512, "longer than the others")],
        vec![addendum(300, "late"), addendum(3, "disclosed much later")],
    ];
    for round in &rounds {
        let records = writer.write(&store, round, &nothing).unwrap();
        assert_eq!(records.len(), round.len());
        for addendum in round {
            let found = find_in_pack(&store, addendum.entry, &addendum.digest).unwrap().unwrap();
            assert!(records.contains(&found));
            assert_eq!(text(&store, &found), PackText::Text(addendum.bytes.clone()));
        }
    }
    assert_eq!(find_in_pack(&store, index(1), &Digest::of(b"a")).unwrap(), None);
    assert_eq!(find_in_pack(&store, index(70_000), &Digest::of(b"a")).unwrap(), None);
    assert_eq!(store.list("addenda-pack").unwrap().len(), 3);
    assert_eq!(pack_path(1_234_067), "addenda-pack/x001/x234/067");
    assert_eq!(scan_pack(&store, 1).unwrap().len(), 3);
}

#[test]
fn a_round_written_again_changes_nothing() {
    let store = MemoryStore::new();
    let mut writer = PackWriter::new();
    let first = vec![addendum(0, "first"), addendum(1, "second")];
    let second = vec![addendum(2, "third")];
    writer.write(&store, &first, &nothing).unwrap();
    writer.write(&store, &second, &nothing).unwrap();
    let bytes = store.get("addenda-pack/000").unwrap();
    // An older round again, after a crash: the later one stays.
    assert_eq!(PackWriter::new().write(&store, &first, &nothing).unwrap(), []);
    assert_eq!(PackWriter::recovering(&first).write(&store, &first, &nothing).unwrap(), []);
    assert_eq!(writer.write(&store, &second, &nothing).unwrap(), []);
    assert_eq!(store.get("addenda-pack/000").unwrap(), bytes);
}

/// What a loss of power may leave of a file: its beginning, alone or with zeros behind it.
fn torn_at(bytes: &[u8], cut: usize) -> [Vec<u8>; 2] {
    let mut zeros = bytes.to_vec();
    zeros[cut..].fill(0);
    [bytes[..cut].to_vec(), zeros]
}

/// A loss of power leaves any prefix of what was not synced. Fails if a record that was cut stays, or is lost.
#[test]
fn a_torn_end_is_completed_from_the_stages() {
    let rounds = [vec![addendum(0, "first"), addendum(1, "")], vec![addendum(2, "third"), addendum(2, "4")]];
    let whole = MemoryStore::new();
    let mut writer = PackWriter::new();
    for round in &rounds {
        writer.write(&whole, round, &nothing).unwrap();
    }
    let pack = pack_path(0);
    let bytes = whole.get(&pack).unwrap().unwrap();
    for cut in 0..bytes.len() {
        for torn in torn_at(&bytes, cut) {
            let store = MemoryStore::new();
            store.put(&pack, &torn).unwrap();
            let mut writer = PackWriter::recovering(rounds.iter().flatten());
            for round in &rounds {
                writer.write(&store, round, &nothing).unwrap();
            }
            assert_eq!(store.get(&pack).unwrap().unwrap(), bytes, "torn at {cut}");
            for addendum in rounds.iter().flatten() {
                let found = find_in_pack(&store, addendum.entry, &addendum.digest).unwrap().unwrap();
                assert_eq!(text(&store, &found), PackText::Text(addendum.bytes.clone()));
            }
        }
    }
}

/// A tombstone has no text by which a start could see that its head is cut. Fails if one is taken for another text's.
#[test]
fn a_dropped_text_that_is_torn_leaves_no_other_record() {
    let round = [addendum(0, "first"), addendum(1, "second"), addendum(2, "third")];
    let keys = |store: &MemoryStore| {
        let records = scan_pack(store, 0).unwrap();
        records.iter().map(|record| (record.entry, record.digest)).collect::<Vec<_>>()
    };
    let whole = MemoryStore::new();
    let second = |entry: LeafIndex, _: &Digest| entry == index(1);
    PackWriter::new().write(&whole, &round, &second).unwrap();
    let (pack, expected) = (pack_path(0), keys(&whole));
    let bytes = whole.get(&pack).unwrap().unwrap();
    for cut in 0..bytes.len() {
        for torn in torn_at(&bytes, cut) {
            let store = MemoryStore::new();
            store.put(&pack, &torn).unwrap();
            PackWriter::recovering(&round).write(&store, &round, &nothing).unwrap();
            assert_eq!(keys(&store), expected, "torn at {cut}");
        }
    }
}

/// Without a crash behind us the same tear is damage; and damage in the middle costs no other text.
#[test]
fn damage_is_not_taken_for_a_torn_end() {
    let store = MemoryStore::new();
    let round = vec![addendum(0, "first"), addendum(1, "second"), addendum(2, "third")];
    let records = PackWriter::new().write(&store, &round, &nothing).unwrap();
    let good = store.get("addenda-pack/000").unwrap().unwrap();
    let later = [addendum(3, "fourth")];
    let end_of_second = records[2].place.offset - 1;
    for (damaged, offset) in [
        (good[..good.len() - 1].to_vec(), records[2].place.offset),
        (
            {
                let mut flipped = good.clone();
                flipped[usize::try_from(end_of_second).unwrap()] ^= 1;
                flipped
            },
            records[1].place.offset,
        ),
    ] {
        store.put("addenda-pack/000", &damaged).unwrap();
        let refused = PackWriter::new().write(&store, &later, &nothing);
        assert!(matches!(refused, Err(PackError::Damaged { offset: at, .. }) if at == offset));
        assert_eq!(store.get("addenda-pack/000").unwrap().unwrap(), damaged);
    }
    // The second text is damaged, and only the fourth is in a stage: the third stays.
    PackWriter::recovering(&later).write(&store, &later, &nothing).unwrap();
    assert_eq!(text(&store, &records[2]), PackText::Text(b"third".to_vec()));
    read_text(&store, records[1].place, &records[1].digest).unwrap_err();
    // Its own stage repairs it in place.
    PackWriter::recovering(&round).write(&store, &round, &nothing).unwrap();
    assert_eq!(text(&store, &records[1]), PackText::Text(b"second".to_vec()));
    assert_eq!(scan_pack(&store, 0).unwrap().len(), 4);
}

#[test]
fn erased_texts_are_gone_and_stay_gone() {
    let store = MemoryStore::new();
    let mut writer = PackWriter::new();
    let round = vec![addendum(7, "keep this"), addendum(7, "a private address"), addendum(8, "keep that")];
    let records = writer.write(&store, &round, &nothing).unwrap();
    store.sync().unwrap();
    erase_text(&store, &records[1]).unwrap();
    erase_text(&store, &records[1]).unwrap();
    let pack = store.after_power_loss().get("addenda-pack/000").unwrap().unwrap();
    let is_there = |text: &[u8]| pack.windows(text.len()).any(|window| window == text);
    assert!(!is_there(b"private") && is_there(b"keep this") && is_there(b"keep that"));
    assert_eq!(text(&store, &records[1]), PackText::Erased);
    assert_eq!(text(&store, &records[0]), PackText::Text(b"keep this".to_vec()));
    // Not from a retry, not from recovery, not by the index of another entry's equal text.
    writer.write(&store, &round, &nothing).unwrap();
    PackWriter::new().write(&store, &round, &nothing).unwrap();
    PackWriter::recovering(&round).write(&store, &round, &nothing).unwrap();
    let found = find_in_pack(&store, index(7), &round[1].digest).unwrap().unwrap();
    assert!(found.erased);
    assert_eq!(scan_pack(&store, 0).unwrap().len(), 3);
}

#[test]
fn what_is_redacted_is_dropped_unwritten() {
    let store = MemoryStore::new();
    let gone = addendum(7, "a private address");
    let redacted = |entry: LeafIndex, digest: &Digest| entry == gone.entry && *digest == gone.digest;
    let round = vec![gone.clone(), addendum(9, "a private address")];
    let records = PackWriter::new().write(&store, &round, &redacted).unwrap();
    assert!(records[0].erased && !records[1].erased);
    assert_eq!(records[0].place.length, 0);
    assert_eq!(text(&store, &records[0]), PackText::Erased);
    // The same bytes under another entry are another text.
    assert_eq!(text(&store, &records[1]), PackText::Text(round[1].bytes.clone()));
}

#[test]
fn a_wrong_place_is_refused() {
    let store = MemoryStore::new();
    let round = vec![addendum(0, "first"), addendum(1, "second")];
    let records = PackWriter::new().write(&store, &round, &nothing).unwrap();
    let place = |offset, length| PackPlace { pack: 0, offset, length };
    let good = records[1].place;
    for wrong in [
        place(good.offset + 1, good.length),
        place(good.offset, good.length + 1),
        place(records[0].place.offset, good.length),
        place(u64::MAX, 5),
        place(0, u32::MAX),
        PackPlace { pack: 1, ..good },
    ] {
        let refused = read_text(&store, wrong, &records[1].digest);
        assert!(matches!(refused, Err(PackError::NotThere { .. })), "{wrong:?}");
        erase_text(&store, &PackRecord { place: wrong, ..records[1] }).unwrap_err();
    }
    assert_eq!(text(&store, &records[1]), PackText::Text(b"second".to_vec()));
    let mut bytes = store.get("addenda-pack/000").unwrap().unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    store.put("addenda-pack/000", &bytes).unwrap();
    let refused = read_text(&store, good, &records[1].digest);
    assert!(matches!(refused, Err(PackError::Damaged { .. })));
    let long = StagedAddendum { bytes: vec![0; (1 << 20) + 1], ..round[0].clone() };
    let refused = PackWriter::new().write(&store, &[long], &nothing);
    assert!(matches!(refused, Err(PackError::NotAnAddendum)));
}

/// It lies last, its digest ends with a zero, and the next round died before it appended. Fails if it is taken for a cut head of that
/// round.
#[test]
fn a_dropped_text_of_an_earlier_round_is_not_cut_off() {
    let number =
        (0..).find(|n: &u32| Digest::of(format!("t{n}").as_bytes()).as_bytes().ends_with(&[0])).unwrap();
    let store = MemoryStore::new();
    let first = [addendum(0, &format!("t{number}"))];
    PackWriter::new().write(&store, &first, &|_, _| true).unwrap();
    store.sync().unwrap();
    let next = [addendum(1, "of the next round, which wrote nothing yet")];
    PackWriter::recovering(&next).write(&store, &next, &nothing).unwrap();
    let found = find_in_pack(&store, index(0), &first[0].digest).unwrap();
    assert!(found.is_some_and(|record| record.erased), "the tombstone is gone");
}
