//! Feeds: a search as Atom and as JSON Feed, that changes when what it shows changes, and keeps nobody waiting.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use glasshouse_verifier::instant::Instant as Moment;
use glasshouse_verifier::sequence::Sequence;
use serde_json::{Value, json};

use crate::world::{About, World, decision_line, later, later_at, now, usual_subject};

#[test]
fn a_feed_shows_the_newest_and_goes_on() {
    let world = World::with_provider();
    let many: Vec<_> = (1..=70).map(|number| world.decision(number)).collect();
    world.take(&many.iter().collect::<Vec<_>>());
    let reply = world.get("/feed.json?type=decision");
    assert_eq!(reply.header("content-type"), Some("application/feed+json; charset=utf-8"));
    let feed = reply.json();
    let indexes = |feed: &Value| -> Vec<u64> {
        let items = feed["items"].as_array().unwrap();
        items.iter().map(|item| item["_glasshouse"]["index"].as_u64().unwrap()).collect()
    };
    assert_eq!(indexes(&feed), (22..=71).rev().collect::<Vec<_>>());
    let next = feed["next_url"].as_str().unwrap().strip_prefix("https://log.example/takedowns").unwrap();
    let rest = world.get(next).json();
    assert_eq!(indexes(&rest), (2..=21).rev().collect::<Vec<_>>());
    assert!(rest.get("next_url").is_none());
    for item in feed["items"].as_array().unwrap() {
        let leaf = item["_glasshouse"]["leaf_hash"].as_str().unwrap();
        assert_eq!(item["id"], format!("urn:glasshouse:entry:{leaf}"));
        assert_eq!(item["url"], format!("https://log.example/takedowns/e/{}", item["_glasshouse"]["index"]));
    }
    // No text of a statement stands in it, whatever its language.
    for path in ["/feed.atom", "/feed.json", "/fr/feed.atom", "/fr/feed.json"] {
        let reply = world.get(path);
        let body = String::from_utf8(reply.body.clone()).unwrap();
        assert!(!body.contains("Imminent") && !body.contains("forum.example.com"), "{path}");
        assert_eq!(reply.header("connection"), Some("close"));
        assert!(body.len() < 60_000, "{path}: {}", body.len());
    }
    let french = String::from_utf8(world.get("/fr/feed.atom?type=decision").body).unwrap();
    assert!(french.contains("xml:lang=\"fr\"") && french.contains("Décision") && french.contains("/fr/e/71"));
}

#[test]
fn a_tag_changes_with_the_result_and_not_with_the_log() {
    let world = World::with_provider();
    let (first, second) = (world.decision(1), world.decision(2));
    world.take(&[&first]);
    let path = "/feed.atom?standing=in_force&type=decision";
    let before = world.get(path);
    let tag = before.header("etag").unwrap().to_owned();
    assert_eq!(before.header("cache-control"), Some("public, max-age=60"));
    assert_eq!(world.get_with(path, "if-none-match", &tag).status, 304);
    let void = later(&world.provider, "withdrawal", 3, About::Entry(&first), json!({}));
    world.take(&[&second]);
    let grown = world.get_with(path, "if-none-match", &tag);
    assert_eq!(grown.status, 200);
    let other = world.get("/feed.atom?type=closure");
    world.take(&[&void]);
    assert_eq!(
        world.get_with("/feed.atom?type=closure", "if-none-match", other.header("etag").unwrap()).status,
        304
    );
    let shrunk = world.get(path);
    assert_ne!(shrunk.header("etag"), grown.header("etag"), "the first decision is in force no more");
    assert!(!String::from_utf8(shrunk.body).unwrap().contains("/e/2\""));
}

