//! One hash over the trees of 100,000 leaves: every root, and a sample of proofs. `accumulated.json` has the recipe.

use glasshouse_verifier::consistency::{ConsistencyProof, verify_consistency};
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::{LeafHash, NodeHash};
use glasshouse_verifier::head::{NewTree, OldTree, TreeHead};
use glasshouse_verifier::inclusion::{InclusionProof, verify_inclusion};
use glasshouse_verifier::size::LeafIndex;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::case::folder;
use crate::prover;

#[test]
fn a_hundred_thousand_leaves_give_the_pinned_hash() {
    let pinned: Value =
        serde_json::from_slice(&std::fs::read(folder().join("accumulated.json")).unwrap()).unwrap();
    assert_eq!((pinned["leaves"].as_u64(), pinned["every"].as_u64()), (Some(100_000), Some(997)));
    assert_eq!(hex::encode(accumulate(1000)), pinned["after_1000"].as_str().unwrap());
    assert_eq!(hex::encode(accumulate(100_000)), pinned["accumulated"].as_str().unwrap());
}

fn accumulate(count: u64) -> [u8; 32] {
    let mut frontier = Frontier::new();
    let mut leaves: Vec<LeafHash> = vec![];
    let mut heads: Vec<TreeHead> = vec![frontier.head()];
    let mut sum = [0; 32];
    let mut fold = |hash: &[u8; 32]| sum = Sha256::digest([sum, *hash].concat()).into();
    for n in 1..=count {
        let leaf = LeafHash::of_entry(&(n - 1).to_be_bytes());
        leaves.push(leaf);
        frontier.push(leaf).unwrap();
        let head = frontier.head();
        heads.push(head);
        fold(head.root().as_bytes());
        if n % 997 == 0 {
            for hash in proofs(n, &leaves, &heads) {
                fold(hash.as_bytes());
            }
        }
    }
    sum
}

/// The two proofs of step 2, made by the slow prover and checked by the verifier against the frontier's roots.
fn proofs(n: u64, leaves: &[LeafHash], heads: &[TreeHead]) -> Vec<NodeHash> {
    let index = (n * 7919 % (n - 1)) as usize;
    let old = (1 + n * 104_729 % (n - 1)) as usize;
    let new = heads.last().unwrap();
    let inclusion = prover::path(index, leaves);
    let proof = InclusionProof::new(inclusion.clone()).unwrap();
    verify_inclusion(&leaves[index], LeafIndex::new(index as u64).unwrap(), new, &proof).unwrap();
    let consistency = prover::proof(old, leaves);
    let proof = ConsistencyProof::new(consistency.clone()).unwrap();
    assert_eq!(prover::head(&leaves[..old]), heads[old]);
    verify_consistency(&OldTree(heads[old]), &NewTree(*new), &proof).unwrap();
    [inclusion, consistency].concat()
}
