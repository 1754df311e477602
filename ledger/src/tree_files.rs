//! Reads entries and leaf hashes of a published tree from its bundles and tiles.

use std::sync::Arc;

use glasshouse_verifier::bundle::{BundleError, parse_bundle};
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tile::{BundlePath, TileError, TilePath};

use crate::store::{Store, StoreError};
use crate::tile_reader::{ReadTileError, StoreTiles, TileReader};

/// Entries in a full bundle.
pub(crate) const BUNDLE: u64 = 256;

/// Why an entry of a published tree could not be read. Each one is damage, or a size that was never published.
#[derive(Debug, thiserror::Error)]
pub enum TreeFilesError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A tile.
    #[error(transparent)]
    Tile(#[from] ReadTileError),
    /// No such file in any tree.
    #[error(transparent)]
    Path(#[from] TileError),
    /// No file holds the bundle.
    #[error("{0} is missing")]
    Missing(String),
    /// A bundle is damaged.
    #[error("{path} is damaged: {rule}")]
    Damaged {
        /// The file.
        path: String,
        /// What it breaks.
        rule: BundleError,
    },
    /// A bundle holds another entry than the tile says.
    #[error("entry {0} is not the one whose hash is in the tree")]
    OtherEntry(LeafIndex),
}

/// The files of one log, for reading.
#[derive(Clone)]
pub struct TreeFiles {
    store: Arc<dyn Store>,
}

impl std::fmt::Debug for TreeFiles {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("TreeFiles")
    }
}

impl TreeFiles {
    /// The files in a store.
    pub fn new(store: Arc<dyn Store>) -> TreeFiles {
        TreeFiles { store }
    }

    /// The store behind.
    pub(crate) fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// The tiles of a tree of that size.
    pub(crate) fn tiles(&self, size: TreeSize) -> StoreTiles<'_> {
        StoreTiles::new(self.store.as_ref(), size)
    }

    /// The entries of one bundle, as far as a tree of that size has them. Empty beyond its end.
    pub fn entries(&self, size: TreeSize, bundle: u64) -> Result<Vec<Vec<u8>>, TreeFilesError> {
        let all = |entries: &[&[u8]]| entries.iter().map(|entry| entry.to_vec()).collect();
        Ok(self.with_bundle(size, bundle, all)?.unwrap_or_default())
    }

    /// Lets `look` see the entries of one bundle, as far as a tree of that size has them; `None` beyond its end.
    fn with_bundle<T>(
        &self,
        size: TreeSize,
        bundle: u64,
        look: impl FnOnce(&[&[u8]]) -> T,
    ) -> Result<Option<T>, TreeFilesError> {
        let there = size.get().saturating_sub(bundle.saturating_mul(BUNDLE)).min(BUNDLE);
        let Ok(width @ 1..) = u16::try_from(there) else { return Ok(None) };
        let widest = BundlePath::new(bundle, width)?;
        // The full bundle may be there already, and the partial one gone, although the tree of `size` had no full one.
        for candidate in [widest, widest.full()] {
            let path = candidate.encode();
            let Some(bytes) = self.store.get(&path)? else { continue };
            let entries = parse_bundle(&bytes, candidate.width())
                .map_err(|rule| TreeFilesError::Damaged { path, rule })?;
            return Ok(entries.get(..usize::from(width)).map(look));
        }
        Err(TreeFilesError::Missing(widest.encode()))
    }

    /// One entry, checked against its leaf hash in the tree; `None` beyond the end.
    pub fn entry(&self, size: TreeSize, index: LeafIndex) -> Result<Option<Vec<u8>>, TreeFilesError> {
        if !index.is_in(size) {
            return Ok(None);
        }
        let place = usize::try_from(index.get() % BUNDLE).unwrap_or(usize::MAX);
        let one = |entries: &[&[u8]]| entries.get(place).map(|entry| entry.to_vec());
        let Some(entry) = self.with_bundle(size, index.get() / BUNDLE, one)?.flatten() else {
            return Ok(None);
        };
        if LeafHash::of_entry(&entry) != self.leaf_hash(size, index)? {
            return Err(TreeFilesError::OtherEntry(index));
        }
        Ok(Some(entry))
    }

    /// The leaf hash at a place inside a tree of that size.
    pub fn leaf_hash(&self, size: TreeSize, index: LeafIndex) -> Result<LeafHash, TreeFilesError> {
        let tile = index.get() / BUNDLE;
        let width = u16::try_from(index.get() % BUNDLE + 1).unwrap_or(256);
        let hashes = self.tiles(size).read_tile(TilePath::new(0, tile, width)?)?;
        let last = hashes.last().map(|node| node.to_leaf());
        last.ok_or_else(|| TreeFilesError::Missing(format!("leaf hash {index}")))
    }
}
