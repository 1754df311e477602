//! `GET /subjects/{subject}`: everything on record about one subject, by any provider, in the order of time.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use glasshouse_ledger::reader::Reader;
use maud::{Markup, html};

use super::counted::Counter;
use super::coverage;
use super::entry::named;
use super::frame::{self, Page};
use super::rows::{self, Row};
use super::value;
use super::words::Names;
use crate::app_state::AppState;
use crate::parameters;
use crate::problem::{Problem, Progress};
use crate::search::{Asked, Search, Sort};
use crate::texts::language::Visit;
use crate::texts::subject::SUBJECT;

/// Statements that the page shows; the search has more.
const SHOWN: &str = "100";

/// Everything that the page shows.
struct Subject {
    sub: String,
    names: Names,
    rows: Vec<Row>,
    total: u64,
    providers: u64,
    behind: Option<Progress>,
}

/// A page of one subject across providers.
#[utoipa::path(get, path = "/subjects/{*subject}", tag = "pages",
    params(("subject" = String, Path, description = "The claim `sub`, or the published text that it stands for")),
    responses(
        (status = 200, description = "A page for people", content_type = "text/html", body = String),
        (status = 400, description = "`bad-request`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`: nothing is on record about it", body = Problem,
            content_type = "application/problem+json"),
        (status = 503, description = "`index-behind`, before it is known whether anything is on record; `overloaded`",
            body = Problem, content_type = "application/problem+json"),
    ))]
pub(super) async fn subject(
    State(state): State<Arc<AppState>>,
    visit: Visit,
    subject: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(sub) = subject.map_err(|error| Problem::of_path(&error))?;
    let search = state.searching().await;
    let page = state.answer(move |reader| {
        let subject = read(&visit, reader, &search, sub)?;
        Ok(page(&visit, &subject).into_string().into_bytes())
    });
    Ok(frame::respond(page.await?))
}

fn read(visit: &Visit, reader: &Reader, search: &Search, sub: String) -> Result<Subject, Problem> {
    let pairs = [("subject".to_owned(), sub.clone()), ("limit".to_owned(), SHOWN.to_owned())];
    let asked = Asked::parse_sorted(&pairs, Sort::Day)?;
    let names = Names::of(reader);
    let counter = Counter::new(visit, &names, search, reader);
    let list = counter.list(&asked)?;
    if list.total == 0 {
        counter.coverage.check_absence()?;
        return Err(Problem::not_found("nothing is on record about this subject"));
    }
    let providers = counter.by(asked.conditions(), "provider")?.len() as u64;
    let behind = counter.coverage.behind();
    Ok(Subject { rows: rows::read(reader, &list)?, total: list.total, providers, behind, sub, names })
}

fn page(visit: &Visit, subject: &Subject) -> Markup {
    let texts = SUBJECT.in_(visit.language);
    let number = |n| value::number(visit, n);
    let named = named(&subject.sub);
    let pseudonym = subject.sub.starts_with("s:");
    let title = named.unwrap_or(if pseudonym { texts.pseudonym } else { &subject.sub });
    let search = format!("/search?{}", parameters::encode(&[("subject", subject.sub.clone())]));
    let content = html! {
        header.lead {
            p.kicker { (texts.kicker) }
            h1 { @if pseudonym { (title) } @else { span lang="" { (title) } } }
            (coverage::remark(visit, subject.behind))
            p { ((texts.lead)(&number(subject.total), &number(subject.providers))) }
            @if pseudonym { p.note { (texts.pseudonym_note) } p.note { code { (subject.sub) } } }
        }
        section #life {
            p.note { (texts.order) }
            (rows::time_line(visit, &subject.names, &subject.rows))
            p { a href=(visit.link(&search)) { (texts.more) } }
        }
    };
    Page::new(visit, title).around(&content)
}
