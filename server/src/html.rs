//! The plain frame of the pages for people, and escaping.

use axum::body::Body;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

/// No script, nothing from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}\
code,pre{font-family:ui-monospace,monospace;overflow-wrap:anywhere}pre{white-space:pre-wrap}\
th{text-align:left;vertical-align:top;padding-right:1rem;font-weight:600}td{vertical-align:top;overflow-wrap:anywhere}\
.life{list-style:none;padding:0}.life li{display:inline}.life li+li::before{content:\"\\2192\";padding:0 .5rem}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}a{color:#9cf}}";

/// A whole page. `title` is escaped, `content` is HTML.
pub(crate) fn document(title: &str, content: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<h1>{title}</h1>\n{content}\n</body>\n</html>\n"
    )
}

/// The answer with a page.
pub(crate) fn respond(page: impl Into<Body>) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Html(page.into())).into_response()
}

/// Text as HTML text or attribute value.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
    out
}

/// A row of a table: a name, and HTML.
pub(crate) fn row(page: &mut String, name: &str, value: &str) {
    page.push_str(&format!("<tr><th scope=\"row\">{}</th><td>{value}</td></tr>\n", escape(name)));
}

/// Texts as they are, lists with commas, the rest as JSON. Nothing becomes a link: an address that a statement names
/// is not one that this page recommends.
pub(crate) fn value_html(value: &Value) -> String {
    match value {
        Value::String(text) => escape(text).replace('\n', "<br>"),
        Value::Array(items) if items.iter().all(|item| !item.is_object()) => {
            items.iter().map(value_html).collect::<Vec<_>>().join(", ")
        }
        other => format!("<code>{}</code>", escape(&other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn escaped_text_holds_no_markup() {
        assert_eq!(escape("<a href='x'>\"&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
    }

    #[test]
    fn no_value_becomes_markup() {
        let hostile = serde_json::json!({"<b>": ["<script>", "\"'&"]});
        let html = value_html(&hostile) + &value_html(&hostile["<b>"]) + &value_html(&Value::from("<i>\n"));
        assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains("<i>"), "{html}");
    }
}
