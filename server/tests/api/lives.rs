//! What readers see of a decision's life: the state, each claim with the entry that makes it, and the page in words.

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use serde_json::{Value, json};

use crate::world::{About, World, decision_line, later, sign};

/// Every entry that is linked from a JSON value is there.
fn follow(world: &World, value: &Value) -> usize {
    match value {
        Value::Object(members) => {
            let mut followed = 0;
            for (name, value) in members {
                if let (true, Some(path)) =
                    (matches!(name.as_str(), "link" | "page" | "next"), value.as_str())
                {
                    assert_eq!(world.get(path).status, 200, "{path}");
                    followed += 1;
                }
                followed += follow(world, value);
            }
            followed
        }
        Value::Array(items) => items.iter().map(|item| follow(world, item)).sum(),
        _ => 0,
    }
}

fn page(world: &World, index: u64) -> String {
    String::from_utf8(world.get(&format!("/e/{index}")).body).unwrap()
}

#[test]
fn a_decision_of_which_nothing_was_said_is_in_force() {
    let world = World::with_provider();
    world.take(&[&world.decision(1)]);
    let state = &world.get("/api/v1/statements/2").json()["state"];
    assert_eq!(state["standing"], "in_force");
    assert!(state["standing_by"].is_null() && state["as_amended"].is_null());
    assert_eq!((&state["claims"], &state["claim_count"]), (&json!([]), &0.into()));
    assert_eq!(state["texts"]["contact"], json!({"state": "withheld"}));
    assert_eq!(state["texts"]["puid"], json!({"state": "served"}));
    assert!(page(&world, 2).contains("the restriction is in force"));
    let genesis = world.get("/api/v1/statements/0").json();
    assert_eq!(genesis["state"]["standing"], "stands");
}

#[test]
fn every_claim_links_to_the_entry_that_makes_it() {
    let world = World::with_provider();
    let by = &world.provider;
    let decision = world.decision(1);
    let outcome = later(
        by,
        "outcome",
        2,
        About::Entry(&decision),
        json!({"procedure": "internal_complaint", "result": "upheld", "complaint_received": 1_700_000_000, "decided_at": 1_700_086_400,
               "outcome_explanation": "The complaint brought nothing new."}),
    );
    let lifted = later(
        by,
        "lifted",
        3,
        About::Numbers(1, 1),
        json!({"end_date": "2022-09-05", "lifted_reason": "own_error"}),
    );
    let taken_back = later(by, "withdrawal", 4, About::Entry(&outcome), json!({}));
    world.take(&[&decision, &outcome, &lifted, &taken_back]);
    let view = world.get("/api/v1/statements/2").json();
    let state = &view["state"];
    assert_eq!((&state["standing"], &state["standing_by"]["index"]), (&"lifted".into(), &4.into()));
    assert_eq!(state["claim_count"], 2);
    let claims = state["claims"].as_array().unwrap();
    let said: Vec<_> = claims
        .iter()
        .map(|c| (c["claim"].as_str().unwrap(), c["index"].as_u64().unwrap(), c["counts"].as_bool().unwrap()))
        .collect();
    assert_eq!(said, [("outcome", 3, false), ("lifted", 4, true)]);
    assert_eq!(
        (&claims[0]["result"], &claims[0]["procedure"]),
        (&"upheld".into(), &"internal_complaint".into())
    );
    assert_eq!(claims[0]["decided_at"], "2023-11-15T22:13:20Z");
    assert_eq!(claims[0]["leaf_hash"], outcome.leaf_hash().to_hex());
    assert_eq!(
        (&claims[1]["end_date"], &claims[1]["lifted_reason"]),
        (&"2022-09-05".into(), &"own_error".into())
    );
    assert_eq!(claims[1]["type"], "lifted");
    assert!(!view.to_string().contains("brought nothing new"), "a claim holds no text");
    assert!(follow(&world, &view) >= 6);
    let html = page(&world, 2);
    assert!(html.contains("The restriction was ended.") && html.contains("href=\"/e/4\""), "{html}");
    assert!(html.contains("own error") && html.contains("<s>") && html.contains("taken back"), "{html}");
}

