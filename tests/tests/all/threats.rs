//! SECURITY.md names a file for whatever stops an attack and a test that shows it: each of them is there.

use std::fs;
use std::path::{Path, PathBuf};

/// Fewer rows than this mean that the table moved, or that nobody reads it any more.
const ROWS_MIN: usize = 30;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The rows of the table of attacks: what stops it, and what shows it.
fn rows(page: &str) -> Vec<(&str, &str)> {
    let section = page.split("### Attacks, point by point").nth(1).unwrap_or_default();
    let section = section.split("\n### ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| attack"));
    rows.filter_map(|line| {
        let mut cells = line.trim_matches('|').split(" | ").skip(1);
        Some((cells.next()?, cells.next()?))
    })
    .collect()
}

/// What stands in backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// What is named in a cell and is not there: a file, or a test of the file that was named before it.
fn missing(cell: &str) -> Vec<String> {
    let mut file = String::new();
    let mut gone = Vec::new();
    for name in quoted(cell) {
        if name.contains('/') {
            let path = root().join(name);
            if !path.exists() {
                gone.push(name.to_owned());
            }
            file = fs::read_to_string(&path).unwrap_or_default();
        } else if name.contains('_') && !name.contains("::") && !file.contains(&format!("fn {name}(")) {
            gone.push(format!("fn {name}"));
        }
    }
    gone
}

#[test]
fn every_file_and_test_of_the_table_is_there() {
    let page = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let rows = rows(&page);
    assert!(rows.len() >= ROWS_MIN, "only {} rows", rows.len());
    let mut faults = Vec::new();
    for (stops, shows) in rows {
        assert!(quoted(shows).any(|name| name.contains('/')), "no test shows it: {shows}");
        // What stops an attack is named by files; other words in backticks are parts of formats.
        let files: Vec<String> = missing(stops).into_iter().filter(|name| name.contains('/')).collect();
        faults.extend(files);
        faults.extend(missing(shows));
    }
    assert!(faults.is_empty(), "SECURITY.md names what is not there: {faults:#?}");
}

#[test]
fn a_name_that_is_gone_is_seen() {
    assert!(missing("`tests/tests/all/threats.rs` (`a_name_that_is_gone_is_seen`)").is_empty());
    assert_eq!(missing("`tests/tests/all/threats.rs` (`never_was_there`)"), ["fn never_was_there"]);
    assert_eq!(missing("`verifier/src/gone.rs`"), ["verifier/src/gone.rs"]);
}
