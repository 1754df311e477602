//! Tricks on the way: bytes that do not end, do not come, grow when unpacked, or lie elsewhere. They prove nothing against anybody, so
//! every reader is told that the log could not be read (status 2), in bounded time and memory.

use std::io::Write as _;

use glasshouse_tests::liar::{Liar, Lie};

use super::operator::Operator;

/// One resource of each kind, in turn.
const RESOURCES: [&str; 3] = ["checkpoint", "tile/entries/000", "tile/0/000"];

#[track_caller]
fn is_trouble(lie: impl Fn(&Operator, Vec<u8>) -> Lie) {
    let operator = Operator::new();
    for path in RESOURCES {
        let bytes = std::fs::read(operator.public().join(path)).unwrap();
        let (status, answer) = operator.newcomer(&operator.with(path, lie(&operator, bytes)));
        assert_eq!((status, &answer["verdict"]), (2, &"trouble".into()), "{path}: {answer}");
    }
}

#[test]
fn cuts_an_answer() {
    is_trouble(|_, bytes| Lie::Half(bytes));
}

#[test]
fn never_ends_an_answer() {
    is_trouble(|_, _| Lie::Endless);
}

/// Even to the truth: another server could be put in the place of this one.
#[test]
fn redirects() {
    is_trouble(|operator, _| Lie::Redirect(Liar::serve::<String>(operator.public(), []).url().to_owned()));
}

/// 64 KiB become 64 MiB.
#[test]
fn sends_a_decompression_bomb() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&vec![0; 64 << 20]).unwrap();
    let bomb = encoder.finish().unwrap();
    is_trouble(move |_, _| Lie::Encoded("gzip", bomb.clone()));
}

#[test]
fn sends_what_is_no_gzip() {
    is_trouble(|_, bytes| Lie::Encoded("gzip", bytes));
}

#[test]
fn uses_a_coding_that_nobody_asked_for() {
    is_trouble(|_, bytes| Lie::Encoded("br", bytes));
}

#[test]
fn says_that_a_resource_is_not_there() {
    is_trouble(|_, _| Lie::Status(404));
}

#[test]
fn says_that_it_is_broken() {
    is_trouble(|_, _| Lie::Status(500));
}

/// No server at all.
#[test]
fn is_not_there() {
    let operator = Operator::new();
    let (status, _) = operator.verify(&["log", "http://127.0.0.1:1", "--policy", &operator.policy()]);
    assert_eq!(status, 2);
}
