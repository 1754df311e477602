//! Makes random statements about each other, most of them right, and submits them to a real ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use glasshouse_ledger::admission::Admission;
use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::memory_store::MemoryStore;
use glasshouse_ledger::reader::Reader;
use glasshouse_ledger::store::Store;
use glasshouse_ledger::writer::{Answer, Writer};
use glasshouse_verifier::cbor::Item;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::submission::SubmissionSlices;
use serde_json::{Value, json};

use crate::model::{Fact, Model, Target};
use crate::support::*;

/// Days on which statements are issued, the first at [`NOW`].
pub(crate) const DAYS: [&str; 8] = [
    "2025-07-01",
    "2025-07-02",
    "2025-07-03",
    "2025-07-04",
    "2025-07-05",
    "2025-07-06",
    "2025-07-07",
    "2025-07-08",
];

/// A small generator of numbers (xorshift64*), so that a seed tells a whole run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// 0 to `below` − 1.
    pub(crate) fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % below.max(1)
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.roll(times) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())]
    }
}

/// A ledger, the model beside it, and those who write.
pub(crate) struct Driver {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) writer: Writer,
    pub(crate) reader: Reader,
    pub(crate) model: Model,
    pub(crate) dice: Dice,
    /// Everything that is on record, as it was signed.
    pub(crate) signed: Vec<Signed>,
    /// Refused statements under taken numbers.
    doubles: Vec<(usize, Signed)>,
    day: usize,
    pub(crate) taken: usize,
    pub(crate) refused: BTreeMap<&'static str, usize>,
}

fn author(name: &str, seed: u8) -> Author {
    Author::new(Issuer::parse(name).unwrap(), origin(), key(seed)).unwrap()
}

/// Who writes: the registrar and two providers.
pub(crate) fn authors() -> [Author; 3] {
    [registrar(), author(PROVIDER, 5), author("https://host.example", 6)]
}

impl Driver {
    pub(crate) fn new(seed: u64) -> Driver {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        begin(&store);
        let (writer, reader) = open(&store);
        let mut driver = Driver {
            store,
            writer,
            reader,
            model: Model::default(),
            dice: Dice::new(seed),
            signed: Vec::new(),
            doubles: Vec::new(),
            day: 0,
            taken: 0,
            refused: BTreeMap::new(),
        };
        let genesis = driver.reader.entry(index(0)).unwrap().unwrap();
        driver.model.0.push(fact_of(genesis.statement(), Vec::new(), "2025-07-01"));
        // The genesis was signed elsewhere; nothing is sent again of it.
        driver.signed.push(enrolment_of(&authors()[1], 2));
        for (number, author) in [(2, &authors()[1]), (3, &authors()[2])] {
            let enrolment = enrolment_of(author, number);
            driver.submit(enrolment, Vec::new(), Vec::new());
        }
        driver
    }

    /// Opens the ledger again, as after a crash between two rounds.
    pub(crate) fn restart(&mut self) {
        let (writer, reader) = open(&self.store);
        (self.writer, self.reader) = (writer, reader);
    }

    /// One random statement, submitted and compared.
    pub(crate) fn step(&mut self) {
        if self.dice.once_in(40) {
            self.day = (self.day + 1).min(DAYS.len() - 1);
        }
        if self.dice.once_in(25) && self.signed.len() > 3 {
            return self.send_again();
        }
        let who = if self.dice.once_in(12) { 0 } else { 1 + self.dice.roll(2) };
        let number = self.number(who);
        let made = match who {
            0 => self.registrars(number),
            _ => self.providers(who, number),
        };
        if let Some((signed, targets, opened)) = made {
            self.submit(signed, targets, opened);
        }
    }

    fn send_again(&mut self) {
        let at = 3 + self.dice.roll(self.signed.len() - 3);
        let (signed, targets) = (self.signed[at].clone(), self.model.0[at].targets.clone());
        let opened = self.opened_by(at);
        self.submit(signed, targets, opened);
    }

    /// The texts that the statement on record there opened.
    fn opened_by(&self, at: usize) -> Vec<Vec<u8>> {
        let fact = &self.model.0[at];
        if fact.kind != "disclosure" {
            return Vec::new();
        }
        let Target::Leaf(leaf) = &fact.targets[0] else { return Vec::new() };
        let target = self.model.0.iter().position(|fact| fact.leaf == *leaf).unwrap();
        self.texts(target, &fact.about)
    }

