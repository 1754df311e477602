//! What became of a statement: its state in a sentence, and its life as a time line.

use glasshouse_verifier::codes::CodeSet;
use maud::{Markup, html};
use serde_json::Value;

use super::holding::Holding;
use crate::pages::value;
use crate::state_view::{ClaimView, StateView};
use crate::statement_view::StatementView;
use crate::texts::formats;
use crate::texts::language::Visit;
use crate::texts::life::LIFE;

/// The state in a sentence; nothing where no more is to be said than that the statement is there.
pub(super) fn standing(visit: &Visit, view: &StatementView) -> Markup {
    let texts = LIFE.in_(visit.language);
    let kind = view.payload["type"].as_str().unwrap_or_default();
    let words = match (view.state.standing.as_str(), kind) {
        ("in_force", _) => texts.in_force,
        ("lifted", _) => texts.lifted,
        ("reversed", _) => texts.reversed,
        ("partially_reversed", _) => texts.partially_reversed,
        ("withdrawn", _) => texts.withdrawn,
        (_, "no_action") => texts.refusal_stands,
        _ => return html! {},
    };
    html! {
        p.standing {
            strong { (words) }
            @if let Some(by) = &view.state.standing_by { " (" (value::entry(visit, by.index)) ")" }
        }
    }
}

/// The time line, for a statement of which something can become.
pub(super) fn time_line(visit: &Visit, view: &StatementView, holding: &Holding<'_>) -> Markup {
    let texts = LIFE.in_(visit.language);
    let StateView { claims, claim_count, .. } = &view.state;
    let started = ["acted_at", "application_date"].iter().find_map(|name| holding.word(name));
    let more = claim_count.saturating_sub(claims.len() as u64);
    html! {
        section #life {
            h2 { (texts.title) }
            ol.time-line {
                @if let Some(started) = started {
                    li { (when(visit, started)) p { (texts.decided) } }
                }
                li {
                    (when(visit, &view.iat))
                    p { (texts.filed) ", " (value::entry(visit, view.index)) " "
                        span.note { "(" (texts.claimed) ")" } }
                }
                @for claim in claims { (step(visit, claim)) }
            }
            @if claims.is_empty() { p.note { (texts.nothing) } }
            @if more > 0 {
                p {
                    ((texts.more)(&value::number(visit, more))) " "
                    a href=(format!("/api/v1/statements/{}?claims=all", view.index)) { (texts.all) }
                }
            }
        }
    }
}

fn when(visit: &Visit, text: &str) -> Markup {
    html! { p.when { @if text.contains('T') { (value::moment(visit, text)) } @else { (value::day(visit, text)) } } }
}

fn step(visit: &Visit, claim: &ClaimView) -> Markup {
    let texts = LIFE.in_(visit.language);
    let words = sentence(&in_words(visit, claim));
    html! {
        li {
            (when(visit, &claim.iat))
            p {
                @if claim.repeats { (texts.again) " " }
                @if claim.counts { (words) } @else { s { (words) } " (" (texts.void) ")" }
                ", " (value::entry(visit, claim.entry.index))
            }
        }
    }
}

/// The same with a capital letter.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A claim in words: "ended on 2 March 2026: own error".
fn in_words(visit: &Visit, claim: &ClaimView) -> String {
    let texts = LIFE.in_(visit.language);
    let text = |name: &str| claim.says.get(name).and_then(Value::as_str).unwrap_or_default();
    let label = |set, name: &str| value::label(visit, set, text(name));
    let small = |set, name: &str| formats::inside(&label(set, name));
    let fields = |name: &str| match claim.says.get(name) {
        Some(Value::Array(names)) => {
            let names: Vec<String> = names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            value::field_names(visit, &names)
        }
        _ => String::new(),
    };
    match claim.claim.as_str() {
        "lifted" => (texts.ended)(
            &formats::day(visit.language, text("end_date")),
            &small(CodeSet::LiftedReason, "lifted_reason"),
        ),
        "outcome" => {
            (texts.outcome)(&label(CodeSet::Procedure, "procedure"), &small(CodeSet::Result, "result"))
        }
        "amended" => {
            let mut words = (texts.amended)(&small(CodeSet::AmendmentReason, "amendment_reason"));
            for (what, name) in [(texts.changed, "changes"), (texts.taken_away, "removed")] {
                let names = fields(name);
                if !names.is_empty() {
                    words.push_str(&format!("; {what}: {names}"));
                }
            }
            words
        }
        "disclosed" => (texts.opened)(&fields("fields")),
        "redacted" => (texts.erased)(
            &fields("fields"),
            &small(CodeSet::RedactionGround, "redaction_ground"),
            &small(CodeSet::RequestedBy, "requested_by"),
        ),
        "conflict" => texts.conflict.to_owned(),
        "withdrawn" => texts.took_back.to_owned(),
        other => other.to_owned(),
    }
}
