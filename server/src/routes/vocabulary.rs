//! `GET /api/v1/vocabulary`: the codes that statements are written in.

use axum::Json;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glasshouse_verifier::vocabulary::Vocabulary;

use crate::parameters;
use crate::problem::Problem;
use crate::static_side::condition::is_known;
use crate::vocabulary::{self, SetView, TAG, TEXT};

/// It changes with the program only.
const AN_HOUR: &str = "public, max-age=3600";

/// What may be asked for.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(
    dead_code,
    reason = "describes the query, which is read pair by pair so that an unknown name is refused"
)]
pub(crate) struct Asked {
    /// One set, by its name in the field table; the whole vocabulary if not given.
    set: Option<String>,
    /// Which version of the European vocabulary the set is from: 1 or 2, which is also what holds if not given.
    version: Option<u8>,
}

/// The whole vocabulary, with more members than are named here (`spec/vocabulary.json`).
#[derive(serde::Serialize, utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the answer, which is a file")]
pub(crate) struct WholeView {
    /// The code sets of version 1: code to label.
    #[schema(value_type = Object)]
    v1: serde_json::Value,
    /// The code sets of version 2.
    #[schema(value_type = Object)]
    v2: serde_json::Value,
}

/// One of two, by what was asked for.
#[derive(serde::Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "describes the answers")]
pub(crate) enum Answered {
    /// With `set`.
    Set(SetView),
    /// Without.
    Whole(WholeView),
}

/// The vocabulary: every code with its label, both European versions and what changed between them, keywords by category,
/// and sources. With `set`, one set alone.
#[utoipa::path(get, path = "/api/v1/vocabulary", tag = "statements", params(Asked), responses(
    (status = 200, description = "The vocabulary (`spec/vocabulary.json`), or with `set` one set", body = Answered),
    (status = 304, description = "The field If-None-Match names what would be sent"),
    (status = 400, description = "`bad-request`: no such set, version or parameter", body = Problem,
        content_type = "application/problem+json"),
))]
pub(super) async fn vocabulary(
    headers: HeaderMap,
    asked: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::of_query(&error))?;
    let (mut set, mut version) = (None, None);
    for (name, value) in asked {
        let place = match name.as_str() {
            "set" => &mut set,
            "version" => &mut version,
            _ => return Err(parameters::unknown(&name, &value, &["set", "version"])),
        };
        if place.replace(value).is_some() {
            return Err(Problem::of_parameter(&name, "duplicate", "", "this parameter is given once"));
        }
    }
    let common = [(header::CACHE_CONTROL, AN_HOUR)];
    let Some(set) = set else {
        if let Some(version) = version {
            return Err(Problem::of_parameter("version", "needs", &version, "a version needs a set"));
        }
        return Ok(whole(&headers));
    };
    let view = view(&set, version.as_deref().unwrap_or("2"))?;
    Ok((common, Json(view)).into_response())
}

fn whole(headers: &HeaderMap) -> Response {
    let common = [(header::CACHE_CONTROL, AN_HOUR), (header::ETAG, TAG.as_str())];
    if is_known(headers, &TAG) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, [(header::CONTENT_TYPE, "application/json")], TEXT).into_response()
}

fn view(set: &str, version: &str) -> Result<SetView, Problem> {
    let found = match version {
        "1" => Vocabulary::Version1,
        "2" => Vocabulary::Version2,
        _ => return Err(Problem::of_parameter("version", "not-a-code", version, "1 or 2")),
    };
    vocabulary::set(set, found)
        .ok_or_else(|| Problem::of_parameter("set", "not-a-code", set, &vocabulary::set_names().join(", ")))
}
