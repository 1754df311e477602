//! What the driver says: lines of every type, and what the model makes of a signed statement.

use std::collections::BTreeSet;

use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::draft::Draft;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use serde_json::{Value, json};

use crate::driver::{DAYS, Driver, authors};
use crate::model::{Fact, Target};
use crate::support::*;

impl Driver {
    pub(crate) fn withheld(&mut self) -> Value {
        match self.dice.pick(&[None, Some("2025-07-03"), Some("2025-07-06")]) {
            Some(until) => json!({"ground": "ongoing_investigation", "until": until}),
            None => json!({"ground": "ongoing_investigation"}),
        }
    }

    pub(crate) fn decision(&mut self, number: u64) -> Value {
        let mut line = decision_line(&format!("ad-{number}-{}", self.dice.roll(1000)));
        if self.dice.once_in(3) {
            line["withheld"] = json!({"decision_facts": self.withheld()});
        }
        if self.dice.once_in(6) {
            line["type"] = "no_action".into();
            line["refusal_reason"] = "not_illegal".into();
            for name in ["decision_visibility", "decision_ground", "application_date"] {
                line[name] = Value::Null;
            }
            for name in ["incompatible_content_ground", "incompatible_content_explanation"] {
                line[name] = Value::Null;
            }
        }
        line
    }

    pub(crate) fn sealed(&mut self, number: u64) -> Value {
        json!({
            "type": "sealed",
            "statement": decision_line(&format!("sealed-{number}")),
            "withheld": {"sealed_statement": self.withheld()},
        })
    }

    pub(crate) fn amendment(&mut self) -> Value {
        let mut line = json!({"type": "amendment", "amendment_reason": "clerical_error"});
        let category = ["STATEMENT_CATEGORY_VIOLENCE", "STATEMENT_CATEGORY_SELF_HARM"];
        match self.dice.roll(4) {
            0 => line["category"] = self.dice.pick(&category).into(),
            1 => line["removed"] = json!(["content_url", "redress"]),
            2 => line["decision_facts"] = format!("As it was, {}.", self.dice.roll(1000)).into(),
            _ => {
                line["items"] = (1 + self.dice.roll(9)).into();
                line["decision_facts"] = "More than one.".into();
                line["withheld"] = json!({"decision_facts": self.withheld()});
            }
        }
        line
    }

    pub(crate) fn outcome(&mut self) -> Value {
        let result = self.dice.pick(&["upheld", "reversed", "partially_reversed", "omitted"]);
        let procedure = self.dice.pick(&["internal_complaint", "court"]);
        json!({"type": "outcome", "procedure": procedure, "result": result, "outcome_explanation": "As decided."})
    }

    pub(crate) fn redaction(&mut self) -> Value {
        let fields = match self.dice.roll(5) {
            0 => json!(["decision_facts", "puid"]),
            1 => json!(["sealed_statement", "decision_facts"]),
            2 => json!(["outcome_explanation"]),
            3 => json!(["content_url"]),
            _ => json!(["decision_facts"]),
        };
        json!({"type": "redaction", "fields": fields, "redaction_ground": "erasure_request", "requested_by": "data_subject"})
    }

    pub(crate) fn declaration(&mut self, number: u64) -> Value {
        let start = self.dice.pick(&["2025-06-01", "2025-07-01"]);
        let mut line = json!({"type": "declaration", "period_start": start, "period_end": "2025-07-31",
            "decisions_taken": self.dice.roll(30) + 3, "not_published": self.dice.roll(3)});
        if !self.dice.once_in(4) {
            let first = 1 + self.dice.roll(number as usize) as u64;
            line["first_sequence"] = first.into();
            line["last_sequence"] = (first + self.dice.roll(40) as u64).into();
        }
        line
    }

    pub(crate) fn disclosure(
        &mut self,
        author: &Author,
        number: u64,
    ) -> Option<(Signed, Vec<Target>, Vec<Vec<u8>>)> {
        let issuer = author.issuer().to_string();
        let keeps = |fact: &Fact| fact.issuer == issuer && fact.texts.values().any(Option::is_some);
        let all: Vec<usize> = (0..self.model.0.len()).filter(|at| keeps(&self.model.0[*at])).collect();
        if all.is_empty() {
            return None;
        }
        let at = self.dice.pick(&all);
        let fact = self.model.0[at].clone();
        let mut about: BTreeSet<&'static str> =
            fact.texts.iter().filter(|t| t.1.is_some()).map(|t| *t.0).collect();
        if about.len() > 1 && self.dice.once_in(2) {
            about.pop_first();
        }
        if self.dice.once_in(15) && fact.texts.contains_key("puid") {
            about.insert("puid");
        }
        let texts = |list: &BTreeSet<&'static str>| {
            Item::Array(list.iter().map(|name| Item::text((*name).to_owned())).collect())
        };
        let target = Item::Map(vec![(Item::text("entry"), Item::bytes(fact.leaf.to_vec()))]);
        let draft = Draft::new(StatementType::Disclosure)
            .with_field(FieldName::TARGETS, Item::Array(vec![target]))
            .with_field(FieldName::FIELDS, texts(&about));
        let subject = self.subject(&fact.sub);
        let now = NOW + 86_400 * self.day as u64;
        let signed = author.sign(&draft, sequence(number), subject, now).unwrap();
        Some((signed, vec![Target::Leaf(fact.leaf)], self.texts(at, &about)))
    }

    pub(crate) fn registrars(&mut self, number: u64) -> Option<(Signed, Vec<Target>, Vec<Vec<u8>>)> {
        let author = registrar();
        let whose = authors()[1 + self.dice.roll(2)].issuer().to_string();
        if self.dice.once_in(4) {
            let text = Item::text(format!("Rules of {}.", DAYS[self.day]));
            let draft = Draft::new(StatementType::Policy).with_text(FieldName::POLICY, text);
            let signed = author.sign_own(&draft, sequence(number), NOW + 86_400 * self.day as u64).unwrap();
            return Some((signed, Vec::new(), Vec::new()));
        }
        let mut line = self.redaction();
        line["provider"] = whose.as_str().into();
        let targets = self.targets(&whose, &["decision", "no_action", "amendment", "sealed", "outcome"], 3);
        let subject = self.sub_of(&targets, &format!("provider:{whose}"));
        line["targets"] = targets.iter().map(target_json).collect();
        if targets.is_empty() {
            return None;
        }
        let mut draft = Draft::new(StatementType::Redaction);
        for (name, item) in redaction_items(&line, &targets, &whose) {
            draft = draft.with_field(name, item);
        }
        let subject = self.subject(&subject);
        let signed = author.sign(&draft, sequence(number), subject, NOW + 86_400 * self.day as u64).unwrap();
        Some((signed, targets, Vec::new()))
    }
}

