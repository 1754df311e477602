//! What lies staged and may not be published: it says of some texts why they are there.

use std::collections::{BTreeMap, HashSet};

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::past::WholePast;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::vkey::Vkey;

use super::entries::Read;
use super::past::StoredPast;
use crate::past_entries::Both;
use crate::stage::Stage;
use crate::store::{Store, StoreError};

/// Texts and entries of staged rounds.
#[derive(Default)]
pub(super) struct Staged {
    /// By their entries and digests.
    texts: HashSet<(LeafIndex, Digest)>,
    /// Entries that are not published, by where each round begins.
    rounds: BTreeMap<u64, Vec<Vec<u8>>>,
    /// The size of the tree that the state record has.
    pub(super) signed: TreeSize,
}

impl Staged {
    /// `published`: what is in that tree is known from its entries.
    pub(super) fn take(&mut self, stage: &Stage, published: TreeSize) {
        self.texts.extend(stage.addenda().iter().map(|text| (text.entry, text.digest)));
        if stage.new_head().size() > published {
            self.rounds.insert(stage.old_head().size().get(), stage.entries().to_vec());
        }
    }

    /// Whether that text may be in its pack, and its entry not be published.
    pub(super) fn has_text(&self, entry: LeafIndex, digest: Digest) -> bool {
        self.texts.contains(&(entry, digest))
    }

    /// Whether these rounds lead from the published tree to the one that is signed: none is lost.
    pub(super) fn is_whole(&self, published: TreeSize) -> bool {
        let mut end = published.get();
        for (first, entries) in &self.rounds {
            if *first > end {
                return false;
            }
            end = end.max(first + entries.len() as u64);
        }
        end >= self.signed.get()
    }

    /// The texts that lie staged now, beside a running server.
    pub(super) fn texts_now(
        store: &dyn Store,
        log: &Vkey,
    ) -> Result<HashSet<(LeafIndex, Digest)>, StoreError> {
        let mut staged = Staged::default();
        for name in store.list("stage")? {
            if let Some(Ok(stage)) = store.get(&name)?.map(|bytes| Stage::parse(&bytes, log)) {
                staged.take(&stage, stage.new_head().size());
            }
        }
        Ok(staged.texts)
    }

    /// What the entries say with those of the staged rounds that follow from them; `None` if there are none. A redaction that
    /// one of these takes back erases nothing, although it is published and they are not.
    pub(super) fn registry(&self, store: &dyn Store, read: &Read) -> Option<Registry> {
        let end = self.rounds.iter().next_back().map(|(first, entries)| first + entries.len() as u64);
        if end.is_none_or(|end| end <= read.registry.size()) {
            return None;
        }
        let (mut registry, mut staged) = (read.registry.clone(), WholePast::default());
        let stored = StoredPast { store, places: &read.places, at_hand: &[] };
        for (index, bytes) in self.rounds.iter().flat_map(|(first, entries)| (*first..).zip(entries)) {
            let (Ok(index), Ok(entry)) = (LeafIndex::new(index), Entry::parse(bytes)) else { continue };
            if index.get() != registry.size() {
                continue;
            }
            if registry.apply(index, entry.statement(), &Both(&staged, &stored)).is_err() {
                registry.pass_over();
            }
            staged.remember(entry.leaf_hash(), index, entry.into_statement());
        }
        Some(registry)
    }
}
