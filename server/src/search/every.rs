//! All entries that meet conditions, one bit for each entry of the log.

use tantivy::DocId;
use tantivy::fastfield::Column;
use tantivy::index::SegmentReader;

use super::gather::{Gather, GatherError, number};

/// A set of entries.
#[derive(Debug)]
pub(crate) struct Every {
    size: u64,
    bits: Vec<u64>,
}

impl Every {
    /// None of a log of that size, of whose entries alone it takes any.
    pub(crate) fn new(size: u64) -> Every {
        Every { size, bits: vec![0; usize::try_from(size / 64 + 1).unwrap_or(0)] }
    }

    /// Takes in an entry.
    pub(crate) fn add(&mut self, index: u64) {
        let place = usize::try_from(index / 64).ok().filter(|_| index < self.size);
        if let Some(word) = place.and_then(|place| self.bits.get_mut(place)) {
            *word |= 1 << (index % 64);
        }
    }

    /// The entries in the order of the log.
    pub(crate) fn finish(self) -> impl Iterator<Item = u64> + Send + use<> {
        (0u64..).zip(self.bits).flat_map(|(place, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| place * 64 + bit)
        })
    }
}

impl Gather for Every {
    type Columns = Column<u64>;

    fn open(&self, segment: &SegmentReader) -> Result<Column<u64>, GatherError> {
        Ok(segment.fast_fields().u64("index")?)
    }

    fn take(&mut self, index: &mut Column<u64>, documents: &[DocId]) -> Result<(), GatherError> {
        documents.iter().for_each(|document| self.add(number(index, *document)));
        Ok(())
    }

    fn close(&mut self, _: Column<u64>) -> Result<(), GatherError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_out_in_the_order_of_the_log() {
        let mut every = Every::new(130);
        for index in [129, 0, 64, 63, 0, 1_000_000] {
            every.add(index);
        }
        assert_eq!(every.finish().collect::<Vec<_>>(), [0, 63, 64, 129]);
        assert_eq!(Every::new(0).finish().count(), 0);
    }
}
