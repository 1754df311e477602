//! What is said of a line before it is published: every warning where it belongs and nowhere else, every rule explained.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;

use glasshouse_ledger::draft::advice::caution::{Caution, Weight};
use glasshouse_ledger::draft::advice::completeness::{Owed, State};
use glasshouse_ledger::draft::advice::explanation::Explanation;
use glasshouse_ledger::draft::advice::{Advice, Setting, advise, glossary};
use glasshouse_ledger::draft::json_line::{JsonLine, LineFault};
use glasshouse_verifier::instant::Instant;
use serde_json::{Value, json};

fn seconds(text: &str) -> u64 {
    Instant::parse_rfc3339(text).unwrap().seconds()
}

fn setting() -> Setting {
    Setting { now: seconds("2026-03-10T09:00:00Z"), role: None }
}

/// A host's decision with nothing to warn of.
fn line() -> Value {
    json!({
        "puid": "case-17",
        "provider_role": "host",
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
        "illegal_content_legal_ground": "§ 130 StGB",
        "illegal_content_explanation": "It calls for violence against a group.",
        "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
        "category_specification": ["KEYWORD_CYBER_HARASSMENT"],
        "content_type": ["CONTENT_TYPE_TEXT"],
        "content_date": "2026-02-27",
        "application_date": "2026-03-01",
        "acted_at": "2026-03-01T12:00:00Z",
        "territorial_scope": ["DE"],
        "source_type": "SOURCE_ARTICLE_16",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "legal_basis": {"kind": "statute", "jurisdiction": "DE"},
        "instrument": "Strafgesetzbuch",
        "decision_facts": "A post that calls for violence was reported and removed.",
        "redress": ["internal_complaint", "judicial"],
    })
}

fn with(changes: Value) -> Value {
    let mut line = line();
    for (name, value) in changes.as_object().unwrap() {
        line[name] = value.clone();
    }
    line
}

fn advice(line: &Value) -> Advice {
    advise(&JsonLine::parse(line.to_string().as_bytes()).unwrap(), &setting())
}

/// Rule and path of each warning.
fn warned(changes: Value) -> Vec<(String, String)> {
    let advice = advice(&with(changes));
    assert!(advice.errors.is_empty(), "{:#?}", advice.errors);
    advice.warnings.into_iter().map(|warning| (warning.rule, warning.path)).collect()
}

#[track_caller]
fn warns(rule: Caution, path: &str, changes: Value) {
    assert_eq!(warned(changes.clone()), [(rule.as_str().to_owned(), path.to_owned())], "{changes}");
}

#[track_caller]
fn warns_of_nothing(changes: Value) {
    assert_eq!(warned(changes.clone()), [], "{changes}");
}

#[test]
fn a_good_line_is_left_alone() {
    warns_of_nothing(json!({}));
}

#[test]
fn days_and_instants_ahead_of_every_clock() {
    let rule = Caution::InTheFuture;
    let later = json!({"application_date": "2026-03-11", "acted_at": null});
    warns(rule, "/application_date", later.clone());
    // At 09:00 UTC it is the 10th everywhere; from 10:00 on it is the 11th on the Line Islands.
    let mut setting = setting();
    let at_ten = |setting: &Setting| {
        advise(&JsonLine::parse(with(later.clone()).to_string().as_bytes()).unwrap(), setting)
    };
    setting.now = seconds("2026-03-10T10:00:00Z");
    assert!(at_ten(&setting).warnings.is_empty());
    warns_of_nothing(json!({"application_date": "2026-03-10", "acted_at": null}));
    let refused = json!({"type": "no_action", "refusal_reason": "not_illegal", "decision_visibility": null, "acted_at": null,
        "decision_ground": null, "illegal_content_legal_ground": null, "illegal_content_explanation": null,
        "application_date": null, "notice_received": "2026-03-10T09:11:00Z"});
    warns(rule, "/notice_received", refused.clone());
    let mut past = refused;
    past["notice_received"] = json!("2026-03-10T09:09:00Z");
    warns_of_nothing(past);
    let order = |received: &str| json!({"legal_basis": {"kind": "court_order", "order": {"authority_kind": "court", "country": "DE", "received": received}}});
    warns(rule, "/legal_basis/order/received", order("2027-01-01T00:00:00Z"));
    warns_of_nothing(order("2026-02-28T00:00:00Z"));
}

