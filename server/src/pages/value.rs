//! Values of statements as people read them: labels for codes, words for days, links for entries, and texts as they were
//! written.

use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::fields::{FieldName, Form};
use maud::{Markup, html};
use serde_json::Value;

use crate::plot::cut;
use crate::texts::entry::ENTRY;
use crate::texts::language::Visit;
use crate::texts::{formats, labels};

/// So many labels stand one below the other; more, countries mostly, are one sentence.
const LABELS_AS_LIST: usize = 6;
/// Letters of a verification key that are shown: all of the usual ones; those of ML-DSA-44 have thousands, and stand whole
/// among the codes.
const KEY_SHOWN: usize = 160;

/// A set with what became of it in the older European vocabulary.
fn versions(set: CodeSet) -> [CodeSet; 2] {
    match set {
        CodeSet::Category => [set, CodeSet::CategoryV1],
        CodeSet::CategorySpecification => [set, CodeSet::CategorySpecificationV1],
        set => [set, set],
    }
}

/// What a code is called; a text that is none stays as it is.
pub(super) fn label(visit: &Visit, set: CodeSet, code: &str) -> String {
    labels::among(visit.language, &versions(set), code).unwrap_or(code).to_owned()
}

/// What the codes of a field are called, in the order of the field.
pub(super) fn labels_of(visit: &Visit, field: FieldName, value: &Value) -> Vec<String> {
    let (Form::Code(set) | Form::Codes(set)) = field.form() else { return Vec::new() };
    let codes = match value {
        Value::Array(codes) => codes.as_slice(),
        one => std::slice::from_ref(one),
    };
    codes.iter().filter_map(Value::as_str).map(|code| label(visit, set, code)).collect()
}

/// A day in words.
pub(super) fn day(visit: &Visit, text: &str) -> Markup {
    html! { time datetime=(text) { (formats::day(visit.language, text)) } }
}

/// A moment in words.
pub(super) fn moment(visit: &Visit, text: &str) -> Markup {
    html! { time datetime=(text) { (formats::moment(visit.language, text)) } }
}

/// A number with its thousands apart.
pub(super) fn number(visit: &Visit, number: u64) -> String {
    formats::number(visit.language, number)
}

/// Somebody's own words, as they were written. No statement says in which language they are.
pub(super) fn said(text: &str) -> Markup {
    html! {
        div.said lang="" {
            @for line in text.split('\n').filter(|line| !line.trim().is_empty()) { p { (line) } }
        }
    }
}

/// A short text of somebody's own within a line.
pub(super) fn said_short(text: &str) -> Markup {
    html! { span.said lang="" { (text) } }
}

/// A link to the page of an entry, by its index or its leaf hash.
pub(super) fn entry(visit: &Visit, index: u64) -> Markup {
    let words = (crate::texts::frame::FRAME.in_(visit.language).entry)(&number(visit, index));
    html! { a href=(visit.link(&format!("/e/{index}"))) { (words) } }
}

/// A sentence with something in it that is more than words.
pub(super) fn within(sentence: fn(&str) -> String, part: &Markup) -> Markup {
    /// No text of a page has it.
    const PLACE: &str = "\u{1}";
    let words = sentence(PLACE);
    let (before, behind) = words.split_once(PLACE).unwrap_or((&words, ""));
    html! { (before) (part) (behind) }
}

/// Several things: one alone, more as a list.
pub(super) fn several(items: &[Markup]) -> Markup {
    match items {
        [one] => html! { (one) },
        items => html! { ul.plain { @for item in items { li { (item) } } } },
    }
}

/// The value of a field. Nothing that a statement says becomes a link but the entries that it names: an address in it is
/// not one that this page recommends.
pub(super) fn value(visit: &Visit, field: &str, value: &Value) -> Markup {
    let form = FieldName::find(field).map(FieldName::form);
    match (form, value) {
        (Some(Form::Code(_) | Form::Codes(_)), _) => {
            let labels = FieldName::find(field).map(|field| labels_of(visit, field, value));
            let labels = labels.unwrap_or_default();
            match labels.len() > LABELS_AS_LIST {
                true => html! { (formats::list(visit.language, &labels)) },
                false => several(&labels.iter().map(|label| html! { (label) }).collect::<Vec<_>>()),
            }
        }
        (Some(Form::Vkeys), Value::Array(keys)) => {
            let keys = keys.iter().filter_map(Value::as_str);
            several(&keys.map(|key| html! { code { (cut(key, KEY_SHOWN)) } }).collect::<Vec<_>>())
        }
        (Some(Form::Day), Value::String(text)) => day(visit, text),
        (Some(Form::Instant), Value::String(text)) => moment(visit, text),
        (Some(Form::Positive | Form::Count), Value::Number(n)) => {
            html! { (n.as_u64().map_or_else(|| n.to_string(), |n| number(visit, n))) }
        }
        (Some(Form::LegalBasis), _) => legal_basis(visit, value),
        (Some(Form::RelatesTo), Value::Array(relations)) => {
            several(&relations.iter().map(|one| relation(visit, one, None, None)).collect::<Vec<_>>())
        }
        (Some(Form::Attribution), _) => code(visit, CodeSet::AttributionKind, &value["kind"]),
        (Some(Form::TextNames | Form::FieldNames), Value::Array(names)) => {
            let names: Vec<String> = names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
            html! { (field_names(visit, &names)) }
        }
        (Some(Form::Note), Value::String(text)) => html! { pre { (text) } },
        (Some(Form::Name), Value::String(text)) => said_short(text),
        (Some(Form::Text), Value::String(text)) => said(text),
        (_, Value::Array(items)) => several(&items.iter().map(plain).collect::<Vec<_>>()),
        (_, value) => plain(value),
    }
}

