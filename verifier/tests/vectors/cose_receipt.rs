//! COSE receipts under a set of keys: of an entry, or of a log's growth.

use glasshouse_verifier::cose_key_set::{encode_key_set, parse_key_set};
use glasshouse_verifier::cose_receipt::{CoseReceipt, ReceiptProof};
use glasshouse_verifier::cose_receipt_error::CoseReceiptError;
use glasshouse_verifier::hash::{LeafHash, RootHash};
use glasshouse_verifier::head::{OldTree, TreeHead};
use glasshouse_verifier::key::PublicKey;
use glasshouse_verifier::size::TreeSize;
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, hash_of, hex_of};

pub(crate) fn judge(input: &Value) -> Verdict {
    let keys = keys(input)?;
    let bytes = hex_of(input, "receipt");
    let receipt = CoseReceipt::parse(&bytes).map_err(refusal)?;
    assert_eq!(receipt.encode(), bytes);
    let said = |found: RootHash, more: Value| {
        let mut whole = json!({
            "origin": receipt.origin().as_str(), "kid": receipt.kid().to_hex(), "root": found.to_hex(),
        });
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        whole
    };
    if input.get("entry").is_some() {
        let leaf = LeafHash::of_entry(&hex_of(input, "entry"));
        let root = receipt.verify_inclusion(&leaf, &keys).map_err(refusal)?;
        let ReceiptProof::Inclusion { size, index, .. } = receipt.proof() else { panic!("of an entry") };
        return Ok(said(root, json!({"size": size.get(), "index": index.get()})));
    }
    let size = TreeSize::new(input["old_size"].as_u64().unwrap()).unwrap();
    let old = TreeHead::new(size, RootHash::from_bytes(hash_of(&input["old_root"]))).unwrap();
    let root = receipt.verify_consistency(&OldTree(old), &keys).map_err(refusal)?;
    let ReceiptProof::Consistency { from, to, .. } = receipt.proof() else { panic!("of growth") };
    Ok(said(root, json!({"from": from.get(), "to": to.get()})))
}

/// The key set of a vector.
pub(crate) fn keys(input: &Value) -> Result<Vec<PublicKey>, Refusal> {
    let bytes = hex_of(input, "keys");
    let keys = parse_key_set(&bytes).map_err(|error| Refusal::new(error.slug(), error))?;
    assert_eq!(encode_key_set(&keys), bytes);
    Ok(keys)
}

/// Malformed CBOR within a receipt is one of the faults of its form.
pub(crate) fn refusal(error: CoseReceiptError) -> Refusal {
    Refusal::new(error.slug(), error)
}