#[test]
fn dates_in_the_wrong_order() {
    warns(Caution::ContentAfterDecision, "/content_date", json!({"content_date": "2026-03-02"}));
    warns_of_nothing(json!({"content_date": "2026-03-01"}));
    let path = "/end_date_visibility_restriction";
    warns(Caution::EndBeforeStart, path, json!({"end_date_visibility_restriction": "2026-02-28"}));
    warns_of_nothing(json!({"end_date_visibility_restriction": "2026-03-01"}));
    warns_of_nothing(json!({"end_date_visibility_restriction": "2031-03-01"}));
    for (acted, fires) in [
        ("2026-02-28T09:59:59Z", true),
        ("2026-02-28T10:00:00Z", false),
        ("2026-03-02T11:59:59Z", false),
        ("2026-03-02T12:00:00Z", true),
    ] {
        match fires {
            true => warns(Caution::ActedOnAnotherDay, "/acted_at", json!({"acted_at": acted})),
            false => warns_of_nothing(json!({"acted_at": acted})),
        }
    }
    let order = |issued: &str, received: &str, deadline: &str| {
        json!({"legal_basis": {"kind": "court_order", "order": {"authority_kind": "court", "country": "DE",
            "issued": issued, "received": received, "deadline": deadline}}})
    };
    let (one, two, three) = ("2026-02-26T08:00:00Z", "2026-02-27T08:00:00Z", "2026-02-28T08:00:00Z");
    warns_of_nothing(order(one, two, three));
    warns_of_nothing(order(one, one, one));
    warns(Caution::DeadlineBeforeReceipt, "/legal_basis/order/deadline", order(one, three, two));
    warns(Caution::ReceiptBeforeIssue, "/legal_basis/order/received", order(two, one, three));
}

#[test]
fn keywords_and_their_categories() {
    let rule = Caution::KeywordOutsideCategory;
    warns(rule, "/category_specification", json!({"category_specification": ["KEYWORD_PHISHING"]}));
    warns_of_nothing(json!({"category_specification": ["KEYWORD_PHISHING"],
        "category_addition": ["STATEMENT_CATEGORY_SCAMS_AND_FRAUD"]}));
    let other = json!(["KEYWORD_OTHER"]);
    warns_of_nothing(
        json!({"category_specification": other, "category_specification_other": "Sale of exam papers"}),
    );
    warns(Caution::OtherWithoutText, "/category_specification", json!({"category_specification": other}));
    let listed_nowhere = json!({"category_specification": ["KEYWORD_STALKING"]});
    warns(Caution::KeywordListedNowhere, "/category_specification", listed_nowhere);
    // Version 1 has no list of keywords by category.
    warns_of_nothing(json!({"vocabulary": "dsa-tdb/1", "category": "STATEMENT_CATEGORY_VIOLENCE",
        "category_specification": ["KEYWORD_PHISHING"]}));
}

#[test]
fn every_keyword_stands_under_the_category_of_the_vocabulary() {
    let vocabulary: Value = serde_json::from_str(include_str!("../../spec/vocabulary.json")).unwrap();
    let categories = vocabulary["v2_keyword_by_category"].as_object().unwrap();
    let mut pairs = 0;
    for (category, keywords) in categories {
        for (of, listed) in categories {
            for keyword in listed.as_array().unwrap() {
                let advice =
                    advice(&with(json!({"category": category, "category_specification": [keyword]})));
                let warned =
                    advice.warnings.iter().any(|w| w.rule == Caution::KeywordOutsideCategory.as_str());
                assert_eq!(warned, of != category, "{category} {keyword}");
                pairs += 1;
            }
        }
        assert!(keywords.is_array());
    }
    assert!(pairs > 900, "{pairs} pairs");
}

#[test]
fn codes_of_version_1_are_named_with_their_successors() {
    let vocabulary: Value = serde_json::from_str(include_str!("../../spec/vocabulary.json")).unwrap();
    let mut seen = 0;
    for (field, renamed) in vocabulary["v1_to_v2"].as_object().unwrap() {
        for (old, new) in renamed.as_object().unwrap() {
            let given = if field == "category" { json!(old) } else { json!([old]) };
            let advice = advice(&with(json!({field: given})));
            let error = advice.errors.iter().find(|error| error.path == format!("/{field}")).unwrap();
            assert_eq!(error.near, new.as_str().into_iter().collect::<Vec<_>>(), "{old}");
            seen += 1;
        }
    }
    assert_eq!(seen, 14);
}

