//! The rules between fields: what one field demands of another, of the addenda and of the claims.
//!
//! A rule looks at presence through what was there, and at values only where they could be read, so that one wrong
//! value is one error.

use crate::claims::Claims;
use crate::codes::Code;
use crate::field_map::FieldMap;
use crate::field_value::FieldValue;
use crate::fields::{FieldName, FieldSet, MEASURES};
use crate::legal_basis::LegalBasis;
use crate::life_rules;
use crate::payload_error::{Errors, PayloadError, Rule};
use crate::pointer::Pointer;
use crate::sequence::Sequence;
use crate::statement_type::{RoleGroup, StatementType};
use crate::subject::SubjectKind;
use crate::subject_rule;
use crate::type_table;
use crate::vocabulary::Vocabulary;

/// At most so many numbers in one `void`: as many as the ledger takes ahead of the unbroken ones.
pub(crate) const MAX_VOID: u64 = 65_536;

/// What is known of a payload when its parts have been read.
pub(crate) struct Facts<'a> {
    pub(crate) kind: StatementType,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) sequence: Option<Sequence>,
    /// Whether there was a map of addenda.
    pub(crate) has_addenda: bool,
    /// Fields of the entry that were there, readable or not.
    pub(crate) seen: FieldSet,
    pub(crate) fields: &'a FieldMap<FieldValue>,
    /// Addenda that this type may have and that were named.
    pub(crate) addenda: FieldSet,
    pub(crate) withheld: FieldSet,
    /// Whether `withheld` was there and is no map, so that nothing is known of it.
    pub(crate) withheld_unread: bool,
    pub(crate) claims: &'a Claims,
}

impl Facts<'_> {
    /// Whether a rule that asks for `field` speaks: in an amendment, which repeats only what it corrects, it does where
    /// the field stands in the amendment itself.
    fn decides(&self, field: FieldName) -> bool {
        self.kind != StatementType::Amendment || self.has(field)
    }

    pub(crate) fn has(&self, field: FieldName) -> bool {
        self.seen.contains(field)
    }

    pub(crate) fn has_addendum(&self, field: FieldName) -> bool {
        self.addenda.contains(field)
    }

    pub(crate) fn code(&self, field: FieldName) -> Option<Code> {
        match self.fields.get(&field) {
            Some(FieldValue::Code(code) | FieldValue::Attribution(code)) => Some(*code),
            _ => None,
        }
    }

    /// 8: texts that may be missing because the register that is mirrored publishes without them.
    fn dispensable(&self) -> FieldSet {
        const TEXTS: FieldSet = FieldSet::of(&[
            FieldName::DECISION_FACTS,
            FieldName::ILLEGAL_CONTENT_EXPLANATION,
            FieldName::INCOMPATIBLE_CONTENT_EXPLANATION,
        ]);
        let kind = self.code(FieldName::ATTRIBUTION);
        let unread = kind.is_none() && self.has(FieldName::ATTRIBUTION);
        match unread || kind.is_some_and(|kind| kind.as_str() == "mirror") {
            true => TEXTS,
            false => FieldSet::default(),
        }
    }

    /// The codes of a field; `None` if it was there and could not be read, empty if it was absent.
    fn codes(&self, field: FieldName) -> Option<&[Code]> {
        match self.fields.get(&field) {
            Some(FieldValue::Codes(codes)) => Some(codes),
            _ if self.has(field) => None,
            _ => Some(&[]),
        }
    }

    pub(crate) fn number(&self, field: FieldName) -> Option<u64> {
        match self.fields.get(&field) {
            Some(FieldValue::Positive(number) | FieldValue::Count(number)) => Some(*number),
            _ => None,
        }
    }

    fn legal_basis(&self) -> Option<&LegalBasis> {
        match self.fields.get(&FieldName::LEGAL_BASIS) {
            Some(FieldValue::LegalBasis(basis)) => Some(basis),
            _ => None,
        }
    }
}

/// Checks every rule; the numbers are those of the specification.
pub(crate) fn check(facts: &Facts<'_>, errors: &mut Errors) {
    check_presence(facts, errors);
    subject_rule::check(facts, errors);
    match facts.kind {
        StatementType::Decision | StatementType::NoAction | StatementType::Amendment => {
            check_measures(facts, errors); // 1, 2
            check_others(facts, errors); // 3
            check_ground(facts, errors); // 4
            check_sources(facts, errors); // 5, 8, 10
            check_category(facts, errors); // 6
            check_legal_basis(facts, errors); // 7
            check_role(facts, errors); // 9
            check_locators(facts, errors); // 11
            life_rules::check_amendment(facts, errors); // 14
        }
        StatementType::Void => check_void(facts, errors), // 12
        StatementType::KeyRetirement => check_retirement(facts, errors), // 13
        _ => life_rules::check(facts, errors),            // 15 to 18
    }
    let newer = match facts.vocabulary {
        Vocabulary::Version1 => type_table::NEW_IN_VERSION_2.intersection(facts.seen), // 19
        Vocabulary::Version2 => FieldSet::default(),
    };
    for field in newer.iter() {
        at_field(errors, field, Rule::Forbidden);
    }
}

