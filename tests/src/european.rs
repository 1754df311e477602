//! Made-up rows of the European database, in the mix that its real ones have, the same for the same seed.
//!
//! The shares are those of 36.6 billion statements from 2023-09-25 to 2026-01-10 (platforms, grounds, sources, automation,
//! keywords, days that cannot be); what is rarer than one in a million stands in a million rows all the same.

use std::path::Path;

use glasshouse_server::european::dump_writer::{DumpWriter, Written};
use glasshouse_server::european::layout::{COLUMNS, Layout};
use glasshouse_verifier::vocabulary::Vocabulary;

/// Seconds of a day.
const DAY: u64 = 86_400;
/// Platforms besides the one that has most.
const PLATFORMS: u64 = 189;

const EU: &str = r#"["AT","BE","BG","CY","CZ","DE","DK","EE","ES","FI","FR","GR","HR","HU","IE","IT","LT","LU","LV","MT","NL","PL","PT","RO","SE","SI","SK"]"#;
const EEA: &str = r#"["AT","BE","BG","CY","CZ","DE","DK","EE","ES","FI","FR","GR","HR","HU","IE","IS","IT","LI","LT","LU","LV","MT","NL","NO","PL","PT","RO","SE","SI","SK"]"#;

/// Categories that both versions of the vocabulary have, each with a keyword of it.
const CATEGORIES: [(&str, &str); 5] = [
    ("STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "KEYWORD_PHISHING"),
    ("STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", "KEYWORD_HATE_SPEECH"),
    ("STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS", "KEYWORD_TRADEMARK_INFRINGEMENT"),
    ("STATEMENT_CATEGORY_VIOLENCE", "KEYWORD_COORDINATED_HARM"),
    ("STATEMENT_CATEGORY_SELF_HARM", "KEYWORD_SUICIDE"),
];

/// What stands in facts besides plain sentences: what CSV readers stumble over.
const QUIRKS: [&str; 8] = [
    "It said \"free money\", twice.",
    "First line\nsecond line, with a comma",
    "A path: C:\\temp\\",
    "Escaped twice: he said \\\"no\\\", and left",
    "Tab\there; naïve café, Größe, 商品",
    "Ends in a quote: \\\"",
    "{\\\"label\\\":\\\"spam\\\",\\\"score\\\":0.98}",
    "\"\"",
];

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Debug, Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// True in so many cases of ten million.
    fn in_ten_million(&mut self, cases: u64) -> bool {
        self.below(10_000_000) < cases
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    fn uuid(&mut self) -> String {
        let hex = format!("{:016x}{:016x}", self.next(), self.next());
        let variant = &"89ab"[usize::try_from(self.below(4)).unwrap()..][..1];
        format!("{}-{}-4{}-{variant}{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }
}

/// The rows of one day.
#[derive(Debug, Clone)]
pub struct Day {
    random: Random,
    layout: Layout,
    /// Midnight, seconds since 1970 UTC.
    midnight: u64,
    rows: u64,
    made: u64,
}

impl Day {
    /// So many rows for a dump of that layout, created on the day that begins at `midnight`.
    pub fn new(seed: u64, layout: Layout, midnight: u64, rows: u64) -> Day {
        Day { random: Random(seed), layout, midnight, rows, made: 0 }
    }

    /// Writes them all as a dump.
    pub fn write(self, path: &Path) -> std::io::Result<Written> {
        let mut writer = DumpWriter::create(path, self.layout)?;
        for cells in self {
            writer.row(&cells)?;
        }
        writer.finish()
    }

    fn row(&mut self) -> Vec<String> {
        let mut cells = vec![String::new(); COLUMNS.len()];
        let random = &mut self.random;
        let mut put = |column: &str, text: String| {
            cells[COLUMNS.iter().position(|name| *name == column).unwrap()] = text;
        };
        let (number, rare) = (self.made, self.made % 1_000_000);
        put("uuid", random.uuid());
        let platform = match random.in_ten_million(8_150_000) {
            true => "Google Shopping".to_owned(),
            false => format!("Platform No. {}", 1 + random.below(PLATFORMS)),
        };
        measure(random, rare, &mut put);
        ground(random, rare, &platform, &mut put);
        category(random, &mut put);
        content(random, rare, self.layout, &mut put);
        source(random, rare, &mut put);
        facts(random, number, &platform, &mut put);
        let created = self.midnight + (number * DAY / self.rows.max(1)).min(DAY - 1);
        dates(random, rare, created, &mut put);
        put("platform_uid", platform_uid(random));
        put("platform_name", platform);
        self.made += 1;
        for (cell, column) in cells.iter_mut().zip(COLUMNS) {
            if !self.layout.has(column) {
                cell.clear();
            }
        }
        cells
    }
}

impl Iterator for Day {
    type Item = Vec<String>;

    fn next(&mut self) -> Option<Vec<String>> {
        (self.made < self.rows).then(|| self.row())
    }
}

type Put<'a> = &'a mut dyn FnMut(&str, String);

fn code(text: &str) -> String {
    text.to_owned()
}

fn list(codes: &[&str]) -> String {
    format!("[\"{}\"]", codes.join("\",\""))
}

fn measure(random: &mut Random, rare: u64, put: Put<'_>) {
    let end = "2026-12-31 00:00:00";
    match random.below(1_000) {
        0..=969 => {
            let other = rare == 3 || random.in_ten_million(20_000);
            let more = random.in_ten_million(100_000);
            put(
                "decision_visibility",
                match (other, more) {
                    (true, _) => list(&["DECISION_VISIBILITY_OTHER"]),
                    (_, true) => {
                        list(&["DECISION_VISIBILITY_CONTENT_DEMOTED", "DECISION_VISIBILITY_CONTENT_LABELLED"])
                    }
                    _ => list(&[random.pick(&[
                        "DECISION_VISIBILITY_CONTENT_REMOVED",
                        "DECISION_VISIBILITY_CONTENT_DISABLED",
                    ])]),
                },
            );
            if other {
                put("decision_visibility_other", code("Shown only behind a warning"));
            }
            if random.in_ten_million(500_000) {
                put("end_date_visibility_restriction", code(end));
            }
        }
        970..=989 => {
            put("decision_account", code("DECISION_ACCOUNT_SUSPENDED"));
            put("account_type", code(random.pick(&["ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE"])));
            put("end_date_account_restriction", code(end));
        }
        990..=995 => {
            put("decision_provision", code("DECISION_PROVISION_PARTIAL_SUSPENSION"));
            put("end_date_service_restriction", code(end));
        }
        996 => {
            put("decision_monetary", code("DECISION_MONETARY_OTHER"));
            put("decision_monetary_other", code("Payment held for thirty days"));
        }
        _ => {
            put("decision_monetary", code("DECISION_MONETARY_SUSPENSION"));
            put("end_date_monetary_restriction", code(end));
        }
    }
}

fn ground(random: &mut Random, rare: u64, platform: &str, put: Put<'_>) {
    if rare == 1 || random.in_ten_million(7_200) {
        put("decision_ground", code("DECISION_GROUND_ILLEGAL_CONTENT"));
        put("illegal_content_legal_ground", code("Regulation (EU) 2023/988, Article 22"));
        put("illegal_content_explanation", code("The product was recalled; offering it is not allowed."));
    } else {
        put("decision_ground", code("DECISION_GROUND_INCOMPATIBLE_CONTENT"));
        put(
            "incompatible_content_ground",
            format!("Terms of service of {platform}, section {}", random.below(20)),
        );
        put(
            "incompatible_content_explanation",
            code(
                "The listing promotes something that the policy for sellers does not permit on this service.",
            ),
        );
        match random.below(10) {
            0 => put("incompatible_content_illegal", code("Yes")),
            1..=4 => put("incompatible_content_illegal", code("No")),
            _ => {}
        }
    }
    if random.in_ten_million(3_000_000) {
        put("decision_ground_reference_url", format!("https://policies.example/{}", random.below(1_000)));
    }
}

fn category(random: &mut Random, put: Put<'_>) {
    let (category, keyword) = CATEGORIES[usize::try_from(random.below(5)).unwrap()];
    put("category", code(category));
    if random.in_ten_million(239_000) {
        let other = random.below(20) == 0;
        put("category_specification", list(&[if other { "KEYWORD_OTHER" } else { keyword }]));
        if other {
            put("category_specification_other", code("Counterfeit tickets"));
        }
    }
    if random.in_ten_million(50_000) && category != "STATEMENT_CATEGORY_VIOLENCE" {
        put("category_addition", list(&["STATEMENT_CATEGORY_VIOLENCE"]));
    }
}

fn content(random: &mut Random, rare: u64, layout: Layout, put: Put<'_>) {
    match random.below(100) {
        0 => {
            put("content_type", list(&["CONTENT_TYPE_OTHER"]));
            put("content_type_other", code("Ad, \"premium\""));
        }
        1 => put("content_type", list(&["CONTENT_TYPE_IMAGE", "CONTENT_TYPE_TEXT"])),
        2..=20 => put("content_type", list(&[random.pick(&["CONTENT_TYPE_TEXT", "CONTENT_TYPE_VIDEO"])])),
        _ => put("content_type", list(&["CONTENT_TYPE_PRODUCT"])),
    }
    if random.below(5) == 0 {
        put("content_language", code(random.pick(&["DE", "EN", "FR", "EL", "PL"])));
    }
    if rare == 5 && layout.version == Vocabulary::Version2 {
        put("content_id_ean", code("4006381333931"));
    }
    match random.below(10) {
        0..=5 => put("territorial_scope", code(EU)),
        6 | 7 => put("territorial_scope", code(EEA)),
        8 => put("territorial_scope", list(&[random.pick(&["AT", "DE", "FR", "IT", "NO"])])),
        _ => {}
    }
}

fn source(random: &mut Random, rare: u64, put: Put<'_>) {
    let kind = if rare == 7 || random.in_ten_million(160) {
        "SOURCE_TRUSTED_FLAGGER"
    } else if random.in_ten_million(7_800) {
        "SOURCE_ARTICLE_16"
    } else if random.in_ten_million(100_000) {
        "SOURCE_TYPE_OTHER_NOTIFICATION"
    } else {
        "SOURCE_VOLUNTARY"
    };
    put("source_type", code(kind));
    if kind != "SOURCE_VOLUNTARY" && (rare == 7 || random.below(2) == 0) {
        put("source_identity", code("Example Flaggers e.V."));
    }
    put("automated_detection", code(if random.below(100) < 95 { "Yes" } else { "No" }));
    let automated = match random.below(1_000) {
        0..=566 => "AUTOMATED_DECISION_FULLY",
        567..=766 => "AUTOMATED_DECISION_PARTIALLY",
        _ => "AUTOMATED_DECISION_NOT_AUTOMATED",
    };
    put("automated_decision", code(automated));
}

fn facts(random: &mut Random, number: u64, platform: &str, put: Put<'_>) {
    let plain = "The decision rests on the content itself, on information about the account, on its history, and on what was \
                 reported; it was taken after automated checks that compare what is offered with the policies of the service.";
    let text = match number % 100 {
        quirk @ 0..=7 => QUIRKS[usize::try_from(quirk).unwrap()].to_owned(),
        8 => format!("{plain} {}", "Further details were given to the recipient. ".repeat(20).trim_end()),
        _ => format!("{plain} Service: {platform}, rule {}.", random.below(5_000)),
    };
    put("decision_facts", text);
}

fn dates(random: &mut Random, rare: u64, created: u64, put: Put<'_>) {
    // The mean time between a decision and its submission is 6.4 days; most are submitted at once.
    let late = if random.below(4) == 0 { random.below(52) * DAY } else { 0 };
    let applied = match rare == 11 || random.in_ten_million(270) {
        true => created + DAY,
        false => created - late,
    };
    let hosted = match rare == 13 || random.in_ten_million(390) {
        true => applied + 2 * DAY,
        false => applied - random.below(400) * DAY,
    };
    put("application_date", format!("{} 00:00:00", &time(applied)[..10]));
    put("content_date", format!("{} 00:00:00", &time(hosted)[..10]));
    put("created_at", time(created));
}

fn platform_uid(random: &mut Random) -> String {
    match random.below(1_000) {
        // Older statements have numbers that do not fit the grammar of today.
        0 => format!("user {}/{}", random.below(1_000_000), random.next()),
        1..=300 => format!("ad-{}", random.uuid()),
        _ => format!("{}_{:016x}", random.below(100_000_000), random.next()),
    }
}

/// `YYYY-MM-DD hh:mm:ss`.
fn time(seconds: u64) -> String {
    let instant = glasshouse_verifier::instant::Instant::new(seconds).unwrap().to_string();
    instant.replacen('T', " ", 1).trim_end_matches('Z').to_owned()
}