/// What is said about an entry changes it, and so does taking that back: its line is another then. Fails if only statements are
/// looked at that count, or only the last of them.
#[test]
fn an_entry_has_changed_when_something_was_said_about_it_or_taken_back() {
    let world = World::with_provider();
    let (draft, begun) = (Draft::from_json(&decision_line(1)).unwrap(), now() - 3_600);
    let first = world.provider.sign(&draft, Sequence::new(1).unwrap(), usual_subject(), begun).unwrap();
    let at = |minutes: u64| begun + 60 * minutes;
    let said = |kind: &str, sequence, target: &Signed, fields: Value, minutes| {
        let later = later_at(&world.provider, kind, sequence, target, fields, at(minutes));
        world.take(&[&later]);
        later
    };
    let shown = || {
        let item = world.get("/feed.json?type=decision").json()["items"][0].clone();
        let times = ["date_published", "date_modified"].map(|name| item[name].as_str().unwrap().to_owned());
        (times, item["_glasshouse"]["standing"].as_str().unwrap().to_owned())
    };
    let expected = |minutes, standing: &str| {
        let times = [begun, at(minutes)].map(|time| Moment::new(time).unwrap().to_string());
        (times, standing.to_owned())
    };
    world.take(&[&first]);
    assert_eq!(shown(), expected(0, "in_force"));
    let fields = json!({"end_date": "2022-09-05", "lifted_reason": "own_error"});
    let lifted = said("lifted", 2, &first, fields, 20);
    assert_eq!(shown(), expected(20, "lifted"));
    let ([stated, changed], _) = shown();
    let atom = String::from_utf8(world.get("/feed.atom?type=decision").body).unwrap();
    assert!(
        atom.contains(&format!("<updated>{changed}</updated>\n<published>{stated}</published>")),
        "{atom}"
    );
    // One that is dated earlier than the one before it.
    let mending = json!({"amendment_reason": "wrong_category", "category": "STATEMENT_CATEGORY_SELF_HARM"});
    let mending = said("amendment", 3, &first, mending, 10);
    assert_eq!(shown(), expected(20, "lifted"));
    let taken_back = said("withdrawal", 4, &lifted, json!({}), 30);
    assert_eq!(shown(), expected(30, "in_force"));
    said("withdrawal", 5, &taken_back, json!({}), 40);
    assert_eq!(shown(), expected(40, "lifted"));
    said("withdrawal", 6, &mending, json!({}), 35);
    assert_eq!(shown(), expected(40, "lifted"));
}

#[test]
fn no_cache_keeps_what_was_found_by_texts() {
    let world = World::with_provider();
    world.take(&[&world.decision(1)]);
    for (query, lasts) in [
        ("type=decision", "public, max-age=60"),
        ("q=danger", "no-cache"),
        ("subject=domain:forum.example.com", "no-cache"),
        ("type=decision&authority=Nobody", "no-cache"),
    ] {
        for path in ["/feed.atom", "/fr/feed.json"] {
            let reply = world.get(&format!("{path}?{query}"));
            assert_eq!((reply.status, reply.header("cache-control")), (200, Some(lasts)), "{path} {query}");
            assert!(reply.header("etag").is_some());
        }
    }
}

#[test]
fn hostile_words_are_only_words() {
    let world = World::with_provider();
    world.take(&[&world.decision(1)]);
    let atom = world.get("/feed.atom?q=%3Cscript%3Ealert(1)%3C/script%3E%20%22%26%22");
    assert_eq!(atom.status, 200);
    let body = String::from_utf8(atom.body).unwrap();
    assert!(!body.contains("<script") && body.contains("%3Cscript%3E"), "{body}");
    for query in ["limit=1", "sort=day", "colour=red", "cursor=x", "type=decree"] {
        assert_eq!(
            world.get(&format!("/feed.atom?{query}")).problem(),
            (400, "bad-request".to_owned()),
            "{query}"
        );
    }
}

/// Readers that ask for a feed and read nothing: their answers lie with the system, and the server goes on.
#[test]
fn readers_that_do_not_read_slow_nobody() {
    let world = World::with_provider();
    let many: Vec<_> = (1..=60).map(|number| world.decision(number)).collect();
    world.take(&many.iter().collect::<Vec<_>>());
    let address = world.url().trim_start_matches("http://").to_owned();
    let quick = |paths: &[&str]| {
        let started = Instant::now();
        paths.iter().for_each(|path| assert_eq!(world.get(path).status, 200, "{path}"));
        started.elapsed()
    };
    let paths = ["/healthz", "/api/v1/stats", "/feed.json?type=decision", "/checkpoint"];
    quick(&paths);
    let slow: Vec<TcpStream> = (0..300)
        .map(|number| {
            let mut stream = TcpStream::connect(&address).unwrap();
            let path = if number % 2 == 0 { "/feed.atom" } else { "/fr/feed.json?type=decision" };
            stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).unwrap();
            stream
        })
        .collect();
    let took = quick(&paths);
    assert!(took < Duration::from_secs(20), "{took:?}");
    // What was asked for is whole, however late it is read; and then the connection ends.
    for mut stream in slow {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
        let text = String::from_utf8(answer).unwrap();
        assert!(text.ends_with("</feed>\n") || text.ends_with('}'), "{}", &text[text.len() - 40..]);
    }
}