pub(crate) fn at_field(errors: &mut Errors, field: FieldName, rule: Rule) {
    errors.add(&Pointer::ROOT.name(field.as_str()), rule);
}

pub(crate) fn at_addendum(errors: &mut Errors, field: FieldName, rule: Rule) {
    errors.add(&Pointer::ROOT.name("addenda").name(field.as_str()), rule);
}

/// An addendum that must be there exactly when `wanted`.
fn exactly_when(facts: &Facts<'_>, errors: &mut Errors, field: FieldName, wanted: bool) {
    match (facts.has_addendum(field), wanted) {
        (false, true) if !facts.has_addenda || facts.dispensable().contains(field) => {}
        (false, true) => at_addendum(errors, field, Rule::Required),
        (true, false) => at_addendum(errors, field, Rule::Forbidden),
        _ => {}
    }
}

fn needs(facts: &Facts<'_>, errors: &mut Errors, field: FieldName, other: FieldName) {
    if facts.has(field) && !facts.has(other) && facts.decides(other) {
        let at = Pointer::ROOT.name(field.as_str());
        errors.push(PayloadError::at(&at, Rule::Needs).allowed(format!("only with {other}")));
    }
}

fn addendum_needs(facts: &Facts<'_>, errors: &mut Errors, field: FieldName, other: FieldName) {
    if facts.has_addendum(field) && !facts.has(other) && facts.decides(other) {
        let addenda = Pointer::ROOT.name("addenda");
        let error = PayloadError::at(&addenda.name(field.as_str()), Rule::Needs);
        errors.push(error.allowed(format!("only with {other}")));
    }
}

fn check_presence(facts: &Facts<'_>, errors: &mut Errors) {
    let rules = facts.kind.rules();
    for field in rules.required.without(facts.seen).iter() {
        at_field(errors, field, Rule::Required);
    }
    let absent = rules.required_addenda.without(facts.addenda).without(facts.dispensable());
    for field in absent.iter().filter(|_| facts.has_addenda) {
        at_addendum(errors, field, Rule::Required);
    }
}

/// 1 and 2: a decision has a measure, and the end of a measure only with the measure.
fn check_measures(facts: &Facts<'_>, errors: &mut Errors) {
    const MEASURED: FieldSet = FieldSet::of(&MEASURES);
    const ENDS: [(FieldName, FieldName); 4] = [
        (FieldName::END_DATE_VISIBILITY_RESTRICTION, FieldName::DECISION_VISIBILITY),
        (FieldName::END_DATE_MONETARY_RESTRICTION, FieldName::DECISION_MONETARY),
        (FieldName::END_DATE_SERVICE_RESTRICTION, FieldName::DECISION_PROVISION),
        (FieldName::END_DATE_ACCOUNT_RESTRICTION, FieldName::DECISION_ACCOUNT),
    ];
    let measured = !facts.seen.intersection(MEASURED).is_empty();
    if facts.kind == StatementType::Decision && !measured {
        let names: Vec<&str> = MEASURED.iter().map(FieldName::as_str).collect();
        let error = PayloadError::at(&Pointer::ROOT, Rule::MeasureRequired);
        errors.push(error.allowed(format!("at least one of {}", names.join(", "))));
    }
    for (end, measure) in ENDS {
        needs(facts, errors, end, measure);
    }
}

