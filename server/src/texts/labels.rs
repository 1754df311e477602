//! What codes, types, standings, fields, places and languages are called.
//!
//! English labels of codes are those of `spec/vocabulary.json`; the French ones stand in `labels.fr.json`, and the names that
//! only pages need in `names.json`. Names of places and languages are those of the Unicode CLDR.

use std::sync::LazyLock;

use glasshouse_verifier::codes::{Code, CodeSet};
use serde_json::Value;

use super::Language;
use crate::vocabulary;

/// A file that is not JSON would name nothing; a test reads each.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

static FRENCH: LazyLock<Value> = LazyLock::new(|| parsed(include_str!("labels.fr.json")));
static NAMES: LazyLock<Value> = LazyLock::new(|| parsed(include_str!("names.json")));
static PLACES_EN: LazyLock<Value> = LazyLock::new(|| parsed(include_str!("places.en.json")));
static PLACES_FR: LazyLock<Value> = LazyLock::new(|| parsed(include_str!("places.fr.json")));

fn places(language: Language) -> &'static Value {
    match language {
        Language::English => &PLACES_EN,
        Language::French => &PLACES_FR,
    }
}

fn place(language: Language, kind: &str, code: &str) -> Option<&'static str> {
    places(language)[kind][code].as_str()
}

/// What a code is called; the code itself where no label is known, which a test says of none.
pub(crate) fn code(language: Language, code: Code) -> &'static str {
    found(language, code).unwrap_or(code.as_str())
}

fn found(language: Language, code: Code) -> Option<&'static str> {
    match (code.set(), language) {
        (CodeSet::Country | CodeSet::Jurisdiction | CodeSet::Territory, _) => {
            place(language, "places", code.as_str())
        }
        (CodeSet::Language, _) => place(language, "languages", code.as_str()),
        (_, Language::English) => vocabulary::label(code),
        (set, Language::French) => {
            let name = set.name();
            FRENCH[name.strip_suffix("_v1").unwrap_or(name)][code.as_str()].as_str()
        }
    }
}

/// What the code of that spelling is called in the first of these sets that has it.
pub(crate) fn among(language: Language, sets: &[CodeSet], text: &str) -> Option<&'static str> {
    let found = sets.iter().find_map(|set| Code::find(*set, text))?;
    Some(code(language, found))
}

fn name(language: Language, kind: &str, code: &str) -> Option<&'static str> {
    NAMES[kind][code][language.tag()].as_str()
}

/// What a type of statement is called.
pub(crate) fn statement_type(language: Language, kind: &str) -> &'static str {
    name(language, "type", kind).unwrap_or_default()
}

/// What a standing is called.
pub(crate) fn standing(language: Language, standing: &str) -> &'static str {
    name(language, "standing", standing).unwrap_or_default()
}

/// What a field or a text is called.
pub(crate) fn field(language: Language, field: &str) -> &str {
    name(language, "field", field).unwrap_or(field)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use glasshouse_verifier::entry_state::Standing;
    use glasshouse_verifier::fields::FieldName;
    use glasshouse_verifier::statement_type::StatementType;

    fn is_label(text: &str) -> bool {
        !text.is_empty() && text.trim() == text
    }

    #[test]
    fn every_code_has_a_label_in_every_language() {
        let mut labelled = 0;
        for set in CodeSet::ALL {
            for text in set.values() {
                let code = Code::find(*set, text).unwrap();
                for language in Language::ALL {
                    let label = found(language, code);
                    assert!(label.is_some_and(is_label), "{language:?} {} {text}", set.name());
                }
                labelled += 1;
            }
        }
        assert!(labelled > 1_200, "{labelled}");
    }

    #[test]
    fn types_standings_and_fields_have_names_in_every_language() {
        for language in Language::ALL {
            for kind in StatementType::ALL {
                assert!(is_label(statement_type(language, kind.as_str())), "{kind}");
            }
            for standing in Standing::ALL {
                assert!(is_label(super::standing(language, standing.as_str())), "{standing}");
            }
            for field in FieldName::all() {
                assert!(name(language, "field", field.as_str()).is_some_and(is_label), "{field:?}");
            }
        }
    }

    #[test]
    fn nothing_is_named_that_no_statement_can_hold() {
        for (set, labels) in FRENCH.as_object().unwrap() {
            let sets = CodeSet::ALL.iter().filter(|known| known.name().trim_end_matches("_v1") == set);
            let sets: Vec<_> = sets.collect();
            for code in labels.as_object().unwrap().keys() {
                assert!(sets.iter().any(|set| Code::find(**set, code).is_some()), "{set} {code}");
            }
        }
        for field in NAMES["field"].as_object().unwrap().keys() {
            assert!(FieldName::find(field).is_some(), "{field}");
        }
    }
}
