//! `GET /feed.atom?…`, `GET /feed.json?…`, and the same below `/fr`: a search as a feed.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use glasshouse_ledger::reader::Reader;

use crate::app_state::{AppState, held};
use crate::feed::{AskedFeed, Feed, Form, changed};
use crate::problem::{Problem, Progress};
use crate::routes::statements::Conditions;
use crate::texts::Language;

/// The members of a JSON Feed (version 1.1).
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "describes the answer")]
pub(crate) struct JsonFeedForm {
    /// `https://jsonfeed.org/version/1.1`.
    version: String,
    /// What it is a feed of.
    title: String,
    /// The page with the same search.
    home_page_url: String,
    /// Its own address.
    feed_url: String,
    /// Its entries, the newest first.
    #[schema(value_type = Vec<Object>)]
    items: Vec<serde_json::Value>,
}

/// Readers of feeds ask now and then; nobody is told later than that.
const A_MINUTE: &str = "public, max-age=60";
/// Of what was found by its texts a copy would go on to say that an entry holds a word that was redacted since; and what the
/// index does not cover yet is not to be missing for a minute.
const ASK_AGAIN: &str = "no-cache";

/// Where the pages of a feed go on.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(
    dead_code,
    reason = "describes the query, which is read pair by pair so that an unknown name is refused"
)]
pub(crate) struct Page {
    /// From the link `next` of a page before.
    cursor: Option<String>,
}

type Asked = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// The newest 50 entries for which every condition holds, as Atom.
#[utoipa::path(get, path = "/feed.atom", tag = "feeds", params(Conditions, Page), responses(
    (status = 200, description = "The feed (RFC 4287)", body = String, content_type = "application/atom+xml"),
    (status = 304, description = "The field If-None-Match names what would be sent"),
    (status = 400, description = "`bad-request`: an unknown parameter or code; `errors` names what is allowed",
        body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "`overloaded`: too many great answers are being sent; `index-behind`: the search index is being \
         built, or words are looked for and it does not cover a redaction yet", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn atom(State(state): State<Arc<AppState>>, asked: Asked) -> Result<Response, Problem> {
    feed(state, asked, (Form::Atom, Language::English)).await
}

/// The newest 50 entries for which every condition holds, as JSON Feed.
#[utoipa::path(get, path = "/feed.json", tag = "feeds", params(Conditions, Page), responses(
    (status = 200, description = "The feed (JSON Feed 1.1)", body = JsonFeedForm, content_type = "application/feed+json"),
    (status = 304, description = "The field If-None-Match names what would be sent"),
    (status = 400, description = "`bad-request`: an unknown parameter or code; `errors` names what is allowed",
        body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "`overloaded`, as of `/feed.atom`", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn json(State(state): State<Arc<AppState>>, asked: Asked) -> Result<Response, Problem> {
    feed(state, asked, (Form::Json, Language::English)).await
}

/// The same as `/feed.atom`, in French.
#[utoipa::path(get, path = "/fr/feed.atom", tag = "feeds", params(Conditions, Page), responses(
    (status = 200, description = "The feed (RFC 4287)", body = String, content_type = "application/atom+xml"),
    (status = 304, description = "The field If-None-Match names what would be sent"),
    (status = 400, description = "`bad-request`", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "`overloaded`, as of `/feed.atom`", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn french_atom(
    State(state): State<Arc<AppState>>,
    asked: Asked,
) -> Result<Response, Problem> {
    feed(state, asked, (Form::Atom, Language::French)).await
}

/// The same as `/feed.json`, in French.
#[utoipa::path(get, path = "/fr/feed.json", tag = "feeds", params(Conditions, Page), responses(
    (status = 200, description = "The feed (JSON Feed 1.1)", body = JsonFeedForm, content_type = "application/feed+json"),
    (status = 304, description = "The field If-None-Match names what would be sent"),
    (status = 400, description = "`bad-request`", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "`overloaded`, as of `/feed.atom`", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn french_json(
    State(state): State<Arc<AppState>>,
    asked: Asked,
) -> Result<Response, Problem> {
    feed(state, asked, (Form::Json, Language::French)).await
}

async fn feed(
    state: Arc<AppState>,
    asked: Asked,
    (form, language): (Form, Language),
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::of_query(&error))?;
    let asked = AskedFeed::parse(&asked)?;
    let (search, origin, answers) = (state.searching().await, state.origin.clone(), state.answers.clone());
    let make = move |reader: &Reader| {
        let list = search.page(reader, &asked.list)?;
        let is_behind = list.indexed < list.size;
        if is_behind && search.is_building() {
            return Err(Problem::index_behind(Progress { indexed: list.indexed, size: list.size }));
        }
        let changed = changed(reader, &list.statements)?;
        let bytes = Feed::new((form, language), &origin, &asked, (&list, &changed)).encode();
        let lasts = !is_behind && !asked.list.conditions().looks_at_texts();
        Ok((held(&answers, bytes)?, if lasts { A_MINUTE } else { ASK_AGAIN }))
    };
    let (bytes, lasts) = state.read(make).await?;
    let lasting = [(header::CACHE_CONTROL, lasts)];
    // Readers of feeds come one by one and late again: none of them keeps a connection that others could have.
    let closing = [(header::CONNECTION, "close")];
    Ok((lasting, closing, [(header::CONTENT_TYPE, form.media_type())], bytes).into_response())
}
