//! The generated tables say what `spec/fields.json` and `spec/vocabulary.json` say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use glasshouse_verifier::codes::{Code, CodeSet};
use glasshouse_verifier::fields::{FieldName, FieldSet, Form, Place};
use glasshouse_verifier::statement_type::{RoleGroup, StatementType};
use glasshouse_verifier::vocabulary::Vocabulary;
use serde_json::Value;

fn spec(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn texts(list: &Value) -> BTreeSet<&str> {
    list.as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect()
}

fn names(set: FieldSet) -> BTreeSet<&'static str> {
    set.iter().map(FieldName::as_str).collect()
}

#[test]
fn every_code_set_is_the_specified_one() {
    let (fields, vocabulary) = (spec("fields.json"), spec("vocabulary.json"));
    let mut sets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, values) in vocabulary["v2"].as_object().unwrap() {
        sets.insert(name, values.as_object().unwrap().keys().map(String::as_str).collect());
    }
    for set in Vocabulary::ALL
        .map(|version| [CodeSet::Category, CodeSet::CategorySpecification].map(|set| version.set(set)))
    {
        for set in set.into_iter().filter(|set| set.name().ends_with("_v1")) {
            let values = &vocabulary["v1"][set.name().trim_end_matches("_v1")];
            sets.insert(set.name(), values.as_object().unwrap().keys().map(String::as_str).collect());
        }
    }
    sets.insert("language", texts(&vocabulary["languages"]));
    for (name, values) in fields["codes"].as_object().unwrap() {
        sets.insert(name, texts(values));
    }
    assert_eq!(sets.len(), CodeSet::ALL.len());
    for set in CodeSet::ALL {
        let values = set.values();
        assert!(values.windows(2).all(|w| w[0].as_bytes() < w[1].as_bytes()), "{} not sorted", set.name());
        assert_eq!(values.iter().copied().collect::<BTreeSet<_>>(), sets[set.name()], "{}", set.name());
        for value in values {
            let code = Code::find(*set, value).unwrap();
            assert_eq!((code.as_str(), code.set()), (*value, *set));
            assert_eq!(Code::find(*set, &format!("{value}x")), None);
            assert_eq!(Code::find(*set, ""), None);
        }
    }
}

/// The form's name as in the table, and its code set.
fn form_name(form: Form) -> (String, Option<&'static str>) {
    let (name, set) = match form {
        Form::Code(set) => ("Code".to_owned(), Some(set.name())),
        Form::Codes(set) => ("Codes".to_owned(), Some(set.name())),
        other => (format!("{other:?}"), None),
    };
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    (snake, set)
}

#[test]
fn every_field_is_the_specified_one() {
    let fields = spec("fields.json");
    let table = fields["fields"].as_object().unwrap();
    assert_eq!(table.len(), FieldName::all().count());
    for (name, row) in table {
        let field = FieldName::find(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(field.as_str(), name);
        let (form, set) = form_name(field.form());
        assert_eq!(form, row["form"].as_str().unwrap(), "{name}");
        assert_eq!(set, row["codes"].as_str(), "{name}");
        match field.place() {
            Place::Entry => assert_eq!(row["place"], "entry", "{name}"),
            Place::Addendum { withheld_by_default } => {
                assert_eq!(row["place"], "addendum", "{name}");
                assert_eq!(withheld_by_default, row["served"] == "withheld", "{name}");
                assert_eq!(field.max() as u64, row["max"].as_u64().unwrap_or(32), "{name}");
            }
        }
    }
    let mut encoded: Vec<(usize, &str)> = FieldName::all().map(|f| (f.as_str().len(), f.as_str())).collect();
    let order = encoded.clone();
    encoded.sort_unstable();
    assert_eq!(order, encoded, "not in the order of encoded keys");
    assert_eq!(FieldName::find("no_such_field"), None);
}

#[test]
fn every_type_has_the_specified_fields() {
    let fields = spec("fields.json");
    let types = fields["types"].as_object().unwrap();
    assert_eq!(types.len(), StatementType::ALL.len());
    for kind in StatementType::ALL {
        assert_eq!(StatementType::find(kind.as_str()), Some(kind));
        let (row, rules) = (&types[kind.as_str()], kind.rules());
        assert_eq!(format!("{:?}", rules.issuing).to_lowercase(), row["issuer"].as_str().unwrap());
        assert_eq!(format!("{:?}", rules.about).to_lowercase(), row["sub"].as_str().unwrap());
        assert_eq!(names(rules.required), texts(&row["required"]), "{kind}");
        assert_eq!(names(rules.optional), texts(&row["optional"]), "{kind}");
        assert_eq!(names(rules.required_addenda), texts(&row["required_addenda"]), "{kind}");
        assert_eq!(names(rules.optional_addenda), texts(&row["optional_addenda"]), "{kind}");
        let addenda = rules.required_addenda.union(rules.optional_addenda);
        assert!(addenda.iter().all(FieldName::is_addendum), "{kind}");
        assert!(!rules.required.union(rules.optional).iter().any(FieldName::is_addendum), "{kind}");
    }
    assert!(texts(&fields["later_types"]).is_empty());
    assert_eq!(
        texts(&fields["vocabularies"]),
        Vocabulary::ALL.iter().map(|version| version.as_str()).collect()
    );
}

#[test]
fn every_role_is_in_the_specified_group() {
    let fields = spec("fields.json");
    let groups = fields["role_groups"].as_object().unwrap();
    for role in CodeSet::ProviderRole.values() {
        let group = RoleGroup::of(Code::find(CodeSet::ProviderRole, role).unwrap()).unwrap();
        let row = &groups[group.name];
        assert!(texts(&row["roles"]).contains(role));
        assert_eq!(names(group.required_in_decision), texts(&row["required_in_decision"]));
        assert_eq!(names(group.forbidden), texts(&row["forbidden"]));
    }
}
