//! Every rule and every word is explained.

use std::collections::BTreeSet;

use glasshouse_ledger::draft::advice::caution::{Caution, Weight};
use glasshouse_ledger::draft::advice::explanation::Explanation;
use glasshouse_ledger::draft::advice::glossary;
use glasshouse_ledger::draft::advice::members::find_members;
use glasshouse_ledger::draft::json_line::LineFault;

#[test]
fn every_rule_is_explained_once_and_by_every_name() {
    let mut names: Vec<&str> = Explanation::all().map(|explanation| explanation.rule).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a rule is explained twice");
    let payload_page = include_str!("../../../spec/payload.md");
    let errors = payload_page.split("### Errors").nth(1).unwrap().split("## ").next().unwrap();
    let listed: BTreeSet<&str> = errors
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
        .collect();
    assert!(listed.len() >= 15, "{listed:?}");
    let faults = [
        LineFault::TooLong,
        LineFault::TooManyValues,
        LineFault::TooDeep,
        LineFault::NotJson { column: 0, why: String::new() },
        LineFault::RepeatedMember { path: String::new() },
        LineFault::NotAnObject,
    ];
    let of_lines = faults.iter().map(LineFault::rule).chain([
        "already-published",
        "role-not-enrolled",
        "cannot-be-signed",
    ]);
    let cautions = Caution::ALL.iter().map(|caution| caution.as_str());
    for name in listed.into_iter().chain(of_lines).chain(cautions) {
        let explanation =
            Explanation::find(name).unwrap_or_else(|near| panic!("{name} is not explained: {near:?}"));
        for text in [explanation.meaning, explanation.wrong, explanation.right] {
            assert!(text.len() > 8, "{name}: {text}");
        }
        assert_ne!(explanation.wrong, explanation.right, "{name}");
    }
    assert_eq!(Explanation::find("not-a-cod").unwrap_err()[0], "not-a-code");
}

#[test]
fn the_page_lists_every_warning_with_its_weight() {
    let page = include_str!("../../../spec/authoring.md");
    for caution in Caution::ALL {
        let weight = match caution.weight() {
            Weight::Error => "error",
            Weight::Warning => "warning",
            Weight::Note => "note",
        };
        let row = format!("| `{}` | {weight} |", caution.as_str());
        assert!(page.contains(&row), "spec/authoring.md has no row {row}");
    }
    let rows = page.lines().filter(|line| {
        line.starts_with("| `") && (line.contains("` | warning |") || line.contains("` | note |"))
    });
    assert_eq!(rows.count(), Caution::ALL.len());
}

#[test]
fn every_word_of_a_line_can_be_asked_for() {
    let words: BTreeSet<&str> = glossary::words().collect();
    assert!(words.len() > 100, "{}", words.len());
    for word in &words {
        let (kind, field, codes) =
            (glossary::find_type(word), glossary::find_field(word), glossary::find_codes(word));
        let other = glossary::find_code(word).is_some() || !find_members(word).is_empty();
        assert!(kind.is_some() || field.is_some() || codes.is_some() || other, "{word}");
        let is_told = |field: glossary::FieldEntry| !field.holds.is_empty() && !field.meaning.is_empty();
        assert!(field.is_none_or(is_told), "{word}");
    }
    let decision = glossary::find_type("decision").unwrap();
    assert!(decision.required.contains(&"decision_facts") && decision.optional.contains(&"redress"));
    assert!(
        decision.notes.iter().any(|note| note.contains("infrastructure_measure")),
        "{:?}",
        decision.notes
    );
    assert!(decision.notes.iter().any(|note| note.contains("marketplace") && note.contains("content_date")));
    assert_eq!(glossary::find_field("category").unwrap().required_in, ["decision", "no_action"]);
    assert_eq!(glossary::find_codes("legal_basis").unwrap().name, "legal_basis_kind");
    for none in ["genesis", "log_vkeys", "colour", ""] {
        assert!(glossary::find_type(none).is_none() && glossary::find_field(none).is_none(), "{none}");
    }
}
