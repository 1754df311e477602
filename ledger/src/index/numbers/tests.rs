//! Look-ups by number: what they say of a log, in how many records, and over what lies in the folder already.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;

/// Three issuers.
fn issuers() -> [Issuer; 3] {
    ["a", "b", "c"].map(|name| Issuer::parse_provider(&format!("https://{name}.example")).unwrap())
}

fn leaf(byte: u8) -> LeafHash {
    LeafHash::from_bytes([byte; 32])
}

/// Adds entries of the log from `first` on, as issuer and number.
fn add(numbers: &Numbers, first: u64, entries: &[(usize, u64)]) {
    let issuers = issuers();
    let numbered = (first..).zip(entries).map(|(index, (iss, sequence))| Numbered {
        index,
        iss: &issuers[*iss],
        sequence: Sequence::new(*sequence).unwrap(),
    });
    numbers.add(first..first + entries.len() as u64, numbered, &leaf(1)).unwrap();
}

/// The numbers and places that are told of an issuer.
fn told(numbers: &Numbers, iss: usize, first: u64, last: u64, most: usize) -> Vec<(u64, u64)> {
    let places = numbers.places(&issuers()[iss], first, last, most, 0).unwrap().unwrap();
    places.into_iter().map(|(sequence, index)| (sequence.get(), index.get())).collect()
}

/// Numbers near the ends of blocks, and near the greatest, in any order.
fn any_number() -> impl Strategy<Value = u64> {
    prop_oneof![
        1..=300_u64,
        (0..40_u64, 0..3_u64).prop_map(|(block, beside)| (block * BLOCK + beside).max(2) - 1),
        Sequence::MAX - 130..=Sequence::MAX,
    ]
}

proptest! {
    /// In any order, in stretches of any length, some of which are repeated after a death half-way.
    #[test]
    fn they_say_what_a_plain_map_says(
        entries in prop::collection::vec((0..3_usize, any_number()), 1..400),
        lengths in prop::collection::vec(1..90_usize, 1..12),
        asked in prop::collection::vec((0..3_usize, any_number(), any_number(), 0..200_usize), 40),
    ) {
        let numbers = Numbers::temporary().unwrap();
        let mut model = BTreeMap::new();
        let mut first = 0;
        for length in lengths.iter().cycle() {
            let end = entries.len().min(first + length);
            // What is there already is passed by.
            let from = first - first.min(length / 3);
            add(&numbers, from as u64, &entries[from..end]);
            first = end;
            if end == entries.len() {
                break;
            }
        }
        prop_assert_eq!(numbers.size().unwrap(), entries.len() as u64);
        for (index, entry) in (0_u64..).zip(&entries) {
            model.insert(*entry, index);
        }
        for (iss, one, other, most) in asked {
            let (first, last) = (one.min(other), one.max(other));
            let range = model.range((iss, first)..=(iss, last));
            let right: Vec<_> = range.map(|((_, number), index)| (*number, *index)).take(most).collect();
            prop_assert_eq!(told(&numbers, iss, first, last, most), right);
        }
    }
}

/// What sled keeps in memory goes by records. Two issuers take turns, and one is ahead of its numbers by a window.
#[test]
fn sixty_four_numbers_stand_in_one_record() {
    let numbers = Numbers::temporary().unwrap();
    let entries: Vec<_> = (0..16_384).map(|at| ((at % 2) as usize, at / 2 + 1 + 65_536 * (at % 2))).collect();
    for (stretch, entries) in entries.chunks(256).enumerate() {
        add(&numbers, stretch as u64 * 256, entries);
    }
    assert_eq!(numbers.blocks.len() as u64, 2 * (8_192 / BLOCK + 1));
    assert_eq!(told(&numbers, 1, 0, u64::MAX, usize::MAX).len(), 8_192);
    assert_eq!(told(&numbers, 2, 0, u64::MAX, usize::MAX), []);
}

/// A layout of before, or one that was being emptied when the power went, is nothing to look into.
#[test]
fn what_is_not_of_this_layout_is_built_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("numbers.sled");
    let new = Numbers::open(&path).unwrap();
    add(&new, 0, &[(0, 1), (0, 2)]);
    drop(new);
    let kept = Numbers::open(&path).unwrap();
    assert_eq!(told(&kept, 0, 1, 9, 9), [(1, 0), (2, 1)]);
    drop(kept);
    for version in [Some("1"), None] {
        let numbers = Numbers::open(&path).unwrap();
        add(&numbers, 0, &[(0, 1), (0, 2)]);
        match version {
            Some(version) => numbers.meta.insert("version", version).unwrap(),
            None => numbers.meta.remove("version").unwrap(),
        };
        drop(numbers);
        let again = Numbers::open(&path).unwrap();
        assert_eq!((again.size().unwrap(), again.last().unwrap()), (0, None), "{version:?}");
        assert_eq!(told(&again, 0, 1, 9, 9), [], "{version:?}");
    }
}
