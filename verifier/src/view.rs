//! What one reader has seen of a log: its last accepted checkpoint, which only a consistent one replaces.

use crate::checkpoint::SignedCheckpoint;
use crate::consistency::{ConsistencyProof, verify_consistency};
use crate::evidence::Fork;
use crate::fault::Fault;
use crate::head::{NewTree, OldTree};
use crate::inclusion::ProofError;

/// What a consistent checkpoint did to a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is larger, and the view's last one now.
    Advanced,
    /// It is the tree of the last one.
    Same,
    /// It is smaller, and the last one contains it; the view stays.
    Behind,
}

/// Why a view stays where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdvanceError {
    /// A checkpoint by another key.
    #[error("the checkpoint is signed by {given:?}, this view follows {followed:?}")]
    OtherLog {
        /// The vkey under which the new checkpoint was opened.
        given: String,
        /// The vkey of the view.
        followed: String,
    },
    /// The log contradicted itself, and this proves it to anyone.
    #[error("the log signed two histories: at sizes {} and {}", .0.older().head().size(), .0.newer().head().size())]
    Fork(Box<Fork>),
    /// The proof does not hold. The log still owes a right one; whoever brought this one may be to blame.
    #[error("the consistency proof does not hold: {0}")]
    Unproven(ProofError),
}

impl AdvanceError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            AdvanceError::OtherLog { .. } => Fault::CallerMisuse,
            AdvanceError::Fork(_) | AdvanceError::Unproven(_) => Fault::HostileInput,
        }
    }
}

/// The last checkpoint of one log that this reader accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    last: SignedCheckpoint,
}

impl View {
    /// Begins with a checkpoint taken on the log's signature alone.
    pub const fn new(first: SignedCheckpoint) -> Self {
        Self { last: first }
    }

    /// The last accepted checkpoint.
    pub const fn last(&self) -> &SignedCheckpoint {
        &self.last
    }

    /// Takes a checkpoint of the same log with the proof from the smaller to the larger of both trees (empty for equal
    /// sizes and from size 0). On any error the view stays as it is.
    pub fn advance(
        &mut self,
        next: SignedCheckpoint,
        proof: &ConsistencyProof,
    ) -> Result<Step, AdvanceError> {
        if next.log() != self.last.log() {
            return Err(AdvanceError::OtherLog {
                given: next.log().encode(),
                followed: self.last.log().encode(),
            });
        }
        let (old, new, step) = match next.head().size().cmp(&self.last.head().size()) {
            std::cmp::Ordering::Greater => (&self.last, &next, Step::Advanced),
            std::cmp::Ordering::Equal => (&self.last, &next, Step::Same),
            std::cmp::Ordering::Less => (&next, &self.last, Step::Behind),
        };
        if let Err(error) = verify_consistency(&OldTree(*old.head()), &NewTree(*new.head()), proof) {
            return Err(refusal(old, new, proof, error));
        }
        if step == Step::Advanced {
            self.last = next;
        }
        Ok(step)
    }
}

/// A fork if what was shown proves one, else only a proof that does not hold.
fn refusal(
    old: &SignedCheckpoint,
    new: &SignedCheckpoint,
    proof: &ConsistencyProof,
    error: ProofError,
) -> AdvanceError {
    let fork = match error {
        ProofError::SameSizeOtherRoot => Fork::same_size(old.clone(), new.clone()),
        ProofError::OldRootMismatch => Fork::other_prefix(old.clone(), new.clone(), proof.hashes().to_vec()),
        _ => return AdvanceError::Unproven(error),
    };
    fork.map_or(AdvanceError::Unproven(error), |fork| AdvanceError::Fork(Box::new(fork)))
}
