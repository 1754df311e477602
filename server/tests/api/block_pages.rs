//! The text for a provider's block page: for a decision of its own that is in force and blocks access, and with status 451 only
//! where the law demands it.

use glasshouse_ledger::draft::Draft;
use serde_json::{Value, json};

use crate::world::{About, World, decision_line, later, sign};

const LEGAL: &str = "HTTP/1.1 451 Unavailable For Legal Reasons";
const OTHER: &str = "HTTP/1.1 403 Forbidden";
const ENDED: &str = "because this decision has ended";

/// A decision that rests on something, with fields of its own.
fn decision(number: u64, basis: Value, fields: &Value) -> Draft {
    let mut line = decision_line(number);
    line["legal_basis"] = basis;
    for (name, value) in fields.as_object().unwrap() {
        match value.is_null() {
            true => drop(line.as_object_mut().unwrap().remove(name)),
            false => line[name] = value.clone(),
        }
    }
    Draft::from_json(&line).unwrap()
}

#[test]
fn a_block_page_says_what_the_decision_says() {
    let world = World::with_provider();
    let order = json!({"kind": "court_order", "jurisdiction": "FR",
        "order": {"authority_kind": "court", "country": "FR", "issued": "2022-09-01T08:00:00Z"}});
    let terms = json!({"kind": "terms_of_service"});
    let removed = json!({"provider_role": "host", "infrastructure_measure": null, "territorial_scope": ["FR"],
        "content_type": ["CONTENT_TYPE_TEXT"], "content_date": "2022-09-01",
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "incompatible_content_ground": "Clause 3",
        "incompatible_content_explanation": "It is against clause 3."});
    let mut demoted = removed.clone();
    demoted["decision_visibility"] = json!(["DECISION_VISIBILITY_CONTENT_DEMOTED"]);
    let of = |number, basis: &Value, fields: &Value| {
        sign(&world.provider, &decision(number, basis.clone(), fields), number)
    };
    let none = json!({});
    let all = [
        (of(1, &order, &none), Some(LEGAL)),
        (of(2, &json!({"kind": "emergency"}), &none), Some(OTHER)),
        (of(3, &terms, &removed), Some(OTHER)),
        (of(4, &terms, &demoted), None),
        (of(5, &order, &json!({"infrastructure_measure": ["payment_stopped"]})), None),
        (of(6, &order, &json!({"attribution": {"kind": "press"}, "attributed_to": "Somebody"})), None),
        (of(7, &order, &none), Some(ENDED)),
        (of(8, &order, &none), Some(LEGAL)),
        (of(9, &order, &none), Some(ENDED)),
        (of(10, &order, &none), Some(ENDED)),
    ];
    world.take(&all.iter().map(|(signed, _)| signed).collect::<Vec<_>>());
    let outcome = |result: &str| json!({"procedure": "court", "result": result});
    let end = json!({"end_date": "2022-09-05", "lifted_reason": "own_error"});
    let by = &world.provider;
    world.take(&[
        &later(by, "lifted", 11, About::Entry(&all[6].0), end),
        &later(by, "outcome", 12, About::Entry(&all[7].0), outcome("partially_reversed")),
        &later(by, "outcome", 13, About::Entry(&all[8].0), outcome("reversed")),
        &later(by, "withdrawal", 14, About::Entry(&all[9].0), json!({})),
    ]);
    for (place, (_, expected)) in (2..).zip(&all) {
        let html = String::from_utf8(world.get(&format!("/e/{place}")).body).unwrap();
        for words in [LEGAL, OTHER, ENDED] {
            assert_eq!(html.contains(words), *expected == Some(words), "{place}: {words}");
        }
        let has_heading = html.contains("For the provider’s block page");
        assert_eq!(has_heading, expected.is_some(), "{place}");
        let is_legal = *expected == Some(LEGAL);
        assert_eq!(html.contains("rel=&quot;blocked-by&quot;"), is_legal, "{place}");
        assert_eq!(html.contains("Unavailable for legal reasons"), is_legal, "{place}: {html}");
        assert_eq!(html.contains("rel=&quot;describedby&quot;"), matches!(*expected, Some(LEGAL | OTHER)));
    }
}
