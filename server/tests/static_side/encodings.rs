//! Compressed bundles.

use std::io::Read;

use flate2::bufread::GzDecoder;

use crate::world::{World, bundle, tile};

#[test]
fn bundles_are_compressed_for_whoever_takes_gzip() {
    let world = World::new();
    for (path, plain) in [("/tile/entries/000", bundle(256)), ("/tile/entries/000.p/8", bundle(8))] {
        let reply = world.get(path, &[("Accept-Encoding", "gzip, identity")]);
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("content-encoding"), Some("gzip"), "{path}");
        assert_eq!(reply.header("vary"), Some("accept-encoding"), "{path}");
        assert_eq!(reply.header("content-type"), Some("application/octet-stream"), "{path}");
        assert_eq!(reply.header("content-length"), Some(reply.body.len().to_string().as_str()), "{path}");
        assert!(reply.body.len() < plain.len() / 4, "{path}");
        // One member: a decoder of one member leaves nothing over.
        let mut decoder = GzDecoder::new(reply.body.as_slice());
        let mut unpacked = Vec::new();
        decoder.read_to_end(&mut unpacked).unwrap();
        assert!(unpacked == plain, "{path}");
        assert!(decoder.into_inner().is_empty(), "{path}");
    }
}

#[test]
fn the_two_forms_have_different_tags() {
    let world = World::new();
    let path = "/tile/entries/000";
    let plain = world.get(path, &[]).header("etag").unwrap().to_owned();
    let packed = world.get(path, &[("Accept-Encoding", "gzip")]).header("etag").unwrap().to_owned();
    assert_ne!(plain, packed);
    let known = [("Accept-Encoding", "gzip"), ("If-None-Match", packed.as_str())];
    assert_eq!(world.get(path, &known).status, 304);
    let other = [("Accept-Encoding", "gzip"), ("If-None-Match", plain.as_str())];
    assert_eq!(world.get(path, &other).status, 200);
}

#[test]
fn nobody_else_is_sent_gzip() {
    let world = World::new();
    for accepted in ["identity", "br", "gzip;q=0", "*;q=0"] {
        let reply = world.get("/tile/entries/000", &[("Accept-Encoding", accepted)]);
        assert_eq!(reply.header("content-encoding"), None, "{accepted}");
        assert!(reply.body == bundle(256), "{accepted}");
    }
    // Hashes do not shrink, a checkpoint is not worth it.
    for path in ["/tile/0/000", "/checkpoint"] {
        assert_eq!(
            world.get(path, &[("Accept-Encoding", "gzip")]).header("content-encoding"),
            None,
            "{path}"
        );
    }
    assert_eq!(world.get("/tile/0/000", &[("Accept-Encoding", "gzip")]).body, tile(256));
}

#[test]
fn ranges_count_in_the_plain_form() {
    let world = World::new();
    let reply = world.get("/tile/entries/000", &[("Accept-Encoding", "gzip"), ("Range", "bytes=402-803")]);
    assert_eq!(reply.status, 206);
    assert_eq!(reply.header("content-encoding"), None);
    assert!(reply.body == bundle(256)[402..804]);
}
