//! A good line, what is changed of it, and what is said of it.

use glasshouse_ledger::draft::advice::caution::Caution;
use glasshouse_ledger::draft::advice::{Advice, Setting, advise};
use glasshouse_ledger::draft::json_line::JsonLine;
use glasshouse_verifier::instant::Instant;
use serde_json::{Value, json};

pub(crate) fn seconds(text: &str) -> u64 {
    Instant::parse_rfc3339(text).unwrap().seconds()
}

pub(crate) fn setting() -> Setting {
    Setting { now: seconds("2026-03-10T09:00:00Z"), role: None, most_errors: usize::MAX }
}

/// A host's decision with nothing to warn of.
pub(crate) fn line() -> Value {
    json!({
        "puid": "case-17",
        "provider_role": "host",
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
        "illegal_content_legal_ground": "§ 130 StGB",
        "illegal_content_explanation": "It calls for violence against a group.",
        "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
        "category_specification": ["KEYWORD_CYBER_HARASSMENT"],
        "content_type": ["CONTENT_TYPE_TEXT"],
        "content_date": "2026-02-27",
        "application_date": "2026-03-01",
        "acted_at": "2026-03-01T12:00:00Z",
        "territorial_scope": ["DE"],
        "source_type": "SOURCE_ARTICLE_16",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "legal_basis": {"kind": "statute", "jurisdiction": "DE"},
        "instrument": "Strafgesetzbuch",
        "decision_facts": "A post that calls for violence was reported and removed.",
        "redress": ["internal_complaint", "judicial"],
    })
}

pub(crate) fn with(changes: Value) -> Value {
    let mut line = line();
    for (name, value) in changes.as_object().unwrap() {
        line[name] = value.clone();
    }
    line
}

pub(crate) fn advice(line: &Value) -> Advice {
    advise(&JsonLine::parse(line.to_string().as_bytes()).unwrap(), &setting())
}

/// Rule and path of each warning.
pub(crate) fn warned(changes: Value) -> Vec<(String, String)> {
    let advice = advice(&with(changes));
    assert!(advice.errors.is_empty(), "{:#?}", advice.errors);
    advice.warnings.into_iter().map(|warning| (warning.rule, warning.path)).collect()
}

#[track_caller]
pub(crate) fn warns(rule: Caution, path: &str, changes: Value) {
    assert_eq!(warned(changes.clone()), [(rule.as_str().to_owned(), path.to_owned())], "{changes}");
}

#[track_caller]
pub(crate) fn warns_of_nothing(changes: Value) {
    assert_eq!(warned(changes.clone()), [], "{changes}");
}
