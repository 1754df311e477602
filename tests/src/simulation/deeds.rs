//! What clients do: what they say next, what they make of answers, and what the world holds against those answers.

use glasshouse_ledger::registrar;
use glasshouse_ledger::writer::Answer;
use glasshouse_verifier::checkpoint::SignedCheckpoint;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::targets::Target;

use super::client::{Fate, Saying};
use super::dice::Dice;
use super::invariants::{self, Held, hold};
use super::known::Erased;
use super::log::Reply;
use super::statements::{self, TEXT};
use super::world::World;

/// What is said, each with its weight. Statements about others need one that is on record.
const KINDS: [(&str, u64); 10] = [
    ("decision", 46),
    ("secret", 10),
    ("amendment", 8),
    ("outcome", 5),
    ("lifted", 5),
    ("withdrawal", 6),
    ("redaction", 9),
    ("disclosure", 5),
    ("double", 3),
    ("void", 3),
];

fn kind_of(dice: &mut Dice) -> &'static str {
    let mut place = dice.roll(KINDS.iter().map(|(_, weight)| weight).sum());
    for (kind, weight) in KINDS {
        match place.checked_sub(weight) {
            Some(rest) => place = rest,
            None => return kind,
        }
    }
    KINDS[0].0
}

impl World {
    /// A client says something new, most of the time, and sends what is due.
    pub(super) fn act(&mut self, at: usize) {
        for _ in 0..self.dice.roll(4) {
            if at == 0 { self.registrar_says() } else { self.provider_says(at) }
        }
        self.send_letters(at);
    }

    /// Before the first act: the registrar enrols every provider.
    pub(super) fn enrol_all(&mut self) {
        for at in 1..self.clients.len() {
            let saying = self.clients[at].enrolment(0);
            self.clients[0].say(saying);
        }
        self.send_letters(0);
    }

    /// A provider gets its second key, and its first one ends.
    fn rotate(&mut self, at: usize) {
        let (saying, retirement) = (self.clients[at].enrolment(1), self.clients[at].retirement());
        self.clients[0].say(saying);
        self.clients[0].say(retirement);
        self.clients[at].change_key();
        self.say(format!("provider {at} changes its key"));
    }

    fn registrar_says(&mut self) {
        let provider = 1 + self.dice.place(self.clients.len() - 1);
        let decisions = self.clients[provider].settled("decision");
        if self.dice.percent(25) {
            if self.clients[0].settled("enrolment").len() >= self.clients.len() - 1
                && !self.clients[0].letters.iter().any(|letter| letter.kind == "retirement")
            {
                self.rotate(provider);
            }
        } else if !decisions.is_empty() && self.dice.percent(40) {
            let target = *self.dice.pick(&decisions);
            let redaction = registrar::Redaction {
                provider: self.clients[provider].author().issuer().clone(),
                targets: vec![Target::Entry(*self.clients[provider].letters[target].signed.leaf_hash())],
                fields: vec![TEXT],
                ground: "erasure_request".to_owned(),
                requested_by: "data_subject".to_owned(),
                request_received: None,
                explanation: None,
            };
            let saying =
                Saying { target: Some((provider, target)), ..Saying::new("redaction", redaction.draft()) };
            self.clients[0].say(saying);
        }
    }

    fn provider_says(&mut self, at: usize) {
        let kind = kind_of(&mut self.dice);
        let client = &mut self.clients[at];
        match kind {
            "decision" | "secret" => {
                let name = format!("ad-{at}-{}", client.letters.len());
                client.say(Saying::new("decision", statements::decision(&name, kind == "secret")));
            }
            "void" => drop(client.say_void()),
            "double" => {
                let doubted =
                    |at: &usize| client.letters[*at].kind == "decision" && !client.letters[*at].is_double;
                let decisions: Vec<usize> = (0..client.letters.len()).filter(doubted).collect();
                if !decisions.is_empty() {
                    let of = *self.dice.pick(&decisions);
                    client.say_double(of);
                }
            }
            _ => self.provider_says_about(at, kind),
        }
    }

