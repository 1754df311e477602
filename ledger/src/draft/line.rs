//! One line of authoring JSON, read whole: every fault is found, not only the first.

use std::collections::{BTreeMap, BTreeSet};

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::{FieldName, Form, is_locator_keyword};
use glasshouse_verifier::payload_error::{PayloadError, Rule};
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::vocabulary::Vocabulary;
use serde_json::{Map, Value};

use super::json_form::{self, error, is_absent, pointer};
use super::{Draft, dropped, nested, reference, trial, withholding};

/// Members of a line that are no field of the table.
pub(super) const OWN_MEMBERS: [&str; 5] = ["type", "vocabulary", "subject", "subject_in_entry", "withheld"];

/// The keywords under which a locator is withheld or refused (spec/fields.json, `locator_keywords`).
pub(super) fn has_locator_keyword(fields: &BTreeMap<FieldName, Item>) -> bool {
    let Some(Item::Array(set)) = fields.get(&FieldName::CATEGORY_SPECIFICATION) else {
        return false;
    };
    set.iter().filter_map(Item::as_text).any(is_locator_keyword)
}

/// Reads a line, then tries it against every rule that the verifier has.
pub(super) fn read(line: &Value) -> Result<Draft, Vec<PayloadError>> {
    let (draft, errors) = read_whole(line);
    if errors.is_empty() { Ok(draft) } else { Err(errors) }
}

/// Reads a line as far as it can be read: what is good of it, and every fault.
pub(super) fn read_whole(line: &Value) -> (Draft, Vec<PayloadError>) {
    let Value::Object(members) = line else {
        let fault = error("", Rule::WrongType, None, "one JSON object a line");
        return (Draft::new(StatementType::Decision), vec![fault]);
    };
    let mut errors = Vec::new();
    let (kind, vocabulary) = (read_kind(members, &mut errors), read_vocabulary(members, &mut errors));
    let mut draft = Draft::new(kind.unwrap_or(StatementType::Decision));
    draft.vocabulary = vocabulary.unwrap_or(draft.vocabulary);
    for (name, value) in members.iter().filter(|(_, value)| !is_absent(value)) {
        if !OWN_MEMBERS.contains(&name.as_str()) {
            read_member(name, value, &mut draft, &mut errors);
        }
    }
    draft.fields.extend(reference::item(&draft.relations).map(|item| (FieldName::RELATES_TO, item)));
    draft.texts.extend(reference::uris(&draft.relations).map(|item| (FieldName::RELATES_TO_URI, item)));
    draft.warnings = dropped::drop_silent(&mut draft.fields, &mut draft.texts);
    read_subject(members, &mut draft, &mut errors);
    let wishes = withholding::read(members.get("withheld"), &mut errors);
    draft.withheld = withholding::decide(wishes, draft.kind, &draft.fields, &draft.texts, &mut errors);
    if kind.is_some() {
        let broken: BTreeSet<String> = errors.iter().map(|error| first_step(&error.path)).collect();
        let more = trial::faults(&draft).into_iter();
        errors.extend(more.filter(|error| !broken.contains(&first_step(&error.path))));
    }
    errors.sort();
    errors.dedup();
    (draft, errors)
}

/// The field that a path leads into.
fn first_step(path: &str) -> String {
    path.split('/').nth(1).unwrap_or_default().to_owned()
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
fn read_kind(members: &Map<String, Value>, errors: &mut Vec<PayloadError>) -> Option<StatementType> {
    let name = match members.get("type").filter(|value| !is_absent(value)) {
        None => return Some(StatementType::Decision),
        Some(value) => value.as_str().unwrap_or_default(),
    };
    let kind = match name {
        "decision" => Some(StatementType::Decision),
        "no_action" => Some(StatementType::NoAction),
        _ => None,
    };
    if kind.is_none() {
        errors.push(error("/type", Rule::NotACode, Some(name), "decision or no_action"));
    }
    kind
}

/// `subject` and `subject_in_entry`. Without a subject the puid stands for it, and needs no addendum of its own.
fn read_subject(members: &Map<String, Value>, draft: &mut Draft, errors: &mut Vec<PayloadError>) {
    const ALLOWED: &str = "domain:…, url:…, account:… or asn:…";
    match members.get("subject").filter(|value| !is_absent(value)) {
        None => draft.subject = draft.puid().map(|puid| format!("puid:{puid}")),
        Some(Value::String(text)) => {
            let known = ["domain:", "url:", "account:", "asn:"];
            let named = known.iter().any(|kind| text.len() > kind.len() && text.starts_with(kind));
            if named {
                draft.subject = Some(text.clone());
                draft.texts.insert(FieldName::SUBJECT, Item::Text(text.clone()));
            } else {
                errors.push(error("/subject", Rule::Grammar, None, ALLOWED));
            }
        }
        Some(_) => errors.push(error("/subject", Rule::WrongType, None, ALLOWED)),
    }
    match members.get("subject_in_entry") {
        None | Some(Value::Null | Value::Bool(false)) => {}
        Some(Value::Bool(true)) => draft.subject_in_entry = true,
        Some(_) => errors.push(error("/subject_in_entry", Rule::WrongType, None, "true or false")),
    }
    let public =
        draft.subject().is_some_and(|text| ["domain:", "asn:"].iter().any(|kind| text.starts_with(kind)));
    if draft.subject_in_entry && !public {
        draft.subject_in_entry = false;
        let allowed = "only with a subject domain:… or asn:…";
        errors.push(error("/subject_in_entry", Rule::Needs, None, allowed));
    }
}

fn read_member(name: &str, value: &Value, draft: &mut Draft, errors: &mut Vec<PayloadError>) {
    let path = format!("/{}", pointer(name));
    if name == "content_id_ean" {
        match nested::content_id_ean(&path, value) {
            Ok(item) => drop(draft.fields.insert(FieldName::CONTENT_ID, item)),
            Err(mut more) => errors.append(&mut more),
        }
        return;
    }
    let Some(field) = FieldName::find(name).filter(|field| can_be_written(draft.kind, *field)) else {
        let allowed = format!("a field of the type {}", draft.kind);
        errors.push(error(&path, Rule::UnknownField, Some(name), &allowed));
        return;
    };
    if field == FieldName::RELATES_TO {
        match reference::read(&path, value) {
            Ok(relations) => draft.relations = relations,
            Err(mut more) => errors.append(&mut more),
        }
        return;
    }
    match read_form(field.form(), &path, value) {
        Ok(item) if field.is_addendum() => drop(draft.texts.insert(field, item)),
        Ok(item) => drop(draft.fields.insert(field, item)),
        Err(mut more) => errors.append(&mut more),
    }
}

/// Whether an author writes the field in a line of that type. `relates_to_uri` follows from `relates_to`. Fields that
/// the European database drops silently are read for every type, to be dropped with a warning.
fn can_be_written(kind: StatementType, field: FieldName) -> bool {
    let rules = kind.rules();
    let entry = rules.required.union(rules.optional);
    let addenda = rules.required_addenda.union(rules.optional_addenda);
    field != FieldName::RELATES_TO_URI && entry.union(addenda).contains(field)
}

fn read_form(form: Form, path: &str, value: &Value) -> Result<Item, Vec<PayloadError>> {
    let one = |result: Result<Item, PayloadError>| result.map_err(|error| vec![error]);
    match form {
        Form::Codes(_) | Form::Texts => one(json_form::text_set(path, value)),
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
