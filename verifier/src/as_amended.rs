//! A decision as its amendments leave it: which value holds for each field, and which entry gave it.

use std::collections::BTreeMap;

use crate::codes::{Code, CodeSet};
use crate::day::Day;
use crate::field_value::FieldValue;
use crate::fields::{FieldName, FieldSet};
use crate::instant::Instant;
use crate::legal_basis::LegalBasis;
use crate::payload::Payload;
use crate::size::LeafIndex;
use crate::statement::Statement;
use crate::statement_type::StatementType;
use crate::vocabulary::Vocabulary;

/// The fields and texts that hold, each with the entry that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsAmended {
    kind: StatementType,
    /// The fields of the entry.
    pub fields: BTreeMap<FieldName, (LeafIndex, FieldValue)>,
    /// Which entry commits to the text that holds.
    pub texts: BTreeMap<FieldName, LeafIndex>,
}

/// Fields of an amendment that say nothing about the decision.
const ABOUT_ITSELF: [FieldName; 4] =
    [FieldName::TARGETS, FieldName::REMOVED, FieldName::AMENDMENT_REASON, FieldName::AMENDMENT_EXPLANATION];

impl AsAmended {
    /// The decision as it was filed.
    pub fn filed(index: LeafIndex, payload: &Payload) -> AsAmended {
        let fields = payload.fields().iter().map(|(name, value)| (*name, (index, value.clone())));
        let texts = payload.addenda().keys().map(|name| (*name, index));
        AsAmended { kind: payload.kind(), fields: fields.collect(), texts: texts.collect() }
    }

    /// Takes in an amendment; call it for those that count, in the order of the log. What the decision's type does not
    /// have is passed over.
    pub fn amend(&mut self, index: LeafIndex, amendment: &Payload) {
        for name in amendment.names(FieldName::REMOVED) {
            self.fields.remove(name);
            self.texts.remove(name);
        }
        let rules = self.kind.rules();
        let (fields, texts) =
            (rules.required.union(rules.optional), rules.required_addenda.union(rules.optional_addenda));
        let says = |set: FieldSet, name: &FieldName| set.contains(*name) && !ABOUT_ITSELF.contains(name);
        for (name, value) in amendment.fields().iter().filter(|(name, _)| says(fields, name)) {
            self.fields.insert(*name, (index, value.clone()));
        }
        for name in amendment.addenda().keys().filter(|name| says(texts, name)) {
            self.texts.insert(*name, index);
        }
    }

    /// The value that holds for a field.
    pub fn field(&self, field: FieldName) -> Option<&FieldValue> {
        self.fields.get(&field).map(|(_, value)| value)
    }

    /// The codes that hold for a field of one code or of several.
    pub fn codes(&self, field: FieldName) -> &[Code] {
        match self.field(field) {
            Some(FieldValue::Code(code) | FieldValue::Attribution(code)) => std::slice::from_ref(code),
            Some(FieldValue::Codes(codes)) => codes,
            _ => &[],
        }
    }

    /// On what it rests.
    pub fn legal_basis(&self) -> Option<&LegalBasis> {
        match self.field(FieldName::LEGAL_BASIS) {
            Some(FieldValue::LegalBasis(basis)) => Some(basis),
            _ => None,
        }
    }

    /// The day that the statement is counted under: of a decision `application_date`, of all others the day of `iat`.
    pub fn day(&self, statement: &Statement) -> Option<Day> {
        match (self.kind, self.field(FieldName::APPLICATION_DATE)) {
            (StatementType::Decision, Some(FieldValue::Day(day))) => Some(*day),
            (StatementType::Decision, _) => None,
            _ => Instant::new(statement.claims().iat).and_then(Instant::day),
        }
    }

    /// Which version of the European vocabulary the category is from, for an amendment may have brought one of the other;
    /// without a category, the statement's own.
    pub fn vocabulary(&self, statement: &Statement) -> Vocabulary {
        match self.codes(FieldName::CATEGORY).first().map(Code::set) {
            Some(CodeSet::CategoryV1) => Vocabulary::Version1,
            Some(_) => Vocabulary::Version2,
            None => statement.payload().vocabulary(),
        }
    }
}
