//! `GET /api/v1/counts?…`: how many of the entries that a search finds have which values.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;

use super::statements::Conditions as ConditionsDescribed;
use crate::app_state::AppState;
use crate::counts_view::CountsView;
use crate::problem::Problem;
use crate::search::{Conditions, Dimension};

/// What is counted by.
#[derive(Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes the query, which is read pair by pair")]
pub(crate) struct By {
    /// One or two of `authority`, `authority_kind`, `automated_decision`, `automated_detection`, `category`, `day`,
    /// `decision_ground`, `keyword`, `language`, `legal_basis`, `measure`, `month`, `order`, `order_country`, `provider`,
    /// `provider_role`, `source_type`, `standing`, `subject`, `territory`, `type`, `vocabulary`, `year`, separated by a comma.
    by: String,
}

/// Counts the entries for which every condition holds.
///
/// An entry with several values counts once for each. `none` stands for the absence of a field, null for that of `authority`.
#[utoipa::path(get, path = "/api/v1/counts", tag = "statements", params(ConditionsDescribed, By), responses(
    (status = 200, description = "Counts", body = CountsView),
    (status = 400, description = "`bad-request`: an unknown parameter, code or dimension, or too many different values",
        body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "`overloaded`; `index-behind`: words are looked for, and the index does not cover a redaction yet",
        body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn counts(
    State(state): State<Arc<AppState>>,
    asked: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::of_query(&error))?;
    let (by, conditions): (Vec<_>, Vec<_>) = asked.into_iter().partition(|(name, _)| name == "by");
    let by = match by.as_slice() {
        [(_, by)] => Dimension::parse_list(by)?,
        [] => {
            let allowed = format!("one or two of {}", Dimension::names().join(", "));
            return Err(Problem::of_parameter("by", "missing", "", &allowed));
        }
        [_, (_, again), ..] => {
            return Err(Problem::of_parameter("by", "duplicate", again, "this parameter is given once"));
        }
    };
    let conditions = Conditions::parse(&conditions)?;
    let search = state.searching().await;
    state.answer_json(move |reader| search.counts(reader, &conditions, &by)).await
}
