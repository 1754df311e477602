//! Receipts under a policy.

use glasshouse_verifier::entry::EntryError;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;
use glasshouse_verifier::receipt_error::ReceiptError;
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, text_bytes, text_of};
use crate::statement;

pub(crate) fn judge(input: &Value) -> Verdict {
    let policy = Policy::parse(text_of(input, "policy")).unwrap();
    let bytes = text_bytes(input, "receipt");
    let receipt = Receipt::parse(&bytes).map_err(|error| refusal(error.into()))?;
    assert_eq!(receipt.encode().as_bytes(), bytes);
    let proved = receipt.verify(&policy).map_err(refusal)?;
    let statement = proved.statement();
    assert!(!proved.proved().is_empty() && proved.not_proved().len() >= 6);
    let witnesses: Vec<&str> = proved.witnesses().iter().map(|witness| witness.name.as_str()).collect();
    let addenda: Vec<&str> = proved.addenda().iter().map(|addendum| addendum.field().as_str()).collect();
    Ok(json!({
        "origin": proved.origin().as_str(),
        "size": proved.size().get(),
        "index": proved.index().get(),
        "leaf_hash": proved.leaf_hash().to_hex(),
        "iss": statement.claims().iss.as_str(),
        "sub": statement.claims().sub.as_str(),
        "type": statement.payload().kind().as_str(),
        "sequence": statement.sequence().get(),
        "witnesses": witnesses,
        "addenda": addenda,
    }))
}

fn refusal(error: ReceiptError) -> Refusal {
    let step = error.step();
    let mut refusal = match error {
        ReceiptError::Entry(EntryError::Statement(error)) => statement::refusal(error),
        error => Refusal::new(error.slug(), error),
    };
    refusal.more.insert("step".to_owned(), step.into());
    refusal
}
