//! Earlier entries for an audit: where they stand is remembered, what they say is read again when a later one names them.

use std::cell::RefCell;
use std::collections::VecDeque;

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::leaf_table::LeafTable;
use glasshouse_verifier::past::{Past, PastError};
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::tile::BundlePath;

use crate::bundles::Bundles;

/// Bundles that are kept: statements about earlier ones often follow these closely. At most 16 MiB each.
const BUNDLES_KEPT: usize = 4;

/// The entries that an audit has read.
pub(crate) struct AuditPast {
    bundles: Bundles,
    /// How many entries the log has: as wide as that are its bundles.
    size: TreeSize,
    table: LeafTable,
    kept: RefCell<VecDeque<(BundlePath, Vec<u8>)>>,
}

impl AuditPast {
    /// None yet.
    pub(crate) fn new(bundles: Bundles) -> Self {
        AuditPast { bundles, size: TreeSize::ZERO, table: LeafTable::default(), kept: RefCell::default() }
    }

    /// The log has so many entries now.
    pub(crate) fn grow(&mut self, size: TreeSize) {
        self.size = size;
        self.kept.borrow_mut().clear();
    }

    /// Remembers where an entry stands.
    pub(crate) fn remember(&mut self, leaf: &LeafHash, index: LeafIndex) {
        self.table.insert(leaf, index);
    }

    /// Whether the entry at that place begins its leaf hash like this.
    pub(crate) fn is_at(&self, leaf: &LeafHash, index: LeafIndex) -> bool {
        self.table.candidates(leaf).any(|place| place == index)
    }

    /// The bytes of an entry, read again.
    pub(crate) fn read(&self, index: LeafIndex) -> Result<Option<Vec<u8>>, PastError> {
        let (bundle, at) = (index.get() / 256, (index.get() % 256) as usize);
        if let Some(copy) = self.bundles.copy() {
            return copy.entry(index.get()).map_err(|error| PastError(error.to_string()));
        }
        let width = self.size.get().saturating_sub(bundle * 256).min(256);
        let path = u16::try_from(width).ok().and_then(|width| BundlePath::new(bundle, width).ok());
        let Some(path) = path else { return Ok(None) };
        let mut kept = self.kept.borrow_mut();
        if !kept.iter().any(|(known, _)| *known == path) {
            let bytes = self.bundles.read(path).map_err(|error| PastError(error.to_string()))?;
            kept.truncate(BUNDLES_KEPT - 1);
            kept.push_front((path, bytes));
        }
        let Some((_, bytes)) = kept.iter().find(|(known, _)| *known == path) else { return Ok(None) };
        let entries = parse_bundle(bytes, path.width()).map_err(|error| PastError(error.to_string()))?;
        Ok(entries.get(at).map(|bytes| bytes.to_vec()))
    }
}

impl Past for AuditPast {
    fn find(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        for index in self.table.candidates(leaf) {
            // A server that answers differently now than before shows another entry, which is not the one that is named.
            let bytes = self.read(index)?.filter(|bytes| LeafHash::of_entry(bytes) == *leaf);
            if let Some(entry) = bytes.and_then(|bytes| Entry::parse(&bytes).ok()) {
                return Ok(Some((index, entry.into_statement())));
            }
        }
        Ok(None)
    }
}
