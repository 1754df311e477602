//! Problems (RFC 9457): the answer that carries one of a kind, with every wrong field.

mod kind;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glasshouse_ledger::rejection::Rejection;
use glasshouse_verifier::payload_error::PayloadError;
use serde::{Deserialize, Serialize};

pub use self::kind::Kind;
use crate::limits::{INDEX_RETRY_AFTER_SECONDS, RETRY_AFTER_SECONDS, STORAGE_RETRY_AFTER_SECONDS};

/// Media type of a problem (RFC 9457 §3).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What every problem's `type` begins with.
pub const TYPE_PREFIX: &str = "urn:glasshouse:problem:";

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Position of the submission in the batch, from 0; absent where there is no batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<u64>,
    /// JSON Pointer (RFC 6901) into the payload; for what stands in the headers `/alg`, `/kid`, `/iss`, `/aud`, `/iat`, and
    /// `/signature`; empty for the statement as a whole. Or the name of a query parameter.
    pub path: String,
    /// The rule that was broken.
    pub rule: String,
    /// What was given, at most 100 characters, never a text of an addendum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// What would be allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
    /// What may have been meant, the likeliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<String>,
}

impl FieldError {
    /// Where a rejection without a list of fields points: its slug is the rule, and belongs to one place.
    fn of_slug(item: usize, slug: &str) -> FieldError {
        let path = match slug {
            "unknown-algorithm" => "/alg",
            "unknown-key" | "key-retired" => "/kid",
            "wrong-issuer" => "/iss",
            "wrong-audience" => "/aud",
            "issued-in-future" | "issued-too-long-ago" => "/iat",
            "bad-signature" => "/signature",
            "weak-key" | "already-enrolled" => "/key",
            "not-authorised" | "not-understood" => "/type",
            "role-not-enrolled" => "/provider_role",
            "sequence-ahead" | "sequence-conflict" | "sequence-void" => "/sequence",
            "too-many-addenda" => "/addenda",
            slug if slug.starts_with("target-") => "/targets",
            "must-be-withheld" => "/fields",
            slug if slug.starts_with("addendum-") => "/addenda",
            _ => "",
        };
        FieldError {
            item: u64::try_from(item).ok(),
            path: path.to_owned(),
            rule: slug.to_owned(),
            given: None,
            allowed: None,
            near: Vec::new(),
        }
    }

    fn of_payload(item: usize, error: &PayloadError) -> FieldError {
        FieldError {
            item: u64::try_from(item).ok(),
            path: error.path.clone(),
            rule: error.rule.as_str().to_owned(),
            given: error.given.clone(),
            allowed: error.allowed.clone(),
            near: Vec::new(),
        }
    }
}

/// How far the search index is, or the look-ups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Progress {
    /// The size of the tree that it covers.
    pub indexed: u64,
    /// Entries of the published tree.
    pub size: u64,
}

/// The JSON object of a problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// `urn:glasshouse:problem:` and the slug.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind's sentence.
    pub title: String,
    /// The HTTP status that belongs to the kind.
    pub status: u16,
    /// What is wrong here.
    pub detail: String,
    /// Every wrong field at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Of `index-behind` and `look-ups-behind`: how far the index is, or the look-ups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Box<Progress>>,
}

