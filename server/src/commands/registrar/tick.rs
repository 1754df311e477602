//! `glasshouse registrar tick`: time is put into the log.

use std::path::{Path, PathBuf};

use clap::Args;
use glasshouse_ledger::registrar::tick;
use glasshouse_ledger::tick_note::{NoTick, tick_note};
use glasshouse_verifier::bounds::POLICY_MAX;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::vkey::Vkey;

use super::{Desk, put_on_record, report};
use crate::commands::{CommandError, small_file};

/// Put the newest cosigned checkpoint on record: what stands before it was logged before its witnesses signed, and what
/// follows the tick after.
///
/// The log's checkpoint is taken as it is served. One without any cosignature bounds nothing, and is refused; with --policy,
/// one without that policy's quorum. Where there are more cosignatures than a tick has room for, the longest ones are left
/// out. A ledger with the registrar's key at hand does this by itself, once a minute: `glasshouse serve --registrar-key`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse registrar tick --log https://ledger.example --registrar-key registrar.pem"
)]
pub(super) struct Tick {
    #[command(flatten)]
    desk: Desk,

    /// Policy file with this log's key and its witnesses: what is logged holds under it, as it is for readers who have it.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl Tick {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let policy = self.policy.as_deref().map(read).transpose()?;
        let (log, author) = self.desk.open(json)?;
        let (note, vkey) = (log.checkpoint()?, log.identity()?.vkey);
        let refused =
            |error: &dyn std::fmt::Display| CommandError::Refused(format!("{}: {error}", log.url()));
        let vkey = Vkey::parse(&vkey).map_err(|error| refused(&error))?;
        let signed = SignedCheckpoint::open(&note, &vkey).map_err(|error| refused(&error))?;
        let note = tick_note(&signed, |note| match &policy {
            Some(policy) => {
                policy.open(note.encode().as_bytes()).is_ok_and(|trusted| !trusted.witnesses().is_empty())
            }
            None => note.signatures().iter().any(|line| line.name() != vkey.name()),
        });
        let note = note.map_err(|error| match error {
            NoTick::NotCosigned { .. } => refused(&format!("{error}. {}", advice(&signed, policy.as_ref()))),
            NoTick::NoRoom { .. } | NoTick::OurBug(_) => refused(&error),
        })?;
        let filed = put_on_record(&log, &author, &tick(&note.encode()))?;
        let done = format!("the checkpoint of size {} is on record", signed.head().size());
        report(json, "ticked", &done, &filed);
        Ok(())
    }
}

/// What whoever was refused can do.
fn advice(signed: &SignedCheckpoint, policy: Option<&Policy>) -> String {
    let refused = policy.and_then(|policy| policy.open(signed.note_text().as_bytes()).err());
    let why = refused.map_or_else(String::new, |error| format!("By the policy {error}. "));
    format!(
        "{why}Witnesses are asked where the log is served with `glasshouse serve --policy`; its /readyz and its log say which \
         of them do not sign. Run this again when they have signed"
    )
}

/// The policy in a file.
fn read(path: &Path) -> Result<Policy, CommandError> {
    let name = path.display().to_string();
    let text = small_file::read_text(path, POLICY_MAX)?;
    Policy::parse(&text).map_err(|error| CommandError::Refused(format!("{name}: {error}")))
}
