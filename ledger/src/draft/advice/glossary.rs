//! What a word of a line stands for: a type, a field, a set of codes. For authors who have no page at hand.

use glasshouse_verifier::codes::{Code, CodeSet};
use glasshouse_verifier::fields::{FieldName, FieldSet, Form, MEASURES, Place};
use glasshouse_verifier::statement_type::{RoleGroup, StatementType};
use serde::Serialize;

use super::super::line::WRITTEN;
use super::{field_meanings, form_words, members};

/// Types that a command writes, and no line.
const COMMANDED: [StatementType; 1] = [StatementType::Disclosure];

/// A type that providers write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TypeEntry {
    /// Its name.
    pub name: &'static str,
    /// Fields that every statement of it has.
    pub required: Vec<&'static str>,
    /// Fields that it may have.
    pub optional: Vec<&'static str>,
    /// What else it needs, in words.
    pub notes: Vec<String>,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldEntry {
    /// Its name.
    pub name: &'static str,
    /// What it says, in one phrase.
    pub meaning: &'static str,
    /// What it holds, in words.
    pub holds: String,
    /// Where it stands: `in the log for ever`, `beside the log, served`, `beside the log, withheld unless you say otherwise`.
    pub place: &'static str,
    /// Types that have it always.
    pub required_in: Vec<&'static str>,
    /// Types that may have it.
    pub optional_in: Vec<&'static str>,
}

/// A code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeEntry {
    /// The code itself.
    pub code: &'static str,
    /// The sets that it belongs to.
    pub sets: Vec<&'static str>,
    /// The fields of lines that hold a code of these sets.
    pub fields: Vec<&'static str>,
}

/// A set of codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodesEntry {
    /// The name of the set.
    pub name: &'static str,
    /// Its codes, sorted by bytes.
    pub codes: &'static [&'static str],
}

/// The type of that name.
pub fn find_type(name: &str) -> Option<TypeEntry> {
    let kind = WRITTEN.into_iter().chain(COMMANDED).find(|kind| kind.as_str() == name)?;
    let rules = kind.rules();
    let made = [FieldName::RELATES_TO_URI, FieldName::SEALED_STATEMENT];
    let written = |field: &FieldName| !made.contains(field);
    let names = |a: FieldSet, b: FieldSet| a.union(b).iter().filter(written).map(FieldName::as_str).collect();
    Some(TypeEntry {
        name: kind.as_str(),
        required: names(rules.required, rules.required_addenda),
        optional: names(rules.optional, rules.optional_addenda),
        notes: notes(kind),
    })
}

fn notes(kind: StatementType) -> Vec<String> {
    match kind {
        StatementType::Decision => of_decisions(),
        StatementType::Sealed => {
            vec!["statement: the line of the decision or no_action that is sealed".to_owned()]
        }
        StatementType::Disclosure => vec!["made by glasshouse disclose; no line holds it".to_owned()],
        _ => Vec::new(),
    }
}

/// What a decision needs besides single fields: a measure, and what its role can state.
fn of_decisions() -> Vec<String> {
    let measures = MEASURES.map(FieldName::as_str).join(", ");
    let mut notes = vec![format!("at least one of {measures}")];
    let codes =
        CodeSet::ProviderRole.values().iter().filter_map(|role| Code::find(CodeSet::ProviderRole, role));
    let mut groups: Vec<&RoleGroup> = codes.filter_map(RoleGroup::of).collect();
    groups.sort_by_key(|group| group.name);
    groups.dedup_by_key(|group| group.name);
    for RoleGroup { roles, required_in_decision, forbidden, .. } in groups {
        let names = |set: &FieldSet| set.iter().map(FieldName::as_str).collect::<Vec<_>>().join(", ");
        let roles = roles.join(", ");
        if !required_in_decision.is_empty() {
            notes.push(format!("in the roles {roles}: {} too", names(required_in_decision)));
        }
        if !forbidden.is_empty() {
            notes.push(format!("in the roles {roles}: no {}", names(forbidden)));
        }
    }
    notes
}

/// The field of that name, if a type that providers write has it.
pub fn find_field(name: &str) -> Option<FieldEntry> {
    let field = FieldName::find(name)?;
    let those = |required: bool| -> Vec<&'static str> {
        let has = |kind: &StatementType| {
            let rules = kind.rules();
            let always = rules.required.union(rules.required_addenda).contains(field);
            let may = rules.optional.union(rules.optional_addenda).contains(field);
            if required { always } else { may }
        };
        WRITTEN.into_iter().chain(COMMANDED).filter(has).map(StatementType::as_str).collect()
    };
    let place = match field.place() {
        Place::Entry => "in the log for ever",
        Place::Addendum { withheld_by_default: false } => "beside the log, served",
        Place::Addendum { withheld_by_default: true } => "beside the log, withheld unless you say otherwise",
    };
    let entry = FieldEntry {
        name: field.as_str(),
        meaning: field_meanings::meaning(field),
        holds: form_words::of_field(field).unwrap_or_else(|| "see spec/authoring.md".to_owned()),
        place,
        required_in: those(true),
        optional_in: those(false),
    };
    (!entry.required_in.is_empty() || !entry.optional_in.is_empty()).then_some(entry)
}

/// The set of that name, or of the field of that name.
pub fn find_codes(name: &str) -> Option<CodesEntry> {
    let of_field = FieldName::find(name).and_then(|field| match field.form() {
        Form::Code(set) | Form::Codes(set) => Some(set),
        Form::LegalBasis => Some(CodeSet::LegalBasisKind),
        Form::Attribution => Some(CodeSet::AttributionKind),
        Form::RelatesTo => Some(CodeSet::Relation),
        _ => None,
    });
    let named = CodeSet::ALL.iter().copied().find(|set| set.name() == name);
    named.or(of_field).map(|set| CodesEntry { name: set.name(), codes: set.values() })
}

/// The code of that spelling.
pub fn find_code(word: &str) -> Option<CodeEntry> {
    let sets: Vec<CodeSet> =
        CodeSet::ALL.iter().copied().filter(|set| set.values().contains(&word)).collect();
    let code = sets.first()?.values().iter().copied().find(|code| *code == word)?;
    let sets: Vec<&'static str> = sets.into_iter().map(CodeSet::name).collect();
    let holds = |name: &&str| {
        find_field(name).is_some() && find_codes(name).is_some_and(|codes| sets.contains(&codes.name))
    };
    let fields = FieldName::all().map(FieldName::as_str).filter(holds).collect();
    Some(CodeEntry { code, sets, fields })
}

/// Every word that can be asked for: types, fields, members, sets, and codes of more than the two or three letters of a
/// country.
pub fn words() -> impl Iterator<Item = &'static str> {
    const SHORTEST_CODE: usize = 4;
    let fields = FieldName::all().map(FieldName::as_str).filter(|name| find_field(name).is_some());
    let sets = CodeSet::ALL.iter().map(|set| set.name());
    let codes = CodeSet::ALL.iter().flat_map(|set| set.values().iter().copied());
    let types = COMMANDED.into_iter().chain(WRITTEN).map(StatementType::as_str);
    types
        .chain(fields)
        .chain(members::names())
        .chain(sets)
        .chain(codes.filter(|code| code.len() >= SHORTEST_CODE))
}
