//! Earlier entries by their leaf hashes, found through the look-ups and checked against the entries themselves.

use std::cell::{Cell, RefCell};

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::issuer::Issuer;
use glasshouse_verifier::past::{Past, PastError, WholePast};
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;

use crate::index::{Index, IndexError};
use crate::numbering::Written;
use crate::recent_bundles::RecentBundles;
use crate::tree_files::{TreeFiles, TreeFilesError};
use crate::writer::WriterError;

/// How far the look-ups are brought on when they do not know an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// By a bounded step, once: what a running writer can do without holding up everybody.
    OneStep,
    /// To the end of the tree: at start, when nobody waits yet.
    Whole,
}

/// The entries of one tree.
pub(crate) struct PastEntries<'a> {
    head: TreeHead,
    files: &'a TreeFiles,
    index: &'a Index,
    patience: Patience,
    /// What was read last.
    recent: RefCell<RecentBundles>,
    /// How far the look-ups by hash were brought on.
    hashes: Cell<Reach>,
    /// How far those by number were, which may be further.
    numbers: Cell<Reach>,
}

/// How far look-ups reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// As far as they were found.
    AsFound,
    /// Brought on, and an entry may be there that they do not know yet.
    Behind,
    /// They know all entries.
    End,
}

impl<'a> PastEntries<'a> {
    pub(crate) fn new(head: TreeHead, files: &'a TreeFiles, index: &'a Index, patience: Patience) -> Self {
        let (hashes, numbers) = (Cell::new(Reach::AsFound), Cell::new(Reach::AsFound));
        let recent = RefCell::default();
        Self { head, files, index, patience, recent, hashes, numbers }
    }

    /// One entry, checked against its leaf hash in the tree; `None` beyond the end.
    fn entry(&self, index: LeafIndex) -> Result<Option<Vec<u8>>, TreeFilesError> {
        self.recent.borrow_mut().entry(self.files, self.head.size(), index)
    }

    pub(crate) fn index(&self) -> &Index {
        self.index
    }

    /// Brings the look-ups by hash on, once; whether that was done now.
    fn follow_hashes(&self) -> Result<bool, IndexError> {
        self.follow(&self.hashes, Index::catch_up_some)
    }

    /// Brings those by number on, once; whether that was done now.
    fn follow_numbers(&self) -> Result<bool, IndexError> {
        self.follow(&self.numbers, Index::catch_up_numbers)
    }

    fn follow(
        &self,
        reach: &Cell<Reach>,
        some: fn(&Index, &TreeFiles, &TreeHead) -> Result<bool, IndexError>,
    ) -> Result<bool, IndexError> {
        if reach.get() != Reach::AsFound {
            return Ok(false);
        }
        let reached = match self.patience {
            Patience::OneStep => some(self.index, self.files, &self.head)?,
            Patience::Whole => {
                self.index.catch_up(self.files, &self.head)?;
                true
            }
        };
        reach.set(if reached { Reach::End } else { Reach::Behind });
        Ok(true)
    }

    /// What the look-ups say once they cover so much, checked against the entry itself.
    fn look_up(
        &self,
        leaf: &LeafHash,
        places: Result<Vec<LeafIndex>, IndexError>,
    ) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        let failed = |error: &dyn std::fmt::Display| PastError(error.to_string());
        for index in places.map_err(|error| failed(&error))? {
            let bytes = self.entry(index).map_err(|error| failed(&error))?;
            let Some(bytes) = bytes.filter(|bytes| LeafHash::of_entry(bytes) == *leaf) else { continue };
            let entry = Entry::parse(&bytes).map_err(|error| failed(&error))?;
            return Ok(Some((index, entry.into_statement())));
        }
        Ok(None)
    }
}

impl Past for PastEntries<'_> {
    fn find(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        let size = self.head.size();
        if self.hashes.get() != Reach::End {
            // As far as they are there; nobody goes on waiting who is found in them.
            let known = self.index.leaf_places(leaf, TreeSize::ZERO).unwrap_or_default();
            let found = self.look_up(leaf, Ok(known))?;
            if found.is_some() {
                return Ok(found);
            }
            self.follow_hashes().map_err(|error| PastError(error.to_string()))?;
        }
        // Others may drop what is damaged, at any time: what is not there any more is not taken for an answer.
        let places = match self.patience {
            Patience::Whole => {
                self.index.ask_whole(self.files, &self.head, |index| index.leaf_places(leaf, size))
            }
            Patience::OneStep => self.index.leaf_places(leaf, size),
        };
        self.look_up(leaf, places)
    }
}

impl Written for PastEntries<'_> {
    fn first_with(
        &self,
        iss: &Issuer,
        sequence: Sequence,
    ) -> Result<Option<(LeafIndex, LeafHash, Statement)>, WriterError> {
        let found = look_up(self, iss, sequence)?;
        if found.is_some() || !self.follow_numbers()? {
            return Ok(found);
        }
        look_up(self, iss, sequence)
    }

    fn is_behind(&self) -> bool {
        self.numbers.get() == Reach::Behind
    }
}

/// What the look-ups say as they are, checked against the entry itself.
fn look_up(
    past: &PastEntries<'_>,
    iss: &Issuer,
    sequence: Sequence,
) -> Result<Option<(LeafIndex, LeafHash, Statement)>, WriterError> {
    let Some(index) = past.index().sequence_place(iss, sequence, TreeSize::ZERO)? else { return Ok(None) };
    let Some(bytes) = past.entry(index)? else { return Ok(None) };
    let entry =
        Entry::parse(&bytes).map_err(|error| WriterError::BadEntry { index, rule: error.to_string() })?;
    let leaf_hash = entry.leaf_hash();
    let statement = entry.into_statement();
    let holds = statement.claims().iss == *iss && statement.sequence() == sequence;
    Ok(holds.then_some((index, leaf_hash, statement)))
}

/// The entries of a round, and those before it.
pub(crate) struct Both<'a>(pub(crate) &'a WholePast, pub(crate) &'a dyn Past);

impl Past for Both<'_> {
    fn find(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        match self.0.find(leaf)? {
            Some(found) => Ok(Some(found)),
            None => self.1.find(leaf),
        }
    }
}
