//! Decisions in about the mix of the European database: most are found and decided by programs on the terms of service, few
//! have a keyword, hardly any says that something was illegal.

use serde_json::{Value, json};

/// The countries of the European Economic Area.
const COUNTRIES: [&str; 30] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT",
    "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// Categories, each with its weight.
const CATEGORIES: [(&str, u64); 8] = [
    ("STATEMENT_CATEGORY_OTHER_VIOLATION_TC", 40),
    ("STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS", 25),
    ("STATEMENT_CATEGORY_SCAMS_AND_FRAUD", 12),
    ("STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS", 9),
    ("STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", 6),
    ("STATEMENT_CATEGORY_VIOLENCE", 4),
    ("STATEMENT_CATEGORY_PROTECTION_OF_MINORS", 2),
    ("STATEMENT_CATEGORY_SELF_HARM", 2),
];

/// Languages, each with its weight.
const LANGUAGES: [(&str, u64); 8] =
    [("DE", 22), ("FR", 18), ("EN", 20), ("ES", 12), ("IT", 12), ("PL", 8), ("NL", 5), ("RO", 3)];

/// Numbers that look random and follow from a seed.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// One of several, by their weights.
    pub fn weighted<'a>(&mut self, from: &[(&'a str, u64)]) -> &'a str {
        let mut place = self.roll(from.iter().map(|(_, weight)| weight).sum());
        for (value, weight) in from {
            match place.checked_sub(*weight) {
                Some(rest) => place = rest,
                None => return value,
            }
        }
        from[0].0
    }
}

/// A word of a language that nobody speaks; low numbers are common.
fn word(dice: &mut Dice) -> String {
    let number = dice.roll(1 + dice.0 % 20_000);
    let syllables = ["ba", "ne", "ri", "to", "lu", "ska", "ver", "mon", "di", "pre"];
    let mut text = String::new();
    let mut rest = number + 10;
    while rest > 0 {
        text.push_str(syllables[usize::try_from(rest % 10).unwrap()]);
        rest /= 10;
    }
    text
}

fn words(dice: &mut Dice, many: u64) -> String {
    (0..many).map(|_| word(dice)).collect::<Vec<_>>().join(" ")
}

fn territory(dice: &mut Dice) -> Vec<&'static str> {
    if dice.roll(10) < 6 {
        return COUNTRIES.to_vec();
    }
    let mut some: Vec<&str> =
        (0..=dice.roll(3)).map(|_| COUNTRIES[usize::try_from(dice.roll(30)).unwrap()]).collect();
    some.sort_unstable();
    some.dedup();
    some
}

/// The decision of a number.
pub fn decision(seed: u64, number: u64) -> Value {
    let mut dice = Dice::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
    for _ in 0..4 {
        dice.roll(2);
    }
    let day = dice.roll(365);
    let mut line = json!({
        "type": "decision",
        "puid": format!("item-{number}"),
        "provider_role": "marketplace",
        "decision_visibility": [dice.weighted(&[("DECISION_VISIBILITY_CONTENT_REMOVED", 70),
            ("DECISION_VISIBILITY_CONTENT_DISABLED", 20), ("DECISION_VISIBILITY_CONTENT_DEMOTED", 10)])],
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": format!("Section {} of the terms of service.", dice.roll(30)),
        "incompatible_content_explanation": words(&mut dice, 12),
        "category": dice.weighted(&CATEGORIES),
        "content_type": [dice.weighted(&[("CONTENT_TYPE_PRODUCT", 60), ("CONTENT_TYPE_TEXT", 25), ("CONTENT_TYPE_IMAGE", 15)])],
        "content_date": "2025-10-01",
        "application_date": format!("2025-{:02}-{:02}", day / 31 + 1, day % 28 + 1),
        "territorial_scope": territory(&mut dice),
        "decision_facts": words(&mut dice, 25),
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": dice.weighted(&[("Yes", 85), ("No", 15)]),
        "automated_decision": dice.weighted(&[("AUTOMATED_DECISION_FULLY", 57),
            ("AUTOMATED_DECISION_PARTIALLY", 23), ("AUTOMATED_DECISION_NOT_AUTOMATED", 20)]),
        "legal_basis": {"kind": "terms_of_service"},
    });
    if dice.roll(10) < 7 {
        line["content_language"] = dice.weighted(&LANGUAGES).into();
    }
    if dice.roll(1_000) < 24 {
        line["category_specification"] = json!(["KEYWORD_OTHER"]);
    }
    if dice.roll(10_000) < 7 {
        line["decision_ground"] = "DECISION_GROUND_ILLEGAL_CONTENT".into();
        line["illegal_content_legal_ground"] = format!("Article {} of the code", dice.roll(300)).into();
        line["illegal_content_explanation"] = words(&mut dice, 12).into();
        let members = line.as_object_mut().unwrap();
        members.remove("incompatible_content_ground");
        members.remove("incompatible_content_explanation");
        members.insert("legal_basis".to_owned(), json!({"kind": "statute"}));
        members.insert("instrument".to_owned(), "The code of the country.".into());
    }
    line
}
