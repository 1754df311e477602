//! Single items of deterministic CBOR.

use glasshouse_verifier::cbor::{Walker, decode, encode};
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, hex_of};

pub(crate) fn judge(input: &Value) -> Verdict {
    let bytes = hex_of(input, "cbor");
    let item = decode(&bytes);
    assert_eq!(Walker::check(&bytes).is_ok(), item.is_ok());
    let item = item.map_err(|error| Refusal::new(error.slug(), error))?;
    assert_eq!(encode(&item), bytes);
    Ok(json!({}))
}
