//! Authoring JSON: what is taken, what is dropped, what is withheld, and that every fault of a line is named at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use glasshouse_ledger::author::Author;
use glasshouse_ledger::draft::{Draft, Reference};
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_verifier::addendum::Addendum;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::sealed::Sealed;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::subject::Subject;
use serde_json::{Value, json};

fn line() -> Value {
    json!({
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_CONTENT_DISABLED",
            "DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": "Section 4",
        "incompatible_content_explanation": "Misleading advertisements are not permitted.",
        "illegal_content_explanation": "left over from a form",
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "category_addition": ["STATEMENT_CATEGORY_SCAMS_AND_FRAUD"],
        "content_type": ["CONTENT_TYPE_TEXT"],
        "content_type_other": "",
        "content_date": "2025-07-01 00:00:00",
        "content_id_ean": null,
        "application_date": "2025-07-01 00:00:00",
        "decision_facts": "An advertisement for something that does not exist.",
        "source_type": "SOURCE_VOLUNTARY",
        "source_identity": "nobody",
        "automated_detection": "Yes",
        "automated_decision": "AUTOMATED_DECISION_FULLY",
        "puid": "ad-1",
        "provider_role": "marketplace",
        "legal_basis": {"kind": "terms_of_service", "jurisdiction": ""},
        "acted_at": "2025-07-01T02:00:00+02:00",
        "content_url": "https://shop.example/ad/1",
        "subject": "url:https://shop.example/ad/1",
    })
}

fn with(changes: Value) -> Value {
    let mut line = line();
    for (name, value) in changes.as_object().unwrap() {
        line[name] = value.clone();
    }
    line
}

fn faults(changes: Value) -> Vec<(String, &'static str)> {
    let errors = Draft::from_json(&with(changes)).unwrap_err();
    errors.iter().map(|error| (error.path.clone(), error.rule.as_str())).collect()
}

#[test]
fn a_european_line_becomes_a_draft() {
    let draft = Draft::from_json(&line()).unwrap();
    let set = draft.fields().get(&FieldName::DECISION_VISIBILITY).unwrap();
    let codes: Vec<_> = set.as_array().unwrap().iter().map(|code| code.as_text().unwrap()).collect();
    assert_eq!(codes, ["DECISION_VISIBILITY_CONTENT_DISABLED", "DECISION_VISIBILITY_CONTENT_REMOVED"]);
    assert_eq!(draft.fields()[&FieldName::CONTENT_DATE], Item::text("2025-07-01"));
    assert_eq!(draft.fields()[&FieldName::ACTED_AT], Item::Integer(1_751_328_000));
    assert_eq!(draft.puid(), Some("ad-1"));
    assert_eq!(draft.subject(), Some("url:https://shop.example/ad/1"));
    assert_eq!(draft.subject_in_entry(), None);
    let dropped: Vec<_> = draft.warnings().iter().map(|warning| warning.path.as_str()).collect();
    assert_eq!(dropped, ["/illegal_content_explanation", "/source_identity", "/category_addition"]);
}

#[test]
fn locators_and_named_subjects_are_withheld_unless_the_author_serves_them() {
    let draft = Draft::from_json(&line()).unwrap();
    let withheld: Vec<_> = draft.withheld().keys().map(ToString::to_string).collect();
    assert_eq!(withheld, ["subject", "content_url"]);
    let served = json!({"withheld": {"content_url": false, "subject": false}});
    assert!(Draft::from_json(&with(served)).unwrap().withheld().is_empty());
    let explicit =
        json!({"withheld": {"decision_facts": {"ground": "ongoing_investigation", "until": "2026-01-01"}}});
    assert!(Draft::from_json(&with(explicit)).unwrap().withheld().contains_key(&FieldName::DECISION_FACTS));
}

#[test]
fn under_a_locator_keyword_a_locator_cannot_be_served() {
    let keyword = json!(["KEYWORD_TERRORIST_CONTENT"]);
    assert!(Draft::from_json(&with(json!({"category_specification": keyword}))).is_ok());
    let served = json!({"category_specification": keyword, "withheld": {"content_url": false}});
    assert_eq!(faults(served), [("/content_url".to_owned(), "must-be-withheld")]);
}

