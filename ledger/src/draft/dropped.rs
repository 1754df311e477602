//! Fields that the European database drops without a word: here they are dropped with a warning, so that a line that
//! it takes is a line that we take (details 1.3). In a statement the same fields are an error.

use std::collections::BTreeMap;

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::codes::Code;
use glasshouse_verifier::fields::{FieldName, Form};
use glasshouse_verifier::statement_type::StatementType;

/// Something of an authored line that does not go into the statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// JSON Pointer into the line.
    pub path: String,
    /// Why it was dropped, in plain English.
    pub why: String,
}

impl Warning {
    /// The same of what stands inside a member.
    pub(super) fn inside(self, member: &str) -> Warning {
        Warning { path: format!("{member}{}", self.path), why: format!("in {}: {}", &member[1..], self.why) }
    }
}

/// A field, the coded field that it hangs on, and the code that this must hold.
type Condition = (FieldName, FieldName, &'static str);

const ILLEGAL: &str = "DECISION_GROUND_ILLEGAL_CONTENT";
const INCOMPATIBLE: &str = "DECISION_GROUND_INCOMPATIBLE_CONTENT";

const KEPT_ONLY_WITH: &[Condition] = &[
    (FieldName::DECISION_VISIBILITY_OTHER, FieldName::DECISION_VISIBILITY, "DECISION_VISIBILITY_OTHER"),
    (FieldName::DECISION_MONETARY_OTHER, FieldName::DECISION_MONETARY, "DECISION_MONETARY_OTHER"),
    (FieldName::CONTENT_TYPE_OTHER, FieldName::CONTENT_TYPE, "CONTENT_TYPE_OTHER"),
    (FieldName::ILLEGAL_CONTENT_LEGAL_GROUND, FieldName::DECISION_GROUND, ILLEGAL),
    (FieldName::ILLEGAL_CONTENT_EXPLANATION, FieldName::DECISION_GROUND, ILLEGAL),
    (FieldName::INCOMPATIBLE_CONTENT_GROUND, FieldName::DECISION_GROUND, INCOMPATIBLE),
    (FieldName::INCOMPATIBLE_CONTENT_EXPLANATION, FieldName::DECISION_GROUND, INCOMPATIBLE),
    (FieldName::INCOMPATIBLE_CONTENT_ILLEGAL, FieldName::DECISION_GROUND, INCOMPATIBLE),
];

/// Takes out of the line what the European database would not keep. In an amendment a text may stand without the code
/// that decides over it: that one stands in what is amended. Where that code is none, nothing is left out.
pub(super) fn drop_silent(
    kind: StatementType,
    fields: &mut BTreeMap<FieldName, Item>,
    texts: &mut BTreeMap<FieldName, Item>,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (name, on, code) in KEPT_ONLY_WITH {
        let is_decided = match fields.get(on) {
            None => kind != StatementType::Amendment,
            Some(value) => is_of_its_set(*on, value),
        };
        if !is_decided || holds(fields.get(on), code) {
            continue;
        }
        let dropped = fields.remove(name).is_some() | texts.remove(name).is_some();
        if dropped {
            warnings.push(warning(*name, format!("it stands only where {on} is {code}")));
        }
    }
    let voluntary = holds(fields.get(&FieldName::SOURCE_TYPE), "SOURCE_VOLUNTARY");
    if voluntary && texts.remove(&FieldName::SOURCE_IDENTITY).is_some() {
        let why = "a decision on the provider's own initiative has no source".to_owned();
        warnings.push(warning(FieldName::SOURCE_IDENTITY, why));
    }
    warnings.extend(drop_repeated_category(fields));
    warnings
}

/// `category_addition` repeats no `category`.
fn drop_repeated_category(fields: &mut BTreeMap<FieldName, Item>) -> Option<Warning> {
    let category = fields.get(&FieldName::CATEGORY)?.as_text()?.to_owned();
    let Some(Item::Array(additions)) = fields.get_mut(&FieldName::CATEGORY_ADDITION) else {
        return None;
    };
    let before = additions.len();
    additions.retain(|item| item.as_text() != Some(&category));
    if additions.len() == before {
        return None;
    }
    if additions.is_empty() {
        fields.remove(&FieldName::CATEGORY_ADDITION);
    }
    let why = format!("{category} is the category already");
    Some(warning(FieldName::CATEGORY_ADDITION, why))
}

/// Whether a value is a code of its field's set, or several.
fn is_of_its_set(field: FieldName, value: &Item) -> bool {
    let (Form::Code(set) | Form::Codes(set)) = field.form() else { return true };
    let known = |item: &Item| item.as_text().is_some_and(|text| Code::find(set, text).is_some());
    match value {
        Item::Array(items) => items.iter().all(known),
        value => known(value),
    }
}

fn holds(value: Option<&Item>, code: &str) -> bool {
    match value {
        Some(Item::Text(text)) => text == code,
        Some(Item::Array(set)) => set.iter().any(|item| item.as_text() == Some(code)),
        _ => false,
    }
}

fn warning(name: FieldName, why: String) -> Warning {
    Warning { path: format!("/{name}"), why: format!("{name} was left out: {why}") }
}
