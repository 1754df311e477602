//! `GET /api/v1/statements?…`: the entries that a query looks for.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;

use crate::app_state::AppState;
use crate::list_view::{self, Asked, ListView};
use crate::problem::Problem;

/// Conditions, all of which must hold. Where codes are asked for, several are separated by commas: any of them. They look
/// at fields as amended.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(
    dead_code,
    reason = "describes the query, which is read pair by pair so that an unknown name is refused"
)]
pub(crate) struct Conditions {
    /// Whose: an issuer, with or without `https://`.
    provider: Option<String>,
    /// A range of the issuer's numbers: `<first>-<last>`.
    numbers: Option<String>,
    /// Types of statements.
    #[param(rename = "type")]
    kind: Option<String>,
    /// What they are about.
    sub: Option<String>,
    /// The version of the European vocabulary that the category is from: `dsa-tdb/1`, `dsa-tdb/2`.
    vocabulary: Option<String>,
    /// `none`, or from where somebody else's decision is reported.
    attribution: Option<String>,
    /// How the provider came to act.
    source_type: Option<String>,
    /// On which of the two European grounds, or `none`.
    decision_ground: Option<String>,
    /// On what a decision rests: codes of `legal_basis_kind`.
    legal_basis: Option<String>,
    /// Of which country the order is: ISO 3166-1.
    order_country: Option<String>,
    /// In which role.
    provider_role: Option<String>,
    /// Why a demand was refused.
    refusal_reason: Option<String>,
    /// Categories; `category_addition` is not looked at.
    category: Option<String>,
    /// Keywords.
    keyword: Option<String>,
    /// What was done: codes, or the name of a field for all its codes.
    measure: Option<String>,
    /// `Yes`, `No`.
    automated_detection: Option<String>,
    /// Codes of `automated_decision`.
    automated_decision: Option<String>,
    /// The procedure of an outcome that counts and names the entry; of an outcome, its own.
    procedure: Option<String>,
    /// The result of the same outcome.
    result: Option<String>,
    /// The day of the same outcome (`decided_at`, else that of `iat`) is this one or later.
    outcome_from: Option<String>,
    /// The day of the same outcome is this one or earlier.
    outcome_to: Option<String>,
    /// What became of it.
    standing: Option<String>,
    /// `application_date` of a decision, of all others the day of `iat`, is this one or later.
    from: Option<String>,
    /// The same day is this one or earlier.
    to: Option<String>,
    /// The index is below this one.
    before: Option<u64>,
    /// Go on behind this index.
    after: Option<u64>,
    /// How many rows at most, 1 to 1,000; 100 if not given.
    limit: Option<u64>,
}

/// Lists entries in the order of the log.
///
/// One request reads 4,096 entries at most, and then says in `next` where the list goes on, even if nothing was found.
#[utoipa::path(get, path = "/api/v1/statements", tag = "statements", params(Conditions), responses(
    (status = 200, description = "A page of the list", body = ListView),
    (status = 400, description = "`bad-request`: an unknown parameter or code; `errors` names what is allowed",
        body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn statements(
    State(state): State<Arc<AppState>>,
    asked: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::of_query(&error))?;
    let asked = Asked::parse(&asked)?;
    state.answer_json(move |reader| list_view::of(reader, &asked)).await
}
