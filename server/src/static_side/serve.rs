//! Answering a request for a resource of the static side.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::StaticSide;
use super::condition::{self, Wanted};
use super::encoding;
use super::folder::{Found, ReadError};
use super::resource::Resource;
use crate::app_state::check_shown;
use crate::problem::{Kind, Problem};

/// Tiles and bundles of a size never change.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The checkpoint must be asked for again each time.
const ALWAYS_ASK: HeaderValue = HeaderValue::from_static("no-cache");

/// Key and marker stay for the life of the log, but a cache need not believe that for a year.
const AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The handler of every static path.
pub(super) async fn resource(
    State(side): State<StaticSide>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    // The path is taken as it was sent: nothing is decoded, so an escape is just another spelling.
    let Some(resource) = Resource::parse(uri.path()) else {
        return Problem::not_found("no resource of a log has this path").into_response();
    };
    if resource == Resource::Checkpoint
        && let Err(problem) = check_shown(side.board.as_deref())
    {
        return problem.into_response();
    }
    let only_head = method == Method::HEAD;
    let compress = is_bundle(resource)
        && !only_head
        && !headers.contains_key(header::RANGE)
        && encoding::takes_gzip(&headers);
    let permit = if compress { side.compressions.clone().acquire_owned().await.ok() } else { None };
    let read = tokio::task::spawn_blocking(move || {
        let found = side.read(resource)?;
        let packed = if permit.is_some() {
            Some(encoding::gzip(&found.bytes).map_err(ReadError::Failed)?)
        } else {
            None
        };
        Ok((found, packed))
    });
    match read.await {
        Ok(Ok((found, None))) => identity(resource, found, &headers, only_head),
        Ok(Ok((found, Some(packed)))) => gzipped(resource, found, packed, &headers),
        Ok(Err(ReadError::Absent)) => Problem::not_found("the log does not hold this").into_response(),
        Ok(Err(ReadError::Busy)) => {
            Problem::new(Kind::OVERLOADED, "too many bundles are being sent").into_response()
        }
        Ok(Err(ReadError::Failed(error))) => Problem::internal(&error).into_response(),
        Err(error) => Problem::internal(&error).into_response(),
    }
}

fn is_bundle(resource: Resource) -> bool {
    matches!(resource, Resource::Bundle(_))
}

fn identity(resource: Resource, found: Found, headers: &HeaderMap, only_head: bool) -> Response {
    let Found { bytes, tag, share } = found;
    let tag = format!("\"{tag}\"");
    if condition::is_known(headers, &tag) {
        return described(StatusCode::NOT_MODIFIED.into_response(), resource, &tag);
    }
    let size = bytes.len();
    // A range means something in a GET only (RFC 9110 §14.2).
    let wanted = if only_head { Wanted::Whole } else { condition::wanted(headers, size, &tag) };
    let data = share.hold(bytes);
    let mut response = match wanted {
        Wanted::Whole => described(Body::from(data).into_response(), resource, &tag),
        Wanted::Part(range) => {
            let place = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            let partial = (StatusCode::PARTIAL_CONTENT, Body::from(data.slice(range))).into_response();
            with(described(partial, resource, &tag), header::CONTENT_RANGE, &place)
        }
        Wanted::Outside => {
            let problem = Problem::new(Kind::RANGE_NOT_SATISFIABLE, format!("the resource has {size} bytes"));
            return with(problem.into_response(), header::CONTENT_RANGE, &format!("bytes */{size}"));
        }
    };
    response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    response
}

fn gzipped(resource: Resource, found: Found, packed: Vec<u8>, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}-gzip\"", found.tag);
    if condition::is_known(headers, &tag) {
        return described(StatusCode::NOT_MODIFIED.into_response(), resource, &tag);
    }
    // The share was taken for the plain bytes; holding it for the packed ones errs to the safe side.
    let response = Body::from(found.share.hold(packed)).into_response();
    with(described(response, resource, &tag), header::CONTENT_ENCODING, "gzip")
}

/// Adds the fields that say what the resource is and how long it lasts.
fn described(mut response: Response, resource: Resource, tag: &str) -> Response {
    let (kind, lasting) = match resource {
        Resource::Checkpoint => (TEXT, ALWAYS_ASK),
        Resource::Vkey => (TEXT, AN_HOUR),
        Resource::AddendaMarker => (BYTES, AN_HOUR),
        Resource::Tile(_) | Resource::Bundle(_) => (BYTES, FOR_EVER),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, lasting);
    if is_bundle(resource) {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if response.status() != StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    with(response, header::ETAG, tag)
}

fn with(mut response: Response, name: header::HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}
