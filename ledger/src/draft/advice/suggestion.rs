//! What an error of a line is helped with: what would be allowed in words, and what may have been meant.

use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::fields::{FieldName, FieldSet};
use glasshouse_verifier::payload_error::{PayloadError, Rule};
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::vocabulary::Vocabulary;

use super::super::line::{OWN_MEMBERS, SEALABLE, WRITTEN};
use super::aliases;
use super::form_words;
use super::keyword_table::RENAMED;
use super::members;
use super::reading::SEALED;
use crate::near::near;

/// The same for an error of a line, or of the line that it seals: that one is helped with like a line of its own.
pub(super) fn helped(
    error: &PayloadError,
    kind: Option<StatementType>,
    sealed_kind: Option<StatementType>,
) -> (Option<String>, Vec<&'static str>) {
    let own = error.path.strip_prefix(SEALED).filter(|path| path.starts_with('/'));
    let Some(path) = own.filter(|_| kind == Some(StatementType::Sealed)) else { return of(error, kind) };
    let (allowed, mut near) = of(&PayloadError { path: path.to_owned(), ..error.clone() }, sealed_kind);
    if path == "/type" {
        near.retain(|name| SEALABLE.iter().any(|kind| kind.as_str() == *name));
    }
    (allowed, near)
}

/// What would be allowed, where the error itself does not say it well, and what may have been meant.
///
/// Without a type, which is so where nobody knows which one was meant, the fields of all of them are compared.
fn of(error: &PayloadError, kind: Option<StatementType>) -> (Option<String>, Vec<&'static str>) {
    let given = error.given.as_deref().unwrap_or_default();
    match error.rule {
        Rule::NotACode if error.path == "/type" => {
            let known_as = aliases::types(given);
            let near = || near(given, WRITTEN.into_iter().map(StatementType::as_str));
            (None, if known_as.is_empty() { near() } else { known_as })
        }
        Rule::NotACode if error.path == "/vocabulary" => {
            (None, near(given, Vocabulary::ALL.into_iter().map(Vocabulary::as_str)))
        }
        Rule::Forbidden if error.path == "/id" => (None, vec!["puid"]),
        Rule::NotACode => match code_set(error) {
            Some(set) => (Some(form_words::code(set)), near_codes(given, set)),
            None => (None, Vec::new()),
        },
        Rule::UnknownField => (Some(known(error, kind)), meant(&error.path, given, kind)),
        Rule::WrongType => (form_words::of_path(&error.path), Vec::new()),
        Rule::Required if error.allowed.is_none() || error.path == "/legal_basis/statute_id" => {
            (form_words::of_path(&error.path), Vec::new())
        }
        Rule::Forbidden | Rule::Duplicate | Rule::MustBeWithheld if error.allowed.is_none() => {
            (Some(form_words::remedy(error.rule).to_owned()), Vec::new())
        }
        _ => (None, Vec::new()),
    }
}

/// The set that an error "a code of …" names.
fn code_set(error: &PayloadError) -> Option<CodeSet> {
    let name = error.allowed.as_deref()?.strip_prefix("a code of ")?;
    CodeSet::ALL.iter().copied().find(|set| set.name() == name)
}

/// Codes that look like the given one; a code of the European version 1 has one successor or none.
fn near_codes(given: &str, set: CodeSet) -> Vec<&'static str> {
    if let Some((_, successor)) = RENAMED.iter().find(|(old, _)| *old == given) {
        return successor.iter().copied().collect();
    }
    let near = near(given, set.values().iter().copied());
    if near.is_empty() { aliases::codes(given, set) } else { near }
}

/// What may stand at the place of an unknown member.
fn known(error: &PayloadError, kind: Option<StatementType>) -> String {
    let (parent, _) = error.path.rsplit_once('/').unwrap_or_default();
    if parent.is_empty() {
        let Some(kind) = kind else { return "a field: no type has one of this name".to_owned() };
        return format!("a field of the type {kind}: glasshouse check --explain {kind} lists them");
    }
    if parent == "/withheld" {
        let names = texts(kind).collect::<Vec<_>>().join(", ");
        return match kind {
            Some(kind) => format!("the name of a text of the type {kind}: {names}"),
            None => format!("the name of a text: {names}"),
        };
    }
    let at = parent.rsplit('/').find(|step| step.parse::<usize>().is_err()).unwrap_or_default();
    match members::inside(at) {
        names if names.is_empty() => error.allowed.clone().unwrap_or_default(),
        names => format!("a member of {at}: {}", names.join(", ")),
    }
}

/// Names that look like the unknown one, or mean the same.
fn meant(path: &str, given: &str, kind: Option<StatementType>) -> Vec<&'static str> {
    let names = beside(path, kind);
    let known_as = aliases::fields(given, &names);
    if known_as.is_empty() { near(given, names) } else { known_as }
}

/// What may stand beside the unknown member.
fn beside(path: &str, kind: Option<StatementType>) -> Vec<&'static str> {
    let steps: Vec<&str> = path.split('/').skip(1).filter(|step| step.parse::<usize>().is_err()).collect();
    match steps.as_slice() {
        ["withheld", _] => texts(kind).collect(),
        ["withheld", ..] => members::inside("withheld"),
        [_] => fields(kind).chain(OWN_MEMBERS).chain(["content_id_ean"]).collect(),
        [.., parent, _] => members::inside(parent),
        [] => Vec::new(),
    }
}

/// The type, or every one that a line can have.
fn kinds(kind: Option<StatementType>) -> impl Iterator<Item = StatementType> {
    WRITTEN.into_iter().filter(move |one| kind.is_none_or(|kind| kind == *one))
}

fn fields(kind: Option<StatementType>) -> impl Iterator<Item = &'static str> {
    let has = move |field: FieldName| {
        kinds(kind).any(|kind| {
            let rules = kind.rules();
            rules.required.union(rules.optional).contains(field) || texts_of(kind).contains(field)
        })
    };
    FieldName::all().filter(move |field| has(*field)).map(FieldName::as_str)
}

fn texts(kind: Option<StatementType>) -> impl Iterator<Item = &'static str> {
    let has = move |field: FieldName| kinds(kind).any(|kind| texts_of(kind).contains(field));
    FieldName::all().filter(move |field| has(*field)).map(FieldName::as_str)
}

fn texts_of(kind: StatementType) -> FieldSet {
    kind.rules().required_addenda.union(kind.rules().optional_addenda)
}
