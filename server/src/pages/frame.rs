//! What stands around every page: head, search, navigation, the switch of languages, and what is not judged.

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use glasshouse_verifier::hash::Digest;
use maud::{DOCTYPE, Markup, html};

use crate::static_side::condition::is_known;
use crate::texts::Language;
use crate::texts::frame::FRAME;
use crate::texts::language::Visit;

/// No script, nothing from elsewhere, no style but the one sheet; forms go to this server.
pub(crate) const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The style of every page.
pub(crate) const STYLE: &str = include_str!("style.css");

/// The entity tag of the style, which also stands in its address: another style is another address.
static STYLE_TAG: LazyLock<String> = LazyLock::new(|| Digest::of(STYLE.as_bytes()).to_hex()[..16].to_owned());

/// The style changes with the program only.
const AN_HOUR: &str = "public, max-age=3600";

/// The path of the style, with its version.
pub(crate) fn style_path() -> String {
    format!("/style.css?{}", *STYLE_TAG)
}

/// The style of the pages.
#[utoipa::path(get, path = "/style.css", tag = "pages",
    responses(
        (status = 200, description = "The style of every page", content_type = "text/css", body = String),
        (status = 304, description = "The field If-None-Match names what would be sent"),
    ))]
pub(super) async fn style(headers: HeaderMap) -> Response {
    let tag = format!("\"{}\"", *STYLE_TAG);
    let known = is_known(&headers, &tag);
    let common = [(header::CACHE_CONTROL, AN_HOUR.to_owned()), (header::ETAG, tag)];
    match known {
        true => (StatusCode::NOT_MODIFIED, common).into_response(),
        false => (common, [(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response(),
    }
}

/// An address that never changes: on the log's own origin, whatever copy of the page is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Permalink {
    /// The log's origin.
    pub(crate) origin: String,
    /// The path of the English page.
    pub(crate) path: String,
}

impl Permalink {
    /// The whole address in a language.
    pub(crate) fn in_(&self, language: Language) -> String {
        format!("https://{}{}", self.origin, language.path(&self.path))
    }
}

/// One page.
#[derive(Debug)]
pub(crate) struct Page<'p> {
    /// Which page it is.
    pub(crate) visit: &'p Visit,
    /// Its title, without the name of the site.
    pub(crate) title: &'p str,
    /// What stands in the search box.
    pub(crate) asked: &'p str,
    /// The page's address that never changes, whatever other ones it has: the English page's path.
    pub(crate) permalink: Option<Permalink>,
    /// The feed, where the page has one.
    pub(crate) feed: Option<String>,
}

impl<'p> Page<'p> {
    /// A page of that title.
    pub(crate) fn new(visit: &'p Visit, title: &'p str) -> Page<'p> {
        Page { visit, title, asked: "", permalink: None, feed: None }
    }

    /// The whole page around its content.
    pub(crate) fn around(&self, content: &Markup) -> Markup {
        let texts = FRAME.in_(self.visit.language);
        html! {
            (DOCTYPE)
            html lang=(self.visit.language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { @if self.title.is_empty() { "Glasshouse" } @else { (self.title) " – Glasshouse" } }
                    link rel="stylesheet" href=(style_path());
                    (self.addresses())
                    @if let Some(feed) = &self.feed {
                        link rel="alternate" type="application/atom+xml" href=(feed);
                    }
                }
                body {
                    a.skip href="#content" { (texts.skip) }
                    (self.header())
                    main #content tabindex="-1" { (content) }
                    (self.footer())
                }
            }
        }
    }

    /// Where the same page is in each language; and which address stands for all that it has.
    fn addresses(&self) -> Markup {
        html! {
            @match &self.permalink {
                Some(permalink) => {
                    link rel="canonical" href=(permalink.in_(self.visit.language));
                    @for language in Language::ALL {
                        link rel="alternate" hreflang=(language.tag()) href=(permalink.in_(language));
                    }
                },
                None => @for language in Language::ALL {
                    link rel="alternate" hreflang=(language.tag()) href=(language.path(&self.visit.path));
                },
            }
        }
    }

    fn header(&self) -> Markup {
        let texts = FRAME.in_(self.visit.language);
        let link = |path: &str, text: &str| {
            let here = (self.visit.path == path).then_some("page");
            html! { li { a href=(self.visit.link(path)) aria-current=[here] { (text) } } }
        };
        html! {
            header.top {
                div.name {
                    a href=(self.visit.link("/")) { "Glasshouse" }
                    p { (texts.tagline) }
                }
                form.find action=(self.visit.link("/search")) method="get" role="search" {
                    label for="find" { (texts.search_label) }
                    div { input #find type="search" name="q" value=(self.asked) maxlength="512";
                        button type="submit" { (texts.search_button) } }
                }
                nav aria-label=(texts.navigation) {
                    ul {
                        (link("/search", texts.search))
                        (link("/providers", texts.providers))
                        (link("/log", texts.log))
                        (link("/verify", texts.verify))
                    }
                }
                nav.languages aria-label=(texts.languages) {
                    ul {
                        @for language in Language::ALL {
                            li {
                                @let here = (language == self.visit.language).then_some("true");
                                a href=(language.path(&self.visit.path)) hreflang=(language.tag())
                                    lang=(language.tag()) aria-current=[here] { (language.own_name()) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn footer(&self) -> Markup {
        let texts = FRAME.in_(self.visit.language);
        html! {
            footer.bottom {
                section {
                    h2 { (texts.not_judged_title) }
                    p { (texts.not_judged) }
                    p { (texts.itself) " " a href=(self.visit.link("/verify")) { (texts.verify) } }
                }
                section {
                    h2 { (texts.programs) }
                    ul.plain {
                        li { a href="/openapi.json" { (texts.interface) } }
                        li { a href="/api/v1/vocabulary" { (texts.vocabulary) } }
                    }
                }
            }
        }
    }
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
