//! Which numbers of one issuer are used: everything up to one number, and a bitmap of what lies ahead of it.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::fault::Fault;
use crate::sequence::Sequence;
use crate::snapshot::stored;

/// How far above the highest unbroken number a number may lie, so that statements may overtake each other on their way
/// and the bitmap stays at 8 KiB.
pub const WINDOW: u64 = 65_536;

const WORDS: usize = (WINDOW / 64) as usize;

/// What became of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberState {
    /// It can be taken.
    Free,
    /// A statement has it.
    Taken,
    /// A `void` closed it.
    Voided,
    /// More than [`WINDOW`] above the highest unbroken number.
    Ahead,
}

/// Why a number cannot be taken or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SequenceError {
    /// A statement has the number.
    #[error("sequence: a statement has number {0} already")]
    Taken(Sequence),
    /// A `void` closed the number.
    #[error("sequence: number {0} was closed by a void")]
    Voided(Sequence),
    /// The number is too far above the unbroken ones.
    #[error("sequence: number {number} is more than 65,536 above {unbroken}, up to which none is missing")]
    Ahead {
        /// The number.
        number: Sequence,
        /// The highest number up to which none is missing; 0 if the first is.
        unbroken: u64,
    },
    /// A range whose last number is below its first.
    #[error("sequence: the range {0} to {1} is empty")]
    EmptyRange(Sequence, Sequence),
}

impl SequenceError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        Fault::HostileInput
    }

    /// The name of the problem.
    pub fn slug(&self) -> &'static str {
        match self {
            SequenceError::Taken(_) => "sequence-conflict",
            SequenceError::Voided(_) => "sequence-void",
            SequenceError::Ahead { .. } => "sequence-ahead",
            SequenceError::EmptyRange(..) => "invalid-payload",
        }
    }
}

/// The numbers of one issuer. A look-up is one bit; memory is 8 KiB while numbers are missing, and one pair for each
/// `void`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SequenceWindow {
    /// The highest number up to which every number is used; 0 if the first is free.
    unbroken: u64,
    /// The highest used number; 0 if none is.
    highest: u64,
    /// A ring: the bit of number n is n modulo [`WINDOW`], for n in `unbroken + 1 ..= unbroken + WINDOW`. Empty until a
    /// number is first missing. The bit of `unbroken + 1` is never set.
    ahead: Vec<u64>,
    /// First to last number of each `void`; they do not overlap.
    voided: BTreeMap<u64, u64>,
    taken_count: u64,
    voided_count: u64,
}

stored!(SequenceWindow { unbroken, highest, ahead, voided, taken_count, voided_count } if SequenceWindow::is_sound);

impl SequenceWindow {
    /// No number is used.
    pub fn new() -> SequenceWindow {
        SequenceWindow::default()
    }

    /// The highest number up to which none is missing: each was taken or closed. 0 if the first is missing.
    pub fn unbroken(&self) -> u64 {
        self.unbroken
    }

    /// The highest number that was taken or closed; 0 if none was.
    pub fn highest(&self) -> u64 {
        self.highest
    }

    /// How many numbers statements have.
    pub fn taken_count(&self) -> u64 {
        self.taken_count
    }

    /// How many numbers were closed.
    pub fn voided_count(&self) -> u64 {
        self.voided_count
    }

    /// What became of a number.
    pub fn state(&self, number: Sequence) -> NumberState {
        let n = number.get();
        if !self.is_used(n) {
            return if n > self.limit() { NumberState::Ahead } else { NumberState::Free };
        }
        match self.voided.range(..=n).next_back() {
            Some((_, last)) if n <= *last => NumberState::Voided,
            _ => NumberState::Taken,
        }
    }

    /// Whether a statement has the number.
    pub fn is_taken(&self, number: Sequence) -> bool {
        self.state(number) == NumberState::Taken
    }

    /// Whether the number can be taken now.
    ///
    /// # Errors
    ///
    /// It is used, or too far ahead.
    pub fn check(&self, number: Sequence) -> Result<(), SequenceError> {
        match self.state(number) {
            NumberState::Free => Ok(()),
            NumberState::Taken => Err(SequenceError::Taken(number)),
            NumberState::Voided => Err(SequenceError::Voided(number)),
            NumberState::Ahead => Err(SequenceError::Ahead { number, unbroken: self.unbroken }),
        }
    }

