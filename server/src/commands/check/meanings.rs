//! What `--explain` says of a word.

use glasshouse_ledger::draft::advice::explanation::Explanation;
use glasshouse_ledger::draft::advice::glossary::{self, CodesEntry, FieldEntry, TypeEntry};
use serde::Serialize;
use serde_json::json;

use super::report::say;
use crate::commands::CommandError;

/// Everything that has one name.
pub(super) struct Meanings {
    pub(super) rules: Vec<Explanation>,
    pub(super) kind: Option<TypeEntry>,
    pub(super) field: Option<FieldEntry>,
    pub(super) codes: Option<CodesEntry>,
}

impl Meanings {
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.kind.is_none() && self.field.is_none() && self.codes.is_none()
    }

    /// Writes them on standard output.
    pub(super) fn say(&self, json: bool) -> Result<(), CommandError> {
        let text = if json { self.as_json() } else { self.as_text() };
        say(&text)
    }

    fn as_json(&self) -> String {
        let rules = self.rules.iter().map(|rule| event("rule", rule));
        let kind = self.kind.iter().map(|kind| event("type", kind));
        let field = self.field.iter().map(|field| event("field", field));
        let codes = self.codes.iter().map(|codes| event("codes", codes));
        rules.chain(kind).chain(field).chain(codes).collect()
    }

    fn as_text(&self) -> String {
        let mut parts: Vec<String> = self.rules.iter().map(rule).collect();
        parts.extend(self.kind.as_ref().map(kind));
        if let Some(field) = &self.field {
            let FieldEntry { name, meaning, holds, place, required_in, optional_in } = field;
            let types = |types: &[&str]| if types.is_empty() { "none".to_owned() } else { types.join(", ") };
            let (required, optional) = (types(required_in), types(optional_in));
            parts.push(format!(
                "{name} (field)\n  {meaning}\n  holds: {holds}\n  stands: {place}\n  required in: {required}\n  optional in: {optional}\n"
            ));
        }
        if let Some(codes) = &self.codes {
            parts.push(format!("{} (codes)\n  {}\n", codes.name, codes.codes.join("\n  ")));
        }
        parts.join("\n")
    }
}

/// A type: what is required with what it holds, the rest by name.
fn kind(kind: &TypeEntry) -> String {
    let holds = |name: &&str| {
        let field = glossary::find_field(name);
        let (meaning, holds) = field.map(|field| (field.meaning, field.holds)).unwrap_or_default();
        format!("    {name}: {meaning}: {holds}\n")
    };
    let required: String = kind.required.iter().map(holds).collect();
    let notes: String = kind.notes.iter().map(|note| format!("    {note}\n")).collect();
    let optional = wrapped(&kind.optional);
    format!("{} (type)\n  required:\n{required}{notes}  optional:\n{optional}", kind.name)
}

/// Names in lines of a readable width.
fn wrapped(names: &[&str]) -> String {
    const WIDTH: usize = 100;
    let mut names = names.to_vec();
    names.sort_unstable();
    let (mut text, mut width) = (String::from("   "), 3);
    for name in names {
        if width + name.len() > WIDTH {
            text.push_str("\n   ");
            width = 3;
        }
        text.push_str(&format!(" {name}"));
        width += name.len() + 1;
    }
    text.push('\n');
    text
}

fn event(name: &str, value: &impl Serialize) -> String {
    let mut value = serde_json::to_value(value).unwrap_or_default();
    value["event"] = json!(name);
    format!("{value}\n")
}

fn rule(explanation: &Explanation) -> String {
    let Explanation { rule, weight, meaning, wrong, right } = explanation;
    let indented = |lines: &str| lines.replace('\n', "\n         ");
    let (wrong, right) = (indented(wrong), indented(right));
    format!("{rule} ({weight})\n  {meaning}\n  wrong: {wrong}\n  right: {right}\n")
}
