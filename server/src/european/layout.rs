//! The columns of the four European dumps: version 1 and 2, full and light. A header says which one a file is.

use std::fmt;

use glasshouse_verifier::vocabulary::Vocabulary;

/// The 38 columns of the full dump, version 2 (since 2025-07-01), in order. The other three leave some out.
pub const COLUMNS: [&str; 38] = [
    "uuid",
    "decision_visibility",
    "decision_visibility_other",
    "end_date_visibility_restriction",
    "decision_monetary",
    "decision_monetary_other",
    "end_date_monetary_restriction",
    "decision_provision",
    "end_date_service_restriction",
    "decision_account",
    "end_date_account_restriction",
    "account_type",
    "decision_ground",
    "decision_ground_reference_url",
    "illegal_content_legal_ground",
    "illegal_content_explanation",
    "incompatible_content_ground",
    "incompatible_content_explanation",
    "incompatible_content_illegal",
    "category",
    "category_addition",
    "category_specification",
    "category_specification_other",
    "content_type",
    "content_type_other",
    "content_language",
    "content_date",
    "content_id_ean",
    "territorial_scope",
    "application_date",
    "decision_facts",
    "source_type",
    "source_identity",
    "automated_detection",
    "automated_decision",
    "platform_name",
    "platform_uid",
    "created_at",
];

/// Columns of the full dump that the light one leaves out.
pub const NOT_IN_LIGHT: [&str; 4] = [
    "illegal_content_explanation",
    "incompatible_content_explanation",
    "territorial_scope",
    "decision_facts",
];

/// The column that came with version 2.
pub const NEW_IN_V2: &str = "content_id_ean";

/// Columns that hold a list of codes as JSON.
pub const LISTS: [&str; 5] = [
    "decision_visibility",
    "category_addition",
    "category_specification",
    "content_type",
    "territorial_scope",
];

/// Columns that hold a day, with a time of midnight behind it.
pub const DAYS: [&str; 6] = [
    "end_date_visibility_restriction",
    "end_date_monetary_restriction",
    "end_date_service_restriction",
    "end_date_account_restriction",
    "content_date",
    "application_date",
];

/// Columns that hold free text, of which any content is the platform's.
pub const TEXTS: [&str; 13] = [
    "decision_visibility_other",
    "decision_monetary_other",
    "decision_ground_reference_url",
    "illegal_content_legal_ground",
    "illegal_content_explanation",
    "incompatible_content_ground",
    "incompatible_content_explanation",
    "category_specification_other",
    "content_type_other",
    "decision_facts",
    "source_identity",
    "platform_name",
    "platform_uid",
];

/// Which columns a dump has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Of which version.
    pub version: Vocabulary,
    /// Whether the columns of [`NOT_IN_LIGHT`] are there.
    pub full: bool,
}

/// Why a file is none of the four dumps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// No line at all.
    #[error("the file is empty: not even a header stands in it")]
    Empty,
    /// The names of a dump, in another order.
    #[error("the columns stand in another order: column {place} is {given:?} and must be {wanted:?}")]
    Order {
        /// Which column, from 1.
        place: usize,
        /// What stands there.
        given: String,
        /// What should.
        wanted: &'static str,
    },
    /// Other names.
    #[error("this is no European dump: {0}")]
    Unknown(String),
}

impl Layout {
    /// The four of them.
    pub const ALL: [Layout; 4] = [
        Layout { version: Vocabulary::Version2, full: true },
        Layout { version: Vocabulary::Version2, full: false },
        Layout { version: Vocabulary::Version1, full: true },
        Layout { version: Vocabulary::Version1, full: false },
    ];

    /// Whether it has a column.
    pub fn has(self, column: &str) -> bool {
        (self.full || !NOT_IN_LIGHT.contains(&column))
            && (self.version == Vocabulary::Version2 || column != NEW_IN_V2)
    }

    /// Its columns in order, each with its place in [`COLUMNS`].
    pub fn columns(self) -> impl Iterator<Item = (usize, &'static str)> + Clone {
        COLUMNS.into_iter().enumerate().filter(move |(_, column)| self.has(column))
    }

