//! What a statement about earlier ones names: entries with their places, and ranges of numbers.

use glasshouse_ledger::query::{Parameter, Query};
use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::targets::Target;
use serde::Serialize;

use crate::app_state::failed;
use crate::problem::Problem;
use crate::state_view::EntryLink;

/// So many targets are shown unless all are asked for: each entry among them is looked up.
const TARGETS_SHOWN: usize = 100;

/// What a statement names.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct NamesView {
    /// Whose entries: the issuer itself, or the provider that the registrar's statement is about.
    pub(crate) owner: String,
    /// How many targets there are, entries and ranges.
    pub(crate) target_count: u64,
    /// The entries that it names by their leaf hashes, in the order of `targets`: among the first 100 targets, or with
    /// `names=all` every one (1,000 at most).
    pub(crate) entries: Vec<NamedView>,
    /// The ranges of the owner's numbers, likewise.
    pub(crate) ranges: Vec<RangeView>,
}

/// An entry that is named.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct NamedView {
    /// Its leaf hash, hex.
    pub(crate) leaf_hash: String,
    #[serde(flatten)]
    pub(crate) entry: EntryLink,
}

/// A range that is named.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct RangeView {
    /// Lowest number.
    pub(crate) first: u64,
    /// Highest number.
    pub(crate) last: u64,
    /// How many numbers it has. Not each of them is an entry that can be named.
    pub(crate) numbers: u64,
    /// The list of the entries with these numbers.
    pub(crate) link: String,
}

/// What a statement names; `None` for one that names nothing.
///
/// # Errors
/// `internal`, if the ledger cannot be read.
pub(crate) fn of(reader: &Reader, statement: &Statement, all: bool) -> Result<Option<NamesView>, Problem> {
    let payload = statement.payload();
    let Some(targets) = payload.targets() else { return Ok(None) };
    let owner = payload.provider().unwrap_or(&statement.claims().iss);
    let most = if all { usize::MAX } else { TARGETS_SHOWN };
    let (mut entries, mut ranges) = (Vec::new(), Vec::new());
    for target in targets.iter().take(most) {
        match target {
            Target::Entry(leaf) => {
                // It was found when the statement was taken in.
                let Some(index) = reader.find(leaf).map_err(failed)? else { continue };
                entries.push(NamedView { leaf_hash: leaf.to_hex(), entry: EntryLink::to(index) });
            }
            Target::Range(range) => {
                let (first, last) = (range.first().get(), range.last().get());
                let query = Query::default()
                    .with(Parameter::Provider, owner.as_str())
                    .with(Parameter::Numbers, &format!("{first}-{last}"));
                let link = format!("/api/v1/statements?{}", query.encode());
                ranges.push(RangeView { first, last, numbers: last - first + 1, link });
            }
        }
    }
    Ok(Some(NamesView {
        owner: owner.as_str().to_owned(),
        target_count: targets.count() as u64,
        entries,
        ranges,
    }))
}
