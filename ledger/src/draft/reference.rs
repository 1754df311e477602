//! How an authored line points at earlier lines, and `relates_to`: how that becomes leaf hashes.

use std::fmt;

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::payload_error::{PayloadError, Rule};
use glasshouse_verifier::sequence::Sequence;
use serde_json::Value;

use super::json_form::{error, is_absent, map_item, pointer, text};

/// How an authored line names an earlier line of the same provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `puid:…`, the provider's own number.
    Puid(String),
    /// `sequence:…`, the number in the log.
    Sequence(u64),
    /// `id:…`, what its author calls a line that has no puid.
    Id(String),
}

impl Reference {
    /// Reads `puid:…`, `sequence:…` or `id:…`; `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Reference> {
        match text.split_once(':')? {
            (_, "") => None,
            ("puid", puid) => Some(Reference::Puid(puid.to_owned())),
            ("id", id) => Some(Reference::Id(id.to_owned())),
            ("sequence", digits) => {
                let number = digits.parse().ok().and_then(Sequence::new)?;
                // One spelling: no sign, no leading zero.
                (number.to_string() == digits).then_some(Reference::Sequence(number.get()))
            }
            _ => None,
        }
    }

    /// That nothing is known of it.
    pub(super) fn unknown(&self, path: &str) -> PayloadError {
        error(path, Rule::Needs, Some(&self.to_string()), "an earlier line of this provider")
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reference::Puid(puid) => write!(out, "puid:{puid}"),
            Reference::Sequence(sequence) => write!(out, "sequence:{sequence}"),
            Reference::Id(id) => write!(out, "id:{id}"),
        }
    }
}

#[derive(Debug, Clone)]
enum Target {
    Entry(LeafHash),
    Earlier(Reference),
    Uri(String),
}

/// One element of `relates_to`.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    relation: Item,
    target: Target,
}

impl Relation {
    pub(super) fn unresolved(&self) -> Option<&Reference> {
        match &self.target {
            Target::Earlier(reference) => Some(reference),
            _ => None,
        }
    }
}

/// Reads the authored list. Every fault is in the error.
pub(super) fn read(path: &str, value: &Value) -> Result<Vec<Relation>, Vec<PayloadError>> {
    let Value::Array(list) = value else {
        return Err(vec![error(path, Rule::WrongType, None, "a list of relations")]);
    };
    let mut relations = Vec::with_capacity(list.len());
    let mut errors = Vec::new();
    for (at, element) in list.iter().enumerate() {
        match read_one(&format!("{path}/{at}"), element) {
            Ok(relation) => relations.push(relation),
            Err(mut more) => errors.append(&mut more),
        }
    }
    if errors.is_empty() { Ok(relations) } else { Err(errors) }
}

fn read_one(path: &str, element: &Value) -> Result<Relation, Vec<PayloadError>> {
    const ALLOWED: &str = "{\"relation\": …} with either \"entry\" or \"uri\"";
    let Value::Object(map) = element else {
        return Err(vec![error(path, Rule::WrongType, None, ALLOWED)]);
    };
    let member = |name: &str| map.get(name).filter(|value| !is_absent(value));
    if member("entry").is_some() == member("uri").is_some() {
        return Err(vec![error(path, Rule::Required, None, ALLOWED)]);
    }
    let at = |name: &str| format!("{path}/{}", pointer(name));
    let mut errors: Vec<PayloadError> = map
        .keys()
        .filter(|name| member(name).is_some() && !["relation", "entry", "uri"].contains(&name.as_str()))
        .map(|name| error(&at(name), Rule::UnknownField, Some(name), ALLOWED))
        .collect();
    let relation = match member("relation") {
        Some(value) => relation(&at("relation"), value),
        None => Err(error(&at("relation"), Rule::Required, None, "a relation")),
    };
    let target = match (member("entry"), member("uri")) {
        (Some(value), _) => entry(&at("entry"), value),
        (None, value) => uri(&at("uri"), value.unwrap_or(&Value::Null)),
    };
    match (relation, target) {
        (Ok(relation), Ok(target)) if errors.is_empty() => Ok(Relation { relation, target }),
        (relation, target) => {
            errors.extend(relation.err());
            errors.extend(target.err());
            Err(errors)
        }
    }
}