#[test]
fn personal_data_in_a_text_that_is_served() {
    for (rule, text) in [
        (Caution::LooksLikeEmail, "The notice came from jane@mail.example."),
        (Caution::LooksLikePhone, "It gave her number, +49 30 1234567."),
        (Caution::LooksLikeIban, "Money was asked to DE89 3704 0044 0532 0130 00."),
        (Caution::LooksLikeIpAddress, "Posted from 203.0.113.77."),
        (Caution::LooksLikeAccount, "Posted by @jane_doe."),
        (Caution::LooksLikeUrl, "The page https://forum.example/t/17 was removed."),
    ] {
        warns(rule, "/decision_facts", json!({"decision_facts": text}));
        let withheld = json!({"decision_facts": {"ground": "personal_data"}});
        warns_of_nothing(json!({"decision_facts": text, "withheld": withheld}));
        let advice = advice(&with(json!({"decision_facts": text})));
        let given = advice.warnings[0].given.clone().unwrap();
        for datum in ["jane@mail", "1234567", "3704", "203.0.113.77", "jane_doe", "forum.example"] {
            assert!(!given.contains(datum), "{given} repeats {datum}");
        }
    }
    let twice = json!({"decision_facts": "jane@mail.example, bob@mail.example and eve@mail.example"});
    let said = advice(&with(twice)).warnings[0].given.clone().unwrap();
    assert_eq!(said, "j…@m….example at character 1, and 2 more");
}

#[test]
fn fields_that_are_made_for_such_a_thing_are_left_alone() {
    warns_of_nothing(json!({"contact": "appeals@host.example, +49 30 1234567, https://host.example/appeal"}));
    warns_of_nothing(json!({"redress_url": "https://host.example/appeal/17"}));
    warns_of_nothing(json!({"decision_ground_reference_url": "https://host.example/rules"}));
    let mirrored = json!({"attribution": "press", "attributed_to": "Host",
        "attribution_source": "https://press.example/2026/03/01"});
    warns_of_nothing(mirrored);
    warns_of_nothing(json!({"subject": "domain:forum.example"}));
    warns_of_nothing(json!({"subject": "account:jane", "content_url": ["https://forum.example/t/17"]}));
    warns_of_nothing(
        json!({"illegal_content_explanation": "See https://eur-lex.europa.eu/eli/reg/2022/2065/oj"}),
    );
    warns(
        Caution::LooksLikeEmail,
        "/attribution_source",
        json!({"attribution": "press", "attributed_to": "Host", "attribution_source": "jane@mail.example"}),
    );
    warns(
        Caution::LooksLikeAccount,
        "/subject",
        json!({"subject": "account:jane", "withheld": {"subject": false}}),
    );
}

#[test]
fn a_served_locator_of_illegal_content() {
    let served = |ground: &str| {
        json!({"content_url": "https://forum.example/t/17", "withheld": {"content_url": false}, "decision_ground": ground,
            "incompatible_content_ground": "Section 4", "incompatible_content_explanation": "Not permitted."})
    };
    let illegal = advice(&with(served("DECISION_GROUND_ILLEGAL_CONTENT")));
    let rules = |advice: &Advice| -> Vec<String> { advice.warnings.iter().map(|w| w.rule.clone()).collect() };
    assert!(rules(&illegal).contains(&"illegal-content-locator".to_owned()), "{:?}", illegal.warnings);
    let incompatible = advice(&with(served("DECISION_GROUND_INCOMPATIBLE_CONTENT")));
    assert!(!rules(&incompatible).contains(&"illegal-content-locator".to_owned()));
    assert!(rules(&incompatible).contains(&"looks-like-url".to_owned()));
    let subject = json!({"subject": "url:https://forum.example/t/17", "withheld": {"subject": false}});
    warns(Caution::IllegalContentLocator, "/subject", subject);
    let notifier = json!({"source_identity": "A neighbour", "withheld": {"source_identity": false}});
    warns(Caution::NotifierServed, "/source_identity", notifier);
    warns_of_nothing(json!({"source_identity": "A neighbour"}));
}

#[test]
fn a_locator_in_a_text_under_a_keyword_that_hides_locators() {
    let under = |keyword: &str, category: &str, text: &str| json!({"category": category, "category_specification": [keyword], "decision_facts": text});
    let (terror, public) = ("KEYWORD_TERRORIST_CONTENT", "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY");
    for text in
        ["At https://video.example/v/1.", "On video.example.", "Under https://video.example/policy/1."]
    {
        warns(Caution::LocatorInText, "/decision_facts", under(terror, public, text));
    }
    warns_of_nothing(under(terror, public, "A video."));
    warns_of_nothing(under("KEYWORD_ILLEGAL_ORGANIZATIONS", public, "On video.example."));
}

