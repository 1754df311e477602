//! Authoring JSON: what is taken, what is dropped, what is withheld, and that every fault of a line is named at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use glasshouse_ledger::draft::{Draft, Reference};
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use serde_json::{Value, json};

fn line() -> Value {
    json!({
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_CONTENT_DISABLED",
            "DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": "Section 4",
        "incompatible_content_explanation": "Misleading advertisements are not permitted.",
        "illegal_content_explanation": "left over from a form",
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "category_addition": ["STATEMENT_CATEGORY_SCAMS_AND_FRAUD"],
        "content_type": ["CONTENT_TYPE_TEXT"],
        "content_type_other": "",
        "content_date": "2025-07-01 00:00:00",
        "content_id_ean": null,
        "application_date": "2025-07-01 00:00:00",
        "decision_facts": "An advertisement for something that does not exist.",
        "source_type": "SOURCE_VOLUNTARY",
        "source_identity": "nobody",
        "automated_detection": "Yes",
        "automated_decision": "AUTOMATED_DECISION_FULLY",
        "puid": "ad-1",
        "provider_role": "marketplace",
        "legal_basis": {"kind": "terms_of_service", "jurisdiction": ""},
        "acted_at": "2025-07-01T02:00:00+02:00",
        "content_url": "https://shop.example/ad/1",
        "subject": "url:https://shop.example/ad/1",
    })
}

fn with(changes: Value) -> Value {
    let mut line = line();
    for (name, value) in changes.as_object().unwrap() {
        line[name] = value.clone();
    }
    line
}

fn faults(changes: Value) -> Vec<(String, &'static str)> {
    let errors = Draft::from_json(&with(changes)).unwrap_err();
    errors.iter().map(|error| (error.path.clone(), error.rule.as_str())).collect()
}

#[test]
fn a_european_line_becomes_a_draft() {
    let draft = Draft::from_json(&line()).unwrap();
    let set = draft.fields().get(&FieldName::DECISION_VISIBILITY).unwrap();
    let codes: Vec<_> = set.as_array().unwrap().iter().map(|code| code.as_text().unwrap()).collect();
    assert_eq!(codes, ["DECISION_VISIBILITY_CONTENT_DISABLED", "DECISION_VISIBILITY_CONTENT_REMOVED"]);
    assert_eq!(draft.fields()[&FieldName::CONTENT_DATE], Item::Text("2025-07-01".into()));
    assert_eq!(draft.fields()[&FieldName::ACTED_AT], Item::Integer(1_751_328_000));
    assert_eq!(draft.puid(), Some("ad-1"));
    assert_eq!(draft.subject(), Some("url:https://shop.example/ad/1"));
    assert_eq!(draft.subject_in_entry(), None);
    let dropped: Vec<_> = draft.warnings().iter().map(|warning| warning.path.as_str()).collect();
    assert_eq!(dropped, ["/illegal_content_explanation", "/source_identity", "/category_addition"]);
}

#[test]
fn locators_and_named_subjects_are_withheld_unless_the_author_serves_them() {
    let draft = Draft::from_json(&line()).unwrap();
    let withheld: Vec<_> = draft.withheld().keys().map(ToString::to_string).collect();
    assert_eq!(withheld, ["subject", "content_url"]);
    let served = json!({"withheld": {"content_url": false, "subject": false}});
    assert!(Draft::from_json(&with(served)).unwrap().withheld().is_empty());
    let explicit =
        json!({"withheld": {"decision_facts": {"ground": "ongoing_investigation", "until": "2026-01-01"}}});
    assert!(Draft::from_json(&with(explicit)).unwrap().withheld().contains_key(&FieldName::DECISION_FACTS));
}

#[test]
fn under_a_locator_keyword_a_locator_cannot_be_served() {
    let keyword = json!(["KEYWORD_TERRORIST_CONTENT"]);
    assert!(Draft::from_json(&with(json!({"category_specification": keyword}))).is_ok());
    let served = json!({"category_specification": keyword, "withheld": {"content_url": false}});
    assert_eq!(faults(served), [("/content_url".to_owned(), "must-be-withheld")]);
}

#[test]
fn every_fault_of_a_line_is_named_at_once() {
    let found = faults(json!({
        "category": "FRAUD", "decision_facts": 7, "acted_at": "yesterday", "legal_basis": null,
        "colour": "red", "content_date": "2025-13-01", "withheld": {"puidd": false}, "puid": "a b",
    }));
    let expected = [
        ("/acted_at", "grammar"),
        ("/category", "not-a-code"),
        ("/colour", "unknown-field"),
        ("/content_date", "grammar"),
        ("/decision_facts", "wrong-type"),
        ("/legal_basis", "required"),
        ("/puid", "grammar"),
        ("/withheld/puidd", "unknown-field"),
    ];
    assert_eq!(found, expected.map(|(path, rule)| (path.to_owned(), rule)));
}

#[test]
fn an_order_needs_a_basis_that_has_one() {
    let order = json!({"authority_kind": "court", "country": "DE", "issued": "2025-06-01T00:00:00Z"});
    let without = json!({"legal_basis": {"kind": "court_order"}});
    assert_eq!(faults(without), [("/legal_basis/order".to_owned(), "required")]);
    let beside = json!({"legal_basis": {"kind": "terms_of_service", "order": order}});
    assert_eq!(faults(beside), [("/legal_basis/order".to_owned(), "forbidden")]);
    let right = json!({"legal_basis": {"kind": "court_order", "order": order}});
    Draft::from_json(&with(right)).unwrap();
}

#[test]
fn references_are_resolved_by_the_tool() {
    let relates = json!({"relates_to": [
        {"relation": "reverses", "entry": "puid:ad-0"},
        {"relation": "follows", "entry": "sequence:3"},
        {"relation": "precedent", "uri": "https://press.example/1"},
    ]});
    let mut draft = Draft::from_json(&with(relates)).unwrap();
    let names: Vec<_> = draft.unresolved().cloned().collect();
    assert_eq!(names, [Reference::Puid("ad-0".into()), Reference::Sequence(3)]);
    assert_eq!(
        draft.texts()[&FieldName::RELATES_TO_URI],
        Item::Array(vec![Item::Text("https://press.example/1".into())])
    );
    let errors = draft.resolve(|_| None).unwrap_err();
    assert_eq!(errors[0].path, "/relates_to/0/entry");
    let leaf = LeafHash::of_entry(b"0");
    let other = LeafHash::of_entry(b"1");
    draft.resolve(|name| Some(if matches!(name, Reference::Puid(_)) { leaf } else { other })).unwrap();
    assert_eq!(draft.unresolved().count(), 0);
    let first = &draft.fields()[&FieldName::RELATES_TO].as_array().unwrap()[0];
    assert_eq!(first.get("entry").unwrap().as_bytes().unwrap(), leaf.as_bytes());
}

#[test]
fn only_domains_and_networks_stand_in_the_entry() {
    let domain = json!({"subject": "domain:kiwifarms.net", "subject_in_entry": true});
    assert_eq!(Draft::from_json(&with(domain)).unwrap().subject_in_entry(), Some("domain:kiwifarms.net"));
    let url = json!({"subject_in_entry": true});
    assert_eq!(faults(url), [("/subject_in_entry".to_owned(), "needs")]);
}
