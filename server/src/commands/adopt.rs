//! `glasshouse adopt`: a copied or restored folder becomes the ledger again.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use glasshouse_ledger::ledger::{Ledger, OpenOptions};
use serde_json::json;

use super::CommandError;
use crate::client::log::RemoteLog;
use crate::client::{Client, Patience};
use crate::system_clock::SystemClock;

/// Take a folder that was copied or restored for the ledger's own again.
///
/// A ledger that goes on from an old copy would contradict what it signed since. So the folder must hold everything up to
/// the newest checkpoint that anyone can show: give every checkpoint that witnesses, mirrors and readers have.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse adopt --dir ledger --mirror https://mirror.example --seen checkpoint-from-a-reader.txt\n\nNothing is signed. Stop every other server of this ledger first: two of them make two histories."
)]
pub struct Adopt {
    /// The folder.
    #[arg(long, value_name = "D")]
    dir: PathBuf,

    /// File with a checkpoint of this ledger that somebody has; may be given more than once.
    #[arg(long, value_name = "FILE")]
    seen: Vec<PathBuf>,

    /// URL of a mirror or follower whose newest checkpoint counts as well; may be given more than once.
    #[arg(long, value_name = "URL")]
    mirror: Vec<String>,
}

impl Adopt {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let mut seen = Vec::new();
        for path in &self.seen {
            seen.push(std::fs::read(path).map_err(CommandError::io(path.display().to_string()))?);
        }
        for url in &self.mirror {
            // A mirror that does not answer stops the command: what it has seen is not known then.
            seen.push(RemoteLog::new(Client::new(url, Patience::default())?).checkpoint()?);
        }
        if seen.is_empty() && !json {
            eprintln!(
                "note: nobody was asked what they have seen of this ledger (--seen, --mirror): if anybody has a newer checkpoint, it will be contradicted"
            );
        }
        let options = OpenOptions { folder: self.dir.clone(), clock: Arc::new(SystemClock), seen };
        let opened = Ledger::adopt(&options)?;
        let head = opened.reader.head();
        let (size, root) = (head.size(), head.root().to_hex());
        if json {
            let remarks = &opened.remarks;
            println!(
                "{}",
                json!({"event": "adopted", "dir": self.dir, "size": size.get(), "root": root, "remarks": remarks})
            );
            return Ok(());
        }
        for remark in &opened.remarks {
            println!("note: {remark}");
        }
        println!("{} is the ledger now: tree of size {size} with root {root}", self.dir.display());
        Ok(())
    }
}
