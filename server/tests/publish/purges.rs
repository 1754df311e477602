//! What a purge takes, and what it must leave: a text that the log passed over lies nowhere else.

use std::fs;
use std::time::Duration;

use glasshouse_server::outbox::Outbox;
use glasshouse_server::outbox::kept::Kept;
use glasshouse_server::outbox::purge::{Purge, PurgeError, Purged};
use glasshouse_server::outbox::record::{Record, Refused};
use glasshouse_verifier::fields::FieldName;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::later::sealed;
use crate::numbers::SyncsUntil;
use crate::texts::{SECRET, holds, opening, secret};
use crate::world::{Provider, World, decision, lines};

const PUBLIC: &str = "Public words about somebody.";
const SEALED: &str = "Nobody may know this yet.";
const KEPT: &str = "Nor this, even when it is opened.";

fn public(puid: &str) -> Value {
    let mut line = decision(puid);
    line["decision_facts"] = json!(PUBLIC);
    line
}

/// A sealed decision that withholds a text in its turn.
fn gagged(puid: &str) -> Value {
    let mut line = sealed(puid);
    line["statement"]["decision_facts"] = json!(SEALED);
    line["statement"]["decision_ground"] = json!("DECISION_GROUND_INCOMPATIBLE_CONTENT");
    line["statement"]["incompatible_content_explanation"] = json!(KEPT);
    line["statement"]["incompatible_content_ground"] = json!("Clause 4.");
    line["statement"]["withheld"] =
        json!({"incompatible_content_explanation": {"ground": "ongoing_investigation"}});
    line
}

/// Publishes a redaction of these targets; the answer is its index in the log.
fn redact(world: &World, provider: &Provider, targets: Value, fields: &[&str]) -> u64 {
    let before = Kept::read(&provider.outbox).unwrap().contents().highest();
    let line = json!({"type": "redaction", "id": format!("r-{before}"), "targets": targets, "fields": fields,
        "redaction_ground": "erasure_request", "requested_by": "data_subject"});
    assert_eq!(provider.publish_all(world, &lines(&[line])).on_record, 1);
    let kept = Kept::read(&provider.outbox).unwrap();
    kept.contents().on_record()[&kept.contents().highest()]
}

fn of_range(first: u64, last: u64, before: u64) -> Purge {
    let fields = vec![
        FieldName::DECISION_FACTS,
        FieldName::PUID,
        FieldName::SUBJECT,
        FieldName::INCOMPATIBLE_CONTENT_EXPLANATION,
        FieldName::SEALED_STATEMENT,
    ];
    Purge { numbers: vec![], ranges: vec![(first, last)], fields, before }
}

const FIELDS: [&str; 5] =
    ["decision_facts", "puid", "subject", "incompatible_content_explanation", "sealed_statement"];

/// Purges, and finds that the purge knows of nothing more to do.
fn purge(provider: &Provider, purge: &Purge) -> Purged {
    let would = Kept::read(&provider.outbox).unwrap().holds(purge).unwrap();
    let (outbox, done) = Outbox::open(&provider.outbox).unwrap().purge(purge).unwrap();
    assert_eq!(would, done);
    assert_eq!(outbox.kept().holds(purge).unwrap(), Purged::default());
    done
}

/// It was lost once: the log keeps no copy of what it passes over, so nothing could open the digests any more.
#[test]
fn a_range_leaves_what_the_log_passed_over_and_it_can_be_disclosed() {
    let world = World::start();
    let provider = world.enrol("keeps-the-only-copy");
    let file = [secret("a"), public("b"), gagged("c")];
    provider.publish_all(&world, &lines(&file));
    let index = redact(&world, &provider, json!([{"first": 1, "last": 3}]), &FIELDS);
    // Of a: the puid. Of b: the facts and the puid. Both lie in the receipts too.
    assert_eq!(purge(&provider, &of_range(1, 3, index)), Purged { texts: 3, receipts: 2 });
    assert!(!holds(&provider.outbox, PUBLIC));
    for text in [SECRET, SEALED, KEPT, "account:4711"] {
        assert!(holds(&provider.outbox, text), "{text} is lost");
    }
    let again = provider.publish_all(&world, &lines(&file));
    assert_eq!((again.on_record, again.already_published), (0, 3));
    for (target, field) in [("sequence:1", "decision_facts"), ("sequence:3", "sealed_statement")] {
        assert_eq!(provider.publish_all(&world, &opening(target, &[field])).on_record, 1, "{target}");
    }
    // What was disclosed since, the same redaction has not erased, and the log serves it.
    assert_eq!(purge(&provider, &of_range(1, 3, index)), Purged::default());
    // The next one erases it.
    let index = redact(&world, &provider, json!([{"first": 1, "last": 3}]), &FIELDS);
    let done = purge(&provider, &of_range(1, 3, index));
    // Two as they were withheld and as they were disclosed, and two that the sealed one withholds itself.
    assert_eq!(done.texts, 6);
    for text in [SECRET, SEALED, KEPT] {
        assert!(!holds(&provider.outbox, text), "{text} is still there");
    }
    assert!(holds(&provider.outbox, "account:4711"), "nobody disclosed the subject");
}

