//! A page of a list: entries in the order of the log that a query looks for, in short.

use glasshouse_ledger::current::{Current, CurrentReader};
use glasshouse_ledger::entry_cursor::EntryCursor;
use glasshouse_ledger::query::{Parameter, Query};
use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::size::LeafIndex;
use serde::Serialize;

use crate::app_state::failed;
use crate::parameters;
use crate::problem::Problem;
use crate::state_view::EntryLink;
use crate::statement_view::instant;

/// Rows of a page if the request does not say how many.
const ROWS: usize = 100;

/// Most rows of a page: some 500 KiB of JSON.
const ROWS_MAX: usize = 1_000;

/// Entries that one request may read, amendments and outcomes of entries among them: some hundred milliseconds. Then
/// the answer ends with what was found, be it nothing, and says where to go on.
const READ_MAX: u64 = 4_096;

/// Claims that one request may weigh: an entry has 10,000 at most, and weighing these takes some hundred milliseconds.
const CLAIMS_MAX: usize = 100_000;

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ListView {
    /// Entries of the published tree.
    size: u64,
    /// What was found, in the order of the log.
    statements: Vec<RowView>,
    /// Every entry below this index was looked at, from the one behind `after` on.
    read_to: u64,
    /// Where the list goes on; absent at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A statement in short. It holds no text.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct RowView {
    #[serde(flatten)]
    entry: EntryLink,
    /// Leaf hash of the entry, hex.
    leaf_hash: String,
    /// The statement's type.
    #[serde(rename = "type")]
    kind: String,
    /// Who issued it.
    iss: String,
    /// Its number among the issuer's.
    sequence: u64,
    /// What it is about.
    sub: String,
    /// When it was issued, by the issuer's clock (RFC 3339).
    iat: String,
    /// The day that it is counted under: of a decision `application_date` as amended, of all others the day of `iat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<String>,
    /// Its category as amended.
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    /// What became of it.
    standing: String,
    /// Whether an amendment that counts names it.
    amended: bool,
}

/// What a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    query: Query,
    after: Option<LeafIndex>,
    limit: usize,
}

impl Asked {
    /// Reads the pairs of a URL's query: conditions, `after` and `limit`.
    ///
    /// # Errors
    /// `bad-request`, naming the parameter and what it allows.
    pub(crate) fn parse(pairs: &[(String, String)]) -> Result<Asked, Problem> {
        let (mut after, mut limit) = (None, None);
        let mut conditions = Vec::new();
        for (name, value) in pairs {
            let place = match name.as_str() {
                "after" => &mut after,
                "limit" => &mut limit,
                _ => {
                    conditions.push((name.as_str(), value.as_str()));
                    continue;
                }
            };
            if place.replace(value.as_str()).is_some() {
                return Err(Problem::of_parameter(name, "duplicate", value, "this parameter is given once"));
            }
        }
        let known = |name: &str| Parameter::find(name).is_some();
        if let Some((name, value)) = conditions.iter().find(|(name, _)| !known(name)) {
            let mut names: Vec<&str> = Parameter::ALL.iter().map(|parameter| parameter.as_str()).collect();
            names.extend(["after", "limit"]);
            return Err(parameters::unknown(name, value, &names.join(", ")));
        }
        let query = Query::parse(conditions.into_iter()).map_err(|error| parameters::wrong(&error))?;
        let index = |text: &str| {
            let parsed = LeafIndex::parse(text);
            parsed.map_err(|_| Problem::of_parameter("after", "grammar", text, "an index in decimal"))
        };
        Ok(Asked { query, after: after.map(index).transpose()?, limit: limit.map_or(Ok(ROWS), read_limit)? })
    }
}

fn read_limit(text: &str) -> Result<usize, Problem> {
    let limit = text.parse().ok().filter(|limit| (1..=ROWS_MAX).contains(limit));
    limit.ok_or_else(|| Problem::of_parameter("limit", "out-of-range", text, &format!("1 to {ROWS_MAX}")))
}

