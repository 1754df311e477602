//! What a field holds, in the words of a line's author.

use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::fields::{FieldName, Form};
use glasshouse_verifier::payload_error::Rule;

use super::field_meanings;
use crate::near::MAX_NEAR;

/// A code of a set: all of a small one, else where they are.
pub(super) fn code(set: CodeSet) -> String {
    let values = set.values();
    if values.len() <= MAX_NEAR {
        return format!("a code of {}: {}", set.name(), values.join(", "));
    }
    let example = match set {
        CodeSet::Country | CodeSet::Territory | CodeSet::Jurisdiction => ", such as DE",
        CodeSet::Language => ", such as EN",
        _ => "",
    };
    let (count, name) = (values.len(), set.name());
    format!(
        "one of the {count} codes of {name}{example}: glasshouse check --explain {name}, or GET /api/v1/vocabulary, lists them"
    )
}

/// What stands at a path that is required; `None` where that is nothing we know.
pub(super) fn of_path(path: &str) -> Option<String> {
    const NESTED: &[(&str, CodeSet)] = &[
        ("/legal_basis/kind", CodeSet::LegalBasisKind),
        ("/legal_basis/order/authority_kind", CodeSet::AuthorityKind),
        ("/legal_basis/order/country", CodeSet::Country),
        ("/attribution/kind", CodeSet::AttributionKind),
    ];
    if let Some((_, set)) = NESTED.iter().find(|(place, _)| *place == path) {
        return Some(code(*set));
    }
    if path == "/withheld" {
        let grounds = CodeSet::WithheldGround.values().join(", ");
        return Some(format!(
            "{{\"content_url\": {{\"ground\": …}}}} and the like, or false for \"serve it\"; grounds: {grounds}"
        ));
    }
    if path == "/legal_basis/order" {
        return Some("{\"authority_kind\": …, \"country\": …}: whose order it was".to_owned());
    }
    if path == "/legal_basis/statute_id" {
        return Some(
            "the law's identifier (ELI, CELEX, ECLI), or the law in words in the text instrument".to_owned(),
        );
    }
    let field = FieldName::find(path.strip_prefix('/')?)?;
    let (meaning, holds) = (field_meanings::meaning(field), of_field(field)?);
    Some(if meaning.is_empty() { holds } else { format!("{meaning}: {holds}") })
}

/// What a field holds; `None` where no words help.
pub(super) fn of_field(field: FieldName) -> Option<String> {
    let words = match field.form() {
        Form::Code(set) => code(set),
        Form::Codes(set) => format!("a list; each {}", code(set)),
        Form::Day => "a day, YYYY-MM-DD".to_owned(),
        Form::Instant => "an instant, such as 2022-09-03T21:00:00Z".to_owned(),
        Form::Count => "a whole number from 0".to_owned(),
        Form::Targets => "a list; each puid:…, id:… or sequence:… (an earlier line of yours), {\"entry\": leaf hash}, or {\"first\": number, \"last\": number} (a range of your own numbers)".to_owned(),
        Form::TextNames => "a list of names of texts".to_owned(),
        Form::FieldNames => "a list of names of fields".to_owned(),
        Form::Positive => "a whole number from 1".to_owned(),
        Form::LegalBasis => {
            let kinds = CodeSet::LegalBasisKind.values().join(", ");
            format!("{{\"kind\": one of {kinds}}}, and perhaps jurisdiction, statute_id, order")
        }
        Form::Text => format!("a text of 1 to {} characters", field.max()),
        Form::Texts => format!("a list of texts of 1 to {} characters", field.max()),
        Form::Puid => {
            format!("A-Z a-z 0-9 - _, at most {} of them", field.max())
        }
        Form::Url => "a URL that begins with https:// or http://".to_owned(),
        Form::Attribution => "a kind: mirror, press, court_record or reconstruction".to_owned(),
        Form::RelatesTo => "a list of {\"relation\": …} with entry (puid:…) or uri".to_owned(),
        Form::Uris => "made from relates_to".to_owned(),
        Form::ContentId => "{\"EAN-13\": 13 digits}".to_owned(),
        Form::Digest32 => "64 lower-case hex digits".to_owned(),
        _ => return None,
    };
    Some(words)
}

/// What to do about a field that breaks a rule without a value of its own.
pub(super) fn remedy(rule: Rule) -> &'static str {
    match rule {
        Rule::Forbidden => "take it out: what else stands in the line leaves no room for it",
        Rule::Duplicate => "once is enough: take the repeated one out",
        Rule::MustBeWithheld => "under this keyword it is withheld: take its `false` out of withheld",
        _ => "see --explain",
    }
}
