//! `GET /healthz`: the process runs.

use axum::http::header;
use axum::response::IntoResponse;

/// Says that the process runs and answers, nothing about the ledger.
#[utoipa::path(get, path = "/healthz", tag = "operations",
    responses((status = 200, description = "`ok`", content_type = "text/plain", body = String)))]
pub(super) async fn healthz() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], "ok\n")
}