/// 3: a text for "other" exactly where a code says "other".
fn check_others(facts: &Facts<'_>, errors: &mut Errors) {
    const OTHERS: [(FieldName, FieldName, &str); 2] = [
        (FieldName::DECISION_VISIBILITY_OTHER, FieldName::DECISION_VISIBILITY, "DECISION_VISIBILITY_OTHER"),
        (FieldName::CONTENT_TYPE_OTHER, FieldName::CONTENT_TYPE, "CONTENT_TYPE_OTHER"),
    ];
    for (text, set, other) in OTHERS {
        if let Some(codes) = facts.codes(set).filter(|_| facts.decides(set)) {
            let wanted = codes.iter().any(|code| code.as_str() == other);
            exactly_when(facts, errors, text, wanted);
        }
    }
    let monetary = facts.code(FieldName::DECISION_MONETARY);
    let read = monetary.is_some() || !facts.has(FieldName::DECISION_MONETARY);
    if read && facts.decides(FieldName::DECISION_MONETARY) {
        let wanted = monetary.is_some_and(|code| code.as_str() == "DECISION_MONETARY_OTHER");
        exactly_when(facts, errors, FieldName::DECISION_MONETARY_OTHER, wanted);
    }
    let keywords = FieldName::CATEGORY_SPECIFICATION;
    addendum_needs(facts, errors, FieldName::CATEGORY_SPECIFICATION_OTHER, keywords);
}

/// 4: the texts of the one ground, and none of the other.
fn check_ground(facts: &Facts<'_>, errors: &mut Errors) {
    const ILLEGAL: [FieldName; 2] =
        [FieldName::ILLEGAL_CONTENT_LEGAL_GROUND, FieldName::ILLEGAL_CONTENT_EXPLANATION];
    const INCOMPATIBLE: [FieldName; 2] =
        [FieldName::INCOMPATIBLE_CONTENT_GROUND, FieldName::INCOMPATIBLE_CONTENT_EXPLANATION];
    let ground = facts.code(FieldName::DECISION_GROUND);
    let unread = ground.is_none() && facts.has(FieldName::DECISION_GROUND);
    if unread || !facts.decides(FieldName::DECISION_GROUND) {
        return;
    }
    let is = |name| ground.is_some_and(|code| code.as_str() == name);
    let (illegal, incompatible) =
        (is("DECISION_GROUND_ILLEGAL_CONTENT"), is("DECISION_GROUND_INCOMPATIBLE_CONTENT"));
    for field in ILLEGAL {
        exactly_when(facts, errors, field, illegal);
    }
    for field in INCOMPATIBLE {
        exactly_when(facts, errors, field, incompatible);
    }
    if facts.has(FieldName::INCOMPATIBLE_CONTENT_ILLEGAL) && !incompatible {
        at_field(errors, FieldName::INCOMPATIBLE_CONTENT_ILLEGAL, Rule::Forbidden);
    }
}

/// 5, 8 and 10: who asked, whose decision it was, and what it relates to.
fn check_sources(facts: &Facts<'_>, errors: &mut Errors) {
    let source = facts.code(FieldName::SOURCE_TYPE);
    let voluntary = source.is_some_and(|code| code.as_str() == "SOURCE_VOLUNTARY");
    if voluntary && facts.has_addendum(FieldName::SOURCE_IDENTITY) {
        at_addendum(errors, FieldName::SOURCE_IDENTITY, Rule::Forbidden);
    }
    let attributed = facts.has(FieldName::ATTRIBUTION);
    if facts.decides(FieldName::ATTRIBUTION) {
        exactly_when(facts, errors, FieldName::ATTRIBUTED_TO, attributed);
    }
    addendum_needs(facts, errors, FieldName::ATTRIBUTION_SOURCE, FieldName::ATTRIBUTION);
    addendum_needs(facts, errors, FieldName::ATTRIBUTED_PUID, FieldName::ATTRIBUTION);
    needs(facts, errors, FieldName::ATTRIBUTED_AT, FieldName::ATTRIBUTION);
    let unlinked = match facts.fields.get(&FieldName::RELATES_TO) {
        Some(FieldValue::RelatesTo(list)) => Some(list.iter().any(|r| r.entry.is_none())),
        _ if facts.has(FieldName::RELATES_TO) => None,
        _ => Some(false),
    };
    if let Some(unlinked) = unlinked.filter(|_| facts.decides(FieldName::RELATES_TO)) {
        exactly_when(facts, errors, FieldName::RELATES_TO_URI, unlinked);
    }
    addendum_needs(facts, errors, FieldName::ITEMS_LIST, FieldName::ITEMS);
}

/// 6: further categories do not repeat the first.
fn check_category(facts: &Facts<'_>, errors: &mut Errors) {
    let further = facts.codes(FieldName::CATEGORY_ADDITION).unwrap_or(&[]);
    let category = facts.code(FieldName::CATEGORY);
    if further.iter().any(|code| Some(*code) == category) {
        at_field(errors, FieldName::CATEGORY_ADDITION, Rule::Duplicate);
    }
}

