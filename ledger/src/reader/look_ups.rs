//! What a reader finds through the look-ups: an entry by its hash or number, a text by its digest; and bringing them on.
//!
//! Whatever they know already is found at once. For the rest whoever asks brings them on by one bounded step; where that does not
//! do, [`IndexError::Behind`] says so, and it is for [`Reader::catch_up_some`] to go on.

use glasshouse_verifier::entry_state::TextState;
use glasshouse_verifier::hash::{Digest, LeafHash};
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::targets::SequenceRange;

use super::{AddendumState, ReadError, Reader};
use crate::index::{Index, IndexError};

impl Reader {
    /// Brings the look-ups up to the published tree, however long that takes.
    pub fn catch_up(&self) -> Result<(), ReadError> {
        Ok(self.index.ask_whole(&self.files, &self.head(), |_| Ok(()))?)
    }

    /// Brings the look-ups on by at most 4,096 entries, and says whether they cover the published tree now. The server does it
    /// beside the writer.
    pub fn catch_up_some(&self) -> Result<bool, ReadError> {
        Ok(self.index.catch_up_some(&self.files, &self.head())?)
    }

    /// Whether the look-ups cover a tree of that size.
    pub fn look_ups_cover(&self, size: TreeSize) -> Result<bool, ReadError> {
        Ok(self.index.covers(size)?)
    }

    /// Whether a look-up can be made now in the whole published tree, bringing them on by a step if it must.
    pub fn look_ups_are_near(&self) -> Result<bool, ReadError> {
        Ok(self.index.is_near(self.head().size().get())?)
    }

    /// Does some of what keeps the look-ups quick, and says whether more is left.
    pub fn tend_look_ups(&self) -> Result<bool, ReadError> {
        Ok(self.index.tend()?)
    }

    /// The place of the entry with that leaf hash.
    pub fn find(&self, leaf: &LeafHash) -> Result<Option<LeafIndex>, ReadError> {
        let check = |head: &TreeHead, index: LeafIndex| {
            let is_there = index.is_in(head.size()) && self.files.leaf_hash(head.size(), index)? == *leaf;
            Ok(is_there.then_some(index))
        };
        self.first(|look_ups, covering| look_ups.leaf_places(leaf, covering), check)
    }

    /// What became of the text with that digest.
    pub fn addendum(&self, digest: &Digest) -> Result<AddendumState, ReadError> {
        let check = |head: &TreeHead, index: LeafIndex| self.addendum_of(head.size(), index, digest);
        let found = self.first(|look_ups, covering| look_ups.addendum_places(digest, covering), check)?;
        Ok(found.unwrap_or(AddendumState::NotFound))
    }

    /// What `check` finds at the first of the places that has it: of those that are known, or else of all in the published tree.
    fn first<T>(
        &self,
        places: impl Fn(&Index, TreeSize) -> Result<Vec<LeafIndex>, IndexError>,
        check: impl Fn(&TreeHead, LeafIndex) -> Result<Option<T>, ReadError>,
    ) -> Result<Option<T>, ReadError> {
        let head = self.head();
        let first_of = |places: Vec<LeafIndex>| {
            places.into_iter().find_map(|index| check(&head, index).transpose()).transpose()
        };
        // Look-ups begin with the first entry: what comes first among the known ones comes first among all.
        let known = first_of(places(&self.index, TreeSize::ZERO).unwrap_or_default())?;
        if known.is_some() {
            return Ok(known);
        }
        first_of(self.index.ask(&self.files, &head, |look_ups| places(look_ups, head.size()))?)
    }

    /// What became of the text with that digest, if the entry at that place commits to it.
    fn addendum_of(
        &self,
        size: TreeSize,
        index: LeafIndex,
        digest: &Digest,
    ) -> Result<Option<AddendumState>, ReadError> {
        let Some(entry) = self.entry_in(size, index)? else { return Ok(None) };
        let payload = entry.statement().payload();
        let Some(field) = payload.addenda().iter().find(|(_, d)| *d == digest).map(|(f, _)| *f) else {
            return Ok(None);
        };
        let (state, bytes) = self.text(&entry, index, field, digest)?;
        Ok(Some(match (state, bytes) {
            (TextState::Redacted(by), _) => AddendumState::Redacted { index, field, by },
            (TextState::Disclosed(by), Some(bytes)) => AddendumState::Disclosed { index, field, by, bytes },
            (TextState::Served, Some(bytes)) => AddendumState::Served { index, field, bytes },
            _ => AddendumState::Withheld { index, field },
        }))
    }

    /// The place of an issuer's number; `None` if it is free or was closed by a `void`.
    pub fn find_sequence(&self, iss: &Issuer, sequence: Sequence) -> Result<Option<LeafIndex>, ReadError> {
        let head = self.head();
        let place = |look_ups: &Index| look_ups.sequence_place(iss, sequence, head.size());
        let Some(index) = self.index.ask_by_number(&self.files, &head, place)? else { return Ok(None) };
        let Some(entry) = self.entry_in(head.size(), index)? else { return Ok(None) };
        let found = entry.statement();
        Ok((found.claims().iss == *iss && found.sequence() == sequence).then_some(index))
    }

    /// Where an issuer's numbers of a range lie, in the order of the numbers: the first `most` of them. Numbers that are free or
    /// were closed have no place.
    pub fn places(
        &self,
        iss: &Issuer,
        range: SequenceRange,
        most: usize,
    ) -> Result<Vec<(Sequence, LeafIndex)>, ReadError> {
        let (first, last, head) = (range.first().get(), range.last().get(), self.head());
        let places = |look_ups: &Index| look_ups.sequence_places(iss, first, last, most, head.size());
        Ok(self.index.ask_by_number(&self.files, &head, places)?)
    }
}
