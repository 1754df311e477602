//! Which redactions are still to be carried out, and when: what a ledger knows about erasing beside its log.
//!
//! A redaction that counts is **open** from its publication until no byte of what it names is left. It is **due** at once,
//! or when its hold has passed. Once it is being carried out it is **final**: no withdrawal may take it back, nor one of
//! those that it rests on. Everything but times follows from the log and the packs ([`record`] says how far that was
//! looked at).

mod aside;
mod keepers;
mod moments;
pub(crate) mod record;
mod turns;
pub(crate) mod walk;

use std::collections::{BTreeMap, HashSet};

use glasshouse_verifier::entry_state::EntryState;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::naming::Naming;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;

use self::aside::Aside;
use self::keepers::keep;
use self::moments::Moments;
use self::record::ErasureRecord;
use self::turns::{Turn, Turns};
use self::walk::{Cursor, Walk};
use crate::rejection::Rejection;
use crate::tombstones::Tombstones;

/// At most so many withdrawn redactions are set aside before whoever waits has a turn.
const ASIDE_AT_ONCE: usize = 4_096;

/// A redaction that is not carried out.
#[derive(Debug, Clone)]
pub(crate) struct Redaction {
    pub(crate) author: Issuer,
    pub(crate) sequence: Sequence,
    pub(crate) fields: Box<[FieldName]>,
    pub(crate) walk: Walk,
}

impl Redaction {
    /// What a statement erases; `None` for one that erases nothing.
    pub(crate) fn of(statement: &Statement, naming: &Naming) -> Option<Redaction> {
        let (claims, payload) = (statement.claims(), statement.payload());
        if payload.kind() != StatementType::Redaction {
            return None;
        }
        let owner = payload.provider().unwrap_or(&claims.iss);
        Some(Redaction {
            author: claims.iss.clone(),
            sequence: payload.sequence(),
            fields: payload.names(FieldName::FIELDS).into(),
            walk: Walk::of(owner.clone(), naming),
        })
    }

    /// Whether it is withdrawn by nothing that counts.
    pub(crate) fn counts(&self, registry: &Registry) -> bool {
        registry.counts(&self.author, self.sequence, StatementType::Redaction)
    }

    /// What it names, and how far that was looked at.
    pub(crate) fn walk(&self) -> &Walk {
        &self.walk
    }
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Erasures {
    hold_ms: u64,
    /// The size of the published tree: what is not published erases nothing yet, and its hold has not begun.
    published: u64,
    /// From which place on that tree waits to be published once more.
    waits_from: u64,
    /// Redactions that a start found begun and could not carry out yet: their tombstones may be torn.
    pub(crate) doubtful: HashSet<LeafIndex>,
    /// The size up to which an earlier run wrote the moments down.
    remembered: u64,
    moments: Moments,
    open: BTreeMap<LeafIndex, Redaction>,
    turns: Turns,
    /// Open ones of which something is erased already.
    begun: HashSet<LeafIndex>,
    /// Those that wait to count again.
    aside: Aside,
    /// Withdrawals of withdrawals on which a final redaction rests.
    keepers: HashSet<LeafIndex>,
    /// Whether the log has any redaction.
    any: bool,
    /// The tombstones and marks of all packs, as they were counted at the start and written since.
    pub(crate) tombstones: Tombstones,
    /// Whether this start has looked at all that is open. Before it has, redactions may be begun of which it does not know, and
    /// what is written down must not be taken for a look at these packs.
    pub(crate) was_looked_through: bool,
    /// Whose texts were passed over because the first redaction of them does not count in the published tree.
    pub(crate) passed_over: HashSet<Issuer>,
}

impl Erasures {
    /// Of a log without redactions, with a hold in milliseconds.
    pub(crate) fn new(hold_ms: u64) -> Erasures {
        Erasures {
            hold_ms,
            published: 0,
            waits_from: u64::MAX,
            doubtful: HashSet::new(),
            remembered: 0,
            moments: Moments::default(),
            open: BTreeMap::new(),
            turns: Turns::default(),
            begun: HashSet::new(),
            aside: Aside::default(),
            keepers: HashSet::new(),
            any: false,
            tombstones: Tombstones::default(),
            was_looked_through: false,
            passed_over: HashSet::new(),
        }
    }

    /// The moments of the redactions in a tree of that size, from a record; what it does not tell begins anew.
    pub(crate) fn remember(&mut self, record: Option<&ErasureRecord>, size: u64, now_ms: u64) {
        self.published = size;
        let covered = record.map_or(0, |record| record.covered);
        self.remembered = covered;
        self.moments = record.map_or_else(Moments::default, |record| record.moments.clone());
        if self.hold_ms > 0 && covered < size {
            self.moments.restart(covered, now_ms);
        }
    }

