//! `targets`: how an authored line names the earlier statements that it is about, and how that becomes leaf hashes and
//! ranges in their one order (`spec/lifecycle.md`, "Format: targets").

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::payload_error::{PayloadError, Rule};
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::targets::{SequenceRange, Target as Named};
use serde_json::{Map, Value};

use super::json_form::{error, is_absent, map_item, pointer};
use super::reference::{Reference, place_holder};

const ALLOWED: &str =
    "puid:…, sequence:…, id:…, {\"entry\": leaf hash} or {\"first\": number, \"last\": number}";

/// One target as the author wrote it, at its place in the author's list.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Named(Named),
    Earlier(Reference),
}

impl Target {
    pub(super) fn unresolved(&self) -> Option<&Reference> {
        match self {
            Target::Earlier(reference) => Some(reference),
            Target::Named(_) => None,
        }
    }
}

/// Reads the authored list. Every fault is in the error.
pub(super) fn read(path: &str, value: &Value) -> Result<Vec<Target>, Vec<PayloadError>> {
    let Value::Array(list) = value else {
        return Err(vec![error(path, Rule::WrongType, None, "a list of targets")]);
    };
    let mut targets = Vec::with_capacity(list.len());
    let mut errors = Vec::new();
    for (at, element) in list.iter().enumerate() {
        match read_one(&format!("{path}/{at}"), element) {
            Ok(target) => targets.push(target),
            Err(mut more) => errors.append(&mut more),
        }
    }
    if errors.is_empty() {
        errors.extend(touching(path, &targets));
    }
    if errors.is_empty() { Ok(targets) } else { Err(errors) }
}

fn read_one(path: &str, element: &Value) -> Result<Target, Vec<PayloadError>> {
    match element {
        Value::String(text) => match Reference::parse(text) {
            Some(reference) => Ok(Target::Earlier(reference)),
            None => Err(vec![error(path, Rule::Grammar, Some(text), Reference::ALLOWED)]),
        },
        Value::Object(map) => read_map(path, map).map(Target::Named),
        _ => Err(vec![error(path, Rule::WrongType, None, ALLOWED)]),
    }
}

