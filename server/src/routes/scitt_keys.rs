//! `GET /.well-known/scitt-keys` and one key of it: what checks the log's COSE receipts (SCITT reference API).

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glasshouse_verifier::cose_key_set::{encode_key, encode_key_set};

use crate::app_state::AppState;
use crate::body::CBOR;
use crate::concise_problem::ConciseProblem;
use crate::problem::Problem;

/// Keys change once in years; an hour later everybody has a new one.
const CACHE: &str = "public, max-age=3600";

/// Every key that the log ever named for COSE receipts, as a COSE_KeySet, in the order of the log.
#[utoipa::path(get, path = "/.well-known/scitt-keys", tag = "scitt", responses(
    (status = 200, description = "The keys", body = Vec<u8>, content_type = "application/cbor"),
    (status = 500, description = "`internal`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
    (status = 503, description = "`overloaded`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
))]
pub(super) async fn scitt_keys(State(state): State<Arc<AppState>>) -> Result<Response, ConciseProblem> {
    let keys =
        state.answer(|reader| Ok(reader.with_registry(|registry| encode_key_set(registry.receipt_keys()))));
    Ok(answer(keys.await?))
}

/// One of these keys as a COSE_Key.
#[utoipa::path(get, path = "/.well-known/scitt-keys/{kid}", tag = "scitt",
    params(("kid" = String, Path, description = "The key's thumbprint (RFC 9679), base64url without padding: 43 characters")),
    responses(
        (status = 200, description = "The key", body = Vec<u8>, content_type = "application/cbor"),
        (status = 404, description = "`not-found`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
        (status = 500, description = "`internal`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
        (status = 503, description = "`overloaded`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
    ))]
pub(super) async fn scitt_key(
    State(state): State<Arc<AppState>>,
    kid: Result<Path<String>, PathRejection>,
) -> Result<Response, ConciseProblem> {
    let Path(kid) = kid.map_err(|error| Problem::of_path(&error))?;
    let kid = URL_SAFE_NO_PAD.decode(&kid).ok();
    let key = state.answer(move |reader| {
        let found = reader.with_registry(|registry| {
            let mut keys = registry.receipt_keys().iter();
            keys.find(|key| kid.as_deref() == Some(key.kid().as_bytes().as_slice())).map(encode_key)
        });
        Ok(found.ok_or_else(|| Problem::not_found("the log has no such key for receipts"))?.to_vec())
    });
    Ok(answer(key.await?))
}

fn answer(body: axum::body::Bytes) -> Response {
    ([(header::CONTENT_TYPE, CBOR), (header::CACHE_CONTROL, CACHE)], body).into_response()
}
