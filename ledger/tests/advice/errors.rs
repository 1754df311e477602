//! Errors: all at once, with help, in bounded answers; and the statement of a line without any.

use glasshouse_ledger::draft::advice::{Advice, advise};
use glasshouse_ledger::draft::json_line::JsonLine;
use serde_json::{Value, json};

use crate::line::{advice, setting, with};

#[test]
fn ten_mistakes_are_named_at_once_each_with_a_way_out() {
    let advice = advice(&json!({
        "typ": "decision",
        "puid": "case 17",
        "provider_role": "hoster",
        "decision_visibility": ["REMOVED"],
        "category": "FRAUD",
        "aplication_date": "2026-03-01",
        "content_date": "01.03.2026",
        "acted_at": "yesterday",
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "maybe",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "legal_basis": {"kind": "court order", "juristiction": "DE"},
        "decision_facts": 17,
        "withheld": {"decision_fact": false},
    }));
    let found: Vec<(&str, &str, Vec<&str>)> = advice
        .errors
        .iter()
        .map(|e| (e.path.as_str(), e.rule.as_str(), e.near.iter().take(1).map(String::as_str).collect()))
        .collect();
    let expected = [
        ("/acted_at", "grammar", vec![]),
        ("/aplication_date", "unknown-field", vec!["application_date"]),
        ("/application_date", "required", vec![]),
        ("/automated_detection", "not-a-code", vec![]),
        ("/category", "not-a-code", vec!["STATEMENT_CATEGORY_SCAMS_AND_FRAUD"]),
        ("/content_date", "grammar", vec![]),
        ("/decision_facts", "wrong-type", vec![]),
        ("/decision_visibility", "not-a-code", vec!["DECISION_VISIBILITY_CONTENT_REMOVED"]),
        ("/legal_basis/juristiction", "unknown-field", vec!["jurisdiction"]),
        ("/legal_basis/kind", "not-a-code", vec!["court_order"]),
        ("/provider_role", "not-a-code", vec!["host"]),
        ("/puid", "grammar", vec![]),
        ("/typ", "unknown-field", vec!["type"]),
        ("/withheld/decision_fact", "unknown-field", vec!["decision_facts"]),
    ];
    assert_eq!(found, expected);
    assert!(advice.errors.iter().all(|error| error.allowed.is_some()), "{:#?}", advice.errors);
    let given: Vec<&str> = advice.errors.iter().filter_map(|error| error.given.as_deref()).collect();
    assert!(given.contains(&"17") && given.contains(&"maybe") && given.contains(&"court order"), "{given:?}");
    let category = advice.errors.iter().find(|error| error.path == "/category").unwrap();
    assert!(category.allowed.as_ref().unwrap().contains("/api/v1/vocabulary"));
    assert!(advice.statement.is_none());
}

#[test]
fn a_misspelt_type_hides_no_other_error() {
    let mut wrong = with(json!({"type": "desicion", "category": "FRAUD"}));
    let said = advice(&wrong);
    let paths: Vec<&str> = said.errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["/category", "/type"]);
    assert_eq!(said.errors[1].near[0], "decision");
    wrong["provider_role"] = Value::Null;
    assert_eq!(advice(&wrong).errors.len(), 2);
    wrong["type"] = json!("decision");
    assert_eq!(advice(&wrong).errors.len(), 1);
}

#[test]
fn a_preview_shows_what_stands_where_and_no_text() {
    let line = with(json!({
        "subject": "account:jane",
        "content_url": ["https://forum.example/t/17"],
        "relates_to": [{"relation": "follows", "entry": "puid:case-16"}, {"relation": "precedent", "uri": "https://a.example"}],
        "withheld": {"instrument": {"ground": "other", "until": "2027-01-01"}},
    }));
    let said = advice(&line);
    assert!(said.errors.is_empty(), "{:?}", said.errors);
    let statement = said.statement.unwrap();
    let (entry, texts) = (&statement["entry"], &statement["texts"]);
    assert_eq!(entry["type"], "decision");
    assert_eq!(entry["relates_to"][0]["entry"], "puid:case-16");
    assert!(
        entry.get("decision_facts").is_none()
            && entry.get("addenda").is_none()
            && entry.get("sequence").is_none()
    );
    assert!(entry["sub"].as_str().unwrap().starts_with("s:"));
    assert_eq!(texts["decision_facts"], json!({"place": "served", "characters": 56}));
    assert_eq!(texts["content_url"], json!({"place": "withheld", "ground": "personal_data", "texts": 1}));
    assert_eq!(texts["instrument"]["until"], "2027-01-01");
    assert!(!statement.to_string().contains("jane") && !statement.to_string().contains("forum.example"));
    assert_eq!(said.references.len(), 1);
    assert_eq!(said.references[0].0, "/relates_to/0/entry");
    let open = with(json!({"subject": "domain:forum.example", "subject_in_entry": true}));
    assert_eq!(advice(&open).statement.unwrap()["entry"]["sub"], "domain:forum.example");
}

#[test]
fn hostile_lines_get_bounded_answers() {
    let size = |advice: &Advice| {
        let texts = advice.errors.iter().chain(&advice.warnings);
        texts.map(|finding| serde_json::to_string(finding).unwrap().len()).sum::<usize>()
    };
    let unknown: serde_json::Map<String, Value> =
        (0..19_000).map(|number| (format!("{number:0700}"), json!(1))).collect();
    let said = advice(&Value::Object(unknown));
    assert_eq!(said.errors.len(), 256);
    assert!(said.more_errors > 18_000);
    assert!(size(&said) < 256 * 1_000, "{}", size(&said));
    let long = advice(&json!({"x".repeat(10 << 20): "y".repeat(5 << 20)}));
    assert!(size(&long) < 20_000);
    let text = advice(&with(json!({"decision_facts": "jane@mail.example ".repeat(500_000)})));
    assert!(text.errors.iter().any(|error| error.rule == "too-long"));
    assert!(size(&text) < 20_000);
    let numbers = r#"{"items": 1e308, "puid": 99999999999999999999999999, "application_date": -0}"#;
    let said = advise(&JsonLine::parse(numbers.as_bytes()).unwrap(), &setting());
    for path in ["/items", "/puid", "/application_date"] {
        assert!(said.errors.iter().any(|error| error.path == path && error.rule == "wrong-type"), "{path}");
    }
}
