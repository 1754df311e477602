//! Lists: which entries a query finds, in which pages.

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::registrar;
use glasshouse_verifier::sequence::Sequence;
use serde_json::{Value, json};

use crate::world::{About, World, decision_line, later, now, sign};

fn indexes(list: &Value) -> Vec<u64> {
    list["statements"].as_array().unwrap().iter().map(|row| row["index"].as_u64().unwrap()).collect()
}

/// Every entry that a query finds, page by page.
fn all(world: &World, query: &str) -> Vec<u64> {
    let mut found = Vec::new();
    let mut path = format!("/api/v1/statements?{query}");
    loop {
        let reply = world.get(&path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.json());
        let page = reply.json();
        found.extend(indexes(&page));
        match page["next"].as_str() {
            Some(next) => path = next.to_owned(),
            None => return found,
        }
    }
}

/// A decision of a host, so that it has a ground and a content type.
fn hosted(world: &World, number: u64, change: Value) -> Signed {
    let mut line = decision_line(number);
    let members = line.as_object_mut().unwrap();
    members.remove("infrastructure_measure");
    let host = json!({"provider_role": "host", "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "incompatible_content_ground": "Clause 4",
        "incompatible_content_explanation": "Not allowed here.", "content_type": ["CONTENT_TYPE_TEXT"], "content_date": "2022-09-01"});
    for (name, value) in host.as_object().unwrap().iter().chain(change.as_object().unwrap()) {
        members.insert(name.clone(), value.clone());
    }
    sign(&world.provider, &Draft::from_json(&line).unwrap(), number)
}

/// What each query finds in the log below.
const FOUND: &[(&str, &[u64])] = &[
    ("", &[0, 1, 2, 3, 4, 5, 6]),
    ("type=decision", &[2, 3, 4]),
    ("type=amendment,outcome", &[5, 6]),
    ("provider=host.example", &[2, 3, 4, 5, 6]),
    ("provider=https%3A%2F%2Fhost.example&numbers=2-3", &[3, 4]),
    ("provider=log.example/takedowns", &[0, 1]),
    ("sub=s:00112233445566778899aabbccddeeff", &[2, 3, 4, 5]),
    ("category=STATEMENT_CATEGORY_VIOLENCE", &[4]),
    ("category=STATEMENT_CATEGORY_SELF_HARM&type=decision", &[2]),
    ("keyword=KEYWORD_PHISHING", &[3]),
    ("measure=proxying_stopped,DECISION_PROVISION_TOTAL_SUSPENSION", &[2, 4]),
    ("measure=decision_visibility", &[3, 4]),
    ("legal_basis=emergency", &[2, 3]),
    ("order_country=DE", &[4]),
    ("order=with", &[4]),
    ("order=without&type=decision", &[2, 3]),
    ("authority_kind=court", &[4]),
    ("territory=WORLD", &[2, 3, 4]),
    ("q=imminent", &[2, 3, 4]),
    ("q=%22court+order%22+danger", &[2, 3, 4]),
    ("q=%22order+court%22", &[]),
    ("q=allowed", &[3, 4]),
    ("q=-allowed&type=decision", &[2]),
    ("q=appeals", &[]),
    ("subject=s:00112233445566778899aabbccddeeff", &[2, 3, 4, 5]),
    ("subject=domain:forum.example.com", &[2, 3, 4]),
    ("source_type=SOURCE_VOLUNTARY", &[2, 3]),
    ("decision_ground=DECISION_GROUND_INCOMPATIBLE_CONTENT", &[3, 4]),
    ("automated_detection=Yes", &[3]),
    ("automated_decision=AUTOMATED_DECISION_NOT_AUTOMATED", &[2, 3, 4]),
    ("procedure=court", &[3, 4, 6]),
    ("procedure=court&result=reversed&outcome_from=2023-11-14&outcome_to=2023-11-14", &[3, 4, 6]),
    ("procedure=court&result=upheld", &[]),
    ("outcome_from=2023-11-15", &[]),
    ("standing=reversed", &[3, 4]),
    ("standing=in_force", &[2]),
    ("type=decision&from=2022-09-04", &[3]),
    ("type=decision&to=2022-09-03", &[2, 4]),
    ("type=decision&attribution=none&vocabulary=dsa-tdb/2&provider_role=cdn", &[2]),
    ("before=3&type=decision", &[2]),
];

