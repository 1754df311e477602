//! `GET /api/v1/proofs/consistency`: that a tree grew out of an older one.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use glasshouse_verifier::size::TreeSize;
use serde::{Deserialize, Serialize};

use crate::app_state::{AppState, failed};
use crate::newest::{Newest, number, required};
use crate::problem::Problem;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Size of the old tree.
    #[param(required, value_type = u64)]
    from: Option<String>,
    /// Size of the new tree; the published one if not given.
    #[param(value_type = Option<u64>)]
    to: Option<String>,
}

/// What stands between two trees (RFC 6962 §2.1.2).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct ConsistencyAnswer {
    /// Size of the old tree.
    from: u64,
    /// Size of the new tree.
    to: u64,
    /// Root of the old tree, hex.
    from_root: String,
    /// Root of the new tree, hex.
    to_root: String,
    /// The proof, hex.
    hashes: Vec<String>,
    /// The newest published checkpoint. It signs `to_root` if it has the size `to`.
    checkpoint: String,
}

/// Proves that the tree of one size begins with the tree of a lesser one.
#[utoipa::path(get, path = "/api/v1/proofs/consistency", tag = "statements", params(Asked), responses(
    (status = 200, description = "The proof", body = ConsistencyAnswer),
    (status = 400, description = "`bad-request`: a size that the published tree never had, or `from` above `to`",
        body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn consistency(
    State(state): State<Arc<AppState>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::of_query(&error))?;
    let from = number("from", &required("from", asked.from)?, TreeSize::parse)?;
    let to = asked.to.map(|text| number("to", &text, TreeSize::parse)).transpose()?;
    let answer = state.answer_json(move |reader| {
        let newest = Newest::of(reader)?;
        let to = newest.at_most("to", to)?;
        if from > to {
            let allowed = format!("at most the new size, {to}");
            return Err(Problem::of_parameter("from", "out-of-range", &from.to_string(), &allowed));
        }
        let proved = reader.prove_consistency(from, to).map_err(failed)?;
        Ok(ConsistencyAnswer {
            from: from.get(),
            to: to.get(),
            from_root: proved.old.0.root().to_hex(),
            to_root: proved.new.0.root().to_hex(),
            hashes: proved.proof.hashes().iter().map(|hash| hash.to_hex()).collect(),
            checkpoint: newest.note,
        })
    });
    answer.await
}
