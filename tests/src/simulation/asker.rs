//! Who asks one witness: the deciding part of `server/src/witnesses/asker.rs`, whose own lies in a thread with a connection.
//! The same pauses, the same three tries, the same judgements; a test of the server drives the original.

use glasshouse_ledger::witness::add_request::AddRequest;
use glasshouse_ledger::witnessing::ToWitness;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::note::SignatureLine;
use glasshouse_verifier::size::TreeSize;
use glasshouse_verifier::vkey::Vkey;

/// Time that a witness has for one answer, in milliseconds.
pub(super) const TIMEOUT_MS: u64 = 5_000;
/// First and longest pause after a failure.
const PAUSE_MS: u64 = 1_000;
const PAUSE_MAX_MS: u64 = 15_000;
/// So often one tree may be answered with another size.
const CATCH_UPS_MAX: u32 = 3;

/// What goes to the witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question {
    AddCheckpoint(Vec<u8>),
    /// For the newest checkpoint that it cosigned.
    Show,
}

/// What was heard, for the writer.
#[derive(Debug, Clone)]
pub(super) enum Heard {
    Cosigned { head: TreeHead, line: SignatureLine, at: u64 },
    Shows(Vec<u8>),
}

/// A question under way.
struct Open {
    number: u64,
    tree: ToWitness,
    wanted: u64,
    old: TreeSize,
    tries: u32,
    asked: u64,
    is_show: bool,
}

pub(super) struct Asker {
    keys: Vec<Vkey>,
    /// The size up to which the witness has signed, as far as is known.
    known: TreeSize,
    wanted: Option<(u64, ToWitness)>,
    done: u64,
    pause: u64,
    not_before: u64,
    open: Option<Open>,
    questions: u64,
}

/// What was heard, and what is to be asked next.
type Next = (Vec<Heard>, Option<(u64, Question)>);

impl Asker {
    pub(super) fn new(keys: Vec<Vkey>) -> Asker {
        Asker {
            keys,
            known: TreeSize::ZERO,
            wanted: None,
            done: 0,
            pause: PAUSE_MS,
            not_before: 0,
            open: None,
            questions: 0,
        }
    }

    /// Puts a tree on the desk, in the place of the one before.
    pub(super) fn put(&mut self, tree: ToWitness) {
        let number = self.wanted.as_ref().map_or(0, |(number, _)| *number) + 1;
        self.wanted = Some((number, tree));
    }

    /// When something is due by itself.
    pub(super) fn due(&self) -> Option<u64> {
        match &self.open {
            Some(open) => Some(open.asked + TIMEOUT_MS),
            None => self.wanted.as_ref().filter(|(number, _)| *number > self.done).map(|_| self.not_before),
        }
    }

    /// The next question, with its number, if one is due.
    pub(super) fn turn(&mut self, now: u64) -> Result<Option<(u64, Question)>, String> {
        if self.open.as_ref().is_some_and(|open| now >= open.asked + TIMEOUT_MS) {
            self.fail(now);
        }
        if self.open.is_some() || now < self.not_before {
            return Ok(None);
        }
        let Some((wanted, tree)) = self.wanted.clone().filter(|(number, _)| *number > self.done) else {
            return Ok(None);
        };
        self.ask(now, tree, wanted, 1).map(Some)
    }

    fn ask(&mut self, now: u64, tree: ToWitness, wanted: u64, tries: u32) -> Result<(u64, Question), String> {
        let old = self.known.min(tree.head().size());
        let proof = tree.prove_from(old).map_err(|error| format!("no proof from {old}: {error}"))?;
        let body = AddRequest::encode(old, proof.hashes(), &tree.note_text());
        self.questions += 1;
        self.open =
            Some(Open { number: self.questions, tree, wanted, old, tries, asked: now, is_show: false });
        Ok((self.questions, Question::AddCheckpoint(body)))
    }

    fn fail(&mut self, now: u64) {
        self.open = None;
        self.not_before = now + self.pause;
        self.pause = (self.pause * 2).min(PAUSE_MAX_MS);
    }

    /// The witness says that this log contradicts it: it is asked for what it has seen.
    fn contradicted(&mut self, now: u64, mut open: Open) -> Option<(u64, Question)> {
        self.questions += 1;
        open.number = self.questions;
        (open.is_show, open.asked) = (true, now);
        self.open = Some(open);
        Some((self.questions, Question::Show))
    }

    /// An answer. `seconds`: the log's clock. What was heard, and what is to be asked next.
    pub(super) fn hear(&mut self, now: u64, seconds: u64, answer: (u64, u16, &[u8])) -> Result<Next, String> {
        let (number, status, body) = answer;
        let Some(open) = self.open.take_if(|open| open.number == number) else {
            return Ok((Vec::new(), None));
        };
        if open.is_show {
            self.fail(now);
            let heard = if status == 200 { vec![Heard::Shows(body.to_vec())] } else { Vec::new() };
            return Ok((heard, None));
        }
        match status {
            200 => Ok((self.take(now, seconds, &open, body), None)),
            409 => {
                let line = std::str::from_utf8(body).ok().and_then(|body| body.strip_suffix('\n'));
                let theirs = line.and_then(|line| TreeSize::parse(line).ok());
                let Some(theirs) =
                    theirs.filter(|size| *size != open.old && *size <= open.tree.head().size())
                else {
                    return Ok((Vec::new(), self.contradicted(now, open)));
                };
                self.known = theirs;
                if open.tries >= CATCH_UPS_MAX {
                    self.fail(now);
                    return Ok((Vec::new(), None));
                }
                let next = self.ask(now, open.tree, open.wanted, open.tries + 1)?;
                Ok((Vec::new(), Some(next)))
            }
            422 => Ok((Vec::new(), self.contradicted(now, open))),
            _ => {
                self.fail(now);
                Ok((Vec::new(), None))
            }
        }
    }

    fn take(&mut self, now: u64, seconds: u64, open: &Open, body: &[u8]) -> Vec<Heard> {
        let find = |key: &Vkey| open.tree.find_line(key, body, seconds).ok();
        let lines: Vec<SignatureLine> = self.keys.iter().filter_map(find).collect();
        if !lines.is_empty() {
            self.known = open.tree.head().size();
        }
        if lines.len() == self.keys.len() {
            (self.done, self.pause, self.not_before) = (open.wanted, PAUSE_MS, 0);
        } else {
            self.fail(now);
        }
        let head = *open.tree.head();
        lines.into_iter().map(|line| Heard::Cosigned { head, line, at: seconds }).collect()
    }
}
