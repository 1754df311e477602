//! What a publisher tells whoever watches, and what it counts.

use super::line::LineError;
use super::number_runs::NumberRuns;

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

/// Counts of a run. Of the lines that were looked at, each counts once: `lines` = `wrong` + `already_published` +
/// `on_record` + `refused` + `waiting`, unless the run ended early and left lines alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Lines that were looked at.
    pub lines: u64,
    /// Lines that break rules; nothing of them was sent.
    pub wrong: u64,
    /// Lines that were on record before this run, or stood twice in the input.
    pub already_published: u64,
    /// Of these, lines that lost a text to a purge, so that nobody can tell whether they say what was published.
    pub not_compared: u64,
    /// Lines that came on record in this run, also where an earlier run had numbered them.
    pub on_record: u64,
    /// Lines that the log refused for good; they may be published again.
    pub refused: u64,
    /// Lines that have a number and wait in the outbox for another run.
    pub waiting: u64,
    /// Numbers of the lines that came on record in this run or wait.
    pub numbers: NumberRuns,
    /// What stands in none of these lines.
    pub others: Others,
    /// Numbers that were closed with a `void`.
    pub voided: u64,
    /// Receipts that were checked and written.
    pub receipts: u64,
    /// Highest number of the outbox.
    pub highest: u64,
}

/// Counts of statements that an earlier run left and that are no lines of this input, and of voids that the tool makes.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Others {
    /// Left by an earlier run, and on record since this one.
    pub on_record: u64,
    /// Left by an earlier run, and refused for good.
    pub refused: u64,
    /// Waiting for another run, voids among them.
    pub waiting: u64,
}
