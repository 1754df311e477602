//! Proof that a log signed two trees of which neither begins with the other.

use serde::{Deserialize, Serialize};

use crate::bounds::CONSISTENCY_PROOF_MAX;
use crate::checkpoint::SignedCheckpoint;
use crate::consistency::climb;
use crate::evidence::{EvidenceError, FORMAT, check_kind, read_log};
use crate::hash::NodeHash;
use crate::vkey::Vkey;

/// What the member `kind` says.
pub(crate) const KIND: &str = "fork";

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
    kind: String,
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

    /// One JSON object without white space: `format`, `kind`, `log` (the vkey), `old`, `new` (notes), `path` (base64).
    pub fn encode(&self) -> String {
        let file = ForkFile {
            format: FORMAT.to_owned(),
            kind: KIND.to_owned(),
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
        check_kind(text, KIND)?;
        let file: ForkFile = serde_json::from_str(text).map_err(|_| EvidenceError::Form)?;
        read_log(&file.log, log)?;
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
