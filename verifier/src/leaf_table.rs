//! Where entries of certain leaf hashes may stand: a table in memory for those who read a whole log.

use std::collections::HashMap;

use crate::hash::LeafHash;
use crate::size::LeafIndex;

/// Places by the first eight bytes of the leaf hash: some 25 bytes an entry. What it says is checked against the entry.
#[derive(Debug, Clone, Default)]
pub struct LeafTable {
    places: HashMap<u64, LeafIndex>,
    /// Places whose hash begins like an earlier one's.
    further: HashMap<u64, Vec<LeafIndex>>,
}

impl LeafTable {
    /// Remembers where a leaf hash stands.
    pub fn insert(&mut self, leaf: &LeafHash, index: LeafIndex) {
        let key = prefix(leaf);
        match self.places.get(&key) {
            Some(_) => self.further.entry(key).or_default().push(index),
            None => drop(self.places.insert(key, index)),
        }
    }

    /// The places where it may stand, the first ones first.
    pub fn candidates(&self, leaf: &LeafHash) -> impl Iterator<Item = LeafIndex> {
        let key = prefix(leaf);
        let further = self.further.get(&key).map_or(&[][..], Vec::as_slice);
        self.places.get(&key).into_iter().chain(further).copied()
    }
}

fn prefix(leaf: &LeafHash) -> u64 {
    leaf.as_bytes().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}
