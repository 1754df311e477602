//! A question put to a ledger: its answer as JSON, or the problem with which it refused (RFC 9457), in words.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::bounded::List;
use crate::answer::{Answer, Verdict};
use crate::printable;
use crate::source::Source;

/// The longest problem that is read, in bytes: one that names every keyword has 8 KiB.
const PROBLEM_LIMIT: usize = 256 << 10;

/// The most wrong fields that are told.
const ERRORS_MAX: usize = 64;

/// The most words that may have been meant which are told of one field.
const NEAR_MAX: usize = 10;

/// The widest piece of a server's words, in columns: the list of all countries has 1,300.
const WORDS_MAX: usize = 8_000;

#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: List<FieldError, ERRORS_MAX>,
}

#[derive(Deserialize, Serialize)]
struct FieldError {
    #[serde(default)]
    path: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    given: String,
    #[serde(default)]
    allowed: String,
    #[serde(default, skip_serializing_if = "List::is_empty")]
    near: List<String, NEAR_MAX>,
}

/// Puts the question; what is no answer to it is told as trouble.
pub(super) fn ask<T: DeserializeOwned>(
    source: &Source,
    (place, path): (&str, &str),
    limit: u64,
) -> Result<T, Box<Answer>> {
    let reply = source.ask(path, limit).map_err(|error| trouble(place, &error))?;
    match reply.status {
        200 => serde_json::from_slice(&reply.body)
            .map_err(|error| trouble(place, &format!("not the answer of a ledger: {error}"))),
        404 => Err(trouble(
            place,
            &"it answers no searches (status 404). Is this the URL of a ledger, and no copy of its files?",
        )),
        status => Err(Box::new(refused(place, status, &reply.body))),
    }
}

/// What is said of an answer that nothing can be concluded from.
pub(super) fn trouble(place: &str, why: &dyn std::fmt::Display) -> Box<Answer> {
    Box::new(Answer::new(Verdict::Trouble, format!("{place}: {}", word(&why.to_string()))))
}

/// That the server's index covers something: nothing follows from an answer that it gave without having looked.
pub(super) fn check_index(place: &str, size: u64, indexed: u64) -> Result<(), Box<Answer>> {
    match indexed == 0 && size > 0 {
        true => Err(trouble(
            place,
            &"its search index covers no entry yet: it is being built, or cannot be. Ask again in a minute, or its operator",
        )),
        false => Ok(()),
    }
}

/// One line of a server's words.
fn word(text: &str) -> String {
    printable::line(text, WORDS_MAX)
}

fn refused(place: &str, status: u16, body: &[u8]) -> Answer {
    let problem = body
        .get(..PROBLEM_LIMIT.min(body.len()))
        .and_then(|body| serde_json::from_slice::<Problem>(body).ok());
    let Some(problem) = problem else {
        return *trouble(place, &format!("the server answered with status {status}"));
    };
    let errors = &problem.errors.0;
    // A problem of one parameter repeats it in its sentence.
    let is_told = |error: &FieldError| {
        !error.allowed.is_empty()
            && problem.detail.ends_with(&error.allowed)
            && problem.detail.strip_prefix(&error.path).is_some_and(|rest| rest.starts_with(": "))
    };
    let mut sentence = format!("{place}: refused with status {status}: {}", word(&problem.title));
    if !problem.detail.is_empty() && !errors.iter().any(is_told) {
        sentence.push_str(&format!(": {}", word(&problem.detail)));
    }
    let mut answer = Answer::new(Verdict::Trouble, sentence);
    for error in errors {
        answer = answer.line(format!("{}={} ({})", word(&error.path), word(&error.given), word(&error.rule)));
        if !error.near.0.is_empty() {
            answer = answer.line(format!("  did you mean {}?", word(&error.near.0.join(" or "))));
        }
        if !error.allowed.is_empty() {
            answer = answer.line(format!("  allowed: {}", word(&error.allowed)));
        }
    }
    let told = serde_json::json!({"type": problem.kind, "title": problem.title, "status": status,
        "detail": problem.detail, "errors": errors});
    answer.member("problem", told)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::super::fake::{Fake, search};
    use super::*;

    #[test]
    fn a_problem_names_the_word_and_what_is_allowed() {
        let body = serde_json::json!({"type": "urn:glasshouse:problem:bad-request", "title": "The request cannot be understood",
            "status": 400, "detail": "category: did you mean A? one or more of A, B", "errors": [{"path": "category", "rule": "not-a-code",
            "given": "C\u{1b}[2J\u{202e}", "allowed": "one or more of A, B", "near": ["A"]}]});
        let fake = Fake::of(vec![("api/v1/statements?category=C", 400, body.to_string().into_bytes())]);
        let (answer, rows) = search(&fake, &["category=C"], false);
        assert_eq!((answer.verdict(), rows.as_str()), (Verdict::Trouble, ""));
        let text = answer.text(false);
        assert!(text.contains("status 400: The request cannot be understood\n"), "{text}");
        assert!(
            text.contains("category=C\u{fffd}[2J\u{fffd} (not-a-code)\n    did you mean A?\n    allowed: one or more of A, B"),
            "{text}"
        );
        let json: serde_json::Value = serde_json::from_str(&answer.text(true)).unwrap();
        assert_eq!(json["problem"]["errors"][0]["path"], "category");
        assert_eq!(json["problem"]["errors"][0]["near"], serde_json::json!(["A"]));
        assert_eq!(json["problem"]["errors"][0]["given"], "C\u{1b}[2J\u{202e}");
        assert!(answer.text(true).is_ascii());
    }

    #[test]
    fn what_is_no_answer_is_trouble() {
        for (status, body, said) in [
            (200, "<html>".to_owned(), "not the answer of a ledger"),
            (200, "{}".to_owned(), "missing field"),
            (200, "{\"size\":-1}".to_owned(), "not the answer of a ledger"),
            (200, format!("{{\"statements\":[{}]}}", ["{}"; 9].join(",")), "not the answer of a ledger"),
            (200, "[".repeat(1_000_000), "not the answer of a ledger"),
            (200, " ".repeat(10 << 20), "longer than"),
            (302, String::new(), "status 302"),
            (404, String::new(), "answers no searches"),
            (500, "<html>\u{1b}".to_owned(), "status 500"),
            (503, "[".repeat(300_000), "status 503"),
            (400, "[]".to_owned(), "status 400"),
            (503, "{\"title\":\"busy\",\"detail\":\"later\"}".to_owned(), "status 503: busy: later"),
        ] {
            let fake = Fake::of(vec![("api/v1/", status, body.into_bytes())]);
            for words in [&["type=decision"][..], &["--counts", "type"]] {
                // Counts may be longer.
                let said = if words.len() == 2 {
                    said.replace("longer than", "not the answer")
                } else {
                    said.to_owned()
                };
                let (answer, rows) = search(&fake, words, false);
                assert_eq!((answer.verdict(), rows.as_str()), (Verdict::Trouble, ""), "{said}");
                assert!(answer.sentence().contains(&said), "{said}: {}", answer.sentence());
            }
        }
    }
}
