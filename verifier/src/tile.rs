//! Where a log's hashes and entries lie, and how many there are (c2sp.org/tlog-tiles).

use crate::bounds::{TILE_LEVEL_MAX, TILE_WIDTH, TREE_SIZE_MAX};
use crate::fault::Fault;
use crate::frontier::Frontier;
use crate::hash::NodeHash;
use crate::size::{TreeSize, parse_decimal};

/// A path or a tile is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Not the one spelling of a path.
    #[error("a tile's path is tile/<level>/<index>[.p/<width>] as c2sp.org/tlog-tiles spells it")]
    Path,
    /// Level above 63.
    #[error("a tile's level is 0 to 63")]
    Level,
    /// Index beyond every tree.
    #[error("a tile's index is below 2^53")]
    Index,
    /// Width outside 1 to 256.
    #[error("a tile holds 1 to 256 hashes, a bundle 1 to 256 entries")]
    Width,
    /// Not 32 bytes for each hash that the path promises.
    #[error("a tile has 32 bytes for each of its hashes, and nothing else")]
    Length,
}

impl TileError {
    /// Whose fault it is.
    pub fn fault(self) -> Fault {
        Fault::HostileInput
    }
}

/// The place of up to 256 hashes of one level of the tree.
///
/// Hash `i` of tile `index` of level `L` is the root of the 256^L leaves that begin at (256 · index + i) · 256^L.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TilePath {
    level: u8,
    index: u64,
    width: u16,
}

impl TilePath {
    /// Checks level (0 to 63), index (below 2^53) and width (1 to 256; 256 is a full tile).
    pub fn new(level: u8, index: u64, width: u16) -> Result<Self, TileError> {
        if level > TILE_LEVEL_MAX {
            return Err(TileError::Level);
        }
        check_place(index, width)?;
        Ok(Self { level, index, width })
    }

    /// 0 for the tile of leaf hashes; each level counts 256 times as many leaves a hash.
    pub const fn level(&self) -> u8 {
        self.level
    }

    /// Which tile of its level, from 0.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes: 1 to 256.
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// The full tile that this one grows into.
    pub const fn full(self) -> Self {
        Self { width: TILE_WIDTH, ..self }
    }

    /// The path below the log's URL, such as `tile/0/x001/234/067.p/8`.
    pub fn encode(&self) -> String {
        format!("tile/{}/{}", self.level, encode_place(self.index, self.width))
    }

    /// Reads what [`encode`](Self::encode) writes, and no other spelling.
    pub fn parse(text: &str) -> Result<Self, TileError> {
        let (level, place) =
            text.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or(TileError::Path)?;
        let level = parse_decimal(level).map_err(|_| TileError::Path)?;
        let (index, width) = parse_place(place)?;
        let path = Self::new(u8::try_from(level).map_err(|_| TileError::Level)?, index, width)?;
        if path.encode() == text { Ok(path) } else { Err(TileError::Path) }
    }
}

/// The place of up to 256 entries: those whose hashes the level-0 tile of the same index holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BundlePath {
    index: u64,
    width: u16,
}

impl BundlePath {
    /// Checks index (below 2^53) and width (1 to 256; 256 is a full bundle).
    pub fn new(index: u64, width: u16) -> Result<Self, TileError> {
        check_place(index, width)?;
        Ok(Self { index, width })
    }

    /// Which bundle, from 0.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// How many entries: 1 to 256.
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// The full bundle that this one grows into.
    pub const fn full(self) -> Self {
        Self { width: TILE_WIDTH, ..self }
    }

    /// The path below the log's URL, such as `tile/entries/x001/234/067.p/8`.
    pub fn encode(&self) -> String {
        format!("tile/entries/{}", encode_place(self.index, self.width))
    }

    /// Reads what [`encode`](Self::encode) writes, and no other spelling.
    pub fn parse(text: &str) -> Result<Self, TileError> {
        let (index, width) = parse_place(text.strip_prefix("tile/entries/").ok_or(TileError::Path)?)?;
        let path = Self::new(index, width)?;
        if path.encode() == text { Ok(path) } else { Err(TileError::Path) }
    }
}

/// Every tile of a tree of this size, level by level, each level's partial tile last. There are no empty tiles.
pub fn tiles_of(size: TreeSize) -> impl Iterator<Item = TilePath> {
    levels_of(size).flat_map(|(level, hashes)| {
        places_of(hashes).map(move |(index, width)| TilePath { level, index, width })
    })
}

/// The partial tiles of a tree of this size: at most one a level.
pub fn partial_tiles_of(size: TreeSize) -> impl Iterator<Item = TilePath> {
    levels_of(size).filter_map(|(level, hashes)| {
        let width = hashes % u64::from(TILE_WIDTH);
        let index = hashes / u64::from(TILE_WIDTH);
        // Less than 256, so the conversion cannot fail.
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        Some(TilePath { level, index, width })
    })
}

/// Every bundle of a tree of this size, the partial one last.
pub fn bundles_of(size: TreeSize) -> impl Iterator<Item = BundlePath> {
    places_of(size.get()).map(|(index, width)| BundlePath { index, width })
}

/// The levels that have a hash at all, and how many hashes each has: seven levels at most.
fn levels_of(size: TreeSize) -> impl Iterator<Item = (u8, u64)> {
    (0..8u8).map(move |level| (level, size.get() >> (8 * u32::from(level)))).filter(|(_, hashes)| *hashes > 0)
}

