//! What is read: statements, texts, issuers, counts, pages, and the description of it all.

use glasshouse_verifier::hash::Digest;

use crate::world::{ORIGIN, PROVIDER, World};

#[test]
fn a_statement_with_its_texts_and_its_signer() {
    let world = World::with_provider();
    let decision = world.decision(1);
    world.submit(&[&decision]);
    let json = world.get("/api/v1/statements/2").json();
    assert_eq!(json, world.get(&format!("/api/v1/statements/{}", decision.leaf_hash())).json());
    assert_eq!(json["iss"], PROVIDER);
    assert_eq!(json["aud"], ORIGIN);
    assert_eq!(json["payload"]["type"], "decision");
    assert_eq!(json["payload"]["legal_basis"]["kind"], "emergency");
    assert_eq!(
        json["texts"]["decision_facts"],
        "<b>Imminent</b> danger to human life; there was no court order."
    );
    assert_eq!(json["texts"]["puid"], "case-1");
    assert_eq!(json["withheld"], serde_json::json!(["contact"]));
    assert_eq!(json["redacted"], serde_json::json!([]));
    assert_eq!(json["signer"]["kid"], world.provider.kid().to_hex());
    assert_eq!(json["signer"]["enrolled_at"], 1);
    assert_eq!(world.get(json["links"]["receipt"].as_str().unwrap()).status, 200);
    for (path, status) in
        [("3", 404), ("9007199254740990", 404), ("02", 400), ("x", 400), (&"a".repeat(64), 404)]
    {
        let reply = world.get(&format!("/api/v1/statements/{path}"));
        assert_eq!(reply.problem().0, status, "{path}");
    }
}

#[test]
fn a_path_that_is_no_text_is_a_problem_like_any_other() {
    let world = World::new();
    for (path, problem) in [
        ("/e/%FF", (400, "bad-request")),
        ("/api/v1/statements/%FF", (400, "bad-request")),
        ("/api/v1/receipts/%FF", (400, "bad-request")),
        ("/api/v1/providers/%FF", (404, "not-found")),
        ("/addenda/ab/ab/%FF", (404, "not-found")),
        ("/tile/0/%FF", (404, "not-found")),
    ] {
        assert_eq!(world.get(path).problem(), (problem.0, problem.1.to_owned()), "{path}");
    }
}

#[test]
fn texts_are_served_withheld_or_unknown() {
    let world = World::with_provider();
    let decision = world.decision(1);
    world.submit(&[&decision]);
    let json = world.get("/api/v1/statements/2").json();
    for (field, path) in json["links"]["addenda"].as_object().unwrap() {
        let reply = world.get(path.as_str().unwrap());
        assert_eq!(reply.status, 200, "{field}");
        assert_eq!(reply.header("content-type"), Some("application/octet-stream"));
        assert_eq!(reply.header("cache-control"), Some("public, max-age=60"));
        assert_eq!(Digest::of(&reply.body).to_hex(), json["payload"]["addenda"][field].as_str().unwrap());
    }
    let withheld = json["payload"]["addenda"]["contact"].as_str().unwrap();
    let path = format!("/addenda/{}/{}/{withheld}", &withheld[..2], &withheld[2..4]);
    let reply = world.get(&path);
    assert_eq!(reply.problem(), (404, "addendum-withheld".to_owned()));
    assert_eq!(reply.header("link"), Some("</e/2>; rel=\"describedby\""));
    let unknown = "ab".repeat(32);
    for path in [
        format!("/addenda/ab/ab/{unknown}"),
        format!("/addenda/ab/cd/{withheld}"),
        format!("/addenda/AB/AB/{}", unknown.to_uppercase()),
        "/addenda/ab/ab/ab".to_owned(),
        "/addenda/ab/ab/%C3%A9".to_owned(),
    ] {
        assert_eq!(world.get(&path).problem(), (404, "not-found".to_owned()), "{path}");
    }
}

#[test]
fn issuers_with_their_keys_and_numbers() {
    let world = World::with_provider();
    world.submit(&[&world.decision(1), &world.decision(4)]);
    let state = world.get("/api/v1/providers/host.example").json();
    assert_eq!(state["name"], "Host Example");
    assert_eq!(state["country"], "DE");
    assert_eq!(state["roles"], serde_json::json!(["cdn", "host"]));
    assert_eq!(state["keys"][0]["kid"], world.provider.kid().to_hex());
    assert_eq!(state["keys"][0]["from_index"], 1);
    assert!(state["keys"][0]["until_index"].is_null() && state["keys"][0]["reason"].is_null());
    assert_eq!(state["sequence"], serde_json::json!({"unbroken": 1, "highest": 4, "missing": [2, 3]}));
    let registrar = world.get(&format!("/api/v1/providers/{ORIGIN}")).json();
    assert_eq!(registrar["iss"], format!("https://{ORIGIN}"));
    assert_eq!(registrar["sequence"]["highest"], 2);
    assert_eq!(registrar["keys"][0]["from_index"], 0);
    let all = world.get("/api/v1/providers").json();
    assert_eq!(all["providers"], serde_json::json!([state]));
    assert_eq!(all["registrar"], registrar);
    for absent in ["other.example", "host.example/", "HOST.example", "x"] {
        assert_eq!(world.get(&format!("/api/v1/providers/{absent}")).problem().0, 404, "{absent}");
    }
}

