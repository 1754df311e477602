//! The first half of a round: which of the pooled statements take a place in the log, in which order. Everything that
//! depends on order is decided here, by the same registry that auditors replay.

use std::cell::Cell;
use std::collections::HashMap;

use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::naming::Naming;
use glasshouse_verifier::past::{Past, PastError};
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::registry_error::RegistryError;
use glasshouse_verifier::sequence::{Sequence, SequenceError};
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::targets::Targets;

use crate::admission::Admitted;
use crate::conflict;
use crate::disclosed;
use crate::erasures::{Erasures, Redaction};
use crate::look_up_turns::{LookUpTurns, Pool, Sought};
use crate::rejection::Rejection;
use crate::writer::{Answer, Ticket, WriterError};

/// Most entries of one round: 32 bundles, so that a round is written in well under a second.
pub const ROUND_ENTRIES_MAX: usize = 8_192;
/// Most bytes of one round, entries and addenda together. One submission may exceed it alone.
pub const ROUND_BYTES_MAX: usize = 8 << 20;
/// Most remarks of one round.
const REMARKS_MAX: usize = 8;
/// Most refused double statements that one round keeps: a round must not become slow because somebody signs many.
const CONFLICTS_MAX: usize = 64;

/// The name of the problem where another statement has the number.
const CONFLICT: &str = "sequence-conflict";

/// Entries with their places, and the answers that follow once they are published.
#[derive(Debug, Default)]
pub(crate) struct Numbered {
    /// The new entries in order, each with the texts that are served.
    pub(crate) admitted: Vec<Admitted>,
    /// What each of them names.
    pub(crate) namings: Vec<Naming>,
    /// What to tell each submitter, when the round is published.
    pub(crate) answers: Vec<(Ticket, Answer)>,
    bytes: usize,
    /// What the submissions weighed that were taken from the pool.
    pub(crate) weight: usize,
    /// What went wrong on the way and stopped nothing.
    pub(crate) remarks: Vec<String>,
    /// Statements of providers that met another one of theirs under their number: the first few.
    pub(crate) conflicts: Vec<Statement>,
    /// Numbers that this round took, and by which of its entries.
    taken: HashMap<(Issuer, Sequence), usize>,
    /// Which of its entries has that leaf hash.
    leaves: HashMap<LeafHash, usize>,
    /// How many earlier entries were looked for, found or not.
    looked_for: Cell<usize>,
}

/// The entries before the next one: those of the round so far, and those that are written.
struct SoFar<'a> {
    numbered: &'a Numbered,
    size: TreeSize,
    written: &'a dyn Written,
}

impl Past for SoFar<'_> {
    fn find(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        self.numbered.looked_for.update(|count| count + 1);
        let at = self.numbered.leaves.get(leaf);
        let Some((at, one)) = at.and_then(|at| Some((*at, self.numbered.admitted.get(*at)?))) else {
            return self.written.find(leaf);
        };
        let index = LeafIndex::new(self.size.get() + at as u64);
        let index = index.map_err(|error| PastError(error.to_string()))?;
        Ok(Some((index, one.statement().clone())))
    }
}

/// What decides about the order, and changes with every statement that gets a place.
pub(crate) struct Books<'a> {
    pub(crate) registry: &'a mut Registry,
    pub(crate) erasures: &'a mut Erasures,
    /// The round's time, in milliseconds since 1970.
    pub(crate) now_ms: u64,
}

/// Why a statement gets no place.
enum Refused {
    /// By the rules of the log.
    Order(RegistryError),
    /// By the texts that it brings, or by those that are erased.
    Texts(Rejection),
}

impl From<RegistryError> for Refused {
    fn from(error: RegistryError) -> Refused {
        Refused::Order(error)
    }
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Refused {
        Refused::Texts(rejection)
    }
}

