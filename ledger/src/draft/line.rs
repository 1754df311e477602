//! One line of authoring JSON, read whole: every fault is found, not only the first.

use std::collections::BTreeMap;

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::{FieldName, Form, check_addendum_value, is_locator_keyword};
use glasshouse_verifier::payload_error::{PayloadError, Rule};
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::vocabulary::Vocabulary;
use serde_json::{Map, Value};

use super::json_form::{self, Reading, UNREADABLE, error, is_absent, pointer, reading};
use super::{Draft, dropped, nested, reference, targets, trial, withholding};

/// Members of a line that are no field of the table.
pub(super) const OWN_MEMBERS: [&str; 7] =
    ["type", "vocabulary", "id", "statement", "subject", "subject_in_entry", "withheld"];

/// What a provider writes as a line. The other types are the registrar's, or made by commands of their own.
pub(super) const WRITTEN: [StatementType; 10] = [
    StatementType::Decision,
    StatementType::NoAction,
    StatementType::Amendment,
    StatementType::Outcome,
    StatementType::Lifted,
    StatementType::Withdrawal,
    StatementType::Sealed,
    StatementType::Redaction,
    StatementType::Declaration,
    StatementType::Void,
];

/// What can be sealed.
pub(super) const SEALABLE: [StatementType; 2] = [StatementType::Decision, StatementType::NoAction];

/// The keywords under which a locator is withheld or refused (spec/fields.json, `locator_keywords`).
pub(super) fn has_locator_keyword(fields: &BTreeMap<FieldName, Item>) -> bool {
    let Some(Item::Array(set)) = fields.get(&FieldName::CATEGORY_SPECIFICATION) else {
        return false;
    };
    set.iter().filter_map(Item::as_text).any(is_locator_keyword)
}

/// Reads a line, then tries it against every rule that the verifier has.
pub(super) fn read(line: &Value) -> Result<Draft, Vec<PayloadError>> {
    whole(read_whole(line))
}

/// Reads a line as far as it can be read: what is good of it, and every fault.
pub(super) fn read_whole(line: &Value) -> (Draft, Vec<PayloadError>) {
    read_as(line, &WRITTEN)
}

/// Reads what a command makes of its arguments where a line may not say it.
pub(super) fn read_of_command(line: &Value) -> Result<Draft, Vec<PayloadError>> {
    whole(read_as(line, &[StatementType::Disclosure]))
}

/// A draft without a fault, or its faults.
fn whole((draft, errors): (Draft, Vec<PayloadError>)) -> Result<Draft, Vec<PayloadError>> {
    if errors.is_empty() { Ok(draft) } else { Err(errors) }
}

/// The same error of what stands inside a member.
pub(super) fn inside(member: &str, error: PayloadError) -> PayloadError {
    PayloadError { path: format!("{member}{}", error.path), ..error }
}

fn read_as(line: &Value, kinds: &[StatementType]) -> (Draft, Vec<PayloadError>) {
    let Value::Object(members) = line else {
        let fault = error("", Rule::WrongType, None, "one JSON object a line");
        return (Draft::new(StatementType::Decision), vec![fault]);
    };
    let mut errors = Vec::new();
    let (kind, vocabulary) = (read_kind(members, kinds, &mut errors), read_vocabulary(members, &mut errors));
    let mut draft = Draft::new(kind.unwrap_or(StatementType::Decision));
    draft.vocabulary = vocabulary.unwrap_or(draft.vocabulary);
    if !errors.is_empty() {
        // What they say decides how the rest is read.
        return (draft, errors);
    }
    for (name, value) in members.iter().filter(|(_, value)| !is_absent(value)) {
        if !OWN_MEMBERS.contains(&name.as_str()) {
            read_member(name, value, &mut draft, &mut errors);
        }
    }
    read_id(members, &draft, &mut errors);
    read_sealed(members, &mut draft, &mut errors);
    draft.put_references();
    draft.texts.extend(reference::uris(&draft.relations).map(|item| (FieldName::RELATES_TO_URI, item)));
    draft.warnings.extend(dropped::drop_silent(draft.kind, &mut draft.fields, &mut draft.texts));
    read_subject(members, &mut draft, &mut errors);
    let wishes = withholding::read(members.get("withheld").filter(|value| !is_absent(value)), &mut errors);
    draft.withheld = withholding::decide(&wishes, draft.kind, &draft.fields, &draft.texts, &mut errors);
    let more = trial::faults(&draft).into_iter().map(|fault| at_dump_column(members, fault));
    let more: Vec<PayloadError> = more.filter(|error| !is_told(&errors, error)).collect();
    errors.extend(more);
    if errors.is_empty() {
        draft.served = wishes.served;
        // What is sealed gets its bytes, with salts and a number, only when it is signed.
        draft.texts.remove(&FieldName::SEALED_STATEMENT);
    }
    errors.sort();
    errors.dedup_by(|later, first| later.path == first.path && later.rule == first.rule);
    (draft, errors)
}