    fn texts(&self, at: usize, fields: &BTreeSet<&'static str>) -> Vec<Vec<u8>> {
        let addenda = self.signed[at].addenda();
        fields.iter().filter_map(|name| addenda.get(&FieldName::find(name).unwrap()).cloned()).collect()
    }

    /// Mostly the next number; sometimes one with a gap below it, or one that is taken.
    fn number(&mut self, who: usize) -> u64 {
        let issuer = authors()[who].issuer().to_string();
        let own = self.model.0.iter().filter(|fact| fact.issuer == issuer);
        let highest = own.map(|fact| fact.void.map_or(fact.number, |(_, last)| fact.number.max(last))).max();
        let highest = highest.unwrap_or(0);
        match self.dice.roll(20) {
            0 => highest + 3,
            1 => highest.max(1),
            2 => highest.saturating_sub(1).max(1),
            _ => highest + 1,
        }
    }

    fn subject(&mut self, name: &str) -> Subject {
        Subject::parse(name).unwrap()
    }

    /// A few targets: leaf hashes of anybody's entries, mostly of a fitting type, or ranges of numbers.
    fn targets(&mut self, issuer: &str, fitting: &[&str], most: usize) -> Vec<Target> {
        let mut leaves: BTreeSet<[u8; 32]> = BTreeSet::new();
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        let good: Vec<usize> = (0..self.model.0.len())
            .filter(|at| self.model.0[*at].issuer == issuer && fitting.contains(&self.model.0[*at].kind))
            .collect();
        for _ in 0..=self.dice.roll(most) {
            match self.dice.roll(10) {
                0 => drop(leaves.insert(self.model.0[self.dice.roll(self.model.0.len())].leaf)),
                1 if self.dice.once_in(3) => drop(leaves.insert([self.dice.roll(256) as u8; 32])),
                2 | 3 if most > 1 => {
                    let first = 1 + self.dice.roll(self.model.0.len()) as u64;
                    ranges.push((first, first + self.dice.roll(12) as u64));
                }
                _ if good.is_empty() => {}
                // The newest most of the time, so that lives grow long.
                _ => {
                    let back = self.dice.roll(good.len().min(15));
                    leaves.insert(self.model.0[good[good.len() - 1 - back]].leaf);
                }
            }
        }
        ranges.sort_unstable();
        let mut end = 0;
        ranges.retain(|(first, last)| {
            *first > end && {
                end = *last;
                true
            }
        });
        let leaves = leaves.into_iter().map(Target::Leaf);
        leaves.chain(ranges.into_iter().map(|(first, last)| Target::Range(first, last))).collect()
    }

    fn providers(&mut self, who: usize, number: u64) -> Option<(Signed, Vec<Target>, Vec<Vec<u8>>)> {
        let author = authors().into_iter().nth(who)?;
        let issuer = author.issuer().to_string();
        let own = format!("provider:{issuer}");
        let decisions = ["decision", "no_action"];
        let every =
            ["decision", "no_action", "amendment", "outcome", "lifted", "withdrawal", "sealed", "redaction"];
        let day = DAYS[self.day];
        let roll = self.dice.roll(100);
        let (line, targets) = match roll {
            0..=29 => (self.decision(number), Vec::new()),
            30..=33 => (self.sealed(number), Vec::new()),
            34..=47 => (self.amendment(), self.targets(&issuer, &decisions, 2)),
            48..=58 => (self.outcome(), self.targets(&issuer, &decisions, 2)),
            59..=68 => {
                let line = json!({"type": "lifted", "end_date": day, "lifted_reason": "own_error"});
                (line, self.targets(&issuer, &["decision"], 3))
            }
            69..=78 => (json!({"type": "withdrawal"}), self.targets(&issuer, &every, 2)),
            79..=85 => return self.disclosure(&author, number),
            86..=92 => (self.redaction(), self.targets(&issuer, &every, 3)),
            93..=96 => (self.declaration(number), Vec::new()),
            _ => {
                let (first, reason) = (number + 1, "test");
                let last = first + self.dice.roll(3) as u64;
                (json!({"type": "void", "first": first, "last": last, "void_reason": reason}), Vec::new())
            }
        };
        let subject = match line["type"].as_str() {
            None | Some("decision" | "no_action" | "sealed") => {
                format!("s:{:032x}", self.dice.roll(5))
            }
            _ => self.sub_of(&targets, &own),
        };
        self.sign(&author, line, number, &subject, targets)
    }

