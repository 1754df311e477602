//! `GET /providers`: who may file.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use glasshouse_verifier::codes::CodeSet;
use maud::{Markup, html};

use super::frame::{self, Page};
use super::value;
use crate::app_state::AppState;
use crate::problem::Problem;
use crate::provider_view::{self, ProviderView};
use crate::texts::language::Visit;
use crate::texts::provider::PROVIDER;

/// A page of everybody who may file.
#[utoipa::path(get, path = "/providers", tag = "pages",
    responses((status = 200, description = "A page for people", content_type = "text/html", body = String)))]
pub(super) async fn providers(State(state): State<Arc<AppState>>, visit: Visit) -> Result<Response, Problem> {
    let today = state.today()?;
    let page = state.answer(move |reader| {
        let (providers, registrar) = provider_view::of_all(reader, today)?;
        Ok(page(&visit, &providers, &registrar).into_string().into_bytes())
    });
    Ok(frame::respond(page.await?))
}

fn page(visit: &Visit, providers: &[ProviderView], registrar: &ProviderView) -> Markup {
    let texts = PROVIDER.in_(visit.language);
    let content = html! {
        header.lead { h1 { (texts.list_title) } p { (texts.list_lead) } }
        @if providers.is_empty() { p { (texts.list_none) } } @else {
            div.wide tabindex="0" role="region" aria-label=(texts.list_title) {
                table {
                    thead { tr {
                        th scope="col" { (texts.provider) } th scope="col" { (texts.roles) }
                        th scope="col" { (texts.country) }
                        th.number scope="col" { (texts.statements) } th.number scope="col" { (texts.missing) }
                    } }
                    tbody { @for provider in providers { (row(visit, provider)) } }
                }
            }
        }
        h2 { (texts.registrar) }
        p { (texts.registrar_lead) }
        p { a href=(visit.link(&format!("/providers/{}", host(registrar)))) { code { (registrar.iss) } } }
    };
    Page::new(visit, texts.list_title).around(&content)
}

/// The issuer as it stands in a path.
pub(super) fn host(provider: &ProviderView) -> &str {
    provider.iss.trim_start_matches("https://")
}

fn row(visit: &Visit, provider: &ProviderView) -> Markup {
    let texts = PROVIDER.in_(visit.language);
    let used = provider.sequence.highest;
    html! {
        tr {
            th scope="row" {
                a href=(visit.link(&format!("/providers/{}", host(provider)))) {
                    span lang="" { (provider.name.as_deref().unwrap_or_default()) }
                }
                br; span.note { code { (host(provider)) } }
            }
            td { @if provider.roles.is_empty() { (texts.no_roles) } @else { (roles(visit, provider)) } }
            td { (country(visit, provider)) }
            td.number { (value::number(visit, used)) }
            td.number { (value::number(visit, provider.sequence.missing.len() as u64)) }
        }
    }
}

/// Its roles by their labels.
pub(super) fn roles(visit: &Visit, provider: &ProviderView) -> String {
    let labels = provider.roles.iter().map(|role| value::label(visit, CodeSet::ProviderRole, role));
    labels.collect::<Vec<_>>().join(", ")
}

/// Its country by its name.
pub(super) fn country(visit: &Visit, provider: &ProviderView) -> String {
    value::label(visit, CodeSet::Country, provider.country.as_deref().unwrap_or_default())
}
