//! What the story of `search.rs` leaves out, against a plain model: subjects, authorities, phrases, words with hyphens and those
//! that must not occur, and every order with its cursor, also while the log grows between two pages.

use std::collections::BTreeMap;

use glasshouse_ledger::author::Signed;
use glasshouse_ledger::current::{Current, CurrentReader};
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::query::Query;
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::subject::Subject;
use serde_json::json;

use crate::story::{Dice, rows};
use crate::world::{World, decision_line, later_about, now};

const SUBS: [&str; 3] =
    ["s:00112233445566778899aabbccddee01", "s:00112233445566778899aabbccddee02", "domain:one.example"];
const SUBJECTS: [&str; 2] = ["domain:one.example", "domain:two-three.example"];
const AUTHORITIES: [&str; 3] = ["Landgericht Hamburg", "landgericht hamburg", "Tribunal d’Évry"];
const WORDS: [&str; 6] = ["alpha", "Beta", "gamma-ray", "co-op", "délta", "alpha beta"];
const DAYS: [&str; 5] = ["2022-09-03", "2022-10-01", "2022-10-02", "2023-01-31", "2024-02-29"];

fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

fn words(dice: &mut Dice) -> String {
    let some: Vec<&str> = (0..1 + dice.roll(3)).map(|_| dice.pick(&WORDS)).collect();
    some.join(" ")
}

/// Decisions and what is said about them, with the `sub` of each.
struct Log {
    world: World,
    dice: Dice,
    filed: Vec<(Signed, &'static str)>,
    next: u64,
}

impl Log {
    fn new(seed: u64) -> Log {
        Log { world: World::with_provider(), dice: Dice(seed), filed: Vec::new(), next: 1 }
    }

    fn decision(&mut self) -> (Signed, &'static str) {
        let dice = &mut self.dice;
        let sub = SUBS[usize::try_from(dice.roll(3)).unwrap()];
        let mut line = decision_line(self.next);
        line["application_date"] = dice.pick(&DAYS).into();
        line["decision_facts"] = words(dice).into();
        line["subject"] = dice.pick(&SUBJECTS).into();
        if sub.starts_with("domain:") {
            line["subject"] = sub.into();
            line["subject_in_entry"] = true.into();
        }
        line["territorial_scope"] = json!([dice.pick(&["AT", "DE"]), "FR"]);
        if dice.roll(2) == 0 {
            line["legal_basis"] = json!({"kind": dice.pick(&["court_order", "authority_order"]),
                "order": {"authority_kind": "court", "country": "DE"}});
            line["source_type"] = "SOURCE_TYPE_OTHER_NOTIFICATION".into();
            line["order_authority"] = dice.pick(&AUTHORITIES).into();
        } else if dice.roll(2) == 0 {
            line["legal_basis"] = json!({"kind": "unstated"});
        }
        if dice.roll(2) == 0 {
            let host = json!({"provider_role": "host", "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
                "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "incompatible_content_ground": words(dice),
                "incompatible_content_explanation": words(dice), "content_type": ["CONTENT_TYPE_TEXT"],
                "content_date": "2022-09-01", "content_language": dice.pick(&["DE", "FR"])});
            let members = line.as_object_mut().unwrap();
            members.remove("infrastructure_measure");
            members.extend(host.as_object().unwrap().clone());
        }
        let draft = Draft::from_json(&line).unwrap();
        let (number, subject) = (Sequence::new(self.next).unwrap(), Subject::parse(sub).unwrap());
        (self.world.provider.sign(&draft, number, subject, now()).unwrap(), sub)
    }

    /// An amendment of a decision's day and words, a redaction of one of its texts, or a withdrawal of anything.
    fn later(&mut self) -> (Signed, &'static str) {
        let dice = &mut self.dice;
        let target = usize::try_from(dice.roll(self.filed.len() as u64)).unwrap();
        let (signed, sub) = &self.filed[target];
        let (kind, fields) = match dice.roll(5) {
            0 | 1 => (
                "amendment",
                json!({"amendment_reason": "wrong_category", "application_date": dice.pick(&DAYS)}),
            ),
            2 => (
                "amendment",
                json!({"amendment_reason": "wrong_category", "decision_facts": words(dice),
                "territorial_scope": [dice.pick(&["BE", "DE"])]}),
            ),
            3 => ("withdrawal", json!({})),
            _ => {
                let field = dice.pick(&["decision_facts", "subject", "order_authority"]);
                (
                    "redaction",
                    json!({"fields": [field], "redaction_ground": "error", "requested_by": "provider"}),
                )
            }
        };
        (later_about(&self.world.provider, kind, self.next, signed, fields, sub), *sub)
    }

