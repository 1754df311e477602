//! Looks at an authored line with the ledger's own rules before anything is numbered or signed.

use std::collections::{HashMap, HashSet};

use glasshouse_ledger::draft::{Draft, Reference};
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::payload_error::PayloadError;
use glasshouse_verifier::subject::Subject;
use serde_json::{Value, json};

use super::contents::Contents;
use super::line::{AuthoredLine, LineError};

/// What a line turned out to be.
#[derive(Debug)]
pub enum Examined {
    /// To be numbered and signed.
    New(Box<NewLine>),
    /// Published before, as far as can be told, and not published again.
    Known {
        /// Its number.
        sequence: u64,
        /// Whether what it says could be held against what was published; not once a text of it was purged.
        is_compared: bool,
    },
    /// The same line stood in this input before.
    Repeated,
}

/// A line without fault.
#[derive(Debug)]
pub struct NewLine {
    /// What it is known by.
    pub id: String,
    /// SHA-256 of its canonical form, hex.
    pub content: String,
    /// What is to be signed; its references are resolved.
    pub draft: Draft,
    /// The `sub` of the one entry that it is about; `None` where its subject follows from itself.
    pub sub: Option<Subject>,
    /// Texts of the entry that it opens, if it is a disclosure.
    pub opened: Vec<Vec<u8>>,
}

/// Lines of this run that are not in the outbox yet.
#[derive(Debug, Default)]
pub struct Seen {
    contents: HashMap<String, String>,
    leaves: HashMap<String, LeafHash>,
    numbers: HashMap<u64, LeafHash>,
    places: HashMap<LeafHash, u64>,
    /// In a run that keeps nothing: what stands for the leaf hashes of its lines.
    tried: Option<HashSet<LeafHash>>,
}

impl Seen {
    /// Remembers a line by what it is known by and what it says.
    pub fn remember(&mut self, id: &str, content: &str) {
        self.contents.insert(id.to_owned(), content.to_owned());
        if let Some(tried) = &mut self.tried {
            tried.insert(stand_in(id));
        }
    }

    /// For a run that looks at lines and keeps none: they may be referred to all the same.
    pub fn of_trial() -> Seen {
        Seen { tried: Some(HashSet::new()), ..Seen::default() }
    }

    /// Whether that stands for the leaf hash of a line that was only looked at.
    pub fn is_tried(&self, leaf: &LeafHash) -> bool {
        self.tried.as_ref().is_some_and(|tried| tried.contains(leaf))
    }

    /// Remembers where a line will stand.
    pub fn place(&mut self, id: &str, sequence: u64, leaf: LeafHash) {
        self.leaves.insert(id.to_owned(), leaf);
        self.numbers.insert(sequence, leaf);
        self.places.insert(leaf, sequence);
    }

    /// The number of a line of this run.
    pub fn number_of(&self, leaf: &LeafHash) -> Option<u64> {
        self.places.get(leaf).copied()
    }
}

/// What lines are held against.
pub struct Examiner<'a> {
    /// The outbox.
    pub contents: &'a Contents,
    /// This run.
    pub seen: &'a Seen,
    /// The roles in which the provider is enrolled.
    pub roles: &'a [String],
}

