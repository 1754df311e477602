//! Reads a line again where one fault hides others, so that all of them are named at once.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use glasshouse_verifier::payload_error::{MAX_ERRORS, PayloadError, Rule};
use glasshouse_verifier::statement_type::StatementType;
use serde_json::Value;

use super::super::line::{SEALABLE, WRITTEN};
use super::super::{Draft, line};
use super::caution::Caution;
use super::finding::Finding;
use super::{Setting, suggestion};

/// How often what is wrong inside an object is taken out to see what else is wrong: an order stands two deep.
const PEELS: usize = 2;

pub(super) const ROLE: &str = "provider_role";

/// Where the line stands that a `sealed` line holds back.
pub(super) const SEALED: &str = "/statement";

/// A line as far as it could be read.
pub(super) struct Read {
    /// What is good of it.
    pub(super) draft: Draft,
    /// Every fault, sorted.
    pub(super) errors: Vec<PayloadError>,
    /// The line, with the role filled in if it was left out, and the type that was meant.
    pub(super) value: Value,
    /// Whether the role is a stand-in of ours.
    pub(super) guessed_role: bool,
    /// The type of the line, or the one that was meant; `None` where nobody knows.
    pub(super) kind: Option<StatementType>,
    /// The same of the line that it seals; `None` too where it seals none.
    pub(super) sealed_kind: Option<StatementType>,
}

impl Read {
    /// Reads a line, with its role and type filled in where that lets more of it be looked at.
    pub(super) fn of(line: &Value, setting: &Setting, warnings: &mut Vec<Finding>) -> Read {
        let (draft, errors) = line::read_whole(line);
        let kind = Some(draft.kind());
        let value = line.clone();
        let mut read = Read { draft, errors, value, guessed_role: false, kind, sealed_kind: None };
        let mut head = read.read_as_meant();
        let is_sealed = read.kind == Some(StatementType::Sealed);
        if is_sealed {
            head.extend(read.read_sealed_as_meant());
        }
        if read.kind.is_some() && (!is_sealed || read.sealed_kind.is_some()) {
            read.fill_in_roles(setting, warnings);
            read.peel();
        }
        read.errors.extend(head);
        read.errors.sort();
        read
    }

    /// A type or a vocabulary that is none keeps the rest of the line from being judged. With a misspelt type it is judged by
    /// the type that it looks like, with another vocabulary by the newest. The errors of the two.
    fn read_as_meant(&mut self) -> Vec<PayloadError> {
        let head = self.mend_head("");
        if head.iter().any(|(_, is_mended)| !is_mended) {
            self.kind = None;
            self.errors = wrong_in_every_type(&self.value, &WRITTEN);
        } else if !head.is_empty() {
            (self.draft, self.errors) = line::read_whole(&self.value);
            self.kind = Some(self.draft.kind());
        }
        head.into_iter().map(|(error, _)| error).collect()
    }

    /// The same for the line that this one seals.
    fn read_sealed_as_meant(&mut self) -> Vec<PayloadError> {
        let head = self.mend_head(SEALED);
        let inner = self.value.pointer(SEALED).unwrap_or(&Value::Null);
        if head.iter().any(|(_, is_mended)| !is_mended) {
            let wrong = wrong_in_every_type(inner, &SEALABLE);
            self.errors.extend(wrong.into_iter().map(|error| line::inside(SEALED, error)));
        } else {
            let name = inner.get("type").and_then(Value::as_str);
            let named = SEALABLE.into_iter().find(|kind| name == Some(kind.as_str()));
            self.sealed_kind = Some(named.unwrap_or(StatementType::Decision));
        }
        if !head.is_empty() && self.sealed_kind.is_some() {
            (self.draft, self.errors) = line::read_whole(&self.value);
        }
        head.into_iter().map(|(error, _)| error).collect()
    }

    /// Takes the errors of the type and the vocabulary out, and puts what was meant into the line. Each with whether that is
    /// known.
    fn mend_head(&mut self, place: &str) -> Vec<(PayloadError, bool)> {
        let own = |path: &str| path.strip_prefix(place).unwrap_or_default().to_owned();
        let of_head = |error: &PayloadError| ["/type", "/vocabulary"].contains(&own(&error.path).as_str());
        let head: Vec<PayloadError> = self.errors.extract_if(.., |error| of_head(error)).collect();
        let Some(members) = self.value.pointer_mut(place).and_then(Value::as_object_mut) else {
            return head.into_iter().map(|error| (error, false)).collect();
        };
        let mut mend = |error: PayloadError| {
            if own(&error.path) == "/vocabulary" {
                members.remove("vocabulary");
                return (error, true);
            }
            let meant = suggestion::helped(&error, Some(StatementType::Sealed), None).1;
            if let Some(kind) = meant.first() {
                members.insert("type".to_owned(), Value::from(*kind));
            }
            (error, !meant.is_empty())
        };
        head.into_iter().map(&mut mend).collect()
    }

