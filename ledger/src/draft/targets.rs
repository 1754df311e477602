//! `targets`: how an authored line names the earlier statements that it is about, and how that becomes leaf hashes and
//! ranges in their one order (`spec/lifecycle.md`, "Format: targets").

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::payload_error::{PayloadError, Rule};
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::targets::{MAX_TARGETS, SequenceRange, Target as Named};
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
    if list.len() > MAX_TARGETS {
        let given = format!("{} targets", list.len());
        return Err(vec![error(
            path,
            Rule::TooLong,
            Some(&given),
            "at most 1,000 targets; a range counts as one",
        )]);
    }
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
            None => Err(vec![error(path, Rule::Grammar, Some(text), ALLOWED)]),
        },
        Value::Object(map) => read_map(path, map).map(Target::Named),
        _ => Err(vec![error(path, Rule::WrongType, None, ALLOWED)]),
    }
}

fn read_map(path: &str, map: &Map<String, Value>) -> Result<Named, Vec<PayloadError>> {
    let mut errors = Vec::new();
    let known = ["entry", "first", "last"];
    let member = |name: &str| map.get(name).filter(|value| !is_absent(value));
    for name in map.keys().filter(|name| !known.contains(&name.as_str()) && member(name).is_some()) {
        let path = format!("{path}/{}", pointer(name));
        errors.push(error(&path, Rule::UnknownField, Some(name), ALLOWED));
    }
    let at = |name: &str| format!("{path}/{name}");
    if let Some(entry) = member("entry") {
        let surplus = ["first", "last"].into_iter().filter(|name| member(name).is_some());
        errors.extend(surplus.map(|name| error(&at(name), Rule::UnknownField, Some(name), ALLOWED)));
        return match leaf(&at("entry"), entry) {
            Ok(leaf) if errors.is_empty() => Ok(Named::Entry(leaf)),
            read => Err(errors.into_iter().chain(read.err()).collect()),
        };
    }
    let mut bound = |name: &str| {
        let required = || error(&at(name), Rule::Required, None, ALLOWED);
        let read = member(name).ok_or_else(required).and_then(|value| number(&at(name), value));
        read.map_err(|error| errors.push(error)).ok()
    };
    let (first, last) = (bound("first"), bound("last"));
    if let (Some(first), Some(last)) = (first, last) {
        match SequenceRange::new(first, last) {
            Some(range) if errors.is_empty() => return Ok(Named::Range(range)),
            Some(_) => {}
            None => {
                let allowed = "from first to first + 1,048,575";
                errors.push(error(&at("last"), Rule::OutOfRange, Some(&last.to_string()), allowed));
            }
        }
    }
    Err(errors)
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

/// The ranges that touch a number of one that the author wrote before.
fn touching(path: &str, targets: &[Target]) -> Vec<PayloadError> {
    let range = |target: &Target| match target {
        Target::Named(Named::Range(range)) => Some(*range),
        _ => None,
    };
    let mut errors = Vec::new();
    for (at, later) in targets.iter().enumerate().filter_map(|(at, target)| Some((at, range(target)?))) {
        let touches =
            |earlier: SequenceRange| earlier.first() <= later.last() && later.first() <= earlier.last();
        if targets.iter().take(at).filter_map(range).any(touches) {
            let allowed = "ranges that touch no number twice";
            errors.push(error(&format!("{path}/{at}"), Rule::Duplicate, None, allowed));
        }
    }
    errors
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

/// In the one order: entries by their bytes, each once, then ranges by their numbers. A reference that is not
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
                    vec![(Item::text("entry"), Item::bytes(leaf.as_bytes().to_vec()))]
                }
                Named::Range(range) => vec![
                    (Item::text("first"), number(range.first())),
                    (Item::text("last"), number(range.last())),
                ],
            })
        })
        .collect();
    if elements.is_empty() { None } else { Some(Item::Array(elements)) }
}
