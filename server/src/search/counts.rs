//! Counts of the documents that were found. In a segment values are small numbers, and pairs of them too where there are not
//! too many; only what was counted is put into words and added up over segments. Where many documents share few codes, sets
//! of documents are compared; else one document is looked at after the other.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::DocId;
use tantivy::columnar::{Cardinality, StrColumn};
use tantivy::fastfield::Column;
use tantivy::index::SegmentReader;

use super::clause::Clause;
use super::coded::{Coded, Ordinal};
use super::dimension::{Dimension, Span, TextColumn, Value};
use super::document_set::DocumentSet;
use super::facts::Facts;
use super::gather::{Gather, GatherError, SegmentSets};
use super::tally::{Counted, Tally, TooManyGroups};
use crate::limits::MAX_COUNT_GROUPS;

/// Up to so many pairs of values have a place each while a segment is counted: 4 MiB.
const PLACES_MAX: u64 = 1 << 19;

/// About how many words of two sets are compared in the time in which one document is looked at.
const WORDS_FOR_ONE: usize = 30;

/// Counts that grow.
#[derive(Debug)]
pub(crate) struct Counts {
    by: Vec<Dimension>,
    total: u64,
    tally: Tally,
}

impl Counts {
    /// Counts by one or two dimensions.
    pub(crate) fn new(by: &[Dimension]) -> Counts {
        Counts { by: by.to_vec(), total: 0, tally: Tally::default() }
    }

    /// Counts an entry whose facts are in memory.
    pub(crate) fn add_facts(&mut self, facts: &Facts) -> Result<(), TooManyGroups> {
        self.total += 1;
        self.tally.add_facts(&self.by, facts)
    }

    /// How many entries were found, and their counts in words.
    pub(crate) fn finish(self) -> (u64, Counted) {
        (self.total, self.tally.finish(&self.by))
    }
}

/// The values of one dimension in one segment, as numbers from 0.
enum Axis {
    /// Codes.
    Codes(Column<u64>, Dimension),
    /// Days, or months or years of them.
    Days(Column<u64>, Span),
    /// Texts: 0 for none, then their places in the segment's dictionary.
    Texts(Option<StrColumn>),
}

impl Axis {
    fn open(segment: &SegmentReader, by: Dimension) -> Result<Axis, GatherError> {
        let columns = segment.fast_fields();
        Ok(match by {
            Dimension::Codes(position) => {
                let name = Coded::all().get(position).map_or("", |coded| coded.parameter.as_str());
                Axis::Codes(columns.u64(name)?, by)
            }
            Dimension::Time(span) => Axis::Days(columns.u64("day")?, span),
            Dimension::Text(column) => Axis::Texts(columns.str(match column {
                TextColumn::Provider => "provider",
                TextColumn::Authority => "authority",
                TextColumn::Subject => "by_subject",
            })?),
        })
    }

    /// How many numbers there are.
    fn count(&self) -> u64 {
        match self {
            Axis::Codes(_, by) => by.count().map_or(1, u64::from),
            Axis::Days(_, span) => Dimension::Time(*span).count().map_or(1, u64::from),
            Axis::Texts(column) => column.as_ref().map_or(0, |column| column.num_terms() as u64) + 1,
        }
    }

    /// The numbers of a document.
    fn numbers(&self, document: DocId, into: &mut Vec<u64>) {
        into.clear();
        match self {
            Axis::Codes(column, _) => into.extend(column.values_for_doc(document)),
            Axis::Days(column, span) => {
                into.push(column.first(document).map_or(0, |day| span_of(*span, day)));
            }
            Axis::Texts(column) => {
                let place = column.as_ref().and_then(|column| column.ords().first(document));
                into.push(place.map_or(0, |place| place + 1));
            }
        }
    }

