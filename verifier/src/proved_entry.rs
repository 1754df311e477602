//! An entry, and that a tree which its log signed has it at an index: a part of evidence.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::bounds::{ENTRY_MAX, INCLUSION_PROOF_MAX};
use crate::checkpoint::SignedCheckpoint;
use crate::evidence::EvidenceError;
use crate::hash::{LeafHash, NodeHash};
use crate::inclusion::{InclusionProof, verify_inclusion};
use crate::size::LeafIndex;
use crate::vkey::Vkey;

/// An entry that stands at its index in the tree of a signed checkpoint: the proof was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvedEntry {
    checkpoint: SignedCheckpoint,
    index: LeafIndex,
    entry: Vec<u8>,
    path: InclusionProof,
}

/// Its members in a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProvedEntryJson {
    checkpoint: String,
    index: u64,
    entry: String,
    path: Vec<String>,
}

impl ProvedEntry {
    /// Checks the way from the entry to the root.
    pub fn new(
        checkpoint: SignedCheckpoint,
        index: LeafIndex,
        entry: Vec<u8>,
        path: InclusionProof,
    ) -> Result<ProvedEntry, EvidenceError> {
        if entry.len() > ENTRY_MAX {
            return Err(EvidenceError::Form);
        }
        verify_inclusion(&LeafHash::of_entry(&entry), index, checkpoint.head(), &path)?;
        Ok(ProvedEntry { checkpoint, index, entry, path })
    }

    /// The tree.
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// Where the entry stands.
    pub const fn index(&self) -> LeafIndex {
        self.index
    }

    /// The bytes that the log holds there; they need not be a right entry.
    pub fn entry(&self) -> &[u8] {
        &self.entry
    }

    pub(crate) fn to_json(&self) -> ProvedEntryJson {
        ProvedEntryJson {
            checkpoint: self.checkpoint.note_text(),
            index: self.index.get(),
            entry: STANDARD.encode(&self.entry),
            path: self.path.hashes().iter().map(NodeHash::to_base64).collect(),
        }
    }

    pub(crate) fn read(json: &ProvedEntryJson, log: &Vkey) -> Result<ProvedEntry, EvidenceError> {
        if json.path.len() > INCLUSION_PROOF_MAX {
            return Err(EvidenceError::Form);
        }
        let form = |_| EvidenceError::Form;
        let index = LeafIndex::new(json.index).map_err(|_| EvidenceError::Form)?;
        let entry = STANDARD.decode(&json.entry).map_err(|_| EvidenceError::Form)?;
        let path: Result<Vec<NodeHash>, _> =
            json.path.iter().map(|hash| NodeHash::from_base64(hash)).collect();
        let path = InclusionProof::new(path.map_err(form)?).map_err(|_| EvidenceError::Form)?;
        let checkpoint = SignedCheckpoint::open(json.checkpoint.as_bytes(), log)?;
        ProvedEntry::new(checkpoint, index, entry, path)
    }
}
