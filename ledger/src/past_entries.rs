//! Earlier entries by their leaf hashes, found through the look-ups and checked against the entries themselves.

use std::cell::Cell;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::LeafHash;
use glasshouse_verifier::head::TreeHead;
use glasshouse_verifier::past::{Past, PastError};
use glasshouse_verifier::size::LeafIndex;
use glasshouse_verifier::statement::Statement;

use crate::index::{Index, IndexError};
use crate::tree_files::TreeFiles;

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
    /// Whether the look-ups were brought on already.
    followed: Cell<bool>,
    /// Whether they did not reach the tree's end then.
    behind: Cell<bool>,
}

impl<'a> PastEntries<'a> {
    pub(crate) fn new(head: TreeHead, files: &'a TreeFiles, index: &'a Index, patience: Patience) -> Self {
        Self { head, files, index, patience, followed: Cell::new(false), behind: Cell::new(false) }
    }

    /// Whether an entry may be there that the look-ups do not know yet.
    pub(crate) fn is_behind(&self) -> bool {
        self.behind.get()
    }

    pub(crate) fn head(&self) -> &TreeHead {
        &self.head
    }

    pub(crate) fn files(&self) -> &TreeFiles {
        self.files
    }

    pub(crate) fn index(&self) -> &Index {
        self.index
    }

    /// Brings the look-ups on, once; whether that was done now.
    pub(crate) fn follow(&self) -> Result<bool, IndexError> {
        if self.followed.replace(true) {
            return Ok(false);
        }
        match self.patience {
            Patience::OneStep => self.behind.set(!self.index.catch_up_some(self.files, &self.head)?),
            Patience::Whole => self.index.catch_up(self.files, &self.head)?,
        }
        Ok(true)
    }

    fn look_up(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        let failed = |error: &dyn std::fmt::Display| PastError(error.to_string());
        for index in self.index.leaf_places(leaf).map_err(|error| failed(&error))? {
            let bytes = self.files.entry(self.head.size(), index).map_err(|error| failed(&error))?;
            let Some(bytes) = bytes.filter(|bytes| LeafHash::of_entry(bytes) == *leaf) else { continue };
            let entry = Entry::parse(&bytes).map_err(|error| failed(&error))?;
            return Ok(Some((index, entry.into_statement())));
        }
        Ok(None)
    }
}

impl Past for PastEntries<'_> {
    fn find(&self, leaf: &LeafHash) -> Result<Option<(LeafIndex, Statement)>, PastError> {
        let found = self.look_up(leaf)?;
        if found.is_some() {
            return Ok(found);
        }
        let found = match self.follow().map_err(|error| PastError(error.to_string()))? {
            true => self.look_up(leaf)?,
            false => None,
        };
        if found.is_none() && self.is_behind() {
            return Err(PastError("the look-ups are being built".to_owned()));
        }
        Ok(found)
    }
}
