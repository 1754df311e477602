//! Redactions that are set aside: they were withdrawn in time, or count again by a withdrawal that is not published. Between the
//! published tree and the newest signed one lies then a tree in which they do not count, and which may be published first. Nobody
//! carries them out until a publication says that they count.

use std::collections::{BTreeMap, HashMap};

use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement_type::StatementType;

use super::{Erasures, Redaction};

/// All that are set aside.
#[derive(Debug, Default)]
pub(super) struct Aside {
    all: HashMap<LeafIndex, Waiting>,
    /// The places of each author's, by their numbers.
    of: HashMap<Issuer, BTreeMap<Sequence, LeafIndex>>,
}

#[derive(Debug)]
struct Waiting {
    redaction: Redaction,
    /// The newest signed withdrawal by which it counts again, if there is one.
    waits_for: Option<LeafIndex>,
}

impl Aside {
    pub(super) fn put(&mut self, index: LeafIndex, redaction: Redaction, waits_for: Option<LeafIndex>) {
        self.of.entry(redaction.author.clone()).or_default().insert(redaction.sequence, index);
        self.all.insert(index, Waiting { redaction, waits_for });
    }

    pub(super) fn has(&self, index: LeafIndex) -> bool {
        self.all.contains_key(&index)
    }

    pub(super) fn get(&self, index: LeafIndex) -> Option<&Redaction> {
        self.all.get(&index).map(|waiting| &waiting.redaction)
    }

    /// All, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Redaction> {
        self.all.values().map(|waiting| &waiting.redaction)
    }

    /// The places of all, in no order.
    pub(super) fn places(&self) -> impl Iterator<Item = &LeafIndex> {
        self.all.keys()
    }

    fn find(&mut self, author: &Issuer, number: Sequence) -> Option<&mut Waiting> {
        self.all.get_mut(self.of.get(author)?.get(&number)?)
    }

    fn take(&mut self, author: &Issuer, number: Sequence) -> Option<(LeafIndex, Redaction)> {
        let index = self.of.get_mut(author)?.remove(&number)?;
        Some((index, self.all.remove(&index)?.redaction))
    }
}

impl Erasures {
    /// By a withdrawal that gets its place now the redactions of that author with these numbers may count again.
    pub(crate) fn count_again(&mut self, by: LeafIndex, author: &Issuer, restored: &[Sequence]) {
        for number in restored {
            if let Some(waiting) = self.aside.find(author, *number) {
                waiting.waits_for = Some(by);
            } else if let Some(index) = self.turns.find(author, *number)
                && let Some(redaction) = self.remove(index)
            {
                self.aside.put(index, redaction, Some(by));
            }
        }
    }

    /// In the tree of that size, which is published, withdrawals of these numbers of that author count no more: what was set
    /// aside is open again, unless it waits for more, or what is signed says by now that it does not count.
    pub(crate) fn look_again(
        &mut self,
        size: TreeSize,
        author: &Issuer,
        restored: &[Sequence],
        registry: &Registry,
    ) {
        for number in restored {
            let Some(Waiting { waits_for, .. }) = self.aside.find(author, *number) else { continue };
            let is_published = waits_for.is_none_or(|by| by.is_in(size));
            let counts = registry.counts(author, *number, StatementType::Redaction);
            if is_published
                && counts
                && let Some((index, redaction)) = self.aside.take(author, *number)
            {
                self.reopen(index, redaction);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;
    use crate::erasures::ASIDE_AT_ONCE;
    use crate::erasures::walk::Walk;

    /// So many are set aside at once that whoever waits behind them has no turn yet. Fails if that looks as if nothing was due.
    #[test]
    fn what_waits_behind_many_that_are_set_aside_is_due() {
        let author = Issuer::parse("https://provider.example").unwrap();
        let mut erasures = Erasures::new(0);
        let many = ASIDE_AT_ONCE as u64 + 1;
        for number in 0..many {
            let sequence = Sequence::new(number + 1).unwrap();
            let walk = Walk::from_parts(author.clone(), Vec::new(), Vec::new());
            let redaction = Redaction { author: author.clone(), sequence, fields: Box::default(), walk };
            erasures.know(LeafIndex::new(number).unwrap(), redaction);
        }
        erasures.publish(many, std::iter::empty(), 0);
        let counts = |redaction: &Redaction| redaction.sequence.get() == many;
        assert_eq!((erasures.next(&counts, 0), erasures.has_due(0)), (None, true));
        assert_eq!(erasures.next(&counts, 0), LeafIndex::new(many - 1).ok());
    }
}
