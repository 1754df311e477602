//! What was published before a quorum was required: nothing of it is shown or told until it has one.

use std::fs;

use super::fake::Manner;
use super::town::{Mode, Town};

/// Paths whose answers carry a signature of the log, by what they are asked as.
const SIGNED: [(&str, &str); 8] = [
    ("/checkpoint", "*/*"),
    ("/api/v1/receipts/2", "*/*"),
    ("/api/v1/receipts/2", "text/plain"),
    ("/api/v1/receipts/2", "application/cose"),
    ("/entries/2", "*/*"),
    ("/api/v1/proofs/inclusion?index=0", "*/*"),
    ("/api/v1/proofs/consistency?from=1", "*/*"),
    ("/api/v1/proofs/consistency?from=1", "application/cose"),
];

#[test]
fn a_published_tree_without_its_quorum_is_shown_to_nobody() {
    let mut town = Town::new(Mode::Open);
    town.until("all three signed", |town| town.signers().len() == 3);
    town.witnesses[0].kill();
    town.witnesses[1].be(Manner::Silent);
    let statement = town.world.decision(1);
    town.answered(&statement, "accepted", 2);
    town.until("the third signed", |town| town.signers() == ["w3"]);
    for (path, accept) in SIGNED {
        assert_eq!(town.world.get_as(path, accept).status, 200, "{path} {accept}");
    }
    town.restart(Mode::FailClosed);
    for (path, accept) in SIGNED {
        let reply = town.world.get_as(path, accept);
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        assert_eq!(reply.status, 503, "{path} {accept}: {body}");
        assert!(body.contains("published tree of size 3") && body.contains("w1"), "{path} {accept}: {body}");
        assert!(reply.header("retry-after").is_some(), "{path} {accept}");
    }
    let why = town.world.get("/readyz");
    assert_eq!(why.problem(), (503, "no-quorum".to_owned()));
    assert!(why.json()["detail"].as_str().unwrap().contains("group two 2 w1 w2 w3; quorum two"));
    // What proves nothing by itself, and was published: the files of the tree.
    assert_eq!(town.world.get("/tile/0/000.p/3").status, 200);
    std::thread::scope(|scope| {
        // Not even that a statement is there already is told.
        let waiting = scope.spawn(|| town.try_submit(&statement).unwrap());
        town.until("it stands still", |town| town.metric("glasshouse_publication_stalled 1"));
        assert!(!waiting.is_finished());
        town.witnesses[0].revive();
        assert_eq!(waiting.join().unwrap(), 200);
    });
    town.until("it is ready", |town| town.readyz() == "200 ready\n");
    assert_eq!(town.trusted().signed().head().size().get(), 3);
    for (path, accept) in SIGNED {
        assert_eq!(town.world.get_as(path, accept).status, 200, "{path} {accept}");
    }
    town.answered(&statement, "duplicate", 2);
    town.answered(&town.world.decision(2), "accepted", 3);
    town.close();
}

/// A checkpoint that lies there with its quorum is served at once, whoever is away.
#[test]
fn a_stored_quorum_is_enough() {
    let mut town = Town::new(Mode::FailClosed);
    town.until("all three signed", |town| town.signers().len() == 3);
    let note = town.world.get("/checkpoint").body;
    town.witnesses.iter().for_each(|witness| witness.kill());
    town.restart(Mode::FailClosed);
    assert_eq!(town.world.get("/checkpoint").body, note);
    assert_eq!(town.readyz(), "200 ready\n");
    town.close();
}

/// A line that does not hold is no line: the file is judged by what it proves.
#[test]
fn a_stored_quorum_counts_only_if_it_holds() {
    let mut town = Town::new(Mode::FailClosed);
    town.until("all three signed", |town| town.signers().len() == 3);
    let path = town.world.folder.path().join("ledger/public/checkpoint");
    town.witnesses.iter().for_each(|witness| witness.kill());
    town.world.stop();
    let note = fs::read_to_string(&path).unwrap();
    // The cosignature of another tree under this one.
    let spoil = |line: &str| match line.starts_with("\u{2014} witness.example/") {
        true => {
            let (front, blob) = line.rsplit_once(' ').unwrap();
            format!("{front} {}", blob.replace(|c: char| c.is_ascii_digit(), "7"))
        }
        false => line.to_owned(),
    };
    let spoilt: Vec<String> = note.lines().map(spoil).collect();
    fs::write(&path, spoilt.join("\n") + "\n").unwrap();
    town.world.start().unwrap();
    assert_eq!(town.world.get("/checkpoint").problem(), (503, "no-quorum".to_owned()));
    town.witnesses.iter().for_each(|witness| witness.revive());
    town.until("it is ready", |town| town.readyz() == "200 ready\n");
    town.trusted();
    town.close();
}
