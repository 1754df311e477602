//! Texts that stay with the provider: shown to one reader, counted, erased.

use std::fs;
use std::path::Path;

use glasshouse_server::outbox::Outbox;
use glasshouse_server::outbox::counting::{Declared, count};
use glasshouse_server::outbox::kept::Kept;
use glasshouse_server::outbox::line::{AuthoredLine, LineError};
use glasshouse_server::outbox::purge::{Purge, PurgeError, Purged};
use glasshouse_server::outbox::showing::{ShowError, show};
use glasshouse_verifier::day::Day;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::sealed::Sealed;
use serde_json::{Value, json};

use crate::later::{lifted, sealed};
use crate::world::{Provider, World, decision, lines};

pub(crate) const SECRET: &str = "A secret that only the parties know.";

/// A decision that withholds its facts.
pub(crate) fn secret(puid: &str) -> Value {
    let mut line = decision(puid);
    line["decision_facts"] = json!(SECRET);
    line["content_url"] = json!(["https://example.org/somebody"]);
    line["subject"] = json!("account:4711");
    line["withheld"] = json!({"decision_facts": {"ground": "ongoing_investigation", "until": "2099-12-31"}});
    line
}

fn erasure(puid: &str, fields: &[&str]) -> Value {
    json!({"type": "redaction", "targets": [format!("puid:{puid}")], "fields": fields,
        "redaction_ground": "erasure_request", "requested_by": "data_subject"})
}

#[test]
fn one_reader_is_shown_what_the_public_is_not() {
    let world = World::start();
    let provider = world.enrol("shows");
    provider.publish_all(&world, &lines(&[secret("a"), sealed("gagged"), decision("b")]));
    let kept = Kept::read(&provider.outbox).unwrap();
    assert!(holds(&provider.outbox, SECRET) && !holds(&provider.outbox.join("receipts"), SECRET));
    let shown = show(&kept, 1, &[]).unwrap();
    assert_eq!(shown.texts, [FieldName::SUBJECT, FieldName::CONTENT_URL, FieldName::DECISION_FACTS]);
    let withheld: Vec<FieldName> = shown.proved.withheld().map(|(field, _)| field).collect();
    assert_eq!(withheld, shown.texts);
    let facts = shown.proved.addenda().iter().find(|text| text.field() == FieldName::DECISION_FACTS).unwrap();
    assert_eq!(facts.value().as_text(), Some(SECRET));
    let said = shown.proved.proved().join("\n");
    let expected = "withholds the text of decision_facts from the public until 2099-12-31, on the ground ongoing_investigation";
    assert!(said.contains(expected), "{said}");
    assert!(
        shown.proved.addenda().iter().any(|text| text.field() == FieldName::PUID),
        "what is public stays in it"
    );
    let one = show(&kept, 1, &[FieldName::DECISION_FACTS]).unwrap();
    assert_eq!(one.proved.withheld().count(), 1);
    // What was sealed is opened for this reader.
    let gag = show(&kept, 2, &[]).unwrap();
    let text = &gag.proved.addenda()[0];
    let opened = Sealed::parse(text.value().as_bytes().unwrap(), gag.proved.statement()).unwrap();
    assert_eq!(opened.addenda()[0].value().as_text(), Some("gagged"));
    let error = show(&kept, 3, &[FieldName::DECISION_FACTS]).unwrap_err();
    assert!(matches!(error, ShowError::Text { .. }), "{error}");
    assert!(show(&kept, 3, &[]).unwrap().texts.is_empty());
}

#[test]
fn what_was_redacted_is_shown_to_nobody() {
    let world = World::start();
    let provider = world.enrol("forgets");
    let file = [secret("a"), erasure("a", &["decision_facts", "puid"])];
    provider.publish_all(&world, &lines(&file[..1]));
    let before = fs::read(Kept::read(&provider.outbox).unwrap().receipts().path(1)).unwrap();
    provider.publish_all(&world, &lines(&file));
    let kept = Kept::read(&provider.outbox).unwrap();
    // The receipt of before has the puid in it.
    fs::write(kept.receipts().path(1), before).unwrap();
    let shown = show(&kept, 1, &[]).unwrap();
    assert_eq!(shown.texts, [FieldName::SUBJECT, FieldName::CONTENT_URL]);
    assert_eq!(shown.left_out, [FieldName::PUID]);
    assert!(shown.proved.addenda().iter().all(|text| text.field() != FieldName::PUID));
    let error = show(&kept, 1, &[FieldName::DECISION_FACTS]).unwrap_err().to_string();
    assert!(error.contains("it was redacted"), "{error}");
}

/// Every file of a folder, as one piece.
fn everything_in(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { all.extend(fs::read(path).unwrap()) }
        }
    }
    all
}

