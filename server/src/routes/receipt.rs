//! `GET /api/v1/receipts/{entry}`: everything that proves a statement offline.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

use crate::app_state::{AppState, EntryName, failed};
use crate::problem::Problem;

/// Media type of a receipt.
const RECEIPT: &str = "application/vnd.glasshouse.receipt+json";

/// The receipt of an entry under the newest checkpoint; with `Accept: text/plain`, the entry's tlog-proof.
#[utoipa::path(get, path = "/api/v1/receipts/{entry}", tag = "statements",
    params(("entry" = String, Path, description = "Index, or leaf hash in hex")),
    responses(
        (status = 200, description = "The receipt, or the proof", content((String = "application/vnd.glasshouse.receipt+json"),
            (String = "text/plain"))),
        (status = 400, description = "`bad-request`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn receipt(
    State(state): State<Arc<AppState>>,
    entry: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path(entry) = entry.map_err(|error| Problem::of_path(&error))?;
    let name = EntryName::parse(&entry)?;
    let plain = wants_text(&headers);
    let absent = || Problem::not_found("the log has no such entry");
    let bytes = state.answer(move |reader| {
        let index = name.find(reader)?;
        if plain {
            let proof = reader.tlog_proof(index).map_err(failed)?.ok_or_else(absent)?;
            return Ok(proof.encode().into_bytes());
        }
        let receipt = reader.receipt(index).map_err(failed)?.ok_or_else(absent)?;
        Ok(receipt.encode().into_bytes())
    });
    let kind = if plain { "text/plain; charset=utf-8" } else { RECEIPT };
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache"), (header::VARY, "accept")];
    Ok((headers, bytes.await?).into_response())
}

/// Whether text is asked for by name and the receipt is not.
fn wants_text(headers: &HeaderMap) -> bool {
    let accepted: Vec<&str> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| range.split(';').next().unwrap_or_default().trim())
        .collect();
    accepted.contains(&"text/plain") && !accepted.iter().any(|range| range.ends_with("json"))
}