#[test]
fn what_article_17_asks_of_a_host() {
    warns(Caution::Article17Missing, "/redress", json!({"redress": null}));
    warns(Caution::Article17Missing, "/territorial_scope", json!({"territorial_scope": []}));
    warns_of_nothing(json!({"redress": null, "redress_url": "https://host.example/appeal"}));
    let list = |changes: Value| advice(&with(changes)).completeness.unwrap();
    let whole = list(json!({}));
    assert_eq!((whole.owed, whole.points.len()), (Owed::Owed, 12));
    let letters: String = whole.points.iter().map(|point| point.letter).collect();
    assert_eq!(letters, "aaabbccddeef");
    let not_said: Vec<char> =
        whole.points.iter().filter(|p| p.state == State::NotApplicable).map(|p| p.letter).collect();
    assert_eq!(not_said, ['e', 'e']);
    assert!(whole.points.iter().all(|point| point.state != State::Missing));
    // Who followed an order, or was no host, or reports somebody else's decision, owes nothing: no warning.
    let order = json!({"authority_kind": "court", "country": "DE"});
    let ordered = json!({"redress": null, "legal_basis": {"kind": "court_order", "order": order}});
    warns_of_nothing(ordered.clone());
    assert_eq!(list(ordered).owed, Owed::NotOwed);
    let mirror = json!({"redress": null, "attribution": "mirror", "attributed_to": "Host"});
    assert_eq!(list(mirror.clone()).owed, Owed::NotOwed);
    warns_of_nothing(mirror);
    let unsure = json!({"redress": null, "provider_role": "other"});
    assert_eq!(list(unsure.clone()).owed, Owed::Unclear);
    warns_of_nothing(unsure);
}

#[test]
fn an_infrastructure_provider_is_told_that_the_list_is_not_owed() {
    let line = json!({"puid": "a", "provider_role": "reverse_proxy", "infrastructure_measure": ["block_page"],
        "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE", "application_date": "2026-03-01",
        "source_type": "SOURCE_VOLUNTARY", "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED", "legal_basis": {"kind": "emergency"},
        "decision_facts": "Threats had grown."});
    let advice = advice(&line);
    assert!(advice.errors.is_empty() && advice.warnings.is_empty(), "{advice:?}");
    let list = advice.completeness.unwrap();
    assert_eq!(list.owed, Owed::NotOwed);
    assert!(list.because.contains("still useful"));
    let missing: String =
        list.points.iter().filter(|p| p.state == State::Missing).map(|p| p.letter).collect();
    assert_eq!(missing, "addeef");
}

