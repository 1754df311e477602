//! Proof that a log contradicted itself, in a file that convinces whoever knows the log's key.

use serde::{Deserialize, Serialize};

use crate::bounds::{CONSISTENCY_PROOF_MAX, EVIDENCE_MAX};
use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::consistency::climb;
use crate::fault::Fault;
use crate::hash::NodeHash;
use crate::vkey::{Vkey, VkeyError};

const FORMAT: &str = "glasshouse-evidence/1";

/// At most so many characters of an unknown format are repeated in an error.
const GIVEN_MAX: usize = 80;

/// Why a file is no evidence against a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// More than 1 MiB.
    #[error("an evidence file has at most 1048576 bytes")]
    TooLong,
    /// Not the one spelling of the format.
    #[error(
        "an evidence file is one JSON object: format, log, old, new, path, in this order and without white space"
    )]
    Form,
    /// A format that this program does not know.
    #[error("the format {0:?} is not known here")]
    NotUnderstood(String),
    /// The log's key.
    #[error("the log's key: {0}")]
    Vkey(#[from] VkeyError),
    /// The evidence is against another log.
    #[error("the evidence names another key than the one asked about")]
    OtherKey,
    /// One of the two checkpoints.
    #[error("a checkpoint in the evidence: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The two checkpoints do not contradict each other by what the file shows.
    #[error("what the file shows does not contradict itself")]
    NoContradiction,
}

impl EvidenceError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }
}

/// Two checkpoints, both signed by one log, that no single history has.
///
/// Either both have one size and different roots; or `path` leads to the newer root, so that its hashes are nodes of the
/// newer tree, and from the same nodes follows another older root than the one that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    old: SignedCheckpoint,
    new: SignedCheckpoint,
    path: Vec<NodeHash>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ForkFile {
    format: String,
    log: String,
    old: String,
    new: String,
    path: Vec<String>,
}

impl Fork {
    /// Two checkpoints of one size with different roots.
    pub fn same_size(old: SignedCheckpoint, new: SignedCheckpoint) -> Result<Self, EvidenceError> {
        Self::check(old, new, vec![])
    }

    /// A newer tree that does not begin with the older one. `path` is the consistency proof of RFC 6962 §2.1.2, with its
    /// first node always written out: where the older size is a power of two, the newer tree's own node over these leaves
    /// goes before the proof.
    pub fn other_prefix(
        old: SignedCheckpoint,
        new: SignedCheckpoint,
        path: Vec<NodeHash>,
    ) -> Result<Self, EvidenceError> {
        Self::check(old, new, path)
    }

    fn check(
        old: SignedCheckpoint,
        new: SignedCheckpoint,
        path: Vec<NodeHash>,
    ) -> Result<Self, EvidenceError> {
        if old.log() != new.log() {
            return Err(EvidenceError::OtherKey);
        }
        let proved = if old.head().size() == new.head().size() {
            path.is_empty() && old.head().root() != new.head().root()
        } else {
            leads_to_another_old_root(&old, &new, &path)
        };
        if proved { Ok(Self { old, new, path }) } else { Err(EvidenceError::NoContradiction) }
    }

    /// The checkpoint of the smaller tree; of equal ones, the one that was seen first.
    pub const fn older(&self) -> &SignedCheckpoint {
        &self.old
    }

    /// The checkpoint that contradicts it.
    pub const fn newer(&self) -> &SignedCheckpoint {
        &self.new
    }

    /// One JSON object without white space: `format`, `log` (the vkey), `old`, `new` (notes), `path` (base64).
    pub fn encode(&self) -> String {
        let file = ForkFile {
            format: FORMAT.to_owned(),
            log: self.old.log().encode(),
            old: self.old.note_text(),
            new: self.new.note_text(),
            path: self.path.iter().map(NodeHash::to_base64).collect(),
        };
        // Strings and arrays of strings always become JSON.
        serde_json::to_string(&file).unwrap_or_default()
    }

    /// Checks everything in a file: both signatures by `log`, and that they contradict each other.
    pub fn parse(text: &str, log: &Vkey) -> Result<Self, EvidenceError> {
        if text.len() > EVIDENCE_MAX {
            return Err(EvidenceError::TooLong);
        }
        known_format(text)?;
        let file: ForkFile = serde_json::from_str(text).map_err(|_| EvidenceError::Form)?;
        if Vkey::parse(&file.log)? != *log {
            return Err(EvidenceError::OtherKey);
        }
        if file.path.len() > CONSISTENCY_PROOF_MAX {
            return Err(EvidenceError::Form);
        }
        let old = SignedCheckpoint::open(file.old.as_bytes(), log)?;
        let new = SignedCheckpoint::open(file.new.as_bytes(), log)?;
        let path: Result<Vec<NodeHash>, _> =
            file.path.iter().map(|hash| NodeHash::from_base64(hash)).collect();
        let fork = Self::check(old, new, path.map_err(|_| EvidenceError::Form)?)?;
        if fork.encode() == text { Ok(fork) } else { Err(EvidenceError::Form) }
    }
}

/// A later version may have other members too: if the format says so, it is not our place to judge them.
fn known_format(text: &str) -> Result<(), EvidenceError> {
    #[derive(Deserialize)]
    struct FormatOnly {
        format: String,
    }
    let only: FormatOnly = serde_json::from_str(text).map_err(|_| EvidenceError::Form)?;
    if only.format == FORMAT {
        return Ok(());
    }
    Err(EvidenceError::NotUnderstood(only.format.chars().take(GIVEN_MAX).collect()))
}

fn leads_to_another_old_root(old: &SignedCheckpoint, new: &SignedCheckpoint, path: &[NodeHash]) -> bool {
    let (old, new) = (old.head(), new.head());
    let Some((seed, rest)) = path.split_first() else { return false };
    if old.size().get() == 0 || old.size() >= new.size() {
        return false;
    }
    let roots =
        climb(*seed, rest, old.size().get(), new.size().get(), |old, new| Ok((old.to_root(), new.to_root())));
    matches!(roots, Ok((from_old, from_new)) if from_new == *new.root() && from_old != *old.root())
}
