//! A decision or a refusal in plain words: every point of Article 17(3) of the Digital Services Act, and what is missing.

use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::fields::MEASURES;
use maud::{Markup, html};
use serde_json::Value;

use super::holding::Holding;
use super::{Titles, headline};
use crate::pages::value;
use crate::texts::entry::ENTRY;
use crate::texts::formats;
use crate::texts::labels;
use crate::texts::language::Visit;
use crate::texts::missing::MISSING;

const ENDS: [&str; 4] = [
    "end_date_visibility_restriction",
    "end_date_monetary_restriction",
    "end_date_service_restriction",
    "end_date_account_restriction",
];

/// All of it.
pub(super) fn sections(visit: &Visit, holding: &Holding<'_>, titles: &Titles) -> Markup {
    let texts = ENTRY.in_(visit.language);
    html! {
        section #what { h2 { (texts.what) } (what(visit, holding)) }
        section #facts { h2 { (texts.facts) } (facts(visit, holding)) }
        section #found {
            h2 { (texts.found) }
            dl.facts { (rows(visit, holding, &["automated_detection", "automated_decision"])) }
        }
        section #ground { h2 { (texts.ground) } (ground(visit, holding)) }
        section #contest { h2 { (texts.contest) } (contest(visit, holding)) }
        @if holding.field("relates_to").is_some() {
            section #related { h2 { (texts.related) } (related(visit, holding, titles)) }
        }
        section #missing { h2 { (texts.missing) } (missing(visit, holding)) }
    }
}

fn rows(visit: &Visit, holding: &Holding<'_>, names: &[&str]) -> Markup {
    html! { @for name in names { (holding.row(visit, name)) } }
}

fn what(visit: &Visit, holding: &Holding<'_>) -> Markup {
    let texts = ENTRY.in_(visit.language);
    let has_end = ENDS.iter().any(|name| holding.field(name).is_some());
    let is_decision = holding.kind() == "decision";
    html! {
        dl.facts {
            @for field in MEASURES { (holding.row(visit, field.as_str())) }
            (rows(visit, holding, &["decision_visibility_other", "decision_monetary_other", "refusal_reason", "refusal_explanation"]))
            (subject(visit, holding))
            (rows(visit, holding, &["application_date", "acted_at"]))
            (rows(visit, holding, &ENDS))
            @if is_decision && !has_end { div { dt { (texts.until) } dd { p.gone { (texts.no_end) } } } }
            @match holding.shown(visit, "territorial_scope") {
                Some(shown) => div { dt { (labels::field(visit.language, "territorial_scope")) } dd { (shown) } },
                None => div {
                    dt { (labels::field(visit.language, "territorial_scope")) }
                    dd { p.gone { (texts.not_stated) } }
                },
            }
            (rows(visit, holding, &["items", "items_list", "content_type", "content_type_other", "content_language",
                "content_date", "content_id", "content_url", "account_type"]))
        }
    }
}

/// Whom it concerns, with the way to everything on record about the same.
fn subject(visit: &Visit, holding: &Holding<'_>) -> Markup {
    let texts = ENTRY.in_(visit.language);
    let sub = holding.sub();
    html! {
        div {
            dt { (texts.subject) }
            dd {
                @match (headline::subject(holding), holding.shown(visit, "subject")) {
                    (Some(name), _) => p { (value::said_short(name)) },
                    (None, Some(shown)) => (shown),
                    (None, None) => p.gone { (texts.subject_pseudonym) },
                }
                p { a href=(visit.link(&format!("/subjects/{sub}"))) { (texts.subject_all) } }
            }
        }
    }
}

fn facts(visit: &Visit, holding: &Holding<'_>) -> Markup {
    html! {
        @if let Some(facts) = holding.shown(visit, "decision_facts") { div.story { (facts) } }
        dl.facts {
            (rows(visit, holding, &["source_type", "source_kind", "source_identity", "notice_received",
                "authority_notified", "attributed_to", "attribution", "attribution_source", "attributed_at", "attributed_puid", "puid"]))
        }
    }
}

