//! `glasshouse openapi`: the description of the HTTP interface.

use std::path::PathBuf;

use clap::Args;

use super::CommandError;
use crate::commands::standard_output;
use crate::openapi;

/// Write the OpenAPI description of the HTTP interface.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  glasshouse openapi --out server/openapi.json")]
pub struct Openapi {
    /// File to write; standard output if not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Openapi {
    pub(super) fn run(&self) -> Result<(), CommandError> {
        let text = openapi::generate_text().map_err(|error| CommandError::Refused(error.to_string()))?;
        match &self.out {
            None => standard_output::text(format_args!("{text}")),
            Some(path) => std::fs::write(path, text).map_err(CommandError::io(path.display().to_string()))?,
        }
        Ok(())
    }
}
