//! Nodes of a log's tree, computed from the copy of its entries: what is left when the log shows its old tree no more.

use std::sync::Arc;

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::{LeafHash, NodeHash, RootHash};
use glasshouse_verifier::size::TreeSize;

use crate::entry_file::EntryFile;

/// Reads the copy once for a proof; its entries are those of a tree that was checked.
pub(crate) struct CopyNodes {
    copy: Arc<EntryFile>,
    size: u64,
}

impl CopyNodes {
    /// The tree of the first entries, as many as that.
    pub(crate) fn new(copy: Arc<EntryFile>, size: TreeSize) -> CopyNodes {
        CopyNodes { copy, size: size.get() }
    }

    /// The consistency proof from a smaller tree (RFC 6962 §2.1.2), its first node always written out; `None` if the copy
    /// does not reach so far.
    pub(crate) fn path_from(&self, old: TreeSize) -> std::io::Result<Option<Vec<NodeHash>>> {
        let (mut low, mut high, target) = (0, self.size, old.get());
        let mut spans = Vec::new();
        while high != target && high - low > 1 {
            let split = low + (1 << (63 - (high - low - 1).leading_zeros()));
            if target <= split {
                spans.push((split, high));
                high = split;
            } else {
                spans.push((low, split));
                low = split;
            }
        }
        spans.push((low, high));
        spans.reverse();
        self.nodes(&spans)
    }

    /// The root of the tree, which is not empty; `None` if the copy does not reach so far.
    pub(crate) fn root(&self) -> std::io::Result<Option<RootHash>> {
        let nodes = self.nodes(&[(0, self.size)])?;
        Ok(nodes.and_then(|nodes| Some(nodes.first()?.to_root())))
    }

    /// The hash over each span of leaves.
    fn nodes(&self, spans: &[(u64, u64)]) -> std::io::Result<Option<Vec<NodeHash>>> {
        let last = self.size.saturating_sub(1) / 256;
        let width = u16::try_from(self.size - last * 256).map_err(std::io::Error::other)?;
        if self.copy.bundle(last, width)?.is_none() {
            return Ok(None);
        }
        let mut trees = vec![Frontier::new(); spans.len()];
        for bundle in 0..self.size.div_ceil(256) {
            let width = u16::try_from((self.size - bundle * 256).min(256)).map_err(std::io::Error::other)?;
            let Some(bytes) = self.copy.bundle(bundle, width)? else { return Ok(None) };
            let Ok(entries) = parse_bundle(&bytes, width) else { return Ok(None) };
            for (index, entry) in (bundle * 256..).zip(entries) {
                let leaf = LeafHash::of_entry(entry);
                // The spans touch no leaf twice.
                let span = spans.iter().position(|(low, high)| (*low..*high).contains(&index));
                if let Some(tree) = span.and_then(|at| trees.get_mut(at)) {
                    tree.push(leaf).map_err(std::io::Error::other)?;
                }
            }
        }
        Ok(Some(trees.iter().map(|tree| tree.root().to_node()).collect()))
    }
}
