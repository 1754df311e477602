//! A search index that cannot be built: nothing is said that would be true only if it were.

use std::time::{Duration, Instant};

use crate::world::{Reply, World};

/// Nothing here takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A ledger of three entries whose index has a file in the place of its folder.
fn hindered() -> World {
    let mut world = World::with_provider();
    world.take(&[&world.decision(1)]);
    world.stop();
    let index = world.folder.path().join("ledger/search");
    std::fs::remove_dir_all(&index).unwrap();
    std::fs::write(&index, "in the way").unwrap();
    world.start().unwrap();
    world
}

fn text(reply: Reply) -> String {
    String::from_utf8(reply.body).unwrap()
}

#[test]
fn before_the_index_is_built_nothing_is_said_to_be_absent() {
    let world = hindered();
    for path in [
        "/subjects/domain:forum.example.com",
        "/subjects/domain:nobody.example",
        "/authorities",
        "/authorities?name=Nobody",
        "/feed.atom",
        "/fr/feed.json?type=decision",
        "/api/v1/export?format=csv",
        "/api/v1/export?format=jsonl&q=word",
    ] {
        let reply = world.get(path);
        assert_eq!(reply.problem(), (503, "index-behind".to_owned()), "{path}");
        assert_eq!(reply.header("retry-after"), Some("5"), "{path}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(reply.json()["progress"], serde_json::json!({"indexed": 0, "size": 3}), "{path}");
    }
    for (path, words) in [
        ("/subjects/domain:forum.example.com", "0 of 3 entries are covered."),
        ("/fr/subjects/domain:forum.example.com", "0 entrées sur 3 sont couvertes."),
    ] {
        let reply = world.get_as(path, "text/html");
        assert_eq!((reply.status, reply.header("retry-after")), (503, Some("5")));
        let html = text(reply);
        assert!(html.contains(words) && !html.contains("never filed"), "{html}");
    }
    for (path, mark, untrue) in [
        ("/", "the first 0 of 3 entries", "No decision has been filed yet"),
        ("/search?type=decision", "the first 0 of 3 entries", "Nothing on record meets"),
        ("/providers/host.example", "the first 0 of 3 entries", "It has filed nothing"),
        ("/e/2", "the first 0 of 3 entries", "No witness’s time bounds it"),
        ("/fr/e/2", "les 0 premières entrées sur 3", "Aucun témoin n’en atteste"),
    ] {
        let reply = world.get(path);
        assert_eq!(reply.status, 200, "{path}");
        let html = text(reply);
        assert!(html.contains(mark) && !html.contains(untrue), "{path}: {html}");
    }
    std::fs::remove_file(world.folder.path().join("ledger/search")).unwrap();
    let begun = Instant::now();
    while world.get("/feed.atom").status == 503 {
        assert!(begun.elapsed() < PATIENCE, "the index is not built");
        std::thread::yield_now();
    }
    assert_eq!(world.get("/subjects/domain:forum.example.com").status, 200);
    assert_eq!(world.get("/api/v1/export?format=csv").status, 200);
    assert_eq!(world.get("/subjects/domain:nobody.example").problem(), (404, "not-found".to_owned()));
    for path in ["/", "/search?type=decision", "/providers/host.example", "/e/2"] {
        assert!(!text(world.get(path)).contains("entries so far"), "{path}");
    }
    assert!(text(world.get("/e/2")).contains("No witness’s time bounds it"));
}
