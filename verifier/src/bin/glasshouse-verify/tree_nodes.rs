//! Proofs out of a tree whose nodes can be read somewhere: the one walk of RFC 6962 section 2.1, over whoever has them.

use std::convert::Infallible;
use std::ops::Range;

use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::{LeafHash, NodeHash};
use glasshouse_verifier::size::{LeafIndex, TreeSize};

/// Somebody who has the nodes of a tree: its tiles, its entries.
pub(crate) trait TreeNodes {
    /// Why a node could not be had.
    type Error;

    /// How many leaves the tree has.
    fn size(&self) -> u64;

    /// The hash over each of these spans of leaves (RFC 6962 section 2.1). Every span is a node of the tree, and no two share
    /// a leaf.
    fn nodes(&self, spans: &[Range<u64>]) -> Result<Vec<NodeHash>, Self::Error>;

    /// The inclusion proof of an entry (section 2.1.1), the leaf's sibling first; empty for an entry that the tree does not have.
    fn path_to(&self, index: LeafIndex) -> Result<Vec<NodeHash>, Self::Error> {
        let at = index.get();
        if at >= self.size() {
            return Ok(Vec::new());
        }
        let (_, siblings) = walk_to(at..at + 1, self.size());
        self.nodes(&siblings)
    }

    /// The consistency proof from a smaller tree of `old` leaves (section 2.1.2), its first node always written out: what
    /// evidence of a fork holds. Empty for a tree that is not part of this one, or has no leaf.
    fn path_from(&self, old: TreeSize) -> Result<Vec<NodeHash>, Self::Error> {
        if old == TreeSize::ZERO || old.get() > self.size() {
            return Ok(Vec::new());
        }
        // The walk leads to the last leaf of the old tree, and ends at the largest node that ends with it.
        let (last, siblings) = walk_to(0..old.get(), self.size());
        let spans: Vec<Range<u64>> = std::iter::once(last).chain(siblings).collect();
        self.nodes(&spans)
    }
}

/// Walks from the root towards the last leaf of `span`, down to the first node that lies within the span. Gives that node, and
/// the siblings of the nodes on the way, the lowest first.
fn walk_to(span: Range<u64>, size: u64) -> (Range<u64>, Vec<Range<u64>>) {
    let mut node = 0..size;
    let mut siblings = Vec::new();
    while (node.end > span.end || node.start < span.start) && node.end - node.start > 1 {
        let split = split(&node);
        if span.end <= split {
            siblings.push(split..node.end);
            node.end = split;
        } else {
            siblings.push(node.start..split);
            node.start = split;
        }
    }
    siblings.reverse();
    (node, siblings)
}

/// Where a node over two leaves or more parts: behind the largest power of two that is smaller than it.
pub(crate) fn split(node: &Range<u64>) -> u64 {
    node.start + (1 << (63 - (node.end - node.start - 1).leading_zeros()))
}

/// The tree over these leaves.
pub(crate) fn tree_of(leaves: &[LeafHash]) -> Frontier {
    let mut tree = Frontier::new();
    for leaf in leaves {
        // A list in memory is shorter than the largest tree.
        let _ = tree.push(*leaf);
    }
    tree
}

/// The tree over a list.
impl TreeNodes for [LeafHash] {
    type Error = Infallible;

    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn nodes(&self, spans: &[Range<u64>]) -> Result<Vec<NodeHash>, Infallible> {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        let part = |span: &Range<u64>| self.get(place(span.start)..place(span.end)).unwrap_or_default();
        Ok(spans.iter().map(|span| tree_of(part(span)).root().to_node()).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use glasshouse_verifier::consistency::{ConsistencyProof, verify_consistency};
    use glasshouse_verifier::head::{NewTree, OldTree};
    use glasshouse_verifier::inclusion::{InclusionProof, verify_inclusion};

    use super::*;

    fn leaves(size: u64) -> Vec<LeafHash> {
        (0..size).map(|at| LeafHash::of_entry(&at.to_be_bytes())).collect()
    }

    #[test]
    fn every_entry_of_every_small_tree_is_proved() {
        for size in 1..70 {
            let leaves = leaves(size);
            for (index, leaf) in (0..).zip(&leaves) {
                let index = LeafIndex::new(index).unwrap();
                let Ok(path) = leaves.path_to(index);
                let path = InclusionProof::new(path).unwrap();
                verify_inclusion(leaf, index, &tree_of(&leaves).head(), &path).unwrap();
            }
            let Ok(none) = leaves.path_to(LeafIndex::new(size).unwrap());
            assert!(none.is_empty());
        }
    }

    #[test]
    fn every_small_tree_is_proved_to_begin_every_larger_one() {
        for new in 1..40 {
            let leaves = leaves(new);
            let tree = NewTree(tree_of(&leaves).head());
            for old in 1..=new {
                let Ok(path) = leaves.path_from(TreeSize::new(old).unwrap());
                let old_tree = tree_of(&leaves[..usize::try_from(old).unwrap()]);
                let complete = old == new || old.is_power_of_two();
                if complete {
                    assert_eq!(path[0], old_tree.root().to_node());
                }
                let proof = ConsistencyProof::new(path[usize::from(complete)..].to_vec()).unwrap();
                verify_consistency(&OldTree(old_tree.head()), &tree, &proof).unwrap();
            }
            for old in [0, new + 1] {
                let Ok(none) = leaves.path_from(TreeSize::new(old).unwrap());
                assert!(none.is_empty());
            }
        }
    }
}
