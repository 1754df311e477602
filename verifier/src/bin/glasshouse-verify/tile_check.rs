//! Every tile that a log serves, compared with the hashes of its entries as they come by.

use glasshouse_verifier::hash::{LeafHash, NodeHash};
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::Tile;

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
    level: usize,
    index: u64,
    computed: Vec<NodeHash>,
}

impl TileCheck {
    /// Takes the next leaf, and gives the tiles that it fills, the lowest first.
    pub(crate) fn push(&mut self, leaf: LeafHash) -> Vec<FullTile> {
        let mut hash = leaf.to_node();
        let mut full = Vec::new();
        for at in 0.. {
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
            full.push(FullTile { level: at, index, computed: tile.hashes().to_vec() });
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
        for (at, level) in self.levels.iter().enumerate().filter(|(_, level)| !level.hashes.is_empty()) {
            let tile = FullTile { level: at, index: level.done, computed: level.hashes.clone() };
            tile.compare(tile.fetch(source, size)?, findings);
        }
        Ok(())
    }
}

impl FullTile {
    /// Whether it is the tile over that bundle.
    pub(crate) fn is_over_bundle(&self, bundle: u64) -> bool {
        self.level == 0 && self.index == bundle
    }

    /// The tile at its place as the log serves it.
    pub(crate) fn fetch(&self, source: &Source, size: TreeSize) -> Result<Tile, NodeError> {
        TileNodes::new(source, size).tile(u8::try_from(self.level).unwrap_or(u8::MAX), self.index)
    }

    /// A finding where the two differ.
    pub(crate) fn compare(&self, served: Tile, findings: &mut Findings) {
        if served.hashes() != self.computed {
            let (level, index) = (self.level, self.index);
            let detail =
                format!("tile {index} of level {level} is not made from the entries that are served");
            findings.add_kept(Finding::whole("tile", detail));
        }
    }
}
