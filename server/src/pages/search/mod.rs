//! `GET /search?…`: a form, what was found, and the ways to narrow it down.

mod filters;

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use glasshouse_ledger::reader::Reader;
use maud::{Markup, html};

use self::filters::Form;
use super::counted::Counter;
use super::coverage;
use super::figure::{Count, Figure};
use super::frame::{self, Page};
use super::rows::{self, Row};
use super::value;
use super::words::{self, Names};
use crate::app_state::AppState;
use crate::list_view::ListView;
use crate::parameters;
use crate::problem::{Problem, Progress};
use crate::routes::statements::Conditions as ConditionsDescribed;
use crate::search::{Asked, Search, Sort};
use crate::texts::formats;
use crate::texts::language::Visit;
use crate::texts::plots::PLOTS;
use crate::texts::search::SEARCH;

/// Statements of a page of the search, unless the request says how many.
const ROWS: &str = "25";
/// Most that a request may say: each is read with its texts and its life.
const ROWS_MAX: usize = 100;

/// What can be narrowed down by, beside the list.
const FACETS: [&str; 6] = ["type", "provider", "legal_basis", "category", "source_type", "standing"];
/// Values of each that are shown.
const VALUES_SHOWN: usize = 8;

/// Where the same search is a feed, and a table.
const FEED: &str = "/feed.atom";
const TABLE: &str = "/api/v1/export?format=csv";

/// Everything that the page shows.
struct Found {
    pairs: Vec<(String, String)>,
    names: Names,
    list: ListView,
    rows: Vec<Row>,
    facets: Vec<(&'static str, Vec<Count>)>,
    months: Vec<Count>,
    behind: Option<Progress>,
    /// The conditions, in one order.
    conditions: Vec<(&'static str, String)>,
}

/// A page of what a search finds, newest first unless `sort` says otherwise. A parameter with an empty value, as forms send
/// them, asks for nothing.
#[utoipa::path(get, path = "/search", tag = "pages", params(ConditionsDescribed),
    responses(
        (status = 200, description = "A page for people", content_type = "text/html", body = String),
        (status = 400, description = "`bad-request`: an unknown parameter or code", body = Problem,
            content_type = "application/problem+json"),
    ))]
pub(super) async fn search(
    State(state): State<Arc<AppState>>,
    visit: Visit,
    asked: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::of_query(&error))?;
    let pairs: Vec<(String, String)> = asked.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let asked = parse(&pairs)?;
    let search = state.searching().await;
    let page = state.answer(move |reader| {
        let found = read(&visit, reader, &search, pairs, &asked)?;
        Ok(page(&visit, &found).into_string().into_bytes())
    });
    Ok(frame::respond(page.await?))
}

fn parse(pairs: &[(String, String)]) -> Result<Asked, Problem> {
    let mut pairs = pairs.to_vec();
    match pairs.iter().find(|(name, _)| name == "limit") {
        None => pairs.push(("limit".to_owned(), ROWS.to_owned())),
        Some((name, limit)) if limit.parse::<usize>().is_ok_and(|limit| limit > ROWS_MAX) => {
            return Err(Problem::of_parameter(name, "out-of-range", limit, &format!("1 to {ROWS_MAX}")));
        }
        Some(_) => {}
    }
    Asked::parse_sorted(&pairs, Sort::Newest)
}

fn read(
    visit: &Visit,
    reader: &Reader,
    search: &Search,
    pairs: Vec<(String, String)>,
    asked: &Asked,
) -> Result<Found, Problem> {
    let names = Names::of(reader);
    let counter = Counter::new(visit, &names, search, reader);
    let list = counter.list(asked)?;
    let conditions = asked.conditions();
    let mut facets = Vec::new();
    for name in FACETS {
        let counts = counter.by(conditions, name)?;
        // One value alone narrows nothing down.
        if counts.len() > 1 {
            facets.push((name, counts));
        }
    }
    let months = counter.by_month(conditions)?;
    let rows = rows::read(reader, &list)?;
    let behind = counter.coverage.behind();
    Ok(Found { conditions: conditions.pairs(), pairs, list, rows, facets, months, behind, names })
}

fn page(visit: &Visit, found: &Found) -> Markup {
    let texts = SEARCH.in_(visit.language);
    let form = Form { visit, names: &found.names, pairs: &found.pairs };
    let asked = found.pairs.iter().find(|(name, _)| name == "q").map_or("", |(_, words)| words.as_str());
    let query = parameters::encode(&found.conditions);
    let content = html! {
        header.lead { h1 { (texts.title) } }
        (form.markup())
        div.split {
            section #results aria-label=(texts.results) { (results(visit, found)) }
            aside { (aside(visit, found, &query)) }
        }
    };
    let feed = Some(visit.link(&with(FEED, &query)));
    Page { asked, feed, ..Page::new(visit, texts.title) }.around(&content)
}