/// Index and width of each tile of a level of this many hashes.
fn places_of(hashes: u64) -> impl Iterator<Item = (u64, u16)> {
    let full = hashes / u64::from(TILE_WIDTH);
    let rest = u16::try_from(hashes % u64::from(TILE_WIDTH)).ok().filter(|rest| *rest > 0);
    (0..full).map(|index| (index, TILE_WIDTH)).chain(rest.map(|width| (full, width)))
}

fn check_place(index: u64, width: u16) -> Result<(), TileError> {
    if index > TREE_SIZE_MAX {
        return Err(TileError::Index);
    }
    if !(1..=TILE_WIDTH).contains(&width) {
        return Err(TileError::Width);
    }
    Ok(())
}

/// `1234067` is `x001/x234/067`; a partial tile adds `.p/` and its width.
fn encode_place(index: u64, width: u16) -> String {
    let mut text = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    if width < TILE_WIDTH {
        text.push_str(&format!(".p/{width}"));
    }
    text
}

/// Reads index and width; the caller compares with the one spelling.
fn parse_place(text: &str) -> Result<(u64, u16), TileError> {
    let (index, width) = match text.split_once(".p/") {
        Some((index, width)) => {
            let width = parse_decimal(width).map_err(|_| TileError::Path)?;
            let width = u16::try_from(width).map_err(|_| TileError::Width)?;
            (index, width)
        }
        None => (text, TILE_WIDTH),
    };
    let mut number = 0u64;
    for group in index.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(TileError::Path);
        }
        let group: u64 = digits.parse().map_err(|_| TileError::Path)?;
        number = number.checked_mul(1000).and_then(|n| n.checked_add(group)).ok_or(TileError::Index)?;
    }
    Ok((number, width))
}

/// The hashes of one tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile(Vec<NodeHash>);

impl Tile {
    /// Takes 1 to 256 hashes.
    pub fn new(hashes: Vec<NodeHash>) -> Result<Self, TileError> {
        if hashes.is_empty() || hashes.len() > usize::from(TILE_WIDTH) {
            return Err(TileError::Width);
        }
        Ok(Self(hashes))
    }

    /// Reads the bytes of a tile of this width: exactly 32 for each hash.
    pub fn parse(bytes: &[u8], width: u16) -> Result<Self, TileError> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || hashes.len() != usize::from(width) {
            return Err(TileError::Length);
        }
        Self::new(hashes.iter().map(|hash| NodeHash::from_bytes(*hash)).collect())
    }

    /// The bytes as they lie under the tile's path.
    pub fn encode(&self) -> Vec<u8> {
        self.0.iter().flat_map(|hash| *hash.as_bytes()).collect()
    }

    /// The hashes, from the left.
    pub fn hashes(&self) -> &[NodeHash] {
        &self.0
    }

    /// The root of all that is under the tile: of a full one, a hash of the level above.
    pub fn root(&self) -> NodeHash {
        let mut edge = Frontier::new();
        for hash in &self.0 {
            // 256 pushes cannot fill a tree of 2^53 leaves.
            let _ = edge.push(hash.to_leaf());
        }
        edge.root().to_node()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn paths_have_one_spelling() {
        for text in [
            "tile/0/000",
            "tile/0/x001/x234/067",
            "tile/0/x001/234.p/8",
            "tile/63/999.p/255",
            "tile/10/000.p/1",
        ] {
            assert_eq!(TilePath::parse(text).map(|p| p.encode()), Ok(text.to_owned()));
        }
        for wrong in [
            "tile/00/000",
            "tile/64/000",
            "tile/0/00",
            "tile/0/0000",
            "tile/0/x000/001",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/08",
            "tile/0/X001/234",
            "tile/0/001/234",
            "tile/0/x001",
            "tile/0/x001/x234",
            "/tile/0/000",
            "tile/0/000/",
            "tile/0/000.p",
            "tile/-1/000",
            "tile/0/+00",
            "tile/0/x009/x007/x199/x254/x740/992",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
            "tile/entries/000",
        ] {
            assert!(TilePath::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            BundlePath::parse("tile/entries/x001/234.p/8").map(|p| (p.index(), p.width())),
            Ok((1234, 8))
        );
        assert!(BundlePath::parse("tile/0/000").is_err());
    }

    #[test]
    fn tiles_of_seventy_thousand() {
        let size = TreeSize::new(70_000).unwrap();
        let tiles: Vec<_> = tiles_of(size).map(|t| t.encode()).collect();
        assert_eq!(tiles.len(), 273 + 1 + 1 + 1 + 1);
        let partial: Vec<_> = partial_tiles_of(size).map(|t| t.encode()).collect();
        assert_eq!(partial, ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
        assert_eq!(bundles_of(size).last().unwrap().encode(), "tile/entries/273.p/112");
        let exact: Vec<_> = tiles_of(TreeSize::new(256).unwrap()).map(|t| t.encode()).collect();
        assert_eq!(exact, ["tile/0/000", "tile/1/000.p/1"]);
        assert_eq!(tiles_of(TreeSize::ZERO).count(), 0);
        assert_eq!(partial_tiles_of(TreeSize::MAX).count(), 7);
    }
}
