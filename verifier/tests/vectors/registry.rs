//! Logs replayed from their first entry.

use std::collections::HashMap;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::past::WholePast;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use serde_json::{Value, json};

use crate::case::{Refusal, Verdict, text_of};

pub(crate) fn judge(input: &Value) -> Verdict {
    replay(input).map(|(registry, _)| summary(&registry))
}

/// The registry after every entry, and the statements in order.
pub(crate) fn replay(input: &Value) -> Result<(Registry, Vec<Statement>), Refusal> {
    let mut statements = Vec::new();
    let mut registry = Registry::new(Origin::parse(text_of(input, "origin")).unwrap());
    let mut past = WholePast::default();
    let mut taken: HashMap<(Issuer, Sequence), Statement> = HashMap::new();
    for (index, entry) in (0..).zip(input["entries"].as_array().unwrap()) {
        let entry = Entry::parse(&hex::decode(entry.as_str().unwrap()).unwrap()).unwrap();
        let leaf = entry.leaf_hash();
        let statement = entry.into_statement();
        let at = LeafIndex::new(index).unwrap();
        let key = (statement.claims().iss.clone(), statement.sequence());
        let before = registry.size();
        if let Err(error) = registry.verify_and_apply(at, &statement, &past) {
            assert_eq!(registry.size(), before, "a refused entry left a trace");
            let same = taken.get(&key).is_some_and(|first| first.says_the_same_as(&statement));
            let own_number = registry.is_taken(&key.0, key.1) && error.rule() == "sequence-conflict";
            let rule = if same && own_number { "duplicate" } else { error.rule() };
            let mut refusal = Refusal::new(rule, error);
            refusal.more.insert("index".into(), index.into());
            return Err(refusal);
        }
        past.remember(leaf, at, statement.clone());
        statements.push(statement.clone());
        taken.insert(key, statement);
    }
    Ok((registry, statements))
}

fn summary(registry: &Registry) -> Value {
    let snapshot = registry.keys();
    let mut keys: Vec<_> = snapshot.iter().collect();
    keys.sort_by_key(|key| (key.enrolled_at(), key.kid()));
    let keys: Vec<Value> = keys
        .iter()
        .map(|key| {
            json!({
                "kid": key.kid().to_hex(),
                "owner": key.owner().as_str(),
                "enrolled_at": key.enrolled_at().get(),
                "retired_at": key.retired_at().map(LeafIndex::get),
            })
        })
        .collect();
    let mut numbers: Vec<_> = registry.issuers().collect();
    numbers.sort_by_key(|(issuer, _)| (*issuer).clone());
    let numbers: Vec<Value> = numbers
        .iter()
        .map(|(issuer, window)| {
            json!({
                "iss": issuer.as_str(),
                "unbroken": window.unbroken(),
                "highest": window.highest(),
                "taken": window.taken_count(),
                "voided": window.voided_count(),
            })
        })
        .collect();
    json!({"size": registry.size(), "keys": keys, "numbers": numbers})
}
