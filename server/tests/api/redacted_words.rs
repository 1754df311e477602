//! Words that were redacted are found no more, and are soon gone from the disk.

use std::path::Path;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::draft::Draft;
use glasshouse_server::search_steps::SearchSteps;
use serde_json::json;

use crate::story::rows;
use crate::world::{About, World, decision_line, later, sign};

/// Whether some file of the index has these bytes, or a segment's dictionary the word.
fn holds(index: &Path, word: &str) -> bool {
    let in_bytes = std::fs::read_dir(index).unwrap().any(|file| {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        bytes.windows(word.len()).any(|window| window == word.as_bytes())
    });
    let opened = tantivy::Index::open_in_dir(index).unwrap();
    let field = opened.schema().get_field("text").unwrap();
    let term = tantivy::Term::from_field_text(field, word);
    let searcher = opened.reader().unwrap().searcher();
    let in_terms = searcher
        .segment_readers()
        .iter()
        .any(|segment| segment.inverted_index(field).unwrap().get_term_info(&term).unwrap().is_some());
    in_bytes || in_terms
}

#[test]
fn a_redacted_word_is_gone_at_once_and_from_the_disk_soon() {
    let world = World::with_provider();
    let index = world.folder.path().join("ledger/search");
    let mut line = decision_line(1);
    line["decision_facts"] = "The word is zyxwvutsrq.".into();
    let secret = sign(&world.provider, &Draft::from_json(&line).unwrap(), 1);
    world.take(&[&secret, &world.decision(2)]);
    assert_eq!(rows(&world.get("/api/v1/statements?q=zyxwvutsrq").json()), [2]);
    wait_for(&index, "zyxwvutsrq", true);
    let fields =
        json!({"fields": ["decision_facts"], "redaction_ground": "error", "requested_by": "provider"});
    world.take(&[&later(&world.provider, "redaction", 3, About::Entry(&secret), fields)]);
    for query in ["q=zyxwvutsrq", "q=%22word+is%22", "q=zyxwvutsrq&type=decision&sort=newest"] {
        let page = world.get(&format!("/api/v1/statements?{query}")).json();
        assert_eq!((rows(&page), page["total"].as_u64()), (vec![], Some(0)), "{query}");
    }
    wait_for(&index, "zyxwvutsrq", false);
    assert_eq!(rows(&world.get("/api/v1/statements?q=imminent").json()), [3]);
}

/// One redaction takes the words of sixty entries out of sight, by chunks of seven with a commit behind each, and the server is
/// started again before they are gone. Fails if what waits to be purged is forgotten by a start, or known for some only.
#[test]
fn the_words_of_many_entries_are_gone_after_one_redaction() {
    const MANY: u64 = 60;
    let mut world = World::made();
    world.tune = Box::new(|options| {
        options.search = SearchSteps { far_behind: 4, chunk: 7, ..options.search };
    });
    world.start().unwrap();
    world.take(&[&world.enrolment(&world.provider, 2)]);
    let index = world.folder.path().join("ledger/search");
    let word = |number: u64| format!("zyxwvu{number}x");
    let secrets: Vec<Signed> = (1..=MANY)
        .map(|number| {
            let mut line = decision_line(number);
            line["decision_facts"] = format!("The word is {}.", word(number)).into();
            sign(&world.provider, &Draft::from_json(&line).unwrap(), number)
        })
        .collect();
    world.take(&secrets.iter().collect::<Vec<_>>());
    (1..=MANY).for_each(|number| wait_for(&index, &word(number), true));
    let fields =
        json!({"fields": ["decision_facts"], "redaction_ground": "error", "requested_by": "provider"});
    let redaction = later(&world.provider, "redaction", MANY + 1, About::Numbers(1, MANY), fields);
    let others: Vec<Signed> = (MANY + 2..MANY + 12).map(|number| world.decision(number)).collect();
    // So many at once that the index's thread takes them in.
    world.take(&std::iter::once(&redaction).chain(&others).collect::<Vec<_>>());
    world.stop();
    world.start().unwrap();
    (1..=MANY).for_each(|number| wait_for(&index, &word(number), false));
    assert_eq!(rows(&world.get("/api/v1/statements?q=word").json()), [0_u64; 0]);
}

/// Fails if whoever goes on publishing has segments looked at for words for ever (`held` in `Indexer::turn`).
#[test]
fn a_purge_ends_although_statements_come_in() {
    let world = World::with_provider();
    let index = world.folder.path().join("ledger/search");
    let is_purging =
        || std::fs::read_to_string(index.join("meta.json")).unwrap().contains(r#"\"purge\":true"#);
    let secret = world.decision(1);
    world.take(&[&secret]);
    // An index that is still being opened would take in both at once, and never have the words.
    assert_eq!(rows(&world.get("/api/v1/statements?q=imminent").json()), [2]);
    wait_for(&index, "imminent", true);
    let fields =
        json!({"fields": ["decision_facts"], "redaction_ground": "error", "requested_by": "provider"});
    world.take(&[&later(&world.provider, "redaction", 2, About::Entry(&secret), fields)]);
    let (begun, mut was_purging) = (std::time::Instant::now(), false);
    for number in 3.. {
        world.take(&[&world.decision(number)]);
        was_purging |= is_purging();
        if was_purging && !is_purging() {
            break;
        }
        assert!(begun.elapsed().as_secs() < 60, "after {number} statements");
    }
}

/// What lies on disk, again and again, until it is as it should be.
fn wait_for(index: &Path, word: &str, there: bool) {
    let patience = std::time::Instant::now();
    while holds(index, word) != there {
        assert!(patience.elapsed().as_secs() < 30, "{word} in {}: not {there}", index.display());
        std::thread::yield_now();
    }
}

/// A withdrawal of a withdrawal takes words out of sight as the redaction did that counts again by it.
#[test]
fn a_word_is_gone_again_when_its_redaction_counts_again() {
    let mut world = World::made();
    world.tune = Box::new(|options| options.redaction_hold = std::time::Duration::from_secs(3_600));
    world.start().unwrap();
    world.take(&[&world.enrolment(&world.provider, 2)]);
    let index = world.folder.path().join("ledger/search");
    let mut line = decision_line(1);
    line["decision_facts"] = "The word is zyxwvutsrq.".into();
    let secret = sign(&world.provider, &Draft::from_json(&line).unwrap(), 1);
    let found = |world: &World| rows(&world.get("/api/v1/statements?q=zyxwvutsrq").json());
    world.take(&[&secret]);
    assert_eq!(found(&world), [2]);
    wait_for(&index, "zyxwvutsrq", true);
    let fields =
        json!({"fields": ["decision_facts"], "redaction_ground": "error", "requested_by": "provider"});
    let redaction = later(&world.provider, "redaction", 2, About::Entry(&secret), fields);
    world.take(&[&redaction]);
    wait_for(&index, "zyxwvutsrq", false);
    let withdrawal = later(&world.provider, "withdrawal", 3, About::Entry(&redaction), json!({}));
    world.take(&[&withdrawal]);
    assert_eq!(found(&world), [2]);
    wait_for(&index, "zyxwvutsrq", true);
    world.take(&[&later(&world.provider, "withdrawal", 4, About::Entry(&withdrawal), json!({}))]);
    assert_eq!(found(&world), [0_u64; 0]);
    wait_for(&index, "zyxwvutsrq", false);
}
