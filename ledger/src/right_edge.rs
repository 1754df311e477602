//! The right edge of the tree: what must be known to append, and the files that appending makes.
//!
//! At each tile level at most 255 hashes that do not fill a tile yet, and the entries that do not fill a bundle yet.
//! Growing is arithmetic: it returns the new edge and the files, and writes nothing. Whether the new edge becomes the
//! tree's is decided later, when the state is swapped; until then the old one stays as it is.

use crate::store::{Store, StoreError};
use crate::tile_reader::{ReadTileError, StoreTiles, TileReader};
use crate::tile_tree;
use glasshouse_verifier::bundle::{BundleError, parse_bundle};
use glasshouse_verifier::hash::{LeafHash, NodeHash, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::size::{SizeError, TreeSize};
use glasshouse_verifier::tile::{BundlePath, Tile, TileError, TilePath};

/// Hashes in a full tile, entries in a full bundle.
const FULL: usize = 256;

/// The right edge of a tree of one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightEdge {
    size: TreeSize,
    /// Level 0 first; each level at most 255 hashes; as many levels as the tree has.
    levels: Vec<Vec<NodeHash>>,
    /// The bytes of the partial bundle: `size` mod 256 entries, each behind its length.
    bundle: Vec<u8>,
}

/// What one round adds to a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Growth {
    edge: RightEdge,
    files: Vec<(String, Vec<u8>)>,
    filled: Vec<String>,
}

impl Growth {
    /// The edge afterwards.
    pub fn edge(&self) -> &RightEdge {
        &self.edge
    }

    /// The edge afterwards, taken out.
    pub fn into_edge(self) -> RightEdge {
        self.edge
    }

    /// The files to write, name and bytes: every full tile and bundle that was filled, every partial one that grew.
    pub fn files(&self) -> &[(String, Vec<u8>)] {
        &self.files
    }

    /// The names of the tiles and bundles that were filled: their partial ones may go once these are durable.
    pub fn filled(&self) -> &[String] {
        &self.filled
    }
}

