//! What lies staged and may not be published: it says of some texts why they are there.

use std::collections::{BTreeMap, HashSet};

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::Digest;
use glasshouse_verifier::past::{Past, WholePast};
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::sequence::Sequence;
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement::Statement;
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::targets::{Target, Targets};
use glasshouse_verifier::vkey::Vkey;

use super::entries::Read;
use super::past::StoredPast;
use crate::past_entries::Both;
use crate::stage::Stage;
use crate::store::{Store, StoreError};

/// What is said with the staged rounds.
pub(super) struct Beyond {
    pub(super) registry: Registry,
    /// Redactions that may count again by these rounds: they erase nothing before that is published.
    pub(super) again: HashSet<LeafIndex>,
}

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
    pub(super) fn beyond(&self, store: &dyn Store, read: &Read) -> Option<Beyond> {
        let end = self.rounds.iter().next_back().map(|(first, entries)| first + entries.len() as u64);
        if end.is_none_or(|end| end <= read.registry.size()) {
            return None;
        }
        let mut beyond = Beyond { registry: read.registry.clone(), again: HashSet::new() };
        let (registry, mut staged) = (&mut beyond.registry, WholePast::default());
        let stored = StoredPast { store, places: &read.places, at_hand: &[] };
        for (index, bytes) in self.rounds.iter().flat_map(|(first, entries)| (*first..).zip(entries)) {
            let (Ok(index), Ok(entry)) = (LeafIndex::new(index), Entry::parse(bytes)) else { continue };
            if index.get() != registry.size() {
                continue;
            }
            let (past, statement) = (Both(&staged, &stored), entry.statement());
            let named = registry.check(index, statement, &past);
            match named.and_then(|naming| registry.apply_named(index, statement, &naming)) {
                Ok(restored) if restored.is_empty() => {}
                Ok(restored) => find_redactions(&past, statement, &restored, &mut beyond.again),
                Err(_) => registry.pass_over(),
            }
            staged.remember(entry.leaf_hash(), index, entry.into_statement());
        }
        Some(beyond)
    }
}

/// Finds the redactions with these numbers among all that a withdrawal names, and what it names in its turn: they name each other
/// at most [`MAX_DEPTH`](glasshouse_verifier::naming::MAX_DEPTH) deep.
fn find_redactions(
    past: &dyn Past,
    withdrawal: &Statement,
    numbers: &[Sequence],
    found: &mut HashSet<LeafIndex>,
) {
    for target in withdrawal.payload().targets().into_iter().flat_map(Targets::iter) {
        let Target::Entry(leaf) = target else { continue };
        let Ok(Some((index, statement))) = past.find(leaf) else { continue };
        match statement.payload().kind() {
            StatementType::Withdrawal => find_redactions(past, &statement, numbers, found),
            StatementType::Redaction if numbers.contains(&statement.sequence()) => {
                found.insert(index);
            }
            _ => {}
        }
    }
}
