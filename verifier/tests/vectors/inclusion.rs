//! Inclusion proofs.

use glasshouse_verifier::hash::{LeafHash, NodeHash, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::inclusion::{InclusionProof, ProofError, verify_inclusion};
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, hash_of, hex_of};

pub(crate) fn judge(input: &Value) -> Verdict {
    let leaf = match input.get("entry") {
        Some(_) => LeafHash::of_entry(&hex_of(input, "entry")),
        None => LeafHash::from_bytes(hash_of(&input["leaf_hash"])),
    };
    let index =
        number(&input["index"]).and_then(LeafIndex::new).map_err(|e| Refusal::new("out-of-range", e))?;
    let size = number(&input["size"]).and_then(TreeSize::new).map_err(|e| Refusal::new("out-of-range", e))?;
    let head = TreeHead::new(size, RootHash::from_bytes(hash_of(&input["root"])));
    // The head of an empty tree with another root: no index is in it.
    let head = head.map_err(|e| Refusal::new("out-of-range", e))?;
    let proof = InclusionProof::new(hashes(&input["path"])).map_err(refusal)?;
    verify_inclusion(&leaf, index, &head, &proof).map_err(refusal)?;
    Ok(json!({}))
}

/// A number of a vector; one below 0 or above 2^64 − 1 is out of every range.
pub(crate) fn number(value: &Value) -> Result<u64, glasshouse_verifier::size::SizeError> {
    value.as_u64().ok_or(glasshouse_verifier::size::SizeError::TooLarge)
}

pub(crate) fn hashes(list: &Value) -> Vec<NodeHash> {
    list.as_array().unwrap().iter().map(|hash| NodeHash::from_bytes(hash_of(hash))).collect()
}

pub(crate) fn refusal(error: ProofError) -> Refusal {
    let rule = match error {
        ProofError::TooLong | ProofError::WrongLength => "path-length",
        ProofError::IndexBeyondTree | ProofError::SizesReversed => "out-of-range",
        ProofError::RootMismatch | ProofError::OldRootMismatch | ProofError::SameSizeOtherRoot => {
            "root-mismatch"
        }
    };
    Refusal::new(rule, error)
}
