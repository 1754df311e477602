//! `GET /api/v1/providers`: who is enrolled.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use glasshouse_ledger::reader::Reader;
use serde::Serialize;

use crate::app_state::AppState;
use crate::problem::Problem;
use crate::provider_view::{self, ProviderView};

/// Everybody who may write to the log.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Providers {
    /// The providers, in the order of their issuers.
    providers: Vec<ProviderView>,
    /// The registrar, who admits them.
    registrar: ProviderView,
}

/// Who is enrolled, with keys and numbers.
#[utoipa::path(get, path = "/api/v1/providers", tag = "statements",
    responses((status = 200, description = "All issuers", body = Providers)))]
pub(super) async fn providers(State(state): State<Arc<AppState>>) -> Result<Response, Problem> {
    let today = state.today()?;
    let all = move |reader: &Reader| {
        let (providers, registrar) = provider_view::of_all(reader, today)?;
        Ok(Providers { providers, registrar })
    };
    state.answer_json(all).await
}
