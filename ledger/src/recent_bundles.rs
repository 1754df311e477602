//! The bundles of one tree that were read last: entries that lie beside each other cost one read.

use std::collections::VecDeque;

use glasshouse_verifier::hash::{LeafHash, NodeHash};
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::tile::TilePath;

use crate::tile_reader::TileReader as _;
use crate::tree_files::{BUNDLE, TreeFiles, TreeFilesError};

/// So many are kept; a usual one has a quarter of a MiB.
const KEPT: usize = 32;
/// But no more than the last one beyond so many bytes of entries.
const KEPT_BYTES: usize = 8 << 20;

/// The last bundles, the newest at the end.
#[derive(Debug, Default)]
pub(crate) struct RecentBundles {
    kept: VecDeque<Bundle>,
}

/// The entries of a bundle as far as the tree has them, and the leaf hashes that its tile says.
#[derive(Debug)]
struct Bundle {
    number: u64,
    bytes: usize,
    entries: Vec<Vec<u8>>,
    hashes: Vec<NodeHash>,
}

impl RecentBundles {
    /// One entry, checked against its leaf hash in the tree; `None` beyond the end. The size is the same at each call.
    pub(crate) fn entry(
        &mut self,
        files: &TreeFiles,
        size: TreeSize,
        index: LeafIndex,
    ) -> Result<Option<Vec<u8>>, TreeFilesError> {
        if !index.is_in(size) {
            return Ok(None);
        }
        let place = usize::try_from(index.get() % BUNDLE).unwrap_or(usize::MAX);
        let Some(bundle) = self.bundle(files, size, index.get() / BUNDLE)? else { return Ok(None) };
        let Some(entry) = bundle.entries.get(place) else { return Ok(None) };
        if bundle.hashes.get(place).map(|node| node.to_leaf()) != Some(LeafHash::of_entry(entry)) {
            return Err(TreeFilesError::OtherEntry(index));
        }
        Ok(Some(entry.clone()))
    }

    /// The bundle of that number, which is the newest then.
    fn bundle(
        &mut self,
        files: &TreeFiles,
        size: TreeSize,
        number: u64,
    ) -> Result<Option<&Bundle>, TreeFilesError> {
        let known = self.kept.iter().position(|bundle| bundle.number == number);
        let bundle = match known.and_then(|at| self.kept.remove(at)) {
            Some(bundle) => bundle,
            None => read(files, size, number)?,
        };
        let mut bytes = bundle.bytes + self.kept.iter().map(|bundle| bundle.bytes).sum::<usize>();
        while self.kept.len() >= KEPT || bytes > KEPT_BYTES {
            let Some(oldest) = self.kept.pop_front() else { break };
            bytes -= oldest.bytes;
        }
        self.kept.push_back(bundle);
        Ok(self.kept.back())
    }
}

/// Reads a bundle and its tile.
fn read(files: &TreeFiles, size: TreeSize, number: u64) -> Result<Bundle, TreeFilesError> {
    let entries = files.entries(size, number)?;
    let width = u16::try_from(entries.len()).unwrap_or(u16::MAX);
    let hashes = files.tiles(size).read_tile(TilePath::new(0, number, width)?)?;
    let bytes = entries.iter().map(Vec::len).sum();
    Ok(Bundle { number, bytes, entries, hashes })
}
