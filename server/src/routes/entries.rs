//! `POST /entries`: take one signed statement into the log (SCITT reference API).

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glasshouse_verifier::bounds::ENTRY_MAX;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::submission::{SubmissionSlices, encode_batch};

use crate::accept::{COSE, STATEMENT_COSE};
use crate::app_state::{AppState, failed};
use crate::body::{self, Received};
use crate::client_address::ClientAddress;
use crate::concise_problem::ConciseProblem;
use crate::limits::{ENTRY_WAIT, RETRY_AFTER_SECONDS};
use crate::problem::{Kind, Problem};
use crate::storage::Matter;
use crate::submission::{self, Outcome, Patience};

/// How a client says that it would rather come back than wait (RFC 7240 §4.1).
const RESPOND_ASYNC: &str = "respond-async";

/// Takes one signed statement: the COSE_Sign1, without texts beside it.
///
/// For statements that commit to no text, or withhold every one. What brings texts goes to `/api/v1/statements`. The answer
/// is the COSE receipt, once a published checkpoint covers the statement; 202 after ten seconds, or at once where the request
/// says `Prefer: respond-async`. Sending the same again is safe.
#[utoipa::path(post, path = "/entries", tag = "scitt",
    request_body(content = Vec<u8>, content_type = "application/cose", description = "At most 65,535 bytes"),
    responses(
        (status = 201, description = "On record: its COSE receipt; `Location` names the entry", body = Vec<u8>, content_type = "application/cose"),
        (status = 202, description = "On its way: `Location` names the entry, `Retry-After` says when to ask"),
        (status = 400, description = "The statement was refused; the detail begins with the slug", body = Vec<u8>,
            content_type = "application/concise-problem-details+cbor"),
        (status = 408, description = "`request-timeout`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
        (status = 413, description = "`body-too-large`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
        (status = 415, description = "`unsupported-media-type`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
        (status = 429, description = "`overloaded`: `Retry-After` says when to try again", body = Vec<u8>,
            content_type = "application/concise-problem-details+cbor"),
        (status = 500, description = "`internal`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
        (status = 501, description = "`no-receipt-key`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
        (status = 503, description = "`not-ready`, `storage-full`, `no-quorum`", body = Vec<u8>, content_type = "application/concise-problem-details+cbor"),
    ))]
pub(super) async fn register(
    State(state): State<Arc<AppState>>,
    Extension(client): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ConciseProblem> {
    if !state.reader.signs_receipts() {
        return Err(
            Problem::new(Kind::NO_RECEIPT_KEY, "this ledger takes statements at /api/v1/statements").into()
        );
    }
    if !state.queue.is_open() {
        return Err(Problem::new(Kind::NOT_READY, "the ledger has stopped").into());
    }
    // What it is shows only when it has come.
    state.storage.check(Matter::Protecting)?;
    state.check_quorum()?;
    let share = state.bodies.share_of(client);
    let received = body::receive_at_most(ENTRY_MAX, &headers, &[COSE, STATEMENT_COSE], body, share);
    let received = received.await.map_err(busy)?;
    let leaf = leaf_of(&received.bytes)?;
    let place = state.pending.begin(leaf, client);
    let place = place.ok_or_else(|| ConciseProblem::too_many("too many statements wait for their place"))?;
    let checked = submission::check(&state, client, as_batch(received)).await.map_err(busy)?;
    if checked.all_stand() {
        // Whoever does not wait is not told later.
        state.storage.check(checked.matter())?;
    }
    let wait = match wants_no_wait(&headers) && checked.all_stand() {
        true => Duration::ZERO,
        false => ENTRY_WAIT,
    };
    let task = {
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let outcomes = submission::settle(&state, checked, Patience::Lasts).await;
            // From here on the published tree tells.
            drop(place);
            outcomes
        })
    };
    match tokio::time::timeout(wait, task).await {
        Err(_) => Ok(accepted(&leaf, wait.is_zero())),
        Ok(done) => {
            let outcomes = done.map_err(|error| Problem::internal(&error))?.map_err(busy)?;
            let outcome = outcomes.into_iter().next();
            let outcome = outcome.ok_or_else(|| Problem::internal(&"a statement without an answer"))?;
            registered(&state, &leaf, outcome).await
        }
    }
}

/// The leaf hash follows from the statement; so does most of what can be wrong with it.
fn leaf_of(bytes: &[u8]) -> Result<LeafHash, ConciseProblem> {
    let refused = |slug: &str, detail: String| {
        let kind = Kind::of_slug(slug).unwrap_or(Kind::INVALID_STATEMENT);
        ConciseProblem::refused(Problem::new(kind, detail))
    };
    let statement = Statement::parse(bytes).map_err(|error| refused(error.slug(), error.to_string()))?;
    let entry = Entry::of(statement).map_err(|error| refused(error.slug(), error.to_string()))?;
    Ok(entry.leaf_hash())
}

/// The body of a batch with this statement alone, and no texts.
fn as_batch(received: Received) -> Received {
    let submission = SubmissionSlices { statement: &received.bytes, addenda: Vec::new() };
    Received { bytes: encode_batch(&[submission]), ..received }
}

/// Whoever is told "too many" should come back, and no rule of the statement is broken.
fn busy(problem: Problem) -> ConciseProblem {
    match problem.slug() == Kind::OVERLOADED.slug {
        true => ConciseProblem::too_many(&problem.detail),
        false => problem.into(),
    }
}

fn wants_no_wait(headers: &HeaderMap) -> bool {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split([',', ';']))
        .any(|word| word.trim().eq_ignore_ascii_case(RESPOND_ASYNC))
}

fn location(leaf: &str) -> HeaderValue {
    // Hexadecimal digits are fit for a header field.
    HeaderValue::from_str(&format!("/entries/{leaf}")).unwrap_or(HeaderValue::from_static("/entries"))
}

/// The statement is on its way. `as_asked`: the client would rather come back than wait.
fn accepted(leaf: &LeafHash, as_asked: bool) -> Response {
    let mut response = StatusCode::ACCEPTED.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, location(&leaf.to_hex()));
    headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if as_asked {
        headers
            .insert(HeaderName::from_static("preference-applied"), HeaderValue::from_static(RESPOND_ASYNC));
    }
    response
}

