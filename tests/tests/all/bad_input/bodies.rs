//! Bodies that are no batch: refused as a whole, and nothing of them is taken; memory stays bounded.

use glasshouse_tests::forge;

use super::{Bench, PEAK_KIB};

/// The most bytes of a body.
const BODY_MAX: usize = 16 << 20;

impl Bench {
    #[track_caller]
    fn refuse_body(&self, name: &str, body: &[u8], status: u16, slug: &str) {
        let reply = self.world.post(body);
        let text = String::from_utf8_lossy(&reply.body);
        assert_eq!(reply.status, status, "{name}: {text}");
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{name}");
        assert_eq!(reply.json()["type"], format!("urn:glasshouse:problem:{slug}"), "{name}: {text}");
        assert_eq!(reply.json()["status"], status, "{name}: {text}");
    }

    fn size(&self) -> u64 {
        let note = String::from_utf8(self.world.get("/checkpoint").body).unwrap();
        note.lines().nth(1).unwrap().parse().unwrap()
    }

    /// The body of one good submission.
    fn one(&mut self) -> Vec<u8> {
        let (statement, addenda) = self.good();
        forge::body([(statement.as_slice(), addenda.as_slice())])
    }
}

#[test]
fn a_body_that_is_no_batch_is_refused_as_a_whole() {
    let mut bench = Bench::start();
    let size = bench.size();
    let good = bench.one();
    let with = |head: &[u8], tail: &[u8]| [head, &good[1..], tail].concat();

    bench.refuse_body("nothing", b"", 400, "not-cbor");
    bench.refuse_body("text", b"Not CBOR at all.", 400, "not-cbor");
    bench.refuse_body("a break alone", &[0xff], 400, "not-cbor");
    bench.refuse_body("a cut body", &good[..good.len() - 1], 400, "not-cbor");
    bench.refuse_body("two announced, one there", &with(&[0x82], &[]), 400, "not-cbor");
    bench.refuse_body("a trailing byte", &with(&[0x81], &[0]), 400, "not-cbor");
    bench.refuse_body("another item behind", &with(&[0x81], &good), 400, "not-cbor");
    bench.refuse_body("an indefinite array", &with(&[0x9f], &[0xff]), 400, "not-deterministic");
    bench.refuse_body("a long head", &with(&[0x98, 1], &[]), 400, "not-deterministic");
    bench.refuse_body("a map", &[0xa0], 400, "bad-request");
    bench.refuse_body("no submission", &[0x80], 400, "batch-size");
    assert_eq!(bench.size(), size, "nothing was taken");
    bench.finish();
}

#[test]
fn a_batch_has_at_most_1000_submissions_and_16_mib() {
    let mut bench = Bench::start();
    let size = bench.size();
    let submissions: Vec<_> = (0..1_001).map(|_| bench.good()).collect();
    let body =
        |count: usize| forge::body(submissions[..count].iter().map(|(s, a)| (s.as_slice(), a.as_slice())));
    bench.refuse_body("1,001 submissions", &body(1_001), 400, "batch-size");
    bench.refuse_body("17 MiB", &vec![0x80; 17 << 20], 413, "body-too-large");
    bench.refuse_body("one byte more than 16 MiB", &vec![0x80; BODY_MAX + 1], 413, "body-too-large");
    assert_eq!(bench.size(), size, "nothing was taken");

    let reply = bench.world.post(&body(1_000));
    assert_eq!(reply.status, 200);
    let stands = |result: &serde_json::Value| result["status"] == "accepted";
    assert!(reply.json()["results"].as_array().unwrap().iter().all(stands));
    assert_eq!(bench.size(), size + 1_000);
    bench.finish();
}

#[test]
fn a_submission_of_another_shape_falls_alone() {
    let mut bench = Bench::start();
    let shapes: [(&str, &[u8]); 6] = [
        ("an integer", &[0]),
        ("an empty array", &[0x80]),
        ("a statement without its addenda", &[0x81, 0x41, 0]),
        ("a text as statement", &[0x82, 0x61, b'a', 0x80]),
        ("a map of addenda", &[0x82, 0x41, 0, 0xa0]),
        ("an integer as addendum", &[0x82, 0x41, 0, 0x81, 0]),
    ];
    for (name, shape) in shapes {
        let (before, after) = (bench.one(), bench.one());
        let body = [&[0x83], &before[1..], shape, &after[1..]].concat();
        let reply = bench.world.post(&body);
        assert_eq!(reply.status, 200, "{name}: {}", String::from_utf8_lossy(&reply.body));
        let results = &reply.json()["results"];
        assert_eq!(results[1]["problem"]["type"], "urn:glasshouse:problem:bad-request", "{name}: {results}");
        assert_eq!((&results[0]["status"], &results[2]["status"]), (&"accepted".into(), &"accepted".into()));
    }
    bench.finish();
}