/// Whether an error was found when the line was read; or says no more than that what stands for an unreadable value has no
/// right form.
fn is_told(told: &[PayloadError], error: &PayloadError) -> bool {
    let path = error.path.as_str();
    let within =
        |other: &str| path.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let stand_in = |other: &str| error.rule == Rule::WrongType && (within(other) || member_of(other) == path);
    let same = |other: &PayloadError| other.path == path && other.rule == error.rule;
    told.iter().any(|other| same(other) || stand_in(&other.path))
}

/// The member that a path leads into; under `withheld` each field's terms are read alone.
fn member_of(path: &str) -> String {
    let steps = if path.starts_with("/withheld/") { 3 } else { 2 };
    path.split('/').take(steps).collect::<Vec<_>>().join("/")
}

/// A product number that stands in the dumps' column has its errors there.
fn at_dump_column(members: &Map<String, Value>, error: PayloadError) -> PayloadError {
    let is_there = members.get("content_id_ean").is_some_and(|value| !is_absent(value));
    match is_there && error.path.starts_with("/content_id") {
        true => PayloadError { path: "/content_id_ean".to_owned(), ..error },
        false => error,
    }
}

/// `vocabulary`, by default version 2.
fn read_vocabulary(members: &Map<String, Value>, errors: &mut Vec<PayloadError>) -> Option<Vocabulary> {
    let given = members.get("vocabulary").filter(|value| !is_absent(value))?;
    let known = given.as_str().and_then(Vocabulary::find);
    if known.is_none() {
        let allowed = Vocabulary::ALL.map(Vocabulary::as_str).join(" or ");
        errors.push(error("/vocabulary", Rule::NotACode, given.as_str(), &allowed));
    }
    known
}

/// `type`, by default a decision.
fn read_kind(
    members: &Map<String, Value>,
    kinds: &[StatementType],
    errors: &mut Vec<PayloadError>,
) -> Option<StatementType> {
    let name = match members.get("type").filter(|value| !is_absent(value)) {
        None => return Some(StatementType::Decision),
        Some(value) => value.as_str().unwrap_or_default(),
    };
    let kind = kinds.iter().copied().find(|kind| kind.as_str() == name);
    if kind.is_none() {
        let names: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        errors.push(error("/type", Rule::NotACode, Some(name), &names.join(", ")));
    }
    kind
}

/// `id`: what a line is called that has no puid, nor seals one. It is no part of the statement; it has the grammar of a puid.
fn read_id(members: &Map<String, Value>, draft: &Draft, errors: &mut Vec<PayloadError>) {
    let Some(value) = members.get("id").filter(|value| !is_absent(value)) else { return };
    if SEALABLE.contains(&draft.kind) || draft.kind == StatementType::Sealed {
        let allowed = "a decision and a refusal, sealed or not, are known by their puid";
        errors.push(error("/id", Rule::Forbidden, None, allowed));
        return;
    }
    let checked = json_form::text("/id", value).and_then(|item| check_addendum_value(FieldName::PUID, &item));
    errors.extend(checked.err().map(|error| PayloadError { path: "/id".to_owned(), ..error }));
}

/// `statement`, in a `sealed` line: the line that would have been published.
fn read_sealed(members: &Map<String, Value>, draft: &mut Draft, errors: &mut Vec<PayloadError>) {
    const PATH: &str = "/statement";
    let statement = members.get("statement").filter(|value| !is_absent(value));
    match (draft.kind, statement) {
        (StatementType::Sealed, Some(statement)) => {
            // Until it is signed, a byte stands for it.
            draft.texts.insert(FieldName::SEALED_STATEMENT, Item::bytes(vec![0]));
            match whole(read_as(statement, &SEALABLE)) {
                Ok(inner) => {
                    let warnings = inner.warnings.iter().cloned();
                    draft.warnings = warnings.map(|warning| warning.inside(PATH)).collect();
                    draft.sealed = Some(Box::new(inner));
                }
                Err(more) => errors.extend(more.into_iter().map(|error| inside(PATH, error))),
            }
        }
        (StatementType::Sealed, None) => {
            let allowed = "the decision or no_action that is sealed, as an object";
            errors.push(error(PATH, Rule::Required, None, allowed));
        }
        (_, Some(_)) => errors.push(error(PATH, Rule::UnknownField, None, "only in a sealed line")),
        (_, None) => {}
    }
}

