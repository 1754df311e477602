//! What an audit keeps between its runs, in a folder: the entries that it has checked (`entries`), how far it got and what
//! reading them again would not show (`state.json`), and proofs (`glasshouse-evidence-*.json`).
//!
//! At any moment the process can be killed. `state.json` is replaced whole, after the bytes that it speaks of are on the
//! disk; what lies behind these in `entries` is cut off. It is written before the first entry is, so entries without it tell of
//! its loss. It names the root of the entries whose signatures were checked, so
//! that changed bytes are noticed when they are read again, and the last checkpoint whose root they had, to which an audit
//! falls back that was served entries under no signed root: then what was found about these is forgotten with them. Proofs
//! are on the disk before a checkpoint is written down as checked ([`crate::evidence_file`]).

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::RootHash;
use glasshouse_verifier::vkey::Vkey;
use serde::{Deserialize, Serialize};

use crate::answer::{Answer, Trouble, Verdict};
use crate::copy_reader::CopyReader;
use crate::entry_file::EntryFile;
use crate::evidence_file::save;
use crate::finding::KeptFindings;
use crate::input::read;
use crate::tile_check::TilePlace;

const FORMAT: &str = "glasshouse-audit-state/2";

/// Longest state file: twice 1,000 findings and as many tiles, and 65 notes of 256 KiB.
const STATE_MAX: usize = 32 << 20;

/// Checkpoints that are kept to be compared later; then the last one of a place makes room for the next one.
const SEEN_MAX: usize = 64;

/// Of what a state of another format is.
const OTHER_VERSION: &str = "version of this program";

/// Why a state cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// The disk.
    #[error("the state: {0}")]
    Io(#[from] std::io::Error),
    /// Not what was written.
    #[error(
        "the state in {folder} is damaged: {why}. Bring it back from a backup, or begin anew in another folder, with --old for \
         each checkpoint of this log that you kept, so that it is compared"
    )]
    Damaged {
        /// Where it lies.
        folder: String,
        /// What is wrong.
        why: String,
    },
    /// Of another audit.
    #[error(
        "the state in {folder} is of another {what}: give another folder with --state and, if this one is of the same log, \
         --old {folder}, so that the checkpoints in it are compared"
    )]
    Other {
        /// Where it lies.
        folder: String,
        /// Log or policy.
        what: &'static str,
    },
    /// Two audits at once.
    #[error("the state in {0} is in use by another audit")]
    InUse(String),
}

impl StateError {
    /// A state of another format is not understood; all else is trouble.
    pub(crate) fn into_answer(self) -> Answer {
        let verdict = match &self {
            StateError::Other { what: OTHER_VERSION, .. } => Verdict::NotUnderstood,
            _ => Verdict::Trouble,
        };
        Answer::new(verdict, self)
    }
}

/// `state.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    format: String,
    log: String,
    /// SHA-256 of the policy, in hex.
    policy: String,
    reached: Reached,
    anchor: Option<Anchor>,
    seen: Vec<Seen>,
}

/// What every version of it has.
#[derive(Deserialize)]
struct FormatOnly {
    format: String,
}

/// What is read of a state that another audit goes on from: every version of it has these.
#[derive(Deserialize)]
struct KeptNotes {
    anchor: Option<KeptNote>,
    seen: Vec<KeptNote>,
}

/// A checkpoint, with what else there is about it.
#[derive(Deserialize)]
struct KeptNote {
    note: String,
}

/// The notes in the state of an audit under another policy, or of another version: the last checkpoint that was checked, and
/// those that were not compared yet.
pub(crate) fn kept_notes(folder: &Path) -> Result<Vec<String>, Trouble> {
    let path = folder.join("state.json");
    let trouble = |why: &dyn std::fmt::Display| Trouble(format!("{}: {why}", path.display()));
    let kept: KeptNotes =
        serde_json::from_slice(&read(&path, STATE_MAX)?).map_err(|error| trouble(&error))?;
    let notes: Vec<String> = kept.anchor.into_iter().chain(kept.seen).map(|kept| kept.note).collect();
    if notes.is_empty() {
        return Err(trouble(&"there is no checkpoint in it"));
    }
    Ok(notes)
}

/// Entries whose signatures were checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reached {
    size: u64,
    bytes: u64,
    root: String,
    /// Those of them whose signature does not hold.
    bad_signatures: KeptFindings,
    /// Full tiles over them that were wrong or not served.
    tiles: Vec<TilePlace>,
}

