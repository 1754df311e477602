//! The list of Article 17(3), and what was left out, left open or said twice.

use glasshouse_ledger::draft::advice::advise;
use glasshouse_ledger::draft::advice::caution::Caution;
use glasshouse_ledger::draft::advice::completeness::{Owed, State};
use glasshouse_ledger::draft::json_line::JsonLine;
use serde_json::{Value, json};

use crate::line::{advice, line, setting, warns, warns_of_nothing, with};

#[test]
fn what_article_17_asks_of_a_host() {
    warns(Caution::Article17Missing, "/redress", json!({"redress": null}));
    warns(Caution::Article17Missing, "/territorial_scope", json!({"territorial_scope": []}));
    warns_of_nothing(json!({"redress": null, "redress_url": "https://host.example/appeal"}));
    let list = |changes: Value| advice(&with(changes)).completeness.unwrap();
    let whole = list(json!({}));
    assert_eq!((whole.owed, whole.points.len()), (Owed::Owed, 12));
    let letters: String = whole.points.iter().map(|point| point.letter).collect();
    assert_eq!(letters, "aaabbccddeef");
    let not_said: Vec<char> =
        whole.points.iter().filter(|p| p.state == State::NotApplicable).map(|p| p.letter).collect();
    assert_eq!(not_said, ['e', 'e']);
    assert!(whole.points.iter().all(|point| point.state != State::Missing));
    // Who followed an order, or was no host, or reports somebody else's decision, owes nothing: no warning.
    let order = json!({"authority_kind": "court", "country": "DE"});
    let ordered = json!({"redress": null, "legal_basis": {"kind": "court_order", "order": order}});
    warns_of_nothing(ordered.clone());
    assert_eq!(list(ordered).owed, Owed::NotOwed);
    let mirror = json!({"redress": null, "attribution": "mirror", "attributed_to": "Host"});
    assert_eq!(list(mirror.clone()).owed, Owed::NotOwed);
    warns_of_nothing(mirror);
    let unsure = json!({"redress": null, "provider_role": "other"});
    assert_eq!(list(unsure.clone()).owed, Owed::Unclear);
    warns_of_nothing(unsure);
}

#[test]
fn an_infrastructure_provider_is_told_that_the_list_is_not_owed() {
    let line = json!({"puid": "a", "provider_role": "reverse_proxy", "infrastructure_measure": ["block_page"],
        "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE", "application_date": "2026-03-01",
        "source_type": "SOURCE_VOLUNTARY", "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED", "legal_basis": {"kind": "emergency"},
        "decision_facts": "Threats had grown."});
    let advice = advice(&line);
    assert!(advice.errors.is_empty() && advice.warnings.is_empty(), "{advice:?}");
    let list = advice.completeness.unwrap();
    assert_eq!(list.owed, Owed::NotOwed);
    assert!(list.because.contains("still useful"));
    let missing: String =
        list.points.iter().filter(|p| p.state == State::Missing).map(|p| p.letter).collect();
    assert_eq!(missing, "addeef");
}

#[test]
fn what_was_left_out_or_left_open() {
    let left = json!({"incompatible_content_ground": "Section 4"});
    warns(Caution::LeftOut, "/incompatible_content_ground", left);
    let mut open = line();
    open.as_object_mut().unwrap().remove("provider_role");
    let said = advice(&open);
    assert!(said.errors.is_empty(), "{:?}", said.errors);
    let rules: Vec<&str> = said.warnings.iter().map(|warning| warning.rule.as_str()).collect();
    assert_eq!(rules, ["role-left-out"]);
    let entry = &said.statement.unwrap()["entry"];
    assert!(entry.get("provider_role").is_none() && entry.get("category").is_some());
    // Under the role that is given, the role's own rules hold.
    let mut cdn = setting();
    cdn.role = Some("cdn".to_owned());
    let under = advise(&JsonLine::parse(open.to_string().as_bytes()).unwrap(), &cdn);
    assert!(under.warnings.iter().all(|warning| warning.rule != "role-left-out"));
    assert!(under.errors.iter().any(|error| error.path == "/content_type" && error.rule == "forbidden"));
}
