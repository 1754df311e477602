//! Nodes of a log's tree, computed from the copy of its entries: what is left when the log shows its tree no more.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::{LeafHash, NodeHash, RootHash};
use glasshouse_verifier::size::TreeSize;

use crate::entry_file::EntryFile;
use crate::tree_nodes::TreeNodes;

/// Reads the copy once for a proof. Its entries need not be those of a tree that was checked: whoever makes a proof of these
/// nodes checks it.
pub(crate) struct CopyNodes {
    copy: Arc<EntryFile>,
    size: u64,
}

impl CopyNodes {
    /// The tree of the first entries, as many as that.
    pub(crate) fn new(copy: Arc<EntryFile>, size: TreeSize) -> CopyNodes {
        CopyNodes { copy, size: size.get() }
    }

    /// The root of the tree, which is not empty; `None` if the copy does not reach so far.
    pub(crate) fn root(&self) -> io::Result<Option<RootHash>> {
        if !self.is_there()? {
            return Ok(None);
        }
        let nodes = self.nodes(std::slice::from_ref(&(0..self.size)))?;
        Ok(nodes.first().map(|node| node.to_root()))
    }

    /// Whether the copy reaches so far.
    fn is_there(&self) -> io::Result<bool> {
        let last = self.size.saturating_sub(1) / 256;
        let width = u16::try_from(self.size - last * 256).map_err(io::Error::other)?;
        Ok(self.copy.bundle(last, width)?.is_some())
    }
}

impl TreeNodes for CopyNodes {
    /// The disk; [`io::ErrorKind::UnexpectedEof`] where the copy does not reach so far.
    type Error = io::Error;

    fn size(&self) -> u64 {
        self.size
    }

    fn nodes(&self, spans: &[Range<u64>]) -> io::Result<Vec<NodeHash>> {
        if !self.is_there()? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut trees = vec![Frontier::new(); spans.len()];
        for bundle in 0..self.size.div_ceil(256) {
            let width = u16::try_from((self.size - bundle * 256).min(256)).map_err(io::Error::other)?;
            let bytes = self.copy.bundle(bundle, width)?.ok_or(io::ErrorKind::UnexpectedEof)?;
            let entries = parse_bundle(&bytes, width).map_err(io::Error::other)?;
            for (index, entry) in (bundle * 256..).zip(entries) {
                // The spans touch no leaf twice.
                let span = spans.iter().position(|span| span.contains(&index));
                if let Some(tree) = span.and_then(|at| trees.get_mut(at)) {
                    tree.push(LeafHash::of_entry(entry)).map_err(io::Error::other)?;
                }
            }
        }
        Ok(trees.iter().map(|tree| tree.root().to_node()).collect())
    }
}
