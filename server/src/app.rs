//! The router of a ledger, and what surrounds every route: bounds on the request, the answer to unknown paths and methods, cross-origin access,
//! log lines and counters.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::cors::{Any, CorsLayer};

use crate::app_state::AppState;
use crate::concise_problem::ConciseProblem;
use crate::entity_tag;
use crate::limits::{MAX_URI, REQUEST_TIMEOUT};
use crate::measure::Measure;
use crate::pages::problem_page;
use crate::problem::{Kind, Problem};
use crate::{routes, static_side};

/// Where the SCITT reference API is.
const SCITT: [&str; 2] = ["/entries", "/.well-known/scitt-keys"];

/// Everything that a ledger's server answers.
pub(crate) fn router(public: PathBuf, state: Arc<AppState>) -> Router {
    let measure = Arc::clone(&state.measure);
    let (computed, _) = routes::described().split_for_parts();
    let files = static_side::router_of(
        public,
        state.answers.clone(),
        Some(state.reader.clone()),
        state.board.clone(),
    );
    let computed = computed.layer(from_fn(entity_tag::tagged)).with_state(state);
    frame(files.merge(computed), measure).layer(from_fn(problem_page::for_people))
}

/// Puts the frame around routes. Every server answers through it.
pub fn frame(routes: Router, measure: Arc<Measure>) -> Router {
    routes
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(bound))
        .layer(open_to_all_origins())
        .layer(from_fn_with_state(measure, observe))
}

async fn unknown_path() -> Problem {
    Problem::not_found("no route has this path")
}

async fn wrong_method(uri: Uri) -> Response {
    told(&uri, Problem::new(Kind::METHOD_NOT_ALLOWED, "the field Allow names the methods"))
}

/// A problem in the form that it has on that path: CBOR in the SCITT reference API, else JSON.
fn told(uri: &Uri, problem: Problem) -> Response {
    let is_below =
        |root| uri.path().strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    match SCITT.into_iter().any(is_below) {
        true => ConciseProblem::from(problem).into_response(),
        false => problem.into_response(),
    }
}

/// Everything here is public and nothing depends on who asks, so any page may read it.
fn open_to_all_origins() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::OPTIONS])
        .allow_headers(Any)
        .expose_headers(Any)
        // The answer is the same for every origin: caches need not keep one for each.
        .vary(Vec::<HeaderName>::new())
        .max_age(std::time::Duration::from_secs(86_400))
}

async fn bound(request: Request, next: Next) -> Response {
    let length = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    if length > MAX_URI {
        let detail = format!("path and query have at most {MAX_URI} bytes");
        return told(request.uri(), Problem::new(Kind::BAD_REQUEST, detail));
    }
    let uri = request.uri().clone();
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => told(&uri, Problem::new(Kind::OVERLOADED, "the answer took too long")),
    }
}

async fn observe(State(measure): State<Arc<Measure>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let status = response.status();
    let took = started.elapsed();
    measure.request(route, status.as_u16(), took);
    log_request(&method, route, status, took.as_micros());
    response
}

/// The route, not the path: what somebody looked up is nobody's business.
fn log_request(method: &Method, route: &str, status: StatusCode, micros: u128) {
    if status.is_server_error() {
        tracing::warn!(%method, route, status = status.as_u16(), micros, "answered");
    } else {
        tracing::debug!(%method, route, status = status.as_u16(), micros, "answered");
    }
}
