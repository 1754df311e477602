//! A statement in one line: what was done, and to whom.

use glasshouse_verifier::codes::CodeSet;
use glasshouse_verifier::fields::{FieldName, MEASURES};
use glasshouse_verifier::subject::{Subject, SubjectKind};

use super::holding::Holding;
use crate::pages::value;
use crate::texts::entry::ENTRY;
use crate::texts::formats;
use crate::texts::labels;
use crate::texts::language::Visit;

/// What was done, as labels.
pub(super) fn measures(visit: &Visit, holding: &Holding<'_>) -> Vec<String> {
    let held =
        MEASURES.into_iter().filter_map(|field: FieldName| Some((field, holding.field(field.as_str())?.0)));
    held.flat_map(|(field, value)| value::labels_of(visit, field, value)).collect()
}

/// What it is about, where that is a name that people know: a domain, a network, or the text that the pseudonym stands for.
pub(super) fn subject<'v>(holding: &Holding<'v>) -> Option<&'v str> {
    let published = holding.words(FieldName::SUBJECT.as_str());
    published.map(without_kind).or_else(|| named(holding.sub()))
}

/// The name in a claim `sub`; `None` for a pseudonym.
pub(in crate::pages) fn named(sub: &str) -> Option<&str> {
    let kind = Subject::parse(sub).ok()?.kind();
    match kind {
        SubjectKind::Pseudonym => None,
        SubjectKind::Asn => Some(sub),
        _ => Some(without_kind(sub)),
    }
}

/// `domain:forum.example` is known as `forum.example`.
fn without_kind(text: &str) -> &str {
    ["domain:", "url:", "account:"].iter().find_map(|kind| text.strip_prefix(kind)).unwrap_or(text)
}

/// The whole line.
pub(super) fn headline(visit: &Visit, holding: &Holding<'_>) -> String {
    let texts = ENTRY.in_(visit.language);
    let kind = holding.kind();
    let what = match kind {
        "decision" => {
            let mut measures = measures(visit, holding);
            measures.truncate(2);
            measures.join(", ")
        }
        "no_action" => {
            let reason = holding.word("refusal_reason").unwrap_or_default();
            let reason = formats::inside(&value::label(visit, CodeSet::RefusalReason, reason));
            format!("{} ({reason})", labels::statement_type(visit.language, kind))
        }
        _ => labels::statement_type(visit.language, kind).to_owned(),
    };
    if !matches!(kind, "decision" | "no_action") {
        return what;
    }
    match (subject(holding), category(visit, holding)) {
        (Some(subject), _) => (texts.about)(&what, subject),
        (None, Some(category)) => format!("{what} ({})", formats::inside(&category)),
        (None, None) => what,
    }
}

/// Its category, which tells something of a subject that is not named.
fn category(visit: &Visit, holding: &Holding<'_>) -> Option<String> {
    let category = holding.word(FieldName::CATEGORY.as_str())?;
    Some(value::label(visit, CodeSet::Category, category))
}
