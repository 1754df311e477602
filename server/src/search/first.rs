//! The first entries of a list in its order, and how many there are in all.

use std::collections::BinaryHeap;

use tantivy::DocId;
use tantivy::fastfield::Column;
use tantivy::index::SegmentReader;

use super::document_set::DocumentSet;
use super::gather::{Gather, GatherError, SegmentSets, number};
use super::rank::{Rank, Sort};

/// The first entries behind a rank.
#[derive(Debug)]
pub(crate) struct First {
    sort: Sort,
    after: Option<Rank>,
    most: usize,
    heap: BinaryHeap<Rank>,
    total: u64,
}

impl First {
    /// At most so many.
    pub(crate) fn new(sort: Sort, after: Option<Rank>, most: usize) -> First {
        First { sort, after, most, heap: BinaryHeap::with_capacity(most + 1), total: 0 }
    }

    /// Takes in an entry.
    pub(crate) fn add(&mut self, index: u64, day: u32) {
        self.total += 1;
        let rank = self.sort.rank(index, day);
        if self.after.is_some_and(|after| rank <= after) {
            return;
        }
        if self.heap.len() < self.most {
            self.heap.push(rank);
        } else if self.heap.peek().is_some_and(|last| rank < *last) {
            self.heap.pop();
            self.heap.push(rank);
        }
    }

    /// How many entries there are, before and behind the rank; and the ranks in order.
    pub(crate) fn finish(self) -> (u64, Vec<Rank>) {
        (self.total, self.heap.into_sorted_vec())
    }
}

/// The columns that give ranks.
pub(crate) struct RankColumns {
    index: Column<u64>,
    day: Option<Column<u64>>,
    /// No document of the segment has a lesser rank.
    least: Rank,
}

impl Gather for First {
    type Columns = RankColumns;

    fn open(&self, segment: &SegmentReader) -> Result<RankColumns, GatherError> {
        let columns = segment.fast_fields();
        let by_day = matches!(self.sort, Sort::Day | Sort::DayBackwards);
        let day = by_day.then(|| columns.u64("day")).transpose()?;
        let index = columns.u64("index")?;
        let days = day.as_ref().map(|day| (day.min_value(), day.max_value()));
        let least = self.sort.least(index.min_value()..=index.max_value(), days);
        Ok(RankColumns { index, day, least })
    }

    fn turn(&self, columns: &RankColumns) -> (u64, u64) {
        columns.least.numbers()
    }

    fn take_all(
        &mut self,
        columns: &mut RankColumns,
        _: &SegmentSets<'_>,
        documents: &DocumentSet,
    ) -> Result<bool, GatherError> {
        // Once there are enough that stand before the whole segment, only the number of its documents matters.
        let is_behind = self.heap.peek().is_some_and(|last| columns.least > *last);
        let only_number = self.heap.len() >= self.most && is_behind;
        if only_number {
            self.total += documents.len();
        }
        Ok(only_number)
    }

    fn take(&mut self, columns: &mut RankColumns, documents: &[DocId]) -> Result<(), GatherError> {
        for document in documents {
            let day = columns.day.as_ref().map_or(0, |day| number(day, *document));
            self.add(number(&columns.index, *document), u32::try_from(day).unwrap_or(0));
        }
        Ok(())
    }

    fn close(&mut self, _: RankColumns) -> Result<(), GatherError> {
        Ok(())
    }
}
