//! Decisions as rows: real mirrors back to their bytes, a provider's own, and what does not fit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;

use glasshouse_ledger::author::Author;
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::walk::WalkedText;
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::subject::Subject;
use serde_json::{Value, json};

use super::super::dialect::encode_row;
use super::super::line::{Mapping, Place, Signer};
use super::super::rows::Rows;
use super::*;

const EXCERPT: &str = include_str!("../../../../spec/examples/sor-global-2025-07-01-full-excerpt.csv");
const FULL: Layout = Layout::ALL[0];
const LIGHT: Layout = Layout::ALL[1];
/// 2025-07-01T10:00:00Z.
const NOW: u64 = 1_751_364_000;

/// The line, signed, as a log gives it back.
fn walk(line: &Value) -> Walked {
    let issuer = Issuer::parse("https://shop.example").unwrap();
    let author = Author::new(issuer, Origin::parse("log.example").unwrap(), SecretKey::from_seed(&[7; 32]));
    let draft = Draft::from_json(line).unwrap_or_else(|errors| panic!("{errors:?}"));
    let subject = Subject::parse("s:00000000000000000000000000000001").unwrap();
    let signed = author.unwrap().sign(&draft, Sequence::new(1).unwrap(), subject, NOW).unwrap();
    let entry = Entry::parse(signed.entry()).unwrap();
    let wanted = wanted_texts();
    let texts: BTreeMap<FieldName, WalkedText> = signed
        .addenda()
        .iter()
        .filter(|(field, _)| wanted.contains(field))
        .map(|(field, bytes)| {
            let withheld = entry.statement().payload().withheld().contains_key(field);
            let text = match withheld {
                true => WalkedText::Absent,
                false => WalkedText::There(Addendum::parse(bytes).unwrap().value().clone()),
            };
            (*field, text)
        })
        .collect();
    Walked { index: LeafIndex::new(5).unwrap(), entry, texts }
}

fn own() -> Value {
    json!({
        "puid": "listing-1",
        "provider_role": "marketplace",
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": "Section 4.",
        "incompatible_content_explanation": "Not here.",
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "content_type": ["CONTENT_TYPE_PRODUCT"],
        "content_date": "2025-06-30",
        "content_id": {"EAN-13": "4006381333931"},
        "application_date": "2025-07-01",
        "territorial_scope": ["DE", "FR"],
        "decision_facts": "Seen by software.",
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "Yes",
        "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
        "legal_basis": {"kind": "terms_of_service"},
    })
}

/// The row of an entry about which nothing was said later.
fn row_of(walked: &Walked, layout: Layout, name: Option<&str>) -> Result<EuropeanRow, LeftOut> {
    check_kind(walked, layout)?;
    let statement = walked.entry.statement();
    let later = Registry::new(statement.claims().aud.clone());
    let texts = walked.texts.iter().map(|(field, text)| {
        let shown = match (statement.payload().withheld().contains_key(field), text) {
            (true, _) => ShownText::Withheld,
            (false, WalkedText::There(value)) => ShownText::Public(value.clone()),
            (false, _) => ShownText::Erased,
        };
        (*field, shown)
    });
    let others = statement.payload().addenda().keys().filter(|field| !walked.texts.contains_key(field));
    let decision = Effective {
        fields: std::borrow::Cow::Borrowed(statement.payload().fields()),
        texts: texts.collect(),
        others: others.copied().collect(),
        standing: later.state_of(statement).standing(statement.payload().kind()),
        is_amended: false,
    };
    row(walked, decision, layout, name)
}

fn made(line: &Value, layout: Layout) -> Result<EuropeanRow, LeftOut> {
    row_of(&walk(line), layout, Some("Example Shop"))
}

fn losses(line: &Value) -> Vec<Loss> {
    made(line, FULL).unwrap().losses
}