/// A path with a query behind what it has already.
fn with(path: &str, query: &str) -> String {
    match (query, path.contains('?')) {
        ("", _) => path.to_owned(),
        (query, true) => format!("{path}&{query}"),
        (query, false) => format!("{path}?{query}"),
    }
}

fn results(visit: &Visit, found: &Found) -> Markup {
    let texts = SEARCH.in_(visit.language);
    let list = &found.list;
    let months =
        Figure { visit, id: "by-month", title: texts.over_time, of: PLOTS.in_(visit.language).month };
    html! {
        @let none = if found.behind.is_some() { texts.found_none_yet } else { texts.found_none };
        h2 { @if list.total == 0 { (none) } @else { ((texts.found)(&value::number(visit, list.total))) } }
        (coverage::remark(visit, found.behind))
        @if !found.conditions.is_empty() { (conditions(visit, found)) }
        @if list.total == 0 && found.behind.is_none() { p { (texts.found_none_note) } }
        @if found.conditions.iter().any(|(name, _)| name.starts_with("logged_")) { p.note { (texts.logged_note) } }
        (rows::list(visit, &found.names, &found.rows))
        (pager(visit, found))
        @if list.total > 0 { (months.over_time(&found.months)) }
    }
}

/// The conditions in words, each with the way to the same search without it.
fn conditions(visit: &Visit, found: &Found) -> Markup {
    let texts = SEARCH.in_(visit.language);
    html! {
        ul.conditions aria-label=(texts.conditions) {
            @for (name, value) in &found.conditions {
                @let rest: Vec<_> = found.conditions.iter().filter(|(other, _)| other != name).cloned().collect();
                @let words = words::values(visit, &found.names, name, value);
                li {
                    span.note { (words::condition(visit, name)) (formats::colon(visit.language)) } span lang=[is_theirs(name).then_some("")] { (words) } " "
                    a href=(visit.link(&with("/search", &parameters::encode(&rest)))) {
                        (texts.without) span.unseen { " " (words::condition(visit, name)) }
                    }
                }
            }
        }
    }
}

/// Whether the values of a condition are words or names of somebody's, whatever their language.
fn is_theirs(condition: &str) -> bool {
    matches!(condition, "q" | "subject" | "sub" | "authority" | "provider")
}

fn pager(visit: &Visit, found: &Found) -> Markup {
    let texts = SEARCH.in_(visit.language);
    let kept = ["sort", "limit"];
    let given = |names: &[&str]| {
        let given = found.pairs.iter().filter(|(name, _)| names.contains(&name.as_str()));
        given.map(|(name, value)| (name.as_str(), value.clone())).collect::<Vec<_>>()
    };
    let pairs: Vec<(&str, String)> = found.conditions.iter().cloned().chain(given(&kept)).collect();
    let older = found.list.cursor.as_ref().map(|cursor| {
        let mut pairs = pairs.clone();
        pairs.push(("cursor", cursor.clone()));
        with("/search", &parameters::encode(&pairs))
    });
    let is_first = given(&["cursor", "after"]).is_empty();
    html! {
        @if older.is_some() || !is_first {
            nav.pager aria-label=(texts.results) {
                @if !is_first { a href=(visit.link(&with("/search", &parameters::encode(&pairs)))) { (texts.first) } }
                @if let Some(older) = older { a href=(visit.link(&older)) rel="next" { (texts.older) } }
            }
        }
    }
}

fn aside(visit: &Visit, found: &Found, query: &str) -> Markup {
    let texts = SEARCH.in_(visit.language);
    html! {
        @if !found.facets.is_empty() {
            h2 { (texts.narrow) }
            @for (name, counts) in &found.facets { (facet(visit, name, counts)) }
        }
        h2 { (texts.take_along) }
        ul.plain {
            li { a href=(visit.link(&with(FEED, query))) { (texts.feed) } }
            li { a href=(with("/api/v1/statements", query)) { (texts.json) } }
            li { a href=(with(TABLE, query)) { (texts.csv) } }
        }
    }
}

fn facet(visit: &Visit, name: &str, counts: &[Count]) -> Markup {
    html! {
        div.facet {
            h3 { (words::condition(visit, name)) }
            ul.plain {
                @for count in counts.iter().take(VALUES_SHOWN) {
                    li {
                        @match &count.link {
                            Some(link) => a href=(link) { (count.label) },
                            None => span { (count.label) },
                        }
                        span { (value::number(visit, count.count)) }
                    }
                }
            }
        }
    }
}