    /// Gives the number to a statement.
    ///
    /// # Errors
    ///
    /// Those of [`SequenceWindow::check`]; then nothing changes.
    pub fn take(&mut self, number: Sequence) -> Result<(), SequenceError> {
        self.check(number)?;
        self.mark(number.get());
        self.taken_count = self.taken_count.saturating_add(1);
        Ok(())
    }

    /// Whether the numbers from `first` to `last` can be closed.
    ///
    /// # Errors
    ///
    /// The first of them that is used; else that the last is too far ahead.
    pub fn check_void(&self, first: Sequence, last: Sequence) -> Result<(), SequenceError> {
        if last < first {
            return Err(SequenceError::EmptyRange(first, last));
        }
        // At most WINDOW numbers are looked at: up to `unbroken`, the first already is used.
        for n in first.get()..=last.get().min(self.limit()) {
            if self.is_used(n) {
                let number = Sequence::new(n).unwrap_or(first);
                self.check(number)?;
            }
        }
        if last.get() > self.limit() {
            return Err(SequenceError::Ahead { number: last, unbroken: self.unbroken });
        }
        Ok(())
    }

    /// Closes the numbers from `first` to `last`.
    ///
    /// # Errors
    ///
    /// Those of [`SequenceWindow::check_void`]; then nothing changes.
    pub fn void(&mut self, first: Sequence, last: Sequence) -> Result<(), SequenceError> {
        self.check_void(first, last)?;
        let numbers = first.get()..=last.get();
        self.voided_count = self.voided_count.saturating_add(last.get() - first.get() + 1);
        self.voided.insert(first.get(), last.get());
        numbers.for_each(|n| self.mark(n));
        Ok(())
    }

    /// The ranges of numbers below the highest used one that are missing, in order, at most `limit` of them.
    pub fn missing(&self, limit: usize) -> Vec<(u64, u64)> {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        // Above `highest`, which is at most `unbroken` + WINDOW, nothing is used.
        for n in self.unbroken.saturating_add(1)..self.highest {
            if self.is_used(n) {
                continue;
            }
            let full = ranges.len() == limit;
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == n => *last = n,
                _ if full => break,
                _ => ranges.push((n, n)),
            }
        }
        ranges
    }

    /// The highest number that can be taken now.
    fn limit(&self) -> u64 {
        self.unbroken.saturating_add(WINDOW)
    }

    /// Whether the highest number lies in the window, and the ring is one: of those that were written down.
    fn is_sound(&self) -> bool {
        let ahead = self.highest.checked_sub(self.unbroken);
        let fits = ahead.is_some_and(|ahead| ahead <= WINDOW) && self.highest <= Sequence::MAX;
        fits && (self.ahead.is_empty() || self.ahead.len() == WORDS)
    }

    fn is_used(&self, n: u64) -> bool {
        if n <= self.unbroken {
            return true;
        }
        let (word, bit) = place(n);
        n <= self.limit() && self.ahead.get(word).is_some_and(|bits| bits & bit != 0)
    }

    /// Marks a number within the window as used and moves `unbroken` on.
    fn mark(&mut self, n: u64) {
        self.highest = self.highest.max(n);
        if n != self.unbroken.saturating_add(1) {
            if self.ahead.is_empty() {
                self.ahead = vec![0; WORDS];
            }
            let (word, bit) = place(n);
            if let Some(bits) = self.ahead.get_mut(word) {
                *bits |= bit;
            }
            return;
        }
        self.unbroken = n;
        while self.unbroken < self.highest {
            let (word, bit) = place(self.unbroken + 1);
            match self.ahead.get_mut(word) {
                Some(bits) if *bits & bit != 0 => *bits &= !bit,
                _ => break,
            }
            self.unbroken += 1;
        }
        if self.unbroken == self.highest {
            // Nothing is missing: the bitmap is empty, and most issuers never need it again.
            self.ahead = Vec::new();
        }
    }
}

/// The word of the ring and the bit in it where a number stands.
fn place(n: u64) -> (usize, u64) {
    let slot = n % WINDOW;
    ((slot / 64) as usize, 1u64 << (slot % 64))
}
