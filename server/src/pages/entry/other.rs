//! Statements that are no decisions, and what every statement has: what it names, and what was signed in codes.

use glasshouse_verifier::statement_type::StatementType;
use maud::{Markup, html};
use serde_json::Value;

use super::Titles;
use super::holding::Holding;
use crate::completeness_view::DeclarationView;
use crate::names_view::NamesView;
use crate::pages::value;
use crate::statement_view::StatementView;
use crate::texts::entry::ENTRY;
use crate::texts::formats;
use crate::texts::kinds::KINDS;
use crate::texts::language::Visit;
use crate::texts::provider::PROVIDER;

/// Members of every payload that are told elsewhere on the page.
const ELSEWHERE: [&str; 6] = ["type", "vocabulary", "sequence", "addenda", "withheld", "targets"];

/// What a type of statement is, in a sentence.
pub(super) fn meaning(visit: &Visit, kind: &str) -> &'static str {
    let kind = StatementType::ALL.iter().find(|known| known.as_str() == kind);
    kind.map_or("", |kind| KINDS.in_(visit.language).of(*kind))
}

/// Every field and text of it under its name.
pub(super) fn sections(visit: &Visit, holding: &Holding<'_>) -> Markup {
    let texts = ENTRY.in_(visit.language);
    let fields: Vec<&str> =
        holding.members().map(|(name, _)| name).filter(|name| !ELSEWHERE.contains(name)).collect();
    let addenda: Vec<&str> = holding
        .text_names()
        .filter(|name| !matches!(*name, "sealed_statement" | "refused_statement"))
        .collect();
    html! {
        @if !fields.is_empty() || !addenda.is_empty() {
            section #said {
                h2 { (texts.said) }
                dl.facts {
                    @for name in fields { (holding.row(visit, name)) }
                    @for name in addenda { (holding.row(visit, name)) }
                }
            }
        }
    }
}

/// A declaration held against the log.
pub(super) fn declared(visit: &Visit, declared: &DeclarationView) -> Markup {
    let texts = PROVIDER.in_(visit.language);
    html! {
        section #declared {
            h2 { (texts.declared_title) }
            dl.facts {
                div { dt { (texts.declared) } dd { (value::number(visit, declared.expected)) } }
                div { dt { (texts.counted) } dd { (value::number(visit, declared.counted)) } }
                div { dt { (texts.missing_numbers) } dd { (value::number(visit, declared.missing_count)) } }
            }
            p { strong { (if declared.holds { texts.holds } else { texts.differs }) } }
        }
    }
}

/// What a statement names.
pub(super) fn names(visit: &Visit, names: &NamesView, index: u64, titles: &Titles) -> Markup {
    let texts = ENTRY.in_(visit.language);
    let shown = (names.entries.len() + names.ranges.len()) as u64;
    let more = names.target_count.saturating_sub(shown);
    let owner = names.owner.trim_start_matches("https://");
    html! {
        section #names {
            h2 { (texts.names) }
            ul {
                @for named in &names.entries {
                    li {
                        (value::entry(visit, named.entry.index))
                        @if let Some(title) = titles.get(&named.leaf_hash) { (formats::colon(visit.language)) (title) }
                    }
                }
                @for range in &names.ranges {
                    li {
                        ((texts.names_range)(&value::number(visit, range.first), &value::number(visit, range.last)))
                        " (" a href=(visit.link(&format!("/search?provider={owner}&numbers={}-{}", range.first, range.last))) {
                            ((texts.names_all)(&value::number(visit, range.numbers)))
                        } ")"
                    }
                }
                @if more > 0 {
                    li { a href=(format!("/api/v1/statements/{index}?names=all")) {
                        ((texts.more)(&value::number(visit, more))) } }
                }
            }
        }
    }
}

/// What stands in the entry, as it stands there.
pub(super) fn codes(visit: &Visit, view: &StatementView) -> Markup {
    let texts = ENTRY.in_(visit.language);
    let members = view.payload.as_object().into_iter().flatten();
    html! {
        details #codes {
            summary { (texts.codes) }
            p.note { (texts.codes_note) }
            div.wide tabindex="0" role="region" aria-label=(texts.codes) {
                table {
                    tbody {
                        @for (name, member) in [("iss", &view.iss), ("sub", &view.sub), ("aud", &view.aud), ("iat", &view.iat)] {
                            tr { th scope="row" { code { (name) } } td { code { (member) } } }
                        }
                        @for (name, member) in members {
                            tr { th scope="row" { code { (name) } } td { (raw(member)) } }
                        }
                    }
                }
            }
        }
    }
}

fn raw(member: &Value) -> Markup {
    match member {
        Value::String(text) => html! { code { (text) } },
        Value::Object(members) => html! {
            ul.plain { @for (name, member) in members { li { code { (name) ": " (short(member)) } } } }
        },
        other => html! { code { (short(other)) } },
    }
}

fn short(member: &Value) -> String {
    member.as_str().map_or_else(|| member.to_string(), str::to_owned)
}
