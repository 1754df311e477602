//! `GET /api/v1/providers/{issuer}`: one issuer.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use glasshouse_verifier::issuer::Issuer;

use crate::app_state::AppState;
use crate::problem::Problem;
use crate::provider_view::{self, ProviderView};

/// One issuer, by its host and port as they stand in `iss` behind `https://`; the registrar by the log's origin, which
/// may hold slashes.
#[utoipa::path(get, path = "/api/v1/providers/{*issuer}", tag = "statements",
    params(("issuer" = String, Path, description = "Such as `www.example.com` or `www.example.com:8443`")),
    responses(
        (status = 200, description = "The issuer", body = ProviderView),
        (status = 404, description = "`not-found`: nobody of that name is enrolled", body = Problem,
            content_type = "application/problem+json"),
    ))]
pub(super) async fn provider(
    State(state): State<Arc<AppState>>,
    issuer: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let absent = || Problem::not_found("nobody of that name is enrolled");
    let Path(issuer) = issuer.map_err(|_| absent())?;
    let issuer = Issuer::parse(&format!("https://{issuer}")).map_err(|_| absent())?;
    state.answer_json(move |reader| provider_view::of(reader, &issuer)?.ok_or_else(absent)).await
}
