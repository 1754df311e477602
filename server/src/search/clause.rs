//! One condition in the numbers and strings that the index holds. It is looked for in the index or held against facts in
//! memory, with the same meaning.

use super::coded::{Ordinal, OutcomeWanted};
use super::facts::Facts;
use super::subject_name::SubjectName;
use super::text_query::TextQuery;

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Clause {
    /// One of these values of the parameter at that position of [`Coded::all`](super::coded::Coded::all).
    Codes(usize, Vec<Ordinal>),
    /// This issuer.
    Issuer(String),
    /// This `sub`.
    Sub(String),
    /// A subject, however it is named.
    Subject(SubjectName),
    /// This published name of an authority.
    Authority(String),
    /// A number from the first to the last.
    Numbers(u64, u64),
    /// A day from the first to the last.
    Days(u32, u32),
    /// An index in this range, its end not in it.
    Indexes(u64, u64),
    /// An outcome that is like this.
    Outcome(OutcomeWanted),
    /// Words.
    Text(TextQuery),
}

impl Clause {
    /// Whether others will ask for the same: then what meets it is kept for a while. Never of words, which may go out of sight.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(self, Clause::Codes(..) | Clause::Issuer(_) | Clause::Days(..))
    }

    /// How much memory what it holds takes, in bytes; of those that are kept.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Clause::Codes(_, codes) => codes.capacity() * size_of::<Ordinal>(),
            Clause::Issuer(text) | Clause::Sub(text) | Clause::Authority(text) => text.capacity(),
            _ => 0,
        }
    }

    /// Whether an entry meets it.
    pub(crate) fn is_met_by(&self, facts: &Facts) -> bool {
        match self {
            Clause::Codes(position, wanted) => {
                let values = facts.codes.get(*position).map(Vec::as_slice).unwrap_or_default();
                values.iter().any(|value| wanted.contains(value))
            }
            Clause::Issuer(issuer) => facts.issuer == *issuer,
            Clause::Sub(sub) => facts.sub == *sub,
            Clause::Subject(name) => {
                let published = facts.subject.as_ref();
                name.names().any(|name| facts.sub == *name || published.is_some_and(|text| text == name))
            }
            Clause::Authority(name) => facts.authority.as_ref().is_some_and(|text| text == name),
            Clause::Numbers(first, last) => (*first..=*last).contains(&facts.sequence),
            Clause::Days(first, last) => (*first..=*last).contains(&facts.day),
            Clause::Indexes(from, to) => (*from..*to).contains(&facts.index),
            Clause::Outcome(wanted) => facts.outcomes.iter().any(|outcome| wanted.is_met_by(*outcome)),
            Clause::Text(query) => query.matches(&facts.texts),
        }
    }
}