/// Whether a folder holds a text: as it is, in base64 at any of its three offsets, or in hex.
pub(crate) fn holds(folder: &Path, text: &str) -> bool {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    let all = everything_in(folder);
    let mut spellings = vec![text.as_bytes().to_vec(), hex::encode(text).into_bytes()];
    for offset in 0..3 {
        let coded = STANDARD_NO_PAD.encode([&b"\0\0\0"[..offset], text.as_bytes()].concat());
        // The first and last digits mix with what stands beside the text.
        spellings.push(coded.as_bytes()[4..coded.len() - 4].to_vec());
    }
    spellings.iter().any(|spelling| all.windows(spelling.len()).any(|part| part == spelling))
}

fn purge_of(number: u64, fields: &[FieldName]) -> Purge {
    Purge { numbers: vec![number], ranges: vec![], fields: fields.to_vec(), before: u64::MAX }
}

/// A provider with an erased text that its outbox still holds.
fn erased(world: &World, name: &str) -> (Provider, Vec<Value>) {
    let provider = world.enrol(name);
    let mut public = decision("b");
    public["decision_facts"] = json!("Public words about somebody.");
    let file =
        vec![secret("a"), public, lifted(json!(["puid:a"])), erasure("a", &["decision_facts", "subject"])];
    provider.publish_all(world, &lines(&file));
    assert!(holds(&provider.outbox, SECRET) && holds(&provider.outbox, "account:4711"));
    (provider, file)
}

/// The outbox is as good as before, without the texts.
fn check_purged(world: &World, provider: &Provider, file: &[Value]) {
    for text in [SECRET, "account:4711"] {
        assert!(!holds(&provider.outbox, text), "{text} is still there");
    }
    assert!(holds(&provider.outbox, "https://example.org/somebody"), "another text of the statement stays");
    let again = provider.publish_all(world, &lines(file));
    assert_eq!((again.on_record, again.already_published), (0, file.len() as u64));
    assert!(!holds(&provider.outbox, SECRET), "a repeated line brings nothing back");
    let kept = Kept::read(&provider.outbox).unwrap();
    show(&kept, 1, &[FieldName::CONTENT_URL]).unwrap();
    let error = show(&kept, 1, &[FieldName::DECISION_FACTS]).unwrap_err().to_string();
    assert!(error.contains("redacted"), "{error}");
    // References to it are found as before.
    let amendment =
        json!({"type": "outcome", "targets": ["puid:a"], "procedure": "court", "result": "upheld"});
    assert_eq!(provider.publish_all(world, &lines(&[amendment])).on_record, 1);
}

#[test]
fn a_purge_leaves_no_text_and_everything_else() {
    let world = World::start();
    let (provider, file) = erased(&world, "purges");
    let purge = purge_of(1, &[FieldName::DECISION_FACTS, FieldName::SUBJECT]);
    assert_eq!(
        Kept::read(&provider.outbox).unwrap().holds(&purge).unwrap(),
        Purged { texts: 2, receipts: 0 }
    );
    let (outbox, done) = Outbox::open(&provider.outbox).unwrap().purge(&purge).unwrap();
    assert_eq!(done, Purged { texts: 2, receipts: 0 });
    assert_eq!(outbox.purge(&purge).unwrap().1, Purged::default(), "nothing is left to do");
    check_purged(&world, &provider, &file);
}

#[test]
fn a_purge_that_died_is_run_again() {
    let world = World::start();
    let purge = purge_of(1, &[FieldName::DECISION_FACTS, FieldName::SUBJECT]);
    for (name, cut) in [("whole", 1.0), ("half", 0.5), ("empty", 0.0)] {
        let (provider, file) = erased(&world, &format!("dies-{name}"));
        // It dies before the new journal takes its name: all of it was written, or half, or nothing.
        let journal = fs::read(provider.outbox.join("journal")).unwrap();
        let written = (journal.len() as f64 * cut) as usize;
        fs::write(provider.outbox.join("journal.new"), &journal[..written]).unwrap();
        fs::write(provider.outbox.join("receipts/.tmpAbC123"), SECRET).unwrap();
        let outbox = Outbox::open(&provider.outbox).unwrap();
        assert!(!provider.outbox.join("journal.new").exists(), "{name}");
        drop(outbox.purge(&purge).unwrap());
        check_purged(&world, &provider, &file);
    }
}

#[test]
fn a_purge_takes_the_text_out_of_receipts_and_forgets_the_puid() {
    let world = World::start();
    let provider = world.enrol("forgets-the-puid");
    let mut line = decision("made-from-somebody-4711");
    line["decision_facts"] = json!(SECRET);
    let file = [line];
    provider.publish_all(&world, &lines(&file));
    assert!(holds(&provider.outbox.join("receipts"), SECRET));
    let erased = json!({"type": "redaction", "targets": ["sequence:1"], "fields": ["decision_facts", "puid"],
        "redaction_ground": "erasure_request", "requested_by": "data_subject"});
    provider.publish_all(&world, &lines(&[erased]));
    let purge = purge_of(1, &[FieldName::DECISION_FACTS, FieldName::PUID]);
    let (outbox, done) = Outbox::open(&provider.outbox).unwrap().purge(&purge).unwrap();
    assert_eq!(done, Purged { texts: 2, receipts: 1 });
    drop(outbox);
    for text in [SECRET, "made-from-somebody"] {
        assert!(!holds(&provider.outbox, text), "{text} is still there");
    }
    let again = provider.publish_all(&world, &lines(&file));
    assert_eq!((again.on_record, again.already_published), (0, 1), "the line is known all the same");
}

