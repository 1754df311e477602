//! Entry bundles.

use glasshouse_verifier::bundle::parse_bundle;
use glasshouse_verifier::hash::LeafHash;
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, hex_of};

pub(crate) fn judge(input: &Value) -> Verdict {
    let bytes = hex_of(input, "bundle");
    let width = u16::try_from(input["width"].as_u64().unwrap()).unwrap();
    let entries = parse_bundle(&bytes, width).map_err(|error| Refusal::new("bundle-format", error))?;
    let hashes: Vec<String> = entries.iter().map(|entry| LeafHash::of_entry(entry).to_hex()).collect();
    Ok(json!({"entries": entries.len(), "leaf_hashes": hashes}))
}
