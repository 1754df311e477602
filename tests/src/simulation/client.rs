//! A provider, or the registrar: signs statements under its own numbers, keeps them until the log has answered, and sends
//! again what was not answered, as an outbox does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use glasshouse_ledger::author::{Author, Signed};
use glasshouse_ledger::draft::Draft;
use glasshouse_ledger::key_file::SecretKey;
use glasshouse_ledger::registrar::{Enrolment, key_retirement, void};
use glasshouse_ledger::writer::Answer;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::subject::Subject;
use glasshouse_verifier::submission::{SubmissionSlices, encode_batch};

use super::clock::SimulatedClock;
use super::dice::Dice;
use super::invariants::{Broken, Held, hold};
use super::statements::{self, TEXT};

/// Statements of one request, at most.
const BATCH_MAX: usize = 6;
/// A refusal of these kinds may not stand tomorrow: the same is sent again.
const LATER: [&str; 5] =
    ["unknown-key", "not-ready", "issued-in-future", "issued-too-long-ago", "target-unknown"];
/// A refusal of these kinds stands, and is the right answer to what these providers say.
const FINAL: [&str; 7] = [
    "key-retired",
    "must-be-withheld",
    "sequence-conflict",
    "sequence-void",
    "target-state",
    "target-text",
    "target-type",
];
/// Every statement of these worlds is about one pseudonym, so that one can be about another.
const SUBJECT: [u8; 16] = [7; 16];

/// What became of a statement, as far as its signer knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Open,
    Settled(u64),
    Refused(&'static str),
}

/// A statement that was signed.
pub(super) struct Letter {
    pub(super) kind: &'static str,
    pub(super) number: u64,
    pub(super) signed: Signed,
    /// Texts of its target that it brings.
    opened: Vec<Vec<u8>>,
    pub(super) fate: Fate,
    /// Whose statement it is about: the client and the letter.
    pub(super) target: Option<(usize, usize)>,
    /// Whether another statement was signed under its number.
    pub(super) is_double: bool,
    not_before: u64,
    sent: u64,
}

impl Letter {
    fn texts(&self) -> Vec<&[u8]> {
        self.signed.served().chain(self.opened.iter().map(Vec::as_slice)).collect()
    }

    /// The text that redactions of these worlds take.
    pub(super) fn text(&self) -> Option<&[u8]> {
        self.signed.addenda().get(&TEXT).map(Vec::as_slice)
    }
}

pub(super) struct Client {
    authors: Vec<Author>,
    /// Which of the keys it signs with.
    key: usize,
    pub(super) clock: Arc<SimulatedClock>,
    next_number: u64,
    pub(super) letters: Vec<Letter>,
    requests: BTreeMap<u64, Vec<usize>>,
    /// Numbers that it closed.
    voided: BTreeSet<u64>,
    dice: Dice,
    /// When it looks after its letters again.
    pub(super) wakes_at: Option<u64>,
}

/// What it was about to say, and about what.
pub(super) struct Saying {
    pub(super) kind: &'static str,
    pub(super) draft: Draft,
    pub(super) target: Option<(usize, usize)>,
    pub(super) opened: Vec<Vec<u8>>,
    /// A number that is to be used again; the next one else.
    pub(super) number: Option<u64>,
}

impl Saying {
    pub(super) fn new(kind: &'static str, draft: Draft) -> Saying {
        Saying { kind, draft, target: None, opened: Vec::new(), number: None }
    }
}