    /// The subject of the one entry that is named; sometimes another.
    fn sub_of(&mut self, targets: &[Target], otherwise: &str) -> String {
        let wrong = self.dice.once_in(30);
        match targets {
            [Target::Leaf(leaf)] if !wrong => {
                let found = self.model.0.iter().find(|fact| fact.leaf == *leaf);
                found.map_or(otherwise.to_owned(), |fact| fact.sub.clone())
            }
            _ => otherwise.to_owned(),
        }
    }

    fn sign(
        &mut self,
        author: &Author,
        mut line: Value,
        number: u64,
        subject: &str,
        targets: Vec<Target>,
    ) -> Option<(Signed, Vec<Target>, Vec<Vec<u8>>)> {
        let is_about_others = ["amendment", "outcome", "lifted", "withdrawal", "redaction"];
        if line["type"].as_str().is_some_and(|kind| is_about_others.contains(&kind)) {
            if targets.is_empty() {
                return None;
            }
            line["targets"] = targets.iter().map(target_json).collect();
        }
        let draft = Draft::from_json(&line).unwrap_or_else(|errors| panic!("{line}: {errors:?}"));
        let subject = self.subject(subject);
        let now = NOW + 86_400 * self.day as u64;
        let signed = author.sign(&draft, sequence(number), subject, now).unwrap();
        Some((signed, targets, Vec::new()))
    }

    fn withheld(&mut self) -> Value {
        match self.dice.pick(&[None, Some("2025-07-03"), Some("2025-07-06")]) {
            Some(until) => json!({"ground": "ongoing_investigation", "until": until}),
            None => json!({"ground": "ongoing_investigation"}),
        }
    }

    fn decision(&mut self, number: u64) -> Value {
        let mut line = decision_line(&format!("ad-{number}-{}", self.dice.roll(1000)));
        if self.dice.once_in(3) {
            line["withheld"] = json!({"decision_facts": self.withheld()});
        }
        if self.dice.once_in(6) {
            line["type"] = "no_action".into();
            line["refusal_reason"] = "not_illegal".into();
            for name in ["decision_visibility", "decision_ground", "application_date"] {
                line[name] = Value::Null;
            }
            for name in ["incompatible_content_ground", "incompatible_content_explanation"] {
                line[name] = Value::Null;
            }
        }
        line
    }

    fn sealed(&mut self, number: u64) -> Value {
        json!({
            "type": "sealed",
            "statement": decision_line(&format!("sealed-{number}")),
            "withheld": {"sealed_statement": self.withheld()},
        })
    }

    fn amendment(&mut self) -> Value {
        let mut line = json!({"type": "amendment", "amendment_reason": "clerical_error"});
        let category = ["STATEMENT_CATEGORY_VIOLENCE", "STATEMENT_CATEGORY_SELF_HARM"];
        match self.dice.roll(4) {
            0 => line["category"] = self.dice.pick(&category).into(),
            1 => line["removed"] = json!(["content_url", "redress"]),
            2 => line["decision_facts"] = format!("As it was, {}.", self.dice.roll(1000)).into(),
            _ => {
                line["items"] = (1 + self.dice.roll(9)).into();
                line["decision_facts"] = "More than one.".into();
                line["withheld"] = json!({"decision_facts": self.withheld()});
            }
        }
        line
    }

    fn outcome(&mut self) -> Value {
        let result = self.dice.pick(&["upheld", "reversed", "partially_reversed", "omitted"]);
        let procedure = self.dice.pick(&["internal_complaint", "court"]);
        json!({"type": "outcome", "procedure": procedure, "result": result, "outcome_explanation": "As decided."})
    }

    fn redaction(&mut self) -> Value {
        let fields = match self.dice.roll(5) {
            0 => json!(["decision_facts", "puid"]),
            1 => json!(["sealed_statement", "decision_facts"]),
            2 => json!(["outcome_explanation"]),
            3 => json!(["content_url"]),
            _ => json!(["decision_facts"]),
        };
        json!({"type": "redaction", "fields": fields, "redaction_ground": "erasure_request", "requested_by": "data_subject"})
    }

    fn declaration(&mut self, number: u64) -> Value {
        let start = self.dice.pick(&["2025-06-01", "2025-07-01"]);
        let mut line = json!({"type": "declaration", "period_start": start, "period_end": "2025-07-31",
            "decisions_taken": self.dice.roll(30) + 3, "not_published": self.dice.roll(3)});
        if !self.dice.once_in(4) {
            let first = 1 + self.dice.roll(number as usize) as u64;
            line["first_sequence"] = first.into();
            line["last_sequence"] = (first + self.dice.roll(40) as u64).into();
        }
        line
    }

