//! What is said of one line, as it is sent and printed.

use glasshouse_ledger::draft::advice::Advice;
use glasshouse_ledger::draft::advice::completeness::{self, Owed, State};
use glasshouse_ledger::draft::advice::finding;
use serde::Serialize;
use serde_json::Value;

use crate::outbox::line::shown_path;

/// Everything that is said of one line.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CheckedLine {
    /// Number of the line, or of the draft in its list, from 1.
    pub line: u64,
    /// What keeps it from being published.
    pub errors: Vec<Finding>,
    /// What its author should look at.
    pub warnings: Vec<Finding>,
    /// Good to know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Finding>,
    /// How many more findings there are than are named.
    #[serde(skip_serializing_if = "is_zero")]
    pub left_out: usize,
    /// Article 17(3) of the Digital Services Act, for a decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completeness: Option<Completeness>,
    /// The statement that would follow, if there is no error: `entry`, what would stand in the log, and `texts`, what would
    /// stand beside it, each served or withheld, without what it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub statement: Option<Value>,
}

/// An error, a warning or a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Finding {
    /// JSON Pointer (RFC 6901) into the line, cut after 200 characters; empty for the line as a whole.
    pub path: String,
    /// Stable name of the rule; `glasshouse check --explain` says what it means.
    pub rule: String,
    /// What the line says there: at most 100 characters, personal data masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// Of an error: what would be allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
    /// Of an error: names or codes that may have been meant, the likeliest first, at most 10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<String>,
    /// Of a warning or a note: what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// What a statement of reasons has at least: Regulation (EU) 2022/2065, Article 17(3).
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Completeness {
    /// `owed`, `not_owed`, `unclear`: by this provider, for this decision.
    pub owed: &'static str,
    /// Why.
    pub because: &'static str,
    /// The points, in the order of their letters.
    pub points: Vec<Point>,
}

/// One point of Article 17(3).
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Point {
    /// `a` to `f`.
    pub letter: char,
    /// What it asks for.
    pub what: &'static str,
    /// `present`, `missing`, `not_applicable`.
    pub state: &'static str,
    /// The field that says it, or would.
    pub field: &'static str,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl CheckedLine {
    pub(super) fn new(line: u64, advice: Advice, notes: Vec<finding::Finding>) -> CheckedLine {
        let shown = |findings: Vec<finding::Finding>| findings.into_iter().map(Finding::of).collect();
        CheckedLine {
            line,
            errors: shown(advice.errors),
            warnings: shown(advice.warnings),
            notes: shown(notes),
            left_out: advice.more_errors,
            completeness: advice.completeness.map(Completeness::of),
            statement: advice.statement,
        }
    }

    /// Whether it would be published.
    pub fn is_right(&self) -> bool {
        self.errors.is_empty() && self.left_out == 0
    }

    /// Names at most so many findings, errors before warnings before notes. How many were named.
    pub fn keep(&mut self, most: usize) -> usize {
        let mut left = most;
        for findings in [&mut self.errors, &mut self.warnings, &mut self.notes] {
            let kept = findings.len().min(left);
            self.left_out += findings.len() - kept;
            findings.truncate(kept);
            left -= kept;
        }
        most - left
    }
}

impl Finding {
    fn of(finding: finding::Finding) -> Finding {
        let finding::Finding { path, rule, given, allowed, near, advice } = finding;
        Finding { path, rule, given, allowed, near, advice }
    }
}

impl std::fmt::Display for Finding {
    /// `decision_facts: looks-like-email, given "j…@m….example at character 9" (this text will be public: …)`
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = shown_path(&self.path);
        if !place.is_empty() {
            write!(out, "{place}: ")?;
        }
        write!(out, "{}", self.rule)?;
        if let Some(given) = &self.given {
            write!(out, ", given {given:?}")?;
        }
        match self.near.as_slice() {
            [] => {}
            [one] => write!(out, ", did you mean {one}?")?,
            [rest @ .., last] => write!(out, ", did you mean {} or {last}?", rest.join(", "))?,
        }
        match self.allowed.as_ref().or(self.advice.as_ref()) {
            Some(text) => write!(out, " ({text})"),
            None => Ok(()),
        }
    }
}

impl Completeness {
    fn of(list: completeness::Completeness) -> Completeness {
        let owed = match list.owed {
            Owed::Owed => "owed",
            Owed::NotOwed => "not_owed",
            Owed::Unclear => "unclear",
        };
        let points = list.points.into_iter().map(Point::of).collect();
        Completeness { owed, because: list.because, points }
    }
}

impl Point {
    fn of(point: completeness::Point) -> Point {
        let state = match point.state {
            State::Present => "present",
            State::Missing => "missing",
            State::NotApplicable => "not_applicable",
        };
        Point { letter: point.letter, what: point.what, state, field: point.field }
    }
}
