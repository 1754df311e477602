//! One file that proves one leaf offline: an inclusion proof and the checkpoint it leads to (c2sp.org/tlog-proof).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::bounds::{INCLUSION_PROOF_MAX, TLOG_PROOF_MAX};
use crate::fault::Fault;
use crate::hash::{LeafHash, NodeHash};
use crate::inclusion::{InclusionProof, ProofError, verify_inclusion};
use crate::policy::{Policy, TrustError, TrustedCheckpoint};
use crate::size::{LeafIndex, SizeError};

const HEADER: &str = "c2sp.org/tlog-proof@v1";
const FAMILY: &str = "c2sp.org/tlog-proof@";

/// Why a proof file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// More than 384 KiB.
    #[error("a proof file has at most 393216 bytes")]
    TooLong,
    /// Another version of the format.
    #[error("proof files of the version {0:?} are not known here")]
    NotUnderstood(String),
    /// Header, index or blank line missing.
    #[error(
        "a proof file is the line `c2sp.org/tlog-proof@v1`, perhaps `extra <base64>`, `index <decimal>`, hashes, a blank line, a checkpoint"
    )]
    Form,
    /// The extra line.
    #[error("the extra line is canonical base64")]
    Extra,
    /// The index line.
    #[error("the index: {0}")]
    Index(#[from] SizeError),
    /// A hash, counted from 1.
    #[error("hash {0} is not 32 bytes in canonical base64")]
    Hash(usize),
    /// The checkpoint under the policy.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The way from the leaf to the root.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl TlogProofError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            TlogProofError::Trust(error) => error.fault(),
            _ => Fault::HostileInput,
        }
    }
}

/// A proof file as it arrived; nothing in it is checked but its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    extra: Option<Vec<u8>>,
    index: LeafIndex,
    proof: InclusionProof,
    checkpoint: String,
}

impl TlogProof {
    /// Joins the parts. `extra` is covered by nothing; `checkpoint` is a note's bytes.
    pub fn new(extra: Option<Vec<u8>>, index: LeafIndex, proof: InclusionProof, checkpoint: String) -> Self {
        Self { extra, index, proof, checkpoint }
    }

    /// Whatever the sender added. Nothing vouches for it.
    pub fn extra(&self) -> Option<&[u8]> {
        self.extra.as_deref()
    }

    /// The leaf's index.
    pub const fn index(&self) -> LeafIndex {
        self.index
    }

    /// The way from the leaf to the root.
    pub const fn proof(&self) -> &InclusionProof {
        &self.proof
    }

    /// The note, unchecked.
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    /// Reads a file of at most 384 KiB.
    pub fn parse(text: &str) -> Result<Self, TlogProofError> {
        if text.len() > TLOG_PROOF_MAX {
            return Err(TlogProofError::TooLong);
        }
        let (head, checkpoint) = text.split_once("\n\n").ok_or(TlogProofError::Form)?;
        let mut lines = head.split('\n').peekable();
        match lines.next().unwrap_or_default() {
            HEADER => {}
            other => {
                let version = other.strip_prefix(FAMILY).ok_or(TlogProofError::Form)?;
                return Err(TlogProofError::NotUnderstood(version.chars().take(100).collect()));
            }
        }
        let extra = match lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            Some(extra) => {
                lines.next();
                Some(STANDARD.decode(extra).map_err(|_| TlogProofError::Extra)?)
            }
            None => None,
        };
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or(TlogProofError::Form)?;
        let index = LeafIndex::parse(index)?;
        let mut hashes = Vec::new();
        for (number, line) in lines.enumerate() {
            if number == INCLUSION_PROOF_MAX {
                return Err(ProofError::TooLong.into());
            }
            hashes.push(NodeHash::from_base64(line).map_err(|_| TlogProofError::Hash(number + 1))?);
        }
        Ok(Self { extra, index, proof: InclusionProof::new(hashes)?, checkpoint: checkpoint.to_owned() })
    }

    /// The text that [`parse`](Self::parse) reads.
    pub fn encode(&self) -> String {
        let mut text = format!("{HEADER}\n");
        if let Some(extra) = &self.extra {
            text.push_str(&format!("extra {}\n", STANDARD.encode(extra)));
        }
        text.push_str(&format!("index {}\n", self.index));
        for hash in self.proof.hashes() {
            text.push_str(&hash.to_base64());
            text.push('\n');
        }
        text + "\n" + &self.checkpoint
    }

    /// Checks, in this order: the log's signature and origin, the quorum, the way from `leaf` to the root.
    pub fn verify(&self, leaf: &LeafHash, policy: &Policy) -> Result<TrustedCheckpoint, TlogProofError> {
        let trusted = policy.open(self.checkpoint.as_bytes())?;
        verify_inclusion(leaf, self.index, trusted.signed().head(), &self.proof)?;
        Ok(trusted)
    }
}
