//! Why a checkpoint was not cosigned, in the order in which it is checked, each with the status that
//! c2sp.org/tlog-witness gives it.

use glasshouse_verifier::inclusion::ProofError;
use glasshouse_verifier::note::NoteError;
use glasshouse_verifier::size::TreeSize;

use super::add_request::AddRequestError;
use crate::cosigner::CosignError;
use crate::store::StoreError;

/// Why a checkpoint was not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum AddRefusal {
    /// 400: no request.
    #[error(transparent)]
    Malformed(#[from] AddRequestError),
    /// 404: a log that is not watched.
    #[error("this witness does not watch a log of this origin")]
    UnknownLog,
    /// 403: no trusted key signed, or one did wrongly.
    #[error("not signed by the log: {0}")]
    NotSigned(#[from] NoteError),
    /// 409: the old size is not the one that was cosigned last.
    #[error("the checkpoint that was cosigned last has the size {last}")]
    OtherSize {
        /// The size that was cosigned last; 0 if none was.
        last: TreeSize,
    },
    /// 422: the checkpoint does not follow from the one that was cosigned last.
    #[error("{0}")]
    Inconsistent(#[from] Inconsistency),
    /// 429: the log's budget is used up.
    #[error("this log's budget of requests is used up for {retry_after_s} seconds")]
    TooOften {
        /// Seconds until there is room for one; at least 1.
        retry_after_s: u64,
    },
    /// 503: nothing can be signed now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// How a checkpoint does not follow from the one that was cosigned last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistency {
    /// Size 0 with another root than that of the empty tree.
    #[error("a tree of size 0 has the root SHA-256(\"\"), and no other root")]
    EmptyRoot,
    /// The proof, or two roots of one size.
    #[error("{0}")]
    Proof(ProofError),
}

/// Why nothing can be signed now.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// Too many requests wait for this log.
    #[error("too many requests for this log are waiting")]
    Busy,
    /// The clock shows an earlier time than the last cosignature's, or none that a cosignature can have. All in seconds since
    /// 1970.
    #[error(
        "the witness's clock shows {now_s} seconds since 1970, and its last cosignature for this log is of {last_s} (0: there \
         is none): it signs for this log when its clock shows {from_s}"
    )]
    Clock {
        /// What the clock shows.
        now_s: u64,
        /// The time of the last cosignature; 0 if there is none.
        last_s: u64,
        /// What it must show before anything is signed.
        from_s: u64,
    },
    /// A signature that was made here does not verify.
    #[error("the witness failed")]
    Signing(#[source] CosignError),
    /// The disk failed: what it holds is not known, and the witness has stopped.
    #[error("the witness cannot store what it signs")]
    Store(#[source] StoreError),
    /// The witness stopped before.
    #[error("the witness has stopped")]
    Stopped,
}

impl AddRefusal {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            AddRefusal::Malformed(AddRequestError::TooLong) => 413,
            AddRefusal::Malformed(_) => 400,
            AddRefusal::UnknownLog => 404,
            AddRefusal::NotSigned(_) => 403,
            AddRefusal::OtherSize { .. } => 409,
            AddRefusal::Inconsistent(_) => 422,
            AddRefusal::TooOften { .. } => 429,
            AddRefusal::Unavailable(_) => 503,
        }
    }
}
