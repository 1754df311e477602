//! Bodies that are refused as a whole: nothing of them is taken.

use std::io::{Read, Write};
use std::net::TcpStream;

use glasshouse_verifier::submission::{SubmissionSlices, encode_batch};

use crate::world::World;

#[test]
fn what_is_no_batch_is_refused_whole() {
    let world = World::with_provider();
    let one = SubmissionSlices { statement: b"x", addenda: vec![] };
    let over = encode_batch(&vec![one.clone(); 1_001]);
    for (body, problem) in [
        (&b""[..], (400, "not-cbor")),
        (b"\xff", (400, "not-cbor")),
        (b"hello world", (400, "not-cbor")),
        (b"\x80", (400, "batch-size")),
        (b"\xa0", (400, "bad-request")),
        (b"\x80\x00", (400, "not-cbor")),
        (b"\x9f\xff", (400, "not-deterministic")),
        (b"\x98\x01\x82\x40\x80", (400, "not-deterministic")),
        (&over, (400, "batch-size")),
    ] {
        let reply = world.post(body);
        assert_eq!(reply.problem(), (problem.0, problem.1.to_owned()), "{:02x?}", &body[..body.len().min(8)]);
    }
    assert_eq!(world.get("/api/v1/stats").json()["size"], 2);
}

#[test]
fn other_media_types_are_415() {
    let world = World::new();
    let reply = world.post_as(b"\x80", "application/json");
    assert_eq!(reply.problem(), (415, "unsupported-media-type".to_owned()));
}

#[test]
fn items_of_a_wrong_shape_fall_alone() {
    let world = World::with_provider();
    let decision = world.decision(1);
    let good = SubmissionSlices { statement: decision.statement(), addenda: decision.served().collect() };
    let mut body = encode_batch(&[good.clone(), good]);
    // The first item becomes the integer 7: still an array of two.
    let first = encode_batch(&[SubmissionSlices {
        statement: decision.statement(),
        addenda: decision.served().collect(),
    }])
    .len()
        - 1;
    body.splice(1..=first, [7]);
    let reply = world.post(&body);
    assert_eq!(reply.status, 200, "{}", reply.json());
    let results = reply.json()["results"].clone();
    assert_eq!(results[0]["problem"]["type"], "urn:glasshouse:problem:bad-request");
    assert_eq!(results[1]["status"], "accepted");
}

#[test]
fn seventeen_mebibytes_are_413_announced_or_not() {
    let world = World::new();
    let address = world.url().trim_start_matches("http://").to_owned();
    let announced = format!("Content-Length: {}", 17 << 20);
    for length in [announced.as_str(), "Transfer-Encoding: chunked"] {
        let mut stream = TcpStream::connect(&address).unwrap();
        let head = format!(
            "POST /api/v1/statements HTTP/1.1\r\nHost: log.example\r\nContent-Type: application/cbor\r\n\
             Connection: close\r\n{length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        if length.starts_with("Transfer") {
            let chunk = [b"10000\r\n".as_slice(), &[0; 0x10000], b"\r\n"].concat();
            (0..17 * 16).for_each(|_| stream.write_all(&chunk).unwrap());
            stream.write_all(b"0\r\n\r\n").unwrap();
        }
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 413", "{length}");
    }
}
