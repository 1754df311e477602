//! A log with one thing bent, for each rule of a log.

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use glasshouse_tests::front::{Answered, Front};

use super::{assert_all_are_bent, assert_broken, conformance, musts, run, world};

/// A request to the log.
struct Asked<'a> {
    path: &'a str,
    /// How often the checkpoint was asked for before.
    looks: usize,
    /// An earlier checkpoint of the log, one entry smaller.
    earlier: &'a [u8],
}

impl Asked<'_> {
    fn is_checkpoint(&self) -> bool {
        self.path == "checkpoint"
    }

    /// The checkpoint, but not the first look at it.
    fn is_later(&self) -> bool {
        self.is_checkpoint() && self.looks > 0
    }

    /// A full bundle, not the last one: it is read plain and once.
    fn is_full_bundle(&self) -> bool {
        self.path == "tile/entries/001"
    }
}

/// A rule, what else is broken with it, and what is bent.
type Bend = (&'static str, &'static [&'static str], fn(&Asked<'_>, &mut Answered));

const CHECKPOINT: [Bend; 8] = [
    ("checkpoint.served", &[], |asked, answered| {
        if asked.is_checkpoint() {
            answered.status = 302;
        }
    }),
    ("checkpoint.type", &[], |asked, answered| {
        if asked.is_checkpoint() {
            answered.set("content-type", "text/html");
        }
    }),
    ("checkpoint.cache", &[], |asked, answered| {
        if asked.is_checkpoint() {
            answered.set("cache-control", "max-age=3600");
        }
    }),
    ("checkpoint.cors", &[], |asked, answered| {
        if asked.is_checkpoint() {
            answered.set("access-control-allow-origin", "");
        }
    }),
    ("checkpoint.form", &[], |asked, answered| {
        if asked.is_checkpoint() {
            answered.body.insert(0, b'\n');
        }
    }),
    // Who changes what is signed breaks the signature too.
    ("checkpoint.extensions", &["checkpoint.signature"], |asked, answered| {
        if asked.is_checkpoint() {
            answered.body = with_lines(&answered.body, |lines| lines.insert(3, "an extension"));
        }
    }),
    ("checkpoint.signature", &[], |asked, answered| {
        if asked.is_checkpoint() {
            // Of the first line below the text, which is that of the log's Ed25519 key.
            let text = String::from_utf8(answered.body.clone()).unwrap();
            let signature = text.find("\n\n").unwrap() + 2;
            let at = signature + text[signature..].find('\n').unwrap() - 10;
            answered.body[at] = if answered.body[at] == b'A' { b'B' } else { b'A' };
        }
    }),
    ("checkpoint.key-name", &["checkpoint.signature"], |asked, answered| {
        if asked.is_checkpoint() {
            answered.body = with_lines(&answered.body, |lines| lines[0] = "log.other.example");
        }
    }),
];

const TILE: [Bend; 7] = [
    ("tile.served", &[], |asked, answered| {
        if asked.path == "tile/0/001" {
            answered.status = 404;
        }
    }),
    ("tile.type", &[], |asked, answered| {
        if asked.path.starts_with("tile/1") {
            answered.set("content-type", "binary/octet-stream");
        }
    }),
    ("tile.width", &[], |asked, answered| {
        if asked.path == "tile/0/000" {
            answered.body.truncate(8_191);
        }
    }),
    ("tile.cache", &[], |asked, answered| {
        if asked.path == "tile/0/000" {
            answered.set("cache-control", "no-store");
        }
    }),
    ("tile.cors", &[], |asked, answered| {
        if asked.path == "tile/0/000" {
            answered.set("access-control-allow-origin", "https://one.example");
        }
    }),
    ("tile.levels", &["tile.root"], |asked, answered| {
        if asked.path.starts_with("tile/1/000.p/2") {
            answered.body[5] ^= 1;
        }
    }),
    ("tile.root", &["bundle.hashes"], |asked, answered| {
        if asked.path.starts_with("tile/0/002.p") && !answered.body.is_empty() {
            answered.body[5] ^= 1;
        }
    }),
];

const BUNDLE: [Bend; 9] = [
    ("bundle.served", &[], |asked, answered| {
        if asked.is_full_bundle() {
            answered.status = 404;
        }
    }),
    ("bundle.type", &[], |asked, answered| {
        if asked.is_full_bundle() {
            answered.set("content-type", "binary/octet-stream");
        }
    }),
    ("bundle.form", &[], |asked, answered| {
        if asked.is_full_bundle() {
            answered.body.push(0);
        }
    }),
    ("bundle.hashes", &[], |asked, answered| {
        if asked.is_full_bundle() {
            answered.body[40] ^= 1;
        }
    }),
    ("bundle.cache", &[], |asked, answered| {
        if asked.is_full_bundle() {
            answered.set("cache-control", "max-age=60");
        }
    }),
    // The last byte of the last entry says how many offsets stand before it: as many are not there.
    ("bundle.addenda", &["bundle.hashes"], |asked, answered| {
        if asked.is_full_bundle() {
            *answered.body.last_mut().unwrap() = 255;
        }
    }),
    ("bundle.coding", &["bundle.gzip"], |asked, answered| {
        if asked.path.starts_with("tile/entries/") && is_packed(answered) {
            answered.set("content-encoding", "br");
        }
    }),
    ("bundle.gzip", &[], |asked, answered| {
        if asked.path.starts_with("tile/entries/") && is_packed(answered) {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(answered.body.as_slice()).read_to_end(&mut plain).unwrap();
            answered.body = plain;
            answered.set("content-encoding", "");
        }
    }),
    ("bundle.vary", &[], |asked, answered| {
        if asked.path.starts_with("tile/entries/") && is_packed(answered) {
            answered.set("vary", "origin");
        }
    }),
];