#[test]
fn what_was_left_out_left_open_or_said_twice() {
    let left = json!({"incompatible_content_ground": "Section 4"});
    warns(Caution::LeftOut, "/incompatible_content_ground", left);
    let mut open = line();
    open.as_object_mut().unwrap().remove("provider_role");
    let said = advice(&open);
    assert!(said.errors.is_empty(), "{:?}", said.errors);
    let rules: Vec<&str> = said.warnings.iter().map(|warning| warning.rule.as_str()).collect();
    assert_eq!(rules, ["role-left-out"]);
    let entry = &said.statement.unwrap()["entry"];
    assert!(entry.get("provider_role").is_none() && entry.get("category").is_some());
    // Under the role that is given, the role's own rules hold.
    let mut cdn = setting();
    cdn.role = Some("cdn".to_owned());
    let under = advise(&JsonLine::parse(open.to_string().as_bytes()).unwrap(), &cdn);
    assert!(under.warnings.iter().all(|warning| warning.rule != "role-left-out"));
    assert!(under.errors.iter().any(|error| error.path == "/content_type" && error.rule == "forbidden"));
    let text = line().to_string().replacen('{', r#"{"puid":"first","#, 1);
    let twice = advise(&JsonLine::parse(text.as_bytes()).unwrap(), &setting());
    assert_eq!((twice.warnings.len(), twice.warnings[0].rule.as_str()), (1, "repeated-member"));
    assert_eq!(twice.warnings[0].path, "/puid");
}

#[test]
fn ten_mistakes_are_named_at_once_each_with_a_way_out() {
    let advice = advice(&json!({
        "typ": "decision",
        "puid": "case 17",
        "provider_role": "hoster",
        "decision_visibility": ["REMOVED"],
        "category": "FRAUD",
        "aplication_date": "2026-03-01",
        "content_date": "01.03.2026",
        "acted_at": "yesterday",
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "maybe",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "legal_basis": {"kind": "court order", "juristiction": "DE"},
        "decision_facts": 17,
        "withheld": {"decision_fact": false},
    }));
    let found: Vec<(&str, &str, Vec<&str>)> = advice
        .errors
        .iter()
        .map(|e| (e.path.as_str(), e.rule.as_str(), e.near.iter().take(1).map(String::as_str).collect()))
        .collect();
    let expected = [
        ("/acted_at", "grammar", vec![]),
        ("/aplication_date", "unknown-field", vec!["application_date"]),
        ("/application_date", "required", vec![]),
        ("/automated_detection", "not-a-code", vec![]),
        ("/category", "not-a-code", vec!["STATEMENT_CATEGORY_SCAMS_AND_FRAUD"]),
        ("/content_date", "grammar", vec![]),
        ("/decision_facts", "wrong-type", vec![]),
        ("/decision_visibility", "not-a-code", vec!["DECISION_VISIBILITY_CONTENT_REMOVED"]),
        ("/legal_basis/juristiction", "unknown-field", vec!["jurisdiction"]),
        ("/legal_basis/kind", "not-a-code", vec!["court_order"]),
        ("/provider_role", "not-a-code", vec!["host"]),
        ("/puid", "grammar", vec![]),
        ("/typ", "unknown-field", vec!["type"]),
        ("/withheld/decision_fact", "unknown-field", vec!["decision_facts"]),
    ];
    assert_eq!(found, expected);
    assert!(advice.errors.iter().all(|error| error.allowed.is_some()), "{:#?}", advice.errors);
    let given: Vec<&str> = advice.errors.iter().filter_map(|error| error.given.as_deref()).collect();
    assert!(given.contains(&"17") && given.contains(&"maybe") && given.contains(&"court order"), "{given:?}");
    let category = advice.errors.iter().find(|error| error.path == "/category").unwrap();
    assert!(category.allowed.as_ref().unwrap().contains("/api/v1/vocabulary"));
    assert!(advice.statement.is_none());
}

#[test]
fn a_misspelt_type_hides_no_other_error() {
    let mut wrong = with(json!({"type": "desicion", "category": "FRAUD"}));
    let said = advice(&wrong);
    let paths: Vec<&str> = said.errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["/category", "/type"]);
    assert_eq!(said.errors[1].near[0], "decision");
    wrong["provider_role"] = Value::Null;
    assert_eq!(advice(&wrong).errors.len(), 2);
    wrong["type"] = json!("decision");
    assert_eq!(advice(&wrong).errors.len(), 1);
}

#[test]
fn a_preview_shows_what_stands_where_and_no_text() {
    let line = with(json!({
        "subject": "account:jane",
        "content_url": ["https://forum.example/t/17"],
        "relates_to": [{"relation": "follows", "entry": "puid:case-16"}, {"relation": "precedent", "uri": "https://a.example"}],
        "withheld": {"instrument": {"ground": "other", "until": "2027-01-01"}},
    }));
    let said = advice(&line);
    assert!(said.errors.is_empty(), "{:?}", said.errors);
    let statement = said.statement.unwrap();
    let (entry, texts) = (&statement["entry"], &statement["texts"]);
    assert_eq!(entry["type"], "decision");
    assert_eq!(entry["relates_to"][0]["entry"], "puid:case-16");
    assert!(
        entry.get("decision_facts").is_none()
            && entry.get("addenda").is_none()
            && entry.get("sequence").is_none()
    );
    assert!(entry["sub"].as_str().unwrap().starts_with("s:"));
    assert_eq!(texts["decision_facts"], json!({"place": "served", "characters": 56}));
    assert_eq!(texts["content_url"], json!({"place": "withheld", "ground": "personal_data", "texts": 1}));
    assert_eq!(texts["instrument"]["until"], "2027-01-01");
    assert!(!statement.to_string().contains("jane") && !statement.to_string().contains("forum.example"));
    assert_eq!(said.references.len(), 1);
    assert_eq!(said.references[0].0, "/relates_to/0/entry");
    let open = with(json!({"subject": "domain:forum.example", "subject_in_entry": true}));
    assert_eq!(advice(&open).statement.unwrap()["entry"]["sub"], "domain:forum.example");
}

