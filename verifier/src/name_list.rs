//! Lists of field names: which texts are disclosed or erased, which fields an amendment takes away.

use crate::cbor::Data;
use crate::fields::{FieldName, FieldSet};
use crate::payload::MAX_ADDENDA;
use crate::payload_error::{Errors, PayloadError, Rule};
use crate::pointer::Pointer;
use crate::reading;
use crate::statement_type::StatementType;

/// At most so many fields in one list: as many as a table can have.
const MAX_FIELDS: usize = 128;

/// 1 to 32 names of addenda.
pub(crate) fn texts(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Vec<FieldName>> {
    names(item, MAX_ADDENDA, FieldName::is_addendum, "a field whose text stands beside the log", at, errors)
}

/// 1 to 128 names of fields that an amendment can take away.
pub(crate) fn removable(item: &Data, at: &Pointer<'_>, errors: &mut Errors) -> Option<Vec<FieldName>> {
    let set = removable_fields();
    let allowed = "a field that is optional in a decision or a refusal and required in neither";
    names(item, MAX_FIELDS, |field| set.contains(field), allowed, at, errors)
}

/// What an amendment can take away: what is optional in a decision or a refusal and required in neither. The subject
/// stays: the statements about it share it.
fn removable_fields() -> FieldSet {
    let (decision, refusal) = (StatementType::Decision.rules(), StatementType::NoAction.rules());
    let either = |of: fn(&crate::statement_type::TypeRules) -> FieldSet| of(decision).union(of(refusal));
    let optional = either(|rules| rules.optional.union(rules.optional_addenda));
    let required = either(|rules| rules.required.union(rules.required_addenda));
    optional.without(required).without(FieldSet::of(&[FieldName::SUBJECT]))
}

/// A set of names in the order of their bytes. What is wrong with one is wrong with the field: one error.
fn names(
    item: &Data,
    most: usize,
    is_allowed: impl Fn(FieldName) -> bool,
    allowed: &str,
    at: &Pointer<'_>,
    errors: &mut Errors,
) -> Option<Vec<FieldName>> {
    let elements = reading::bounded(item, most, at, errors)?;
    let mut names: Vec<FieldName> = Vec::with_capacity(elements.len());
    for element in elements {
        let text = reading::text(element, at, errors)?;
        let Some(name) = FieldName::find(text).filter(|name| is_allowed(*name)) else {
            errors.push(PayloadError::at(at, Rule::NotACode).given(text).allowed(allowed));
            return None;
        };
        let rule = match names.last() {
            _ if names.contains(&name) => Rule::Duplicate,
            Some(before) if before.as_str() > name.as_str() => Rule::NotSorted,
            _ => {
                names.push(name);
                continue;
            }
        };
        errors.push(PayloadError::at(at, rule).given(text));
        return None;
    }
    Some(names)
}
