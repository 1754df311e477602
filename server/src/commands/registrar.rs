//! `glasshouse registrar`: what the registrar says about the log itself, and about providers that contradict themselves.

mod close;
mod conflicts;
mod policy;
mod rotate_key;
mod tick;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use glasshouse_ledger::author::Author;
use glasshouse_ledger::clock::Clock as _;
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::key_file;
use serde_json::json;

use super::CommandError;
use super::provider::{Filed, file, log, origin_of, registrar};
use crate::client::log::RemoteLog;
use crate::commands::standard_output::say;
use crate::system_clock::SystemClock;

/// Change the registrar's key, set rules, put conflicts or the time on record, or close a log.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  glasshouse registrar rotate-key --log https://ledger.example --registrar-key registrar.pem\n  glasshouse registrar conflicts --log https://ledger.example --registrar-key registrar.pem"
)]
pub struct Registrar {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    RotateKey(rotate_key::RotateKey),
    Policy(policy::Policy),
    Close(close::Close),
    Conflicts(conflicts::Conflicts),
    Tick(tick::Tick),
}

impl Registrar {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        match &self.act {
            Act::RotateKey(command) => command.run(json),
            Act::Policy(command) => command.run(json),
            Act::Close(command) => command.run(json),
            Act::Conflicts(command) => command.run(json),
            Act::Tick(command) => command.run(json),
        }
    }
}

/// Which log, and the key that signs for its registrar.
#[derive(Debug, Args)]
struct Desk {
    /// The log's URL.
    #[arg(long, value_name = "URL")]
    log: String,

    /// The registrar's private key.
    #[arg(long, value_name = "F")]
    registrar_key: PathBuf,
}

impl Desk {
    /// The log and its registrar.
    fn open(&self, json: bool) -> Result<(RemoteLog, Author), CommandError> {
        let log = log(&self.log, json)?;
        let author = registrar(&origin_of(&log)?, key_file::read_pem(&self.registrar_key)?)?;
        Ok((log, author))
    }
}

/// Signs one statement of the registrar and sends it.
fn put_on_record(log: &RemoteLog, author: &Author, draft: &Draft) -> Result<Filed, CommandError> {
    file(log, author, draft, SystemClock.now_ms() / 1_000)
}

/// Says where a statement stands.
fn report(json: bool, event: &str, done: &str, filed: &Filed) {
    if json {
        let (index, leaf_hash) = (filed.index, &filed.leaf_hash);
        say!("{}", json!({"event": event, "index": index, "leaf_hash": leaf_hash}));
    } else {
        say!("{done}");
        say!("entry {}, the registrar's number {}", filed.index, filed.sequence);
    }
}
