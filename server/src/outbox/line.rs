//! One authored line: JSON, what it is known by, and whether it says the same as before.

use glasshouse_ledger::draft::json_line::JsonLine;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

pub use glasshouse_ledger::draft::json_line::MAX_LINE;

/// A line that is a JSON object.
#[derive(Debug, Clone)]
pub struct AuthoredLine {
    number: u64,
    json: JsonLine,
    is_by_command: bool,
}

/// A rule that a line breaks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LineError {
    /// Line number in the input, from 1.
    pub line: u64,
    /// JSON Pointer to the field (RFC 6901); empty for the line as a whole.
    pub path: String,
    /// Name of the rule.
    pub rule: String,
    /// What the line says there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// What would be allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
}

impl LineError {
    /// A fault of the line as a whole.
    pub fn whole(line: u64, rule: &str, allowed: impl Into<String>) -> LineError {
        LineError {
            line,
            path: String::new(),
            rule: rule.to_owned(),
            given: None,
            allowed: Some(allowed.into()),
        }
    }

    /// A fault of one field.
    pub fn field(line: u64, path: &str, rule: &str, given: Option<&str>, allowed: &str) -> LineError {
        LineError {
            line,
            path: path.to_owned(),
            rule: rule.to_owned(),
            given: given.map(|text| text.chars().take(100).collect()),
            allowed: Some(allowed.to_owned()),
        }
    }
}

impl LineError {
    /// The same in words, for a line that nobody wrote.
    pub fn without_line(&self) -> String {
        let text = self.to_string();
        text.split_once(": ").map_or(text.clone(), |(_, rest)| rest.to_owned())
    }
}

/// A path as people read it: without its first slash, and with every control character of a member's name escaped, so that it
/// steers no terminal and begins no line.
pub(crate) fn shown_path(path: &str) -> String {
    let mut shown = String::with_capacity(path.len());
    for letter in path.strip_prefix('/').unwrap_or(path).chars() {
        match letter.is_control() {
            true => shown.extend(letter.escape_unicode()),
            false => shown.push(letter),
        }
    }
    shown
}

impl std::fmt::Display for LineError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "line {}: ", self.line)?;
        let field = shown_path(&self.path);
        if !field.is_empty() {
            write!(out, "{field}: ")?;
        }
        write!(out, "{}", self.rule)?;
        if let Some(given) = &self.given {
            write!(out, ", given {given:?}")?;
        }
        match &self.allowed {
            Some(allowed) => write!(out, " ({allowed})"),
            None => Ok(()),
        }
    }
}

impl AuthoredLine {
    /// Reads line `number` of the input. `None` for a line of white space.
    ///
    /// # Errors
    /// One [`LineError`] if it is longer than [`MAX_LINE`], no JSON, no object, or beyond the bounds of [`JsonLine`], or if a
    /// member stands twice in it.
    pub fn parse(number: u64, bytes: &[u8]) -> Result<Option<AuthoredLine>, LineError> {
        if bytes.len() <= MAX_LINE && bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        match JsonLine::parse(bytes) {
            Ok(json) => Ok(Some(AuthoredLine { number, json, is_by_command: false })),
            Err(fault) => {
                let whole = LineError::whole(number, fault.rule(), fault.to_string());
                Err(LineError { path: fault.path().to_owned(), ..whole })
            }
        }
    }

    /// A line made in memory.
    pub fn from_value(number: u64, value: Value) -> AuthoredLine {
        let json = JsonLine { value };
        AuthoredLine { number, json, is_by_command: false }
    }

    /// Line number in the input, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The object.
    pub fn value(&self) -> &Value {
        &self.json.value
    }

    /// The object, as one that was bounded.
    pub fn json(&self) -> &JsonLine {
        &self.json
    }

    /// What the line is known by: its `puid` or that of what it seals, else its `id`, else its content.
    pub fn id(&self) -> String {
        let named = |name: &str, pointer: &str| {
            let text = self.value().pointer(pointer)?.as_str().filter(|text| !text.is_empty())?;
            Some(format!("{name}:{text}"))
        };
        let puid = named("puid", "/puid").or_else(|| named("puid", "/statement/puid"));
        puid.or_else(|| named("id", "/id")).unwrap_or_else(|| format!("sha256:{}", self.content()))
    }

    /// A line that a command makes, of a type that no line has.
    #[must_use]
    pub fn by_command(mut self) -> AuthoredLine {
        self.is_by_command = true;
        self
    }

    /// Whether a command made it, and not an author.
    pub fn is_by_command(&self) -> bool {
        self.is_by_command
    }

    /// SHA-256 of the line in its canonical form, hex: members sorted, white space and absent members left out.
    pub fn content(&self) -> String {
        hex::encode(Sha256::digest(canonical(self.value()).to_string()))
    }
}

/// The same value with the members of every object sorted and absent ones (null, "", [], {}) left out.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut kept: Vec<(&String, Value)> = members
                .iter()
                .map(|(name, value)| (name, canonical(value)))
                .filter(|(_, value)| !is_absent(value))
                .collect();
            kept.sort_unstable_by_key(|(name, _)| *name);
            Value::Object(kept.into_iter().map(|(name, value)| (name.clone(), value)).collect::<Map<_, _>>())
        }
        Value::Array(elements) => Value::Array(elements.iter().map(canonical).collect()),
        other => other.clone(),
    }
}

fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn line(text: &str) -> AuthoredLine {
        AuthoredLine::parse(1, text.as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn the_same_content_in_another_spelling_is_the_same_content() {
        let a = line(r#"{"puid":"a","legal_basis":{"kind":"statute","jurisdiction":"DE"},"items":3}"#);
        let b = line(
            r#" { "items": 3, "legal_basis": {"jurisdiction":"DE", "kind":"statute"}, "puid":"a", "redress":[], "contact":null } "#,
        );
        assert_eq!(a.content(), b.content());
        assert_eq!(a.id(), "puid:a");
        let c = line(r#"{"puid":"a","legal_basis":{"kind":"statute","jurisdiction":"DE"},"items":4}"#);
        assert_ne!(a.content(), c.content());
    }

    #[test]
    fn a_line_without_puid_is_known_by_its_id_or_its_content() {
        assert_eq!(line(r#"{"type":"withdrawal","id":"w-1"}"#).id(), "id:w-1");
        let a = line(r#"{"type":"void","first":1}"#);
        assert_eq!(a.id(), format!("sha256:{}", a.content()));
    }

    #[test]
    fn a_line_that_is_no_object_is_named() {
        assert!(AuthoredLine::parse(3, b"  \t").unwrap().is_none());
        let error = AuthoredLine::parse(3, b"[1]").unwrap_err();
        assert_eq!(error.to_string(), "line 3: wrong-type (each line is one JSON object)");
        let error = AuthoredLine::parse(4, b"{\"a\":").unwrap_err();
        assert!(error.to_string().starts_with("line 4: not-json (at column 5"), "{error}");
        let error = LineError::field(5, "/category", "not-a-code", Some("X"), "a category");
        assert_eq!(error.to_string(), "line 5: category: not-a-code, given \"X\" (a category)");
        let error = LineError::field(6, "/é\u{1b}[2K\nline 7: fine", "unknown-field", None, "a member");
        assert_eq!(error.to_string(), "line 6: é\\u{1b}[2K\\u{a}line 7: fine: unknown-field (a member)");
    }
}
