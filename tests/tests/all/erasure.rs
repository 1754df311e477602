//! Erasure is designed in: no entry and no static file holds a free text, a locator or a name.

use std::path::Path;

use glasshouse_tests::traces::files_below;
use glasshouse_tests::workload::{decision, now};
use glasshouse_tests::world::World;
use serde_json::json;

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[test]
fn no_text_reaches_an_entry_or_a_static_file() {
    let mut world = World::start(Path::new(env!("CARGO_BIN_EXE_glasshouse-under-test")));
    let publisher = world.enrol("one");
    let texts = [
        ("decision_facts", "Facts: a seller called Quixote Panza was reported."),
        ("incompatible_content_ground", "Clause 4.2 of the Barataria terms"),
        ("incompatible_content_explanation", "Explanation: windmills are not giants."),
        ("decision_ground_reference_url", "https://marketplace.example/terms/barataria"),
        ("category_specification_other", "Windmill fraud"),
        ("content_type_other", "A painted sign"),
        ("instrument", "Law on the Trade in Windmills"),
        ("provision", "Section 17, sentence 3"),
        ("contact", "legal@marketplace.example"),
        ("redress_url", "https://marketplace.example/appeal"),
        ("subject", "url:https://marketplace.example/sellers/quixote"),
        ("puid", "quixote-0001"),
    ];
    let mut line = decision(1);
    for (field, text) in texts {
        line[field] = json!(text);
    }
    line["category_specification"] = json!(["KEYWORD_OTHER"]);
    line["content_type"] = json!(["CONTENT_TYPE_OTHER"]);
    line["legal_basis"] = json!({"kind": "statute", "jurisdiction": "LU"});
    line["content_url"] = json!(["https://marketplace.example/listing/1"]);
    let signed = publisher.sign(&line, 1, now());
    assert!(signed.addenda().len() > texts.len(), "{:?}", signed.addenda().keys());
    let results = world.submit([&signed]);
    assert_eq!(results[0]["status"], "accepted", "{results:?}");

    let needles = [
        "Quixote",
        "quixote",
        "Barataria",
        "barataria",
        "indmill",
        "painted",
        "Section 17",
        "legal@",
        "appeal",
        "listing/1",
    ];
    // The texts did arrive: each needle but the withheld locator is served beside the log.
    let served: Vec<u8> = signed.served().flatten().copied().collect();
    for needle in needles.iter().filter(|needle| **needle != "listing/1") {
        assert!(contains(&served, needle), "{needle} is in no addendum: this test looks for the wrong thing");
    }
    assert!(!contains(&served, "listing/1"), "the locator is withheld unless told otherwise");
    let files = files_below(&world.dir().join("public"));
    assert!(files.len() > 5, "{files:?}");
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        for needle in needles {
            assert!(!contains(&bytes, needle), "{} holds {needle:?}", file.display());
            assert!(!file.display().to_string().contains(needle));
        }
    }
    for needle in needles {
        assert!(!contains(signed.entry(), needle), "the entry holds {needle:?}");
    }
}
