//! `glasshouse init`: a new ledger.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use glasshouse_ledger::ledger::{InitOptions, Ledger};
use glasshouse_verifier::origin::Origin;
use serde_json::json;

use super::{CommandError, small_file};
use crate::commands::standard_output::say;
use crate::system_clock::SystemClock;

/// What a ledger is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Purpose {
    /// Real decisions.
    Production,
    /// Trying things out.
    Test,
    /// Showing what a ledger does.
    Demo,
}

impl Purpose {
    fn code(self) -> &'static str {
        match self {
            Purpose::Production => "production",
            Purpose::Test => "test",
            Purpose::Demo => "demo",
        }
    }
}

/// Make a new ledger: its keys, its first entry, its policy file.
///
/// The ledger's own keys lie in the folder (mode 0600); the registrar's key, which admits providers, lies elsewhere. It is
/// read if the file is there, else made. An origin is good for one ledger, ever.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse init --dir ledger --origin ledger.example --registrar-key registrar.pem\n\nwrites ledger/log.key, ledger/log.vkey, ledger/log.ml-dsa-44.key, ledger/log.ml-dsa-44.vkey, ledger/receipt.key,\nledger/policy.txt, the genesis entry, registrar.pem and registrar.pem.next (the registrar's next key, announced in the genesis: keep it apart)."
)]
pub struct Init {
    /// The ledger's folder; made if it is not there. One that holds a ledger is refused.
    #[arg(long, value_name = "D")]
    dir: PathBuf,

    /// The ledger's public URL without scheme: host, maybe port and path.
    #[arg(long, value_name = "ORIGIN")]
    origin: String,

    /// The registrar's key, outside the folder.
    #[arg(long, value_name = "F")]
    registrar_key: PathBuf,

    /// What the ledger is for; readers are told. `production` is for when the formats are frozen.
    #[arg(long, value_enum, default_value = "test")]
    purpose: Purpose,

    /// File with the ledger's rules in words, for readers.
    #[arg(long, value_name = "FILE")]
    policy_text: Option<PathBuf>,

    /// How to reach the operator.
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
}

impl Init {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let origin = Origin::parse(&self.origin)
            .map_err(|error| CommandError::Usage(format!("--origin {}: {error}", self.origin)))?;
        let policy = match &self.policy_text {
            Some(path) => Some(small_file::read_text(path, small_file::RULES_MAX)?),
            None => None,
        };
        let options = InitOptions {
            folder: self.dir.clone(),
            origin,
            registrar_key: self.registrar_key.clone(),
            purpose: self.purpose.code().to_owned(),
            policy,
            contact: self.contact.clone(),
        };
        let vkey = Ledger::init(&options, Arc::new(SystemClock))?.encode();
        let dir = self.dir.display();
        if json {
            let answer =
                json!({"event": "initialised", "dir": self.dir, "origin": self.origin, "vkey": vkey});
            say!("{answer}");
        } else {
            say!("a new ledger lies in {dir}");
            say!("origin     {}", self.origin);
            say!("vkey       {vkey}");
            say!("policy     {}", self.dir.join("policy.txt").display());
            say!("registrar  {}", self.registrar_key.display());
            say!("next       glasshouse serve --dir {dir}");
        }
        Ok(())
    }
}
