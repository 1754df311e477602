//! The vocabulary that statements are written in: its codes with labels, and what became of them from version to version.
//!
//! The text is a copy of `spec/vocabulary.json`, byte for byte; `spec/generate_codes.py` writes it.

use std::sync::LazyLock;

use glasshouse_verifier::codes::{Code, CodeSet};
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::vocabulary::Vocabulary;
use serde::Serialize;
use serde_json::Value;

/// The whole of it, as it is served.
pub(crate) const TEXT: &str = include_str!("../vocabulary.json");

/// Its entity tag (RFC 9110 §8.8.3): the digest of the text.
pub(crate) static TAG: LazyLock<String> = LazyLock::new(|| format!("\"{}\"", Digest::of(TEXT.as_bytes())));

/// A text that is not JSON would answer with empty sets; a test reads it.
static PARSED: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(TEXT).unwrap_or_default());

/// One closed set.
#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(crate) struct SetView {
    /// Its name in the field table.
    pub(crate) set: String,
    /// The version of the European vocabulary that it is from; absent for a set that is the same in every version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vocabulary: Option<String>,
    /// Its codes, sorted by bytes.
    pub(crate) codes: Vec<CodeView>,
}

/// One code.
#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub(crate) struct CodeView {
    /// As it stands in statements.
    pub(crate) code: String,
    /// What it is called in English; absent for countries and languages, which ISO 3166-1 and ISO 639-1 name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<String>,
    /// What it means, in a sentence; for the sets of this project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) definition: Option<String>,
    /// For a keyword of version 2: the categories that list it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) categories: Vec<String>,
}

/// The sets by the names that may be asked for; those of an older version are asked for with that version.
pub(crate) fn set_names() -> Vec<&'static str> {
    CodeSet::ALL.iter().map(|set| set.name()).filter(|name| !name.ends_with("_v1")).collect()
}

/// A set in a version; `None` if there is none of that name.
pub(crate) fn set(name: &str, version: Vocabulary) -> Option<SetView> {
    let found = CodeSet::ALL.iter().copied().find(|set| set.name() == name && !name.ends_with("_v1"))?;
    let set = version.set(found);
    let code = |text: &&'static str| {
        let code = Code::find(set, text)?;
        Some(CodeView {
            code: (*text).to_owned(),
            label: label(code).map(str::to_owned),
            definition: definition(code).map(str::to_owned),
            categories: if set == CodeSet::CategorySpecification { categories(text) } else { Vec::new() },
        })
    };
    Some(SetView {
        set: name.to_owned(),
        vocabulary: is_european(set).then(|| version.as_str().to_owned()),
        codes: set.values().iter().filter_map(code).collect(),
    })
}

/// What a code is called in English.
pub(crate) fn label(code: Code) -> Option<&'static str> {
    let (version, name) = place(code.set());
    let european = &PARSED[version][name][code.as_str()];
    european.as_str().or_else(|| PARSED["own"][name][code.as_str()]["label"].as_str())
}

/// What a code of this project means.
fn definition(code: Code) -> Option<&'static str> {
    PARSED["own"][code.set().name()][code.as_str()]["definition"].as_str()
}

/// The categories of version 2 whose documentation lists a keyword.
fn categories(keyword: &str) -> Vec<String> {
    let all = PARSED["v2_keyword_by_category"].as_object().into_iter().flatten();
    let lists = |list: &Value| list.as_array().is_some_and(|list| list.iter().any(|one| one == keyword));
    all.filter(|(_, list)| lists(list)).map(|(category, _)| category.clone()).collect()
}

/// The keywords that the documentation of a version lists under a category; of version 1 none is known to this program.
pub(crate) fn keywords(version: Vocabulary, category: &str) -> impl Iterator<Item = &'static str> {
    let name = match version {
        Vocabulary::Version1 => "v1_keyword_by_category",
        Vocabulary::Version2 => "v2_keyword_by_category",
    };
    PARSED[name][category].as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn is_european(set: CodeSet) -> bool {
    let (version, name) = place(set);
    PARSED[version].get(name).is_some()
}