fn read_map(path: &str, map: &Map<String, Value>) -> Result<Named, Vec<PayloadError>> {
    let mut errors = Vec::new();
    let (mut entry, mut first, mut last) = (None, None, None);
    for (name, value) in map.iter().filter(|(_, value)| !is_absent(value)) {
        let path = format!("{path}/{}", pointer(name));
        let read = match name.as_str() {
            "entry" => leaf(&path, value).map(|leaf| entry = Some(leaf)),
            "first" => number(&path, value).map(|number| first = Some(number)),
            "last" => number(&path, value).map(|number| last = Some(number)),
            _ => Err(error(&path, Rule::UnknownField, Some(name), ALLOWED)),
        };
        errors.extend(read.err());
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let required = |name: &str| error(&format!("{path}/{name}"), Rule::Required, None, ALLOWED);
    let forbidden = |name: &str| error(&format!("{path}/{name}"), Rule::Forbidden, None, ALLOWED);
    match (entry, first, last) {
        (Some(entry), None, None) => Ok(Named::Entry(entry)),
        (Some(_), first, last) => {
            let surplus = [("first", first), ("last", last)];
            Err(surplus
                .iter()
                .filter(|(_, number)| number.is_some())
                .map(|(name, _)| forbidden(name))
                .collect())
        }
        (None, Some(first), Some(last)) => {
            SequenceRange::new(first, last).map(Named::Range).ok_or_else(|| {
                let allowed = "from first to first + 1,048,575";
                vec![error(&format!("{path}/last"), Rule::OutOfRange, Some(&last.to_string()), allowed)]
            })
        }
        (None, first, last) => {
            let wanted = [("first", first), ("last", last)];
            Err(wanted
                .iter()
                .filter(|(_, number)| number.is_none())
                .map(|(name, _)| required(name))
                .collect())
        }
    }
}

fn leaf(path: &str, value: &Value) -> Result<LeafHash, PayloadError> {
    const ALLOWED: &str = "a leaf hash of 64 lower-case hex digits";
    let Value::String(text) = value else {
        return Err(error(path, Rule::WrongType, None, ALLOWED));
    };
    LeafHash::from_hex(text).map_err(|_| error(path, Rule::Grammar, None, ALLOWED))
}

fn number(path: &str, value: &Value) -> Result<Sequence, PayloadError> {
    const ALLOWED: &str = "a whole number, 1 to 2^53 - 1";
    let wrong = |rule| error(path, rule, None, ALLOWED);
    let number = value.as_u64().ok_or_else(|| wrong(Rule::WrongType))?;
    Sequence::new(number).ok_or_else(|| wrong(Rule::OutOfRange))
}

/// The first range that touches a number of another one. Twice the same range is a repeat, and one of them is dropped.
fn touching(path: &str, targets: &[Target]) -> Option<PayloadError> {
    let mut ranges: Vec<(SequenceRange, usize)> = targets
        .iter()
        .enumerate()
        .filter_map(|(at, target)| match target {
            Target::Named(Named::Range(range)) => Some((*range, at)),
            _ => None,
        })
        .collect();
    ranges.sort_by_key(|(range, at)| (range.first(), range.last(), *at));
    ranges.dedup_by_key(|(range, _)| *range);
    ranges.windows(2).find_map(|pair| match pair {
        [(one, _), (next, at)] if next.first() <= one.last() => {
            let allowed = "ranges that touch no number twice";
            Some(error(&format!("{path}/{at}"), Rule::Duplicate, None, allowed))
        }
        _ => None,
    })
}

/// Resolves every reference, or says which ones are unknown and changes nothing.
pub(super) fn resolve(
    targets: &mut [Target],
    look_up: &mut dyn FnMut(&Reference) -> Option<LeafHash>,
) -> Result<(), Vec<PayloadError>> {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for (at, target) in targets.iter().enumerate() {
        let Some(reference) = target.unresolved() else { continue };
        match look_up(reference) {
            Some(leaf) => found.push((at, leaf)),
            None => errors.push(reference.unknown(&format!("/targets/{at}"))),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    for (at, leaf) in found {
        if let Some(target) = targets.get_mut(at) {
            *target = Target::Named(Named::Entry(leaf));
        }
    }
    Ok(())
}

/// In the one order, without repeats: entries by their bytes, then ranges by their numbers. A reference that is not
/// resolved stands as a digest made from its place, which only the trial of a draft ever sees.
pub(super) fn sorted(targets: &[Target]) -> Vec<Named> {
    let mut entries: Vec<LeafHash> = Vec::new();
    let mut ranges: Vec<SequenceRange> = Vec::new();
    for (at, target) in targets.iter().enumerate() {
        match target {
            Target::Named(Named::Entry(leaf)) => entries.push(*leaf),
            Target::Named(Named::Range(range)) => ranges.push(*range),
            Target::Earlier(_) => entries.push(LeafHash::from_bytes(place_holder(at))),
        }
    }
    entries.sort_by_key(|leaf| *leaf.as_bytes());
    entries.dedup();
    ranges.sort_by_key(|range| (range.first(), range.last()));
    ranges.dedup();
    entries.into_iter().map(Named::Entry).chain(ranges.into_iter().map(Named::Range)).collect()
}

/// The payload's `targets`; `None` when there is none.
pub(super) fn item(targets: &[Target]) -> Option<Item> {
    let number = |number: Sequence| Item::Integer(i128::from(number.get()));
    let elements: Vec<Item> = sorted(targets)
        .into_iter()
        .map(|target| {
            map_item(match target {
                Named::Entry(leaf) => {
                    vec![(Item::Text("entry".into()), Item::Bytes(leaf.as_bytes().to_vec()))]
                }
                Named::Range(range) => vec![
                    (Item::Text("first".into()), number(range.first())),
                    (Item::Text("last".into()), number(range.last())),
                ],
            })
        })
        .collect();
    if elements.is_empty() { None } else { Some(Item::Array(elements)) }
}
