//! `GET /readyz`: the ledger takes statements.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::app_state::AppState;
use crate::problem::{Kind, Problem};
use crate::storage::Matter;

/// Says whether the ledger takes statements now.
#[utoipa::path(get, path = "/readyz", tag = "operations", responses(
    (status = 200, description = "`ready`; in the open mode, on a second line, why no published tree has had its quorum", content_type = "text/plain", body = String),
    (status = 503, description = "`not-ready`; `storage-full`; `no-quorum`: which witnesses signed, which did not, since when and why", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn readyz(State(state): State<Arc<AppState>>) -> Response {
    if !state.queue.is_open() {
        return Problem::new(Kind::NOT_READY, "the ledger's writer has stopped").into_response();
    }
    match state
        .storage
        .check(Matter::Ordinary)
        .and_then(|()| state.check_quorum())
        .and_then(|()| state.check_shown())
    {
        Ok(()) => ([(header::CACHE_CONTROL, "no-store")], ready(&state)).into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// Statements are taken. Where nobody waits for a quorum, an operator should know all the same that there is none.
fn ready(state: &AppState) -> String {
    let why = state.board.as_ref().and_then(|board| board.why_lacking(state.clock.now_ms()));
    why.map_or("ready\n".to_owned(), |why| format!("ready\n{why}\n"))
}
