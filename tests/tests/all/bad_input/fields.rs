//! Payloads that break a rule of the field table, each with its place and rule.

use std::collections::BTreeMap;
use std::path::Path;

use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::key_file::{SecretKey, read_pem};
use glasshouse_ledger::registrar::{key_retirement, tick, void};
use glasshouse_tests::forge::{Forgery, map, text};
use glasshouse_tests::workload::{Publisher, decision, now};
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::subject::Subject;
use serde_json::{Value, json};

use super::{Bad, Bench};

/// The table of fields, as the specification gives it.
fn table() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/fields.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn names(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// A refusal of a notice, with everything that it must say.
fn no_action() -> Value {
    json!({
        "type": "no_action",
        "puid": "notice-1",
        "provider_role": "marketplace",
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "source_type": "SOURCE_ARTICLE_16",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "refusal_reason": "insufficient_notice",
        "decision_facts": "The notice named no listing.",
    })
}

/// One good statement of every type, taken apart, with the key that signs it.
fn one_of_each(bench: &mut Bench) -> BTreeMap<&'static str, (Forgery, SecretKey)> {
    let registrar = read_pem(&bench.world.registrar_key()).unwrap();
    let provider = bench.key.clone();
    let number = |number| Sequence::new(number).unwrap();
    let author = bench.publisher.author();
    let own = |draft, at| author.sign_own(&draft, number(at), now()).unwrap().statement().to_vec();
    let retirement = key_retirement(author.issuer(), &author.kid(), "rotated", None, None);
    let (void, retirement) = (own(void(50_000, 50_001, "test", None), 60_001), own(retirement, 60_002));
    let newest = String::from_utf8(bench.world.get("/checkpoint").body).unwrap();
    let at = bench.world.next_registrar_number();
    let tick = bench.world.registrar().sign_own(&tick(&newest), at, now()).unwrap();
    let bundle = bench.world.get("/tile/entries/000.p/2").body;
    let entries = glasshouse_verifier::bundle::parse_bundle(&bundle, 2).unwrap();
    let genesis = glasshouse_verifier::entry::Entry::parse(entries[0]).unwrap();
    let new = Publisher::new("new", bench.world.registrar().origin());
    let enrolment = bench.world.enrolment(&new, &["host"]);
    let (decision, _) = bench.forgery();
    let no_action = bench.line(&no_action());
    let mut each = about_others(bench, &provider, &registrar);
    let more = [
        ("decision", decision, &provider),
        ("no_action", no_action, &provider),
        ("void", Forgery::of(&void), &provider),
        ("key_retirement", Forgery::of(&retirement), &provider),
        ("tick", Forgery::of(tick.statement()), &registrar),
        ("enrolment", Forgery::of(enrolment.statement()), &registrar),
        ("genesis", Forgery::of(genesis.statement().bytes()), &registrar),
    ];
    each.extend(more.into_iter().map(|(name, forgery, key)| (name, (forgery, key.clone()))));
    each
}

/// The same of statements about earlier ones, and of the registrar's on the log itself.
fn about_others(
    bench: &Bench,
    provider: &SecretKey,
    registrar: &SecretKey,
) -> BTreeMap<&'static str, (Forgery, SecretKey)> {
    let author = bench.publisher.author();
    let number = |number| Sequence::new(number).unwrap();
    let range = json!([{"first": 1, "last": 1}]);
    let lines = [
        ("amendment", json!({"targets": range, "amendment_reason": "other", "items": 1})),
        ("outcome", json!({"targets": range, "procedure": "court", "result": "upheld"})),
        ("lifted", json!({"targets": range, "end_date": "2026-03-02", "lifted_reason": "expired"})),
        ("withdrawal", json!({"targets": range})),
        (
            "redaction",
            json!({"targets": range, "fields": ["puid"], "redaction_ground": "error",
            "requested_by": "provider"}),
        ),
        (
            "declaration",
            json!({"period_start": "2026-03-01", "period_end": "2026-03-31",
            "decisions_taken": 0, "not_published": 0}),
        ),
        ("sealed", json!({"statement": decision(7)})),
    ];
    let mut each = BTreeMap::new();
    for (name, mut line) in lines {
        line["type"] = json!(name);
        let draft = Draft::from_json(&line).unwrap();
        let own = Subject::provider(author.issuer());
        let subject = if name == "sealed" { Subject::pseudonym([7; 16]) } else { own };
        let signed = author.sign(&draft, number(60_010), subject, now()).unwrap();
        each.insert(name, (Forgery::of(signed.statement()), provider.clone()));
    }
    let bytes = |byte: u8, length: usize| Item::bytes(vec![byte; length]);
    let list = |item: Item| Item::Array(vec![item]);
    let entry = || list(map(&[("entry", bytes(7, 32))]));
    let issuer = text(author.issuer().as_str());
    let refused = Item::bytes([&[0xd2, 0x84][..], &[0; 30]].concat());
    let drafts = [
        (
            "disclosure",
            provider,
            Draft::new(StatementType::Disclosure)
                .with_field(FieldName::TARGETS, entry())
                .with_field(FieldName::FIELDS, list(text("puid"))),
        ),
        (
            "conflict",
            registrar,
            Draft::new(StatementType::Conflict)
                .with_field(FieldName::PROVIDER, issuer)
                .with_field(FieldName::TARGETS, entry())
                .with_text(FieldName::REFUSED_STATEMENT, refused),
        ),
        (
            "keys",
            registrar,
            Draft::new(StatementType::Keys).with_field(FieldName::NEXT_REGISTRAR_KID, bytes(9, 32)),
        ),
        ("policy", registrar, Draft::new(StatementType::Policy).with_text(FieldName::POLICY, text("Rules."))),
        ("closure", registrar, Draft::new(StatementType::Closure)),
    ];
    for (name, key, draft) in drafts {
        let by = if name == "disclosure" { author } else { bench.world.registrar() };
        let signed = by.sign_own(&draft, number(60_011), now()).unwrap();
        each.insert(name, (Forgery::of(signed.statement()), key.clone()));
    }
    each
}

