//! Proof that a log or a provider contradicted itself, in one file that convinces whoever knows the log's key.
//!
//! `{"format":"glasshouse-evidence/1","kind":"…","log":"<vkey>",…}`: one JSON object, members in the order of its kind, no white
//! space outside strings, only what JSON requires escaped, canonical base64. What is read is written again and compared,
//! so that a piece of evidence has one spelling. `spec/evidence.md` says what each kind holds.

use crate::bad_entry::{self, BadEntry};
use crate::bounds::EVIDENCE_MAX;
use crate::checkpoint::CheckpointError;
use crate::double_statement::{self, DoubleStatement};
use crate::fault::Fault;
use crate::fork;
use crate::inclusion::ProofError;
use crate::json_head;
use crate::origin::Origin;
use crate::receipt_error::{ReceiptError, checkpoint_slug, proof_slug};
use crate::rewritten_entry::{self, RewrittenEntry};
use crate::statement::StatementError;
use crate::vkey::{Vkey, VkeyError};

pub use crate::fork::Fork;

/// What the member `format` says.
pub(crate) const FORMAT: &str = "glasshouse-evidence/1";

/// At most so many characters of an unknown format or kind are repeated in an error.
const GIVEN_MAX: usize = 80;

/// Why a file is no evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// More than 16 MiB.
    #[error("an evidence file has at most 16777216 bytes")]
    TooLong,
    /// Not the one spelling of the format.
    #[error(
        "an evidence file is one JSON object: format, kind, log, and the members of its kind, in their order and without white space"
    )]
    Form,
    /// A format, or a kind of it, that this program does not know.
    #[error("the format {0:?} is not known here")]
    NotUnderstood(String),
    /// The log's key.
    #[error("the log's key: {0}")]
    Vkey(#[from] VkeyError),
    /// The evidence is against another log.
    #[error("the evidence names another key than the one asked about")]
    OtherKey,
    /// One of the checkpoints.
    #[error("a checkpoint in the evidence: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// An entry's way to the root.
    #[error("an entry in the evidence: {0}")]
    Inclusion(#[from] ProofError),
    /// A receipt in it does not hold.
    #[error("a receipt in the evidence: {0}")]
    Receipt(Box<ReceiptError>),
    /// The second statement of a provider is none.
    #[error("the other statement: {0}")]
    Statement(Box<StatementError>),
    /// What the file shows breaks no rule.
    #[error("what the file shows does not contradict itself")]
    NoContradiction,
    /// Which of the rules of its kind does not hold.
    #[error("what the file shows convicts nobody: {0}")]
    Unproved(&'static str),
}

impl EvidenceError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            EvidenceError::TooLong | EvidenceError::Form => "evidence-format",
            EvidenceError::NotUnderstood(_) => "not-understood",
            EvidenceError::Vkey(_) => "vkey",
            EvidenceError::OtherKey => "unknown-key",
            EvidenceError::Checkpoint(error) => checkpoint_slug(error),
            EvidenceError::Inclusion(error) => proof_slug(*error),
            EvidenceError::Receipt(error) => error.slug(),
            EvidenceError::Statement(error) => error.slug(),
            EvidenceError::NoContradiction | EvidenceError::Unproved(_) => "no-contradiction",
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }
}

/// A piece of evidence whose signatures and proofs were checked under the log's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// The log signed two histories.
    Fork(Box<Fork>),
    /// The log signed two entries at one index.
    RewrittenEntry(Box<RewrittenEntry>),
    /// A provider signed two statements under one number.
    DoubleStatement(Box<DoubleStatement>),
    /// The log signed a tree with an entry that its rules do not allow.
    BadEntry(Box<BadEntry>),
}

impl Evidence {
    /// The file.
    pub fn encode(&self) -> String {
        match self {
            Evidence::Fork(fork) => fork.encode(),
            Evidence::RewrittenEntry(rewritten) => rewritten.encode(),
            Evidence::DoubleStatement(double) => double.encode(),
            Evidence::BadEntry(bad) => bad.encode(),
        }
    }

