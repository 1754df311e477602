//! Payloads as a caller sees them: every error at once, one spelling, no panic on any input.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use glasshouse_verifier::cbor::{self, Item};
use glasshouse_verifier::claims::Claims;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::field_map::FieldMap;
use glasshouse_verifier::fields::{FieldName, check_addendum_value};
use glasshouse_verifier::instant::Instant;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::payload::{Parts, Payload};
use glasshouse_verifier::payload_error::{MAX_ERRORS, PayloadErrors, Rule};
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::subject::Subject;
use proptest::prelude::*;
use serde_json::json;

fn claims() -> Claims {
    Claims {
        iss: Issuer::parse("https://www.cloudflare.com").unwrap(),
        sub: Subject::parse("domain:kiwifarms.net").unwrap(),
        aud: Origin::parse("log.example").unwrap(),
        iat: 1_662_249_600,
    }
}

fn text(text: &str) -> Item {
    Item::text(text.to_owned())
}

fn map(pairs: Vec<(&str, Item)>) -> Item {
    let mut pairs = pairs;
    pairs.sort_by_key(|(key, _)| (key.len(), *key));
    Item::Map(pairs.into_iter().map(|(key, item)| (text(key), item)).collect())
}

/// A decision in the manner of September 2022, with one of each kind of value.
fn decision() -> Vec<(&'static str, Item)> {
    let digest = |byte: u8| Item::bytes(vec![byte; 32]);
    vec![
        ("type", text("decision")),
        ("vocabulary", text("dsa-tdb/2")),
        ("sequence", Item::Integer(42)),
        (
            "addenda",
            map(vec![
                ("puid", digest(1)),
                ("decision_facts", digest(2)),
                ("attributed_to", digest(3)),
                ("order_reference", digest(4)),
            ]),
        ),
        ("withheld", map(vec![("order_reference", map(vec![("ground", text("confidential_order"))]))])),
        ("provider_role", text("reverse_proxy")),
        ("category", text("STATEMENT_CATEGORY_VIOLENCE")),
        ("application_date", text("2022-09-03")),
        ("source_type", text("SOURCE_VOLUNTARY")),
        ("automated_detection", text("No")),
        ("automated_decision", text("AUTOMATED_DECISION_NOT_AUTOMATED")),
        (
            "legal_basis",
            map(vec![
                ("kind", text("court_order")),
                (
                    "order",
                    map(vec![
                        ("authority_kind", text("court")),
                        ("country", text("US")),
                        ("issued", Item::Integer(1_662_163_200)),
                    ]),
                ),
            ]),
        ),
        ("infrastructure_measure", Item::Array(vec![text("block_page"), text("proxying_stopped")])),
        ("attribution", map(vec![("kind", text("reconstruction"))])),
        ("relates_to", Item::Array(vec![map(vec![("relation", text("follows")), ("entry", digest(9))])])),
        ("acted_at", Item::Integer(1_662_249_600)),
    ]
}

#[test]
fn a_decision_is_read_written_and_shown() {
    let item = map(decision());
    let payload = Payload::parse(&item, &claims()).unwrap();
    assert_eq!(payload.kind(), StatementType::Decision);
    assert_eq!(payload.sequence().get(), 42);
    assert_eq!(payload.legal_basis().unwrap().order().unwrap().country.as_str(), "US");
    assert_eq!(payload.codes(FieldName::INFRASTRUCTURE_MEASURE).len(), 2);
    assert_eq!(payload.code(FieldName::ATTRIBUTION).unwrap().as_str(), "reconstruction");
    assert_eq!(payload.encode(), cbor::encode(&item));
    let order: Vec<&str> = payload.addenda().keys().map(|field| field.as_str()).collect();
    assert_eq!(order, ["puid", "attributed_to", "decision_facts", "order_reference"]);
    assert_eq!(
        payload.to_json(),
        json!({
            "type": "decision",
            "vocabulary": "dsa-tdb/2",
            "sequence": 42,
            "provider_role": "reverse_proxy",
            "category": "STATEMENT_CATEGORY_VIOLENCE",
            "application_date": "2022-09-03",
            "source_type": "SOURCE_VOLUNTARY",
            "automated_detection": "No",
            "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
            "legal_basis": {
                "kind": "court_order",
                "order": {"authority_kind": "court", "country": "US", "issued": "2022-09-03T00:00:00Z"},
            },
            "infrastructure_measure": ["block_page", "proxying_stopped"],
            "attribution": {"kind": "reconstruction"},
            "relates_to": [{"relation": "follows", "entry": "09".repeat(32)}],
            "acted_at": "2022-09-04T00:00:00Z",
            "addenda": {
                "puid": "01".repeat(32),
                "decision_facts": "02".repeat(32),
                "attributed_to": "03".repeat(32),
                "order_reference": "04".repeat(32),
            },
            "withheld": {"order_reference": {"ground": "confidential_order"}},
        })
    );
}