/// Names of fields as a list in a sentence.
pub(super) fn field_names(visit: &Visit, names: &[String]) -> String {
    let names: Vec<String> =
        names.iter().map(|name| formats::inside(labels::field(visit.language, name))).collect();
    formats::list(visit.language, &names)
}

fn code(visit: &Visit, set: CodeSet, value: &Value) -> Markup {
    html! { (label(visit, set, value.as_str().unwrap_or_default())) }
}

fn plain(value: &Value) -> Markup {
    match value {
        Value::String(text) => html! { code { (text) } },
        other => html! { code { (other.to_string()) } },
    }
}

/// A relation; `uri` is what it relates to where that is no entry of this log, `title` the entry in a line.
pub(super) fn relation(visit: &Visit, relation: &Value, uri: Option<&str>, title: Option<&str>) -> Markup {
    html! {
        (code(visit, CodeSet::Relation, &relation["relation"]))
        @if let Some(leaf) = relation["entry"].as_str() {
            (formats::colon(visit.language))
            a href=(visit.link(&format!("/e/{leaf}"))) {
                @match title {
                    Some(title) => (title),
                    None => code { (leaf.get(..12).unwrap_or(leaf)) "…" },
                }
            }
        } @else if let Some(uri) = uri { (formats::colon(visit.language)) code.said lang="" { (uri) } }
    }
}

/// On what a decision rests, with the order if there was one.
fn legal_basis(visit: &Visit, basis: &Value) -> Markup {
    let texts = ENTRY.in_(visit.language);
    let order = &basis["order"];
    html! {
        p { (code(visit, CodeSet::LegalBasisKind, &basis["kind"])) }
        @if basis.as_object().is_some_and(|members| members.len() > 1) {
            dl.inner {
                @if let Some(code) = basis["jurisdiction"].as_str() {
                    dt { (texts.jurisdiction) } dd { (label(visit, CodeSet::Jurisdiction, code)) }
                }
                @if let Some(id) = basis["statute_id"].as_str() {
                    dt { (texts.statute) } dd { code { (id) } }
                }
                @if order.is_object() {
                    dt { (texts.order_by) }
                    dd {
                        (code(visit, CodeSet::AuthorityKind, &order["authority_kind"])) ", "
                        (code(visit, CodeSet::Country, &order["country"]))
                    }
                    @for (name, term) in [
                        ("issued", texts.order_issued),
                        ("received", texts.order_received),
                        ("deadline", texts.order_deadline),
                    ] {
                        @if let Some(instant) = order[name].as_str() {
                            dt { (term) } dd { (moment(visit, instant)) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use serde_json::json;

    #[test]
    fn no_value_becomes_markup() {
        let visit = Visit::of(&"/fr/e/3".parse().unwrap());
        let hostile = json!({"<b>": ["<script>", "\"'&"]});
        for field in FieldName::all().map(FieldName::as_str).chain(["unknown"]) {
            for value in [&hostile, &hostile["<b>"], &json!("<i>\n<u>"), &json!(["<script>"]), &json!(null)] {
                let html = super::value(&visit, field, value).into_string();
                for tag in ["<script", "<b>", "<i>", "<u>"] {
                    assert!(!html.contains(tag), "{field}: {html}");
                }
            }
        }
    }

    #[test]
    fn codes_of_both_versions_have_labels() {
        let visit = Visit::of(&"/e/3".parse().unwrap());
        let shown = |code: &str| value(&visit, "category", &json!(code)).into_string();
        assert_eq!(shown("STATEMENT_CATEGORY_CYBER_VIOLENCE"), "Cyber violence");
        assert_eq!(shown("STATEMENT_CATEGORY_NON_CONSENSUAL_BEHAVIOUR"), "Non-consensual behaviour");
        let basis = json!({"kind": "court_order", "order": {"authority_kind": "court", "country": "FR"}});
        let html = value(&visit, "legal_basis", &basis).into_string();
        assert!(html.contains("Order of a court") && html.contains("Court, France"), "{html}");
    }
}
