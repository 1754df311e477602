//! The lines in `spec/authoring.md`, one for each type that is about other statements: each of them is right.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;
use std::path::Path;

use glasshouse_ledger::draft::Draft;
use serde_json::Value;

#[test]
fn the_example_of_each_type_is_a_right_line_of_that_type() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/authoring.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, table) = page.split_once("<!-- lines:begin -->").unwrap();
    let (table, _) = table.split_once("<!-- lines:end -->").unwrap();
    let mut kinds = BTreeSet::new();
    for row in table.lines().filter(|row| row.starts_with("| `")) {
        let cells: Vec<&str> = row.split('`').collect();
        let [_, kind, _, line, _] = cells.as_slice() else { panic!("{row}") };
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(line["type"], *kind);
        Draft::from_json(&line).unwrap_or_else(|errors| panic!("{kind}: {errors:?}"));
        kinds.insert((*kind).to_owned());
    }
    let expected =
        ["amendment", "declaration", "lifted", "outcome", "redaction", "sealed", "void", "withdrawal"];
    assert_eq!(kinds, expected.map(str::to_owned).into());
}
