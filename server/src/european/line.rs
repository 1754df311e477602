//! A row of the European database as a line of authoring JSON (spec/european.md).

use glasshouse_verifier::vocabulary::Vocabulary;
use serde_json::{Map, Value, json};

use super::layout::{COLUMNS, DAYS, LISTS, Layout, TEXTS};
use super::rows::is_uuid;

/// Where a statement stood in the European database; the identifier follows. Pages go after 180 days.
pub const STATEMENT_URL: &str = "https://transparency.dsa.ec.europa.eu/statement/";

/// The last day that the European validator takes in any field.
pub const LAST_DAY: &str = "2038-01-01";

/// Columns that do not go into the line under their own names.
const OTHERS: [&str; 5] = ["uuid", "content_id_ean", "platform_name", "platform_uid", "created_at"];

/// Whose statements the lines become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// Somebody who keeps what was published: every line is a mirror, attributed to its platform.
    Archivist,
    /// The platform of this name: rows of others are passed over.
    Platform(String),
}

/// How rows become lines.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// `provider_role` of every line.
    pub role: String,
    /// Who will sign.
    pub signer: Signer,
    /// Whether `source_identity` stays with whoever signs.
    pub withhold_source: bool,
}

/// Where a row stood.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The name of the CSV file.
    pub file: &'a str,
    /// Which row of it, from 1.
    pub number: u64,
}

/// One wrong cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    /// The column.
    pub column: &'static str,
    /// What it must be.
    pub rule: String,
}

impl CellError {
    fn new(column: &'static str, rule: impl Into<String>) -> CellError {
        CellError { column, rule: rule.into() }
    }
}

impl std::fmt::Display for CellError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.column, self.rule)
    }
}

/// The cell of a column.
pub fn cell<'a>(cells: &'a [String], column: &str) -> &'a str {
    let at = COLUMNS.iter().position(|name| *name == column);
    at.and_then(|at| cells.get(at)).map_or("", String::as_str)
}

impl Mapping {
    /// The line of a row; `None` if it is another platform's. Empty cells are left out; nothing is guessed.
    ///
    /// # Errors
    /// Every cell that cannot be read.
    pub fn line(
        &self,
        cells: &[String],
        layout: Layout,
        place: Place<'_>,
    ) -> Result<Option<Value>, Vec<CellError>> {
        if let Signer::Platform(name) = &self.signer
            && cell(cells, "platform_name") != name
        {
            return Ok(None);
        }
        let mut line = Map::new();
        let mut errors = Vec::new();
        for (column, text) in COLUMNS.into_iter().zip(cells).filter(|(name, text)| !is_null(name, text)) {
            if OTHERS.contains(&column) {
                continue;
            }
            match value(column, text) {
                Ok(Some(value)) => drop(line.insert(column.to_owned(), value)),
                Ok(None) => {}
                Err(rule) => errors.push(CellError::new(column, rule)),
            }
        }
        errors.extend(check_identity(cells));
        if !errors.is_empty() {
            return Err(errors);
        }
        let ean = cell(cells, "content_id_ean");
        if !is_null("content_id_ean", ean) {
            line.insert("content_id".to_owned(), json!({"EAN-13": ean}));
        }
        line.insert("provider_role".to_owned(), json!(self.role));
        line.insert("legal_basis".to_owned(), json!({"kind": "unstated"}));
        if layout.version == Vocabulary::Version1 {
            line.insert("vocabulary".to_owned(), json!(layout.version.as_str()));
        }
        let asked = line.get("source_type").is_some_and(|source| source != "SOURCE_VOLUNTARY");
        if asked && !self.withhold_source && line.contains_key("source_identity") {
            // It stands in a public register already. Where nobody asked, the European database drops it, and so do lines.
            line.insert("withheld".to_owned(), json!({"source_identity": false}));
        }
        self.identify(&mut line, cells, place);
        Ok(Some(Value::Object(line)))
    }

    /// Who decided, under which number, and where that stood.
    fn identify(&self, line: &mut Map<String, Value>, cells: &[String], place: Place<'_>) {
        let mut put = |name: &str, value: Value| drop(line.insert(name.to_owned(), value));
        let uid = one_line_end(cell(cells, "platform_uid"));
        if let Signer::Platform(_) = self.signer {
            put("puid", json!(uid));
            return;
        }
        let uuid = cell(cells, "uuid");
        put("puid", json!(uuid));
        put("attribution", json!({"kind": "mirror"}));
        put("attributed_to", json!(one_line_end(cell(cells, "platform_name"))));
        put("attributed_puid", json!(uid));
        put("attributed_at", json!(instant(cell(cells, "created_at"))));
        let source = format!("{STATEMENT_URL}{uuid}; {}, row {}", place.file, place.number);
        put("attribution_source", json!(source));
    }
}

