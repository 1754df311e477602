//! Which fields and texts hold for a decision: the one place that decides what an export says of an entry.

use std::collections::BTreeMap;

use glasshouse_ledger::walk::{Walked, WalkedText};
use glasshouse_verifier::field_value::FieldValue;
use glasshouse_verifier::fields::FieldName;

/// A decision as it is to be shown.
#[derive(Debug, Clone)]
pub struct Effective<'a> {
    /// Its coded fields.
    pub fields: &'a BTreeMap<FieldName, FieldValue>,
    /// Its texts, and what became of those that cannot be shown.
    pub texts: &'a BTreeMap<FieldName, WalkedText>,
    /// The texts that it has besides.
    pub others: Vec<FieldName>,
}

/// The decision of an entry, as it was filed.
pub fn effective(walked: &Walked) -> Effective<'_> {
    let payload = walked.entry.statement().payload();
    let others = payload.addenda().keys().filter(|field| !walked.texts.contains_key(field));
    Effective { fields: payload.fields(), texts: &walked.texts, others: others.copied().collect() }
}
