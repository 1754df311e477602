//! `glasshouse-verify log --follow`, `--also` and `--receipt`: new checkpoints as they come, other places that show the log,
//! and receipts that a reader kept.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/follower.rs"]
mod follower;
#[path = "support/held.rs"]
mod held;
#[path = "support/long_log.rs"]
mod long_log;
#[path = "support/reader.rs"]
mod reader;
#[path = "support/served_log.rs"]
mod served_log;
#[path = "support/signer.rs"]
mod signer;

use std::path::PathBuf;

use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::vkey::VkeyKind;
use held::Held;
use long_log::{LongLog, Server, entries};
use reader::Reader;
use serde_json::{Value, json};
use signer::Signer;

const IAT: u64 = 1_750_000_000;
const OTHER: u64 = 1_750_000_001;

#[test]
fn each_new_checkpoint_is_audited_and_a_signal_ends_it_cleanly() {
    let all = entries(900, IAT);
    for signal in ["-TERM", "-INT"] {
        let log = LongLog::of(&all[..300]);
        let (server, reader) = (Server::of(log.folder()), Reader::new(""));
        let mut follower = reader.follow(server.url(), &[]);
        let event = follower.next();
        assert_eq!((&event["event"], &event["size"]), (&"checkpoint".into(), &300.into()), "{event}");
        for size in [301, 512, 900] {
            log.publish(&all[..size]);
            let event = follower.next();
            assert_eq!((&event["event"], &event["size"]), (&"checkpoint".into(), &size.into()), "{event}");
        }
        follower.signal(signal);
        let answer = follower.next();
        assert_eq!((&answer["verdict"], &answer["size"]), (&"holds".into(), &900.into()), "{answer}");
        assert_eq!(follower.end(), 0);
        server.asked();
        assert_eq!(reader.audit(server.url(), &["--state", "state"]).0, 0);
        assert!(server.asked().iter().all(|path| !path.starts_with("tile/entries")), "all of it was saved");
    }
}

#[test]
fn a_finding_is_told_as_it_comes_and_proof_ends_it() {
    let mut all = entries(700, IAT);
    let last = all[600].len() - 20;
    all[600][last] ^= 1;
    let log = LongLog::of(&all[..500]);
    let (server, reader) = (Server::of(log.folder()), Reader::new(""));
    let mut follower = reader.follow(server.url(), &[]);
    assert_eq!(follower.next()["size"], 500);
    log.publish(&all);
    assert_eq!(follower.next()["size"], 700);
    let finding = follower.next();
    assert_eq!(
        (&finding["event"], &finding["rule"], &finding["index"]),
        (&"finding".into(), &"bad-signature".into(), &600.into())
    );
    let answer = follower.next();
    assert_eq!((follower.end(), &answer["kind"]), (3, &"bad-entry".into()), "{answer}");
    assert_eq!(reader.evidence(answer["evidence"].as_str().unwrap()).0, 3);
}

#[test]
fn a_log_that_forks_while_it_is_followed_is_convicted() {
    let mut other = entries(500, IAT);
    other.truncate(400);
    other.extend(entries(600, OTHER).into_iter().skip(400));
    for size in [450, 500, 600] {
        let log = LongLog::of(&entries(500, IAT));
        let (server, reader) = (Server::of(log.folder()), Reader::new(""));
        let mut follower = reader.follow(server.url(), &[]);
        assert_eq!(follower.next()["size"], 500);
        log.publish(&other[..size]);
        let answer = loop {
            let event = follower.next();
            if event.get("event").is_none() {
                break event;
            }
        };
        assert_eq!((follower.end(), &answer["kind"]), (3, &"fork".into()), "{size}: {answer}");
    }
}