#[test]
fn a_range_takes_a_disclosed_text_out_of_its_receipt() {
    let world = World::start();
    let provider = world.enrol("opened-and-erased");
    provider.publish_all(&world, &lines(&[secret("a"), secret("b")]));
    provider.publish_all(&world, &opening("sequence:1", &["decision_facts"]));
    for number in [1, 2] {
        fs::remove_file(provider.outbox.join(format!("receipts/{number}.json"))).unwrap();
    }
    provider.publish_all(&world, &lines(&[]));
    assert!(holds(&provider.outbox.join("receipts"), SECRET), "the receipt was fetched after the disclosure");
    let index = redact(&world, &provider, json!([{"first": 1, "last": 2}]), &["decision_facts"]);
    let range = Purge { fields: vec![FieldName::DECISION_FACTS], ..of_range(1, 2, index) };
    assert_eq!(purge(&provider, &range), Purged { texts: 2, receipts: 1 });
    assert!(!holds(&provider.outbox.join("receipts"), SECRET));
    assert!(holds(&provider.outbox, SECRET), "that of the other one was never disclosed");
    // Named by its leaf hash, it goes for good; the range finds that it is gone.
    redact(&world, &provider, json!(["sequence:2"]), &["decision_facts"]);
    assert_eq!(purge(&provider, &range), Purged { texts: 1, receipts: 0 });
    assert!(!holds(&provider.outbox, SECRET));
}

/// A redaction of a withheld text by its leaf hash that was withdrawn in its hold, and whose withdrawal is withdrawn after a
/// disclosure: it counts again, and erases what a range, older than the disclosure, passed over.
#[test]
fn a_redaction_that_counts_again_takes_what_was_disclosed_meanwhile() {
    let world = World::start_held(Duration::from_secs(60));
    let provider = world.enrol("counts-again");
    provider.publish_all(&world, &lines(&[secret("a")]));
    redact(&world, &provider, json!(["puid:a"]), &["decision_facts"]);
    let say = |line: Value| assert_eq!(provider.publish_all(&world, &lines(&[line])).on_record, 1);
    say(json!({"type": "withdrawal", "id": "w", "targets": ["sequence:2"]}));
    let index = redact(&world, &provider, json!([{"first": 1, "last": 1}]), &["decision_facts"]);
    assert_eq!(provider.publish_all(&world, &opening("sequence:1", &["decision_facts"])).on_record, 1);
    let range = Purge { fields: vec![FieldName::DECISION_FACTS], ..of_range(1, 1, index) };
    assert_eq!(purge(&provider, &range), Purged::default(), "it is disclosed, and nothing erased it");
    say(json!({"type": "withdrawal", "id": "x", "targets": ["sequence:3"]}));
    assert_eq!(purge(&provider, &range).texts, 2);
    assert!(!holds(&provider.outbox, SECRET));
}

/// The log gives it again, without the text; what it holds nobody can tell.
#[test]
fn a_receipt_that_does_not_read_goes_whole() {
    let world = World::start();
    let provider = world.enrol("damaged-receipt");
    provider.publish_all(&world, &lines(&[public("a")]));
    let receipt = provider.outbox.join("receipts/1.json");
    fs::write(&receipt, format!("{{\"damaged\": \"{PUBLIC}\"")).unwrap();
    let index = redact(&world, &provider, json!(["puid:a"]), &["decision_facts"]);
    let fields = vec![FieldName::DECISION_FACTS];
    let one = Purge { numbers: vec![1], ranges: vec![], fields, before: index };
    assert_eq!(purge(&provider, &one), Purged { texts: 1, receipts: 1 });
    assert!(!holds(&provider.outbox, PUBLIC));
    provider.publish_all(&world, &lines(&[public("a")]));
    assert!(receipt.exists() && !holds(&provider.outbox, PUBLIC));
}

