//! A tree's size and root together, and which of two trees is the older one.

use crate::fault::Fault;
use crate::hash::RootHash;
use crate::size::TreeSize;

/// A size and a root do not belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tree of size 0 has the root SHA-256(\"\"), and no other root")]
pub struct HeadError;

impl HeadError {
    /// Whose fault it is.
    pub fn fault(self) -> Fault {
        Fault::HostileInput
    }
}

/// What a checkpoint says of a tree: its number of leaves and its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TreeHead {
    size: TreeSize,
    root: RootHash,
}

impl TreeHead {
    /// Joins both. The empty tree has one root (RFC 6962 §2.1); for other sizes every root is possible.
    pub fn new(size: TreeSize, root: RootHash) -> Result<Self, HeadError> {
        if size == TreeSize::ZERO && root != RootHash::empty() {
            return Err(HeadError);
        }
        Ok(Self { size, root })
    }

    /// The tree without leaves.
    pub fn empty() -> Self {
        Self { size: TreeSize::ZERO, root: RootHash::empty() }
    }

    /// The number of leaves.
    pub const fn size(&self) -> TreeSize {
        self.size
    }

    /// The root.
    pub const fn root(&self) -> &RootHash {
        &self.root
    }
}

/// The tree that was accepted before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldTree(pub TreeHead);

/// The tree that claims to contain the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewTree(pub TreeHead);