/// What became of the statement: its receipt, or why it was refused.
async fn registered(
    state: &Arc<AppState>,
    leaf: &LeafHash,
    outcome: Outcome,
) -> Result<Response, ConciseProblem> {
    let (index, found) = match outcome {
        Outcome::Accepted { index, leaf_hash } | Outcome::Duplicate { index, leaf_hash } => {
            (index, leaf_hash)
        }
        Outcome::Rejected { mut problem } => {
            if problem.slug() == Kind::ADDENDUM_MISSING.slug {
                problem.detail.push_str("; what brings texts is sent to /api/v1/statements");
            }
            return Err(ConciseProblem::refused(problem));
        }
    };
    if found != leaf.to_hex() {
        let detail = "it is on record as another entry, signed by another key or at another time; a receipt of that one does not fit this one";
        let problem = ConciseProblem::refused(Problem::new(Kind::DUPLICATE, detail));
        return Err(problem.with_field(header::LOCATION, location(&found)));
    }
    let index = LeafIndex::new(index).map_err(|error| Problem::internal(&error))?;
    let receipt = state.answer(move |reader| {
        let receipt = reader.cose_receipt(index).map_err(failed)?;
        Ok(receipt.ok_or_else(|| Problem::internal(&"an entry that is not published"))?.encode())
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(COSE)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::LOCATION, location(&found)),
    ];
    Ok((StatusCode::CREATED, headers, receipt.await?).into_response())
}
