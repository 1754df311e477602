//! That a newer tree contains an older one, leaf by leaf in the same order (RFC 9162 §2.1.4).

use crate::bounds::CONSISTENCY_PROOF_MAX;
use crate::hash::{NodeHash, RootHash};
use crate::head::{NewTree, OldTree, TreeHead};
use crate::inclusion::ProofError;
use crate::size::TreeSize;

/// The nodes from which both roots can be computed. At most 54.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConsistencyProof(Vec<NodeHash>);

impl ConsistencyProof {
    /// Checks the greatest length.
    pub fn new(hashes: Vec<NodeHash>) -> Result<Self, ProofError> {
        if hashes.len() > CONSISTENCY_PROOF_MAX {
            return Err(ProofError::TooLong);
        }
        Ok(Self(hashes))
    }

    /// The hashes, in the order of RFC 6962 §2.1.2.
    pub fn hashes(&self) -> &[NodeHash] {
        &self.0
    }
}

/// Checks that the new tree begins with the old one's leaves, as RFC 9162 §2.1.4.2 does it.
///
/// Everything contains the empty tree, so from size 0 only the empty proof is right; so it is between equal sizes, whose
/// roots must be equal. [`ProofError::OldRootMismatch`] is more than a failure: whoever reproduces the new root has shown
/// nodes of the new tree, and these give another old root than the one stated.
pub fn verify_consistency(old: &OldTree, new: &NewTree, proof: &ConsistencyProof) -> Result<(), ProofError> {
    let (old, new) = (&old.0, &new.0);
    if old.size() > new.size() {
        return Err(ProofError::SizesReversed);
    }
    if old.size() == new.size() {
        if old.root() != new.root() {
            return Err(ProofError::SameSizeOtherRoot);
        }
        return if proof.0.is_empty() { Ok(()) } else { Err(ProofError::WrongLength) };
    }
    if old.size().get() == 0 {
        return if proof.0.is_empty() { Ok(()) } else { Err(ProofError::WrongLength) };
    }
    let (seed, rest) = begin(old, proof)?;
    climb(seed, rest, old.size().get(), new.size().get(), |old_node, new_node| {
        // Step 7.
        if new_node.to_root() != *new.root() {
            Err(ProofError::RootMismatch)
        } else if old_node.to_root() != *old.root() {
            Err(ProofError::OldRootMismatch)
        } else {
            Ok(())
        }
    })
}

/// The root of the tree of `new` leaves that the proof leads to from the old tree, which must have a leaf and fewer than
/// `new`: all of RFC 9162 §2.1.4.2 but the last comparison, for proofs that come with a signature over the newer root
/// (RFC 9942).
pub fn root_after(old: &OldTree, new: TreeSize, proof: &ConsistencyProof) -> Result<RootHash, ProofError> {
    let old = &old.0;
    if old.size().get() == 0 || old.size() >= new {
        return Err(ProofError::SizesReversed);
    }
    let (seed, rest) = begin(old, proof)?;
    climb(seed, rest, old.size().get(), new.get(), |old_node, new_node| {
        if old_node.to_root() == *old.root() { Ok(new_node.to_root()) } else { Err(ProofError::RootMismatch) }
    })
}

/// Steps 1 and 2: a complete old tree is itself the first node, and the proof leaves it out.
fn begin<'p>(old: &TreeHead, proof: &'p ConsistencyProof) -> Result<(NodeHash, &'p [NodeHash]), ProofError> {
    if old.size().get().is_power_of_two() {
        return Ok((old.root().to_node(), proof.0.as_slice()));
    }
    let (first, rest) = proof.0.split_first().ok_or(ProofError::WrongLength)?;
    Ok((*first, rest))
}

/// Steps 3 to 6: both roots that `seed` and `rest` lead to, given to `judge`. `0 < old < new`.
pub(crate) fn climb<T>(
    seed: NodeHash,
    rest: &[NodeHash],
    old: u64,
    new: u64,
    judge: impl FnOnce(NodeHash, NodeHash) -> Result<T, ProofError>,
) -> Result<T, ProofError> {
    // Step 3.
    let mut place = old.checked_sub(1).ok_or(ProofError::SizesReversed)?;
    let mut last = new.checked_sub(1).ok_or(ProofError::SizesReversed)?;
    // Step 4.
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    // Step 5.
    let mut old_node = seed;
    let mut new_node = seed;
    // Step 6.
    for node in rest {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if place & 1 == 1 || place == last {
            old_node = NodeHash::join(node, &old_node);
            new_node = NodeHash::join(node, &new_node);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            new_node = NodeHash::join(&new_node, node);
        }
        place >>= 1;
        last >>= 1;
    }
    // Step 7, the length.
    if last != 0 {
        return Err(ProofError::WrongLength);
    }
    judge(old_node, new_node)
}
