//! Why an entry cannot follow those before it.

use thiserror::Error;

use crate::fault::Fault;
use crate::issuer::Issuer;
use crate::key::{KeyError, Kid, SignatureError};
use crate::past::PastError;
use crate::request::RequestError;
use crate::sequence::SequenceError;
use crate::size::LeafIndex;
use crate::statement_type::StatementType;
use crate::target_error::TargetError;

/// What is wrong with a statement at its place in the log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RegistryError {
    /// Made for another log.
    #[error("aud: the statement was made for the log {0}")]
    WrongAudience(String),
    /// Entry 0 is no genesis, a later one is, or the genesis is not the registrar's own; the rule in words.
    #[error("genesis: {0}")]
    Genesis(&'static str),
    /// A key that was never enrolled.
    #[error("kid: no key {0} was enrolled")]
    UnknownKey(Kid),
    /// A key that belongs to another issuer.
    #[error("iss: key {kid} belongs to {owner}")]
    WrongIssuer {
        /// The key.
        kid: Kid,
        /// Whose it is.
        owner: Issuer,
    },
    /// A key that does not sign at that index: enrolled at or after it.
    #[error("kid: key {kid} is enrolled at index {enrolled_at} and signs only after it")]
    NotYetEnrolled {
        /// The key.
        kid: Kid,
        /// The entry that admits it.
        enrolled_at: LeafIndex,
    },
    /// A key that was ended before.
    #[error("kid: key {kid} was retired at index {retired_at}")]
    KeyRetired {
        /// The key.
        kid: Kid,
        /// The entry that ended it.
        retired_at: LeafIndex,
    },
    /// A key that nobody may use.
    #[error("{0}")]
    WeakKey(KeyError),
    /// The signature does not hold.
    #[error("{0}")]
    Signature(SignatureError),
    /// A type of statement that this issuer may not sign.
    #[error("type: {kind} is not for {issuer} to sign")]
    NotAuthorised {
        /// The type.
        kind: StatementType,
        /// The issuer.
        issuer: Issuer,
    },
    /// An enrolment whose request is not in order.
    #[error("request: {0}")]
    Request(RequestError),
    /// An enrolment or retirement that is not the issuer's to make, or whose evidence does not hold; the rule in words.
    #[error("{0}")]
    Enrolment(&'static str),
    /// A key that was enrolled before, or is one of the log's own.
    #[error("key: {0} was enrolled before, or is one of the log's own keys")]
    AlreadyEnrolled(Kid),
    /// A role that the signing key was not enrolled for.
    #[error("provider_role: the signing key is not enrolled for {0}")]
    RoleNotEnrolled(&'static str),
    /// A target that the statement may not be about.
    #[error("targets/{place}: {error}")]
    Target {
        /// Which target, from 0.
        place: usize,
        /// The rule that it breaks.
        error: TargetError,
    },
    /// The log was closed.
    #[error("the log was closed by entry {0}; it takes nothing more but redactions, retirements and ticks")]
    Closed(LeafIndex),
    /// An earlier entry could not be looked up.
    #[error("{0}")]
    Past(PastError),
    /// A number that cannot be used.
    #[error("{0}")]
    Sequence(#[from] SequenceError),
    /// The caller applied an entry at another place than the next.
    #[error("index: {given} was applied where {expected} is next")]
    OutOfOrder {
        /// The caller's index.
        given: LeafIndex,
        /// The next index.
        expected: u64,
    },
}

impl RegistryError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            RegistryError::WrongAudience(_) => "wrong-audience",
            RegistryError::UnknownKey(_) | RegistryError::NotYetEnrolled { .. } => "unknown-key",
            RegistryError::WrongIssuer { .. } => "wrong-issuer",
            RegistryError::KeyRetired { .. } => "key-retired",
            RegistryError::WeakKey(_) => "weak-key",
            RegistryError::Signature(_) => "bad-signature",
            RegistryError::Genesis(_)
            | RegistryError::NotAuthorised { .. }
            | RegistryError::Request(_)
            | RegistryError::Enrolment(_) => "not-authorised",
            RegistryError::AlreadyEnrolled(_) => "already-enrolled",
            RegistryError::RoleNotEnrolled(_) => "role-not-enrolled",
            RegistryError::Sequence(error) => error.slug(),
            RegistryError::Target { error, .. } => error.slug(),
            RegistryError::Closed(_) => "log-closed",
            RegistryError::Past(_) => "internal",
            RegistryError::OutOfOrder { .. } => "internal",
        }
    }

    /// The rule that is broken, as the test vectors name it: the problem's name, but `genesis` apart.
    pub fn rule(&self) -> &'static str {
        match self {
            RegistryError::Genesis(_) => "genesis",
            other => other.slug(),
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            RegistryError::OutOfOrder { .. } => Fault::OurBug,
            RegistryError::Past(_) => Fault::Environment,
            _ => Fault::HostileInput,
        }
    }
}