/// What a link leads to is somebody else's: it is left alone, and nobody is told that the text is gone.
#[test]
fn a_link_or_a_folder_in_the_place_of_a_file_is_named_and_everything_else_purged() {
    let world = World::start();
    let provider = world.enrol("linked");
    provider.publish_all(&world, &lines(&[public("a"), public("b")]));
    let elsewhere = tempfile::tempdir().unwrap();
    let receipt = |number: u64| provider.outbox.join(format!("receipts/{number}.json"));
    let moved = elsewhere.path().join("1.json");
    fs::rename(receipt(1), &moved).unwrap();
    let kept = fs::read(&moved).unwrap();
    std::os::unix::fs::symlink(&moved, receipt(1)).unwrap();
    let index = redact(&world, &provider, json!([{"first": 1, "last": 2}]), &["decision_facts"]);
    let range = Purge { fields: vec![FieldName::DECISION_FACTS], ..of_range(1, 2, index) };
    let fail = || match Outbox::open(&provider.outbox).unwrap().purge(&range) {
        Err(PurgeError::NotPlain(path)) => path,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("nothing was said"),
    };
    assert_eq!(fail(), receipt(1));
    assert_eq!(fs::read(&moved).unwrap(), kept);
    fs::remove_file(receipt(1)).unwrap();
    fs::create_dir(receipt(1)).unwrap();
    assert_eq!(fail(), receipt(1));
    fs::remove_dir(receipt(1)).unwrap();
    assert!(receipt(2).is_file() && !holds(&provider.outbox, PUBLIC));
    assert_eq!(purge(&provider, &range), Purged::default());
    let journal = provider.outbox.join("journal");
    fs::rename(&journal, elsewhere.path().join("journal")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("journal"), &journal).unwrap();
    assert_eq!(fail(), journal);
}

/// Its content cannot be held against anything any more, and that is said.
#[test]
fn a_purged_line_that_says_something_else_is_not_called_the_same() {
    let world = World::start();
    let provider = world.enrol("says-something-else");
    provider.publish_all(&world, &lines(&[public("a"), public("b")]));
    let index = redact(&world, &provider, json!(["puid:a"]), &["decision_facts"]);
    let fields = vec![FieldName::DECISION_FACTS];
    purge(&provider, &Purge { numbers: vec![1], ranges: vec![], fields, before: index });
    let mut changed = public("a");
    changed["category"] = json!("STATEMENT_CATEGORY_VIOLENCE");
    let counts = provider.publish_all(&world, &lines(&[changed, public("b")]));
    assert_eq!((counts.already_published, counts.not_compared), (2, 1));
}

#[test]
fn what_is_named_singly_goes_whatever_the_ranges_pass_over() {
    let world = World::start();
    let provider = world.enrol("names-one");
    provider.publish_all(&world, &lines(&[secret("a"), secret("b"), gagged("c")]));
    let targets = json!(["sequence:1", "sequence:3", {"first": 2, "last": 2}]);
    let index = redact(&world, &provider, targets, &["decision_facts", "sealed_statement"]);
    let fields = vec![FieldName::DECISION_FACTS, FieldName::SEALED_STATEMENT];
    let done = purge(&provider, &Purge { numbers: vec![1, 3], fields, ..of_range(1, 3, index) });
    assert_eq!(done, Purged { texts: 4, receipts: 0 }, "the sealed one keeps two texts of its own");
    assert!(!holds(&provider.outbox, SEALED) && !holds(&provider.outbox, KEPT));
    let kept = Kept::read(&provider.outbox).unwrap();
    assert!(
        kept.numbered(1).unwrap().unwrap().withheld.len() < kept.numbered(2).unwrap().unwrap().withheld.len()
    );
}

#[test]
fn a_line_that_was_refused_and_published_again_is_purged_twice() {
    let world = World::start();
    let provider = world.enrol("refused-once");
    // The pin and the start are synced; the line is kept, and the process dies before it is sent.
    let outbox = Outbox::open(&provider.outbox).unwrap().through(|file| Box::new(SyncsUntil(file, 2)));
    provider.publish(&world, outbox, &lines(&[secret("a")]), &mut Vec::new()).unwrap_err();
    let mut outbox = Outbox::open(&provider.outbox).unwrap();
    let refused = vec![Refused { sequence: 1, problem: "invalid-payload".to_owned(), open: true }];
    outbox.append_durable(&[Record::Answers { on_record: vec![], refused }]).unwrap();
    drop(outbox);
    provider.publish_all(&world, &lines(&[secret("a")]));
    let number = Kept::read(&provider.outbox).unwrap().contents().line("puid:a").unwrap().sequence;
    assert_eq!(number, 3, "behind the void");
    let index = redact(&world, &provider, json!(["puid:a"]), &["decision_facts"]);
    let fields = vec![FieldName::DECISION_FACTS];
    let one = Purge { numbers: vec![number], ranges: vec![], fields, before: index };
    assert_eq!(purge(&provider, &one), Purged { texts: 2, receipts: 0 });
    assert!(!holds(&provider.outbox, SECRET));
}

