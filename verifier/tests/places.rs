//! Where a log is said to be: what is no place of a log is told as wrong usage, and no verdict on a log or a receipt comes of it.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/long_log.rs"]
mod long_log;
#[path = "support/reader.rs"]
mod reader;
#[path = "support/served_log.rs"]
mod served_log;
#[path = "support/signer.rs"]
mod signer;

use std::path::Path;

use long_log::{LongLog, Server, entries};
use reader::Reader;
use serde_json::Value;
use served_log::{case, small_log};

/// What no log can be at, and what is said of it.
const NO_PLACES: [(&str, &str); 10] = [
    ("127.0.0.1:9001", "begins with https:// or http://"),
    ("ftp://127.0.0.1/", "begins with https:// or http://"),
    ("file:///tmp", "begins with https:// or http://"),
    ("HTTP://127.0.0.1:9", "begins with https:// or http://"),
    ("http://127.0.0.1:9?x=1", "no ? and no #"),
    ("http://127.0.0.1:9#a", "no ? and no #"),
    ("http://127.0.0.1:99999", "a port is a number from 1 to 65535"),
    ("http://", "names a host"),
    ("http://127.0.0.1:9/a b", "spelt"),
    ("http://me:a-secret@127.0.0.1:9", "a URL at 127.0.0.1:9: a log's URL has no user name and no password"),
];

#[track_caller]
fn is_usage((status, answer): (i32, Value), said: &str) {
    assert_eq!((status, &answer["verdict"]), (2, &"trouble".into()), "{answer}");
    assert!(answer["message"].as_str().unwrap().contains(said), "{said}: {answer}");
    assert!(!answer.to_string().contains("a-secret"), "{answer}");
}

/// A reader who holds a receipt of entry 4 of the small log.
fn holder() -> Reader {
    let reader = Reader::new("");
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/receipt/valid/decision.json");
    let receipt = case(&vectors)["input"]["receipt"].as_str().unwrap().to_owned();
    std::fs::write(reader.path("receipt"), receipt).unwrap();
    reader
}

/// Exit status and answer of `receipt --log`.
fn ask(reader: &Reader, place: &str) -> (i32, Value) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_glasshouse-verify"));
    command.args(["receipt", "receipt", "--policy", "policy", "--json", "--log", place]);
    let output = command.current_dir(reader.path(".")).output().unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn a_place_that_is_none_is_named() {
    let reader = holder();
    for (place, said) in NO_PLACES {
        is_usage(reader.audit(place, &[]), said);
        is_usage(ask(&reader, place), said);
    }
    let log = LongLog::of(&small_log());
    let right = log.folder().to_str().unwrap();
    let (status, answer) = reader.audit(right, &[]);
    assert_eq!(status, 0, "{answer}");
    // A folder of that name may be there another time.
    for (place, said) in NO_PLACES.into_iter().filter(|(place, _)| place.contains("://")) {
        is_usage(reader.audit(right, &["--also", place]), said);
    }
    is_usage(ask(&reader, right), "begins with https:// or http://");
}

/// A page where the checkpoint should be, as the gate of a network shows it to whoever has not signed in.
#[test]
fn a_page_in_the_place_of_a_checkpoint_is_no_lie_of_the_log() {
    let reader = Reader::new("");
    let log = LongLog::of(&small_log());
    for page in ["<html>\n<p>Welcome to the hotel.</p>\n\n</html>\n", "<html>\t</html>", ""] {
        log.replace("checkpoint", page);
        let server = Server::of(log.folder());
        is_usage(reader.audit(server.url(), &[]), "is no checkpoint");
    }
}

#[test]
fn a_server_that_shows_nothing_of_the_log_denies_nothing() {
    let reader = holder();
    let empty = tempfile::tempdir().unwrap();
    is_usage(ask(&reader, Server::of(empty.path()).url()), "no checkpoint of the log log.example/takedowns");
    let mirror = LongLog::of(&small_log());
    is_usage(ask(&reader, Server::of(mirror.folder()).url()), "does not answer questions");
    let behind = LongLog::of(&small_log()[..3]);
    is_usage(ask(&reader, Server::of(behind.folder()).url()), "3 entries");
}

/// The log's own key signed a tree that has another entry in the place of this one.
#[test]
fn a_log_that_denies_what_it_proved_does_not_hold() {
    let reader = holder();
    let mut others = small_log();
    others[4] = small_log()[5].clone();
    let (status, answer) = ask(&reader, Server::of(LongLog::of(&others).folder()).url());
    assert_eq!((status, &answer["verdict"]), (1, &"does-not-hold".into()), "{answer}");
    let words = answer.to_string();
    assert!(words.contains("another entry at index 4"), "{words}");
    assert!(words.contains("--receipt"), "says how that is proved: {words}");
}

/// Each text that cannot be had costs a minute where nobody answers.
#[test]
fn the_first_text_that_cannot_be_had_ends_the_reading() {
    let reader = Reader::new("");
    let log = LongLog::of(&entries(600, 1_750_000_000));
    let server = Server::of(log.folder());
    let (_, answer) = reader.audit(server.url(), &["--texts", "--skip-witnesses"]);
    let asked = server.asked();
    let texts = asked.iter().filter(|path| path.starts_with("addenda/")).count();
    assert!(texts > 500, "{texts}: {answer}");
    // Wrong ones, which are longer than nothing and so can be cut.
    asked.iter().filter(|path| path.starts_with("addenda/")).for_each(|path| log.replace(path, "a text"));
    server.cut_after(i64::try_from(asked.len() - texts).unwrap());
    let mut command = reader.command(server.url(), &["--texts", "--skip-witnesses"]);
    let output = command.env("RAYON_NUM_THREADS", "2").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(server.cut() <= 4, "{} texts were asked for behind the first failure", server.cut());
}
