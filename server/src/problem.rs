//! Problems (RFC 9457): one table of kinds, and the answer that carries one.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glasshouse_ledger::rejection::Rejection;
use glasshouse_verifier::payload_error::PayloadError;
use serde::{Deserialize, Serialize};

use crate::limits::RETRY_AFTER_SECONDS;

/// Media type of a problem (RFC 9457 §3).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What every problem's `type` begins with.
pub const TYPE_PREFIX: &str = "urn:glasshouse:problem:";

/// A kind of problem: a row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Stable name, the end of `type`.
    pub slug: &'static str,
    /// HTTP status, 400–599: of the answer, or of one item inside a batch.
    pub status: u16,
    /// Short sentence that is the same for every problem of the kind.
    pub title: &'static str,
}

macro_rules! kinds {
    ($($name:ident $slug:literal $status:literal $title:literal;)*) => {
        impl Kind {
            $(#[doc = concat!("`", $slug, "`: ", $title, ".")]
            pub const $name: Kind = Kind { slug: $slug, status: $status, title: $title };)*

            /// Every kind, in the order of the table.
            pub const ALL: &'static [Kind] = &[$(Kind::$name),*];
        }
    };
}

kinds! {
    NOT_CBOR "not-cbor" 400 "The body is not CBOR of the expected shape";
    NOT_DETERMINISTIC "not-deterministic" 400 "The CBOR is not in its one deterministic encoding";
    NOT_JSON "not-json" 400 "The body is not JSON";
    BATCH_SIZE "batch-size" 400 "A body holds 1 to 1,000 items";
    BODY_TOO_LARGE "body-too-large" 413 "The body is larger than 16 MiB";
    UNSUPPORTED_MEDIA_TYPE "unsupported-media-type" 415 "The body's media type is not taken here";
    NOT_UNDERSTOOD "not-understood" 422 "A version, type or vocabulary that this ledger does not know";
    UNKNOWN_KEY "unknown-key" 422 "The key is not enrolled";
    KEY_RETIRED "key-retired" 422 "The key was retired";
    WRONG_ISSUER "wrong-issuer" 422 "The key belongs to another issuer";
    WRONG_AUDIENCE "wrong-audience" 422 "The statement is meant for another log";
    BAD_SIGNATURE "bad-signature" 422 "The signature does not verify";
    UNKNOWN_ALGORITHM "unknown-algorithm" 422 "The signature algorithm is not Ed25519";
    WEAK_KEY "weak-key" 422 "The key is not a sound Ed25519 key";
    INVALID_STATEMENT "invalid-statement" 422 "The statement's envelope is not as it must be";
    INVALID_PAYLOAD "invalid-payload" 422 "Fields of the payload break rules";
    ADDENDUM_MISMATCH "addendum-mismatch" 422 "An addendum fits no digest of the statement";
    ADDENDUM_MISSING "addendum-missing" 422 "An addendum is neither sent nor withheld";
    ADDENDUM_WITHHELD "addendum-withheld" 404 "The text is withheld by its provider";
    ADDENDUM_REDACTED "addendum-redacted" 451 "The text was redacted";
    ADDENDUM_INVALID "addendum-invalid" 422 "An addendum is not as it must be";
    TOO_MANY_ADDENDA "too-many-addenda" 422 "A statement has at most 32 addenda";
    ENTRY_TOO_LARGE "entry-too-large" 422 "An entry has at most 65,535 bytes";
    SEQUENCE_AHEAD "sequence-ahead" 422 "The sequence number is too far ahead";
    SEQUENCE_CONFLICT "sequence-conflict" 409 "The sequence number was used for another statement";
    SEQUENCE_VOID "sequence-void" 422 "The sequence number was declared void";
    ISSUED_IN_FUTURE "issued-in-future" 422 "The statement was issued in the future";
    ISSUED_TOO_LONG_AGO "issued-too-long-ago" 422 "The statement was issued too long ago";
    ROLE_NOT_ENROLLED "role-not-enrolled" 422 "The issuer is not enrolled in this role";
    ALREADY_ENROLLED "already-enrolled" 422 "The key was enrolled before";
    NOT_AUTHORISED "not-authorised" 422 "The issuer may not make this statement";
    TARGET_UNKNOWN "target-unknown" 422 "No earlier entry has that leaf hash";
    TARGET_OWNER "target-owner" 422 "The entry that the statement is about is another issuer's";
    TARGET_TYPE "target-type" 422 "A statement of this type cannot be about an entry of that type";
    TARGET_SUB "target-sub" 422 "The subject is not the one of the entry that the statement is about";
    TARGET_NUMBER "target-number" 422 "A range holds a number that is not used yet";
    TARGET_TEXT "target-text" 422 "The entry has no such text that the statement could be about";
    TARGET_STATE "target-state" 422 "What was said about the entry before stands against it";
    MUST_BE_WITHHELD "must-be-withheld" 422 "A locator under such a keyword is never served";
    LOG_CLOSED "log-closed" 422 "The log takes nothing more";
    BAD_REQUEST "bad-request" 400 "The request is not as it must be";
    NOT_FOUND "not-found" 404 "There is nothing here";
    REQUEST_TIMEOUT "request-timeout" 408 "The request took too long to arrive";
    METHOD_NOT_ALLOWED "method-not-allowed" 405 "The method is not allowed here";
    RANGE_NOT_SATISFIABLE "range-not-satisfiable" 416 "The range lies outside the resource";
    OVERLOADED "overloaded" 503 "The ledger has more work than it can take; try again";
    NOT_READY "not-ready" 503 "The ledger does not take statements now";
    INTERNAL "internal" 500 "The ledger failed; the request was not at fault";
}

impl Kind {
    /// The kind with this slug.
    pub fn of_slug(slug: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.slug == slug)
    }

    fn status_code(self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

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
        }
    }

    fn of_payload(item: usize, error: &PayloadError) -> FieldError {
        FieldError {
            item: u64::try_from(item).ok(),
            path: error.path.clone(),
            rule: error.rule.as_str().to_owned(),
            given: error.given.clone(),
            allowed: error.allowed.clone(),
        }
    }
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
        }
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
        let detail = format!("{name}: {allowed}");
        Problem::new(Kind::BAD_REQUEST, detail).with_errors(vec![FieldError {
            item: None,
            path: name.to_owned(),
            rule: rule.to_owned(),
            given: Some(given.chars().take(100).collect()),
            allowed: Some(allowed.to_owned()),
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
            headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn every_kind_has_its_own_slug_and_an_error_status() {
        for (position, kind) in Kind::ALL.iter().enumerate() {
            assert!((400..600).contains(&kind.status), "{}", kind.slug);
            assert_eq!(Kind::ALL.iter().position(|k| k.slug == kind.slug), Some(position));
            assert!(kind.slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", kind.slug);
        }
    }

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
