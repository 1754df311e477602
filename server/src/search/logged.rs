//! Which indexes were logged on which days, as ticks prove it. The order of the log is an order of time, so a range of days
//! is a range of indexes.

use std::time::{Duration, Instant};

use glasshouse_ledger::query::Parameter;
use glasshouse_verifier::day::Day;
use glasshouse_verifier::statement_type::StatementType;
use tantivy::fastfield::Column;
use tantivy::index::SegmentReader;
use tantivy::{DocId, Searcher};

use super::clause::Clause;
use super::coded::Coded;
use super::day_number::day_number;
use super::gather::{Gather, GatherError, gather, number};
use super::kept_sets::KeptSets;
use super::layout::Layout;
use crate::problem::Progress;

/// Time for reading them: a tick a minute makes half a million in a year, which are read in a second.
const READING_MAX: Duration = Duration::from_secs(600);

/// What one tick proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tick {
    /// The tick's own place: everything behind it was logged later than `after`.
    pub(crate) index: u64,
    /// The number of the day of its lower bound.
    pub(crate) after: u32,
    /// The size of the tree that it names: everything inside was logged before `before`.
    pub(crate) size: u64,
    /// The number of the day of its upper bound.
    pub(crate) before: u32,
}

/// A moment that a tick proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LoggedBound {
    /// Seconds since 1970, by the clocks of a quorum of witnesses.
    pub(crate) time: u64,
    /// The place of the tick.
    pub(crate) tick: u64,
}

/// Between which moments an entry was logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LoggedBetween {
    /// It was logged later.
    pub(crate) after: Option<LoggedBound>,
    /// It was logged earlier.
    pub(crate) before: Option<LoggedBound>,
    /// How far ticks were looked for.
    pub(crate) progress: Progress,
}

/// The ticks of a log that prove something, in the order of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LoggedRanges {
    ticks: Vec<Tick>,
}

impl LoggedRanges {
    /// The ticks of an index.
    pub(crate) fn of(searcher: &Searcher) -> Result<LoggedRanges, GatherError> {
        let clause = Coded::position(Parameter::Type).and_then(|position| {
            let ordinal = Coded::all().get(position)?.ordinal(StatementType::Tick.as_str())?;
            Some(Clause::Codes(position, vec![ordinal]))
        });
        let clauses: Vec<Clause> = clause.into_iter().collect();
        let mut logged = LoggedRanges::default();
        let deadline = Instant::now() + READING_MAX;
        gather(searcher, &KeptSets::default(), &clauses, &[], deadline, &mut logged)?;
        logged.ticks.sort_unstable_by_key(|tick| tick.index);
        Ok(logged)
    }

    /// Takes the next tick.
    pub(crate) fn push(&mut self, tick: Tick) {
        self.ticks.push(tick);
    }

    /// The ticks that bound an entry closest: one that it stands behind, and one whose tree holds it. These are the ticks by which
    /// [`LoggedRanges::between`] takes it in.
    pub(crate) fn around(&self, index: u64) -> (Option<u64>, Option<u64>) {
        let behind = self.ticks.iter().filter(|tick| tick.index < index).max_by_key(|tick| tick.after);
        let inside = self.ticks.iter().filter(|tick| index < tick.size).min_by_key(|tick| tick.before);
        (behind.map(|tick| tick.index), inside.map(|tick| tick.index))
    }

    /// The indexes that were certainly logged on `from` or later and on `to` or earlier; the end is not among them.
    pub(crate) fn between(&self, from: Option<Day>, to: Option<Day>) -> (u64, u64) {
        let begin = from.map_or(0, |day| {
            let first = self.ticks.iter().find(|tick| tick.after >= day_number(day));
            first.map_or(u64::MAX, |tick| tick.index.saturating_add(1))
        });
        let end = to.map_or(u64::MAX, |day| {
            let inside = self.ticks.iter().filter(|tick| tick.before <= day_number(day));
            inside.map(|tick| tick.size).max().unwrap_or(0)
        });
        (begin, end)
    }
}

