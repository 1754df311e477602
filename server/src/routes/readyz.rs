//! `GET /readyz`: the ledger takes statements.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::app_state::AppState;

/// Says whether the ledger takes statements now.
#[utoipa::path(get, path = "/readyz", tag = "operations", responses(
    (status = 200, description = "`ready`", content_type = "text/plain", body = String),
    (status = 503, description = "`not-ready`", body = crate::problem::Problem, content_type = "application/problem+json"),
))]
pub(super) async fn readyz(State(_state): State<Arc<AppState>>) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], "ready\n").into_response()
}
