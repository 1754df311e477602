//! `GET /`: what is happening now.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::day::Day;
use maud::{Markup, html};

use super::counted::Counter;
use super::coverage;
use super::figure::{Count, Figure};
use super::frame::{self, Page};
use super::rows::{self, Row};
use super::value;
use super::words::{self, Names};
use crate::app_state::AppState;
use crate::problem::{Problem, Progress};
use crate::search::{Asked, Conditions, Search, Sort};
use crate::texts::front::FRONT;
use crate::texts::language::Visit;
use crate::texts::plots::PLOTS;

/// Decisions that the page lists.
const NEWEST: &str = "6";
/// Days of the first plot.
const DAYS: usize = 60;

/// Everything that the page shows.
struct Front {
    names: Names,
    /// Statements that providers filed, and how many providers did.
    filed: (u64, u64),
    origin: String,
    newest: Vec<Row>,
    days: Vec<Count>,
    months: Vec<Count>,
    grounds: Vec<Count>,
    bases: Vec<Count>,
    sources: Vec<Count>,
    orders: Vec<Count>,
    /// Whether figures count decisions of those who filed them.
    are_own: bool,
    behind: Option<Progress>,
}

/// A page that shows what is happening now: the newest decisions, counts, and a search.
#[utoipa::path(get, path = "/", tag = "pages",
    responses((status = 200, description = "A page for people", content_type = "text/html", body = String)))]
pub(super) async fn front(State(state): State<Arc<AppState>>, visit: Visit) -> Result<Response, Problem> {
    let (today, search, origin) = (state.today()?, state.searching().await, state.origin.to_string());
    let page = state.answer(move |reader| {
        let front = read(&visit, reader, &search, origin, today)?;
        Ok(page(&visit, &front).into_string().into_bytes())
    });
    Ok(frame::respond(page.await?))
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn read(
    visit: &Visit,
    reader: &Reader,
    search: &Search,
    origin: String,
    today: Day,
) -> Result<Front, Problem> {
    let names = Names::of(reader);
    let counter = Counter::new(visit, &names, search, reader);
    let (decisions, are_own) = counter.decisions(&[])?;
    let first = (1..DAYS).fold(today, |day, _| day.previous().unwrap_or(day));
    let first_text = first.to_string();
    let recent: Vec<(&str, String)> = decisions.pairs().into_iter().chain([("from", first_text)]).collect();
    let recent = Conditions::parse(
        &recent.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Vec<_>>(),
    )?;
    let asked = Asked::parse_sorted(&pairs(&[("type", "decision"), ("limit", NEWEST)]), Sort::Newest)?;
    Ok(Front {
        filed: filed(reader),
        origin,
        newest: rows::read(reader, &counter.list(&asked)?)?,
        days: counter.by_day(&recent, first, today)?,
        months: counter.by_month(&decisions)?,
        grounds: counter.by(&decisions, "category")?,
        bases: counter.by(&decisions, "legal_basis")?,
        sources: counter.by(&decisions, "source_type")?,
        orders: counter.by(&decisions, "order")?,
        are_own,
        behind: counter.coverage.behind(),
        names,
    })
}

/// How many statements providers filed, without those of the registrar; and how many providers filed any.
fn filed(reader: &Reader) -> (u64, u64) {
    reader.with_registry(|registry| {
        let providers = registry.providers().filter_map(|one| registry.sequence_state(one.issuer()));
        let counts = providers.map(|numbers| numbers.taken_count()).filter(|count| *count > 0);
        counts.fold((0, 0), |(all, many), count| (all + count, many + 1))
    })
}

fn page(visit: &Visit, front: &Front) -> Markup {
    let texts = FRONT.in_(visit.language);
    let number = |n| value::number(visit, n);
    let content = html! {
        header.lead {
            h1 { (texts.title) }
            p { (texts.lead) }
            p.note { ((texts.statements)(&number(front.filed.0), &number(front.filed.1), &front.origin)) }
            (coverage::remark(visit, front.behind))
        }
        section #newest {
            h2 { (texts.newest) }
            @if front.newest.is_empty() { @if front.behind.is_none() { p { (texts.newest_none) } } } @else {
                (rows::list(visit, &front.names, &front.newest))
                p.pager { a href=(visit.link("/search?type=decision")) { (texts.all) } }
            }
        }
        section #now { h2 { (texts.now) } p.note { (if front.are_own { texts.now_note } else { texts.now_note_reported }) } div.plots { (plots(visit, front)) } }
        section #ways { h2 { (texts.ways) } (ways(visit)) }
    };
    Page::new(visit, "").around(&content)
}

fn plots(visit: &Visit, front: &Front) -> Markup {
    let (texts, plots) = (FRONT.in_(visit.language), PLOTS.in_(visit.language));
    let figure = |id, title, of| Figure { visit, id, title, of };
    let named = |id, title, name| Figure { visit, id, title, of: words::condition(visit, name) };
    html! {
        @if front.days.iter().any(|day| day.count > 0) {
            (figure("by-day", texts.by_day, plots.day).over_time(&front.days))
        }
        (figure("by-month", texts.by_month, plots.month).over_time(&front.months))
        (named("by-ground", texts.by_ground, "category").by_name(&front.grounds))
        (named("by-basis", texts.by_basis, "legal_basis").by_name(&front.bases))
        (named("by-asker", texts.by_asker, "source_type").by_name(&front.sources))
        (named("by-order", texts.by_order, "order").by_name(&front.orders))
    }
}

/// Searches that answer what people ask first.
fn ways(visit: &Visit) -> Markup {
    let texts = FRONT.in_(visit.language);
    const CARRIERS: &str = "access_provider,cdn,ddos_protection,dns_resolver,reverse_proxy,transit";
    let infrastructure = format!("/search?type=decision&provider_role={CARRIERS}");
    html! {
        ul {
            @for (path, words) in [
                ("/search?type=decision&order=without", texts.way_without),
                ("/search?type=no_action", texts.way_refused),
                ("/authorities", texts.way_orders),
                ("/search?type=decision&standing=reversed,partially_reversed", texts.way_reversed),
                ("/search?type=redaction", texts.way_erased),
                (infrastructure.as_str(), texts.way_infrastructure),
            ] {
                li { a href=(visit.link(path)) { (words) } }
            }
        }
    }
}