#[test]
fn queries_look_at_what_holds_now() {
    let world = World::with_provider();
    let proxy = world.decision(1);
    let phishing = json!({"category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "category_specification": ["KEYWORD_PHISHING"],
        "application_date": "2022-10-01", "automated_detection": "Yes"});
    let scam = hosted(&world, 2, phishing);
    let order = json!({"legal_basis": {"kind": "court_order", "order": {"authority_kind": "court", "country": "DE"}},
        "source_type": "SOURCE_TYPE_OTHER_NOTIFICATION", "decision_provision": "DECISION_PROVISION_TOTAL_SUSPENSION"});
    let ordered = hosted(&world, 3, order);
    let mended = later(
        &world.provider,
        "amendment",
        4,
        About::Entry(&proxy),
        json!({"amendment_reason": "wrong_category", "category": "STATEMENT_CATEGORY_SELF_HARM"}),
    );
    let heard = later(
        &world.provider,
        "outcome",
        5,
        About::Numbers(2, 3),
        json!({"procedure": "court", "result": "reversed", "decided_at": 1_700_000_000}),
    );
    world.take(&[&proxy, &scam, &ordered, &mended, &heard]);
    for (query, expected) in FOUND {
        assert_eq!(all(&world, query), *expected, "{query}");
        let separator = if query.is_empty() { "" } else { "&" };
        assert_eq!(all(&world, &format!("{query}{separator}limit=1")), *expected, "{query}, one by one");
    }
    let row = &world.get("/api/v1/statements?numbers=1-1&provider=host.example").json()["statements"][0];
    assert_eq!(
        row,
        &json!({"index": 2, "link": "/api/v1/statements/2", "page": "/e/2", "leaf_hash": proxy.leaf_hash().to_hex(),
            "type": "decision", "iss": "https://host.example", "sequence": 1, "sub": "s:00112233445566778899aabbccddeeff",
            "iat": row["iat"], "day": "2022-09-03", "category": "STATEMENT_CATEGORY_SELF_HARM", "standing": "in_force",
            "amended": true})
    );
}

#[test]
fn a_list_goes_on_as_long_as_it_is() {
    let world = World::with_provider();
    // Each closes the number behind its own.
    let voids: Vec<Signed> = (1..=1_100)
        .map(|number| {
            let draft = registrar::void(2 * number, 2 * number, "test", None);
            world.provider.sign_own(&draft, Sequence::new(2 * number - 1).unwrap(), now()).unwrap()
        })
        .collect();
    world.take(&voids.iter().collect::<Vec<_>>());
    world.take(&[&world.decision(2_201)]);
    let page = world.get("/api/v1/statements?type=void&limit=1000").json();
    assert_eq!((indexes(&page).len(), &page["total"], &page["size"]), (1_000, &1_100.into(), &1_103.into()));
    assert_eq!(page["indexed"], page["size"]);
    assert_eq!(page["next"], "/api/v1/statements?type=void&after=1001&limit=1000");
    assert_eq!(all(&world, "type=void&limit=300"), (2..1_102).collect::<Vec<_>>());
    assert_eq!(all(&world, "type=void&limit=300&sort=newest"), (2..1_102).rev().collect::<Vec<_>>());
    assert_eq!(all(&world, "type=decision"), [1_102]);
    // Every entry, by the day: the decision's lies years before all others.
    assert_eq!(all(&world, "sort=day&limit=400")[..2], [1_102, 0]);
    let backwards = all(&world, "sort=-day&limit=400");
    assert_eq!((backwards.len(), backwards[0], backwards[1_102]), (1_103, 1_101, 1_102));
}

/// An authority can have any name.
#[test]
fn an_authority_called_none_is_told_from_no_authority() {
    let world = World::with_provider();
    let mut line = decision_line(2);
    line["legal_basis"] =
        json!({"kind": "court_order", "order": {"authority_kind": "court", "country": "DE"}});
    line["order_authority"] = "none".into();
    line["source_type"] = "SOURCE_TYPE_OTHER_NOTIFICATION".into();
    let ordered = sign(&world.provider, &Draft::from_json(&line).unwrap(), 2);
    let mut line = decision_line(3);
    line["legal_basis"] = json!({"kind": "unstated"});
    let unstated = sign(&world.provider, &Draft::from_json(&line).unwrap(), 3);
    world.take(&[&world.decision(1), &ordered, &unstated]);
    let counts = |query: &str| world.get(&format!("/api/v1/counts?type=decision&{query}")).json();
    assert_eq!(
        counts("by=authority")["counts"],
        json!([{"authority": null, "count": 2}, {"authority": "none", "count": 1}])
    );
    assert_eq!(counts("by=authority&authority=none")["total"], 1);
    let page = String::from_utf8(world.get_as("/authorities", "text/html").body).unwrap();
    assert!(page.contains("/authorities?name=none"), "{page}");
    // What a basis does not say is counted as an export has it.
    let orders = json!([{"order": "unstated", "count": 1}, {"order": "with", "count": 1}, {"order": "without", "count": 1}]);
    assert_eq!(counts("by=order")["counts"], orders);
    assert_eq!(counts("by=type&order=unstated")["total"], 1);
}

