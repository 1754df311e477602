//! `glasshouse adopt`: a copied or restored folder becomes the ledger again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use glasshouse_ledger::catch_up::Progress;
use glasshouse_ledger::ledger::{Adopted, Ledger, OpenOptions};
use glasshouse_ledger::log_key_files::read_vkey;
use glasshouse_ledger::mirror::Mirror;
use glasshouse_ledger::open::Hold;
use glasshouse_ledger::witnessing::Publication;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::CommandError;
use crate::client::mirror::RemoteMirror;
use crate::client::{Client, Patience};
use crate::commands::standard_output::say;
use crate::commands::{aside, witnessing};
use crate::system_clock::SystemClock;
use crate::witnesses::seen::ask_all;

/// Take a folder that was copied or restored for the ledger's own again.
///
/// A ledger that goes on from an old copy would contradict what it signed since. So the folder must hold everything up to
/// the newest checkpoint that anyone can show: give every checkpoint that witnesses, mirrors and readers have. What a
/// mirror has beyond the folder is fetched from it, entries and texts, and checked against the log's own signature; at
/// most 65,536 entries and 128 MiB from one checkpoint to the next, and more only with a copy of the mirror's files.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  glasshouse adopt --dir ledger --mirror https://mirror.example --seen checkpoint-from-a-reader.txt\n\nNo new tree is signed. Killed at any moment, it can be run again. Stop every other server of this ledger first: two of them make two histories."
)]
pub struct Adopt {
    /// The folder.
    #[arg(long, value_name = "D")]
    dir: PathBuf,

    /// File with a checkpoint of this ledger that somebody has; may be given more than once.
    #[arg(long, value_name = "FILE")]
    seen: Vec<PathBuf>,

    /// URL of a mirror whose newest checkpoint counts, and from which the folder catches up; may be given more than once.
    #[arg(long, value_name = "URL")]
    mirror: Vec<String>,

    /// Policy file with this log's witnesses and their URLs; each is asked for the newest checkpoint that it has signed, and
    /// that counts like --seen.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl Adopt {
    pub(super) fn run(&self, json: bool) -> Result<(), CommandError> {
        let mut seen = Vec::new();
        for path in &self.seen {
            seen.push(std::fs::read(path).map_err(CommandError::io(path.display().to_string()))?);
        }
        if let Some(path) = &self.policy {
            let witnesses = witnessing::read(path, &self.dir, false)?;
            let log = read_vkey(&self.dir)?;
            let shown = ask_all(&witnesses.policy, &log, witnesses.timeout);
            seen.extend(shown.into_iter().map(|testimony| testimony.note));
        }
        let mut mirrors = Vec::new();
        for url in &self.mirror {
            mirrors.push(RemoteMirror::new(Client::new(url, Patience::default())?));
        }
        let mirrors: Vec<&dyn Mirror> = mirrors.iter().map(|mirror| mirror as &dyn Mirror).collect();
        if seen.is_empty() && mirrors.is_empty() && !json {
            aside::tell(
                "note: nobody told what they have seen of this ledger (--seen, --mirror, --policy): if anybody has a newer checkpoint, it will be contradicted",
            );
        }
        let options = OpenOptions {
            folder: self.dir.clone(),
            clock: Arc::new(SystemClock),
            seen,
            hold: Hold::AsBefore,
            publication: Publication::AtOnce,
        };
        let bar = progress_bar();
        let mut watch = |progress: Progress| {
            bar.set_length(progress.of);
            bar.set_position(progress.complete);
            bar.set_message(format!("{} fetched, {} texts", progress.fetched, progress.texts));
        };
        let adopted = Ledger::adopt(&options, &mirrors, &mut watch);
        bar.finish_and_clear();
        let Adopted { opened, caught_up } = adopted?;
        let head = opened.reader.head();
        let (size, root) = (head.size(), head.root().to_hex());
        if json {
            let remarks = &opened.remarks;
            say!(
                "{}",
                json!({"event": "adopted", "dir": self.dir, "size": size.get(), "root": root, "caught_up": caught_up, "remarks": remarks})
            );
            return Ok(());
        }
        for remark in &opened.remarks {
            say!("note: {remark}");
        }
        if caught_up > 0 {
            say!("{caught_up} entries were caught up from a mirror");
        }
        say!("{} is the ledger now: tree of size {size} with root {root}", self.dir.display());
        Ok(())
    }
}

/// How many entries have come with their texts. Drawn only where standard error is a terminal.
fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} entries, {msg} ({eta} left)") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
