//! Concise problem details (RFC 9290): the form that problems have on the routes of the SCITT reference API.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glasshouse_verifier::cbor::{self, Item};

use crate::problem::{Kind, Problem, retry_after};

/// Media type of a concise problem (RFC 9290 §6).
pub(crate) const PROBLEM_CBOR: &str = "application/concise-problem-details+cbor";

/// Wrong fields that are named at most; whoever wants all of them asks `POST /api/v1/statements`.
const FIELDS_NAMED: usize = 10;

/// `{-1: title, -2: detail}`, where the detail begins with the problem's slug.
#[derive(Debug)]
pub(crate) struct ConciseProblem {
    status: StatusCode,
    title: String,
    detail: String,
    retry_after: u32,
    more: Vec<(HeaderName, HeaderValue)>,
}

impl ConciseProblem {
    /// A statement that was refused. Whatever is wrong with it: 400. What is no fault of the statement keeps its status, so that
    /// its client sends it again.
    pub(crate) fn refused(problem: Problem) -> ConciseProblem {
        let concise = ConciseProblem::from(problem);
        match concise.status.is_server_error() {
            true => concise,
            false => ConciseProblem { status: StatusCode::BAD_REQUEST, ..concise },
        }
    }

    /// Too much at once: 429, with the time to wait.
    pub(crate) fn too_many(detail: &str) -> ConciseProblem {
        let problem = Problem::new(Kind::OVERLOADED, detail);
        ConciseProblem { status: StatusCode::TOO_MANY_REQUESTS, ..problem.into() }
    }

    /// The same, with one more field in its header.
    pub(crate) fn with_field(mut self, name: HeaderName, value: HeaderValue) -> ConciseProblem {
        self.more.push((name, value));
        self
    }
}

impl From<Problem> for ConciseProblem {
    fn from(problem: Problem) -> ConciseProblem {
        let status = Kind::of_slug(problem.slug()).and_then(|kind| StatusCode::from_u16(kind.status).ok());
        let retry_after = retry_after(problem.slug());
        let mut detail = format!("{}: {}", problem.slug(), problem.detail);
        for error in problem.errors.iter().filter(|error| !error.path.is_empty()).take(FIELDS_NAMED) {
            detail.push_str(&format!("; {} {}", error.path, error.rule));
        }
        ConciseProblem {
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            title: problem.title,
            detail,
            retry_after,
            more: Vec::new(),
        }
    }
}

impl IntoResponse for ConciseProblem {
    fn into_response(self) -> Response {
        let text = |label: i128, text: String| (Item::Integer(label), Item::text(text));
        let body = cbor::encode(&Item::Map(vec![text(-1, self.title), text(-2, self.detail)]));
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_CBOR));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(self.status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(self.retry_after));
        }
        headers.extend(self.more);
        response
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use glasshouse_ledger::rejection::Rejection;

    #[tokio::test]
    async fn a_problem_is_two_texts() {
        let response = ConciseProblem::from(Problem::not_found("no such entry")).into_response();
        assert_eq!(
            (response.status(), &response.headers()["content-type"]),
            (StatusCode::NOT_FOUND, &HeaderValue::from_static(PROBLEM_CBOR))
        );
        let body = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
        let Ok(Item::Map(pairs)) = cbor::decode(&body) else { panic!("no map") };
        assert_eq!(pairs[0], (Item::Integer(-1), Item::text("There is nothing here")));
        assert_eq!(pairs[1], (Item::Integer(-2), Item::text("not-found: no such entry")));
    }

    /// As numbering refuses a statement while the look-ups are being built, or where they are broken.
    #[test]
    fn a_refusal_that_is_our_fault_is_no_bad_request() {
        let refused = |slug: &'static str| {
            let problem = Problem::of_item(0, &Rejection::new(slug, "why"));
            let response = ConciseProblem::refused(problem).into_response();
            (response.status().as_u16(), response.headers().contains_key(header::RETRY_AFTER))
        };
        assert_eq!(refused("not-ready"), (503, true));
        assert_eq!(refused("internal"), (500, false));
        for slug in ["sequence-conflict", "target-unknown", "bad-signature", "addendum-missing"] {
            assert_eq!(refused(slug), (400, false), "{slug}");
        }
    }

    #[test]
    fn overload_says_when_to_come_back() {
        let response = ConciseProblem::too_many("full").into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    }
}
