//! `evidence`: that a file proves a log's contradiction.

use std::path::PathBuf;

use clap::Args;
use glasshouse_verifier::bounds::EVIDENCE_MAX;
use glasshouse_verifier::evidence::{EvidenceError, Fork};

use crate::answer::{Answer, Trouble, Verdict};
use crate::input::read_text;
use crate::trust::log_key;

const EXAMPLE: &str = "\
Example:
  glasshouse-verify evidence glasshouse-evidence-1f0c44a9.json --log-key ./ledger.vkey";

/// Check that a file proves that the log signed two histories.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The file that another task saved.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The log's verifier key, or a file that holds it (a value with '/' and without '+' is a file).
    #[arg(long, value_name = "VKEY")]
    log_key: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Answer, Trouble> {
    let key = log_key(&arguments.log_key)?;
    let text = read_text(&arguments.file, EVIDENCE_MAX)?;
    Ok(match Fork::parse(text.strip_suffix('\n').unwrap_or(&text), &key) {
        Ok(fork) => {
            let (old, new) = (fork.older().head(), fork.newer().head());
            let sentence = format!(
                "{} signed a tree of {} entries and one of {} that exclude each other",
                key.name(),
                old.size(),
                new.size()
            );
            Answer::new(Verdict::Holds, sentence)
                .line(format!("older root  {}", old.root()))
                .line(format!("newer root  {}", new.root()))
        }
        Err(error @ EvidenceError::NotUnderstood(_)) => Answer::new(Verdict::NotUnderstood, error),
        Err(error) => Answer::new(Verdict::DoesNotHold, error),
    })
}
