//! `glasshouse witness init`: a new witness.

use std::path::PathBuf;

use clap::Args;
use glasshouse_ledger::witness::folder::WitnessFolder;
use glasshouse_verifier::vkey::Vkey;
use serde_json::json;

use super::{end_of, policy_lines};
use crate::commands::CommandError;
use crate::commands::standard_output::say;

/// Make a new witness: its folder and its two keys, which sign nothing but cosignatures.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse witness init --dir w1 --name witness.example/w1\n\nwrites w1/witness.key and w1/witness.ml-dsa-44.key (PKCS#8, mode 0600) and w1/witness.vkey, and prints a line for policies\nfor the one, and how to write that for the other, which is long. A policy takes either or both. A folder that holds a witness is refused: its keys and its state belong\ntogether for ever."
)]
pub(super) struct Init {
    /// The witness's folder; made if it is not there.
    #[arg(long, value_name = "D")]
    dir: PathBuf,

    /// The witness's name, as it stands before every cosignature: best a URL without scheme that nobody else has.
    #[arg(long, value_name = "NAME")]
    name: String,
}

/// Longer lines are for programs.
const READ_BY_PEOPLE: usize = 400;

impl Init {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let vkeys = WitnessFolder::at(&self.dir).init(&self.name)?;
        let policy = policy_lines(&vkeys);
        let vkeys: Vec<String> = vkeys.iter().map(Vkey::encode).collect();
        if json {
            say!(
                "{}",
                json!({"event": "initialised", "dir": self.dir, "name": self.name, "vkeys": vkeys, "policy": policy})
            );
            return Ok(());
        }
        let dir = self.dir.display();
        say!("a new witness lies in {dir}; its two keys for policies are the lines of {dir}/witness.vkey");
        // An ML-DSA-44 key has 1,800 characters: a shell is told where it lies.
        for line in policy.iter().filter(|line| line.len() <= READ_BY_PEOPLE) {
            say!("policy  {line}");
        }
        say!(
            "or      echo \"witness {}-ml-dsa-44 $(tail -1 {dir}/witness.vkey)\" >> POLICY",
            end_of(&self.name)
        );
        say!("next    glasshouse witness serve --dir {dir} --policy FILE");
        Ok(())
    }
}