impl Client {
    /// With as many keys as it will ever have. `first`: the number of its first statement.
    pub(super) fn new(
        issuer: &Issuer,
        origin: &Origin,
        keys: &[[u8; 32]],
        first: u64,
        mut dice: Dice,
    ) -> Client {
        let author = |seed: &[u8; 32]| {
            let salts = Mutex::new(Dice::new(dice.next()));
            let author = Author::new(issuer.clone(), origin.clone(), SecretKey::from_seed(seed)).unwrap();
            author.with_salts(move || salts.lock().unwrap().bytes())
        };
        let authors = keys.iter().map(author).collect();
        let clock = SimulatedClock::new(dice.between(0, 20_000) as i64 - 10_000);
        Client {
            authors,
            key: 0,
            clock,
            next_number: first,
            letters: Vec::new(),
            requests: BTreeMap::new(),
            voided: BTreeSet::new(),
            dice,
            wakes_at: None,
        }
    }

    pub(super) fn author(&self) -> &Author {
        &self.authors[self.key]
    }

    /// Signs with its second key from now on.
    pub(super) fn change_key(&mut self) {
        self.key = self.authors.len() - 1;
    }

    /// Signs; the place of the letter.
    pub(super) fn say(&mut self, saying: Saying) -> usize {
        let Saying { kind, draft, target, opened, number } = saying;
        let number = number.unwrap_or_else(|| {
            self.next_number += 1;
            self.next_number - 1
        });
        let (sequence, now) = (Sequence::new(number).unwrap(), self.clock.seconds());
        let author = self.author();
        let signed = match kind {
            "enrolment" | "retirement" | "void" => author.sign_own(&draft, sequence, now),
            _ => author.sign(&draft, sequence, Subject::pseudonym(SUBJECT), now),
        };
        let signed = signed.unwrap_or_else(|error| panic!("{kind}: {error}"));
        let (fate, is_double) = (Fate::Open, false);
        let letter = Letter { kind, number, signed, opened, fate, target, is_double, not_before: 0, sent: 0 };
        self.letters.push(letter);
        self.letters.len() - 1
    }

    /// Signs another decision under the number of that letter: what no honest provider does.
    pub(super) fn say_double(&mut self, of: usize) -> usize {
        let number = self.letters[of].number;
        let draft = statements::decision(&format!("double-{number}"), false);
        let at = self.say(Saying { number: Some(number), ..Saying::new("decision", draft) });
        (self.letters[of].is_double, self.letters[at].is_double) = (true, true);
        at
    }

    /// Closes a number under which nothing was taken, if there is one.
    pub(super) fn say_void(&mut self) -> Option<usize> {
        let is_hole = |letter: &&Letter| {
            let refused = matches!(letter.fate, Fate::Refused(_)) && letter.kind != "void";
            refused && !letter.is_double && !self.voided.contains(&letter.number)
        };
        let number = self.letters.iter().find(is_hole)?.number;
        self.voided.insert(number);
        Some(self.say(Saying::new("void", void(number, number, "test", None))))
    }

    /// The next request, if something is to be sent now: its number, its body, and how many of its statements were sent before.
    pub(super) fn send(&mut self, now: u64, number: u64) -> Option<(Vec<u8>, usize)> {
        let due = |letter: &&usize| {
            self.letters[**letter].fate == Fate::Open && self.letters[**letter].not_before <= now
        };
        let all: Vec<usize> = (0..self.letters.len()).collect();
        let mut chosen: Vec<usize> = all.iter().filter(due).copied().collect();
        if chosen.is_empty() {
            return None;
        }
        if self.dice.percent(30) {
            self.dice.shuffle(&mut chosen);
        }
        chosen.truncate(1 + self.dice.place(BATCH_MAX));
        if self.dice.percent(15) {
            // Also what was answered long ago, or stands in this batch already.
            chosen.push(self.dice.place(self.letters.len()));
        }
        let slices: Vec<SubmissionSlices<'_>> = chosen
            .iter()
            .map(|at| &self.letters[*at])
            .map(|letter| SubmissionSlices { statement: letter.signed.statement(), addenda: letter.texts() })
            .collect();
        let body = encode_batch(&slices);
        let again = chosen.iter().filter(|at| self.letters[**at].sent > 0).count();
        for at in &chosen {
            let letter = &mut self.letters[*at];
            letter.sent += 1;
            // The answer has so much time; later and later, so that a log that is down is not run over.
            letter.not_before = now + 45_000 + self.dice.roll(15_000) * letter.sent.min(20);
        }
        self.requests.insert(number, chosen);
        Some((body, again))
    }

