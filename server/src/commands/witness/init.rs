//! `glasshouse witness init`: a new witness.

use std::path::PathBuf;

use clap::Args;
use glasshouse_ledger::witness::folder::WitnessFolder;
use serde_json::json;

use super::policy_lines;
use crate::commands::CommandError;

/// Make a new witness: its folder and its key, which signs nothing but cosignatures.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse witness init --dir w1 --name witness.example/w1\n\nwrites w1/witness.key (PKCS#8, mode 0600) and w1/witness.vkey, and prints the line for policies. A folder that holds a\nwitness is refused: its key and its state belong together for ever."
)]
pub(super) struct Init {
    /// The witness's folder; made if it is not there.
    #[arg(long, value_name = "D")]
    dir: PathBuf,

    /// The witness's name, as it stands before every cosignature: best a URL without scheme that nobody else has.
    #[arg(long, value_name = "NAME")]
    name: String,
}

impl Init {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let vkey = WitnessFolder::at(&self.dir).init(&self.name)?;
        let policy = policy_lines(std::slice::from_ref(&vkey));
        let vkey = vkey.encode();
        if json {
            println!(
                "{}",
                json!({"event": "initialised", "dir": self.dir, "name": self.name, "vkey": vkey, "policy": policy})
            );
            return Ok(());
        }
        let dir = self.dir.display();
        println!("a new witness lies in {dir}");
        println!("vkey    {vkey}");
        for line in policy {
            println!("policy  {line}");
        }
        println!("next    glasshouse witness serve --dir {dir} --policy FILE");
        Ok(())
    }
}
