//! `glasshouse export`: a log in the formats of others.

mod dsa_tdb;

use clap::{Args, Subcommand};

use self::dsa_tdb::ExportDsaTdb;
use super::CommandError;

/// Write a log in the format of another register or report.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  glasshouse export dsa-tdb --dir ledger --out dumps")]
pub struct Export {
    #[command(subcommand)]
    to: To,
}

#[derive(Debug, Subcommand)]
enum To {
    DsaTdb(Box<ExportDsaTdb>),
}

impl Export {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        match &self.to {
            To::DsaTdb(command) => command.run(json),
        }
    }
}
