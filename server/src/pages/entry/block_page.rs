//! The answer of HTTP that a provider can send to whoever meets its block, so that it can be followed to the decision: with
//! status 451 where the law demands the block (RFC 7725), else with 403.

use glasshouse_verifier::day::Day;
use glasshouse_verifier::fields::FieldName;
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

use super::cite::{Cited, block};
use super::headline;
use super::holding::Holding;
use crate::texts::language::Visit;
use crate::texts::place::PLACE;

/// Measures after which visitors do not get what was there, and the provider is still asked for it, so that it can answer. Where
/// a domain is gone or a route is, nobody who decided is asked.
const BLOCKS: [(&str, &[&str]); 2] = [
    ("decision_visibility", &["DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_CONTENT_DISABLED"]),
    (
        "infrastructure_measure",
        &["access_blocked", "block_page", "dns_unresolved", "hosting_terminated", "proxying_stopped"],
    ),
];

/// What can be offered for a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offer {
    /// Status 451.
    LegalReasons,
    /// Status 403.
    OtherReasons,
    /// The decision has ended.
    Ended,
}

impl Offer {
    /// `None` for what is no decision of its issuer's own that blocks access.
    fn of(holding: &Holding<'_>, standing: &str, today: Day) -> Option<Offer> {
        let is_own = holding.kind() == "decision" && holding.field("attribution").is_none();
        if !is_own || !blocks(holding) {
            return None;
        }
        if !matches!(standing, "in_force" | "partially_reversed") || has_expired(holding, today) {
            return Some(Offer::Ended);
        }
        let kind = holding.field("legal_basis").and_then(|(basis, _)| basis["kind"].as_str());
        Some(match kind {
            Some("court_order" | "authority_order" | "statute") => Offer::LegalReasons,
            _ => Offer::OtherReasons,
        })
    }
}

fn blocks(holding: &Holding<'_>) -> bool {
    BLOCKS.iter().any(|(field, codes)| match holding.field(field) {
        Some((Value::Array(held), _)) => {
            held.iter().filter_map(Value::as_str).any(|code| codes.contains(&code))
        }
        Some((Value::String(code), _)) => codes.contains(&code.as_str()),
        _ => false,
    })
}

/// Whether all that blocks was to end on a day that has passed. What an infrastructure provider does has no such day.
fn has_expired(holding: &Holding<'_>, today: Day) -> bool {
    let end = holding.word(FieldName::END_DATE_VISIBILITY_RESTRICTION.as_str()).and_then(Day::parse);
    holding.field(FieldName::INFRASTRUCTURE_MEASURE.as_str()).is_none() && end.is_some_and(|end| end < today)
}

/// The section; nothing where there is nothing to be offered.
pub(super) fn section(visit: &Visit, cited: &Cited<'_>, holding: &Holding<'_>, today: Day) -> Markup {
    let texts = PLACE.in_(visit.language);
    let Some(offer) = Offer::of(holding, &cited.view.state.standing, today) else { return html! {} };
    let (note, title) = match offer {
        Offer::LegalReasons => (texts.block_note, texts.block_page),
        Offer::OtherReasons => (texts.block_note_other, texts.block_page_other),
        Offer::Ended => {
            return html! { section #block { h2 { (texts.block) } p { (texts.block_ended) } } };
        }
    };
    let what = headline::measures(visit, holding).join(", ");
    let answer = answer(visit, cited, offer, title, &what);
    html! {
        section #block {
            h2 { (texts.block) }
            p { (note) }
            details { summary { (title) } (block(texts.block, &answer)) }
        }
    }
}

/// Who blocks, and where the decision stands.
fn answer(visit: &Visit, cited: &Cited<'_>, offer: Offer, title: &str, what: &str) -> String {
    let texts = PLACE.in_(visit.language);
    let (language, permalink) = (visit.language.tag(), cited.address());
    let page = html! {
        (DOCTYPE)
        "\n" html lang=(language) {
            "\n" meta charset="utf-8"; "\n" title { (title) }
            "\n" h1 { (title) }
            "\n" p { ((texts.block_reason)(cited.issuer, what)) }
            "\n" p { (texts.block_link) " " a href=(permalink) { (permalink) } }
            "\n"
        }
    };
    // RFC 7725 section 4: who implements the block. The field belongs to status 451.
    let (status, by) = match offer {
        Offer::LegalReasons => {
            ("451 Unavailable For Legal Reasons", format!("Link: <{}>; rel=\"blocked-by\"\n", cited.view.iss))
        }
        _ => ("403 Forbidden", String::new()),
    };
    format!(
        "HTTP/1.1 {status}\nContent-Type: text/html; charset=utf-8\nContent-Language: {language}\n\
         {by}Link: <{permalink}>; rel=\"describedby\"\n\n{}",
        page.into_string()
    )
}