    fn disclosure(&mut self, author: &Author, number: u64) -> Option<(Signed, Vec<Target>, Vec<Vec<u8>>)> {
        let issuer = author.issuer().to_string();
        let keeps = |fact: &Fact| fact.issuer == issuer && fact.texts.values().any(Option::is_some);
        let all: Vec<usize> = (0..self.model.0.len()).filter(|at| keeps(&self.model.0[*at])).collect();
        if all.is_empty() {
            return None;
        }
        let at = self.dice.pick(&all);
        let fact = self.model.0[at].clone();
        let mut about: BTreeSet<&'static str> =
            fact.texts.iter().filter(|t| t.1.is_some()).map(|t| *t.0).collect();
        if about.len() > 1 && self.dice.once_in(2) {
            about.pop_first();
        }
        if self.dice.once_in(15) && fact.texts.contains_key("puid") {
            about.insert("puid");
        }
        let texts = |list: &BTreeSet<&'static str>| {
            Item::Array(list.iter().map(|name| Item::Text((*name).to_owned())).collect())
        };
        let target = Item::Map(vec![(Item::Text("entry".into()), Item::Bytes(fact.leaf.to_vec()))]);
        let draft = Draft::new(StatementType::Disclosure)
            .with_field(FieldName::TARGETS, Item::Array(vec![target]))
            .with_field(FieldName::FIELDS, texts(&about));
        let subject = self.subject(&fact.sub);
        let now = NOW + 86_400 * self.day as u64;
        let signed = author.sign(&draft, sequence(number), subject, now).unwrap();
        Some((signed, vec![Target::Leaf(fact.leaf)], self.texts(at, &about)))
    }

    fn registrars(&mut self, number: u64) -> Option<(Signed, Vec<Target>, Vec<Vec<u8>>)> {
        let author = registrar();
        let whose = authors()[1 + self.dice.roll(2)].issuer().to_string();
        if self.dice.once_in(4) {
            let text = Item::Text(format!("Rules of {}.", DAYS[self.day]));
            let draft = Draft::new(StatementType::Policy).with_text(FieldName::POLICY, text);
            let signed = author.sign_own(&draft, sequence(number), NOW + 86_400 * self.day as u64).unwrap();
            return Some((signed, Vec::new(), Vec::new()));
        }
        let mut line = self.redaction();
        line["provider"] = whose.as_str().into();
        let targets = self.targets(&whose, &["decision", "no_action", "amendment", "sealed", "outcome"], 3);
        let subject = self.sub_of(&targets, &format!("provider:{whose}"));
        line["targets"] = targets.iter().map(target_json).collect();
        if targets.is_empty() {
            return None;
        }
        let mut draft = Draft::new(StatementType::Redaction);
        for (name, item) in redaction_items(&line, &targets, &whose) {
            draft = draft.with_field(name, item);
        }
        let subject = self.subject(&subject);
        let signed = author.sign(&draft, sequence(number), subject, NOW + 86_400 * self.day as u64).unwrap();
        Some((signed, targets, Vec::new()))
    }

    /// Submits, and holds the answer against the model's.
    fn submit(&mut self, signed: Signed, targets: Vec<Target>, opened: Vec<Vec<u8>>) {
        let statement = Statement::parse(signed.statement()).unwrap();
        let day = DAYS[((statement.claims().iat - NOW) / 86_400) as usize];
        let fact = fact_of(&statement, targets, day);
        let expected = self.model.refusal(&fact);
        let mut addenda: Vec<&[u8]> = signed.served().collect();
        addenda.extend(opened.iter().map(Vec::as_slice));
        let slices = SubmissionSlices { statement: signed.statement(), addenda };
        let now = statement.claims().iat;
        let admitted = Admission::new(origin()).admit(&slices, &self.reader.keys(), now);
        let answer = match admitted {
            Err(rejection) => Answer::Rejected(rejection),
            Ok(admitted) => {
                self.writer.submit(admitted);
                self.writer.round().unwrap().answers.remove(0).1
            }
        };
        let context = || format!("{fact:#?}\nat {}", self.model.0.len());
        match (answer, expected) {
            (Answer::Accepted { index, leaf_hash }, None) => {
                assert_eq!(index.get() as usize, self.model.0.len());
                assert_eq!(*leaf_hash.as_bytes(), fact.leaf);
                self.model.0.push(fact);
                self.signed.push(signed);
                self.taken += 1;
            }
            (Answer::Duplicate { index, .. }, Some("duplicate")) => {
                assert_eq!(self.model.0[index.get() as usize].leaf, fact.leaf);
                *self.refused.entry("duplicate").or_default() += 1;
            }
            (Answer::Rejected(rejection), Some(rule)) if rejection.slug == rule => {
                *self.refused.entry(rule).or_default() += 1;
                if rule == "sequence-conflict" && fact.void.is_none() {
                    let at =
                        self.model.0.iter().position(|f| f.issuer == fact.issuer && f.number == fact.number);
                    self.doubles.extend(at.map(|at| (at, signed)));
                }
            }
            (answer, expected) => panic!("{answer:?}, should be {expected:?}: {}", context()),
        }
    }

    /// How many double statements were refused.
    pub(crate) fn doubles(&self) -> usize {
        self.doubles.len()
    }
}

