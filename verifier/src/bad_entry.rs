//! Proof that a log signed a tree with an entry in it that no rule allows.

use serde::{Deserialize, Serialize};

use crate::enrolled_by::{brought_key, open_shown_key};
use crate::entry::{Entry, EntryError};
use crate::evidence::{EvidenceError, FORMAT, check_kind, read_log};
use crate::proved_entry::{ProvedEntry, ProvedEntryJson};
use crate::size::LeafIndex;
use crate::statement::{Statement, StatementError};
use crate::vkey::Vkey;

/// What the member `kind` says.
pub(crate) const KIND: &str = "bad-entry";

/// An entry in a signed tree that is no entry, is for another log, or has a signature that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadEntry {
    at: ProvedEntry,
    enrolments: Vec<String>,
    rule: &'static str,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BadFile {
    format: String,
    kind: String,
    log: String,
    at: ProvedEntryJson,
    enrolments: Vec<String>,
}

impl BadEntry {
    /// Finds the rule that the entry breaks. For a signature that does not hold, `enrolment` is the receipt of what shows the
    /// key that the statement names: its enrolment, or for the registrar's key the genesis or the change of keys that brought
    /// it. For everything else there is none; nor for a genesis and a change of the registrar's key, which bring the key that
    /// must have signed them.
    pub fn new(at: ProvedEntry, enrolment: Option<&str>) -> Result<BadEntry, EvidenceError> {
        let rule = match (broken_alone(&at), enrolment) {
            (Some(rule), None) => rule,
            (None, Some(text)) => broken_signature(&at, text)?,
            _ => return Err(EvidenceError::NoContradiction),
        };
        let enrolments = enrolment.into_iter().map(str::to_owned).collect();
        Ok(BadEntry { at, enrolments, rule })
    }

    /// The entry and its place.
    pub const fn at(&self) -> &ProvedEntry {
        &self.at
    }

    /// The name of the rule that it breaks.
    pub const fn rule(&self) -> &'static str {
        self.rule
    }

    /// One JSON object: `format`, `kind`, `log` (the vkey), `at` (`checkpoint`, `index`, `entry`, `path`), `enrolments` (none, or
    /// the text of a receipt).
    pub fn encode(&self) -> String {
        let file = BadFile {
            format: FORMAT.to_owned(),
            kind: KIND.to_owned(),
            log: self.at.checkpoint().log().encode(),
            at: self.at.to_json(),
            enrolments: self.enrolments.clone(),
        };
        // Strings, integers and arrays of strings always become JSON.
        serde_json::to_string(&file).unwrap_or_default()
    }

    /// Checks everything in a file.
    pub fn parse(text: &str, log: &Vkey) -> Result<BadEntry, EvidenceError> {
        check_kind(text, KIND)?;
        let file: BadFile = serde_json::from_str(text).map_err(|_| EvidenceError::Form)?;
        read_log(&file.log, log)?;
        let enrolment = match file.enrolments.as_slice() {
            [] => None,
            [one] => Some(one.as_str()),
            _ => return Err(EvidenceError::Form),
        };
        let found = Self::new(ProvedEntry::read(&file.at, log)?, enrolment)?;
        if found.encode() == text { Ok(found) } else { Err(EvidenceError::Form) }
    }
}

/// The rule that the bytes break by themselves. What this version does not know is neither good nor bad.
fn broken_alone(at: &ProvedEntry) -> Option<&'static str> {
    match Entry::parse(at.entry()) {
        Err(EntryError::Statement(StatementError::NotUnderstood { .. })) => None,
        Err(error) => Some(error.slug()),
        Ok(entry) if entry.statement().claims().aud != *at.checkpoint().checkpoint().origin() => {
            Some("wrong-audience")
        }
        Ok(entry) => broken_own_signature(entry.statement()),
    }
}

/// What is wrong with a genesis or a change of the registrar's key, which must be signed with the key that it brings: the rule,
/// `bad-signature`, `unknown-key` or `weak-key`. Nothing is asked of any other statement.
pub fn broken_own_signature(statement: &Statement) -> Option<&'static str> {
    match brought_key(statement) {
        Ok(None) => None,
        Ok(Some(key)) => statement.verify(&key).err().map(|error| error.slug()),
        Err(error) => Some(error.slug()),
    }
}

/// That the key which the statement names had been its issuer's, and did not sign it.
fn broken_signature(at: &ProvedEntry, enrolment: &str) -> Result<&'static str, EvidenceError> {
    let Ok(entry) = Entry::parse(at.entry()) else { return Err(EvidenceError::NoContradiction) };
    let statement = entry.statement();
    let signer = open_shown_key(enrolment, at.checkpoint().log())?;
    let named = signer.kid == *statement.kid() && signer.owner == statement.claims().iss;
    if !named || signer.index >= at.index() || at.index() == LeafIndex::ZERO {
        return Err(EvidenceError::Unproved(
            "the receipt beside it does not show the key which the statement names",
        ));
    }
    match statement.verify(&signer.key) {
        Err(error) => Ok(error.slug()),
        Ok(()) => Err(EvidenceError::NoContradiction),
    }
}
