//! `glasshouse-verify log --also` and the witnesses of the policy: what several places show is held against each other, and no
//! place holds up the audit.
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

use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::vkey::VkeyKind;
use held::Held;
use long_log::{LongLog, Server, entries};
use reader::Reader;
use serde_json::Value;
use signer::Signer;

const IAT: u64 = 1_750_000_000;
const OTHER: u64 = 1_750_000_001;

/// A history that leaves the true one at entry 800, behind everything that the log shows.
fn forked(size: usize) -> Vec<Vec<u8>> {
    let mut entries = entries(size, IAT);
    entries.truncate(800);
    entries.extend(long_log::entries(size, OTHER).into_iter().skip(800));
    entries
}

/// A witness that shows what it is told to have signed, behind a server.
struct Seat(tempfile::TempDir, Server, Signer);

impl Seat {
    fn new(entries: &[Vec<u8>]) -> Seat {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::of(folder.path());
        let seat = Seat(folder, server, Signer::new("witness.example/w1", VkeyKind::Cosignature, 2));
        seat.shows(entries);
        seat
    }

    fn shows(&self, entries: &[Vec<u8>]) {
        let path = self.0.path().join(Digest::of(b"log.example/takedowns").to_hex()).join("checkpoint");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, served_log::key().note(&served_log::head(entries), &[&self.2]).encode())
            .unwrap();
    }

    fn line(&self) -> String {
        format!("witness w {} {}\n", self.2.vkey.encode(), self.1.url())
    }
}

/// The log shows 700 entries to this reader, and larger trees to others: one of them to a witness, another one to a mirror.
#[test]
fn two_other_places_convict_the_log_between_them() {
    let log = LongLog::of(&entries(700, IAT));
    let server = Server::of(log.folder());
    // Of one size; by the tiles of the larger one, whoever shows it.
    for (witness, mirror) in [(entries(900, IAT), forked(900)), (entries(900, IAT), forked(950))] {
        let (seat, mirror) = (Seat::new(&witness), LongLog::of(&mirror));
        let reader = Reader::new(&seat.line());
        let (status, answer) = reader.audit(server.url(), &["--also", mirror.folder().to_str().unwrap()]);
        assert_eq!((status, &answer["kind"]), (3, &"fork".into()), "{answer}");
        // What agrees is only odd.
        seat.shows(&forked(900));
        let (status, answer) = reader.audit(server.url(), &["--also", mirror.folder().to_str().unwrap()]);
        let odd = answer["odd"].to_string();
        assert!(status == 0 && odd.contains("which begins with the tree that was audited"), "{answer}");
    }
    let (one, other) = (LongLog::of(&entries(900, IAT)), LongLog::of(&forked(950)));
    let also = [&one, &other].map(|mirror| mirror.folder().to_str().unwrap());
    let (status, answer) = Reader::new("").audit(server.url(), &["--also", also[0], "--also", also[1]]);
    assert_eq!((status, &answer["kind"]), (3, &"fork".into()), "{answer}");
}

/// The same while the log stays where it is: what was seen at one look is held against what is seen at a later one.
#[test]
fn other_places_are_compared_over_time() {
    let log = LongLog::of(&entries(700, IAT));
    let (server, seat, mirror) =
        (Server::of(log.folder()), Seat::new(&entries(600, IAT)), LongLog::of(&forked(950)));
    let reader = Reader::new(&seat.line());
    let mut follower = reader.follow(server.url(), &["--also", mirror.folder().to_str().unwrap()]);
    assert_eq!(follower.until("checkpoint")["size"], 700);
    assert!(follower.until("odd")["detail"].as_str().unwrap().contains("is ahead"));
    seat.shows(&entries(900, IAT));
    let answer = follower.until("end");
    assert_eq!((follower.end(), &answer["kind"]), (3, &"fork".into()), "{answer}");
}