/// The columns that say which statement it is, and whose.
fn check_identity(cells: &[String]) -> Vec<CellError> {
    let mut errors = Vec::new();
    if !is_uuid(cell(cells, "uuid").as_bytes()) {
        errors.push(CellError::new("uuid", "must be a UUID, 8-4-4-4-12 lower-case hex digits"));
    }
    for column in ["platform_name", "platform_uid"] {
        if cell(cells, column).is_empty() {
            errors.push(CellError::new(column, "must be given"));
        }
    }
    if !is_clock(cell(cells, "created_at")) {
        errors.push(CellError::new("created_at", "must be a time, YYYY-MM-DD hh:mm:ss"));
    }
    errors
}

/// What a dump writes where there is nothing. A free text may as well say "null".
fn is_null(column: &str, text: &str) -> bool {
    text.is_empty() || (!TEXTS.contains(&column) && matches!(text, "null" | "\\N" | "[]"))
}

/// The value of a cell that goes into the line; `None` where nothing of it is left.
fn value(column: &str, text: &str) -> Result<Option<Value>, String> {
    if LISTS.contains(&column) {
        let codes = match serde_json::from_str::<Vec<String>>(text) {
            Ok(codes) => codes,
            // The 2023 dumps have single codes without the brackets.
            Err(_) if !text.starts_with('[') => vec![text.to_owned()],
            Err(_) => return Err("must be a JSON list of codes".to_owned()),
        };
        let mut codes: Vec<String> = codes.into_iter().filter(|code| !code.is_empty()).collect();
        codes.sort_unstable();
        codes.dedup();
        return Ok((!codes.is_empty()).then(|| json!(codes)));
    }
    if DAYS.contains(&column) {
        let is_whole = text.len() == 10 || is_clock(text);
        let Some(day) = text.get(..10).filter(|_| is_whole) else {
            return Err("must be a day, YYYY-MM-DD or YYYY-MM-DD 00:00:00".to_owned());
        };
        if day > LAST_DAY && is_clock(&format!("{day} 00:00:00")) {
            return Err(format!("{day} is after {LAST_DAY}, the last day that the European database takes"));
        }
        return Ok(Some(json!(day)));
    }
    Ok(Some(json!(one_line_end(text))))
}

/// A text with one kind of line end: what stands in a log has no other control character.
fn one_line_end(text: &str) -> String {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() }
}

/// Whether a text looks like `YYYY-MM-DD hh:mm:ss`.
fn is_clock(text: &str) -> bool {
    text.len() == 19
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            10 => byte == b' ',
            13 | 16 => byte == b':',
            _ => byte.is_ascii_digit(),
        })
}

/// `YYYY-MM-DD hh:mm:ss`, which is UTC, as RFC 3339.
fn instant(text: &str) -> String {
    format!("{}Z", text.replacen(' ', "T", 1))
}

