//! `GET /api/v1/stats`: counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::app_state::AppState;
use crate::completeness_view::{EmbargoView, all_embargoes};
use crate::problem::Problem;

/// Counts over all published entries.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct StatsView {
    /// The log.
    origin: String,
    /// Entries under the newest checkpoint.
    size: u64,
    /// Root of the tree, hex.
    root: String,
    /// Entries of each type.
    by_type: BTreeMap<String, u64>,
    /// Texts that the entries commit to.
    addenda: u64,
    /// How many of these were withheld when they were filed.
    withheld: u64,
    /// How many of those were disclosed since.
    disclosed: u64,
    /// The withheld ones by what became of them, on the ledger's day.
    embargoes: EmbargoView,
    /// Providers that were ever enrolled.
    providers: u64,
}

/// How much is on record. Nothing here says whether a decision was right.
#[utoipa::path(get, path = "/api/v1/stats", tag = "statements",
    responses((status = 200, description = "Counts", body = StatsView)))]
pub(super) async fn stats(State(state): State<Arc<AppState>>) -> Result<Response, Problem> {
    let (origin, today) = (state.origin.to_string(), state.today()?);
    let view = state.answer_json(move |reader| {
        let (head, stats) = (reader.head(), reader.stats());
        Ok(StatsView {
            origin,
            size: head.size().get(),
            root: head.root().to_hex(),
            by_type: stats.by_type.iter().map(|(kind, n)| (kind.as_str().to_owned(), *n)).collect(),
            addenda: stats.addenda,
            withheld: stats.withheld,
            disclosed: stats.disclosed,
            embargoes: reader.with_registry(|registry| all_embargoes(registry, today)),
            providers: reader.with_registry(|registry| registry.providers().count() as u64),
        })
    });
    view.await
}