/// Bodies of 16 MiB, each made to take a lot of memory from a reader that trusts it.
fn hostile_bodies() -> Vec<Vec<u8>> {
    let filled = |start: &[u8], unit: &[u8]| {
        let mut body = start.to_vec();
        while body.len() + unit.len() <= BODY_MAX {
            body.extend_from_slice(unit);
        }
        body
    };
    let thousand = |submission: Vec<u8>| {
        let mut body = vec![0x99, 0x03, 0xe8];
        (0..1_000).for_each(|_| body.extend_from_slice(&submission));
        body
    };
    // A statement that is one array of 15,000 empty maps, and one that is a payload of as many small addenda.
    let nested = [&[0x82, 0x59, 0x3a, 0x9b, 0x99, 0x3a, 0x98][..], &[0xa0; 15_000], &[0x80]].concat();
    let mebibyte = [&[0x5a, 0, 0x10, 0, 0][..], &vec![0; 1 << 20]].concat();
    let texts = [&[0x81, 0x82, 0x41, 0, 0x8f][..], &mebibyte.repeat(15)].concat();
    vec![
        filled(&[0x9a, 0, 0xff, 0xff, 0xfb], &[0x80]),
        filled(&[0x81, 0x9a, 0, 0xff, 0xff, 0xf5], &[0xa0]),
        filled(&[0x9b, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], &[0x82, 0x40, 0x80]),
        filled(&[], &[0x81]),
        thousand(nested),
        texts,
    ]
}

#[test]
fn hostile_bodies_in_parallel_take_bounded_memory() {
    let mut bench = Bench::start();
    let bodies = hostile_bodies();
    let answered = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for sender in 0..24 {
            let (world, bodies, answered) = (&bench.world, &bodies, &answered);
            scope.spawn(move || {
                for turn in 0..3 {
                    // A server that answers before it has read everything may close the connection on the sender.
                    let Ok(reply) = world.try_post(&bodies[(sender + turn) % bodies.len()]) else { continue };
                    assert!([400, 413, 422, 429, 503].contains(&reply.status), "{}", reply.status);
                    answered.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
            });
        }
    });
    let answered = answered.into_inner();
    let peak = bench.world.server().peak_memory_kib();
    println!("{answered} of 72 hostile bodies answered, peak {} MiB of {}", peak / 1024, PEAK_KIB / 1024);
    assert!(answered > 12, "only {answered} of 72 bodies were answered");
    bench.refuse(&[super::Bad::new("after it all", vec![0xff], "not-cbor")]);
    bench.finish();
}

/// A decision whose texts are as long as they may be, in characters of four bytes.
fn longest(number: u64) -> serde_json::Value {
    let mut line = glasshouse_tests::workload::decision(number);
    for (field, length) in [
        ("decision_facts", 5_000),
        ("incompatible_content_explanation", 2_000),
        ("incompatible_content_ground", 500),
    ] {
        line[field] = "\u{1f642}".repeat(length).into();
    }
    line
}

#[test]
fn the_longest_good_batches_in_parallel_take_bounded_memory() {
    let mut bench = Bench::start();
    let now = glasshouse_tests::workload::now();
    let batches: Vec<Vec<u8>> = (0..8)
        .map(|at| {
            let publisher = bench.world.enrol(&format!("p{at}"));
            let signed: Vec<_> =
                (1..=530).map(|number| publisher.sign(&longest(number), number, now)).collect();
            glasshouse_tests::workload::batch(&signed)
        })
        .collect();
    assert!(batches.iter().all(|batch| (15 << 20..=BODY_MAX).contains(&batch.len())), "{}", batches[0].len());
    let size = bench.size();
    let taken: usize = std::thread::scope(|scope| {
        let senders: Vec<_> = batches
            .iter()
            .map(|batch| {
                let world = &bench.world;
                scope.spawn(move || {
                    loop {
                        let reply = world.post(batch);
                        if reply.status != 503 {
                            assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
                            return reply.json()["results"].as_array().unwrap().len();
                        }
                        assert!(reply.header("retry-after").is_some());
                    }
                })
            })
            .collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).sum()
    });
    assert_eq!((taken as u64, bench.size() - size), (8 * 530, 8 * 530));
    let peak = bench.world.server().peak_memory_kib();
    println!("{} MiB of good statements in parallel, peak {} MiB", batches.len() * 16, peak / 1024);
    bench.finish();
}
