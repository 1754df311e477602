//! What `--explain` says of a word.

use glasshouse_ledger::draft::advice::explanation::Explanation;
use glasshouse_ledger::draft::advice::glossary::{self, CodeEntry, CodesEntry, FieldEntry, TypeEntry};
use glasshouse_ledger::draft::advice::members::{self, MemberEntry};
use serde::Serialize;
use serde_json::json;

use super::report::say;
use crate::commands::CommandError;
use crate::problem::{Kind, TYPE_PREFIX};

/// Everything that has one name.
pub(super) struct Meanings {
    rules: Vec<Explanation>,
    problems: Vec<Kind>,
    kind: Option<TypeEntry>,
    field: Option<FieldEntry>,
    members: Vec<MemberEntry>,
    codes: Option<CodesEntry>,
    code: Option<CodeEntry>,
}

impl Meanings {
    /// What a word means, be it a name or a path as `check` prints it; `all` is every rule and every problem. None if it
    /// means nothing.
    pub(super) fn of(word: &str) -> Option<Meanings> {
        // As in an answer: the whole type of a problem, a path into a line, a path into what is sealed.
        let word = word.strip_prefix(TYPE_PREFIX).unwrap_or(word).trim_start_matches('/');
        let word = word.strip_prefix("statement/").unwrap_or(word);
        let mut place = Some(word);
        while let Some(word) = place {
            let meanings = Meanings::named(word);
            if !meanings.is_empty() {
                return Some(meanings);
            }
            // What is said of an element is said of the list, too.
            place = word.rsplit_once('/').map(|(around, _)| around);
        }
        None
    }

    fn named(word: &str) -> Meanings {
        let is_meant = |name: &str| word == "all" || name == word;
        Meanings {
            rules: Explanation::all().filter(|explanation| is_meant(explanation.rule)).collect(),
            problems: Kind::ALL.iter().copied().filter(|kind| is_meant(kind.slug)).collect(),
            kind: glossary::find_type(word),
            field: glossary::find_field(word),
            members: members::find_members(word),
            codes: glossary::find_codes(word),
            code: glossary::find_code(word),
        }
    }

    fn is_empty(&self) -> bool {
        let Meanings { rules, problems, kind, field, members, codes, code } = self;
        let lists = [rules.is_empty(), problems.is_empty(), members.is_empty()];
        let ones = [kind.is_none(), field.is_none(), codes.is_none(), code.is_none()];
        lists.into_iter().chain(ones).all(|is_empty| is_empty)
    }

    /// Writes them on standard output.
    pub(super) fn say(&self, json: bool) -> Result<(), CommandError> {
        let text = if json { self.as_json() } else { self.as_text() };
        say(&text)
    }

    fn as_json(&self) -> String {
        let rules = self.rules.iter().map(|rule| event("rule", rule));
        let problems = self.problems.iter().map(|kind| {
            let Kind { slug, status, title, remedy } = kind;
            event("problem", &json!({"slug": slug, "status": status, "title": title, "remedy": remedy}))
        });
        let kind = self.kind.iter().map(|kind| event("type", kind));
        let field = self.field.iter().map(|field| event("field", field));
        let codes = self.codes.iter().map(|codes| event("codes", codes));
        let members = self.members.iter().map(|member| event("member", member));
        let code = self.code.iter().map(|code| event("code", code));
        rules.chain(problems).chain(kind).chain(field).chain(members).chain(codes).chain(code).collect()
    }

    fn as_text(&self) -> String {
        let mut parts: Vec<String> = self.rules.iter().map(rule).collect();
        parts.extend(self.problems.iter().map(problem));
        parts.extend(self.kind.as_ref().map(kind));
        if let Some(field) = &self.field {
            let FieldEntry { name, meaning, holds, place, required_in, optional_in } = field;
            let types = |types: &[&str]| if types.is_empty() { "none".to_owned() } else { types.join(", ") };
            let (required, optional) = (types(required_in), types(optional_in));
            parts.push(format!(
                "{name} (field)\n  {meaning}\n  holds: {holds}\n  stands: {place}\n  required in: {required}\n  optional in: {optional}\n"
            ));
        }
        parts.extend(self.members.iter().map(|MemberEntry { path, meaning, holds }| {
            format!("{path} (member)\n  {meaning}\n  holds: {holds}\n")
        }));
        if let Some(codes) = &self.codes {
            parts.push(format!("{} (codes)\n  {}\n", codes.name, codes.codes.join("\n  ")));
        }
        if let Some(CodeEntry { code, sets, fields }) = &self.code {
            let fields = match fields.as_slice() {
                [] => String::new(),
                fields => format!("  stands in: {}\n", fields.join(", ")),
            };
            parts.push(format!("{code} (code)\n  of: {}\n{fields}", sets.join(", ")));
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

/// A problem: what a log says, and what to do.
fn problem(kind: &Kind) -> String {
    let Kind { slug, status, title, remedy } = kind;
    format!("{slug} (answer of a log, {status})\n  {title}.\n  do: {remedy}\n")
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