    fn go_on(&mut self, many: usize) {
        for _ in 0..many {
            loop {
                let told = match self.filed.len() < 4 || self.dice.roll(3) > 0 {
                    true => self.decision(),
                    false => self.later(),
                };
                if self.world.submit(&[&told.0]).json()["results"][0]["status"] == "accepted" {
                    self.filed.push(told);
                    self.next += 1;
                    break;
                }
            }
        }
    }

    /// The day of every entry.
    fn days(&self) -> BTreeMap<u64, String> {
        self.known().into_iter().map(|known| (known.current.index.get(), known.day)).collect()
    }

    /// Every entry, read from the log.
    fn known(&self) -> Vec<Known> {
        let reader = self.world.server.as_ref().unwrap().reader();
        let mut later = CurrentReader::new(reader.cursor());
        let mut known = Vec::new();
        for index in (0..reader.head().size().get()).map(|index| LeafIndex::new(index).unwrap()) {
            let entry = later.entry(index).unwrap().unwrap();
            let state = reader.state_of(&entry);
            let own = reader.texts(&entry, index).unwrap();
            let current = later.current(index, entry, state, true).unwrap();
            let mut texts = Vec::new();
            for text in &own {
                texts.push((
                    text.field(),
                    text.value().clone(),
                    current.amended.texts.get(&text.field()) == Some(&index),
                ));
            }
            for (field, by) in current.amended.texts.iter().filter(|(_, by)| **by != index) {
                let amendment = reader.entry(*by).unwrap().unwrap();
                let given = reader.texts(&amendment, *by).unwrap();
                texts.extend(
                    given
                        .iter()
                        .filter(|text| text.field() == *field)
                        .map(|text| (*field, text.value().clone(), true)),
                );
            }
            known.push(Known::new(current, texts));
        }
        known
    }
}

/// One entry as a person would look it up.
struct Known {
    current: Current,
    day: String,
    sub: String,
    subject: Option<String>,
    authority: Option<String>,
    texts: Vec<Vec<String>>,
}

impl Known {
    fn new(current: Current, texts: Vec<(FieldName, Item, bool)>) -> Known {
        let whole = |wanted: FieldName| {
            let mut found = texts.iter().filter(|(field, _, holds)| *field == wanted && *holds);
            found.next_back().and_then(|(_, value, _)| value.as_text()).map(str::to_owned)
        };
        Known {
            day: current.day().unwrap().to_string(),
            sub: current.entry.statement().claims().sub.to_string(),
            subject: whole(FieldName::SUBJECT),
            authority: whole(FieldName::ORDER_AUTHORITY),
            texts: texts.iter().filter_map(|(_, value, _)| value.as_text()).map(split).collect(),
            current,
        }
    }

