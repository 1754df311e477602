//! What answers are made from: the index on disk at one moment, and the facts in memory that are newer.

use std::sync::Arc;
use std::time::Instant;

use tantivy::Searcher;

use super::clause::Clause;
use super::counts::Counts;
use super::dimension::Dimension;
use super::every::Every;
use super::facts::Facts;
use super::first::First;
use super::gather::{Gather, GatherError, gather};
use super::kept_sets::KeptSets;
use super::logged::LoggedRanges;
use super::rank::{Rank, Sort};
use super::tally::Counted;
use crate::limits::SEARCH_TIME;

/// The index on disk, as of a commit.
#[derive(Clone)]
pub(crate) struct Base {
    /// Reads it.
    pub(crate) searcher: Searcher,
    /// The size of the tree that it covers.
    pub(crate) size: u64,
}

/// Everything that is known at one moment.
#[derive(Clone, Default)]
pub(crate) struct Snapshot {
    /// Grows whenever something is known anew.
    pub(crate) version: u64,
    /// The size of the tree that is covered.
    pub(crate) covered: u64,
    /// How many entries of it took texts out of sight.
    pub(crate) hiding: u64,
    /// The index on disk; none before the first commit.
    pub(crate) base: Option<Base>,
    /// Newer facts, in the order of the log.
    pub(crate) tail: Vec<Arc<Facts>>,
    /// What was found before.
    pub(crate) kept: Arc<KeptSets>,
    /// What ticks prove about days.
    pub(crate) logged: Arc<LoggedRanges>,
}

impl Snapshot {
    /// Goes through everything that meets the conditions.
    fn gather<G: Gather>(
        &self,
        clauses: &[Clause],
        into: &mut G,
        add: impl Fn(&mut G, &Facts) -> Result<(), GatherError>,
    ) -> Result<(), GatherError> {
        let deadline = Instant::now() + SEARCH_TIME;
        if let Some(base) = &self.base {
            let newer = self.tail.iter().map(|facts| facts.index).take_while(|index| *index < base.size);
            let newer: Vec<u64> = newer.collect();
            gather(&base.searcher, &self.kept, clauses, &newer, deadline, into)?;
        }
        for facts in &self.tail {
            if clauses.iter().all(|clause| clause.is_met_by(facts)) {
                add(into, facts)?;
            }
        }
        Ok(())
    }

    /// How many entries meet the conditions, and the ranks of the first of them behind `after`: one more than `limit`, if
    /// there are as many.
    pub(crate) fn first(
        &self,
        clauses: &[Clause],
        sort: Sort,
        after: Option<Rank>,
        limit: usize,
    ) -> Result<(u64, Vec<Rank>), GatherError> {
        let mut first = First::new(sort, after, limit + 1);
        self.gather(clauses, &mut first, |first, facts| {
            first.add(facts.index, facts.day);
            Ok(())
        })?;
        Ok(first.finish())
    }

    /// How many entries meet the conditions, and how many of these have which values.
    pub(crate) fn counts(&self, clauses: &[Clause], by: &[Dimension]) -> Result<(u64, Counted), GatherError> {
        let mut counts = Counts::new(by);
        self.gather(clauses, &mut counts, |counts, facts| Ok(counts.add_facts(facts)?))?;
        Ok(counts.finish())
    }

    /// All entries that meet the conditions, in the order of the log.
    pub(crate) fn every(
        &self,
        clauses: &[Clause],
    ) -> Result<impl Iterator<Item = u64> + Send + use<>, GatherError> {
        let mut every = Every::new(self.covered);
        self.gather(clauses, &mut every, |every, facts| {
            every.add(facts.index);
            Ok(())
        })?;
        Ok(every.finish())
    }
}
