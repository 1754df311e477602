//! Where a witness keeps its state: for each log a record, twice, and the evidence beside.
//!
//! A small trait, so that a test can put faults between the witness and the disk. **After an error** of any call that
//! writes, what it would have written may or may not be there: the witness stops, and the next start decides.

use std::collections::{BTreeMap, BTreeSet};

use super::log_settings::LogId;
use crate::store::{StateCopies, StoreError};

/// Longest name of a file of evidence, in bytes: 64 digits, a word, and 64 more.
pub const EVIDENCE_NAME_MAX: usize = 160;

/// The records and the evidence of one witness.
pub trait WitnessStore: Send + Sync {
    /// Both copies of the record of every log that has at least one, as they lie. Judging them is
    /// [`recover`](mod@super::recover)'s work.
    fn load(&self) -> Result<BTreeMap<LogId, StateCopies>, StoreError>;

    /// Replaces `old` by `new` in the embedded database (`None`: there is none), in one step. A loss of power may undo it.
    /// [`StoreError::StateChanged`], and nothing changed, if it is not `old`.
    fn swap_embedded(&self, log: LogId, old: Option<&[u8]>, new: &[u8]) -> Result<(), StoreError>;

    /// Replaces the plain file, whatever it was, in one step. True afterwards, even if the power is lost: it is `new`.
    fn replace_plain(&self, log: LogId, new: &[u8]) -> Result<(), StoreError>;

    /// Makes the embedded database hold exactly these records, whatever it held; a damaged one is made anew.
    fn reset_embedded(&self, records: &BTreeMap<LogId, Vec<u8>>) -> Result<(), StoreError>;

    /// The origins of all logs that a cosignature may have left for, whether or not their records are still there.
    fn signed_logs(&self) -> Result<BTreeSet<String>, StoreError>;

    /// Adds such logs. True afterwards, even if the power is lost: a loss of their records is noticed.
    fn add_signed_logs(&self, origins: &BTreeSet<String>) -> Result<(), StoreError>;

    /// The names of the files of evidence, sorted by bytes.
    fn evidence(&self) -> Result<Vec<String>, StoreError>;

    /// A file of evidence; `None` if there is none of this name.
    fn get_evidence(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes a file of evidence whole and durably. [`StoreError::BadPath`] for a name that is not
    /// [`is_evidence_name`].
    fn put_evidence(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError>;

    /// Removes a file of evidence; one that is not there is no error.
    fn delete_evidence(&self, name: &str) -> Result<(), StoreError>;
}

/// Whether a name may be that of a file of evidence: `[a-z0-9-]` and `.json`, so that none leaves its folder.
pub fn is_evidence_name(name: &str) -> bool {
    let stem = name.strip_suffix(".json").unwrap_or_default();
    name.len() <= EVIDENCE_NAME_MAX
        && !stem.is_empty()
        && stem.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        assert!(is_evidence_name("0a-fork-9f.json"));
        let long = format!("{}.json", "a".repeat(156));
        for bad in ["", ".json", "../a.json", "a/b.json", "a.txt", "A.json", ".a.json", "a..json", &long] {
            assert!(!is_evidence_name(bad), "{bad}");
        }
    }
}
