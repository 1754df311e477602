//! Verifier keys and signed notes.

use glasshouse_verifier::note::{Note, NoteError};
use glasshouse_verifier::vkey::{Vkey, VkeyError};
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, text_bytes, text_of};

pub(crate) fn judge(input: &Value) -> Verdict {
    if input.get("vkey").is_some() {
        let key = vkey(text_of(input, "vkey"))?;
        let id = format!("{:08x}", key.key_id());
        return Ok(
            json!({"name": key.name(), "key_id": id, "alg": key.alg(), "key": hex::encode(key.key_bytes())}),
        );
    }
    let keys: Result<Vec<Vkey>, Refusal> =
        input["vkeys"].as_array().unwrap().iter().map(|key| vkey(key.as_str().unwrap())).collect();
    let keys = keys?;
    let note = Note::parse(&text_bytes(input, "note")).map_err(refusal)?;
    let lines = note.signatures().len();
    let verified = note.verify(&keys).map_err(refusal)?;
    // The vectors list who signed in the order of the keys given.
    let signed = |key: &&Vkey| verified.signers().iter().any(|signer| signer.key() == *key);
    let who: Vec<String> = keys.iter().filter(signed).map(Vkey::encode).collect();
    Ok(json!({"text": verified.text(), "signatures": lines, "verified": who}))
}

pub(crate) fn vkey(text: &str) -> Result<Vkey, Refusal> {
    Vkey::parse(text).map_err(|error| {
        let rule = if error == VkeyError::WeakKey { "weak-key" } else { "vkey" };
        Refusal::new(rule, error)
    })
}

pub(crate) fn refusal(error: NoteError) -> Refusal {
    let rule = match error {
        NoteError::BadSignature(_) => "bad-signature",
        NoteError::NoKnownKey => "unknown-key",
        _ => "note-format",
    };
    Refusal::new(rule, error)
}
