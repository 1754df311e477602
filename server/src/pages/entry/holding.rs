//! What a statement holds now: each field and text as amended, and what became of each text.

use maud::{Markup, html};
use serde_json::Value;

use crate::pages::value;
use crate::statement_view::StatementView;
use crate::texts::entry::ENTRY;
use crate::texts::formats;
use crate::texts::labels;
use crate::texts::language::Visit;
use glasshouse_verifier::codes::CodeSet;

/// A statement, or what a sealed one held once it was opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holding<'v> {
    view: &'v StatementView,
    payload: &'v Value,
    is_sealed: bool,
}

/// A text as it can be shown.
#[derive(Debug, PartialEq)]
pub(super) enum Text<'v> {
    /// It is public.
    Said(&'v Value),
    /// Its provider keeps it, on a ground and perhaps until a day.
    Withheld(Option<&'v str>, Option<&'v str>),
    /// It was erased by that entry.
    Erased(Option<u64>),
    /// A locator that nobody may spread.
    Hidden,
    /// There is none.
    Absent,
}

impl<'v> Holding<'v> {
    /// What the statement itself holds.
    pub(super) fn of(view: &'v StatementView) -> Holding<'v> {
        Holding { view, payload: &view.payload, is_sealed: false }
    }

    /// What was sealed, if it was opened.
    pub(super) fn of_sealed(view: &'v StatementView) -> Option<Holding<'v>> {
        let sealed = view.sealed.as_ref()?;
        Some(Holding { view, payload: &sealed.payload, is_sealed: true })
    }

    /// What it is about.
    pub(super) fn sub(&self) -> &'v str {
        match (&self.view.sealed, self.is_sealed) {
            (Some(sealed), true) => &sealed.sub,
            _ => &self.view.sub,
        }
    }

    /// The type.
    pub(super) fn kind(&self) -> &'v str {
        self.payload["type"].as_str().unwrap_or_default()
    }

    /// The signed members.
    pub(super) fn members(&self) -> impl Iterator<Item = (&'v str, &'v Value)> + use<'v> {
        self.payload.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
    }

    /// A field as amended, and the entry that gave it where that is a later one.
    pub(super) fn field(&self, name: &str) -> Option<(&'v Value, Option<u64>)> {
        match self.view.state.as_amended.as_ref().filter(|_| !self.is_sealed) {
            Some(amended) => {
                let field = amended.fields.get(name)?;
                Some((&field.value, Some(field.by).filter(|by| *by != self.view.index)))
            }
            None => self.payload.get(name).map(|value| (value, None)),
        }
    }

    /// The text of a field that holds one code or one word.
    pub(super) fn word(&self, name: &str) -> Option<&'v str> {
        self.field(name)?.0.as_str()
    }

    /// A text as amended, and the later entry that brought or opened it.
    pub(super) fn text(&self, name: &str) -> (Text<'v>, Option<u64>) {
        if self.is_sealed {
            let texts = self.view.sealed.as_ref().map(|sealed| &sealed.texts);
            return match texts.and_then(|texts| texts.get(name)) {
                Some(value) => (Text::Said(value), None),
                None if self.commits_to(name) => (self.withheld(name), None),
                None => (Text::Absent, None),
            };
        }
        let amended = self.view.state.as_amended.as_ref().and_then(|amended| amended.texts.get(name));
        let later = amended.filter(|text| text.by != self.view.index);
        if let Some(text) = later {
            let shown = match (&text.value, text.state.as_str()) {
                (Some(value), _) => Text::Said(value),
                (None, "redacted") => Text::Erased(text.state_by),
                (None, _) if text.hidden => Text::Hidden,
                (None, _) => Text::Withheld(None, None),
            };
            return (shown, Some(text.by));
        }
        let Some(state) = self.view.state.texts.get(name) else { return (Text::Absent, None) };
        let opened = (state.state == "disclosed").then_some(state.by).flatten();
        match (self.view.texts.get(name), state.state.as_str()) {
            (Some(value), _) => (Text::Said(value), opened),
            (None, "redacted") => (Text::Erased(state.by), None),
            (None, _) if state.hidden => (Text::Hidden, None),
            (None, _) => (self.withheld(name), None),
        }
    }

    /// The words of a text that is public.
    pub(super) fn words(&self, name: &str) -> Option<&'v str> {
        match self.text(name).0 {
            Text::Said(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    fn commits_to(&self, name: &str) -> bool {
        self.payload["addenda"].get(name).is_some()
    }

    /// The names of the texts that the statement commits to.
    pub(super) fn text_names(&self) -> impl Iterator<Item = &'v str> + use<'v> {
        self.payload["addenda"].as_object().into_iter().flatten().map(|(name, _)| name.as_str())
    }

    fn withheld(&self, name: &str) -> Text<'v> {
        let why = &self.payload["withheld"][name];
        Text::Withheld(why["ground"].as_str(), why["until"].as_str())
    }

    /// A field or a text as a row of a list, under its own name; nothing where the statement has none.
    pub(super) fn row(&self, visit: &Visit, name: &str) -> Markup {
        self.row_as(visit, name, labels::field(visit.language, name))
    }

    /// The same under another name.
    pub(super) fn row_as(&self, visit: &Visit, name: &str, term: &str) -> Markup {
        let shown = self.shown(visit, name);
        html! { @if let Some(shown) = shown { div { dt { (term) } dd { (shown) } } } }
    }

    /// A field or a text as it is shown; `None` where the statement has none and had none.
    pub(super) fn shown(&self, visit: &Visit, name: &str) -> Option<Markup> {
        let texts = ENTRY.in_(visit.language);
        if let Some((held, by)) = self.field(name) {
            let filed = by.and_then(|_| self.payload.get(name));
            return Some(html! {
                (value::value(visit, name, held))
                (self.amended(visit, by))
                @if let Some(filed) = filed {
                    div.note { (texts.filed_as) (formats::colon(visit.language)) (value::value(visit, name, filed)) }
                }
            });
        }
        if let Some(filed) = self.payload.get(name) {
            return Some(html! {
                p { (texts.removed) }
                div.note { (texts.taken_away) ". " (texts.filed_as) (formats::colon(visit.language)) (value::value(visit, name, filed)) }
            });
        }
        let (text, by) = self.text(name);
        let became = match &text {
            Text::Absent => return None,
            Text::Said(said) => value::value(visit, name, said),
            Text::Hidden => html! { p.gone { (texts.hidden) } },
            Text::Erased(by) => html! {
                p.gone { (texts.erased) @if let Some(by) = by { " (" (value::entry(visit, *by)) ")" } }
            },
            Text::Withheld(ground, until) => html! {
                p.gone {
                    (texts.withheld)
                    @if let Some(ground) = ground { (formats::colon(visit.language)) (value::label(visit, CodeSet::WithheldGround, ground)) }
                    @if let Some(until) = until {
                        ", " ((texts.withheld_until)(&formats::day(visit.language, until)))
                    }
                }
            },
        };
        let opened = self.view.state.texts.get(name).is_some_and(|state| state.state == "disclosed");
        Some(html! {
            (became)
            @if opened && matches!(text, Text::Said(_)) {
                @if let Some(by) = by { p.note { (texts.opened_later) " (" (value::entry(visit, by)) ")" } }
            } @else { (self.amended(visit, by)) }
        })
    }

    fn amended(&self, visit: &Visit, by: Option<u64>) -> Markup {
        let texts = ENTRY.in_(visit.language);
        html! {
            @if let Some(by) = by { p.note { (texts.amended) " (" (value::entry(visit, by)) ")" } }
        }
    }
}