    /// The tree of that size is published at that time, with these redactions that were not; those of which the moment is
    /// remembered keep it. Whether that has to be remembered.
    pub(crate) fn publish(
        &mut self,
        size: u64,
        mut redactions: impl Iterator<Item = LeafIndex>,
        now_ms: u64,
    ) -> bool {
        self.published = size;
        let waited_from = std::mem::replace(&mut self.waits_from, u64::MAX);
        let has_waited = waited_from < size;
        if self.hold_ms > 0 && has_waited {
            self.moments.restart(waited_from, now_ms);
        }
        let first = redactions.find(|index| index.get() >= self.remembered);
        if let Some(first) = first.filter(|_| self.hold_ms > 0) {
            self.moments.forget(self.hold_ms, now_ms);
            self.moments.add(first.get(), now_ms);
        }
        has_waited
    }

    /// Nothing from that place on is known to be published: nothing is erased until it is published once more.
    pub(crate) fn wait_from(&mut self, size: u64) {
        self.waits_from = size;
    }

    /// Takes in a redaction that has its place.
    pub(crate) fn know(&mut self, index: LeafIndex, redaction: Redaction) {
        self.any = true;
        self.reopen(index, redaction);
    }

    fn reopen(&mut self, index: LeafIndex, redaction: Redaction) {
        self.turns.add(&redaction.author, redaction.sequence, index);
        if self.begun.contains(&index) {
            self.turns.begin(&redaction.author, index);
        }
        self.open.insert(index, redaction);
    }

    fn remove(&mut self, index: LeafIndex) -> Option<Redaction> {
        self.end_turn(index);
        self.open.remove(&index)
    }

    /// All that an open redaction names was found: others are next.
    pub(crate) fn end_turn(&mut self, index: LeafIndex) {
        if let Some(redaction) = self.open.get(&index) {
            self.turns.remove(&redaction.author, index);
        }
    }

    /// Drops those that were carried out, as a record says that is about these very packs.
    pub(crate) fn believe(&mut self, record: &ErasureRecord, registry: &Registry) {
        let done: Vec<LeafIndex> =
            self.open.keys().filter(|index| record.is_carried_out(**index)).copied().collect();
        for index in done {
            self.finish(index, registry);
        }
    }

    /// Whether no redaction is open: then there is nothing to look at.
    pub(crate) fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether the log has no redaction at all.
    pub(crate) fn is_empty(&self) -> bool {
        !self.any
    }

    /// Whether redactions are held before they are carried out.
    pub(crate) fn holds(&self) -> bool {
        self.hold_ms > 0
    }

    /// Whether the redaction at that place may be carried out.
    pub(crate) fn is_due(&self, index: LeafIndex, now_ms: u64) -> bool {
        !self.waits() && self.is_published(index) && self.is_past_hold(index, now_ms)
    }

    /// Whether the redaction at that place is carried out by now without anybody's seeing to it.
    pub(crate) fn has_turn(&self, index: LeafIndex, now_ms: u64) -> bool {
        self.is_due(index, now_ms) && !self.aside.has(index)
    }

    /// Whether its author can no longer take it back, published or not.
    pub(crate) fn is_past_hold(&self, index: LeafIndex, now_ms: u64) -> bool {
        let passed = || self.moments.of(index).saturating_add(self.hold_ms) <= now_ms;
        self.hold_ms == 0 || self.begun.contains(&index) || self.is_published(index) && passed()
    }

    /// Whether the redaction at that place is in the published tree: what is not erases no text that anybody was shown.
    fn is_published(&self, index: LeafIndex) -> bool {
        index.get() < self.published.min(self.waits_from)
    }

    /// Whether nothing is erased, for it is not known what the published tree says of it.
    fn waits(&self) -> bool {
        self.waits_from < u64::MAX
    }

    /// Whether whoever submitted the redaction at that place still waits for the erasing.
    pub(crate) fn is_awaited(&self, index: LeafIndex, now_ms: u64) -> bool {
        self.open.contains_key(&index) && self.is_published(index) && self.is_past_hold(index, now_ms)
    }

    /// Whether one is due, if it counts.
    pub(crate) fn has_due(&self, now_ms: u64) -> bool {
        self.turns.next(&|index| self.is_due(index, now_ms)).is_some()
    }

    /// When the next one is due, in milliseconds since 1970; `None` if none is open.
    pub(crate) fn next_due_ms(&self) -> Option<u64> {
        let due = |turn: &Turn| match turn.due(&|index| self.is_due(index, 0)) {
            Some(_) => Some(0),
            None => {
                let first = turn.first().filter(|index| !self.waits() && self.is_published(*index))?;
                Some(self.moments.of(first).saturating_add(self.hold_ms))
            }
        };
        self.turns.iter().filter_map(due).min()
    }

