//! What a wrong word may have meant.

use serde_json::{Value, json};

use crate::line::{advice, with};

/// What may have been meant at a path.
#[track_caller]
fn near(line: &Value, path: &str) -> Vec<String> {
    let said = advice(line);
    let error = said.errors.iter().find(|error| error.path == path);
    error.unwrap_or_else(|| panic!("no error at {path}: {:#?}", said.errors)).near.clone()
}

#[test]
fn a_reason_is_another_field_in_each_type() {
    let reason = |line: Value| {
        let mut line = line;
        line["reason"] = json!("x");
        near(&line, "/reason")
    };
    assert_eq!(reason(with(json!({}))), ["decision_ground", "legal_basis", "decision_facts"]);
    assert_eq!(reason(json!({"type": "no_action"}))[0], "refusal_reason");
    assert_eq!(reason(json!({"type": "lifted"})), ["lifted_reason"]);
    assert_eq!(reason(json!({"type": "amendment"}))[0], "amendment_reason");
    assert_eq!(reason(json!({"type": "void"})), ["void_reason"]);
    assert_eq!(reason(json!({"type": "redaction"})), ["redaction_ground"]);
}

#[test]
fn words_of_other_registers_lead_to_codes() {
    let category = |word: &str| near(&with(json!({"category": word})), "/category");
    let ip = "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS";
    for word in
        ["STATEMENT_CATEGORY_IP", "ip", "COPYRIGHT", "copyright infringement", "intellectual property"]
    {
        assert_eq!(category(word), [ip], "{word}");
    }
    assert_eq!(category("CSAM"), ["STATEMENT_CATEGORY_PROTECTION_OF_MINORS"]);
    assert_eq!(category("STATEMENT_CATEGORY_TERRORISM"), ["STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY"]);
    assert!(category("STATEMENT_CATEGORY").is_empty() || category("STATEMENT_CATEGORY").len() <= 10);
    assert!(category("weather").is_empty(), "{:?}", category("weather"));
    let role = |word: &str| near(&with(json!({"provider_role": word})), "/provider_role");
    for word in ["hosting", "hosting_provider", "Hosting Service", "hoster"] {
        assert_eq!(role(word)[0], "host", "{word}");
    }
    assert_eq!(role("isp"), ["access_provider"]);
    assert_eq!(role("search_engine"), ["search"]);
    let basis = |word: &str| near(&with(json!({"legal_basis": {"kind": word}})), "/legal_basis/kind");
    assert_eq!(basis("tos"), ["terms_of_service"]);
    assert_eq!(basis("injunction"), ["court_order"]);
}

#[test]
fn a_word_that_says_no_is_not_answered_with_its_opposite() {
    let basis = |word: &str| near(&with(json!({"legal_basis": {"kind": word}})), "/legal_basis/kind");
    for word in ["no_order", "no_court_order", "No court order", "without-order", "not ordered"] {
        assert_eq!(basis(word), ["discretion", "emergency"], "{word}");
    }
    for word in ["no_legal_basis", "not_legal", "none", "no_law"] {
        assert_eq!(basis(word), ["discretion", "unstated"], "{word}");
    }
    assert_eq!(basis("not stated"), ["unstated"]);
    for word in ["no_tos", "non_legal", "there was no order", "not_statute", "no judgment"] {
        assert!(basis(word).is_empty(), "{word}: {:?}", basis(word));
    }
    let category = |word: &str| near(&with(json!({"category": word})), "/category");
    assert!(category("no_fraud").is_empty(), "{:?}", category("no_fraud"));
    let decision = |word: &str| near(&with(json!({"automated_decision": word})), "/automated_decision");
    assert_eq!(decision("not_automated"), ["AUTOMATED_DECISION_NOT_AUTOMATED"]);
}

#[test]
fn an_unknown_name_under_withheld_is_answered_with_the_names_of_texts() {
    let ground = json!({"ground": "security"});
    let error = |line: &Value, path: &str| {
        let said = advice(line).errors.into_iter().find(|error| error.path == path).unwrap();
        (said.allowed.unwrap(), said.near)
    };
    let (allowed, meant) = error(&with(json!({"withheld": {"facts": ground}})), "/withheld/facts");
    assert!(allowed.starts_with("the name of a text of the type decision: "), "{allowed}");
    assert!(allowed.contains("decision_facts") && !allowed.contains("until"), "{allowed}");
    assert_eq!(meant, ["decision_facts"]);
    // Doing what is said ends there.
    assert!(advice(&with(json!({"withheld": {"decision_facts": ground}}))).errors.is_empty());
    let lifted = json!({"type": "lifted", "withheld": {"explanation": ground}});
    let (allowed, meant) = error(&lifted, "/withheld/explanation");
    assert_eq!(allowed, "the name of a text of the type lifted: lifted_explanation");
    assert_eq!(meant, ["lifted_explanation"]);
    // Members of what stands under a name are told as before.
    let inner = with(json!({"withheld": {"decision_facts": {"grund": "security"}}}));
    let told = ("ground or until".to_owned(), vec!["ground".to_owned()]);
    assert_eq!(error(&inner, "/withheld/decision_facts/grund"), told);
    for kind in
        ["no_action", "amendment", "outcome", "lifted", "withdrawal", "redaction", "void", "declaration"]
    {
        let (allowed, _) = error(&json!({"type": kind, "withheld": {"x": ground}}), "/withheld/x");
        assert!(!allowed.ends_with(": "), "{allowed}");
    }
}

