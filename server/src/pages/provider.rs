//! `GET /providers/{host}`: one issuer: what it files, its gaps, declared against counted, what it withholds, its keys.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::issuer::Issuer;
use maud::{Markup, html};

use super::counted::Counter;
use super::coverage;
use super::figure::{Count, Figure};
use super::frame::{self, Page};
use super::providers::{country, host, roles};
use super::value;
use super::words::{self, Names};
use crate::app_state::AppState;
use crate::completeness_view::{self, CompletenessView, DeclarationView, EmbargoView, PeriodView};
use crate::problem::{Problem, Progress};
use crate::provider_view::{self, KeyView, ProviderView};
use crate::search::{Conditions, Search};
use crate::texts::formats;
use crate::texts::language::Visit;
use crate::texts::plots::PLOTS;
use crate::texts::provider::PROVIDER;

/// Declarations that the page shows, the newest ones; the interface lists more.
const DECLARATIONS_SHOWN: usize = 60;

/// A page of one issuer.
#[utoipa::path(get, path = "/providers/{*issuer}", tag = "pages",
    params(("issuer" = String, Path, description = "Host, or host and port; the registrar by the log's origin")),
    responses(
        (status = 200, description = "A page for people", content_type = "text/html", body = String),
        (status = 404, description = "`not-found`: nobody of that name is enrolled", body = Problem,
            content_type = "application/problem+json"),
    ))]
pub(super) async fn provider(
    State(state): State<Arc<AppState>>,
    visit: Visit,
    issuer: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let absent = || Problem::not_found("nobody of that name is enrolled");
    let Path(name) = issuer.map_err(|_| absent())?;
    let issuer = Issuer::parse(&format!("https://{name}")).map_err(|_| absent())?;
    let (today, search) = (state.today()?, state.searching().await);
    let page = state.answer(move |reader| {
        let provider = provider_view::of(reader, &issuer, today)?.ok_or_else(absent)?;
        let complete = completeness_view::of(reader, &issuer, today).ok_or_else(absent)?;
        let counted = Counted::read(&visit, reader, &search, &provider)?;
        Ok(page(&visit, &provider, &complete, &counted).into_string().into_bytes())
    });
    Ok(frame::respond(page.await?))
}

/// What it filed, counted.
struct Counted {
    months: Vec<Count>,
    kinds: Vec<Count>,
    grounds: Vec<Count>,
    bases: Vec<Count>,
    /// Whether grounds and bases are those of decisions of its own.
    are_own: bool,
    behind: Option<Progress>,
}

impl Counted {
    fn read(
        visit: &Visit,
        reader: &Reader,
        search: &Search,
        provider: &ProviderView,
    ) -> Result<Counted, Problem> {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let all = Conditions::parse(&[pair("provider", host(provider))])?;
        let names = Names::default();
        let counter = Counter::new(visit, &names, search, reader);
        let (decisions, are_own) = counter.decisions(&[("provider", host(provider))])?;
        Ok(Counted {
            months: counter.by_month(&all)?,
            kinds: counter.by(&all, "type")?,
            grounds: counter.by(&decisions, "category")?,
            bases: counter.by(&decisions, "legal_basis")?,
            are_own,
            behind: counter.coverage.behind(),
        })
    }

    fn section(&self, visit: &Visit) -> Markup {
        let texts = PROVIDER.in_(visit.language);
        let named = |id, title, name| Figure { visit, id, title, of: words::condition(visit, name) };
        let months =
            Figure { visit, id: "by-month", title: texts.by_month, of: PLOTS.in_(visit.language).month };
        html! {
            section #counts {
                h2 { (texts.counts) }
                (coverage::remark(visit, self.behind))
                @if !self.grounds.is_empty() {
                    p.note { (if self.are_own { texts.counts_note } else { texts.counts_note_reported }) }
                }
                div.plots {
                    (months.over_time(&self.months))
                    (named("by-kind", texts.by_type, "type").by_name(&self.kinds))
                    @if !self.grounds.is_empty() {
                        (named("by-ground", texts.by_ground, "category").by_name(&self.grounds))
                        (named("by-basis", texts.by_basis, "legal_basis").by_name(&self.bases))
                    }
                }
            }
        }
    }
}

fn page(visit: &Visit, provider: &ProviderView, complete: &CompletenessView, counted: &Counted) -> Markup {
    let texts = PROVIDER.in_(visit.language);
    let title = provider.name.as_deref().unwrap_or(texts.registrar);
    let content = html! {
        header.lead {
            p.kicker { (if provider.name.is_some() { texts.provider } else { texts.registrar }) }
            h1 { @if provider.name.is_some() { span lang="" { (title) } } @else { (title) } }
            p {
                code { (provider.iss) }
                @if provider.name.is_some() {
                    ". " (country(visit, provider)) ". "
                    @if provider.roles.is_empty() { (texts.no_roles) } @else { (roles(visit, provider)) "." }
                }
            }
        }
        (files(visit, provider))
        (counted.section(visit))
        section #gaps { h2 { (texts.gaps) } p { (texts.gaps_lead) } (gaps(visit, complete)) }
        @if provider.name.is_some() {
            section #declared { h2 { (texts.declared_title) } p { (texts.declared_lead) } (declared(visit, complete)) }
            section #embargoes { h2 { (texts.embargoes) } p { (texts.embargoes_lead) } (embargoes(visit, &complete.embargoes)) }
        }
        section #keys { h2 { (texts.keys) } p { (texts.keys_lead) } (keys(visit, &provider.keys)) }
        p {
            a href=(format!("/api/v1/providers/{}", host(provider))) { (texts.as_json) } " · "
            a href=(format!("/api/v1/providers/{}/completeness", host(provider))) { (texts.declared_title) }
        }
    };
    Page::new(visit, title).around(&content)
}

