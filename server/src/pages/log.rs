//! `GET /log`: the log itself: its newest checkpoint, who watches it, its keys, how to follow and copy it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use glasshouse_ledger::published::Stats;
use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::vkey::Vkey;
use maud::{Markup, html};

use super::entry::{block, short};
use super::frame::{self, Page};
use super::value;
use super::witnessed::Witnessed;
use crate::app_state::{AppState, failed};
use crate::problem::Problem;
use crate::texts::labels;
use crate::texts::language::Visit;
use crate::texts::log::LOG;
use crate::witnesses::board::Board;

/// Everything that the page shows.
#[derive(Debug)]
struct Log {
    witnessed: Witnessed,
    stats: Stats,
    vkeys: Vec<Vkey>,
    receipt_keys: Vec<String>,
    registrar: String,
    closed_at: Option<LeafIndex>,
    purpose: String,
    /// What is asked of witnesses, as the policy says it, and the witnesses that are asked.
    quorum: Option<(String, Vec<(String, String)>)>,
}

/// A page of the log itself.
#[utoipa::path(get, path = "/log", tag = "pages",
    responses(
        (status = 200, description = "A page for people", content_type = "text/html", body = String),
        (status = 503, description = "`overloaded`; `no-quorum`, while one is required and the published tree has none", body = Problem,
            content_type = "application/problem+json"),
    ))]
pub(super) async fn log(State(state): State<Arc<AppState>>, visit: Visit) -> Result<Response, Problem> {
    state.check_shown()?;
    let board = state.board.clone();
    let page = state.answer(move |reader| {
        let log = read(reader, board.as_deref())?;
        Ok(page(&visit, &log).into_string().into_bytes())
    });
    Ok(frame::respond(page.await?))
}

fn read(reader: &Reader, board: Option<&Board>) -> Result<Log, Problem> {
    let policy = board.map(Board::policy);
    let first = LeafIndex::new(0).map_err(|error| Problem::internal(&error))?;
    let genesis = reader.entry(first).map_err(failed)?;
    let purpose = genesis.and_then(|entry| entry.statement().payload().code(FieldName::PURPOSE));
    let quorum = board.zip(policy).map(|(board, policy)| {
        let asked = policy
            .witnesses()
            .iter()
            .map(|one| (one.key().name().to_owned(), one.url().unwrap_or_default().to_owned()));
        (board.quorum().to_owned(), asked.collect())
    });
    let witnessed = Witnessed::newest(reader, policy)?;
    Ok(reader.with_registry(|registry| Log {
        witnessed,
        stats: reader.stats(),
        vkeys: registry.log_vkeys().to_vec(),
        receipt_keys: registry.receipt_keys().iter().map(|key| STANDARD.encode(key.to_cose())).collect(),
        registrar: registry.registrar().as_str().trim_start_matches("https://").to_owned(),
        closed_at: registry.closed_at(),
        purpose: purpose.map(|code| code.as_str().to_owned()).unwrap_or_default(),
        quorum,
    }))
}

fn page(visit: &Visit, log: &Log) -> Markup {
    let texts = LOG.in_(visit.language);
    let origin = log.witnessed.note.checkpoint().origin().to_string();
    let content = html! {
        header.lead {
            h1 { (texts.title) }
            p { (texts.lead) }
            @match log.purpose.as_str() {
                "test" => p.remark { (texts.test_warning) },
                "demo" => p.remark { (texts.demo_warning) },
                _ => {},
            }
            @if let Some(entry) = log.closed_at { p.remark { (value::within(texts.closed, &value::entry(visit, entry.get()))) } }
        }
        section #now { h2 { (texts.now) } (now(visit, log, &origin)) }
        section #witnesses { h2 { (texts.witnesses) } p { (texts.witnesses_lead) } (witnesses(visit, log)) }
        section #contents { h2 { (texts.contents) } (contents(visit, &log.stats)) }
        section #follow { h2 { (texts.follow) } p { (texts.follow_lead) } (follow(visit, &origin)) }
        section #mirror { h2 { (texts.mirror) } p { (texts.mirror_lead) } (mirror(visit)) }
        section #keys { h2 { (texts.keys) } p { (texts.keys_lead) } (keys(visit, log)) }
    };
    Page::new(visit, texts.title).around(&content)
}

