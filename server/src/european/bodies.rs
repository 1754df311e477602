//! Rows as bodies of `POST /api/v1/statements` of the European database: `{"statements": […]}`, at most 100 in one.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::layout::{COLUMNS, DAYS, LISTS};
use super::row::EuropeanRow;

/// Statements in one body (the European interface takes no more).
const STATEMENTS_MAX: usize = 100;

/// Columns that the European database fills in by itself, or that have another name there.
const OTHERS: [&str; 5] = ["uuid", "content_id_ean", "platform_name", "platform_uid", "created_at"];

/// Why a row cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unsent {
    /// It is another platform's, and stands in the European database already.
    Mirror,
    /// The interface asks for a text that cannot be shown.
    Lacks(&'static str),
}

impl std::fmt::Display for Unsent {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unsent::Mirror => out.write_str("mirror"),
            Unsent::Lacks(column) => write!(out, "lacks-{column}"),
        }
    }
}

/// A statement as the European interface takes it.
///
/// # Errors
/// [`Unsent`].
pub fn statement(row: &EuropeanRow) -> Result<Value, Unsent> {
    if !row.is_own {
        return Err(Unsent::Mirror);
    }
    let needed = match row.cell("decision_ground") {
        "DECISION_GROUND_ILLEGAL_CONTENT" => {
            ["decision_facts", "illegal_content_legal_ground", "illegal_content_explanation"]
        }
        _ => ["decision_facts", "incompatible_content_ground", "incompatible_content_explanation"],
    };
    let others = [
        ("decision_visibility_other", "decision_visibility", "DECISION_VISIBILITY_OTHER"),
        ("decision_monetary_other", "decision_monetary", "DECISION_MONETARY_OTHER"),
        ("content_type_other", "content_type", "CONTENT_TYPE_OTHER"),
    ];
    let told = others.into_iter().filter(|(_, on, code)| row.cell(on).contains(code)).map(|(name, ..)| name);
    if let Some(column) = needed.into_iter().chain(told).find(|column| row.cell(column).is_empty()) {
        return Err(Unsent::Lacks(column));
    }
    let mut members = Map::new();
    for column in COLUMNS.into_iter().filter(|column| !OTHERS.contains(column)) {
        let text = row.cell(column);
        if text.is_empty() {
            continue;
        }
        let value = if LISTS.contains(&column) {
            serde_json::from_str(text).unwrap_or(Value::Null)
        } else if DAYS.contains(&column) {
            json!(text.get(..10))
        } else {
            json!(text)
        };
        members.insert(column.to_owned(), value);
    }
    if !row.cell("content_id_ean").is_empty() {
        members.insert("content_id".to_owned(), json!({"EAN-13": row.cell("content_id_ean")}));
    }
    members.insert("puid".to_owned(), json!(row.cell("platform_uid")));
    Ok(Value::Object(members))
}

/// Writes bodies, one a line.
pub struct Bodies<W> {
    out: W,
    waiting: Vec<Value>,
    statements: u64,
    bodies: u64,
}

impl<W: Write> Bodies<W> {
    /// Into `out`.
    pub fn new(out: W) -> Bodies<W> {
        Bodies { out, waiting: Vec::new(), statements: 0, bodies: 0 }
    }

    /// Takes a statement in.
    ///
    /// # Errors
    /// What writing failed with.
    pub fn add(&mut self, statement: Value) -> io::Result<()> {
        self.statements += 1;
        self.waiting.push(statement);
        if self.waiting.len() == STATEMENTS_MAX { self.end_body() } else { Ok(()) }
    }

    fn end_body(&mut self) -> io::Result<()> {
        self.bodies += 1;
        let statements = std::mem::take(&mut self.waiting);
        writeln!(self.out, "{}", json!({ "statements": statements }))
    }

    /// Writes the last body. Gives the output back, and how many statements in how many bodies went there.
    ///
    /// # Errors
    /// What writing failed with.
    pub fn finish(mut self) -> io::Result<(W, u64, u64)> {
        if !self.waiting.is_empty() {
            self.end_body()?;
        }
        self.out.flush()?;
        Ok((self.out, self.statements, self.bodies))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn row(cells: &[(&str, &str)]) -> EuropeanRow {
        let mut all = vec![String::new(); COLUMNS.len()];
        for (column, text) in cells {
            all[COLUMNS.iter().position(|name| name == column).unwrap()] = (*text).to_owned();
        }
        EuropeanRow { cells: all, is_own: true, losses: vec![] }
    }

    const CELLS: [(&str, &str); 12] = [
        ("uuid", "f1e5d3be-e95d-4e51-bb38-6cf13225b2af"),
        ("decision_visibility", "[\"DECISION_VISIBILITY_CONTENT_REMOVED\"]"),
        ("decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT"),
        ("incompatible_content_ground", "Section 4"),
        ("incompatible_content_explanation", "No."),
        ("content_type", "[\"CONTENT_TYPE_PRODUCT\"]"),
        ("content_date", "2025-07-01 00:00:00"),
        ("content_id_ean", "4006381333931"),
        ("decision_facts", "Seen."),
        ("platform_name", "Shop"),
        ("platform_uid", "a-1"),
        ("created_at", "2025-07-01 10:00:00"),
    ];

    #[test]
    fn a_row_becomes_a_statement_of_their_interface() {
        let statement = statement(&row(&CELLS)).unwrap();
        assert_eq!(
            statement,
            json!({
                "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
                "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
                "incompatible_content_ground": "Section 4",
                "incompatible_content_explanation": "No.",
                "content_type": ["CONTENT_TYPE_PRODUCT"],
                "content_date": "2025-07-01",
                "content_id": {"EAN-13": "4006381333931"},
                "decision_facts": "Seen.",
                "puid": "a-1",
            })
        );
    }

    #[test]
    fn what_their_interface_would_refuse_is_not_sent() {
        let mut mirror = row(&CELLS);
        mirror.is_own = false;
        assert_eq!(statement(&mirror), Err(Unsent::Mirror));
        let mut cells = CELLS;
        cells[8].1 = "";
        assert_eq!(statement(&row(&cells)), Err(Unsent::Lacks("decision_facts")));
        let mut cells = CELLS;
        cells[5].1 = "[\"CONTENT_TYPE_OTHER\"]";
        assert_eq!(statement(&row(&cells)), Err(Unsent::Lacks("content_type_other")));
    }

    #[test]
    fn a_body_has_at_most_a_hundred_statements() {
        let mut bodies = Bodies::new(Vec::new());
        for number in 0..250 {
            bodies.add(json!({ "puid": number })).unwrap();
        }
        let (text, statements, count) = bodies.finish().unwrap();
        assert_eq!((statements, count), (250, 3));
        let text = String::from_utf8(text).unwrap();
        let sizes: Vec<usize> = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["statements"].as_array().unwrap().len())
            .collect();
        assert_eq!(sizes, [100, 100, 50]);
    }
}
