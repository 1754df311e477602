//! Looks at an authored line with the ledger's own rules before anything is numbered or signed.

use std::collections::{HashMap, HashSet};

use glasshouse_ledger::draft::{Draft, Reference};
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::payload_error::PayloadError;
use serde_json::{Value, json};

use super::contents::Contents;
use super::line::{AuthoredLine, LineError};

/// What a line turned out to be.
#[derive(Debug)]
pub enum Examined {
    /// To be numbered and signed.
    New(Box<NewLine>),
    /// Published before, word for word, under this number.
    Known(u64),
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
}

/// Lines of this run that are not in the outbox yet.
#[derive(Debug, Default)]
pub struct Seen {
    contents: HashMap<String, String>,
    leaves: HashMap<String, LeafHash>,
    numbers: HashMap<u64, LeafHash>,
}

impl Seen {
    /// Remembers a line by what it is known by and what it says.
    pub fn remember(&mut self, id: &str, content: &str) {
        self.contents.insert(id.to_owned(), content.to_owned());
    }

    /// Remembers where a line will stand.
    pub fn place(&mut self, id: &str, sequence: u64, leaf: LeafHash) {
        self.leaves.insert(id.to_owned(), leaf);
        self.numbers.insert(sequence, leaf);
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
    /// Whether lines that this run has only looked at, not signed, may be referred to.
    pub trial: bool,
}

impl Examiner<'_> {
    /// Looks at a line.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn examine(&self, line: &AuthoredLine) -> Result<Examined, Vec<LineError>> {
        let (id, content) = (line.id(), line.content());
        if let Some(known) = self.contents.line(&id) {
            if known.content == content {
                return Ok(Examined::Known(known.sequence));
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
        let mut draft = match Draft::from_json(&value) {
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
        Ok(Examined::New(Box::new(NewLine { id, content, draft })))
    }

    /// A provider with one role need not write it into every line.
    fn with_default_role(&self, line: &Value) -> Value {
        let mut line = line.clone();
        if let (Value::Object(members), [only]) = (&mut line, self.roles)
            && members.get("provider_role").is_none_or(Value::is_null)
        {
            members.insert("provider_role".to_owned(), json!(only));
        }
        line
    }

    /// A role that the ledger would refuse. A role that is missing or none at all is found by the draft.
    fn check_role(&self, line: &AuthoredLine, value: &Value) -> Option<LineError> {
        let role = value.get(FieldName::PROVIDER_ROLE.as_str())?.as_str()?;
        if self.roles.iter().any(|enrolled| enrolled == role) {
            return None;
        }
        let allowed = format!("the provider is enrolled as {}", self.roles.join(", "));
        Some(LineError::field(line.number(), "/provider_role", "role-not-enrolled", Some(role), &allowed))
    }

    /// Leaf hash of an earlier line.
    fn look_up(&self, reference: &Reference) -> Option<LeafHash> {
        match reference {
            Reference::Puid(puid) => {
                let id = format!("puid:{puid}");
                let placed = self.seen.leaves.get(&id).copied();
                let stored = || {
                    let known = self.contents.line(&id)?;
                    LeafHash::from_hex(self.contents.leaf(known.sequence)?).ok()
                };
                let tried = || {
                    let known = self.trial && self.seen.contents.contains_key(&id);
                    known.then(|| LeafHash::of_entry(id.as_bytes()))
                };
                placed.or_else(stored).or_else(tried)
            }
            Reference::Sequence(number) => {
                let placed = self.seen.numbers.get(number).copied();
                placed.or_else(|| LeafHash::from_hex(self.contents.leaf(*number)?).ok())
            }
        }
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
    let path = if id.starts_with("puid:") { "/puid" } else { "" };
    let given = id.strip_prefix("puid:");
    let allowed = format!("{said}; what was published stays, a correction is an amendment");
    LineError::field(line.number(), path, "already-published", given, &allowed)
}

/// Looks at many lines without signing any: for `--all-or-nothing`.
#[derive(Debug, Default)]
pub struct Trial {
    seen: Seen,
    wrong: HashSet<u64>,
}

impl Trial {
    /// Looks at the next line.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn examine(
        &mut self,
        contents: &Contents,
        roles: &[String],
        line: &AuthoredLine,
    ) -> Result<(), Vec<LineError>> {
        let examiner = Examiner { contents, seen: &self.seen, roles, trial: true };
        match examiner.examine(line) {
            Ok(Examined::New(new)) => self.seen.remember(&new.id, &new.content),
            Ok(Examined::Known(_) | Examined::Repeated) => {}
            Err(errors) => {
                self.wrong.insert(line.number());
                return Err(errors);
            }
        }
        Ok(())
    }
}
