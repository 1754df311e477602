//! `glasshouse witness adopt`: a copied or restored folder becomes the witness's again.

use std::path::PathBuf;

use clap::Args;
use glasshouse_ledger::witness::folder::WitnessFolder;
use glasshouse_verifier::bounds::NOTE_MAX;
use serde_json::json;

use crate::commands::standard_output::say;
use crate::commands::{CommandError, aside, small_file};

/// Take a folder that was copied or restored for the witness's own again.
///
/// A witness that goes on from an old copy could sign two roots for one size. So give every checkpoint with its
/// cosignature that anyone has: the logs publish them. The newest of each log is its state then. A log of which nobody
/// can show the newest is better left out of what this witness watches, or asked of a new witness.
///
/// Run it after every restore, also where the witness would start without: files that were put back are noticed, a whole
/// file system, disk or virtual machine that was set back to a snapshot is not.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  curl -fsS https://log.example/checkpoint -o checkpoint.txt\n  glasshouse witness adopt --dir w1 --seen checkpoint.txt\n\nNothing is signed. Stop the witness on the other copy first, for ever: two of them make two histories."
)]
pub(super) struct Adopt {
    /// The folder.
    #[arg(long, value_name = "D")]
    dir: PathBuf,

    /// File with a checkpoint that this witness cosigned; may be given more than once.
    #[arg(long, value_name = "FILE")]
    seen: Vec<PathBuf>,
}

impl Adopt {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let mut seen = Vec::new();
        for path in &self.seen {
            seen.push((path.display().to_string(), small_file::read(path, NOTE_MAX)?));
        }
        if seen.is_empty() && !json {
            aside::tell(
                "note: nobody was asked what this witness has signed (--seen): whatever it signed after this copy was made may be contradicted",
            );
        }
        let (adopted, lost) = WitnessFolder::at(&self.dir).adopt(&seen)?;
        let logs: Vec<serde_json::Value> = adopted
            .values()
            .map(|record| {
                let (size, root) = (record.head().size().get(), record.head().root().to_base64());
                json!({"origin": record.checkpoint().origin(), "size": size, "root": root, "time": record.time().get()})
            })
            .collect();
        if json {
            say!("{}", json!({"event": "adopted", "dir": self.dir, "logs": logs, "lost": lost}));
            return Ok(());
        }
        for record in adopted.values() {
            say!("{}: size {}", record.checkpoint().origin(), record.head().size());
        }
        for origin in lost {
            say!(
                "{origin}: lost; nothing is signed for it until a checkpoint that was cosigned is shown (--seen)"
            );
        }
        say!("{} is the witness's folder now", self.dir.display());
        Ok(())
    }
}
