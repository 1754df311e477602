//! `glasshouse-verify log`: a place that shows less of the log than it, or another one, showed before. It may lag, which is
//! odd; only another root convicts, and nothing holds whose root was not compared.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/follower.rs"]
mod follower;
#[path = "support/long_log.rs"]
mod long_log;
#[path = "support/reader.rs"]
mod reader;
#[path = "support/served_log.rs"]
mod served_log;
#[path = "support/signer.rs"]
mod signer;

use long_log::{LongLog, Server, entries};
use reader::{Reader, rules};
use serde_json::{Value, json};

const IAT: u64 = 1_750_000_000;
const OTHER: u64 = 1_750_000_001;

/// Every batch is written down.
const AT_ONCE: [&str; 2] = ["--save-every", "0"];

fn lags(shown: usize, before: usize) -> String {
    format!(
        "the log shows {shown} entries as its newest, and it signed a checkpoint of {before} before: it lags, or was set back"
    )
}

/// What is said first of a log that lags and holds.
fn holds_and_lags(shown: usize, before: usize) -> String {
    format!("{}. What it shows is what it signed, and follows its rules", lags(shown, before))
}

/// What is odd about what was shown.
fn odd(answer: &Value) -> Vec<&str> {
    let lines = answer["odd"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
    lines.filter(|line| line.starts_with("the log shows")).collect()
}

/// The first entries of another history, and then as long as that.
fn branch(at: usize, size: usize) -> Vec<Vec<u8>> {
    let mut all = entries(size, IAT);
    all.truncate(at);
    all.extend(entries(size, OTHER).into_iter().skip(at));
    all
}

/// An audit that was cut off has come further than what another place shows, which was signed: its root is compared with what was
/// read.
#[test]
fn a_smaller_tree_than_was_read_is_compared() {
    let all = entries(12_000, IAT);
    let log = LongLog::of(&all);
    for (second, holds) in [(&all[..300], true), (&branch(200, 300)[..], false)] {
        let (server, reader) = (Server::of(log.folder()), Reader::with_state());
        server.cut_after(60);
        assert_eq!(reader.audit(server.url(), &AT_ONCE).0, 2);
        assert!(reader.state()["reached"]["size"].as_u64().unwrap() > 300);
        let mirror = LongLog::of(second);
        let other = Server::of(mirror.folder());
        let (status, answer) = reader.audit(other.url(), &AT_ONCE);
        assert_eq!((status, rules(&answer)), (0, vec![]), "{answer}");
        assert_eq!(answer["message"], holds_and_lags(300, 12_000), "{answer}");
        assert_eq!(odd(&answer), [lags(300, 12_000)], "{answer}");
        // Two branches, and no root of the first one was compared: it is forgotten, and the second one read.
        let asked = other.asked();
        assert_eq!(asked.iter().any(|path| path.starts_with("tile/entries/")), !holds, "{asked:?}");
        server.cut_after(i64::MAX);
        let (status, answer) = reader.audit(server.url(), &AT_ONCE);
        assert_eq!(status, if holds { 0 } else { 3 }, "{answer}");
    }
}

/// The whole tree was checked, and a smaller one of another branch is shown: both are signed.
#[test]
fn a_smaller_tree_of_another_branch_convicts() {
    let (log, fork) = (LongLog::of(&entries(700, IAT)), LongLog::of(&branch(200, 300)));
    let reader = Reader::with_state();
    assert_eq!(reader.audit(log.folder().to_str().unwrap(), &[]).0, 0);
    let (status, answer) = reader.audit(fork.folder().to_str().unwrap(), &[]);
    assert_eq!((status, &answer["kind"]), (3, &"fork".into()), "{answer}");
}

/// The same history, and less of it than before: it may lag, so nobody is blamed, by one run or by those that follow.
#[test]
fn a_log_that_shows_less_than_before_is_odd() {
    let all = entries(700, IAT);
    let (before, after) = (LongLog::of(&all), LongLog::of(&all[..500]));
    let reader = Reader::with_state();
    assert_eq!(reader.audit(before.folder().to_str().unwrap(), &[]).0, 0);
    let (status, answer) = reader.audit(after.folder().to_str().unwrap(), &[]);
    assert_eq!((status, rules(&answer)), (0, vec![]), "{answer}");
    assert_eq!(odd(&answer), [lags(500, 700)], "{answer}");
    assert_eq!(answer["message"], holds_and_lags(500, 700));
    assert_eq!(
        (&answer["size"], &answer["read"]),
        (&500.into(), &700.into()),
        "whose figures are told: {answer}"
    );
    // People read that first, and whose figures they are.
    let (status, words) = reader.words(after.folder().to_str().unwrap());
    assert_eq!(status, 0);
    assert!(words.starts_with(&format!("odd, but allowed: {}", lags(500, 700))), "{words}");
    assert!(words.contains("the figures below are of the 700 entries that were read before"), "{words}");
    let (status, answer) = reader.audit(before.folder().to_str().unwrap(), &[]);
    assert_eq!((status, odd(&answer)), (0, vec![]), "{answer}");
}

/// An honest log behind two edges of a network, of which one lags.
#[test]
fn a_followed_log_that_lags_now_and_then_is_not_blamed() {
    let all = entries(700, IAT);
    let log = LongLog::of(&all[..600]);
    let (server, reader) = (Server::of(log.folder()), Reader::new(""));
    let mut follower = reader.follow(server.url(), &[]);
    assert_eq!(follower.next()["size"], 600);
    log.publish(&all[..500]);
    let event = follower.next();
    assert_eq!(event, json!({"event": "odd", "detail": lags(500, 600)}));
    log.publish(&all);
    assert_eq!(follower.next()["size"], 700);
    follower.signal("-TERM");
    let answer = follower.next();
    assert_eq!((follower.end(), rules(&answer)), (0, vec![]), "{answer}");
    assert_eq!(reader.audit(server.url(), &["--state", "state"]).0, 0);
}

/// The state has more than the place shows, at the first look and at the next ones.
#[test]
fn a_place_that_has_not_caught_up_with_the_state_is_followed() {
    let all = entries(1_000, IAT);
    let (log, mirror) = (LongLog::of(&all[..900]), LongLog::of(&all[..300]));
    let (server, reader) = (Server::of(mirror.folder()), Reader::new(""));
    assert_eq!(reader.audit(log.folder().to_str().unwrap(), &["--state", "state"]).0, 0);
    let mut follower = reader.follow(server.url(), &[]);
    for (size, lag) in [(300, true), (500, true), (768, true), (1_000, false)] {
        mirror.publish(&all[..size]);
        let event = follower.next();
        assert_eq!((&event["event"], &event["size"]), (&"checkpoint".into(), &size.into()), "{event}");
        if lag {
            assert_eq!(follower.next(), json!({"event": "odd", "detail": lags(size, 900)}));
        }
    }
    follower.signal("-TERM");
    let answer = follower.next();
    assert_eq!((follower.end(), rules(&answer), &answer["size"]), (0, vec![], &1_000.into()), "{answer}");
}

/// A checkpoint in hand that the log does not show yet was to be compared and is not. It hides nothing else.
#[test]
fn a_larger_checkpoint_in_hand_weakens_no_verdict() {
    let all = entries(900, IAT);
    let (log, later) = (LongLog::of(&all[..700]), LongLog::of(&all));
    let (place, kept) = (log.folder().to_str().unwrap(), later.folder().join("checkpoint"));
    let old = ["--old", kept.to_str().unwrap()];
    let reader = Reader::with_state();
    let (status, answer) = reader.audit(place, &old);
    assert_eq!((status, rules(&answer)), (1, vec!["behind"]), "{answer}");
    assert_eq!(
        answer["findings"][0]["detail"],
        "the log shows 700 entries as its newest, and you hold its checkpoint of 900, which could not be compared"
    );
    assert!(answer["states"].is_object(), "the rest is told: {answer}");
    assert_eq!(reader.state()["reached"]["size"], 700);
    // Where the state has come so far, it is compared.
    assert_eq!(reader.audit(later.folder().to_str().unwrap(), &[]).0, 0);
    let (status, answer) = reader.audit(place, &old);
    assert_eq!((status, rules(&answer)), (0, vec![]), "{answer}");
    assert_eq!(odd(&answer), [lags(700, 900)], "{answer}");
    // A proof from another place counts beside it.
    let fork = LongLog::of(&branch(400, 700));
    let with = [&old[..], &["--also", fork.folder().to_str().unwrap()]].concat();
    let (status, answer) = reader.audit(place, &with);
    assert_eq!((status, &answer["kind"]), (3, &"fork".into()), "{answer}");
    let (status, answer): (i32, Value) = reader.audit(place, &old);
    assert_eq!((status, &answer["kind"]), (3, &"fork".into()), "a proof of an earlier run counts: {answer}");
}

/// What is asked for in hand is said of the log once it has come so far.
#[test]
fn a_followed_log_catches_up_with_a_checkpoint_in_hand() {
    let all = entries(900, IAT);
    let (log, later) = (LongLog::of(&all[..700]), LongLog::of(&all[..800]));
    let kept = later.folder().join("checkpoint");
    let (server, reader) = (Server::of(log.folder()), Reader::new(""));
    let mut follower = reader.follow(server.url(), &["--old", kept.to_str().unwrap()]);
    assert_eq!(follower.next()["size"], 700);
    assert_eq!(follower.next()["detail"], lags(700, 800));
    log.publish(&all);
    assert_eq!(follower.next()["size"], 900);
    follower.signal("-TERM");
    let answer = follower.next();
    assert_eq!((follower.end(), rules(&answer), odd(&answer)), (0, vec![], vec![]), "{answer}");
}