fn relation(path: &str, value: &Value) -> Result<Item, PayloadError> {
    let item = text(path, value)?;
    let code = item.as_text().unwrap_or_default();
    match CodeSet::Relation.values().contains(&code) {
        true => Ok(item),
        false => {
            let allowed = CodeSet::Relation.values().join(", ");
            Err(error(path, Rule::NotACode, Some(code), &allowed))
        }
    }
}

fn uri(path: &str, value: &Value) -> Result<Target, PayloadError> {
    match value {
        Value::String(uri) if uri.starts_with("http://") || uri.starts_with("https://") => {
            Ok(Target::Uri(uri.clone()))
        }
        Value::String(_) => {
            Err(error(path, Rule::Grammar, None, "a URL that begins with https:// or http://"))
        }
        _ => Err(error(path, Rule::WrongType, None, "a text")),
    }
}

fn entry(path: &str, value: &Value) -> Result<Target, PayloadError> {
    const ALLOWED: &str = "puid:…, sequence:…, id:… or a leaf hash of 64 lower-case hex digits";
    let Value::String(text) = value else {
        return Err(error(path, Rule::WrongType, None, ALLOWED));
    };
    if let Some(reference) = Reference::parse(text) {
        return Ok(Target::Earlier(reference));
    }
    LeafHash::from_hex(text).map(Target::Entry).map_err(|_| error(path, Rule::Grammar, None, ALLOWED))
}

/// Resolves every reference, or says which ones are unknown and changes nothing.
pub(super) fn resolve(
    relations: &mut [Relation],
    look_up: &mut dyn FnMut(&Reference) -> Option<LeafHash>,
) -> Result<(), Vec<PayloadError>> {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for (at, relation) in relations.iter().enumerate() {
        let Some(reference) = relation.unresolved() else { continue };
        match look_up(reference) {
            Some(leaf) => found.push((at, leaf)),
            None => errors.push(reference.unknown(&format!("/relates_to/{at}/entry"))),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    for (at, leaf) in found {
        if let Some(relation) = relations.get_mut(at) {
            relation.target = Target::Entry(leaf);
        }
    }
    Ok(())
}

/// The payload's `relates_to`; `None` when there is none. A reference that is not resolved stands as a digest made
/// from its place, which only the trial of a draft ever sees: `Author` refuses unresolved drafts first.
pub(super) fn item(relations: &[Relation]) -> Option<Item> {
    let elements: Vec<Item> = relations
        .iter()
        .enumerate()
        .map(|(at, relation)| {
            let mut pairs = vec![(Item::text("relation"), relation.relation.clone())];
            let entry = match &relation.target {
                Target::Entry(leaf) => Some(leaf.as_bytes().to_vec()),
                Target::Earlier(_) => Some(place_holder(at).to_vec()),
                Target::Uri(_) => None,
            };
            pairs.extend(entry.map(|bytes| (Item::text("entry"), Item::bytes(bytes))));
            map_item(pairs)
        })
        .collect();
    if elements.is_empty() { None } else { Some(Item::Array(elements)) }
}

/// Stands for a leaf hash that is not known yet.
pub(super) fn place_holder(at: usize) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    for (byte, digit) in bytes.iter_mut().zip((at as u64).to_be_bytes()) {
        *byte = digit;
    }
    bytes
}

/// The addendum `relates_to_uri`: the URIs of the elements without an entry, in their order.
pub(super) fn uris(relations: &[Relation]) -> Option<Item> {
    let uris: Vec<Item> = relations
        .iter()
        .filter_map(|relation| match &relation.target {
            Target::Uri(uri) => Some(Item::text(uri.clone())),
            _ => None,
        })
        .collect();
    if uris.is_empty() { None } else { Some(Item::Array(uris)) }
}