#[test]
fn every_fault_of_a_line_is_named_at_once() {
    let found = faults(json!({
        "category": "FRAUD", "decision_facts": 7, "acted_at": "yesterday", "legal_basis": null,
        "colour": "red", "content_date": "2025-13-01", "withheld": {"puidd": false}, "puid": "a b",
    }));
    let expected = [
        ("/acted_at", "grammar"),
        ("/category", "not-a-code"),
        ("/colour", "unknown-field"),
        ("/content_date", "grammar"),
        ("/decision_facts", "wrong-type"),
        ("/legal_basis", "required"),
        ("/puid", "grammar"),
        ("/withheld/puidd", "unknown-field"),
    ];
    assert_eq!(found, expected.map(|(path, rule)| (path.to_owned(), rule)));
}

#[test]
fn an_order_needs_a_basis_that_has_one() {
    let order = json!({"authority_kind": "court", "country": "DE", "issued": "2025-06-01T00:00:00Z"});
    let without = json!({"legal_basis": {"kind": "court_order"}});
    assert_eq!(faults(without), [("/legal_basis/order".to_owned(), "required")]);
    let beside = json!({"legal_basis": {"kind": "terms_of_service", "order": order}});
    assert_eq!(faults(beside), [("/legal_basis/order".to_owned(), "forbidden")]);
    let right = json!({"legal_basis": {"kind": "court_order", "order": order}});
    Draft::from_json(&with(right)).unwrap();
}

#[test]
fn references_are_resolved_by_the_tool() {
    let relates = json!({"relates_to": [
        {"relation": "reverses", "entry": "puid:ad-0"},
        {"relation": "follows", "entry": "sequence:3"},
        {"relation": "precedent", "uri": "https://press.example/1"},
    ]});
    let mut draft = Draft::from_json(&with(relates)).unwrap();
    let names: Vec<_> = draft.unresolved().cloned().collect();
    assert_eq!(names, [Reference::Puid("ad-0".into()), Reference::Sequence(3)]);
    assert_eq!(
        draft.texts()[&FieldName::RELATES_TO_URI],
        Item::Array(vec![Item::text("https://press.example/1")])
    );
    let errors = draft.resolve(|_| None).unwrap_err();
    assert_eq!(errors[0].path, "/relates_to/0/entry");
    let leaf = LeafHash::of_entry(b"0");
    let other = LeafHash::of_entry(b"1");
    draft.resolve(|name| Some(if matches!(name, Reference::Puid(_)) { leaf } else { other })).unwrap();
    assert_eq!(draft.unresolved().count(), 0);
    let first = &draft.fields()[&FieldName::RELATES_TO].as_array().unwrap()[0];
    assert_eq!(first.get("entry").unwrap().as_bytes().unwrap(), leaf.as_bytes());
}

#[test]
fn only_domains_and_networks_stand_in_the_entry() {
    let domain = json!({"subject": "domain:kiwifarms.net", "subject_in_entry": true});
    assert_eq!(Draft::from_json(&with(domain)).unwrap().subject_in_entry(), Some("domain:kiwifarms.net"));
    let url = json!({"subject_in_entry": true});
    assert_eq!(faults(url), [("/subject_in_entry".to_owned(), "needs")]);
}

/// One right line of each type that is about earlier ones, or about the provider's own numbers.
fn later_lines() -> [Value; 8] {
    let entry = json!({"entry": LeafHash::of_entry(b"0").to_hex()});
    [
        json!({"type": "amendment", "id": "fix-1", "targets": ["puid:ad-0"], "amendment_reason": "wrong_category",
            "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE", "removed": ["items", "contact", "items"]}),
        json!({"type": "outcome", "targets": [entry], "procedure": "court", "result": "reversed",
            "decided_at": "2025-08-01T10:00:00Z", "outcome_body": "A court"}),
        json!({"type": "lifted", "targets": [{"first": 7, "last": 9}, "sequence:3", "puid:ad-0"],
            "end_date": "2025-08-02", "lifted_reason": "own_error"}),
        json!({"type": "withdrawal", "targets": ["id:fix-1", entry]}),
        json!({"type": "sealed", "statement": line()}),
        json!({"type": "redaction", "targets": [{"first": 1, "last": 4}], "fields": "subject",
            "redaction_ground": "erasure_request", "requested_by": "data_subject"}),
        json!({"type": "declaration", "period_start": "2025-07-01", "period_end": "2025-07-31",
            "decisions_taken": 3, "not_published": 0, "first_sequence": 1, "last_sequence": 3}),
        json!({"type": "void", "first": 4, "last": 5, "void_reason": "test"}),
    ]
}