    /// As the names of dumps have it: `full` or `light`.
    pub fn extent(self) -> &'static str {
        if self.full { "full" } else { "light" }
    }

    /// Which dump a header belongs to.
    ///
    /// # Errors
    /// [`HeaderError`], with the first place where it differs from the dump that it is most like.
    pub fn of_header(header: &[String]) -> Result<Layout, HeaderError> {
        if header.iter().all(String::is_empty) {
            return Err(HeaderError::Empty);
        }
        let names = |layout: Layout| layout.columns().map(|(_, name)| name);
        if let Some(layout) = Layout::ALL.into_iter().find(|layout| names(*layout).eq(header.iter())) {
            return Ok(layout);
        }
        for layout in Layout::ALL {
            let mut sorted: Vec<&str> = header.iter().map(String::as_str).collect();
            let mut wanted: Vec<&str> = names(layout).collect();
            sorted.sort_unstable();
            wanted.sort_unstable();
            if sorted == wanted {
                let differs = names(layout).zip(header).position(|(ours, given)| ours != given);
                let place = differs.unwrap_or_default();
                let given = header.get(place).cloned().unwrap_or_default();
                let wanted = names(layout).nth(place).unwrap_or_default();
                return Err(HeaderError::Order { place: place + 1, given, wanted });
            }
        }
        Err(HeaderError::Unknown(difference(header)))
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = match self.version {
            Vocabulary::Version1 => 1,
            Vocabulary::Version2 => 2,
        };
        write!(out, "a {} dump of version {version}", self.extent())
    }
}

/// Where a header that is none of ours differs from the dump with as many columns, or from the widest.
fn difference(header: &[String]) -> String {
    let like = Layout::ALL.into_iter().find(|layout| layout.columns().count() == header.len());
    let layout = like.unwrap_or(Layout::ALL[0]);
    let wanted: Vec<&str> = layout.columns().map(|(_, name)| name).collect();
    match wanted.iter().zip(header).position(|(ours, given)| ours != given) {
        Some(at) => {
            let given: String = header.get(at).into_iter().flat_map(|name| name.chars()).take(60).collect();
            format!(
                "column {} is {given:?} and would be {:?}",
                at + 1,
                wanted.get(at).copied().unwrap_or_default()
            )
        }
        None => format!("it has {} columns, where a dump has 38, 37, 34 or 33", header.len()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn header(layout: Layout) -> Vec<String> {
        layout.columns().map(|(_, name)| name.to_owned()).collect()
    }

    #[test]
    fn the_four_dumps_are_told_apart() {
        let counts: Vec<usize> = Layout::ALL
            .into_iter()
            .map(|layout| {
                assert_eq!(Layout::of_header(&header(layout)), Ok(layout));
                header(layout).len()
            })
            .collect();
        assert_eq!(counts, [38, 34, 37, 33]);
    }

    #[test]
    fn every_column_is_of_one_kind_that_exists() {
        for column in LISTS.into_iter().chain(DAYS).chain(TEXTS).chain(NOT_IN_LIGHT).chain([NEW_IN_V2]) {
            assert!(COLUMNS.contains(&column), "{column}");
        }
        for column in COLUMNS {
            let kinds = [LISTS.contains(&column), DAYS.contains(&column), TEXTS.contains(&column)];
            assert!(kinds.into_iter().filter(|is| *is).count() <= 1, "{column}");
        }
    }

    #[test]
    fn swapped_columns_are_named() {
        for layout in Layout::ALL {
            let mut names = header(layout);
            names.swap(14, 16);
            let error = Layout::of_header(&names).unwrap_err();
            assert!(matches!(error, HeaderError::Order { place: 15, .. }), "{error}");
        }
    }

    #[test]
    fn another_file_is_told_where_it_differs() {
        assert_eq!(Layout::of_header(&[]), Err(HeaderError::Empty));
        let mut names = header(Layout::ALL[0]);
        names[3] = "end_date".to_owned();
        let error = Layout::of_header(&names).unwrap_err().to_string();
        assert!(error.contains("column 4 is \"end_date\""), "{error}");
        let error = Layout::of_header(&names[..3]).unwrap_err().to_string();
        assert!(error.contains("3 columns"), "{error}");
    }
}