/// The column from which a member of the line was made, where it has another name.
pub fn column_of(member: &str, signer: &Signer) -> Option<&'static str> {
    let archivist = *signer == Signer::Archivist;
    COLUMNS.into_iter().find(|column| *column == member).or(match member {
        "content_id" => Some("content_id_ean"),
        "attributed_to" => Some("platform_name"),
        "attributed_puid" => Some("platform_uid"),
        "attributed_at" => Some("created_at"),
        "puid" if archivist => Some("uuid"),
        "puid" => Some("platform_uid"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::super::rows::Rows;
    use super::*;

    const EXCERPT: &[u8] = include_bytes!("../../../spec/examples/sor-global-2025-07-01-full-excerpt.csv");
    const FULL: Layout = Layout { version: Vocabulary::Version2, full: true };
    const PLACE: Place<'static> = Place { file: "a.csv", number: 7 };

    fn mapping() -> Mapping {
        Mapping { role: "other".to_owned(), signer: Signer::Archivist, withhold_source: false }
    }

    fn excerpt() -> Vec<Vec<String>> {
        let mut rows = Rows::open(EXCERPT).unwrap();
        std::iter::from_fn(|| rows.next_row().unwrap()).map(|row| row.cells.unwrap()).collect()
    }

    fn at(column: &str) -> usize {
        COLUMNS.iter().position(|name| *name == column).unwrap()
    }

    fn line(cells: &[String]) -> Value {
        mapping().line(cells, FULL, PLACE).unwrap().unwrap()
    }

    #[test]
    fn a_real_row_becomes_a_mirror() {
        let rows = excerpt();
        assert_eq!(rows.len(), 20);
        let line = line(&rows[1]);
        assert_eq!(line["decision_visibility"], json!(["DECISION_VISIBILITY_CONTENT_REMOVED"]));
        assert_eq!(line["application_date"], "2025-07-01");
        assert_eq!(line["attribution"], json!({"kind": "mirror"}));
        assert_eq!(line["attributed_to"], "Kleinanzeigen");
        assert_eq!(line["attributed_puid"], "ad-5f6d8e2f-7fe0-41bb-b75e-ce579d751892");
        assert_eq!(line["attributed_at"], "2025-07-01T00:03:33Z");
        assert_eq!(line["puid"], "71a159b9-30b4-45ca-a677-a073311c47e5");
        assert_eq!(
            line["attribution_source"],
            "https://transparency.dsa.ec.europa.eu/statement/71a159b9-30b4-45ca-a677-a073311c47e5; a.csv, row 7"
        );
        assert_eq!(line["legal_basis"], json!({"kind": "unstated"}));
        assert_eq!(line["content_type_other"], "Adview");
        for absent in ["created_at", "platform_name", "source_identity", "vocabulary", "withheld"] {
            assert!(line.get(absent).is_none(), "{absent}");
        }
    }

    #[test]
    fn the_platform_itself_signs_its_own_rows_and_no_others() {
        let own = Mapping { signer: Signer::Platform("Kleinanzeigen".to_owned()), ..mapping() };
        let rows = excerpt();
        let line = own.line(&rows[1], FULL, PLACE).unwrap().unwrap();
        assert_eq!(line["puid"], "ad-5f6d8e2f-7fe0-41bb-b75e-ce579d751892");
        for absent in
            ["attribution", "attributed_to", "attributed_puid", "attributed_at", "attribution_source"]
        {
            assert!(line.get(absent).is_none(), "{absent}");
        }
        assert_eq!(own.line(&rows[2], FULL, PLACE), Ok(None));
    }

    #[test]
    fn version_one_is_said_and_has_its_own_vocabulary() {
        let layout = Layout { version: Vocabulary::Version1, full: true };
        let line = mapping().line(&excerpt()[0], layout, PLACE).unwrap().unwrap();
        assert_eq!(line["vocabulary"], "dsa-tdb/1");
    }

    #[test]
    fn cells_get_the_form_that_a_line_has() {
        let mut row = excerpt().remove(0);
        row[at("content_id_ean")] = "4006381333931".to_owned();
        row[at("category_addition")] = "[\"B\",\"A\",\"B\"]".to_owned();
        row[at("content_type")] = "CONTENT_TYPE_TEXT".to_owned();
        row[at("territorial_scope")] = "[]".to_owned();
        row[at("decision_facts")] = "one\r\ntwo\rthree".to_owned();
        row[at("incompatible_content_ground")] = "null".to_owned();
        row[at("account_type")] = "null".to_owned();
        row[at("source_identity")] = "Somebody".to_owned();
        row[at("source_type")] = "SOURCE_ARTICLE_16".to_owned();
        let line = line(&row);
        assert_eq!(line["content_id"], json!({"EAN-13": "4006381333931"}));
        assert_eq!(line["category_addition"], json!(["A", "B"]));
        assert_eq!(line["content_type"], json!(["CONTENT_TYPE_TEXT"]));
        assert_eq!(line["decision_facts"], "one\ntwo\nthree");
        assert_eq!(line["incompatible_content_ground"], "null");
        assert_eq!(line["withheld"], json!({"source_identity": false}));
        assert!(line.get("territorial_scope").is_none() && line.get("account_type").is_none());
        let kept = Mapping { withhold_source: true, ..mapping() };
        assert!(kept.line(&row, FULL, PLACE).unwrap().unwrap().get("withheld").is_none());
    }

    #[test]
    fn every_wrong_cell_is_named() {
        let mut row = excerpt().remove(0);
        row[at("uuid")] = "7".to_owned();
        row[at("content_type")] = "[CONTENT".to_owned();
        row[at("application_date")] = "1 July 2025".to_owned();
        row[at("content_date")] = "2038-01-19 00:00:00".to_owned();
        row[at("created_at")] = "2025-07-01".to_owned();
        let errors = mapping().line(&row, FULL, PLACE).unwrap_err();
        let columns: Vec<&str> = errors.iter().map(|error| error.column).collect();
        assert_eq!(columns, ["content_type", "content_date", "application_date", "uuid", "created_at"]);
        assert!(errors[1].rule.contains("2038-01-19 is after 2038-01-01"), "{}", errors[1]);
    }
}
