//! Every tile that a log serves, compared with the hashes of its entries as they come by.

use glasshouse_verifier::hash::{LeafHash, NodeHash};
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::Tile;
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Findings};
use crate::source::Source;
use crate::tile_nodes::{NodeError, TileNodes};

/// The hashes of the tile under way on each level: at most 256 on each of 7 levels.
#[derive(Default)]
pub(crate) struct TileCheck {
    levels: Vec<Level>,
}

#[derive(Default)]
struct Level {
    done: u64,
    hashes: Vec<NodeHash>,
}

/// A tile that is full.
pub(crate) struct FullTile {
    place: TilePlace,
    computed: Vec<NodeHash>,
}

/// Where a tile stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TilePlace {
    level: u8,
    index: u64,
}

impl TileCheck {
    /// Takes the next leaf, and gives the tiles that it fills, the lowest first.
    pub(crate) fn push(&mut self, leaf: LeafHash) -> Vec<FullTile> {
        let mut hash = leaf.to_node();
        let mut full = Vec::new();
        for number in 0..=u8::MAX {
            let at = usize::from(number);
            if at == self.levels.len() {
                self.levels.push(Level::default());
            }
            let Some(level) = self.levels.get_mut(at) else { break };
            level.hashes.push(hash);
            if level.hashes.len() < 256 {
                break;
            }
            let index = level.done;
            level.done += 1;
            // 256 hashes make a tile.
            let Ok(tile) = Tile::new(std::mem::take(&mut level.hashes)) else { break };
            hash = tile.root();
            let place = TilePlace { level: number, index };
            full.push(FullTile { place, computed: tile.hashes().to_vec() });
        }
        full
    }

    /// The hashes of the last entries, as many as no full tile has.
    pub(crate) fn edge(&self) -> &[NodeHash] {
        self.levels.first().map_or(&[], |level| &level.hashes)
    }

    /// Compares the partial tiles of the right edge with those of the log at that size.
    pub(crate) fn compare_edge(
        &self,
        source: &Source,
        size: TreeSize,
        findings: &mut Findings,
    ) -> Result<(), NodeError> {
        for (number, level) in (0..=u8::MAX).zip(&self.levels).filter(|(_, level)| !level.hashes.is_empty()) {
            let place = TilePlace { level: number, index: level.done };
            let tile = FullTile { place, computed: level.hashes.clone() };
            tile.compare(&tile.fetch(source, size)?, findings);
        }
        Ok(())
    }
}

impl FullTile {
    /// Where it stands.
    pub(crate) fn place(&self) -> TilePlace {
        self.place
    }

    /// Whether a tree of that size has it whole.
    pub(crate) fn is_within(&self, size: TreeSize) -> bool {
        let tiles = size.get().checked_shr(8 * (u32::from(self.place.level) + 1)).unwrap_or(0);
        self.place.index < tiles
    }

    /// Whether it is the tile over that bundle.
    pub(crate) fn is_over_bundle(&self, bundle: u64) -> bool {
        self.place == TilePlace { level: 0, index: bundle }
    }

    /// The tile at its place as the log serves it.
    pub(crate) fn fetch(&self, source: &Source, size: TreeSize) -> Result<Tile, NodeError> {
        TileNodes::new(source, size).tile(self.place.level, self.place.index)
    }

    /// A finding where the two differ; whether they are the same.
    pub(crate) fn compare(&self, served: &Tile, findings: &mut Findings) -> bool {
        let same = served.hashes() == self.computed;
        if !same {
            let TilePlace { level, index } = self.place;
            let detail =
                format!("tile {index} of level {level} is not made from the entries that are served");
            findings.add(Finding::whole("tile", detail));
        }
        same
    }
}