#[test]
fn each_required_field_is_missed() {
    let mut bench = Bench::start();
    let table = table();
    let each = one_of_each(&mut bench);
    let types = table["types"].as_object().unwrap();
    assert!(
        types.keys().all(|name| each.contains_key(name.as_str())),
        "a type of the table has no example here"
    );
    let mut cases = Vec::new();
    for (name, (forgery, key)) in &each {
        let rules = &types[*name];
        let mut required: Vec<String> =
            ["type", "vocabulary", "sequence", "addenda"].iter().map(|field| format!("/{field}")).collect();
        required.extend(names(&rules["required"]).iter().map(|field| format!("/{field}")));
        required.extend(names(&rules["required_addenda"]).iter().map(|field| format!("/addenda/{field}")));
        if *name == "decision" {
            let group = &table["role_groups"]["content"]["required_in_decision"];
            required.extend(names(group).iter().map(|field| format!("/{field}")));
        }
        for path in required {
            assert!(forgery.has(&path), "the example of {name} has no {path}");
            let statement = forgery.clone().without(&path).sign(key);
            cases.push(Bad::field(format!("{name} without {path}"), statement, &path, "required"));
        }
    }
    assert!(cases.len() > 60, "only {} required fields: the loop is broken", cases.len());
    println!("{} required fields, each missed", cases.len());
    bench.refuse(&cases);
    bench.finish();
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let mut bench = Bench::start();
    let statement = bench.changed(|forgery| {
        forgery.without("/category").without("/addenda/puid").set("/content_date", text("2026-02-30"))
    });
    let case = Bad::field("three faults", statement, "/category", "required")
        .at("/addenda/puid", "required")
        .at("/content_date", "grammar");
    bench.refuse(&[case]);
    bench.finish();
}

/// Where an enumeration stands, in a decision that has all of its kind.
fn enumerations(table: &Value) -> Vec<(&'static str, String, bool)> {
    let mut found = Vec::new();
    for (field, rule) in table["fields"].as_object().unwrap() {
        let form = rule["form"].as_str().unwrap();
        if form != "code" && form != "codes" {
            continue;
        }
        for kind in ["decision", "no_action", "void", "key_retirement", "enrolment", "genesis"] {
            let allowed = &table["types"][kind];
            if [&allowed["required"], &allowed["optional"]].iter().any(|list| names(list).contains(field)) {
                found.push((kind, format!("/{field}"), form == "codes"));
            }
        }
    }
    found
}