    /// The numbers of documents of which each has one, read together; `None` where some have more, or none.
    fn one_each(&self, documents: &[DocId]) -> Option<Vec<u64>> {
        let column = match self {
            Axis::Codes(column, _) | Axis::Days(column, _) => column,
            Axis::Texts(column) => column.as_ref()?.ords(),
        };
        if column.get_cardinality() != Cardinality::Full {
            return None;
        }
        let mut found = vec![None; documents.len()];
        column.first_vals(documents, &mut found);
        let number = |value: u64| match self {
            Axis::Codes(..) => value,
            Axis::Days(_, span) => span_of(*span, value),
            Axis::Texts(_) => value + 1,
        };
        Some(found.into_iter().map(|value| value.map_or(0, number)).collect())
    }

    /// The numbers of one of these documents.
    fn numbers_at(&self, read: Option<&[u64]>, (place, document): (usize, DocId), into: &mut Vec<u64>) {
        match read.and_then(|read| read.get(place)) {
            Some(number) => {
                into.clear();
                into.push(*number);
            }
            None => self.numbers(document, into),
        }
    }

    /// A number as a value that means the same in every segment; `None` where it is not counted.
    fn value(&self, number: u64) -> Result<Option<Value>, GatherError> {
        let small = u32::try_from(number).unwrap_or(0);
        Ok(match self {
            Axis::Codes(_, by) => by.is_counted(small).then_some(Value::Number(small)),
            Axis::Days(..) => Some(Value::Number(small)),
            Axis::Texts(Some(column)) if number > 0 => {
                let mut text = String::new();
                column.ord_to_str(number - 1, &mut text)?;
                Some(Value::Text(text))
            }
            Axis::Texts(_) => Some(Value::Number(0)),
        })
    }
}

/// One segment while it is counted.
pub(crate) struct CountColumns {
    first: Axis,
    second: Option<Axis>,
    /// How many numbers the second dimension has; 1 if there is none.
    width: u64,
    places: Vec<u64>,
    pairs: HashMap<u64, u64>,
    numbers: (Vec<u64>, Vec<u64>),
}

impl CountColumns {
    fn add(&mut self, first: u64, second: u64, many: u64) {
        let key = first * self.width + second;
        if self.places.is_empty() {
            *self.pairs.entry(key).or_default() += many;
        } else if let Some(place) = usize::try_from(key).ok().and_then(|key| self.places.get_mut(key)) {
            *place += many;
        }
    }
}

/// The number of the span that a day of a column lies in.
fn span_of(span: Span, day: u64) -> u64 {
    u64::from(span.of_day(u32::try_from(day).unwrap_or(0)))
}

/// So many times the words that may be compared is surely too much, though some codes between the least and the greatest may
/// be of no document.
const SURELY: usize = 8;

/// The codes of one dimension, each with the documents that have it.
type CodeSets = Vec<(u64, Arc<DocumentSet>)>;

impl Axis {
    /// How many codes it has at most; `None` if it has no codes.
    fn codes_at_most(&self) -> Option<usize> {
        let Axis::Codes(column, Dimension::Codes(_)) = self else { return None };
        Some(
            usize::try_from(column.max_value().saturating_sub(column.min_value()))
                .map_or(usize::MAX, |codes| codes.saturating_add(1)),
        )
    }

    /// The sets of its codes; `None` if it has no codes.
    fn sets(&self, sets: &SegmentSets<'_>) -> Result<Option<CodeSets>, GatherError> {
        let Axis::Codes(column, Dimension::Codes(position)) = self else { return Ok(None) };
        let mut found = Vec::new();
        for code in column.min_value()..=column.max_value() {
            let Ok(ordinal) = Ordinal::try_from(code) else { break };
            let set = sets.of(&Clause::Codes(*position, vec![ordinal]))?;
            if !set.is_empty() {
                found.push((code, set));
            }
        }
        Ok(Some(found))
    }
}

