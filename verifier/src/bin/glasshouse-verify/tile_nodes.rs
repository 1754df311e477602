//! Nodes of a log's tree, read from its tiles.

use glasshouse_verifier::hash::NodeHash;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tile::{Tile, TilePath};

use crate::source::{Source, SourceError, TILE_LIMIT};

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
        let split = low + (1 << (63 - (width - 1).leading_zeros()));
        Ok(NodeHash::join(&self.node(low, split)?, &self.node(split, high)?))
    }

    /// The inclusion proof of an entry (RFC 6962 §2.1.1).
    pub(crate) fn path_to(&self, index: LeafIndex) -> Result<Vec<NodeHash>, NodeError> {
        let (mut low, mut high, at) = (0, self.size, index.get());
        let mut siblings = Vec::new();
        while high - low > 1 && at < high {
            let split = low + (1 << (63 - (high - low - 1).leading_zeros()));
            if at < split {
                siblings.push(self.node(split, high)?);
                high = split;
            } else {
                siblings.push(self.node(low, split)?);
                low = split;
            }
        }
        siblings.reverse();
        Ok(siblings)
    }

    /// The consistency proof from a smaller tree of `old` leaves (RFC 6962 §2.1.2), its first node always written out:
    /// what evidence of a fork holds.
    pub(crate) fn path_from(&self, old: TreeSize) -> Result<Vec<NodeHash>, NodeError> {
        let (mut low, mut high, target) = (0, self.size, old.get());
        let mut siblings = Vec::new();
        while high != target && high - low > 1 {
            let split = low + (1 << (63 - (high - low - 1).leading_zeros()));
            if target <= split {
                siblings.push(self.node(split, high)?);
                high = split;
            } else {
                siblings.push(self.node(low, split)?);
                low = split;
            }
        }
        let mut path = vec![self.node(low, high)?];
        path.extend(siblings.into_iter().rev());
        Ok(path)
    }
}