#[test]
fn each_enumeration_is_closed() {
    let mut bench = Bench::start();
    let each = one_of_each(&mut bench);
    let mut cases = Vec::new();
    for (kind, path, is_list) in enumerations(&table()) {
        for unknown in ["NOT_A_CODE", "The seller, Jane Doe of Main Street 1, is a fraud.", ""] {
            let code = text(unknown);
            let value = if is_list { Item::Array(vec![code]) } else { code };
            let (forgery, key) = &each[kind];
            let statement = forgery.clone().set(&path, value).sign(key);
            cases.push(Bad::field(format!("{kind}{path} {unknown:?}"), statement, &path, "not-a-code"));
        }
    }
    let (decision, key) = &each["decision"];
    for (path, value) in nested_codes() {
        let (place, _) = path.split_at(path[1..].find('/').map_or(path.len(), |at| at + 1));
        let statement = decision.clone().set(place, value).sign(key);
        cases.push(Bad::field(path, statement, path, "not-a-code"));
    }
    assert!(cases.len() > 100, "only {} enumerations: the loop is broken", cases.len());
    println!("{} unknown codes", cases.len());
    bench.refuse(&cases);
    bench.finish();
}

/// Codes inside of fields: the place of the unknown code, and the whole value of the field.
fn nested_codes() -> Vec<(&'static str, Item)> {
    let bad = || text("NOT_A_CODE");
    let order = |authority: Item, country: Item| {
        let order = map(&[("authority_kind", authority), ("country", country)]);
        map(&[("kind", text("court_order")), ("order", order)])
    };
    vec![
        ("/legal_basis/kind", map(&[("kind", bad())])),
        ("/legal_basis/jurisdiction", map(&[("kind", text("emergency")), ("jurisdiction", bad())])),
        ("/legal_basis/order/authority_kind", order(bad(), text("DE"))),
        ("/legal_basis/order/country", order(text("court"), bad())),
        ("/attribution/kind", map(&[("kind", bad())])),
        (
            "/relates_to/0/relation",
            Item::Array(vec![map(&[("relation", bad()), ("entry", Item::bytes(vec![1; 32]))])]),
        ),
        ("/withheld/puid/ground", map(&[("puid", map(&[("ground", bad())]))])),
    ]
}

#[test]
fn free_text_has_no_place_in_an_entry() {
    let mut bench = Bench::start();
    let words = || text("Jane Doe, Main Street 1, did it: see https://one.example/jane");
    let (forgery, _) = bench.forgery();
    let statute = map(&[("kind", text("statute")), ("statute_id", words())]);
    let note = map(&[("kind", text("terms_of_service")), ("note", words())]);
    let cases = [
        ("/note", words(), "/note", "unknown-field"),
        ("/decision_facts", words(), "/decision_facts", "unknown-field"),
        ("/puid", words(), "/puid", "unknown-field"),
        ("/content_date", words(), "/content_date", "grammar"),
        ("/territorial_scope", words(), "/territorial_scope", "wrong-type"),
        ("/acted_at", words(), "/acted_at", "wrong-type"),
        ("/items", words(), "/items", "wrong-type"),
        ("/content_id", map(&[("EAN-13", words())]), "/content_id/EAN-13", "grammar"),
        ("/legal_basis", statute, "/legal_basis/statute_id", "grammar"),
        ("/legal_basis", note, "/legal_basis/note", "unknown-field"),
        ("/addenda/note", Item::bytes(vec![0; 32]), "/addenda/note", "unknown-field"),
    ]
    .map(|(place, value, path, rule)| {
        let statement = forgery.clone().set(place, value).sign(&bench.key);
        Bad::field(format!("words in {path}"), statement, path, rule)
    });
    bench.refuse(&cases);
    bench.finish();
}

#[test]
fn an_order_stands_exactly_where_the_basis_has_one() {
    let mut bench = Bench::start();
    let mut cases = Vec::new();
    for kind in names(&table()["codes"]["legal_basis_kind"]) {
        let order = map(&[("authority_kind", text("court")), ("country", text("DE"))]);
        let ordered = ["court_order", "authority_order"].contains(&kind.as_str());
        let statute = ("statute_id", text("eli/reg/2022/2065/oj"));
        let mut basis = vec![("kind", text(&kind)), statute];
        if !ordered {
            basis.push(("order", order));
        }
        let statement = bench.changed(|forgery| forgery.set("/legal_basis", map(&basis)));
        let rule = if ordered { "required" } else { "forbidden" };
        cases.push(Bad::field(format!("{kind} with {rule} order"), statement, "/legal_basis/order", rule));
    }
    assert_eq!(cases.len(), 7);
    bench.refuse(&cases);
    // With the order where it belongs, it stands.
    let mut line = decision(bench.publisher.next_number());
    let order = json!({"authority_kind": "court", "country": "DE"});
    line["legal_basis"] = json!({"kind": "court_order", "order": order});
    let signed = bench.publisher.sign(&line, bench.publisher.next_number(), now());
    assert_eq!(bench.world.submit([&signed])[0]["status"], "accepted");
    bench.finish();
}