    fn holds(&self, phrase: &[String]) -> bool {
        self.texts.iter().any(|text| text.windows(phrase.len()).any(|window| window == phrase))
    }
}

fn split(text: &str) -> Vec<String> {
    let plain = text.to_lowercase().replace('é', "e");
    let words = plain.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// A query: what `Query` knows, and what it does not.
#[derive(Debug, Default)]
struct Asked {
    plain: Vec<String>,
    subject: Option<&'static str>,
    authority: Option<&'static str>,
    terms: Vec<(bool, String)>,
}

impl Asked {
    fn roll(dice: &mut Dice) -> Asked {
        let mut asked = Asked::default();
        if dice.roll(3) == 0 {
            asked.plain.push(format!("territory={}", dice.pick(&["DE", "FR", "AT,BE", "WORLD"])));
        }
        if dice.roll(4) == 0 {
            asked.plain.push(format!("language={}", dice.pick(&["DE", "FR", "DE,FR"])));
        }
        if dice.roll(3) == 0 {
            asked.plain.push(format!("order={}", dice.pick(&["with", "without"])));
        }
        if dice.roll(4) == 0 {
            let one = [SUBS[0], SUBS[1], SUBS[2], SUBJECTS[1], "domain:nobody.example"];
            asked.subject = Some(one[usize::try_from(dice.roll(5)).unwrap()]);
        }
        if dice.roll(5) == 0 {
            asked.authority = Some(AUTHORITIES[usize::try_from(dice.roll(3)).unwrap()]);
        }
        for _ in 0..dice.roll(3) {
            let term = match dice.roll(2) {
                0 => dice.pick(&["alpha", "BETA", "gamma-ray", "co-op", "delta", "ray"]).to_owned(),
                _ => format!("\"{} {}\"", dice.pick(&WORDS), dice.pick(&WORDS)),
            };
            asked.terms.push((dice.roll(3) == 0, term));
        }
        asked
    }

    fn pairs(&self) -> String {
        let mut pairs = self.plain.clone();
        pairs.extend(self.subject.map(|subject| format!("subject={}", encoded(subject))));
        pairs.extend(self.authority.map(|name| format!("authority={}", encoded(name))));
        if !self.terms.is_empty() {
            let terms =
                self.terms.iter().map(|(without, term)| format!("{}{term}", if *without { "-" } else { "" }));
            pairs.push(format!("q={}", encoded(&terms.collect::<Vec<_>>().join(" "))));
        }
        pairs.join("&")
    }

    fn meets(&self, query: &Query, known: &Known) -> bool {
        query.matches(&known.current)
            && self.subject.is_none_or(|text| known.sub == text || known.subject.as_deref() == Some(text))
            && self.authority.is_none_or(|text| known.authority.as_deref() == Some(text))
            && self.terms.iter().all(|(without, term)| known.holds(&split(term)) != *without)
    }
}

/// The indexes in an order, as spec/http.md says it.
fn ordered(mut found: Vec<(String, u64)>, sort: &str) -> Vec<u64> {
    match sort {
        "oldest" | "newest" => found.sort_by_key(|(_, index)| *index),
        _ => found.sort(),
    }
    if matches!(sort, "newest" | "-day") {
        found.reverse();
    }
    found.into_iter().map(|(_, index)| index).collect()
}

/// Every page of a list.
fn paged(world: &World, query: &str) -> Vec<u64> {
    let (mut found, mut path) = (Vec::new(), format!("/api/v1/statements?{query}"));
    loop {
        let reply = world.get(&path);
        assert_eq!(reply.status, 200, "{path}: {}", String::from_utf8_lossy(&reply.body));
        let page = reply.json();
        let some = rows(&page);
        found.extend(&some);
        let Some(next) = page["next"].as_str() else { return found };
        assert!(!some.is_empty(), "{path}");
        path = next.to_owned();
    }
}

/// Fails if a phrase is looked for as words (`"alpha beta"`), a hyphen asks for the left half only, `-` is ignored or excludes
/// only whole queries, a `subject` is not compared with published texts or still with redacted ones, an authority is folded,
/// or a cursor skips or repeats one of several entries of one day (`Sort::rank`).
#[test]
fn what_is_found_is_what_a_plain_model_finds_in_every_order() {
    for seed in [5, 6] {
        let mut log = Log::new(seed);
        for many in [8, 25, 25] {
            log.go_on(many);
            let known = log.known();
            let mut hits = 0;
            for _ in 0..25 {
                let asked = Asked::roll(&mut log.dice);
                let query = Query::parse(asked.plain.iter().filter_map(|pair| pair.split_once('='))).unwrap();
                let found: Vec<(String, u64)> = known
                    .iter()
                    .filter(|known| asked.meets(&query, known))
                    .map(|known| (known.day.clone(), known.current.index.get()))
                    .collect();
                hits += found.len();
                for sort in ["oldest", "newest", "day", "-day"] {
                    let path = format!("{}&sort={sort}&limit={}", asked.pairs(), 3 + log.dice.roll(9));
                    let path = path.trim_start_matches('&');
                    assert_eq!(paged(&log.world, path), ordered(found.clone(), sort), "{path} {asked:?}");
                }
            }
            assert!(hits > 5, "the queries ask for nothing: {hits}");
        }
    }
}

/// A page is followed by new entries and by amendments of days. Whoever goes on by the cursor sees each entry that stays where it
/// is once, in its order; one whose day changes is seen where it stands then: never, once or again. Fails if a cursor holds a
/// number of rows in the place of a rank.
#[test]
fn pages_by_day_go_on_while_the_log_changes() {
    for (seed, sort) in [(11, "day"), (12, "-day")] {
        let mut log = Log::new(seed);
        log.go_on(40);
        let before = log.days();
        let mut path = format!("/api/v1/statements?sort={sort}&limit=5");
        let mut shown = Vec::new();
        for page in 0.. {
            let answer = log.world.get(&path).json();
            for row in answer["statements"].as_array().unwrap() {
                shown.push((row["day"].as_str().unwrap().to_owned(), row["index"].as_u64().unwrap()));
            }
            let Some(next) = answer["next"].as_str() else { break };
            path = next.to_owned();
            if page < 6 {
                log.go_on(4);
            }
        }
        let indexes: Vec<u64> = shown.iter().map(|(_, index)| *index).collect();
        assert_eq!(ordered(shown.clone(), sort), indexes, "the days that were shown go one way, {sort}");
        let after = log.days();
        let (stayed, moved): (Vec<_>, Vec<_>) =
            before.iter().partition(|(index, day)| after[*index] == **day);
        assert!(!moved.is_empty(), "no amendment moved anything: another seed is needed");
        for (index, _) in stayed {
            assert_eq!(indexes.iter().filter(|one| *one == index).count(), 1, "entry {index}, {sort}");
        }
    }
}