#[test]
fn counts_have_rows_with_the_names_of_their_dimensions() {
    let world = World::with_provider();
    let scam = hosted(&world, 2, json!({"category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"}));
    world.take(&[&world.decision(1), &scam, &world.decision(3)]);
    let counts = world.get("/api/v1/counts?type=decision&by=category,month").json();
    let row = |category: &str, count: u64| json!({"category": category, "month": "2022-09", "count": count});
    assert_eq!(
        counts,
        json!({"size": 5, "indexed": 5, "by": ["category", "month"], "total": 3,
            "counts": [row("STATEMENT_CATEGORY_VIOLENCE", 2), row("STATEMENT_CATEGORY_SCAMS_AND_FRAUD", 1)]})
    );
    for (by, expected) in [
        ("provider", json!([{"provider": "host.example", "count": 3}])),
        ("subject", json!([{"subject": "domain:forum.example.com", "count": 3}])),
        ("authority", json!([{"authority": null, "count": 3}])),
        ("day", json!([{"day": "2022-09-03", "count": 3}])),
        ("year", json!([{"year": "2022", "count": 3}])),
        (
            "measure",
            json!([{"measure": "proxying_stopped", "count": 2},
            {"measure": "DECISION_VISIBILITY_CONTENT_REMOVED", "count": 1}]),
        ),
    ] {
        let counts = world.get(&format!("/api/v1/counts?type=decision&by={by}")).json();
        assert_eq!(counts["counts"], expected, "{by}");
    }
    for (query, path, rule) in [
        ("type=decision", "by", "missing"),
        ("by=colour", "by", "unknown"),
        ("by=day&by=year", "by", "duplicate"),
        ("by=day,day", "by", "grammar"),
        ("by=day&sort=newest", "sort", "unknown"),
        ("by=day&limit=5", "limit", "unknown"),
    ] {
        let reply = world.get(&format!("/api/v1/counts?{query}"));
        assert_eq!(reply.problem(), (400, "bad-request".to_owned()), "{query}");
        let error = &reply.json()["errors"][0];
        assert_eq!((&error["path"], &error["rule"]), (&path.into(), &rule.into()), "{query}");
    }
}

#[test]
fn hostile_searches_are_answered_or_refused() {
    let world = World::with_provider();
    world.take(&[&world.decision(1)]);
    let long = "a".repeat(513);
    let many = "a+".repeat(17);
    let deep = "%22".repeat(400);
    for (query, status) in [
        (format!("q={long}"), 400),
        (format!("q={many}"), 400),
        (format!("q={deep}"), 400),
        ("q=%22imminent+danger+to+human+life+there+was+no+court+order%22".to_owned(), 200),
        ("q=text%3A%2A+%5Ba+TO+b%5D+%2F.%2A%2F+x~9+%28%28%28".to_owned(), 200),
        ("q=%27%3B+DROP+TABLE%3B--".to_owned(), 200),
        ("q=%00a%ff".to_owned(), 200),
        ("q=-imminent".to_owned(), 200),
        ("subject=%3Cscript%3E&authority=..%2F..".to_owned(), 200),
        ("before=18446744073709551615".to_owned(), 400),
        ("numbers=1-9007199254740991".to_owned(), 400),
        ("logged_from=1990-01-01&logged_to=2099-12-31".to_owned(), 200),
    ] {
        for path in [format!("/api/v1/statements?{query}"), format!("/api/v1/counts?by=subject,day&{query}")]
        {
            let reply = world.get(&path);
            let said = String::from_utf8_lossy(&reply.body).into_owned();
            assert_eq!(reply.status, status, "{path}: {said}");
        }
    }
}

#[test]
fn what_cannot_be_meant_is_refused_by_name() {
    let world = World::new();
    for (query, path, rule) in [
        ("colour=red", "colour", "unknown"),
        ("type=decree", "type", "not-a-code"),
        ("category=KEYWORD_OTHER", "category", "not-a-code"),
        ("from=2022-9-3", "from", "grammar"),
        ("type=decision&type=outcome", "type", "duplicate"),
        ("limit=0", "limit", "out-of-range"),
        ("after=-1", "after", "grammar"),
        ("%3Cscript%3E=1", "<script>", "unknown"),
        ("cursor=x", "cursor", "grammar"),
        ("sort=relevance", "sort", "not-a-code"),
        ("q=%2A", "q", "no-word"),
    ] {
        let reply = world.get(&format!("/api/v1/statements?{query}"));
        assert_eq!(reply.problem(), (400, "bad-request".to_owned()), "{query}");
        let error = &reply.json()["errors"][0];
        assert_eq!((&error["path"], &error["rule"]), (&path.into(), &rule.into()), "{query}");
        assert!(!error["allowed"].as_str().unwrap().is_empty());
    }
    assert_eq!(world.get("/api/v1/statements").json()["statements"].as_array().unwrap().len(), 1);
}
