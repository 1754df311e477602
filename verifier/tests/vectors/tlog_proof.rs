//! Proof files under a policy.

use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::tlog_proof::{TlogProof, TlogProofError};
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, hash_of, text_of};
use crate::{inclusion, policy};

pub(crate) fn judge(input: &Value) -> Verdict {
    let trust = policy::parse(text_of(input, "policy"))?;
    let proof = TlogProof::parse(text_of(input, "proof")).map_err(|e| Refusal::new("proof-format", e))?;
    let leaf = LeafHash::from_bytes(hash_of(&input["leaf_hash"]));
    let trusted = proof.verify(&leaf, &trust).map_err(|error| match error {
        TlogProofError::Trust(error) => policy::refusal(error),
        TlogProofError::Proof(error) => inclusion::refusal(error),
        other => Refusal::new("proof-format", other),
    })?;
    let head = trusted.signed().head();
    let extra = proof.extra().map(hex::encode);
    Ok(
        json!({"index": proof.index().get(), "size": head.size().get(), "root": head.root().to_hex(), "extra": extra}),
    )
}
