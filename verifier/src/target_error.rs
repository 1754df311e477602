//! Why a statement may not be about an entry that it names.

use thiserror::Error;

use crate::fault::Fault;
use crate::fields::FieldName;
use crate::sequence::Sequence;
use crate::size::LeafIndex;
use crate::statement_type::StatementType;

/// The rule of order that a target breaks (`spec/lifecycle.md`).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    /// 1: no earlier entry has the leaf hash.
    #[error("no earlier entry of this log has that leaf hash")]
    Unknown,
    /// 2: somebody else's entry.
    #[error("the entry is another issuer's")]
    Owner,
    /// 3: an entry of a type that cannot be named.
    #[error("an entry of the type {0} cannot be named by this type")]
    Type(StatementType),
    /// 4: another subject.
    #[error("sub must be the one of the entry: {0}")]
    Sub(String),
    /// 5: a number that is free.
    #[error("number {0} in the range is neither taken nor closed yet")]
    Number(Sequence),
    /// 6: no such text, or none that is withheld.
    #[error("the entry has no text {0} that this statement could be about")]
    Text(FieldName),
    /// 7: a text that was opened or erased before.
    #[error("the text {0} was opened or erased before")]
    Done(FieldName),
    /// 7: what was said before; by which entry, and what.
    #[error("{why}{}", by(.index))]
    State {
        /// The entry that said it.
        index: Option<LeafIndex>,
        /// What it said.
        why: &'static str,
    },
    /// 8: a locator that is never served.
    #[error("{0} stands under a keyword whose locators are never served")]
    MustBeWithheld(FieldName),
}

fn by(index: &Option<LeafIndex>) -> String {
    index.map_or_else(String::new, |index| format!(" by entry {index}"))
}

impl TargetError {
    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            TargetError::Unknown => "target-unknown",
            TargetError::Owner => "target-owner",
            TargetError::Type(_) => "target-type",
            TargetError::Sub(_) => "target-sub",
            TargetError::Number(_) => "target-number",
            TargetError::Text(_) => "target-text",
            TargetError::Done(_) | TargetError::State { .. } => "target-state",
            TargetError::MustBeWithheld(_) => "must-be-withheld",
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }
}
