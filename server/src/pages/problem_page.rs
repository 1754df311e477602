//! Problems for people: where a browser asks for a page and there is a problem, it is told in the page's language.

use axum::extract::{Query, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use maud::{Markup, html};

use super::frame::{Page, respond};
use super::value;
use crate::accept::Accepted;
use crate::parameters;
use crate::problem::{FieldError, Kind, Problem};
use crate::texts::language::Visit;
use crate::texts::problem::{PROBLEM, ProblemTexts};

/// Where programs ask, who are told in their own form whatever they accept.
const FOR_PROGRAMS: [&str; 10] = [
    "/api/",
    "/tile/",
    "/entries",
    "/.well-known/",
    "/checkpoint",
    "/vkey",
    "/addenda.v1",
    "/metrics",
    "/healthz",
    "/readyz",
];

/// Puts a page in place of a problem that a browser would see.
pub(crate) async fn for_people(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_page = !FOR_PROGRAMS.iter().any(|root| path.starts_with(root)) && wants_page(request.headers());
    let (visit, shorter) = (Visit::of(request.uri()), without_slash(request.uri()));
    let response = next.run(request).await;
    match response.extensions().get::<Problem>().cloned() {
        Some(problem) if is_page && problem.status == 404 && shorter.is_some() => elsewhere(shorter),
        Some(problem) if is_page => told(&visit, &problem, response),
        _ => response,
    }
}

/// The same address without the slash at its end, if that is an address of this host; no page has one, and people type them.
/// A browser takes two slashes at the beginning, turned either way, for another host.
fn without_slash(uri: &Uri) -> Option<HeaderValue> {
    let is_here = |path: &&str| !path.is_empty() && !path.contains("//") && !path.contains('\\');
    let path = uri.path().strip_suffix('/').filter(is_here)?;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    HeaderValue::from_str(&format!("{path}{query}")).ok()
}

fn elsewhere(address: Option<HeaderValue>) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response.headers_mut().extend(address.map(|address| (header::LOCATION, address)));
    response
}

fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = Accepted::of(headers);
    accepted.names("text/html") && !accepted.names_json()
}

/// The same status and fields, with a page for a body.
fn told(visit: &Visit, problem: &Problem, response: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    let entry = parts.headers.get(header::LINK).and_then(described_by).map(str::to_owned);
    let (title, content) = content(visit, problem, entry.as_deref());
    let page = respond(Page::new(visit, title).around(&content).into_string());
    let (mut head, body) = page.into_parts();
    head.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    head.headers.insert(header::VARY, HeaderValue::from_static("accept"));
    parts.headers.remove(header::CONTENT_LENGTH);
    for (name, value) in &head.headers {
        parts.headers.insert(name, value.clone());
    }
    Response::from_parts(parts, body)
}

/// The page of the entry that an answer about one of its texts names.
fn described_by(link: &HeaderValue) -> Option<&str> {
    let link = link.to_str().ok()?.split(',').find(|link| link.contains("rel=\"describedby\""))?;
    link.split('>').next()?.trim().strip_prefix('<')
}

/// Title and what is to be done, for the kinds that a browser meets.
fn words(texts: &ProblemTexts, problem: &Problem) -> (&'static str, &'static str) {
    let slug = problem.slug();
    match problem.status {
        _ if slug == Kind::ADDENDUM_WITHHELD.slug => (texts.withheld, texts.withheld_more),
        _ if slug == Kind::NO_QUORUM.slug => (texts.no_quorum, texts.no_quorum_more),
        _ if slug == Kind::INDEX_BEHIND.slug => (texts.behind, texts.behind_more),
        404 => (texts.not_found, texts.not_found_more),
        451 => (texts.erased, texts.erased_more),
        405 => (texts.refused, texts.refused_more),
        408 | 503 => (texts.busy, texts.busy_more),
        400..500 => (texts.bad_request, texts.bad_request_more),
        _ => (texts.failed, texts.failed_more),
    }
}

/// What was done wrong, in the page's language.
fn rule(texts: &ProblemTexts, error: &FieldError) -> &'static str {
    match (error.path.as_str(), error.rule.as_str()) {
        ("to" | "outcome_to" | "logged_to", "out-of-range") => texts.before,
        (_, rule) => (texts.rule)(rule),
    }
}

/// The address that was asked for, with what may have been meant.
fn meant(visit: &Visit, error: &FieldError, near: &str) -> String {
    let uri: Uri = visit.path.parse().unwrap_or_default();
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(&uri).map(|pairs| pairs.0).unwrap_or_default();
    let given = error.given.as_deref().unwrap_or_default();
    let mended = pairs.iter().map(|(name, value)| match (*name == error.path, error.rule.as_str()) {
        (true, "unknown") => (near, value.clone()),
        (true, _) if value == given => (name.as_str(), near.to_owned()),
        (true, _) => {
            let codes = value.split(',').map(|code| if code == given { near } else { code });
            (name.as_str(), codes.collect::<Vec<_>>().join(","))
        }
        (false, _) => (name.as_str(), value.clone()),
    });
    format!("{}?{}", uri.path(), parameters::encode(&mended.collect::<Vec<_>>()))
}

fn content(visit: &Visit, problem: &Problem, entry: Option<&str>) -> (&'static str, Markup) {
    let texts = PROBLEM.in_(visit.language);
    let (title, more) = words(texts, problem);
    let content = html! {
        h1 { (title) }
        p.lead { (more) }
        @if let Some(progress) = &problem.progress {
            p { ((texts.progress)(&value::number(visit, progress.indexed), &value::number(visit, progress.size))) }
        }
        @if let Some(entry) = entry { p { a href=(visit.link(entry)) { (texts.about) } } }
        @if !problem.errors.is_empty() {
            h2 { (texts.wrong) }
            dl.facts {
                @for error in &problem.errors {
                    div {
                        dt { (texts.parameter) " " code { (error.path) } }
                        dd {
                            p { (texts.given) " " code { (error.given.as_deref().unwrap_or("")) } }
                            p { (rule(texts, error)) }
                            @if !error.near.is_empty() {
                                p {
                                    (texts.meant)
                                    @for near in &error.near { " " a href=(visit.link(&meant(visit, error, near))) { (near) } }
                                }
                            }
                        }
                    }
                }
            }
        }
        details {
            summary { (texts.said) }
            p { (texts.said_by) }
            div.said lang="en" {
                p { (problem.title) ": " (problem.detail) }
                @for error in &problem.errors {
                    @if let Some(allowed) = &error.allowed { p { code { (error.path) } ": " (allowed) } }
                }
            }
            p { code { (problem.status) " " (problem.slug()) } }
        }
        p { a href=(visit.link("/")) { (texts.front) } }
    };
    (title, content)
}