impl Books<'_> {
    /// Takes a statement in, or leaves everything as it was.
    fn enter(&mut self, index: LeafIndex, admitted: &Admitted, past: &dyn Past) -> Result<Naming, Refused> {
        let statement = admitted.statement();
        match statement.payload().kind() {
            StatementType::Disclosure => {
                let naming = self.registry.check(index, statement, past)?;
                self.check_opened(admitted, &naming, past)?;
                self.registry.apply_named(index, statement, &naming)?;
                Ok(naming)
            }
            StatementType::Withdrawal => {
                let naming = self.registry.check(index, statement, past)?;
                self.erasures.check_withdrawal(&naming, self.now_ms)?;
                let again = self.registry.apply_named(index, statement, &naming)?;
                self.erasures.count_again(index, &statement.claims().iss, &again);
                Ok(naming)
            }
            StatementType::Redaction => {
                let naming = self.registry.apply(index, statement, past)?;
                if let Some(redaction) = Redaction::of(statement, &naming) {
                    self.erasures.know(index, redaction);
                }
                Ok(naming)
            }
            StatementType::Conflict => {
                let naming = self.registry.check(index, statement, past)?;
                check_conflict(admitted, past)?;
                self.registry.apply_named(index, statement, &naming)?;
                Ok(naming)
            }
            _ => Ok(self.registry.apply(index, statement, past)?),
        }
    }

    /// A disclosure brings what its one target withheld.
    fn check_opened(&self, admitted: &Admitted, naming: &Naming, past: &dyn Past) -> Result<(), Refused> {
        let target = admitted.statement().payload().targets().and_then(Targets::single_entry);
        let (Some(leaf), Some(named)) = (target, naming.entries().first()) else { return Ok(()) };
        let found = past.find(leaf).map_err(RegistryError::Past)?;
        let (_, target) = found.ok_or_else(|| RegistryError::Past(PastError("it is gone".to_owned())))?;
        Ok(disclosed::check(admitted.opened(), named, &target)?)
    }
}

/// What numbering asks of the log that is already written.
pub(crate) trait Written: Past {
    /// The entry that holds that number of that issuer: its place and its statement.
    fn first_with(
        &self,
        iss: &Issuer,
        sequence: Sequence,
    ) -> Result<Option<(LeafIndex, LeafHash, Statement)>, WriterError>;

    /// Whether an entry may be there that [`Written::first_with`] did not find yet.
    fn is_behind(&self) -> bool;
}

/// Takes from the pool until a bound is reached or a registrar's statement ends the round. Whose turn to look for entries has
/// not come waits there.
pub(crate) fn number(
    pool: &mut Pool,
    books: &mut Books<'_>,
    size: TreeSize,
    written: &dyn Written,
) -> Result<Numbered, WriterError> {
    let mut numbered = Numbered::default();
    let mut turns = LookUpTurns::new();
    loop {
        let mut aside = Pool::new();
        let has_ended = numbered.go_through(pool, &mut aside, &mut turns, books, size, written)?;
        if has_ended || !turns.next() {
            if !aside.is_empty() {
                aside = turns.arrange(aside, books.registry);
                aside.append(pool);
                *pool = aside;
            }
            return Ok(numbered);
        }
        *pool = aside;
    }
}

