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
    for (query, expected) in [
        ("", &[0, 1, 2, 3, 4, 5, 6][..]),
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
    ] {
        assert_eq!(all(&world, query), expected, "{query}");
        let separator = if query.is_empty() { "" } else { "&" };
        assert_eq!(all(&world, &format!("{query}{separator}limit=1")), expected, "{query}, one by one");
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
fn a_request_reads_a_bounded_number_of_entries() {
    let world = World::with_provider();
    // Each closes the number behind its own.
    let voids: Vec<Signed> = (1..=4_200)
        .map(|number| {
            let draft = registrar::void(2 * number, 2 * number, "test", None);
            world.provider.sign_own(&draft, Sequence::new(2 * number - 1).unwrap(), now()).unwrap()
        })
        .collect();
    world.take(&voids.iter().collect::<Vec<_>>());
    world.take(&[&world.decision(8_401)]);
    let page = world.get("/api/v1/statements?type=decision").json();
    assert_eq!((indexes(&page), &page["read_to"], &page["size"]), (vec![], &4_096.into(), &4_203.into()));
    assert_eq!(page["next"], "/api/v1/statements?type=decision&after=4095&limit=100");
    assert_eq!(all(&world, "type=decision"), [4_202]);
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
    ] {
        let reply = world.get(&format!("/api/v1/statements?{query}"));
        assert_eq!(reply.problem(), (400, "bad-request".to_owned()), "{query}");
        let error = &reply.json()["errors"][0];
        assert_eq!((&error["path"], &error["rule"]), (&path.into(), &rule.into()), "{query}");
        assert!(!error["allowed"].as_str().unwrap().is_empty());
    }
    assert_eq!(world.get("/api/v1/statements").json()["statements"].as_array().unwrap().len(), 1);
}
