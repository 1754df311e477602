//! What a reader kept of a log and wants to be compared: older checkpoints, and receipts.

use glasshouse_verifier::bounds::NOTE_MAX;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::proved_entry::ProvedEntry;
use glasshouse_verifier::receipt::{RECEIPT_MAX, Receipt};

use crate::answer::Trouble;
use crate::input::read;
use crate::log::Arguments;
use crate::session::Session;

/// The older checkpoints that were given.
pub(crate) fn read_old(
    arguments: &Arguments,
    newest: &SignedCheckpoint,
) -> Result<Vec<SignedCheckpoint>, Trouble> {
    let mut older = Vec::new();
    for path in &arguments.old {
        // The log's own signature convicts it; whether witnesses signed what it signed before does not matter.
        let old = SignedCheckpoint::open(&read(path, NOTE_MAX)?, newest.log());
        older.push(old.map_err(|error| {
            let origin = newest.checkpoint().origin();
            Trouble(format!("{}: not a checkpoint that {origin} signed: {error}", path.display()))
        })?);
    }
    Ok(older)
}

/// The entries of receipts, and their checkpoints.
pub(crate) fn read_receipts(arguments: &Arguments, session: &mut Session) -> Result<(), Trouble> {
    for path in &arguments.receipt {
        let trouble = |why: &dyn std::fmt::Display| Trouble(format!("{}: {why}", path.display()));
        let receipt = Receipt::parse(&read(path, RECEIPT_MAX)?).map_err(|error| trouble(&error))?;
        let checkpoint = SignedCheckpoint::open(receipt.checkpoint().as_bytes(), session.newest().log())
            .map_err(|error| trouble(&error))?;
        for item in receipt.entries() {
            let (entry, path) = (item.entry.clone(), item.path.clone());
            let proved = ProvedEntry::new(checkpoint.clone(), item.index, entry, path);
            session.audit.kept.add(proved.map_err(|error| trouble(&error))?);
        }
        session.in_hand.push(checkpoint);
    }
    Ok(())
}
