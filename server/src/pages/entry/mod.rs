//! `GET /e/{entry}`: a statement for people.

mod block_page;
mod cite;
mod decision;
mod headline;
mod holding;
mod life;
mod other;
mod signed;
mod time;
mod tree;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use glasshouse_ledger::index::IndexError;
use glasshouse_ledger::reader::{ReadError, Reader};
use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::size::LeafIndex;
use maud::{Markup, html};

use self::cite::Cited;
use self::holding::Holding;
use self::signed::Vouching;
use self::tree::Standing;
use super::frame::{self, Page};
use super::value;
use crate::app_state::{AppState, EntryName, failed};
use crate::completeness_view::{self, DeclarationView};
use crate::problem::Problem;
use crate::statement_view::{self, Extent, StatementView};
use crate::texts::entry::ENTRY;
use crate::texts::formats;
use crate::texts::labels;
use crate::texts::language::Visit;

pub(super) use self::cite::block;
pub(super) use self::headline::named;
pub(super) use self::tree::short;

/// Everything that the page of a statement shows.
#[derive(Debug)]
struct Entry {
    view: StatementView,
    /// The issuer's name; none for the registrar.
    name: Option<String>,
    vouching: Option<Vouching>,
    /// The proof; none while the log's signature is not shown for lack of a quorum.
    standing: Option<Standing>,
    declared: Option<DeclarationView>,
    related: Titles,
    /// The ledger's day, UTC.
    today: Day,
}

/// Statements that others relate to, by leaf hash, each in a line.
pub(super) type Titles = BTreeMap<String, String>;

/// Related statements whose lines are looked up: of more, the hash is shown.
const TITLED: usize = 16;

/// A page that shows one statement: what it says in plain words, what became of it, who signed it, where it stands, how to
/// check and cite it.
#[utoipa::path(get, path = "/e/{entry}", tag = "pages",
    params(("entry" = String, Path, description = "Index, or leaf hash in hex")),
    responses(
        (status = 200, description = "A page for people", content_type = "text/html", body = String),
        (status = 400, description = "`bad-request`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not-found`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`overloaded`; by leaf hash `look-ups-behind`, while the look-ups are being built", body = Problem,
            content_type = "application/problem+json"),
    ))]
pub(super) async fn entry(
    State(state): State<Arc<AppState>>,
    visit: Visit,
    entry: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(entry) = entry.map_err(|error| Problem::of_path(&error))?;
    let name = EntryName::parse(&entry)?;
    let index = state.find(name).await?;
    let (today, is_shown) = (state.today()?, state.check_shown().is_ok());
    let (board, search) = (state.board.clone(), state.searching().await);
    let page = state.answer(move |reader| {
        let policy = board.as_deref().map(|board| board.policy());
        let mut found = read(reader, index, today)?;
        if is_shown {
            found.standing = Some(tree::standing(reader, &search, policy, index)?);
        }
        found.related = titles(&visit, reader, &found.view)?;
        Ok(page(&visit, &found).into_string().into_bytes())
    });
    Ok(frame::respond(page.await?))
}

fn read(reader: &Reader, index: LeafIndex, today: Day) -> Result<Entry, Problem> {
    let view = statement_view::of(reader, index, Extent::default())?;
    let issuer = Issuer::parse(&view.iss).ok();
    let name = issuer.as_ref().and_then(|issuer| {
        reader.with_registry(|registry| registry.provider(issuer).map(|provider| provider.name().to_owned()))
    });
    let declared = issuer.filter(|_| view.payload["type"] == "declaration").and_then(|issuer| {
        let all = completeness_view::of(reader, &issuer, today)?.declarations;
        all.into_iter().find(|declared| declared.entry.index == view.index)
    });
    Ok(Entry {
        name,
        vouching: signed::vouching(reader, &view)?,
        standing: None,
        declared,
        related: Titles::new(),
        today,
        view,
    })
}

