//! The rules of statements about earlier statements, and of a provider's own counts; the numbers are those of the
//! specification.

use crate::field_value::FieldValue;
use crate::fields::{FieldName, FieldSet};
use crate::payload_error::{Errors, PayloadError, Rule};
use crate::payload_rules::{Facts, at_addendum, at_field};
use crate::pointer::Pointer;
use crate::statement_type::StatementType;
use crate::targets::Target;

/// Rules 15 to 18, by type.
pub(crate) fn check(facts: &Facts<'_>, errors: &mut Errors) {
    match facts.kind {
        StatementType::Disclosure | StatementType::Conflict => check_one_target(facts, errors), // 15
        StatementType::Redaction => check_whose(facts, errors),                                 // 16
        StatementType::Declaration => check_declaration(facts, errors),                         // 17
        StatementType::Sealed => check_sealed(facts, errors),                                   // 18
        _ => {}
    }
}

/// 14: an amendment says something, and does not take away what it brings.
pub(crate) fn check_amendment(facts: &Facts<'_>, errors: &mut Errors) {
    const FRAME: FieldSet = FieldSet::of(&[FieldName::TARGETS, FieldName::AMENDMENT_REASON]);
    if facts.kind != StatementType::Amendment {
        return;
    }
    if facts.seen.without(FRAME).is_empty() && facts.addenda.is_empty() && facts.has_addenda {
        let error = PayloadError::at(&Pointer::ROOT, Rule::Needs);
        errors.push(error.allowed("a corrected field or text, removed, or amendment_explanation"));
    }
    let Some(FieldValue::Names(removed)) = facts.fields.get(&FieldName::REMOVED) else { return };
    if let Some(both) = removed.iter().find(|name| facts.has(**name) || facts.has_addendum(**name)) {
        let at = Pointer::ROOT.name(FieldName::REMOVED.as_str());
        let error = PayloadError::at(&at, Rule::Duplicate).given(both.as_str());
        errors.push(error.allowed("names that the amendment itself does not bring"));
    }
}

/// 15: one entry, by its leaf hash.
fn check_one_target(facts: &Facts<'_>, errors: &mut Errors) {
    let Some(FieldValue::Targets(targets)) = facts.fields.get(&FieldName::TARGETS) else { return };
    let at = Pointer::ROOT.name(FieldName::TARGETS.as_str());
    if targets.count() > 1 {
        let error = PayloadError::at(&at, Rule::TooLong).given(&format!("{} targets", targets.count()));
        errors.push(error.allowed("one entry"));
    } else if targets.iter().any(|target| matches!(target, Target::Range(_))) {
        errors.push(PayloadError::at(&at.index(0), Rule::Forbidden).allowed("an entry by its leaf hash"));
    }
}

/// 16: the registrar says whose texts it erases; a provider erases its own.
fn check_whose(facts: &Facts<'_>, errors: &mut Errors) {
    match (facts.has(FieldName::PROVIDER), facts.claims.is_registrar()) {
        (false, true) => at_field(errors, FieldName::PROVIDER, Rule::Required),
        (true, false) => at_field(errors, FieldName::PROVIDER, Rule::Forbidden),
        _ => {}
    }
}

/// 17: a period, and counts that fit each other.
fn check_declaration(facts: &Facts<'_>, errors: &mut Errors) {
    let day = |field| match facts.fields.get(&field) {
        Some(FieldValue::Day(day)) => Some(*day),
        _ => None,
    };
    let mut ordered = |least: Option<u64>, most: Option<u64>, at: FieldName, allowed: &str| {
        if let (Some(least), Some(most)) = (least, most)
            && least > most
        {
            let error = PayloadError::at(&Pointer::ROOT.name(at.as_str()), Rule::OutOfRange);
            errors.push(error.allowed(allowed));
        }
    };
    let (first, last) = (FieldName::FIRST_SEQUENCE, FieldName::LAST_SEQUENCE);
    let (taken, kept) = (FieldName::DECISIONS_TAKEN, FieldName::NOT_PUBLISHED);
    ordered(facts.number(kept), facts.number(taken), kept, "at most decisions_taken");
    ordered(facts.number(first), facts.number(last), last, "not below first_sequence");
    if let (Some(start), Some(end)) = (day(FieldName::PERIOD_START), day(FieldName::PERIOD_END))
        && end < start
    {
        let at = Pointer::ROOT.name(FieldName::PERIOD_END.as_str());
        errors.push(PayloadError::at(&at, Rule::OutOfRange).allowed("not before period_start"));
    }
    for (one, other) in [(first, last), (last, first)] {
        if facts.has(one) && !facts.has(other) {
            let error = PayloadError::at(&Pointer::ROOT.name(one.as_str()), Rule::Needs);
            errors.push(error.allowed(format!("only with {other}")));
        }
    }
}

/// 18: what may not be told is not served.
fn check_sealed(facts: &Facts<'_>, errors: &mut Errors) {
    let text = FieldName::SEALED_STATEMENT;
    if facts.has_addendum(text) && !facts.withheld.contains(text) && !facts.withheld_unread {
        at_addendum(errors, text, Rule::MustBeWithheld);
    }
}