#[test]
fn what_is_built_is_what_is_parsed() {
    let payload = Payload::parse(&map(decision()), &claims()).unwrap();
    let parts = Parts {
        kind: payload.kind(),
        vocabulary: payload.vocabulary(),
        sequence: payload.sequence(),
        addenda: payload.addenda().clone(),
        withheld: payload.withheld().clone(),
        fields: payload.fields().clone(),
    };
    assert_eq!(Payload::build(parts.clone(), &claims()).unwrap(), payload);
    let bare = Parts { addenda: FieldMap::default(), ..parts };
    let errors = Payload::build(bare, &claims()).unwrap_err();
    assert!(errors.list().iter().any(|e| e.path == "/addenda/puid" && e.rule == Rule::Required));
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let mut pairs = decision();
    pairs.retain(|(name, _)| !["category", "source_type", "infrastructure_measure"].contains(name));
    pairs.push(("source_type", text("because")));
    pairs.push(("decision_facts", text("Jane Doe said so")));
    pairs.push(("content_date", text("2022-02-30")));
    let errors = Payload::parse(&map(pairs), &claims()).unwrap_err();
    let found: Vec<String> =
        errors.list().iter().map(|e| format!("{} {}", e.path, e.rule.as_str())).collect();
    assert_eq!(
        found,
        [
            " measure-required",
            "/category required",
            "/content_date forbidden",
            "/content_date grammar",
            "/decision_facts unknown-field",
            "/source_type not-a-code",
        ]
    );
    assert_eq!(
        errors.list()[5].to_string(),
        "/source_type: not-a-code, given because, allowed: a code of source_type"
    );
}

#[test]
fn an_answer_is_not_far_larger_than_its_question() {
    let names: Vec<String> = (0..20_000).map(|i| format!("x{i}")).collect();
    let mut pairs = decision();
    pairs.extend(names.iter().map(|name| (name.as_str(), Item::Bool(true))));
    let errors = Payload::parse(&map(pairs), &claims()).unwrap_err();
    assert_eq!(errors.list().len(), MAX_ERRORS);
    let mut pairs = decision();
    pairs.retain(|(name, _)| *name != "category");
    let long = "é\u{7}".repeat(30_000);
    pairs.push(("category", text(&long)));
    let errors = Payload::parse(&map(pairs), &claims()).unwrap_err();
    let given = errors.list()[0].given.clone().unwrap();
    assert!(given.chars().count() <= 81 && !given.chars().any(char::is_control));
}

#[test]
fn other_types_and_vocabularies_are_not_understood() {
    let with = |name: &'static str, value: &str| {
        let mut pairs = decision();
        pairs.retain(|(other, _)| *other != name);
        pairs.push((name, text(value)));
        Payload::parse(&map(pairs), &claims()).unwrap_err()
    };
    for (name, value) in [("type", "sanction"), ("type", "Decision"), ("vocabulary", "dsa-tdb/3")] {
        let PayloadErrors::NotUnderstood { field, given } = with(name, value) else {
            panic!("{name} {value} was understood")
        };
        assert_eq!((field, given.as_str()), (name, value));
    }
    assert!(!Payload::parse(&Item::Map(vec![]), &claims()).unwrap_err().list().is_empty());
}

#[test]
fn days_are_those_of_the_calendar() {
    // Counting day by day from a known one.
    let mut days = 0;
    for year in 1988..=2102u16 {
        for month in 0..=13u8 {
            for day in 0..=32u8 {
                let spelt = format!("{year:04}-{month:02}-{day:02}");
                // An instant is written from a count of days, a day is checked by the lengths of months.
                let real = Instant::parse_rfc3339(&format!("{spelt}T00:00:00Z")).is_some();
                let expected = real && (1990..=2099).contains(&year);
                assert_eq!(Day::parse(&spelt).is_some(), expected, "{spelt}");
                days += u32::from(expected);
            }
        }
    }
    assert_eq!(days, 40_177, "110 years, 27 of them leap years");
    for wrong in ["", "2022-9-03", "2022-09-3", "2022-09-03 ", "+022-09-03", "2022/09/03", "２022-09-03"] {
        assert_eq!(Day::parse(wrong), None, "{wrong:?}");
    }
}

