//! `GET /`: a page for people.

use axum::response::IntoResponse;

use crate::html;

const LINKS: &[(&str, &str)] = &[
    ("/checkpoint", "the newest signed checkpoint"),
    ("/vkey", "the log's key"),
    ("/api/v1/stats", "counts"),
    ("/api/v1/providers", "who is enrolled"),
    ("/api/v1/statements?type=decision", "decisions, in the order of the log"),
    ("/api/v1/vocabulary", "the codes that statements are written in, and what they mean"),
    ("/openapi.json", "the interface, for programs"),
    ("/e/0", "the first entry"),
];

/// A page that says what this is and links to everything.
#[utoipa::path(get, path = "/", tag = "pages",
    responses((status = 200, description = "A page for people", content_type = "text/html", body = String)))]
pub(super) async fn front_page() -> impl IntoResponse {
    let links: String = LINKS
        .iter()
        .map(|(path, what)| format!("<li><a href=\"{path}\"><code>{path}</code></a> – {what}</li>\n"))
        .collect();
    html::respond(html::document(
        "Glasshouse",
        &format!(
            "<p>This is a public, append-only ledger of content-moderation decisions. Providers sign what they took down, \
             why, and on what legal basis; the ledger gives each statement a place in a tree whose root it signs, so that \
             nothing can be changed or removed unnoticed.</p>\n<ul>\n{links}</ul>\n\
             <p>Whether a decision was right is not judged here. To check a receipt, use the separate program \
             <code>glasshouse-verify</code>: this page cannot vouch for itself.</p>"
        ),
    ))
}