pub(crate) fn target_json(target: &Target) -> Value {
    match target {
        Target::Leaf(leaf) => json!({"entry": hex::encode(leaf)}),
        Target::Range(first, last) => json!({"first": first, "last": last}),
    }
}

fn redaction_items(line: &Value, targets: &[Target], whose: &str) -> Vec<(FieldName, Item)> {
    let text = |value: &Value| Item::text(value.as_str().unwrap().to_owned());
    let number = |n: u64| Item::Integer(n.into());
    let target = |target: &Target| match target {
        Target::Leaf(leaf) => Item::Map(vec![(Item::text("entry"), Item::bytes(leaf.to_vec()))]),
        Target::Range(first, last) => {
            Item::Map(vec![(Item::text("last"), number(*last)), (Item::text("first"), number(*first))])
        }
    };
    let mut fields: Vec<&str> =
        line["fields"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
    fields.sort_unstable();
    vec![
        (FieldName::TARGETS, Item::Array(targets.iter().map(target).collect())),
        (FieldName::FIELDS, Item::Array(fields.iter().map(|f| Item::text((*f).to_owned())).collect())),
        (FieldName::REDACTION_GROUND, text(&line["redaction_ground"])),
        (FieldName::REQUESTED_BY, text(&line["requested_by"])),
        (FieldName::PROVIDER, Item::text(whose.to_owned())),
    ]
}

/// A statement as the model sees it. What its fields say is read by the verifier, whose reading has tests of its own.
pub(crate) fn fact_of(statement: &Statement, targets: Vec<Target>, day: &'static str) -> Fact {
    let (claims, payload) = (statement.claims(), statement.payload());
    let until = |day: &glasshouse_verifier::day::Day| {
        let text = day.to_string();
        DAYS.iter().find(|known| **known == text).copied().unwrap()
    };
    let texts = payload.addenda().keys().map(|field| {
        let terms = payload.withheld().get(field);
        (field.as_str(), terms.map(|terms| terms.until.as_ref().map(until)))
    });
    let about_itself = ["targets", "removed", "amendment_reason"];
    let fields = payload.fields().iter().map(|(name, value)| (name.as_str(), value.to_json().to_string()));
    let number = |field| payload.number(field);
    let days = [FieldName::PERIOD_START, FieldName::PERIOD_END].map(|field| payload.day(field));
    let period = |day: glasshouse_verifier::day::Day| match day.to_string().as_str() {
        "2025-06-01" => "2025-06-01",
        "2025-07-01" => "2025-07-01",
        _ => "2025-07-31",
    };
    Fact {
        leaf: *glasshouse_verifier::entry::Entry::of(statement.clone()).unwrap().leaf_hash().as_bytes(),
        issuer: claims.iss.to_string(),
        number: statement.sequence().get(),
        kind: payload.kind().as_str(),
        sub: claims.sub.to_string(),
        day,
        texts: texts.collect(),
        fields: fields.filter(|(name, _)| !about_itself.contains(name)).collect(),
        removed: payload.names(FieldName::REMOVED).iter().map(|name| name.as_str()).collect(),
        targets,
        provider: payload.targets().and_then(|_| payload.provider()).map(Issuer::to_string),
        about: payload.names(FieldName::FIELDS).iter().map(|name| name.as_str()).collect(),
        result: payload.code(FieldName::RESULT).map(|code| code.as_str()),
        void: payload.void_range().map(|(first, last)| (first.get(), last.get())),
        declared: days[0].zip(days[1]).map(|(start, end)| {
            let numbers = number(FieldName::FIRST_SEQUENCE).zip(number(FieldName::LAST_SEQUENCE));
            let taken = number(FieldName::DECISIONS_TAKEN).unwrap();
            (period(start), period(end), numbers, taken, number(FieldName::NOT_PUBLISHED).unwrap())
        }),
    }
}
