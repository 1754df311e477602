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
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::submission::SubmissionSlices;
use serde_json::{Value, json};

use crate::lines::{fact_of, target_json};
use crate::model::{Model, Target};
use crate::support::dice::Dice;
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
    pub(crate) day: usize,
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

    pub(crate) fn texts(&self, at: usize, fields: &BTreeSet<&'static str>) -> Vec<Vec<u8>> {
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

    pub(crate) fn subject(&mut self, name: &str) -> Subject {
        Subject::parse(name).unwrap()
    }

    /// A few targets: leaf hashes of anybody's entries, mostly of a fitting type, or ranges of numbers.
    pub(crate) fn targets(&mut self, issuer: &str, fitting: &[&str], most: usize) -> Vec<Target> {
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
    pub(crate) fn sub_of(&mut self, targets: &[Target], otherwise: &str) -> String {
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
