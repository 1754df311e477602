//! A provider's story, told by dice, and the slow and obvious answer to queries about it: every entry read from the log and held
//! against the query.

use std::collections::BTreeMap;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::current::{Current, CurrentReader};
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::query::{Parameter, Query};
use glasshouse_ledger::reader::Reader;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::{FieldName, MEASURES};
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::submission::{SubmissionSlices, encode_batch};
use serde_json::{Value, json};

use crate::world::{About, World, decision_line, later, sign};

/// Numbers that look random and are the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }
}

const CATEGORIES: [&str; 3] =
    ["STATEMENT_CATEGORY_VIOLENCE", "STATEMENT_CATEGORY_SELF_HARM", "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"];
const KEYWORDS: [&str; 2] = ["KEYWORD_PHISHING", "KEYWORD_HATE_SPEECH"];
const WORDS: [&str; 6] = ["danger", "order", "court", "forum", "harm", "listing"];
const DAYS: [&str; 4] = ["2022-09-03", "2022-10-01", "2023-01-31", "2024-02-29"];

fn decision(world: &World, dice: &mut Dice, number: u64) -> Signed {
    let mut line = decision_line(number);
    line["category"] = dice.pick(&CATEGORIES).into();
    line["application_date"] = dice.pick(&DAYS).into();
    line["automated_detection"] = dice.pick(&["Yes", "No"]).into();
    line["decision_facts"] =
        format!("{} {} {}", dice.pick(&WORDS), dice.pick(&WORDS), dice.pick(&WORDS)).into();
    if dice.roll(3) == 0 {
        line["category_specification"] = json!([dice.pick(&KEYWORDS)]);
    }
    if dice.roll(2) == 0 {
        line["territorial_scope"] = json!(["AT", dice.pick(&["BE", "DE", "FR"])]);
    }
    if dice.roll(2) == 0 {
        let host = json!({"provider_role": "host", "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
            "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "incompatible_content_ground": "Clause 4",
            "incompatible_content_explanation": "Not allowed here.", "content_type": ["CONTENT_TYPE_TEXT"],
            "content_date": "2022-09-01", "content_language": dice.pick(&["DE", "FR"])});
        let members = line.as_object_mut().unwrap();
        members.remove("infrastructure_measure");
        members.extend(host.as_object().unwrap().clone());
    }
    if dice.roll(3) == 0 {
        let country = dice.pick(&["DE", "US"]);
        line["legal_basis"] =
            json!({"kind": "court_order", "order": {"authority_kind": "court", "country": country}});
        line["source_type"] = "SOURCE_TYPE_OTHER_NOTIFICATION".into();
        line["order_authority"] = dice.pick(&["Landgericht Hamburg", "District Court"]).into();
    }
    sign(&world.provider, &Draft::from_json(&line).unwrap(), number)
}

/// What a provider did so far.
pub(crate) struct Story {
    pub(crate) dice: Dice,
    pub(crate) filed: Vec<Signed>,
    pub(crate) next: u64,
}

impl Story {
    pub(crate) fn new(seed: u64) -> Story {
        Story { dice: Dice(seed), filed: Vec::new(), next: 1 }
    }

    /// The next statement: a decision or something about what was filed before.
    fn tell(&mut self, world: &World) -> (Signed, Option<usize>) {
        let (number, many) = (self.next, self.filed.len() as u64);
        let kind = if many < 3 { 0 } else { self.dice.roll(12) };
        if kind < 5 {
            return (decision(world, &mut self.dice, number), None);
        }
        let target = usize::try_from(self.dice.roll(many)).unwrap();
        let dice = &mut self.dice;
        let about = match dice.roll(3) {
            0 => {
                let first = dice.roll(many) + 1;
                About::Numbers(first, (first + dice.roll(6)).min(many))
            }
            _ => About::Entry(&self.filed[target]),
        };
        let (kind, fields) = match kind {
            5 => ("lifted", json!({"end_date": "2024-04-01", "lifted_reason": "complied"})),
            6 | 7 => (
                "amendment",
                json!({"amendment_reason": "wrong_category", "category": dice.pick(&CATEGORIES),
                "decision_facts": format!("amended {}", dice.pick(&WORDS))}),
            ),
            8 => (
                "outcome",
                json!({"procedure": dice.pick(&["court", "internal_complaint"]),
                "result": dice.pick(&["reversed", "upheld", "partially_reversed"]), "decided_at": 1_700_000_000}),
            ),
            9 => ("withdrawal", json!({})),
            10 => ("disclosure", json!({"fields": ["contact"]})),
            _ => (
                "redaction",
                json!({"fields": ["decision_facts"], "redaction_ground": "error", "requested_by": "provider"}),
            ),
        };
        let opened = (kind == "disclosure").then_some(target);
        let about = if opened.is_some() { About::Entry(&self.filed[target]) } else { about };
        (later(&world.provider, kind, number, about, fields), opened)
    }