#[test]
fn a_retired_key_says_when_and_why() {
    let world = World::with_provider();
    let draft = glasshouse_ledger::registrar::key_retirement(
        world.provider.issuer(),
        &world.provider.kid(),
        "rotated",
        None,
        None,
    );
    let first = glasshouse_verifier::sequence::Sequence::new(1).unwrap();
    let retirement = world.provider.sign_own(&draft, first, crate::world::now()).unwrap();
    assert_eq!(world.submit(&[&retirement]).status, 200);
    let state = world.get("/api/v1/providers/host.example").json();
    assert_eq!(state["keys"][0]["until_index"], 2);
    assert_eq!(state["keys"][0]["reason"], "rotated");
    assert_eq!(state["roles"], serde_json::json!([]));
    let refused = world.submit(&[&world.decision(2)]).json();
    assert_eq!(refused["results"][0]["problem"]["type"], "urn:glasshouse:problem:key-retired");
}

#[test]
fn counts() {
    let world = World::with_provider();
    world.submit(&[&world.decision(1)]);
    let json = world.get("/api/v1/stats").json();
    assert_eq!(json["origin"], ORIGIN);
    assert_eq!(json["size"], 3);
    assert_eq!(json["by_type"], serde_json::json!({"genesis": 1, "enrolment": 1, "decision": 1}));
    assert_eq!((&json["withheld"], &json["providers"]), (&1.into(), &1.into()));
    assert_eq!(json["disclosed"], 0);
    let embargoes = serde_json::json!({"open": 1, "overdue": 0, "kept": 0, "late": 0, "redacted": 0});
    assert_eq!(json["embargoes"], embargoes);
    assert_eq!(world.get("/api/v1/providers/host.example").json()["embargoes"], embargoes);
}

#[test]
fn pages_show_texts_as_text() {
    let world = World::with_provider();
    world.submit(&[&world.decision(1)]);
    let page = String::from_utf8(world.get("/e/2").body).unwrap();
    assert!(page.contains("&lt;b&gt;Imminent&lt;/b&gt; danger"), "{page}");
    assert!(!page.contains("<b>Imminent"));
    assert!(page.contains("Withheld by the provider: Personal data"));
    let front = world.get("/");
    assert_eq!(front.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(front.header("content-security-policy").unwrap().contains("default-src 'none'"));
}

#[test]
fn every_described_path_is_routed() {
    let world = World::with_provider();
    let description = world.get("/openapi.json").json();
    for (path, methods) in description["paths"].as_object().unwrap() {
        if methods.get("get").is_none() {
            continue;
        }
        let leaf = "ab".repeat(32);
        let path = path
            .replace("{entry}", "0")
            .replace("{id}", "0")
            .replace("{issuer}", "host.example")
            .replace("{subject}", "domain:nobody.example")
            .replace("{first}/{second}/{digest}", &format!("ab/ab/{leaf}"))
            .replace("{level}/{number}{part}", "0/000.p/2")
            .replace("{number}{part}", "000.p/2");
        let path = if path.ends_with("inclusion") { format!("{path}?index=0") } else { path };
        let path = if path.ends_with("consistency") { format!("{path}?from=1") } else { path };
        let path = if path.ends_with("counts") { format!("{path}?by=type") } else { path };
        let path = if path.ends_with("export") { format!("{path}?format=csv") } else { path };
        let reply = world.get(&path);
        if reply.status != 200 {
            // A route that is not there says neither.
            let said = String::from_utf8_lossy(&reply.body);
            let missing = [
                "no entry commits to such a text",
                "the log has no such key for receipts",
                "nothing is on record about this subject",
            ];
            assert!(missing.iter().any(|missing| said.contains(missing)), "{path}: {said}");
        }
    }
}

#[test]
fn operations() {
    let world = World::with_provider();
    world.submit(&[&world.decision(1)]);
    assert_eq!(world.get("/healthz").body, b"ok\n");
    assert_eq!(world.get("/readyz").body, b"ready\n");
    let text = String::from_utf8(world.get("/metrics").body).unwrap();
    for line in [
        "glasshouse_tree_size 3",
        "glasshouse_statements_total{result=\"accepted\"} 2",
        "glasshouse_queued_statements 0",
        "glasshouse_bodies_bytes 0",
        "glasshouse_embargoes_open 1",
        "glasshouse_embargoes_overdue 0",
        "glasshouse_http_requests_total{route=\"/api/v1/statements\",status=\"200\"} 2",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}\n{text}");
    }
    assert!(!text.contains("127.0.0.1"));
}
