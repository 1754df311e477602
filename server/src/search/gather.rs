//! Goes through the documents of the index that meet conditions, segment by segment. Entries whose facts in memory are newer
//! are passed over, and a request that takes too long is ended between two steps.

use std::sync::Arc;
use std::time::Instant;

use tantivy::fastfield::Column;
use tantivy::index::SegmentReader;
use tantivy::query::{EnableScoring, Query};
use tantivy::{DocId, Searcher, TantivyError};

use super::clause::Clause;
use super::document_set::DocumentSet;
use super::kept_sets::KeptSets;
use super::looked_up::{LookedUp, looked_up};
use super::tally::TooManyGroups;

/// Why the index gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GatherError {
    /// It would have taken too long.
    #[error("the answer took too long")]
    TooLong,
    /// Too many different values.
    #[error("too many different values")]
    TooManyGroups,
    /// It is damaged.
    #[error(transparent)]
    Index(#[from] TantivyError),
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<TooManyGroups> for GatherError {
    fn from(_: TooManyGroups) -> GatherError {
        GatherError::TooManyGroups
    }
}

/// What is made of the documents that were found.
pub(crate) trait Gather {
    /// What is needed of one segment.
    type Columns;

    /// Opens that.
    fn open(&self, segment: &SegmentReader) -> Result<Self::Columns, GatherError>;

    /// When the segment's turn is: the least first.
    fn turn(&self, _: &Self::Columns) -> (u64, u64) {
        (0, 0)
    }

    /// Takes in all documents of the segment at once, if there is a shorter way than one by one.
    fn take_all(
        &mut self,
        _: &mut Self::Columns,
        _: &SegmentSets<'_>,
        _: &DocumentSet,
    ) -> Result<bool, GatherError> {
        Ok(false)
    }

    /// Takes in documents of the segment.
    fn take(&mut self, columns: &mut Self::Columns, documents: &[DocId]) -> Result<(), GatherError>;

    /// Takes in what the segment gave in all.
    fn close(&mut self, columns: Self::Columns) -> Result<(), GatherError>;
}

/// A column of one number for each document.
pub(crate) fn number(column: &Column<u64>, document: DocId) -> u64 {
    column.first(document).unwrap_or(0)
}

/// Goes through what meets all conditions. `newer`, in order, are the entries that are passed over.
pub(crate) fn gather<G: Gather>(
    searcher: &Searcher,
    kept: &KeptSets,
    clauses: &[Clause],
    newer: &[u64],
    deadline: Instant,
    into: &mut G,
) -> Result<(), GatherError> {
    let mut segments = Vec::new();
    for segment in searcher.segment_readers() {
        segments.push((segment, into.open(segment)?));
    }
    segments.sort_by_key(|(_, columns)| into.turn(columns));
    for (segment, mut columns) in segments {
        let sets = SegmentSets { searcher, segment, kept, deadline };
        sets.check_time()?;
        let mut documents = sets.of_all(clauses)?;
        if let Some(alive) = segment.alive_bitset() {
            documents.retain(|document| alive.is_alive(document));
        }
        if let Some(passed) = Passed::of(segment, newer)? {
            documents.retain(|document| !passed.has(document));
        }
        if !documents.is_empty() && !into.take_all(&mut columns, &sets, &documents)? {
            documents.for_each(|some| into.take(&mut columns, some))?;
        }
        into.close(columns)?;
    }
    Ok(())
}

/// Which documents of one segment meet which condition, whether they are deleted or not.
pub(crate) struct SegmentSets<'a> {
    searcher: &'a Searcher,
    segment: &'a SegmentReader,
    kept: &'a KeptSets,
    deadline: Instant,
}

impl SegmentSets<'_> {
    /// Those that meet a condition.
    pub(crate) fn of(&self, clause: &Clause) -> Result<Arc<DocumentSet>, GatherError> {
        self.check_time()?;
        match clause.is_kept() {
            true => self.kept.get(self.segment.segment_id(), clause, || self.look_up(clause)),
            false => Ok(Arc::new(self.look_up(clause)?)),
        }
    }

    fn check_time(&self) -> Result<(), GatherError> {
        if Instant::now() > self.deadline { Err(GatherError::TooLong) } else { Ok(()) }
    }

    /// Those that meet all conditions.
    fn of_all(&self, clauses: &[Clause]) -> Result<DocumentSet, GatherError> {
        let mut all = DocumentSet::all(self.segment.max_doc());
        for clause in clauses {
            if all.is_empty() {
                break;
            }
            all.intersect(&*self.of(clause)?);
        }
        Ok(all)
    }

    fn look_up(&self, clause: &Clause) -> Result<DocumentSet, GatherError> {
        let LookedUp { with, without } = looked_up(clause);
        let mut set = DocumentSet::all(self.segment.max_doc());
        for query in &with {
            set.intersect(&self.found(query.as_ref())?);
        }
        for query in &without {
            set.subtract(&self.found(query.as_ref())?);
        }
        Ok(set)
    }

    fn found(&self, query: &dyn Query) -> Result<DocumentSet, GatherError> {
        let mut set = DocumentSet::none(self.segment.max_doc());
        let weight = query.weight(EnableScoring::disabled_from_searcher(self.searcher))?;
        weight.for_each_no_score(self.segment, &mut |some| {
            some.iter().for_each(|document| set.insert(*document));
        })?;
        Ok(set)
    }
}

/// Entries of a segment that are passed over.
struct Passed<'a> {
    index: Column<u64>,
    newer: &'a [u64],
}

impl<'a> Passed<'a> {
    /// `None` where the segment has none of them.
    fn of(segment: &SegmentReader, newer: &'a [u64]) -> Result<Option<Passed<'a>>, GatherError> {
        if newer.is_empty() {
            return Ok(None);
        }
        let index = segment.fast_fields().u64("index")?;
        let (least, greatest) = (index.min_value(), index.max_value());
        let from = newer.partition_point(|entry| *entry < least);
        let to = newer.partition_point(|entry| *entry <= greatest);
        let newer = newer.get(from..to).unwrap_or_default();
        Ok((!newer.is_empty()).then_some(Passed { index, newer }))
    }

    fn has(&self, document: DocId) -> bool {
        self.newer.binary_search(&number(&self.index, document)).is_ok()
    }
}