fn faults_of(line: &Value) -> Vec<(String, &'static str)> {
    let errors = Draft::from_json(line).unwrap_err();
    errors.iter().map(|error| (error.path.clone(), error.rule.as_str())).collect()
}

fn author() -> Author {
    let provider = Issuer::parse_provider("https://shop.example").unwrap();
    Author::new(provider, Origin::parse("log.example").unwrap(), SecretKey::generate().unwrap()).unwrap()
}

#[test]
fn every_type_that_a_provider_signs_is_taken_as_a_line() {
    let author = author();
    let mut kinds = Vec::new();
    for (number, line) in (10..).zip(later_lines()) {
        let mut draft = Draft::from_json(&line).unwrap_or_else(|errors| panic!("{line}: {errors:?}"));
        draft.resolve(|name| Some(LeafHash::of_entry(name.to_string().as_bytes()))).unwrap();
        let number = Sequence::new(number).unwrap();
        let subject = Subject::pseudonym([7; 16]);
        let signed = match author.sign_own(&draft, number, 1) {
            Ok(signed) => signed,
            Err(_) => {
                author.sign(&draft, number, subject, 1).unwrap_or_else(|error| panic!("{line}: {error}"))
            }
        };
        let statement = Statement::parse(signed.statement()).unwrap();
        assert_eq!(statement.payload().kind().as_str(), line["type"].as_str().unwrap());
        kinds.push(statement.payload().kind());
    }
    let mut signed_by_providers = StatementType::ALL.to_vec();
    signed_by_providers.retain(|kind| {
        kind.rules().issuing != glasshouse_verifier::statement_type::Issuing::Registrar
            && !matches!(kind, StatementType::Decision | StatementType::NoAction)
            && !matches!(kind, StatementType::KeyRetirement | StatementType::Disclosure)
    });
    kinds.sort();
    assert_eq!(kinds, signed_by_providers, "the others have commands of their own");
}

#[test]
fn targets_stand_in_their_one_order_and_repeats_are_dropped() {
    let mut draft = Draft::from_json(&json!({"type": "lifted", "end_date": "2025-08-02", "lifted_reason": "own_error",
        "targets": [{"first": 20, "last": 30}, "puid:b", {"first": 7, "last": 9}, "sequence:1", "id:a", "puid:b"]}))
    .unwrap();
    assert_eq!(draft.unresolved().count(), 4);
    let (low, high) = (LeafHash::from_bytes([1; 32]), LeafHash::from_bytes([200; 32]));
    // `sequence:1` and `id:a` are one statement.
    draft.resolve(|name| Some(if matches!(name, Reference::Puid(_)) { high } else { low })).unwrap();
    let number = |item: &Item, key: &str| item.get(key).cloned();
    let targets = draft.fields()[&FieldName::TARGETS].as_array().unwrap();
    let entries: Vec<_> = targets.iter().filter_map(|target| number(target, "entry")).collect();
    let firsts: Vec<_> = targets.iter().filter_map(|target| number(target, "first")).collect();
    assert_eq!(entries, [low, high].map(|leaf| Item::bytes(leaf.as_bytes().to_vec())));
    assert_eq!(firsts, [Item::Integer(7), Item::Integer(20)]);
    assert_eq!(targets.len(), 4);
    let errors = draft.clone().resolve(|_| None);
    assert!(errors.is_ok(), "everything is resolved");
}

