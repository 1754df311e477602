//! What codes, types and fields are called, in every language, for the script of `/verify`. Places and languages are left
//! out: browsers name them.

use std::sync::LazyLock;

use glasshouse_verifier::codes::{Code, CodeSet};
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::statement_type::StatementType;
use serde_json::{Map, Value};

use super::{Language, labels};

/// `{"codes": {language: {set: {code: label}}}, "names": {"type" or "field": {name: {language: label}}}}`. Codes of an older
/// version of the vocabulary stand in the set of the newer one.
pub(crate) static LABELS: LazyLock<Value> = LazyLock::new(|| {
    let codes: Map<String, Value> =
        Language::ALL.into_iter().map(|language| (language.tag().to_owned(), codes(language))).collect();
    let types = StatementType::ALL
        .into_iter()
        .map(|kind| kind.as_str())
        .map(|kind| (kind, named(|l| labels::statement_type(l, kind))));
    let fields =
        FieldName::all().map(FieldName::as_str).map(|field| (field, named(|l| labels::field(l, field))));
    serde_json::json!({"codes": codes, "names": {"type": map(types), "field": map(fields)}})
});

fn map<'k>(pairs: impl Iterator<Item = (&'k str, Value)>) -> Value {
    Value::Object(pairs.map(|(key, value)| (key.to_owned(), value)).collect())
}

fn named(name: impl Fn(Language) -> &'static str) -> Value {
    map(Language::ALL.into_iter().map(|language| (language.tag(), Value::from(name(language)))))
}

fn codes(language: Language) -> Value {
    let mut sets: Map<String, Value> = Map::new();
    for set in CodeSet::ALL {
        if matches!(set, CodeSet::Country | CodeSet::Jurisdiction | CodeSet::Territory | CodeSet::Language) {
            continue;
        }
        let name = set.name().trim_end_matches("_v1").to_owned();
        let known = sets.entry(name).or_insert_with(|| Value::Object(Map::new()));
        for code in set.values().iter().filter_map(|text| Code::find(*set, text)) {
            known[code.as_str()] = Value::from(labels::code(language, code));
        }
    }
    Value::Object(sets)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn labels_are_found_by_set_and_code() {
        assert_eq!(LABELS["codes"]["en"]["legal_basis_kind"]["court_order"], "Order of a court");
        assert_ne!(LABELS["codes"]["fr"]["legal_basis_kind"]["court_order"], "court_order");
        assert!(LABELS["codes"]["en"]["category"]["STATEMENT_CATEGORY_CYBER_VIOLENCE"].is_string());
        assert!(LABELS["names"]["type"]["decision"]["fr"].is_string());
        assert!(LABELS["names"]["field"]["decision_facts"]["en"].is_string());
        assert!(LABELS["codes"]["en"].get("country").is_none());
    }
}