    /// A redaction that is due and counts: each author in turn, its earliest first. Those that do not count are set aside, until
    /// what withdrew them is withdrawn, and that is published.
    pub(crate) fn next(&mut self, counts: &dyn Fn(&Redaction) -> bool, now_ms: u64) -> Option<LeafIndex> {
        for _ in 0..ASIDE_AT_ONCE {
            let index = self.turns.next(&|index| self.is_due(index, now_ms))?;
            let redaction = self.open.get(&index)?;
            self.turns.took(&redaction.author);
            if counts(redaction) {
                return Some(index);
            }
            if let Some(redaction) = self.remove(index) {
                self.aside.put(index, redaction, None);
            }
        }
        None
    }

    /// Whether the published tree says that a redaction counts, as far as this knows; what is signed may give back one that it does
    /// not.
    pub(crate) fn counts_published(&self, index: LeafIndex, published: &Registry) -> bool {
        match self.open.get(&index) {
            Some(redaction) => redaction.counts(published),
            // Carried out before, and its texts were put back from a backup; unless it was set aside.
            None => !self.aside.has(index),
        }
    }

    /// An open redaction.
    pub(crate) fn get(&self, index: LeafIndex) -> Option<&Redaction> {
        self.open.get(&index)
    }

    /// What all open ones name, nothing twice: those that are due, or those that are not or are set aside.
    pub(crate) fn walks(&self, due: bool, now_ms: u64) -> Vec<Walk> {
        let chosen = self.open.iter().filter(|(index, _)| self.is_due(**index, now_ms) == due);
        let aside = self.aside.iter().filter(|_| !due);
        Walk::together(chosen.map(|(_, redaction)| redaction).chain(aside).map(Redaction::walk))
    }

    /// Whether the redaction at `at`, which is being carried out, takes a text that the one at `by` was the first to name.
    pub(crate) fn takes(
        &self,
        at: LeafIndex,
        by: LeafIndex,
        (index, statement, state, field): (LeafIndex, &Statement, &EntryState, FieldName),
    ) -> bool {
        let names = |redaction: &Redaction| {
            let by_leaf = redaction.walk.parts().0.contains(&index);
            redaction.fields.contains(&field) && (by_leaf || state.was_held(statement.payload(), field, at))
        };
        by == at || by < at && self.open.get(&at).is_some_and(names)
    }

    /// Something of that redaction is erased from now on: it is final, and due whatever its hold, set aside or not.
    pub(crate) fn begin(&mut self, index: LeafIndex, registry: &Registry) {
        let Some(redaction) = self.open.get(&index).or_else(|| self.aside.get(index)) else { return };
        if self.begun.insert(index) {
            self.turns.begin(&redaction.author, index);
            let first = (redaction.sequence, StatementType::Redaction);
            keep(&mut self.keepers, registry, &redaction.author, first);
        }
    }

    /// How far an open redaction was looked at; whether that was all of it.
    pub(crate) fn go_on(&mut self, index: LeafIndex, to: Cursor) -> bool {
        self.open.get_mut(&index).is_none_or(|redaction| {
            redaction.walk.go_on(to);
            redaction.walk.is_done()
        })
    }

    /// Nothing of what that redaction names is left.
    pub(crate) fn finish(&mut self, index: LeafIndex, registry: &Registry) {
        self.begin(index, registry);
        self.begun.remove(&index);
        self.doubtful.remove(&index);
        self.remove(index);
    }

    /// Whether a withdrawal leaves every final redaction as it is. A rule of the ledger that keeps the texts, and not of the
    /// log: nobody else knows what was erased when.
    ///
    /// # Errors
    ///
    /// `target-state`, with the redaction that cannot be taken back.
    pub(crate) fn check_withdrawal(&self, naming: &Naming, now_ms: u64) -> Result<(), Rejection> {
        for entry in naming.entries() {
            match entry.kind {
                StatementType::Redaction if self.is_final(entry.index, now_ms) => {
                    return Err(too_late(entry.index));
                }
                StatementType::Withdrawal if self.keepers.contains(&entry.index) => {
                    let detail = format!(
                        "the withdrawal at index {} can no longer be withdrawn: it lets a redaction count whose texts were erased; what is to be read again goes on record anew",
                        entry.index
                    );
                    return Err(Rejection::new("target-state", detail));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether a redaction that counts is, or may be, carried out by now.
    fn is_final(&self, index: LeafIndex, now_ms: u64) -> bool {
        let is_left = self.open.contains_key(&index) || self.aside.has(index);
        !is_left || self.is_past_hold(index, now_ms)
    }
}

fn too_late(index: LeafIndex) -> Rejection {
    let detail = format!(
        "the redaction at index {index} can no longer be withdrawn: the ledger holds it no longer, and its texts are erased for good; what is to be read again goes on record anew, in an amendment or a new statement"
    );
    Rejection::new("target-state", detail)
}
