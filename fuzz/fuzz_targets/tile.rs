//! Tiles of hashes and bundles of entries: no panic, and one legal spelling.
//!
//! The first byte says which, the second how many there should be, less one.
#![no_main]

use glasshouse_verifier::bundle::{encode_bundle, parse_bundle};
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::tile::Tile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let [kind, width, bytes @ ..] = data else { return };
    let width = u16::from(*width) + 1;
    if kind % 2 == 0 {
        let Ok(tile) = Tile::parse(bytes, width) else { return };
        assert_eq!(tile.encode(), bytes);
        assert_eq!(tile.hashes().len(), usize::from(width));
        let _ = tile.root();
    } else {
        let Ok(entries) = parse_bundle(bytes, width) else { return };
        assert_eq!(entries.len(), usize::from(width));
        assert_eq!(encode_bundle(&entries).as_deref(), Ok(bytes));
        for entry in entries {
            let _ = (LeafHash::of_entry(entry), Entry::parse(entry));
        }
    }
});
