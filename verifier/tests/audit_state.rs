//! `glasshouse-verify log --state`: what was checked is not downloaded again, whatever ended the run before, and what the
//! log showed is not forgotten.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "support/long_log.rs"]
mod long_log;
#[path = "support/reader.rs"]
mod reader;
#[path = "support/served_log.rs"]
mod served_log;
#[path = "support/signer.rs"]
mod signer;

use std::process::{Command, Stdio};
use std::time::Duration;

use long_log::{LongLog, Server, entries};
use reader::{Reader, rules};
use serde_json::Value;

/// When the entries say that they were issued, and another time, for another history.
const IAT: u64 = 1_750_000_000;
const OTHER: u64 = 1_750_000_001;

fn bundles(asked: &[String]) -> Vec<&str> {
    asked.iter().filter_map(|path| path.strip_prefix("tile/entries/")).collect()
}

/// The same findings and counts as an audit without a state gives.
fn same(with: &Value, without: &Value) {
    for member in [
        "root",
        "size",
        "broken",
        "findings",
        "states",
        "issuers",
        "owed",
        "ended_keys",
        "on_the_registrars_word",
    ] {
        assert_eq!(with[member], without[member], "{member}");
    }
}

#[test]
fn a_second_run_downloads_only_what_is_new() {
    let all = entries(1_900, IAT);
    let log = LongLog::of(&all[..900]);
    let (server, reader) = (Server::of(log.folder()), Reader::with_state());
    let (status, answer) = reader.audit(server.url(), &[]);
    assert_eq!((status, &answer["size"]), (0, &900.into()), "{answer}");
    assert_eq!(bundles(&server.asked()), ["000", "001", "002", "003.p/132"]);
    // Nothing new: the checkpoint, and the tiles of the edge.
    assert_eq!(reader.audit(server.url(), &[]).0, 0);
    assert_eq!(server.asked(), ["checkpoint", "tile/0/003.p/132", "tile/1/000.p/3"]);
    log.publish(&all);
    let (status, answer) = reader.audit(server.url(), &["--timings"]);
    assert_eq!((status, &answer["size"]), (0, &1_900.into()), "{answer}");
    let asked = server.asked();
    assert_eq!(bundles(&asked), ["003", "004", "005", "006", "007.p/108"]);
    // The checkpoint, five bundles, four full tiles of level 0, and the two of the edge.
    assert_eq!(asked.len(), 12, "{asked:?}");
    assert_eq!((&answer["timings"]["entries"], &answer["timings"]["replayed"]), (&1_000.into(), &900.into()));
    same(&answer, &Reader::with_state().audit(server.url(), &[]).1);
}

#[test]
fn an_audit_whose_connection_is_cut_goes_on_where_it_stood() {
    let all = entries(12_000, IAT);
    let log = LongLog::of(&all);
    let (server, reader) = (Server::of(log.folder()), Reader::with_state());
    let mut sizes = vec![0];
    for cut in [40, 20, 20] {
        server.cut_after(cut);
        let (status, _) = reader.audit(server.url(), &[]);
        assert_eq!(status, 2);
        sizes.push(reader.state()["reached"]["size"].as_u64().unwrap());
    }
    assert!(sizes.is_sorted() && sizes[1] > 0 && sizes[3] < 12_000, "{sizes:?}");
    server.asked();
    server.cut_after(i64::MAX);
    let (status, answer) = reader.audit(server.url(), &[]);
    assert_eq!((status, &answer["size"]), (0, &12_000.into()), "{answer}");
    let first: u64 = bundles(&server.asked())[0].parse().unwrap();
    assert_eq!(first, sizes[3] / 256, "what was checked is not asked for again");
    same(&answer, &Reader::with_state().audit(server.url(), &[]).1);
}