#[test]
fn what_is_said_again_changes_nothing_and_reads_so() {
    let world = World::with_provider();
    let by = &world.provider;
    let ended = |number: u64, day: &str| {
        let fields = json!({"end_date": day, "lifted_reason": "own_error"});
        later(by, "lifted", number, About::Numbers(1, 2), fields)
    };
    let (first, second, third) = (ended(3, "2022-09-05"), ended(4, "2022-09-06"), ended(5, "2022-09-07"));
    let taken_back = later(by, "withdrawal", 6, About::Numbers(3, 3), json!({}));
    let erased = |number: u64, fields: Value| {
        let fields = json!({"fields": fields, "redaction_ground": "error", "requested_by": "provider"});
        later(by, "redaction", number, About::Numbers(1, 2), fields)
    };
    let (one, same, more) = (
        erased(7, json!(["decision_facts"])),
        erased(8, json!(["decision_facts"])),
        erased(9, json!(["decision_facts", "puid"])),
    );
    world.take(&[
        &world.decision(1),
        &world.decision(2),
        &first,
        &second,
        &third,
        &taken_back,
        &one,
        &same,
        &more,
    ]);
    let state = &world.get("/api/v1/statements/2").json()["state"];
    // The first end was taken back, so the second one is what ended it.
    assert_eq!(state["standing_by"]["index"], 5, "{state}");
    let claims = state["claims"].as_array().unwrap();
    let said: Vec<_> = claims
        .iter()
        .map(|claim| (claim["index"].as_u64().unwrap(), claim["counts"] == true, claim["repeats"] == true))
        .collect();
    let expected = [
        (4, false, false),
        (5, true, false),
        (6, true, true),
        (8, true, false),
        (9, true, true),
        (10, true, false),
    ];
    assert_eq!(said, expected);
    assert!(claims[1].get("repeats").is_none());
    let html = page(&world, 2);
    assert_eq!(html.matches("Said again, which changes nothing:").count(), 2, "{html}");
    assert!(
        html.contains(
            "Said again, which changes nothing: Ended on 7 September 2022: own error, <a href=\"/e/6\">"
        ),
        "{html}"
    );
}

#[test]
fn what_a_later_statement_names_is_linked_too() {
    let world = World::with_provider();
    let first = world.decision(1);
    let wrong = later(&world.provider, "withdrawal", 3, About::Entry(&first), json!({}));
    let bulk = later(
        &world.provider,
        "lifted",
        4,
        About::Numbers(1, 2),
        json!({"end_date": "2022-09-05", "lifted_reason": "own_error"}),
    );
    world.take(&[&first, &world.decision(2), &wrong, &bulk]);
    let names = &world.get("/api/v1/statements/4").json()["names"];
    assert_eq!(
        (&names["owner"], &names["target_count"]),
        (&world.provider.issuer().as_str().into(), &1.into())
    );
    assert_eq!(names["entries"][0]["index"], 2);
    assert_eq!(names["entries"][0]["leaf_hash"], first.leaf_hash().to_hex());
    let view = world.get("/api/v1/statements/5").json();
    let range = &view["names"]["ranges"][0];
    assert_eq!((&range["first"], &range["last"], &range["numbers"]), (&1.into(), &2.into(), &2.into()));
    let list = world.get(range["link"].as_str().unwrap()).json();
    let listed: Vec<_> =
        list["statements"].as_array().unwrap().iter().map(|row| row["index"].as_u64().unwrap()).collect();
    assert_eq!(listed, [2, 3]);
    assert_eq!(world.get("/api/v1/statements/2").json()["state"]["standing"], "withdrawn");
    assert_eq!(world.get("/api/v1/statements/3").json()["state"]["standing"], "lifted");
    assert!(page(&world, 5).contains("numbers 1 to 2"), "{}", page(&world, 5));
    follow(&world, &view);
}

fn amended(world: &World) -> (Signed, Signed) {
    let decision = world.decision(1);
    let amendment = later(
        &world.provider,
        "amendment",
        2,
        About::Entry(&decision),
        json!({"amendment_reason": "wrong_category", "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE", "removed": ["territorial_scope"],
               "decision_facts": "A stalking campaign.", "amendment_explanation": "The first form was the wrong one."}),
    );
    (decision, amendment)
}

