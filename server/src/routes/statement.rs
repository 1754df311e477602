//! `GET /api/v1/statements/{entry}`: one statement, decoded.

use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::Response;

use crate::app_state::{AppState, EntryName};
use crate::problem::Problem;
use crate::statement_view::{self, Extent, StatementView};

/// A statement with its texts, its signer, and what became of it.
#[utoipa::path(get, path = "/api/v1/statements/{entry}", tag = "statements",
    params(
        ("entry" = String, Path, description = "Index, or leaf hash in hex"),
        ("claims" = Option<String>, Query, description = "`all`: every claim, and not the first 100 only"),
        ("names" = Option<String>, Query, description = "`all`: every target, and not the first 100 only"),
    ),
    responses(
        (status = 200, description = "The statement", body = StatementView),
        (status = 400, description = "`bad-request`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`overloaded`; by leaf hash `look-ups-behind`, while the look-ups are being built", body = Problem,
            content_type = "application/problem+json"),
    ))]
pub(super) async fn statement(
    State(state): State<Arc<AppState>>,
    entry: Result<Path<String>, PathRejection>,
    asked: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, Problem> {
    let Path(entry) = entry.map_err(|error| Problem::of_path(&error))?;
    let name = EntryName::parse(&entry)?;
    let Query(asked) = asked.map_err(|error| Problem::of_query(&error))?;
    let extent = Extent::parse(&asked)?;
    let index = state.find(name).await?;
    state.answer_json(move |reader| statement_view::of(reader, index, extent)).await
}
