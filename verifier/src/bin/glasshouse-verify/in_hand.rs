//! What a reader kept of a log and wants to be compared: older checkpoints, and receipts.

use glasshouse_verifier::bounds::NOTE_MAX;
use glasshouse_verifier::checkpoint::{CheckpointError, SignedCheckpoint};
use glasshouse_verifier::note::NoteError;
use glasshouse_verifier::proved_entry::ProvedEntry;
use glasshouse_verifier::receipt::{RECEIPT_MAX, Receipt};

use crate::answer::Trouble;
use crate::audit_arguments::AuditArguments;
use crate::audit_state::kept_notes;
use crate::input::read;
use crate::session::Session;

/// The older checkpoints that were given, in files or in the states of earlier audits.
pub(crate) fn read_old(
    arguments: &AuditArguments,
    session: &Session,
) -> Result<Vec<SignedCheckpoint>, Trouble> {
    let mut older = Vec::new();
    for path in &arguments.old {
        let notes = match path.is_dir() {
            true => kept_notes(path)?.into_iter().map(String::into_bytes).collect(),
            false => vec![read(path, NOTE_MAX)?],
        };
        for note in notes {
            let old = open_kept(&note, session);
            older.push(old.map_err(|error| {
                let origin = session.newest().checkpoint().origin();
                Trouble(format!("{}: not a checkpoint that {origin} signed: {error}", path.display()))
            })?);
        }
    }
    Ok(older)
}

/// A checkpoint that a reader kept, under any of the keys that the policy names of the log: it may have changed its key since.
/// The log's own signature convicts it; whether witnesses signed what it signed before does not matter.
fn open_kept(note: &[u8], session: &Session) -> Result<SignedCheckpoint, CheckpointError> {
    let meant = session.newest().checkpoint().origin().as_str();
    let mut opened = Err(NoteError::NoKnownKey.into());
    for key in session.audit.ticks.policy().log_keys(meant) {
        opened = SignedCheckpoint::open(note, key);
        if !matches!(opened, Err(CheckpointError::Note(NoteError::NoKnownKey))) {
            break;
        }
    }
    opened
}

/// The entries of receipts, and their checkpoints.
pub(crate) fn read_receipts(arguments: &AuditArguments, session: &mut Session) -> Result<(), Trouble> {
    for path in &arguments.receipt {
        let trouble = |why: &dyn std::fmt::Display| Trouble(format!("{}: {why}", path.display()));
        let receipt = Receipt::parse(&read(path, RECEIPT_MAX)?).map_err(|error| trouble(&error))?;
        let checkpoint =
            open_kept(receipt.checkpoint().as_bytes(), session).map_err(|error| trouble(&error))?;
        for item in receipt.entries() {
            let (entry, path) = (item.entry.clone(), item.path.clone());
            let proved = ProvedEntry::new(checkpoint.clone(), item.index, entry, path);
            session.audit.kept.add(proved.map_err(|error| trouble(&error))?);
        }
        session.in_hand.push(checkpoint);
    }
    Ok(())
}
