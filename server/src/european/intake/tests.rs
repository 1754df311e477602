//! Rows of a real dump, and such that are wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use super::*;

const EXCERPT: &str = include_str!("../../../../spec/examples/sor-global-2025-07-01-full-excerpt.csv");

/// Keeps everything that it is given.
#[derive(Default)]
struct Kept {
    lines: Vec<Value>,
    faults: Vec<String>,
    settled: Vec<Counts>,
}

impl Receiver for Kept {
    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        self.lines.push(serde_json::from_slice(line).unwrap());
        Ok(())
    }
    fn wrong(&mut self, file: &CsvName, row: &Row, faults: &[String]) {
        self.faults.extend(faults.iter().map(|fault| format!("{file}, line {}: {fault}", row.line)));
    }
    fn settled(&mut self, counts: &Counts) -> io::Result<()> {
        self.settled.push(*counts);
        Ok(())
    }
}

fn mapping() -> Mapping {
    Mapping { role: "other".to_owned(), signer: Signer::Archivist, withhold_source: false }
}

fn name() -> CsvName {
    CsvName { name: "a.csv".to_owned(), zip: Some("a.zip".to_owned()) }
}

fn take_with(mapping: Mapping, before: Counts, text: &str) -> (Kept, Counts) {
    let mut kept = Kept::default();
    let mut intake = Intake::new(mapping, before, &mut kept);
    intake.file(&name(), &mut text.as_bytes()).unwrap();
    let counts = intake.counts();
    (kept, counts)
}

fn take(text: &str) -> Kept {
    take_with(mapping(), Counts::default(), text).0
}

#[test]
fn every_real_row_becomes_a_line_that_the_log_takes() {
    let (kept, counts) = take_with(mapping(), Counts::default(), EXCERPT);
    assert_eq!((kept.lines.len(), kept.faults), (20, vec![]));
    assert_eq!((counts.rows, counts.lines, counts.wrong), (20, 20, 0));
    assert_eq!(kept.settled, [counts]);
}

#[test]
fn a_light_dump_and_one_of_version_one_are_taken_too() {
    use super::super::dialect::encode_row;
    let mut rows = Rows::open(EXCERPT.as_bytes()).unwrap();
    let real: Vec<Vec<String>> =
        std::iter::from_fn(|| rows.next_row().unwrap()).map(|row| row.cells.unwrap()).collect();
    for layout in Layout::ALL {
        let mut text = Vec::new();
        encode_row(layout.columns().map(|(_, name)| name), &mut text);
        for cells in &real {
            encode_row(layout.columns().map(|(place, _)| cells[place].as_str()), &mut text);
        }
        let kept = take(std::str::from_utf8(&text).unwrap());
        // Two of the rows have a category that only version 2 has.
        let lines = if layout.version.as_str() == "dsa-tdb/1" { 18 } else { 20 };
        assert_eq!(kept.lines.len(), lines, "{layout}: {:?}", kept.faults);
        assert_eq!(kept.lines[0].get("decision_facts").is_some(), layout.full);
        for fault in &kept.faults {
            assert!(fault.contains("category: not-a-code"), "{fault}");
        }
    }
}

#[test]
fn a_wrong_row_is_named_with_file_line_and_column_and_the_others_stand() {
    let text = EXCERPT.replacen("CONTENT_TYPE_OTHER", "CONTENT_TYPE_SMELL", 1);
    let kept = take(&text);
    assert_eq!(kept.lines.len(), 19);
    assert!(kept.faults[0].starts_with("a.zip/a.csv, line 3: content_type: not-a-code"), "{:?}", kept.faults);
}

#[test]
fn members_that_have_another_name_in_a_line_are_named_by_their_column() {
    let text = EXCERPT
        .replacen("Wallapop,", &format!("{},", "x".repeat(501)), 1)
        .replacen("ad-5f6d8e2f", &format!("\"{} \"", "y".repeat(500)), 1)
        .replacen("2025-07-01 00:03:33", "2025-13-01 00:03:33", 3);
    let faults = take(&text).faults.join("\n");
    for wanted in ["platform_name: too-long", "created_at: grammar"] {
        assert!(faults.contains(wanted), "{faults}");
    }
}