/// The lines of the statements that this one relates to or names.
fn titles(visit: &Visit, reader: &Reader, view: &StatementView) -> Result<Titles, Problem> {
    let holding = Holding::of_sealed(view).unwrap_or_else(|| Holding::of(view));
    let relations = holding.field("relates_to").and_then(|(list, _)| list.as_array());
    let related = relations.into_iter().flatten().filter_map(|relation| relation["entry"].as_str());
    let named =
        view.names.iter().flat_map(|names| names.entries.iter().map(|named| named.leaf_hash.as_str()));
    let leaves = related.chain(named);
    let mut titles = Titles::new();
    for text in leaves.take(TITLED) {
        let Ok(leaf) = LeafHash::from_hex(text) else { continue };
        let index = match reader.find(&leaf) {
            // Its hash is shown: nobody waits here for look-ups that are being built.
            Err(ReadError::Index(IndexError::Behind { .. })) => continue,
            found => found.map_err(failed)?,
        };
        let Some(index) = index else { continue };
        let other = statement_view::of(reader, index, Extent::default())?;
        titles.insert(text.to_owned(), headline_of(visit, &other));
    }
    Ok(titles)
}

fn page(visit: &Visit, entry: &Entry) -> Markup {
    let view = &entry.view;
    let holding = Holding::of(view);
    let opened = Holding::of_sealed(view);
    let title = headline::headline(visit, &holding);
    let cited = Cited { view, title: &title, issuer: issuer_of(entry) };
    let is_about_subject = matches!(holding.kind(), "decision" | "no_action");
    let content = html! {
        article {
            (head(visit, entry, &title, &holding))
            @if is_about_subject { (decision::sections(visit, &holding, &entry.related)) }
            @else { (other::sections(visit, &holding)) }
            @if let Some(declared) = &entry.declared { (other::declared(visit, declared)) }
            @if let Some(names) = &view.names { (other::names(visit, names, view.index, &entry.related)) }
            @if holding.kind() == "sealed" { (sealed(visit, opened.as_ref(), &entry.related)) }
            (life::time_line(visit, view, &holding))
            (signed::section(visit, view, entry.name.as_deref(), entry.vouching.as_ref()))
            @if let Some(standing) = &entry.standing { (tree::section(visit, view, standing)) }
            (cite::check(visit, &cited))
            (cite::section(visit, &cited))
            (block_page::section(visit, &cited, &holding, entry.today))
            (other::codes(visit, view))
        }
    };
    Page { permalink: Some(cited.permalink()), ..Page::new(visit, &title) }.around(&content)
}

fn issuer_of(entry: &Entry) -> &str {
    entry.name.as_deref().unwrap_or(entry.view.iss.trim_start_matches("https://"))
}

/// What it is, who filed it, and what became of it, in a few lines.
fn head(visit: &Visit, entry: &Entry, title: &str, holding: &Holding<'_>) -> Markup {
    let texts = ENTRY.in_(visit.language);
    let view = &entry.view;
    let host = view.iss.trim_start_matches("https://");
    let role = holding.word("provider_role");
    html! {
        header.lead {
            p.kicker { (labels::statement_type(visit.language, holding.kind())) }
            h1 { (title) }
            p {
                (texts.by) " "
                a href=(visit.link(&format!("/providers/{host}"))) { span lang="" { (issuer_of(entry)) } }
                @if let Some(role) = role {
                    ", " (texts.acting_as) " "
                    (formats::inside(&value::label(visit, CodeSet::ProviderRole, role)))
                }
                ". " ((texts.on_record)(&value::number(visit, view.index), &view.aud))
            }
            p.meaning { (other::meaning(visit, holding.kind())) }
            (decision::attribution(visit, holding))
            (life::standing(visit, view))
        }
    }
}

fn sealed(visit: &Visit, opened: Option<&Holding<'_>>, related: &Titles) -> Markup {
    let texts = ENTRY.in_(visit.language);
    html! {
        section #sealed {
            h2 { (texts.sealed) }
            @match opened {
                None => p { (texts.sealed_closed) },
                Some(opened) => p.standing { strong { (headline::headline(visit, opened)) } },
            }
        }
        @if let Some(opened) = opened { (decision::sections(visit, opened, related)) }
    }
}

/// A statement in one line.
pub(super) fn headline_of(visit: &Visit, view: &StatementView) -> String {
    let holding = Holding::of_sealed(view).unwrap_or_else(|| Holding::of(view));
    headline::headline(visit, &holding)
}

/// The facts of a decision, where they can be read.
pub(super) fn facts_of(view: &StatementView) -> Option<&str> {
    Holding::of_sealed(view).unwrap_or_else(|| Holding::of(view)).words("decision_facts")
}

/// Whose decision a statement reports, where it is somebody else's.
pub(super) fn reported_of(view: &StatementView) -> Option<&str> {
    let holding = Holding::of(view);
    holding.field("attribution").and_then(|_| holding.words("attributed_to"))
}