/// Where the labels of a European set stand.
fn place(set: CodeSet) -> (&'static str, &'static str) {
    match set.name().strip_suffix("_v1") {
        Some(name) => ("v1", name),
        None => ("v2", set.name()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use std::collections::BTreeSet;

    const ISO: [CodeSet; 4] =
        [CodeSet::Country, CodeSet::Territory, CodeSet::Jurisdiction, CodeSet::Language];

    #[test]
    fn the_copy_is_the_specified_vocabulary() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vocabulary.json");
        let specified = std::fs::read_to_string(path).unwrap();
        assert!(specified == TEXT, "server/vocabulary.json is out of date: run spec/generate_codes.py");
    }

    #[test]
    fn every_code_that_a_statement_can_hold_has_a_label() {
        let mut labelled = 0;
        for set in CodeSet::ALL.iter().filter(|set| !ISO.contains(set)) {
            for text in set.values() {
                let code = Code::find(*set, text).unwrap();
                let label = label(code).unwrap_or_else(|| panic!("{} {text} has no label", set.name()));
                assert!(!label.is_empty() && label.trim() == label, "{text}: {label:?}");
                labelled += 1;
                if let Some(definition) = definition(code) {
                    assert!(definition.ends_with(['.', ')']) && definition.len() > 8, "{text}: {definition}");
                } else {
                    assert!(is_european(*set), "{} {text} has no definition", set.name());
                }
            }
        }
        assert_eq!(labelled, 324);
        assert!(ISO.iter().all(|set| PARSED["places"][set.name()].is_string()));
    }

    #[test]
    fn nothing_is_labelled_that_no_statement_can_hold() {
        for (name, codes) in PARSED["own"].as_object().unwrap() {
            let set = CodeSet::ALL.iter().find(|set| set.name() == name).unwrap();
            let given: BTreeSet<&str> = codes.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(given, set.values().iter().copied().collect(), "{name}");
        }
    }

    #[test]
    fn the_history_is_what_the_two_versions_show() {
        let changes = &PARSED["versions"][1]["changes"];
        for name in ["category", "category_specification"] {
            let sets = ["v1", "v2"].map(|version| PARSED[version][name].as_object().unwrap());
            let (moved, change) = (PARSED["v1_to_v2"][name].as_object().unwrap(), &changes[name]);
            let successors: Vec<&str> = moved.values().filter_map(Value::as_str).collect();
            let gone = sets[0].keys().filter(|code| !sets[1].contains_key(*code));
            assert_eq!(gone.collect::<BTreeSet<_>>(), moved.keys().collect(), "{name}");
            let fresh = sets[1].keys().filter(|code| !sets[0].contains_key(*code));
            let fresh: BTreeSet<&str> =
                fresh.map(String::as_str).filter(|code| !successors.contains(code)).collect();
            let told: BTreeSet<&str> =
                change["new"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert_eq!(fresh, told, "{name}");
            let dropped = change["dropped"].as_array().unwrap().len();
            assert_eq!(dropped + change["renamed"].as_object().unwrap().len(), moved.len(), "{name}");
            for (code, label) in sets[0].iter().filter(|(code, _)| sets[1].contains_key(*code)) {
                let told = &change["relabelled"][code];
                match sets[1][code] == *label {
                    true => assert!(told.is_null(), "{code}"),
                    false => assert_eq!((&told["from"], &told["to"]), (label, &sets[1][code]), "{code}"),
                }
            }
        }
        assert_eq!(PARSED["versions"][1]["new_fields"], serde_json::json!(["content_id"]));
        for (version, told) in Vocabulary::ALL.iter().zip(PARSED["versions"].as_array().unwrap()) {
            assert_eq!(told["name"], version.as_str());
        }
    }

    #[test]
    fn keywords_know_their_categories() {
        let keywords = set("category_specification", Vocabulary::Version2).unwrap();
        let of = |code: &str| keywords.codes.iter().find(|found| found.code == code).unwrap();
        assert_eq!(of("KEYWORD_PHISHING").categories, ["STATEMENT_CATEGORY_SCAMS_AND_FRAUD"]);
        assert!(of("KEYWORD_OTHER").categories.is_empty());
        let older = set("category_specification", Vocabulary::Version1).unwrap();
        assert!(older.codes.iter().any(|found| found.code == "KEYWORD_DANGEROUS_TOYS"));
        assert!(older.codes.iter().all(|found| found.categories.is_empty()));
        assert_eq!(set("category_v1", Vocabulary::Version1), None);
        assert_eq!(set("country", Vocabulary::Version2).unwrap().codes[0].label, None);
    }
}