#[test]
fn a_wrong_target_is_named_at_its_place() {
    let with = |targets: Value| {
        let line = json!({"type": "lifted", "end_date": "2025-08-02", "lifted_reason": "own_error", "targets": targets});
        faults_of(&line)
    };
    let at = |path: &str, rule| vec![(path.to_owned(), rule)];
    assert_eq!(with(json!(["puid:a", "7"])), at("/targets/1", "grammar"));
    assert_eq!(with(json!([{"entry": "7"}])), at("/targets/0/entry", "grammar"));
    assert_eq!(with(json!([{"first": 1}])), at("/targets/0/last", "required"));
    assert_eq!(with(json!([{"first": 0, "last": 3}])), at("/targets/0/first", "out-of-range"));
    assert_eq!(with(json!([{"first": 5, "last": 4}])), at("/targets/0/last", "out-of-range"));
    assert_eq!(with(json!([{"first": 1, "last": 1_048_577}])), at("/targets/0/last", "out-of-range"));
    assert_eq!(
        with(json!([{"first": 4, "last": 9}, "puid:a", {"first": 1, "last": 4}])),
        at("/targets/2", "duplicate")
    );
    assert_eq!(with(json!([{"puid": "a"}]))[2], ("/targets/0/puid".to_owned(), "unknown-field"));
    assert_eq!(
        with(json!([{"first": 1, "last": 2}, {"first": 1, "last": 2}])),
        at("/targets/1", "duplicate")
    );
    assert_eq!(with(json!(["puid:"])), at("/targets/0", "grammar"));
    assert_eq!(with(json!(["sequence:01"])), at("/targets/0", "grammar"));
    assert_eq!(with(json!(vec!["puid:a"; 1_001])), at("/targets", "too-long"));
    assert_eq!(with(json!("puid:a")), at("/targets", "wrong-type"));
    assert_eq!(with(json!([])), at("/targets", "required"));
    let leaf = LeafHash::of_entry(b"").to_hex();
    assert_eq!(with(json!([{"entry": leaf, "last": 1}])), at("/targets/0/last", "unknown-field"));
    let mut draft = Draft::from_json(&later_lines()[3]).unwrap();
    assert_eq!(draft.resolve(|_| None).unwrap_err()[0].path, "/targets/0");
}

#[test]
fn an_amendment_brings_only_what_changes_and_always_withholds_locators() {
    let base = json!({"type": "amendment", "targets": ["puid:ad-0"], "amendment_reason": "incomplete"});
    let with = |changes: Value| {
        let mut line = base.clone();
        for (name, value) in changes.as_object().unwrap() {
            line[name] = value.clone();
        }
        line
    };
    assert_eq!(faults_of(&base), [(String::new(), "needs")]);
    let draft =
        Draft::from_json(&with(json!({"content_url": "https://shop.example/2", "decision_facts": "Two."})))
            .unwrap();
    assert_eq!(draft.withheld().keys().collect::<Vec<_>>(), [&FieldName::CONTENT_URL]);
    let served = with(json!({"content_url": "https://shop.example/2", "withheld": {"content_url": false}}));
    assert_eq!(faults_of(&served), [("/content_url".to_owned(), "must-be-withheld")]);
    // The code that decides over such a text stands in what is amended.
    let other =
        with(json!({"illegal_content_explanation": "Section 5.", "content_type_other": "A hologram"}));
    let draft = Draft::from_json(&other).unwrap();
    assert_eq!((draft.texts().len(), draft.warnings().len()), (2, 0));
    let both = with(json!({"removed": ["items"], "items": 3}));
    assert_eq!(faults_of(&both), [("/removed".to_owned(), "duplicate")]);
    for name in ["puid", "subject"] {
        let unknown = (format!("/{name}"), "unknown-field");
        assert!(faults_of(&with(json!({name: "account:1"}))).contains(&unknown), "{name}");
    }
}

#[test]
fn what_corrects_a_private_notice_can_be_withheld_as_a_whole() {
    let line = json!({"type": "amendment", "targets": ["puid:ad-0"], "amendment_reason": "incomplete",
        "decision_facts": "More.", "refusal_explanation": "Because.", "withheld": {"refusal_explanation": false}});
    let mut draft = Draft::from_json(&line).unwrap();
    assert!(draft.withheld().is_empty());
    draft.withhold_the_rest("private_notice");
    assert_eq!(draft.withheld().keys().collect::<Vec<_>>(), [&FieldName::DECISION_FACTS]);
}

