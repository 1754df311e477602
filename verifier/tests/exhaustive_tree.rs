//! Every tree of 0 to 300 leaves: every right proof holds, and every small change to one is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/prover.rs"]
mod prover;

use std::collections::HashMap;

use glasshouse_verifier::consistency::{ConsistencyProof, verify_consistency};
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::{LeafHash, NodeHash, RootHash};
use glasshouse_verifier::head::{NewTree, OldTree, TreeHead};
use glasshouse_verifier::inclusion::{InclusionProof, ProofError, verify_inclusion};
use glasshouse_verifier::size::{LeafIndex, TreeSize};

const SIZES: usize = 300;
/// Up to this size every bit of every hash is flipped; above it, one bit of each.
const EVERY_BIT: usize = 64;

fn leaves(count: usize) -> Vec<LeafHash> {
    (0..count as u64).map(|i| LeafHash::of_entry(&i.to_be_bytes())).collect()
}

fn included(leaf: &LeafHash, index: u64, head: &TreeHead, proof: &[NodeHash]) -> Result<(), ProofError> {
    verify_inclusion(leaf, LeafIndex::new(index).unwrap(), head, &InclusionProof::new(proof.to_vec())?)
}

fn consistent(old: &TreeHead, new: &TreeHead, proof: &[NodeHash]) -> Result<(), ProofError> {
    verify_consistency(&OldTree(*old), &NewTree(*new), &ConsistencyProof::new(proof.to_vec())?)
}

fn resized(head: &TreeHead, size: u64) -> Option<TreeHead> {
    TreeHead::new(TreeSize::new(size).unwrap(), *head.root()).ok()
}

fn flipped(hash: &NodeHash, bit: usize) -> NodeHash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    NodeHash::from_bytes(bytes)
}

/// Every truncation, insertion, swap of two neighbours and bit flip of a list of hashes, each once.
fn mutations(proof: &[NodeHash], bits: &[usize], mut refused: impl FnMut(&[NodeHash], &str)) {
    let stranger = NodeHash::from_bytes([0x5a; 32]);
    for at in 0..proof.len() {
        refused(&proof[..at], "cut off behind");
        refused(&proof[at + 1..], "cut off in front");
        let mut without = proof.to_vec();
        without.remove(at);
        refused(&without, "one left out");
        for bit in bits {
            let mut changed = proof.to_vec();
            changed[at] = flipped(&proof[at], *bit);
            refused(&changed, "a bit flipped");
        }
        if at > 0 && proof[at] != proof[at - 1] {
            let mut changed = proof.to_vec();
            changed.swap(at, at - 1);
            refused(&changed, "two swapped");
        }
    }
    for at in 0..=proof.len() {
        for more in [stranger, *proof.get(at).unwrap_or(&stranger)] {
            let mut changed = proof.to_vec();
            changed.insert(at, more);
            refused(&changed, "one too many");
        }
    }
}

/// All 256 for small trees; for large ones a bit that goes around with the case.
fn bits(size: usize, case: usize) -> Vec<usize> {
    if size <= EVERY_BIT { (0..256).collect() } else { vec![case % 256] }
}

#[test]
fn inclusion_at_every_size_and_index() {
    let all = leaves(SIZES);
    let mut held = 0;
    for size in 0..=SIZES {
        let tree = &all[..size];
        let head = prover::head(tree);
        for (index, leaf) in tree.iter().enumerate() {
            let proof = prover::path(index, tree);
            let at = index as u64;
            assert_eq!(included(leaf, at, &head, &proof), Ok(()), "{index} of {size}");
            held += 1;
            mutations(&proof, &bits(size, index), |wrong, how| {
                assert!(included(leaf, at, &head, wrong).is_err(), "{index} of {size}: {how}");
            });
            for other in [at.checked_sub(1), Some(at + 1)].into_iter().flatten() {
                assert!(included(leaf, other, &head, &proof).is_err(), "{index} of {size} as {other}");
            }
            if index + 1 < size {
                assert!(
                    included(&all[index + 1], at, &head, &proof).is_err(),
                    "another leaf at {index} of {size}"
                );
            }
            other_sizes_of_inclusion(leaf, at, &head, &proof);
        }
    }
    assert_eq!(held, SIZES * (SIZES + 1) / 2);
}

/// A path fixes the size only in part: of another size it may be the right length in the right order. Then index and root
/// still name the same leaf of the same tree; anything else must fail. (Only the signature binds the size.)
fn other_sizes_of_inclusion(leaf: &LeafHash, index: u64, head: &TreeHead, proof: &[NodeHash]) {
    let size = head.size().get();
    for other in [size - 1, size + 1] {
        let Some(other_head) = resized(head, other) else { continue };
        let same_shape = index < other && shape(index, size) == shape(index, other);
        assert_eq!(
            included(leaf, index, &other_head, proof).is_ok(),
            same_shape,
            "{index} of {size} as of {other}"
        );
    }
}

/// For each step up, whether the sibling stands on the left: the recursion of PATH without its hashes.
fn shape(index: u64, size: u64) -> Vec<bool> {
    if size == 1 {
        return vec![];
    }
    let mut k = 1;
    while k * 2 < size {
        k *= 2;
    }
    let (mut steps, left) =
        if index < k { (shape(index, k), false) } else { (shape(index - k, size - k), true) };
    steps.push(left);
    steps
}

