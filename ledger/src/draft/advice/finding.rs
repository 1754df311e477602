//! One thing that is wrong with a line, or that its author should look at.

use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::payload_error::PayloadError;
use serde::Serialize;
use serde_json::Value;

use super::caution::Caution;
use super::datum;
use super::reading::SEALED;
use crate::draft::json_line::MAX_PATH;

/// Longest piece of an authored value that a finding repeats, in characters.
pub const MAX_GIVEN: usize = 100;

/// An error or a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// JSON Pointer (RFC 6901) into the line, cut after 200 characters; empty for the line as a whole.
    pub path: String,
    /// Stable name of the rule.
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
    /// Of a warning: what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Finding {
    /// A warning, or a note.
    pub fn caution(path: &str, rule: Caution, given: Option<String>, advice: impl Into<String>) -> Finding {
        Finding {
            path: cut(path, MAX_PATH),
            rule: rule.as_str().to_owned(),
            given: given.map(|given| cut(&given, MAX_GIVEN)),
            allowed: None,
            near: Vec::new(),
            advice: Some(advice.into()),
        }
    }

    /// An error.
    pub fn error(path: &str, rule: &str, given: Option<&str>, allowed: &str) -> Finding {
        Finding {
            path: cut(path, MAX_PATH),
            rule: rule.to_owned(),
            given: given.map(|given| cut(&datum::masked(given), MAX_GIVEN)),
            allowed: Some(allowed.to_owned()),
            near: Vec::new(),
            advice: None,
        }
    }

    /// An error, with what the line says there if the error itself does not tell.
    pub(super) fn of_payload(
        error: &PayloadError,
        line: &Value,
        allowed: Option<String>,
        near: Vec<&str>,
    ) -> Finding {
        let allowed = allowed.or_else(|| error.allowed.clone()).unwrap_or_default();
        let given = error.given.clone().or_else(|| given_at(line, &error.path));
        let finding = Finding::error(&error.path, error.rule.as_str(), given.as_deref(), &allowed);
        Finding {
            allowed: finding.allowed.filter(|allowed| !allowed.is_empty()),
            near: near.into_iter().map(str::to_owned).collect(),
            ..finding
        }
    }
}

/// What stands at a path of the line, in short. A text that would stand beside the log is not repeated: it may name
/// somebody.
fn given_at(line: &Value, path: &str) -> Option<String> {
    let own = path.strip_prefix(SEALED).filter(|own| own.starts_with('/')).unwrap_or(path);
    let member = own.split('/').nth(1).unwrap_or_default();
    let is_text = FieldName::find(member).is_some_and(FieldName::is_addendum);
    match line.pointer(path).filter(|_| !path.is_empty())? {
        Value::Null => None,
        Value::String(text) if is_text => Some(format!("a text of {} characters", text.chars().count())),
        Value::String(text) => Some(text.chars().take(MAX_GIVEN + 1).collect()),
        Value::Array(list) => Some(format!("a list of {}", list.len())),
        Value::Object(members) => Some(format!("an object of {}", members.len())),
        scalar => Some(scalar.to_string()),
    }
}

/// The first `most` characters, and a mark where something was cut off.
fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => {
            let kept = text.get(..end).unwrap_or_default();
            let kept = kept.char_indices().next_back().map_or("", |(last, _)| kept.get(..last).unwrap_or(""));
            format!("{kept}…")
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn a_cut_text_has_the_most_characters_and_a_mark() {
        assert_eq!(cut("abcd", 4), "abcd");
        assert_eq!(cut("äbcde", 4), "äbc…");
        let finding = Finding::error(&"/x".repeat(999), "grammar", Some(&"ü".repeat(999)), "less");
        assert_eq!(finding.path.chars().count(), MAX_PATH);
        assert_eq!(finding.given.unwrap().chars().count(), MAX_GIVEN);
    }

    #[test]
    fn personal_data_is_masked_in_errors_too() {
        let finding = Finding::error("/puid", "grammar", Some("jane.doe@mail.example"), "letters");
        assert_eq!(finding.given.as_deref(), Some("j…@m….example"));
    }
}