/// Why an edge cannot be loaded or grown.
#[derive(Debug, thiserror::Error)]
pub enum EdgeError {
    /// A tile.
    #[error(transparent)]
    Tile(#[from] ReadTileError),
    /// The last bundle is missing.
    #[error("{0} is missing")]
    BundleMissing(String),
    /// The last bundle is damaged.
    #[error("{path} is damaged: {rule}")]
    BundleDamaged {
        /// The file.
        path: String,
        /// What it breaks.
        rule: BundleError,
    },
    /// An entry in the last bundle is not the one whose hash is in the last tile.
    #[error("{path} holds another entry at place {place} than the tile of its hashes says")]
    OtherEntry {
        /// The bundle.
        path: String,
        /// Counted from 0.
        place: usize,
    },
    /// The tiles are those of another tree.
    #[error("the tiles of size {size} give the root {found}, the signed root is {signed}")]
    OtherRoot {
        /// The tree's size.
        size: TreeSize,
        /// The root that was signed.
        signed: RootHash,
        /// The root that the tiles give.
        found: RootHash,
    },
    /// More leaves than a tree may have.
    #[error(transparent)]
    Size(#[from] SizeError),
    /// An entry that fits in no bundle.
    #[error("an entry has {0} bytes; at most 65535 fit in a bundle")]
    EntryTooLarge(usize),
}

impl From<StoreError> for EdgeError {
    fn from(error: StoreError) -> Self {
        EdgeError::Tile(ReadTileError::Store(error))
    }
}

impl From<TileError> for EdgeError {
    fn from(error: TileError) -> Self {
        EdgeError::Tile(ReadTileError::NoSuchPlace(error))
    }
}

impl RightEdge {
    /// The edge of the tree without leaves.
    pub fn empty() -> Self {
        Self { size: TreeSize::ZERO, levels: Vec::new(), bundle: Vec::new() }
    }

    /// Loads the edge of the tree with this head.
    ///
    /// True afterwards: the tiles on the edge, and the entries of the last bundle, are there and give exactly the root
    /// of `head`. What lies further left is vouched for by its hashes on the edge, and is not read.
    ///
    /// # Errors
    ///
    /// [`EdgeError`], naming the first file that is missing or wrong.
    pub fn load(store: &dyn Store, head: &TreeHead) -> Result<Self, EdgeError> {
        let size = head.size();
        let tiles = StoreTiles::new(store, size);
        let mut levels = Vec::new();
        let mut nodes = size.get();
        while nodes > 0 {
            let level = u8::try_from(levels.len()).unwrap_or(u8::MAX);
            let (index, width) = (nodes / 256, nodes % 256);
            levels.push(match u16::try_from(width) {
                Ok(width) if width > 0 => tiles.read_tile(TilePath::new(level, index, width)?)?,
                _ => Vec::new(),
            });
            nodes = index;
        }
        let bundle = match levels.first() {
            Some(leaves) if !leaves.is_empty() => load_bundle(store, size, leaves)?,
            _ => Vec::new(),
        };
        let edge = Self { size, levels, bundle };
        if edge.root() != *head.root() {
            return Err(EdgeError::OtherRoot { size, signed: *head.root(), found: edge.root() });
        }
        Ok(edge)
    }

    /// The number of leaves.
    pub fn size(&self) -> TreeSize {
        self.size
    }

    /// The root (RFC 6962 §2.1), from the edge alone.
    pub fn root(&self) -> RootHash {
        let mut below: Option<NodeHash> = None;
        for level in &self.levels {
            // The incomplete subtree below is the last, lesser node of this level.
            let nodes: Vec<NodeHash> = level.iter().copied().chain(below).collect();
            below = tile_tree::root(&nodes);
        }
        below.map_or_else(RootHash::empty, NodeHash::to_root)
    }

    /// Size and root.
    pub fn head(&self) -> TreeHead {
        // A head is refused only for size 0 with a root of its own, which `root` never gives.
        TreeHead::new(self.size, self.root()).unwrap_or_else(|_| TreeHead::empty())
    }

    /// The tree with these entries behind; each with its leaf hash, in order.
    ///
    /// # Errors
    ///
    /// [`EdgeError::EntryTooLarge`], [`EdgeError::Size`]; the edge is unchanged in any case.
    pub fn grow<'e>(
        &self,
        entries: impl IntoIterator<Item = (LeafHash, &'e [u8])>,
    ) -> Result<Growth, EdgeError> {
        let mut growth = Growth { edge: self.clone(), files: Vec::new(), filled: Vec::new() };
        let mut grown = Vec::new();
        for (hash, entry) in entries {
            growth.push(hash, entry, &mut grown)?;
        }
        growth.write_partials(&grown)?;
        Ok(growth)
    }
}

impl Growth {
    /// Appends one leaf; `grown[level]` tells which levels have a partial tile to write at the end.
    fn push(&mut self, hash: LeafHash, entry: &[u8], grown: &mut Vec<bool>) -> Result<(), EdgeError> {
        let length = u16::try_from(entry.len()).map_err(|_| EdgeError::EntryTooLarge(entry.len()))?;
        let edge = &mut self.edge;
        edge.size = edge.size.next()?;
        edge.bundle.extend_from_slice(&length.to_be_bytes());
        edge.bundle.extend_from_slice(entry);
        let mut node = hash.to_node();
        let mut nodes = edge.size.get();
        for level in 0.. {
            if edge.levels.len() == usize::from(level) {
                edge.levels.push(Vec::new());
            }
            grown.resize(edge.levels.len(), false);
            grown[usize::from(level)] = true;
            let hashes = &mut edge.levels[usize::from(level)];
            hashes.push(node);
            if hashes.len() < FULL {
                break;
            }
            let hashes = std::mem::take(hashes);
            let index = nodes / 256 - 1;
            let path = TilePath::new(level, index, 256)?.encode();
            if level == 0 {
                let bundle = BundlePath::new(index, 256)?.encode();
                self.filled.push(bundle.clone());
                self.files.push((bundle, std::mem::take(&mut edge.bundle)));
            }
            self.filled.push(path.clone());
            let tile = Tile::new(hashes)?;
            self.files.push((path, tile.encode()));
            let Some(root) = tile_tree::root(tile.hashes()) else {
                break;
            };
            node = root;
            nodes /= 256;
        }
        Ok(())
    }

    fn write_partials(&mut self, grown: &[bool]) -> Result<(), EdgeError> {
        let mut nodes = self.edge.size.get();
        for (level, hashes) in (0..).zip(&self.edge.levels) {
            let index = nodes / 256;
            nodes = index;
            let Ok(width @ 1..) = u16::try_from(hashes.len()) else {
                continue;
            };
            if !grown.get(usize::from(level)).copied().unwrap_or(false) {
                continue;
            }
            if level == 0 {
                let path = BundlePath::new(index, width)?.encode();
                self.files.push((path, self.edge.bundle.clone()));
            }
            let path = TilePath::new(level, index, width)?.encode();
            self.files.push((path, Tile::new(hashes.clone())?.encode()));
        }
        Ok(())
    }
}

/// The bytes of the last, partial bundle, its entries checked against the hashes of the last tile.
fn load_bundle(store: &dyn Store, size: TreeSize, leaves: &[NodeHash]) -> Result<Vec<u8>, EdgeError> {
    let width = u16::try_from(leaves.len()).unwrap_or(256);
    let partial = BundlePath::new(size.get() / 256, width)?;
    for candidate in [partial, partial.full()] {
        let path = candidate.encode();
        let Some(mut bytes) = store.get(&path)? else {
            continue;
        };
        let damaged = |rule| EdgeError::BundleDamaged { path: path.clone(), rule };
        let entries = parse_bundle(&bytes, candidate.width()).map_err(damaged)?;
        let mut length = 0;
        for (place, (entry, leaf)) in entries.iter().zip(leaves).enumerate() {
            if LeafHash::of_entry(entry).to_node() != *leaf {
                return Err(EdgeError::OtherEntry { path, place });
            }
            length += 2 + entry.len();
        }
        bytes.truncate(length);
        return Ok(bytes);
    }
    Err(EdgeError::BundleMissing(partial.encode()))
}