/// One page.
///
/// # Errors
/// `internal`, if the ledger cannot be read.
pub(crate) fn of(reader: &Reader, asked: &Asked) -> Result<ListView, Problem> {
    let cursor = reader.cursor();
    let size = cursor.size().get();
    let mut search = Search { reader, asked, later: CurrentReader::new(cursor), claims: 0 };
    let mut next = asked.after.map_or(0, |after| after.get().saturating_add(1));
    let mut statements = Vec::new();
    while next < size && statements.len() < asked.limit && !search.is_spent() {
        let Ok(index) = LeafIndex::new(next) else { break };
        if asked.query.ends_before(index) {
            next = size;
            break;
        }
        statements.extend(search.look(index)?);
        next += 1;
    }
    let goes_on = next < size && next > 0;
    let conditions = Some(asked.query.encode()).filter(|text| !text.is_empty());
    let link = || {
        let own = format!("after={}&limit={}", next - 1, asked.limit);
        let pairs: Vec<String> = conditions.into_iter().chain([own]).collect();
        format!("/api/v1/statements?{}", pairs.join("&"))
    };
    Ok(ListView { size, statements, read_to: next.min(size), next: goes_on.then(link) })
}

/// One reading of the log for one request.
struct Search<'a> {
    reader: &'a Reader,
    asked: &'a Asked,
    later: CurrentReader<EntryCursor>,
    claims: usize,
}

impl Search<'_> {
    fn is_spent(&self) -> bool {
        self.later.read() >= READ_MAX || self.claims >= CLAIMS_MAX
    }

    fn look(&mut self, index: LeafIndex) -> Result<Option<RowView>, Problem> {
        let query = &self.asked.query;
        let Some(entry) = self.later.entry(index).map_err(failed)? else { return Ok(None) };
        if !query.admits(index, entry.statement()) {
            return Ok(None);
        }
        let state = self.reader.state_of(&entry);
        self.claims += state.claims.len();
        if !query.admits_state(entry.statement().payload().kind(), &state) {
            return Ok(None);
        }
        let current = self.later.current(index, entry, state, query.asks_for_outcomes()).map_err(failed)?;
        Ok(query.matches(&current).then(|| row(&current)))
    }
}

fn row(current: &Current) -> RowView {
    let entry: &Entry = &current.entry;
    let (claims, payload) = (entry.statement().claims(), current.payload());
    RowView {
        entry: EntryLink::to(current.index),
        leaf_hash: entry.leaf_hash().to_hex(),
        kind: payload.kind().as_str().to_owned(),
        iss: claims.iss.as_str().to_owned(),
        sequence: payload.sequence().get(),
        sub: claims.sub.to_string(),
        iat: instant(claims.iat),
        day: current.day().map(|day| day.to_string()),
        category: current.codes(FieldName::CATEGORY).first().map(|code| code.as_str().to_owned()),
        standing: current.state.standing(payload.kind()).as_str().to_owned(),
        amended: !current.state.amendments.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<Asked, Problem> {
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Asked::parse(&pairs)
    }

    #[test]
    fn cursor_and_limit_stand_beside_the_conditions() {
        let asked = parse(&[("after", "7"), ("type", "decision"), ("limit", "1000")]).unwrap();
        assert_eq!((asked.after, asked.limit), (Some(LeafIndex::new(7).unwrap()), 1_000));
        assert_eq!(asked.query.encode(), "type=decision");
        for (pairs, path, rule) in [
            (&[("limit", "0")][..], "limit", "out-of-range"),
            (&[("limit", "1001")], "limit", "out-of-range"),
            (&[("after", "x")], "after", "grammar"),
            (&[("after", "1"), ("after", "2")], "after", "duplicate"),
            (&[("q", "text")], "q", "unknown"),
            (&[("type", "decree")], "type", "not-a-code"),
        ] {
            let problem = parse(pairs).unwrap_err();
            assert_eq!((problem.errors[0].path.as_str(), problem.errors[0].rule.as_str()), (path, rule));
            assert!(problem.errors[0].allowed.is_some());
        }
    }
}
