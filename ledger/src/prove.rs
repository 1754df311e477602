//! Proofs from tiles: roots, inclusion and consistency (RFC 6962 §2.1), at every size up to the current one.
//!
//! Inside a tile the tree is rs_merkle's; from tile to tile, and along the ragged right edge of a size whose partial
//! tiles may be long gone, the way is ours. Every proof is checked with the verifier before it is returned.

use crate::tile_reader::{ReadTileError, TileReader};
use crate::tile_tree;
use glasshouse_verifier::consistency::{ConsistencyProof, verify_consistency};
use glasshouse_verifier::fault::Fault;
use glasshouse_verifier::hash::{LeafHash, NodeHash, RootHash};
use glasshouse_verifier::head::{NewTree, OldTree, TreeHead};
use glasshouse_verifier::inclusion::{InclusionProof, ProofError, verify_inclusion};
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tile::{TileError, TilePath};
use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The tree has no such leaf.
    #[error("a tree of size {size} has no entry {index}")]
    NoSuchLeaf {
        /// The leaf that was asked for.
        index: LeafIndex,
        /// The size that was asked for.
        size: TreeSize,
    },
    /// The old size is the greater one.
    #[error("the old size {from} is greater than the new size {to}")]
    Reversed {
        /// The size that was given as the old one.
        from: TreeSize,
        /// The size that was given as the new one.
        to: TreeSize,
    },
    /// A tile.
    #[error(transparent)]
    Tile(#[from] ReadTileError),
    /// The proof did not pass the verifier: nothing was let out.
    #[error("a proof that was made here does not verify: {0}")]
    OurBug(ProofError),
}

impl ProveError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            ProveError::NoSuchLeaf { .. } | ProveError::Reversed { .. } => Fault::CallerMisuse,
            ProveError::Tile(_) => Fault::Environment,
            ProveError::OurBug(_) => Fault::OurBug,
        }
    }
}

impl From<TileError> for ProveError {
    fn from(error: TileError) -> Self {
        ProveError::Tile(ReadTileError::NoSuchPlace(error))
    }
}

/// A proof that one leaf is in a tree, with both ends of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvedInclusion {
    /// The leaf's place.
    pub index: LeafIndex,
    /// The leaf, as the tiles have it.
    pub leaf: LeafHash,
    /// The tree.
    pub head: TreeHead,
    /// The path between.
    pub proof: InclusionProof,
}

/// A proof that a tree grew out of another one, with both of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvedConsistency {
    /// The tree before.
    pub old: OldTree,
    /// The tree after.
    pub new: NewTree,
    /// What stands between.
    pub proof: ConsistencyProof,
}

/// The tree's head when it had `size` leaves.
///
/// # Errors
///
/// [`ProveError::Tile`], also if the tree never had as many.
pub fn root_at(tiles: &dyn TileReader, size: TreeSize) -> Result<TreeHead, ProveError> {
    Tree::new(tiles, size).head()
}

/// Proves that leaf `index` is in the tree of `size` leaves (RFC 6962 §2.1.1).
///
/// # Errors
///
/// [`ProveError::NoSuchLeaf`] if `index` is not below `size`; [`ProveError::Tile`], also if the tree never had `size`
/// leaves.
pub fn prove_inclusion(
    tiles: &dyn TileReader,
    index: LeafIndex,
    size: TreeSize,
) -> Result<ProvedInclusion, ProveError> {
    if !index.is_in(size) {
        return Err(ProveError::NoSuchLeaf { index, size });
    }
    let tree = Tree::new(tiles, size);
    let head = tree.head()?;
    let leaf = tree.complete(index.get()..index.get() + 1)?.to_leaf();
    let proof = InclusionProof::new(tree.path(index.get())?).map_err(ProveError::OurBug)?;
    verify_inclusion(&leaf, index, &head, &proof).map_err(ProveError::OurBug)?;
    Ok(ProvedInclusion { index, leaf, head, proof })
}

/// Proves that the tree of `to` leaves begins with the tree of `from` leaves (RFC 6962 §2.1.2).
///
/// # Errors
///
/// [`ProveError::Reversed`]; [`ProveError::Tile`], also if the tree never had `to` leaves.
pub fn prove_consistency(
    tiles: &dyn TileReader,
    from: TreeSize,
    to: TreeSize,
) -> Result<ProvedConsistency, ProveError> {
    if from > to {
        return Err(ProveError::Reversed { from, to });
    }
    let tree = Tree::new(tiles, to);
    let new = NewTree(tree.head()?);
    let old = OldTree(tree.head_of(from)?);
    let mut hashes = Vec::new();
    if from > TreeSize::ZERO && from < to {
        tree.subproof(from.get(), 0..to.get(), true, &mut hashes)?;
    }
    let proof = ConsistencyProof::new(hashes).map_err(ProveError::OurBug)?;
    verify_consistency(&old, &new, &proof).map_err(ProveError::OurBug)?;
    Ok(ProvedConsistency { old, new, proof })
}

/// The tree of one size, read from tiles; each tile once.
struct Tree<'a> {
    tiles: &'a dyn TileReader,
    size: TreeSize,
    read: RefCell<HashMap<(u8, u64), Vec<NodeHash>>>,
}