    /// When something is to be sent again.
    pub(super) fn due(&self) -> Option<u64> {
        self.letters.iter().filter(|letter| letter.fate == Fate::Open).map(|letter| letter.not_before).min()
    }

    /// The letters of a request with their answers, in its order. `None` for an answer to nothing that was asked.
    pub(super) fn answered(
        &self,
        request: u64,
        answers: Vec<Answer>,
    ) -> Result<Vec<(usize, Answer)>, Broken> {
        let letters = self.requests.get(&request).cloned().unwrap_or_default();
        hold("an_answer_is_about_what_was_sent", letters.len() == answers.len(), || {
            format!("request {request}: {} statements, {} answers", letters.len(), answers.len())
        })?;
        Ok(letters.into_iter().zip(answers).collect())
    }

    /// A statement has its place; whether that is news.
    pub(super) fn settle(&mut self, at: usize, index: u64) -> Result<bool, Broken> {
        let letter = &mut self.letters[at];
        let before = std::mem::replace(&mut letter.fate, Fate::Settled(index));
        match before {
            Fate::Settled(known) => {
                hold("no_entry_is_there_twice", known == index, || {
                    format!("told {known} first, and now {index}")
                })?;
                Ok(false)
            }
            Fate::Open | Fate::Refused(_) => Ok(true),
        }
    }

    /// A statement was refused.
    pub(super) fn refuse(&mut self, at: usize, slug: &'static str, now: u64) -> Held {
        let letter = &mut self.letters[at];
        let story = || format!("{} number {}: {slug}", letter.kind, letter.number);
        let is_known = LATER.contains(&slug) || FINAL.contains(&slug);
        hold("an_honest_statement_is_taken", is_known, story)?;
        // A void meets the number that it closes, if a copy that was late got it its place.
        let is_settled = matches!(letter.fate, Fate::Settled(_));
        let may_conflict =
            slug != "sequence-conflict" || (letter.is_double || letter.kind == "void") && !is_settled;
        hold("an_honest_statement_is_taken", may_conflict, story)?;
        if letter.fate != Fate::Open {
            return Ok(());
        }
        if FINAL.contains(&slug) {
            letter.fate = Fate::Refused(slug);
        } else {
            letter.not_before = now + 10_000;
        }
        Ok(())
    }

    /// What it says about may never be on record: then this is not either.
    pub(super) fn give_up(&mut self, at: usize) {
        if self.letters[at].fate == Fate::Open {
            self.letters[at].fate = Fate::Refused("target-unknown");
        }
    }

    /// Letters of one kind that are on record.
    pub(super) fn settled(&self, kind: &str) -> Vec<usize> {
        let is_such = |at: &usize| {
            let letter = &self.letters[*at];
            letter.kind == kind && matches!(letter.fate, Fate::Settled(_))
        };
        (0..self.letters.len()).filter(is_such).collect()
    }

    /// The enrolment of one of its keys, as the registrar says it.
    pub(super) fn enrolment(&self, key: usize) -> Saying {
        let author = &self.authors[key];
        let enrolment = Enrolment {
            provider: author.issuer().clone(),
            name: "A shop".to_owned(),
            roles: vec!["marketplace".to_owned()],
            country: "DE".to_owned(),
            key: *author.public_key(),
            request: author.request(self.clock.seconds()),
            evidence: None,
            contact: None,
        };
        Saying::new("enrolment", enrolment.draft())
    }

    /// The retirement of its first key.
    pub(super) fn retirement(&self) -> Saying {
        let author = &self.authors[0];
        Saying::new("retirement", key_retirement(author.issuer(), &author.kid(), "rotated", None, None))
    }
}
