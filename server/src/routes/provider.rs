//! `GET /api/v1/providers/{issuer}`: one issuer.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use glasshouse_verifier::issuer::Issuer;
use serde::Serialize;

use crate::app_state::AppState;
use crate::completeness_view::{self, CompletenessView};
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
    let Path(name) = issuer.map_err(|_| absent())?;
    let today = state.today()?;
    let issuer = |name: &str| Issuer::parse(&format!("https://{name}")).ok();
    let (whole, owner) = (issuer(&name), name.strip_suffix(COMPLETENESS).and_then(issuer));
    let answer = state.answer_json(move |reader| {
        if let Some(view) =
            whole.map(|issuer| provider_view::of(reader, &issuer, today)).transpose()?.flatten()
        {
            return Ok(Answer::Provider(Box::new(view)));
        }
        let view = owner.and_then(|issuer| completeness_view::of(reader, &issuer, today));
        view.map(|view| Answer::Completeness(Box::new(view))).ok_or_else(absent)
    });
    answer.await
}

/// What is asked for behind an issuer's name. The name of a log may hold slashes, so the router cannot tell it apart.
const COMPLETENESS: &str = "/completeness";

#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Provider(Box<ProviderView>),
    Completeness(Box<CompletenessView>),
}

/// Whether an issuer's statements are all there: its numbers, its own counts against the log, and what it withholds.
#[utoipa::path(get, path = "/api/v1/providers/{issuer}/completeness", tag = "statements",
    params(("issuer" = String, Path, description = "Such as `www.example.com` or `www.example.com:8443`")),
    responses(
        (status = 200, description = "What is there, and what is not", body = CompletenessView),
        (status = 404, description = "`not-found`: nobody of that name is enrolled", body = Problem,
            content_type = "application/problem+json"),
    ))]
#[allow(dead_code, reason = "describes what the route of the issuer answers under the longer path")]
pub(crate) fn completeness() {}
