//! The tree inside one tile: at most 256 hashes, their root and the path from one of them to it.
//!
//! rs_merkle builds it, with the node hash of RFC 6962 §2.1. It promotes a node without a sibling unchanged, which gives
//! RFC 6962's tree for every width; the tests compare all of them.

use glasshouse_verifier::hash::{LeafHash, NodeHash};
use rs_merkle::{Hasher, MerkleTree};

/// SHA-256 with RFC 6962's prefixes.
#[derive(Clone)]
struct Rfc6962;

impl Hasher for Rfc6962 {
    type Hash = [u8; 32];

    fn hash(entry: &[u8]) -> [u8; 32] {
        *LeafHash::of_entry(entry).as_bytes()
    }

    fn concat_and_hash(left: &[u8; 32], right: Option<&[u8; 32]>) -> [u8; 32] {
        match right {
            Some(right) => {
                let (left, right) = (NodeHash::from_bytes(*left), NodeHash::from_bytes(*right));
                *NodeHash::join(&left, &right).as_bytes()
            }
            None => *left,
        }
    }
}

/// The root over 1 to 256 neighbouring hashes of one level; `None` over none.
pub(crate) fn root(hashes: &[NodeHash]) -> Option<NodeHash> {
    match hashes {
        [] => None,
        [only] => Some(*only),
        [left, right] => Some(NodeHash::join(left, right)),
        _ => tree(hashes).root().map(NodeHash::from_bytes),
    }
}

/// The siblings from hash number `position` up to the root, the lowest first; none if there is no such hash.
pub(crate) fn path(hashes: &[NodeHash], position: usize) -> Vec<NodeHash> {
    if position >= hashes.len() {
        return Vec::new();
    }
    let siblings = tree(hashes).proof(&[position]);
    let siblings = siblings.proof_hashes().iter();
    siblings.map(|hash| NodeHash::from_bytes(*hash)).collect()
}

fn tree(hashes: &[NodeHash]) -> MerkleTree<Rfc6962> {
    let leaves: Vec<[u8; 32]> = hashes.iter().map(|hash| *hash.as_bytes()).collect();
    MerkleTree::from_leaves(&leaves)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    /// RFC 6962 §2.1, as it stands there.
    fn slow_root(hashes: &[NodeHash]) -> NodeHash {
        if let [only] = hashes {
            return *only;
        }
        let half = hashes.len().next_power_of_two() / 2;
        NodeHash::join(&slow_root(&hashes[..half]), &slow_root(&hashes[half..]))
    }

    /// RFC 6962 §2.1.1, as it stands there.
    fn slow_path(hashes: &[NodeHash], position: usize) -> Vec<NodeHash> {
        if hashes.len() == 1 {
            return Vec::new();
        }
        let half = hashes.len().next_power_of_two() / 2;
        let (left, right) = hashes.split_at(half);
        let (mut path, sibling) = if position < half {
            (slow_path(left, position), slow_root(right))
        } else {
            (slow_path(right, position - half), slow_root(left))
        };
        path.push(sibling);
        path
    }

    #[test]
    fn every_width_gives_the_tree_of_rfc_6962() {
        let hashes: Vec<NodeHash> = (0..=255u8).map(|byte| LeafHash::of_entry(&[byte]).to_node()).collect();
        assert_eq!(root(&[]), None);
        for width in 1..=256 {
            let hashes = &hashes[..width];
            assert_eq!(root(hashes), Some(slow_root(hashes)), "{width}");
            let every = if width < 70 { 1 } else { 13 };
            for position in (0..width).step_by(every).chain([width - 1]) {
                assert_eq!(path(hashes, position), slow_path(hashes, position));
            }
            assert_eq!(path(hashes, width), []);
        }
    }
}
