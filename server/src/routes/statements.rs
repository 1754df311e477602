//! `GET /api/v1/statements?…`: the entries that a query looks for.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;

use crate::app_state::AppState;
use crate::list_view::ListView;
use crate::problem::Problem;
use crate::search::Asked;

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
    /// `with` or `without` an order; `unstated`, where the basis is.
    order: Option<String>,
    /// From what kind of authority the order is.
    authority_kind: Option<String>,
    /// Of which country the order is: ISO 3166-1.
    order_country: Option<String>,
    /// The authority behind the order, exactly as its name was published.
    authority: Option<String>,
    /// In which role.
    provider_role: Option<String>,
    /// Why a demand was refused.
    refusal_reason: Option<String>,
    /// Categories; `category_addition` is not looked at.
    category: Option<String>,
    /// Keywords.
    keyword: Option<String>,
    /// Where it holds: codes of `territorial_scope`.
    territory: Option<String>,
    /// In which language the content is: codes of `content_language`.
    language: Option<String>,
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
    /// Words that must all occur in the public texts, "phrases", and -words that must not: at most 512 characters and 16 words.
    q: Option<String>,
    /// What it is about: the claim `sub`, or exactly the published text that it stands for.
    subject: Option<String>,
    /// Ticks prove that it was logged on this day or later.
    logged_from: Option<String>,
    /// Ticks prove that it was logged on this day or earlier.
    logged_to: Option<String>,
}

/// In which order, and where to go on.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes the query, which is read pair by pair")]
pub(crate) struct Page {
    /// `oldest` (the order of the log), `newest`, `day` or `-day`; `oldest` if not given.
    sort: Option<String>,
    /// Go on behind this index, in the order of the log.
    after: Option<u64>,
    /// Go on behind what an earlier answer with the same `sort` gave as `cursor`.
    cursor: Option<String>,
    /// How many rows at most, 1 to 1,000; 100 if not given.
    limit: Option<u64>,
}

/// Lists the entries for which every condition holds.
///
/// `next` says where the list goes on, as far as one likes.
#[utoipa::path(get, path = "/api/v1/statements", tag = "statements", params(Conditions, Page), responses(
    (status = 200, description = "A page of the list", body = ListView),
    (status = 400, description = "`bad-request`: an unknown parameter or code; `errors` names what is allowed",
        body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "`overloaded`; `index-behind`: words are looked for, and the index does not cover a redaction yet",
        body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn statements(
    State(state): State<Arc<AppState>>,
    asked: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::of_query(&error))?;
    let asked = Asked::parse(&asked)?;
    let search = state.searching().await;
    state.answer_json(move |reader| search.page(reader, &asked)).await
}
