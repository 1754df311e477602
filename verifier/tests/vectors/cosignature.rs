//! Checkpoints under a witness's key.

use glasshouse_verifier::cosignature::{CosignatureError, verify_cosignature};
use glasshouse_verifier::note::Note;
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, text_bytes, text_of};
use crate::{checkpoint, note};

pub(crate) fn judge(input: &Value) -> Verdict {
    let key = note::vkey(text_of(input, "vkey"))?;
    let parsed = Note::parse(&text_bytes(input, "note")).map_err(note::refusal)?;
    let time = verify_cosignature(&parsed, &key).map_err(|error| match error {
        CosignatureError::NotAWitnessKey(_) => Refusal::new("vkey", error),
        CosignatureError::Note(error) => note::refusal(error),
        CosignatureError::Checkpoint(error) => checkpoint::refusal(error),
    })?;
    Ok(json!({"time": time}))
}
