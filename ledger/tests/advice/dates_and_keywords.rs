//! Days that cannot be, and keywords under categories.

use glasshouse_ledger::draft::advice::caution::Caution;
use glasshouse_ledger::draft::advice::{Setting, advise};
use glasshouse_ledger::draft::json_line::JsonLine;
use serde_json::{Value, json};

use crate::line::{advice, seconds, setting, warns, warns_of_nothing, with};

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
fn a_text_is_withheld_until_a_day_that_is_to_come() {
    let until = |day: &str| json!({"withheld": {"instrument": {"ground": "security", "until": day}}});
    let path = "/withheld/instrument/until";
    // It is the 10th of March: on its last day an embargo is open still.
    for day in ["2026-03-10", "2026-03-11", "2099-12-31"] {
        warns_of_nothing(until(day));
    }
    warns(Caution::EmbargoPassed, path, until("2026-03-09"));
    // Before the decision, and to come: the decision lies ahead.
    let ahead = |day: &str| {
        with(json!({"application_date": "2026-05-01", "acted_at": null, "withheld": until(day)["withheld"]}))
    };
    let rules = |line: &Value| -> Vec<String> {
        advice(line).warnings.into_iter().map(|warning| warning.rule).collect()
    };
    assert_eq!(rules(&ahead("2026-04-30")), ["in-the-future", "embargo-before-decision"]);
    assert_eq!(rules(&ahead("2026-05-01")), ["in-the-future"]);
    let both = advice(&with(until("2025-06-01")));
    let found: Vec<(&str, &str)> =
        both.warnings.iter().map(|warning| (warning.rule.as_str(), warning.path.as_str())).collect();
    assert_eq!(found, [("embargo-before-decision", path), ("embargo-passed", path)]);
    // No embargo that is withheld by default has a day, and a served text has none.
    warns_of_nothing(
        json!({"content_url": ["https://forum.example/t/17"], "withheld": {"instrument": {"ground": "security"}}}),
    );
    // What cannot be read as a day is an error and nothing else.
    let wrong = advice(&with(until("09.03.2026")));
    assert!(wrong.warnings.is_empty() && wrong.errors[0].path == path, "{wrong:?}");
}

#[test]
fn the_embargo_of_a_sealed_line_is_held_against_what_it_seals() {
    let sealed = |outer: &str, inner: &str| {
        json!({"type": "sealed",
            "statement": with(json!({"withheld": {"instrument": {"ground": "security", "until": inner}}})),
            "withheld": {"sealed_statement": {"ground": "confidential_order", "until": outer}}})
    };
    let rules = |line: Value| -> Vec<(String, String)> {
        advice(&line).warnings.into_iter().map(|warning| (warning.rule, warning.path)).collect()
    };
    assert_eq!(rules(sealed("2026-09-01", "2026-09-01")), []);
    let expected = [
        ("embargo-before-decision", "/withheld/sealed_statement/until"),
        ("embargo-passed", "/withheld/sealed_statement/until"),
        ("embargo-passed", "/statement/withheld/instrument/until"),
    ];
    let expected = expected.map(|(rule, path)| (rule.to_owned(), path.to_owned()));
    assert_eq!(rules(sealed("2026-02-28", "2026-03-05")), expected);
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
    let vocabulary: Value = serde_json::from_str(include_str!("../../../spec/vocabulary.json")).unwrap();
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
    let vocabulary: Value = serde_json::from_str(include_str!("../../../spec/vocabulary.json")).unwrap();
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
