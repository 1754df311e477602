//! What an audit keeps between its runs, in a folder: the entries that it has checked (`entries`), how far it got and what it
//! found that does not follow from them (`state.json`), and proofs (`glasshouse-evidence-*.json`).
//!
//! At any moment the process can be killed. `state.json` is replaced whole, after the bytes that it speaks of are on the
//! disk; what lies behind these in `entries` is cut off. It names the root of the entries whose signatures were checked, so
//! that changed bytes are noticed when they are read again, and the last checkpoint whose root they had, to which an audit
//! falls back that was served entries under no signed root.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use glasshouse_verifier::bounds::EVIDENCE_MAX;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::evidence::Evidence;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::RootHash;
use glasshouse_verifier::vkey::Vkey;
use serde::{Deserialize, Serialize};

use crate::copy_reader::CopyReader;
use crate::entry_file::EntryFile;
use crate::evidence_file::file_name;
use crate::finding::{Findings, KeptFindings};
use crate::input::{read, read_text};

const FORMAT: &str = "glasshouse-audit-state/1";

/// Longest state file: 1,000 findings and 64 notes of 256 KiB.
const STATE_MAX: usize = 32 << 20;

/// Checkpoints that are kept to be compared later: one of each place that was asked.
const SEEN_MAX: usize = 64;

/// Proofs that are read again at the start of a run.
const EVIDENCE_READ: usize = 100;

/// Why a state cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// The disk.
    #[error("the state: {0}")]
    Io(#[from] std::io::Error),
    /// Not what was written.
    #[error(
        "the state in {folder} is damaged: {why}. Remove the folder and begin anew, or bring it back from a backup"
    )]
    Damaged {
        /// Where it lies.
        folder: String,
        /// What is wrong.
        why: String,
    },
    /// Of another audit.
    #[error(
        "the state in {folder} is of another {what}: give another folder with --state, or remove this one"
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
    findings: KeptFindings,
}

/// Entries whose signatures were checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reached {
    size: u64,
    bytes: u64,
    root: String,
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
        std::fs::create_dir_all(folder)?;
        let name = || folder.display().to_string();
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock().map_err(|_| StateError::InUse(name()))?;
        let copy = Arc::new(EntryFile::open(&folder.join("entries"))?);
        let path = folder.join("state.json");
        let saved = match path.exists() {
            false => Saved::new(log, policy),
            true => {
                let damaged = |why: String| StateError::Damaged { folder: name(), why };
                let text = read(&path, STATE_MAX).map_err(|error| damaged(error.to_string()))?;
                let saved: Saved =
                    serde_json::from_slice(&text).map_err(|error| damaged(format!("state.json: {error}")))?;
                let other = |what| Err(StateError::Other { folder: name(), what });
                match () {
                    () if saved.format != FORMAT => return other("version of this program"),
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

    /// Findings of earlier runs that do not follow from the entries.
    pub(crate) fn findings(&self) -> &KeptFindings {
        &self.saved.findings
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
            let why = "its entries do not have the root of those that were checked".to_owned();
            return Err(StateError::Damaged { folder: self.folder.display().to_string(), why });
        }
        Ok(self.copy.cut()?)
    }

    /// The last checkpoint whose root the entries had.
    pub(crate) fn anchored(&self) -> Result<Option<SignedCheckpoint>, StateError> {
        let Some(anchor) = &self.saved.anchor else { return Ok(None) };
        let opened = SignedCheckpoint::open(anchor.note.as_bytes(), &self.log);
        let opened = opened.map_err(|error| StateError::Damaged {
            folder: self.folder.display().to_string(),
            why: format!("its checkpoint: {error}"),
        })?;
        Ok(Some(opened))
    }

    /// Everything of that tree was checked; it is written down now and then.
    pub(crate) fn reach(&mut self, tree: &Frontier, findings: &Findings) -> Result<(), StateError> {
        let (size, bytes) = (tree.size().get(), self.copy.length_of(tree.size().get())?);
        self.saved.reached = Reached { size, bytes, root: tree.root().to_hex() };
        if self.last.elapsed() >= self.every {
            self.save(findings)?;
        }
        Ok(())
    }

    /// The tree is that of a signed checkpoint.
    pub(crate) fn anchor(
        &mut self,
        tree: &Frontier,
        checkpoint: &SignedCheckpoint,
        findings: &Findings,
    ) -> Result<(), StateError> {
        self.reach(tree, findings)?;
        let reached = self.saved.reached.clone();
        self.saved.anchor = Some(Anchor { reached, note: checkpoint.note_text() });
        self.save(findings)
    }

    /// Forgets what lies behind the last signed checkpoint.
    pub(crate) fn fall_back(&mut self) -> Result<(), StateError> {
        self.saved.reached = match &self.saved.anchor {
            Some(anchor) => anchor.reached.clone(),
            None => Reached::nothing(),
        };
        self.write()
    }

    /// Writes down how far the audit got and what it found.
    pub(crate) fn save(&mut self, findings: &Findings) -> Result<(), StateError> {
        self.saved.findings = findings.kept().clone();
        self.write()
    }

    /// After a kill at any point here the file is the old one or the new one, and the entries it speaks of are there.
    fn write(&mut self) -> Result<(), StateError> {
        self.copy.sync()?;
        let new = self.folder.join("state.json.new");
        let mut file = File::create(&new)?;
        file.write_all(serde_json::to_string(&self.saved).map_err(std::io::Error::other)?.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, self.folder.join("state.json"))?;
        File::open(&self.folder)?.sync_all()?;
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

    /// Remembers the largest checkpoint that somebody showed; those that the checked tree covers are forgotten.
    pub(crate) fn see(&mut self, from: &str, checkpoint: &SignedCheckpoint) {
        let size = self.saved.reached.size;
        let log = self.log.clone();
        let size_of = |seen: &Seen| {
            SignedCheckpoint::open(seen.note.as_bytes(), &log).map_or(0, |opened| opened.head().size().get())
        };
        self.saved.seen.retain(|seen| size_of(seen) > size);
        let new = checkpoint.head().size().get();
        let known = self.saved.seen.iter().position(|seen| seen.from == from);
        match known {
            Some(at) if self.saved.seen.get(at).map(size_of) < Some(new) => drop(self.saved.seen.remove(at)),
            Some(_) => return,
            None => {}
        }
        if new > size && self.saved.seen.len() < SEEN_MAX {
            self.saved.seen.push(Seen { from: from.to_owned(), note: checkpoint.note_text() });
        }
    }

    /// Where proofs are kept.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps a proof.
    pub(crate) fn keep_evidence(&self, evidence: &Evidence) -> Result<PathBuf, StateError> {
        let text = evidence.encode();
        let path = self.folder.join(file_name(&text));
        if !path.exists() {
            let new = self.folder.join("evidence.new");
            let mut file = File::create(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(new, &path)?;
        }
        Ok(path)
    }

    /// The proofs of earlier runs.
    pub(crate) fn evidence(&self) -> Vec<Evidence> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.to_string_lossy().contains("glasshouse-evidence-"));
        paths.sort();
        let open = |path: &PathBuf| Evidence::parse(&read_text(path, EVIDENCE_MAX).ok()?, &self.log).ok();
        paths.iter().take(EVIDENCE_READ).filter_map(open).collect()
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
            findings: KeptFindings::default(),
        }
    }
}

impl Reached {
    fn nothing() -> Reached {
        Reached { size: 0, bytes: 0, root: RootHash::empty().to_hex() }
    }
}
