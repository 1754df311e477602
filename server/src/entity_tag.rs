//! Entity tags of answers (RFC 9110 section 8.8.3): whoever has the same bytes already is sent none.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use glasshouse_verifier::hash::Digest;
use hyper::body::Body as _;

use crate::limits::TAGGED_ANSWER;
use crate::problem::Problem;
use crate::static_side::condition::is_known;

/// The tag of these bytes.
fn tag_of(bytes: &[u8]) -> String {
    format!("\"{}\"", Digest::of(bytes))
}

/// Gives a tag to whole answers that may be kept, and 304 to whoever names it. What has a tag of its own, is streamed, great, or not
/// to be kept passes as it is.
pub(crate) async fn tagged(request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_head = request.method() == Method::HEAD;
    let known = request.headers().clone();
    let response = next.run(request).await;
    if !is_read || !is_to_be_tagged(&response) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // It lies in memory as one piece already, and keeps its share of what may.
    let bytes = match to_bytes(body, TAGGED_ANSWER).await {
        Ok(bytes) => bytes,
        Err(error) => return Problem::internal(&error).into_response(),
    };
    let tag = tag_of(&bytes);
    let is_known = is_known(&known, &tag);
    // Quotes and hex digits are a value of a field.
    parts.headers.extend(HeaderValue::try_from(tag).ok().map(|tag| (header::ETAG, tag)));
    if is_known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        if is_head {
            // Else 0 would stand here, which a cache may take for another answer's length (RFC 9110 section 8.6).
            parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        }
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn is_to_be_tagged(response: &Response) -> bool {
    let headers = response.headers();
    let is_small = |size| usize::try_from(size).is_ok_and(|size| size <= TAGGED_ANSWER);
    response.status() == StatusCode::OK
        && headers.get(header::CACHE_CONTROL).is_some_and(|lasts| lasts != "no-store")
        && !headers.contains_key(header::ETAG)
        && response.body().size_hint().exact().is_some_and(is_small)
}
