//! Where a statement stands in the log, as far as an outbox can tell: a receipt proves it, or the log only said it.

use std::fmt;

use super::kept::Kept;
use super::showing::stored_receipt;

/// The index of a statement's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceInLog {
    /// As the receipt in the outbox proves it.
    Proved(u64),
    /// As the log answered; there is no receipt yet that holds.
    Claimed(u64),
}

impl PlaceInLog {
    /// The index, if it is proved.
    pub fn proved(self) -> Option<u64> {
        match self {
            PlaceInLog::Proved(index) => Some(index),
            PlaceInLog::Claimed(_) => None,
        }
    }
}

impl fmt::Display for PlaceInLog {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlaceInLog::Proved(index) => write!(out, "entry {index}"),
            PlaceInLog::Claimed(index) => write!(out, "entry {index} by the log's word, not proved yet"),
        }
    }
}

impl Kept {
    /// Where the statement with this number stands in the log; `None` where it is not on record as far as the outbox knows.
    pub fn place_in_log(&self, sequence: u64) -> Option<PlaceInLog> {
        let claimed = *self.contents().on_record().get(&sequence)?;
        let proved =
            stored_receipt(self, sequence).ok().and_then(|(policy, receipt)| receipt.verify(&policy).ok());
        let proved = proved.filter(|proved| {
            proved.statement().sequence().get() == sequence
                && self.contents().leaf(sequence) == Some(proved.leaf_hash())
        });
        Some(match proved {
            Some(proved) => PlaceInLog::Proved(proved.index().get()),
            None => PlaceInLog::Claimed(claimed),
        })
    }
}