/// Killed at whatever moment: the state is good, and never behind what it was before.
#[test]
fn an_audit_can_be_killed_at_any_moment() {
    let all = entries(3_000, IAT);
    let log = LongLog::of(&all[..300]);
    let (server, reader) = (Server::of(log.folder()), Reader::with_state());
    assert_eq!(reader.audit(server.url(), &[]).0, 0);
    let mut reached = 300;
    for after in 1..14 {
        log.publish(&all[..300 + after * 200]);
        let asked = server.tell_after(after);
        let mut child =
            reader.command(server.url(), &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The run may be over before so much was asked; its end is noticed by looking again.
        while asked.recv_timeout(Duration::from_millis(100)).is_err() && child.try_wait().unwrap().is_none() {
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let now = reader.state()["reached"]["size"].as_u64().unwrap();
        assert!(now >= reached, "{after}: {now} after {reached}");
        reached = now;
    }
    let (status, answer) = reader.audit(server.url(), &[]);
    assert_eq!((status, &answer["size"]), (0, &2_900.into()), "{answer}");
    same(&answer, &Reader::with_state().audit(server.url(), &[]).1);
}

#[test]
fn findings_of_an_earlier_run_are_not_forgotten() {
    let mut all = entries(700, IAT);
    let last = all[300].len() - 20;
    all[300][last] ^= 1;
    let log = LongLog::of(&all[..600]);
    let reader = Reader::with_state();
    let place = log.folder().to_str().unwrap();
    let (status, answer) = reader.audit(place, &[]);
    assert_eq!(
        (status, rules(&answer), &answer["kind"]),
        (3, vec!["bad-signature"], &"bad-entry".into()),
        "{answer}"
    );
    log.publish(&all);
    let (status, answer) = reader.audit(place, &[]);
    assert_eq!(
        (status, rules(&answer), &answer["size"]),
        (3, vec!["bad-signature"], &700.into()),
        "{answer}"
    );
    assert_eq!(answer["evidence_count"], 1, "the proof of the first run");
}

#[test]
fn a_state_is_of_one_log_and_one_policy_and_of_one_audit_at_a_time() {
    let log = LongLog::of(&entries(300, IAT));
    let reader = Reader::with_state();
    let place = log.folder().to_str().unwrap();
    assert_eq!(reader.audit(place, &[]).0, 0);
    let policy = std::fs::read_to_string(reader.path("policy")).unwrap();
    std::fs::write(reader.path("policy"), format!("# mine\n{policy}")).unwrap();
    let output = reader.command(place, &[]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.code() == Some(2) && text.contains("of another policy"), "{text}");
    assert!(text.contains("--state") && text.contains("--old state"), "{text}");
    std::fs::write(reader.path("policy"), policy).unwrap();
    let state = std::fs::read_to_string(reader.path("state/state.json")).unwrap();
    let earlier = state.replace("glasshouse-audit-state/2", "glasshouse-audit-state/1");
    std::fs::write(reader.path("state/state.json"), earlier).unwrap();
    let output = reader.command(place, &[]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(4), "a format that this version does not know: {text}");
    assert!(text.contains("of another version of this program") && text.contains("--old state"), "{text}");
    std::fs::write(reader.path("state/state.json"), state).unwrap();
    let lock = std::fs::File::create(reader.path("state/lock")).unwrap();
    lock.lock().unwrap();
    let text = String::from_utf8(reader.command(place, &[]).output().unwrap().stdout).unwrap();
    assert!(text.contains("in use by another audit"), "{text}");
    drop(lock);
    assert_eq!(reader.audit(place, &[]).0, 0);
}

#[test]
fn a_damaged_state_is_noticed() {
    let log = LongLog::of(&entries(300, IAT));
    let place = log.folder().to_str().unwrap();
    let damages: [fn(&Reader); 5] = [
        |reader| std::fs::remove_file(reader.path("state/state.json")).unwrap(),
        |reader| {
            let mut bytes = std::fs::read(reader.path("state/entries")).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(reader.path("state/entries"), bytes).unwrap();
        },
        |reader| {
            let bytes = std::fs::read(reader.path("state/entries")).unwrap();
            std::fs::write(reader.path("state/entries"), &bytes[..bytes.len() - 1]).unwrap();
        },
        |reader| std::fs::write(reader.path("state/state.json"), "{").unwrap(),
        |reader| {
            let text = std::fs::read_to_string(reader.path("state/state.json")).unwrap();
            std::fs::write(reader.path("state/state.json"), text.replace("\"size\":300", "\"size\":299"))
                .unwrap();
        },
    ];
    for (number, damage) in damages.iter().enumerate() {
        let reader = Reader::with_state();
        assert_eq!(reader.audit(place, &[]).0, 0);
        damage(&reader);
        let output = reader.command(place, &[]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.code() == Some(2) && text.contains("damaged"), "{number}: {text}");
        std::fs::remove_dir_all(reader.path("state")).unwrap();
        assert_eq!(reader.audit(place, &[]).0, 0, "{number}");
    }
    // What lies behind the checked entries is what a kill left there.
    let reader = Reader::with_state();
    assert_eq!(reader.audit(place, &[]).0, 0);
    let mut bytes = std::fs::read(reader.path("state/entries")).unwrap();
    bytes.extend_from_slice(b"half an entry");
    std::fs::write(reader.path("state/entries"), bytes).unwrap();
    assert_eq!(reader.audit(place, &[]).0, 0);
}

/// The log was set back and went on from there, or shows another history: what the state holds convicts it, although the
/// log shows nothing of its old tree any more.
#[test]
fn a_log_that_forgets_what_it_signed_is_convicted_from_the_state() {
    let (right, mut other) = (entries(700, IAT), entries(900, IAT));
    other.truncate(400);
    other.extend(entries(900, OTHER).into_iter().skip(400));
    for size in [500, 700, 900] {
        let (before, after) = (LongLog::of(&right), LongLog::of(&other[..size]));
        let reader = Reader::with_state();
        assert_eq!(reader.audit(before.folder().to_str().unwrap(), &[]).0, 0);
        let (status, answer) = reader.audit(after.folder().to_str().unwrap(), &[]);
        assert_eq!((status, &answer["kind"]), (3, &"fork".into()), "{size}: {answer}");
        let file = answer["evidence"].as_str().unwrap();
        let evidence = Command::new(env!("CARGO_BIN_EXE_glasshouse-verify"))
            .args(["evidence", file, "--log-key", &served_log::key().vkey.encode()])
            .current_dir(reader.path("."))
            .output()
            .unwrap();
        assert_eq!(evidence.status.code(), Some(3), "{size}");
    }
}

/// A mirror that serves wrong entries spoils no state.
#[test]
fn what_is_not_under_the_signed_root_is_not_kept() {
    let all = entries(700, IAT);
    let log = LongLog::of(&all[..300]);
    let place = log.folder().to_str().unwrap();
    let reader = Reader::with_state();
    assert_eq!(reader.audit(place, &[]).0, 0);
    log.publish(&all);
    let wrong = entries(700, OTHER);
    log.replace("tile/entries/002.p/188", served_log::bundle(&wrong[512..]));
    let (status, answer) = reader.audit(place, &[]);
    assert!(status == 1 && rules(&answer).contains(&"root"), "{answer}");
    assert_eq!(reader.state()["reached"]["size"], 300);
    log.publish(&all);
    let (status, answer) = reader.audit(place, &[]);
    assert_eq!((status, &answer["size"]), (0, &700.into()), "{answer}");
}

/// A reader changes the policy. What the earlier audit had checked and seen is taken over from its folder, and convicts a
/// log that shows another history now.
#[test]
fn a_reader_with_another_policy_takes_the_checkpoints_over() {
    let right = entries(700, IAT);
    let mut other = right[..400].to_vec();
    other.extend(entries(900, OTHER).into_iter().skip(400));
    let (before, after) = (LongLog::of(&right), LongLog::of(&other));
    let reader = Reader::with_state();
    assert_eq!(reader.audit(before.folder().to_str().unwrap(), &[]).0, 0);
    let earlier = reader.path("state");
    let earlier = earlier.to_str().unwrap();
    // It need not be understood but for its checkpoints.
    let state = std::fs::read_to_string(reader.path("state/state.json")).unwrap();
    let of_old = state.replace("glasshouse-audit-state/2", "glasshouse-audit-state/1");
    for text in [state.clone(), of_old] {
        std::fs::write(reader.path("state/state.json"), text).unwrap();
        let changed = Reader::new("");
        let more = ["--state", "new", "--old", earlier];
        let (status, answer) = changed.audit(before.folder().to_str().unwrap(), &more);
        assert_eq!(status, 0, "{answer}");
        let changed = Reader::new("");
        let (status, answer) = changed.audit(after.folder().to_str().unwrap(), &more);
        assert_eq!((status, &answer["kind"]), (3, &"fork".into()), "{answer}");
    }
    for wrong in ["{}", r#"{"anchor":null,"seen":[]}"#, "{"] {
        std::fs::write(reader.path("state/state.json"), wrong).unwrap();
        let output = Reader::new("").command(before.folder().to_str().unwrap(), &["--old", earlier]).output();
        let output = output.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.code() == Some(2) && text.contains("state.json"), "{wrong}: {text}");
    }
}
