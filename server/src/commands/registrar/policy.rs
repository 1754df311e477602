//! `glasshouse registrar policy`: the rules of the log, from here on.

use std::path::PathBuf;

use clap::Args;
use glasshouse_ledger::registrar::policy;

use super::{Desk, put_on_record, report};
use crate::commands::{CommandError, small_file};

/// Put the log's rules on record, as text: they hold from that entry on.
///
/// The rules before stay on record, with the genesis or the statement that brought them. The text is public and can be
/// erased like any other. Running it again puts the same rules on record again.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse registrar policy --log https://ledger.example --registrar-key registrar.pem --text rules.txt"
)]
pub(super) struct Policy {
    #[command(flatten)]
    desk: Desk,

    /// File with the rules in words: at most 65,536 characters.
    #[arg(long, value_name = "FILE")]
    text: PathBuf,

    /// How to reach the operator.
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
}

impl Policy {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let rules = small_file::read_text(&self.text, small_file::RULES_MAX)?;
        let (log, author) = self.desk.open(json)?;
        let filed = put_on_record(&log, &author, &policy(&rules, self.contact.as_deref()))?;
        report(json, "policy", "these rules hold from here on", &filed);
        Ok(())
    }
}
