//! Lines about earlier lines, and lines that seal another one.

use glasshouse_ledger::draft::advice::caution::Caution;
use glasshouse_verifier::statement_type::StatementType;
use serde_json::{Value, json};

use crate::line::{advice, line};

fn rules(line: &Value) -> (Vec<String>, Vec<(String, String)>) {
    let said = advice(line);
    let errors = said.errors.into_iter().map(|error| format!("{} {}", error.path, error.rule)).collect();
    (errors, said.warnings.into_iter().map(|warning| (warning.rule, warning.path)).collect())
}

#[track_caller]
fn warns_only(rule: Caution, path: &str, line: Value) {
    let found = rules(&line);
    assert_eq!(found, (vec![], vec![(rule.as_str().to_owned(), path.to_owned())]), "{line}");
}

fn lifted(explanation: &str) -> Value {
    json!({"type": "lifted", "targets": ["puid:case-17", {"first": 7, "last": 9}], "end_date": "2026-03-02",
        "lifted_reason": "own_error", "lifted_explanation": explanation})
}

#[test]
fn a_line_about_others_is_looked_at_like_any() {
    let good = lifted("A filter matched every post with a link.");
    assert_eq!(rules(&good), (vec![], vec![]));
    warns_only(Caution::LooksLikeEmail, "/lifted_explanation", lifted("Asked for by jane@mail.example."));
    let said = advice(&good);
    assert!(said.completeness.is_none());
    assert_eq!(said.references.len(), 1);
    assert_eq!(said.references[0].0, "/targets/0");
    let statement = said.statement.unwrap();
    assert_eq!(statement["entry"]["targets"], good["targets"]);
    assert_eq!(statement["texts"]["lifted_explanation"]["place"], "served");
    let mut wrong = good;
    wrong["lifted_reason"] = json!("mistake");
    wrong["end_date"] = json!("tomorrow");
    wrong["targets"] = json!(["case-17"]);
    wrong["lifted_explanations"] = json!("x");
    let errors = [
        "/end_date grammar",
        "/lifted_explanations unknown-field",
        "/lifted_reason not-a-code",
        "/targets/0 grammar",
    ];
    assert_eq!(rules(&wrong).0, errors);
}

#[test]
fn dates_of_other_types_are_held_against_the_clock() {
    let outcome = |decided: &str| json!({"type": "outcome", "targets": ["puid:case-17"], "procedure": "court", "result": "reversed", "decided_at": decided});
    assert_eq!(rules(&outcome("2026-03-09T08:00:00Z")), (vec![], vec![]));
    warns_only(Caution::InTheFuture, "/decided_at", outcome("2062-03-09T08:00:00Z"));
    let declaration = |end: &str| json!({"type": "declaration", "period_start": "2026-02-01", "period_end": end, "decisions_taken": 0, "not_published": 0});
    assert_eq!(rules(&declaration("2026-02-28")), (vec![], vec![]));
    warns_only(Caution::InTheFuture, "/period_end", declaration("2062-02-28"));
    let amendment = |notice: &str| {
        json!({"type": "amendment", "targets": ["puid:case-17"], "amendment_reason": "clerical_error",
            "application_date": "2026-03-01", "notice_received": notice})
    };
    assert_eq!(rules(&amendment("2026-02-27T08:00:00Z")), (vec![], vec![]));
    warns_only(Caution::NoticeAfterDecision, "/notice_received", amendment("2026-03-04T08:00:00Z"));
}

#[test]
fn what_is_sealed_is_looked_at_and_its_texts_are_not_served() {
    let mut inner = line();
    inner["decision_facts"] = json!("Reported by jane@mail.example.");
    let sealed = |inner: &Value| json!({"type": "sealed", "statement": inner});
    assert_eq!(rules(&sealed(&inner)), (vec![], vec![]));
    let statement = advice(&sealed(&inner)).statement.unwrap();
    assert_eq!(statement["texts"]["sealed_statement"]["place"], "withheld");
    assert!(!statement.to_string().contains("jane"));
    inner["application_date"] = json!("2062-03-01");
    inner["acted_at"] = Value::Null;
    warns_only(Caution::InTheFuture, "/statement/application_date", sealed(&inner));
    inner["application_date"] = json!("2026-03-01");
    inner.as_object_mut().unwrap().remove("provider_role");
    warns_only(Caution::RoleLeftOut, "/statement/provider_role", sealed(&inner));
    inner["category"] = json!("FRAUD");
    inner["relates_to"] = json!([{"relation": "follows", "entry": "puid:case-16"}]);
    assert_eq!(rules(&sealed(&inner)).0, ["/statement/category not-a-code"]);
    inner["category"] = json!("STATEMENT_CATEGORY_CYBER_VIOLENCE");
    let said = advice(&sealed(&inner));
    assert_eq!(said.references[0].0, "/statement/relates_to/0/entry");
}

#[test]
fn another_vocabulary_or_type_hides_no_other_error() {
    let mut wrong = line();
    wrong["vocabulary"] = json!("dsa-tdb/3");
    wrong["category"] = json!("FRAUD");
    assert_eq!(rules(&wrong).0, ["/category not-a-code", "/vocabulary not-a-code"]);
    wrong["type"] = json!("desision");
    assert_eq!(rules(&wrong).0, ["/category not-a-code", "/type not-a-code", "/vocabulary not-a-code"]);
    wrong["type"] = json!("haiku");
    assert_eq!(rules(&wrong).0, ["/category not-a-code", "/type not-a-code", "/vocabulary not-a-code"]);
}

/// No type can be added whose lines the engine does not take: each is read, and its misspelt name is understood.
#[test]
fn every_type_that_has_a_name_is_told_from_a_misspelt_one() {
    let mut written = 0;
    for kind in StatementType::ALL {
        let said = advice(&json!({"type": kind.as_str()}));
        let is_unknown = said.errors.iter().any(|error| error.path == "/type");
        if !is_unknown {
            written += 1;
            let misspelt = advice(&json!({"type": format!("{}x", kind.as_str())}));
            let error = misspelt.errors.iter().find(|error| error.path == "/type").unwrap();
            assert_eq!(error.near.first().map(String::as_str), Some(kind.as_str()));
            assert!(misspelt.errors.len() >= said.errors.len(), "{kind}");
        }
    }
    assert!(written >= 10, "{written}");
}
