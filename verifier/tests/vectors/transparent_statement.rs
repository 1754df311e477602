//! Statements that carry COSE receipts.

use glasshouse_verifier::transparent::TransparentStatement;
use serde_json::{Value, json};

use crate::case::{Verdict, hex_of};
use crate::cose_receipt::{keys, refusal};

pub(crate) fn judge(input: &Value) -> Verdict {
    let keys = keys(input)?;
    let bytes = hex_of(input, "transparent");
    let whole = TransparentStatement::parse(&bytes).map_err(refusal)?;
    assert_eq!(whole.encode(), bytes);
    let leaf = whole.verify(&keys).map_err(refusal)?;
    Ok(json!({
        "leaf_hash": leaf.to_hex(),
        "receipts": whole.receipts().len(),
        "statement": hex::encode(whole.statement().bytes()),
    }))
}