impl CountColumns {
    /// Counts by comparing sets; false if there is no code, or if that would take longer.
    fn compare(&mut self, sets: &SegmentSets<'_>, documents: &DocumentSet) -> Result<bool, GatherError> {
        let one_by_one = usize::try_from(documents.len()).unwrap_or(usize::MAX).saturating_mul(WORDS_FOR_ONE);
        let seconds = self.second.as_ref().map_or(Some(1), Axis::codes_at_most);
        // Looking sets up takes time too, and room that those of others have.
        let words = match (self.first.codes_at_most(), seconds) {
            (Some(first), Some(second)) => first.saturating_mul(second).saturating_mul(documents.bytes() / 8),
            _ => return Ok(false),
        };
        if words / SURELY > one_by_one {
            return Ok(false);
        }
        let Some(first) = self.first.sets(sets)? else { return Ok(false) };
        let everything = Arc::new(documents.clone());
        let second = match &self.second {
            None => vec![(0, everything)],
            Some(second) => match second.sets(sets)? {
                Some(second) => second,
                None => return Ok(false),
            },
        };
        let words = first.len() * second.len() * documents.bytes() / 8;
        if words > one_by_one {
            return Ok(false);
        }
        for (one, set) in &first {
            let mut with = documents.clone();
            with.intersect(set);
            if with.is_empty() {
                continue;
            }
            for (other, set) in &second {
                let many = with.len_with(set);
                if many > 0 {
                    self.add(*one, *other, many);
                }
            }
        }
        Ok(true)
    }
}

impl Gather for Counts {
    type Columns = CountColumns;

    fn open(&self, segment: &SegmentReader) -> Result<CountColumns, GatherError> {
        let axis = |place: usize| self.by.get(place).map(|by| Axis::open(segment, *by)).transpose();
        let first = axis(0)?.unwrap_or(Axis::Texts(None));
        let second = axis(1)?;
        let width = second.as_ref().map_or(1, Axis::count);
        let places = first.count().saturating_mul(width);
        let places = if places <= PLACES_MAX { usize::try_from(places).unwrap_or(0) } else { 0 };
        let numbers = (Vec::new(), vec![0]);
        Ok(CountColumns { first, second, width, places: vec![0; places], pairs: HashMap::new(), numbers })
    }

    fn take_all(
        &mut self,
        columns: &mut CountColumns,
        sets: &SegmentSets<'_>,
        documents: &DocumentSet,
    ) -> Result<bool, GatherError> {
        let compared = columns.compare(sets, documents)?;
        if compared {
            self.total += documents.len();
        }
        Ok(compared)
    }

    fn take(&mut self, columns: &mut CountColumns, documents: &[DocId]) -> Result<(), GatherError> {
        self.total += documents.len() as u64;
        let firsts = columns.first.one_each(documents);
        let seconds = columns.second.as_ref().and_then(|second| second.one_each(documents));
        let (mut some, mut others) = std::mem::take(&mut columns.numbers);
        for (place, document) in documents.iter().enumerate() {
            columns.first.numbers_at(firsts.as_deref(), (place, *document), &mut some);
            if let Some(second) = &columns.second {
                second.numbers_at(seconds.as_deref(), (place, *document), &mut others);
            }
            for first in &some {
                for second in &others {
                    columns.add(*first, *second, 1);
                }
            }
        }
        columns.numbers = (some, others);
        // So many of one segment are too many of all.
        if columns.pairs.len() > MAX_COUNT_GROUPS { Err(GatherError::TooManyGroups) } else { Ok(()) }
    }

    fn close(&mut self, columns: CountColumns) -> Result<(), GatherError> {
        let placed = (0u64..).zip(columns.places.iter().copied()).filter(|(_, many)| *many > 0);
        let pairs = columns.pairs.iter().map(|(key, many)| (*key, *many));
        for (key, many) in placed.chain(pairs) {
            let Some(first) = columns.first.value(key / columns.width)? else { continue };
            let second = match &columns.second {
                Some(axis) => match axis.value(key % columns.width)? {
                    Some(value) => Some(value),
                    None => continue,
                },
                None => None,
            };
            self.tally.add((first, second), many)?;
        }
        Ok(())
    }
}