/// Entries that a signed checkpoint covers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Anchor {
    reached: Reached,
    note: String,
}

/// A checkpoint that was shown somewhere and not compared yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seen {
    /// Who showed it.
    pub(crate) from: String,
    /// The note.
    pub(crate) note: String,
}

/// A state that is open; no other process has it.
pub(crate) struct AuditState {
    folder: PathBuf,
    _lock: File,
    copy: Arc<EntryFile>,
    log: Vkey,
    saved: Saved,
    last: Instant,
    /// How much work a kill can cost, beside the batch under way.
    every: Duration,
}

impl AuditState {
    /// Opens the state of an audit, or begins one. `policy` is the digest of the reader's policy; `every`, the time between
    /// two writings.
    pub(crate) fn open(
        folder: &Path,
        log: &Vkey,
        policy: String,
        every: Duration,
    ) -> Result<AuditState, StateError> {
        let name = || folder.display().to_string();
        let unusable =
            |error: std::io::Error| std::io::Error::new(error.kind(), format!("{}: {error}", name()));
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let lock = File::create(folder.join("lock")).map_err(unusable)?;
        lock.try_lock().map_err(|_| StateError::InUse(name()))?;
        let copy = Arc::new(EntryFile::open(&folder.join("entries"))?);
        let path = folder.join("state.json");
        let saved = match path.try_exists()? {
            // It is written before the first entry is.
            false if copy.disk_length()? > 0 => {
                let why =
                    "state.json is missing, and with it what the log signed before, while entries are there";
                return Err(StateError::Damaged { folder: name(), why: why.to_owned() });
            }
            false => Saved::new(log, policy),
            true => {
                let damaged = |why: String| StateError::Damaged { folder: name(), why };
                let other = |what| Err(StateError::Other { folder: name(), what });
                let text = read(&path, STATE_MAX).map_err(|error| damaged(error.to_string()))?;
                let wrong = |error: serde_json::Error| damaged(format!("state.json: {error}"));
                if serde_json::from_slice::<FormatOnly>(&text).map_err(wrong)?.format != FORMAT {
                    return other(OTHER_VERSION);
                }
                let saved: Saved = serde_json::from_slice(&text).map_err(wrong)?;
                match () {
                    () if saved.log != log.encode() => return other("log"),
                    () if saved.policy != policy => return other("policy"),
                    () if copy.disk_length()? < saved.reached.bytes => {
                        return Err(damaged("entries are missing".to_owned()));
                    }
                    () => saved,
                }
            }
        };
        let state = AuditState {
            folder: folder.to_owned(),
            _lock: lock,
            copy,
            log: log.clone(),
            saved,
            last: Instant::now(),
            every,
        };
        state.anchored()?;
        Ok(state)
    }

    /// The entries.
    pub(crate) fn copy(&self) -> Arc<EntryFile> {
        self.copy.clone()
    }

    /// How many entries were checked.
    pub(crate) fn size(&self) -> u64 {
        self.saved.reached.size
    }

    /// How many of them the last checkpoint covers whose root they had.
    pub(crate) fn anchored_size(&self) -> u64 {
        self.saved.anchor.as_ref().map_or(0, |anchor| anchor.reached.size)
    }

    /// The entries whose signature does not hold.
    pub(crate) fn bad_signatures(&self) -> &KeptFindings {
        &self.saved.reached.bad_signatures
    }

    /// Full tiles over the entries that were wrong or not served the last time.
    pub(crate) fn tiles(&self) -> &[TilePlace] {
        &self.saved.reached.tiles
    }

    /// Reads the entries that were checked, from the first one on.
    pub(crate) fn reader(&self) -> CopyReader {
        CopyReader::new(self.copy.clone(), self.saved.reached.size)
    }

    /// That what was read is what was checked.
    pub(crate) fn check(&self, tree: &Frontier) -> Result<(), StateError> {
        let reached = &self.saved.reached;
        let same = tree.size().get() == reached.size
            && tree.root().to_hex() == reached.root
            && self.copy.length() == reached.bytes;
        if !same {
            return Err(
                self.damaged("its entries do not have the root of those that were checked".to_owned())
            );
        }
        Ok(self.copy.cut()?)
    }

