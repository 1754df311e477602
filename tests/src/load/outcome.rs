//! What the submitters were answered.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value;

use crate::latency::Percentiles;

/// All answers together.
#[derive(Debug)]
pub struct Outcome {
    /// From due to answered, of accepted statements.
    pub published: Percentiles,
    /// Statements that were accepted.
    pub accepted: u64,
    /// Statements that were not, by what was said: a slug, a status, or why there was no answer.
    pub refused: BTreeMap<String, u64>,
    /// When the last answer was read.
    pub last: Instant,
    /// Each good answer.
    pub answers: Vec<Answered>,
}

/// One good answer.
#[derive(Debug, Clone, Copy)]
pub struct Answered {
    /// When its request was due.
    pub due: Instant,
    /// The greatest index that it names.
    pub index: u64,
    /// How many statements it accepts.
    pub accepted: u64,
}

/// What one request came to: how many were accepted, the greatest index, and why others were not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Accepted statements.
    pub accepted: u64,
    /// The greatest index that was told.
    pub index: u64,
    /// The others, by what was said.
    pub refused: BTreeMap<String, u64>,
}

impl Judged {
    /// None was taken, for this reason.
    pub fn none(statements: u64, reason: String) -> Judged {
        Judged { refused: [(reason, statements)].into(), ..Judged::default() }
    }

    /// Reads an answer to a body of so many statements.
    pub fn of(status: u16, body: &[u8], statements: u64) -> Judged {
        let Ok(answer) = serde_json::from_slice::<Value>(body) else {
            return Judged::none(statements, format!("{status} without JSON"));
        };
        let Some(results) = answer["results"].as_array() else {
            return Judged::none(statements, format!("{status} {}", slug(&answer)));
        };
        let mut judged = Judged::default();
        for result in results {
            if result["status"] == "accepted" {
                judged.accepted += 1;
                judged.index = judged.index.max(result["index"].as_u64().unwrap_or_default());
                continue;
            }
            let said = match &result["problem"] {
                Value::Null => result["status"].as_str().unwrap_or("?").to_owned(),
                problem => slug(problem).to_owned(),
            };
            *judged.refused.entry(said).or_default() += 1;
        }
        let unanswered = statements.saturating_sub(results.len() as u64);
        if unanswered > 0 {
            *judged.refused.entry("no result".to_owned()).or_default() += unanswered;
        }
        judged
    }
}

fn slug(problem: &Value) -> &str {
    let kind = problem["type"].as_str().unwrap_or("?");
    kind.rsplit(':').next().unwrap_or(kind)
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use super::*;

    #[test]
    fn every_statement_is_counted_once() {
        let body = br#"{"results": [{"status": "accepted", "index": 7}, {"status": "accepted", "index": 9},
            {"status": "rejected", "problem": {"type": "urn:glasshouse:problem:sequence-conflict"}},
            {"status": "duplicate", "index": 3}]}"#;
        let judged = Judged::of(200, body, 5);
        assert_eq!((judged.accepted, judged.index), (2, 9));
        let refused: Vec<(&str, u64)> =
            judged.refused.iter().map(|(why, many)| (why.as_str(), *many)).collect();
        assert_eq!(refused, [("duplicate", 1), ("no result", 1), ("sequence-conflict", 1)]);
        let busy = Judged::of(503, br#"{"type": "urn:glasshouse:problem:overloaded"}"#, 100);
        assert_eq!(busy, Judged::none(100, "503 overloaded".to_owned()));
        assert_eq!(Judged::of(502, b"<html>", 3), Judged::none(3, "502 without JSON".to_owned()));
    }
}