    fn provider_says_about(&mut self, at: usize, kind: &'static str) {
        // A redaction can be withdrawn too.
        let of = if kind == "withdrawal" && self.dice.percent(50) { "redaction" } else { "decision" };
        let client = &mut self.clients[at];
        let targets = client.settled(of);
        if targets.is_empty() {
            return;
        }
        let target = *self.dice.pick(&targets);
        let letter = &client.letters[target];
        let draft = statements::about(kind, *letter.signed.leaf_hash(), &mut self.dice);
        let opened = match (kind, letter.text()) {
            ("disclosure", Some(text)) => vec![text.to_vec()],
            ("disclosure", None) => return,
            _ => Vec::new(),
        };
        client.say(Saying { target: Some((at, target)), opened, ..Saying::new(kind, draft) });
    }

    /// What the log says to a client, before it leaves.
    pub(super) fn judge_reply(&mut self, reply: &Reply) -> Held {
        let Reply::Answers(answers) = reply else { return Ok(()) };
        if answers.iter().all(|answer| matches!(answer, Answer::Rejected(_))) {
            return Ok(());
        }
        let durable = self
            .disk
            .durable("checkpoint")
            .and_then(|bytes| SignedCheckpoint::open(&bytes, self.settings.signer.vkey()).ok());
        for answer in answers {
            if let Answer::Accepted { index, leaf_hash } | Answer::Duplicate { index, leaf_hash } = answer {
                let place = (*leaf_hash, *index);
                invariants::answers_come_after_publication(&mut self.known, place, durable.as_ref())?;
                if let Some(text) = self.erased_by(leaf_hash).filter(|_| self.settings.hold_ms == 0) {
                    // A redaction is answered when its text is gone, whatever else waits to be erased.
                    let left = self.disk.after_power_loss(&mut self.dice);
                    let disks = [self.disk.as_ref(), &left];
                    invariants::what_was_redacted_is_in_no_file(&self.known, &[&text], &disks, false)?;
                }
            }
        }
        Ok(())
    }

    /// The text that the redaction of that leaf hash takes away.
    fn erased_by(&self, by: &LeafHash) -> Option<Erased> {
        let mut letters = self.clients.iter().flat_map(|client| &client.letters);
        let redaction =
            letters.find(|letter| letter.kind == "redaction" && letter.signed.leaf_hash() == by)?;
        let (client, target) = redaction.target?;
        let target = &self.clients[client].letters[target];
        let bytes = target.text()?.to_vec();
        Some(Erased { leaf: *target.signed.leaf_hash(), field: TEXT, bytes, by: *by })
    }

    /// A client hears what became of a request.
    pub(super) fn client_hears(&mut self, at: usize, request: u64, reply: Reply) -> Held {
        let Reply::Answers(answers) = reply else {
            self.say(format!("client {at}: request {request} is to come back"));
            return Ok(());
        };
        for (letter, answer) in self.clients[at].answered(request, answers)? {
            let (kind, number) =
                (self.clients[at].letters[letter].kind, self.clients[at].letters[letter].number);
            match answer {
                Answer::Rejected(rejection) => {
                    self.counts.add("answer: refused");
                    self.say(format!("client {at}: {kind} {number} is refused: {}", rejection.slug));
                    self.clients[at].refuse(letter, rejection.slug, self.now)?;
                }
                Answer::Accepted { index, leaf_hash } | Answer::Duplicate { index, leaf_hash } => {
                    let ours = *self.clients[at].letters[letter].signed.leaf_hash();
                    hold("an_answer_is_about_what_was_sent", ours == leaf_hash, || {
                        format!("client {at}: {kind} {number} was answered with another leaf")
                    })?;
                    self.say(format!("client {at}: {kind} {number} has the place {index}"));
                    if self.clients[at].settle(letter, index.get())? {
                        self.on_record(at, letter)?;
                    } else {
                        self.counts.add("answer: duplicate");
                    }
                }
            }
        }
        self.send_letters(at);
        Ok(())
    }

