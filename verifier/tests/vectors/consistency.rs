//! Consistency proofs.

use glasshouse_verifier::consistency::{ConsistencyProof, verify_consistency};
use glasshouse_verifier::hash::RootHash;
use glasshouse_verifier::head::{NewTree, OldTree, TreeHead};
use glasshouse_verifier::size::TreeSize;
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, hash_of};
use crate::inclusion::{hashes, number, refusal};

pub(crate) fn judge(input: &Value) -> Verdict {
    let old = head(&input["old_size"], &input["old_root"])?;
    let new = head(&input["new_size"], &input["new_root"])?;
    let proof = ConsistencyProof::new(hashes(&input["path"])).map_err(refusal)?;
    verify_consistency(&OldTree(old), &NewTree(new), &proof).map_err(refusal)?;
    Ok(json!({}))
}

fn head(size: &Value, root: &Value) -> Result<TreeHead, Refusal> {
    let size = number(size).and_then(TreeSize::new).map_err(|e| Refusal::new("out-of-range", e))?;
    let root = RootHash::from_bytes(hash_of(root));
    TreeHead::new(size, root).map_err(|e| Refusal::new("root-mismatch", e))
}
