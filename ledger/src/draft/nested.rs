//! The fields that are objects: `legal_basis`, `attribution`, `content_id`.

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::payload_error::PayloadError;
use serde_json::Value;

use super::json_form::{Reading, instant, map_item, object, reading, text};

fn one(result: Result<Item, PayloadError>) -> Reading {
    reading(result.map_err(|error| vec![error]))
}

/// `legal_basis`: `kind`, `jurisdiction`, `statute_id`, `order`. Tools never derive one: it is the author's word.
pub(super) fn legal_basis(path: &str, value: &Value) -> Reading {
    object(path, value, |name, path, value| match name {
        "kind" | "jurisdiction" | "statute_id" => Some(one(text(path, value))),
        "order" => Some(order(path, value)),
        _ => None,
    })
}

fn order(path: &str, value: &Value) -> Reading {
    object(path, value, |name, path, value| match name {
        "authority_kind" | "country" => Some(one(text(path, value))),
        "issued" | "received" | "deadline" => Some(one(instant(path, value))),
        _ => None,
    })
}

/// `attribution`: `{"kind": …}`, or the kind alone.
pub(super) fn attribution(path: &str, value: &Value) -> Reading {
    if let Value::String(kind) = value {
        let pair = (Item::text("kind"), Item::text(kind.clone()));
        return (map_item(vec![pair]), Vec::new());
    }
    object(path, value, |name, path, value| match name {
        "kind" => Some(one(text(path, value))),
        _ => None,
    })
}

/// `content_id`: `{"EAN-13": "13 digits"}`.
pub(super) fn content_id(path: &str, value: &Value) -> Reading {
    object(path, value, |name, path, value| match name {
        "EAN-13" => Some(one(text(path, value))),
        _ => None,
    })
}

/// `content_id_ean`, the same number as the European dumps' column has it.
pub(super) fn content_id_ean(path: &str, value: &Value) -> Reading {
    reading(match text(path, value) {
        Ok(digits) => Ok(map_item(vec![(Item::text("EAN-13"), digits)])),
        Err(error) => Err(vec![error]),
    })
}