#[test]
fn a_repeated_row_is_wrong_however_its_first_was() {
    let second = EXCERPT.lines().nth(2).unwrap();
    let kept = take(&format!("{EXCERPT}{second}\n"));
    assert_eq!(kept.lines.len(), 20);
    assert_eq!(kept.faults, ["a.zip/a.csv, line 22: uuid: a row before this one has the same"]);
}

#[test]
fn what_was_settled_before_is_known_and_not_given_again() {
    let (all, counts) = take_with(mapping(), Counts::default(), EXCERPT);
    for settled in [0, 1, 7, 19, 20] {
        let before = Counts { rows: settled, lines: settled, ..Counts::default() };
        let (kept, after) = take_with(mapping(), before, EXCERPT);
        assert_eq!(kept.lines, all.lines[usize::try_from(settled).unwrap()..]);
        assert_eq!(after, counts);
    }
    let repeated = format!("{EXCERPT}{}\n", EXCERPT.lines().nth(1).unwrap());
    let before = Counts { rows: 20, lines: 20, ..Counts::default() };
    let (kept, _) = take_with(mapping(), before, &repeated);
    assert_eq!(kept.faults.len(), 1, "a row that was settled before is remembered: {:?}", kept.faults);
}

#[test]
fn what_the_european_database_drops_is_not_in_the_line() {
    let header = EXCERPT.lines().next().unwrap();
    let row = EXCERPT.lines().nth(3).unwrap();
    let row = row
        .replace("SOURCE_VOLUNTARY,,", "SOURCE_VOLUNTARY,Somebody,")
        .replace(
            "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH,,",
            "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH,\"[\"\"STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH\"\",\"\"STATEMENT_CATEGORY_VIOLENCE\"\"]\",",
        );
    let (kept, counts) = take_with(mapping(), Counts::default(), &format!("{header}\n{row}\n"));
    assert_eq!(kept.faults, Vec::<String>::new());
    let line = &kept.lines[0];
    assert!(line.get("source_identity").is_none() && line.get("withheld").is_none(), "{line}");
    assert_eq!(line["category_addition"], serde_json::json!(["STATEMENT_CATEGORY_VIOLENCE"]));
    assert_eq!(counts.trimmed, 1);
    assert_eq!(Draft::from_json(line).unwrap().warnings(), []);
}

#[test]
fn a_platform_takes_its_own_rows_of_full_dumps() {
    let own = Mapping { signer: Signer::Platform("Hotel Hideaway".to_owned()), ..mapping() };
    let (kept, counts) = take_with(own.clone(), Counts::default(), EXCERPT);
    assert_eq!((kept.lines.len(), counts.passed_over, counts.wrong), (18, 2, 0));
    let mut kept = Kept::default();
    let light: Vec<&str> = Layout::ALL[1].columns().map(|(_, name)| name).collect();
    let mut intake = Intake::new(own, Counts::default(), &mut kept);
    let error = intake.file(&name(), &mut light.join(",").as_bytes()).unwrap_err();
    assert!(matches!(error, IntakeError::Light(_)), "{error}");
}

#[test]
fn files_of_two_dumps_are_not_mixed() {
    let mut kept = Kept::default();
    let mut intake = Intake::new(mapping(), Counts::default(), &mut kept);
    intake.file(&name(), &mut EXCERPT.as_bytes()).unwrap();
    let light: Vec<&str> = Layout::ALL[1].columns().map(|(_, name)| name).collect();
    let error = intake.file(&name(), &mut light.join(",").as_bytes()).unwrap_err();
    assert!(matches!(error, IntakeError::Mixed { .. }), "{error}");
    assert!(error.is_the_dumps());
}
