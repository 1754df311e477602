//! The tree of RFC 6962 §2.1, as its recursion is printed there: slow and obvious, the judge of the verifier.

use glasshouse_verifier::hash::{LeafHash, NodeHash, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::size::TreeSize;

/// The largest power of two below `n`, for n > 1.
fn split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// MTH(D[n]) for n > 0 (§2.1).
pub(crate) fn node(leaves: &[LeafHash]) -> NodeHash {
    match leaves {
        [leaf] => leaf.to_node(),
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            NodeHash::join(&node(left), &node(right))
        }
    }
}

/// MTH(D[n]) (§2.1) with its size.
pub(crate) fn head(leaves: &[LeafHash]) -> TreeHead {
    let root = if leaves.is_empty() { RootHash::empty() } else { node(leaves).to_root() };
    TreeHead::new(TreeSize::new(leaves.len() as u64).unwrap(), root).unwrap()
}

/// PATH(m, D[n]) (§2.1.1).
pub(crate) fn path(m: usize, leaves: &[LeafHash]) -> Vec<NodeHash> {
    if leaves.len() == 1 {
        return vec![];
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    if m < k {
        [path(m, left), vec![node(right)]].concat()
    } else {
        [path(m - k, right), vec![node(left)]].concat()
    }
}

/// PROOF(m, D[n]) (§2.1.2); empty for m = 0, from where there is nothing to prove.
pub(crate) fn proof(m: usize, leaves: &[LeafHash]) -> Vec<NodeHash> {
    if m == 0 { vec![] } else { subproof(m, leaves, true) }
}

fn subproof(m: usize, leaves: &[LeafHash], whole: bool) -> Vec<NodeHash> {
    if m == leaves.len() {
        return if whole { vec![] } else { vec![node(leaves)] };
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    if m <= k {
        [subproof(m, left, whole), vec![node(right)]].concat()
    } else {
        [subproof(m - k, right, false), vec![node(left)]].concat()
    }
}
