//! The newest checkpoint and the sizes that may be asked for under it.

use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::size::{SizeError, TreeSize};

use crate::problem::Problem;

/// The newest checkpoint, read once for one answer: size and note belong together.
#[derive(Debug)]
pub(crate) struct Newest {
    /// The signed note.
    pub(crate) note: String,
    size: TreeSize,
}

impl Newest {
    /// Reads it.
    ///
    /// # Errors
    /// `internal`, if the ledger's own checkpoint does not verify.
    pub(crate) fn of(reader: &Reader) -> Result<Newest, Problem> {
        let note = reader.checkpoint_note();
        let signed =
            SignedCheckpoint::open(note.as_bytes(), reader.vkey()).map_err(|e| Problem::internal(&e))?;
        Ok(Newest { size: signed.head().size(), note })
    }

    /// A size that was asked for, or the newest one.
    ///
    /// # Errors
    /// `bad-request`, if the published tree is smaller.
    pub(crate) fn at_most(&self, name: &str, asked: Option<TreeSize>) -> Result<TreeSize, Problem> {
        let size = asked.unwrap_or(self.size);
        if size > self.size {
            let allowed = format!("at most the published size, {}", self.size);
            return Err(Problem::of_parameter(name, "out-of-range", &size.to_string(), &allowed));
        }
        Ok(size)
    }
}

/// Reads a number from a query.
///
/// # Errors
/// `bad-request`.
pub(crate) fn number<T>(
    name: &str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, SizeError>,
) -> Result<T, Problem> {
    parse(text).map_err(|error| Problem::of_parameter(name, "grammar", text, &error.to_string()))
}

/// A parameter that must be there.
///
/// # Errors
/// `bad-request`.
pub(crate) fn required(name: &str, given: Option<String>) -> Result<String, Problem> {
    given.ok_or_else(|| Problem::of_parameter(name, "required", "", "this parameter must be given"))
}
