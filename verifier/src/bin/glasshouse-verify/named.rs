//! Which entries later statements name, so that only these have to be read again to tell what became of them. Memory: 16
//! bytes an entry, for finding the numbers of a range.

use std::collections::{BTreeSet, HashMap};

use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::naming::Naming;
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::targets::SequenceRange;

/// Numbers and places of all entries, and what was named.
#[derive(Default)]
pub(crate) struct Named {
    /// Of each issuer its numbers and their places, in the order of the log.
    places: HashMap<Issuer, Vec<(u64, u64)>>,
    entries: BTreeSet<u64>,
    ranges: Vec<(Issuer, SequenceRange)>,
}

impl Named {
    /// An entry that was taken in, and what it names.
    pub(crate) fn take(&mut self, index: LeafIndex, statement: &Statement, naming: &Naming) {
        let iss = &statement.claims().iss;
        let place = (statement.sequence().get(), index.get());
        match self.places.get_mut(iss) {
            Some(places) => places.push(place),
            None => drop(self.places.insert(iss.clone(), vec![place])),
        }
        self.entries.extend(naming.entries().iter().map(|entry| entry.index.get()));
        let owner = statement.payload().provider().unwrap_or(iss);
        self.ranges.extend(naming.ranges().iter().map(|range| (owner.clone(), *range)));
    }

    /// The places of everything that is named, ascending. A range names what stands before its statement; that it may
    /// reach further does no harm, because the state of what is not named is what was counted before.
    pub(crate) fn places(&mut self) -> &BTreeSet<u64> {
        if !self.ranges.is_empty() {
            self.places.values_mut().for_each(|places| places.sort_unstable());
        }
        for (owner, range) in self.ranges.drain(..) {
            let Some(places) = self.places.get(&owner) else { continue };
            let from = places.partition_point(|(number, _)| *number < range.first().get());
            let within = places.iter().skip(from).take_while(|(number, _)| *number <= range.last().get());
            self.entries.extend(within.map(|(_, place)| *place));
        }
        &self.entries
    }
}
