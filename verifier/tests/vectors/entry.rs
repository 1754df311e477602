//! Entries of the log.

use glasshouse_verifier::entry::{Entry, EntryError};
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, hex_of};
use crate::statement;

pub(crate) fn judge(input: &Value) -> Verdict {
    let bytes = hex_of(input, "entry");
    let entry = Entry::parse(&bytes).map_err(|error| match error {
        EntryError::Statement(error) => statement::refusal(error),
        error => Refusal::new(error.slug(), error),
    })?;
    assert_eq!(entry.bytes(), bytes);
    Ok(json!({
        "statement": hex::encode(entry.statement().bytes()),
        "offsets": entry.statement().digest_offsets(),
        "leaf_hash": entry.leaf_hash().to_hex(),
    }))
}