#[test]
fn words_for_types_lead_to_types_and_hide_nothing() {
    let kind = |word: &str| near(&json!({"type": word}), "/type");
    for (word, meant) in [
        ("refusal", "no_action"),
        ("correction", "amendment"),
        ("takedown", "decision"),
        ("restored", "lifted"),
        ("no action", "no_action"),
        ("withdraw", "withdrawal"),
    ] {
        assert_eq!(kind(word)[0], meant, "{word}");
    }
    // The rest is judged by what was meant.
    let line = json!({"type": "refusal", "refusal_reason": "because", "puid": "case 17"});
    assert_eq!(near(&line, "/type"), ["no_action"]);
    near(&line, "/refusal_reason");
    near(&line, "/puid");
}

#[test]
fn a_type_that_is_none_hides_no_error_that_every_type_has() {
    let said = advice(&json!({
        "type": "haiku",
        "puid": "case 17",
        "provider_role": "host",
        "category": "FRAUD",
        "aplication_date": "2026-03-01",
        "application_date": "2026-02-30",
        "end_date": "tomorrow",
        "decided_at": "soon",
        "items": "many",
        "colour": "blue",
        "decision_facts": "A post was removed.",
        "legal_basis": {"kind": "terms"},
        "lifted_reason": "complied",
    }));
    let found: Vec<(&str, &str)> =
        said.errors.iter().map(|error| (error.path.as_str(), error.rule.as_str())).collect();
    let expected = [
        ("/aplication_date", "unknown-field"),
        ("/application_date", "grammar"),
        ("/category", "not-a-code"),
        ("/colour", "unknown-field"),
        ("/decided_at", "grammar"),
        ("/end_date", "grammar"),
        ("/items", "wrong-type"),
        ("/legal_basis/kind", "not-a-code"),
        ("/puid", "grammar"),
        ("/type", "not-a-code"),
    ];
    assert_eq!(found, expected);
    assert_eq!(said.errors[0].near, ["application_date"]);
    assert!(said.errors[3].allowed.as_ref().unwrap().contains("no type has"), "{:?}", said.errors[3]);
    assert!(said.completeness.is_none() && said.statement.is_none());
    // What is right in one type is no fault yet.
    let right = advice(&with(json!({"type": "haiku"})));
    assert_eq!(right.errors.len(), 1, "{:#?}", right.errors);
}

#[test]
fn what_is_wrong_in_a_sealed_line_is_helped_with_like_in_one_of_its_own() {
    let sealed = |inner: &Value| json!({"type": "sealed", "statement": inner});
    let inner =
        with(json!({"category": "FRAUD", "reason": "x", "withheld": {"facts": {"ground": "security"}}}));
    let said = advice(&sealed(&inner));
    let found: Vec<&str> = said.errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(found, ["/statement/category", "/statement/reason", "/statement/withheld/facts"]);
    let of_its_own = advice(&inner);
    for (error, own) in said.errors.iter().zip(&of_its_own.errors) {
        assert_eq!((&error.allowed, &error.near), (&own.allowed, &own.near), "{}", error.path);
    }
    // A text is not repeated there either.
    let private = with(json!({"order_authority": "Court of Jane D"}));
    let said = advice(&sealed(&private));
    assert_eq!(said.errors[0].path, "/statement/order_authority");
    assert_eq!(said.errors[0].given.as_deref(), Some("a text of 15 characters"));
}

#[test]
fn a_wrong_type_in_a_sealed_line_hides_no_other_error() {
    let rules = |inner: Value| {
        let said = advice(&json!({"type": "sealed", "statement": inner}));
        let rules = said.errors.into_iter().map(|error| {
            let path = error.path.strip_prefix("/statement").unwrap().to_owned();
            (path, error.rule, error.near.first().cloned())
        });
        rules.collect::<Vec<_>>()
    };
    let mut refusal = json!({"type": "no_action", "puid": "case 17", "refusal_reason": "because",
        "category": "FRAUD", "vocabulary": "dsa-tdb/3"});
    let right = rules(refusal.clone());
    for (word, meant) in [("refusal", "no_action"), ("no_actoin", "no_action")] {
        refusal["type"] = json!(word);
        let mut found = rules(refusal.clone());
        let wrong = ("/type".to_owned(), "not-a-code".to_owned(), Some(meant.to_owned()));
        assert!(found.contains(&wrong), "{found:?}");
        found.retain(|error| *error != wrong);
        assert_eq!(found, right, "{word}");
    }
    // Where nobody knows which one was meant, what is wrong in both is told, and nothing of the one only.
    for word in ["haiku", "lifted"] {
        refusal["type"] = json!(word);
        let found = rules(refusal.clone());
        for (path, rule, _) in &found {
            assert!(path == "/type" || right.iter().any(|(p, r, _)| p == path && r == rule), "{path} {rule}");
        }
        let names: Vec<&str> = found.iter().map(|(path, ..)| path.as_str()).collect();
        for path in ["/category", "/puid", "/type"] {
            assert!(names.contains(&path), "{word}: {names:?}");
        }
    }
}
