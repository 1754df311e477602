//! The form of the search: every condition as a field of the browser's own, the usual ones first.

use glasshouse_ledger::query::Parameter;
use maud::{Markup, html};

use crate::pages::words::{self, Names};
use crate::texts::language::Visit;
use crate::texts::search::SEARCH;

/// A field of the form.
#[derive(Debug, Clone, Copy)]
enum Field {
    /// One of the codes of a condition.
    Codes(&'static str),
    /// One of the providers.
    Provider,
    /// A text.
    Text(&'static str),
    /// A day.
    Day(&'static str),
}

/// What stands behind "more conditions", by groups.
const WHAT: &[Field] = &[
    Field::Codes("category"),
    Field::Codes("keyword"),
    Field::Codes("measure"),
    Field::Codes("standing"),
    Field::Codes("territory"),
    Field::Codes("language"),
    Field::Text("subject"),
    Field::Codes("refusal_reason"),
];
const WHO: &[Field] = &[Field::Codes("provider_role"), Field::Codes("attribution")];
const BASIS: &[Field] = &[
    Field::Codes("decision_ground"),
    Field::Codes("authority_kind"),
    Field::Text("authority"),
    Field::Codes("order_country"),
];
const HOW: &[Field] = &[
    Field::Codes("source_type"),
    Field::Codes("automated_detection"),
    Field::Codes("automated_decision"),
    Field::Codes("procedure"),
    Field::Codes("result"),
];
const WHEN: &[Field] = &[Field::Day("logged_from"), Field::Day("logged_to")];

/// What stands open.
const USUAL: &[Field] = &[
    Field::Codes("type"),
    Field::Provider,
    Field::Codes("legal_basis"),
    Field::Codes("order"),
    Field::Day("from"),
    Field::Day("to"),
];

impl Field {
    fn name(self) -> &'static str {
        match self {
            Field::Codes(name) | Field::Text(name) | Field::Day(name) => name,
            Field::Provider => "provider",
        }
    }
}

/// The pairs that were asked for.
pub(super) struct Form<'f> {
    pub(super) visit: &'f Visit,
    pub(super) names: &'f Names,
    pub(super) pairs: &'f [(String, String)],
}

impl Form<'_> {
    fn given(&self, name: &str) -> &str {
        self.pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The whole form.
    pub(super) fn markup(&self) -> Markup {
        let texts = SEARCH.in_(self.visit.language);
        let groups = [
            (texts.what, WHAT),
            (texts.who, WHO),
            (texts.basis, BASIS),
            (texts.how, HOW),
            (texts.when, WHEN),
        ];
        let is_used =
            groups.iter().flat_map(|(_, fields)| *fields).any(|field| !self.given(field.name()).is_empty());
        html! {
            form.filters action=(self.visit.link("/search")) method="get" {
                div.fields {
                    div.words {
                        label for="words" { (texts.words) }
                        input #words type="search" name="q" value=(self.given("q")) maxlength="512" aria-describedby="words-note";
                    }
                    @for field in USUAL { (self.field(*field)) }
                    (self.sort())
                }
                p.note #words-note { (texts.words_note) }
                details open[is_used] {
                    summary { (texts.more) }
                    @for (name, fields) in groups {
                        fieldset { legend { (name) } div.fields { @for field in fields { (self.field(*field)) } } }
                    }
                }
                (self.kept())
                button type="submit" { (texts.search) }
            }
        }
    }

    fn field(&self, field: Field) -> Markup {
        let (name, given) = (field.name(), self.given(field.name()));
        let id = format!("by-{}", name.replace('_', "-"));
        html! {
            div {
                label for=(id) { (words::condition(self.visit, name)) }
                @match field {
                    Field::Codes(_) => (self.select(&id, name, given, &self.codes(name))),
                    Field::Provider => (self.select(&id, name, given, &self.providers())),
                    Field::Text(_) => input id=(id) type="text" name=(name) value=(given);,
                    Field::Day(_) => input id=(id) type="date" name=(name) value=(given) min="1990-01-01" max="2099-12-31";,
                }
            }
        }
    }

    fn select(&self, id: &str, name: &str, given: &str, options: &[(String, String)]) -> Markup {
        let is_among = options.iter().any(|(value, _)| value == given);
        html! {
            select id=(id) name=(name) {
                option value="" { (SEARCH.in_(self.visit.language).any) }
                @if !given.is_empty() && !is_among {
                    option value=(given) selected { (words::values(self.visit, self.names, name, given)) }
                }
                @for (value, label) in options {
                    option value=(value) selected[value == given] { (label) }
                }
            }
        }
    }

    fn codes(&self, name: &str) -> Vec<(String, String)> {
        let codes = Parameter::find(name).map(Parameter::codes).unwrap_or_default();
        let label = |code: &str| (code.to_owned(), words::value(self.visit, self.names, name, code));
        let mut options: Vec<_> = codes.into_iter().map(label).collect();
        options.sort_by_key(|(_, label)| label.to_lowercase());
        options
    }

    fn providers(&self) -> Vec<(String, String)> {
        self.names.all().map(|(host, name)| (host.to_owned(), format!("{name} ({host})"))).collect()
    }

    fn sort(&self) -> Markup {
        let texts = SEARCH.in_(self.visit.language);
        let given = self.given("sort");
        let orders = [
            ("", texts.newest),
            ("oldest", texts.oldest),
            ("-day", texts.by_day_backwards),
            ("day", texts.by_day),
        ];
        html! {
            div {
                label for="sort" { (texts.sort) }
                select #sort name="sort" {
                    @for (value, label) in orders {
                        option value=(value) selected[value == given || (value.is_empty() && given == "newest")] { (label) }
                    }
                }
            }
        }
    }

    /// Conditions that have no field go on as they are.
    fn kept(&self) -> Markup {
        let all = [USUAL, WHAT, WHO, BASIS, HOW, WHEN];
        let has_field = |name: &str| {
            matches!(name, "q" | "sort" | "cursor" | "after" | "limit")
                || all.iter().any(|fields| fields.iter().any(|field| field.name() == name))
        };
        html! {
            @for (name, value) in self.pairs.iter().filter(|(name, _)| !has_field(name)) {
                input type="hidden" name=(name) value=(value);
            }
        }
    }
}
