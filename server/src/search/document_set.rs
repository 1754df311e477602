//! Documents of one segment, one bit for each.

use tantivy::DocId;

/// A set of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DocumentSet {
    /// Words that are missing behind the last one hold none.
    words: Vec<u64>,
}

impl DocumentSet {
    /// None of so many documents.
    pub(crate) fn none(of: u32) -> DocumentSet {
        DocumentSet { words: vec![0; of.div_ceil(64) as usize] }
    }

    /// All of so many documents.
    pub(crate) fn all(of: u32) -> DocumentSet {
        let mut set = DocumentSet { words: vec![u64::MAX; of.div_ceil(64) as usize] };
        if let (Some(last), rest @ 1..) = (set.words.last_mut(), of % 64) {
            *last = (1 << rest) - 1;
        }
        set
    }

    /// Takes in a document. One beyond the segment's end is no document.
    pub(crate) fn insert(&mut self, document: DocId) {
        if let Some(word) = self.words.get_mut((document / 64) as usize) {
            *word |= 1 << (document % 64);
        }
    }

    /// Leaves only what is in the other set of the same segment too.
    pub(crate) fn intersect(&mut self, other: &DocumentSet) {
        self.words.truncate(other.words.len());
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Leaves only what is not in the other set of the same segment.
    pub(crate) fn subtract(&mut self, other: &DocumentSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// How many are in both sets of the same segment.
    pub(crate) fn len_with(&self, other: &DocumentSet) -> u64 {
        let both = self.words.iter().zip(&other.words).map(|(word, other)| word & other);
        both.map(|word| u64::from(word.count_ones())).sum()
    }

    /// The same set in as little memory as it needs.
    pub(crate) fn cut(mut self) -> DocumentSet {
        let used = self.words.iter().rposition(|word| *word != 0).map_or(0, |last| last + 1);
        self.words.truncate(used);
        self.words.shrink_to_fit();
        self
    }

    /// Leaves only the documents that are kept.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(DocId) -> bool) {
        for (place, word) in (0u32..).zip(&mut self.words) {
            let mut rest = *word;
            while rest != 0 {
                let bit = rest.trailing_zeros();
                rest &= rest - 1;
                if !is_kept(place * 64 + bit) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// How much memory they take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.words.capacity() * 8
    }

    /// The documents in order, some at a time.
    ///
    /// # Errors
    /// The first of `take`.
    pub(crate) fn for_each<E>(&self, mut take: impl FnMut(&[DocId]) -> Result<(), E>) -> Result<(), E> {
        let mut some = Vec::with_capacity(Self::AT_ONCE + 64);
        for (place, word) in (0u32..).zip(&self.words) {
            let mut rest = *word;
            while rest != 0 {
                some.push(place * 64 + rest.trailing_zeros());
                rest &= rest - 1;
            }
            if some.len() >= Self::AT_ONCE {
                take(&some)?;
                some.clear();
            }
        }
        if some.is_empty() { Ok(()) } else { take(&some) }
    }

    /// About so many at a time.
    const AT_ONCE: usize = 512;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    fn members(set: &DocumentSet) -> Vec<DocId> {
        let mut members = Vec::new();
        set.for_each(|some| {
            members.extend_from_slice(some);
            Ok::<_, ()>(())
        })
        .unwrap();
        members
    }

    #[test]
    fn sets_of_every_small_size_behave_as_lists() {
        for of in 0..200u32 {
            let (mut thirds, mut set) = (DocumentSet::none(of), DocumentSet::all(of));
            assert_eq!(members(&set), (0..of).collect::<Vec<_>>(), "{of}");
            (0..of).filter(|document| document % 3 == 0).for_each(|document| thirds.insert(document));
            thirds.insert(of.next_multiple_of(64));
            assert_eq!(thirds.len(), u64::from(of.div_ceil(3)), "what is no document is not taken in");
            let thirds = if of % 2 == 0 { thirds.cut() } else { thirds };
            let both = u64::from(of.div_ceil(3));
            assert_eq!((set.len_with(&thirds), thirds.len_with(&set)), (both, both));
            let mut others = set.clone();
            others.subtract(&thirds);
            assert_eq!(others.len() + thirds.len(), set.len());
            assert_eq!(others.len_with(&thirds), 0);
            set.intersect(&thirds);
            set.retain(|document| document % 2 == 0);
            let expected: Vec<DocId> = (0..of).filter(|document| document % 6 == 0).collect();
            assert_eq!(members(&set), expected, "{of}");
            assert_eq!((set.len(), set.is_empty()), (expected.len() as u64, of == 0), "{of}");
        }
    }

    #[test]
    fn many_come_in_order_and_in_parts() {
        let mut parts = 0;
        let mut next = 0;
        DocumentSet::all(10_000)
            .for_each(|some| {
                parts += 1;
                some.iter().for_each(|document| {
                    assert_eq!(*document, next);
                    next += 1;
                });
                Ok::<_, ()>(())
            })
            .unwrap();
        assert_eq!((next, parts > 10), (10_000, true));
        let mut seen = 0;
        let ended = DocumentSet::all(10_000).for_each(|some| {
            seen += some.len();
            Err(seen)
        });
        assert_eq!((ended, seen < 1_000), (Err(seen), true), "the first error ends it");
    }
}