fn ground(visit: &Visit, holding: &Holding<'_>) -> Markup {
    let texts = ENTRY.in_(visit.language);
    let kind = holding.field("legal_basis").and_then(|(basis, _)| basis["kind"].as_str());
    let remark = match kind {
        None | Some("court_order" | "authority_order") => None,
        Some("unstated") => Some(texts.unstated),
        Some(_) => Some(texts.no_order),
    };
    html! {
        dl.facts {
            @if let Some(shown) = holding.shown(visit, "legal_basis") {
                div {
                    dt { (labels::field(visit.language, "legal_basis")) }
                    dd { (shown) @if let Some(remark) = remark { p.note { (remark) } } }
                }
            }
            (rows(visit, holding, &["order_authority", "order_reference", "document_sha256", "instrument", "provision",
                "decision_ground", "illegal_content_legal_ground", "illegal_content_explanation", "incompatible_content_ground",
                "incompatible_content_explanation", "incompatible_content_illegal", "decision_ground_reference_url", "category",
                "category_addition", "category_specification", "category_specification_other"]))
        }
    }
}

fn contest(visit: &Visit, holding: &Holding<'_>) -> Markup {
    let texts = ENTRY.in_(visit.language);
    let names = ["redress", "redress_url", "contact"];
    let has_any = names.iter().any(|name| holding.shown(visit, name).is_some());
    html! {
        @if has_any { dl.facts { (rows(visit, holding, &names)) } } @else { p.gone { (texts.contest_none) } }
    }
}

/// Relations in the author's order; one without an entry takes the next of the addresses.
fn related(visit: &Visit, holding: &Holding<'_>, titles: &Titles) -> Markup {
    let relations = holding.field("relates_to").and_then(|(list, _)| list.as_array());
    let uris = match holding.text("relates_to_uri").0 {
        super::holding::Text::Said(Value::Array(uris)) => uris.as_slice(),
        _ => &[],
    };
    let mut uris = uris.iter().filter_map(Value::as_str);
    html! {
        ul.plain {
            @for one in relations.into_iter().flatten() {
                @let uri = if one["entry"].is_string() { None } else { uris.next() };
                li { (value::relation(visit, one, uri, title(one, titles))) }
            }
        }
    }
}

fn title<'t>(relation: &Value, titles: &'t Titles) -> Option<&'t str> {
    titles.get(relation["entry"].as_str()?).map(String::as_str)
}

/// The points of Article 17(3) that nobody can read here. How long it lasts is none of them, as in `check`: what names no end lasts
/// from its application date on without one.
fn lacking(visit: &Visit, holding: &Holding<'_>) -> Vec<&'static str> {
    let texts = MISSING.in_(visit.language);
    let basis = holding.field("legal_basis").map(|(basis, _)| basis);
    let kind = basis.and_then(|basis| basis["kind"].as_str());
    let statute = basis.is_some_and(|basis| basis["statute_id"].is_string());
    let says = |names: &[&str]| names.iter().any(|name| holding.words(name).is_some());
    let rule = ["illegal_content_legal_ground", "incompatible_content_ground", "instrument", "provision"];
    let why = ["illegal_content_explanation", "incompatible_content_explanation"];
    let is_infrastructure = holding.field("decision_ground").is_none();
    let points = [
        (holding.field("territorial_scope").is_none(), texts.territory),
        (!says(&["decision_facts"]), texts.facts),
        (matches!(kind, None | Some("unstated")) && is_infrastructure, texts.basis),
        (!statute && !says(&rule) && !matches!(kind, Some("discretion" | "emergency")), texts.rule),
        (!is_infrastructure && !says(&why), texts.why),
        (holding.field("redress").is_none() && !says(&["redress_url"]), texts.redress),
    ];
    points.into_iter().filter(|(lacks, _)| *lacks).map(|(_, point)| point).collect()
}

fn missing(visit: &Visit, holding: &Holding<'_>) -> Markup {
    let texts = ENTRY.in_(visit.language);
    let lacking = match holding.kind() {
        "decision" => lacking(visit, holding),
        _ => Vec::new(),
    };
    html! {
        @if holding.kind() != "decision" { p { (texts.not_owed) } }
        @else if lacking.is_empty() { p { (texts.missing_none) } }
        @else {
            p { (texts.missing_some) }
            ul { @for point in &lacking { li { (point) } } }
            p.note { (texts.missing_note) }
        }
    }
}

/// Whether, and in whose words, somebody else's decision is reported.
pub(super) fn attribution(visit: &Visit, holding: &Holding<'_>) -> Markup {
    let texts = ENTRY.in_(visit.language);
    let kind = holding.field("attribution").and_then(|(attribution, _)| attribution["kind"].as_str());
    html! {
        @if let Some(kind) = kind {
            p.remark {
                strong { (texts.reported) }
                " (" (formats::inside(&value::label(visit, CodeSet::AttributionKind, kind))) ") "
                @let whose = holding.words("attributed_to");
                @if let Some(whose) = whose { ((texts.reported_of)(whose)) " " }
                ((texts.reported_counted)(whose))
            }
        }
    }
}
