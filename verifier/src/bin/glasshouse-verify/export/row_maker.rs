//! Makes the rows of entries, with what is said about each later, and fetches the texts that may be shown.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use glasshouse_verifier::as_amended::AsAmended;
use glasshouse_verifier::data_set::shown_text::{show, text_of, wanted};
use glasshouse_verifier::data_set::{AsItStands, Extent, Row, Show, TextsKept};
use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::entry_state::EntryState;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::size::LeafIndex;

use crate::source::SourceError;
use crate::text_check::TextCheck;

use super::tree_at::TreeAt;
use super::writing::Failure;

/// Amendments that are kept for the next entry that they are about: one may name 40,000. At most 64 KiB each.
const KEPT: usize = 64;

/// Makes rows; many threads may ask at once.
pub(crate) struct RowMaker<'a> {
    tree: &'a TreeAt<'a>,
    extent: Extent,
    amendments: Mutex<BTreeMap<LeafIndex, Arc<Entry>>>,
}

/// An entry, and what holds of it.
struct Read {
    entry: Entry,
    state: EntryState,
    amended: AsAmended,
}

impl<'a> RowMaker<'a> {
    pub(crate) fn new(tree: &'a TreeAt<'a>, extent: Extent) -> RowMaker<'a> {
        RowMaker { tree, extent, amendments: Mutex::default() }
    }

    /// The month of an entry, `None` where it has none; nothing if the entry is not understood.
    pub(crate) fn month(&self, index: LeafIndex, bytes: &[u8]) -> Result<Option<Option<String>>, Failure> {
        let Some(Read { entry, state, amended }) = self.read(index, bytes)? else { return Ok(None) };
        let texts = BTreeMap::new();
        Ok(Some(AsItStands { index, entry: &entry, state: &state, amended: &amended, texts: &texts }.month()))
    }

    /// The row of an entry that is understood, and what is not in it.
    pub(crate) fn row(&self, index: LeafIndex, bytes: &[u8]) -> Result<Option<(Row, TextsKept)>, Failure> {
        let Some(read) = self.read(index, bytes)? else { return Ok(None) };
        let mut kept = TextsKept::default();
        let texts = match self.extent {
            Extent::Coded => BTreeMap::new(),
            Extent::WithTexts => self.texts(index, &read, &mut kept)?,
        };
        let Read { entry, state, amended } = &read;
        let row = Row::of(&AsItStands { index, entry, state, amended, texts: &texts }, self.extent);
        Ok(Some((row, kept)))
    }

    fn read(&self, index: LeafIndex, bytes: &[u8]) -> Result<Option<Read>, Failure> {
        // The audit found no entry that breaks a rule: what does not parse is of a later version.
        let Ok(entry) = Entry::parse(bytes) else { return Ok(None) };
        let statement = entry.statement();
        let state = self.tree.registry.state_of(statement);
        let mut amended = AsAmended::filed(index, statement.payload());
        for by in &state.amendments {
            amended.amend(*by, self.amendment(*by)?.statement().payload());
        }
        Ok(Some(Read { entry, state, amended }))
    }

    fn amendment(&self, by: LeafIndex) -> Result<Arc<Entry>, Failure> {
        let known = || self.amendments.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = known().get(&by) {
            return Ok(Arc::clone(entry));
        }
        let unreadable = |why: String| {
            Failure::from(SourceError::Unreadable { path: format!("the kept entry {by}"), why })
        };
        let copy = self.tree.bundles.copy().ok_or_else(|| unreadable("no copy is kept".to_owned()))?;
        let bytes = copy.entry(by.get()).map_err(|error| unreadable(error.to_string()))?.unwrap_or_default();
        let entry = Arc::new(Entry::parse(&bytes).map_err(|error| unreadable(error.to_string()))?);
        let mut known = known();
        if known.len() >= KEPT {
            known.pop_first();
        }
        known.insert(by, Arc::clone(&entry));
        Ok(entry)
    }

    /// The texts of an entry that may be shown, each fetched and held against what its entry commits to.
    fn texts(
        &self,
        index: LeafIndex,
        read: &Read,
        kept: &mut TextsKept,
    ) -> Result<BTreeMap<FieldName, String>, Failure> {
        let hidden = read.state.hidden_locators(read.entry.statement());
        let mut texts = BTreeMap::new();
        for (by, fields) in wanted(&read.amended) {
            let amendment;
            let source = match by == index {
                true => &read.entry,
                false => {
                    amendment = self.amendment(by)?;
                    &amendment
                }
            };
            let state = self.tree.registry.state_of(source.statement());
            for field in fields {
                match show(field, source.statement(), &state, hidden) {
                    Show::Public => texts.extend(self.fetch(by, source, field)?.map(|text| (field, text))),
                    not => kept.count(not),
                }
            }
        }
        Ok(texts)
    }

    fn fetch(&self, by: LeafIndex, source: &Entry, field: FieldName) -> Result<Option<String>, Failure> {
        let statement = source.statement();
        let Some(digest) = statement.payload().addenda().get(&field) else { return Ok(None) };
        let check = TextCheck { source: self.tree.bundles.source(), registry: &self.tree.registry };
        match check.fetch(statement, field, digest)? {
            Some(Ok(addendum)) => Ok(text_of(addendum.value())),
            Some(Err(why)) => Err(Failure::Text { index: by, field, why: Some(why) }),
            None => Err(Failure::Text { index: by, field, why: None }),
        }
    }
}
