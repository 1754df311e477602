//! `GET /entries/{id}`: the COSE receipt of an entry, or its transparent statement (SCITT reference API).

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glasshouse_ledger::reader::Reader;

use crate::accept::{Accepted, COSE, RECEIPT_COSE, STATEMENT_COSE};
use crate::app_state::{AppState, EntryName, failed};
use crate::concise_problem::ConciseProblem;
use crate::limits::RETRY_AFTER_SECONDS;
use crate::problem::{Kind, Problem};

/// The COSE receipt of an entry under the newest published tree; with `Accept: application/scitt-statement+cose` the
/// transparent statement, which carries that receipt.
#[utoipa::path(get, path = "/entries/{id}", tag = "scitt",
    params(("id" = String, Path, description = "Leaf hash in hex, or index")),
    responses(
        (status = 200, description = "The receipt, or the transparent statement",
            content((Vec<u8> = "application/cose"), (Vec<u8> = "application/scitt-receipt+cose"), (Vec<u8> = "application/scitt-statement+cose"))),
        (status = 204, description = "The statement waits for its place: `Retry-After` says when to ask again"),
        (status = 400, description = "`bad-request`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
        (status = 404, description = "`not-found`: no such entry; or its statement was refused", body = Vec<u8>,
            content_type = "application/concise-problem-details+cbor"),
        (status = 500, description = "`internal`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
        (status = 501, description = "`no-receipt-key`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
        (status = 503, description = "`overloaded`, `no-quorum`, `look-ups-behind`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
    ))]
pub(super) async fn entry_receipt(
    State(state): State<Arc<AppState>>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ConciseProblem> {
    state.check_shown()?;
    let Path(id) = id.map_err(|error| Problem::of_path(&error))?;
    let name = EntryName::parse(&id)?;
    let accepted = Accepted::of(&headers);
    let whole = accepted.names(STATEMENT_COSE);
    // Asked for before the tree is: what is settled in between is in the tree.
    let waits = matches!(name, EntryName::Leaf(leaf) if state.pending.has(&leaf));
    let make = move |reader: &Reader, index| {
        let absent = || Problem::not_found("the log has no such entry");
        if whole {
            let whole = reader.transparent_statement(index).map_err(failed)?.ok_or_else(absent)?;
            return Ok(whole.encode());
        }
        Ok(reader.cose_receipt(index).map_err(failed)?.ok_or_else(absent)?.encode())
    };
    let found = async {
        let index = state.find(name).await?;
        state.answer(move |reader| make(reader, index)).await
    };
    let bytes = match found.await {
        Err(problem) if waits && problem.slug() == Kind::NOT_FOUND.slug => return Ok(not_yet()),
        found => found?,
    };
    let kind = match whole {
        true => STATEMENT_COSE,
        false if accepted.names(RECEIPT_COSE) => RECEIPT_COSE,
        false => COSE,
    };
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache"), (header::VARY, "accept")];
    Ok((headers, bytes).into_response())
}

fn not_yet() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