    /// Files so many statements one by one. One that the rules of order refuse is told anew.
    pub(crate) fn go_on(&mut self, world: &World, many: usize) {
        for _ in 0..many {
            loop {
                let (signed, opened) = self.tell(world);
                let text = opened.and_then(|target| {
                    let field = FieldName::find("contact").unwrap();
                    self.filed[target].addenda().get(&field).cloned()
                });
                let addenda = signed.served().chain(text.as_deref()).collect();
                let batch = encode_batch(&[SubmissionSlices { statement: signed.statement(), addenda }]);
                let answer = world.post(&batch).json();
                if answer["results"][0]["status"] == "accepted" {
                    self.filed.push(signed);
                    self.next += 1;
                    break;
                }
            }
        }
    }

    /// A query, and what it looks for in texts.
    pub(crate) fn ask(&mut self) -> (String, Option<&'static str>) {
        let dice = &mut self.dice;
        let mut pairs = Vec::new();
        for _ in 0..dice.roll(4) {
            let pair = match dice.roll(14) {
                0 => format!("category={},{}", dice.pick(&CATEGORIES), CATEGORIES[0]),
                1 => format!("category={}", dice.pick(&CATEGORIES)),
                2 => format!("keyword={}", dice.pick(&KEYWORDS)),
                3 => format!("territory={}", dice.pick(&["DE", "FR,BE", "WORLD"])),
                4 => format!("language={}", dice.pick(&["DE", "FR"])),
                5 => format!("order={}", dice.pick(&["with", "without"])),
                6 => {
                    format!("standing={}", dice.pick(&["in_force", "lifted", "reversed,withdrawn", "stands"]))
                }
                7 => format!("automated_detection={}", dice.pick(&["Yes", "No"])),
                8 => format!("procedure={}", dice.pick(&["court", "internal_complaint"])),
                9 => format!("result={}", dice.pick(&["reversed", "upheld"])),
                10 => format!("from={}", dice.pick(&DAYS)),
                11 => format!("to={}", dice.pick(&DAYS)),
                12 => "decision_ground=none".to_owned(),
                _ => format!("type={}", dice.pick(&["decision", "amendment,redaction", "outcome"])),
            };
            let name = pair.split('=').next().unwrap().to_owned();
            // A last day before the first one is no question.
            let is_day = |pair: &&String| pair.starts_with("from=") || pair.starts_with("to=");
            let pair = match pairs.iter().find(is_day) {
                Some(other) if is_day(&&pair) => {
                    let day = |pair: &str| pair.split_once('=').unwrap().1.to_owned();
                    let (own, other) = (day(&pair), day(other));
                    format!("{name}={}", if name == "to" { own.max(other) } else { own.min(other) })
                }
                _ => pair,
            };
            if !pairs.iter().any(|known: &String| known.starts_with(&format!("{name}="))) {
                pairs.push(pair);
            }
        }
        let word = (dice.roll(3) == 0).then(|| dice.pick(&WORDS));
        (pairs.join("&"), word)
    }
}