/// A proxy shows a page in place of a resource, or other entries: that is told and asked for again, and the log is not to blame
/// when the right bytes come.
#[test]
fn one_bad_answer_does_not_end_it() {
    let (all, other) = (entries(700, IAT), entries(700, OTHER));
    let page = b"<html>Please wait</html>".to_vec();
    let wrong_entries = served_log::bundle(&other[512..]);
    for (name, bytes, why) in [
        ("tile/entries/002.p/188", page.clone(), "tile/entries/002.p/188"),
        ("tile/entries/001", page.clone(), "tile/entries/001"),
        ("tile/0/001", page.clone(), "tile/0/001"),
        ("tile/0/002.p/188", page, "tile/0/002.p/188"),
        ("tile/entries/002.p/188", wrong_entries, "do not have the root that was signed"),
    ] {
        // Everything is there, and the checkpoint of 500 is shown.
        let log = LongLog::of(&all[..500]);
        log.publish(&all);
        log.replace("checkpoint", served_log::checkpoint(&all[..500]));
        let right = std::fs::read(log.folder().join(name)).unwrap();
        log.replace(name, bytes);
        let (server, reader) = (Server::of(log.folder()), Reader::new(""));
        let mut follower = reader.follow(server.url(), &[]);
        assert_eq!(follower.until("checkpoint")["size"], 500);
        log.replace("checkpoint", served_log::checkpoint(&all));
        let trouble = follower.until("trouble");
        assert!(trouble["detail"].as_str().unwrap().contains(why), "{name}: {trouble}");
        log.replace(name, right);
        let checkpoint = follower.until("checkpoint");
        assert_eq!(
            (&checkpoint["size"], &checkpoint["broken"]),
            (&700.into(), &0.into()),
            "{name}: {checkpoint}"
        );
        follower.signal("-TERM");
        let answer = follower.until("end");
        assert_eq!((follower.end(), &answer["broken"]), (0, &0.into()), "{name}: {answer}");
        let (status, answer) = reader.audit(server.url(), &["--state", "state"]);
        assert_eq!((status, &answer["size"]), (0, &700.into()), "{name}: {answer}");
    }
}

/// The signal comes while the answer is bad: the report says so.
#[test]
fn what_is_bad_to_the_end_does_not_hold() {
    let all = entries(700, IAT);
    for (bytes, rule) in
        [(b"<html>".to_vec(), "form"), (served_log::bundle(&entries(700, OTHER)[512..]), "root")]
    {
        let log = LongLog::of(&all);
        log.replace("tile/entries/002.p/188", bytes);
        let (server, reader) = (Server::of(log.folder()), Reader::new(""));
        let mut follower = reader.follow(server.url(), &[]);
        follower.until("trouble");
        follower.signal("-TERM");
        let answer = follower.until("end");
        assert_eq!(follower.end(), 1, "{answer}");
        assert!(answer["findings"].to_string().contains(&format!("\"rule\":\"{rule}\"")), "{answer}");
    }
}

/// The signal comes in the middle of the first audit, whose server lets it wait.
#[test]
fn a_signal_is_heard_from_the_start() {
    let log = LongLog::of(&entries(700, IAT));
    let (server, reader) = (Held::of(log.folder(), "checkpoint"), Reader::new(""));
    let mut follower = reader.follow(server.url(), &[]);
    server.someone_waits();
    follower.signal("-TERM");
    let answer = follower.until("end");
    let told = answer["message"].as_str().unwrap();
    assert!(follower.end() == 0 && told.contains("the first 0 of 700 entries"), "{answer}");
}

#[test]
fn other_places_are_compared() {
    let (all, mut other) = (entries(700, IAT), entries(900, IAT));
    other.truncate(400);
    other.extend(entries(900, OTHER).into_iter().skip(400));
    let log = LongLog::of(&all);
    let (server, reader) = (Server::of(log.folder()), Reader::new(""));
    for size in [500, 700, 900] {
        let mirror = LongLog::of(&other[..size]);
        let (status, answer) = reader.audit(server.url(), &["--also", mirror.folder().to_str().unwrap()]);
        assert_eq!((status, &answer["kind"]), (3, &"fork".into()), "{size}: {answer}");
        assert_eq!(reader.evidence(answer["evidence"].as_str().unwrap()).0, 3);
    }
    let more = entries(900, IAT);
    for (size, words) in [(400, "lags"), (700, ""), (900, "is ahead")] {
        let mirror = LongLog::of(&more[..size]);
        let (status, answer) = reader.audit(server.url(), &["--also", mirror.folder().to_str().unwrap()]);
        let odd = answer["odd"].to_string();
        assert!(
            status == 0 && odd.contains(words) && (size == 700) != odd.contains("it shows"),
            "{size}: {answer}"
        );
    }
    let (status, answer) = reader.audit(server.url(), &["--also", "no-such-folder"]);
    assert!(status == 0 && answer["odd"].to_string().contains("shows no checkpoint"), "{answer}");
}

