//! `GET /api/v1/proofs/consistency`: that a tree grew out of an older one.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use glasshouse_verifier::cose_receipt::ReceiptProof;
use glasshouse_verifier::size::TreeSize;
use serde::{Deserialize, Serialize};

use crate::accept::{Accepted, COSE};
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

/// Proves that the tree of one size begins with the tree of a lesser one. With `Accept: application/cose` a COSE receipt of
/// that, only up to the published size, because only published trees are signed.
#[utoipa::path(get, path = "/api/v1/proofs/consistency", tag = "statements", params(Asked), responses(
    (status = 200, description = "The proof, or the COSE receipt", content((ConsistencyAnswer = "application/json"),
        (Vec<u8> = "application/cose"))),
    (status = 400, description = "`bad-request`: a size that the published tree never had, or `from` above `to`",
        body = Problem, content_type = "application/problem+json"),
    (status = 501, description = "`no-receipt-key`, of the COSE receipt", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "`overloaded`; `no-quorum`, while one is required and the published tree has none", body = Problem,
        content_type = "application/problem+json"),
))]
pub(super) async fn consistency(
    State(state): State<Arc<AppState>>,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    state.check_shown()?;
    let Query(asked) = asked.map_err(|error| Problem::of_query(&error))?;
    let from = number("from", &required("from", asked.from)?, TreeSize::parse)?;
    let to = asked.to.map(|text| number("to", &text, TreeSize::parse)).transpose()?;
    let accepted = Accepted::of(&headers);
    if accepted.names(COSE) && !accepted.names_json() {
        return cose_receipt(&state, from, to).await;
    }
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

/// The COSE receipt that the published tree grew out of the tree of `from` leaves. `to` can only be the published size.
async fn cose_receipt(state: &AppState, from: TreeSize, to: Option<TreeSize>) -> Result<Response, Problem> {
    let receipt = state.answer(move |reader| {
        let size = reader.head().size();
        if from == TreeSize::ZERO || from >= size {
            let allowed = format!("at least 1 and less than the published size, {size}");
            return Err(Problem::of_parameter("from", "out-of-range", &from.to_string(), &allowed));
        }
        let receipt = reader.cose_growth(from).map_err(failed)?;
        match (receipt.proof(), to) {
            (ReceiptProof::Consistency { to: signed, .. }, Some(asked)) if *signed != asked => {
                let allowed = format!("the published size, {signed}, or nothing");
                Err(Problem::of_parameter("to", "out-of-range", &asked.to_string(), &allowed))
            }
            _ => Ok(receipt.encode()),
        }
    });
    let headers =
        [(header::CONTENT_TYPE, COSE), (header::CACHE_CONTROL, "no-cache"), (header::VARY, "accept")];
    Ok((headers, receipt.await?).into_response())
}