impl<'a> Tree<'a> {
    fn new(tiles: &'a dyn TileReader, size: TreeSize) -> Self {
        Self { tiles, size, read: RefCell::default() }
    }

    fn head(&self) -> Result<TreeHead, ProveError> {
        self.head_of(self.size)
    }

    /// The head that the tree had at a lesser or equal size.
    fn head_of(&self, size: TreeSize) -> Result<TreeHead, ProveError> {
        let root = match size.get() {
            0 => RootHash::empty(),
            leaves => self.range(0..leaves)?.to_root(),
        };
        // Only size 0 has a root that a head can refuse, and there it is the right one.
        Ok(TreeHead::new(size, root).unwrap_or_else(|_| TreeHead::empty()))
    }

    /// Hashes `nodes` of one level; all in one tile, all complete at this size.
    fn nodes(&self, level: u8, nodes: Range<u64>) -> Result<Vec<NodeHash>, ProveError> {
        let index = nodes.start / 256;
        let begin = index * 256;
        let complete = self.size.get() >> (8 * u32::from(level));
        let mut read = self.read.borrow_mut();
        let tile = match read.entry((level, index)) {
            Entry::Occupied(tile) => tile.into_mut(),
            Entry::Vacant(place) => {
                let width = u16::try_from(complete.saturating_sub(begin).min(256)).unwrap_or(256);
                place.insert(self.tiles.read_tile(TilePath::new(level, index, width)?)?)
            }
        };
        let place = |node: u64| usize::try_from(node - begin).unwrap_or(usize::MAX);
        tile.get(place(nodes.start)..place(nodes.end)).map(<[NodeHash]>::to_vec).ok_or_else(|| {
            ProveError::Tile(ReadTileError::Missing(format!("hash {} of tile level {level}", nodes.start)))
        })
    }

    /// The hash over a complete subtree: a power of two of leaves, beginning at a multiple of their number.
    fn complete(&self, leaves: Range<u64>) -> Result<NodeHash, ProveError> {
        let height = (leaves.end - leaves.start).trailing_zeros();
        // At most 52, so the level is at most 6.
        let level = u8::try_from(height / 8).unwrap_or(u8::MAX);
        let first = leaves.start >> (8 * u32::from(level));
        let nodes = self.nodes(level, first..first + (1 << (height % 8)))?;
        tile_tree::root(&nodes)
            .ok_or_else(|| ProveError::Tile(ReadTileError::Missing("a tile without hashes".to_owned())))
    }

    /// MTH of RFC 6962 §2.1 over a range that begins where a subtree of its size may begin; at least one leaf.
    fn range(&self, leaves: Range<u64>) -> Result<NodeHash, ProveError> {
        if (leaves.end - leaves.start).is_power_of_two() {
            return self.complete(leaves);
        }
        let middle = middle(&leaves);
        let left = self.complete(leaves.start..middle)?;
        let right = self.range(middle..leaves.end)?;
        Ok(NodeHash::join(&left, &right))
    }

    /// PATH of RFC 6962 §2.1.1, tile by tile upwards.
    fn path(&self, leaf: u64) -> Result<Vec<NodeHash>, ProveError> {
        let mut path = Vec::new();
        for level in 0..8_u8 {
            let span = 8 * u32::from(level);
            let size = self.size.get();
            let (complete, ragged) = (size >> span, size & ((1 << span) - 1) != 0);
            let total = complete + u64::from(ragged);
            if total == 1 {
                break;
            }
            // The tile with our node in it, and the incomplete subtree at its end if it is the last tile.
            let node = leaf >> span;
            let begin = node / 256 * 256;
            let end = total.min(begin + 256);
            let mut nodes = Vec::new();
            if complete > begin {
                nodes = self.nodes(level, begin..end.min(complete))?;
            }
            if ragged && end == total {
                nodes.push(self.range(complete << span..size)?);
            }
            let position = usize::try_from(node - begin).unwrap_or(usize::MAX);
            path.extend(tile_tree::path(&nodes, position));
        }
        Ok(path)
    }

    /// SUBPROOF of RFC 6962 §2.1.2: `whole` while the old tree's own root needs no mention.
    fn subproof(
        &self,
        old: u64,
        leaves: Range<u64>,
        whole: bool,
        hashes: &mut Vec<NodeHash>,
    ) -> Result<(), ProveError> {
        if old == leaves.end {
            if !whole {
                hashes.push(self.range(leaves)?);
            }
            return Ok(());
        }
        let middle = middle(&leaves);
        if old <= middle {
            self.subproof(old, leaves.start..middle, whole, hashes)?;
            hashes.push(self.range(middle..leaves.end)?);
        } else {
            self.subproof(old, middle..leaves.end, false, hashes)?;
            hashes.push(self.complete(leaves.start..middle)?);
        }
        Ok(())
    }
}

/// Where RFC 6962 splits a range of two leaves or more: at the greatest power of two that is less than their number.
fn middle(leaves: &Range<u64>) -> u64 {
    let count = leaves.end - leaves.start;
    leaves.start + (1 << (63 - (count - 1).leading_zeros()))
}
