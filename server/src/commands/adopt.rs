//! `glasshouse adopt`: a copied or restored folder becomes the ledger again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use glasshouse_ledger::catch_up::Progress;
use glasshouse_ledger::ledger::{Adopted, Ledger, OpenOptions};
use glasshouse_ledger::log_key_files::read_vkey;
use glasshouse_ledger::mirror::Mirror;
use glasshouse_ledger::open::Hold;
use glasshouse_ledger::witnessing::Publication;
use glasshouse_verifier::bounds::NOTE_MAX;
use glasshouse_verifier::vkey::Vkey;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::CommandError;
use crate::client::mirror::RemoteMirror;
use crate::client::{Client, Patience};
use crate::commands::standard_output::say;
use crate::commands::{aside, small_file, witnessing};
use crate::system_clock::SystemClock;
use crate::witnesses::acquaintances::Acquaintances;
use crate::witnesses::seen::{Told, ask_all};

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

    /// Adopt although nobody showed a checkpoint: no file, no mirror, no witness. Only where nothing that this ledger signed can
    /// have left this machine since the copy was made: else the next statement makes a second history.
    #[arg(long)]
    nobody_else_has_seen_it: bool,

    /// Adopt although witnesses of --policy do not say what they have seen. Only where they can have seen nothing that others
    /// have not shown.
    #[arg(long, requires = "policy")]
    pass_over_silent_witnesses: bool,

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
        // A folder without a ledger is wrong usage, whatever else was given or not.
        let log = read_vkey(&self.dir)?;
        let mut seen = Vec::new();
        for path in &self.seen {
            seen.push(small_file::read(path, NOTE_MAX)?);
        }
        let mut notes = Vec::new();
        if let Some(path) = &self.policy {
            let told = self.ask_witnesses(path, &log)?;
            if !told.silent.is_empty() {
                notes.push(format!("passed over: {}", told.who_is_silent()));
            }
            seen.extend(told.shown.into_iter().map(|testimony| testimony.note));
        }
        let mut mirrors = Vec::new();
        for url in &self.mirror {
            mirrors.push(RemoteMirror::new(Client::new(url, Patience::default())?));
        }
        let mirrors: Vec<&dyn Mirror> = mirrors.iter().map(|mirror| mirror as &dyn Mirror).collect();
        if seen.is_empty() && mirrors.is_empty() {
            self.check_alone()?;
            notes.push(
                "nobody showed a checkpoint: if anybody has a newer one, it will be contradicted".to_owned(),
            );
        }
        if !json {
            notes.iter().for_each(|note| aside::tell(&format!("note: {note}")));
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
            let remarks: Vec<&String> = notes.iter().chain(&opened.remarks).collect();
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

    /// What the witnesses have seen; all of them must say it, unless those who do not are to be passed over.
    fn ask_witnesses(&self, policy: &Path, log: &Vkey) -> Result<Told, CommandError> {
        let witnesses = witnessing::read(policy, &self.dir, false)?;
        let here = Acquaintances::read(&self.dir, log, &witnesses.policy);
        let here = here.map_err(CommandError::io(self.dir.display().to_string()))?;
        let told = ask_all(&witnesses.policy, log, &here, witnesses.timeout);
        if told.silent.is_empty() || self.pass_over_silent_witnesses {
            return Ok(told);
        }
        Err(CommandError::Refused(format!(
            "{} of {} witnesses do not say what they have seen of this ledger, so nothing was adopted. {}. Wait for them; if \
             they can have seen nothing that others have not shown, --pass-over-silent-witnesses goes on without",
            told.silent.len(),
            told.asked,
            told.who_is_silent()
        )))
    }

    /// Refuses to go on by this folder's word alone, unless somebody says that this is right.
    fn check_alone(&self) -> Result<(), CommandError> {
        match self.nobody_else_has_seen_it {
            true => Ok(()),
            false => Err(CommandError::Refused(
                "nobody showed what they have seen of this ledger, so nothing was adopted: if anybody has a newer checkpoint than \
                 this folder, the next statement would contradict it, and nothing repairs that. Give the checkpoints of readers, \
                 mirrors and witnesses (--seen, --mirror, --policy); if nothing can have left this machine since the copy was \
                 made, --nobody-else-has-seen-it says so"
                    .to_owned(),
            )),
        }
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
