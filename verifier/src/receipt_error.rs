//! At which step a receipt does not hold, and why. The numbers are those of [`crate::receipt_check`].

use thiserror::Error;

use crate::addendum::{AddendumError, OwnerError};
use crate::checkpoint::CheckpointError;
use crate::entry::EntryError;
use crate::fault::Fault;
use crate::inclusion::ProofError;
use crate::key::SignatureError;
use crate::note::NoteError;
use crate::policy::TrustError;
use crate::receipt::ReceiptFormError;
use crate::registry_error::RegistryError;
use crate::size::LeafIndex;

/// At which step a receipt does not hold, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReceiptError {
    /// Step 1: the form.
    #[error(transparent)]
    Form(#[from] ReceiptFormError),
    /// Steps 2 and 3: the checkpoint is not what the policy asks for.
    #[error("checkpoint: {0}")]
    Checkpoint(#[from] TrustError),
    /// Step 4: an entry is not in the tree.
    #[error("entry {index}: {error}")]
    Inclusion {
        /// The index that the receipt claims for it.
        index: LeafIndex,
        /// Why the proof does not hold.
        error: ProofError,
    },
    /// Step 5: no genesis, or not of the policy's log.
    #[error("genesis: {0}")]
    Genesis(EnrolmentFault),
    /// Step 6: the registrar's keys do not follow from each other.
    #[error("keys: {0}")]
    Keys(EnrolmentFault),
    /// Step 7: the statement's key is not shown to be the provider's.
    #[error("enrolment: {0}")]
    Enrolment(EnrolmentFault),
    /// Step 7: entries that the receipt of a registrar's statement does not have.
    #[error("receipt: entries: others than the statement, the genesis and changes of keys")]
    Surplus,
    /// Step 8: made for another log.
    #[error("statement: aud: made for another log")]
    Audience,
    /// Step 8: the signature does not count.
    #[error("statement: {0}")]
    Signature(#[from] SignatureError),
    /// Step 8: the key that it names is not shown to be its issuer's.
    #[error("statement: {0}")]
    Signer(RegistryError),
    /// Step 8: this issuer may not sign this type of statement, or not at this index: only entry 0 is a genesis.
    #[error("statement: type: not for this issuer to sign, or not at this index")]
    NotAuthorised,
    /// Step 8: in a role that the key was not enrolled for.
    #[error("statement: provider_role: none that the key was enrolled for")]
    Role,
    /// Step 9: the entry does not follow its schema.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// Step 10: an addendum does not follow its schema.
    #[error("addendum {position}: {error}")]
    Addendum {
        /// Which one, from 0.
        position: usize,
        /// What is wrong with it.
        error: AddendumError,
    },
    /// Step 10: an addendum of something else.
    #[error("addendum {position}: {error}")]
    Owner {
        /// Which one, from 0.
        position: usize,
        /// Why it does not belong here.
        error: OwnerError,
    },
    /// Step 10: the addenda stand in another order than the statement names them in.
    #[error("receipt: addenda: not in the order in which the statement names them")]
    AddendaOrder,
}

/// Why an entry does not carry the trust that it should.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EnrolmentFault {
    /// The receipt does not have it, or at a wrong index.
    #[error("not in the receipt, or not at an index before the statement")]
    Missing,
    /// The entry does not follow its schema.
    #[error("{0}")]
    Entry(#[from] EntryError),
    /// Another type of statement, another log, another issuer, or another number.
    #[error("not a statement of that kind by the registrar of this log")]
    Kind,
    /// The key that signed the checkpoint is none that the genesis or a change of keys names, or the genesis names one of
    /// another log.
    #[error("its log keys are not those of this log and of the policy")]
    LogKeys,
    /// Not signed by the registrar's key.
    #[error("{0}")]
    Signature(#[from] SignatureError),
    /// What a log's own rules of keys would refuse.
    #[error("{0}")]
    Registry(Box<RegistryError>),
    /// Not by ascending index, or the statement's own index.
    #[error("not in the order of the log, or the statement itself again")]
    Order,
    /// It leads to no key that the receipt needs.
    #[error("a change of keys on which nothing in the receipt rests")]
    Surplus,
    /// Of another key or provider than the statement's.
    #[error("of another key or provider than the statement's")]
    Other,
}

impl ReceiptError {
    /// The step that did not hold.
    pub fn step(&self) -> u8 {
        match self {
            ReceiptError::Form(_) => 1,
            ReceiptError::Checkpoint(TrustError::Witness(_) | TrustError::Quorum { .. }) => 3,
            ReceiptError::Checkpoint(_) => 2,
            ReceiptError::Inclusion { .. } => 4,
            ReceiptError::Genesis(_) => 5,
            ReceiptError::Keys(_) => 6,
            ReceiptError::Enrolment(_) | ReceiptError::Surplus => 7,
            ReceiptError::Audience
            | ReceiptError::Signature(_)
            | ReceiptError::Signer(_)
            | ReceiptError::NotAuthorised
            | ReceiptError::Role => 8,
            ReceiptError::Entry(_) => 9,
            ReceiptError::Addendum { .. } | ReceiptError::Owner { .. } | ReceiptError::AddendaOrder => 10,
        }
    }

    /// The name of the problem. `not-understood` is neither good nor a lie.
    pub fn slug(&self) -> &'static str {
        match self {
            ReceiptError::Form(error) => error.slug(),
            ReceiptError::Surplus | ReceiptError::AddendaOrder => "receipt-format",
            ReceiptError::Checkpoint(error) => trust_slug(error),
            ReceiptError::Inclusion { error, .. } => proof_slug(*error),
            ReceiptError::Genesis(_) => "genesis",
            ReceiptError::Keys(_) => "keys",
            ReceiptError::Enrolment(_) => "enrolment",
            ReceiptError::Audience => "wrong-audience",
            ReceiptError::Signature(error) => error.slug(),
            ReceiptError::Signer(error) => error.slug(),
            ReceiptError::NotAuthorised => "not-authorised",
            ReceiptError::Role => "role-not-enrolled",
            ReceiptError::Entry(error) => error.slug(),
            ReceiptError::Addendum { error, .. } => error.slug(),
            ReceiptError::Owner { error, .. } => error.slug(),
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            ReceiptError::Form(error) => error.fault(),
            ReceiptError::Checkpoint(error) => error.fault(),
            ReceiptError::Entry(error) => error.fault(),
            _ => Fault::HostileInput,
        }
    }
}

fn trust_slug(error: &TrustError) -> &'static str {
    match error {
        TrustError::Witness(error) => note_slug(error),
        TrustError::Quorum { .. } => "quorum",
        TrustError::NoSecondSignature(_) => "unknown-key",
        TrustError::OtherCheckpoint => "checkpoint-format",
        TrustError::Checkpoint(error) => checkpoint_slug(error),
    }
}

/// The name of what is wrong with a checkpoint.
pub(crate) fn checkpoint_slug(error: &CheckpointError) -> &'static str {
    match error {
        CheckpointError::Note(error) => note_slug(error),
        CheckpointError::OtherLog { .. } => "wrong-origin",
        CheckpointError::NotALogKey(_) => "vkey",
        _ => "checkpoint-format",
    }
}

fn note_slug(error: &NoteError) -> &'static str {
    match error {
        NoteError::BadSignature(_) => "bad-signature",
        NoteError::NoKnownKey => "unknown-key",
        _ => "note-format",
    }
}

/// The name of what is wrong with a proof.
pub(crate) fn proof_slug(error: ProofError) -> &'static str {
    match error {
        ProofError::IndexBeyondTree | ProofError::SizesReversed => "out-of-range",
        ProofError::TooLong | ProofError::WrongLength => "path-length",
        _ => "root-mismatch",
    }
}
