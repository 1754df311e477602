//! `GET /<hex SHA-256 of the origin>/checkpoint`: the checkpoint that was cosigned last, with the log's signatures and
//! the witness's, so that anybody can compare it with what the log shows.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use glasshouse_ledger::witness::log_settings::LogId;

use super::witness_state::WitnessState;
use crate::problem::Problem;

/// Answers with the note, or 404 for a log that is not watched or was never cosigned.
pub(super) async fn checkpoint(State(state): State<Arc<WitnessState>>, Path(log): Path<String>) -> Response {
    let Some(record) = LogId::from_hex(&log).and_then(|log| state.witness.last(log)) else {
        return Problem::not_found("no checkpoint of such a log was cosigned here").into_response();
    };
    // No cache in between may show an old one as the newest.
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, record.note().encode()).into_response()
}