#[test]
fn instants_have_one_spelling() {
    for (seconds, spelt) in [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (4_107_542_399, "2100-02-28T23:59:59Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
        (Instant::MAX, "9999-12-31T23:59:59Z"),
    ] {
        let instant = Instant::new(seconds).unwrap();
        assert_eq!(instant.to_string(), spelt);
        assert_eq!(Instant::parse_rfc3339(spelt), Some(instant));
    }
    assert_eq!(Instant::new(Instant::MAX + 1), None);
    for wrong in [
        "",
        "1969-12-31T23:59:59Z",
        "2022-09-03T00:00:00",
        "2022-09-03t00:00:00z",
        "2022-09-03T24:00:00Z",
        "2022-09-03T00:60:00Z",
        "2022-09-03T00:00:60Z",
        "2022-09-31T00:00:00Z",
        "2022-09-03T00:00:00.0Z",
        "2022-09-03T00:00:00+00:00",
        "é022-09-03T00:00:0Z",
    ] {
        assert_eq!(Instant::parse_rfc3339(wrong), None, "{wrong:?}");
    }
}

#[test]
fn texts_of_addenda_are_counted_in_characters() {
    let check = |field: &str, item: Item| {
        check_addendum_value(FieldName::find(field).unwrap(), &item).map_err(|error| (error.path, error.rule))
    };
    let refused = |field: &str, rule| Err((format!("/addenda/{field}"), rule));
    assert_eq!(check("decision_facts", text(&"é".repeat(5_000))), Ok(()));
    assert_eq!(check("decision_facts", text(&"é".repeat(5_001))), refused("decision_facts", Rule::TooLong));
    assert_eq!(check("decision_facts", text("a\n\tb")), Ok(()));
    assert_eq!(check("decision_facts", text("a\r")), refused("decision_facts", Rule::Grammar));
    assert_eq!(check("decision_facts", text("")), refused("decision_facts", Rule::Empty));
    assert_eq!(check("decision_facts", Item::Bool(true)), refused("decision_facts", Rule::WrongType));
    assert_eq!(check("puid", text("a_B-9")), Ok(()));
    assert_eq!(check("puid", text("a b")), refused("puid", Rule::Grammar));
    assert_eq!(check("redress_url", text("ftp://a")), refused("redress_url", Rule::Grammar));
    assert_eq!(check("redress_url", text("https://a\n")), refused("redress_url", Rule::Grammar));
    assert_eq!(check("document_sha256", Item::bytes(vec![0; 32])), Ok(()));
    assert_eq!(check("document_sha256", Item::bytes(vec![0; 31])), refused("document_sha256", Rule::Grammar));
    assert_eq!(check("category", text("a")), refused("category", Rule::UnknownField));
    let list = |count: usize| Item::Array((0..count).map(|i| text(&format!("https://a/{i:04}"))).collect());
    assert_eq!(check("content_url", list(1_000)), Ok(()));
    assert_eq!(check("content_url", list(1_001)), refused("content_url", Rule::TooLong));
    assert_eq!(check("relates_to_uri", list(65)), refused("relates_to_uri", Rule::TooLong));
    assert_eq!(check("content_url", list(0)), refused("content_url", Rule::Empty));
    let unsorted = Item::Array(vec![text("b"), text("a")]);
    assert_eq!(check("items_list", unsorted), Err(("/addenda/items_list/1".to_owned(), Rule::NotSorted)));
}

fn any_item() -> impl Strategy<Value = Item> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|n| Item::Integer(n.into())),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Item::bytes),
        ".{0,12}".prop_map(Item::text),
        any::<bool>().prop_map(Item::Bool),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Item::Array),
            prop::collection::vec((inner.clone(), inner), 0..5).prop_map(Item::Map),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_item_panics(item in any_item()) {
        let _ = Payload::parse(&item, &claims());
        for field in FieldName::all() {
            let _ = check_addendum_value(field, &item);
        }
    }

    /// One member of a right payload replaced by anything, under any field's name.
    #[test]
    fn no_member_panics(at in 0usize..16, field in 0usize..84, item in any_item()) {
        let field = FieldName::all().nth(field).unwrap().as_str();
        let mut pairs = decision();
        pairs[at].1 = item.clone();
        let _ = Payload::parse(&map(pairs), &claims());
        let mut pairs = decision();
        pairs.retain(|(name, _)| *name != field);
        pairs.push((field, item));
        let item = map(pairs);
        if let Ok(payload) = Payload::parse(&item, &claims()) {
            prop_assert_eq!(payload.encode(), cbor::encode(&item));
        }
    }
}
