//! Rows on their way out: a table for people; for programs a list in the answer, or a line for each row of a list that is
//! followed to its end.

use std::io::Write;

use serde_json::{Value, json};

use super::hit::Outcome;
use super::list::{Page, Row};
use super::table::Table;
use crate::answer::{Answer, Trouble};
use crate::printable;

/// The table's columns; `receipt` only where receipts are checked.
const COLUMNS: [&str; 7] = ["entry", "day", "provider", "category", "standing", "number", "receipt"];

/// How wide each column may get. The longest category has 67 characters.
const WIDEST: [usize; 7] = [16, 10, 40, 68, 30, 16, 40];

/// Where rows go.
pub(super) struct Output<'a> {
    json: bool,
    all: bool,
    shown: u64,
    kept: Vec<Value>,
    table: Table,
    out: &'a mut dyn Write,
}

impl<'a> Output<'a> {
    pub(super) fn new(json: bool, all: bool, is_checked: bool, out: &'a mut dyn Write) -> Output<'a> {
        let columns = if is_checked { COLUMNS.len() } else { COLUMNS.len() - 1 };
        let table =
            Table::new(COLUMNS.iter().zip(WIDEST).take(columns).map(|(name, widest)| (*name, widest)));
        Output { json, all, shown: 0, kept: Vec::new(), table, out }
    }

    /// How many rows went out.
    pub(super) fn shown(&self) -> u64 {
        self.shown
    }

    /// The rows of a page, with what came of each if it was checked. Rows behind the last that was checked are left out. Whether
    /// anybody reads on: a reader that goes away, as `head` does, has enough; where rows are checked that is trouble, for the rest is not.
    pub(super) fn page(&mut self, page: &Page, outcomes: &[Outcome]) -> Result<bool, Box<Answer>> {
        let is_checked = self.table.columns() == COLUMNS.len();
        let outcome = |place: usize| outcomes.get(place);
        let shown =
            page.rows().iter().enumerate().filter(|(place, _)| !is_checked || outcome(*place).is_some());
        let rows: Vec<(&Row, Option<&Outcome>)> = shown.map(|(place, row)| (row, outcome(place))).collect();
        self.shown += rows.len() as u64;
        let text = match (self.json, self.all) {
            (true, false) => {
                self.kept.extend(rows.iter().map(|(row, outcome)| object(row, *outcome)));
                return Ok(true);
            }
            (true, true) => rows.iter().map(|(row, outcome)| line(row, *outcome)).collect(),
            (false, _) => {
                self.table.lines(&rows.iter().map(|(row, outcome)| cells(row, *outcome)).collect::<Vec<_>>())
            }
        };
        let sent = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        match sent {
            Ok(()) => Ok(true),
            // Rows that nobody fetched receipts for can end anywhere; whoever asked for a check asked for the whole of it.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe && !is_checked => Ok(false),
            Err(error) => Err(Box::new(Trouble(format!("standard output: {error}")).into_answer())),
        }
    }

    /// The answer with the rows that were kept for it.
    pub(super) fn finish(self, answer: Answer) -> Answer {
        if self.json && !self.all { answer.member("statements", self.kept) } else { answer }
    }
}

/// What the server said, member by member; what this version does not know is left out.
fn object(row: &Row, outcome: Option<&Outcome>) -> Value {
    let mut object = json!(row);
    match outcome {
        None => {}
        Some(Outcome::Holds) => object["receipt"] = json!({"verdict": "holds"}),
        Some(Outcome::Fails(why)) => object["receipt"] = json!({"verdict": "does-not-hold", "why": why}),
        Some(Outcome::NotUnderstood(why)) => {
            object["receipt"] = json!({"verdict": "not-understood", "why": why});
        }
    }
    object
}

fn line(row: &Row, outcome: Option<&Outcome>) -> String {
    let mut object = object(row, outcome);
    object["event"] = "row".into();
    printable::json(&object.to_string()) + "\n"
}

fn cells(row: &Row, outcome: Option<&Outcome>) -> Vec<String> {
    let category = row.category.clone().unwrap_or_else(|| format!("({})", row.kind));
    let amended = if row.amended { ", amended" } else { "" };
    let mut cells = vec![
        row.index.to_string(),
        row.day.clone().unwrap_or_else(|| "-".to_owned()),
        row.iss.strip_prefix("https://").unwrap_or(&row.iss).to_owned(),
        category,
        format!("{}{amended}", row.standing),
        row.sequence.to_string(),
    ];
    cells.extend(outcome.map(|outcome| {
        let word = match outcome {
            Outcome::Holds => "holds",
            Outcome::Fails(_) => "FAILS",
            Outcome::NotUnderstood(_) => "not understood",
        };
        word.to_owned()
    }));
    cells
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::super::fake::{Fake, ledger, page, policy_file, receipt_of, search, search_into, true_row};
    use crate::answer::Verdict;

    #[test]
    fn nothing_of_a_row_moves_the_cursor() {
        let hostile = "\u{1b}]0;owned\u{7}\u{202e}\u{9b}2J\u{200f}\nforged  holds";
        let text = page(&[5], None)
            .replace("500", "1")
            .replace("\"in_force\"", &serde_json::json!(hostile).to_string())
            .replace("\"2026-03-01\"", &serde_json::json!(hostile).to_string())
            .replace("\"https://shop.example\"", &serde_json::json!(hostile.repeat(50)).to_string());
        for json in [false, true] {
            for words in [&["type=decision"][..], &["--all"]] {
                let fake = Fake::of(vec![("api/v1/statements?", 200, text.clone().into_bytes())]);
                let (answer, rows) = search(&fake, words, json);
                assert_eq!(answer.verdict(), Verdict::Answered);
                let printed = rows + &answer.text(json);
                let is_bad = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{200f}');
                assert!(!printed.contains(is_bad), "{printed:?}");
                assert!(!printed.contains("\nforged"), "{printed:?}");
                assert!(json || printed.lines().take(2).all(|line| line.chars().count() < 200), "{printed}");
            }
        }
    }

    /// `search … | head`.
    #[test]
    fn a_reader_that_has_enough_is_no_trouble() {
        struct Gone(std::io::ErrorKind);
        impl std::io::Write for Gone {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let gone = |kind| {
            let rules = vec![("api/v1/statements?", 200, page(&[5], Some("AA")).into_bytes())];
            search_into(&Fake::of(rules), &["--all"], &mut Gone(kind)).verdict()
        };
        assert_eq!(gone(std::io::ErrorKind::BrokenPipe), Verdict::Answered);
        assert_eq!(gone(std::io::ErrorKind::StorageFull), Verdict::Trouble);
        // What was not fetched was not checked: nobody may take that for an answer about the whole list.
        let rows = [true_row()];
        let (fake, policy) = (ledger(&rows, (200, receipt_of("decision"))), policy_file());
        let words = ["--all", "--check", "--policy", policy.path().to_str().unwrap()];
        let answer = search_into(&fake, &words, &mut Gone(std::io::ErrorKind::BrokenPipe));
        assert_eq!(answer.verdict(), Verdict::Trouble, "{}", answer.text(false));
    }

    #[test]
    fn a_table_for_people_and_an_object_for_programs() {
        let text = page(&[5, 123], Some("AB_-"));
        let fake = Fake::of(vec![("api/v1/statements?", 200, text.into_bytes())]);
        let (answer, rows) = search(&fake, &["type=decision"], false);
        let lines: Vec<&str> = rows.lines().collect();
        assert_eq!(
            lines[0].split_whitespace().collect::<Vec<_>>(),
            ["entry", "day", "provider", "category", "standing", "number"]
        );
        assert_eq!(
            lines[2].split_whitespace().collect::<Vec<_>>(),
            ["123", "2026-03-01", "shop.example", "STATEMENT_CATEGORY_VIOLENCE", "in_force", "7"]
        );
        assert_eq!(lines[1].find("2026"), lines[2].find("2026"));
        let words = answer.text(false);
        assert!(words.starts_with("the server's word: http://127.0.0.1:"), "{words}");
        for said in
            ["2 of 500 entries", "tree of 1000 entries", "--cursor=AB_-", "leave entries out", "export"]
        {
            assert!(words.contains(said), "{said}: {words}");
        }
        let (answer, rows) = search(&fake, &["type=decision"], true);
        let json: serde_json::Value = serde_json::from_str(&answer.text(true)).unwrap();
        assert_eq!(
            (rows.as_str(), &json["verdict"], &json["cursor"]),
            ("", &"answered".into(), &"AB_-".into())
        );
        assert_eq!((&json["total"], &json["statements"][1]["index"]), (&500.into(), &123.into()));
        let behind = page(&[5], None).replace("\"indexed\":1000", "\"indexed\":900");
        let fake = Fake::of(vec![("api/v1/statements?", 200, behind.into_bytes())]);
        let (answer, _) = search(&fake, &[], false);
        assert!(answer.text(false).contains("index is behind"), "{}", answer.text(false));
        assert!(!answer.text(false).contains("goes on"), "{}", answer.text(false));
    }
}
