//! Public keys, bare and as COSE_Keys.

use glasshouse_verifier::key::{KeyError, PublicKey};
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, hex_of};

pub(crate) fn judge(input: &Value) -> Verdict {
    let key = match input.get("x") {
        Some(_) => raw(input, "x")?,
        None => PublicKey::from_cose(&hex_of(input, "cose_key")).map_err(refusal)?,
    };
    let (x, cose_key) = (hex::encode(key.as_bytes()), hex::encode(key.to_cose()));
    Ok(json!({"x": x, "cose_key": cose_key, "kid": key.kid().to_hex()}))
}

/// The 32 bytes of a member, as a key.
pub(crate) fn raw(input: &Value, member: &str) -> Result<PublicKey, Refusal> {
    let bytes: [u8; 32] = hex_of(input, member).try_into().map_err(|_| refusal(KeyError::Form))?;
    PublicKey::from_bytes(bytes).map_err(refusal)
}

fn refusal(error: KeyError) -> Refusal {
    Refusal::new(error.slug(), error)
}
