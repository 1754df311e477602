//! `GET /api/v1/conflicts`: double statements that were refused.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::hash::{Digest, HashTextError};
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use serde::{Deserialize, Serialize};

use crate::app_state::{AppState, failed};
use crate::problem::Problem;

/// So many in one answer: statements of 64 KiB in base64 then stay below 6 MiB.
const AT_ONCE: usize = 64;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// `next` of the answer before; from the beginning if not given.
    after: Option<String>,
}

/// Statements that were refused because another one of their issuer has their number, at most 64.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ConflictsView {
    /// By digest.
    conflicts: Vec<ConflictView>,
    /// What to ask for as `after` where there are more.
    next: Option<String>,
}

/// One of them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ConflictView {
    /// Who signed both.
    iss: String,
    /// Under which number.
    sequence: u64,
    /// The entry that is on record under the number.
    index: u64,
    /// Its leaf hash, hex.
    leaf_hash: String,
    /// The entry by which the registrar put the conflict on record, if it did.
    filed: Option<u64>,
    /// The refused statement, a COSE_Sign1 in base64. It holds codes and digests, no text.
    statement: String,
}

/// Double statements that the registrar can put on record. They are kept for that: the first of each number, at most
/// 1,000.
#[utoipa::path(get, path = "/api/v1/conflicts", tag = "statements", params(Asked), responses(
    (status = 200, description = "What was refused", body = ConflictsView),
    (status = 400, description = "`bad-request`", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn conflicts(
    State(state): State<Arc<AppState>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::of_query(&error))?;
    let after = asked.after.map(|text| read_after(&text)).transpose()?;
    state.answer_json(move |reader| list(reader, after.as_ref())).await
}

fn read_after(text: &str) -> Result<Digest, Problem> {
    let wrong = |error: HashTextError| Problem::of_parameter("after", "grammar", text, &error.to_string());
    Digest::from_hex(text).map_err(wrong)
}

fn list(reader: &Reader, after: Option<&Digest>) -> Result<ConflictsView, Problem> {
    let refused = reader.refused(after, AT_ONCE).map_err(failed)?;
    let last = refused.last().filter(|_| refused.len() == AT_ONCE);
    let next = last.map(|statement| Digest::of(statement.bytes()).to_hex());
    let conflicts = refused.iter().map(|refused| view(reader, refused));
    let conflicts = conflicts.filter_map(Result::transpose).collect::<Result<_, _>>()?;
    Ok(ConflictsView { conflicts, next })
}

/// `None` while the entry that has the number is not published yet.
fn view(reader: &Reader, refused: &Statement) -> Result<Option<ConflictView>, Problem> {
    let iss = &refused.claims().iss;
    let Some(index) = reader.find_sequence(iss, refused.sequence()).map_err(failed)? else { return Ok(None) };
    let Some(entry) = reader.entry(index).map_err(failed)? else { return Ok(None) };
    let filed = reader.with_registry(|registry| registry.state_of(entry.statement()).conflict);
    Ok(Some(ConflictView {
        iss: iss.as_str().to_owned(),
        sequence: refused.sequence().get(),
        index: index.get(),
        leaf_hash: entry.leaf_hash().to_hex(),
        filed: filed.map(LeafIndex::get),
        statement: STANDARD.encode(refused.bytes()),
    }))
}
