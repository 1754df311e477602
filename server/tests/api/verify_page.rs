//! The page on which a browser checks receipts: one document with everything inside, under a policy that lets nothing else in.

use glasshouse_verifier::policy::Policy;
use glasshouse_verifier::receipt::Receipt;
use serde_json::Value;

use crate::world::{Reply, World};

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).unwrap()
}

/// What the page knows of this log.
fn data(page: &str) -> Value {
    let data = page.split_once("id=\"page-data\">").unwrap().1.split_once("</script>").unwrap().0;
    serde_json::from_str(data).unwrap()
}

#[test]
fn the_page_brings_all_that_it_needs_and_may_ask_for_nothing() {
    let world = World::with_provider();
    for (path, language) in [("/verify", "en"), ("/fr/verify", "fr")] {
        let reply = world.get(path);
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
        assert!(policy.ends_with("base-uri 'none'; form-action 'none'; frame-ancestors 'none'"), "{policy}");
        for lax in ["connect-src", "unsafe", "'self'", "http"] {
            assert!(!policy.contains(lax), "{policy}");
        }
        let page = text(&reply);
        assert!(page.contains(&format!("<html lang=\"{language}\">")));
        for elsewhere in [" src=", "<link", "@import", "url("] {
            let markup: String = page
                .split("<script")
                .map(|part| part.split_once("</script>").map_or(part, |(_, rest)| rest))
                .collect();
            assert!(!markup.contains(elsewhere), "{elsewhere}");
        }
        let again = world.get_with(path, "if-none-match", reply.header("etag").unwrap());
        assert_eq!((again.status, again.body.len()), (304, 0));
    }
}

#[test]
fn its_policy_opens_the_receipts_of_this_log() {
    let world = World::with_provider();
    let decision = world.decision(1);
    world.submit(&[&decision]);
    let data = data(&text(&world.get("/verify")));
    let policy = Policy::parse(data["policy"].as_str().unwrap()).unwrap();
    let receipt = text(&world.get("/api/v1/receipts/2"));
    Receipt::parse(receipt.as_bytes()).unwrap().verify(&policy).unwrap();
    assert!(data["labels"]["codes"]["fr"]["category"].is_object());
    assert!(!data["receipt_keys"].as_str().unwrap().is_empty());
}
