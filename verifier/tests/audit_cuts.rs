//! `glasshouse-verify log --state`, cut off, killed or misled by a broken mirror: no proof is lost, and nothing that is under
//! no signed root blames a log for ever.
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

use std::process::Stdio;
use std::sync::LazyLock;
use std::time::Duration;

use long_log::{LongLog, Server, entries};
use reader::{Reader, rules};
use serde_json::Value;

/// When the entries say that they were issued, and another time, for another history.
const IAT: u64 = 1_750_000_000;
const OTHER: u64 = 1_750_000_001;

/// Every batch is written down.
const AT_ONCE: [&str; 2] = ["--save-every", "0"];

/// A log of so many entries that an audit takes it in in several batches.
fn long() -> Vec<Vec<u8>> {
    static LONG: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| entries(12_000, IAT));
    LONG.clone()
}

/// The same entries, one of them with a signature that does not hold.
fn with_forged(mut entries: Vec<Vec<u8>>, at: usize) -> Vec<Vec<u8>> {
    let last = entries[at].len() - 20;
    entries[at][last] ^= 1;
    entries
}

fn bundle(entries: &[Vec<u8>], number: usize) -> Vec<u8> {
    served_log::bundle(&entries[256 * number..256 * (number + 1)])
}

fn reached(reader: &Reader) -> u64 {
    reader.state()["reached"]["size"].as_u64().unwrap()
}

/// A forged entry that was found before the connection was cut convicts the log when the rest has been read.
#[test]
fn a_conviction_survives_a_cut() {
    let log = LongLog::of(&with_forged(long(), 300));
    let (server, reader) = (Server::of(log.folder()), Reader::with_state());
    server.cut_after(60);
    let (status, answer) = reader.audit(server.url(), &AT_ONCE);
    assert_eq!((status, rules(&answer)), (1, vec!["bad-signature"]), "{answer}");
    assert!(reached(&reader) > 300 && reader.state()["anchor"].is_null(), "{}", reader.state());
    server.cut_after(i64::MAX);
    let (status, answer) = reader.audit(server.url(), &AT_ONCE);
    assert_eq!((status, &answer["kind"]), (3, &"bad-entry".into()), "{answer}");
    assert_eq!((rules(&answer), &answer["broken"]), (vec!["bad-signature"], &1.into()), "{answer}");
    // Told again, and proved once.
    let (status, answer) = reader.audit(server.url(), &AT_ONCE);
    assert_eq!((status, rules(&answer), reader.proofs().len()), (3, vec!["bad-signature"], 1), "{answer}");
}

/// A batch whose end was cut off is read again, and what is wrong in it counts once, and is proved once: from the copy where the
/// tiles at the edge are missing.
#[test]
fn what_is_read_twice_counts_once() {
    let log = LongLog::of(&with_forged(entries(900, IAT), 600));
    let (server, reader) = (Server::of(log.folder()), Reader::with_state());
    // The checkpoint, and all four bundles with the tiles over them; the edge is cut.
    for (more, is_cut) in [(8, true), (8, false)] {
        server.cut_after(more);
        let (status, answer) = reader.audit(server.url(), &AT_ONCE);
        assert_eq!(
            (status, rules(&answer), reader.proofs().len()),
            (3, vec!["bad-signature"], 1),
            "{answer}"
        );
        assert_eq!(answer["stopped"].is_string(), is_cut, "{answer}");
    }
    server.cut_after(i64::MAX);
    let (status, answer) = reader.audit(server.url(), &AT_ONCE);
    assert_eq!((status, &answer["broken"], reader.proofs().len()), (3, &1.into(), 1), "{answer}");
}

