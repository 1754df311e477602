//! Why a COSE receipt or a transparent statement is refused.

use thiserror::Error;

use crate::cbor::CborError;
use crate::entry::EntryError;
use crate::fault::Fault;
use crate::inclusion::ProofError;
use crate::key::{Kid, SignatureError};
use crate::origin::Origin;
use crate::statement::StatementError;

/// Why a COSE receipt, or a statement with such receipts, is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CoseReceiptError {
    /// Not deterministic CBOR.
    #[error("COSE receipt: {0}")]
    Cbor(#[from] CborError),
    /// Of another shape, or with a proof that the format does not have; the rule in words.
    #[error("COSE receipt: {0}")]
    Form(&'static str),
    /// A verifiable data structure that this reader does not know.
    #[error("COSE receipt: not understood: the verifiable data structure {0}, where 1 is RFC9162_SHA256")]
    NotUnderstood(i128),
    /// An algorithm other than EdDSA and Ed25519.
    #[error("COSE receipt: algorithm {0}, where -8 and -19 are allowed")]
    Algorithm(i128),
    /// A size or an index that no tree has, or sizes in the wrong order.
    #[error("COSE receipt: {0}")]
    Range(&'static str),
    /// The hashes.
    #[error("COSE receipt: {0}")]
    Proof(#[from] ProofError),
    /// No key at hand is the one that `kid` names.
    #[error("COSE receipt: the key {0} is none that is trusted for receipts")]
    UnknownKey(Kid),
    /// The signature does not hold over the root that the proof leads to.
    #[error("COSE receipt: the log did not sign the root that the proof leads to")]
    Signature(SignatureError),
    /// It proves something else than was asked: a tree's growth and not an entry, or the other way round.
    #[error("COSE receipt: it proves {0}")]
    OtherProof(&'static str),
    /// The statement was made for another log than the receipt's.
    #[error("the statement was made for the log {aud}, and the receipt is of {receipt}")]
    Audience {
        /// The statement's log.
        aud: Origin,
        /// The receipt's log.
        receipt: Origin,
    },
    /// The statement.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The statement makes no entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
}

impl CoseReceiptError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            CoseReceiptError::Cbor(_) | CoseReceiptError::Form(_) | CoseReceiptError::OtherProof(_) => {
                "receipt-format"
            }
            CoseReceiptError::NotUnderstood(_) => "not-understood",
            CoseReceiptError::Algorithm(_) => "unknown-algorithm",
            CoseReceiptError::Range(_) => "out-of-range",
            CoseReceiptError::Proof(error) => match error {
                ProofError::TooLong | ProofError::WrongLength => "path-length",
                ProofError::IndexBeyondTree | ProofError::SizesReversed => "out-of-range",
                _ => "root-mismatch",
            },
            CoseReceiptError::UnknownKey(_) => "unknown-key",
            CoseReceiptError::Signature(_) => "bad-signature",
            CoseReceiptError::Audience { .. } => "wrong-audience",
            CoseReceiptError::Statement(error) => error.slug(),
            CoseReceiptError::Entry(error) => error.slug(),
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            CoseReceiptError::NotUnderstood(_) | CoseReceiptError::OtherProof(_) => Fault::CallerMisuse,
            CoseReceiptError::Statement(error) => error.fault(),
            CoseReceiptError::Entry(error) => error.fault(),
            _ => Fault::HostileInput,
        }
    }
}
