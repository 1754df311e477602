//! `glasshouse export`: a log in the formats of others.

mod annex1;
mod dsa_tdb;
mod unfinished;

use clap::{Args, Subcommand};

use self::annex1::ExportAnnex1;
use self::dsa_tdb::ExportDsaTdb;
use super::CommandError;

/// Write a log in the format of another register or report.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  glasshouse export dsa-tdb --dir ledger --out dumps\n  glasshouse export annex1 --dir ledger --from 2025-07-01 --to 2025-12-31 --out report"
)]
pub struct Export {
    #[command(subcommand)]
    to: To,
}

#[derive(Debug, Subcommand)]
enum To {
    DsaTdb(Box<ExportDsaTdb>),
    Annex1(Box<ExportAnnex1>),
}

impl Export {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        match &self.to {
            To::DsaTdb(command) => command.run(json),
            To::Annex1(command) => command.run(json),
        }
    }
}
