//! `GET /metrics`: counters for Prometheus.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::app_state::AppState;
use crate::completeness_view::all_embargoes;
use crate::limits::BODIES_IN_FLIGHT;

/// The server's counters in Prometheus' text format. They count requests and statements, never readers.
#[utoipa::path(get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "Counters", content_type = "text/plain", body = String)))]
pub(super) async fn metrics(State(state): State<Arc<AppState>>) -> impl IntoResponse {
    state.measure.level("glasshouse_queued_statements", state.queue.queued());
    state.measure.level("glasshouse_bodies_bytes", (BODIES_IN_FLIGHT - state.bodies.free()) as u64);
    let quorum_age_ms = state.board.as_ref().and_then(|board| board.quorum_age_ms(state.clock.now_ms()));
    if let Some(age_ms) = quorum_age_ms {
        state.measure.level("glasshouse_quorum_age_seconds", age_ms / 1_000);
    }
    if let Some(board) = &state.board {
        state.measure.level("glasshouse_witnesses_unheard", board.unheard() as u64);
    }
    let lacking_ms = state.board.as_ref().map(|board| board.lacking_ms(state.clock.now_ms()));
    if let Some(lacking_ms) = lacking_ms {
        state.measure.level("glasshouse_without_quorum_seconds", lacking_ms / 1_000);
    }
    state.storage.measure(&state.measure);
    state.search.measure(&state.reader, &state.measure);
    // Without a day of the calendar there is nothing to be overdue on.
    if let Ok(today) = state.today() {
        let embargoes = state.reader.with_registry(|registry| all_embargoes(registry, today));
        state.measure.level("glasshouse_embargoes_open", embargoes.open);
        state.measure.level("glasshouse_embargoes_overdue", embargoes.overdue);
    }
    let headers = [
        (header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, state.measure.render())
}