#[test]
fn every_real_row_comes_back_byte_for_byte() {
    let mapping = Mapping { role: "other".to_owned(), signer: Signer::Archivist, withhold_source: false };
    for layout in [FULL, LIGHT] {
        let mut rows = Rows::open(EXCERPT.as_bytes()).unwrap();
        let mut count = 0;
        while let Some(read) = rows.next_row().unwrap() {
            let mut cells = read.cells.unwrap();
            let place = Place { file: "a.csv", number: read.number };
            for (at, column) in COLUMNS.iter().enumerate() {
                if !layout.has(column) {
                    cells[at].clear();
                }
            }
            let line = mapping.line(&cells, layout, place).unwrap().unwrap();
            let made = made(&line, layout).unwrap();
            assert_eq!(made.cells, cells);
            assert_eq!(made.losses, []);
            assert!(!made.is_own);
            if layout == FULL {
                let mut written = Vec::new();
                encode_row(made.cells.iter().map(String::as_str), &mut written);
                let original = EXCERPT.lines().nth(usize::try_from(read.line).unwrap() - 1).unwrap();
                assert_eq!(String::from_utf8(written).unwrap(), format!("{original}\n"));
            }
            count += 1;
        }
        assert_eq!(count, 20);
    }
}

#[test]
fn a_providers_own_decision_becomes_a_row_of_its_own() {
    let row = made(&own(), FULL).unwrap();
    assert!(row.is_own && row.losses.is_empty(), "{:?}", row.losses);
    for (column, wanted) in [
        ("platform_name", "Example Shop"),
        ("platform_uid", "listing-1"),
        ("created_at", "2025-07-01 10:00:00"),
        ("decision_visibility", "[\"DECISION_VISIBILITY_CONTENT_REMOVED\"]"),
        ("content_date", "2025-06-30 00:00:00"),
        ("content_id_ean", "4006381333931"),
        ("territorial_scope", "[\"DE\",\"FR\"]"),
        ("decision_facts", "Seen by software."),
        ("automated_detection", "Yes"),
        ("category_addition", ""),
    ] {
        assert_eq!(row.cell(column), wanted, "{column}");
    }
    assert!(is_uuid(row.cell("uuid").as_bytes()));
    assert_eq!(row.day(), "2025-07-01");
    let light = made(&own(), LIGHT).unwrap();
    assert_eq!((light.cell("decision_facts"), light.cell("territorial_scope")), ("", ""));
    assert_eq!(light.losses, []);
}

#[test]
fn the_identifier_follows_from_the_leaf_hash() {
    let leaf = LeafHash::from_hex(&"f0".repeat(32)).unwrap();
    assert_eq!(uuid_of(&leaf), "f0f0f0f0-f0f0-80f0-b0f0-f0f0f0f0f0f0");
    let leaf = LeafHash::from_hex(&"0f".repeat(32)).unwrap();
    assert_eq!(uuid_of(&leaf), "0f0f0f0f-0f0f-8f0f-8f0f-0f0f0f0f0f0f");
}

#[test]
fn a_withheld_or_erased_text_is_nowhere_in_the_row() {
    let mut line = own();
    line["decision_ground_reference_url"] = json!("https://shop.example/terms");
    line["withheld"] = json!({"decision_facts": {"ground": "personal_data"}});
    let mut walked = walk(&line);
    let ground = FieldName::INCOMPATIBLE_CONTENT_GROUND;
    walked.texts.insert(ground, WalkedText::Erased);
    let row = row_of(&walked, FULL, Some("Example Shop")).unwrap();
    assert_eq!(row.cell("decision_facts"), "");
    assert_eq!(row.cell("incompatible_content_ground"), "");
    assert_eq!(row.cell("decision_ground_reference_url"), "https://shop.example/terms");
    let wanted = [Loss::Erased("incompatible_content_ground"), Loss::Withheld("decision_facts")];
    assert_eq!(row.losses, wanted);
    let line = json!({"withheld": {"puid": {"ground": "personal_data"}}});
    let mut nameless = own();
    nameless["withheld"] = line["withheld"].clone();
    assert_eq!(made(&nameless, FULL), Err(LeftOut::Nameless));
}

#[test]
fn what_the_european_schema_has_no_column_for_is_counted() {
    let mut line = own();
    line["redress"] = json!(["judicial"]);
    line["content_url"] = json!(["https://shop.example/1"]);
    line["contact"] = json!("legal@shop.example");
    line["territorial_scope"] = json!(["DE", "US"]);
    let mut found = losses(&line);
    found.sort();
    assert_eq!(
        found,
        [
            Loss::NoColumn(FieldName::CONTACT),
            Loss::NoColumn(FieldName::REDRESS),
            Loss::NoColumn(FieldName::CONTENT_URL),
            Loss::Territory,
        ]
        .into_iter()
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
    );
    assert_eq!(made(&line, FULL).unwrap().cell("territorial_scope"), "[\"DE\"]");
    line["territorial_scope"] = json!(["WORLD"]);
    let row = made(&line, FULL).unwrap();
    assert!(row.losses.contains(&Loss::World));
    assert_eq!(row.cell("territorial_scope").matches('"').count(), 60);
    line["territorial_scope"] = json!(["US"]);
    assert_eq!(made(&line, FULL).unwrap().cell("territorial_scope"), "");
}

