//! `GET /api/v1/statements/{entry}`: one statement, decoded.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::app_state::{AppState, EntryName};
use crate::problem::Problem;
use crate::statement_view::{self, StatementView};

/// A statement with its texts and its signer.
#[utoipa::path(get, path = "/api/v1/statements/{entry}", tag = "statements",
    params(("entry" = String, Path, description = "Index, or leaf hash in hex")),
    responses(
        (status = 200, description = "The statement", body = StatementView),
        (status = 400, description = "`bad-request`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn statement(
    State(state): State<Arc<AppState>>,
    entry: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(entry) = entry.map_err(|error| Problem::of_path(&error))?;
    let name = EntryName::parse(&entry)?;
    state.answer_json(move |reader| statement_view::of(reader, name.find(reader)?)).await
}
