//! Nodes of a log's tree, read from its tiles.

use std::ops::Range;

use glasshouse_verifier::hash::NodeHash;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::{Tile, TilePath};

use crate::source::{Source, SourceError, TILE_LIMIT};
use crate::tree_nodes::{TreeNodes, split};

/// Reads hashes of complete and ragged subtrees below a checkpoint of `size`.
pub(crate) struct TileNodes<'a> {
    source: &'a Source,
    size: u64,
}

/// Why a node could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NodeError {
    /// The tile was not to be had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The tile is not one.
    #[error("{0}: {1}")]
    Tile(String, String),
}

impl<'a> TileNodes<'a> {
    /// The tree of a checkpoint of this size.
    pub(crate) fn new(source: &'a Source, size: TreeSize) -> Self {
        TileNodes { source, size: size.get() }
    }

    /// The tile at this place as wide as the tree has it, or the full one where the log has dropped the partial one.
    pub(crate) fn tile(&self, level: u8, index: u64) -> Result<Tile, NodeError> {
        let nodes = self.size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        let width = nodes.saturating_sub(index.saturating_mul(256)).min(256);
        let wrong =
            |path: &str, why: &dyn std::fmt::Display| NodeError::Tile(path.to_owned(), why.to_string());
        let width = u16::try_from(width).unwrap_or(256);
        let path = TilePath::new(level, index, width).map_err(|e| wrong("tile", &e))?;
        let name = path.encode();
        if let Some(bytes) = self.source.get(&name, TILE_LIMIT)? {
            return Tile::parse(&bytes, width).map_err(|error| wrong(&name, &error));
        }
        let full = TilePath::new(level, index, 256).map_err(|e| wrong("tile", &e))?.encode();
        let bytes = self.source.need(&full, TILE_LIMIT)?;
        let tile = Tile::parse(&bytes, 256).map_err(|error| wrong(&full, &error))?;
        Tile::new(tile.hashes().iter().take(usize::from(width)).copied().collect())
            .map_err(|error| wrong(&full, &error))
    }

    /// The hash over the leaves from `low` up to `high` (RFC 6962 §2.1), a node of the tree.
    pub(crate) fn node(&self, low: u64, high: u64) -> Result<NodeHash, NodeError> {
        let width = high - low;
        if width.is_power_of_two() {
            let level = width.trailing_zeros() / 8;
            let first = low >> (8 * level);
            let count = 1_u64 << (width.trailing_zeros() % 8);
            let tile = self.tile(u8::try_from(level).unwrap_or(u8::MAX), first / 256)?;
            let at = usize::try_from(first % 256).unwrap_or(0);
            let many = usize::try_from(count).unwrap_or(1);
            let part: Vec<NodeHash> = tile.hashes().iter().skip(at).take(many).copied().collect();
            let part =
                Tile::new(part).map_err(|error| NodeError::Tile("tile".to_owned(), error.to_string()))?;
            return Ok(part.root());
        }
        let split = split(&(low..high));
        Ok(NodeHash::join(&self.node(low, split)?, &self.node(split, high)?))
    }
}

impl TreeNodes for TileNodes<'_> {
    type Error = NodeError;

    fn size(&self) -> u64 {
        self.size
    }

    fn nodes(&self, spans: &[Range<u64>]) -> Result<Vec<NodeHash>, NodeError> {
        spans.iter().map(|span| self.node(span.start, span.end)).collect()
    }
}
