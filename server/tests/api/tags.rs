//! Tags: whoever has an answer already is sent none, and whoever has an older one is sent the newer.

use crate::world::{About, World, later};

const RECEIPT: &str = "/api/v1/receipts/2";

#[test]
fn whoever_has_the_answer_is_sent_none() {
    let world = World::with_provider();
    world.take(&[&world.decision(1), &world.decision(2)]);
    for path in [
        RECEIPT,
        "/api/v1/receipts/2?form=proof",
        "/api/v1/receipts/2?form=cose",
        "/entries/2",
        "/.well-known/scitt-keys",
        "/api/v1/statements/2",
        "/api/v1/statements?type=decision",
        "/api/v1/counts?by=type",
        "/api/v1/proofs/inclusion?index=1",
        "/api/v1/proofs/consistency?from=1",
        "/api/v1/providers",
        "/api/v1/providers/host.example/completeness",
        "/api/v1/stats",
        "/api/v1/vocabulary?set=category",
        "/openapi.json",
        "/",
        "/e/2",
        "/search?type=decision",
        "/fr/providers/host.example",
    ] {
        let whole = world.get(path);
        let tag = whole.header("etag").unwrap_or_else(|| panic!("{path}")).to_owned();
        assert_eq!(whole.status, 200, "{path}");
        for known in [tag.clone(), format!("\"0\", W/{tag}"), "*".to_owned()] {
            let known = world.get_with(path, "if-none-match", &known);
            assert_eq!((known.status, known.body.len()), (304, 0), "{path}");
            for name in
                ["etag", "cache-control", "vary", "access-control-allow-origin", "content-security-policy"]
            {
                assert_eq!(known.header(name), whole.header(name), "{path}: {name}");
            }
            assert_eq!(known.header("content-type"), None, "{path}");
        }
        let other = world.get_with(path, "if-none-match", "\"0\"");
        assert_eq!((other.status, &other.body), (200, &whole.body), "{path}");
        let head = world.agent.head(format!("{}{path}", world.url())).call().unwrap();
        assert_eq!(head.headers()["etag"], tag.as_str(), "{path}");
        assert_eq!(head.headers()["content-length"], whole.body.len().to_string().as_str(), "{path}");
        let known =
            world.agent.head(format!("{}{path}", world.url())).header("if-none-match", &tag).call().unwrap();
        assert_eq!(known.status().as_u16(), 304, "{path}");
        let length = known.headers().get("content-length").map(|length| length.to_str().unwrap().to_owned());
        assert!(length.is_none_or(|length| length == whole.body.len().to_string()), "{path}");
    }
}

#[test]
fn another_answer_has_another_tag() {
    let world = World::with_provider();
    let decision = world.decision(1);
    world.take(&[&decision]);
    let tag_of = |path: &str| world.get(path).header("etag").unwrap().to_owned();
    // One address, three forms: each has its own.
    let forms = ["application/json", "text/plain", "application/cose"]
        .map(|form| world.get_as(RECEIPT, form).header("etag").unwrap().to_owned());
    assert!(forms[0] != forms[1] && forms[1] != forms[2] && forms[0] != forms[2]);
    let paths = [RECEIPT, "/api/v1/statements/2", "/api/v1/statements?standing=withdrawn", "/e/2"];
    let before = paths.map(tag_of);
    world.take(&[&later(&world.provider, "withdrawal", 2, About::Entry(&decision), serde_json::json!({}))]);
    for (path, before) in paths.into_iter().zip(before) {
        assert_eq!(world.get_with(path, "if-none-match", &before).status, 200, "{path}");
        assert_ne!(tag_of(path), before, "{path}");
    }
}

#[test]
fn what_is_not_to_be_kept_has_no_tag() {
    let world = World::with_provider();
    world.take(&[&world.decision(1)]);
    for (path, status) in [
        ("/healthz", 200),
        ("/readyz", 200),
        ("/metrics", 200),
        ("/api/v1/export?format=csv", 200),
        ("/api/v1/statements/7", 404),
        ("/api/v1/statements?type=decree", 400),
    ] {
        let reply = world.get_with(path, "if-none-match", "*");
        assert_eq!((reply.status, reply.header("etag")), (status, None), "{path}");
    }
    let drafts = world.post_to("/api/v1/drafts", b"[{}]", "application/json");
    assert_eq!((drafts.status, drafts.header("etag")), (200, None));
}
