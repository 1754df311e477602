//! `POST /api/v1/statements`: take statements into the log.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;

use crate::app_state::AppState;
use crate::body;
use crate::client_address::ClientAddress;
use crate::problem::{Kind, Problem};
use crate::storage::Matter;
use crate::submission::{self, Outcome};

/// One result for each submission, in order.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Results {
    /// Each item stands or falls alone.
    results: Vec<Outcome>,
}

/// Takes a batch of statements: a CBOR array of 1 to 1,000 submissions `[statement, [addendum …]]`, each a byte string.
///
/// The answer comes when a published checkpoint covers what was accepted. Sending the same again is safe: it is
/// answered with the first place.
#[utoipa::path(post, path = "/api/v1/statements", tag = "statements",
    request_body(content = Vec<u8>, content_type = "application/cbor", description = "At most 16 MiB"),
    responses(
        (status = 200, description = "At least one statement is on record", body = Results),
        (status = 400, description = "`not-cbor`, `not-deterministic`, `batch-size`, `bad-request`: nothing was taken",
            body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request-timeout`: the body took too long to arrive", body = Problem,
            content_type = "application/problem+json"),
        (status = 413, description = "`body-too-large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported-media-type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "None of the statements was taken", body = Results),
        (status = 503, description = "`overloaded`, `not-ready`, `storage-full`, `no-quorum`", body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn submit(
    State(state): State<Arc<AppState>>,
    Extension(client): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    if !state.queue.is_open() {
        return Err(Problem::new(Kind::NOT_READY, "the ledger has stopped"));
    }
    // What it is shows only when it has come.
    state.storage.check(Matter::Protecting)?;
    state.check_quorum()?;
    let received = body::receive(&headers, &[body::CBOR], body, state.bodies.share_of(client)).await?;
    let results = submission::submit(&state, client, received).await?;
    let status = match results.iter().any(Outcome::stands) {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok((status, [(header::CACHE_CONTROL, "no-store")], Json(Results { results })).into_response())
}
