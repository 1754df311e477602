//! `GET /verify`: the page on which a browser checks a receipt itself (spec/receipt.md).
//!
//! It is one document with everything inside: the second verifier and the page's own scripts out of `server/verify`, in the
//! order of `order.txt`, and as data the keys of this log. The browser may run that script and nothing else, and may connect
//! to nothing. So the page works from a disk, and without a connection.

use std::sync::{LazyLock, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::cose_key_set::encode_key_set;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::policy::Policy;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;

use crate::app_state::AppState;
use crate::problem::Problem;
use crate::static_side::condition::is_known;
use crate::texts::Language;
use crate::texts::language::Visit;
use crate::texts::script_labels;
use crate::verify_scripts::SCRIPTS;

const TEMPLATE: &str = include_str!("../../verify/page.html");
const STYLE: &str = include_str!("../../verify/page.css");

/// All scripts, one behind the other.
static SCRIPT: LazyLock<String> = LazyLock::new(|| SCRIPTS.iter().map(|(_, text)| *text).collect());

/// What the page itself asks the browser to allow, also where it was saved to a disk.
static INSIDE: LazyLock<String> = LazyLock::new(|| {
    let source = |text: &str| format!("'sha256-{}'", STANDARD.encode(Digest::of(text.as_bytes()).as_bytes()));
    let (script, style) = (source(&SCRIPT), source(STYLE));
    format!("default-src 'none'; script-src {script}; style-src {style}; base-uri 'none'; form-action 'none'")
});

/// The same in the answer's head, which alone can forbid frames.
static POLICY: LazyLock<String> = LazyLock::new(|| format!("{}; frame-ancestors 'none'", *INSIDE));

/// The documents of the newest keys, a language each, so that however many read them, each lies in memory once.
#[derive(Debug, Default)]
pub(crate) struct VerifyPage {
    made: Mutex<Option<Made>>,
}

#[derive(Debug, Clone)]
struct Made {
    trust: Trust,
    documents: Vec<(Language, Bytes, String)>,
}

/// The log's own keys, as the page gets them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Trust {
    policy: String,
    receipt_keys: String,
}

/// The page that checks receipts in the browser.
#[utoipa::path(get, path = "/verify", tag = "pages",
    responses(
        (status = 200, description = "A page for people, which works without a connection", content_type = "text/html", body = String),
        (status = 304, description = "The field If-None-Match names what would be sent"),
        (status = 503, description = "`overloaded`", body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn verify(
    State(state): State<Arc<AppState>>,
    visit: Visit,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let board = state.board.clone();
    let trust = state.read(move |reader| Ok(trust(reader, board.as_deref().map(|board| board.policy()))));
    let (document, tag) = state.verify_page.document(visit.language, trust.await?)?;
    let known = is_known(&headers, &tag);
    let common = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::ETAG, &tag),
    ];
    Ok(match known {
        true => (StatusCode::NOT_MODIFIED, common).into_response(),
        false => (common, Html(document)).into_response(),
    })
}

/// A policy of this log's keys and the witnesses that its operator asks. It asks for none of them: a receipt that is newer
/// than its witnesses holds too, and the page says who signed.
fn trust(reader: &Reader, policy: Option<&Policy>) -> Trust {
    reader.with_registry(|registry| {
        let mut text = String::new();
        // Also keys of before: what they signed holds for ever (spec/log.md).
        for key in registry.every_log_vkey() {
            let _ = writeln!(text, "log {}", key.encode());
        }
        for witness in policy.map(Policy::witnesses).unwrap_or_default() {
            let _ = writeln!(text, "witness {} {}", witness.name(), witness.key().encode());
        }
        text.push_str("quorum none\n");
        Trust { policy: text, receipt_keys: STANDARD.encode(encode_key_set(registry.receipt_keys())) }
    })
}

impl VerifyPage {
    /// The document in a language with its entity tag, made anew if the log's keys are others than last time.
    fn document(&self, language: Language, trust: Trust) -> Result<(Bytes, String), Problem> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.as_ref().is_none_or(|made| made.trust != trust) {
            *made = Some(Made::of(trust));
        }
        let documents = made.iter().flat_map(|made| &made.documents);
        let found = documents
            .filter(|(known, _, _)| *known == language)
            .map(|(_, text, tag)| (text.clone(), tag.clone()))
            .next();
        found.ok_or_else(|| Problem::internal(&"the page has no such language"))
    }
}

impl Made {
    fn of(trust: Trust) -> Made {
        let documents = Language::ALL.into_iter().map(|language| {
            let data = json!({
                "policy": trust.policy, "receipt_keys": trust.receipt_keys, "labels": *script_labels::LABELS,
            });
            let text = document(language, &data);
            let tag = format!("\"{}\"", &Digest::of(text.as_bytes()).to_hex()[..16]);
            (language, Bytes::from(text), tag)
        });
        Made { documents: documents.collect(), trust }
    }
}

/// The template with its places filled. What is filled in is not looked at for further places.
fn document(language: Language, data: &Value) -> String {
    // Inside an element script, only `<` could end the data or begin something else.
    let data = data.to_string().replace('<', "\\u003c");
    let mut text = String::with_capacity(TEMPLATE.len() + STYLE.len() + SCRIPT.len() + data.len());
    for (place, part) in TEMPLATE.split("{{").enumerate() {
        let (name, rest) = if place == 0 { ("", part) } else { part.split_once("}}").unwrap_or(("", part)) };
        text.push_str(match name {
            "language" => language.tag(),
            "policy" => &INSIDE,
            "style" => STYLE,
            "script" => &SCRIPT,
            "data" => &data,
            _ => "",
        });
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    fn between<'t>(text: &'t str, begin: &str, end: &str) -> &'t str {
        text.split_once(begin).unwrap().1.split_once(end).unwrap().0
    }

    #[test]
    fn scripts_are_those_of_the_list_in_its_order() {
        let listed: Vec<&str> = include_str!("../../verify/order.txt").lines().collect();
        let put: Vec<&str> = SCRIPTS.iter().map(|(name, _)| *name).collect();
        assert_eq!(put, listed);
        assert!(put.len() > 40);
    }

    #[test]
    fn a_document_holds_exactly_what_its_policy_allows() {
        for language in Language::ALL {
            let hostile = json!({"policy": "{{script}}</script><script>alert(1)</script>"});
            let text = document(language, &hostile);
            assert_eq!(text.matches("<script").count(), 2, "the data and the script");
            assert_eq!(between(&text, "<html lang=\"", "\""), language.tag());
            let script = text.rsplit_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
            let style = between(&text, "<style>", "</style>");
            for part in [script, style] {
                let hash = STANDARD.encode(Digest::of(part.as_bytes()).as_bytes());
                assert!(POLICY.contains(&format!("'sha256-{hash}'")));
                assert!(between(&text, "Content-Security-Policy\" content=\"", "\"").contains(&hash));
            }
            let data = between(&text, "id=\"page-data\">", "</script>");
            assert_eq!(serde_json::from_str::<Value>(data).unwrap(), hostile);
        }
    }

    #[test]
    fn a_document_is_made_once_for_the_same_keys() {
        let page = VerifyPage::default();
        let trust = |policy: &str| Trust { policy: policy.to_owned(), receipt_keys: String::new() };
        let (first, tag) = page.document(Language::French, trust("one")).unwrap();
        let (again, _) = page.document(Language::French, trust("one")).unwrap();
        assert_eq!(first.as_ptr(), again.as_ptr());
        let (other, other_tag) = page.document(Language::French, trust("two")).unwrap();
        assert_ne!(first, other);
        assert_ne!(tag, other_tag);
    }
}