fn target_json(target: &Target) -> Value {
    match target {
        Target::Leaf(leaf) => json!({"entry": hex::encode(leaf)}),
        Target::Range(first, last) => json!({"first": first, "last": last}),
    }
}

fn redaction_items(line: &Value, targets: &[Target], whose: &str) -> Vec<(FieldName, Item)> {
    let text = |value: &Value| Item::Text(value.as_str().unwrap().to_owned());
    let number = |n: u64| Item::Integer(n.into());
    let target = |target: &Target| match target {
        Target::Leaf(leaf) => Item::Map(vec![(Item::Text("entry".into()), Item::Bytes(leaf.to_vec()))]),
        Target::Range(first, last) => Item::Map(vec![
            (Item::Text("last".into()), number(*last)),
            (Item::Text("first".into()), number(*first)),
        ]),
    };
    let mut fields: Vec<&str> =
        line["fields"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
    fields.sort_unstable();
    vec![
        (FieldName::TARGETS, Item::Array(targets.iter().map(target).collect())),
        (FieldName::FIELDS, Item::Array(fields.iter().map(|f| Item::Text((*f).to_owned())).collect())),
        (FieldName::REDACTION_GROUND, text(&line["redaction_ground"])),
        (FieldName::REQUESTED_BY, text(&line["requested_by"])),
        (FieldName::PROVIDER, Item::Text(whose.to_owned())),
    ]
}

/// A statement as the model sees it. What its fields say is read by the verifier, whose reading has tests of its own.
fn fact_of(statement: &Statement, targets: Vec<Target>, day: &'static str) -> Fact {
    let (claims, payload) = (statement.claims(), statement.payload());
    let until = |day: &glasshouse_verifier::day::Day| {
        let text = day.to_string();
        DAYS.iter().find(|known| **known == text).copied().unwrap()
    };
    let texts = payload.addenda().keys().map(|field| {
        let terms = payload.withheld().get(field);
        (field.as_str(), terms.map(|terms| terms.until.as_ref().map(until)))
    });
    let about_itself = ["targets", "removed", "amendment_reason"];
    let fields = payload.fields().iter().map(|(name, value)| (name.as_str(), value.to_json().to_string()));
    let number = |field| payload.number(field);
    let days = [FieldName::PERIOD_START, FieldName::PERIOD_END].map(|field| payload.day(field));
    let period = |day: glasshouse_verifier::day::Day| match day.to_string().as_str() {
        "2025-06-01" => "2025-06-01",
        "2025-07-01" => "2025-07-01",
        _ => "2025-07-31",
    };
    Fact {
        leaf: *glasshouse_verifier::entry::Entry::of(statement.clone()).unwrap().leaf_hash().as_bytes(),
        issuer: claims.iss.to_string(),
        number: statement.sequence().get(),
        kind: payload.kind().as_str(),
        sub: claims.sub.to_string(),
        day,
        texts: texts.collect(),
        fields: fields.filter(|(name, _)| !about_itself.contains(name)).collect(),
        removed: payload.names(FieldName::REMOVED).iter().map(|name| name.as_str()).collect(),
        targets,
        provider: payload.targets().and_then(|_| payload.provider()).map(Issuer::to_string),
        about: payload.names(FieldName::FIELDS).iter().map(|name| name.as_str()).collect(),
        result: payload.code(FieldName::RESULT).map(|code| code.as_str()),
        void: payload.void_range().map(|(first, last)| (first.get(), last.get())),
        declared: days[0].zip(days[1]).map(|(start, end)| {
            let numbers = number(FieldName::FIRST_SEQUENCE).zip(number(FieldName::LAST_SEQUENCE));
            let taken = number(FieldName::DECISIONS_TAKEN).unwrap();
            (period(start), period(end), numbers, taken, number(FieldName::NOT_PUBLISHED).unwrap())
        }),
    }
}
