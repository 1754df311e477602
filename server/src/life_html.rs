//! The life of a statement in plain words, for its page: what became of it, each step with the entry that says so.

use glasshouse_verifier::codes::{Code, CodeSet};
use serde_json::Value;

use crate::amended_view::AmendedView;
use crate::html::{escape, row, value_html};
use crate::names_view::NamesView;
use crate::sealed_view::SealedView;
use crate::state_view::{ClaimView, StateView};
use crate::statement_view::StatementView;
use crate::vocabulary;

/// What became of it, in a sentence, and the steps; what it is about; what was sealed; what holds as amended.
pub(crate) fn life(view: &StatementView) -> String {
    let mut page = standing(view);
    page.push_str(&steps(view));
    if let Some(names) = &view.names {
        page.push_str(&named(names));
    }
    if let Some(sealed) = &view.sealed {
        page.push_str(&sealed_html(sealed));
    }
    if let Some(amended) = &view.state.as_amended {
        page.push_str(&amended_html(view.index, amended));
    }
    page
}

fn standing(view: &StatementView) -> String {
    let kind = view.payload["type"].as_str().unwrap_or_default();
    let words = match (view.state.standing.as_str(), kind) {
        ("in_force", _) => "As far as this log tells, the restriction is in force.",
        ("lifted", _) => "The restriction was ended.",
        ("reversed", _) => "The decision was reversed.",
        ("partially_reversed", _) => "The decision was reversed in part.",
        ("withdrawn", _) => "Withdrawn: the issuer says that this statement was not its own.",
        // Of most types nothing more is to be said than that they are there.
        (_, "no_action") => "As far as this log tells, the refusal stands.",
        _ => return String::new(),
    };
    let by = view.state.standing_by.as_ref();
    let by = by.map(|entry| format!(" (<a href=\"{}\">entry {}</a>)", entry.page, entry.index));
    format!("<p><b>{words}</b>{}</p>\n", by.unwrap_or_default())
}

/// The line of life: filed → amended → lifted.
fn steps(view: &StatementView) -> String {
    let StateView { claims, claim_count, .. } = &view.state;
    if claims.is_empty() {
        return String::new();
    }
    let filed = format!("<li><a href=\"/e/{0}\">filed</a>, {1}</li>", view.index, escape(&view.iat));
    let steps: String = claims.iter().map(step).collect();
    let more = match claim_count.saturating_sub(claims.len() as u64) {
        0 => String::new(),
        more => format!(
            "<p>And {more} more: <a href=\"/api/v1/statements/{}?claims=all\">all of them</a>.</p>\n",
            view.index
        ),
    };
    format!("<h2>What became of it</h2>\n<ol class=\"life\">\n{filed}\n{steps}</ol>\n{more}")
}

fn step(claim: &ClaimView) -> String {
    let again = if claim.repeats { "again said, which changes nothing: " } else { "" };
    let said = escape(&in_words(claim));
    let words = format!("{again}<a href=\"{}\">{said}</a>, {}", claim.entry.page, escape(&claim.iat));
    match claim.counts {
        true => format!("<li>{words}</li>\n"),
        false => format!("<li><s>{words}</s> (taken back)</li>\n"),
    }
}

/// A claim in words: "lifted: own error, on 2026-03-02".
fn in_words(claim: &ClaimView) -> String {
    let text = |name: &str| claim.says.get(name).and_then(Value::as_str).unwrap_or_default();
    let label = |set, name: &str| label(set, text(name));
    let list = |name: &str| match claim.says.get(name) {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        _ => String::new(),
    };
    match claim.claim.as_str() {
        "lifted" => {
            format!("ended on {}: {}", text("end_date"), label(CodeSet::LiftedReason, "lifted_reason"))
        }
        "outcome" => {
            let result = label(CodeSet::Result, "result");
            format!("{}: {}", label(CodeSet::Procedure, "procedure"), result.to_lowercase())
        }
        "amended" => {
            let mut words = format!("amended ({})", label(CodeSet::AmendmentReason, "amendment_reason"));
            for (what, name) in [("changed", "changes"), ("taken away", "removed")] {
                let names = list(name);
                if !names.is_empty() {
                    words.push_str(&format!("; {what}: {names}"));
                }
            }
            words
        }
        "disclosed" => format!("texts opened: {}", list("fields")),
        "redacted" => {
            let ground = label(CodeSet::RedactionGround, "redaction_ground");
            let by = label(CodeSet::RequestedBy, "requested_by");
            format!("texts erased: {} ({}; asked by: {})", list("fields"), ground, by.to_lowercase())
        }
        "conflict" => "the issuer signed another statement under the same number".to_owned(),
        "withdrawn" => "withdrawn: the issuer says that it was not its own".to_owned(),
        other => other.to_owned(),
    }
}

