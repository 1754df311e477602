//! The routes that are computed, one file each.

mod addenda;
mod conflicts;
mod consistency;
mod counts;
mod drafts;
mod entries;
mod entry_receipt;
mod export;
mod feeds;
mod healthz;
mod inclusion;
mod metrics;
mod openapi_json;
pub(crate) mod provider;
mod providers;
mod readyz;
mod receipt;
mod scitt_keys;
mod statement;
pub(crate) mod statements;
mod stats;
mod submit;
mod vocabulary;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::pages;

/// All computed routes with their description.
pub(crate) fn described() -> OpenApiRouter<Arc<AppState>> {
    OpenApiRouter::new()
        .merge(pages::described())
        .routes(routes!(submit::submit, statements::statements))
        .routes(routes!(drafts::drafts))
        .routes(routes!(counts::counts))
        .routes(routes!(export::export))
        .routes(routes!(feeds::atom))
        .routes(routes!(feeds::json))
        .routes(routes!(feeds::french_atom))
        .routes(routes!(feeds::french_json))
        .routes(routes!(statement::statement))
        .routes(routes!(receipt::receipt))
        .routes(routes!(inclusion::inclusion))
        .routes(routes!(consistency::consistency))
        .routes(routes!(providers::providers))
        .routes(routes!(provider::provider))
        .routes(routes!(conflicts::conflicts))
        .routes(routes!(stats::stats))
        .routes(routes!(vocabulary::vocabulary))
        .routes(routes!(addenda::addendum))
        .routes(routes!(entries::register))
        .routes(routes!(entry_receipt::entry_receipt))
        .routes(routes!(scitt_keys::scitt_keys))
        .routes(routes!(scitt_keys::scitt_key))
        .routes(routes!(healthz::healthz))
        .routes(routes!(readyz::readyz))
        .routes(routes!(metrics::metrics))
        .routes(routes!(openapi_json::openapi_json))
}
