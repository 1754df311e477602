//! A row of the European database (Commission Implementing Regulation (EU) 2024/2835, full dump, version 2) as a line
//! of authoring JSON: a mirror, signed by whoever publishes it, never counted as the platform's own word.

use serde_json::{Map, Value, json};

use super::dialect::FULL_V2;

/// Where a statement stood in the European database; the identifier follows. Pages go after 180 days.
pub const STATEMENT_URL: &str = "https://transparency.dsa.ec.europa.eu/statement/";

/// Columns that hold a list of codes as JSON.
const LISTS: [&str; 5] = [
    "decision_visibility",
    "category_addition",
    "category_specification",
    "content_type",
    "territorial_scope",
];
/// Columns that hold a day, with a time of midnight behind it.
const DAYS: [&str; 6] = [
    "end_date_visibility_restriction",
    "end_date_monetary_restriction",
    "end_date_service_restriction",
    "end_date_account_restriction",
    "content_date",
    "application_date",
];
/// Columns that do not go into the line under their own names.
const OTHERS: [&str; 5] = ["uuid", "content_id_ean", "platform_name", "platform_uid", "created_at"];
/// Longest puid, in bytes (the European rule).
const MAX_PUID: usize = 500;

/// What becomes the line's `puid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum PuidFrom {
    /// The platform's own number, or the European identifier where that does not fit the grammar of a puid.
    PlatformUid,
    /// The European identifier: unique across platforms, for who mirrors several.
    Uuid,
}

/// How rows become lines.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// `provider_role` of every line.
    pub role: String,
    /// Where the `puid` comes from.
    pub puid: PuidFrom,
}

/// One wrong cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    /// The column.
    pub column: &'static str,
    /// What it must be.
    pub rule: String,
}