    /// The line's own role, and that of what it seals: publish fills them in for a provider with one role.
    fn fill_in_roles(&mut self, setting: &Setting, warnings: &mut Vec<Finding>) {
        for place in ["", SEALED] {
            let path = format!("{place}/{ROLE}");
            let is_missing = |error: &PayloadError| error.path == path && error.rule == Rule::Required;
            if !self.errors.iter().any(is_missing) {
                continue;
            }
            // The role "other" brings no rules of its own.
            let role = setting.role.as_deref().unwrap_or("other");
            if let Some(members) = self.value.pointer_mut(place).and_then(Value::as_object_mut) {
                members.insert(ROLE.to_owned(), Value::from(role));
            }
            (self.draft, self.errors) = line::read_whole(&self.value);
            self.guessed_role = setting.role.is_none();
            if self.guessed_role {
                let advice = "publish fills it in if the provider is enrolled in one role only; glasshouse check --role ROLE checks it under that role";
                warnings.push(Finding::caution(&path, Caution::RoleLeftOut, None, advice));
            }
        }
    }

    /// A member that cannot be read hides what else is wrong with the object around it: reads again without it.
    fn peel(&mut self) {
        let is_inner = |error: &PayloadError| error.path.matches('/').count() > 1;
        if self.errors.len() > MAX_ERRORS || !self.errors.iter().any(is_inner) {
            return;
        }
        let mut peeled = self.value.clone();
        for _ in 0..PEELS {
            let inner: Vec<String> = self
                .errors
                .iter()
                .map(|error| error.path.clone())
                .filter(|path| take_out(&mut peeled, path))
                .collect();
            if inner.is_empty() {
                return;
            }
            let (draft, more) = line::read_whole(&peeled);
            let is_new = |error: &PayloadError| {
                let around = format!("{}/", error.path);
                self.errors.iter().all(|known| known.path != error.path && !known.path.starts_with(&around))
            };
            let mut more: Vec<PayloadError> = more.into_iter().filter(is_new).collect();
            self.draft = draft;
            self.errors.append(&mut more);
            self.errors.sort();
        }
    }
}

/// What is wrong with a line whatever its type is: at each place that every type finds fault with, what is said by one that
/// has the field. So a field that no type has is unknown, and a day that is none is told, wherever days may stand.
/// A role that was left out is filled in when the line is published.
fn wrong_in_every_type(line: &Value, kinds: &[StatementType]) -> Vec<PayloadError> {
    let Some(members) = line.as_object() else { return Vec::new() };
    let mut places: BTreeMap<String, (usize, PayloadError)> = BTreeMap::new();
    for kind in kinds {
        let mut as_kind = members.clone();
        as_kind.insert("type".to_owned(), Value::from(kind.as_str()));
        let mut faulty = BTreeSet::new();
        for error in line::read_whole(&Value::Object(as_kind)).1 {
            // What is wrong inside a member is a fault of the member where the type has none of that name.
            let member: String = error.path.split('/').take(2).collect::<Vec<_>>().join("/");
            let is_first = faulty.insert(member.clone());
            match places.entry(member) {
                Entry::Vacant(place) => drop(place.insert((1, error))),
                Entry::Occupied(mut place) => {
                    let (count, told) = place.get_mut();
                    *count += usize::from(is_first);
                    if told.rule == Rule::UnknownField && error.rule != Rule::UnknownField {
                        *told = error;
                    }
                }
            }
        }
    }
    let in_all = places.into_values().filter(|(count, _)| *count == kinds.len()).map(|(_, error)| error);
    let is_filled_in =
        |error: &PayloadError| error.rule == Rule::Required && error.path == format!("/{ROLE}");
    in_all.filter(|error| error.path.len() > 1 && !is_filled_in(error)).collect()
}

/// Takes a member out of an object inside the line; false if there is no such member, or the line itself is the object.
fn take_out(line: &mut Value, path: &str) -> bool {
    let Some((parent, name)) = path.rsplit_once('/').filter(|(parent, _)| !parent.is_empty()) else {
        return false;
    };
    let name = name.replace("~1", "/").replace("~0", "~");
    let members = line.pointer_mut(parent).and_then(Value::as_object_mut);
    members.is_some_and(|members| members.remove(&name).is_some())
}
