//! `GET /api/v1/proofs/inclusion`: that an entry is in a tree.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use serde::{Deserialize, Serialize};

use crate::app_state::{AppState, failed};
use crate::newest::{Newest, number, required};
use crate::problem::Problem;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Index of the entry.
    #[param(required, value_type = u64)]
    index: Option<String>,
    /// Size of the tree; the published one if not given.
    #[param(value_type = Option<u64>)]
    size: Option<String>,
}

/// A path from an entry to the root of a tree (RFC 6962 §2.1.1).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct InclusionAnswer {
    /// Index of the entry.
    index: u64,
    /// Size of the tree.
    size: u64,
    /// Leaf hash of the entry, hex.
    leaf_hash: String,
    /// Root of the tree, hex.
    root: String,
    /// The path, from the leaf's sibling upwards, hex.
    hashes: Vec<String>,
    /// The newest published checkpoint. It signs `root` if it has this size.
    checkpoint: String,
}

/// Proves that an entry is in the tree of a size.
#[utoipa::path(get, path = "/api/v1/proofs/inclusion", tag = "statements", params(Asked), responses(
    (status = 200, description = "The proof", body = InclusionAnswer),
    (status = 400, description = "`bad-request`: a size or index that the published tree does not have",
        body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "`overloaded`; `no-quorum`, while one is required and the published tree has none", body = Problem,
        content_type = "application/problem+json"),
))]
pub(super) async fn inclusion(
    State(state): State<Arc<AppState>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    state.check_shown()?;
    let Query(asked) = asked.map_err(|error| Problem::of_query(&error))?;
    let index = number("index", &required("index", asked.index)?, LeafIndex::parse)?;
    let size = asked.size.map(|text| number("size", &text, TreeSize::parse)).transpose()?;
    let answer = state.answer_json(move |reader| {
        let newest = Newest::of(reader)?;
        let size = newest.at_most("size", size)?;
        if !index.is_in(size) {
            let allowed = format!("less than the size, {size}");
            return Err(Problem::of_parameter("index", "out-of-range", &index.to_string(), &allowed));
        }
        let proved = reader.prove_inclusion(index, size).map_err(failed)?;
        Ok(InclusionAnswer {
            index: index.get(),
            size: size.get(),
            leaf_hash: proved.leaf.to_hex(),
            root: proved.head.root().to_hex(),
            hashes: proved.proof.hashes().iter().map(|hash| hash.to_hex()).collect(),
            checkpoint: newest.note,
        })
    });
    answer.await
}
