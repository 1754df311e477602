//! What lies staged and may not be published: it says of some texts why they are there.

use std::collections::HashSet;

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::hash::{Digest, LeafHash};
use glasshouse_verifier::size::{LeafIndex, TreeSize};
use glasshouse_verifier::statement_type::StatementType;
use glasshouse_verifier::targets::Target;
use glasshouse_verifier::tile::TilePath;

use crate::stage::Stage;
use crate::store::Store;
use crate::tile_reader::{StoreTiles, TileReader};

/// Texts and withdrawals of staged rounds.
#[derive(Default)]
pub(super) struct Staged {
    /// By their entries and digests.
    texts: HashSet<(LeafIndex, Digest)>,
    withdrawn: HashSet<LeafHash>,
}

impl Staged {
    /// `published`: what is in that tree is known from its entries.
    pub(super) fn take(&mut self, stage: &Stage, published: TreeSize) {
        self.texts.extend(stage.addenda().iter().map(|text| (text.entry, text.digest)));
        if stage.new_head().size() <= published {
            return;
        }
        for entry in stage.entries().iter().filter_map(|bytes| Entry::parse(bytes).ok()) {
            let payload = entry.statement().payload();
            let targets = payload.targets().filter(|_| payload.kind() == StatementType::Withdrawal);
            self.withdrawn.extend(targets.iter().flat_map(|targets| targets.iter()).filter_map(|target| {
                match target {
                    Target::Entry(hash) => Some(*hash),
                    Target::Range(_) => None,
                }
            }));
        }
    }

    /// Whether that text may be in its pack, and its entry not be published.
    pub(super) fn has_text(&self, entry: LeafIndex, digest: Digest) -> bool {
        self.texts.contains(&(entry, digest))
    }

    /// Whether the redaction at that place is taken back by a round that may wait for its publication: its texts are kept.
    pub(super) fn takes_back(&self, store: &dyn Store, size: TreeSize, redaction: LeafIndex) -> bool {
        if self.withdrawn.is_empty() {
            return false;
        }
        let width = u16::try_from(redaction.get() % 256 + 1).unwrap_or(256);
        let leaves = TilePath::new(0, redaction.get() / 256, width)
            .ok()
            .and_then(|path| StoreTiles::new(store, size).read_tile(path).ok());
        leaves
            .and_then(|leaves| leaves.last().copied())
            .is_some_and(|leaf| self.withdrawn.contains(&leaf.to_leaf()))
    }
}
