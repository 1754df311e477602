//! How a statement relates to others.

use serde_json::{Value, json};

use crate::cbor::{Data, Item};
use crate::codes::{Code, CodeSet};
use crate::field_value::FieldValue;
use crate::fields::FieldName;
use crate::hash::Digest;
use crate::item_map::ItemMap;
use crate::payload::Payload;
use crate::payload_error::{Errors, Rule};
use crate::pointer::Pointer;
use crate::reading::{self, Members, member};

/// At most so many relations, and so many texts in the addendum `relates_to_uri`.
pub const MAX_RELATIONS: usize = 64;

/// One relation. Without an entry, what it relates to is the next text of the addendum `relates_to_uri`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relation {
    /// A code of `relation`.
    pub relation: Code,
    /// The leaf hash of the other statement's entry in this log.
    pub entry: Option<Digest>,
}

/// How many texts the addendum `relates_to_uri` must have: one for each relation without an entry. `None` where the payload
/// has no relations: an amendment of the URIs alone says nothing of them.
pub fn uris_needed(payload: &Payload) -> Option<usize> {
    match payload.field(FieldName::RELATES_TO) {
        Some(FieldValue::RelatesTo(relations)) => {
            Some(relations.iter().filter(|one| one.entry.is_none()).count())
        }
        _ => None,
    }
}

impl Relation {
    /// Reads the whole list.
    pub(crate) fn read_list(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Vec<Relation>> {
        let elements = reading::bounded(item, MAX_RELATIONS, at, errors)?;
        let mut relations: Vec<Relation> = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            let at = at.index(index);
            let Some(relation) = Relation::read(element, &at, errors) else {
                continue;
            };
            if relation.entry.is_some() && relations.contains(&relation) {
                errors.add(&at, Rule::Duplicate);
            }
            relations.push(relation);
        }
        Some(relations)
    }

    fn read(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Relation> {
        let members = Members::exactly(item, &["relation"], &["entry"], at, errors)?;
        let relation = member(&members, "relation", at, errors, |item, at, errors| {
            reading::code(item, CodeSet::Relation, at, errors)
        });
        let entry = member(&members, "entry", at, errors, reading::digest);
        Some(Relation { relation: relation?, entry })
    }

    pub(crate) fn to_item(self) -> Item {
        let mut map = ItemMap::new();
        map.put_code("relation", Some(self.relation));
        map.put("entry", self.entry.map(|d| Item::bytes(d.as_bytes().to_vec())));
        map.finish()
    }

    pub(crate) fn to_json(self) -> Value {
        match self.entry {
            Some(entry) => json!({"relation": self.relation.as_str(), "entry": entry.to_hex()}),
            None => json!({"relation": self.relation.as_str()}),
        }
    }
}
