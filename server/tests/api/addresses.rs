//! Addresses on pages: none leads to another server, and of all that a page has one stands for it.

use glasshouse_ledger::registrar::closure;
use glasshouse_verifier::sequence::Sequence;

use crate::people::peopled;
use crate::world::{ORIGIN, World, now};

#[test]
fn the_switch_of_languages_leads_to_no_other_server() {
    let world = World::new();
    for path in [
        "//evil.example/verify",
        "/fr//evil.example/verify",
        "/\\evil.example/verify",
        "/fr/\\evil.example/verify",
        "//fr//evil.example/verify?q=1",
        "///evil.example/",
    ] {
        let reply = world.get_as(path, "text/html");
        assert_eq!(reply.status, 404, "{path}");
        let html = String::from_utf8(reply.body).unwrap();
        for (_, behind) in html.match_indices("href=\"").map(|(at, found)| html.split_at(at + found.len())) {
            let second = behind.chars().nth(1).unwrap();
            assert!(behind.starts_with('/') || behind.starts_with('#'), "{path}: {behind:.60}");
            assert!(!matches!(second, '/' | '\\'), "{path}: {behind:.60}");
        }
        assert!(html.contains("href=\"/fr/") && html.contains("evil.example"), "{path}: {html}");
    }
}

#[test]
fn all_addresses_of_a_statement_name_the_one_that_never_changes() {
    let world = peopled();
    let leaf = world.get("/api/v1/statements/2").json()["leaf_hash"].as_str().unwrap().to_owned();
    for (path, prefix) in [
        ("/e/2".to_owned(), ""),
        (format!("/e/{leaf}"), ""),
        ("/fr/e/2".to_owned(), "/fr"),
        (format!("/fr/e/{leaf}"), "/fr"),
    ] {
        let html = String::from_utf8(world.get(&path).body).unwrap();
        let (head, body) = html.split_once("</head>").unwrap();
        for link in [
            format!("<link rel=\"canonical\" href=\"https://{ORIGIN}{prefix}/e/{leaf}\">"),
            format!("<link rel=\"alternate\" hreflang=\"en\" href=\"https://{ORIGIN}/e/{leaf}\">"),
            format!("<link rel=\"alternate\" hreflang=\"fr\" href=\"https://{ORIGIN}/fr/e/{leaf}\">"),
        ] {
            assert_eq!(head.matches(&link).count(), 1, "{path}: {link}: {head}");
        }
        assert!(!body.contains("canonical"), "{path}");
    }
    let html = String::from_utf8(world.get("/search?type=decision").body).unwrap();
    assert!(
        !html.contains("canonical") && html.contains("hreflang=\"fr\" href=\"/fr/search?type=decision\"")
    );
}

/// Fails if an address could lead to another host, or if a program is sent elsewhere.
#[test]
fn a_slash_at_the_end_leads_a_browser_to_the_page() {
    let world = peopled();
    let browser = |path: &str| world.get_as(path, "text/html");
    // The agent follows: what it gets is the page.
    for (path, page) in
        [("/log/", "/log"), ("/fr/search/?type=decision", "/fr/search?type=decision"), ("/e/2/", "/e/2")]
    {
        let (led, meant) = (browser(path), browser(page));
        assert_eq!((led.status, &led.body), (200, &meant.body), "{path}");
        assert_eq!(world.get_as(path, "application/json").problem(), (404, "not-found".to_owned()), "{path}");
    }
    for path in ["/nothing//", "//evil.example/", "/\\evil.example/", "/api/v1/stats/", "/nothing"] {
        assert_eq!(browser(path).status, 404, "{path}");
    }
}

#[test]
fn a_closed_log_names_the_entry_that_closed_it() {
    let world = World::with_provider();
    let closure = closure("It was a trial.", None);
    let closed = world.registrar.sign_own(&closure, Sequence::new(3).unwrap(), now()).unwrap();
    world.take(&[&closed]);
    for (path, words) in [
        ("/log", "This log was closed by <a href=\"/e/2\">entry 2</a>."),
        ("/fr/log", "Ce registre a été clos par l’<a href=\"/fr/e/2\">entrée 2</a>."),
    ] {
        let html = String::from_utf8(world.get(path).body).unwrap();
        assert!(html.contains(words), "{path}: {html}");
    }
}
