//! `GET /addenda/…`: one text, as it was committed to (c2sp.org/tlog-addenda).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glasshouse_ledger::reader::AddendumState;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::size::LeafIndex;

use crate::app_state::{AppState, failed, held};
use crate::problem::{Kind, Problem};
use crate::static_side::condition::is_known;

/// A text can be erased, so nobody keeps it for long.
const A_MINUTE: &str = "public, max-age=60";

/// The bytes of an addendum, whose SHA-256 is the digest in the path.
#[utoipa::path(get, path = "/addenda/{first}/{second}/{digest}", tag = "log",
    params(
        ("first" = String, Path, description = "The first two hex digits of the digest"),
        ("second" = String, Path, description = "The next two"),
        ("digest" = String, Path, description = "All 64, lower-case"),
    ),
    responses(
        (status = 200, description = "The addendum, CBOR", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 404, description = "`not-found`, or `addendum-withheld`: the issuer keeps it", body = Problem,
            content_type = "application/problem+json"),
        (status = 451, description = "`addendum-redacted`: the field Link names the entry and the redaction", body = Problem,
            content_type = "application/problem+json"),
    ))]
pub(super) async fn addendum(
    State(state): State<Arc<AppState>>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let absent = || Problem::not_found("no entry commits to such a text");
    let Path((first, second, text)) = path.map_err(|_| absent())?;
    let digest = Digest::from_hex(&text).map_err(|_| absent())?;
    if first != text[..2] || second != text[2..4] {
        return Err(absent());
    }
    let answers = state.answers.clone();
    let found = state.look_up(move |reader| match reader.addendum(&digest).map_err(failed)? {
        AddendumState::Served { bytes, .. } | AddendumState::Disclosed { bytes, .. } => {
            Ok(Ok(held(&answers, bytes)?))
        }
        AddendumState::Withheld { index, .. } => {
            let problem =
                Problem::new(Kind::ADDENDUM_WITHHELD, "the issuer commits to this text and keeps it");
            Ok(Err(linked(problem, &format!("</e/{index}>; rel=\"describedby\""))))
        }
        AddendumState::Redacted { index, by, .. } => Ok(Err(redacted(index, by))),
        AddendumState::NotFound => Err(absent()),
    });
    Ok(match found.await? {
        Ok(bytes) => served(&headers, &text, bytes),
        Err(response) => response,
    })
}

fn served(headers: &HeaderMap, digest: &str, bytes: Bytes) -> Response {
    let tag = format!("\"{digest}\"");
    let common = [(header::CACHE_CONTROL, A_MINUTE.to_owned()), (header::ETAG, tag.clone())];
    if is_known(headers, &tag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, [(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
}

/// Names the page of the entry that commits to the text, that of the redaction, and who blocks: this ledger itself
/// (RFC 7725 §4).
fn redacted(index: LeafIndex, by: LeafIndex) -> Response {
    let problem = Problem::new(Kind::ADDENDUM_REDACTED, format!("this text was redacted by entry {by}"));
    let links =
        format!("</e/{index}>; rel=\"describedby\", </e/{by}>; rel=\"related\", </>; rel=\"blocked-by\"");
    linked(problem, &links)
}

fn linked(problem: Problem, links: &str) -> Response {
    let mut response = problem.into_response();
    if let Ok(links) = HeaderValue::from_str(links) {
        response.headers_mut().insert(header::LINK, links);
    }
    response
}
