//! Addenda, alone and beside the statement that should own them.

use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::sealed::Sealed;
use glasshouse_verifier::statement::Statement;
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, hex_of};
use crate::statement;

pub(crate) fn judge(input: &Value) -> Verdict {
    let bytes = hex_of(input, "addendum");
    let addendum = Addendum::parse(&bytes).map_err(|error| Refusal::new(error.slug(), error))?;
    assert_eq!(addendum.encode(), bytes);
    if input.get("statement").is_some() {
        let owner = Statement::parse(&hex_of(input, "statement")).map_err(statement::refusal)?;
        addendum.check_owner(&owner).map_err(|error| Refusal::new(error.slug(), error))?;
        if let ("sealed_statement", Item::Bytes(value)) = (addendum.field().as_str(), addendum.value()) {
            Sealed::parse(value, &owner).map_err(|error| Refusal::new(error.slug(), error))?;
        }
    }
    let (digest, field) = (addendum.digest().to_hex(), addendum.field().as_str());
    Ok(json!({"digest": digest, "field": field, "sequence": addendum.sequence().get()}))
}
