//! Where proofs take their hashes from.

use crate::store::{Store, StoreError};
use glasshouse_verifier::hash::NodeHash;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::{Tile, TileError, TilePath};
use std::collections::HashMap;

/// Reads tiles. The only thing a prover asks of the outside.
pub trait TileReader {
    /// The first `path.width()` hashes of the tile at the level and index of `path`, from any file that has them.
    ///
    /// # Errors
    ///
    /// [`ReadTileError::Missing`] where no file has as many.
    fn read_tile(&self, path: TilePath) -> Result<Vec<NodeHash>, ReadTileError>;
}

/// Why a tile cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadTileError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No file holds these hashes.
    #[error("{0} is missing")]
    Missing(String),
    /// A file is there and is no tile of its width.
    #[error("{path} is damaged: {rule}")]
    Damaged {
        /// The file.
        path: String,
        /// What it breaks.
        rule: TileError,
    },
    /// The place does not exist in any tree.
    #[error(transparent)]
    NoSuchPlace(#[from] TileError),
}

/// The tiles in a store, whose tree has at least `size` leaves.
///
/// Partial tiles of sizes between may be gone; a hash is taken from the tile as wide as it is at `size`, or the full one.
#[derive(Clone, Copy)]
pub struct StoreTiles<'a> {
    store: &'a dyn Store,
    size: TreeSize,
}

impl<'a> StoreTiles<'a> {
    /// `size`: a size up to which every tile was written; the current one.
    pub fn new(store: &'a dyn Store, size: TreeSize) -> Self {
        Self { store, size }
    }
}

impl TileReader for StoreTiles<'_> {
    fn read_tile(&self, path: TilePath) -> Result<Vec<NodeHash>, ReadTileError> {
        let nodes = self.size.get() >> (8 * u32::from(path.level())).min(63);
        let there = nodes.saturating_sub(path.index().saturating_mul(256));
        let widest = u16::try_from(there.min(256)).unwrap_or(256);
        if widest < path.width() {
            return Err(ReadTileError::Missing(path.encode()));
        }
        let widest = TilePath::new(path.level(), path.index(), widest)?;
        // The full tile may already be there while `size` is still the one before: then partials may be gone.
        for candidate in [widest, widest.full()] {
            let name = candidate.encode();
            let Some(bytes) = self.store.get(&name)? else {
                continue;
            };
            let tile = Tile::parse(&bytes, candidate.width())
                .map_err(|rule| ReadTileError::Damaged { path: name, rule })?;
            return Ok(tile.hashes()[..usize::from(path.width())].to_vec());
        }
        Err(ReadTileError::Missing(widest.encode()))
    }
}

/// Tiles in memory, from files as a right edge writes them.
#[derive(Debug, Default, Clone)]
pub struct MemoryTiles {
    tiles: HashMap<(u8, u64), Vec<NodeHash>>,
}

impl MemoryTiles {
    /// No tiles.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a tile in; it replaces a narrower one at its place.
    pub fn insert(&mut self, path: TilePath, tile: &Tile) {
        let place = self.tiles.entry((path.level(), path.index())).or_default();
        if tile.hashes().len() > place.len() {
            *place = tile.hashes().to_vec();
        }
    }
}

impl TileReader for MemoryTiles {
    fn read_tile(&self, path: TilePath) -> Result<Vec<NodeHash>, ReadTileError> {
        self.tiles
            .get(&(path.level(), path.index()))
            .and_then(|hashes| hashes.get(..usize::from(path.width())))
            .map(<[NodeHash]>::to_vec)
            .ok_or_else(|| ReadTileError::Missing(path.encode()))
    }
}
