//! `glasshouse registrar tick`: time is put into the log.

use clap::Args;
use glasshouse_ledger::registrar::tick;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::vkey::Vkey;

use super::{Desk, put_on_record, report};
use crate::commands::CommandError;

/// Put the newest cosigned checkpoint on record: what stands before it was logged before its witnesses signed, and what
/// follows the tick after.
///
/// The log's checkpoint is taken as it is served. One without any cosignature bounds nothing, and is refused. A ledger with
/// the registrar's key at hand does this by itself, once a minute: `glasshouse serve --registrar-key`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse registrar tick --log https://ledger.example --registrar-key registrar.pem"
)]
pub(super) struct Tick {
    #[command(flatten)]
    desk: Desk,
}

impl Tick {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let (log, author) = self.desk.open(json)?;
        let (note, vkey) = (log.checkpoint()?, log.identity()?.vkey);
        let refused =
            |error: &dyn std::fmt::Display| CommandError::Refused(format!("{}: {error}", log.url()));
        let vkey = Vkey::parse(&vkey).map_err(|error| refused(&error))?;
        let signed = SignedCheckpoint::open(&note, &vkey).map_err(|error| refused(&error))?;
        if signed.note().signatures().iter().all(|line| line.name() == vkey.name()) {
            return Err(refused(&"the checkpoint has no cosignature, so it would bound nothing"));
        }
        let filed = put_on_record(&log, &author, &tick(&signed.note_text()))?;
        let done = format!("the checkpoint of size {} is on record", signed.head().size());
        report(json, "ticked", &done, &filed);
        Ok(())
    }
}