impl Problem {
    /// A problem of a kind, with a sentence about this case. The sentence is shown to whoever asked: nothing
    /// internal belongs in it.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Problem {
        Problem {
            kind: format!("{TYPE_PREFIX}{}", kind.slug),
            title: kind.title.to_owned(),
            status: kind.status,
            detail: detail.into(),
            errors: Vec::new(),
            progress: None,
        }
    }

    /// An answer that would be untrue before the search index covers the log.
    pub fn index_behind(progress: Progress) -> Problem {
        let Progress { indexed, size } = progress;
        let detail = format!(
            "the search index covers {indexed} of {size} entries; what it does not cover would be missing here"
        );
        Problem { progress: Some(Box::new(progress)), ..Problem::new(Kind::INDEX_BEHIND, detail) }
    }

    /// An answer that would be untrue, or take too long, before the look-ups by hash and number cover the log.
    pub fn look_ups_behind(progress: Progress) -> Problem {
        let Progress { indexed, size } = progress;
        let detail = format!("the look-ups are being built: {indexed} of {size} entries are covered");
        Problem { progress: Some(Box::new(progress)), ..Problem::new(Kind::LOOK_UPS_BEHIND, detail) }
    }

    /// The same problem, naming wrong fields.
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Problem {
        self.errors = errors;
        self
    }

    /// What became of one item of a batch: the ledger's reason, its status, and every wrong field with the item's number.
    pub fn of_item(item: usize, rejection: &Rejection) -> Problem {
        let kind = Kind::of_slug(rejection.slug).unwrap_or(Kind::INTERNAL);
        let mut problem = Problem::new(kind, rejection.detail.clone());
        problem.status = rejection.status;
        problem.errors = rejection.errors.iter().map(|error| FieldError::of_payload(item, error)).collect();
        if problem.errors.is_empty() {
            problem.errors.push(FieldError::of_slug(item, rejection.slug));
        }
        problem
    }

    /// The failure of a query or path parameter.
    pub fn of_parameter(name: &str, rule: &str, given: &str, allowed: &str) -> Problem {
        Problem::of_parameter_near(name, rule, given, allowed, std::iter::empty::<String>())
    }

    /// The same, where it can be told what may have been meant.
    pub fn of_parameter_near(
        name: &str,
        rule: &str,
        given: &str,
        allowed: &str,
        near: impl IntoIterator<Item = impl Into<String>>,
    ) -> Problem {
        let near: Vec<String> = near.into_iter().map(Into::into).collect();
        let detail = match near.is_empty() {
            true => format!("{name}: {allowed}"),
            false => format!("{name}: did you mean {}? {allowed}", near.join(" or ")),
        };
        Problem::new(Kind::BAD_REQUEST, detail).with_errors(vec![FieldError {
            item: None,
            path: name.to_owned(),
            rule: rule.to_owned(),
            given: Some(given.chars().take(100).collect()),
            allowed: Some(allowed.to_owned()),
            near,
        }])
    }

    /// A query that cannot be read at all.
    pub fn of_query(error: &QueryRejection) -> Problem {
        Problem::new(Kind::BAD_REQUEST, error.body_text())
    }

    /// A path whose percent escapes are no UTF-8.
    pub fn of_path(error: &PathRejection) -> Problem {
        Problem::new(Kind::BAD_REQUEST, error.body_text())
    }

    /// "There is nothing here."
    pub fn not_found(detail: impl Into<String>) -> Problem {
        Problem::new(Kind::NOT_FOUND, detail)
    }

    /// A failure of ours: the reason goes to the log, not into the answer.
    pub fn internal(reason: &dyn std::fmt::Display) -> Problem {
        tracing::error!(%reason, "request failed");
        Problem::new(Kind::INTERNAL, "the failure was logged; the same request may succeed later")
    }

    /// The slug.
    pub fn slug(&self) -> &str {
        self.kind.strip_prefix(TYPE_PREFIX).unwrap_or(&self.kind)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = Kind::of_slug(self.slug()).map_or(StatusCode::INTERNAL_SERVER_ERROR, Kind::status_code);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after(self.slug())));
        }
        // Where a browser asked, it is told again as a page.
        response.extensions_mut().insert(self);
        response
    }
}

/// `Retry-After` of a problem that passes, in seconds.
pub(crate) fn retry_after(slug: &str) -> u32 {
    match slug {
        _ if slug == Kind::INDEX_BEHIND.slug || slug == Kind::LOOK_UPS_BEHIND.slug => {
            INDEX_RETRY_AFTER_SECONDS
        }
        _ if slug == Kind::STORAGE_FULL.slug => STORAGE_RETRY_AFTER_SECONDS,
        _ => RETRY_AFTER_SECONDS,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn overload_says_when_to_come_back() {
        let response = Problem::new(Kind::OVERLOADED, "full").into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
        assert_eq!(response.headers()[header::CONTENT_TYPE], PROBLEM_JSON);
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    }

    #[test]
    fn the_object_has_the_members_of_the_rfc() {
        let problem = Problem::of_parameter("size", "out-of-range", "99", "1 to 8");
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["type"], "urn:glasshouse:problem:bad-request");
        assert_eq!(json["status"], 400);
        assert_eq!(json["errors"][0]["path"], "size");
        assert_eq!(json["errors"][0]["given"], "99");
        assert!(json["errors"][0].get("item").is_none());
    }
}
