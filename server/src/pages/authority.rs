//! `GET /authorities`: who ordered something; with `name`, what one asked for, of whom, and how it went.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use glasshouse_ledger::reader::Reader;
use maud::{Markup, html};

use super::counted::Counter;
use super::coverage;
use super::figure::{Count, Figure};
use super::frame::{self, Page};
use super::rows::{self, Row};
use super::value;
use super::words::{self, Names};
use crate::app_state::AppState;
use crate::parameters;
use crate::problem::{Problem, Progress};
use crate::search::{Asked, Conditions, Search, Sort};
use crate::texts::authority::AUTHORITY;
use crate::texts::language::Visit;
use crate::texts::plots::PLOTS;

/// Statements that the page lists.
const NEWEST: &str = "10";
/// Authorities that the list has, those with most statements.
const LISTED: usize = 500;

/// One authority.
struct Authority {
    name: String,
    names: Names,
    total: u64,
    newest: Vec<Row>,
    months: Vec<Count>,
    providers: Vec<Count>,
    grounds: Vec<Count>,
    measures: Vec<Count>,
    standings: Vec<Count>,
    behind: Option<Progress>,
}

/// A page of all authorities, or of one.
#[utoipa::path(get, path = "/authorities", tag = "pages",
    params(("name" = Option<String>, Query, description = "An authority, exactly as providers published it")),
    responses(
        (status = 200, description = "A page for people", content_type = "text/html", body = String),
        (status = 400, description = "`bad-request`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`index-behind`, before it is known whether anybody is named, and while a redaction is not \
             covered; `overloaded`", body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn authorities(
    State(state): State<Arc<AppState>>,
    visit: Visit,
    asked: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::of_query(&error))?;
    let mut name = None;
    for (parameter, value) in asked.into_iter().filter(|(_, value)| !value.is_empty()) {
        if parameter != "name" {
            return Err(parameters::unknown(&parameter, &value, &["name"]));
        }
        if name.replace(value).is_some() {
            return Err(Problem::of_parameter("name", "duplicate", "", "this parameter is given once"));
        }
    }
    let search = state.searching().await;
    let page = state.answer(move |reader| {
        let page = match name {
            Some(name) => one_page(&visit, &read(&visit, reader, &search, name)?),
            None => {
                let names = Names::default();
                let counter = Counter::new(&visit, &names, &search, reader);
                let counts = counter.by(&Conditions::default(), "authority")?;
                let named: Vec<&Count> = counts.iter().filter(|count| count.link.is_some()).collect();
                if named.is_empty() {
                    counter.coverage.check_absence()?;
                }
                list_page(&visit, &named, counter.coverage.behind())
            }
        };
        Ok(page.into_string().into_bytes())
    });
    Ok(frame::respond(page.await?))
}

fn read(visit: &Visit, reader: &Reader, search: &Search, name: String) -> Result<Authority, Problem> {
    let pairs = [("authority".to_owned(), name.clone()), ("limit".to_owned(), NEWEST.to_owned())];
    let asked = Asked::parse_sorted(&pairs, Sort::Newest)?;
    let names = Names::of(reader);
    let counter = Counter::new(visit, &names, search, reader);
    let list = counter.list(&asked)?;
    if list.total == 0 {
        counter.coverage.check_absence()?;
    }
    let conditions = asked.conditions();
    Ok(Authority {
        total: list.total,
        newest: rows::read(reader, &list)?,
        months: counter.by_month(conditions)?,
        providers: counter.by(conditions, "provider")?,
        grounds: counter.by(conditions, "category")?,
        measures: counter.by(conditions, "measure")?,
        standings: counter.by(conditions, "standing")?,
        behind: counter.coverage.behind(),
        names,
        name,
    })
}

fn list_page(visit: &Visit, named: &[&Count], behind: Option<Progress>) -> Markup {
    let texts = AUTHORITY.in_(visit.language);
    let content = html! {
        header.lead { h1 { (texts.list) } p { (texts.list_lead) } (coverage::remark(visit, behind)) }
        @if named.is_empty() { p { (texts.list_none) } } @else {
            table {
                thead { tr { th scope="col" { (texts.kicker) } th.number scope="col" { (texts.decisions) } } }
                tbody {
                    @for count in named.iter().take(LISTED) {
                        tr {
                            th scope="row" {
                                @let name = parameters::encode(&[("name", count.label.clone())]);
                                a href=(visit.link(&format!("/authorities?{name}"))) { span lang="" { (count.label) } }
                            }
                            td.number { (value::number(visit, count.count)) }
                        }
                    }
                }
            }
        }
    };
    Page::new(visit, texts.list).around(&content)
}

fn one_page(visit: &Visit, authority: &Authority) -> Markup {
    let texts = AUTHORITY.in_(visit.language);
    let search = parameters::encode(&[("authority", authority.name.clone())]);
    let content = html! {
        header.lead {
            p.kicker { a href=(visit.link("/authorities")) { (texts.list) } }
            h1 { span lang="" { (authority.name) } }
            @if authority.total == 0 { p { (texts.none) } } @else {
                p { ((texts.lead)(&value::number(visit, authority.total))) }
            }
            p.note { (texts.spelling) }
            (coverage::remark(visit, authority.behind))
        }
        @if authority.total > 0 {
            section #counts { div.plots { (plots(visit, authority)) } }
            section #newest {
                h2 { (texts.newest) }
                (rows::list(visit, &authority.names, &authority.newest))
                p.pager { a href=(visit.link(&format!("/search?{search}"))) { (texts.all) } }
            }
        }
    };
    Page::new(visit, &authority.name).around(&content)
}

fn plots(visit: &Visit, authority: &Authority) -> Markup {
    let texts = AUTHORITY.in_(visit.language);
    let named = |id, title, name| Figure { visit, id, title, of: words::condition(visit, name) };
    let months =
        Figure { visit, id: "by-month", title: texts.over_time, of: PLOTS.in_(visit.language).month };
    html! {
        (months.over_time(&authority.months))
        (named("of-whom", texts.of_whom, "provider").by_name(&authority.providers))
        (named("by-ground", texts.what, "category").by_name(&authority.grounds))
        (named("by-measure", texts.measures, "measure").by_name(&authority.measures))
        (named("by-standing", texts.how, "standing").by_name(&authority.standings))
    }
}
