//! What is said of a line before it is published: every error, warnings, what a statement of reasons still lacks, and
//! the statement that would follow.
//!
//! One engine for the command `glasshouse check` and for `POST /api/v1/drafts`. It looks at one line and knows nothing of
//! the lines around it. Time and memory are linear in the line: [`JsonLine`] has bounded it.

pub mod aliases;
pub mod caution;
pub mod completeness;
mod dates;
pub mod datum;
pub mod explanation;
mod field_meanings;
pub mod finding;
mod form_words;
pub mod glossary;
mod keyword_table;
mod keywords;
pub mod members;
mod preview;
mod reading;
mod served_text;
mod suggestion;

use glasshouse_verifier::payload_error::{MAX_ERRORS, PayloadError};
use glasshouse_verifier::statement_type::StatementType;
use serde_json::Value;

use self::caution::Caution;
use self::completeness::Completeness;
use self::finding::Finding;
use self::reading::{ROLE, Read, SEALED};
use super::Reference;
use super::json_form::pointer;
use super::json_line::JsonLine;

/// So many errors of a line are helped with suggestions. A line of 16 MiB can be wrong in 20,000 places, and each
/// suggestion compares with a hundred words.
const MAX_SUGGESTED: usize = 16;

/// What a line is held against besides the rules.
#[derive(Debug, Clone)]
pub struct Setting {
    /// When it would be filed: seconds since 1970 UTC.
    pub now: u64,
    /// The role of lines that name none; `None` where nobody knows it.
    pub role: Option<String>,
    /// So many errors of a line are named, up to 256; the others are counted.
    pub most_errors: usize,
}

/// What is said of one line.
#[derive(Debug, Clone)]
pub struct Advice {
    /// What keeps it from being published, sorted by path; at most 256.
    pub errors: Vec<Finding>,
    /// How many more errors there are.
    pub more_errors: usize,
    /// What its author should look at.
    pub warnings: Vec<Finding>,
    /// Article 17(3), for a decision.
    pub completeness: Option<Completeness>,
    /// The statement that would follow, `{"entry", "texts"}`, if there is no error.
    pub statement: Option<Value>,
    /// Where it refers to other lines: JSON Pointer and the reference.
    pub references: Vec<(String, Reference)>,
}

impl Advice {
    /// What is said of a line that cannot be read at all.
    pub fn unreadable(path: &str, rule: &str, allowed: &str) -> Advice {
        Advice {
            errors: vec![Finding::error(path, rule, None, allowed)],
            more_errors: 0,
            warnings: Vec::new(),
            completeness: None,
            statement: None,
            references: Vec::new(),
        }
    }
}

/// Looks at a line.
pub fn advise(line: &JsonLine, setting: &Setting) -> Advice {
    let mut warnings = Vec::new();
    let read = Read::of(&line.value, setting, &mut warnings);
    let Read { draft, errors, value, guessed_role, kind, sealed_kind } = &read;
    for warning in draft.warnings() {
        warnings.push(Finding::caution(&warning.path, Caution::LeftOut, None, warning.why.clone()));
    }
    dates::check(draft, setting.now, &mut warnings);
    keywords::check(draft, &mut warnings);
    served_text::check(draft, &mut warnings);
    if let Some(inner) = draft.sealed() {
        // Its texts are not served; when they are disclosed, they can be left withheld.
        let outer = warnings.len();
        dates::check(inner, setting.now, &mut warnings);
        keywords::check(inner, &mut warnings);
        warnings.iter_mut().skip(outer).for_each(|warning| warning.path.insert_str(0, SEALED));
    }
    let mut completeness = kind.and_then(|_| completeness::of(draft));
    if let Some(list) = &mut completeness {
        if *guessed_role {
            list.forget_role();
        }
        completeness::warn(list, errors, &mut warnings);
    }
    // What is wrong already is not warned of as well.
    warnings.retain(|warning| errors.iter().all(|error| error.path != warning.path));
    let most = MAX_ERRORS.min(setting.most_errors);
    let statement = if errors.is_empty() { preview::of(draft, value) } else { None };
    Advice {
        errors: errors
            .iter()
            .take(most)
            .enumerate()
            .map(|(at, error)| helped(at, error, [*kind, *sealed_kind], value))
            .collect(),
        more_errors: errors.len().saturating_sub(most),
        warnings,
        completeness,
        statement: statement.map(|statement| if *guessed_role { without_role(statement) } else { statement }),
        references: draft
            .unresolved()
            .map(|name| (place_of(value, &name.to_string()), name.clone()))
            .collect(),
    }
}

/// An error with what helps, by the types of the line and of what it seals.
fn helped(at: usize, error: &PayloadError, kinds: [Option<StatementType>; 2], line: &Value) -> Finding {
    let [kind, sealed_kind] = kinds;
    let (allowed, near) = match at < MAX_SUGGESTED {
        true => suggestion::helped(error, kind, sealed_kind),
        false => (None, Vec::new()),
    };
    Finding::of_payload(error, line, allowed, near)
}

fn without_role(mut statement: Value) -> Value {
    if let Some(entry) = statement.get_mut("entry").and_then(Value::as_object_mut) {
        entry.remove(ROLE);
    }
    statement
}

/// JSON Pointer to the first text of that spelling in the line, `""` if there is none. The line's depth is bounded.
fn place_of(line: &Value, text: &str) -> String {
    fn find(value: &Value, text: &str, at: &str) -> Option<String> {
        match value {
            Value::String(found) => (found == text).then(|| at.to_owned()),
            Value::Array(list) => {
                list.iter().enumerate().find_map(|(index, value)| find(value, text, &format!("{at}/{index}")))
            }
            Value::Object(members) => {
                members.iter().find_map(|(name, value)| find(value, text, &format!("{at}/{}", pointer(name))))
            }
            _ => None,
        }
    }
    // Only in the members that hold references: another text may be spelt the same.
    ["", SEALED]
        .into_iter()
        .flat_map(|outer| ["relates_to", "targets"].map(|name| format!("{outer}/{name}")))
        .find_map(|member| find(line.pointer(&member)?, text, &member))
        .unwrap_or_default()
}
