//! Content types, caching, methods, cross-origin access, conditional requests.

use crate::world::{World, tile};

const PATHS: &[&str] = &[
    "/checkpoint",
    "/vkey",
    "/addenda.v1",
    "/tile/0/000",
    "/tile/0/000.p/8",
    "/tile/entries/000",
    "/tile/entries/000.p/8",
];

#[test]
fn content_types_and_lifetimes() {
    let world = World::new();
    let text = "text/plain; charset=utf-8";
    let bytes = "application/octet-stream";
    let ever = "public, max-age=31536000, immutable";
    for (path, kind, lasting) in [
        ("/checkpoint", text, "no-cache"),
        ("/vkey", text, "public, max-age=3600"),
        ("/addenda.v1", bytes, "public, max-age=3600"),
        ("/tile/0/000", bytes, ever),
        ("/tile/0/000.p/8", bytes, ever),
        ("/tile/entries/000", bytes, ever),
        ("/tile/entries/000.p/8", bytes, ever),
    ] {
        let reply = world.get(path, &[]);
        assert_eq!(reply.header("content-type"), Some(kind), "{path}");
        assert_eq!(reply.header("cache-control"), Some(lasting), "{path}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(reply.header("accept-ranges"), Some("bytes"), "{path}");
        assert_eq!(reply.header("vary"), path.contains("entries").then_some("accept-encoding"), "{path}");
        assert_eq!(reply.header("set-cookie"), None, "{path}");
    }
}

#[test]
fn head_says_what_get_would() {
    let world = World::new();
    for path in PATHS {
        let get = world.get(path, &[]);
        let head = world.ask("HEAD", path, &[("Accept-Encoding", "gzip"), ("Range", "bytes=0-1")]);
        assert_eq!(head.status, 200, "{path}");
        assert!(head.body.is_empty(), "{path}");
        for name in ["content-length", "content-type", "cache-control", "etag", "vary"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
        assert_eq!(head.header("content-encoding"), None, "{path}");
    }
    let absent = world.ask("HEAD", "/tile/0/001", &[]);
    assert_eq!((absent.status, absent.body.len()), (404, 0));
}

#[test]
fn other_methods_are_405() {
    let world = World::new();
    for method in ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"] {
        for path in PATHS {
            let reply = world.ask(method, path, &[("Content-Length", "0")]);
            assert_eq!(
                (reply.status, reply.problem().as_str()),
                (405, "method-not-allowed"),
                "{method} {path}"
            );
            assert_eq!(reply.header("allow"), Some("GET,HEAD"), "{method} {path}");
        }
    }
}

#[test]
fn every_origin_may_read() {
    let world = World::new();
    for path in ["/checkpoint", "/tile/0/000", "/tile/0/001", "/nothing"] {
        let reply = world.get(path, &[("Origin", "https://reader.example")]);
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{path}");
        assert_eq!(world.get(path, &[]).header("access-control-allow-origin"), Some("*"), "{path}");
        let asked = [("Origin", "https://reader.example"), ("Access-Control-Request-Method", "GET")];
        let reply = world.ask("OPTIONS", path, &asked);
        assert!([200, 204].contains(&reply.status), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"), "{path}");
        assert!(reply.header("access-control-allow-methods").unwrap().contains("GET"), "{path}");
        assert_eq!(reply.header("access-control-allow-headers"), Some("*"), "{path}");
    }
}

#[test]
fn a_known_tag_is_304() {
    let world = World::new();
    for path in PATHS {
        let tag = world.get(path, &[]).header("etag").unwrap().to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{path}");
        let reply = world.get(path, &[("If-None-Match", &format!("\"other\", {tag}"))]);
        assert_eq!((reply.status, reply.body.len()), (304, 0), "{path}");
        assert_eq!(reply.header("etag"), Some(tag.as_str()), "{path}");
        assert!(reply.header("cache-control").is_some(), "{path}");
        assert_eq!(world.get(path, &[("If-None-Match", "\"other\"")]).status, 200, "{path}");
    }
}

#[test]
fn a_new_checkpoint_has_a_new_tag() {
    let world = World::new();
    let old = world.get("/checkpoint", &[]).header("etag").unwrap().to_owned();
    world.publish("checkpoint", b"log.example/takedowns\n70001\n\n");
    let reply = world.get("/checkpoint", &[("If-None-Match", &old)]);
    assert_eq!((reply.status, reply.body.as_slice()), (200, b"log.example/takedowns\n70001\n\n".as_slice()));
}

#[test]
fn single_ranges() {
    let world = World::new();
    let whole = tile(256);
    for (range, part, place) in [
        ("bytes=0-31", 0..32, "bytes 0-31/8192"),
        ("bytes=8160-", 8160..8192, "bytes 8160-8191/8192"),
        ("bytes=-32", 8160..8192, "bytes 8160-8191/8192"),
        ("bytes=8000-99999", 8000..8192, "bytes 8000-8191/8192"),
    ] {
        let reply = world.get("/tile/0/000", &[("Range", range)]);
        assert_eq!(reply.status, 206, "{range}");
        assert!(reply.body == whole[part], "{range}");
        assert_eq!(reply.header("content-range"), Some(place), "{range}");
        assert_eq!(reply.header("cache-control"), Some("public, max-age=31536000, immutable"), "{range}");
    }
    let outside = world.get("/tile/0/000", &[("Range", "bytes=8192-")]);
    assert_eq!((outside.status, outside.problem().as_str()), (416, "range-not-satisfiable"));
    assert_eq!(outside.header("content-range"), Some("bytes */8192"));
    for whole_anyway in ["bytes=0-1,4-5", "bytes=9-1", "items=0-1"] {
        assert_eq!(world.get("/tile/0/000", &[("Range", whole_anyway)]).body, whole, "{whole_anyway}");
    }
    let stale = world.get("/tile/0/000", &[("Range", "bytes=0-1"), ("If-Range", "\"old\"")]);
    assert_eq!(stale.status, 200);
}