#[test]
fn consistency_between_all_sizes() {
    let all = leaves(SIZES);
    let heads: Vec<TreeHead> = (0..=SIZES).map(|size| prover::head(&all[..size])).collect();
    let mut held = 0;
    for new in 0..=SIZES {
        for old in 0..=new {
            let proof = prover::proof(old, &all[..new]);
            let (older, newer) = (&heads[old], &heads[new]);
            assert_eq!(consistent(older, newer, &proof), Ok(()), "{old} to {new}");
            held += 1;
            mutations(&proof, &bits(new, old), |wrong, how| {
                assert!(consistent(older, newer, wrong).is_err(), "{old} to {new}: {how}");
            });
            if old != new {
                assert_eq!(
                    consistent(newer, older, &proof),
                    Err(ProofError::SizesReversed),
                    "{new} to {old}"
                );
            }
            if old > 0 {
                wrong_heads(older, newer, &proof);
            }
        }
    }
    assert_eq!(held, (SIZES + 1) * (SIZES + 2) / 2);
}

/// Another root at either end, and sizes one off.
fn wrong_heads(older: &TreeHead, newer: &TreeHead, proof: &[NodeHash]) {
    let (old, new) = (older.size().get(), newer.size().get());
    let stranger = RootHash::from_bytes([0x5a; 32]);
    let other_old = TreeHead::new(older.size(), stranger).unwrap();
    let other_new = TreeHead::new(newer.size(), stranger).unwrap();
    assert!(consistent(&other_old, newer, proof).is_err(), "{old} to {new}, another old root");
    assert!(consistent(older, &other_new, proof).is_err(), "{old} to {new}, another new root");
    if !old.is_power_of_two() && old != new {
        assert_eq!(consistent(&other_old, newer, proof), Err(ProofError::OldRootMismatch), "{old} to {new}");
    }
    for size in [old - 1, old + 1] {
        if let Some(off) = resized(older, size) {
            assert!(consistent(&off, newer, proof).is_err(), "{old} taken for {size}, to {new}");
        }
    }
    for size in [new - 1, new + 1] {
        let Some(off) = resized(newer, size) else { continue };
        let same_shape = old < size && old < new && shapes(old, new) == shapes(old, size);
        assert_eq!(consistent(older, &off, proof).is_ok(), same_shape, "{old} to {new} taken for {size}");
    }
}

/// For each hash of a consistency proof, on which side it stands and in which roots: the recursion of PROOF without its
/// hashes. Sizes of one shape cannot be told apart by a proof, only by the signature.
fn shapes(old: u64, new: u64) -> Vec<(bool, bool)> {
    fn steps(old: u64, new: u64, whole: bool, out: &mut Vec<(bool, bool)>) {
        if old == new {
            if !whole {
                out.push((true, true));
            }
            return;
        }
        let mut k = 1;
        while k * 2 < new {
            k *= 2;
        }
        if old <= k {
            steps(old, k, whole, out);
            out.push((false, false));
        } else {
            steps(old - k, new - k, false, out);
            out.push((true, false));
        }
    }
    let mut out = vec![];
    steps(old, new, true, &mut out);
    out
}

#[test]
fn the_frontier_has_the_root_of_every_size() {
    let all = leaves(SIZES);
    let mut frontier = Frontier::new();
    for (size, leaf) in all.iter().enumerate() {
        assert_eq!(frontier.head(), prover::head(&all[..size]), "{size}");
        assert_eq!(frontier.push(*leaf).unwrap().get(), size as u64);
    }
}

#[test]
fn sizes_at_the_end_of_the_range_are_judged_without_panic() {
    let max = TreeSize::MAX.get();
    let edge = [0, 1, 2, 3, (1 << 52) - 1, 1 << 52, (1 << 52) + 1, max - 2, max - 1, max];
    let hash = NodeHash::from_bytes([7; 32]);
    let root = RootHash::from_bytes([9; 32]);
    let mut lengths: HashMap<(u64, u64), usize> = HashMap::new();
    for old in edge {
        for new in edge {
            let Ok(newer) = TreeHead::new(TreeSize::new(new).unwrap(), root) else { continue };
            for length in 0..=54 {
                let path = vec![hash; length];
                if let Ok(index) = LeafIndex::new(old)
                    && length <= 53
                {
                    let verdict = verify_inclusion(
                        &LeafHash::from_bytes([1; 32]),
                        index,
                        &newer,
                        &InclusionProof::new(path.clone()).unwrap(),
                    );
                    assert!(verdict.is_err());
                    if verdict == Err(ProofError::RootMismatch) {
                        assert_eq!(
                            lengths.insert((old, new), length),
                            None,
                            "two lengths fit {old} in {new}"
                        );
                    }
                }
                if let Ok(older) = TreeHead::new(TreeSize::new(old).unwrap(), root)
                    && old != new
                {
                    assert!(consistent(&older, &newer, &path).is_err(), "{old} to {new}, {length} hashes");
                }
            }
        }
    }
    assert_eq!(lengths.get(&(0, max)), Some(&53));
    assert!(InclusionProof::new(vec![hash; 54]).is_err());
    assert!(ConsistencyProof::new(vec![hash; 55]).is_err());
}