/// A witness shows the last checkpoint that it signed, below the digest of the log's name.
#[test]
fn witnesses_are_asked_for_what_they_signed() {
    let witness = Signer::new("witness.example/w1", VkeyKind::Cosignature, 2);
    let (all, other) = (entries(500, IAT), entries(600, OTHER));
    let place = format!("{}/checkpoint", Digest::of(b"log.example/takedowns").to_hex());
    let seat = tempfile::tempdir().unwrap();
    let shows = |entries: &[Vec<u8>]| {
        let path = seat.path().join(&place);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, served_log::key().note(&served_log::head(entries), &[&witness]).encode())
            .unwrap();
    };
    let (log, seat_server) = (LongLog::of(&all), Server::of(seat.path()));
    let server = Server::of(log.folder());
    let reader = Reader::new(&format!("witness w {} {}\n", witness.vkey.encode(), seat_server.url()));
    shows(&all[..300]);
    let (status, answer) = reader.audit(server.url(), &[]);
    assert!(status == 0 && answer["odd"].to_string().contains("lags"), "{answer}");
    shows(&other[..300]);
    let (status, answer) = reader.audit(server.url(), &[]);
    assert_eq!((status, &answer["kind"]), (3, &"fork".into()), "{answer}");
    assert_eq!(reader.audit(server.url(), &["--skip-witnesses"]).0, 0);
    // What is ahead of the log is remembered, and compared when the log has come so far.
    let patient = Reader::new(&format!("witness w {} {}\n", witness.vkey.encode(), seat_server.url()));
    shows(&other[..600]);
    let (status, answer) = patient.audit(server.url(), &["--state", "state"]);
    assert!(status == 0 && answer["odd"].to_string().contains("is ahead"), "{answer}");
    log.publish(&entries(700, IAT));
    let (status, answer) = patient.audit(server.url(), &["--state", "state", "--skip-witnesses"]);
    assert_eq!((status, &answer["kind"]), (3, &"fork".into()), "{answer}");
}

#[test]
fn a_receipt_of_an_entry_that_became_another_convicts_the_log() {
    let case: Value = served_log::case(
        &PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../spec/vectors/receipt/valid/decision-no-text.json"),
    );
    let reader = Reader::new("");
    std::fs::write(reader.path("receipt"), case["input"]["receipt"].as_str().unwrap()).unwrap();
    let mut all = entries(300, IAT);
    let (status, answer) =
        reader.audit(LongLog::of(&all).folder().to_str().unwrap(), &["--receipt", "receipt"]);
    assert_eq!((status, &answer["broken"]), (0, &0.into()), "{answer}");
    let model = glasshouse_verifier::entry::Entry::parse(&all[4]).unwrap().into_statement();
    all[4] = long_log::decision(&model, 2, OTHER);
    let (status, answer) =
        reader.audit(LongLog::of(&all).folder().to_str().unwrap(), &["--receipt", "receipt"]);
    assert_eq!(status, 3, "{answer}");
    assert!(answer["findings"].to_string().contains("rewritten"), "{answer}");
    let (status, answer) =
        reader.audit(LongLog::of(&all).folder().to_str().unwrap(), &["--receipt", "receipt", "--state", "s"]);
    let kept = std::fs::read_dir(reader.path("s")).unwrap().filter_map(|file| {
        let path = file.unwrap().path();
        path.to_str().unwrap().contains("glasshouse-evidence-").then_some(path)
    });
    let mut kinds: Vec<Value> =
        kept.map(|path| reader.evidence(path.to_str().unwrap()).1["kind"].clone()).collect();
    kinds.sort_by_key(ToString::to_string);
    assert_eq!((status, kinds), (3, vec![json!("fork"), json!("rewritten-entry")]), "{answer}");
}
