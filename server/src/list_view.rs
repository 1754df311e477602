//! A page of a list: entries that a search found, in short, read from the ledger.

use glasshouse_ledger::current::{Current, CurrentReader};
use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::size::LeafIndex;
use serde::Serialize;

use crate::app_state::failed;
use crate::limits::{MAX_LIST_CLAIMS, MAX_LIST_READS};
use crate::parameters;
use crate::problem::Problem;
use crate::search::{Asked, Rank};
use crate::state_view::EntryLink;
use crate::statement_view::instant;

/// Entries that lie in one file.
const NEIGHBOURS: u64 = 256;

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ListView {
    /// Entries of the published tree.
    pub(crate) size: u64,
    /// The size of the tree that the answer covers: `size`, or less where the index is behind.
    pub(crate) indexed: u64,
    /// Entries that meet the conditions, on all pages.
    pub(crate) total: u64,
    /// What was found, in the order that was asked for.
    pub(crate) statements: Vec<RowView>,
    /// What to ask for as `cursor`, with everything else the same, for the rows behind these; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<String>,
    /// Where the list goes on; absent at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// A statement in short. It holds no text.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct RowView {
    #[serde(flatten)]
    pub(crate) entry: EntryLink,
    /// Leaf hash of the entry, hex.
    pub(crate) leaf_hash: String,
    /// The statement's type.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Who issued it.
    pub(crate) iss: String,
    /// Its number among the issuer's.
    pub(crate) sequence: u64,
    /// What it is about.
    pub(crate) sub: String,
    /// When it was issued, by the issuer's clock (RFC 3339).
    pub(crate) iat: String,
    /// The day that it is counted under: of a decision `application_date` as amended, of all others the day of `iat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) day: Option<String>,
    /// Its category as amended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) category: Option<String>,
    /// What became of it.
    pub(crate) standing: String,
    /// Whether an amendment that counts names it.
    pub(crate) amended: bool,
}

/// What a search found.
pub(crate) struct Found {
    /// Entries of the published tree.
    pub(crate) size: u64,
    /// The size of the tree that was looked through.
    pub(crate) indexed: u64,
    /// How many entries meet the conditions.
    pub(crate) total: u64,
    /// The ranks of the first of them, one more than are asked for if there are as many.
    pub(crate) ranks: Vec<Rank>,
}

/// The page of what was found. It ends early where its rows cost too much to read.
///
/// # Errors
/// `internal`, if the ledger cannot be read.
pub(crate) fn of(reader: &Reader, asked: &Asked, found: Found) -> Result<ListView, Problem> {
    let mut later = CurrentReader::new(reader.cursor());
    let (mut statements, mut claims, mut shown) = (Vec::new(), 0, None);
    let mut near = None;
    for (place, rank) in found.ranks.iter().enumerate().take(asked.limit()) {
        if later.read() >= MAX_LIST_READS || claims >= MAX_LIST_CLAIMS {
            break;
        }
        shown = Some(*rank);
        let Ok(index) = LeafIndex::new(asked.sort().index(*rank)) else { continue };
        // Neighbours are read together; of others only the entry itself is.
        let is_near = found.ranks.get(place + 1).is_some_and(|next| {
            let next = asked.sort().index(*next);
            next / NEIGHBOURS == index.get() / NEIGHBOURS
        });
        let entry = match is_near || near == Some(index.get() / NEIGHBOURS) {
            true => later.entry(index),
            false => reader.entry(index),
        };
        near = is_near.then_some(index.get() / NEIGHBOURS);
        let Some(entry) = entry.map_err(failed)? else { continue };
        let state = reader.state_of(&entry);
        claims += state.claims.len();
        statements.push(row(&later.current(index, entry, state, false).map_err(failed)?));
    }
    let last = shown.filter(|shown| found.ranks.last() != Some(shown));
    let link = |rank| format!("/api/v1/statements?{}", parameters::encode(&asked.pairs_behind(rank)));
    Ok(ListView {
        size: found.size,
        indexed: found.indexed,
        total: found.total,
        statements,
        cursor: last.map(|rank| asked.sort().cursor(rank)),
        next: last.map(link),
    })
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
