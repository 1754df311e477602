//! Which paths there are, and that no other spelling reaches a file.

use crate::world::{CHECKPOINT, VKEY, World, bundle, tile};

#[test]
fn what_is_there_is_served_byte_for_byte() {
    let world = World::new();
    for (path, bytes) in [
        ("/checkpoint", CHECKPOINT.as_bytes().to_vec()),
        ("/vkey", VKEY.as_bytes().to_vec()),
        ("/addenda.v1", Vec::new()),
        ("/tile/0/000", tile(256)),
        ("/tile/0/000.p/8", tile(8)),
        ("/tile/0/x001/x234/067", tile(256)),
        ("/tile/1/000.p/255", tile(255)),
        ("/tile/63/000.p/1", tile(1)),
        ("/tile/entries/000", bundle(256)),
        ("/tile/entries/000.p/8", bundle(8)),
        ("/tile/entries/x001/x234/067", bundle(256)),
    ] {
        let reply = world.get(path, &[]);
        assert_eq!(reply.status, 200, "{path}");
        assert!(reply.body == bytes, "{path}");
        assert_eq!(reply.header("content-length"), Some(bytes.len().to_string().as_str()), "{path}");
        assert_eq!(reply.header("content-encoding"), None, "{path}");
    }
}

#[test]
fn what_is_not_there_is_404() {
    let world = World::new();
    for path in [
        "/tile/0/001",
        "/tile/0/000.p/9",
        "/tile/2/000.p/1",
        "/tile/0/x001/000",
        "/tile/0/x999/x999/x999/x999/x999/999",
        "/tile/entries/001",
        "/tile/entries/000.p/7",
        "/stray",
        "/",
        "/api",
        "/checkpoints",
    ] {
        let reply = world.get(path, &[]);
        assert_eq!((reply.status, reply.problem().as_str()), (404, "not-found"), "{path}");
        assert_eq!(reply.header("location"), None, "{path}");
    }
}

#[test]
fn other_spellings_are_404_even_where_a_file_has_that_name() {
    let world = World::new();
    for path in [
        "//checkpoint",
        "/checkpoint/",
        "/Checkpoint",
        "/%63heckpoint",
        "/checkpoint%00",
        "/./checkpoint",
        "/tile/../checkpoint",
        "/tile",
        "/tile/",
        "/tile/0",
        "/tile/0/",
        "/tile/0/000/",
        "/tile//0/000",
        "/tile/0//000",
        "//tile/0/000",
        "/tile/00/000",
        "/tile/64/000",
        "/tile/256/000",
        "/tile/-1/000",
        "/tile/+0/000",
        "/tile/0x0/000",
        "/tile/0/0",
        "/tile/0/00",
        "/tile/0/0000",
        "/tile/0/+00",
        "/tile/0/x000/000",
        "/tile/0/X001/000",
        "/tile/0/x001/x234/x067",
        "/tile/0/001/234/067",
        "/tile/0/x1/x234/067",
        "/tile/0/%30%30%30",
        "/tile/%30/000",
        "/tile/0%2F000",
        "/tile/0/000.p",
        "/tile/0/000.p/",
        "/tile/0/000.p/0",
        "/tile/0/000.p/256",
        "/tile/0/000.p/08",
        "/tile/0/000.p/8/",
        "/tile/0/000.P/8",
        "/tile/0/000.p/-8",
        "/tile/0/000.p/8.p/8",
        "/tile/0/000.p//8",
        "/tile/0/000%2Ep/8",
        "/tile/0/000.p/99999999999999999999",
        "/tile/99999999999999999999/000",
        "/tile/data/000",
        "/tile/ENTRIES/000",
        "/tile/entries/0",
        "/tile/entries/000.p/256",
        "/tile/0/../../../log.key",
        "/tile/0/..%2f..%2f..%2flog.key",
        "/tile/%2e%2e/%2e%2e/log.key",
        "/../log.key",
        "/tile/0/000;x",
        "/tile/entries/../0/000",
        "/tile/0/.",
        "/tile/0/x001",
        "/tile/0/x001/x234",
    ] {
        let reply = world.get(path, &[]);
        assert_eq!((reply.status, reply.problem().as_str()), (404, "not-found"), "{path}");
        assert_eq!(reply.header("location"), None, "{path}");
        assert!(!reply.body.windows(6).any(|w| w == b"secret"), "{path}");
    }
}

#[test]
fn a_query_changes_nothing() {
    let world = World::new();
    assert_eq!(world.get("/checkpoint?a=b", &[]).body, CHECKPOINT.as_bytes());
    assert_eq!(world.get("/tile/0/000?", &[]).status, 200);
}

#[test]
fn bounds_on_the_request() {
    let world = World::new();
    let long = format!("/checkpoint?{}", "a".repeat(2_100));
    assert_eq!(world.get(&long, &[]).problem(), "bad-request");
    let huge = format!("/{}", "a".repeat(40_000));
    assert!([414, 431].contains(&world.get(&huge, &[]).status));
    let value = "a".repeat(40_000);
    assert_eq!(world.get("/checkpoint", &[("X-Long", &value)]).status, 431);
    let many: Vec<(String, &str)> = (0..200).map(|i| (format!("X-{i}"), "1")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(world.get("/checkpoint", &many).status, 431);
}

#[test]
fn a_part_that_was_dropped_for_the_full_tile_is_404_and_a_new_file_is_seen() {
    let world = World::new();
    assert_eq!(world.get("/tile/0/001.p/3", &[]).status, 404);
    world.publish("tile/0/001.p/3", &tile(3));
    assert_eq!(world.get("/tile/0/001.p/3", &[]).body, tile(3));
    assert_eq!(world.get("/tile/0/000.p/7", &[]).status, 404);
}