#[test]
fn what_is_no_european_statement_is_left_out_with_its_reason() {
    let edit = |change: &dyn Fn(&mut Value)| {
        let mut line = own();
        change(&mut line);
        made(&line, FULL).err()
    };
    let remove = |names: &'static [&'static str]| {
        edit(&|line| {
            line["provider_role"] = json!("other");
            for name in names {
                line.as_object_mut().unwrap().remove(*name);
            }
        })
    };
    assert_eq!(remove(&["content_type"]), Some(LeftOut::Lacks("content_type")));
    assert_eq!(remove(&["content_date"]), Some(LeftOut::Lacks("content_date")));
    let grounds = ["decision_ground", "incompatible_content_ground", "incompatible_content_explanation"];
    assert_eq!(remove(Box::leak(Box::new(grounds))), Some(LeftOut::Lacks("decision_ground")));
    let infrastructure = edit(&|line| {
        line.as_object_mut().unwrap().remove("decision_visibility");
        line["infrastructure_measure"] = json!(["block_page"]);
    });
    assert_eq!(infrastructure, Some(LeftOut::NoMeasure));
    for (field, day) in [
        ("content_date", "1999-12-31"),
        ("application_date", "2019-12-31"),
        ("application_date", "2038-01-02"),
    ] {
        assert_eq!(edit(&|line| line[field] = json!(day)), Some(LeftOut::Day(field)), "{day}");
    }
    let field = "end_date_visibility_restriction";
    assert_eq!(edit(&|line| line[field] = json!("2038-01-02")), Some(LeftOut::Day(field)));
    assert_eq!(edit(&|line| line[field] = json!("2038-01-01")), None);
    let press = edit(&|line| {
        line["attribution"] = json!({"kind": "press"});
        line["attributed_to"] = json!("Somebody");
    });
    assert_eq!(press, Some(LeftOut::Reported));
    let other = edit(&|line| {
        line["attribution"] = json!({"kind": "mirror"});
        line["attributed_to"] = json!("Somebody");
    });
    assert_eq!(other, Some(LeftOut::NotEuropean));
    assert_eq!(made(&own(), Layout::ALL[2]), Err(LeftOut::OtherVersion));
    assert_eq!(row_of(&walk(&own()), FULL, None), Err(LeftOut::Nameless));
    let mut refusal = own();
    for name in ["decision_visibility", "decision_ground", "application_date"].iter().chain(&grounds) {
        refusal.as_object_mut().unwrap().remove(*name);
    }
    refusal["type"] = json!("no_action");
    refusal["refusal_reason"] = json!("policy");
    assert_eq!(made(&refusal, FULL), Err(LeftOut::NotADecision));
}

#[test]
fn a_mirror_of_a_light_dump_gives_a_full_row_with_gaps_that_are_counted() {
    let mut line = own();
    for name in ["decision_facts", "incompatible_content_explanation", "territorial_scope"] {
        line.as_object_mut().unwrap().remove(name);
    }
    line["puid"] = json!("f1e5d3be-e95d-4e51-bb38-6cf13225b2af");
    line["attribution"] = json!({"kind": "mirror"});
    line["attributed_to"] = json!("Somebody");
    line["attributed_puid"] = json!("any/thing at all");
    line["attributed_at"] = json!("2025-07-01T00:00:05Z");
    let row = made(&line, FULL).unwrap();
    assert_eq!(
        row.losses,
        [Loss::Missing("decision_facts"), Loss::Missing("incompatible_content_explanation")]
    );
    assert_eq!(row.cell("platform_uid"), "any/thing at all");
    assert_eq!(row.cell("created_at"), "2025-07-01 00:00:05");
    assert_eq!(made(&line, LIGHT).unwrap().losses, []);
}

#[test]
fn the_european_economic_area_is_the_vocabularys() {
    let vocabulary: Value = serde_json::from_str(include_str!("../../../../spec/vocabulary.json")).unwrap();
    assert_eq!(json!(EEA), vocabulary["eea_countries"]);
}
