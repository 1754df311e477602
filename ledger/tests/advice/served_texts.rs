//! What should not stand in a text that is served.

use glasshouse_ledger::draft::advice::Advice;
use glasshouse_ledger::draft::advice::caution::Caution;
use serde_json::json;

use crate::line::{advice, warns, warns_of_nothing, with};

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
