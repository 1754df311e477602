//! `GET /e/{entry}`: a statement for people.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::app_state::{AppState, EntryName};
use crate::html::{self, row, value_html};
use crate::life_html;
use crate::problem::Problem;
use crate::statement_view::{self, Extent, StatementView};

/// A page that shows one statement.
#[utoipa::path(get, path = "/e/{entry}", tag = "pages",
    params(("entry" = String, Path, description = "Index, or leaf hash in hex")),
    responses(
        (status = 200, description = "A page for people", content_type = "text/html", body = String),
        (status = 400, description = "`bad-request`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn entry_page(
    State(state): State<Arc<AppState>>,
    entry: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(entry) = entry.map_err(|error| Problem::of_path(&error))?;
    let name = EntryName::parse(&entry)?;
    let page = state.answer(move |reader| {
        let view = statement_view::of(reader, name.find(reader)?, Extent::default())?;
        Ok(html::document(&format!("Entry {}", view.index), &content(&view)).into_bytes())
    });
    Ok(html::respond(page.await?))
}

fn content(view: &StatementView) -> String {
    let kind = view.payload["type"].as_str().unwrap_or_default();
    let mut page = format!(
        "<p>On record in <code>{}</code>: a statement of the type <b>{}</b>, issued by <b>{}</b>. The ledger says that it was \
         said and when it came; it does not say that it is right.</p>\n",
        html::escape(&view.aud),
        html::escape(kind),
        html::escape(&view.iss),
    );
    page.push_str(&life_html::life(view));
    page.push_str("<h2>What was signed</h2>\n<table>\n");
    for (name, value) in [
        ("issuer", &view.iss),
        ("subject", &view.sub),
        ("issued (the issuer's clock)", &view.iat),
        ("signed with key", &view.signer.kid),
        ("leaf hash", &view.leaf_hash),
    ] {
        row(&mut page, name, &format!("<code>{}</code>", html::escape(value)));
    }
    let members = view.payload.as_object().into_iter().flatten();
    for (name, value) in members.filter(|(name, _)| name.as_str() != "addenda") {
        row(&mut page, name, &value_html(value));
    }
    page.push_str("</table>\n");
    page.push_str(&life_html::texts(view));
    let index = view.index;
    page.push_str(&format!(
        "<p><a href=\"/api/v1/receipts/{index}\">Receipt</a> (check it with <code>glasshouse-verify receipt</code>) · \
         <a href=\"/api/v1/statements/{index}\">as JSON</a> · <a href=\"/\">the ledger</a></p>"
    ));
    page
}