/// Killed at whatever moment, of the audit or of the reading of the texts behind it: the state is good and never behind what
/// it was before, a tree is called checked only when the proof against it is on the disk, and no proof is half a file.
#[test]
fn an_audit_that_convicts_can_be_killed_at_any_moment() {
    let all = with_forged(entries(900, IAT), 350);
    let log = LongLog::of(&all);
    let server = Server::of(log.folder());
    let mut killed = [0, 0];
    // Some ten requests read the entries, some forty make the proof, and hundreds more are for texts.
    for after in (1..60).step_by(3) {
        let reader = Reader::with_state();
        log.publish(&all[..300]);
        assert_eq!(reader.audit(server.url(), &AT_ONCE).0, 0);
        log.publish(&all);
        let asked = server.tell_after(after);
        let mut command = reader.command(server.url(), &[&AT_ONCE[..], &["--texts"]].concat());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The run may be over before so much was asked; its end is noticed by looking again.
        while asked.recv_timeout(Duration::from_millis(10)).is_err() && child.try_wait().unwrap().is_none() {}
        child.kill().unwrap();
        child.wait().unwrap();
        let (state, proofs) = (reader.state(), reader.proofs());
        assert!(state["reached"]["size"].as_u64().unwrap() >= 300, "{after}: {state}");
        let anchored = state["anchor"]["reached"]["size"].as_u64().unwrap();
        assert!(
            anchored == 300 || !proofs.is_empty(),
            "{after}: {anchored} entries are checked, without proof"
        );
        for proof in proofs.iter().filter(|path| path.extension().is_some_and(|ending| ending == "json")) {
            assert_eq!(reader.evidence(proof.to_str().unwrap()).0, 3, "{after}");
        }
        killed[usize::from(!proofs.is_empty())] += 1;
        let (status, answer) = reader.audit(server.url(), &AT_ONCE);
        assert_eq!((status, &answer["kind"]), (3, &"bad-entry".into()), "{after}: {answer}");
        assert_eq!((rules(&answer), &answer["broken"]), (vec!["bad-signature"], &1.into()), "{answer}");
    }
    assert!(killed.iter().all(|count| *count > 0), "{killed:?}: before the proof was there, and after");
}

/// A mirror with a rotten bundle, and then no mirror any more: what was read from it is under no signed root, and the log
/// itself serves what it signed.
#[test]
fn a_broken_mirror_that_is_cut_off_blames_no_honest_log() {
    let (all, rotten) = (long(), with_forged(entries(512, OTHER), 300));
    let (log, mirror) = (LongLog::of(&all), LongLog::of(&all));
    mirror.replace("tile/entries/001", bundle(&rotten, 1));
    let (server, reader) = (Server::of(mirror.folder()), Reader::with_state());
    server.cut_after(60);
    let (status, answer) = reader.audit(server.url(), &AT_ONCE);
    assert_eq!((status, rules(&answer)), (1, vec!["tile", "bad-signature"]), "{answer}");
    assert!(reached(&reader) > 512, "the rotten bundle is in the state");
    let origin = Server::of(log.folder());
    for _ in 0..2 {
        let (status, answer) = reader.audit(origin.url(), &AT_ONCE);
        assert_eq!((status, rules(&answer)), (0, vec![]), "{answer}");
        assert_eq!((&answer["broken"], &answer["size"]), (&0.into(), &12_000.into()), "{answer}");
    }
}

/// The next place that is asked shows less than was read before: what lies behind that is not judged by its signature, and what
/// lies before is.
#[test]
fn only_what_a_smaller_tree_covers_is_judged_by_it() {
    let (all, rotten) = (long(), with_forged(entries(768, OTHER), 700));
    let mirror = LongLog::of(&all);
    mirror.replace("tile/entries/002", bundle(&rotten, 2));
    let (server, reader, honest) =
        (Server::of(mirror.folder()), Reader::with_state(), LongLog::of(&all[..300]));
    server.cut_after(60);
    assert_eq!(reader.audit(server.url(), &AT_ONCE).0, 1);
    let (status, answer) = reader.audit(honest.folder().to_str().unwrap(), &AT_ONCE);
    assert_eq!((status, rules(&answer), reached(&reader)), (0, vec![], 300), "{answer}");

    let forged = with_forged(all, 100);
    let (log, other) = (LongLog::of(&forged), LongLog::of(&forged[..300]));
    let (server, reader) = (Server::of(log.folder()), Reader::with_state());
    server.cut_after(60);
    assert_eq!(reader.audit(server.url(), &AT_ONCE).0, 1);
    let (status, answer) = reader.audit(other.folder().to_str().unwrap(), &AT_ONCE);
    assert_eq!((status, &answer["kind"], reached(&reader)), (3, &"bad-entry".into(), 300), "{answer}");
}