    /// Checks everything in a file of any kind, under `log`'s key.
    pub fn parse(text: &str, log: &Vkey) -> Result<Evidence, EvidenceError> {
        let [kind, _] = head(text)?;
        match kind.as_str() {
            fork::KIND => Fork::parse(text, log).map(|fork| Evidence::Fork(Box::new(fork))),
            rewritten_entry::KIND => {
                RewrittenEntry::parse(text, log).map(|found| Evidence::RewrittenEntry(Box::new(found)))
            }
            double_statement::KIND => {
                DoubleStatement::parse(text, log).map(|found| Evidence::DoubleStatement(Box::new(found)))
            }
            bad_entry::KIND => BadEntry::parse(text, log).map(|found| Evidence::BadEntry(Box::new(found))),
            other => Err(not_understood(&format!("{FORMAT} {other}"))),
        }
    }

    /// The key that a file accuses under, unchecked: what a reader compares with the key of the log that he knows.
    pub fn log_key(text: &str) -> Result<Vkey, EvidenceError> {
        let [_, log] = head(text)?;
        Ok(Vkey::parse(&log)?)
    }

    /// The log that it is about.
    pub fn origin(&self) -> &Origin {
        match self {
            Evidence::Fork(fork) => fork.older().checkpoint().origin(),
            Evidence::RewrittenEntry(rewritten) => rewritten.one().checkpoint().checkpoint().origin(),
            Evidence::DoubleStatement(double) => double.filed().origin(),
            Evidence::BadEntry(bad) => bad.at().checkpoint().checkpoint().origin(),
        }
    }

    /// Whether it convicts the log; else it convicts a provider.
    pub fn is_against_the_log(&self) -> bool {
        !matches!(self, Evidence::DoubleStatement(_))
    }
}

/// The members `kind` and `log`, which every kind has. A later version may have other members too: if the format says so, it is not
/// our place to judge them.
fn head(text: &str) -> Result<[String; 2], EvidenceError> {
    if text.len() > EVIDENCE_MAX {
        return Err(EvidenceError::TooLong);
    }
    let [format] = json_head::texts_of(text.as_bytes(), ["format"]).ok_or(EvidenceError::Form)?;
    if format != FORMAT {
        return Err(not_understood(&format));
    }
    json_head::texts_of(text.as_bytes(), ["kind", "log"]).ok_or(EvidenceError::Form)
}

/// Whether a text is evidence of that kind, as far as its first members tell.
pub(crate) fn check_kind(text: &str, kind: &str) -> Result<(), EvidenceError> {
    let [found, _] = head(text)?;
    (found == kind).then_some(()).ok_or(EvidenceError::Form)
}

/// The member `log`, which must be the key that is asked about.
pub(crate) fn read_log(member: &str, log: &Vkey) -> Result<(), EvidenceError> {
    (Vkey::parse(member)? == *log).then_some(()).ok_or(EvidenceError::OtherKey)
}

fn not_understood(given: &str) -> EvidenceError {
    EvidenceError::NotUnderstood(given.chars().take(GIVEN_MAX).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::example;
    use crate::vkey::VkeyKind;

    /// The format is judged before all else, and the kind before the members that it should have.
    #[test]
    fn what_is_of_a_later_version_is_not_understood() {
        let key = example::secret(1).verifying_key().to_bytes();
        let log = Vkey::new("log.example", VkeyKind::Ed25519, key).unwrap();
        for (text, slug) in [
            (r#"{"format":"glasshouse-evidence/2"}"#, "not-understood"),
            (r#"{"format":"glasshouse-evidence/2","kind":7,"log":null}"#, "not-understood"),
            (r#"{"new":1,"format":"glasshouse-evidence/2"}"#, "not-understood"),
            (r#"{"format":"glasshouse-evidence/1","kind":"new","log":"x","more":1}"#, "not-understood"),
            (r#"{"format":"glasshouse-evidence/1","kind":"new"}"#, "evidence-format"),
            (r#"{"format":"glasshouse-evidence/1","log":"x"}"#, "evidence-format"),
            (r#"{"format":1}"#, "evidence-format"),
            (r#"{"kind":"fork"}"#, "evidence-format"),
        ] {
            assert_eq!(Evidence::parse(text, &log).unwrap_err().slug(), slug, "{text}");
        }
    }
}
