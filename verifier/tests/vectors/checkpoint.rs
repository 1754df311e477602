//! Checkpoints under their log's key.

use glasshouse_verifier::checkpoint::{CheckpointError, SignedCheckpoint};
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, text_bytes, text_of};
use crate::note;

pub(crate) fn judge(input: &Value) -> Verdict {
    let key = note::vkey(text_of(input, "vkey"))?;
    let signed = SignedCheckpoint::open(&text_bytes(input, "note"), &key).map_err(refusal)?;
    let head = signed.head();
    let origin = signed.checkpoint().origin().as_str();
    Ok(json!({"origin": origin, "size": head.size().get(), "root": head.root().to_hex()}))
}

pub(crate) fn refusal(error: CheckpointError) -> Refusal {
    match error {
        CheckpointError::Note(error) => note::refusal(error),
        CheckpointError::OtherLog { .. } => Refusal::new("wrong-origin", error),
        CheckpointError::NotALogKey(_) => Refusal::new("vkey", error),
        _ => Refusal::new("checkpoint-format", error),
    }
}
