//! That a leaf stands at an index of a tree (RFC 9162 §2.1.3).

use crate::bounds::INCLUSION_PROOF_MAX;
use crate::fault::Fault;
use crate::hash::{LeafHash, NodeHash, RootHash};
use crate::head::TreeHead;
use crate::size::{LeafIndex, TreeSize};

/// A proof does not hold. The numbers are those of RFC 9162's steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// More hashes than any tree can need.
    #[error("the proof has more hashes than a tree of 2^53 - 1 leaves needs")]
    TooLong,
    /// The tree does not have this leaf (§2.1.3.2 step 1).
    #[error("the index is not below the tree's size")]
    IndexBeyondTree,
    /// The old tree is larger than the new one.
    #[error("the older tree is larger than the newer one")]
    SizesReversed,
    /// Not the number of hashes that index and size ask for.
    #[error("the proof does not have the number of hashes that the sizes ask for")]
    WrongLength,
    /// The hashes do not lead to the tree's root; of a consistency proof: not to the new tree's.
    #[error("the proof's hashes do not lead to the tree's root")]
    RootMismatch,
    /// The hashes lead to the new tree's root but not to the old tree's: the new tree does not contain the old one.
    #[error(
        "the new tree does not contain the old one: the proof leads to the new root and to another old root"
    )]
    OldRootMismatch,
    /// Both trees have one size and two roots.
    #[error("two trees of the same size have different roots")]
    SameSizeOtherRoot,
}

impl ProofError {
    /// Whose fault it is.
    pub fn fault(self) -> Fault {
        Fault::HostileInput
    }
}

/// The siblings on the way from a leaf to the root, the leaf's own first. At most 53.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InclusionProof(Vec<NodeHash>);

impl InclusionProof {
    /// Checks the greatest length.
    pub fn new(hashes: Vec<NodeHash>) -> Result<Self, ProofError> {
        if hashes.len() > INCLUSION_PROOF_MAX {
            return Err(ProofError::TooLong);
        }
        Ok(Self(hashes))
    }

    /// The hashes, from the leaf up.
    pub fn hashes(&self) -> &[NodeHash] {
        &self.0
    }
}

/// Checks that `leaf` stands at `index` of the tree, as RFC 9162 §2.1.3.2 does it. A surplus or a missing hash refuses
/// the proof: for an index and a size there is one length.
pub fn verify_inclusion(
    leaf: &LeafHash,
    index: LeafIndex,
    head: &TreeHead,
    proof: &InclusionProof,
) -> Result<(), ProofError> {
    if root_of(leaf, index, head.size(), proof)? != *head.root() {
        return Err(ProofError::RootMismatch);
    }
    Ok(())
}

/// The root that the proof leads to from `leaf` at `index` of a tree of `size` leaves (RFC 9162 §2.1.3.2, all but its last
/// comparison). Several pairs of index and size lead to one root: the root alone tells neither.
pub fn root_of(
    leaf: &LeafHash,
    index: LeafIndex,
    size: TreeSize,
    proof: &InclusionProof,
) -> Result<RootHash, ProofError> {
    // Step 1.
    if !index.is_in(size) {
        return Err(ProofError::IndexBeyondTree);
    }
    // Step 2. The size is at least 1 here.
    let mut place = index.get();
    let mut last = size.get() - 1;
    // Step 3.
    let mut node = leaf.to_node();
    // Step 4.
    for sibling in proof.hashes() {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if place & 1 == 1 || place == last {
            node = NodeHash::join(sibling, &node);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            node = NodeHash::join(&node, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    // Step 5.
    if last != 0 {
        return Err(ProofError::WrongLength);
    }
    Ok(node.to_root())
}