/// The same where the whole of the mirror's log was read, and its checkpoint came when the connection was cut.
#[test]
fn a_rotten_entry_at_the_edge_of_a_cut_is_read_again() {
    let (all, rotten) = (entries(900, IAT), entries(900, OTHER));
    let (log, mirror) = (LongLog::of(&all), LongLog::of(&all));
    mirror.replace("tile/entries/003.p/132", served_log::bundle(&rotten[768..]));
    let (server, reader) = (Server::of(mirror.folder()), Reader::with_state());
    server.cut_after(8);
    assert_eq!(reader.audit(server.url(), &AT_ONCE).0, 2);
    assert_eq!(reached(&reader), 900);
    let (status, answer) = reader.audit(log.folder().to_str().unwrap(), &AT_ONCE);
    assert_eq!((status, rules(&answer), &answer["size"]), (0, vec![], &900.into()), "{answer}");
}

/// What a server shows beside the tree that was signed is its own: it is told as long as it is so, once, and no longer.
#[test]
fn a_wrong_tile_is_told_once_and_as_long_as_it_is_wrong() {
    let (all, other) = (entries(900, IAT), LongLog::of(&entries(900, OTHER)));
    for tile in ["tile/0/001", "tile/0/003.p/132"] {
        let (log, reader) = (LongLog::of(&all), Reader::with_state());
        log.replace(tile, std::fs::read(other.folder().join(tile)).unwrap());
        let place = log.folder().to_str().unwrap();
        for run in 0..3 {
            let (status, answer) = reader.audit(place, &[]);
            assert_eq!((status, rules(&answer)), (1, vec!["tile"]), "{tile} {run}: {answer}");
            assert_eq!(answer["broken"], 1, "{tile} {run}: {answer}");
        }
        log.publish(&all);
        let (status, answer) = reader.audit(place, &[]);
        assert_eq!((status, rules(&answer)), (0, vec![]), "{tile}: {answer}");
    }
}

/// An entry of the last bundle that is served otherwise the next time, by a mirror: the tree is not.
#[test]
fn entries_that_are_served_otherwise_the_next_time_are_told_and_not_kept() {
    let (all, rotten) = (entries(1_000, IAT), entries(1_000, OTHER));
    let (log, reader) = (LongLog::of(&all[..900]), Reader::with_state());
    let place = log.folder().to_str().unwrap();
    assert_eq!(reader.audit(place, &[]).0, 0);
    log.publish(&all);
    let mut mixed = all[768..].to_vec();
    mixed[7].clone_from(&rotten[775]);
    log.replace("tile/entries/003.p/232", served_log::bundle(&mixed));
    let (status, answer) = reader.audit(place, &[]);
    assert_eq!((status, &answer["findings"][0]["index"]), (1, &775.into()), "{answer}");
    assert_eq!((rules(&answer), &answer["size"]), (vec!["rewritten"], &1_000.into()), "{answer}");
    let (status, answer) = reader.audit(place, &[]);
    assert_eq!((status, rules(&answer)), (0, vec![]), "{answer}");
}

/// What a log showed is compared, however often it cuts the connection and shows something else.
#[test]
fn no_checkpoint_that_a_cut_followed_is_forgotten() {
    let mut other = entries(200, IAT);
    other.extend(entries(950, OTHER).into_iter().skip(200));
    let log = LongLog::of(&entries(900, IAT));
    let (server, reader) = (Server::of(log.folder()), Reader::with_state());
    server.cut_after(1);
    assert_eq!(reader.audit(server.url(), &[]).0, 2);
    log.publish(&other);
    server.cut_after(1);
    assert_eq!(reader.audit(server.url(), &[]).0, 2);
    server.cut_after(i64::MAX);
    let (status, answer) = reader.audit(server.url(), &[]);
    assert_eq!((status, &answer["kind"]), (3, &"fork".into()), "{answer}");
}