#[test]
fn a_statement_as_amended_names_the_entry_behind_each_value() {
    let world = World::with_provider();
    let (decision, amendment) = amended(&world);
    world.take(&[&decision, &amendment]);
    let view = world.get("/api/v1/statements/2").json();
    assert_eq!(view["payload"]["category"], "STATEMENT_CATEGORY_VIOLENCE", "what was signed stays");
    let (claim, amended) = (&view["state"]["claims"][0], &view["state"]["as_amended"]);
    assert_eq!(claim["claim"], "amended");
    assert_eq!(claim["changes"], json!(["category", "decision_facts"]));
    assert_eq!(claim["removed"], json!(["territorial_scope"]));
    assert_eq!(amended["fields"]["category"], json!({"value": "STATEMENT_CATEGORY_CYBER_VIOLENCE", "by": 3}));
    assert_eq!(amended["fields"]["application_date"], json!({"value": "2022-09-03", "by": 2}));
    assert!(amended["fields"].get("territorial_scope").is_none());
    assert_eq!(
        amended["texts"]["decision_facts"],
        json!({"value": "A stalking campaign.", "state": "served", "by": 3})
    );
    assert_eq!(amended["texts"]["puid"], json!({"value": "case-1", "state": "served", "by": 2}));
    assert_eq!(amended["texts"]["contact"], json!({"state": "withheld", "by": 2}));
    assert!(amended["texts"].get("amendment_explanation").is_none());
    let html = page(&world, 2);
    assert!(
        html.contains("Amended later (<a href=\"/e/3\">entry 3</a>)")
            && html.contains("A stalking campaign."),
        "{html}"
    );
    let back = later(&world.provider, "withdrawal", 3, About::Entry(&amendment), json!({}));
    world.take(&[&back]);
    let state = &world.get("/api/v1/statements/2").json()["state"];
    assert!(state["as_amended"].is_null());
    assert_eq!(state["claims"][0]["counts"], false);
}

#[test]
fn a_locator_under_a_locator_keyword_is_shown_nowhere() {
    const LOCATOR: &str = "https://content.example/item/77";
    let world = World::with_provider();
    let mut line = decision_line(1);
    let members = line.as_object_mut().unwrap();
    members.insert("provider_role".to_owned(), "host".into());
    members.remove("infrastructure_measure");
    for (name, value) in [
        ("decision_visibility", json!(["DECISION_VISIBILITY_CONTENT_REMOVED"])),
        ("decision_ground", json!("DECISION_GROUND_INCOMPATIBLE_CONTENT")),
        ("incompatible_content_ground", json!("Clause 4")),
        ("incompatible_content_explanation", json!("Not allowed here.")),
        ("content_type", json!(["CONTENT_TYPE_TEXT"])),
        ("content_date", json!("2022-09-01")),
        ("content_url", json!([LOCATOR])),
        ("withheld", json!({"contact": {"ground": "personal_data"}, "content_url": false})),
    ] {
        members.insert(name.to_owned(), value);
    }
    let decision = sign(&world.provider, &Draft::from_json(&line).unwrap(), 1);
    world.take(&[&decision]);
    let view = world.get("/api/v1/statements/2").json();
    assert_eq!(view["texts"]["content_url"], json!([LOCATOR]), "under no such keyword it is served");
    let amendment = later(
        &world.provider,
        "amendment",
        2,
        About::Entry(&decision),
        json!({"amendment_reason": "incomplete", "category_specification": ["KEYWORD_NON_CONSENSUAL_IMAGE_SHARING"]}),
    );
    world.take(&[&amendment]);
    let view = world.get("/api/v1/statements/2").json();
    assert_eq!(view["state"]["texts"]["content_url"], json!({"state": "served", "hidden": true}));
    assert_eq!(
        view["state"]["as_amended"]["texts"]["content_url"],
        json!({"state": "served", "hidden": true, "by": 2})
    );
    assert!(view["links"]["addenda"].get("content_url").is_none());
    for path in
        ["/api/v1/statements/2", "/api/v1/statements/3", "/e/2", "/e/3", "/api/v1/statements?limit=1000"]
    {
        let body = String::from_utf8(world.get(path).body).unwrap();
        assert!(!body.contains("content.example"), "{path}: {body}");
    }
}

#[test]
fn claims_come_in_bounded_numbers() {
    let world = World::with_provider();
    let decision = world.decision(1);
    let outcomes: Vec<Signed> = (2..=121)
        .map(|number| {
            let said = json!({"procedure": "court", "result": "upheld"});
            later(&world.provider, "outcome", number, About::Entry(&decision), said)
        })
        .collect();
    world.take(&[&decision]);
    world.take(&outcomes.iter().collect::<Vec<_>>());
    let first = &world.get("/api/v1/statements/2").json()["state"];
    assert_eq!((first["claims"].as_array().unwrap().len(), &first["claim_count"]), (100, &120.into()));
    let all = &world.get("/api/v1/statements/2?claims=all").json()["state"];
    assert_eq!(all["claims"].as_array().unwrap().len(), 120);
    assert_eq!(all["claims"].as_array().unwrap()[..100], first["claims"].as_array().unwrap()[..]);
    assert!(page(&world, 2).contains("And 20 more"));
    for query in ["claims=some", "names=1", "depth=2"] {
        assert_eq!(world.get(&format!("/api/v1/statements/2?{query}")).problem().0, 400, "{query}");
    }
}