/// The columns of one segment.
pub(crate) struct TickColumns {
    index: Column<u64>,
    tick: [Option<Column<u64>>; 3],
}

impl Gather for LoggedRanges {
    type Columns = TickColumns;

    fn open(&self, segment: &SegmentReader) -> Result<TickColumns, GatherError> {
        let columns = segment.fast_fields();
        let [after, size, before] = Layout::TICK;
        let column = |name| columns.column_opt::<u64>(name);
        Ok(TickColumns {
            index: columns.u64("index")?,
            tick: [column(after)?, column(size)?, column(before)?],
        })
    }

    fn take(&mut self, columns: &mut TickColumns, documents: &[DocId]) -> Result<(), GatherError> {
        for document in documents {
            let [after, size, before] =
                columns.tick.each_ref().map(|column| column.as_ref().and_then(|c| c.first(*document)));
            if let (Some(after), Some(size), Some(before)) = (after, size, before) {
                let day = |day| u32::try_from(day).unwrap_or(0);
                let index = number(&columns.index, *document);
                self.ticks.push(Tick { index, after: day(after), size, before: day(before) });
            }
        }
        Ok(())
    }

    fn close(&mut self, _: TickColumns) -> Result<(), GatherError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn the_closest_ticks_are_those_of_the_ranges() {
        let day = |text: &str| Day::parse(text).unwrap();
        let number = |text: &str| day_number(day(text));
        let mut logged = LoggedRanges::default();
        assert_eq!(logged.around(3), (None, None));
        let tick = |index, size, at| Tick { index, size, after: number(at), before: number(at) };
        for (index, size, at) in [(10, 8, "2026-01-01"), (20, 18, "2026-01-02"), (30, 28, "2026-01-02")] {
            logged.push(tick(index, size, at));
        }
        for (index, expected) in [
            (3, (None, Some(10))),
            (9, (None, Some(20))),
            (15, (Some(10), Some(20))),
            (29, (Some(20), None)),
            (31, (Some(30), None)),
        ] {
            let (behind, inside) = logged.around(index);
            assert_eq!((behind, inside), expected, "{index}");
            let of = |tick: u64| logged.ticks.iter().find(|one| one.index == tick).unwrap();
            for text in ["2025-12-31", "2026-01-01", "2026-01-02", "2026-01-03"] {
                let (begin, end) = logged.between(Some(day(text)), Some(day(text)));
                assert_eq!(
                    index >= begin,
                    behind.is_some_and(|tick| of(tick).after >= number(text)),
                    "{index} {text}"
                );
                assert_eq!(
                    index < end,
                    inside.is_some_and(|tick| of(tick).before <= number(text)),
                    "{index} {text}"
                );
            }
        }
    }

    #[test]
    fn days_are_ranges_of_indexes_as_far_as_ticks_reach() {
        let day = |text: &str| Day::parse(text).unwrap();
        let number = |text: &str| day_number(day(text));
        let mut logged = LoggedRanges::default();
        assert_eq!(logged.between(None, None), (0, u64::MAX));
        assert_eq!(logged.between(Some(day("2026-01-01")), None), (u64::MAX, u64::MAX));
        assert_eq!(logged.between(None, Some(day("2026-01-01"))), (0, 0));
        let tick = |index, size, at| Tick { index, size, after: number(at), before: number(at) };
        for (index, size, at) in [(10, 8, "2026-01-01"), (20, 18, "2026-01-02"), (30, 28, "2026-01-04")] {
            logged.push(tick(index, size, at));
        }
        for (from, to, expected) in [
            ("2025-12-31", "2025-12-31", (11, 0)),
            ("2026-01-01", "2026-01-01", (11, 8)),
            ("2026-01-02", "2026-01-03", (21, 18)),
            ("2026-01-02", "2026-01-04", (21, 28)),
            ("2026-01-05", "2026-12-31", (u64::MAX, 28)),
        ] {
            assert_eq!(logged.between(Some(day(from)), Some(day(to))), expected, "{from} {to}");
        }
    }
}