/// What others wrote under a checkpoint is not kept with it.
#[test]
fn a_checkpoint_waits_under_the_logs_line_alone() {
    let log = LongLog::of(&entries(700, IAT));
    let (server, seat) = (Server::of(log.folder()), Seat::new(&entries(900, IAT)));
    let reader = Reader::new(&seat.line());
    let (status, answer) = reader.audit(server.url(), &["--state", "state"]);
    assert_eq!(status, 0, "{answer}");
    let state: Value =
        serde_json::from_slice(&std::fs::read(reader.path("state/state.json")).unwrap()).unwrap();
    let seen = state["seen"].as_array().unwrap();
    let note = seen.iter().find(|seen| seen["from"] == seat.1.url()).unwrap()["note"].as_str().unwrap();
    assert_eq!(note, served_log::checkpoint(&entries(900, IAT)));
}

/// It says nothing for as long as it likes. Each new checkpoint is audited meanwhile, and what it says in the end counts.
#[test]
fn a_place_that_does_not_answer_holds_up_nobody() {
    let log = LongLog::of(&entries(700, IAT));
    let (server, mirror) = (Server::of(log.folder()), LongLog::of(&forked(900)));
    let (held, reader) = (Held::of(mirror.folder(), "nothing"), Reader::new(""));
    let mut follower = reader.follow(server.url(), &["--also", held.url(), "--patience", "1"]);
    assert_eq!(follower.until("checkpoint")["size"], 700);
    let odd = follower.until("odd");
    assert!(odd["detail"].as_str().unwrap().contains("has not answered within 1 second"), "{odd}");
    for size in [800, 900] {
        log.publish(&entries(size, IAT));
        assert_eq!(follower.until("checkpoint")["size"], size);
    }
    held.let_go();
    let answer = follower.until("end");
    assert_eq!((follower.end(), &answer["kind"]), (3, &"fork".into()), "{answer}");
}

/// Its checkpoint comes at once, and its tiles do not.
#[test]
fn a_mirror_that_keeps_its_tiles_back_holds_up_nobody() {
    let log = LongLog::of(&entries(700, IAT));
    let (server, mirror) = (Server::of(log.folder()), LongLog::of(&entries(900, IAT)));
    let (held, reader) = (Held::of(mirror.folder(), "checkpoint"), Reader::new(""));
    let (status, answer) = reader.audit(server.url(), &["--also", held.url(), "--patience", "1"]);
    let odd = answer["odd"].to_string();
    assert!(status == 0 && odd.contains("it is compared when the log shows a tree of that size"), "{answer}");
}

/// A witness has a line for each of its keys, and one URL.
#[test]
fn as_many_witnesses_are_asked_as_a_ledger_has_and_each_once() {
    let log = LongLog::of(&entries(300, IAT));
    let server = Server::of(log.folder());
    let lines = |count: u8| -> String {
        let line = |at: u8| {
            let [one, other] = [VkeyKind::Cosignature, VkeyKind::MlDsa44]
                .map(|kind| Signer::new(&format!("witness.example/w{at}"), kind, 0x30 + at).vkey.encode());
            format!(
                "witness w{at} {one} http://127.0.0.1:1/w{at}\nwitness m{at} {other} http://127.0.0.1:1/w{at}/\n"
            )
        };
        (0..count).map(line).collect()
    };
    let also = ["--also", "no-such-folder", "--also", "no-such-folder/"];
    let (status, answer) = Reader::new(&lines(32)).audit(server.url(), &also);
    let odd = answer["odd"].as_array().unwrap().iter().filter_map(Value::as_str);
    let silent = odd.filter(|line| line.contains("shows no checkpoint of this log"));
    assert_eq!((status, silent.count()), (0, 33), "{answer}");
    let names: Vec<String> = (0..17).map(|at| format!("folder-{at}")).collect();
    let also: Vec<&str> = names.iter().flat_map(|name| ["--also", name]).collect();
    let (status, answer) = Reader::new(&lines(32)).audit(server.url(), &also);
    let told = answer["message"].as_str().unwrap();
    assert!(status == 2 && told.contains("--skip-witnesses") && told.contains("answer at 32"), "{answer}");
    assert_eq!(
        Reader::new(&lines(32)).audit(server.url(), &[&also, &["--skip-witnesses"][..]].concat()).0,
        0
    );
}