/// Writes a journal anew with another id for the line `from`.
fn rename_line(provider: &Provider, from: &str, to: &str) {
    let path = provider.outbox.join("journal");
    let journal = fs::read(&path).unwrap();
    let records = journal.split(|byte| *byte == b'\n').filter_map(Record::parse);
    let renamed = records.map(|record| match record {
        Record::Numbered(mut numbered) => {
            if numbered.id.as_deref() == Some(from) {
                numbered.id = Some(to.to_owned());
            }
            Record::Numbered(numbered)
        }
        record => record,
    });
    fs::write(&path, renamed.flat_map(|record| record.encode().unwrap()).collect::<Vec<_>>()).unwrap();
}

#[test]
fn a_purged_puid_cannot_be_tried_without_the_key() {
    let world = World::start();
    let provider = world.enrol("forgets-well");
    let digest = |text: &str| hex::encode(Sha256::digest(text));
    let journal = || fs::read_to_string(provider.outbox.join("journal")).unwrap();
    let lift = json!({"type": "lifted", "targets": ["puid:a"], "end_date": "2026-04-01", "lifted_reason": "complied"});
    let file = [public("a"), public("b"), lift, public("c")];
    provider.publish_all(&world, &lines(&file));
    // An outbox of before, whose first purge left the id without a key.
    rename_line(&provider, "puid:b", &format!("purged:{}", digest("puid:b")));
    let again = provider.publish_all(&world, &lines(&file));
    assert_eq!((again.on_record, again.already_published), (0, 4), "the old spelling is known");
    let index = redact(&world, &provider, json!(["puid:a"]), &["puid"]);
    let one = Purge { numbers: vec![1], ranges: vec![], fields: vec![FieldName::PUID], before: index };
    purge(&provider, &one);
    for guess in ["puid:a", "puid:b"] {
        assert!(!journal().contains(&digest(guess)), "{guess} can be guessed");
    }
    // Neither from the digest of a line that names it.
    let third = lines(&file[2..3]).pop().unwrap().unwrap();
    assert!(!journal().contains(&third.content()));
    let key = || journal().lines().find(|line| line.contains("\"record\":\"id_key\"")).unwrap().to_owned();
    let first_key = key();
    let again = provider.publish_all(&world, &lines(&file));
    assert_eq!((again.on_record, again.already_published), (0, 4));
    // What is published from here on puts no plain digest beside it.
    let later = json!({"type": "withdrawal", "targets": ["puid:a"]});
    let fourth = lines(std::slice::from_ref(&later)).pop().unwrap().unwrap();
    for on_record in [1, 0] {
        let counts = provider.publish_all(&world, &lines(std::slice::from_ref(&later)));
        assert_eq!((counts.on_record, counts.already_published), (on_record, 1 - on_record));
    }
    assert!(!journal().contains(&fourth.content()));
    // The next purge keeps the key.
    let index = redact(&world, &provider, json!(["sequence:2"]), &["decision_facts"]);
    let fields = vec![FieldName::DECISION_FACTS];
    purge(&provider, &Purge { numbers: vec![2], ranges: vec![], fields, before: index });
    assert_eq!((key(), journal().matches("id_key").count()), (first_key, 1));
    let again = provider.publish_all(&world, &lines(&file));
    assert_eq!((again.on_record, again.already_published), (0, 4));
    // What a line says is still held against what was published.
    let mut events = Vec::new();
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let summary = provider.publish(&world, outbox, &lines(&[secret("c")]), &mut events).unwrap();
    assert!(summary.wrong == 1 && events[0].contains("already-published"), "{events:?}");
}

#[test]
fn a_purge_that_died_behind_the_rename_is_ended_by_the_next_run() {
    let world = World::start();
    let provider = world.enrol("dies-late");
    provider.publish_all(&world, &lines(&[public("a")]));
    let (journal, receipt) = (provider.outbox.join("journal"), provider.outbox.join("receipts/1.json"));
    let before = [&journal, &receipt].map(|path| fs::read(path).unwrap());
    let index = redact(&world, &provider, json!(["puid:a"]), &["decision_facts"]);
    let fields = vec![FieldName::DECISION_FACTS];
    let one = Purge { numbers: vec![1], ranges: vec![], fields, before: index };
    assert_eq!(purge(&provider, &one), Purged { texts: 1, receipts: 1 });
    // The second names of what stood there, before anything was overwritten.
    for (path, bytes) in [&journal, &receipt].into_iter().zip(before) {
        let mut name = path.clone().into_os_string();
        name.push(".old");
        fs::write(name, bytes).unwrap();
    }
    // And that of a receipt that somebody took away meanwhile.
    fs::write(provider.outbox.join("receipts/7.json.old"), PUBLIC).unwrap();
    assert!(holds(&provider.outbox, PUBLIC));
    assert_eq!(purge(&provider, &one), Purged::default());
    assert!(!holds(&provider.outbox, PUBLIC));
    assert_eq!(provider.publish_all(&world, &lines(&[public("a")])).already_published, 1);
}
