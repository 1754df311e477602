//! The pages for people, one file each. They are made on the server, in every language of [`crate::texts`], and hold no
//! script, but for [`verify`].

mod authority;
mod counted;
mod coverage;
mod entry;
mod figure;
pub(crate) mod frame;
mod front;
mod log;
pub(crate) mod problem_page;
mod provider;
mod providers;
mod rows;
mod search;
mod subject;
mod value;
pub(crate) mod verify;
mod witnessed;
mod words;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::texts::Language;

/// The pages with their description: the English ones at the root, the French ones below `/fr`.
pub(crate) fn described() -> OpenApiRouter<Arc<AppState>> {
    let style = OpenApiRouter::new().routes(routes!(frame::style));
    style.merge(in_one_language()).nest(Language::French.prefix(), in_one_language())
}

fn in_one_language() -> OpenApiRouter<Arc<AppState>> {
    OpenApiRouter::new()
        .routes(routes!(front::front))
        .routes(routes!(search::search))
        .routes(routes!(entry::entry))
        .routes(routes!(subject::subject))
        .routes(routes!(authority::authorities))
        .routes(routes!(providers::providers))
        .routes(routes!(provider::provider))
        .routes(routes!(log::log))
        .routes(routes!(verify::verify))
}