#[test]
fn a_sealed_line_tells_nothing_and_holds_everything() {
    let until = json!({"sealed_statement": {"ground": "confidential_order", "until": "2027-01-01"}});
    let sealed = json!({"type": "sealed", "statement": line(), "withheld": until});
    let draft = Draft::from_json(&sealed).unwrap();
    let warned: Vec<_> = draft.warnings().iter().map(|warning| warning.path.as_str()).collect();
    assert_eq!(
        warned,
        [
            "/statement/illegal_content_explanation",
            "/statement/source_identity",
            "/statement/category_addition"
        ]
    );
    let inner = draft.sealed().unwrap();
    assert_eq!((inner.kind(), inner.puid()), (StatementType::Decision, Some("ad-1")));
    let (author, subject) = (author(), Subject::pseudonym([7; 16]));
    let number = Sequence::new(12).unwrap();
    let signed = author.sign(&draft, number, subject.clone(), 1).unwrap();
    assert_eq!(signed.served().count(), 0);
    let statement = Statement::parse(signed.statement()).unwrap();
    assert_eq!(statement.claims().sub, Subject::provider(author.issuer()));
    let text = Addendum::parse(&signed.addenda()[&FieldName::SEALED_STATEMENT]).unwrap();
    let opened = Sealed::parse(text.value().as_bytes().unwrap(), &statement).unwrap();
    assert_eq!((&opened.claims().sub, opened.payload().sequence()), (&subject, number));
    let withheld: Vec<_> = opened.payload().withheld().keys().copied().collect();
    let kept: Vec<_> = signed.kept().iter().map(|bytes| Addendum::parse(bytes).unwrap().field()).collect();
    assert_eq!(withheld, [FieldName::SUBJECT, FieldName::CONTENT_URL]);
    assert_eq!(kept, withheld, "what is withheld inside is kept by the author");
}

#[test]
fn a_wrong_sealed_line_is_named_inside() {
    let mut inner = line();
    inner["category"] = json!("FRAUD");
    let sealed = |statement: Value| json!({"type": "sealed", "statement": statement});
    assert_eq!(faults_of(&sealed(inner)), [("/statement/category".to_owned(), "not-a-code")]);
    assert_eq!(faults_of(&sealed(json!(null))), [("/statement".to_owned(), "required")]);
    let lifted = json!({"type": "lifted"});
    assert!(faults_of(&sealed(lifted)).contains(&("/statement/type".to_owned(), "not-a-code")));
    let served = json!({"type": "sealed", "statement": line(), "withheld": {"sealed_statement": false}});
    assert_eq!(faults_of(&served), [("/statement".to_owned(), "must-be-withheld")]);
    assert_eq!(faults(json!({"statement": {}, "id": "x"})), [("/id".to_owned(), "forbidden")]);
    let mut refers = line();
    refers["relates_to"] = json!([{"relation": "follows", "entry": "puid:nobody"}]);
    let mut draft = Draft::from_json(&sealed(refers)).unwrap();
    assert_eq!(draft.resolve(|_| None).unwrap_err()[0].path, "/statement/relates_to/0/entry");
}

#[test]
fn the_registrars_statements_are_no_lines() {
    for kind in [
        "disclosure",
        "genesis",
        "enrolment",
        "keys",
        "closure",
        "conflict",
        "tick",
        "policy",
        "key_retirement",
    ] {
        assert!(faults_of(&json!({"type": kind})).contains(&("/type".to_owned(), "not-a-code")), "{kind}");
    }
    let theirs = json!({"type": "redaction", "targets": ["puid:a"], "fields": ["subject"], "provider": "https://a.example",
        "redaction_ground": "error", "requested_by": "provider"});
    assert_eq!(faults_of(&theirs), [("/provider".to_owned(), "forbidden")]);
    let id = json!({"type": "withdrawal", "targets": ["puid:a"], "id": "a b"});
    assert_eq!(faults_of(&id), [("/id".to_owned(), "grammar")]);
}