#[test]
fn what_waits_to_be_sent_is_not_purged() {
    let world = World::start();
    let mut provider = world.enrol("waits");
    provider.hours_behind = 30;
    let mut events = Vec::new();
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let summary = provider.publish(&world, outbox, &lines(&[decision("a")]), &mut events).unwrap();
    assert_eq!(summary.waiting, 1, "{events:?}");
    let outbox = Outbox::open(&provider.outbox).unwrap();
    let error = outbox.purge(&purge_of(1, &[FieldName::DECISION_FACTS])).err().unwrap();
    assert!(matches!(error, PurgeError::Pending(1)), "{error}");
    provider.hours_behind = 0;
    let left = provider.publish_all(&world, &lines(&[]));
    assert_eq!((left.lines, left.on_record, left.others.on_record), (0, 0, 1));
}

#[test]
fn a_period_is_counted_by_the_days_of_its_decisions() {
    let world = World::start();
    let provider = world.enrol("counts");
    let on = |puid: &str, day: &str| {
        let mut line = decision(puid);
        line["application_date"] = json!(day);
        line
    };
    let day = |text: &str| Day::parse(text).unwrap();
    let april = (day("2026-04-01"), day("2026-04-30"));
    let declaration = json!({"type": "declaration", "period_start": "2026-04-01", "period_end": "2026-04-30",
        "decisions_taken": 2, "not_published": 0, "first_sequence": 2, "last_sequence": 4});
    let file = [
        on("a", "2026-03-31"),
        on("b", "2026-04-01"),
        on("c", "2026-03-02"),
        sealed("d"),
        on("e", "2026-04-30"),
        on("f", "2026-04-09"),
        json!({"type": "withdrawal", "targets": ["puid:f"]}),
        declaration,
    ];
    let mut file = file;
    file[3]["statement"]["application_date"] = json!("2026-04-02");
    provider.publish_all(&world, &lines(&file));
    let kept = Kept::read(&provider.outbox).unwrap();
    let mut looked = 0;
    let counted = count(&kept, april.0, april.1, || looked += 1).unwrap();
    assert_eq!((counted.decisions, counted.numbers, counted.between), (3, Some((2, 5)), 1));
    let before = Declared { taken: 2, not_published: 0, numbers: Some((2, 4)) };
    assert_eq!(counted.declared, [(8, before)]);
    assert_eq!(looked, 8);
    let may = count(&kept, day("2026-05-01"), day("2026-05-31"), || {}).unwrap();
    assert_eq!((may.decisions, may.numbers, may.between), (0, None, 0));
}

/// A disclosure as the command makes it.
pub(crate) fn opening(target: &str, fields: &[&str]) -> Vec<Result<AuthoredLine, LineError>> {
    let line = json!({"type": "disclosure", "targets": [target], "fields": fields});
    vec![Ok(AuthoredLine::from_value(1, line).by_command())]
}

#[test]
fn a_disclosure_brings_the_texts_of_its_target_once() {
    let world = World::start();
    let provider = world.enrol("opens");
    provider.publish_all(&world, &lines(&[secret("a"), sealed("gagged")]));
    let opened = provider.publish_all(&world, &opening("puid:a", &["decision_facts", "subject"]));
    assert_eq!(opened.on_record, 1);
    let again = provider.publish_all(&world, &opening("puid:a", &["decision_facts", "subject"]));
    assert_eq!((again.on_record, again.already_published), (0, 1));
    assert_eq!(provider.publish_all(&world, &opening("puid:gagged", &["sealed_statement"])).on_record, 1);
    let wrong = [
        (opening("puid:a", &["decision_facts"]), "target-state"),
        (opening("puid:a", &["puid"]), "target-text"),
        (opening("sequence:3", &["decision_facts"]), "target-type"),
    ];
    for (line, rule) in wrong {
        let mut events = Vec::new();
        let outbox = Outbox::open(&provider.outbox).unwrap();
        let summary = provider.publish(&world, outbox, &line, &mut events).unwrap();
        assert!(summary.wrong == 1 && events.join("\n").contains(rule), "{rule}: {events:?}");
    }
    // What was purged cannot be opened any more.
    let outbox = Outbox::open(&provider.outbox).unwrap();
    drop(outbox.purge(&purge_of(1, &[FieldName::CONTENT_URL])).unwrap());
    let mut events = Vec::new();
    let outbox = Outbox::open(&provider.outbox).unwrap();
    provider.publish(&world, outbox, &opening("puid:a", &["content_url"]), &mut events).unwrap();
    assert!(events.join("\n").contains("no longer has this text"), "{events:?}");
}
