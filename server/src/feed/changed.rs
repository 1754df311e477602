//! When an entry of a feed changed last (RFC 4287 section 4.2.15): when it was stated, or when the latest statement was made that
//! is about it, or takes back one that is; what is taken back was said all the same. These are the times that statements claim:
//! one may claim an earlier time than that of one before it, by a day at most, and moves nothing then.

use std::collections::BTreeSet;

use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement_type::StatementType;

use super::time_of;
use crate::app_state::failed;
use crate::limits::{FEED_CLAIMS, MAX_LIST_CLAIMS};
use crate::list_view::RowView;
use crate::problem::Problem;
use crate::statement_view::instant;

/// For each row of a page, RFC 3339.
///
/// # Errors
/// `internal`, if the ledger cannot be read.
pub(crate) fn changed(reader: &Reader, rows: &[RowView]) -> Result<Vec<String>, Problem> {
    let mut weighed = 0;
    rows.iter().map(|row| of(reader, row, &mut weighed)).collect()
}

/// Adds to `weighed` how many claims it had to weigh; a page that has weighed enough looks no further than at what names its rows.
fn of(reader: &Reader, row: &RowView, weighed: &mut usize) -> Result<String, Problem> {
    let stated = time_of(row).to_owned();
    let Ok(index) = LeafIndex::new(row.entry.index) else { return Ok(stated) };
    let Some(entry) = reader.entry(index).map_err(failed)? else { return Ok(stated) };
    let mut latest = entry.statement().claims().iat;
    let claims = reader.state_of(&entry).claims;
    let mut said: BTreeSet<LeafIndex> = claims.iter().map(|claim| claim.index).collect();
    let mut read = BTreeSet::new();
    // The newest first. For an older one to be dated later, so many would have to be dated back.
    while let Some(newest) = said.pop_last().filter(|_| read.len() < FEED_CLAIMS) {
        read.insert(newest);
        let Some(later) = reader.entry(newest).map_err(failed)? else { continue };
        latest = latest.max(later.statement().claims().iat);
        if *weighed >= MAX_LIST_CLAIMS {
            continue;
        }
        let claims = reader.state_of(&later).claims;
        *weighed += claims.len();
        let withdrawals = claims.into_iter().filter(|claim| claim.kind == StatementType::Withdrawal);
        said.extend(withdrawals.map(|claim| claim.index).filter(|index| !read.contains(index)));
    }
    Ok(Instant::new(latest).map_or(stated, |_| instant(latest)))
}
