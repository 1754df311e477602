//! Every tile that a log serves, compared with the hashes of its entries as they come by.

use glasshouse_verifier::hash::{LeafHash, NodeHash};
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::tile::Tile;

use crate::finding::{Finding, Findings};
use crate::source::Source;
use crate::tile_nodes::{NodeError, TileNodes};

/// The hashes of the tile under way on each level: at most 256 on each of 7 levels.
pub(crate) struct TileCheck<'a> {
    nodes: TileNodes<'a>,
    levels: Vec<Level>,
}

#[derive(Default)]
struct Level {
    done: u64,
    hashes: Vec<NodeHash>,
}

impl<'a> TileCheck<'a> {
    /// For the tree of a checkpoint of this size.
    pub(crate) fn new(source: &'a Source, size: TreeSize) -> Self {
        TileCheck { nodes: TileNodes::new(source, size), levels: Vec::new() }
    }

    /// Takes the next leaf; a tile that it fills is fetched and compared, on every level.
    pub(crate) fn push(&mut self, leaf: LeafHash, findings: &mut Findings) -> Result<(), NodeError> {
        let mut hash = leaf.to_node();
        for at in 0.. {
            if at == self.levels.len() {
                self.levels.push(Level::default());
            }
            let Some(level) = self.levels.get_mut(at) else { break };
            level.hashes.push(hash);
            if level.hashes.len() < 256 {
                break;
            }
            let computed = std::mem::take(&mut level.hashes);
            let index = level.done;
            level.done += 1;
            self.compare(at, index, &computed, findings)?;
            let tile =
                Tile::new(computed).map_err(|error| NodeError::Tile("tile".to_owned(), error.to_string()))?;
            hash = tile.root();
        }
        Ok(())
    }

    /// Compares the partial tiles of the right edge.
    pub(crate) fn finish(&mut self, findings: &mut Findings) -> Result<(), NodeError> {
        for at in 0..self.levels.len() {
            let (index, computed) = match self.levels.get_mut(at) {
                Some(level) if !level.hashes.is_empty() => (level.done, std::mem::take(&mut level.hashes)),
                _ => continue,
            };
            self.compare(at, index, &computed, findings)?;
        }
        Ok(())
    }

    fn compare(
        &self,
        level: usize,
        index: u64,
        computed: &[NodeHash],
        findings: &mut Findings,
    ) -> Result<(), NodeError> {
        let served = self.nodes.tile(u8::try_from(level).unwrap_or(u8::MAX), index)?;
        if served.hashes() != computed {
            let detail =
                format!("tile {index} of level {level} is not made from the entries that are served");
            findings.add(Finding::whole("tile", detail));
        }
        Ok(())
    }
}