#[test]
fn every_rule_is_explained_once_and_by_every_name() {
    let mut names: Vec<&str> = Explanation::all().map(|explanation| explanation.rule).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a rule is explained twice");
    let payload_page = include_str!("../../spec/payload.md");
    let errors = payload_page.split("### Errors").nth(1).unwrap().split("## ").next().unwrap();
    let listed: BTreeSet<&str> = errors
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
        .collect();
    assert!(listed.len() >= 15, "{listed:?}");
    let faults = [
        LineFault::TooLong,
        LineFault::TooManyValues,
        LineFault::TooDeep,
        LineFault::NotJson { column: 0, why: String::new() },
        LineFault::NotAnObject,
    ];
    let of_lines = faults.iter().map(LineFault::rule).chain(["already-published", "role-not-enrolled"]);
    let cautions = Caution::ALL.iter().map(|caution| caution.as_str());
    for name in listed.into_iter().chain(of_lines).chain(cautions) {
        let explanation =
            Explanation::find(name).unwrap_or_else(|near| panic!("{name} is not explained: {near:?}"));
        for text in [explanation.meaning, explanation.wrong, explanation.right] {
            assert!(text.len() > 8, "{name}: {text}");
        }
        assert_ne!(explanation.wrong, explanation.right, "{name}");
    }
    assert_eq!(Explanation::find("not-a-cod").unwrap_err()[0], "not-a-code");
}

#[test]
fn the_page_lists_every_warning_with_its_weight() {
    let page = include_str!("../../spec/authoring.md");
    for caution in Caution::ALL {
        let weight = match caution.weight() {
            Weight::Error => "error",
            Weight::Warning => "warning",
            Weight::Note => "note",
        };
        let row = format!("| `{}` | {weight} |", caution.as_str());
        assert!(page.contains(&row), "spec/authoring.md has no row {row}");
    }
    let rows = page.lines().filter(|line| {
        line.starts_with("| `") && (line.contains("` | warning |") || line.contains("` | note |"))
    });
    assert_eq!(rows.count(), Caution::ALL.len());
}

#[test]
fn hostile_lines_get_bounded_answers() {
    let size = |advice: &Advice| {
        let texts = advice.errors.iter().chain(&advice.warnings);
        texts.map(|finding| serde_json::to_string(finding).unwrap().len()).sum::<usize>()
    };
    let unknown: serde_json::Map<String, Value> =
        (0..19_000).map(|number| (format!("{number:0700}"), json!(1))).collect();
    let said = advice(&Value::Object(unknown));
    assert_eq!(said.errors.len(), 256);
    assert!(said.more_errors > 18_000);
    assert!(size(&said) < 256 * 1_000, "{}", size(&said));
    let long = advice(&json!({"x".repeat(10 << 20): "y".repeat(5 << 20)}));
    assert!(size(&long) < 20_000);
    let text = advice(&with(json!({"decision_facts": "jane@mail.example ".repeat(500_000)})));
    assert!(text.errors.iter().any(|error| error.rule == "too-long"));
    assert!(size(&text) < 20_000);
    let numbers = r#"{"items": 1e308, "puid": 99999999999999999999999999, "application_date": -0}"#;
    let said = advise(&JsonLine::parse(numbers.as_bytes()).unwrap(), &setting());
    for path in ["/items", "/puid", "/application_date"] {
        assert!(said.errors.iter().any(|error| error.path == path && error.rule == "wrong-type"), "{path}");
    }
}

#[test]
fn every_word_of_a_line_can_be_asked_for() {
    let words: BTreeSet<&str> = glossary::words().collect();
    assert!(words.len() > 100, "{}", words.len());
    for word in &words {
        let (kind, field, codes) =
            (glossary::find_type(word), glossary::find_field(word), glossary::find_codes(word));
        assert!(kind.is_some() || field.is_some() || codes.is_some(), "{word}");
        assert!(field.is_none_or(|field| !field.holds.is_empty()), "{word}");
    }
    let decision = glossary::find_type("decision").unwrap();
    assert!(decision.required.contains(&"decision_facts") && decision.optional.contains(&"redress"));
    assert_eq!(glossary::find_field("category").unwrap().required_in, ["decision", "no_action"]);
    assert_eq!(glossary::find_codes("legal_basis").unwrap().name, "legal_basis_kind");
    for none in ["genesis", "log_vkeys", "colour", ""] {
        assert!(glossary::find_type(none).is_none() && glossary::find_field(none).is_none(), "{none}");
    }
}