    /// The last checkpoint whose root the entries had.
    pub(crate) fn anchored(&self) -> Result<Option<SignedCheckpoint>, StateError> {
        let Some(anchor) = &self.saved.anchor else { return Ok(None) };
        let opened = SignedCheckpoint::open(anchor.note.as_bytes(), &self.log);
        Ok(Some(opened.map_err(|error| self.damaged(format!("its checkpoint: {error}")))?))
    }

    /// Everything of that tree was checked, but for these tiles; it is written down now and then.
    pub(crate) fn reach(
        &mut self,
        tree: &Frontier,
        bad_signatures: &KeptFindings,
        tiles: Vec<TilePlace>,
    ) -> Result<(), StateError> {
        let (size, bytes) = (tree.size().get(), self.copy.length_of(tree.size().get())?);
        let (root, bad_signatures) = (tree.root().to_hex(), bad_signatures.clone());
        self.saved.reached = Reached { size, bytes, root, bad_signatures, tiles };
        match self.last.elapsed() >= self.every {
            true => self.write(),
            false => Ok(()),
        }
    }

    /// All of the tree of a signed checkpoint was checked, and it has that root. One that was not reached here, or passed
    /// before, changes nothing.
    pub(crate) fn anchor(&mut self, checkpoint: &SignedCheckpoint) -> Result<(), StateError> {
        let (head, reached) = (checkpoint.head(), &self.saved.reached);
        if (reached.size, &reached.root) == (head.size().get(), &head.root().to_hex()) {
            self.saved.anchor = Some(Anchor { reached: reached.clone(), note: checkpoint.note_text() });
        }
        self.write()
    }

    /// Forgets what lies behind the last signed checkpoint.
    pub(crate) fn fall_back(&mut self) -> Result<(), StateError> {
        self.saved.reached = match &self.saved.anchor {
            Some(anchor) => anchor.reached.clone(),
            None => Reached::nothing(),
        };
        self.write()
    }

    /// Writes down how far the audit got. After a kill at any point here the file is the old one or the new one, and the
    /// entries it speaks of are there.
    pub(crate) fn write(&mut self) -> Result<(), StateError> {
        self.copy.sync()?;
        let text = serde_json::to_string(&self.saved).map_err(std::io::Error::other)?;
        save(&self.folder.join("state.json"), &text)?;
        self.last = Instant::now();
        Ok(())
    }

    /// Checkpoints that were shown earlier and are not compared yet.
    pub(crate) fn seen(&self) -> Vec<(String, SignedCheckpoint)> {
        let open = |seen: &Seen| {
            let opened = SignedCheckpoint::open(seen.note.as_bytes(), &self.log).ok()?;
            Some((seen.from.clone(), opened))
        };
        self.saved.seen.iter().filter_map(open).collect()
    }

    /// Remembers a checkpoint that somebody showed, until a signed tree that covers it is checked. A larger one of the same
    /// place does not take its place: they need not be of one history.
    pub(crate) fn see(&mut self, from: &str, checkpoint: &SignedCheckpoint) {
        let (size, log) = (self.anchored_size(), self.log.clone());
        let head_of = |seen: &Seen| {
            Some(*SignedCheckpoint::open(seen.note.as_bytes(), &log).ok()?.head())
                .filter(|head| head.size().get() > size)
        };
        let seen = &mut self.saved.seen;
        seen.retain(|seen| head_of(seen).is_some());
        let new = *checkpoint.head();
        if new.size().get() <= size || seen.iter().any(|seen| head_of(seen) == Some(new)) {
            return;
        }
        if seen.len() >= SEEN_MAX {
            match seen.iter().rposition(|seen| seen.from == from) {
                Some(last) => drop(seen.remove(last)),
                None => return,
            }
        }
        seen.push(Seen { from: from.to_owned(), note: checkpoint.note_text() });
    }

    /// Where everything lies.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// That something in it is not what was written.
    pub(crate) fn damaged(&self, why: String) -> StateError {
        StateError::Damaged { folder: self.folder.display().to_string(), why }
    }
}

impl Saved {
    fn new(log: &Vkey, policy: String) -> Saved {
        Saved {
            format: FORMAT.to_owned(),
            log: log.encode(),
            policy,
            reached: Reached::nothing(),
            anchor: None,
            seen: Vec::new(),
        }
    }
}

impl Reached {
    fn nothing() -> Reached {
        Reached {
            size: 0,
            bytes: 0,
            root: RootHash::empty().to_hex(),
            bad_signatures: KeptFindings::default(),
            tiles: Vec::new(),
        }
    }
}