impl Mapping {
    /// The line of a row of 38 cells. Empty cells are left out; nothing is guessed.
    ///
    /// # Errors
    /// Every cell that cannot be read.
    pub fn line(&self, cells: &[String]) -> Result<Value, Vec<CellError>> {
        let cell = |name: &str| {
            let at = FULL_V2.iter().position(|column| *column == name);
            at.and_then(|at| cells.get(at)).map_or("", String::as_str)
        };
        let mut line = Map::new();
        let mut errors = Vec::new();
        for (column, text) in FULL_V2.into_iter().zip(cells).filter(|(_, text)| !is_null(text)) {
            if OTHERS.contains(&column) {
                continue;
            }
            match value(column, text) {
                Ok(value) => drop(line.insert(column.to_owned(), value)),
                Err(rule) => errors.push(CellError { column, rule }),
            }
        }
        let uuid = cell("uuid");
        if !super::rows::is_uuid(uuid.as_bytes()) {
            errors
                .push(CellError { column: "uuid", rule: "must be a UUID, 8-4-4-4-12 hex digits".to_owned() });
        }
        if is_null(cell("platform_name")) {
            errors.push(CellError { column: "platform_name", rule: "must be given".to_owned() });
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        if !is_null(cell("content_id_ean")) {
            line.insert("content_id".to_owned(), json!({"EAN-13": cell("content_id_ean")}));
        }
        line.insert("puid".to_owned(), json!(self.puid(uuid, cell("platform_uid"))));
        line.insert("provider_role".to_owned(), json!(self.role));
        line.insert("legal_basis".to_owned(), json!({"kind": "unstated"}));
        line.insert("attribution".to_owned(), json!({"kind": "mirror"}));
        line.insert("attributed_to".to_owned(), json!(cell("platform_name")));
        line.insert("attribution_source".to_owned(), json!(format!("{STATEMENT_URL}{uuid}")));
        Ok(Value::Object(line))
    }

    fn puid<'a>(&self, uuid: &'a str, platform_uid: &'a str) -> &'a str {
        let fits = !platform_uid.is_empty()
            && platform_uid.len() <= MAX_PUID
            && platform_uid.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if fits && self.puid == PuidFrom::PlatformUid { platform_uid } else { uuid }
    }
}

/// What a dump writes where there is nothing.
fn is_null(text: &str) -> bool {
    matches!(text, "" | "null" | "\\N")
}

fn value(column: &str, text: &str) -> Result<Value, String> {
    if LISTS.contains(&column) {
        return match serde_json::from_str::<Vec<String>>(text) {
            Ok(codes) => Ok(json!(codes)),
            // The 2023 dumps have single codes without the brackets.
            Err(_) if !text.starts_with('[') => Ok(json!([text])),
            Err(_) => Err("must be a JSON list of codes".to_owned()),
        };
    }
    if DAYS.contains(&column) {
        let day = text.get(..10).filter(|_| matches!(text.as_bytes().get(10), None | Some(b' ' | b'T')));
        return day.map(|day| json!(day)).ok_or_else(|| "must be a day, YYYY-MM-DD".to_owned());
    }
    Ok(json!(text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::super::rows::Rows;
    use super::*;

    const EXCERPT: &[u8] = include_bytes!("../../../spec/examples/sor-global-2025-07-01-full-excerpt.csv");
    const MIRROR: Mapping = Mapping { role: String::new(), puid: PuidFrom::PlatformUid };

    fn mapping() -> Mapping {
        Mapping { role: "other".to_owned(), ..MIRROR }
    }

    fn excerpt() -> Vec<Vec<String>> {
        let mut rows = Rows::open(EXCERPT, false).unwrap();
        std::iter::from_fn(|| rows.next_row().unwrap()).map(|row| row.cells.unwrap()).collect()
    }

    #[test]
    fn a_real_row_becomes_a_line() {
        let rows = excerpt();
        assert_eq!(rows.len(), 20);
        let line = mapping().line(&rows[1]).unwrap();
        assert_eq!(line["decision_visibility"], json!(["DECISION_VISIBILITY_CONTENT_REMOVED"]));
        assert_eq!(line["application_date"], "2025-07-01");
        assert_eq!(line["attributed_to"], "Kleinanzeigen");
        assert_eq!(line["puid"], "ad-5f6d8e2f-7fe0-41bb-b75e-ce579d751892");
        assert_eq!(
            line["attribution_source"],
            "https://transparency.dsa.ec.europa.eu/statement/71a159b9-30b4-45ca-a677-a073311c47e5"
        );
        assert_eq!(line["legal_basis"], json!({"kind": "unstated"}));
        assert_eq!(line["content_type_other"], "Adview");
        assert!(line.get("created_at").is_none() && line.get("platform_name").is_none());
        assert!(line.get("source_identity").is_none());
    }

    #[test]
    fn a_puid_that_does_not_fit_gives_way_to_the_european_identifier() {
        let mut row = excerpt().remove(0);
        row[36] = "user/42".to_owned();
        assert_eq!(mapping().line(&row).unwrap()["puid"], row[0].as_str());
        let by_uuid = Mapping { puid: PuidFrom::Uuid, ..mapping() };
        assert_eq!(by_uuid.line(&excerpt()[1]).unwrap()["puid"], "71a159b9-30b4-45ca-a677-a073311c47e5");
    }

    #[test]
    fn a_product_number_gets_its_european_form() {
        let mut row = excerpt().remove(0);
        row[27] = "4006381333931".to_owned();
        assert_eq!(mapping().line(&row).unwrap()["content_id"], json!({"EAN-13": "4006381333931"}));
    }

    #[test]
    fn every_wrong_cell_is_named() {
        let mut row = excerpt().remove(0);
        row[0] = "7".to_owned();
        row[23] = "[CONTENT".to_owned();
        row[29] = "1 July 2025".to_owned();
        let errors = mapping().line(&row).unwrap_err();
        let columns: Vec<&str> = errors.iter().map(|error| error.column).collect();
        assert_eq!(columns, ["content_type", "application_date", "uuid"]);
    }
}
