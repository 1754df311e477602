//! That a checkpoint which a policy does not trust is of another log: a wrong URL, policy or file is the usual reason, and is said
//! beside the failure.

use glasshouse_verifier::checkpoint::CheckpointError;
use glasshouse_verifier::note::NoteError;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::policy::{Policy, TrustError};

/// What is said of a served checkpoint that is not of the log that is meant.
pub(crate) fn served(note: &[u8], meant: &str, error: &TrustError) -> Option<String> {
    let shown = origin_of(note)?;
    match shown.as_str() == meant {
        false => Some(format!(
            "this is another log: it is called {shown}, and you mean {meant}. Is the URL right, and the policy?"
        )),
        true if is_of_no_key(error) => Some(format!("it is called {meant}, and {NO_KEY}")),
        true => None,
    }
}

/// What is said of a receipt's checkpoint that is not of a log of the policy.
pub(crate) fn of_receipt(note: &[u8], policy: &Policy, error: &TrustError) -> Option<String> {
    let shown = origin_of(note)?;
    let mut known: Vec<&str> = policy.logs().iter().map(|log| log.key().name()).collect();
    known.sort_unstable();
    known.dedup();
    match known.contains(&shown.as_str()) {
        false => Some(format!(
            "the receipt is of the log {shown}, and you trust {}. Is it the right file, and the right policy or key?",
            known.join(", ")
        )),
        true if is_of_no_key(error) => {
            Some(format!("the receipt is of a log that is called {shown}, and {NO_KEY}"))
        }
        true => None,
    }
}

/// One name, and another key.
const NO_KEY: &str = "none of the keys that you trust signed it: another log under that name, or one that was made anew. Ask its operator, \
     and not this server, which key is right";

fn origin_of(note: &[u8]) -> Option<Origin> {
    let first = note.split(|byte| *byte == b'\n').next()?;
    Origin::parse(std::str::from_utf8(first).ok()?).ok()
}

fn is_of_no_key(error: &TrustError) -> bool {
    matches!(error, TrustError::Checkpoint(CheckpointError::Note(NoteError::NoKnownKey)))
}
