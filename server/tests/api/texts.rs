//! What readers see of texts that were opened or erased later, and of what was sealed.

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::submission::{SubmissionSlices, encode_batch};
use serde_json::{Value, json};

use crate::world::{About, World, decision_line, later, sign};

/// Submits a disclosure with the text of its target that it opens.
fn disclose(world: &World, disclosure: &Signed, target: &Signed, field: &str) -> Value {
    let text = target.addenda()[&FieldName::find(field).unwrap()].as_slice();
    let addenda = disclosure.served().chain([text]).collect();
    let answer =
        world.post(&encode_batch(&[SubmissionSlices { statement: disclosure.statement(), addenda }]));
    answer.json()["results"][0].clone()
}

fn page(world: &World, index: u64) -> String {
    String::from_utf8(world.get(&format!("/e/{index}")).body).unwrap()
}

#[test]
fn a_text_that_was_opened_says_by_which_entry() {
    let world = World::with_provider();
    let decision = world.decision(1);
    world.take(&[&decision]);
    let disclosure =
        later(&world.provider, "disclosure", 2, About::Entry(&decision), json!({"fields": ["contact"]}));
    assert_eq!(disclose(&world, &disclosure, &decision, "contact")["status"], "accepted");
    let view = world.get("/api/v1/statements/2").json();
    assert_eq!(view["texts"]["contact"], "appeals@host.example");
    assert_eq!((&view["withheld"], &view["redacted"]), (&json!([]), &json!([])));
    assert_eq!(
        view["state"]["texts"]["contact"],
        json!({"state": "disclosed", "by": 3, "link": "/api/v1/statements/3"})
    );
    let claim = &view["state"]["claims"][0];
    assert_eq!((&claim["claim"], &claim["fields"]), (&"disclosed".into(), &json!(["contact"])));
    assert_eq!(world.get(view["links"]["addenda"]["contact"].as_str().unwrap()).status, 200);
    assert!(page(&world, 2).contains("Opened later"), "{}", page(&world, 2));
    let stats = world.get("/api/v1/stats").json();
    assert_eq!((&stats["withheld"], &stats["disclosed"]), (&1.into(), &1.into()));
    assert_eq!(stats["embargoes"], json!({"open": 0, "overdue": 0, "kept": 1, "late": 0, "redacted": 0}));
}

#[test]
fn an_erased_text_is_shown_nowhere_and_says_by_which_entry() {
    let world = World::with_provider();
    let decision = world.decision(1);
    let said = json!({"fields": ["contact", "decision_facts"], "redaction_ground": "erasure_request", "requested_by": "data_subject"});
    let redaction = later(&world.provider, "redaction", 2, About::Entry(&decision), said);
    world.take(&[&decision, &redaction]);
    let view = world.get("/api/v1/statements/2").json();
    assert_eq!(view["redacted"], json!(["contact", "decision_facts"]));
    assert_eq!(view["withheld"], json!([]));
    assert_eq!(
        view["state"]["texts"]["decision_facts"],
        json!({"state": "redacted", "by": 3, "link": "/api/v1/statements/3"})
    );
    let claim = &view["state"]["claims"][0];
    assert_eq!((&claim["claim"], &claim["requested_by"]), (&"redacted".into(), &"data_subject".into()));
    let html = page(&world, 2);
    assert!(html.contains("Erased (<a href=\"/e/3\">entry 3</a>)"), "{html}");
    assert!(html.contains("erasure request; asked by: person concerned"), "{html}");
    for path in ["/api/v1/statements/2", "/e/2", "/api/v1/statements?type=decision"] {
        let body = String::from_utf8(world.get(path).body).unwrap();
        assert!(!body.contains("danger to human life") && !body.contains("appeals@"), "{path}: {body}");
    }
    let embargoes = &world.get("/api/v1/providers/host.example").json()["embargoes"];
    assert_eq!((&embargoes["open"], &embargoes["redacted"]), (&0.into(), &1.into()));
}

#[test]
fn what_was_sealed_is_shown_once_it_is_opened() {
    let world = World::with_provider();
    let line = json!({"type": "sealed", "statement": decision_line(1)});
    let sealed = sign(&world.provider, &Draft::from_json(&line).unwrap(), 1);
    world.take(&[&sealed]);
    let view = world.get("/api/v1/statements/2").json();
    assert!(view["sealed"].is_null() && view["texts"] == json!({}));
    assert_eq!(view["state"]["texts"]["sealed_statement"], json!({"state": "withheld"}));
    let said = json!({"fields": ["sealed_statement"]});
    let provider = format!("provider:{}", world.provider.issuer());
    let disclosure = crate::world::later_about(&world.provider, "disclosure", 2, &sealed, said, &provider);
    let result = disclose(&world, &disclosure, &sealed, "sealed_statement");
    assert_eq!(result["status"], "accepted", "{result}");
    let view = world.get("/api/v1/statements/2").json();
    let inner = &view["sealed"];
    assert_eq!((&inner["payload"]["type"], &inner["payload"]["sequence"]), (&"decision".into(), &1.into()));
    assert_eq!(inner["texts"]["puid"], "case-1");
    assert_eq!(inner["withheld"], json!(["contact"]));
    assert!(view["texts"].get("sealed_statement").is_none(), "shown decoded, not as bytes");
    assert_eq!(view["state"]["texts"]["sealed_statement"]["by"], 3);
    let html = page(&world, 2);
    assert!(
        html.contains("What was sealed") && html.contains("Proxying stopped: forum.example.com"),
        "{html}"
    );
    assert!(html.contains("&lt;b&gt;Imminent&lt;/b&gt;") && !html.contains("<b>Imminent"), "{html}");
}
