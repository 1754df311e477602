//! Bodies of submissions.

use glasshouse_verifier::submission::{encode_batch, walk_batch};
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, hex_of};

pub(crate) fn judge(input: &Value) -> Verdict {
    let body = hex_of(input, "body");
    let items = walk_batch(&body).map_err(|error| Refusal::new(error.slug(), error))?;
    // The ledger refuses such a submission alone; a vector has no more than one.
    let items: Result<Vec<_>, _> = items.into_iter().collect();
    let items = items.map_err(|error| Refusal::new(error.slug(), error))?;
    assert_eq!(encode_batch(&items), body);
    let addenda: Vec<usize> = items.iter().map(|item| item.addenda.len()).collect();
    Ok(json!({"items": items.len(), "addenda": addenda}))
}