/// Every entry as it stands, with the words of its texts: its own and those that hold by amendments.
pub(crate) fn read_all(reader: &Reader) -> Vec<(Current, Vec<String>)> {
    let mut later = CurrentReader::new(reader.cursor());
    let mut all = Vec::new();
    for index in (0..reader.head().size().get()).map(|index| LeafIndex::new(index).unwrap()) {
        let entry = later.entry(index).unwrap().unwrap();
        let state = reader.state_of(&entry);
        let mut texts = reader.texts(&entry, index).unwrap();
        let current = later.current(index, entry, state, true).unwrap();
        for (field, by) in current.amended.texts.iter().filter(|(_, by)| **by != index) {
            let amendment = reader.entry(*by).unwrap().unwrap();
            let given = reader.texts(&amendment, *by).unwrap();
            texts.extend(given.into_iter().filter(|text| text.field() == *field));
        }
        let words = texts.iter().flat_map(|text| match text.value() {
            Item::Text(text) => text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect(),
            _ => Vec::new(),
        });
        let words = words.collect();
        all.push((current, words));
    }
    all
}

pub(crate) fn values(parameter: Parameter, current: &Current) -> Vec<String> {
    let field = |value: &str| MEASURES.iter().any(|field| field.as_str() == value);
    let values = parameter.values(current).into_iter().filter(|value| !field(value));
    let values: Vec<String> = values.map(str::to_owned).collect();
    if values.is_empty() { vec!["none".to_owned()] } else { values }
}

pub(crate) fn rows(page: &Value) -> Vec<u64> {
    page["statements"].as_array().unwrap().iter().map(|row| row["index"].as_u64().unwrap()).collect()
}

/// Holds lists and counts against the log, for so many queries.
pub(crate) fn compare(world: &World, story: &mut Story, queries: usize) {
    let reader = world.server.as_ref().unwrap().reader().clone();
    let all = read_all(&reader);
    for _ in 0..queries {
        let (query, word) = story.ask();
        let parsed = Query::parse(query.split('&').filter_map(|pair| pair.split_once('='))).unwrap();
        let found: Vec<&Current> = all
            .iter()
            .filter(|(current, words)| {
                parsed.matches(current) && word.is_none_or(|word| words.iter().any(|known| known == word))
            })
            .map(|(current, _)| current)
            .collect();
        let query = [query, word.map(|word| format!("q={word}")).unwrap_or_default()];
        let query = query.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("&");
        let mut expected: Vec<u64> = found.iter().map(|current| current.index.get()).collect();
        let page = world.get(&format!("/api/v1/statements?{query}&limit=1000").replace("?&", "?")).json();
        assert_eq!(
            (page["size"].as_u64(), page["indexed"].as_u64()),
            (Some(all.len() as u64), Some(all.len() as u64)),
            "{page}"
        );
        assert_eq!(rows(&page), expected, "{query}");
        assert_eq!(page["total"], expected.len() as u64, "{query}");
        expected.reverse();
        let page =
            world.get(&format!("/api/v1/statements?{query}&limit=7&sort=newest").replace("?&", "?")).json();
        assert_eq!(rows(&page), expected[..expected.len().min(7)], "{query}, newest");
        assert_eq!(page["total"], expected.len() as u64, "{query}");
        compare_counts(world, story, &query, &found);
    }
}

fn compare_counts(world: &World, story: &mut Story, query: &str, found: &[&Current]) {
    let by = ["category", "territory", "standing", "measure", "order", "type", "keyword"]
        .map(|name| Parameter::find(name).unwrap());
    let first = by[usize::try_from(story.dice.roll(4)).unwrap()];
    let second = by[usize::try_from(4 + story.dice.roll(3)).unwrap()];
    let mut expected: BTreeMap<(String, String), u64> = BTreeMap::new();
    for current in found {
        for one in values(first, current) {
            for other in values(second, current) {
                *expected.entry((one.clone(), other)).or_default() += 1;
            }
        }
    }
    let path = format!("/api/v1/counts?{query}&by={},{}", first.as_str(), second.as_str());
    let counts = world.get(&path.replace("?&", "?")).json();
    let counted = counts["counts"].as_array().unwrap().iter().map(|row| {
        let value = |parameter: Parameter| row[parameter.as_str()].as_str().unwrap().to_owned();
        ((value(first), value(second)), row["count"].as_u64().unwrap())
    });
    assert_eq!(counted.collect::<BTreeMap<_, _>>(), expected, "{path}");
    assert_eq!(counts["total"], found.len() as u64, "{path}");
}