impl Numbered {
    /// Takes what it is the turn of, and puts the rest aside, both in their order; whether the round has ended before all was seen.
    fn go_through(
        &mut self,
        pool: &mut Pool,
        aside: &mut Pool,
        turns: &mut LookUpTurns,
        books: &mut Books<'_>,
        size: TreeSize,
        written: &dyn Written,
    ) -> Result<bool, WriterError> {
        while let Some((ticket, admitted)) = pool.pop_front() {
            let sought = Sought::by(&admitted, books.registry);
            if !turns.has_come(&admitted, &sought) {
                aside.push_back((ticket, admitted));
                continue;
            }
            if self.is_full_for(&admitted) {
                pool.push_front((ticket, admitted));
                return Ok(true);
            }
            self.weight += admitted.weight();
            let ends_round = admitted.statement().claims().is_registrar();
            let before = self.looked_for.get();
            let (answer, taken) = self.place(admitted, books, size, written)?;
            turns.spend(sought, self.looked_for.get() - before);
            self.answers.push((ticket, answer));
            if ends_round && taken {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_full_for(&self, admitted: &Admitted) -> bool {
        !self.admitted.is_empty()
            && (self.admitted.len() >= ROUND_ENTRIES_MAX || self.bytes + admitted.weight() > ROUND_BYTES_MAX)
    }

    /// Gives the statement its place, or says why it gets none; whether it got one.
    fn place(
        &mut self,
        admitted: Admitted,
        books: &mut Books<'_>,
        size: TreeSize,
        written: &dyn Written,
    ) -> Result<(Answer, bool), WriterError> {
        let index = size.get() + self.admitted.len() as u64;
        let index = LeafIndex::new(index).map_err(|_| WriterError::Full)?;
        let statement = admitted.statement();
        match books.enter(index, &admitted, &SoFar { numbered: self, size, written }) {
            Ok(naming) => Ok((self.take(index, admitted, naming), true)),
            // A void can meet a taken number too, inside its range: that is no repetition of the void.
            Err(Refused::Order(RegistryError::Sequence(SequenceError::Taken(number))))
                if number == statement.payload().sequence() =>
            {
                let answer = self.repeated(statement, size, written)?;
                self.keep_conflict(statement, &answer);
                Ok((answer, false))
            }
            Err(Refused::Order(RegistryError::Past(error))) => {
                let detail = format!("{error}; send it again later");
                self.remark(detail.clone());
                Ok((Answer::Rejected(Rejection::new("not-ready", detail)), false))
            }
            Err(Refused::Order(error)) => {
                Ok((Answer::Rejected(Rejection::new(error.slug(), error.to_string())), false))
            }
            Err(Refused::Texts(rejection)) => Ok((Answer::Rejected(rejection), false)),
        }
    }

    fn take(&mut self, index: LeafIndex, admitted: Admitted, naming: Naming) -> Answer {
        let statement = admitted.statement();
        let key = (statement.claims().iss.clone(), statement.payload().sequence());
        self.taken.insert(key, self.admitted.len());
        self.bytes += admitted.weight();
        let leaf_hash = *admitted.leaf_hash();
        self.leaves.insert(leaf_hash, self.admitted.len());
        self.admitted.push(admitted);
        self.namings.push(naming);
        Answer::Accepted { index, leaf_hash }
    }

    /// The number is taken: by the same statement under whatever signature, key and time (a duplicate, whose addenda
    /// are ignored), or by another one (a conflict).
    fn repeated(
        &mut self,
        statement: &Statement,
        size: TreeSize,
        written: &dyn Written,
    ) -> Result<Answer, WriterError> {
        let iss = &statement.claims().iss;
        let sequence = statement.payload().sequence();
        if let Some(at) = self.taken.get(&(iss.clone(), sequence))
            && let Some(first) = self.admitted.get(*at)
        {
            let index = LeafIndex::new(size.get() + *at as u64).map_err(|_| WriterError::Full)?;
            return Ok(compare(statement, first.statement(), index, *first.leaf_hash()));
        }
        self.looked_for.update(|count| count + 1);
        Ok(match written.first_with(iss, sequence) {
            Ok(Some((index, leaf_hash, first))) => compare(statement, &first, index, leaf_hash),
            Ok(None) if written.is_behind() => {
                let detail = format!(
                    "number {sequence} of {iss} is taken, and the look-ups that tell by what are being built; send it \
                     again later"
                );
                Answer::Rejected(Rejection::new("not-ready", detail))
            }
            missed => {
                // The registry says that it is there, so the look-ups or its bytes are broken. Neither is a reason to
                // stop the log; the submitter may ask again, and the operator is told why.
                let detail = format!("the entry with number {sequence} of {iss} cannot be found");
                let why = match missed {
                    Err(error) => error.to_string(),
                    Ok(_) => "the look-ups do not know it; `glasshouse fsck` checks the folder".to_owned(),
                };
                self.remark(format!("{detail}: {why}"));
                Answer::Rejected(Rejection::new("internal", detail))
            }
        })
    }

    /// Keeps a provider's double statement for the registrar.
    fn keep_conflict(&mut self, statement: &Statement, answer: &Answer) {
        let conflicts = matches!(answer, Answer::Rejected(why) if why.slug == CONFLICT)
            && !statement.claims().is_registrar();
        if conflicts && self.conflicts.len() < CONFLICTS_MAX {
            self.conflicts.push(statement.clone());
        }
    }

    /// Keeps a remark, of which a round has few: what is broken is broken for the next submission too.
    fn remark(&mut self, remark: String) {
        if self.remarks.len() < REMARKS_MAX {
            self.remarks.push(remark);
        }
    }
}

fn compare(statement: &Statement, first: &Statement, index: LeafIndex, leaf_hash: LeafHash) -> Answer {
    if statement.says_the_same_as(first) {
        return Answer::Duplicate { index, leaf_hash };
    }
    let detail = format!(
        "number {} of {} stands for another statement, at index {index}; use the next free number, and an amendment \
         to correct what stands",
        first.payload().sequence(),
        first.claims().iss,
    );
    Answer::Rejected(Rejection::new(CONFLICT, detail))
}

/// A conflict shows two statements of one number. What is wrong with it otherwise, the registry says.
fn check_conflict(admitted: &Admitted, past: &dyn Past) -> Result<(), Rejection> {
    let named = admitted.statement().payload().targets().and_then(Targets::single_entry);
    let Some(leaf) = named else { return Ok(()) };
    match past.find(leaf) {
        Ok(Some((_, on_record))) => conflict::check_against(admitted.addenda(), &on_record),
        _ => Ok(()),
    }
}
