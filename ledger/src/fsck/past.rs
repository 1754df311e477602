//! Earlier entries, read again from their bundles when a later one names them.

use std::cell::RefCell;
use std::collections::VecDeque;

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::leaf_table::LeafTable;
use glasshouse_verifier::past::{Past, PastError};
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::tile::BundlePath;

use super::bundles::Bundle;
use crate::store::Store;

/// Bundles that are kept: statements about earlier ones often follow these closely. At most 16 MiB each.
const BUNDLES_KEPT: usize = 4;

/// A bundle as it lies: its number, the width of its file, and its bytes.
struct Kept {
    number: u64,
    width: u16,
    bytes: Vec<u8>,
}

/// Where entries stand, and the bundles that were asked for last.
#[derive(Default)]
pub(super) struct Places {
    table: LeafTable,
    kept: RefCell<VecDeque<Kept>>,
}

impl Places {
    /// Remembers where an entry stands.
    pub(super) fn insert(&mut self, leaf: &LeafHash, index: LeafIndex) {
        self.table.insert(leaf, index);
    }
}

/// The entries that were read.
pub(super) struct StoredPast<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) places: &'a Places,
    /// Those that are being judged, already parsed.
    pub(super) at_hand: &'a [&'a Bundle],
}

impl Past for StoredPast<'_> {
    fn find(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        for index in self.places.table.candidates(leaf) {
            if let Some(found) = self.at_hand(index, leaf) {
                return Ok(Some((index, found.clone())));
            }
            let bytes = self.read(index)?.filter(|bytes| LeafHash::of_entry(bytes) == *leaf);
            if let Some(entry) = bytes.and_then(|bytes| Entry::parse(&bytes).ok()) {
                return Ok(Some((index, entry.into_statement())));
            }
        }
        Ok(None)
    }
}

impl StoredPast<'_> {
    fn at_hand(&self, index: LeafIndex, leaf: &LeafHash) -> Option<&Statement> {
        let bundle = self.at_hand.iter().find(|bundle| bundle.path.index() == index.get() / 256)?;
        bundle.entry(index).filter(|entry| entry.leaf_hash() == *leaf).map(Entry::statement)
    }

    /// The entry at a place, from the widest bundle that there is; `None` if it is not there.
    fn read(&self, index: LeafIndex) -> Result<Option<Vec<u8>>, PastError> {
        let (number, at) = (index.get() / 256, (index.get() % 256) as usize);
        let mut kept = self.places.kept.borrow_mut();
        if let Some(found) = kept.iter().find(|kept| kept.number == number)
            && let Some(entry) = entry_at(found, at)
        {
            return Ok(Some(entry));
        }
        let failed = |error: &dyn std::fmt::Display| PastError(error.to_string());
        let full = BundlePath::new(number, 256).map_err(|error| failed(&error))?.encode();
        let mut look = |name: &str, width: u16| -> Result<Option<Vec<u8>>, PastError> {
            let Some(bytes) = self.store.get(name).map_err(|error| failed(&error))? else { return Ok(None) };
            let found = Kept { number, width, bytes };
            let entry = entry_at(&found, at);
            if entry.is_some() {
                kept.truncate(BUNDLES_KEPT - 1);
                kept.push_front(found);
            }
            Ok(entry)
        };
        if let Some(entry) = look(&full, 256)? {
            return Ok(Some(entry));
        }
        for name in self.store.list(&format!("{full}.p")).map_err(|error| failed(&error))? {
            let width = name.rsplit_once(".p/").and_then(|(_, width)| width.parse().ok());
            if let Some(entry) = look(&name, width.unwrap_or(0))? {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }
}

/// The bytes of an entry of a bundle.
fn entry_at(bundle: &Kept, at: usize) -> Option<Vec<u8>> {
    let entries = parse_bundle(&bundle.bytes, bundle.width).ok()?;
    entries.get(at).map(|bytes| bytes.to_vec())
}