    /// A statement is on record, and its signer knows it.
    fn on_record(&mut self, at: usize, letter: usize) -> Held {
        self.counts.add("answer: accepted");
        let letter = &self.clients[at].letters[letter];
        let count = match letter.kind {
            _ if letter.is_double => "statement: double",
            "decision" => "statement: decision",
            "amendment" => "statement: amendment",
            "outcome" => "statement: outcome",
            "lifted" => "statement: lifted",
            "withdrawal" => "statement: withdrawal",
            "redaction" => "statement: redaction",
            "disclosure" => "statement: disclosure",
            "void" => "statement: void",
            "enrolment" => "statement: enrolment",
            _ => "statement: retirement",
        };
        self.counts.add(count);
        if letter.kind != "redaction" {
            return Ok(());
        }
        let by = *letter.signed.leaf_hash();
        self.known.erased.extend(self.erased_by(&by));
        self.redactions_hold(false)
    }

    /// No text that was redacted is in an answer, and none whose time has come in a file.
    pub(super) fn redactions_hold(&mut self, also_tree: bool) -> Held {
        let Some(running) = &self.running else { return Ok(()) };
        let gone = invariants::what_was_redacted_is_in_no_answer(&self.known, &running.reader)?;
        // What is held may be withdrawn by a statement that waits for its publication: then it is not erased.
        let is_told = self.settings.hold_ms == 0 || !running.writer.has_unpublished();
        if is_told && running.writer.next_erasing_ms().is_none() && !gone.is_empty() {
            let left = self.disk.after_power_loss(&mut self.dice);
            invariants::what_was_redacted_is_in_no_file(&self.known, &gone, &[&self.disk, &left], also_tree)?;
            self.counts.add("log: redaction carried out");
        }
        Ok(())
    }

    /// Whether everybody has an answer to everything, and nothing waits. What is about something that will never be on record
    /// is given up.
    pub(super) fn is_settled(&mut self) -> bool {
        for at in 0..self.clients.len() {
            for letter in 0..self.clients[at].letters.len() {
                let target = self.clients[at].letters[letter].target;
                let lost = target.is_some_and(|(of, target)| {
                    matches!(self.clients[of].letters[target].fate, Fate::Refused(_))
                });
                if lost {
                    self.clients[at].give_up(letter);
                }
            }
        }
        let is_open =
            self.clients.iter().flat_map(|client| &client.letters).any(|letter| letter.fate == Fate::Open);
        let is_idle = self.running.as_ref().is_some_and(|running| {
            !running.writer.has_unpublished()
                && running.writer.pooled() == 0
                && running.writer.held_back().is_none()
        });
        is_idle && !is_open
    }

    /// At the end, with everything healed: all that was promised, once more and whole.
    pub(super) fn judge_the_end(&mut self) -> Held {
        let Some(running) = &self.running else { return Ok(()) };
        let now_ms = glasshouse_ledger::clock::Clock::now_ms(self.clock.as_ref());
        let due = running.writer.next_erasing_ms();
        hold("every_redaction_is_carried_out", due.is_none_or(|due| due + 120_000 > now_ms), || {
            format!("one was due {} ms ago", now_ms - due.unwrap_or(0))
        })?;
        invariants::nothing_answered_is_lost(&self.known, &running.reader)?;
        for (entry, index) in self.known.entries.iter().zip(0_u64..) {
            invariants::every_text_has_one_state(entry, &running.reader).map_err(|broken| {
                invariants::Broken { what: format!("entry {index}: {}", broken.what), ..broken }
            })?;
        }
        for letter in self.clients.iter().flat_map(|client| &client.letters) {
            let place = self.known.places.get(letter.signed.leaf_hash());
            let right = match letter.fate {
                Fate::Settled(index) => place == Some(&index),
                // A copy that came late may have got it its place.
                Fate::Refused(_) | Fate::Open => true,
            };
            hold("nothing_answered_is_lost", right, || {
                format!("{} {} is at {place:?}", letter.kind, letter.number)
            })?;
        }
        let log = self.settings.signer.vkey().clone();
        invariants::the_folder_is_whole(self.disk.as_ref(), &log)?;
        self.redactions_hold(true)?;
        let left = self.disk.after_power_loss(&mut self.dice);
        self.look_at_left(left, "after a last loss of power")
    }
}
