//! Policies, alone and over a checkpoint.

use glasshouse_verifier::policy::{Policy, TrustError};
use serde_json::{Map, Value, json};

use crate::case::{Refusal, Verdict, text_bytes, text_of};
use crate::{checkpoint, note};

pub(crate) fn judge(input: &Value) -> Verdict {
    let policy = parse(text_of(input, "policy"))?;
    if input.get("note").is_none() && input.get("note_hex").is_none() {
        let logs: Vec<String> = policy.logs().iter().map(|log| log.key().encode()).collect();
        let witnesses: Map<String, Value> =
            policy.witnesses().iter().map(|w| (w.name().to_owned(), w.key().encode().into())).collect();
        return Ok(json!({"logs": logs, "quorum": policy.quorum(), "witnesses": witnesses}));
    }
    let trusted = policy.open(&text_bytes(input, "note")).map_err(refusal)?;
    let mut signers: Vec<&str> = trusted.witnesses().iter().map(|w| w.name.as_str()).collect();
    signers.sort_unstable();
    Ok(json!({"size": trusted.signed().head().size().get(), "signers": signers}))
}

pub(crate) fn parse(text: &str) -> Result<Policy, Refusal> {
    Policy::parse(text).map_err(|error| Refusal::new("policy-format", error))
}

pub(crate) fn refusal(error: TrustError) -> Refusal {
    match error {
        TrustError::Checkpoint(error) => checkpoint::refusal(error),
        TrustError::Witness(error) => note::refusal(error),
        error @ TrustError::NoSecondSignature(_) => Refusal::new("unknown-key", error),
        other => Refusal::new("quorum", other),
    }
}
