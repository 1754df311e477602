//! `glasshouse witness`: a witness of logs.

mod adopt;
mod init;
mod serve;
mod status;

use clap::{Args, Subcommand};
use glasshouse_ledger::place::PlaceError;
use glasshouse_ledger::store::StoreError;
use glasshouse_ledger::witness::WitnessOpenError;
use glasshouse_ledger::witness::folder::WitnessFolderError;
use glasshouse_verifier::vkey::{Vkey, VkeyKind};

use super::CommandError;

/// Make, run or look at a witness: it cosigns what logs sign, as long as they never contradict themselves.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  glasshouse witness init --dir w1 --name witness.example/w1\n  glasshouse witness serve --dir w1 --policy policy.txt --listen 127.0.0.1:8181"
)]
pub struct WitnessCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    Init(init::Init),
    Serve(serve::Serve),
    Status(status::Status),
    Adopt(adopt::Adopt),
}

impl WitnessCommand {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        match &self.act {
            Act::Init(act) => act.run(json),
            Act::Serve(act) => act.run(json),
            Act::Status(act) => act.run(json),
            Act::Adopt(act) => act.run(json),
        }
    }
}

impl From<WitnessFolderError> for CommandError {
    fn from(error: WitnessFolderError) -> CommandError {
        match error {
            WitnessFolderError::Name(_)
            | WitnessFolderError::None(_)
            | WitnessFolderError::Open(WitnessOpenError::Logs(_)) => CommandError::Usage(error.to_string()),
            WitnessFolderError::Store(StoreError::Held(_) | StoreError::Later { .. })
            | WitnessFolderError::Open(WitnessOpenError::Store(
                StoreError::Held(_) | StoreError::Later { .. },
            )) => CommandError::Refused(error.to_string()),
            WitnessFolderError::Key(error) => error.into(),
            WitnessFolderError::Place(PlaceError::Io { .. })
            | WitnessFolderError::Store(_)
            | WitnessFolderError::Open(WitnessOpenError::Store(_))
            | WitnessFolderError::Io { .. } => CommandError::Io {
                what: "witness".to_owned(),
                source: std::io::Error::other(error.to_string()),
            },
            error => CommandError::Refused(error.to_string()),
        }
    }
}

/// What stands behind the last slash of a witness's name.
fn end_of(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

/// The lines that a policy needs to ask this witness, one for each key. The name there is the end of the witness's own, of
/// an ML-DSA-44 key with that word behind it.
fn policy_lines(vkeys: &[Vkey]) -> Vec<String> {
    let line = |vkey: &Vkey| {
        let end = end_of(vkey.name());
        let kind = if vkey.kind() == VkeyKind::MlDsa44 { "-ml-dsa-44" } else { "" };
        format!("witness {end}{kind} {}", vkey.encode())
    };
    vkeys.iter().map(line).collect()
}