impl Examiner<'_> {
    /// Looks at a line.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn examine(&self, line: &AuthoredLine) -> Result<Examined, Vec<LineError>> {
        let (id, content) = (line.id(), line.content());
        if let Some(known) = self.contents.line(&id) {
            if self.contents.is_same(known, &content) {
                return Ok(Examined::Known {
                    sequence: known.sequence,
                    is_compared: known.content.is_some(),
                });
            }
            let said = format!("it was published with other content under number {}", known.sequence);
            return Err(vec![changed(line, &id, &said)]);
        }
        match self.seen.contents.get(&id) {
            Some(before) if *before == content => return Ok(Examined::Repeated),
            Some(_) => {
                return Err(vec![changed(line, &id, "it stands in this input with other content")]);
            }
            None => {}
        }
        let value = self.with_default_role(line.value());
        let mut errors: Vec<LineError> = self.check_role(line, &value).into_iter().collect();
        let read = match line.is_by_command() {
            true => Draft::disclosure_from_json(&value),
            false => Draft::from_json(&value),
        };
        let mut draft = match read {
            Ok(draft) if errors.is_empty() => draft,
            Ok(_) => return Err(errors),
            Err(more) => {
                errors.extend(more.into_iter().map(|error| of_line(line, error)));
                return Err(errors);
            }
        };
        draft
            .resolve(|reference| self.look_up(reference))
            .map_err(|errors| errors.into_iter().map(|error| of_line(line, error)).collect::<Vec<_>>())?;
        Ok(Examined::New(Box::new(NewLine { id, content, draft, sub: None, opened: Vec::new() })))
    }

    /// A provider with one role need not write it into every decision and refusal, nor into one that is sealed.
    fn with_default_role(&self, line: &Value) -> Value {
        let mut line = line.clone();
        let Some(decided) = decided(&mut line) else { return line };
        if let (Value::Object(members), [only]) = (decided, self.roles)
            && members.get("provider_role").is_none_or(Value::is_null)
        {
            members.insert("provider_role".to_owned(), json!(only));
        }
        line
    }

    /// A role that the ledger would refuse. A role that is missing or none at all is found by the draft.
    fn check_role(&self, line: &AuthoredLine, value: &Value) -> Option<LineError> {
        let own = (value.get(FieldName::PROVIDER_ROLE.as_str()), "/provider_role");
        let sealed = (value.pointer("/statement/provider_role"), "/statement/provider_role");
        let named = [own, sealed].into_iter().find_map(|(role, path)| Some((role?.as_str()?, path)));
        let (role, path) = named?;
        if self.roles.iter().any(|enrolled| enrolled == role) {
            return None;
        }
        let allowed = format!("the provider is enrolled as {}", self.roles.join(", "));
        Some(LineError::field(line.number(), path, "role-not-enrolled", Some(role), &allowed))
    }

    /// Leaf hash of an earlier line.
    fn look_up(&self, reference: &Reference) -> Option<LeafHash> {
        match reference {
            Reference::Puid(_) | Reference::Id(_) => {
                let id = reference.to_string();
                let placed = self.seen.leaves.get(&id).copied();
                let stored = || self.contents.leaf(self.contents.line(&id)?.sequence);
                let tried = || {
                    let leaf = stand_in(&id);
                    self.seen.is_tried(&leaf).then_some(leaf)
                };
                placed.or_else(stored).or_else(tried)
            }
            Reference::Sequence(number) => {
                let placed = self.seen.numbers.get(number).copied();
                placed.or_else(|| self.contents.leaf(*number))
            }
        }
    }
}

/// Stands for the leaf hash of a line that is not signed.
fn stand_in(id: &str) -> LeafHash {
    LeafHash::of_entry(id.as_bytes())
}

/// The object of a decision or refusal in a line: the line, or what it seals. `None` in a line of another type.
fn decided(line: &mut Value) -> Option<&mut Value> {
    match line.get("type").and_then(Value::as_str) {
        None | Some("" | "decision" | "no_action") => Some(line),
        Some("sealed") => line.get_mut("statement"),
        Some(_) => None,
    }
}

fn of_line(line: &AuthoredLine, error: PayloadError) -> LineError {
    LineError {
        line: line.number(),
        path: error.path,
        rule: error.rule.as_str().to_owned(),
        given: error.given,
        allowed: error.allowed,
    }
}

fn changed(line: &AuthoredLine, id: &str, said: &str) -> LineError {
    let (path, given) = match id.split_once(':') {
        Some(("puid", puid)) => ("/puid", Some(puid)),
        Some(("id", id)) => ("/id", Some(id)),
        _ => ("", None),
    };
    let allowed = format!("{said}; what was published stays, a correction is an amendment");
    LineError::field(line.number(), path, "already-published", given, &allowed)
}
