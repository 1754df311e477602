//! What would stand in the log, and what beside it: a line shown as the statement that follows from it.

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use serde_json::{Map, Value, json};

use super::super::{Draft, trial};

/// The statement of a draft without fault: `entry`, what would stand in the log for ever, and `texts`, what would stand
/// beside it, each served or withheld, without what it says. `line` is what the draft was read from. `None` if the draft
/// breaks a rule.
pub(super) fn of(draft: &Draft, line: &Value) -> Option<Value> {
    let payload = match draft.sealed() {
        None => trial::payload(draft)?,
        // The text gets its bytes when it is signed; until then a byte stands for it.
        Some(_) => {
            trial::payload(&draft.clone().with_text(FieldName::SEALED_STATEMENT, Item::bytes(vec![0])))?
        }
    };
    let Value::Object(mut entry) = payload.to_json() else { return None };
    for tool in ["sequence", "addenda", "withheld"] {
        entry.remove(tool);
    }
    restore_references(&mut entry, line);
    let sub = draft.subject_in_entry().unwrap_or("s:… (a random pseudonym)");
    if draft.subject().is_some() {
        entry.insert("sub".to_owned(), json!(sub));
    }
    let mut texts: Map<String, Value> =
        draft.texts().iter().map(|(field, value)| (field.to_string(), text(draft, *field, value))).collect();
    if draft.sealed().is_some() {
        let place = json!({"place": "withheld", "ground": "confidential_order"});
        texts.insert(FieldName::SEALED_STATEMENT.to_string(), place);
    }
    Some(json!({"entry": entry, "texts": texts}))
}

fn text(draft: &Draft, field: FieldName, value: &Item) -> Value {
    let mut shown = Map::new();
    match draft.withheld().get(&field) {
        None => drop(shown.insert("place".to_owned(), json!("served"))),
        Some(withholding) => {
            shown.insert("place".to_owned(), json!("withheld"));
            let item = withholding.item();
            for name in ["ground", "until"] {
                let word = item.get(name).and_then(Item::as_text);
                shown.extend(word.map(|word| (name.to_owned(), json!(word))));
            }
        }
    }
    match value {
        Item::Text(text) => drop(shown.insert("characters".to_owned(), json!(text.chars().count()))),
        Item::Array(texts) => drop(shown.insert("texts".to_owned(), json!(texts.len()))),
        Item::Bytes(bytes) => drop(shown.insert("bytes".to_owned(), json!(bytes.len()))),
        _ => {}
    }
    Value::Object(shown)
}

/// A reference that only publishing resolves is shown as its author wrote it, not as the digest that stood for it.
fn restore_references(entry: &mut Map<String, Value>, line: &Value) {
    if let (Some(shown), Some(written)) = (entry.get_mut("targets"), line.get("targets")) {
        *shown = written.clone();
    }
    for (name, value) in entry.iter_mut() {
        let Value::Array(elements) = value else { continue };
        for (at, element) in elements.iter_mut().enumerate() {
            let written =
                line.get(name).and_then(|list| list.get(at)).and_then(|element| element.get("entry"));
            if let (Some(shown), Some(written)) = (element.get_mut("entry"), written) {
                *shown = written.clone();
            }
        }
    }
}
