//! What a publisher tells whoever watches, and what it counts.

use super::line::LineError;

/// Something that a person who watches would want to know.
#[derive(Debug)]
pub enum Event<'a> {
    /// A line breaks rules.
    Wrong(&'a LineError),
    /// Something of a line is left out, as the European database would do.
    LeftOut {
        /// Line number in the input.
        line: u64,
        /// What, and why.
        why: &'a str,
    },
    /// The log did not take a statement.
    Refused {
        /// The provider's number.
        sequence: u64,
        /// The line of this run's input, if it is of this run.
        line: Option<u64>,
        /// Slug and detail of the problem.
        problem: String,
        /// Whether another run may succeed with it.
        waits: bool,
        /// What a person can do about it.
        advice: Option<&'static str>,
    },
    /// Numbers were closed with a `void`.
    Voided {
        /// First.
        first: u64,
        /// Last.
        last: u64,
    },
    /// The log has numbers of this provider that the outbox does not know: another outbox, an old copy of this one, or a
    /// statement that was made without it.
    Unknown {
        /// Highest number that the outbox knows.
        known: u64,
        /// Highest number on record.
        on_record: u64,
    },
    /// So many lines were looked at.
    Looked(u64),
    /// So many statements are on record now.
    OnRecord(u64),
}

/// Counts of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Lines that were looked at.
    pub lines: u64,
    /// Lines that break rules; nothing of them was sent.
    pub wrong: u64,
    /// Lines that had been published before, or stood twice in the input.
    pub already_published: u64,
    /// Statements that came on record in this run, voids among them.
    pub on_record: u64,
    /// Statements that the log refused for good; their lines may be published again.
    pub refused: u64,
    /// Statements that wait in the outbox for another run.
    pub waiting: u64,
    /// Numbers that were closed with a `void`.
    pub voided: u64,
    /// Receipts that were checked and written.
    pub receipts: u64,
    /// Highest number of the outbox.
    pub highest: u64,
}
