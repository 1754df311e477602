//! An entry of a log as a row of the European database (spec/european.md): what fits stands in its cell, what does not
//! is reported.

use glasshouse_ledger::walk::Walked;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::codes::Code;
use glasshouse_verifier::entry_state::Standing;
use glasshouse_verifier::field_value::FieldValue;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::statement_type::StatementType;

use super::effective::{Effective, ShownText};
use super::layout::{COLUMNS, Layout, TEXTS};
use super::line::LAST_DAY;
use super::rows::is_uuid;

/// The territories that the European schema has: the European Economic Area.
pub const EEA: [&str; 30] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT",
    "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// The first day that the European validator takes as `content_date`.
const FIRST_CONTENT_DAY: &str = "2000-01-01";
/// The first day that the European validator takes as `application_date`.
const FIRST_APPLICATION_DAY: &str = "2020-01-01";

/// Columns of which a statement of a platform has one at least.
const MEASURES: [&str; 4] =
    ["decision_visibility", "decision_monetary", "decision_provision", "decision_account"];

/// Columns that every statement has, besides its texts.
const REQUIRED: [&str; 7] = [
    "decision_ground",
    "category",
    "content_type",
    "content_date",
    "application_date",
    "source_type",
    "automated_decision",
];

/// Fields that say nothing that a column could hold and that every statement has; they are not counted as lost.
const UNCOUNTED: [FieldName; 2] = [FieldName::PROVIDER_ROLE, FieldName::LEGAL_BASIS];

/// Fields that say whose statement it is: they come back as columns of other names.
const IDENTITY: [FieldName; 6] = [
    FieldName::PUID,
    FieldName::ATTRIBUTION_SOURCE,
    FieldName::ATTRIBUTION,
    FieldName::ATTRIBUTED_TO,
    FieldName::ATTRIBUTED_PUID,
    FieldName::ATTRIBUTED_AT,
];

/// Texts that a row is made of.
pub fn wanted_texts() -> Vec<FieldName> {
    let texts = TEXTS.iter().filter_map(|column| FieldName::find(column));
    let identity = [FieldName::PUID, FieldName::ATTRIBUTED_TO, FieldName::ATTRIBUTED_PUID];
    texts.chain(identity).collect()
}