/// The label of a code, or the code.
fn label(set: CodeSet, code: &str) -> String {
    let label = Code::find(set, code).and_then(vocabulary::label);
    label.unwrap_or(code).to_owned()
}

fn named(names: &NamesView) -> String {
    let entries = names.entries.iter().map(|named| {
        let entry = &named.entry;
        format!("<li><a href=\"{}\">entry {}</a></li>\n", entry.page, entry.index)
    });
    let ranges = names.ranges.iter().map(|range| {
        format!(
            "<li>numbers {} to {} of <code>{}</code>, <a href=\"{}\">{} of them</a></li>\n",
            range.first,
            range.last,
            escape(&names.owner),
            escape(&range.link),
            range.numbers
        )
    });
    let shown = names.entries.len() + names.ranges.len();
    let more = match names.target_count.saturating_sub(shown as u64) {
        0 => String::new(),
        more => format!("<li>and {more} more</li>\n"),
    };
    let list: String = entries.chain(ranges).collect();
    format!("<h2>What it is about</h2>\n<ul>\n{list}{more}</ul>\n")
}

fn sealed_html(sealed: &SealedView) -> String {
    let mut html = "<h2>What was sealed</h2>\n<table>\n".to_owned();
    row(&mut html, "subject", &format!("<code>{}</code>", escape(&sealed.sub)));
    let members = sealed.payload.as_object().into_iter().flatten();
    for (name, value) in members.filter(|(name, _)| name.as_str() != "addenda") {
        row(&mut html, name, &value_html(value));
    }
    for (name, value) in &sealed.texts {
        row(&mut html, name, &value_html(value));
    }
    html + "</table>\n"
}

/// Only what differs from what was filed, each with the entry that changed it.
fn amended_html(filed: u64, amended: &AmendedView) -> String {
    let mut html = "<h2>As amended</h2>\n<table>\n".to_owned();
    let from = |by: u64| format!(" (<a href=\"/e/{by}\">entry {by}</a>)");
    for (name, field) in amended.fields.iter().filter(|(_, field)| field.by != filed) {
        row(&mut html, name, &(value_html(&field.value) + &from(field.by)));
    }
    for (name, text) in amended.texts.iter().filter(|(_, text)| text.by != filed) {
        let shown = match &text.value {
            Some(value) => value_html(value),
            None if text.hidden => {
                "<i>not shown: it would lead to content that nobody may spread</i>".to_owned()
            }
            None => format!("<i>{}</i>", escape(&text.state)),
        };
        row(&mut html, name, &(shown + &from(text.by)));
    }
    html + "</table>\n"
}

/// The texts of the statement, each with what became of it.
pub(crate) fn texts(view: &StatementView) -> String {
    let mut html = "<h2>Texts</h2>\n<table>\n".to_owned();
    for (name, text) in &view.state.texts {
        let by = match (&text.by, &text.link) {
            (Some(by), Some(_)) => format!(" (<a href=\"/e/{by}\">entry {by}</a>)"),
            _ => String::new(),
        };
        let shown = match (view.texts.get(name), text.state.as_str()) {
            (Some(value), "disclosed") => format!("{}<br><i>opened later</i>{by}", value_html(value)),
            (Some(value), _) => value_html(value),
            (None, _) if text.hidden => {
                "<i>not shown: it would lead to content that nobody may spread</i>".to_owned()
            }
            (None, "disclosed") if view.sealed.is_some() => format!("<i>opened: see above</i>{by}"),
            (None, "withheld") => "<i>withheld by the issuer</i>".to_owned(),
            (None, "redacted") => format!("<i>erased</i>{by}"),
            (None, state) => format!("<i>{}</i>{by}", escape(state)),
        };
        row(&mut html, name, &shown);
    }
    html + "</table>\n"
}
