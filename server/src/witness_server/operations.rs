//! What operators and auditors ask a witness: its logs, its evidence, whether it works.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use glasshouse_ledger::witness::LogStatus;
use glasshouse_verifier::vkey::Vkey;
use serde_json::json;

use super::witness_state::WitnessState;
use crate::limits::WITNESS_STATUS_LOGS;
use crate::problem::{Kind, Problem};

const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// The witness's keys, each log's state, and the names of the evidence.
pub(super) async fn status(State(state): State<Arc<WitnessState>>) -> Response {
    let witness = &state.witness;
    let logs: Vec<serde_json::Value> = witness.status(WITNESS_STATUS_LOGS).iter().map(log_json).collect();
    let vkeys: Vec<String> = witness.vkeys().iter().map(Vkey::encode).collect();
    let body = json!({
        "vkeys": vkeys,
        "signs": !witness.has_stopped(),
        "logs_in_all": witness.logs(),
        "logs": logs,
        "evidence": witness.evidence(),
    });
    (NO_STORE, Json(body)).into_response()
}

fn log_json(log: &LogStatus) -> serde_json::Value {
    let last = log.last.as_ref();
    json!({
        "origin": &*log.origin,
        "log": log.log.to_hex(),
        "size": last.map(|last| last.head().size().get()),
        "root": last.map(|last| last.head().root().to_base64()),
        "time": last.map(|last| last.time().get()),
        "forks": log.forks,
        "doubts": log.doubts,
    })
}

/// A file of evidence, as it lies there.
pub(super) async fn evidence(State(state): State<Arc<WitnessState>>, Path(name): Path<String>) -> Response {
    let shared = Arc::clone(&state);
    match tokio::task::spawn_blocking(move || shared.witness.get_evidence(&name)).await {
        Ok(Ok(Some(bytes))) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Ok(Ok(None)) => Problem::not_found("there is no evidence of this name").into_response(),
        Ok(Err(error)) => Problem::internal(&error).into_response(),
        Err(error) => Problem::internal(&error).into_response(),
    }
}

/// Says that the process runs and answers.
pub(super) async fn healthz() -> impl IntoResponse {
    (NO_STORE, "ok\n")
}

/// Says whether the witness signs.
pub(super) async fn readyz(State(state): State<Arc<WitnessState>>) -> Response {
    if state.witness.has_stopped() {
        return Problem::new(Kind::NOT_READY, "a write failed, so nothing is signed").into_response();
    }
    (NO_STORE, "ready\n").into_response()
}

/// Counters in Prometheus' text format. They count requests and logs, never who asks.
pub(super) async fn metrics(State(state): State<Arc<WitnessState>>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, state.measure.render())
}