fn files(visit: &Visit, provider: &ProviderView) -> Markup {
    let texts = PROVIDER.in_(visit.language);
    let search = visit.link(&format!("/search?provider={}", host(provider)));
    html! {
        section #files {
            h2 { (texts.files) }
            ul.plain {
                li { a href=(search) { (texts.all_statements) } }
                li { a href=(visit.link(&format!("/feed.atom?provider={}", host(provider)))) { (texts.feed) } }
                @if provider.name.is_some() {
                    li { a href=(format!("{search}&type=decision&order=without")) { (texts.without_order) } }
                }
            }
        }
    }
}

fn gaps(visit: &Visit, complete: &CompletenessView) -> Markup {
    let texts = PROVIDER.in_(visit.language);
    let number = |n| value::number(visit, n);
    let listed: u64 = complete.missing.iter().map(|gap| gap.last - gap.first + 1).sum();
    html! {
        @if complete.highest == 0 { p { (texts.nothing_filed) } }
        @else if complete.missing_count == 0 { p { ((texts.gaps_none)(&number(complete.highest))) } }
        @else {
            p { ((texts.gaps_some)(&number(complete.missing_count), &number(complete.highest))) }
            ul {
                @for gap in &complete.missing {
                    li {
                        @if gap.first == gap.last { (number(gap.first)) }
                        @else { ((texts.gap)(&number(gap.first), &number(gap.last))) }
                    }
                }
                @if listed < complete.missing_count { li { ((texts.gaps_more)(&number(complete.missing_count))) } }
            }
        }
    }
}

fn period(visit: &Visit, period: &PeriodView) -> String {
    let day = |text: &str| formats::day(visit.language, text);
    (PROVIDER.in_(visit.language).period_days)(&day(&period.start), &day(&period.end))
}

fn declared(visit: &Visit, complete: &CompletenessView) -> Markup {
    let texts = PROVIDER.in_(visit.language);
    let newest = complete.declarations.iter().rev().take(DECLARATIONS_SHOWN);
    html! {
        @if complete.declarations.is_empty() { p { (texts.declared_none) } } @else {
            div.wide tabindex="0" role="region" aria-label=(texts.declared_title) {
                table {
                    thead { tr {
                        th scope="col" { (texts.period) }
                        @for name in [texts.declared, texts.counted, texts.not_published, texts.missing_numbers] {
                            th.number scope="col" { (name) }
                        }
                        th scope="col" { (texts.verdict) }
                    } }
                    tbody { @for declaration in newest { (declaration_row(visit, declaration)) } }
                }
            }
        }
        @if !complete.undeclared.is_empty() {
            p { (texts.undeclared) }
            ul { @for days in complete.undeclared.iter().take(DECLARATIONS_SHOWN) { li { (period(visit, days)) } } }
        }
        @if let Some(heartbeat) = &complete.last_heartbeat {
            p { (texts.heartbeat) " " (period(visit, &heartbeat.period)) " (" (value::entry(visit, heartbeat.entry.index)) ")." }
        }
    }
}

fn declaration_row(visit: &Visit, declaration: &DeclarationView) -> Markup {
    let texts = PROVIDER.in_(visit.language);
    html! {
        tr {
            th scope="row" { (period(visit, &declaration.period)) br; span.note { (value::entry(visit, declaration.entry.index)) } }
            @for count in [declaration.expected, declaration.counted, declaration.not_published, declaration.missing_count] {
                td.number { (value::number(visit, count)) }
            }
            td { @if declaration.holds { (texts.holds) } @else { strong { (texts.differs) } } }
        }
    }
}

fn embargoes(visit: &Visit, embargoes: &EmbargoView) -> Markup {
    let texts = PROVIDER.in_(visit.language);
    html! {
        dl.facts.figures {
            @for (name, count) in [
                (texts.open, embargoes.open),
                (texts.overdue, embargoes.overdue),
                (texts.kept, embargoes.kept),
                (texts.late, embargoes.late),
                (texts.redacted, embargoes.redacted),
            ] {
                div { dt { (name) } dd { (value::number(visit, count)) } }
            }
        }
    }
}

fn keys(visit: &Visit, keys: &[KeyView]) -> Markup {
    let texts = PROVIDER.in_(visit.language);
    html! {
        div.wide tabindex="0" role="region" aria-label=(texts.keys) {
            table {
                thead { tr {
                    th scope="col" { (texts.key) } th scope="col" { (texts.from) } th scope="col" { (texts.until) }
                } }
                tbody {
                    @for key in keys {
                        tr {
                            th scope="row" { code.hash { (key.kid) } }
                            td { (value::entry(visit, key.from_index)) }
                            td {
                                @match key.until_index {
                                    None => (texts.still),
                                    Some(index) => {
                                        (value::entry(visit, index))
                                        @if let Some(reason) = &key.reason {
                                            br; (value::label(visit, CodeSet::RetirementReason, reason))
                                        }
                                    },
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
