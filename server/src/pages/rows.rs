//! A list of statements: what each says in a line, whose it is, and when.

use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::size::LeafIndex;
use maud::{Markup, html};

use super::entry;
use super::value;
use super::words::Names;
use crate::list_view::ListView;
use crate::problem::Problem;
use crate::statement_view::{self, Extent, StatementView};
use crate::texts::labels;
use crate::texts::language::Visit;
use crate::texts::subject::SUBJECT;

/// Letters of the facts that stand in a list.
const EXCERPT: usize = 220;

/// A statement of a list, with the day that it is counted under.
#[derive(Debug)]
pub(super) struct Row {
    view: StatementView,
    day: String,
}

/// Reads the statements of a list.
///
/// # Errors
/// `internal`, if the ledger cannot be read.
pub(super) fn read(reader: &Reader, list: &ListView) -> Result<Vec<Row>, Problem> {
    let mut rows = Vec::with_capacity(list.statements.len());
    for found in &list.statements {
        let index = LeafIndex::new(found.entry.index).map_err(|error| Problem::internal(&error))?;
        let view = statement_view::of(reader, index, Extent::default())?;
        let day = found.day.clone().unwrap_or_else(|| view.iat.chars().take(10).collect());
        rows.push(Row { view, day });
    }
    Ok(rows)
}

/// The list.
pub(super) fn list(visit: &Visit, names: &Names, rows: &[Row]) -> Markup {
    html! { ol.rows { @for row in rows { li { (item(visit, names, row)) } } } }
}

fn link(visit: &Visit, row: &Row) -> Markup {
    html! { a href=(visit.link(&format!("/e/{}", row.view.index))) { (entry::headline_of(visit, &row.view)) } }
}

fn item(visit: &Visit, names: &Names, row: &Row) -> Markup {
    html! {
        h3 { (link(visit, row)) }
        p.note { (kind(visit, row)) " " (by(visit, names, row)) ", " (value::day(visit, &row.day)) (remarks(visit, row)) }
        @if let Some(facts) = entry::facts_of(&row.view) {
            p.said lang="" { (excerpt(facts)) }
        }
    }
}

/// The beginning of a text, on one line, with its last word whole.
fn excerpt(facts: &str) -> String {
    let line = facts.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut = crate::plot::cut(&line, EXCERPT);
    match cut.strip_suffix('…') {
        // A language without spaces is cut between letters.
        Some(begun) if cut != line => {
            match begun.rsplit_once(' ').filter(|(whole, _)| 2 * whole.len() > begun.len()) {
                Some((whole, _)) => format!("{whole} …"),
                None => cut,
            }
        }
        _ => line,
    }
}

fn kind<'r>(visit: &Visit, row: &'r Row) -> &'r str {
    labels::statement_type(visit.language, row.view.payload["type"].as_str().unwrap_or_default())
}

fn by(visit: &Visit, names: &Names, row: &Row) -> Markup {
    let who = html! { span lang="" { (names.of_issuer(&row.view.iss)) } };
    value::within(SUBJECT.in_(visit.language).by, &who)
}

/// Whose decision is reported, on what basis it rests, and what became of it, where that is more than that it stands.
fn remarks(visit: &Visit, row: &Row) -> Markup {
    let basis = row.view.payload["legal_basis"]["kind"].as_str().filter(|kind| *kind != "unstated");
    let standing = row.view.state.standing.as_str();
    html! {
        @if let Some(whose) = entry::reported_of(&row.view) {
            " · " (SUBJECT.in_(visit.language).reports) " " span lang="" { (whose) }
        }
        @if let Some(basis) = basis { " · " (value::label(visit, CodeSet::LegalBasisKind, basis)) }
        @if !matches!(standing, "in_force" | "stands") {
            " · " strong { (labels::standing(visit.language, standing)) }
        }
    }
}

/// The list as a time line.
pub(super) fn time_line(visit: &Visit, names: &Names, rows: &[Row]) -> Markup {
    html! {
        ol.time-line {
            @for row in rows {
                li {
                    p.when { (when(visit, row)) }
                    p { strong { (link(visit, row)) } }
                    p.note { (kind(visit, row)) " " (by(visit, names, row)) (remarks(visit, row)) }
                }
            }
        }
    }
}

/// The day that a statement stands at. Only a decision speaks of one; of all else it is said that it was filed then.
fn when(visit: &Visit, row: &Row) -> Markup {
    let day = value::day(visit, &row.day);
    match row.view.payload["type"].as_str() {
        Some("decision") => day,
        _ => value::within(SUBJECT.in_(visit.language).filed, &day),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn an_excerpt_ends_behind_a_word() {
        assert_eq!(excerpt("It was\n\nshort."), "It was short.");
        let long = "several words ".repeat(40);
        let cut = excerpt(&long);
        assert!(cut.ends_with("words …") || cut.ends_with("several …"), "{cut}");
        assert!(cut.chars().count() <= EXCERPT + 1);
        assert_eq!(excerpt(&"字".repeat(EXCERPT + 5)), format!("{}…", "字".repeat(EXCERPT - 1)));
    }
}