/// `subject` and `subject_in_entry`. Without a subject the puid stands for it, and needs no addendum of its own.
fn read_subject(members: &Map<String, Value>, draft: &mut Draft, errors: &mut Vec<PayloadError>) {
    const ALLOWED: &str = "domain:…, url:…, account:… or asn:…";
    if !SEALABLE.contains(&draft.kind) {
        let given = ["subject", "subject_in_entry"].into_iter();
        for name in given.filter(|name| members.get(*name).is_some_and(|value| !is_absent(value))) {
            let allowed = format!("a field of the type {}", draft.kind);
            errors.push(error(&format!("/{name}"), Rule::UnknownField, Some(name), &allowed));
        }
        return;
    }
    match members.get("subject").filter(|value| !is_absent(value)) {
        None => draft.subject = draft.puid().map(|puid| format!("puid:{puid}")),
        Some(Value::String(text)) => {
            let known = ["domain:", "url:", "account:", "asn:"];
            let named = known.iter().any(|kind| text.len() > kind.len() && text.starts_with(kind));
            if named {
                draft.subject = Some(text.clone());
                draft.texts.insert(FieldName::SUBJECT, Item::text(text.clone()));
            } else {
                errors.push(error("/subject", Rule::Grammar, None, ALLOWED));
                draft.texts.insert(FieldName::SUBJECT, UNREADABLE);
            }
        }
        Some(_) => {
            errors.push(error("/subject", Rule::WrongType, None, ALLOWED));
            draft.texts.insert(FieldName::SUBJECT, UNREADABLE);
        }
    }
    match members.get("subject_in_entry") {
        None | Some(Value::Null | Value::Bool(false)) => {}
        Some(Value::Bool(true)) => draft.subject_in_entry = true,
        Some(_) => errors.push(error("/subject_in_entry", Rule::WrongType, None, "true or false")),
    }
    let public =
        draft.subject().is_some_and(|text| ["domain:", "asn:"].iter().any(|kind| text.starts_with(kind)));
    let is_unreadable = draft.texts.get(&FieldName::SUBJECT) == Some(&UNREADABLE);
    if is_unreadable {
        draft.subject_in_entry = false;
    } else if draft.subject_in_entry && !public {
        draft.subject_in_entry = false;
        let allowed = "only with a subject domain:… or asn:…";
        errors.push(error("/subject_in_entry", Rule::Needs, None, allowed));
    }
}

fn read_member(name: &str, value: &Value, draft: &mut Draft, errors: &mut Vec<PayloadError>) {
    let path = format!("/{}", pointer(name));
    let (written, is_dump_column) = match name {
        "content_id_ean" => (FieldName::CONTENT_ID.as_str(), true),
        name => (name, false),
    };
    let Some(field) = FieldName::find(written).filter(|field| can_be_written(draft.kind, *field)) else {
        let allowed = format!("a field of the type {}", draft.kind);
        errors.push(error(&path, Rule::UnknownField, Some(name), &allowed));
        return;
    };
    let (item, mut more) = match field {
        _ if is_dump_column => nested::content_id_ean(&path, value),
        FieldName::RELATES_TO => reading(reference::read(&path, value).map(|relations| {
            draft.relations = relations;
            Item::Array(Vec::new())
        })),
        FieldName::TARGETS => reading(targets::read(&path, value).map(|targets| {
            draft.targets = targets;
            Item::Array(Vec::new())
        })),
        field => read_form(field.form(), &path, value),
    };
    errors.append(&mut more);
    let place = if field.is_addendum() { &mut draft.texts } else { &mut draft.fields };
    place.insert(field, item);
}

/// Whether an author writes the field in a line of that type. `relates_to_uri` follows from `relates_to`,
/// `sealed_statement` from `statement`.
fn can_be_written(kind: StatementType, field: FieldName) -> bool {
    let rules = kind.rules();
    let entry = rules.required.union(rules.optional);
    let addenda = rules.required_addenda.union(rules.optional_addenda);
    let made = [FieldName::RELATES_TO_URI, FieldName::SEALED_STATEMENT];
    !made.contains(&field) && entry.union(addenda).contains(field)
}

fn read_form(form: Form, path: &str, value: &Value) -> Reading {
    let one = |result: Result<Item, PayloadError>| reading(result.map_err(|error| vec![error]));
    match form {
        Form::Codes(_) | Form::Texts | Form::TextNames | Form::FieldNames => {
            one(json_form::text_set(path, value))
        }
        Form::Day => one(json_form::day(path, value)),
        Form::Instant => one(json_form::instant(path, value)),
        Form::Positive | Form::Count => one(json_form::number(path, value)),
        Form::Digest | Form::Digest32 => one(json_form::digest(path, value)),
        Form::ContentId => nested::content_id(path, value),
        Form::LegalBasis => nested::legal_basis(path, value),
        Form::Attribution => nested::attribution(path, value),
        _ => one(json_form::text(path, value)),
    }
}
