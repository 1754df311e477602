//! Which earlier entries a statement is about: single entries by their leaf hashes, and ranges of an issuer's numbers.

use serde_json::{Value, json};

use crate::cbor::{Data, Item};
use crate::hash::LeafHash;
use crate::item_map::ItemMap;
use crate::payload_error::{Errors, PayloadError, Rule};
use crate::pointer::Pointer;
use crate::reading::{self, Members, member};
use crate::sequence::Sequence;

/// At most so many targets of one statement: they take some 45 bytes each, and an entry has 65,535.
pub const MAX_TARGETS: usize = 1_000;

/// At most so many numbers in one range: what a platform decides in a bad night, with room.
pub const MAX_RANGE: u64 = 1 << 20;

/// One target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The entry of that leaf hash.
    Entry(LeafHash),
    /// The entries with these numbers.
    Range(SequenceRange),
}

/// From one number to another, both in it; at most [`MAX_RANGE`] of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequenceRange {
    first: Sequence,
    last: Sequence,
}

impl SequenceRange {
    /// A range that is not empty and not too long.
    pub fn new(first: Sequence, last: Sequence) -> Option<SequenceRange> {
        let span = last.get().checked_sub(first.get())?;
        (span < MAX_RANGE).then_some(SequenceRange { first, last })
    }

    /// The lowest number.
    pub fn first(self) -> Sequence {
        self.first
    }

    /// The highest number.
    pub fn last(self) -> Sequence {
        self.last
    }

    /// Whether the number is in it.
    pub fn contains(self, number: Sequence) -> bool {
        (self.first..=self.last).contains(&number)
    }
}

/// 1 to 1,000 targets in their one order: entries by their bytes, then ranges by their numbers, apart from each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets(Vec<Target>);

impl Targets {
    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Target> {
        self.0.iter()
    }

    /// The entry, if there is one target and it is an entry.
    pub fn single_entry(&self) -> Option<&LeafHash> {
        match self.0.as_slice() {
            [Target::Entry(leaf)] => Some(leaf),
            _ => None,
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn read(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Targets> {
        let elements = reading::bounded(item, MAX_TARGETS, at, errors)?;
        let before = errors.count();
        let mut targets: Vec<Target> = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            targets.extend(read_target(element, &at.index(index), errors));
        }
        if errors.count() > before {
            return None;
        }
        for (index, pair) in (1..).zip(targets.windows(2)) {
            let [earlier, later] = pair else { continue };
            if let Some(rule) = misplaced(earlier, later) {
                let again = targets.iter().take(index).any(|target| target.meets(later));
                errors.add(&at.index(index), if again { Rule::Duplicate } else { rule });
                return None;
            }
        }
        Some(Targets(targets))
    }

    pub(crate) fn to_item(&self) -> Data<'_> {
        Data::Array(self.0.iter().map(|target| target.to_item()).collect())
    }

    pub(crate) fn to_json(&self) -> Value {
        self.0.iter().map(|target| target.to_json()).collect()
    }
}

impl Target {
    /// Whether both are the same entry, or ranges with a number in common.
    fn meets(&self, other: &Target) -> bool {
        match (self, other) {
            (Target::Entry(a), Target::Entry(b)) => a == b,
            (Target::Range(a), Target::Range(b)) => a.first <= b.last && b.first <= a.last,
            _ => false,
        }
    }

    fn to_item(self) -> Item {
        let mut map = ItemMap::new();
        match self {
            Target::Entry(leaf) => map.put("entry", Some(Data::bytes(leaf.as_bytes().to_vec()))),
            Target::Range(range) => {
                map.put("last", Some(Data::Integer(range.last.get().into())));
                map.put("first", Some(Data::Integer(range.first.get().into())));
            }
        }
        map.finish()
    }

    fn to_json(self) -> Value {
        match self {
            Target::Entry(leaf) => json!({"entry": leaf.to_hex()}),
            Target::Range(range) => json!({"first": range.first.get(), "last": range.last.get()}),
        }
    }
}

/// What is wrong with two neighbours, if anything is.
fn misplaced(earlier: &Target, later: &Target) -> Option<Rule> {
    match (earlier, later) {
        (Target::Entry(a), Target::Entry(b)) if a == b => Some(Rule::Duplicate),
        (Target::Entry(a), Target::Entry(b)) if a.as_bytes() > b.as_bytes() => Some(Rule::NotSorted),
        (Target::Range(_), Target::Entry(_)) => Some(Rule::NotSorted),
        (Target::Range(a), Target::Range(b)) if b.last < a.first => Some(Rule::NotSorted),
        (Target::Range(a), Target::Range(b)) if b.first <= a.last => Some(Rule::Duplicate),
        _ => None,
    }
}

fn read_target(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Target> {
    let members = Members::exactly(item, &[], &["entry", "first", "last"], at, errors)?;
    if members.get("entry").is_some() {
        for key in ["first", "last"].iter().filter(|key| members.get(key).is_some()) {
            errors.add(&at.name(key), Rule::UnknownField);
        }
        let digest = member(&members, "entry", at, errors, reading::digest)?;
        return Some(Target::Entry(LeafHash::from_bytes(*digest.as_bytes())));
    }
    let mut number = |key| {
        if members.get(key).is_none() {
            errors.add(&at.name(key), Rule::Required);
        }
        member(&members, key, at, errors, reading::positive).and_then(Sequence::new)
    };
    let (first, last) = (number("first"), number("last"));
    let (first, last) = (first?, last?);
    let range = SequenceRange::new(first, last);
    if range.is_none() {
        let error = PayloadError::at(&at.name("last"), Rule::OutOfRange).given(&last.to_string());
        errors.push(error.allowed("from first to first + 1,048,575"));
    }
    range.map(Target::Range)
}
