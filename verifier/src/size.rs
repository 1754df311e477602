//! How many leaves a tree has, and which of them is meant: two numbers that cannot be swapped by mistake.

use crate::bounds::TREE_SIZE_MAX;
use crate::fault::Fault;

/// A number is no tree size or no leaf index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// Beyond [`TreeSize::MAX`].
    #[error("a tree has at most 9007199254740991 leaves")]
    TooLarge,
    /// Not a decimal number in its shortest form.
    #[error("a size or an index is written in decimal digits, without sign or leading zero")]
    NotDecimal,
}

impl SizeError {
    /// Whose fault it is.
    pub fn fault(self) -> Fault {
        Fault::HostileInput
    }
}

/// The number of leaves of a tree: 0 to 2^53 − 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TreeSize(u64);

impl TreeSize {
    /// The greatest size, 2^53 − 1.
    pub const MAX: TreeSize = TreeSize(TREE_SIZE_MAX);
    /// The tree without leaves.
    pub const ZERO: TreeSize = TreeSize(0);

    /// Checks the bound.
    pub const fn new(size: u64) -> Result<Self, SizeError> {
        if size > TREE_SIZE_MAX { Err(SizeError::TooLarge) } else { Ok(Self(size)) }
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Reads a decimal number without sign or leading zero.
    pub fn parse(text: &str) -> Result<Self, SizeError> {
        Self::new(parse_decimal(text)?)
    }

    /// The size after one more leaf.
    pub const fn next(self) -> Result<Self, SizeError> {
        Self::new(self.0 + 1) // at most 2^53: no overflow
    }

    /// The last leaf, if there is one.
    pub const fn last(self) -> Option<LeafIndex> {
        match self.0 {
            0 => None,
            size => Some(LeafIndex(size - 1)),
        }
    }
}

impl std::fmt::Display for TreeSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The place of a leaf, counted from 0: less than 2^53 − 1, so that a tree that holds it has a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LeafIndex(u64);

impl LeafIndex {
    /// The first leaf; the genesis of a ledger stands there.
    pub const ZERO: LeafIndex = LeafIndex(0);

    /// Checks the bound.
    pub const fn new(index: u64) -> Result<Self, SizeError> {
        if index >= TREE_SIZE_MAX { Err(SizeError::TooLarge) } else { Ok(Self(index)) }
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Reads a decimal number without sign or leading zero.
    pub fn parse(text: &str) -> Result<Self, SizeError> {
        Self::new(parse_decimal(text)?)
    }

    /// The least tree that holds this leaf.
    pub const fn least_size(self) -> TreeSize {
        TreeSize(self.0 + 1) // at most TREE_SIZE_MAX by construction
    }

    /// Whether a tree of this size has the leaf.
    pub const fn is_in(self, size: TreeSize) -> bool {
        self.0 < size.0
    }
}

impl std::fmt::Display for LeafIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A number in its only decimal spelling.
pub(crate) fn parse_decimal(text: &str) -> Result<u64, SizeError> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) {
        return Err(SizeError::NotDecimal);
    }
    text.parse().map_err(|_| SizeError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold() {
        assert_eq!(TreeSize::new(TREE_SIZE_MAX), Ok(TreeSize::MAX));
        assert_eq!(TreeSize::new(TREE_SIZE_MAX + 1), Err(SizeError::TooLarge));
        assert_eq!(TreeSize::MAX.next(), Err(SizeError::TooLarge));
        assert_eq!(LeafIndex::new(TREE_SIZE_MAX), Err(SizeError::TooLarge));
        assert_eq!(TreeSize::MAX.last().map(LeafIndex::least_size), Some(TreeSize::MAX));
        assert_eq!(TreeSize::ZERO.last(), None);
    }

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!(TreeSize::parse("0"), Ok(TreeSize::ZERO));
        assert_eq!(LeafIndex::parse("120").map(LeafIndex::get), Ok(120));
        for wrong in ["", "+1", "-1", "01", "00", " 1", "1 ", "1_0", "٣", "0x1"] {
            assert_eq!(TreeSize::parse(wrong), Err(SizeError::NotDecimal), "{wrong:?}");
        }
        for large in ["9007199254740992", "18446744073709551615", "99999999999999999999999"] {
            assert_eq!(TreeSize::parse(large), Err(SizeError::TooLarge), "{large}");
        }
    }
}