fn now(visit: &Visit, log: &Log, origin: &str) -> Markup {
    let texts = LOG.in_(visit.language);
    let head = log.witnessed.note.head();
    html! {
        dl.facts {
            div { dt { (texts.name) } dd { code { (origin) } } }
            div { dt { (texts.size) } dd { (value::number(visit, head.size().get())) } }
            div { dt { (texts.root) } dd { code.hash { (head.root().to_hex()) } } }
            div { dt { (texts.purpose) } dd { (value::label(visit, CodeSet::Purpose, &log.purpose)) } }
        }
        p { (texts.note_text) " " a href="/checkpoint" { (texts.note) } }
        (block(texts.note, &short(log.witnessed.note.note_text())))
    }
}

fn witnesses(visit: &Visit, log: &Log) -> Markup {
    let texts = LOG.in_(visit.language);
    html! {
        (log.witnessed.table(visit))
        @if let Some((quorum, asked)) = &log.quorum {
            p { (texts.witnesses_policy) }
            (block(texts.witnesses_policy, quorum))
            h3 { (texts.witnesses_asked) }
            ul { @for (name, url) in asked { li { code { (name) } " " span.note { (url) } } } }
        }
    }
}

fn contents(visit: &Visit, stats: &Stats) -> Markup {
    let texts = LOG.in_(visit.language);
    let number = |n| value::number(visit, n);
    html! {
        div.wide tabindex="0" role="region" aria-label=(texts.contents) {
            table {
                thead { tr { th scope="col" { (texts.kind) } th.number scope="col" { (texts.entries) } } }
                tbody {
                    @for (kind, count) in &stats.by_type {
                        tr {
                            th scope="row" {
                                a href=(visit.link(&format!("/search?type={}", kind.as_str()))) {
                                    (labels::statement_type(visit.language, kind.as_str()))
                                }
                            }
                            td.number { (number(*count)) }
                        }
                    }
                }
            }
        }
        p { ((texts.texts)(&number(stats.addenda), &number(stats.withheld), &number(stats.disclosed))) }
        p { a href="/api/v1/stats" { (texts.as_json) } }
    }
}

fn follow(visit: &Visit, origin: &str) -> Markup {
    let texts = LOG.in_(visit.language);
    let verify = format!("glasshouse-verify log https://{origin} --policy policy.txt");
    html! {
        p { (texts.follow_audit) } (block(texts.follow_audit, &format!("{verify} --texts")))
        p { (texts.follow_stay) } (block(texts.follow_stay, &format!("{verify} --state audit --follow")))
        p { (texts.follow_compare) } (block(texts.follow_compare, &format!("{verify} --also https://mirror.example")))
    }
}

fn mirror(visit: &Visit) -> Markup {
    let texts = LOG.in_(visit.language);
    html! {
        dl.facts {
            div { dt { code { "/checkpoint" } } dd { (texts.files_checkpoint) } }
            div { dt { code { "/tile/<L>/<N>[.p/<W>]" } } dd { (texts.files_tiles) } }
            div { dt { code { "/tile/entries/<N>[.p/<W>]" } } dd { (texts.files_entries) } }
            div { dt { code { "/addenda/ab/cd/<64 hex>" } } dd { (texts.files_texts) } }
        }
    }
}

fn keys(visit: &Visit, log: &Log) -> Markup {
    let texts = LOG.in_(visit.language);
    html! {
        dl.facts {
            div {
                dt { (texts.key_checkpoints) }
                dd { ul.plain { @for key in &log.vkeys { li { code.hash { (crate::plot::cut(&key.encode(), 160)) } } } } }
            }
            div {
                dt { (texts.key_receipts) }
                dd { ul.plain { @for key in &log.receipt_keys { li { code.hash { (key) } } } } }
            }
            div {
                dt { (texts.key_registrar) }
                dd { a href=(visit.link(&format!("/providers/{}", log.registrar))) { code { (log.registrar) } } }
            }
        }
        p { a href=(visit.link("/e/0")) { (texts.genesis) } }
    }
}
