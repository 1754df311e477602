//! The routes that are computed, one file each.

mod front_page;
mod healthz;
mod metrics;
mod openapi_json;
mod readyz;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;

/// All computed routes with their description.
pub(crate) fn described() -> OpenApiRouter<Arc<AppState>> {
    OpenApiRouter::new()
        .routes(routes!(front_page::front_page))
        .routes(routes!(healthz::healthz))
        .routes(routes!(readyz::readyz))
        .routes(routes!(metrics::metrics))
        .routes(routes!(openapi_json::openapi_json))
}