/// What of a statement is not in its row, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// The cell is empty because the text is withheld.
    Withheld(&'static str),
    /// The cell is empty because the text was erased.
    Erased(&'static str),
    /// The cell is empty although the dump says it: a mirror of a light dump does not have it.
    Missing(&'static str),
    /// A field without a column.
    NoColumn(FieldName),
    /// Territories beyond the European Economic Area.
    Territory,
    /// World-wide, which is written as every country of the European Economic Area.
    World,
    /// What became of the decision later, for which there is no column either.
    Later(Standing),
    /// It is written as its amendments leave it.
    Amended,
}

/// Why a statement gives no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// It is no decision.
    NotADecision,
    /// Its issuer says that it was not its own.
    Withdrawn,
    /// It reports somebody else's decision from another source than a register.
    Reported,
    /// It is a mirror without what says which European statement it is of.
    NotEuropean,
    /// What says whose statement it is was withheld or erased.
    Nameless,
    /// Its codes are of the other version of the vocabulary.
    OtherVersion,
    /// It restricts nothing that the European schema has a word for.
    NoMeasure,
    /// A column that every statement must have is empty.
    Lacks(&'static str),
    /// A day that the European validator does not take.
    Day(&'static str),
    /// A row before it has the same identifier.
    Repeated,
}

impl std::fmt::Display for LeftOut {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LeftOut::NotADecision => out.write_str("no-decision"),
            LeftOut::Withdrawn => out.write_str("withdrawn"),
            LeftOut::Reported => out.write_str("reported-by-others"),
            LeftOut::NotEuropean => out.write_str("mirror-of-another-register"),
            LeftOut::Nameless => out.write_str("identity-withheld-or-erased"),
            LeftOut::OtherVersion => out.write_str("other-vocabulary"),
            LeftOut::NoMeasure => out.write_str("no-european-measure"),
            LeftOut::Lacks(column) => write!(out, "lacks-{column}"),
            LeftOut::Day(column) => write!(out, "day-out-of-range-{column}"),
            LeftOut::Repeated => out.write_str("repeated-uuid"),
        }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EuropeanRow {
    /// A cell for each of [`COLUMNS`].
    pub cells: Vec<String>,
    /// Whether the signer decided it itself.
    pub is_own: bool,
    /// What is not in it.
    pub losses: Vec<Loss>,
}

impl EuropeanRow {
    /// The cell of a column.
    pub fn cell(&self, column: &str) -> &str {
        super::line::cell(&self.cells, column)
    }

    /// The day of `created_at`: which daily dump it belongs to.
    pub fn day(&self) -> &str {
        self.cell("created_at").get(..10).unwrap_or_default()
    }
}

/// Whether an entry can give a row for a dump of that layout at all.
///
/// # Errors
/// Why not.
pub fn check_kind(walked: &Walked, layout: Layout) -> Result<(), LeftOut> {
    let payload = walked.entry.statement().payload();
    if payload.kind() != StatementType::Decision {
        return Err(LeftOut::NotADecision);
    }
    if payload.vocabulary() != layout.version {
        return Err(LeftOut::OtherVersion);
    }
    Ok(())
}

/// The row of a decision, for a dump of that layout. `name` is the one under which its issuer is enrolled.
///
/// # Errors
/// Why it has none.
pub fn row(
    walked: &Walked,
    decision: Effective<'_>,
    layout: Layout,
    name: Option<&str>,
) -> Result<EuropeanRow, LeftOut> {
    let statement = walked.entry.statement();
    let mut losses = Vec::new();
    match decision.standing {
        Standing::Withdrawn => return Err(LeftOut::Withdrawn),
        Standing::InForce | Standing::Stands => {}
        Standing::PartiallyReversed | Standing::Lifted | Standing::Reversed => {
            losses.push(Loss::Later(decision.standing));
        }
    }
    losses.extend(decision.is_amended.then_some(Loss::Amended));
    let mut builder = Builder { decision, layout, cells: vec![String::new(); COLUMNS.len()], losses };
    let is_own = match builder.decision.fields.get(&FieldName::ATTRIBUTION) {
        None => {
            let created = Instant::new(statement.claims().iat).ok_or(LeftOut::Nameless)?;
            builder.put("uuid", uuid_of(&walked.entry.leaf_hash()));
            builder.put("platform_name", name.unwrap_or_default().to_owned());
            builder.put("platform_uid", builder.identity(FieldName::PUID)?);
            builder.put("created_at", clock(created));
            true
        }
        Some(FieldValue::Attribution(kind)) if kind.as_str() == "mirror" => {
            builder.mirror()?;
            false
        }
        Some(_) => return Err(LeftOut::Reported),
    };
    builder.fill();
    if is_own {
        builder.check_own()?;
    }
    builder.count_lost();
    Ok(EuropeanRow { cells: builder.cells, is_own, losses: builder.losses })
}

/// Fills the cells of a row.
struct Builder<'a> {
    decision: Effective<'a>,
    layout: Layout,
    cells: Vec<String>,
    losses: Vec<Loss>,
}

impl Builder<'_> {
    fn put(&mut self, column: &str, text: String) {
        let at = COLUMNS.iter().position(|name| *name == column);
        if let Some(cell) = at.and_then(|at| self.cells.get_mut(at)) {
            *cell = text;
        }
    }

    fn cell(&self, column: &str) -> &str {
        super::line::cell(&self.cells, column)
    }

    /// A text without which the row would be nobody's.
    fn identity(&self, field: FieldName) -> Result<String, LeftOut> {
        match self.decision.texts.get(&field) {
            Some(ShownText::Public(Item::Text(text))) => Ok(text.to_string()),
            Some(_) => Err(LeftOut::Nameless),
            None => Err(LeftOut::NotEuropean),
        }
    }

    /// Gives a mirror's row back what it was mirrored from.
    fn mirror(&mut self) -> Result<(), LeftOut> {
        let uuid = self.identity(FieldName::PUID)?;
        let created = match self.decision.fields.get(&FieldName::ATTRIBUTED_AT) {
            Some(FieldValue::Instant(created)) if is_uuid(uuid.as_bytes()) => *created,
            _ => return Err(LeftOut::NotEuropean),
        };
        let (name, uid) =
            (self.identity(FieldName::ATTRIBUTED_TO)?, self.identity(FieldName::ATTRIBUTED_PUID)?);
        self.put("uuid", uuid);
        self.put("platform_name", name);
        self.put("platform_uid", uid);
        self.put("created_at", clock(created));
        Ok(())
    }

    /// Every column that has a field of its own name, and the product number.
    fn fill(&mut self) {
        for (_, column) in self.layout.columns() {
            let Some(field) = FieldName::find(column) else { continue };
            match self.decision.texts.get(&field) {
                Some(ShownText::Public(Item::Text(text))) => self.put(column, text.to_string()),
                Some(ShownText::Withheld) => self.losses.push(Loss::Withheld(column)),
                Some(ShownText::Erased) => self.losses.push(Loss::Erased(column)),
                Some(ShownText::Public(_)) | None => {}
            }
            if let Some(value) = self.decision.fields.get(&field) {
                let (text, loss) = text_of(column, value);
                self.put(column, text);
                self.losses.extend(loss);
            }
        }
        if self.layout.has("content_id_ean")
            && let Some(FieldValue::ContentId(ean)) = self.decision.fields.get(&FieldName::CONTENT_ID)
        {
            self.put("content_id_ean", ean.clone());
        }
        let explained = match self.cell("decision_ground") {
            "DECISION_GROUND_ILLEGAL_CONTENT" => "illegal_content_explanation",
            _ => "incompatible_content_explanation",
        };
        for column in ["decision_facts", explained].into_iter().filter(|column| self.layout.has(column)) {
            let field = FieldName::find(column);
            if field.is_some_and(|field| !self.decision.texts.contains_key(&field)) {
                self.losses.push(Loss::Missing(column));
            }
        }
    }

    /// What the European validator would refuse of a statement that never was in its database.
    fn check_own(&self) -> Result<(), LeftOut> {
        if self.cell("platform_name").is_empty() {
            return Err(LeftOut::Nameless);
        }
        if MEASURES.iter().all(|column| self.cell(column).is_empty()) {
            return Err(LeftOut::NoMeasure);
        }
        if let Some(column) = REQUIRED.into_iter().find(|column| self.cell(column).is_empty()) {
            return Err(LeftOut::Lacks(column));
        }
        let is_out = |column: &str, first: &str| {
            let day = self.cell(column).get(..10).unwrap_or_default();
            !day.is_empty() && !(first..=LAST_DAY).contains(&day)
        };
        for (column, first) in
            [("content_date", FIRST_CONTENT_DAY), ("application_date", FIRST_APPLICATION_DAY)]
        {
            if is_out(column, first) {
                return Err(LeftOut::Day(column));
            }
        }
        let ends = COLUMNS.into_iter().filter(|column| column.starts_with("end_date_"));
        match ends.into_iter().find(|column| is_out(column, "")) {
            Some(column) => Err(LeftOut::Day(column)),
            None => Ok(()),
        }
    }

    /// Fields and texts for which there is no column in any dump.
    fn count_lost(&mut self) {
        let has_place = |field: &&FieldName| {
            UNCOUNTED.contains(field)
                || IDENTITY.contains(field)
                || **field == FieldName::CONTENT_ID
                || COLUMNS.contains(&field.as_str())
        };
        let all = self.decision.fields.keys().chain(&self.decision.others);
        self.losses.extend(all.filter(|field| !has_place(field)).map(|field| Loss::NoColumn(*field)));
    }
}

/// The cell of a field, and what of the field is not in it.
fn text_of(column: &str, value: &FieldValue) -> (String, Option<Loss>) {
    match value {
        FieldValue::Code(code) => (code.as_str().to_owned(), None),
        FieldValue::Codes(codes) if column == "territorial_scope" => territories(codes),
        FieldValue::Codes(codes) => (list(codes.iter().map(Code::as_str)), None),
        FieldValue::Day(day) => (format!("{day} 00:00:00"), None),
        // No column of a dump is of another form.
        _ => (String::new(), None),
    }
}

/// The countries that the European schema has. World-wide means each of them.
fn territories(codes: &[Code]) -> (String, Option<Loss>) {
    if codes.iter().any(|code| code.as_str() == "WORLD") {
        return (list(EEA.into_iter()), Some(Loss::World));
    }
    let inside: Vec<&str> = codes.iter().map(Code::as_str).filter(|code| EEA.contains(code)).collect();
    let loss = (inside.len() < codes.len()).then_some(Loss::Territory);
    (list(inside.into_iter()), loss)
}

/// A list of codes as a dump has it; nothing for an empty one.
fn list<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = codes.map(|code| format!("\"{code}\"")).collect();
    if quoted.is_empty() { String::new() } else { format!("[{}]", quoted.join(",")) }
}

/// `YYYY-MM-DD hh:mm:ss` in UTC.
fn clock(instant: Instant) -> String {
    instant.to_string().replacen('T', " ", 1).trim_end_matches('Z').to_owned()
}

/// A UUID that follows from an entry's leaf hash and from nothing else: version 8 (RFC 9562 section 5.8), its 122 bits
/// the first ones of the hash.
pub fn uuid_of(leaf: &LeafHash) -> String {
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(leaf.as_bytes()) {
        *to = *from;
    }
    bytes[6] = 0x80 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    let hex = hex::encode(bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests;
