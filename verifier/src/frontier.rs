//! The right edge of a growing tree: all that is needed to append leaves and to state the root.

use crate::hash::{LeafHash, NodeHash, RootHash};
use crate::head::TreeHead;
use crate::size::{LeafIndex, SizeError, TreeSize};

/// The roots of the complete subtrees that a tree of this size is made of, the largest first: one for each bit of the
/// size. Memory is at most 53 hashes; an append costs two hashes on average.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: TreeSize,
    peaks: Vec<NodeHash>,
}

/// The number of peaks is not the number of bits of the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a frontier has one node for each bit that is set in its size")]
pub struct FrontierError;

impl Frontier {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes up a tree whose complete subtrees are known, the largest first.
    pub fn from_peaks(size: TreeSize, peaks: Vec<NodeHash>) -> Result<Self, FrontierError> {
        if usize::try_from(size.get().count_ones()) != Ok(peaks.len()) {
            return Err(FrontierError);
        }
        Ok(Self { size, peaks })
    }

    /// Appends a leaf and tells its index. Fails, and changes nothing, when the tree is full.
    pub fn push(&mut self, leaf: LeafHash) -> Result<LeafIndex, SizeError> {
        let index = LeafIndex::new(self.size.get())?;
        let size = self.size.next()?;
        let mut node = leaf.to_node();
        // A new leaf completes one subtree for each trailing one bit of the old size.
        for _ in 0..self.size.get().trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = NodeHash::join(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size = size;
        Ok(index)
    }

    /// The number of leaves.
    pub fn size(&self) -> TreeSize {
        self.size
    }

    /// The complete subtrees, the largest first.
    pub fn peaks(&self) -> &[NodeHash] {
        &self.peaks
    }

    /// The root of the tree so far.
    pub fn root(&self) -> RootHash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => RootHash::empty(),
            Some(last) => peaks.fold(*last, |right, left| NodeHash::join(left, &right)).to_root(),
        }
    }

    /// Size and root together.
    pub fn head(&self) -> TreeHead {
        // The root of the empty frontier is the empty root, so this cannot fail; the empty head is then the right answer.
        TreeHead::new(self.size, self.root()).unwrap_or_else(|_| TreeHead::empty())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The eight entries that Certificate Transparency's implementations share as a test.
    pub(crate) const CLASSIC: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn roots_are_the_known_ones() {
        let mut frontier = Frontier::new();
        assert_eq!(frontier.root().to_hex(), ROOTS[0]);
        for (entry, root) in CLASSIC.iter().zip(&ROOTS[1..]) {
            frontier.push(LeafHash::of_entry(&hex::decode(entry).unwrap())).unwrap();
            assert_eq!(frontier.root().to_hex(), *root);
        }
        let again = Frontier::from_peaks(frontier.size(), frontier.peaks().to_vec()).unwrap();
        assert_eq!(again, frontier);
        assert_eq!(Frontier::from_peaks(TreeSize::new(7).unwrap(), vec![]), Err(FrontierError));
    }

    #[test]
    fn a_full_tree_takes_no_leaf() {
        let node = LeafHash::of_entry(b"x").to_node();
        let mut frontier = Frontier::from_peaks(TreeSize::MAX, vec![node; 53]).unwrap();
        let before = frontier.clone();
        assert_eq!(frontier.push(node.to_leaf()), Err(SizeError::TooLarge));
        assert_eq!(frontier, before);
    }
}
