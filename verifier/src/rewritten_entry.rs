//! Proof that a log signed two different entries at one index.

use serde::{Deserialize, Serialize};

use crate::evidence::{EvidenceError, FORMAT, check_kind, read_log};
use crate::proved_entry::{ProvedEntry, ProvedEntryJson};
use crate::vkey::Vkey;

/// What the member `kind` says.
pub(crate) const KIND: &str = "rewritten-entry";

/// Two entries at one index, each in the tree of a checkpoint that the log signed. An append-only list has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RewrittenEntry {
    one: ProvedEntry,
    other: ProvedEntry,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RewrittenFile {
    format: String,
    kind: String,
    log: String,
    one: ProvedEntryJson,
    other: ProvedEntryJson,
}

impl RewrittenEntry {
    /// Joins both; they have one index and one log, and different bytes. The one of the smaller tree stands first.
    pub fn new(one: ProvedEntry, other: ProvedEntry) -> Result<RewrittenEntry, EvidenceError> {
        if one.checkpoint().log() != other.checkpoint().log() {
            return Err(EvidenceError::OtherKey);
        }
        let in_order = one.checkpoint().head().size() <= other.checkpoint().head().size();
        match in_order && one.index() == other.index() && one.entry() != other.entry() {
            true => Ok(RewrittenEntry { one, other }),
            false => Err(EvidenceError::NoContradiction),
        }
    }

    /// The entry in the smaller tree; of equal ones, the one that was seen first.
    pub const fn one(&self) -> &ProvedEntry {
        &self.one
    }

    /// The entry that took its place.
    pub const fn other(&self) -> &ProvedEntry {
        &self.other
    }

    /// One JSON object: `format`, `kind`, `log` (the vkey), `one`, `other`, each of `checkpoint` (a note), `index`, `entry` and
    /// `path` (base64).
    pub fn encode(&self) -> String {
        let file = RewrittenFile {
            format: FORMAT.to_owned(),
            kind: KIND.to_owned(),
            log: self.one.checkpoint().log().encode(),
            one: self.one.to_json(),
            other: self.other.to_json(),
        };
        // Strings, integers and arrays of strings always become JSON.
        serde_json::to_string(&file).unwrap_or_default()
    }

    /// Checks everything in a file: both signatures by `log`, both proofs, and that the entries differ.
    pub fn parse(text: &str, log: &Vkey) -> Result<RewrittenEntry, EvidenceError> {
        check_kind(text, KIND)?;
        let file: RewrittenFile = serde_json::from_str(text).map_err(|_| EvidenceError::Form)?;
        read_log(&file.log, log)?;
        let found = Self::new(ProvedEntry::read(&file.one, log)?, ProvedEntry::read(&file.other, log)?)?;
        if found.encode() == text { Ok(found) } else { Err(EvidenceError::Form) }
    }
}