/// A tile that the log holds back while it is followed is compared when it comes, whatever happened meanwhile.
#[test]
fn a_tile_that_is_held_back_is_not_forgotten() {
    let (all, other) = (long(), LongLog::of(&entries(1_024, OTHER)));
    let log = LongLog::of(&all[..300]);
    let (server, reader) = (Server::of(log.folder()), Reader::new(""));
    let mut follower = reader.follow(server.url(), &AT_ONCE);
    assert_eq!(follower.next()["size"], 300);
    log.publish(&all);
    std::fs::remove_file(log.folder().join("tile/0/003")).unwrap();
    assert_eq!(follower.next()["event"], "trouble");
    // It goes on, a batch at each look: what it has checked is written down.
    while reached(&reader) < 4_000 {
        server.tell_after(1).recv().unwrap();
    }
    follower.kill();
    log.replace("tile/0/003", std::fs::read(other.folder().join("tile/0/003")).unwrap());
    let state = ["--state", "state"];
    let (status, answer) = reader.audit(server.url(), &state);
    assert_eq!((status, rules(&answer)), (1, vec!["tile"]), "{answer}");
    log.publish(&all);
    let (status, answer) = reader.audit(server.url(), &state);
    assert_eq!((status, rules(&answer)), (0, vec![]), "{answer}");
}

/// Whatever file the proof was asked for in: the state has it too, so that the next run knows.
#[test]
fn a_proof_is_kept_in_the_state_whatever_file_it_was_asked_for_in() {
    let (log, fork) = (LongLog::of(&entries(500, IAT)), LongLog::of(&entries(500, OTHER)));
    let (place, also) = (log.folder().to_str().unwrap(), fork.folder().to_str().unwrap());
    let reader = Reader::with_state();
    let (status, answer) = reader.audit(place, &["--also", also, "--evidence", "proof.json"]);
    assert_eq!((status, &answer["evidence"]), (3, &"proof.json".into()), "{answer}");
    let proofs = reader.proofs();
    assert_eq!(proofs.len(), 1);
    assert_eq!(std::fs::read(&proofs[0]).unwrap(), std::fs::read(reader.path("proof.json")).unwrap());
    let (status, answer) = reader.audit(place, &[]);
    assert_eq!((status, &answer["kind"]), (3, &"fork".into()), "{answer}");
    let (status, answer) = reader.audit(place, &["--also", also]);
    assert_eq!((status, &answer["evidence_count"]), (3, &1.into()), "found again, and the same: {answer}");
    // Two signed roots in hand need no audit; the proof is kept all the same.
    let (reader, kept) = (Reader::with_state(), fork.folder().join("checkpoint"));
    let with = ["--old", kept.to_str().unwrap(), "--evidence", "proof.json"];
    assert_eq!(reader.audit(place, &with).0, 3);
    assert_eq!((reader.audit(place, &[]).0, reader.proofs().len()), (3, 1));
}

/// Half a proof is not passed over in silence.
#[test]
fn a_damaged_proof_is_noticed() {
    let (log, fork) = (LongLog::of(&entries(500, IAT)), LongLog::of(&entries(500, OTHER)));
    let (place, also) = (log.folder().to_str().unwrap(), fork.folder().to_str().unwrap());
    let reader = Reader::with_state();
    assert_eq!(reader.audit(place, &["--also", also]).0, 3);
    let proof = reader.proofs().remove(0);
    let whole = std::fs::read(&proof).unwrap();
    std::fs::write(&proof, &whole[..whole.len() / 2]).unwrap();
    let text = String::from_utf8(reader.command(place, &[]).output().unwrap().stdout).unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap();
    let name = proof.file_name().unwrap().to_str().unwrap();
    assert_eq!(answer["verdict"], "trouble", "{answer}");
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("is damaged") && message.contains(name), "{answer}");
}

/// A state that is damaged says nothing about the log; what other places showed in the same run does.
#[test]
fn a_damaged_state_loses_no_proof() {
    let (log, fork) = (LongLog::of(&entries(500, IAT)), LongLog::of(&entries(500, OTHER)));
    let (place, also) = (log.folder().to_str().unwrap(), fork.folder().to_str().unwrap());
    let reader = Reader::with_state();
    assert_eq!(reader.audit(place, &[]).0, 0);
    let mut bytes = std::fs::read(reader.path("state/entries")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(reader.path("state/entries"), bytes).unwrap();
    assert_eq!(reader.audit(place, &[]).0, 2);
    let (status, answer) = reader.audit(place, &["--also", also]);
    assert_eq!((status, &answer["kind"]), (3, &"fork".into()), "{answer}");
    assert!(answer["stopped"].as_str().unwrap().contains("is damaged"), "{answer}");
    assert_eq!((answer.get("findings"), reader.proofs().len()), (None, 1), "{answer}");
}
