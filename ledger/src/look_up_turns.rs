//! Whose statements may look for earlier entries in a round.
//!
//! A statement costs a round next to nothing unless it is taken or makes the writer look for an entry that it names or repeats,
//! whatever is answered then. So look-ups have a bound of their own. What a round has no look-ups left for waits, and nobody
//! else waits for it: an issuer that has looked for much waits until the others had their turn, and what it sent later waits behind it;
//! who sends others' statements again takes nothing from their authors.

use std::collections::{HashMap, HashSet, VecDeque};

use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::targets::Target;

use crate::admission::Admitted;
use crate::writer::Ticket;

/// A round looks for so many named entries, and for those of one statement more: half a second's work where each lies elsewhere.
pub const NAMED_LOOK_UPS_MAX: usize = 4_096;
/// Of these an issuer gets so many, and those of one statement more, before the others had their turn.
pub const NAMED_LOOK_UPS_OF_ONE: usize = 1_024;
/// A round looks for so many entries that are sent again. They are counted apart: anybody may send them.
pub const REPEATS_MAX: usize = 2_048;

/// Statements that wait for a round.
pub(crate) type Pool = VecDeque<(Ticket, Admitted)>;

/// What a statement makes the writer look for.
pub(crate) enum Sought {
    /// Nothing.
    Nothing,
    /// The entry that has its number. It stays taken, so a repeat can wait behind anything.
    Repeated,
    /// The entries that it names by their leaf hashes.
    Named(Issuer),
}

impl Sought {
    /// What a statement looks for, if it is its turn now.
    pub(crate) fn by(admitted: &Admitted, registry: &Registry) -> Sought {
        let (iss, payload) = (&admitted.statement().claims().iss, admitted.statement().payload());
        if registry.is_taken(iss, payload.sequence()) {
            return Sought::Repeated;
        }
        let mut targets = payload.targets().into_iter().flat_map(|targets| targets.iter());
        match targets.any(|target| matches!(target, Target::Entry(_))) {
            true => Sought::Named(iss.clone()),
            false => Sought::Nothing,
        }
    }
}

/// The turns of one round.
#[derive(Debug)]
pub(crate) struct LookUpTurns {
    repeats: usize,
    named: usize,
    /// How many of these for each issuer.
    named_by: HashMap<Issuer, usize>,
    /// How many an issuer may have had to get more.
    share: usize,
    /// Whose statements wait from here on, so that they keep their order.
    waiting: HashSet<Issuer>,
}

impl LookUpTurns {
    pub(crate) fn new() -> LookUpTurns {
        LookUpTurns {
            repeats: 0,
            named: 0,
            named_by: HashMap::new(),
            share: NAMED_LOOK_UPS_OF_ONE,
            waiting: HashSet::new(),
        }
    }

    /// Whether it is the statement's turn. If not, it and what its issuer sent behind it waits.
    pub(crate) fn has_come(&mut self, admitted: &Admitted, sought: &Sought) -> bool {
        let issuer = &admitted.statement().claims().iss;
        match sought {
            Sought::Repeated => self.repeats < REPEATS_MAX,
            _ if self.waiting.contains(issuer) => false,
            Sought::Nothing => true,
            Sought::Named(_) => {
                let had = self.named_by.get(issuer).copied().unwrap_or(0);
                let has_come = !self.is_spent() && had < self.share;
                if !has_come {
                    self.waiting.insert(issuer.clone());
                }
                has_come
            }
        }
    }

    /// Counts what a statement made the writer look for.
    pub(crate) fn spend(&mut self, sought: Sought, count: usize) {
        match sought {
            Sought::Nothing => {}
            Sought::Repeated => self.repeats += count,
            Sought::Named(issuer) => {
                self.named += count;
                *self.named_by.entry(issuer).or_default() += count;
            }
        }
    }

    /// Gives those who wait another turn, if any look-ups are left for them.
    pub(crate) fn next(&mut self) -> bool {
        let others = !self.waiting.is_empty() && !self.is_spent();
        self.waiting.clear();
        self.share += NAMED_LOOK_UPS_OF_ONE;
        others
    }

    /// Puts those first who got nothing while others did, and repeats before all: nobody's order depends on them.
    pub(crate) fn arrange(&self, aside: Pool, registry: &Registry) -> Pool {
        if !self.is_spent() {
            return aside;
        }
        let (mut first, mut unserved, mut served) = (Pool::new(), Pool::new(), Pool::new());
        for (ticket, admitted) in aside {
            let place = match Sought::by(&admitted, registry) {
                Sought::Repeated => &mut first,
                _ if self.named_by.contains_key(&admitted.statement().claims().iss) => &mut served,
                _ => &mut unserved,
            };
            place.push_back((ticket, admitted));
        }
        first.append(&mut unserved);
        first.append(&mut served);
        first
    }

    fn is_spent(&self) -> bool {
        self.named >= NAMED_LOOK_UPS_MAX
    }
}
