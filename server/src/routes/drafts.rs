//! `POST /api/v1/drafts`: say what is wrong with lines before they are published.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use glasshouse_ledger::draft::advice::Setting;
use serde::{Deserialize, Serialize};

use crate::app_state::{AppState, held};
use crate::body::{self, JSON, NDJSON, Received};
use crate::check::checked_line::CheckedLine;
use crate::check::{drafts, is_role};
use crate::client_address::ClientAddress;
use crate::problem::Problem;

/// What drafts are held against.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// The provider_role of drafts that name none.
    role: Option<String>,
}

/// One result for each draft, in order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct CheckedLines {
    /// At most 10,000 errors, warnings and notes are named in all; each result says how many more there are.
    results: Vec<CheckedLine>,
}

/// Looks at lines as providers write them: every error and warning of each, and the statement that would follow.
///
/// Nothing is stored, signed or logged. The same rules as `glasshouse check`.
#[utoipa::path(post, path = "/api/v1/drafts", tag = "statements", params(Parameters),
    request_body(description = "At most 16 MiB: one object, an array of 1 to 1,000 objects, or one object a line", content(
        (Object = "application/json"), (String = "application/x-ndjson"))),
    responses(
        (status = 200, description = "Every draft was looked at, whatever was found", body = CheckedLines),
        (status = 400, description = "`not-json`, `batch-size`, `bad-request`", body = Problem,
            content_type = "application/problem+json"),
        (status = 408, description = "`request-timeout`: the body took too long to arrive", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "`body-too-large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported-media-type`", body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn drafts(
    State(state): State<Arc<AppState>>,
    Extension(client): Extension<ClientAddress>,
    parameters: Result<Query<Parameters>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let Query(Parameters { role }) = parameters.map_err(|error| Problem::of_query(&error))?;
    if let Some(role) = role.as_ref().filter(|role| !is_role(role)) {
        return Err(Problem::of_parameter("role", "not-a-code", role, "a code of provider_role"));
    }
    let received =
        body::receive(&headers, &[JSON, NDJSON], body, state.draft_bodies.share_of(client)).await?;
    let setting = Setting { now: state.clock.now_ms() / 1_000, role, most_errors: usize::MAX };
    let body = look(&state, client, received, setting).await?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, body).into_response())
}

/// Looks at a body on a thread that may compute, when its turn has come.
async fn look(
    state: &Arc<AppState>,
    client: ClientAddress,
    received: Received,
    setting: Setting,
) -> Result<axum::body::Bytes, Problem> {
    let turn = state.drafts.take(client, None).await;
    let answers = state.answers.clone();
    let work = tokio::task::spawn_blocking(move || {
        let answer = drafts::answer(&received, setting);
        drop(received);
        let held = held(&answers, answer?);
        drop(turn);
        held
    });
    work.await.map_err(|error| Problem::internal(&error))?
}
