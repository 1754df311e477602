//! The texts of a draft that will be served, searched for what should not be public.

use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::{FieldName, Form};

use super::super::Draft;
use super::super::line::has_locator_keyword;
use super::caution::Caution;
use super::datum::{self, Datum, DatumKind};
use super::finding::Finding;

/// Fields whose value says where content lies.
const LOCATORS: [FieldName; 3] = [FieldName::CONTENT_URL, FieldName::ITEMS_LIST, FieldName::SUBJECT];

/// Looks at every text that the draft does not withhold.
pub(super) fn check(draft: &Draft, found: &mut Vec<Finding>) {
    let hidden = has_locator_keyword(draft.fields());
    for (field, value) in draft.texts().iter().filter(|(field, _)| !draft.withheld().contains_key(field)) {
        if *field == FieldName::SOURCE_IDENTITY {
            let advice = "Article 17(3)(b) names the notifier only where strictly necessary: take the line's own `false` out of withheld";
            found.push(Finding::caution(&format!("/{field}"), Caution::NotifierServed, None, advice));
        }
        check_field(draft, *field, value, hidden, found);
    }
}

fn check_field(draft: &Draft, field: FieldName, value: &Item, hidden: bool, found: &mut Vec<Finding>) {
    let texts: Vec<&str> = match value {
        Item::Text(text) => vec![text],
        Item::Array(texts) => texts.iter().filter_map(Item::as_text).collect(),
        _ => return,
    };
    let path = format!("/{field}");
    let locator = texts.iter().find(|text| is_locator(field, text));
    if let Some(text) = locator.filter(|_| is_illegal(draft)) {
        let advice = "do not serve where illegal content lies: take the line's own `false` out of withheld";
        let given = Some(datum::masked(text));
        found.push(Finding::caution(&path, Caution::IllegalContentLocator, given, advice));
        return;
    }
    if let Some(name) =
        texts.iter().find_map(|text| text.strip_prefix("account:")).filter(|_| field == FieldName::SUBJECT)
    {
        let given = format!("account:{}…", name.chars().take(1).collect::<String>());
        found.push(Finding::caution(
            &path,
            Caution::LooksLikeAccount,
            Some(given),
            advice(DatumKind::Account),
        ));
    }
    let mut kinds: Vec<(DatumKind, String, usize)> = Vec::new();
    for text in texts.into_iter().filter(|text| fits(field, text)) {
        for datum in datum::search(text).into_iter().filter(|datum| is_wanted(field, text, datum, hidden)) {
            match kinds.iter_mut().find(|(kind, ..)| *kind == datum.kind) {
                Some((.., count)) => *count += 1,
                None => kinds.push((datum.kind, shown(text, &datum), 1)),
            }
        }
    }
    for (kind, shown, count) in kinds {
        let more = if count > 1 { format!(", and {} more", count - 1) } else { String::new() };
        let rule = caution(kind, hidden);
        let advice = if rule == Caution::LocatorInText { IN_HIDDEN } else { advice(kind) };
        found.push(Finding::caution(&path, rule, Some(shown + &more), advice));
    }
}

/// A text that is too long is an error already; this bounds the search as well.
fn fits(field: FieldName, text: &str) -> bool {
    text.len() <= field.max() || text.chars().nth(field.max()).is_none()
}

/// The masked datum and where it stands.
fn shown(text: &str, datum: &Datum) -> String {
    let before = text.get(..datum.place.start).unwrap_or_default().chars().count();
    format!("{} at character {}", datum::mask(text, datum), before + 1)
}

fn is_locator(field: FieldName, text: &str) -> bool {
    LOCATORS.contains(&field) && (field != FieldName::SUBJECT || text.starts_with("url:"))
}

fn is_illegal(draft: &Draft) -> bool {
    let ground = draft.fields().get(&FieldName::DECISION_GROUND).and_then(Item::as_text);
    ground == Some("DECISION_GROUND_ILLEGAL_CONTENT")
}

/// Whether that kind of thing does not belong into that field.
fn is_wanted(field: FieldName, text: &str, datum: &Datum, hidden: bool) -> bool {
    use DatumKind::{Account, Email, Host, Iban, IpAddress, Phone, Url};
    let free = !matches!(field, FieldName::CONTACT | FieldName::PUID | FieldName::ATTRIBUTION_SOURCE);
    let free = free && matches!(field.form(), Form::Text | Form::Texts);
    match datum.kind {
        Iban => true,
        Email => field != FieldName::CONTACT,
        IpAddress => free || field == FieldName::CONTACT,
        Account | Phone => free || field == FieldName::ATTRIBUTION_SOURCE,
        Host => free && hidden && field != FieldName::SUBJECT,
        Url => {
            let piece = text.get(datum.place.clone()).unwrap_or_default();
            free && (hidden || LOCATORS.contains(&field) || !datum::leads_to_rules(piece))
        }
    }
}

fn caution(kind: DatumKind, hidden: bool) -> Caution {
    match kind {
        DatumKind::Email => Caution::LooksLikeEmail,
        DatumKind::Phone => Caution::LooksLikePhone,
        DatumKind::Iban => Caution::LooksLikeIban,
        DatumKind::IpAddress => Caution::LooksLikeIpAddress,
        DatumKind::Account => Caution::LooksLikeAccount,
        DatumKind::Url | DatumKind::Host if hidden => Caution::LocatorInText,
        DatumKind::Url | DatumKind::Host => Caution::LooksLikeUrl,
    }
}

const IN_HIDDEN: &str =
    "under this keyword nobody may be led to the content: take it out of the text, or withhold the text";

fn advice(kind: DatumKind) -> &'static str {
    match kind {
        DatumKind::Url | DatumKind::Host => {
            "where the content lies belongs into content_url, the rules into decision_ground_reference_url; or withhold this text"
        }
        DatumKind::Account => {
            "an account belongs into subject (account:…), which is not served; or withhold this text"
        }
        _ => "this text will be public: take it out, or withhold the text",
    }
}
