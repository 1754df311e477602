//! Which statements are withdrawn now. Kept up to date with each withdrawal, so that asking costs 21 look-ups however many
//! withdrawals there are (`spec/lifecycle.md`, "What counts").

use std::collections::HashMap;

use crate::issuer::Issuer;
use crate::naming::Naming;
use crate::sequence::Sequence;
use crate::snapshot::stored;
use crate::span_map::SpanCount;
use crate::statement_type::StatementType;
use crate::targets::SequenceRange;

/// One withdrawal.
#[derive(Debug, Clone)]
struct Made {
    counts: bool,
    /// The numbers that it names by leaf hash, and the types of their statements.
    entries: Vec<(Sequence, StatementType)>,
    ranges: Vec<SequenceRange>,
}

/// Every withdrawal, and what those that count name. A withdrawal names only its own issuer's statements.
#[derive(Debug, Clone, Default)]
pub(crate) struct Withdrawals {
    made: HashMap<(Issuer, Sequence), Made>,
    by_leaf: HashMap<Issuer, SpanCount>,
    by_range: HashMap<Issuer, SpanCount>,
}

stored!(Made { counts, entries, ranges });
stored!(Withdrawals { made, by_leaf, by_range });

impl Withdrawals {
    /// Takes in a withdrawal, which counts from now on. Gives the numbers of redactions, in no order, that were named in
    /// withdrawals which for that reason count no more: these redactions may count again.
    pub(crate) fn take(&mut self, author: &Issuer, sequence: Sequence, naming: &Naming) -> Vec<Sequence> {
        let entries = naming.entries().iter();
        let entries = entries.map(|entry| (entry.sequence, entry.kind));
        let made = Made { counts: false, entries: entries.collect(), ranges: naming.ranges().to_vec() };
        self.made.insert((author.clone(), sequence), made);
        let mut restored = Vec::new();
        self.set(author, sequence, true, &mut restored);
        restored
    }

    /// Whether a withdrawal that counts names the statement of that issuer, number and type.
    pub(crate) fn has(&self, owner: &Issuer, sequence: Sequence, kind: StatementType) -> bool {
        let named = |counts: &HashMap<Issuer, SpanCount>, by_leaf| {
            StatementType::Withdrawal.may_name(kind, by_leaf)
                && counts.get(owner).is_some_and(|counts| counts.is_covered(sequence))
        };
        named(&self.by_leaf, true) || named(&self.by_range, false)
    }

    /// Lets a withdrawal count, or not, and every withdrawal that it names with it. They name each other at most
    /// [`MAX_DEPTH`](crate::naming::MAX_DEPTH) deep, and so deep does this call itself.
    fn set(&mut self, author: &Issuer, sequence: Sequence, counts: bool, restored: &mut Vec<Sequence>) {
        let Some(made) = self.made.get_mut(&(author.clone(), sequence)) else { return };
        if made.counts == counts {
            return;
        }
        made.counts = counts;
        let Made { entries, ranges, .. } = made.clone();
        let by_leaf = self.by_leaf.entry(author.clone()).or_default();
        for one in entries.iter().filter_map(|(number, _)| SequenceRange::new(*number, *number)) {
            by_leaf.change(one, counts);
        }
        let by_range = self.by_range.entry(author.clone()).or_default();
        for range in ranges {
            by_range.change(range, counts);
        }
        for (number, kind) in entries {
            match kind {
                StatementType::Withdrawal => {
                    let withdrawn = self.has(author, number, StatementType::Withdrawal);
                    self.set(author, number, !withdrawn, restored);
                }
                StatementType::Redaction if !counts => restored.push(number),
                _ => {}
            }
        }
    }
}
