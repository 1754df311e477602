//! The numbers that an issuer gives its statements in one log: 1, 2, 3 …

use std::fmt;

use crate::claims::INTEGER_MAX;

/// The number of a statement: 1 to 2^53 − 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(u64);

impl Sequence {
    /// The largest number: what JSON readers keep exactly.
    pub const MAX: u64 = INTEGER_MAX;

    /// The first number of every issuer.
    pub const FIRST: Sequence = Sequence(1);

    /// The number, if it is from 1 to [`Sequence::MAX`].
    pub const fn new(number: u64) -> Option<Sequence> {
        if number >= 1 && number <= Sequence::MAX { Some(Sequence(number)) } else { None }
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

pub use crate::sequence_window::{NumberState, SequenceError, SequenceWindow, WINDOW};
