//! The receipt of an entry, fetched from its ledger and checked as `receipt` checks a file.

use std::fmt;

use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::proved::Proved;
use glasshouse_verifier::receipt::{RECEIPT_MAX, Receipt};
use glasshouse_verifier::receipt_error::ReceiptError;

use crate::other_log;
use crate::source::{Source, SourceError};

/// Why there is nothing that proves an entry.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoReceipt {
    /// The answer could not be read.
    #[error("{0}")]
    Source(#[from] SourceError),
    /// The server says so.
    #[error("the server says that it has no such entry")]
    Absent,
    /// What came does not hold under the policy.
    #[error("{0}")]
    Refused(Box<Refused>),
    /// It holds, and proves something else than was asked for.
    #[error("its receipt is for another entry")]
    OfAnother,
}

/// A receipt that does not hold.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The first step that does not hold.
    pub(crate) error: ReceiptError,
    /// That it is of another log than those that are trusted, in words, if it is.
    pub(crate) other_log: Option<String>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}: {}", self.error.step(), self.error)?;
        self.other_log.iter().try_for_each(|other| write!(f, "; {other}"))
    }
}

/// What a receipt proves under a policy.
pub(crate) fn proved_by(bytes: &[u8], policy: &Policy) -> Result<Proved, Box<Refused>> {
    let refused = |error, other_log| Box::new(Refused { error, other_log });
    let receipt = Receipt::parse(bytes).map_err(|error| refused(error.into(), None))?;
    receipt.verify(policy).map_err(|error| {
        let other = match &error {
            ReceiptError::Checkpoint(why) => {
                other_log::of_receipt(receipt.checkpoint().as_bytes(), policy, why)
            }
            _ => None,
        };
        refused(error, other)
    })
}

/// What the receipt of the entry at that index proves.
pub(crate) fn receipt_at(source: &Source, policy: &Policy, index: u64) -> Result<Proved, NoReceipt> {
    let path = format!("api/v1/receipts/{index}");
    let bytes = source.get(&path, RECEIPT_MAX as u64)?.ok_or(NoReceipt::Absent)?;
    let proved = proved_by(&bytes, policy).map_err(NoReceipt::Refused)?;
    match proved.index().get() == index {
        true => Ok(proved),
        false => Err(NoReceipt::OfAnother),
    }
}
