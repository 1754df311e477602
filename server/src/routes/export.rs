//! `GET /api/v1/export?…`: the rows of a search as Parquet, CSV or JSON lines.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Version, header};
use axum::response::{IntoResponse, Response};
use glasshouse_verifier::data_set::{Tree, VERSION};

use crate::app_state::AppState;
use crate::export_rows::{AskedExport, Frozen};
use crate::limits::{
    EXPORT_CHUNK, EXPORT_CHUNKS_READY, EXPORT_CROWDED_GRACE, EXPORT_CROWDED_PACE, EXPORT_GRACE, EXPORT_PACE,
    EXPORT_WAIT,
};
use crate::paced_body::{Pace, Shape, paced};
use crate::problem::{Kind, Problem};
use crate::routes::statements::Conditions;

const SHAPE: Shape = Shape { chunk: EXPORT_CHUNK, chunks: EXPORT_CHUNKS_READY };
const USUAL: Pace = Pace { grace: EXPORT_GRACE, rate: EXPORT_PACE };
const CROWDED: Pace = Pace { grace: EXPORT_CROWDED_GRACE, rate: EXPORT_CROWDED_PACE };

/// How the rows are to be.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(
    dead_code,
    reason = "describes the query, which is read pair by pair so that an unknown name is refused"
)]
pub(crate) struct Rows {
    /// `csv`, `jsonl` or `parquet`.
    format: String,
    /// `with` the texts that may be shown, or `without`, which is also what holds if not given.
    texts: Option<String>,
}

/// Streams every entry for which all conditions hold, as it stands in one tree.
///
/// An answer that ends early breaks off: a chunked body without its last chunk.
#[utoipa::path(get, path = "/api/v1/export", tag = "statements", params(Rows, Conditions), responses(
    (status = 200, description = "The rows; `glasshouse-tree-size` and `glasshouse-tree-root` say of which tree",
        content((Vec<u8> = "application/vnd.apache.parquet"), (String = "text/csv"), (String = "application/x-ndjson"))),
    (status = 400, description = "`bad-request`: an unknown parameter or code; `errors` names what is allowed",
        body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "`overloaded`: others are being streamed; `index-behind`: the search index is being built, or does \
         not cover the published tree yet; `Retry-After` says when to ask again", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn export(
    State(state): State<Arc<AppState>>,
    method: Method,
    version: Version,
    asked: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::of_query(&error))?;
    let asked = AskedExport::parse(&asked)?;
    if version < Version::HTTP_11 {
        let detail =
            "an export needs HTTP/1.1, in which an answer that broke off can be told from a whole one";
        return Err(Problem::new(Kind::BAD_REQUEST, detail));
    }
    if method == Method::HEAD {
        // Nobody reads this body. An empty one would have a length, 0, which is not that of the rows.
        let (_, unread) = paced(Box::new(|| USUAL), SHAPE);
        let tree = Tree { origin: state.origin.clone(), head: state.reader.head() };
        return Ok((headers(&asked, &tree), Body::new(unread)).into_response());
    }
    // Whoever waits for the index keeps no place from others.
    let (search, head) = state.search.freeze(&state.reader, EXPORT_WAIT).await?;
    let turn = state.exports.take();
    let turn = turn.ok_or_else(|| Problem::new(Kind::OVERLOADED, "others are being exported; ask again"))?;
    let tree = Tree { origin: state.origin.clone(), head };
    let (reader, conditions) = (state.reader.clone(), asked.conditions.clone());
    let work = tokio::task::spawn_blocking(move || (Frozen::of(&reader, &search, tree, &conditions), turn));
    let (frozen, turn) = work.await.map_err(|error| Problem::internal(&error))?;
    let frozen = frozen?;
    let headers = headers(&asked, &frozen.tree);
    let exports = state.exports.clone();
    let (writer, body) = paced(Box::new(move || if exports.is_crowded() { CROWDED } else { USUAL }), SHAPE);
    let reader = state.reader.clone();
    // Its thread ends when all is written, or nobody reads; whoever waits for a turn gets it then.
    tokio::task::spawn_blocking(move || {
        let written = frozen.write(&reader, &asked, writer).and_then(|writer| writer.finish());
        match written {
            Ok(()) => {}
            // Nobody's fault here: the reader went away, or was given up.
            Err(error) if is_of_reader(&error) => tracing::debug!(%error, "an export ended early"),
            Err(error) => tracing::error!(%error, "an export broke off"),
        }
        drop(turn);
    });
    Ok((headers, Body::new(body)).into_response())
}

fn is_of_reader(error: &std::io::Error) -> bool {
    let text = error.to_string();
    // What went through Parquet's own errors has lost its kind.
    text.contains("the reader has gone") || text.contains("the reader is too slow")
}

fn headers(asked: &AskedExport, tree: &Tree) -> HeaderMap {
    let (size, root) = (tree.head.size().to_string(), tree.head.root().to_hex());
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    let log: String = tree.origin.as_str().chars().map(plain).collect();
    let short = root.get(..16).unwrap_or_default();
    let name = format!("attachment; filename=\"{log}-{size}-{short}.{}\"", asked.format.as_str());
    let all = [
        (header::CONTENT_TYPE, asked.format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (HeaderName::from_static("glasshouse-data-set"), VERSION.to_owned()),
        (HeaderName::from_static("glasshouse-origin"), tree.origin.as_str().to_owned()),
        (HeaderName::from_static("glasshouse-tree-size"), size),
        (HeaderName::from_static("glasshouse-tree-root"), root),
    ];
    // An origin is ASCII without control characters.
    all.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?))).collect()
}
