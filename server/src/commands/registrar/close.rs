//! `glasshouse registrar close`: the log takes nothing more.

use clap::Args;
use glasshouse_ledger::registrar::closure;
use glasshouse_verifier::origin::Origin;

use super::{Desk, put_on_record, report};
use crate::commands::CommandError;

/// Close a log for good: nothing follows but redactions, ends of keys, and ticks.
///
/// There is no way back. The log stays as it is, for as long as somebody serves it; receipts stay good.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse registrar close --log https://ledger.example --registrar-key registrar.pem \\\n    --reason \"The operator moves.\" --successor ledger2.example --yes-close-for-good"
)]
pub(super) struct Close {
    #[command(flatten)]
    desk: Desk,

    /// Why, in words: at most 2,000 characters, for whoever reads the log.
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// Origin of the log that goes on in its place.
    #[arg(long, value_name = "ORIGIN")]
    successor: Option<String>,

    /// That you know that a closed log cannot be opened again.
    #[arg(long, required = true)]
    yes_close_for_good: bool,
}

impl Close {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let successor = self.successor.as_deref().map(|text| {
            Origin::parse(text).map_err(|error| CommandError::Usage(format!("--successor {text}: {error}")))
        });
        let successor = successor.transpose()?;
        let (log, author) = self.desk.open(json)?;
        let filed = put_on_record(&log, &author, &closure(&self.reason, successor.as_ref()))?;
        report(json, "closed", "the log is closed", &filed);
        Ok(())
    }
}
