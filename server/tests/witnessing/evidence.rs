//! Bytes with this log's own signature that it did not sign: the only thing of a witness that stops a ledger.

use std::fs;
use std::path::{Path, PathBuf};

use glasshouse_ledger::key_file;
use glasshouse_ledger::log_signer::LogSigner;
use glasshouse_ledger::open::OpenError;
use glasshouse_ledger::writer::WriterError;
use glasshouse_server::ledger_server::ServerError;
use glasshouse_verifier::evidence::Fork;
use glasshouse_verifier::hash::{Digest, RootHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::size::TreeSize;

use super::fake::Manner;
use super::town::{Mode, Town};
use super::world::{now, origin};

impl Town {
    /// A checkpoint of a tree that never was, signed with the log's key by somebody who has it.
    pub(crate) fn forged(&self, size: u64) -> Vec<u8> {
        let key = key_file::read_pem(&self.world.folder.path().join("ledger/log.key")).unwrap();
        let root = RootHash::from_bytes(*Digest::of(b"another history").as_bytes());
        let head = TreeHead::new(TreeSize::new(size).unwrap(), root).unwrap();
        LogSigner::new(origin(), key).unwrap().sign(&head, now()).unwrap().note_text().into_bytes()
    }

    pub(crate) fn evidence(&self) -> Vec<PathBuf> {
        let folder = self.world.folder.path().join("ledger/evidence");
        fs::read_dir(folder)
            .map_or_else(|_| Vec::new(), |files| files.map(|file| file.unwrap().path()).collect())
    }
}

/// The witness refuses, and shows a checkpoint that convicts the log. What the log says then.
fn convicted_by(size: u64, answer: Manner) -> (Town, String) {
    let mut town = Town::new(Mode::Open);
    for number in 1..=3 {
        town.answered(&town.world.decision(number), "accepted", number + 1);
    }
    town.until("all three signed", |town| town.signers().len() == 3);
    town.witnesses[1].show(town.forged(size));
    town.witnesses[1].be(answer);
    // Whether this is answered before the news come is a matter of luck.
    let _ = town.try_submit(&town.world.decision(4));
    let error = town.failure().to_string();
    for part in ["the witness w2", "evidence/", "adopt", "move the file away"] {
        assert!(error.contains(part), "{error}");
    }
    (town, error)
}

/// Nothing starts while the evidence lies there. A start while the witness shows what it shows is stopped as the running log
/// was: with the same words, and the same evidence.
fn check_refusals(mut town: Town, said: &str) {
    let [file] = &town.evidence()[..] else { panic!() };
    let refused = town.world.start().unwrap_err();
    assert!(refused.to_string().contains("evidence/"), "{refused}");
    assert!(matches!(refused, ServerError::Open(OpenError::Contradicted(_))), "{refused}");
    let kept = town.world.folder.path().join("kept.json");
    fs::rename(file, &kept).unwrap();
    let refused = town.world.start().unwrap_err();
    assert_eq!(refused.to_string(), said);
    assert!(matches!(refused, ServerError::Writer(WriterError::Contradicted(_))), "{refused}");
    let shown = |file: &Path| -> serde_json::Value {
        let json: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        [&json["shown"], &json["old"]].into_iter().find(|note| !note.is_null()).unwrap().clone()
    };
    assert_eq!(shown(file), shown(&kept));
    fs::remove_file(file).unwrap();
    town.witnesses[1].show(Vec::new());
    town.world.start().unwrap();
    town.close();
}

#[test]
fn an_older_tree_that_contradicts_ours_is_evidence() {
    for (size, status, body) in [
        (2, 422, ""),
        (3, 422, ""),
        // As version 1.0 of the specification has it where the size is the same and the root is not.
        (5, 409, "5\n"),
        (3, 409, "not a size"),
    ] {
        let (town, said) = convicted_by(size, Manner::Says(status, body.to_owned()));
        let [file] = &town.evidence()[..] else { panic!() };
        let text = fs::read_to_string(file).unwrap();
        let fork = Fork::parse(&text, town.policy().logs()[0].key()).unwrap();
        assert_eq!(fork.older().head().size().get(), size);
        check_refusals(town, &said);
    }
}

#[test]
fn a_tree_that_we_never_signed_is_evidence() {
    let (town, said) = convicted_by(1_000, Manner::Says(409, "1000\n".to_owned()));
    let [file] = &town.evidence()[..] else { panic!() };
    let json: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert_eq!(json["format"], "glasshouse-unknown-checkpoint/1");
    assert_eq!(json["shown"].as_str().unwrap().as_bytes(), town.forged(1_000));
    // It convicts nobody: an older folder looks the same.
    let means = json["means"].as_str().unwrap();
    assert!(means.contains("restored backup") && means.contains("another server"), "{means}");
    check_refusals(town, &said);
}

/// A refusal without bytes of ours is an alarm: one witness is no kill switch, whatever it shows.
#[test]
fn bytes_without_our_signature_stop_nothing() {
    let town = Town::new(Mode::FailClosed);
    let ours = String::from_utf8(town.forged(2)).unwrap();
    let line = ours.lines().last().unwrap().to_owned();
    let (head, tail) = line.split_at(line.len() - 20);
    let spoilt =
        ours.replace(&line, &format!("{head}{}", tail.replace(|c: char| c.is_ascii_lowercase(), "A")));
    let shown = [Vec::new(), b"garbage".to_vec(), spoilt.into_bytes(), vec![0xff; 200_000]];
    let old = town.checkpoint().note_text().into_bytes();
    for (number, note) in (1..).zip(shown.into_iter().chain([old])) {
        town.witnesses[2].be(Manner::Right);
        town.until("the third is right", |town| town.signers().len() == 3);
        let asked = town.witnesses[2].asked();
        town.witnesses[2].show(note);
        town.witnesses[2].be(Manner::Says(422, String::new()));
        town.answered(&town.world.decision(number), "accepted", number + 1);
        town.until("it was asked", |town| town.witnesses[2].asked() > asked);
    }
    assert!(town.evidence().is_empty());
    town.close();
}