/// 7: an order exactly for the two kinds of order; a statute by its identifier or in words.
fn check_legal_basis(facts: &Facts<'_>, errors: &mut Errors) {
    let basis = facts.legal_basis();
    let unread = basis.is_none() && facts.has(FieldName::LEGAL_BASIS);
    if unread || !facts.decides(FieldName::LEGAL_BASIS) {
        return;
    }
    if let Some(basis) = basis {
        let at = Pointer::ROOT.name(FieldName::LEGAL_BASIS.as_str());
        let ordered = ["court_order", "authority_order"].contains(&basis.kind().as_str());
        match basis.order() {
            None if ordered => errors.add(&at.name("order"), Rule::Required),
            Some(_) if !ordered => errors.add(&at.name("order"), Rule::Forbidden),
            _ => {}
        }
        let in_words = facts.has_addendum(FieldName::INSTRUMENT) || !facts.has_addenda;
        let named = basis.statute_id().is_some() || in_words;
        if basis.kind().as_str() == "statute" && !named {
            let error = PayloadError::at(&at.name("statute_id"), Rule::Required);
            errors.push(error.allowed("statute_id or the addendum instrument"));
        }
    }
    if basis.is_some_and(|basis| basis.order().is_some()) {
        return;
    }
    for field in [FieldName::ORDER_AUTHORITY, FieldName::ORDER_REFERENCE] {
        if facts.has_addendum(field) {
            let addenda = Pointer::ROOT.name("addenda");
            let error = PayloadError::at(&addenda.name(field.as_str()), Rule::Needs);
            errors.push(error.allowed("only with legal_basis.order"));
        }
    }
}

/// 9: what a provider in this role can state truthfully.
fn check_role(facts: &Facts<'_>, errors: &mut Errors) {
    let role = facts.code(FieldName::PROVIDER_ROLE);
    let Some(group) = role.and_then(RoleGroup::of) else {
        return;
    };
    let required = group.required_in_decision.without(facts.seen);
    for field in required.iter().filter(|_| facts.kind == StatementType::Decision) {
        at_field(errors, field, Rule::Required);
    }
    for field in group.forbidden.intersection(facts.seen).iter() {
        at_field(errors, field, Rule::Forbidden);
    }
}

/// 11: locators of such content may be committed to, never served. An amendment does not repeat under which keywords its
/// targets stand, so it serves no locator at all.
fn check_locators(facts: &Facts<'_>, errors: &mut Errors) {
    let keywords = facts.codes(FieldName::CATEGORY_SPECIFICATION).unwrap_or(&[]);
    let is_locator = |code: &Code| type_table::LOCATOR_KEYWORDS.contains(&code.as_str());
    if facts.kind != StatementType::Amendment && !keywords.iter().any(is_locator) {
        return;
    }
    let named_openly = matches!(facts.claims.sub.kind(), SubjectKind::Domain | SubjectKind::Asn);
    let mut locators = type_table::LOCATORS;
    if !named_openly {
        locators.insert(FieldName::SUBJECT);
    }
    let served = locators.intersection(facts.addenda).without(facts.withheld);
    for field in served.iter().filter(|_| !facts.withheld_unread) {
        at_addendum(errors, field, Rule::MustBeWithheld);
    }
}

/// 12: a bounded range that does not hold the statement's own number.
fn check_void(facts: &Facts<'_>, errors: &mut Errors) {
    let (first, last) = (facts.number(FieldName::FIRST), facts.number(FieldName::LAST));
    let (Some(first), Some(last)) = (first, last) else {
        return;
    };
    let spans = last.checked_sub(first).is_some_and(|more| more < MAX_VOID);
    if !spans {
        let at = Pointer::ROOT.name(FieldName::LAST.as_str());
        let error = PayloadError::at(&at, Rule::OutOfRange).given(&last.to_string());
        errors.push(error.allowed("from first to first + 65,535"));
        return;
    }
    let own = facts.sequence.map(Sequence::get);
    if own.is_some_and(|own| (first..=last).contains(&own)) {
        let at = Pointer::ROOT.name("sequence");
        errors.push(PayloadError::at(&at, Rule::OutOfRange).allowed("outside first to last"));
    }
}

/// 13: a time of suspicion only for a key that was compromised.
fn check_retirement(facts: &Facts<'_>, errors: &mut Errors) {
    let reason = facts.code(FieldName::RETIREMENT_REASON);
    if facts.has(FieldName::SUSPECT_FROM) && reason.is_some_and(|code| code.as_str() != "compromised") {
        let at = Pointer::ROOT.name(FieldName::SUSPECT_FROM.as_str());
        let error = PayloadError::at(&at, Rule::Needs);
        errors.push(error.allowed("only with retirement_reason compromised"));
    }
}
