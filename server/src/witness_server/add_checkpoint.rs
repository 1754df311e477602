//! `POST /add-checkpoint`: a checkpoint is submitted, and cosigned if it follows from the last one.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glasshouse_ledger::witness::Added;
use glasshouse_ledger::witness::add_request::REQUEST_MAX;
use glasshouse_ledger::witness::contradiction::Contradiction;
use glasshouse_ledger::witness::evidence_shelf::Kept;
use glasshouse_ledger::witness::refusal::{AddRefusal, Unavailable};

use super::witness_state::WitnessState;
use crate::body::{BodyFault, receive_within};
use crate::limits::RETRY_AFTER_SECONDS;

/// The media type of a size (c2sp.org/tlog-witness).
const SIZE: &str = "text/x.tlog.size";

/// Answers with cosignatures, one line for each key, or with the reason why there are none.
pub(super) async fn add_checkpoint(
    State(state): State<Arc<WitnessState>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (bytes, share) = match receive_within(&headers, body, REQUEST_MAX, &state.bodies).await {
        Ok(received) => received,
        Err(fault) => {
            let (status, text) = of_fault(fault);
            state.meters.answered(None, status.as_u16());
            return refusal(status, text, None);
        }
    };
    let Ok(_turn) = state.adds.acquire().await else {
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "stopping", Some(RETRY_AFTER_SECONDS.into()));
    };
    let shared = Arc::clone(&state);
    // The work is done to its end even if the client goes away: a record that was begun is finished.
    let added = tokio::task::spawn_blocking(move || {
        let _share = share;
        let added = shared.witness.add_checkpoint(&bytes);
        shared.meters.added(&shared.witness, &added);
        tell(&added);
        if shared.witness.has_stopped() {
            shared.stopped.ring();
        }
        added
    });
    match added.await {
        Ok(added) => answer(added),
        Err(error) => {
            // Somebody panicked: what lies on the disk is not known.
            tracing::error!(%error, "the witness failed");
            state.stopped.ring();
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "the witness failed", None)
        }
    }
}

fn answer(added: Added) -> Response {
    let refused = match added.answer {
        Ok(cosigned) => return text(StatusCode::OK, "text/plain; charset=utf-8", cosigned.lines),
        Err(refused) => refused,
    };
    let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match &refused {
        AddRefusal::OtherSize { last } => text(status, SIZE, format!("{last}\n")),
        AddRefusal::TooOften { retry_after_s } => refusal(status, &refused.to_string(), Some(*retry_after_s)),
        AddRefusal::Unavailable(Unavailable::Busy) => {
            refusal(status, &refused.to_string(), Some(RETRY_AFTER_SECONDS.into()))
        }
        _ => refusal(status, &refused.to_string(), None),
    }
}

/// Tells the operator what a log did. Origins are those of the settings; nobody's address is told.
fn tell(added: &Added) {
    let origin = added.origin.as_deref().unwrap_or_default();
    if let Some((Contradiction { reason, .. }, kept)) = &added.evidence {
        let (reason, convicts) = (reason.as_str(), reason.convicts());
        match kept {
            Kept::Written(file) => tracing::warn!(origin, reason, convicts, file, "kept evidence"),
            Kept::Known(file) => tracing::debug!(origin, reason, convicts, file, "evidence is known"),
            Kept::PassedOver => tracing::debug!(origin, reason, "a doubt was not written"),
            Kept::Full => tracing::warn!(origin, reason, convicts, "no room for more evidence"),
        }
    }
    match &added.answer {
        Ok(cosigned) => {
            let (size, time) = (cosigned.record.head().size().get(), cosigned.record.time().get());
            tracing::debug!(origin, size, time, "cosigned");
        }
        Err(AddRefusal::Unavailable(Unavailable::Store(error))) => {
            tracing::error!(origin, %error, "a write failed: nothing is signed any more");
        }
        Err(AddRefusal::Unavailable(Unavailable::Signing(error))) => {
            tracing::error!(origin, %error, "signing failed");
        }
        Err(AddRefusal::Unavailable(Unavailable::Clock)) => {
            tracing::error!(
                origin,
                "the clock is behind the last cosignature: nothing is signed for this log"
            );
        }
        Err(_) => {}
    }
}

const fn of_fault(fault: BodyFault) -> (StatusCode, &'static str) {
    match fault {
        BodyFault::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "a request has at most 131072 bytes"),
        BodyFault::NoRoom => (StatusCode::SERVICE_UNAVAILABLE, "too many requests are being received"),
        BodyFault::BrokeOff => (StatusCode::BAD_REQUEST, "the body broke off"),
        BodyFault::TooSlow => (StatusCode::REQUEST_TIMEOUT, "the body took too long to arrive"),
    }
}

/// One line of text, and when to come back.
fn refusal(status: StatusCode, reason: &str, retry_after_s: Option<u64>) -> Response {
    let mut response = text(status, "text/plain; charset=utf-8", format!("{reason}\n"));
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn text(status: StatusCode, media_type: &'static str, body: String) -> Response {
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body).into_response()
}
