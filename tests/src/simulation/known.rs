//! What the world knows that the log promised: every entry that was published, every tree that was signed and left it, every
//! answer. Nothing is ever taken out of it, whatever dies.

use std::collections::{BTreeMap, BTreeSet};

use glasshouse_verifier::entry::Entry;
use glasshouse_verifier::fields::FieldName;
use glasshouse_verifier::frontier::Frontier;
use glasshouse_verifier::hash::{LeafHash, RootHash};
use glasshouse_verifier::origin::Origin;
use glasshouse_verifier::past::WholePast;
use glasshouse_verifier::registry::Registry;
use glasshouse_verifier::size::LeafIndex;

/// A text that an answered redaction erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Erased {
    /// Whose text it was.
    pub(super) leaf: LeafHash,
    pub(super) field: FieldName,
    /// The addendum's bytes.
    pub(super) bytes: Vec<u8>,
    /// The leaf hash of the redaction.
    pub(super) by: LeafHash,
}

/// All of it.
pub(super) struct Known {
    /// Leaf hashes in the order of the log.
    pub(super) leaves: Vec<LeafHash>,
    pub(super) entries: Vec<Entry>,
    /// The verifier's own replay.
    pub(super) registry: Registry,
    pub(super) past: WholePast,
    pub(super) places: BTreeMap<LeafHash, u64>,
    pub(super) numbers: BTreeSet<(String, u64)>,
    tree: Frontier,
    /// The root of each size, from 0.
    pub(super) roots: Vec<RootHash>,
    /// Trees that were signed and left the log, and are beyond what was published: their size and root.
    pub(super) ahead: BTreeMap<u64, RootHash>,
    /// Leaf hash and place of everything that was answered.
    pub(super) answered: BTreeMap<LeafHash, LeafIndex>,
    /// Texts that redactions name which were answered.
    pub(super) erased: Vec<Erased>,
    /// What each witness cosigned: the root of each size.
    pub(super) cosigned: BTreeMap<(usize, u64), RootHash>,
    /// The published size.
    pub(super) published: u64,
}

impl Known {
    pub(super) fn new(origin: &Origin) -> Known {
        Known {
            leaves: Vec::new(),
            entries: Vec::new(),
            registry: Registry::new(origin.clone()),
            past: WholePast::default(),
            places: BTreeMap::new(),
            numbers: BTreeSet::new(),
            tree: Frontier::new(),
            roots: vec![RootHash::empty()],
            ahead: BTreeMap::new(),
            answered: BTreeMap::new(),
            erased: Vec::new(),
            cosigned: BTreeMap::new(),
            published: 0,
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// Takes in one more entry, which was judged.
    pub(super) fn push(&mut self, entry: Entry) {
        let leaf = entry.leaf_hash();
        let index = LeafIndex::new(self.size()).unwrap();
        self.past.remember(leaf, index, entry.statement().clone());
        self.places.insert(leaf, index.get());
        self.leaves.push(leaf);
        self.entries.push(entry);
        self.tree.push(leaf).unwrap();
        self.roots.push(self.tree.root());
    }

    /// The root of a size, as far as it is known: of what was published, or of a tree that was shown to somebody.
    pub(super) fn root(&self, size: u64) -> Option<&RootHash> {
        self.roots.get(usize::try_from(size).unwrap()).or_else(|| self.ahead.get(&size))
    }
}