const PATH: [Bend; 5] = [
    ("path.grammar", &[], |asked, answered| {
        if asked.path.starts_with("tile/00/") {
            answered.status = 200;
        }
    }),
    ("path.empty", &[], |asked, answered| {
        if asked.path == "tile/0/000.p/0" {
            answered.status = 200;
        }
    }),
    ("path.beyond", &[], |asked, answered| {
        if asked.path.starts_with("tile/64/") {
            answered.status = 200;
        }
    }),
    ("path.status", &[], |asked, answered| {
        if asked.path.starts_with("tile/64/") {
            answered.status = 403;
        }
    }),
    ("path.cache", &[], |asked, answered| {
        if asked.path.starts_with("tile/64/") {
            answered.set("cache-control", "max-age=31536000, immutable");
        }
    }),
];

/// No key is given here, so that a front may make up checkpoints.
const GROWTH: [Bend; 5] = [
    ("growth.served", &[], |asked, answered| {
        if asked.is_later() {
            answered.status = 503;
        }
    }),
    ("growth.monotone", &[], |asked, answered| {
        if asked.is_later() {
            answered.body = asked.earlier.to_vec();
        }
    }),
    ("growth.unforked", &[], |asked, answered| {
        if asked.is_later() {
            answered.body = with_lines(&answered.body, |lines| lines[2] = OTHER_ROOT);
        }
    }),
    ("growth.consistent", &[], |asked, answered| {
        if asked.is_later() {
            answered.body = with_lines(&answered.body, |lines| lines[2] = OTHER_ROOT);
        } else if asked.is_checkpoint() {
            answered.body = asked.earlier.to_vec();
        }
    }),
    ("growth.retained", &[], |asked, answered| {
        if asked.is_checkpoint() && asked.looks == 0 {
            answered.body = asked.earlier.to_vec();
        } else if asked.path == "tile/0/002.p/88" && asked.looks > 1 {
            answered.status = 404;
        }
    }),
];

/// Of a tree that the log never had.
const OTHER_ROOT: &str = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=";

fn bends() -> impl Iterator<Item = Bend> {
    CHECKPOINT.into_iter().chain(TILE).chain(BUNDLE).chain(PATH).chain(GROWTH)
}

fn is_packed(answered: &Answered) -> bool {
    answered.headers.iter().any(|(name, _)| name == "content-encoding")
}

/// The note with other lines.
fn with_lines(note: &[u8], change: fn(&mut Vec<&str>)) -> Vec<u8> {
    let text = String::from_utf8(note.to_vec()).unwrap();
    let mut lines: Vec<&str> = text.split('\n').collect();
    change(&mut lines);
    lines.join("\n").into_bytes()
}

#[test]
fn each_rule_of_a_log_is_found_broken() {
    let mut world = world();
    let earlier = world.get("/checkpoint").body;
    world.enrol("two");
    let (_, honest) = conformance(&world, world.server().url(), "0");
    assert_all_are_bent(&honest, bends().map(|(rule, ..)| rule));
    for (rule, also, bend) in bends() {
        let (looks, earlier) = (AtomicUsize::new(0), earlier.clone());
        let front = Front::before(
            world.server().url(),
            Arc::new(move |_: &str, path: &str, answered: &mut Answered| {
                let before = looks.fetch_add(usize::from(path == "checkpoint"), Ordering::SeqCst);
                bend(&Asked { path, looks: before, earlier: &earlier }, answered);
            }),
        );
        let (status, answer) = match rule.starts_with("growth.") {
            true => run(&[front.url(), "--watch", "1"]),
            false => conformance(&world, front.url(), "0"),
        };
        assert_broken(rule, also, status, &answer);
    }
}

/// The exit status is decided by what tlog-tiles and tlog-checkpoint demand, and by what every reader computes with: not by a media
/// type that is named without a word of demand, not by paths of which they do not speak, not by a cache in between that lags.
#[test]
fn only_these_rules_of_a_log_decide() {
    let world = world();
    let (_, answer) = conformance(&world, world.server().url(), "0");
    let expected = [
        "bundle.addenda",
        "bundle.coding",
        "bundle.form",
        "bundle.hashes",
        "bundle.served",
        "checkpoint.form",
        "checkpoint.served",
        "checkpoint.signature",
        "checkpoint.type",
        "growth.consistent",
        "growth.retained",
        "growth.served",
        "growth.unforked",
        "path.empty",
        "tile.levels",
        "tile.root",
        "tile.served",
        "tile.width",
    ];
    assert_eq!(musts(&answer), expected);
}
