//! An entry of a feed in one line: what it is, and what became of it.

use glasshouse_verifier::codes::CodeSet;

use crate::list_view::RowView;
use crate::texts::feed::FEED;
use crate::texts::{Language, formats, labels};

/// What it is, and whose.
pub(super) fn title(language: Language, row: &RowView) -> String {
    let provider = row.iss.strip_prefix("https://").unwrap_or(&row.iss);
    let (kind, colon) = (labels::statement_type(language, &row.kind), formats::colon(language));
    match category(language, row) {
        Some(category) => format!("{kind}{colon}{provider}, {category}"),
        None => format!("{kind}{colon}{provider}"),
    }
}

/// Of which day it is, and what became of it.
pub(super) fn summary(language: Language, row: &RowView) -> String {
    let standing = Some(labels::standing(language, &row.standing));
    let amended = row.amended.then_some(FEED.in_(language).amended);
    let parts = [row.day.as_deref(), category(language, row), standing, amended];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn category(language: Language, row: &RowView) -> Option<&str> {
    let text = row.category.as_deref()?;
    labels::among(language, &[CodeSet::Category, CodeSet::CategoryV1], text).or(Some(text))
}
